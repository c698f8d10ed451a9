"""Options and limits of questions, and the errors that they raise.

Each limit and each error sentence (``errors.toml``) is defined once. All questions compare names by
:func:`archive.fuzzy_lookup.comparable_name`, so that full-width digits, blanks and traditional characters (汶上縣) do
not matter; errors for unknown names suggest similar ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from operator import index
from typing import Any

from archive.assessment import data_files
from archive.fuzzy_lookup import Suggestion, as_suggestions, portal_meant
from archive.sentence_templates import fill
from storage.errors import CodedError
from storage.records import AgencyKind

FIRST_YEAR, LAST_YEAR = 1990, 2100  #: reporting years that questions accept
MOST_VALUES = 1_000  #: indicators, codes of findings … in one question
MOST_AGENCIES = 100  #: agencies compared side by side
MOST_TEXTS = 5_000  #: reports with texts to be read for figures that no table prints
MOST_WORDS = 10  #: words in one search
LONGEST_QUERY = 10_000  #: characters of the text of a search
LONGEST_NAME = 300  #: characters of the name of a place, a portal, an agency or an indicator
MOST_HITS = 1_002  #: hits at once: a page of 1,000, and those that show what comes before and after it
MOST_SNIPPETS = 100  #: snippets of one hit
MOST_AROUND = 1_000  #: characters on either side of a snippet's first match
MOST_TURNED = 1_000_000  #: largest offset in a list: each page must skip all lines before it
FARTHEST = 1 << 40  #: largest offset in a search, which databases still accept

HITS, SNIPPETS, AROUND = 20, 3, 40  #: of a search by default; web pages show _LINES_ON_A_PAGE, programs PAGE
NOT_GOVERNMENTS = frozenset(AgencyKind) - {AgencyKind.GOVERNMENT}

_QUOTED_CHARS = 20  # of a too long text, in an error


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


class AbsenceGrade(StrEnum):
    """The grades of evidence (``EvidenceGrade``) by which a report can be missing."""

    PROVEN = "proven"
    ONE_LOOK = "one_look"
    CONFLICT = "conflict"
    RULED = "ruled"


class Level(StrEnum):
    """The governments that are added up: those of one level."""

    COUNTY = "county"
    PREFECTURE = "prefecture"
    PROVINCE = "province"


def data_file(name: str, package: str = "archive.queries") -> dict[str, Any]:
    """Return the content of a TOML file, by default of this package."""
    return data_files.data_file(name, package)


def fill_both_languages(entry: Mapping[str, str], values: Mapping[str, object]) -> dict[str, str]:
    """Return a sentence of a data file with ``values`` filled in, as ``zh`` and ``en``. A value is a text, the same in
    both languages as ``zh`` and ``en``, or a list of these, which gets their commas.
    """
    return {
        lang: entry[lang].format_map({name: _value_in(lang, value) for name, value in values.items()})
        for lang in ("zh", "en")
    }


def _value_in(lang: str, value: object) -> str:
    if isinstance(value, (list, tuple)):
        return {"zh": "、", "en": ", "}[lang].join(_value_in(lang, one) for one in value)
    return str(value[lang] if isinstance(value, Mapping) else value)


def error_sentences() -> Mapping[str, Mapping[str, str]]:
    """Return the sentences of errors of questions and exports, by code and language."""
    sentences: Mapping[str, Mapping[str, str]] = data_file("errors.toml")["error"]
    return sentences


class QuestionError(CodedError):
    """An error of a question or an export, with its sentence in ``errors.toml``. ``suggestions``: similar values, best
    first, or all possible values (``are_all``).
    """

    def __init__(
        self,
        message: str = "",
        *,
        suggestions: Iterable[str | Suggestion] = (),
        are_all: bool = False,
        code: str = "",
        **values: object,
    ) -> None:
        """Without ``message``, make it from ``code`` and ``values``. ``are_all``: ``suggestions`` are all there are."""
        self.suggestions, self.are_all = as_suggestions(suggestions), are_all
        names = ", ".join(map(str, self.suggestions))
        hint = f" There are: {names}." if are_all else f" Did you mean: {names}?"
        super().__init__(message or _english(code, values) + (hint if names else ""), code=code, **values)


def _english(code: str, values: Mapping[str, object]) -> str:
    entry = error_sentences().get(code)
    words = {name: one["en"] if isinstance(one, Mapping) and "en" in one else one for name, one in values.items()}
    return code if entry is None else fill(entry["en"], words)


class NotKnownError(QuestionError, LookupError):
    """A name, id or year is unknown."""


class LackingError(QuestionError, ImportError):
    """A package that the answer needs is not installed; the message says which extra brings it."""


class QueryError(QuestionError, ValueError):
    """A question is invalid; the message says what is valid. ``parts``: the single errors, if it joins several."""

    def __init__(self, message: str = "", *, parts: Iterable[QueryError] = (), **more: Any) -> None:
        super().__init__(message, **more)
        self.parts = tuple(parts)


def reporting_year(year: int) -> int:
    """Return ``year`` as a plain int. Raises :class:`NotKnownError` if it is no year, or outside the accepted years."""
    try:
        number = index(year)
    except TypeError:
        text = repr(year)
        text = text if len(text) <= 2 * _QUOTED_CHARS else f"{text[:_QUOTED_CHARS]}…"
        raise NotKnownError(code="query.no_year", text=text) from None
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise NotKnownError(code="not_known.far_year", first=FIRST_YEAR, last=LAST_YEAR)
    return number


def reporting_years(years: Iterable[int] | None) -> tuple[int, ...] | None:
    """Return ``years`` sorted, each once; None (all years) stays. Raises as :func:`reporting_year`."""
    return None if years is None else tuple(sorted({reporting_year(year) for year in years}))


def at_most(values: Collection[object], what: str, most: int = MOST_VALUES) -> None:
    """Raise :class:`QueryError`, which calls the values ``what``, if there are more than ``most``."""
    if len(values) > most:
        raise QueryError(code="query.too_many", what=what, most=f"{most:,}", count=f"{len(values):,}")


def name(text: str) -> str:
    """Return ``text``, a name. Raises :class:`QueryError` if it is too long or is no valid Unicode text."""
    if len(text) > LONGEST_NAME:
        raise QueryError(code="query.long_name", most=LONGEST_NAME, text=text[:_QUOTED_CHARS], count=f"{len(text):,}")
    if "\0" in text or text != text.encode(errors="ignore").decode():
        raise QueryError(code="query.no_text", name=ascii(text[:_QUOTED_CHARS]))
    return text


def number(value: int, what: str, least: int, most: int) -> int:
    """Return ``value``. Raises :class:`QueryError`, which calls it ``what``, if it is not in ``least`` to ``most``."""
    if not least <= value <= most:
        raise QueryError(code="query.number", name=what, least=f"{least:,}", most=f"{most:,}")
    return value


def portal_named(text: str, portals: Mapping[str, str]) -> str:
    """Return the name of the portal that ``text`` means. ``portals``: names with their places. Raises
    :class:`NotKnownError` with similar names and places.
    """
    name, similar = portal_meant(text, portals)
    if name is None:
        raise NotKnownError(suggestions=similar, code="not_known.portal", text=text)
    return name


def suggest_year(year: int, years_with_duties: Iterable[int]) -> NotKnownError:
    """Return the error for a year without duties, with the nearest years that have some, and all of these as spans."""
    every = sorted(set(years_with_duties))
    near = sorted(sorted(every, key=lambda other: (abs(other - year), other))[:3])
    code = "not_known.year_of" if every else "not_known.year"
    return NotKnownError(suggestions=map(str, near), code=code, year=year, known=spans(every))


def spans(years: Collection[int]) -> str:
    """Return years as people write them: 2019–2022, 2024."""
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
