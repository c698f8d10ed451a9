"""The extension that owns the archive of a crawl: it opens it when the spider begins, and closes it with the spider."""

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
        locks = await asyncio.to_thread(
            MachineLocks, home.path / "locks", lock_names(spider), home.config.delay, self._waits
        )
        self.run = CrawlRun(home, spider, self.crawler, locks)
        self.crawler.signals.send_catch_log(RUN_BEGUN, run=self.run.run.id)
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
