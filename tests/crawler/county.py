"""A county on loopback from one ground truth: reports and other pages, on the imitation portal of one family."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crawler.operations import runs
from imitation.play import on
from imitation.records import (
    Expected,
    ImAgency,
    ImitatedList,
    ImitatedVersion,
    ImPortal,
    ImReport,
    OtherPage,
    Scenario,
)
from imitation.registry import agencies_csv
from imitation.server import ImitationPortals
from storage.captures import CaptureStore
from storage.home import Home, init_home, open_home
from storage.observations import Observations
from storage.records import SHANGHAI, AgencyKind, Capture, CaptureRole, Look

HOST, PLACE = "www.wanping.gov.cn", "宛平县"
BODIES = ("财政局", "教育局", "水利局", "司法局", "民政局", "统计局", "审计局", "农业农村局")
FIRST, THEN = (datetime(2026, 2, day, 9, tzinfo=SHANGHAI) for day in (1, 9))
OTHERS = {
    "关于做好2023年政府信息公开工作年度报告编制工作的通知": "notice",
    "宛平县财政局2023年法治政府建设年度报告": "rule_of_law",
}


def column(key: str, path: str, title: str = "政府信息公开年报") -> ImitatedList:
    return ImitatedList(
        key=key, title=title, host=HOST, path=path, crumbs=("首页", title), kinds=(AgencyKind.DEPARTMENT,)
    )


def report(agency: ImAgency, year: int, shown: datetime, kind: str = "html") -> ImReport:
    title = f"{agency.name}{year}年政府信息公开工作年度报告"
    version = ImitatedVersion(at=shown, title=title, declared=shown, figures="")
    return ImReport(
        portal="wanping", agency=agency, year=year, column=agency.column, kind=kind, form="2021", created=shown,
        periods=((shown, None),), versions=(version,), expect=Expected(status=""),
    )  # fmt: skip


def scenario(
    family: str, *columns: ImitatedList, size: int = 4, bodies: tuple[str, ...] = BODIES[:5], first_year: int = 2022,
    late: tuple[int, int] | None = (4, 2025), attached: tuple[int, int] | None = (0, 2024),
) -> Scenario:  # fmt: skip
    """Departments, each in one of the columns, with reports on each year until 2025; by number of the department and
    year, one comes ``late``, and one is an ``attached`` file.
    """
    agencies = tuple(
        ImAgency(portal="wanping", id=f"d{n}", name=f"{PLACE}{name}", kind=AgencyKind.DEPARTMENT, code=f"113{n}",
                 column=columns[n % len(columns)].key)
        for n, name in enumerate(bodies)
    )  # fmt: skip
    made = []
    for n, agency in enumerate(agencies):
        for year in range(first_year, 2026):
            shown = datetime(year + 1, 1, 10 + n, 10 + n, 5 * n, tzinfo=SHANGHAI)
            shown = THEN - timedelta(days=1) if (n, year) == late else shown
            made.append(report(agency, year, shown, "docx" if (n, year) == attached else "html"))
    since = datetime(2024, 1, 8, 9, tzinfo=SHANGHAI)
    others = tuple(
        OtherPage(portal="wanping", column=columns[0].key, title=title, body=body, shown_from=since)
        for title, body in OTHERS.items()
    )
    portal = ImPortal(
        name="wanping", place=PLACE, province="河北省", division="990001", family=family, scheme="http",
        hosts=(HOST,), site_name="宛平县人民政府", page_size=size, new=True, columns=columns, agencies=agencies,
        reports=tuple(made), others=others, faults=(),
    )  # fmt: skip
    return Scenario((FIRST, THEN), (portal,))


@dataclass
class County:
    """A running county, its archive, and what was found there."""

    path: Path
    portals: ImitationPortals
    crawled: datetime = FIRST  # when the last crawl ended, by its own clock

    @property
    def truth(self) -> ImPortal:
        return self.portals.scenario.portals[0]

    def spider(self, family: str, *listings: str) -> None:
        """Write the portal's file and the list of its agencies."""
        folder = self.path / "portals"
        folder.mkdir(exist_ok=True)
        module, base = family.split(".")
        (folder / "wanping.py").write_text(
            f"from crawler.cms.{module} import {base}, addressed, column\n\n\n"
            f"class Wanping({base}):\n    name, place, division, first_year = 'wanping', '宛平县', '990001', 2022\n"
            f"    hosts = ({HOST!r},)\n    listings = (\n"
            + "".join(f"        {listing},\n" for listing in listings)
            + "    )\n",
            encoding="utf-8",
        )
        (folder / "wanping.csv").write_text(agencies_csv(self.truth), encoding="utf-8")

    def crawl(self, day: datetime = FIRST) -> list[Look]:
        """Crawl on a day, after what was crawled on it before; the looks of this crawl."""
        begins = self.crawled if timedelta(0) < self.crawled - day < timedelta(hours=12) else day
        self.portals.set_now(begins)
        with on(begins), open_home(self.path) as home:
            before = {look.id for look in Observations(home).looks("wanping")}
            runs.crawl(home, ["wanping"])
            self.crawled = home.clock.now()
            return [look for look in Observations(home).looks("wanping") if look.id not in before]

    def home(self) -> Home:
        return open_home(self.path)

    def found(self, look: Look) -> set[str]:
        with self.home() as home:
            return {link.url for link in Observations(home).extractions(look.id)[-1].links}

    def fetched(self, role: CaptureRole = CaptureRole.REPORT) -> set[str]:
        """Addresses asked for in a role, as on the links."""
        return {capture.requested for capture in self.captures(role)}

    def captures(self, *roles: CaptureRole) -> list[Capture]:
        with self.home() as home:
            return list(CaptureStore(home).for_portal("wanping", roles or tuple(CaptureRole)))

    def true_reports(self, day: datetime, *columns: str) -> set[str]:
        site = self.portals.site("wanping")
        return {
            site.url(entry)
            for key in columns
            for entry in self.truth.in_column(key, day)
            if isinstance(entry, ImReport)
        }

    def true_entries(self, day: datetime, *columns: str) -> set[str]:
        site = self.portals.site("wanping")
        return {site.url(entry) for key in columns for entry in self.truth.in_column(key, day)}


@contextmanager
def county(path: Path, made: Scenario) -> Iterator[County]:
    """Run a county's portal over an archive made for it."""
    init_home(path, simulated=True).close()
    with ImitationPortals(path, made) as portals:
        yield County(path, portals)
