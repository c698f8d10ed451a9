"""The extension that opens and closes the archive of a crawl, and what lets a crawl be stopped at any time."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import ExitStack
from functools import cache, partial
from platform import python_version
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler import portals
from crawler.crawl_run import HINDRANCES, CrawlPart, CrawlRun, RunHolder, extension_of
from crawler.net.failures import HostHealth
from crawler.net.politeness import hold_machines, lock_names, machine_of
from crawler.spider import EXTRACTOR_VERSION, PortalSpider
from storage.captures import CaptureWriter
from storage.errors import DiskError
from storage.home import open_home
from storage.mending import end_cut_runs, mend, version
from storage.records import Run
from storage.registry import Registry

RUN_BEGUN, WAITING = object(), object()  # Scrapy signals, with the argument ``run`` or ``machine``
MAX_UNACKNOWLEDGED = 200  # captures written in one group if the delay is under a second; at the latest after two
_SETTLED_SECONDS = 0.005  # after which Scrapy knows that an item is stored
_PACKAGES = ("nianbao", "Scrapy", "Twisted")
_ASKING = (  # settings of Scrapy's and ours that say how was asked
    *("DOWNLOAD_DELAY", "DOWNLOAD_DELAY_JITTER", "CONCURRENT_REQUESTS_PER_DOMAIN", "ROBOTSTXT_OBEY", "RETRY_TIMES"),
    *("REDIRECT_MAX_TIMES", "DOWNLOAD_MAXSIZE", "DOWNLOAD_TIMEOUT", "NIANBAO_PAGE_BUDGET", "COOKIES_ENABLED"),
    "DEFAULT_REQUEST_HEADERS",
)
_HEADS = (
    "Bodies are as sent, their Content-Encoding kept. Heads are written from what the HTTP client gave: as HTTP/1.1, "
    "with the registered phrase of the status and header names in canonical case; Transfer-Encoding is undone and "
    "Content-Length is that of the body; Cookie and Authorization are not sent or not kept."
)
log = logging.getLogger(__name__)


def how_asked(settings: BaseSettings) -> dict[str, str]:
    """Return fields of a warcinfo record: versions, user agent, and as JSON the settings that affect requests."""
    configuration = {name: settings.get(name) for name in _ASKING} | {"protocol": "HTTP/1.1"}
    return {
        "software": " ".join([*(f"{name}/{version(name)}" for name in _PACKAGES), f"Python/{python_version()}"]),
        "http-header-user-agent": str(settings["USER_AGENT"]),
        "description": _HEADS,
        "configuration": json.dumps(configuration, ensure_ascii=True, sort_keys=True, default=dict),
    }


class ArchiveExtension(RunHolder):
    """Opens the archive when a portal's ``start()`` calls :meth:`begin`; so ``scrapy fetch``, ``shell`` and
    ``view`` need no archive. ``error``: the first error of the crawl, or the one that would stop any other crawl too.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.error: BaseException | None = None
        self._locks = ExitStack()
        crawler.signals.connect(self.spider_closed, signals.spider_closed)
        crawler.signals.connect(self.failed, signals.spider_error)
        crawler.signals.connect(self.failed, signals.item_error)

    async def begin(self) -> CrawlRun:
        """Open the archive, wait for other crawls of the portal's machines, begin a run, and end those cut off."""
        spider = self.crawler.spider
        assert isinstance(spider, PortalSpider)
        home = open_home()
        locks = hold_machines(home.locks, lock_names(spider), home.config.delay, self._tell_waiting)
        await asyncio.to_thread(self._locks.enter_context, locks)
        purpose = str(getattr(spider, "purpose", "") or "crawl")
        record = Run(id=uuid.uuid4().hex, portal=spider.name, purpose=purpose, started=home.clock.now())
        portal, agencies, listings = portals.register(Registry(home), spider, record.started)
        classes = cache(partial(portals.classes, home.path))  # loaded only if a server's clock differs from ours
        group = 1 if home.config.delay >= 1 else MAX_UNACKNOWLEDGED
        self.run = run = CrawlRun(
            home=home, record=record, portal=portal, agencies=agencies, listings=listings, stats=self.crawler.stats,
            writer=CaptureWriter(home, record, group=group, about=how_asked(self.crawler.settings)),
            extractor=f"{spider.family}/{EXTRACTOR_VERSION}", machine=lambda name: machine_of(classes(), name),
        )  # fmt: skip
        mend(home)
        run.observations.start_run(record)
        run.writer.__enter__()  # left by its finish()
        for cut in end_cut_runs(home):  # none, if a program that runs several crawls did this before
            log.warning("%s: %s", cut.portal, cut.notes[0])
        self.crawler.signals.send_catch_log(RUN_BEGUN, run=record.id)
        return run

    def failed(self, failure: Failure) -> None:
        """Note the first error; but one that would stop any other crawl too (a hindrance: full disk, wrong clock) takes
        the place of another, and ends the crawl once the items so far are stored.
        """
        is_hindrance = isinstance(failure.value, HINDRANCES)
        if isinstance(self.error, HINDRANCES) or (self.error is not None and not is_hindrance):
            return
        self.error = failure.value
        if self.run is None or not is_hindrance:
            return

        async def close() -> None:
            await items_stored(self.crawler)
            await self.crawler.engine.close_spider_async(reason="hindered")

        asyncio.ensure_future(close())  # noqa: RUF006

    def spider_closed(self, reason: str) -> None:
        """End the run, if it was begun, release the locks, and close the archive."""
        if self.run is None:
            return
        health = extension_of(self.crawler, HostHealth)
        try:
            self.run.finish(reason, self.error, health.notes, hosts_left=bool(health.left))
        except DiskError as error:
            self.error = error
        finally:
            self._locks.close()
            self.run.home.close()

    def _tell_waiting(self, machine: str) -> None:
        self.crawler.signals.send_catch_log(WAITING, machine=machine)
        log.info("waiting for another crawl of %s", machine)


class StartItems(CrawlPart):
    """A spider middleware that lets ``start()`` go on only when the item that it yielded is stored.

    Scrapy does not notice when such an item is stored (scrapy/scrapy#7029): a crawl would end five seconds late, and
    one that is asked to end meanwhile would never end. So ``start()`` and the end of a crawl wait for each item.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.is_stored = asyncio.Event()
        self.is_stored.set()
        for signal in (signals.item_scraped, signals.item_dropped, signals.item_error):
            crawler.signals.connect(self._note_stored, signal)

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Pass items and requests on; wait until each item is stored."""
        async for item in start:
            if not isinstance(item, Request):
                self.is_stored.clear()
            yield item
            await self.is_stored.wait()

    def _note_stored(self, response: Response | None) -> None:
        if response is None:  # an item of a callback, not of start()
            asyncio.get_running_loop().call_later(_SETTLED_SECONDS, self.is_stored.set)


async def items_stored(crawler: Crawler) -> None:
    """Wait until no item of ``start()`` is being stored."""
    items = crawler.get_spider_middleware(StartItems)
    if items is not None:
        await items.is_stored.wait()


class PortalCrawler(Crawler):
    """Scrapy's crawler, but stopping waits until no item of ``start()`` is being stored."""

    async def stop_async(self) -> None:
        """Wait for the item that is being stored, then stop."""
        if self.crawling and self.engine.running:
            await items_stored(self)
        await super().stop_async()
