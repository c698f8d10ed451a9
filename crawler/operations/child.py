"""The work of the processes that ``runs.py`` starts: to crawl one portal, or to read its new documents.

The archive is that of ``NIANBAO_ARCHIVE``. Both report what happens as events (:func:`crawler.processes.say`); if the
work failed, the last event is ``error``.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping

from scrapy import signals
from scrapy.crawler import CrawlerProcess
from scrapy.settings import Settings

from archive.projection.update import update, waiting
from crawler import portals
from crawler.crawl_run import HINDRANCES
from crawler.errors import CrawlError, coded
from crawler.extensions import RUN_BEGUN, WAITING, ArchiveExtension, PortalCrawler
from crawler.items import ListingSnapshot, ReportCapture
from crawler.processes import say
from crawler.spider import PortalSpider
from storage.errors import StorageError, note_of
from storage.home import Home, open_home
from storage.records import CaptureRole, Note

#: Exit codes. NOT_NOW: the cause would stop every other portal too; IN_PART: documents are left to be read
DONE, UNFINISHED, IN_PART, NOT_NOW = 0, 3, 4, 75
_ITEMS_PER_EVENT = 25  # only one event for so many ok looks, or visits: each event costs two processes time


def crawl(slug: str, visit_everything: bool = False) -> int:
    """Crawl a portal; return the exit code. ``visit_everything``: also fetch the reports that are not due."""
    logging.captureWarnings(capture=True)
    return _work(lambda home: _crawl(home, slug, visit_everything))


def read(portal: str, workers: int = 1) -> int:
    """Read and judge a portal's new documents; return the exit code."""
    return _work(lambda home: _read(home, portal, workers))


def _work(work: Callable[[Home], int]) -> int:
    """Run ``work`` on the archive; return its exit code, or report an error and return the code for that."""
    try:
        with open_home() as home:
            return work(home)
    except (CrawlError, StorageError) as error:
        say("error", note_of(error))
        return NOT_NOW if isinstance(error, HINDRANCES) else UNFINISHED


def _read(home: Home, portal: str, workers: int) -> int:
    """Update what is read of a portal, and report it; return the exit code, ``IN_PART`` if documents still wait."""
    report = update(home, [portal], workers=workers)
    if report.documents_read or report.judged:
        say("read", report.summary)
    if report.naming is not None:
        say("read", report.naming)
    for problem in report.problems:
        say("failed", problem)
    return IN_PART if report.problems and waiting(home, [portal]) else DONE


def settings() -> Settings:
    """Return Scrapy's settings for the crawl in this process: the project's, without Scrapy's statistics."""
    scrapy_settings = Settings()
    scrapy_settings.setmodule("crawler.settings", priority="project")
    # Scrapy's own statistics are not used here, and would cost each page a thirtieth of its time
    without = {"scrapy.extensions.corestats.CoreStats": None, "scrapy.extensions.logstats.LogStats": None}
    extensions = {**scrapy_settings.getdict("EXTENSIONS"), **without}
    changed = {"LOG_LEVEL": "WARNING", "DOWNLOADER_STATS": False, "EXTENSIONS": extensions}
    scrapy_settings.update(changed, priority="cmdline")
    return scrapy_settings


def _crawl(home: Home, slug: str, visit_everything: bool) -> int:
    """Crawl a portal as :func:`crawl`; return the exit code. Raises CrawlError (a faulty file …) and StorageError."""
    say("begun", Note("begun"))
    portal = portals.find(slug, home.path)
    if faults := portals.validate(portal):
        raise CrawlError(code="portal.faulty", portal=slug, why=faults[0].as_json)
    counts = Counter[str]()
    listeners: dict[object, Callable[..., None]] = {
        RUN_BEGUN: lambda run: say("run", Note("run", {"run": run})),
        WAITING: lambda machine: say("wait", Note("wait", {"machine": machine})),
        signals.item_scraped: lambda item: _tell_item(item, counts),
    }
    run_spider(portal, listeners, visit_everything="1" if visit_everything else "")
    return DONE


def run_spider(
    portal: type[PortalSpider], listeners: Mapping[object, Callable[..., None]] | None = None, **arguments: str
) -> None:
    """Run a spider to its end. ``listeners``: by signal. Raises its first error as CrawlError or StorageError."""
    process, errors = CrawlerProcess(settings()), list[BaseException | None]()
    logging.getLogger("scrapy").setLevel(logging.WARNING)  # else lines for each request are formatted and dropped
    crawler = PortalCrawler(portal, process.settings, init_reactor=True)
    for signal, listener in (listeners or {}).items():
        crawler.signals.connect(listener, signal, weak=False)
    process.crawl(crawler, **arguments).addErrback(lambda failure: errors.append(failure.value))
    process.start()
    archive = crawler.get_extension(ArchiveExtension)
    if archive is not None and archive.error is not None:
        errors.insert(0, archive.error)
    if errors:
        raise coded(errors[0]) from errors[0]


def _tell_item(item: object, counts: Counter[str]) -> None:
    """Report a look, every 25th visit, or an address that could not be fetched. ``counts``: counts of items so far."""
    if isinstance(item, ListingSnapshot):
        outcome = str(item.outcome)
        counts[outcome] += 1
        if outcome != "ok" or counts["ok"] % _ITEMS_PER_EVENT == 1:
            values = {"url": item.url, "listing": item.listing, "outcome": outcome, "reason": item.reason}
            say("look", Note("look", values))
    elif isinstance(item, ReportCapture) and item.role is CaptureRole.REPORT:
        counts["visits"] += 1
        if not item.outcome.is_page:
            say("failed", Note("failed", {"url": item.url, "reason": item.reason or str(item.outcome)}))
        if counts["visits"] % _ITEMS_PER_EVENT == 0:
            say("visits", Note("visits", {"visits": counts["visits"]}))
