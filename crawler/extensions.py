"""The extension that owns the archive of a crawl from begin to end, and what lets a crawl be stopped at any time."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Callable
from functools import cache, partial
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler import portals
from crawler.crawl_run import CrawlRun, RunHolder
from crawler.errors import ClockError
from crawler.net.host_health import health_of
from crawler.net.machine_locks import MachineLocks, lock_names
from crawler.net.provenance import how_asked
from crawler.spider import EXTRACTOR_VERSION, PortalSpider
from storage.captures import CaptureWriter
from storage.errors import DiskError
from storage.home import open_home
from storage.mending import end_cut_runs
from storage.records import Run
from storage.registry import Registry

RUN_BEGUN, WAITING = object(), object()  # Scrapy signals: run; machine
MAX_UNACKNOWLEDGED = 200  # captures, where pages come faster than one a second; never later than in two
_SETTLED_SECONDS = 0.005  # after which Scrapy has taken note that an item is stored
log = logging.getLogger(__name__)


class ArchiveExtension(RunHolder):
    """Opens the archive when a portal's own ``start()`` asks for it, so that ``scrapy fetch``, ``shell``, ``view`` and
    ``check`` need none and write to none. ``unwritable``: what kept the end of the run from being recorded.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.unwritable: DiskError | None = None
        self._locks: MachineLocks | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchiveExtension:
        """Built by Scrapy."""
        extension = cls(crawler)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        crawler.signals.connect(extension.failed, signals.spider_error)
        crawler.signals.connect(extension.failed, signals.item_error)
        return extension

    async def begin(self) -> CrawlRun:
        """Open the archive named by ``NIANBAO_ARCHIVE``, register the portal, and begin a run; runs that were cut off
        end. Waits for other crawls of the same machines.
        """
        spider = self.crawler.spider
        assert isinstance(spider, PortalSpider)
        home = open_home()
        self._locks = await asyncio.to_thread(
            MachineLocks, home.locks, lock_names(spider), home.config.delay, self._tell_waiting
        )
        purpose = str(getattr(spider, "purpose", "") or "crawl")
        record = Run(id=uuid.uuid4().hex, portal=spider.name, purpose=purpose, started=home.clock.now())
        portal, agencies, listings = portals.register(Registry(home), spider, record.started)
        known = cache(partial(portals.classes, home.path))  # read only where a server's clock is not ours
        group = 1 if home.config.delay >= 1 else MAX_UNACKNOWLEDGED
        self.run = run = CrawlRun(
            home=home, record=record, portal=portal, agencies=agencies, listings=listings, stats=self.crawler.stats,
            writer=CaptureWriter(home, record, group=group, about=how_asked(self.crawler.settings)),
            extractor=f"{spider.family}/{EXTRACTOR_VERSION}", machine=partial(_machine, known),
        )  # fmt: skip
        run.observations.start_run(record)
        run.writer.__enter__()  # left by its finish()
        for cut in end_cut_runs(home):  # whoever runs several crawls has done so, and told it
            log.warning("%s: %s", cut.portal, cut.notes[0])
        self.crawler.signals.send_catch_log(RUN_BEGUN, run=record.id)
        return run

    def failed(self, failure: Failure) -> None:
        """End the crawl for what would stop any other as well: a full disk, a wrong clock."""
        error = failure.value
        if self.run is None or self.run.hindrance is not None or not isinstance(error, DiskError | ClockError):
            return
        self.run.hindrance = error
        asyncio.ensure_future(self._close())  # noqa: RUF006

    async def _close(self) -> None:
        await items_stored(self.crawler)
        await self.crawler.engine.close_spider_async(reason="hindered")

    def spider_closed(self, reason: str) -> None:
        """End the run, and give everything back."""
        if self.run is None:
            return
        health = health_of(self.crawler)
        try:
            self.run.finish(reason, health.notes, hosts_left=bool(health.left))
        except DiskError as error:
            self.unwritable = error
        finally:
            assert self._locks is not None
            self._locks.release()
            self.run.home.close()

    def _tell_waiting(self, machine: str) -> None:
        self.crawler.signals.send_catch_log(WAITING, machine=machine)
        log.info("waiting for another crawl of %s", machine)


def _machine(known: Callable[[], portals.Known], name: str) -> str:
    """The machine that a portal asks; its own name where no file says. ``known``: gives all portals."""
    portal = known().get(name)
    return next(iter(lock_names(portal)), name) if portal is not None else name


class StartItems:
    """A spider middleware that knows which items of ``start()`` are being stored.

    Scrapy is not told when such an item is stored (scrapy/scrapy#7029): a crawl would end five seconds late, and one
    that is asked to end meanwhile would never end. So ``start()`` ends, and :class:`PortalCrawler` stops, after them.
    """

    def __init__(self) -> None:
        self.being_stored = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StartItems:
        """Built by Scrapy."""
        made = cls()
        for signal in (signals.item_scraped, signals.item_dropped, signals.item_error):
            crawler.signals.connect(made.stored, signal)
        return made

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Count the items, and end when they are stored."""
        async for one in start:
            self.being_stored += not isinstance(one, Request)
            yield one
        await self.all_stored()

    def stored(self, response: Response | None) -> None:
        """Take note of an item that is stored; one of ``start()`` came of no response."""
        if response is None:
            asyncio.get_running_loop().call_later(_SETTLED_SECONDS, self._count_stored)

    def _count_stored(self) -> None:
        self.being_stored -= 1

    async def all_stored(self) -> None:
        """Wait until no item is being stored."""
        while self.being_stored:
            await asyncio.sleep(_SETTLED_SECONDS)


async def items_stored(crawler: Crawler) -> None:
    """Wait until no item of ``start()`` is being stored."""
    items = crawler.get_spider_middleware(StartItems)
    if items is not None:
        await items.all_stored()


class PortalCrawler(Crawler):
    """Scrapy's crawler, which stops when no item of ``start()`` is being stored."""

    async def stop_async(self) -> None:
        """Stop."""
        if self.crawling and self.engine.running:
            await items_stored(self)
        await super().stop_async()
