"""The portal that is probed: asks it, and shows its pages as the families would read them. Every page is asked for
once, whichever family reads it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from crawler import portals
from crawler.cms.classes import candidates, fallback
from crawler.discovery.found import Answer, Limits, PageSummary
from crawler.discovery.same_addresses import bare
from crawler.lists.list_page import Page
from crawler.looks.look_builder import failure, may_answer_later
from crawler.looks.page_reading import summarize_page
from crawler.net.fetching import FetchContext
from crawler.onboarding.probe import SAYS
from crawler.onboarding.replay import Replay
from crawler.rendering.render import Renderer
from crawler.spider import PortalSpider
from storage.records import SHANGHAI, CaptureOutcome, CaptureRole, Listing, ListingForm, LookOutcome, Note

NAME = "probe"


def say(code: str, **values: object) -> None:
    """A note for the person who waits, as a line for the parent process."""
    sys.stdout.write(SAYS + json.dumps(Note(code, values).plain) + "\n")
    sys.stdout.flush()


class Site:
    """See the module. ``portal`` is what is known of it so far; ``controlled``: whether anything answered with a
    challenge or a refusal; ``replay`` holds every answer. ``requests``: at most so many (None: as the rules say).
    """

    def __init__(self, spider: PortalSpider, browser: Renderer, requests: int | None) -> None:
        self.spider, self.browser = spider, browser
        self.allowed_hosts = spider.source.allowed_hosts
        self.limits = Limits.named("probe", **({"requests": requests} if requests else {}))
        self.now: datetime = spider.source.now()
        self.replay = Replay(self.now, {}, spider.source, self.limits.requests, browser=browser)
        self.portal = replace(portals.portal_record(type(spider), self.now), name=NAME)
        self.last_year = self.now.astimezone(SHANGHAI).year
        self.controlled = False
        self._readers: dict[type[PortalSpider], PortalSpider] = {}
        self.stand(fallback(), ())

    @property
    def has_requests_left(self) -> bool:
        """Whether it may be asked for anything more."""
        return self.replay.asked < self.limits.requests

    def stand(self, kind: type[PortalSpider], rows: Sequence[Listing]) -> PortalSpider:
        """Let a family read for this portal from the pages that are held."""
        spider = self._readers.setdefault(kind, kind(name=NAME))
        spider.hosts, spider.place = self.portal.hosts, self.portal.place
        self.replay.stands_for(spider, self.portal, (), rows)
        return spider

    async def ask(self, url: str, referer: str) -> Answer:
        """Fetch a page that a walk wants; what is held is not asked for again."""
        before = self.replay.asked
        fetched = await self.replay.fetch(FetchContext(CaptureRole.LISTING, url), referer=referer)
        asked = self.replay.asked - before
        if asked and self.replay.asked % 10 == 0:
            say("pages_asked", number=self.replay.asked)
        if fetched.verdict.outcome is CaptureOutcome.PAGE:
            return Answer(fetched.page, asked=asked)
        outcome, reason = failure(fetched)
        self.controlled = self.controlled or outcome is LookOutcome.BLOCKED
        return Answer(None, reason, asked=max(asked, int(fetched.spent)), may_answer_later=may_answer_later(fetched))

    def show(self, page: Page, column: str) -> PageSummary:
        """Read a page as the family that makes most of it would."""
        listing = self.listing(page.url, column)
        fetched = self.replay.answered.get(page.url)
        verdict = fetched.verdict.reason if fetched is not None else ""
        best = PageSummary()
        for kind, _ in candidates([page], most=3):
            self.stand(kind, ())
            made = summarize_page(self.replay, page, listing, verdict)
            if _worth(made) > _worth(best):
                best = made
            if made.reports or made.is_interface_page or made.divided:
                break
        return best

    async def render(self, page: Page) -> Page | None:
        """Return a page that scripts make, or whose list they make, as a browser shows it; None where none does."""
        say("page_by_script", url=page.url)
        made = await self.replay.browser.made(page.url)
        return made.page if made is not None else None

    def listing(self, url: str, title: str, form: ListingForm = ListingForm.COLUMN) -> Listing:
        """Return a place as a listing of the probe."""
        return Listing(
            id=f"{NAME}:{bare(url)[:200]}",
            portal=NAME,
            url=url,
            form=form,
            column=title,
            recorded_at=self.now,
        )


def _worth(made: PageSummary) -> tuple[int, bool, bool, bool]:
    """How much a family makes of a page."""
    return len(made.reports), made.is_interface_page or bool(made.divided), made.is_scripted, made.is_empty
