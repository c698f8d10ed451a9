"""Short ways to write facts. Times are Beijing time: ``t("2026-02-01 09:00")``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from archive.assessment.deadlines import duty
from archive.assessment.facts import DateFact, DutyFacts, LookFact, ScopeEntry, Sighting, Validity
from archive.assessment.scopes import Scopes, Span
from storage.records import (
    SHANGHAI,
    Agency,
    AgencyKind,
    Duty,
    Listing,
    ListingForm,
    LookOutcome,
    Ruling,
    StatusInterval,
)

BIRTH = datetime(2020, 1, 1, tzinfo=SHANGHAI)
COLUMN = "wenshang:nianbao"
MINUTE = timedelta(minutes=1)
#: When the listings of a portal were written down.
BORN = datetime(2026, 1, 1, tzinfo=SHANGHAI)


def t(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def day(text: str) -> date:
    return date.fromisoformat(text)


def a_duty(kind: AgencyKind = AgencyKind.DEPARTMENT, year: int = 2025, *, guessed: bool = False) -> Duty:
    agency = Agency(id="wenshang/sfj", portal="wenshang", name="", kind=kind, guessed=guessed, recorded_at=BIRTH)
    return duty(agency, year)


def a_scope(listing: str = COLUMN, **more: object) -> ScopeEntry:
    return ScopeEntry(**{"listing": listing, "reason": "structure", "known_from": BIRTH, **more})  # type: ignore[arg-type]


def a_look(at: str, listing: str = COLUMN, **more: object) -> LookFact:
    times = {"started": t(at), "finished": t(at) + MINUTE}
    values = {"id": f"{listing}@{at}", "listing": listing, "outcome": LookOutcome.OK, **times, **more}
    return LookFact(**values)  # type: ignore[arg-type]


def shown_by(look: LookFact, **more: object) -> Sighting:
    values = {"at": look.started, "known_from": look.finished, "look": look.id, "listing": look.listing, **more}
    return Sighting(**{"url": "http://x.gov.cn/1.html", **values})  # type: ignore[arg-type]


def a_page(at: str, **more: object) -> Sighting:
    values = {"at": t(at), "known_from": t(at), "capture": f"c@{at}", **more}
    return Sighting(**{"url": "http://x.gov.cn/1.html", **values})  # type: ignore[arg-type]


def a_date(day_text: str, known: str, origin: str = "metadata", *, shared: bool = False, **more: object) -> DateFact:
    values = {"origin": origin, "day": day(day_text), "text": day_text, "declared": origin in {"metadata", "listing"}}
    known_from = t(known)
    times = {"known_from": known_from, "shared_from": known_from if shared else None}
    return DateFact(**{**values, **times, **more})  # type: ignore[arg-type]


def a_life(valid_from: date | None = None, valid_to: date | None = None) -> tuple[Validity, ...]:
    return (Validity(known_from=BIRTH, valid_from=valid_from, valid_to=valid_to),)


def some_facts(owed: Duty | None = None, **more: object) -> DutyFacts:
    values = {"duty": owed or a_duty(), "agency_name": "汶上县司法局", "known_from": BIRTH, "scope": (a_scope(),)}
    return DutyFacts(**{**values, **more})  # type: ignore[arg-type]


def status_at(intervals: Sequence[StatusInterval], as_of: datetime) -> StatusInterval | None:
    """The interval of a history that holds at a time, None before the duty was known."""
    holding = (one for one in reversed(intervals) if one.since <= as_of and (one.until is None or as_of < one.until))
    return next(holding, None)


#: That a report of an agency on a year is known to have been shown on a listing, and since when.
Appearance = tuple[tuple[str, str, int], datetime]


def listing(key: str = "main", **more: object) -> Listing:
    values = {"id": f"w:{key}", "portal": "w", "url": "http://x/", "form": ListingForm.COLUMN, "recorded_at": BORN}
    return Listing(**{**values, **more})  # type: ignore[arg-type]


def scope(
    agency: Agency,
    year: int,
    rows: Iterable[Listing],
    seen: Iterable[Appearance] = (),
    rulings: Iterable[Ruling] = (),
    kinds: Mapping[str, AgencyKind] | None = None,
    no_listings: Mapping[str, tuple[Span, ...]] | None = None,
) -> tuple[ScopeEntry, ...]:
    """The listings that speak for a report, of rows and appearances in any order."""
    listings: dict[str, list[Listing]] = {}
    for row in sorted(rows, key=lambda row: (row.id, row.recorded_at)):
        listings.setdefault(row.id, []).append(row)
    appearances = dict(sorted(seen, key=lambda one: one[1], reverse=True))
    return Scopes(listings, appearances, rulings, kinds or {}, no_listings or {}).entries_for(agency, year)
