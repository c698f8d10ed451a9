"""What questions about change are answered with: revisions and news. Frozen records with ``to_dict()``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archive.queries.record import Result
from archive.queries.results import AgencyLine, CaptureRef, LookRef
from storage.records import EvidenceGrade, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionLine(Result):
    """One change of a report after it was first seen; ``change`` is a code of docs/statuses.md.

    ``last_before`` and ``first_after``: between which answers it lies (None where that is not recorded); ``known``:
    from when this archive knew; ``evidence``: the captures (for ``withdrawn`` and ``returned`` the looks) that show
    both sides. ``before`` and ``after``: the editions that stood then, None where none did. ``cells`` and ``lines``:
    how many places of the form and lines of text differ between the two; None where there are not two, or one is
    unread. ``hint``: the command that shows what differs.
    """

    agency: AgencyLine
    year: int
    change: str
    last_before: datetime | None
    first_after: datetime | None
    known: datetime
    address: str
    before: str | None
    after: str | None
    cells: int | None
    lines: int | None
    zh: str
    en: str
    evidence: tuple[str, ...]
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisions(Result):
    """Changes by when they were known. ``withheld``: how many are left out because a ruling withholds the report.

    ``reports``: how many were held by then; ``met_once``: how many of them were to this day never met a second time, so
    that nobody knows whether they changed.
    """

    as_of: datetime
    since: datetime | None
    lines: tuple[RevisionLine, ...]
    withheld: int
    reports: int
    met_once: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsItem(Result):
    """What became known of a duty at ``at``. ``kind``: ``late``, ``missing``, ``not_found``, ``appeared`` (seen, and
    not late), ``taken_back`` (it was told late, missing or not found, and that does not hold), or a change as in
    :class:`RevisionLine`.

    ``status`` and ``evidence``: of the duty from then on (None for changes). ``editions``, ``looks``, ``captures``:
    ids of what it rests on, ``look_refs`` and ``capture_refs`` the same with addresses and times; ``address``: of the
    report. Of a withheld report neither editions, captures nor address are given.
    """

    at: datetime
    kind: str
    agency: AgencyLine
    year: int
    status: Status | None
    evidence: EvidenceGrade | None
    zh: str
    en: str
    address: str | None
    editions: tuple[str, ...]
    looks: tuple[str, ...]
    captures: tuple[str, ...]
    look_refs: tuple[LookRef, ...] = ()
    capture_refs: tuple[CaptureRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class News(Result):
    """What became known after ``since`` and until ``until``, oldest first.

    ``looks``: looks at listings that ended in that time, ``ok_looks`` those read to their end, ``visits`` fetches that
    showed a page of a report; ``not_looked_at``: portals of which no listing was read to its end then;
    ``unjudged``: those of which nothing was ever read and judged. ``withheld``: changes left out because a ruling
    withholds the report.
    """

    since: datetime
    until: datetime
    items: tuple[NewsItem, ...]
    withheld: int
    looks: int
    ok_looks: int
    visits: int
    portals: int
    not_looked_at: tuple[str, ...]
    unjudged: tuple[str, ...]
