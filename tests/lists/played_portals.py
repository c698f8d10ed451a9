"""A county and its imitation on loopback, with the truth of each of its columns: for crawls and the list engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin, urlsplit, urlunsplit

from jinja2 import Environment

from archive.identity.classification import classify
from crawler.lists.browser import Browser
from crawler.lists.list_reader import ListReading
from crawler.lists.page import Answer, Entry, Fetch, Request
from crawler.lists.walk import Walk
from imitation.portals.lonsun import address_of
from imitation.records import Expected, ImAgency, ImitatedList, ImitatedVersion, ImPortal, ImReport, OtherPage, Scenario
from imitation.server import ImitationPortals
from storage.records import SHANGHAI, AgencyKind

HOST, PLACE = "www.wanping.gov.cn", "宛平县"
NAMES = ("财政局", "教育局", "水利局", "司法局", "民政局", "统计局", "审计局", "农业农村局")
FIRST, THEN = (datetime(2026, 2, day, 9, tzinfo=SHANGHAI) for day in (1, 9))
OTHERS = {
    "关于做好2023年政府信息公开工作年度报告编制工作的通知": "notice",
    "宛平县财政局2023年法治政府建设年度报告": "rule_of_law",
}


def column(key: str, path: str) -> ImitatedList:
    title = "政府信息公开年报"
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
    family: str, *columns: ImitatedList, size: int = 4, agencies: tuple[str, ...] = NAMES[:5],
    first_year: int = 2022, late: tuple[int, int] | None = (4, 2025), attached: tuple[int, int] | None = (0, 2024),
) -> Scenario:  # fmt: skip
    """Departments, each in one of the columns, with reports on each year until 2025; by number of the department and
    year, one comes ``late``, and one is an ``attached`` file.
    """
    agencies = tuple(
        ImAgency(portal="wanping", id=f"d{n}", name=f"{PLACE}{name}", kind=AgencyKind.DEPARTMENT, code=f"113{n}",
                 column=columns[n % len(columns)].key)
        for n, name in enumerate(agencies)
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


PATHS = {  # the first column of each system
    "channel_oid": "/gongkai/channel_c_5f9f696d489871774b4da7ea_n_1605850162.1332/",
    "gkmlpt": "/wpczj/gkmlpt/annualreport",
    "hanweb_jpaas": "/col/col1229123351/index.html",
    "lonsun": "/public/column/6596221",
    "ucap_query": "/wpxzf/col/2021/index.html",
    "vsb": "/xxgk/nb.htm",
    "vsb_folders": "/xxgk/nb.htm",
    "ucap": "/wpx/c119064/common_list.shtml",
    "ucap_packed": "/wpx/c119064/common_list.shtml",
}


class ImitationFetch:
    """Asks imitation portals; other hosts do not answer. ``asked``: all requests."""

    def __init__(self, portals: ImitationPortals) -> None:
        self.portals = portals
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Answer:
        """Return the answer after redirects."""
        url, headers = request.url, {name.lower(): value for name, value in request.headers}
        form = None if request.body is None else request.body.decode()
        while (parts := urlsplit(url)).hostname in self.portals.sites:
            self.asked.append(request)
            target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
            given, _ = self.portals.answer(self.portals.ask(parts.hostname, target, headers, form))
            told = dict(given.headers)
            if "Location" not in told:
                return Answer(request, url, given.status, given.body, told.get("Content-Type", ""))
            url, form = urljoin(url, told["Location"]), None
        return Answer(request, request.url, 0)


class Served:
    """Pages of one host, held in memory, by path and query; without one of its own the home page leads to /nb/."""

    def __init__(self, host: str, pages: dict[str, str]) -> None:
        self.host, self.pages = host, {"/": page(links(("/nb/", "政府信息公开年报")))} | pages
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        parts = urlsplit(request.url)
        body = self.pages.get(parts.path + (f"?{parts.query}" if parts.query else ""))
        kind = "application/json" if body and body.startswith(("[", "{")) else "text/html; charset=utf-8"
        if parts.hostname != self.host or body is None:
            return Answer(request, request.url, 404, b"<h1>404 Not Found</h1>", kind)
        return Answer(request, request.url, 200, body.encode(), kind)


class WithTwin:
    """A portal's home page that leads to its column and to a directory by agency, in which the same entries stand."""

    def __init__(self, fetch: Fetch, column: str, entries: Iterable[Entry]) -> None:
        self.fetch = fetch
        found = {name: [one for one in entries if name in one.title] for name in NAMES}
        urls = {f"http://{HOST}/twin/{n}/": name for n, name in enumerate(NAMES) if found[name]}
        ways = links((column, "政府信息公开年报"), (f"http://{HOST}/twin/", "部门年报"))
        self.pages = {
            f"http://{HOST}/": page(ways),
            f"http://{HOST}/twin/": page(links(*((url, PLACE + urls[url]) for url in urls))),
        }
        self.pages |= {url: page(links(*((one.url, one.title) for one in found[name]))) for url, name in urls.items()}

    def __call__(self, request: Request) -> Answer:
        page = self.pages.get(request.url)
        return Answer(request, request.url, 200, page.encode(), "text/html") if page else self.fetch(request)


