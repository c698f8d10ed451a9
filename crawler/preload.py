"""What every crawl imports, for the server from which workers are forked: it takes half the time of a crawl's start.

Scrapy imports most of it by name once a crawl begins. Nothing here may start a thread, install a reactor, open a
database or read the environment, as ``crawler.settings`` does.
"""

from __future__ import annotations

import gc
from importlib import import_module

from scrapy.settings import default_settings

from archive.identity.classification import classify
from crawler.lists.fetch import Answer
from crawler.lists.list_reader import read_list

_CRAWLER = (
    "crawler.operations.child",
    "crawler.extensions",
    "crawler.pipelines",
    "crawler.net.fingerprints",
    "crawler.net.host_health",
    "crawler.net.capture",
    "crawler.net.download_handler",
    "crawler.net.guard",
    "crawler.net.politeness",
    "crawler.net.redirects",
    "crawler.net.resolver",
    "crawler.cms.classes",
    "crawler.lists.looks",
)
_LIBRARIES = (
    "scrapy.core.engine",
    "scrapy.core.downloader.contextfactory",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.squeues",
    "twisted.internet.asyncioreactor",
    "twisted.web.client",
    "sqlalchemy.dialects.sqlite.pysqlite",
)
_COMPONENTS = ("EXTENSIONS_BASE", "DOWNLOADER_MIDDLEWARES_BASE", "SPIDER_MIDDLEWARES_BASE")
_CLASSES = ("SCHEDULER", "DUPEFILTER_CLASS", "STATS_CLASS", "LOG_FORMATTER", "SCHEDULER_PRIORITY_QUEUE")

for _name in (*_CRAWLER, *_LIBRARIES):
    import_module(_name)
for _kind in _COMPONENTS:  # those that our settings switch off are imported too
    for _name in getattr(default_settings, _kind):
        import_module(_name.rpartition(".")[0])
for _kind in _CLASSES:
    import_module(getattr(default_settings, _kind).rpartition(".")[0])


def _read_a_list() -> None:
    """Read one list, so that the data files and patterns that reading needs are read and compiled once, here."""
    row = "<li><a href='/nb/1.html'>财政局2024年政府信息公开工作年度报告</a><span>2025-01-20</span></li>"
    page = f"<title>年报</title><ul>{row}</ul>".encode()
    read_list(
        "http://localhost/nb/", lambda request: Answer(request, request.url, 200, page),
        lambda entry: classify(entry.title, entry.url).is_report,
    )  # fmt: skip


_read_a_list()
gc.freeze()  # all this is held to the end: the server does not look through it for garbage
