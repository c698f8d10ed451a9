"""What can be chosen in questions, how much can be asked at once, and the errors of what cannot be asked.

Each bound and each sentence (``errors.toml``) stands once. Every question takes names through
:func:`archive.fuzzy_lookup.comparable_name`, so that full-width digits, blanks and traditional characters (汶上縣) mean
what they mean to a person; a name that is not known is told with the nearest that are.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from operator import index
from typing import Any, TypeVar

from archive.fuzzy_lookup import portal_meant
from archive.sentence_templates import fill
from storage.errors import CodedError
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


@cache
def error_sentences() -> Mapping[str, Mapping[str, str]]:
    """Return what each error of questions and exports says, by its code and by language."""
    text = files("archive.queries").joinpath("errors.toml").read_text(encoding="utf-8")
    sentences: Mapping[str, Mapping[str, str]] = tomllib.loads(text)["error"]
    return sentences


class QuestionError(CodedError):
    """An error of a question or an export, whose sentence stands in ``errors.toml``.

    ``suggestions``: what was perhaps meant, nearest first, or all that there are (``are_all``).
    """

    def __init__(
        self,
        message: str = "",
        *,
        suggestions: Iterable[str] = (),
        are_all: bool = False,
        code: str = "",
        **values: object,
    ) -> None:
        self.suggestions, self.are_all = tuple(suggestions), are_all
        super().__init__(message or _english(code, values) + self._hint(), code=code, **values)

    def _hint(self) -> str:
        names = ", ".join(self.suggestions)
        return (f" There are: {names}." if self.are_all else f" Did you mean: {names}?") if names else ""


def _english(code: str, values: Mapping[str, object]) -> str:
    entry = error_sentences().get(code)
    words = {name: one["en"] if isinstance(one, Mapping) and "en" in one else one for name, one in values.items()}
    return code if entry is None else fill(entry["en"], words)


class NotKnownError(QuestionError, LookupError):
    """Nothing of this name is known."""


class QueryError(QuestionError, ValueError):
    """Nothing can be asked so; the message says how it can. ``parts``: the errors of which this one is made."""

    def __init__(self, message: str = "", *, parts: Iterable[QueryError] = (), **more: Any) -> None:
        super().__init__(message, **more)
        self.parts = tuple(parts)


def reporting_year(year: int) -> int:
    """``year`` as a plain integer. Raises :class:`NotKnownError` for one that no report can be on, or that is none."""
    try:
        number = index(year)
    except TypeError:
        text = repr(year)
        text = text if len(text) <= 2 * _SHOWN else f"{text[:_SHOWN]}…"
        raise NotKnownError(code="query.no_year", text=text) from None
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
    if "\0" in text or text != text.encode(errors="ignore").decode():
        raise QueryError(code="query.no_text", name=ascii(text[:_SHOWN]))
    return text


def number(value: int, what: str, least: int, most: int) -> int:
    """``value``, which is ``what``. Raises :class:`QueryError` where it is no number between ``least`` and ``most``."""
    if not least <= value <= most:
        raise QueryError(code="query.number", name=what, least=f"{least:,}", most=f"{most:,}")
    return value


def portal_named(text: str, portals: Mapping[str, str]) -> str:
    """Give the name of the portal meant. ``portals``: names with their places. Raises :class:`NotKnownError` with the
    nearest names, found by place as well.
    """
    name, near = portal_meant(text, portals)
    if name is None:
        raise NotKnownError(suggestions=near, code="not_known.portal", text=text)
    return name


def suggest_year(year: int, years_with_duties: Iterable[int]) -> NotKnownError:
    """Make the error for a year of which nothing is known, with the nearest years that are, and how far they go."""
    all_years = sorted(set(years_with_duties))
    years = sorted(sorted(all_years, key=lambda other: (abs(other - year), other))[:3])
    code = "not_known.year_of" if all_years else "not_known.year"
    return NotKnownError(suggestions=[str(other) for other in years], code=code, year=year, known=spans(all_years))


def spans(years: Collection[int]) -> str:
    """Give years as a person writes them: 2019–2022, 2024."""
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
