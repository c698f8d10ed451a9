"""Define the formats of answers (``formats.toml``), and exported tables with their columns (``columns.toml``).

In wide tables each indicator has two columns: value and state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import cache
from itertools import islice
from operator import attrgetter
from typing import Any

from archive.assessment.measures import Measure
from archive.assessment.scores import components
from archive.queries.bounds import data_file
from archive.queries.frames import ColumnKind, Origin
from archive.queries.words import figure_states, word


class FileFormat(StrEnum):
    """A format in which a table is one file."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    PARQUET = "parquet"
    DTA = "dta"

    @property
    def is_text(self) -> bool:
        """Whether the format is text that can be written to standard output line by line."""
        return self in {FileFormat.CSV, FileFormat.JSONL}

    @property
    def media_type(self) -> str:
        """The media type of the format."""
        return answer_formats()[self].media


class Content(StrEnum):
    """What a file of a format contains. ``answer``: a page of a list, or one record; ``table``: all lines."""

    ANSWER = "answer"
    TABLE = "table"
    PACKAGE = "package"
    METADATA = "metadata"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFormat:
    """One format. ``name``: the suffix of addresses; ``media``: the media type; other fields as in ``formats.toml``."""

    name: str
    content: Content
    media: str
    zh: str
    en: str
    writer: str = ""


@cache
def answer_formats() -> Mapping[str, AnswerFormat]:
    """Return all formats by name, in the order in which pages offer them."""
    entries = data_file("formats.toml", "archive.exports.formats").items()
    return {name: AnswerFormat(name=name, **{**one, "content": Content(one["content"])}) for name, one in entries}


# ---------------------------------------------------------------------------------------------- tables and columns


