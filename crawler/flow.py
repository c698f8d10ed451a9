"""How a crawl of one portal goes: looks first, then visits. Everything is stored by the session."""

from __future__ import annotations

from scrapy.crawler import Crawler

from crawler.addressed import addressed_looks
from crawler.columns import column_looks
from crawler.families.portal import LOOKED, PortalSpider
from crawler.rendering.render import Renderer
from crawler.session import Session
from crawler.visits import visit


class Flow:
    """One crawl; made by the spider before Scrapy builds its middlewares (setting ``NIANBAO_FLOW``)."""

    def __init__(self, spider: PortalSpider, crawler: Crawler) -> None:
        self.spider = spider
        self.session = spider.session = Session.open(spider, crawler)
        spider.renderer = Renderer(spider, self.session)

    async def run(self) -> None:
        """Look at every listing, then visit what the looks showed and what is due again."""
        found, addresses = [], dict[str, str]()
        for looks in (column_looks(self.spider), addressed_looks(self.spider)):
            async for look, worth in looks:
                found += worth
                if look.listing not in addresses:  # written down on the way
                    addresses = {row.id: row.url for row in self.session.registry.listings(self.spider.name)}
                self.session.tell(LOOKED, look=look, url=addresses.get(look.listing, ""))
        await visit(self.spider, found)
