"""One crawl of one portal in this process, a worker that ``runs.py`` starts.

The archive is that of ``NIANBAO_ARCHIVE``. Standard output carries JSON lines for the parent (``run``, ``look``,
``visits``, ``failed``, ``end``, ``error``); standard error is for people.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.logformatter import LogFormatter
from scrapy.settings import Settings
from twisted.python.failure import Failure

from crawler import portals
from crawler.errors import ClockError, CrawlError
from crawler.extensions import RUN_BEGUN, WAITING, ArchiveExtension, PortalCrawler
from crawler.items import ListingSnapshot, ReportCapture
from crawler.spider import PortalSpider
from storage.errors import DiskError, StorageError, note_of
from storage.home import open_home
from storage.records import CaptureOutcome, CaptureRole

DONE, UNFINISHED = 0, 3
VISITS_TOLD = 25
FAILURES_TOLD = 200  # addresses that could not be fetched
_HAD = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED})


def say(event: str, **values: Any) -> None:
    """One JSON line for the parent."""
    sys.stdout.write(json.dumps({"event": event, **values}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


class Warnings(LogFormatter):
    """No lines for what is fetched and yielded: they stand below warnings, which alone are shown here."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> None:  # type: ignore[override]
        """Nothing."""

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> None:  # type: ignore[override]
        """Nothing."""


class OneCrawl(Settings):
    """Settings of a process that runs one crawl and ends: a copy for each who asks costs a tenth of its start."""

    def copy(self) -> Self:
        """Themselves."""
        return self

    def frozencopy(self) -> Self:
        """Themselves as well, not frozen: Scrapy's own freezing comes later."""
        return self


def crawl_here(slug: str, purpose: str, *, visit_everything: bool) -> int:
    """Crawl a portal in this process; returns an exit code."""
    with open_home() as home:
        portal = portals.find(slug, home.path)
        faults = portals.validate(portal)
        if faults:
            raise CrawlError(f"portal {slug}: {faults[0]}", code="portal.faulty", portal=slug, why=faults[0].plain)
        return _run(portal, purpose, visit_everything)


def settings() -> OneCrawl:
    """The settings of Scrapy for the crawl of this process."""
    found = OneCrawl()
    found.setmodule("crawler.settings", priority="project")
    found.set("LOG_LEVEL", "WARNING", priority="cmdline")
    found.set("LOG_FORMATTER", "crawler.operations.child.Warnings", priority="cmdline")
    return found


def _run(portal: type[PortalSpider], purpose: str, visit_everything: bool) -> int:
    process = CrawlerProcess(settings())
    crawler = PortalCrawler(portal, process.settings, init_reactor=True)
    crawler.signals.connect(_begun, RUN_BEGUN)
    crawler.signals.connect(_waits, WAITING)
    crawler.signals.connect(_Items().take, signals.item_scraped, weak=False)
    failed: list[BaseException] = []

    def note(failure: Failure) -> None:
        failed.append(failure.value or CrawlError("the crawl stopped, and nothing says why", code="run.stopped_unsaid"))

    crawler.signals.connect(note, signals.spider_error, weak=False)
    crawler.signals.connect(note, signals.item_error, weak=False)
    done = process.crawl(crawler, purpose=purpose, visit_everything="1" if visit_everything else "")
    done.addErrback(_note, failed)
    process.start()
    if failed and isinstance(failed[0], CrawlError | StorageError):
        raise failed[0]
    if failed:
        name, text = type(failed[0]).__name__, str(failed[0])
        raise CrawlError(f"the crawl stopped: {name}: {text}", code="run.stopped", name=name, text=text) from failed[0]
    archive = crawler.get_extension(ArchiveExtension)
    assert archive is not None
    if archive.unwritable is not None:
        raise archive.unwritable
    say("end", run=archive.run.record.id if archive.run is not None else None)
    return DONE


def _note(failure: Failure, failed: list[BaseException]) -> None:
    failed.append(failure.value or CrawlError("the crawl stopped, and nothing says why", code="run.stopped_unsaid"))


def _begun(run: str) -> None:
    say("run", run=run)


def _waits(machine: str) -> None:
    say("wait", machine=machine)


class _Items:
    """Tells of looks as they end, and now and then of visits: a line for each would cost both processes more than it
    says. What could not be fetched is told by its address.
    """

    def __init__(self) -> None:
        self.visits = self.failed = 0

    def take(self, item: object) -> None:
        if isinstance(item, ListingSnapshot):
            look = {"look": item.id, "listing": item.listing, "outcome": str(item.outcome), "reason": item.reason}
            say("look", url=item.url, **look)
        elif isinstance(item, ReportCapture) and item.role is CaptureRole.REPORT:
            self.visits += 1
            if item.outcome not in _HAD and self.failed < FAILURES_TOLD:
                self.failed += 1
                say("failed", url=item.url, reason=item.reason or str(item.outcome))
            if self.visits % VISITS_TOLD == 0:
                say("visits", visits=self.visits)


def main(slug: str, purpose: str = "crawl", visit_everything: bool = False) -> int:
    """Crawl a portal in this process and tell how it ended. Exit codes: 0 done, 3 could not finish."""
    logging.captureWarnings(capture=True)
    try:
        return crawl_here(slug, purpose, visit_everything=visit_everything)
    except (CrawlError, StorageError) as error:
        say("error", note=note_of(error).plain, hindrance=_hindrance(error))
        return UNFINISHED


def _hindrance(error: Exception) -> str:
    """Which trouble of our own it is that would stop any other crawl as well, "" for none."""
    return "disk" if isinstance(error, DiskError) else "clock" if isinstance(error, ClockError) else ""
