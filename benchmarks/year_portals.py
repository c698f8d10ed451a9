"""The portals of the simulated year: counties of all families, their reports, and their troubles.

Agencies and places are invented. Each county has a government, six departments and a township, with reports for 2024
and 2025. The reports for 2025 have the same story everywhere, shifted by a few days; the portal has one of
``TROUBLES``, in turn, and one report has one of ``FATES`` later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from imitation.answers import Ask, ImitatedAnswer
from imitation.portals.all import FAMILIES as SYSTEMS
from imitation.portals.lonsun import address_of
from imitation.portals.site import Site
from imitation.records import (
    Entry,
    Expected,
    Fault,
    ImAgency,
    ImitatedList,
    ImitatedVersion,
    ImPortal,
    ImReport,
    OtherPage,
    Scenario,
)
from imitation.registry import agencies_csv
from storage.records import SHANGHAI, AgencyKind

LAST = 2025  # the reporting year of the season
NAMES = ("财政局", "教育局", "水利局", "司法局", "民政局", "商务局")

#: content system of the imitation, class of the spider, path of the column
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
    ("hanweb_jcms", "hanweb_jcms.HanwebJcms", "/module/xxgk/xxgkAnnualReport.jsp"),
    ("unknown", "generic.Generic", "/open/nb/"),
    ("trs_bare", "trs_wcm.TrsWcm", "/zwgk/zfxxgknb/"),
    ("xian", "static_list.StaticList", "/zwgk/zfxxgk/qzfxxgknb/"),
    ("posted", "generic.Generic", "/open/nb/"),
    ("vsb_folders", "vsb.Vsb", "/zfxxgk/zfxxgknb.htm"),
    ("ucap_packed", "ucap.Ucap", "/wpx/c119064/common_list.shtml"),
    ("rednet", "static_list.StaticList", "/35048/35049/"),
    ("snowflake", "static_list.StaticList", "/xw/zwzx/qxrd/"),
    ("ivs", "static_list.StaticList", "/nw12344/"),
    ("easysite", "static_list.StaticList", "/web/zwgk/zfxxgk/nb/"),
    ("cms_html", "static_list.StaticList", "/cms/html/npszf/"),
)
#: The system to which a portal moves in March: indexes into ``FAMILIES``, of which the first other one is taken.
_NEW_SYSTEMS = (0, 1, 4, 2)

Trouble = Literal["none", "down", "blocked", "hijacked", "halved", "replaced", "down_in_march", "dead"]
TROUBLES: tuple[Trouble, ...] = (
    "down", "blocked", "replaced", "hijacked", "halved", "none", "down_in_march", "dead",
)  # fmt: skip
Fate = Literal["stays", "moved", "withdrawn", "returned"]
FATES: tuple[Fate, ...] = ("moved", "withdrawn", "returned")


def at(month: int, day: int, hour: int = 0, minute: int = 0, *, year: int = LAST + 1) -> datetime:
    """Return an instant of the year in Shanghai."""
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


BEGIN, END = at(1, 5, 8), at(12, 28, 8)

#: When the troubles happen: (from, until); None: to the end.
SPANS: Mapping[Trouble, tuple[datetime, datetime | None]] = {
    "down": (at(1, 30, 12), at(2, 12, 15)),  # over the due date of departments
    "blocked": (at(2, 3), at(2, 10)),
    "replaced": (at(3, 10), at(4, 16)),  # until the operator has entered the new system
    "hijacked": (at(7, 1), at(7, 20)),
    "halved": (at(5, 8), at(5, 20)),
    "down_in_march": (at(3, 29, 12), at(4, 12, 15)),  # over the due date of governments
    "dead": (at(1, 25), None),
}
_FAULTS: Mapping[Trouble, str] = {
    "down": "down", "blocked": "challenge", "hijacked": "foreign_redirect", "down_in_march": "down", "dead": "down",
}  # fmt: skip
REVISED, ANNOUNCED, OLD_REVISED = at(6, 10, 16, 20), at(8, 6, 16, 20), at(5, 6, 16, 20)
GONE, BACK = at(8, 1, 16, 20), at(9, 20, 16, 20)
MOVED = at(9, 1, 16, 20)


@dataclass(frozen=True, kw_only=True)
class County:
    """One portal of the year. ``spider``: module and class; ``trouble``: what happens to the portal; ``fate``: what
    happens to the report of its first department.
    """

    portal: ImPortal
    spider: str
    trouble: Trouble
    fate: Fate

    @property
    def name(self) -> str:
        """Return the portal's name."""
        return self.portal.name

    @property
    def span(self) -> tuple[datetime, datetime | None] | None:
        """Return from when until when its trouble lasts, None without trouble."""
        return SPANS.get(self.trouble)

    def troubled(self, now: datetime) -> bool:
        """Return whether its trouble lasts at this instant."""
        return self.span is not None and self.span[0] <= now and (self.span[1] is None or now < self.span[1])

    def reads(self, now: datetime) -> bool:
        """Return whether a look at this instant can read the list to its end."""
        return self.trouble == "halved" or not self.troubled(now)

    def listed(self, report: ImReport, now: datetime) -> bool:
        """Return whether its list shows a report at this instant."""
        cut = self.trouble == "halved" and self.troubled(now) and _is_cut(report)
        return report.is_shown(now) and not cut


