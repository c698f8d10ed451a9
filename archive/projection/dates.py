"""The dates of one report: of its first edition as it was held, and of the listing that named it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from archive.assessment.calendar import day_begins, local_day
from archive.assessment.facts import DateFact
from archive.projection.binding import Bound
from archive.projection.leads import LookLead
from archive.projection.witnesses import last_modified, url_dates
from storage.records import DatedWitness, Reading

_DECLARED = frozenset({"metadata", "listing"})


@dataclass(frozen=True, slots=True)
class Dated:
    """A date, since when it is known, and whether the publisher declares it. ``held``: an edition was held by then."""

    witness: DatedWitness
    known: datetime
    declared: bool
    held: bool = True


def report_dates(edition: Sequence[Bound], listed: Iterable[LookLead]) -> tuple[Dated, ...]:
    """Give the dates of a report: of its first edition (whose visits are given, oldest first) and the first listing.

    What the text declares may have been readable only at a later visit of the same edition; what the answer itself
    says (its address, Last-Modified) is taken from the first, since a site made anew touches it.
    """
    found: list[Dated] = []
    if edition:
        found += _of_answers(edition[0])
    text = next((bound for bound in edition if bound.reading is not None and not bound.reading.unreadable), None)
    for bound in edition:
        if bound.reading is not None:
            dates = bound.reading.identity.dates
            kept = (w for w in dates if bound is edition[0] or bound is text or w.origin in _DECLARED)
            found += [Dated(w, bound.visit.at, w.origin in _DECLARED) for w in kept]
    dated = [row for row in listed if row.lead.listed is not None]
    if dated:
        found += _of_listing(min(dated, key=lambda row: (row.at, row.link.url)), edition)
    return _since_when(found)


def _since_when(found: Iterable[Dated]) -> tuple[Dated, ...]:
    """Give each date once, since it was first known: every visit of a page finds its dates again."""
    first: dict[tuple[DatedWitness, bool, bool], Dated] = {}
    for dated in found:
        same = (dated.witness, dated.declared, dated.held)
        if same not in first or dated.known < first[same].known:
            first[same] = dated
    return tuple(first.values())


def days_of(reading: Reading, origin: str) -> list[date]:
    """Give the days, in China, of the dates of one origin that a document itself gives, in their order."""
    return [local_day(witness.at) for witness in reading.identity.dates if witness.origin == origin]


def _of_answers(first: Bound) -> Iterator[Dated]:
    at = first.visit.at
    for capture in (first.visit.main, *first.visit.parts):
        witnesses = [*url_dates(capture.url, until=at), last_modified(capture)]
        yield from (Dated(witness, at, False) for witness in witnesses if witness is not None)
    for _, reading in first.parts:
        yield from (Dated(w, at, False) for w in reading.identity.dates if w.origin == "signature")


def _of_listing(row: LookLead, edition: Sequence[Bound]) -> Iterator[Dated]:
    """Give the listing's date: until an edition is held it declares nothing about one."""
    assert row.lead.listed is not None
    text = row.link.listed or row.lead.listed.isoformat()
    witness = DatedWitness(origin="listing", at=day_begins(row.lead.listed).astimezone(UTC), text=text)
    held = edition[0].visit.at if edition else None
    if held is None or held > row.at:
        yield Dated(witness, row.at, True, held=False)
    if held is not None:
        yield Dated(witness, max(row.at, held), True)


def date_facts(
    dates: Iterable[Dated], shared: Mapping[tuple[str, date], datetime], edition: Sequence[Bound]
) -> tuple[DateFact, ...]:
    """Turn dates into facts; ``edition``: the visits of the report's first edition, oldest first."""
    corrected = any(bound.reading is not None and bound.reading.identity.corrected for bound in edition)
    return tuple(
        DateFact(
            origin=dated.witness.origin,
            day=local_day(dated.witness.at),
            text=dated.witness.text,
            known_from=dated.known,
            declared=dated.declared,
            corrected=dated.declared and corrected,
            shared_from=shared.get((dated.witness.origin, local_day(dated.witness.at))),
            held=dated.held,
        )
        for dated in dates
    )
