"""Imitation portals on loopback for the list engine, with the truth of what each column publishes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from archive.identity.classification import classify
from crawler.lists.fetch import Answer, Fetch, Request
from crawler.lists.page import Entry
from imitation.portals.lonsun import address_of
from imitation.records import Column, Expected, ImAgency, ImPortal, ImReport, OtherPage, Scenario, Version
from imitation.server import ImitationPortals
from storage.records import SHANGHAI, AgencyKind

HOST, PLACE, NOW = "www.wanping.gov.cn", "宛平县", datetime(2026, 2, 1, 9, tzinfo=SHANGHAI)
BODIES = ("财政局", "教育局", "水利局", "司法局", "民政局", "统计局", "审计局", "农业农村局")
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
FAMILIES = (
    "channel_oid", "trs_bare", "trs_dated", "dated_list", "gkmlpt", "hanweb_jpaas", "lonsun", "ucap_query", "vsb",
    "vsb_folders", "ucap", "ucap_packed", "nfcms", "hebei", "rednet", "xian", "snowflake", "ivs", "easysite",
    "cms_html", "unknown", "mute", "posted", "script_made", "sealed",
)  # fmt: skip


class LoopbackFetch(httpx.BaseTransport):
    """Ask hosts that a map sends to loopback addresses; others do not answer. ``asked``: all requests."""

    def __init__(self, hosts: Mapping[str, str]) -> None:
        self.hosts = {name: address for name, address in hosts.items() if address.startswith("127.0.0.1:")}
        self.asked: list[Request] = []
        self._wire = httpx.HTTPTransport()
        self._client = httpx.Client(transport=self, follow_redirects=True, timeout=20)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, or one that a redirect makes of it, to the loopback address of its host."""
        if request.url.host not in self.hosts:
            raise httpx.ConnectError("no such host")
        self.asked.append(self._request)
        to = request.url.copy_with(scheme="http", netloc=self.hosts[request.url.host].encode())
        return self._wire.handle_request(
            httpx.Request(request.method, to, headers=request.headers, stream=request.stream)
        )

    def __call__(self, request: Request) -> Answer:
        """Return the answer after redirects to hosts of the map."""
        self._request, method = request, "GET" if request.form is None and request.body is None else "POST"
        data = dict(request.form) if request.form is not None else None
        try:
            got = self._client.request(
                method, request.url, headers=dict(request.headers), data=data, content=request.body
            )
        except httpx.HTTPError:
            return Answer(request, request.url, 0)
        url = str(got.url) if got.history else request.url
        return Answer(request, url, got.status_code, got.content, got.headers.get("content-type", ""))

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()


class Served:
    """Pages of one host, held in memory, by path and query."""

    def __init__(self, host: str, pages: dict[str, str]) -> None:
        self.host, self.pages = host, pages
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
        found = {body: [one for one in entries if body in one.title] for body in BODIES}
        bodies = {f"http://{HOST}/twin/{n}/": body for n, body in enumerate(BODIES) if found[body]}
        ways = _links((column, "政府信息公开年报"), (f"http://{HOST}/twin/", "部门年报"))
        self.pages = {
            f"http://{HOST}/": ways,
            f"http://{HOST}/twin/": _links(*((url, PLACE + bodies[url]) for url in bodies)),
        }
        self.pages |= {url: _links(*((one.url, one.title) for one in found[body])) for url, body in bodies.items()}

    def __call__(self, request: Request) -> Answer:
        page = self.pages.get(request.url)
        return Answer(request, request.url, 200, page.encode(), "text/html") if page else self.fetch(request)


def _links(*items: tuple[str, str]) -> str:
    return "<html><ul>" + "".join(f'<li><a href="{url}">{text}</a></li>' for url, text in items) + "</ul></html>"


