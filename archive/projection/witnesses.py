"""Dates about a report: what its page and the listing declare, and what speaks against a day before them.

A date in an address is the day on which the content system made the page; an object id carries the second of its
making; Last-Modified is the server's. None of them says when a report was public, only that it was not before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from archive.assessment.calendar import local_day
from storage.records import SHANGHAI, Capture, DatedWitness

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


def shared_dates(
    dates: Mapping[tuple[str, int], Iterable[tuple[DatedWitness, datetime]]],
) -> dict[tuple[str, date], datetime]:
    """Give the (origin, day) pairs that many reports of several years carry, and since when that is known.

    ``dates``: the dates of each report, by (agency, year), each with the instant at which it was known.
    """
    carriers: dict[tuple[str, date], dict[tuple[str, int], datetime]] = {}
    for report, witnesses in dates.items():
        for witness, known in witnesses:
            known_by = carriers.setdefault((witness.origin, local_day(witness.at)), {})
            known_by[report] = min(known_by.get(report, known), known)
    found = {key: _shared_from(known_by) for key, known_by in carriers.items()}
    return {key: since for key, since in found.items() if since is not None}


def _shared_from(known_by: Mapping[tuple[str, int], datetime]) -> datetime | None:
    """Give the instant at which enough reports of enough years were known to carry one date."""
    of_years: Counter[int] = Counter()
    for (_, year), known in sorted(known_by.items(), key=lambda item: (item[1], item[0])):
        of_years[year] += 1
        count = of_years.total()
        if count >= SHARED_REPORTS and count - max(of_years.values()) >= SHARED_BY_OTHER_YEARS:
            return known
    return None
