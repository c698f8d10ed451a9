"""What a table that leaves the archive is, and the columns of every table (``columns.toml``).

In wide tables each indicator has two columns.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Any

from archive.assessment.measures import Measure
from archive.queries.frames import ColumnKind
from archive.queries.words import figure_states, word

#: One row: by column. Values are text, integers, decimals, flags, dates, aware instants, lists of these, or None.
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Word:
    """A token that may stand in a column, its Chinese word and its meaning. ``number``: what stands for it in Stata."""

    word: str
    zh: str
    en: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportColumn:
    """A column: ``zh`` and ``en`` say what it is, ``place`` where the national form prints it.

    ``title``: what stands above it in files for people, if not its name.
    ``state``: the column that says why there is no number where this one holds none; ``unit_in``: the column that holds
    the unit. ``words``: what may stand in a ``chosen`` one.
    """

    name: str
    kind: ColumnKind
    zh: str
    en: str
    unit: str = ""
    unit_in: str = ""
    place: str = ""
    forms: tuple[str, ...] = ()
    state: str = ""
    words: tuple[Word, ...] = ()
    title: str = ""

    @property
    def heading(self) -> str:
        """What stands above it in a file."""
        return self.title or self.name

    @property
    def is_number(self) -> bool:
        """Whether numbers stand in it."""
        return self.kind in {ColumnKind.INTEGER, ColumnKind.NUMBER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table: what it is called and means, its columns, the names of those that tell its rows apart, and its rows,
    which can be walked once.
    """

    name: str
    zh: str
    en: str
    key: tuple[str, ...]
    columns: tuple[ExportColumn, ...]
    rows: Iterable[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a file says of where it comes from. ``question``: what was asked in words; ``sources``: title and address;
    ``simulated``: the portals are imitations.
    """

    as_of: datetime
    software: str
    reader: str
    question: str
    simulated: bool
    sources: tuple[tuple[str, str], ...] = ()
    licence: str = ""
    forms: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: rows, and numbers that the format cannot hold exactly and that were left out of it."""

    rows: int
    inexact: int = 0


STATE = ".state"  #: what the name of an indicator's state ends in, in wide tables


@cache
def _data() -> Mapping[str, Any]:
    text = files("archive.exports.formats").joinpath("columns.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def words(name: str) -> tuple[Word, ...]:
    """Return the words of a list, numbered from 1 in their order; those of figures are all doors' (``state``)."""
    if name == "state":
        states = figure_states().items()
        listed = [(state, entry["meaning"]["en"]) for state, entry in states if entry.get("exported", True)]
    else:
        listed = [*_data()["words"][name]]
    return tuple(Word(token, word(name, token, "zh") or "", en, at) for at, (token, en) in enumerate(listed, start=1))


@cache
def missing_letters() -> Mapping[str, str]:
    """State without a number → the letter of Stata's extended missing value that stands for it."""
    return {state: entry["stata"] for state, entry in figure_states().items() if "stata" in entry}


@cache
def column(name: str) -> ExportColumn:
    """The column of this name."""
    entry = {key: value for key, value in _data()["column"][name].items() if key not in {"from", "heading"}}
    listed = words(entry.pop("words")) if "words" in entry else ()
    return ExportColumn(name=name, kind=ColumnKind(entry.pop("kind")), words=listed, **entry)


#: of a column about one of two years side by side
_SIDES = {"before_": "earlier", "after_": "later"}


def heading(name: str, lang: str) -> str:
    """What stands above a column in files and tables for people. Raises KeyError for one that has no heading."""
    entry = _data()["column"].get(name, {}).get("heading") or _data()["heading"].get(name)
    if entry is not None:
        return str(entry[lang])
    for side, key in _SIDES.items():
        if name.startswith(side):
            return heading(key, lang).format(name=heading(name.removeprefix(side), lang))
    raise KeyError(name)


def column_names() -> frozenset[str]:
    """Every column that has labels."""
    return frozenset(_data()["column"])


def sheet(name: str, rows: Iterable[Row], measures: Iterable[Measure] = ()) -> Sheet:
    """A table of ``columns.toml`` with its rows; ``measures`` follow the other columns."""
    entry = _data()["table"][name]
    columns = (*map(column, entry["columns"]), *(one for measure in measures for one in measure_columns(measure)))
    return Sheet(name=name, zh=entry["zh"], en=entry["en"], key=tuple(entry["key"]), columns=columns, rows=rows)


@cache
def row_maker(name: str) -> Callable[..., Row]:
    """Return what makes a row of a table of ``columns.toml``: each column is what is given under its name, else stands
    where ``from`` says in an object that is given.
    """
    entry = _data()["table"][name]
    own = entry.get("from", {})
    paths = {
        one: own.get(one, _data()["column"][one].get("from", f"line.{one}")).partition(".") for one in entry["columns"]
    }

    def make(**given: Any) -> Row:
        return {
            one: given[one] if one in given else _plain(getattr(given[at], field))
            for one, (at, _, field) in paths.items()
        }

    return make


def _plain(value: object) -> object:
    """A value as rows hold it: words of a vocabulary are text, tuples lists."""
    return value.value if isinstance(value, Enum) else [*value] if isinstance(value, tuple) else value


def panel_columns() -> Mapping[str, Sequence[str]]:
    """The columns of the panel that hold no figure: those of the ``provenance``, the ``registry``, the ``status``."""
    about: Mapping[str, Sequence[str]] = _data()["table"]["panel"]["about"]
    return about


def table_key(name: str) -> tuple[str, ...]:
    """The columns that tell the rows of a table apart; none where only all of them do."""
    return tuple(_data()["table"][name]["key"])


def measure_columns(measure: Measure) -> Iterator[ExportColumn]:
    """The two columns of an indicator in a wide table."""
    whole = measure.kind not in {"rate", "amount", "open_amount"}
    places = ", ".join(measure.places) if measure.derived else measure.zh
    yield ExportColumn(
        name=measure.id,
        kind=ColumnKind.INTEGER if whole else ColumnKind.NUMBER,
        zh=measure.zh,
        en=measure.en,
        unit=measure.unit,
        place=places,
        forms=measure.forms,
        state=measure.id + STATE,
    )
    yield ExportColumn(
        name=measure.id + STATE,
        kind=ColumnKind.CHOSEN,
        zh=f"{measure.zh}：状态",
        en=f"why {measure.id} is there or not",
        words=words("state"),
    )
