"""The portals of the simulated year: counties of all families, their reports, and what goes wrong with them and when.

The bodies and places are invented; each portal has a government and five departments with the reports on 2024 and 2025.
What happens to the reports on 2025 is the same story on each portal, shifted by a few days; what happens to the portal
itself is one of ``TROUBLES``, in turn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from crawler.imitation.portals.site import Site
from crawler.imitation.records import (
    SHANGHAI,
    Column,
    Expected,
    Fault,
    ImAgency,
    ImPortal,
    ImReport,
    Scenario,
    Version,
)
from storage.records import AgencyKind

BEGIN = datetime(2026, 1, 5, 8, tzinfo=SHANGHAI)
END = datetime(2026, 12, 28, 8, tzinfo=SHANGHAI)
BODIES = ("财政局", "教育局", "水利局", "司法局", "民政局")
LAST = 2025  # the reporting year of the season

#: imitation, class of the spider, path of the column
FAMILIES = (
    ("dated_list", "dated_list.DatedList", "/zfxxgk/zfxxgknb/"),
    ("trs_dated", "trs_wcm.TrsWcm", "/zwgk/zfxxgknb/"),
    ("channel_oid", "channel_oid.ChannelOid", "/gongkai/channel_c_5f9f696d489871774b4da7ea_n_1605850162.1332/"),
    ("hanweb_jpaas", "hanweb_jpaas.HanwebJpaas", "/col/col4039/index.html"),
    ("vsb", "vsb.Vsb", "/zfxxgk/zfxxgknb.htm"),
    ("lonsun", "lonsun.Lonsun", "/public/column/6596221"),
    ("gkmlpt", "gkmlpt.Gkmlpt", "/czj/gkmlpt/annualreport"),
    ("ucap", "ucap.Ucap", "/wpx/c119064/common_list.shtml"),
    ("ucap_query", "ucap_query.UcapQuery", "/wpxrmzf/col/col42150/index.html"),
    ("nfcms", "nfcms.Nfcms", "/zwgk/zfxxgk/zfxxgknb/"),
    ("hebei", "static_list.StaticList", "/columns/bd1244e9-83be-4acc-9962-5c3adb9f5167/"),
    ("xian", "static_list.StaticList", "/zwgk/zfxxgk/qzfxxgknb/"),
    ("unknown", "generic.Generic", "/open/nb/"),
    ("trs_bare", "trs_wcm.TrsWcm", "/zwgk/zfxxgknb/"),
    ("hanweb_jcms", "hanweb_jcms.HanwebJcms", "/module/xxgk/xxgkAnnualReport.jsp"),
)
Trouble = Literal["none", "down", "blocked", "hijacked", "withdrawn", "halved", "moved", "replaced"]
TROUBLES: tuple[Trouble, ...] = ("none", "down", "blocked", "hijacked", "withdrawn", "halved", "moved", "replaced")

#: When the troubles are: (from, until); None: to the end.
SPANS: dict[Trouble, tuple[datetime, datetime | None]] = {
    "down": (datetime(2026, 1, 30, 12, tzinfo=SHANGHAI), datetime(2026, 2, 12, 15, tzinfo=SHANGHAI)),
    "blocked": (datetime(2026, 2, 3, 0, tzinfo=SHANGHAI), datetime(2026, 2, 10, 0, tzinfo=SHANGHAI)),
    "hijacked": (datetime(2026, 7, 1, 0, tzinfo=SHANGHAI), datetime(2026, 7, 20, 0, tzinfo=SHANGHAI)),
    "withdrawn": (datetime(2026, 8, 1, 0, tzinfo=SHANGHAI), datetime(2026, 9, 20, 0, tzinfo=SHANGHAI)),
    "halved": (datetime(2026, 5, 10, 0, tzinfo=SHANGHAI), datetime(2026, 5, 20, 0, tzinfo=SHANGHAI)),
    "moved": (datetime(2026, 9, 1, 0, tzinfo=SHANGHAI), None),
    "replaced": (datetime(2026, 3, 10, 0, tzinfo=SHANGHAI), None),
}
REVISED = datetime(2026, 6, 10, 10, tzinfo=SHANGHAI)


@dataclass(frozen=True, kw_only=True)
class County:
    """One portal of the year. ``spider``: module and class; ``trouble``: what befalls it."""

    portal: ImPortal
    spider: str
    trouble: Trouble

    @property
    def span(self) -> tuple[datetime, datetime | None] | None:
        """When it cannot be read as usual (for ``replaced``: from then on); None where that never is."""
        return SPANS[self.trouble] if self.trouble in {"down", "blocked", "hijacked", "replaced"} else None

    def reads(self, now: datetime) -> bool:
        """Whether a look at this instant can be read to its end."""
        return self.span is None or not (self.span[0] <= now and (self.span[1] is None or now < self.span[1]))


def counties(count: int) -> tuple[County, ...]:
    """So many portals: families in turn, and troubles in turn, so that they meet in ever other pairs."""
    return tuple(_county(number) for number in range(count))


def scenario(made: tuple[County, ...]) -> Scenario:
    """The counties as a scenario that the imitation portals serve."""
    return Scenario((BEGIN, END), tuple(county.portal for county in made))


def _county(number: int) -> County:
    family, spider, path = FAMILIES[number % len(FAMILIES)]
    trouble = TROUBLES[(number + number // len(FAMILIES)) % len(TROUBLES)]
    name, host, place = f"c{number:02}", f"www.c{number:02}.gov.cn", f"第{_numeral(number)}县"
    addressed = family == "hanweb_jcms"
    column = Column(
        key="nb", title="政府信息公开年报", host=host, path=path, crumbs=("首页", "政府信息公开", "政府信息公开年报"),
        kinds=(AgencyKind.DEPARTMENT, AgencyKind.GOVERNMENT),
    )  # fmt: skip
    agencies = (
        *(
            ImAgency(portal=name, id=f"d{n}", name=place + body, kind=AgencyKind.DEPARTMENT,
                     code=f"imit{number:02}{n}00000000000" if addressed else f"113{n}", column="nb")
            for n, body in enumerate(BODIES)
        ),
        ImAgency(portal=name, id="gov", name=f"{place}人民政府", kind=AgencyKind.GOVERNMENT,
                 code=f"imit{number:02}900000000000" if addressed else "1139", column="nb"),
    )  # fmt: skip
    reports = tuple(one for agency in agencies for one in _reports(agency, number, trouble))
    portal = ImPortal(
        name=name, place=place, province="河北省", division=f"99{number:04}", family=family, scheme="http",
        hosts=(host,), site_name=f"{place}人民政府", page_size=20, new=True, columns=(column,), agencies=agencies,
        reports=reports, others=(), faults=_faults(host, trouble),
    )  # fmt: skip
    return County(portal=portal, spider=spider, trouble=trouble)


def _numeral(number: int) -> str:
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in f"{number + 1:02}")


def _faults(host: str, trouble: Trouble) -> tuple[Fault, ...]:
    kinds = {"down": "down", "blocked": "challenge", "hijacked": "foreign_redirect"}
    if trouble not in kinds:
        return ()
    since, until = SPANS[trouble]
    return (Fault(hosts=(host,), kind=kinds[trouble], since=since, until=until),)


def _reports(agency: ImAgency, number: int, trouble: Trouble) -> list[ImReport]:
    """The reports of one body: those on 2024 in time, those on 2025 as its story says."""
    before = datetime(2025, 3, 3, 10, tzinfo=SHANGHAI) if agency.id == "gov" else _day(2025, 1, 10 + number % 12)
    found = [_report(agency, LAST - 1, before, before)]
    made = _story(agency, number)
    if made is not None:
        shown, declared = made
        found.append(_report(agency, LAST, shown, declared))
    if agency.id == "d3":  # a figure is changed, and nothing said
        first = found[-1]
        changed = replace(first.versions[0], at=REVISED, cells={"applications.received.natural_person": 7 + number})
        found[-1] = replace(first, versions=(*first.versions, changed))
    return [moved for report in found for moved in _befallen(report, trouble)]


def _story(agency: ImAgency, number: int) -> tuple[datetime, datetime] | None:
    """When the report on 2025 is shown, and which day it prints; None where it never is."""
    shift = timedelta(days=number % 5)
    if agency.id == "gov":
        shown = _day(2026, 4, 9) + shift if number % 3 == 0 else _day(2026, 3, 16) + shift
        return shown, shown
    if agency.id == "d1":  # late
        shown = _day(2026, 2, 16) + shift
        return shown, shown
    if agency.id == "d2":  # never published
        return None
    if agency.id == "d4":  # late, and back-dated
        return _day(2026, 2, 18) + shift, _day(2026, 1, 20)
    shown = _day(2026, 1, 12 + int(agency.id[1])) + shift
    return shown, shown


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 10, 30, tzinfo=SHANGHAI)


def _report(agency: ImAgency, year: int, shown: datetime, declared: datetime) -> ImReport:
    title = f"{agency.name}{year}年政府信息公开工作年度报告"
    version = Version(at=shown, title=title, declared=declared, figures="")
    return ImReport(
        portal=agency.portal, agency=agency, year=year, column="nb", kind="html", form="2021", created=shown,
        periods=((shown, None),), versions=(version,), expect=Expected(status=""),
    )  # fmt: skip


def _befallen(report: ImReport, trouble: Trouble) -> list[ImReport]:
    """The report as the portal's trouble leaves it."""
    if trouble not in {"withdrawn", "halved", "moved"} or report.agency.id not in {"d0", "d1", "d3"}:
        return [report]
    since, until = SPANS[trouble]
    (shown, _), *_ = report.periods
    if trouble == "halved":  # more than a tenth of the list is gone, and some of every year
        return [replace(report, periods=((shown, since), (until or END, None)))]
    if report.agency.id != "d0" or report.year != LAST:
        return [report]
    if trouble == "withdrawn":
        return [replace(report, periods=((shown, since), (until or END, None)))]
    again = replace(report, created=since, periods=((since, None),), versions=report.versions)
    return [replace(report, periods=((shown, since),)), again]


class Replaced:
    """A host whose content system is another one from an instant on, with other addresses for everything."""

    def __init__(self, before: Site, after: Site, at: datetime) -> None:
        self.before, self.after, self.at = before, after, at

    def __getattr__(self, name: str) -> object:
        return getattr(self.before, name)

    def answer(self, ask: object) -> object:
        """What the system of the day answers."""
        site = self.before if ask.now < self.at else self.after  # type: ignore[attr-defined]
        return site.answer(ask)  # type: ignore[arg-type]


def other_system(portal: ImPortal) -> ImPortal:
    """The same county on another system: a family and a path of its own."""
    family, _, path = FAMILIES[(FAMILIES.index(next(row for row in FAMILIES if row[0] == portal.family)) + 4) % 4]
    column = replace(portal.columns[0], path=f"{path}new/" if path.endswith("/") else path)
    moved = tuple(replace(report, created=report.created + timedelta(days=400)) for report in portal.reports)
    return replace(portal, family=family, columns=(column,), reports=moved)
