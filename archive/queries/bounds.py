"""What can be chosen in questions, and how much can be asked at once: each bound once, with the error that tells it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum
from operator import index
from typing import Any, TypeVar

from archive.queries.nearest import NotKnownError, QuestionError
from storage.records import AgencyKind

FIRST_YEAR, LAST_YEAR = 1990, 2100  #: reporting years that can be asked about; no report is on any other
MOST_VALUES = 1_000  #: indicators, codes of findings … in one question
MOST_BODIES = 100  #: put side by side
MOST_TEXTS = 5_000  #: reports whose text is read again for the figures that it states
MOST_WORDS = 10  #: words searched for together
LONGEST_QUERY = 10_000  #: characters of what is typed to search
LONGEST_NAME = 300  #: characters of the name of a place, a portal, an agency or an indicator
MOST_HITS = 1_000  #: hits given at once; more are turned over with ``offset``
MOST_SNIPPETS = 100  #: places shown of one hit
MOST_AROUND = 1_000  #: characters shown on either side of one
MOST_TURNED = 1_000_000  #: lines behind which a list is turned over no further: each page walks all before it
FARTHEST = 1 << 40  #: what a database can count to: behind it lies no hit

HITS, SNIPPETS, AROUND = 20, 3, 40  #: of a search: hits at once, places shown of each, characters on either side
BODIES = frozenset(AgencyKind) - {AgencyKind.GOVERNMENT}

_SHOWN = 20  # characters of what is too long
Value = TypeVar("Value")


class Which(StrEnum):
    """Which edition of a report counts: the last or the first that was known at the instant asked about."""

    LAST = "last"
    FIRST = "first"


class By(StrEnum):
    """What the groups of a table are."""

    ALL = "all"
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    DIVISION = "division"
    PORTAL = "portal"
    KIND = "kind"


class Level(StrEnum):
    """The governments that are added up: those of one level."""

    COUNTY = "county"
    PREFECTURE = "prefecture"
    PROVINCE = "province"


class QueryError(QuestionError, ValueError):
    """Nothing can be asked so; the message says how it can. ``parts``: the errors of which this one is made."""

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        suggestions: Iterable[str] = (),
        parts: Iterable[QueryError] = (),
        **values: Any,
    ) -> None:
        super().__init__(message, code=code, suggestions=suggestions, **values)
        self.parts = tuple(parts)


def reporting_year(year: int) -> int:
    """``year`` as a plain integer. Raises :class:`NotKnownError` for one that no report can be on, or that is none."""
    try:
        number = index(year)
    except TypeError:
        raise NotKnownError(code="query.no_year", text=_beginning_of(year)) from None
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise NotKnownError(code="not_known.far_year", first=FIRST_YEAR, last=LAST_YEAR)
    return number


def reporting_years(years: Iterable[int] | None) -> tuple[int, ...] | None:
    """``years`` in order, each once; None: all. Raises as :func:`reporting_year`."""
    return None if years is None else tuple(sorted({reporting_year(year) for year in years}))


def at_most(values: Collection[Value], what: str, most: int = MOST_VALUES) -> Collection[Value]:
    """``values``, which are ``what``. Raises :class:`QueryError` where they are more than can be asked for at once."""
    if len(values) > most:
        raise QueryError(code="query.too_many", what=what, most=f"{most:,}", count=f"{len(values):,}")
    return values


def name(text: str) -> str:
    """``text`` as the name of something. Raises :class:`QueryError` for one longer than any, or that is no text."""
    if len(text) > LONGEST_NAME:
        raise QueryError(code="query.long_name", most=LONGEST_NAME, text=text[:_SHOWN], count=f"{len(text):,}")
    if "\0" in text or not _is_unicode(text):
        raise QueryError(code="query.no_text", name=ascii(text[:_SHOWN]))
    return text


def number(value: int, what: str, least: int, most: int) -> int:
    """``value``, which is ``what``. Raises :class:`QueryError` where it is no number between ``least`` and ``most``."""
    if not least <= value <= most:
        raise QueryError(code="query.number", name=what, least=f"{least:,}", most=f"{most:,}")
    return value


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _beginning_of(value: object) -> str:
    """The beginning of a value, as a message can show it."""
    text = repr(value)
    return text if len(text) <= 2 * _SHOWN else f"{text[:_SHOWN]}…"