def counties(count: int) -> tuple[County, ...]:
    """Return ``count`` portals; families, troubles and fates alternate in cycles of different length."""
    return tuple(_make_county(number) for number in range(count))


def scenario(portals: tuple[County, ...]) -> Scenario:
    """Return the counties as a scenario for the imitation portals."""
    return Scenario((BEGIN, END), tuple(county.portal for county in portals))


def site_of(county: County) -> Site | None:
    """Return a special site for a portal whose trouble is more than a fault of its host, else None."""
    portal = county.portal
    before = Site(portal, SYSTEMS[portal.family](portal), None)
    if county.trouble == "replaced":
        other = _other_system(portal)
        return _Replaced(before, Site(other, SYSTEMS[other.family](other), None), SPANS["replaced"][0])
    return _Cut(portal) if county.trouble == "halved" else None


def files_of(county: County, *, replaced: bool = False) -> Mapping[str, str]:
    """Return the portal's files as an operator writes them; ``replaced``: for the new system."""
    portal = _other_system(county.portal) if replaced else county.portal
    spider = next(row[1] for row in FAMILIES if row[0] == portal.family)
    module, base = spider.split(".")
    host, column, key = portal.hosts[0], portal.columns[0], "new" if replaced else "nb"
    path = address_of(column) if portal.family == "lonsun" else column.path
    covers = "department government township"
    listing = f'column("{key}", "http://{host}{path}", title="{column.title}", covers="{covers}")'
    if portal.family == "hanweb_jcms":
        listing = f'addressed("{key}", "http://{host}{column.path}?area={{code}}&fbtime={{year}}")'
    return {
        f"{portal.name}.py": (
            f"from crawler.cms.{module} import {base}, addressed, column\n\n\n"
            f"class {portal.name.title()}({base}):\n"
            f"    name, place, division = {portal.name!r}, {portal.place!r}, {portal.division!r}\n"
            f"    hosts, first_year = ({host!r},), {LAST - 1}\n    listings = ({listing},)\n"
        ),
        f"{portal.name}.csv": agencies_csv(portal),
    }


