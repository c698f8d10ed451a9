"""Imitation portals on loopback for the list engine, with the truth of what each column publishes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from archive.identity.classification import classify
from crawler.lists.browser import Browser
from crawler.lists.list_reader import ListReading
from crawler.lists.page import Answer, Entry, Fetch, Request
from crawler.lists.walk import Walk
from imitation.portals.lonsun import address_of
from imitation.records import ImitatedList, ImReport, Scenario
from imitation.server import ImitationPortals
from tests.crawler.county import BODIES, HOST, PLACE, column, scenario

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
        self._request, method = request, "GET" if request.body is None else "POST"
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if request.body is not None else {}
        try:
            got = self._client.request(
                method, request.url, headers=headers | dict(request.headers), content=request.body
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


def walk(fetch: Fetch, home: str = f"http://{HOST}/", browser: Browser | None = None) -> tuple[ListReading, ...]:
    """Read each list that a home page leads to, compared with the others."""
    made = Walk(fetch, place=PLACE, hosts=(HOST,), browser=browser)
    for _ in made.read_each((), [home]):
        continue
    made.compare_twins()
    return tuple(made.lists.values())


def is_report_of(entry: Entry, place: str, hosts: tuple[str, ...]) -> bool:
    return classify(entry.title, entry.url or None, place=place, column="政府信息公开年报", hosts=hosts).is_report


def made_up(family: str) -> Scenario:
    """Eight departments that report each year, in one column, on the imitation of a system."""
    listed = column("c0", PATHS.get(family, "/open/nb/"))
    return scenario(family, listed, size=15, bodies=BODIES, first_year=2020, late=None, attached=None)


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


def _list_address(family: str, column: ImitatedList, url: str) -> str:
    if family != "lonsun":
        return url
    return url.removesuffix(column.path) + address_of(column)
