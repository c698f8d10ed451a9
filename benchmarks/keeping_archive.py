"""An archive of any size for ``keeping.py``: portals of a hundred agencies whose reports stand on one listing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from benchmarks.reading_files import sample
from crawler.imitation.documents.kinds import WRITERS
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
    asked = [("Host", url.split("/")[2]), ("User-Agent", "nianbao (+mailto:someone@example.org)"), ("Accept", "*/*")]
    return Exchange(
        url=url, request_headers=asked, status=200, reason_phrase="OK", response_headers=headers, body=body,
        ip="203.0.113.7", fetched_at=at,
    )  # fmt: skip


def enrol(home: Home, number: int) -> Listing:
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


def begun(home: Home, portal: int, number: int, at: datetime) -> Run:
    """A run that has started."""
    run = Run(id=f"run-{portal}-{number}", portal=f"p{portal}", purpose="benchmark", started=at)
    Observations(home).start_run(run)
    return run


def kept(writer: CaptureWriter, sent: Exchange, role: CaptureRole = CaptureRole.REPORT) -> Capture:
    """One exchange kept as a crawl keeps it."""
    return writer.write(sent, role=role, requested=sent.url, outcome=CaptureOutcome.PAGE)


def look(home: Home, writer: CaptureWriter, listing: Listing, at: datetime, titles: list[tuple[str, str]]) -> None:
    """One look at a listing of one page with these links (address, title)."""
    rows = "".join(f'<li><a href="{url}">{title}</a><span>2026-01-09</span></li>' for url, title in titles)
    body = f"<html><title>政府信息公开年报</title><ul>{rows}</ul></html>".encode()
    page = kept(writer, exchange(listing.url, body, at), CaptureRole.LISTING)
    writer.flush()
    made = Look(
        id=f"look-{listing.portal}-{at:%Y%m%d}", run=writer.run.id, portal=listing.portal, listing=listing.id,
        started=at, finished=at + timedelta(seconds=2), outcome=LookOutcome.OK, captures=(page.id,),
    )  # fmt: skip
    links = tuple(
        Link(url=url, text=title, listed="2026-01-09", row=f"{title} 2026-01-09", position=number, capture=page.id)
        for number, (url, title) in enumerate(titles)
    )
    Observations(home).add_look(made, Extraction(look=made.id, extractor="4", made_at=at, links=links))
