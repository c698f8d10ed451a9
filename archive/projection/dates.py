"""The dates of reports: what page and listing declare, and what speaks against a day before them.

A date in an address is the day on which the content system made the page; an object id carries the second of its
making; Last-Modified is the server's. None of them says when a report was public, only that it was not before.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from archive.assessment.calendar import day_begins, local_day
from archive.assessment.facts import DateFact
from archive.projection.binding import Bound, Report
from archive.projection.leads import LookLead
from storage.records import Capture, DatedWitness, Reading

_DECLARED = frozenset({"metadata", "listing"})
#: A date that so many reports carry, so many of them on other years than the most, says when a site was moved or built,
#: not when they were published. One late report that is published beside those of the year makes no such date.
SHARED_REPORTS, SHARED_BY_OTHER_YEARS = 5, 2
#: A Last-Modified this close to the answer was made by the answer.
_JUST_NOW = timedelta(minutes=10)

_URL_DATES = (
    re.compile(r"(?<![a-z0-9])[tpw]0?(20\d\d)([01]\d)([0-3]\d)(?:_|\d{3,})", re.IGNORECASE),
    re.compile(r"/(20\d\d)/([01]?\d)[-/]([0-3]?\d)/"),
    re.compile(r"/(20\d\d)-([01]?\d)[-/]([0-3]?\d)/"),
    re.compile(r"/(20\d\d)([01]\d)/?([0-3]\d)/"),
)
_OBJECT_ID = re.compile(r"(?<![0-9a-z])([0-9a-f]{8})[0-9a-f]{16}(?![0-9a-z])", re.IGNORECASE)
_FIRST_WEB_YEAR = 2001


def report_dates(edition: Sequence[Bound], listed: Iterable[LookLead]) -> tuple[DateFact, ...]:
    """Give the dates of a report: of its first edition (whose visits are given, oldest first) and the first listing.

    What the text declares may have been readable only at a later visit of the same edition; what the answer itself
    says (its address, Last-Modified) is taken from the first, since a site made anew touches it.
    """
    read = [(bound, bound.reading) for bound in edition if bound.reading is not None]
    facts = [*_of_answers(edition[0])] if edition else []
    text = next((bound for bound, reading in read if not reading.unreadable), None)
    for bound, reading in read:
        for witness in reading.identity.dates:
            declared = witness.origin in _DECLARED
            if declared or bound is edition[0] or bound is text:
                facts.append(_fact(witness, bound.visit.at, declared=declared))
    dated = [row for row in listed if row.lead.listed is not None]
    if dated:
        facts += _of_listing(min(dated, key=lambda row: (row.at, row.link.url)), edition)
    corrected = any(reading.identity.corrected for _, reading in read)
    first: dict[tuple[object, ...], DateFact] = {}  # every visit of a page finds its dates again
    for one in sorted(facts, key=lambda one: one.known_from):
        same = (one.origin, one.day, one.text, one.declared, one.has_edition)
        first.setdefault(same, replace(one, corrected=one.declared and corrected))
    return tuple(first.values())


def days_of(reading: Reading, origin: str) -> list[date]:
    """Give the days, in China, of the dates of one origin that a document itself gives, in their order."""
    return [local_day(witness.at) for witness in reading.identity.dates if witness.origin == origin]


def _fact(witness: DatedWitness, known_from: datetime, *, declared: bool = False, has_edition: bool = True) -> DateFact:
    return DateFact(
        origin=witness.origin,
        day=local_day(witness.at),
        text=witness.text,
        known_from=known_from,
        declared=declared,
        has_edition=has_edition,
    )


def _of_answers(first: Bound) -> Iterator[DateFact]:
    at = first.visit.at
    for capture in (first.visit.main, *first.visit.parts):
        witnesses = [*url_dates(capture.url, until=at), last_modified(capture)]
        yield from (_fact(witness, at) for witness in witnesses if witness is not None)
    for _, reading in first.parts:
        yield from (_fact(one, at) for one in reading.identity.dates if one.origin == "signature")


def _of_listing(row: LookLead, edition: Sequence[Bound]) -> Iterator[DateFact]:
    """Give the listing's date: until an edition is held it declares nothing about one."""
    assert row.lead.listed is not None
    text = row.link.listed or row.lead.listed.isoformat()
    witness = DatedWitness(origin="listing", at=day_begins(row.lead.listed), text=text)
    since = edition[0].visit.at if edition else None
    if since is None or since > row.at:
        yield _fact(witness, row.at, declared=True, has_edition=False)
    if since is not None:
        yield _fact(witness, max(row.at, since), declared=True)


def url_dates(url: str, *, until: datetime) -> tuple[DatedWitness, ...]:
    """Dates printed in an address (``origin`` url) and in object ids (object_id), none later than ``until``."""
    witnesses = []
    for match in filter(None, (pattern.search(url) for pattern in _URL_DATES)):
        with suppress(ValueError):  # no day of the calendar
            at = day_begins(date(*map(int, match.groups()))).astimezone(UTC)
            if at <= until:
                witnesses.append(DatedWitness(origin="url", at=at, text=match[0].strip("/")))
                break
    for match in _OBJECT_ID.finditer(url):
        at = datetime.fromtimestamp(int(match[1], 16), tz=UTC)
        if at.year >= _FIRST_WEB_YEAR and at <= until:
            witnesses.append(DatedWitness(origin="object_id", at=at, text=match[0], day_only=False))
            break
    return tuple(witnesses)


def last_modified(capture: Capture) -> DatedWitness | None:
    """Give an answer's Last-Modified as a witness, unless it is the time of the answer itself or cannot be read."""
    try:
        at = parsedate_to_datetime(capture.last_modified or "")
    except ValueError:
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    served = capture.server_date or capture.fetched_at
    if at.year < _FIRST_WEB_YEAR or at > served - _JUST_NOW:
        return None
    return DatedWitness(origin="last_modified", at=at, text=capture.last_modified or "", day_only=False)


def shared_dates(dates: Mapping[Report, Iterable[DateFact]]) -> dict[tuple[str, date], datetime]:
    """Give the (origin, day) pairs that many reports of several years carry, and since when that is known.

    ``dates``: those of each report.
    """
    carriers: dict[tuple[str, date], dict[Report, datetime]] = defaultdict(dict)
    for report, facts in dates.items():
        for one in (one for one in facts if one.has_edition):
            since_by_report = carriers[one.origin, one.day]
            since_by_report[report] = min(since_by_report.get(report, one.known_from), one.known_from)
    return {
        key: since for key, since_by_report in carriers.items() if (since := _shared_from(since_by_report)) is not None
    }


def _shared_from(since_by_report: Mapping[Report, datetime]) -> datetime | None:
    """Give the instant at which enough reports of enough years were known to carry one date."""
    of_years: Counter[int] = Counter()
    for (_, year), since in sorted(since_by_report.items(), key=lambda item: (item[1], item[0])):
        of_years[year] += 1
        count = of_years.total()
        if count >= SHARED_REPORTS and count - max(of_years.values()) >= SHARED_BY_OTHER_YEARS:
            return since
    return None


def with_shared(dates: Mapping[Report, Iterable[DateFact]]) -> dict[Report, tuple[DateFact, ...]]:
    """Give the dates of each report, each with the time from which many reports are known to carry it."""
    shared = shared_dates(dates)
    return {
        report: tuple(replace(one, shared_from=shared.get((one.origin, one.day))) for one in facts)
        for report, facts in dates.items()
    }