#: One row, by column name. Values: text, integers, decimals, flags, dates, times with zones, lists of these, or None.
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Word:
    """A possible value of a column, its Chinese word and its meaning. ``number``: its code in Stata files."""

    word: str
    zh: str
    en: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportColumn:
    """A column: ``zh`` and ``en`` describe it; ``more``: what the short ``zh`` leaves out (:meth:`meaning`). ``place``:
    where the national form prints it. ``title``: its header in files for people, if not its name. ``state``: the column
    that says why this one has no number, if it has none; ``unit_in``: the column with the unit. ``words``: the possible
    values of a ``chosen`` column.
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
    more: str = ""

    def meaning(self, lang: str) -> str:
        """Return what the column means, in full; its name alone may be short in Chinese."""
        return self.en if lang == "en" else "：".join(filter(None, (self.zh, self.more)))

    @property
    def heading(self) -> str:
        """The header of the column in a file."""
        return self.title or self.name

    @property
    def is_number(self) -> bool:
        """Whether the column has numbers."""
        return self.kind in {ColumnKind.INTEGER, ColumnKind.NUMBER}


@dataclass(frozen=True, slots=True)
class Coded(Sequence[object]):
    """A column of few different values: ``codes`` has a byte for each row, the position of its value in ``values``."""

    codes: bytes
    values: tuple[object, ...]

    def __getitem__(self, at: Any) -> Any:
        return self.values[self.codes[at]]

    def __iter__(self) -> Iterator[object]:
        return map(self.values.__getitem__, self.codes)

    def __len__(self) -> int:
        return len(self.codes)

    def __reduce__(self) -> Any:  # in a third of the usual time: a batch has more than a thousand
        return Coded, (self.codes, self.values)


#: Some rows as columns of equal length, by name.
Batch = Mapping[str, Sequence[object]]


@dataclass(frozen=True, slots=True)
class BatchedRows(Iterable[Row]):
    """The rows of a table that is made column by column, some thousand rows at once."""

    batches: Iterable[Batch]

    def __iter__(self) -> Iterator[Row]:
        return (row for batch in self.batches for row in rows_of(batch))


def rows_of(batch: Batch, names: Iterable[str] | None = None) -> Iterator[Row]:
    """Yield the rows of a batch, with all columns or only ``names``."""
    names = tuple(batch if names is None else names)
    return (dict(zip(names, values, strict=True)) for values in zip(*(batch[name] for name in names), strict=True))


def batches_of(rows: Iterable[Row], names: Sequence[str], size: int) -> Iterator[Batch]:
    """Yield the rows of any table in batches; ``size``: of a batch, if they are not made in batches already."""
    if isinstance(rows, BatchedRows):
        yield from rows.batches
        return
    waiting = iter(rows)
    while some := [*islice(waiting, size)]:
        yield {name: [row[name] for row in some] for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table: name, meaning, columns, ``key`` (the names of those that identify a row), and rows to iterate once;
    ``row_count``: how many there will be (None: not known beforehand).
    """

    name: str
    zh: str
    en: str
    key: tuple[str, ...]
    columns: tuple[ExportColumn, ...]
    rows: Iterable[Row]
    row_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class About(Origin):
    """The description that a file has of its origin. ``question``: the question in words; ``sources``: titles and
    addresses.
    """

    software: str
    reader: str
    question: str
    sources: tuple[tuple[str, str], ...] = ()
    licence: str = ""
    forms: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows were written, and how many values were left out or cut because the format cannot hold them."""

    rows: int
    inexact: int = 0


STATE = ".state"  #: ending of the name of an indicator's state column in wide tables


def _data() -> Mapping[str, Any]:
    return data_file("columns.toml", "archive.exports.formats")


@cache
def words(name: str) -> tuple[Word, ...]:
    """Return the words of a list in ``columns.toml``, or the states of figures (``state``), numbered from 1."""
    if name == "state":
        states = figure_states().items()
        entries = [(state, entry["meaning"]["en"]) for state, entry in states if entry.get("exported", True)]
    else:
        entries = [*_data()["words"][name]]
    return tuple(Word(token, word(name, token, "zh") or "", en, at) for at, (token, en) in enumerate(entries, start=1))


@cache
def missing_letters() -> Mapping[str, str]:
    """Return for each state without a number the letter of its extended missing value in Stata."""
    return {state: entry["stata"] for state, entry in figure_states().items() if "stata" in entry}


@cache
def declared_columns() -> Mapping[str, ExportColumn]:
    """Return all columns of ``[column]`` in ``columns.toml`` by name."""
    return {name: _column(name, entry) for name, entry in _data()["column"].items()}


def _column(name: str, entry: Mapping[str, Any], **values: str) -> ExportColumn:
    """Return the column that an entry of ``columns.toml`` declares; ``values`` replace the braces in its labels."""
    more = {key: entry[key] for key in ("unit", "unit_in", "place", "state", "more") if key in entry}
    labels = {lang: entry[lang].format(**values) for lang in ("zh", "en")}
    word_list = words(entry["words"]) if "words" in entry else ()
    return ExportColumn(name=name, kind=ColumnKind(entry["kind"]), words=word_list, **labels, **more)


#: prefixes of columns about one of two compared years, with the heading that wraps the other column's heading
_SIDES = {"before_": "earlier", "after_": "later"}


def heading(name: str, lang: str) -> str:
    """Return the heading of a column in files and tables for people. A column ``before_x`` or ``after_x`` (of one of
    two compared years) has the heading of ``x`` with the year put to it. Raises KeyError if there is none.
    """
    entry = _data()["column"].get(name, {}).get("heading") or _data()["heading"].get(name)
    if entry is not None:
        return str(entry[lang])
    for side, key in _SIDES.items():
        if name.startswith(side):
            return heading(key, lang).format(name=heading(name.removeprefix(side), lang))
    raise KeyError(name)


def display_rules(what: str) -> Mapping[str, Any]:
    """Return how people see columns of answers, by column: the table ``what`` of ``[people]`` in ``columns.toml``."""
    tables: Mapping[str, Any] = _data()["people"][what]
    return tables


def sheet(name: str, rows: Iterable[Row], measures: Iterable[Measure] = ()) -> Sheet:
    """Return a table of ``columns.toml`` with rows; the columns of ``measures`` follow the others."""
    entry = _data()["table"][name]
    columns = [*map(declared_columns().__getitem__, entry["columns"])]
    columns += [one for measure in measures for one in measure_columns(measure, "state")]
    return Sheet(name=name, zh=entry["zh"], en=entry["en"], key=tuple(entry["key"]), columns=tuple(columns), rows=rows)


@cache
def row_maker(name: str) -> Callable[..., Row]:
    """Return a function that makes a row of a table from keyword arguments: a column is the argument with its name, or
    else the attribute that ``from`` in ``columns.toml`` names (``line.status``: attribute of the argument ``line``).
    """
    entry = _data()["table"][name]
    own = entry.get("from", {})
    sources = {}
    for column in entry["columns"]:
        argument, _, path = own.get(column, _data()["column"][column].get("from", f"line.{column}")).partition(".")
        sources[column] = argument, attrgetter(path)

    def make(**values: Any) -> Row:
        return {
            column: values[column] if column in values else _plain(value_of(values[argument]))
            for column, (argument, value_of) in sources.items()
        }

    return make


def _plain(value: object) -> object:
    """Convert a value for a row: enum members to text, tuples to lists."""
    return value.value if isinstance(value, Enum) else [*value] if isinstance(value, tuple) else value


def panel_columns() -> Mapping[str, Sequence[str]]:
    """Return the panel's columns without figures by subject: ``provenance``, ``registry``, ``status``."""
    about: Mapping[str, Sequence[str]] = _data()["table"]["panel"]["about"]
    return about


def measure_columns(measure: Measure, *suffixes: str) -> Iterator[ExportColumn]:
    """Yield the columns of an indicator in a wide table: its value under the indicator's id, and for each of
    ``suffixes`` (``state``, ``doubt``, ``class``: ``[indicator]`` in ``columns.toml``) the column ``<id>.<suffix>``.
    """
    is_whole = measure.kind not in {"rate", "amount", "open_amount"}
    yield ExportColumn(
        name=measure.id,
        kind=ColumnKind.INTEGER if is_whole else ColumnKind.NUMBER,
        zh=measure.zh,
        en=measure.en,
        unit=measure.unit,
        place=", ".join(measure.places) if measure.derived else measure.zh,
        forms=measure.forms,
        state=measure.id + STATE,
    )
    for suffix in suffixes:
        yield _column(f"{measure.id}.{suffix}", _data()["indicator"][suffix], zh=measure.zh, id=measure.id)


def component_columns() -> Iterator[ExportColumn]:
    """Yield the two columns of each component of the scores: its value, and why it has it."""
    for one in components():
        name, sides = f"score.{one['id']}", ("one", "zero")
        meanings = {f"{side}_{lang}": one[side][lang] for side in sides for lang in ("zh", "en")}
        for column, end in ((name, "value"), (f"{name}.why", "why")):
            yield _column(column, _data()["component"][end], id=name, zh=one["zh"], en=one["en"], **meanings)
