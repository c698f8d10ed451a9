"""An archive of any size for ``keeping.py``: portals of a hundred agencies whose reports stand on one listing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from scrapy.settings import Settings

from benchmarks.reading_files import sample
from crawler.net.provenance import how_asked
from imitation.documents.kinds import WRITERS
from storage.captures import CaptureWriter, Exchange
from storage.home import Home
from storage.observations import Observations
from storage.records import (
    Agency,
    AgencyKind,
    Capture,
    CaptureOutcome,
    CaptureRole,
    Extraction,
    Link,
    Listing,
    ListingForm,
    Look,
    LookOutcome,
    Portal,
    Run,
)
from storage.registry import Registry

#: names of a hundred bodies
NAMES = tuple(f"{one}{other}" for one in "城农水林工商文教民财" for other in "建业务产贸化育政事管")
AGENCIES = len(NAMES)
FIRST = datetime.fromisoformat("2026-01-10T09:00:00+08:00")
GROUP = 50  # captures acknowledged together, as a crawl does
SETTINGS = Settings()
SETTINGS.setmodule("crawler.settings")


@dataclass(frozen=True)
class Page:
    """One report of one portal: its address, title and bytes."""

    portal: int
    url: str
    title: str
    body: bytes


def pages(count: int) -> Iterator[Page]:
    """So many reports, every one of other bytes: agencies of a portal, then years, then the next portal."""
    for number in range(count):
        portal, rest = divmod(number, AGENCIES * 5)
        year, agency = 2021 + rest // AGENCIES, rest % AGENCIES
        report = sample(2 * number + 1)
        title = f"汶上县{NAMES[agency]}局{year}年政府信息公开工作年度报告"
        body = WRITERS["html"](title, report.blocks)
        yield Page(portal, f"http://www.p{portal}.gov.cn/nb/{year}/{agency}.html", title, body)


def exchange(url: str, body: bytes, at: datetime) -> Exchange:
    """The answer of a common portal."""
    headers = [
        ("Server", "nginx"), ("Date", "Sat, 10 Jan 2026 01:00:00 GMT"), ("Content-Type", "text/html"),
        ("Content-Length", str(len(body))), ("Connection", "keep-alive"), ("X-Frame-Options", "SAMEORIGIN"),
    ]  # fmt: skip
    asked = [("Host", url.split("/")[2]), *SETTINGS.getdict("DEFAULT_REQUEST_HEADERS").items()]
    asked.append(("User-Agent", "nianbao (+mailto:someone@example.org)"))
    return Exchange(
        url=url, request_headers=asked, status=200, reason_phrase="OK", response_headers=headers, body=body,
        ip="203.0.113.7", fetched_at=at,
    )  # fmt: skip


def register_listing(home: Home, number: int) -> Listing:
    """A portal with its agencies and one listing."""
    registry, name, at = Registry(home), f"p{number}", FIRST - timedelta(days=30)
    registry.put_portal(
        Portal(
            name=name,
            place="汶上县",
            division=None,
            hosts=(f"www.{name}.gov.cn",),
            family="generic",
            first_year=2021,
            recorded_at=at,
        )
    )
    registry.put_agencies(
        [
            Agency(
                id=f"{name}/a{agency}",
                portal=name,
                name=f"汶上县{NAMES[agency]}局",
                kind=AgencyKind.DEPARTMENT,
                source="benchmark",
                recorded_at=at,
            )
            for agency in range(AGENCIES)
        ]
    )
    listing = Listing(
        id=f"{name}:nb", portal=name, url=f"http://www.{name}.gov.cn/nb/", form=ListingForm.COLUMN,
        covers=(AgencyKind.DEPARTMENT,), recorded_at=at,
    )  # fmt: skip
    registry.put_listings([listing])
    return listing


def asking() -> Mapping[str, str]:
    """What the files of a crawl say of how it asked."""
    return how_asked(SETTINGS)


def begun(home: Home, portal: int, at: datetime) -> Run:
    """A run that has started."""
    run = Run(id=uuid.uuid4().hex, portal=f"p{portal}", purpose="benchmark", started=at)
    Observations(home).start_run(run)
    return run


def kept(writer: CaptureWriter, sent: Exchange, role: CaptureRole = CaptureRole.REPORT) -> Capture:
    """One exchange kept as a crawl keeps it."""
    return writer.write(sent, role=role, requested=sent.url, outcome=CaptureOutcome.PAGE)


def look(
    home: Home,
    writer: CaptureWriter,
    listing: Listing,
    at: datetime,
    titles: list[tuple[str, str]],
    *,
    on_page: int | None = None,
) -> int:
    """One look at a listing with these links (address, title), ``on_page`` of them on a page or all; how many pages."""
    step = on_page or max(1, len(titles))
    captures: list[str] = []
    links: list[Link] = []
    for start in range(0, len(titles), step):
        some = titles[start : start + step]
        rows = "".join(f'<li><a href="{url}">{title}</a><span>2026-01-09</span></li>' for url, title in some)
        body = f"<html><title>政府信息公开年报</title><ul>{rows}</ul></html>".encode()
        url = f"{listing.url}index_{start // step}.html" if start else listing.url
        page = kept(writer, exchange(url, body, at + timedelta(seconds=2 * len(captures))), CaptureRole.LISTING)
        captures.append(page.id)
        links += [
            Link(url=url, text=title, listed="2026-01-09", row=f"{title} 2026-01-09", position=number, capture=page.id)
            for number, (url, title) in enumerate(some)
        ]
    writer.flush()
    made = Look(
        id=uuid.uuid4().hex, run=writer.run.id, portal=listing.portal, listing=listing.id, started=at,
        finished=at + timedelta(seconds=2 * len(captures)), outcome=LookOutcome.OK, captures=tuple(captures),
    )  # fmt: skip
    Observations(home).add_look(made, Extraction(look=made.id, extractor="4", made_at=at, links=tuple(links)))
    return len(captures)