def _make_county(number: int) -> County:
    """Return a made-up county; its number decides its system, its trouble and the fate of one report."""
    family, spider, path = FAMILIES[number % len(FAMILIES)]
    trouble = TROUBLES[number % len(TROUBLES)]
    name, host, place = f"c{number:02}", f"www.c{number:02}.gov.cn", f"第{_numeral(number)}县"
    column = ImitatedList(
        key="nb", title="政府信息公开年报", host=host, path=path, crumbs=("首页", "政府信息公开", "政府信息公开年报"),
        kinds=(AgencyKind.DEPARTMENT, AgencyKind.GOVERNMENT, AgencyKind.TOWNSHIP),
    )  # fmt: skip
    rows = [(f"d{n}", place + name, AgencyKind.DEPARTMENT) for n, name in enumerate(NAMES)]
    rows += [("gov", f"{place}人民政府", AgencyKind.GOVERNMENT), ("t0", f"{place}上河镇", AgencyKind.TOWNSHIP)]
    addressed = family == "hanweb_jcms"
    agencies = tuple(
        ImAgency(portal=name, id=own, name=name_of_agency, kind=kind, column="nb",
                 code=f"imit{number:02}{n}00000000000" if addressed else f"113{n}")
        for n, (own, name_of_agency, kind) in enumerate(rows)
    )  # fmt: skip
    portal = ImPortal(
        name=name, place=place, province="河北省", division=f"99{number:04}", family=family, scheme="http",
        hosts=(host,), site_name=f"{place}人民政府", new=True, columns=(column,), agencies=agencies,
        page_size=7 if number % 2 else 20, reports=(), others=(), faults=_faults(host, trouble, number),
    )  # fmt: skip
    fate = FATES[number % len(FATES)]
    reports = [report for agency in agencies for report in _make_reports(agency, number)]
    first = reports[1]  # the first department's, for the last year
    first_reports = _after_its_fate(portal, first, fate)
    fate = fate if len(first_reports) > 1 or first_reports[0] is not first else "stays"
    portal = replace(portal, reports=(reports[0], *first_reports, *reports[2:]))
    return County(portal=portal, spider=spider, trouble=trouble, fate=fate)


def _numeral(number: int) -> str:
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in f"{number + 1:02}")


def _faults(host: str, trouble: Trouble, number: int) -> tuple[Fault, ...]:
    """Return the faults of a host. A lost domain redirects elsewhere or shows the strangers' own pages, in turn."""
    if trouble not in _FAULTS:
        return ()
    since, until = SPANS[trouble]
    kind = "strangers" if trouble == "hijacked" and number // len(TROUBLES) % 2 else _FAULTS[trouble]
    return (Fault(hosts=(host,), kind=kind, since=since, until=until),)


def _make_reports(agency: ImAgency, number: int) -> list[ImReport]:
    """Return the reports of one agency: 2024 in time, 2025 according to its story."""
    before = at(3, 3, 16, 20, year=LAST) if agency.id == "gov" else _last_year(agency, number)
    reports = [_make_report(agency, LAST - 1, before, before)]
    days = _story(agency, number)
    if days is not None:
        reports.append(_make_report(agency, LAST, *days))
    if agency.id == "d3":  # a figure changes silently
        reports[-1] = _with_silent_change(reports[-1], REVISED, 40 + number)
    if agency.id == "d5":  # corrected openly; the report of the year before changes silently
        first = reports[-1].versions[0]
        note, figures = "本报告于2026年8月6日更正。", {"applications.received.natural_person": 120 + number}
        corrected = replace(
            first, at=ANNOUNCED, title=f"{first.title}（更正）", declared=ANNOUNCED, note=note, cells=figures
        )
        reports[-1] = replace(reports[-1], versions=(first, corrected))
        reports[0] = _with_silent_change(reports[0], OLD_REVISED, 80 + number)
    return reports


def _last_year(agency: ImAgency, number: int) -> datetime:
    """Return a day in January that differs between agencies, because systems derive addresses from creation times."""
    return at(
        1, 8 + number % 12 + 2 * [*(f"d{n}" for n in range(len(NAMES))), "t0"].index(agency.id), 16, 20, year=LAST
    )


def _with_silent_change(report: ImReport, when: datetime, figure: int) -> ImReport:
    first = report.versions[0]
    then = replace(first, at=when, cells={"applications.received.natural_person": figure})
    return replace(report, versions=(first, then))


