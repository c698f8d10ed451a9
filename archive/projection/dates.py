"""Collect the dates of reports: those that page and listing declare, and witnesses that it was not public earlier.

A date in an address is the day on which the content system made the page; an object id contains the second in which it
was made; Last-Modified comes from the server. None of them shows when a report became public, only "not before".
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from archive.assessment.absences import SAME_ROUND
from archive.assessment.calendar import day_begins, local_day
from archive.assessment.facts import DateFact, keep_earliest
from archive.projection.binding import BoundVisit
from archive.projection.leads import LookLead
from storage.records import Capture, DatedWitness, Reading, ReportKey

_DECLARED, _IN_ADDRESS = frozenset({"metadata", "listing"}), frozenset({"url", "object_id"})
#: A date carried by so many reports, so many of them on other years than the most frequent one, shows when a site was
#: moved or built, not when they were published. One late report beside those of the year makes no such date.
SHARED_REPORTS, SHARED_BY_OTHER_YEARS = 5, 2
#: A Last-Modified this close to the answer is the time of the answer itself.
_JUST_NOW = timedelta(minutes=10)

_URL_DATES = (
    re.compile(r"(?<![a-z0-9])[tpw]0?(20\d\d)([01]\d)([0-3]\d)(?:_|\d{3,})", re.IGNORECASE),
    re.compile(r"/(20\d\d)/([01]?\d)[-/]([0-3]?\d)/"),
    re.compile(r"/(20\d\d)-([01]?\d)[-/]([0-3]?\d)/"),
    re.compile(r"/(20\d\d)([01]\d)/?([0-3]\d)/"),
)
_OBJECT_ID = re.compile(r"(?<![0-9a-z])([0-9a-f]{8})[0-9a-f]{16}(?![0-9a-z])", re.IGNORECASE)
_FIRST_WEB_YEAR = 2001


def report_dates(edition: Sequence[BoundVisit], listed: Iterable[LookLead]) -> tuple[DateFact, ...]:
    """Return the dates of a report from its first edition and from the list that first gave one (of several on one
    day the earliest). ``edition``: the bound visits of the first edition, oldest first; ``listed``: the report's leads
    (judged links). Declared dates may come from any of these visits; address and Last-Modified only from the first, as
    a rebuilt site changes them.
    """
    read = [(bound, bound.reading) for bound in edition if bound.reading is not None]
    facts = [one for one in _dates_of_answers(edition[0]) if not _is_copys_day(one, edition)] if edition else []
    first_readable = next((bound for bound, reading in read if not reading.unreadable), None)
    for bound, reading in read:
        for witness in reading.identity.dates:
            declared = witness.origin in _DECLARED
            if declared or bound is edition[0] or bound is first_readable:
                facts.append(_fact(witness, bound.visit.at, declared=declared))
    dated = [row for row in listed if row.lead.listed is not None]
    if dated:
        facts += _listing_dates(min(dated, key=lambda row: (local_day(row.at), row.lead.listed, row.at)), edition)
    corrected = any(reading.identity.corrected for _, reading in read)
    return tuple(replace(fact, corrected=fact.declared and corrected) for fact in _first_of_each(facts))


def _is_copys_day(fact: DateFact, edition: Sequence[BoundVisit]) -> bool:
    """Whether a date in an address is that of a copy: the same content was met about then at another address that bears
    no date, or an earlier one (乌拉特中旗's reports stood on the old and the new system).
    """
    if fact.origin not in _IN_ADDRESS:
        return False
    first = edition[0].visit
    others = {one.visit.main.url for one in edition if one.visit.at - first.at < SAME_ROUND} - {first.main.url}
    days = ([local_day(one.at) for one in url_dates(url, until=first.at)] for url in others)
    return any(not of_url or min(of_url) < fact.day for of_url in days)


def _first_of_each(facts: Iterable[DateFact]) -> Iterable[DateFact]:
    """Return each date once, as first known, ordered by when: every visit of a page finds its dates again."""
    unique: dict[tuple[object, ...], DateFact] = {}
    for fact in sorted(facts, key=lambda fact: fact.known_from):
        unique.setdefault((fact.origin, fact.day, fact.text, fact.declared, fact.has_edition), fact)
    return unique.values()


def days_of(reading: Reading, origin: str) -> list[date]:
    """Return the days (in China) of all dates with this ``origin`` in a document, in the document's order."""
    return [local_day(witness.at) for witness in reading.identity.dates if witness.origin == origin]


def _fact(witness: DatedWitness, known_from: datetime, *, declared: bool = False, has_edition: bool = True) -> DateFact:
    """Return a date as a fact. ``declared``: stated by the site; ``has_edition``: the archive has the report itself."""
    return DateFact(
        origin=witness.origin,
        day=local_day(witness.at),
        text=witness.text,
        known_from=known_from,
        declared=declared,
        has_edition=has_edition,
    )


def _dates_of_answers(first: BoundVisit) -> Iterator[DateFact]:
    """Yield the dates in addresses, Last-Modified headers and attachments' signatures of the first fetch."""
    at = first.visit.at
    for capture in (first.visit.main, *first.visit.parts):
        witnesses = [*url_dates(capture.url, until=at), last_modified(capture)]
        yield from (_fact(witness, at) for witness in witnesses if witness is not None)
    for _, reading in first.parts:
        yield from (_fact(one, at) for one in reading.identity.dates if one.origin == "signature")


def _listing_dates(row: LookLead, edition: Sequence[BoundVisit]) -> Iterator[DateFact]:
    """Yield the date that a list shows for a report: with ``has_edition`` False for the time before the archive had the
    report itself (no ``edition`` yet), as it is no declaration then; and from then on as a declared date.
    """
    assert row.lead.listed is not None
    text = row.link.listed or row.lead.listed.isoformat()
    witness = DatedWitness(origin="listing", at=day_begins(row.lead.listed), text=text)
    since = edition[0].visit.at if edition else None
    if since is None or since > row.at:
        yield _fact(witness, row.at, declared=True, has_edition=False)
    if since is not None:
        yield _fact(witness, max(row.at, since), declared=True)


def url_dates(url: str, *, until: datetime) -> tuple[DatedWitness, ...]:
    """Return the first date in an address (``origin`` url) and in its object ids (object_id), none after ``until``."""
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
    """Return an answer's Last-Modified as a witness ("not before"), None if unreadable or the time of the answer."""
    try:
        at = parsedate_to_datetime(capture.last_modified or "")
    except ValueError:
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    served = capture.server_date or capture.fetched_at
    if at.year < _FIRST_WEB_YEAR or at > served - _JUST_NOW:
        return None
    return DatedWitness(origin="last_modified", at=at, text=capture.last_modified or "", day_only=False)


def shared_dates(dates: Mapping[ReportKey, Iterable[DateFact]]) -> dict[tuple[str, date], datetime]:
    """Return the dates that many reports of several years carry, as after the move of a site, and since when that is
    known: by day and by what gave the date (metadata, listing, url …, as in :class:`DatedWitness`). Dates that were
    listed before the archive had the report do not count.
    """
    carriers: dict[tuple[str, date], dict[ReportKey, datetime]] = defaultdict(dict)
    for report, facts in dates.items():
        for fact in (fact for fact in facts if fact.has_edition):
            keep_earliest(carriers[fact.origin, fact.day], report, fact.known_from)
    return {key: since for key, reports in carriers.items() if (since := _shared_from(reports)) is not None}


def _shared_from(since_by_report: Mapping[ReportKey, datetime]) -> datetime | None:
    """Return since when a date is known on so many reports of several years that it is a migration's day; else None."""
    by_year: Counter[int] = Counter()
    for (_, year), since in sorted(since_by_report.items(), key=lambda item: (item[1], item[0])):
        by_year[year] += 1
        count = by_year.total()
        if count >= SHARED_REPORTS and count - max(by_year.values()) >= SHARED_BY_OTHER_YEARS:
            return since
    return None


def mark_shared_dates(dates: Mapping[ReportKey, Iterable[DateFact]]) -> dict[ReportKey, tuple[DateFact, ...]]:
    """Return the dates of each report. One that many reports carry (a site's migration) proves nothing: its
    ``shared_from`` is since when that is known.
    """
    shared = shared_dates(dates)
    return {
        report: tuple(replace(fact, shared_from=shared.get((fact.origin, fact.day))) for fact in facts)
        for report, facts in dates.items()
    }
