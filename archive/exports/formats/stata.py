"""Write Stata files, format 118 (Stata 14 and newer; ``help dta``), with Chinese labels of variables and values; the
extended missing values ``.a``, ``.b`` … say why a number is missing.

No library is used, because pyreadstat and pandas need the whole table in memory, and pandas cannot write extended
missing values. The tests read the files with both. The header of such a file contains the widths of texts and numbers,
so rows are written twice: first as JSON lines to a temporary file, then in their final form.

In wide tables the columns of states are left out, because the missing values say the same. Times are in Asia/Shanghai,
because Stata has no time zones.
"""

from __future__ import annotations

import json
import shutil
import struct
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import IO

from archive.exports.formats.columns import STATE, About, ExportColumn, Row, Sheet, Written, missing_letters, words
from archive.exports.formats.describing import notes, stata_name
from archive.exports.plain_values import exact_float, one_text
from archive.queries.frames import ColumnKind
from archive.queries.words import CHINA

BYTE, LONG, DOUBLE, STRL = 65530, 65528, 65526, 32768  #: codes of types; smaller ones: text of so many bytes
_WIDEST = 244  # bytes; a column with longer texts is a strL, stored outside the rows, so that rows stay short
_LEAST_LONG, _MOST_LONG = -2_147_483_647, 2_147_483_620
#: for each numeric type its struct format, the bits of the missing value ".", and the step to ".a", from that to ".b" …
_MISSING = {BYTE: ("<b", 101, 1), LONG: ("<i", 2_147_483_621, 1), DOUBLE: ("<Q", 0x7FE0 << 48, 1 << 40)}
_NAME, _FORMAT, _LABEL = 129, 57, 321  # bytes of a name, a format, a label, with the final zero byte
_LABEL_LETTERS = 80
_DAY_0 = date(1960, 1, 1)
_INSTANT_0 = datetime(1960, 1, 1, tzinfo=CHINA).replace(tzinfo=None)
_WHY_MISSING, _NO_YES = "why_missing", "no_yes"  # names of sets of value labels
#: type and display format of columns that are neither numbers nor text
_KINDS = {
    ColumnKind.CHOSEN: (BYTE, "%20.0g"),
    ColumnKind.FLAG: (BYTE, "%8.0g"),
    ColumnKind.DATE: (LONG, "%td"),
    ColumnKind.INSTANT: (DOUBLE, "%tc"),
}


def write_dta(sheet: Sheet, about: About, path: Path) -> Written:
    """Write a table to the file ``path``. Rows are first kept aside as JSON lines, because the head of the file needs
    the widths of all values; the map of the file's parts is written last, in its place near the beginning.
    """
    variables = [_Variable(one) for one in sheet.columns if not one.name.endswith(STATE)]
    rows = 0
    with tempfile.TemporaryFile("w+", encoding="utf-8", dir=path.parent) as aside:
        for row in sheet.rows:
            values = [one.encoded(row[one.column.name], row) for one in variables]
            aside.write(json.dumps(values, ensure_ascii=False) + "\n")
            rows += 1
        aside.seek(0)
        with path.open("wb") as out, tempfile.TemporaryFile(dir=path.parent) as texts:
            out.write(b"<stata_dta>" + _tagged("header", _header(len(variables), rows, f"{sheet.zh} {sheet.name}")))
            offsets = [0]  # of the parts of the file, for its map
            for name, content in _descriptions(variables, [f"{name}: {text}" for name, text in notes(sheet, about)]):
                offsets.append(out.tell())
                out.write(_tagged(name, content))
            offsets.append(out.tell())
            out.write(b"<data>")
            _write_rows(variables, map(json.loads, aside), out, texts)
            out.write(b"</data>")
            offsets.append(out.tell())
            texts.seek(0)
            out.write(b"<strls>")
            shutil.copyfileobj(texts, out)
            out.write(b"</strls>")
            for end in (_tagged("value_labels", b"".join(_value_labels(variables))), b"</stata_dta>"):
                offsets.append(out.tell())
                out.write(end)
            offsets.append(out.tell())
            out.seek(offsets[1])
            out.write(_tagged("map", struct.pack("<14Q", *offsets)))
    return Written(rows, sum(one.inexact for one in variables))


