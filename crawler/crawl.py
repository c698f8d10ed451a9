"""Scrapy's command ``crawl``, except that an archive which cannot be opened is reported before anything is started."""

from __future__ import annotations

import argparse

from scrapy.commands import crawl
from scrapy.exceptions import UsageError

from crawler.errors import CrawlError
from crawler.extensions import PortalCrawler
from crawler.net.guard import imitated_hosts
from storage.errors import StorageError
from storage.home import open_home


class Command(crawl.Command):
    """Crawl a portal; exit code 2 if the archive cannot be opened, or nobody plays its imitation portals."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl the portal named in ``args``; set ``exitcode``. Raises UsageError if the archive cannot be opened."""
        assert self.settings is not None
        assert self.crawler_process is not None
        if len(args) != 1:
            raise UsageError
        try:
            open_home().close()
            imitated_hosts(self.settings)
        except (StorageError, CrawlError) as error:
            raise UsageError(f"nothing was asked: {error}", print_help=False) from error
        portal = self.crawler_process.spider_loader.load(args[0])
        self.crawler_process.crawl(PortalCrawler(portal, self.settings, init_reactor=True), **opts.spargs)
        self.crawler_process.start()
        self.exitcode = int(self.crawler_process.bootstrap_failed)
