"""Determine the declared date of a report, what voids it, and the witnesses that contradict it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from archive.assessment.calendar import day_begins, local_day, year_over
from archive.assessment.facts import DateFact
from storage.records import DatedWitness


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the site itself says about the day of publication.

    ``day``: d, None if there is none or it is void. ``listed``: a listing date that holds although the metadata
    date is void, or no edition is held; it cannot accuse, only keep from accusing. ``sides``: metadata and listing
    date, those that are known and not void.
    """

    day: date | None = None
    listed: date | None = None
    sides: tuple[date, ...] = ()


def declared(dates: Sequence[DateFact], year: int, shown: datetime | None) -> Declared:
    """Return d: page metadata, else the listing date, of the first edition held.

    Void if before 1 January of ``year`` + 1, after ``shown`` (p), shared by many reports of several years (a
    migration), or if the text calls itself corrected and no earlier edition is held.
    """
    own = [fact for fact in dates if fact.declared and fact.held]
    meta = _earliest(fact for fact in own if fact.origin != "listing")
    listing = _earliest(fact for fact in own if fact.origin == "listing")
    choice = meta or listing
    if choice is None:
        named = _earliest(fact for fact in dates if fact.declared)
        return Declared(listed=None if named is None or _is_void(named, year, shown) else named.day)
    if any(fact.corrected for fact in own):
        return Declared()
    sound = [fact for fact in (meta, listing) if fact is not None and not _is_void(fact, year, shown)]
    return Declared(
        day=choice.day if choice in sound else None,
        listed=listing.day if listing is not None and listing in sound and choice not in sound else None,
        sides=tuple(fact.day for fact in sound),
    )


def witnesses(dates: Iterable[DateFact]) -> tuple[DateFact, ...]:
    """Return the dates that say "not before": of the document, its address, Last-Modified, object ids; shared ones
    say nothing.
    """
    return tuple(sorted((fact for fact in dates if not fact.declared and fact.shared_from is None), key=_order))


def as_witnesses(dates: Iterable[DateFact]) -> tuple[DatedWitness, ...]:
    """Return every date of the first edition as a reader should see it, declared ones included."""
    ordered = sorted(dates, key=_order)
    return tuple(
        dict.fromkeys(DatedWitness(origin=one.origin, at=day_begins(one.day), text=one.text) for one in ordered)
    )


def _is_void(fact: DateFact, year: int, shown: datetime | None) -> bool:
    early, late = local_day(year_over(year)), None if shown is None else local_day(shown)
    return fact.day < early or (late is not None and fact.day > late) or fact.shared_from is not None


def _earliest(facts: Iterable[DateFact]) -> DateFact | None:
    """Return the date that was known first; of several known at once the earliest day, in doubt for the agency."""
    return min(facts, key=lambda fact: (fact.known_from, fact.day, fact.text), default=None)


def _order(fact: DateFact) -> tuple[str, date, str]:
    return fact.origin, fact.day, fact.text
