"""The spider of a probe: a portal's spider whose start is a probe, and the edge between it and the scratch archive."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from crawler import portals
from crawler.onboarding.probe import RECORDED, REQUEST, RESULT, probe_text
from crawler.onboarding.probing.course import probe
from crawler.onboarding.probing.site import Site
from crawler.onboarding.recording import looks_of, write_recording
from crawler.onboarding.replay import Replay
from crawler.rendering.render import Renderer
from crawler.run_protocol import RunProtocol
from crawler.spider import PortalSpider

_MOST_LOOKED = 120  # requests of a fresh look at a recorded portal


class ProbeSpider(PortalSpider):
    """A probe in place of a crawl; mixed into the class of a portal (:func:`probing`)."""

    async def start(self) -> AsyncIterator[Any]:
        """Probe, and leave the result beside the scratch archive; nothing is yielded."""
        assert self.archive is not None
        self.run = run = await self.archive.open()
        browser = Renderer(self, self.fetcher, run)
        folder = run.home.path.parent
        wanted = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
        if "slug" in wanted:
            await self._look(folder, wanted, run, browser)
        else:
            site = Site(self, browser, wanted.get("requests"))
            found = await probe(site, wanted["url"])
            write_recording(folder / RECORDED, site.replay, [dict(row) for row in found.leads])
            (folder / RESULT).write_text(probe_text(found), encoding="utf-8")
        nothing: tuple[Any, ...] = ()
        for item in nothing:
            yield item

    async def _look(self, folder: Path, wanted: Mapping[str, Any], run: RunProtocol, browser: Renderer) -> None:
        """Look at the columns of a portal that is known, and leave what they show."""
        kind, now = type(self), run.clock.now()
        replay = Replay(now, {}, self.source, _MOST_LOOKED, browser=browser)
        known = portals.agencies(kind, now)
        columns = [row for row in portals.columns(kind, known, now) if row.id not in wanted["without"]]
        replay.stands_for(self, portals.portal_record(kind, now), known, columns)
        leads = await looks_of(replay)
        looks = {look.listing: (str(look.outcome), look.reason) for look in replay.stored}
        if wanted["record"]:
            write_recording(folder / RECORDED, replay, leads)
        result = {"leads": leads, "looks": looks, "unrendered": browser.why.plain if browser.why is not None else None}
        (folder / RESULT).write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")


def probing(portal: type[PortalSpider]) -> type[PortalSpider]:
    """Return the class of a portal with a probe in place of its crawl."""
    return type(portal.__name__, (ProbeSpider, portal), {"__module__": portal.__module__})