def _story(agency: ImAgency, number: int) -> tuple[datetime, datetime] | None:
    """Return when the report for 2025 is shown and which date it prints, None if it is never published."""
    shift = timedelta(days=number % 5)
    if agency.id == "gov":
        published = at(4, 9, 16, 20) + shift if number % 3 == 0 else at(3, 16, 16, 20) + shift
        return published, published
    if agency.id == "t0":
        published = at(2, 24, 16, 20) + shift
        return (published, published) if number % 2 else None
    if agency.id == "d1":  # late
        published = at(2, 16, 16, 20) + shift
        return published, published
    if agency.id == "d2":  # never published
        return None
    if agency.id == "d4":  # late, and back-dated
        return at(2, 18, 16, 20) + shift, at(1, 20, 16, 20)
    published = at(1, 12 + int(agency.id[1]), 16, 20) + shift
    return published, published


def _make_report(agency: ImAgency, year: int, published: datetime, declared: datetime) -> ImReport:
    title = f"{agency.name}{year}年政府信息公开工作年度报告"
    version = ImitatedVersion(at=published, title=title, declared=declared, figures="")
    return ImReport(
        portal=agency.portal, agency=agency, year=year, column="nb", kind="html", form="2021", created=published,
        periods=((published, None),), versions=(version,), expect=Expected(status=""),
    )  # fmt: skip


def _after_its_fate(portal: ImPortal, report: ImReport, fate: Fate) -> list[ImReport]:
    """Return the report after its fate; unchanged if the system has no second address for it."""
    ((published, _),) = report.periods
    if fate == "withdrawn":
        return [replace(report, periods=((published, GONE),))]
    if fate == "returned":
        return [replace(report, periods=((published, GONE), (BACK, None)))]
    again = replace(report, created=MOVED, periods=((MOVED, None),))
    system = SYSTEMS[portal.family](portal)
    if system.address(report) == system.address(again):
        return [report]
    return [replace(report, periods=((published, MOVED),)), again]


def _other_system(portal: ImPortal) -> ImPortal:
    """Return the same county on another system: other family, path and addresses, created at the time of the move."""
    family, _, path = next(FAMILIES[place] for place in _NEW_SYSTEMS if FAMILIES[place][0] != portal.family)
    path = f"{path}xin/" if path.endswith("/") else path.replace("nb.htm", "nianbao.htm")
    begun = SPANS["replaced"][0]
    reports = tuple(
        replace(report, created=begun - timedelta(hours=11 * number)) if report.created < begun else report
        for number, report in enumerate(portal.reports)
    )
    return replace(portal, family=family, columns=(replace(portal.columns[0], path=path),), reports=reports)


def _is_cut(report: ImReport) -> bool:
    return report.agency.id in {"d1", "d3", "d5", "gov"}


class _CutPortal(ImPortal):
    """A portal that lists only half of its reports for a while; their pages still exist."""

    def in_column(self, key: str, now: datetime) -> list[ImReport | OtherPage]:
        """Return what the list shows."""
        since, until = SPANS["halved"]
        entries = super().in_column(key, now)
        if until is None or not since <= now < until:
            return entries
        return [entry for entry in entries if not (isinstance(entry, ImReport) and _is_cut(entry))]


class _Cut(Site):
    """The site of a portal with a shortened list."""

    def __init__(self, portal: ImPortal) -> None:
        cut = _CutPortal(**{name: getattr(portal, name) for name in ImPortal.__dataclass_fields__})
        super().__init__(cut, SYSTEMS[portal.family](cut), None)

    def _neighbours(self, entry: Entry, now: datetime) -> tuple[tuple[str, str], ...]:
        return super()._neighbours(entry, now) if entry in self.portal.in_column(entry.column, now) else ()


class _Replaced(Site):
    """A host whose content system changes at an instant, and with it all addresses."""

    def __init__(self, before: Site, after: Site, since: datetime) -> None:
        super().__init__(before.portal, before.family, before.robots)
        self._before, self._after, self._since = before, after, since

    def answer(self, ask: Ask) -> ImitatedAnswer:
        """Return the answer of the system in use at that time."""
        return (self._before if ask.now < self._since else self._after).answer(ask)
