"""One crawl of one portal in this process, a worker that ``runs.py`` starts.

The archive is that of ``NIANBAO_ARCHIVE``. Standard output carries JSON lines for the parent (``run``, ``look``,
``visits``, ``failed``, ``wait``, ``end``, ``error``); standard error is for people.
"""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from typing import Any

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
from storage.errors import DiskError, StorageError, note_of
from storage.home import open_home
from storage.records import CaptureOutcome, CaptureRole

DONE, UNFINISHED = 0, 3
_EACH = (
    25  # of looks that went well and of visits one in so many is told: a line costs both processes more than it says
)
_MAX_FAILURES = 200  # addresses that could not be fetched, as they are told
_HAD = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED})


def say(event: str, **values: Any) -> None:
    """Write one JSON line for the parent."""
    sys.stdout.write(json.dumps({"event": event, **values}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


class Warnings(LogFormatter):
    """No lines for what is fetched and yielded: they stand below warnings, which alone are shown here."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> None:  # type: ignore[override]
        """Nothing."""

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> None:  # type: ignore[override]
        """Nothing."""


def settings() -> Settings:
    """Return the settings of Scrapy for the crawl of this process."""
    found = Settings()
    found.setmodule("crawler.settings", priority="project")
    found.set("LOG_LEVEL", "WARNING", priority="cmdline")
    found.set("LOG_FORMATTER", "crawler.operations.child.Warnings", priority="cmdline")
    return found


def main(slug: str, purpose: str = "crawl", visit_everything: bool = False) -> int:
    """Crawl a portal in this process and tell how it ended. Exit codes: 0 done, 3 could not finish."""
    logging.captureWarnings(capture=True)
    try:
        with open_home() as home:
            _crawl(slug, portals.find(slug, home.path), purpose, visit_everything)
    except (CrawlError, StorageError) as error:
        # trouble of our own that would stop any other crawl as well
        hindrance = "disk" if isinstance(error, DiskError) else "clock" if isinstance(error, ClockError) else ""
        say("error", note=note_of(error).plain, hindrance=hindrance)
        return UNFINISHED
    return DONE


def _crawl(slug: str, portal: type[Any], purpose: str, visit_everything: bool) -> None:
    """Crawl a portal. Raises CrawlError and StorageError."""
    if faults := portals.validate(portal):
        raise CrawlError(f"portal {slug}: {faults[0]}", code="portal.faulty", portal=slug, why=faults[0].plain)
    process, failed, told = CrawlerProcess(settings()), list[BaseException](), Counter[str]()
    crawler = PortalCrawler(portal, process.settings, init_reactor=True)

    def note(failure: Failure) -> None:
        failed.append(failure.value or CrawlError("the crawl stopped, and nothing says why", code="run.stopped_unsaid"))

    listeners = {
        RUN_BEGUN: lambda run: say("run", run=run),
        WAITING: lambda machine: say("wait", machine=machine),
        signals.item_scraped: lambda item: _tell(item, told),
        signals.spider_error: note,
        signals.item_error: note,
    }
    for signal, listener in listeners.items():
        crawler.signals.connect(listener, signal, weak=False)
    process.crawl(crawler, purpose=purpose, visit_everything="1" if visit_everything else "").addErrback(note)
    process.start()
    archive = crawler.get_extension(ArchiveExtension)
    if not failed and archive is not None and archive.unwritable is not None:
        failed.append(archive.unwritable)
    if failed and isinstance(failed[0], CrawlError | StorageError):
        raise failed[0]
    if failed:
        name, text = type(failed[0]).__name__, str(failed[0])
        raise CrawlError(f"the crawl stopped: {name}: {text}", code="run.stopped", name=name, text=text) from failed[0]
    say("end")


def _tell(item: object, told: Counter[str]) -> None:
    """Tell of looks as they end, and now and then of visits; of what could not be fetched its address."""
    if isinstance(item, ListingSnapshot):
        outcome = str(item.outcome)
        told[outcome] += 1
        if outcome != "ok" or told["ok"] % _EACH == 1:
            say("look", url=item.url, listing=item.listing, outcome=outcome, reason=item.reason)
    elif isinstance(item, ReportCapture) and item.role is CaptureRole.REPORT:
        told["visits"] += 1
        if item.outcome not in _HAD and told["failed"] < _MAX_FAILURES:
            told["failed"] += 1
            say("failed", url=item.url, reason=item.reason or str(item.outcome))
        if told["visits"] % _EACH == 0:
            say("visits", visits=told["visits"])