@dataclass
class Played:
    """A portal that runs; ``truth``: addresses of the reports of each column, by the column's address."""

    portals: ImitationPortals
    name: str
    fetch: LoopbackFetch
    truth: dict[str, set[str]]

    @property
    def home(self) -> str:
        portal = self.portals.scenario.portal(self.name)
        return f"{portal.scheme}://{portal.hosts[0]}/"

    def is_report(self, entry: Entry) -> bool:
        portal = self.portals.scenario.portal(self.name)
        return is_report_of(entry, portal.place, portal.hosts)


def is_report_of(entry: Entry, place: str, hosts: tuple[str, ...]) -> bool:
    return classify(entry.title, entry.url or None, place=place, column="政府信息公开年报", hosts=hosts).is_report


def made_up(family: str, *, size: int = 15, years: int = 6, columns: int = 1, path: str = "") -> Scenario:
    """Eight departments that report each year, in one column or several, on the imitation of a system."""
    path = path or PATHS.get(family, "/open/nb/")
    paths = [path if n == 0 else _further(path, n) for n in range(columns)]
    named = [
        Column(key=f"c{n}", title="政府信息公开年报", host=HOST, path=path, crumbs=("首页", "政府信息公开年报"),
               kinds=(AgencyKind.DEPARTMENT,))
        for n, path in enumerate(paths)
    ]  # fmt: skip
    agencies = tuple(
        ImAgency(portal="wanping", id=f"d{n}", name=f"{PLACE}{name}", kind=AgencyKind.DEPARTMENT, code=f"113{n}",
                 column=named[n % columns].key)
        for n, name in enumerate(BODIES)
    )  # fmt: skip
    reports = tuple(_report(agency, n, year) for n, agency in enumerate(agencies) for year in range(2026 - years, 2026))
    others = tuple(
        OtherPage(portal="wanping", column="c0", title=title, body="notice", shown_from=NOW - timedelta(days=700))
        for title in ("关于做好2023年政府信息公开工作年度报告编制工作的通知", "宛平县财政局2023年法治政府建设年度报告")
    )  # fmt: skip
    portal = ImPortal(
        name="wanping", place=PLACE, province="河北省", division="990001", family=family, scheme="http", hosts=(HOST,),
        site_name="宛平县人民政府", page_size=size, new=True, columns=tuple(named), agencies=agencies, reports=reports,
        others=others, faults=(),
    )  # fmt: skip
    return Scenario((NOW,), (portal,))


def _further(path: str, n: int) -> str:
    return path.replace("nb", f"nb{n}") if "nb" in path else path.replace("1", f"{n + 1}", 1)


def _report(agency: ImAgency, n: int, year: int) -> ImReport:
    shown = datetime(year + 1, 1, 10 + n, 10 + n, 5 * n, tzinfo=SHANGHAI)
    version = Version(at=shown, title=f"{agency.name}{year}年政府信息公开工作年度报告", declared=shown, figures="")
    return ImReport(
        portal="wanping", agency=agency, year=year, column=agency.column, kind="html", form="2021", created=shown,
        periods=((shown, None),), versions=(version,), expect=Expected(status=""),
    )  # fmt: skip


@contextmanager
def played(folder: Path, scenario: Scenario, name: str = "wanping") -> Iterator[Played]:
    """Run the portals of a scenario."""
    with ImitationPortals(folder, scenario) as portals:
        portals.set_now(scenario.days[-1] + timedelta(hours=1))
        fetch = LoopbackFetch(dict.fromkeys(portals.sites, portals.address))
        portal, site = scenario.portal(name), portals.site(name)
        truth = {
            _list_address(portal.family, column, site.column_url(column.key)): {
                site.url(entry) for entry in portal.in_column(column.key, portals.now()) if isinstance(entry, ImReport)
            }
            for column in portal.columns
        }
        try:
            yield Played(portals, name, fetch, truth)
        finally:
            fetch.close()


def _list_address(family: str, column: Column, url: str) -> str:
    if family != "lonsun":
        return url
    return url.removesuffix(column.path) + address_of(column)
