"""The extension that owns the archive of a crawl from begin to end, and one that lets a crawl be stopped."""

from __future__ import annotations

import asyncio
import logging

from scrapy import signals
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from crawler.crawl_run import CrawlRun
from crawler.errors import ClockError
from crawler.net.machine_locks import MachineLocks, lock_names
from crawler.net.politeness import health_of
from crawler.spider import PortalSpider
from storage.errors import DiskError
from storage.home import Home, open_home

RUN_BEGUN, WAITING = object(), object()  # Scrapy signals: run; machine
_WATCH = 1.0  # seconds
log = logging.getLogger(__name__)


class ArchiveExtension:
    """Opens the archive when a portal's own ``start()`` asks for it, so that ``scrapy fetch``, ``shell``, ``view`` and
    ``check`` need none and write to none.

    ``unwritable``: what kept the end of the run from being recorded.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.run: CrawlRun | None = None
        self.unwritable: DiskError | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchiveExtension:
        """Built by Scrapy, before the middlewares are."""
        extension = cls(crawler)
        if isinstance(crawler.spider, PortalSpider):
            crawler.spider.archive = extension
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        crawler.signals.connect(extension.failed, signals.spider_error)
        crawler.signals.connect(extension.failed, signals.item_error)
        return extension

    async def open(self) -> CrawlRun:
        """Open the archive that the spider was given, else the one named by ``NIANBAO_ARCHIVE``, and begin a run.

        Waits for other crawls of the same machines.
        """
        spider = self.crawler.spider
        assert isinstance(spider, PortalSpider)
        given = getattr(spider, "home", None)
        home = given if isinstance(given, Home) else open_home()
        locks = await asyncio.to_thread(MachineLocks, home.locks, lock_names(spider), home.config.delay, self._waits)
        self.run = CrawlRun.begin(home, spider, self.crawler, locks)
        self.crawler.signals.send_catch_log(RUN_BEGUN, run=self.run.record.id)
        return self.run

    def failed(self, failure: Failure) -> None:
        """End the crawl for what would stop any other as well: a full disk, a wrong clock."""
        error = failure.value
        if self.run is None or self.run.hindrance is not None or not isinstance(error, DiskError | ClockError):
            return
        self.run.hindrance = error
        asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="hindered"))  # noqa: RUF006

    def spider_closed(self, reason: str) -> None:
        """End the run."""
        if self.run is None:
            return
        health = health_of(self.crawler)
        try:
            self.run.close(reason, health.notes, hosts_left=bool(health.left))
        except DiskError as error:
            self.unwritable = error

    def _waits(self, machine: str) -> None:
        self.crawler.signals.send_catch_log(WAITING, machine=machine)
        log.info("waiting for another crawl of %s", machine)


class StopDuringItem:
    """Lets a crawl end that is asked to while an item of ``start()`` is being stored.

    Scrapy 2.19 then waits for the item and is not told when it is stored (scrapy/scrapy#7029): it would never end.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StopDuringItem:
        """Built by Scrapy."""
        extension = cls(crawler)
        crawler.signals.connect(extension.spider_opened, signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        return extension

    def spider_opened(self) -> None:
        """Begin to look, each second, whether Scrapy waits for nothing."""
        self._watching = asyncio.ensure_future(self._watch())

    def spider_closed(self) -> None:
        """Look no more."""
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_WATCH)
            slot, spider = self.crawler.engine.scraper.slot, self.crawler.spider
            closing = slot.closing if slot is not None and slot.is_idle() else None
            if closing is not None and spider is not None and not closing.called:
                closing.callback(spider)
