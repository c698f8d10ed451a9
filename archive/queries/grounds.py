"""What is told along with an answer about duties: what each line rests on, how much is known, rates with their bounds.

Frozen records with ``to_dict()``; how they come about is in ``links.py``, ``known.py`` and ``rates.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from archive.queries.record import Result
from storage.records import CaptureOutcome, LookOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRef(Result):
    """A fetch that a line rests on: ``nianbao show-capture`` takes its ``id``."""

    id: str
    url: str
    fetched_at: datetime
    outcome: CaptureOutcome
    http_status: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookRef(Result):
    """A look that a line rests on: which listing, where, when, how it ended; ``captures``: the pages it read, by id."""

    id: str
    listing: str
    url: str
    started: datetime
    finished: datetime
    outcome: LookOutcome
    captures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(Result):
    """How much is known of the duties that a question chose, as of its time.

    ``duties``: all of them; ``not_owed``: not expected or not yet due; ``unknown``: nobody can say whether they were
    published, with how many for which ``reasons`` (codes of docs/statuses.md); ``undetermined``: seen, but nobody can
    say whether in time. ``first_record``: where none of them was known by then, when the first was; None where none
    ever was. ``portals``: those of whose duties most are unknown.

    Beside the duties, where that was looked up: ``unnamed``: reports held that name nobody known, or no year (on these
    years, or none); ``unread``: lists whose last look did not show them to their end; ``guessed``: bodies that no
    source attests; ``few``: portals of which hardly any department is known, so that most who owe reports there are
    not; ``unjudged``: portals of which nothing was ever read and judged; ``asked``: portals that were asked about.
    """

    duties: int
    not_owed: int
    unknown: int
    reasons: Mapping[str, int]
    undetermined: int
    first_record: datetime | None = None
    portals: tuple[str, ...] = ()
    unnamed: int = 0
    unread: int = 0
    guessed: int = 0
    few: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    asked: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(Result):
    """``count`` of ``population`` are such, ``unknown`` more may be: between ``low`` and ``high`` (shares, 0 to 1)."""

    count: int
    unknown: int
    population: int
    low: float
    high: float
    unknown_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRow(Result):
    """The rates of one group (``statutory``, ``townships``, ``others``) on one year, or all years asked for (None).

    ``due``: how many duties are expected and due; ``not_counted``: how many are not, so that they are in no rate.
    ``rates``: by name, as docs/statuses.md defines them.
    """

    group: str
    year: int | None
    due: int
    not_counted: int
    rates: Mapping[str, Rate]
