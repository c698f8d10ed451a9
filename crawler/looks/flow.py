"""How a crawl of one portal goes: looks first, then visits. Everything is stored by the session."""

from __future__ import annotations

from scrapy.crawler import Crawler

from crawler.looks.addressed import addressed_looks
from crawler.looks.columns import column_looks
from crawler.looks.crawl_context import Session
from crawler.looks.look_builder import Found
from crawler.rendering.render import Renderer
from crawler.spider import LOOKED, PortalSpider
from crawler.visits.report_visits import visit
from storage.records import Look, LookOutcome


class Flow:
    """One crawl; made by the spider before Scrapy builds its middlewares (setting ``NIANBAO_FLOW``)."""

    def __init__(self, spider: PortalSpider, crawler: Crawler) -> None:
        self.spider = spider
        self.session = spider.session = Session.open(spider, crawler)
        spider.renderer = Renderer(spider, self.session)

    async def run(self) -> None:
        """Look at every listing, then visit what the looks showed and what is due again."""
        found, addresses = list[tuple[Look, list[Found]]](), dict[str, str]()
        for looks in (column_looks(self.spider), addressed_looks(self.spider)):
            async for look, worth in looks:
                found.append((look, worth))
                if look.listing not in addresses:  # written down on the way
                    addresses = {row.id: row.url for row in self.session.registry.listings(self.spider.name)}
                self.session.tell(LOOKED, look=look, url=addresses.get(look.listing, ""))
        found.sort(key=_turn)
        await visit(self.spider, [item for _, worth in found for item in worth])


def _turn(of: tuple[Look, list[Found]]) -> int:
    """In which order the reports of lists are asked for: first those of lists that were read to their end, as they
    come; of the others the shortest first, so that one without an end costs no other list its part of the budget.
    """
    look, worth = of
    return 0 if look.outcome is LookOutcome.OK else 1 + len(worth)
