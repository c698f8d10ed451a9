"""What questions about change are answered with. Frozen records with ``to_dict()``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archive.queries.results import AgencyLine, Result


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
