"""Reports at addresses made of an organ's code and a year: found by a probe, and read again from a recording.

Which systems address reports so, and how codes and years are called there, is data (``discovery.toml``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.cms.classes import family_classes
from crawler.listing_specs import ListingSpec
from crawler.lists.addressed import REPORT, address_pattern, judge_answer
from crawler.lists.fetch import Answer, Fetch, Request
from crawler.lists.page import Page
from crawler.net.web_page import WebPage
from crawler.onboarding.organs import Template, templates
from crawler.onboarding.recording import Held, Key
from storage.records import Agency, CaptureOutcome, ListingForm, Note

MAX_TEMPLATES, MAX_ORGANS, SAMPLE, YEARS_BACK = 4, 6, 3, 20


@dataclass(frozen=True, slots=True)
class ByCode:
    """What was found. ``template``: the address that answers, None if none does; ``leads``: the reports that answered;
    ``notes``: what did not.
    """

    template: Template | None = None
    first_year: int | None = None
    leads: tuple[dict[str, Any], ...] = ()
    notes: tuple[Note, ...] = ()


def find_addressed(pages: Sequence[Page], this_year: int, fetch: Fetch) -> ByCode:
    """Find the addresses by organ and year that answer, and the first year that does."""
    notes: list[Note] = []
    for template in templates([WebPage(page.url, page.source) for page in pages])[:MAX_TEMPLATES]:
        if template.family not in family_classes():
            notes.append(Note("addresses_not_read", {"url": template.url}))
            continue
        leads: list[dict[str, Any]] = []
        firsts: list[int] = []
        for organ in sorted(template.organs, key=lambda organ: not organ.name.endswith("政府"))[:MAX_ORGANS]:
            own = _reports_of(template.url, organ.code, organ.name, this_year, fetch) if len(firsts) < SAMPLE else []
            leads += own
            firsts += [min(lead["year"] for lead in own)] if own else []
        if firsts:
            return ByCode(template, min(firsts), tuple(leads), tuple(notes))
        notes.append(Note("no_answer_at", {"url": template.url}))
    return ByCode(notes=tuple(notes))


def _reports_of(pattern: str, code: str, agency: str, this_year: int, fetch: Fetch) -> list[dict[str, Any]]:
    """Return an organ's unbroken run of reports (two years without one end it)."""
    found: list[dict[str, Any]] = []
    missed = 0
    for year in range(this_year - 1, this_year - 1 - YEARS_BACK, -1):
        url = pattern.replace("{code}", code).replace("{year}", str(year))
        entry = _entry(fetch(Request(url)), year)
        missed = 0 if entry is not None else missed + 1
        if entry is not None:
            found.append({"title": entry, "url": url, "agency": agency, "year": year, "listing": pattern})
        if missed >= (2 if found else 3):
            break
    return found


def _entry(answer: Answer, year: int) -> str | None:
    """Return the title of the report that an answer is; None if it is none."""
    judged = judge_answer(answer, year)
    return judged.entry.title if judged.outcome == REPORT and judged.entry is not None else None


def held_leads(
    specs: Iterable[ListingSpec], agencies: Sequence[Agency], portal: str, answers: Mapping[Key, Held]
) -> list[dict[str, Any]]:
    """Return the leads that answers at addresses of agencies and years give."""
    found: list[dict[str, Any]] = []
    pages = {url: held for (url, posted), held in answers.items() if held.outcome is CaptureOutcome.PAGE and not posted}
    for spec in specs:
        shape = address_pattern(spec.url) if spec.form is ListingForm.ADDRESSED else None
        for url, held in pages.items():
            year = next((year for year in range(2003, 2100) if shape and f"{year}" in url), 0)
            if shape is None or not shape.fullmatch(url):
                continue
            title = _entry(Answer(Request(url), held.url, 200, held.body), year)
            agency = next((one for one in agencies if one.code and one.code in url), None)
            if title is not None and agency is not None:
                listing = f"{portal}:{spec.key}/{agency.id.partition('/')[2]}/{year}"
                found.append({"listing": listing, "title": title, "url": url, "listed": None, "is_report": True,
                              "agency": agency.id, "year": year})  # fmt: skip
    return found
