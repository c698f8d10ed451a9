"""Files of lists of agencies: CSV and Excel, in and out. What others wrote is read within bounds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from archive.exports.formats.columns import FileFormat
from archive.exports.writing import check
from archive.identity.agency_csv import ROWS, AgencyListError, CsvLine, csv_lines, headed_lines
from nianbao.sentences import sentence
from storage.atomic_files import write_whole

MAX_BYTES = 16 << 20  #: of a file that is brought in
_UNPACKED, _CELLS = MAX_BYTES * 4, 1_000_000  # of a workbook
_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
_COLUMNS = 200  # of a sheet; none of ours lies further right
#: What the sheet of notes explains, each by its key in the catalogue.
_EXPLAINED = (
    "id", "kind", "code", "parent", "valid_from, valid_to", "aliases", "source", "ended", "successors", "guessed",
)  # fmt: skip


def read_lines(path: Path) -> list[CsvLine]:
    """The lines of a list in a CSV (UTF-8, or GB18030 as spreadsheets in China write it) or an Excel workbook.

    Of a workbook the first visible sheet that has the columns ``name`` and ``kind``. Raises OSError, AgencyListError.
    """
    if path.stat().st_size > MAX_BYTES:
        raise AgencyListError(sentence("agencies.too_large", file=path.name, megabytes=MAX_BYTES >> 20))
    data = path.read_bytes()
    if data.startswith((_ZIP, _OLE)):
        return _of_workbook(data, path.name)
    return csv_lines(_text(data, path.name), path.name)


def _of_workbook(data: bytes, name: str) -> list[CsvLine]:
    from archive.documents.model import Limits, UnreadableError
    from archive.documents.sheet import read_visible_texts

    try:
        for sheet, texts in read_visible_texts(data, Limits(bytes=_UNPACKED, cells=_CELLS)):
            lines = headed_lines(_rows(texts))
            if len(lines) > ROWS:
                raise AgencyListError(sentence("agencies.too_many_rows", file=name, sheet=sheet, most=ROWS))
            if lines and {"name", "kind"} <= lines[0].cells.keys():
                return lines
    except UnreadableError as error:
        raise AgencyListError(sentence("agencies.no_workbook", file=name, cause=error.reason)) from error
    raise AgencyListError(sentence("agencies.no_sheet", file=name))


def _rows(texts: Mapping[tuple[int, int], str]) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet from the top, each from its first column, with their numbers as a spreadsheet shows them."""
    for number, cells in groupby(sorted(texts), key=itemgetter(0)):
        columns = [col for _, col in cells if col < _COLUMNS]
        if columns:
            yield number + 1, [texts.get((number, col), "") for col in range(max(columns) + 1)]


def _text(data: bytes, name: str) -> str:
    for charset in ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            return data.decode(charset)
    raise AgencyListError(sentence("agencies.no_text", file=name))


# ------------------------------------------------------------------------------------------------- writing


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows as the text of a CSV."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def write_list(path: Path, rows: Sequence[Sequence[str]], *, bom: bool = False) -> None:
    """Write a list as a workbook where the file's name ends in .xlsx, else as CSV. Raises OSError, LackingError."""
    if path.suffix.lower() == ".xlsx":
        write_whole(path, _workbook(rows))
    else:
        write_whole(path, csv_text(rows).encode("utf-8-sig" if bom else "utf-8"))


def _workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """A sheet with every cell as text under a frozen header, and one that says what the columns are."""
    check(FileFormat.XLSX)
    import xlsxwriter

    notes = [(sentence("agency_notes.column"), sentence("agency_notes.meaning"))]
    notes += [(name, sentence(f"agency_notes.{name.partition(',')[0]}")) for name in _EXPLAINED]
    notes += [("", sentence("agency_notes.blank")), ("", sentence("agency_notes.kept"))]
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        for title, content in (("agencies", rows), ("notes", notes)):
            sheet = book.add_worksheet(title)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(content[0]) - 1, 18)
            for number, cells in enumerate(content):
                for col, text in enumerate(cells):
                    sheet.write_string(number, col, text, bold if number == 0 else None)
    return out.getvalue()
