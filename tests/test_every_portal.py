"""One test for all portals: recorded pages → looks and leads, through the real spider; blocked, changed, paged variants."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import asyncio
import json
import os
import tomllib
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from archive.identity.leads import lead_of
from crawler import portals
from crawler.addressed import addressed_looks
from crawler.columns import column_looks
from crawler.families.lists import Page
from crawler.families.portal import PortalSpider
from crawler.guard import Territory
from crawler.quality import Verdict, decode, judge
from crawler.session import Fetched
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
    """Stands for a session: answers from recorded pages, keeps looks in memory. No network, no archive."""

    def __init__(self, spider: PortalSpider, pages: dict[str, bytes]) -> None:
        self.spider, self.pages = spider, pages
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
        self.observations = SimpleNamespace(add_look=lambda look, extraction: self.stored.append((look, extraction)))
        self.registry = SimpleNamespace(
            put_listing=self._put, put_listings=lambda rows: [self._put(row) for row in rows]
        )

    def _put(self, listing: Listing) -> None:
        self.put[listing.id] = listing

    def lead_of(self, link: Link, listing: Listing) -> Lead:
        return lead_of(link, listing, self.portal, self.agencies)

    async def fetch(
        self, url: str, *, role: CaptureRole, refine: Callable[[Page], Verdict] | None = None, **_: Any
    ) -> Fetched:
        body = self.pages.get(url, self.pages.get("*"))
        status = 404 if body is None else 200
        verdict = judge(status, body or b"gone", url=url)
        if refine is not None and verdict.outcome is CaptureOutcome.PAGE:
            verdict = refine(Page(url, decode(body or b"")))
        capture = Capture(
            id=url,
            run="run",
            portal=self.portal.name,
            role=role,
            url=url,
            requested=url,
            fetched_at=NOW,
            outcome=verdict.outcome,
        )
        return Fetched(url, verdict, (capture,), body or b"")


def crawl(name: str, pages: dict[str, bytes]) -> Recorded:
    spider = portals.find(name)(name=name)
    session = Recorded(spider, pages)
    spider.session = session  # type: ignore[assignment]

    async def all_looks() -> None:
        for looks in (column_looks(spider), addressed_looks(spider)):
            async for _ in looks:
                pass

    asyncio.run(all_looks())
    return session


def recorded(name: str) -> tuple[dict[str, bytes], dict[str, str]]:
    written = tomllib.loads((FOLDER / name / "pages.toml").read_text(encoding="utf-8"))
    return {url: (FOLDER / name / file).read_bytes() for url, file in written["pages"].items()}, written.get(
        "paged", {}
    )


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
    session = crawl(name, recorded(name)[0])
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
    session = crawl(name, dict.fromkeys(recorded(name)[0], body))
    outcomes = {look.outcome for look, _ in session.stored}
    assert outcomes == {outcome}
    assert not any(lead["title"] for lead in leads(session))  # an address in doubt is kept, without a title


@pytest.mark.parametrize("name", [name for name in NAMES if recorded(name)[1]])
def test_a_promised_page_that_is_missing_makes_the_look_partial(name: str) -> None:
    pages, paged = recorded(name)
    del pages[paged["without"]]
    outcomes = {look.listing: look.outcome for look, _ in crawl(name, pages).stored}
    assert outcomes[paged["listing"]] is LookOutcome.PARTIAL


def test_every_portal_of_the_project_has_recorded_pages() -> None:
    assert sorted(portals.classes()) == NAMES


def test_a_portal_is_attributes_only_and_imports_its_family_and_nothing_else() -> None:
    for path in Path(FOLDER.parent.parent, "spiders").glob("*/[a-z]*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= portals.LINES
        imports = [line for line in lines if line.startswith(("import ", "from "))]
        assert len(imports) == 1
        assert imports[0].startswith("from crawler.families.")
        assert not any(line.strip().startswith(("def ", "async ", "@")) for line in lines)