@dataclass
class _Variable:
    """A column with what its values need: bytes of the widest text, and whether its integers fit four bytes."""

    column: ExportColumn
    widest: int = 1
    fits_long: bool = True
    inexact: int = 0

    @cached_property
    def name(self) -> str:
        return stata_name(self.column.name)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {one.word: one.number for one in self.column.words}

    def encoded(self, value: object, row: Row) -> object:
        """Return a value as JSON can hold it and Stata counts it: days and milliseconds (China) since 1960, 0 or 1, the
        number of a word, text; of a missing number its letter. Note what the column needs: ``widest``, ``fits_long``.
        """
        column = self.column
        if column.is_number:
            return self._encoded_number(value, row)
        if value is None:
            return None
        if column.kind is ColumnKind.CHOSEN:
            return self._numbers[str(value)]
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

    def _encoded_number(self, value: object, row: Row) -> object:
        """Return a number, or the letter of the reason why ``row`` has none or no double holds it exactly."""
        if value is None:
            return missing_letters().get(str(row[self.column.state])) if self.column.state else None
        assert isinstance(value, Decimal | int | float)
        number = exact_float(Decimal(str(value)))
        if number is None:
            self.inexact += 1
            return missing_letters()["not_exact"]
        whole = number.is_integer() and _LEAST_LONG <= number <= _MOST_LONG
        self.fits_long &= whole
        return int(number) if whole else number

    @cached_property
    def shape(self) -> tuple[int, str]:
        """The variable's type and display format; valid after all values were encoded."""
        if self.column.is_number:
            whole = self.column.kind is ColumnKind.INTEGER and self.fits_long
            return (LONG, "%12.0g") if whole else (DOUBLE, "%14.0g")
        if self.column.kind in _KINDS:
            return _KINDS[self.column.kind]
        return (STRL, "%9s") if self.widest > _WIDEST else (self.widest, f"%{self.widest}s")

    @cached_property
    def value_labels(self) -> tuple[str, list[tuple[int, str]]] | None:
        """The name of the variable's set of value labels, and the numbers with their labels; None for no labels."""
        column = self.column
        if column.is_number and column.state:
            zh, (_, least, _) = {one.word: one.zh for one in words("state")}, _MISSING[LONG]
            letters = missing_letters().items()
            return _WHY_MISSING, [(least + _steps(letter), f"{zh[state]} {state}") for state, letter in letters]
        if column.kind is ColumnKind.CHOSEN:
            return f"l_{self.name}"[:32], [(one.number, f"{one.zh} {one.word}") for one in column.words]
        return (_NO_YES, [(0, "否 no"), (1, "是 yes")]) if column.kind is ColumnKind.FLAG else None

    def packed(self, value: object) -> bytes:
        """Return the bytes of a value in its row of the file, as wide as ``shape`` says; not for a strL, which is
        written apart. ``value``: as :meth:`encoded` returned it (a letter ``a`` … ``z`` or None for a missing number).
        """
        if self.shape[0] not in _MISSING:
            return str(value or "").encode().ljust(self.shape[0], b"\0")
        form, least, step = _MISSING[self.shape[0]]
        if not isinstance(value, (int, float)):
            return struct.pack(form, least + _steps(str(value or "")) * step)
        return struct.pack("<d" if self.shape[0] == DOUBLE else form, value)


def _steps(letter: str) -> int:
    """Return how many steps a missing value is above ".": 1 for ``.a`` to 26 for ``.z``, 0 for "." itself."""
    return ord(letter) - ord("a") + 1 if letter else 0


def _fixed(text: str, size: int) -> bytes:
    """Return text as a field of ``size`` bytes with a final zero byte; long text is cut between characters."""
    return text.encode()[: size - 1].decode(errors="ignore").encode().ljust(size, b"\0")


def _tagged(name: str, content: bytes) -> bytes:
    return f"<{name}>".encode() + content + f"</{name}>".encode()


