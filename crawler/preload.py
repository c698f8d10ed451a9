"""Imports what every crawl needs, in the server that forks workers, which halves the time of a crawl's start.

Scrapy would import most of it by name when a crawl begins. Nothing here may start a thread, install a reactor, open a
database or read the environment (so ``crawler.settings`` is not imported).
"""

from __future__ import annotations

import gc
from importlib import import_module

from scrapy.settings import default_settings
from scrapy.utils.misc import walk_modules_iter

from archive.identity.classification import classify

_MODULES = (
    "crawler.cms", "crawler.lists.list_reader", "crawler.operations.child", "crawler.pipelines", "scrapy.core.engine",
    "scrapy.squeues", "twisted.internet.asyncioreactor", "sqlalchemy.dialects.sqlite.pysqlite",
)  # fmt: skip
_COMPONENTS = ("EXTENSIONS_BASE", "DOWNLOADER_MIDDLEWARES_BASE", "SPIDER_MIDDLEWARES_BASE")
_CLASSES = ("SCHEDULER", "DUPEFILTER_CLASS", "STATS_CLASS", "LOG_FORMATTER", "SCHEDULER_PRIORITY_QUEUE")

list(walk_modules_iter("crawler.net"))
for _name in _MODULES:
    import_module(_name)
for _name in (  # also those that our settings switch off
    *(name for kind in _COMPONENTS for name in getattr(default_settings, kind)),
    *(getattr(default_settings, kind) for kind in _CLASSES),
):
    import_module(_name.rpartition(".")[0])
classify("汶上县司法局2022年政府信息公开工作年度报告", None)  # so the words for links are read, their patterns compiled
gc.freeze()  # these objects stay to the end, so garbage collection can skip them