def links(*items: tuple[str, str]) -> str:
    return "<ul>" + "".join(f'<li><a href="{url}">{text}</a></li>' for url, text in items) + "</ul>"


def page(body: str) -> str:
    return f"<html><body>{body}</body></html>"


_JINJA = Environment(trim_blocks=True, lstrip_blocks=True)
_PAGES = re.compile(r"^=== (\S+)\n((?:(?!===).*\n?)*)", re.MULTILINE)


def pages_of(template: str, **known: object) -> dict[str, str]:
    """The pages, scripts and JSON answers of a template, by their addresses."""
    found = dict(_PAGES.findall(_JINJA.from_string(template).render(known, links=links)))
    others = {path: lines for path, lines in found.items() if path.endswith(".js") or lines.startswith("{")}
    return {path: page(lines.replace("\n", "")) for path, lines in found.items()} | others


@dataclass
class Played:
    """A portal that runs; ``truth``: addresses of the reports of each column, by the column's address."""

    fetch: ImitationFetch
    truth: dict[str, set[str]]

    def is_report(self, entry: Entry) -> bool:
        return is_report_of(entry, PLACE, (HOST,))


def walk(
    fetch: Fetch, first: str = "/", browser: Browser | None = None, columns: Sequence[Sequence[str]] = ()
) -> tuple[ListReading, ...]:
    """Read each list that a page or known columns lead to, compared with the others."""
    made = Walk(fetch, place=PLACE, hosts=(HOST,), browser=browser)
    known = [(f"http://{HOST}{url}", path) for url, path in columns]
    for _ in made.read_each(known, () if columns else [f"http://{HOST}{first}"]):
        continue
    made.compare_lists()
    return tuple(made.lists.values())


def is_report_of(entry: Entry, place: str, hosts: tuple[str, ...]) -> bool:
    return classify(entry.title, entry.url or None, place=place, column="政府信息公开年报", hosts=hosts).is_report


def made_up(family: str) -> Scenario:
    """Eight departments that report each year, in one column, on the imitation of a system."""
    listed = column("c0", PATHS.get(family, "/open/nb/"))
    return scenario(family, listed, size=15, agencies=NAMES, first_year=2020, late=None, attached=None)


@contextmanager
def played(folder: Path, scenario: Scenario) -> Iterator[Played]:
    """Run the portal of a scenario."""
    portals = ImitationPortals(folder, scenario)
    portals.set_now(scenario.days[-1] + timedelta(hours=1))
    portal, site = scenario.portal("wanping"), portals.site("wanping")
    truth = {
        _list_address(portal.family, column, site.column_url(column.key)): {
            site.url(entry) for entry in portal.in_column(column.key, portals.now()) if isinstance(entry, ImReport)
        }
        for column in portal.columns
    }
    yield Played(ImitationFetch(portals), truth)


def _list_address(family: str, column: ImitatedList, url: str) -> str:
    if family != "lonsun":
        return url
    return url.removesuffix(column.path) + address_of(column)
