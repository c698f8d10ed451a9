"""One test for all portals: recorded pages → looks and leads, through the real spider; blocked, changed, paged variants."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import asyncio
import json
import os
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from archive.identity.leads import lead_of
from crawler import portals
from crawler.lists.list_page import Page
from crawler.lists.list_requests import Step
from crawler.looks.addressed import addressed_looks
from crawler.looks.columns import column_looks
from crawler.looks.crawl_context import Fetched
from crawler.net.guard import Territory
from crawler.net.response_verdict import Verdict, decode, judge
from crawler.onboarding.recording import PAGES, Recording, read_recording
from crawler.onboarding.replay import Held, HeldRenderer, Key
from crawler.rendering.rendered_page import Rendering
from crawler.spider import PortalSpider
from storage.records import (
    Capture,
    CaptureOutcome,
    CaptureRole,
    Extraction,
    Lead,
    Link,
    Listing,
    Look,
    LookOutcome,
)

FOLDER = Path(__file__).with_name("portals")
NOW = datetime(2026, 2, 1, 1, tzinfo=UTC)
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/pages.toml"))


class Recorded:
    """Stands for a session: answers from recorded pages, keeps looks in memory. No network, no archive, no browser."""

    tries = plain = False  # what is recorded as rendered is shown

    def __init__(self, spider: PortalSpider, pages: dict[Key, Held], rendered: dict[str, Rendering]) -> None:
        self.spider, self.pages, self.rendered = spider, pages, rendered
        self.answered: dict[str, Fetched] = {}
        self.clock = SimpleNamespace(now=lambda: NOW)
        self.territory = Territory(tuple(spider.hosts))
        self.portal = portals.portal_record(type(spider), NOW)
        self.agencies = portals.agencies(type(spider), NOW)
        self.listings: tuple[Listing, ...] = portals.columns(type(spider), self.agencies, NOW)
        self.run = SimpleNamespace(id="run")
        self.counts: Counter[str] = Counter()
        self.notes: list[str] = []
        self.known: dict[str, Capture] = {}
        self.parts_asked: set[str] = set()
        self.stored: list[tuple[Look, Extraction]] = []
        self.put: dict[str, Listing] = {row.id: row for row in self.listings}
        self.writer = SimpleNamespace(flush=lambda: None)
        self.store = SimpleNamespace(last=lambda url: None)
        self.observations = SimpleNamespace(
            add_look=lambda look, extraction: self.stored.append((look, extraction)), rulings=lambda: ()
        )
        self.registry = SimpleNamespace(
            put_listing=self._put, put_listings=lambda rows: [self._put(row) for row in rows]
        )

    def _put(self, listing: Listing) -> None:
        self.put[listing.id] = listing

    def lead_of(self, link: Link, listing: Listing) -> Lead:
        return lead_of(link, listing, self.portal, self.agencies)

    async def fetch(
        self,
        url: str,
        *,
        role: CaptureRole,
        refine: Callable[[Page], Verdict] | None = None,
        step: Step | None = None,
        **_: Any,
    ) -> Fetched:
        held = self.pages.get((url, step.form if step is not None else None), self.pages.get(("*", None)))
        body, at = (held.body, url if held.url == "*" else held.url) if held is not None else (b"gone", url)
        verdict = judge(200 if held is not None else 404, body, url=at)
        if held is not None and held.outcome is not CaptureOutcome.PAGE:
            verdict = Verdict(held.outcome, held.reason)
        if refine is not None and verdict.outcome is CaptureOutcome.PAGE:
            verdict = refine(Page(at, decode(body)))
        capture = Capture(
            id=url,
            run="run",
            portal=self.portal.name,
            role=role,
            url=at,
            requested=url,
            fetched_at=NOW,
            outcome=verdict.outcome,
        )
        return Fetched(at, verdict, (capture,), body)


def crawl(kind: type[PortalSpider], pages: dict[Key, Held], rendered: dict[str, Rendering] | None = None) -> Recorded:
    spider = kind(name=kind.name)
    session = Recorded(spider, pages, rendered or {})
    spider.session = session
    spider.renderer = HeldRenderer(session, None)  # type: ignore[arg-type]

    async def all_looks() -> None:
        for looks in (column_looks(spider), addressed_looks(spider)):
            async for _ in looks:
                pass

    asyncio.run(all_looks())
    return session


def recorded(name: str) -> Recording:
    """What is recorded of a portal: written by hand, or as ``nianbao portal add`` writes it."""
    return read_recording(FOLDER / name)


def paged(name: str) -> dict[str, str]:
    """Which listing has a further page, and its address; {} where the recording does not say."""
    found: dict[str, str] = tomllib.loads((FOLDER / name / PAGES).read_text(encoding="utf-8")).get("paged", {})
    return found


def leads(session: Recorded) -> list[dict[str, Any]]:
    found = []
    for look, extraction in session.stored:
        for link in extraction.links:
            lead = lead_of(link, session.put[look.listing], session.portal, session.agencies)
            found.append(
                {
                    "listing": look.listing,
                    "title": link.text,
                    "url": link.url,
                    "listed": link.listed,
                    "is_report": lead.is_report,
                    "agency": lead.agency,
                    "year": lead.year,
                }
            )
    return found


@pytest.mark.parametrize("name", NAMES)
def test_recorded_pages_give_the_leads_that_were_blessed(name: str) -> None:
    held = recorded(name)
    session = crawl(portals.find(name), held.pages, held.rendered)
    assert {look.outcome for look, _ in session.stored} == {LookOutcome.OK}
    golden = FOLDER / name / "leads.json"
    if os.environ.get("NIANBAO_BLESS"):
        rows = ",\n".join(json.dumps(lead, ensure_ascii=False) for lead in leads(session))
        golden.write_text(f"[\n{rows}\n]\n", encoding="utf-8")
        pytest.fail(f"{golden.name} of {name} was written: read it, then run without NIANBAO_BLESS")
    assert leads(session) == json.loads(golden.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("page", "outcome"), [("blocked.html", LookOutcome.BLOCKED), ("changed.html", LookOutcome.CHANGED)]
)
def test_a_page_that_is_none_is_never_an_empty_list(name: str, page: str, outcome: LookOutcome) -> None:
    body = (FOLDER / page).read_bytes()
    pages = {key: replace(held, outcome=CaptureOutcome.PAGE, body=body) for key, held in recorded(name).pages.items()}
    session = crawl(portals.find(name), pages)
    outcomes = {look.outcome for look, _ in session.stored}
    assert outcomes == {outcome}
    assert not any(lead["title"] for lead in leads(session))  # an address in doubt is kept, without a title


@pytest.mark.parametrize("name", [name for name in NAMES if paged(name)])
def test_a_promised_page_that_is_missing_makes_the_look_partial(name: str) -> None:
    pages, said = recorded(name).pages, paged(name)
    del pages[said["without"], None]
    outcomes = {look.listing: look.outcome for look, _ in crawl(portals.find(name), pages).stored}
    assert outcomes[said["listing"]] is LookOutcome.PARTIAL


def test_every_portal_of_the_project_has_recorded_pages() -> None:
    assert sorted(portals.classes()) == NAMES


def test_a_portal_is_attributes_only_and_imports_its_family_and_nothing_else() -> None:
    for path in Path(FOLDER.parent.parent, "spiders").glob("*/[a-z]*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= portals.LINES
        imports = [line for line in lines if line.startswith(("import ", "from "))]
        assert len(imports) == 1
        assert imports[0].startswith("from crawler.cms.")
        assert not any(line.strip().startswith(("def ", "async ", "@")) for line in lines)
