"""A probe in place of a crawl, and the edge between it and the scratch archive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scrapy.crawler import Crawler

from crawler import portals
from crawler.looks.crawl_context import Session
from crawler.onboarding.probe import RECORDED, REQUEST, RESULT
from crawler.onboarding.probing.course import probe
from crawler.onboarding.probing.site import Site
from crawler.onboarding.recording import looks_of, write_recording
from crawler.onboarding.replay import Replay
from crawler.rendering.render import Renderer
from crawler.spider import PortalSpider

_MOST_LOOKED = 120  # requests of a fresh look at a recorded portal


class ProbeFlow:
    """A probe in place of a crawl (setting ``NIANBAO_FLOW``)."""

    def __init__(self, spider: PortalSpider, crawler: Crawler) -> None:
        self.spider = spider
        self.session = spider.session = Session.open(spider, crawler)
        self.browser = Renderer(spider, self.session)

    async def run(self) -> None:
        """Probe, and leave the result beside the scratch archive."""
        folder = self.session.home.path.parent
        wanted = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
        if "slug" in wanted:
            await self._look(folder, wanted)
            return
        site = Site(self.session, self.browser, wanted.get("requests"))
        found = await probe(site, wanted["url"])
        write_recording(folder / RECORDED, site.replay, [dict(row) for row in found.leads])
        (folder / RESULT).write_text(json.dumps(found.to_dict(), ensure_ascii=False), encoding="utf-8")

    async def _look(self, folder: Path, wanted: Mapping[str, Any]) -> None:
        """Look at the columns of a portal that is known, and leave what they show."""
        kind, now = type(self.spider), self.session.clock.now()
        spider = kind(name=kind.name)
        replay = Replay(now, {}, self.session, _MOST_LOOKED, browser=self.browser)
        known = portals.agencies(kind, now)
        columns = [row for row in portals.columns(kind, known, now) if row.id not in wanted["without"]]
        replay.stands_for(spider, portals.portal_record(kind, now), known, columns)
        leads = await looks_of(spider, replay)
        looks = {look.listing: (str(look.outcome), look.reason) for look, _ in replay.stored}
        if wanted["record"]:
            write_recording(folder / RECORDED, replay, leads)
        told = {"leads": leads, "looks": looks, "unrendered": self.browser.why}
        (folder / RESULT).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