def _header(variables: int, rows: int, label: str) -> bytes:
    """Return the head of the file; ``label``: the data label, cut to what Stata shows."""
    short = label[:_LABEL_LETTERS].encode()
    parts = {
        "release": b"118",
        "byteorder": b"LSF",
        "K": struct.pack("<H", variables),
        "N": struct.pack("<Q", rows),
        "label": struct.pack("<H", len(short)) + short,
        "timestamp": b"\0",
    }
    return b"".join(_tagged(name, content) for name, content in parts.items())


def _descriptions(variables: Sequence[_Variable], note_lines: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of the file before the rows; the map is filled in when all positions are known."""
    yield "map", bytes(8 * 14)
    yield "variable_types", b"".join(struct.pack("<H", one.shape[0]) for one in variables)
    yield "varnames", b"".join(_fixed(one.name, _NAME) for one in variables)
    yield "sortlist", bytes(2 * (len(variables) + 1))
    yield "formats", b"".join(_fixed(one.shape[1], _FORMAT) for one in variables)
    # label sets of numbers are in the file but not attached, because pandas would read the numbers as categories
    attached = (one.value_labels[0] if one.value_labels and not one.column.is_number else "" for one in variables)
    yield "value_label_names", b"".join(_fixed(one, _NAME) for one in attached)
    labels = (f"{one.column.zh}（{one.column.unit}）" if one.column.unit else one.column.zh for one in variables)
    yield "variable_labels", b"".join(_fixed(one[:_LABEL_LETTERS], _LABEL) for one in labels)
    owners = {"_dta": note_lines} | {one.name: [f"{one.column.name}: {one.column.en}"] for one in variables}
    yield "characteristics", b"".join(one for owner, texts in owners.items() for one in _notes_of(owner, texts))


def _notes_of(owner: str, texts: Sequence[str]) -> Iterator[bytes]:
    """Yield the notes of the file or of a variable in Stata's form: ``note0`` is their number."""
    for number, text in enumerate((str(len(texts)), *texts) if texts else ()):
        content = _fixed(owner, _NAME) + _fixed(f"note{number}", _NAME) + text.encode() + b"\0"
        yield _tagged("ch", struct.pack("<I", len(content)) + content)


def _write_rows(variables: Sequence[_Variable], rows: Iterable[list[object]], out: IO[bytes], texts: IO[bytes]) -> None:
    """Write the rows to ``out`` and long texts (strL) to ``texts``; equal texts in consecutive rows are written once. A
    row refers to a long text by the numbers, from 1, of the variable and of the row with which it was first written;
    (0, 0) is the empty text.
    """
    last: dict[int, tuple[str, bytes]] = {}
    for number, row in enumerate(rows, start=1):
        for at, (variable, value) in enumerate(zip(variables, row, strict=True), start=1):
            if variable.shape[0] != STRL:
                out.write(variable.packed(value))
                continue
            text = str(value or "")
            if text and last.get(at, ("", b""))[0] != text:
                content = text.encode() + b"\0"
                texts.write(b"GSO" + struct.pack("<IQBI", at, number, 130, len(content)) + content)
                last[at] = (text, struct.pack("<H", at) + struct.pack("<Q", number)[:6])
            out.write(last[at][1] if text else bytes(8))


def _value_labels(variables: Sequence[_Variable]) -> Iterator[bytes]:
    """Yield the sets of value labels (numbers with their labels), each once, in Stata's binary form."""
    for name, labels in dict(one.value_labels for one in variables if one.value_labels).items():
        values = sorted(labels)
        texts = [text.encode() + b"\0" for _, text in values]
        offsets = [sum(map(len, texts[:at])) for at in range(len(texts))]
        table = struct.pack("<ii", len(values), sum(map(len, texts)))
        table += struct.pack(f"<{2 * len(values)}i", *offsets, *(one for one, _ in values))
        table += b"".join(texts)
        yield _tagged("lbl", struct.pack("<I", len(table)) + _fixed(name, _NAME) + bytes(3) + table)
