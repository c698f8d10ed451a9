"""What ``rollup`` is answered with: frozen records with ``to_dict()``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from archive.queries.record import Result
from archive.queries.results import AgencyLine
from storage.records import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateLine(Result):
    """What would close a gap exactly; arithmetic, no fact. ``how``: ``left_out twice slip own_slip``; ``agency``: the
    body's name (None: the government itself); ``value`` as printed, ``meant``: what it would have to be.
    """

    how: str
    agency: str | None
    value: Decimal
    meant: Decimal
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUpCell(Result):
    """One indicator: the government's figure against the sum of the bodies' ones.

    ``own``: None where the report gives no number (``own_state`` says why). ``total``: the sum of ``reports`` figures,
    ``doubted`` of which the reader doubts. ``blank``, ``not_printed``, ``unread``: how many bodies have a report
    without this figure; ``absent``: how many that owe one have none. ``gap``: own less total. ``verdict``: ``fits
    gap_fits_missing falls_short exceeds unknown``. ``more``: so many candidates that chance explains the gap.
    """

    indicator: str
    label: str
    label_en: str
    unit: str
    own: Decimal | None
    own_state: str
    total: Decimal | None
    reports: int
    doubted: int
    blank: int
    not_printed: int
    unread: int
    absent: int
    gap: Decimal | None
    verdict: str
    candidates: tuple[CandidateLine, ...]
    more: int
    zh: str
    en: str

    @property
    def tells(self) -> bool:
        """Whether there is anything but zeros and blanks."""
        return bool(self.own) or bool(self.total) or bool(self.gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutReport(Result):
    """A body that owes a report and of which no figure is held. ``state``: why, as of a figure."""

    agency: AgencyLine
    status: Status
    state: str
    guessed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectLine(Result):
    """One explanation that closes ``closes`` of ``gaps`` gaps at once; ``agency``: name, None the government itself."""

    how: str
    agency: str | None
    closes: int
    gaps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedBodies(Result):
    """A number of bodies that the government's report states, and what the registry knows (``least`` to ``most``).

    ``what``: ``all departments townships``; ``exact`` False: a lower bound (余, 多); ``lacks``: how many bodies the
    registry surely lacks.
    """

    number: int
    what: str
    exact: bool
    least: int
    most: int
    agrees: bool
    lacks: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUpAnswer(Result):
    """A government's report held against the reports of its bodies.

    ``status``: of the government's duty; ``edition``, ``form``: of its report that counts (None: none, or unread).
    ``bodies``: those in the registry that owe a report of their own (or have one); ``held``: how many give figures.
    ``perhaps_alone``: the bodies' sums exceed nearly all its figures, so that it may speak for itself alone and sum
    nobody.
    """

    as_of: datetime
    year: int
    government: AgencyLine
    status: Status | None
    edition: str | None
    form: str | None
    bodies: int
    held: int
    without: tuple[WithoutReport, ...]
    cells: tuple[RollUpCell, ...]
    verdicts: dict[str, int]
    suspects: tuple[SuspectLine, ...]
    perhaps_alone: bool
    stated: tuple[StatedBodies, ...]
