"""What a table that leaves the archive is, whatever the format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from archive.queries.frames import ColumnKind

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
class Column:
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
    columns: tuple[Column, ...]
    rows: Iterable[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a file says of where it comes from. ``asked``: the question in words; ``sources``: title and address;
    ``simulated``: the portals are imitations.
    """

    as_of: datetime
    software: str
    reader: str
    asked: str
    simulated: bool
    sources: tuple[tuple[str, str], ...] = ()
    licence: str = ""
    forms: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: rows, and numbers that the format cannot hold exactly and that were left out of it."""

    rows: int
    inexact: int = 0


class FileFormat(StrEnum):
    """A format of files."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    PARQUET = "parquet"
    DTA = "dta"

    @property
    def is_text(self) -> bool:
        """Whether it can go to standard output, a line after the other."""
        return self in {FileFormat.CSV, FileFormat.JSONL}


#: what each format's media type is (IANA, or as its makers say)
MEDIA_TYPES = {
    FileFormat.CSV: "text/csv",
    FileFormat.JSONL: "application/jsonl",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.PARQUET: "application/vnd.apache.parquet",
    FileFormat.DTA: "application/x-stata-dta",
}
