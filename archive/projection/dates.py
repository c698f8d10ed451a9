"""The dates of one report: of its first visit, and of the listing that named it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime

from archive.assessment.calendar import day_begins, local_day
from archive.assessment.facts import DateFact
from archive.projection.binding import Bound
from archive.projection.leads import LookLead
from archive.projection.witnesses import last_modified, url_dates
from storage.records import DatedWitness

#: A witness, since when it is known, and whether it is a date that the publisher declares.
Dated = tuple[DatedWitness, datetime, bool]
_DECLARED = frozenset({"metadata", "listing"})


def report_dates(first: Bound, listed: Iterable[LookLead]) -> tuple[Dated, ...]:
    """Give the dates of a report as first held: of the first visit (page, addresses, answers) and the first listing."""
    visit = first.visit
    found: list[Dated] = []
    if first.reading is not None:
        found += [(witness, visit.at, witness.origin in _DECLARED) for witness in first.reading.identity.dates]
    for capture in (visit.main, *visit.parts):
        witnesses = [*url_dates(capture.url, until=visit.at), last_modified(capture)]
        found += [(witness, visit.at, False) for witness in witnesses if witness is not None]
    for _, reading in first.parts:
        found += [(w, visit.at, False) for w in reading.identity.dates if w.origin == "signature"]
    dated = [row for row in listed if row.lead.listed is not None]
    if dated:
        row = min(dated, key=lambda row: (row.at, row.link.url))
        assert row.lead.listed is not None
        text = row.link.listed or row.lead.listed.isoformat()
        found.append(
            (DatedWitness(origin="listing", at=day_begins(row.lead.listed).astimezone(UTC), text=text), row.at, True)
        )
    return tuple(dict.fromkeys(found))


def date_facts(
    dates: Iterable[Dated], shared: Mapping[tuple[str, date], datetime], visits: Sequence[Bound]
) -> tuple[DateFact, ...]:
    """Turn dates into facts; ``visits`` are those of the report, oldest first."""
    corrected = bool(visits) and visits[0].reading is not None and visits[0].reading.identity.corrected
    return tuple(
        DateFact(
            origin=witness.origin,
            day=local_day(witness.at),
            text=witness.text,
            known_from=known,
            declared=declared,
            shared=(witness.origin, local_day(witness.at)) in shared,
            corrected=declared and corrected,
            shared_from=shared.get((witness.origin, local_day(witness.at))),
        )
        for witness, known, declared in dates
    )
