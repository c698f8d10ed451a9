"""The truth of a county: its departments, their reports and other pages, for the imitation portal of one family."""

from __future__ import annotations

from datetime import datetime, timedelta

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
from storage.records import SHANGHAI, AgencyKind

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
