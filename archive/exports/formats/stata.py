"""Stata files: Chinese labels of variables and values, and why a number is missing as ``.a``, ``.b`` ….

How wide texts are and how large numbers stands before the rows in such a file, so the rows are written twice: first as
lines of JSON beside, then as they are. Memory stays small whatever the table.

In wide tables the columns of states are left out: what they say is the kind of missing value. Instants are those of
Asia/Shanghai, for Stata knows no zones.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO

from archive.exports.formats.columns import STATE, About, Column, Row, Sheet, Written, missing_letters, words
from archive.exports.formats.describing import notes
from archive.exports.formats.stata_layout import (
    BYTE,
    DOUBLE,
    LEAST_LONG,
    LONG,
    MOST_LONG,
    STRL,
    WIDEST,
    Variable,
    beginning,
    packed,
    pointer,
    stata_name,
    string_apart,
    value_labels,
    with_map,
)
from archive.exports.plain_values import exact_float, one_text
from archive.queries.frames import ColumnKind
from archive.queries.words import CHINA

_DAY_0 = date(1960, 1, 1)
_INSTANT_0 = datetime(1960, 1, 1, tzinfo=CHINA).replace(tzinfo=None)
_MISSING = "why_missing"  # the set of labels of extended missing values
_FLAG = "no_yes"
#: type, format and labels of what is no number; of all others texts
_KINDS = {
    ColumnKind.CHOSEN: (BYTE, "%20.0g", ""),
    ColumnKind.FLAG: (BYTE, "%8.0g", _FLAG),
    ColumnKind.DATE: (LONG, "%td", ""),
    ColumnKind.INSTANT: (DOUBLE, "%tc", ""),
}


def write_dta(sheet: Sheet, about: About, path: Path) -> Written:
    """Write a table into the file ``path``."""
    columns = [one for one in sheet.columns if not one.name.endswith(STATE)]
    seen = [_SeenColumn(one) for one in columns]
    rows = 0
    with tempfile.TemporaryFile("w+", encoding="utf-8", dir=path.parent) as aside:
        for row in sheet.rows:
            aside.write(json.dumps([one.encoded(row[one.column.name], row) for one in seen], ensure_ascii=False) + "\n")
            rows += 1
        aside.seek(0)
        variables = [one.variable() for one in seen]
        with path.open("wb") as out, tempfile.TemporaryFile(dir=path.parent) as texts:
            note_lines = [f"{name}: {text}" for name, text in notes(sheet, about)]
            begun, places = beginning(variables, rows, f"{sheet.zh} {sheet.name}", note_lines)
            out.write(begun)
            places.append(out.tell())
            out.write(b"<data>")
            _rows(variables, (json.loads(line) for line in aside), out, texts)
            out.write(b"</data>")
            places.append(out.tell())
            texts.seek(0)
            out.write(b"<strls>")
            shutil.copyfileobj(texts, out)
            out.write(b"</strls>")
            places.append(out.tell())
            out.write(value_labels(_labels(columns)))
            places.append(out.tell())
            out.write(b"</stata_dta>")
            places.append(out.tell())
            out.seek(0)
            out.write(with_map(begun, places))
    return Written(rows, sum(one.inexact for one in seen))


@dataclass(slots=True)
class _SeenColumn:
    """A column and what was seen in it: the widest text, whether its integers fit four bytes."""

    column: Column
    widest: int = 1
    fits_long: bool = True
    inexact: int = 0
    numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.numbers = {one.word: one.number for one in self.column.words}

    def encoded(self, value: object, row: Row) -> object:
        """A value as JSON: a number, a text; in columns of numbers a letter where one is missing so."""
        column = self.column
        if column.is_number:
            return self._number(value, row)
        if value is None:
            return None
        if column.kind is ColumnKind.CHOSEN:
            return self.numbers[str(value)]
        if column.kind is ColumnKind.FLAG:
            return int(bool(value))
        if isinstance(value, datetime):
            local = value.astimezone(CHINA).replace(tzinfo=None)
            return round((local - _INSTANT_0).total_seconds() * 1000)
        if isinstance(value, date):
            return (value - _DAY_0).days
        text = one_text(value)
        self.widest = max(self.widest, len(text.encode()))
        return text

    def _number(self, value: object, row: Row) -> object:
        if value is None:
            return missing_letters().get(str(row[self.column.state])) if self.column.state else None
        assert isinstance(value, Decimal | int | float)
        number = exact_float(Decimal(str(value)))
        if number is None:
            self.inexact += 1
            return missing_letters()["not_exact"]
        whole = number.is_integer() and LEAST_LONG <= number <= MOST_LONG
        self.fits_long &= whole
        return int(number) if whole else number

    def variable(self) -> Variable:
        """The variable that holds what was seen."""
        column = self.column
        kind, display, labels = _KINDS.get(column.kind, (self.widest, f"%{self.widest}s", ""))
        if column.is_number:
            whole = column.kind is ColumnKind.INTEGER and self.fits_long
            kind, display = (LONG, "%12.0g") if whole else (DOUBLE, "%14.0g")
            labels = _MISSING if column.state else ""
        elif column.kind is ColumnKind.CHOSEN:
            labels = _set(column)
        elif kind > WIDEST and column.kind not in _KINDS:
            kind, display = STRL, "%9s"
        return Variable(
            name=stata_name(column.name),
            kind=kind,
            display=display,
            label=f"{column.zh}（{column.unit}）" if column.unit else column.zh,
            labels=labels,
            note=f"{column.name}: {column.en}",
        )


def _rows(variables: Sequence[Variable], rows: Iterator[list[object]], out: IO[bytes], texts: IO[bytes]) -> None:
    """Write the rows, and the long texts beside: one that several rows in turn have once."""
    last: dict[int, tuple[str, bytes]] = {}
    for number, row in enumerate(rows, start=1):
        parts = []
        for at, (variable, value) in enumerate(zip(variables, row, strict=True), start=1):
            if variable.kind != STRL:
                parts.append(packed(variable, value))
            elif not value:
                parts.append(pointer(0, 0))
            else:
                text = str(value)
                if last.get(at, ("", b""))[0] != text:
                    texts.write(string_apart(at, number, text))
                    last[at] = (text, pointer(at, number))
                parts.append(last[at][1])
        out.write(b"".join(parts))


def _set(column: Column) -> str:
    return f"l_{stata_name(column.name)}"[:32]


def _labels(columns: Sequence[Column]) -> dict[str, list[tuple[int | str, str]]]:
    found: dict[str, list[tuple[int | str, str]]] = {}
    for column in columns:
        if column.kind is ColumnKind.CHOSEN:
            found[_set(column)] = [(one.number, f"{one.zh} {one.word}") for one in column.words]
        if column.kind is ColumnKind.FLAG:
            found[_FLAG] = [(0, "否 no"), (1, "是 yes")]
        if column.state:
            zh = {one.word: one.zh for one in words("state")}
            found[_MISSING] = [(letter, f"{zh[state]} {state}") for state, letter in missing_letters().items()]
    return found
