"""What the question for contradictions is answered with: frozen records with ``to_dict()``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from archive.queries.record import Result
from archive.queries.results import AgencyLine
from storage.records import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine(Result):
    """One contradiction in a report, or with another; ``code`` is told in docs/findings.md.

    ``about``: what is held against what (``sums text units years copies twins``). ``edition``: where it stands;
    ``against``: ids of the editions it is held against (last year's, other agencies'), ``others``: those agencies.
    ``cells``: ids of the indicators it speaks of; ``expected`` and ``found``: as docs/findings.md says. ``doubted``:
    the reader doubts one of these cells, so that it may be the reader's fault: never more than ``info``. ``document``:
    SHA-256 of what was read, ``locator``: where the first of the cells stands in it; None where there is none.
    ``since``: from when this archive knew both sides.
    """

    code: str
    about: str
    severity: Severity
    agency: AgencyLine
    year: int
    edition: str
    against: tuple[str, ...]
    others: tuple[AgencyLine, ...]
    cells: tuple[str, ...]
    expected: str | None
    found: str | None
    doubted: bool
    zh: str
    en: str
    document: str | None
    locator: Mapping[str, object] | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Result):
    """Contradictions in the order of divisions, agencies, years and codes.

    ``counts``: code → how many; ``severities``: the same. ``reports``: how many are held of those asked about;
    ``read``: of how many a table was read, so that anything could contradict. ``withheld``: contradictions that are not
    given out, as a ruling withholds a report that they rest on.
    """

    as_of: datetime
    lines: tuple[CheckLine, ...]
    counts: Mapping[str, int]
    severities: Mapping[str, int]
    reports: int
    read: int
    withheld: int
