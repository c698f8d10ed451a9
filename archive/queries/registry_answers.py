"""What is told of one body of the registry, of its duties and their rules: frozen records with ``to_dict()``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from archive.queries.record import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyName(Result):
    """A body named by another's row. ``known`` False: the registry holds no such body, ``name`` is the id."""

    id: str
    name: str
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskWhom(Result):
    """Of a body that ended: how and on which last day, the successors its row names, and who stands in its place now.

    ``heirs``: those to whom the successors lead; () where nobody took over, or nobody knows who.
    """

    ended: str | None
    last_day: date | None
    successors: tuple[BodyName, ...]
    heirs: tuple[BodyName, ...]
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDue(Result):
    """What the place itself demands, before the day of the law; it makes nobody late."""

    due: date
    basis: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyChange(Result):
    """A row of a body's history: since when the archive knows it, and what it changed (all fields of the first)."""

    recorded_at: datetime
    source: str
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine(Result):
    """A source of a body, as :class:`archive.assessment.sources.Attestation` has it."""

    kind: str
    rank: int
    attests: bool
    said: str
    since: date | None
    years: tuple[int, ...]
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyDuty(Result):
    """A duty with its law. ``code``: the division's on 31 December of that year, None where none or several were its;
    ``code_how`` as for figures (``no_list``: beyond the lists of codes). ``holidays_known``: whether those of the due
    date's year are on record. ``status`` None: not judged yet.
    """

    year: int
    status: str | None
    due: date | None
    practice: date | None
    article: str
    basis: str
    source: str
    holiday: str | None
    holidays_known: bool
    guessed: bool
    local: tuple[LocalDue, ...]
    code: str | None
    division: str
    code_how: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLine(Result):
    """The division's code over years; ``code`` None: no one code was its own then (``candidates``)."""

    first: int
    last: int
    code: str | None
    name: str
    how: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body(Result):
    """All that the registry says of one body, and whence."""

    as_of: datetime
    id: str
    name: str
    kind: str
    portal: str
    place: str
    code: str | None
    parent: BodyName | None
    aliases: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    guessed: bool
    ask: AskWhom | None
    predecessors: tuple[BodyName, ...]
    sources: tuple[SourceLine, ...]
    history: tuple[BodyChange, ...]
    codes: tuple[CodeLine, ...]
    duties: tuple[BodyDuty, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine(Result):
    """A rule on due dates. ``level``: ``statutory``, ``practice``, ``none`` or ``local`` (of ``place``, ``origin``: the
    file that holds it); ``day``: MM-DD of the year after the reporting year. ``holiday``: no rule, but days in which a
    due date of these reporting years fell (``basis``: its name, ``source``: the notices that set it).
    """

    level: str
    place: str | None
    kinds: tuple[str, ...]
    from_year: int | None
    to_year: int | None
    day: str | None
    article: str
    basis: str
    source: str
    origin: str
