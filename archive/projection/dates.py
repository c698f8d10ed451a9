"""The dates of reports: what page and listing declare, and what speaks against a day before them.

A date in an address is the day on which the content system made the page; an object id carries the second of its
making; Last-Modified is the server's. None of them says when a report was public, only that it was not before.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from archive.assessment.calendar import day_begins, local_day
from archive.assessment.facts import DateFact
from archive.projection.binding import Bound, Report
from archive.projection.leads import LookLead
from storage.records import SHANGHAI, Capture, DatedWitness, Reading

_DECLARED = frozenset({"metadata", "listing"})
#: A date that so many reports carry, so many of them on other years than the most, says when a site was moved or built,
#: not when they were published. One late report that is published beside those of the year makes no such date.
SHARED_REPORTS, SHARED_BY_OTHER_YEARS = 5, 2
#: A Last-Modified this close to the answer was made by the answer.
_JUST_NOW = timedelta(minutes=10)

_URL_DATES = (
    re.compile(r"(?<![a-z0-9])[tpw]0?(?P<y>20\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?:_|\d{3,})", re.IGNORECASE),
    re.compile(r"/(?P<y>20\d\d)/(?P<m>[01]?\d)[-/](?P<d>[0-3]?\d)/"),
    re.compile(r"/(?P<y>20\d\d)-(?P<m>[01]?\d)[-/](?P<d>[0-3]?\d)/"),
    re.compile(r"/(?P<y>20\d\d)(?P<m>[01]\d)/?(?P<d>[0-3]\d)/"),
)
_OBJECT_ID = re.compile(r"(?<![0-9a-z])([0-9a-f]{8})[0-9a-f]{16}(?![0-9a-z])", re.IGNORECASE)
_FIRST_WEB_YEAR = 2001


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


def url_dates(url: str, *, until: datetime) -> tuple[DatedWitness, ...]:
    """Dates printed in an address (``origin`` url) and in object ids (object_id), none later than ``until``."""
    found = []
    for pattern in _URL_DATES:
        match = pattern.search(url)
        if match is not None:
            at = _midnight(int(match["y"]), int(match["m"]), int(match["d"]))
            if at is not None and at <= until:
                found.append(DatedWitness(origin="url", at=at, text=match[0].strip("/")))
                break
    for match in _OBJECT_ID.finditer(url):
        at = datetime.fromtimestamp(int(match[1], 16), tz=UTC)
        if at.year >= _FIRST_WEB_YEAR and at <= until:
            found.append(DatedWitness(origin="object_id", at=at, text=match[0], day_only=False))
            break
    return tuple(found)


def _midnight(year: int, month: int, day: int) -> datetime | None:
    try:
        return datetime(year, month, day, tzinfo=SHANGHAI).astimezone(UTC)
    except ValueError:
        return None


def last_modified(capture: Capture) -> DatedWitness | None:
    """Give an answer's Last-Modified as a witness, unless it is the time of the answer itself or cannot be read."""
    if not capture.last_modified:
        return None
    try:
        at = parsedate_to_datetime(capture.last_modified)
    except ValueError:
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    served = capture.server_date or capture.fetched_at
    if at.year < _FIRST_WEB_YEAR or at > served - _JUST_NOW:
        return None
    return DatedWitness(origin="last_modified", at=at, text=capture.last_modified, day_only=False)


def shared_dates(dates: Mapping[Report, Iterable[Dated]]) -> dict[tuple[str, date], datetime]:
    """Give the (origin, day) pairs that many reports of several years carry, and since when that is known.

    ``dates``: those of each report.
    """
    carriers: dict[tuple[str, date], dict[Report, datetime]] = defaultdict(dict)
    for report, found in dates.items():
        for one in found:
            if one.held:
                known_by = carriers[one.witness.origin, local_day(one.witness.at)]
                known_by[report] = min(known_by.get(report, one.known), one.known)
    return {key: since for key, known_by in carriers.items() if (since := _shared_from(known_by)) is not None}


def _shared_from(known_by: Mapping[Report, datetime]) -> datetime | None:
    """Give the instant at which enough reports of enough years were known to carry one date."""
    of_years: Counter[int] = Counter()
    for (_, year), known in sorted(known_by.items(), key=lambda item: (item[1], item[0])):
        of_years[year] += 1
        count = of_years.total()
        if count >= SHARED_REPORTS and count - max(of_years.values()) >= SHARED_BY_OTHER_YEARS:
            return known
    return None
