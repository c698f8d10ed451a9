"""One test for all portals: recorded pages → looks and leads, through the real spider; blocked, changed, paged variants."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from archive.identity.classification import lead_of
from crawler import portals
from crawler.onboarding.recording import PAGES, Recording, read_recording
from crawler.spider import PortalSpider
from storage.records import (
    CaptureOutcome,
    LookOutcome,
)
from tests.answering_source import AnsweringSource, held, look_at_all
from tests.old_replay import Held, Key

FOLDER = Path(__file__).with_name("portals")
NOW = datetime(2026, 2, 1, 1, tzinfo=UTC)
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/pages.toml"))


def crawl(kind: type[PortalSpider], pages: dict[Key, Held]) -> AnsweringSource:
    source, agencies = AnsweringSource(NOW, held(pages)), portals.agencies(kind, NOW)
    columns = portals.columns(kind, agencies, NOW)
    look_at_all(source, kind(name=kind.name), portals.portal_record(kind, NOW), agencies, tuple(columns))
    return source


def recorded(name: str) -> dict[Key, Held]:
    """What is recorded of a portal: written by hand, or as ``nianbao portal add`` writes it."""
    return pages_of(read_recording(FOLDER / name))


def pages_of(recording: Recording) -> dict[Key, Held]:
    return {
        (url, tuple(parse_qsl(posted, keep_blank_values=True)) if posted is not None else None): Held(
            one.url, one.outcome, one.reason, one.body
        )
        for (url, posted), one in recording.answers.items()
    }


def paged(name: str) -> dict[str, str]:
    """Which listing has a further page, and its address; {} where the recording does not say."""
    found: dict[str, str] = tomllib.loads((FOLDER / name / PAGES).read_text(encoding="utf-8")).get("paged", {})
    return found


def leads(source: AnsweringSource) -> list[dict[str, Any]]:
    found = []
    for look in source.stored:
        for link in look.links:
            lead = lead_of(link, source.put[look.listing], source.portal, source.agencies)
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
    source = crawl(portals.find(name), recorded(name))
    assert {look.outcome for look in source.stored} == {LookOutcome.OK}
    golden = FOLDER / name / "leads.json"
    if os.environ.get("NIANBAO_BLESS"):
        rows = ",\n".join(json.dumps(lead, ensure_ascii=False) for lead in leads(source))
        golden.write_text(f"[\n{rows}\n]\n", encoding="utf-8")
        pytest.fail(f"{golden.name} of {name} was written: read it, then run without NIANBAO_BLESS")
    assert leads(source) == json.loads(golden.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("page", "outcome"), [("blocked.html", LookOutcome.BLOCKED), ("changed.html", LookOutcome.CHANGED)]
)
def test_a_page_that_is_none_is_never_an_empty_list(name: str, page: str, outcome: LookOutcome) -> None:
    body = (FOLDER / page).read_bytes()
    pages = {key: replace(one, outcome=CaptureOutcome.PAGE, body=body) for key, one in recorded(name).items()}
    source = crawl(portals.find(name), pages)
    outcomes = {look.outcome for look in source.stored}
    assert outcomes == {outcome}
    assert not any(lead["title"] for lead in leads(source))  # an address in doubt is kept, without a title


@pytest.mark.parametrize("name", [name for name in NAMES if paged(name)])
def test_a_promised_page_that_is_missing_makes_the_look_partial(name: str) -> None:
    pages, said = recorded(name), paged(name)
    del pages[said["without"], None]
    outcomes = {look.listing: look.outcome for look in crawl(portals.find(name), pages).stored}
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
