"""Write tables to files: choose the format, write CSV and JSON lines, describe the file, show progress.

Each other format has a module of its own, which is imported only if it is used.
"""

from __future__ import annotations

import csv
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import IO, TypeVar

from archive.exports.files import digest_of, whole
from archive.exports.formats.answer_formats import FileFormat, answer_formats
from archive.exports.formats.columns import About, BatchedRows, Sheet, Written
from archive.exports.formats.describing import DICTIONARY, ExportedFile, dictionary, package, resource, write_json
from archive.exports.plain_values import json_line, neutral, one_text
from archive.queries.bounds import QuestionError

_EXTRA = "exports"
Part = TypeVar("Part")
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_PLAIN = re.compile("[^a-z0-9._-]")  # characters that names of descriptors may not have
_EVERY = 0.5  # seconds between two updates of progress on a terminal


class LackingError(QuestionError):
    """A package that a format needs is not installed; the message says which extra brings it."""


class UnknownFormatError(QuestionError, ValueError):
    """An unknown format; the message lists the known ones."""

    def __init__(self, text: str) -> None:
        super().__init__(code="no_format", text=text, every=", ".join(FileFormat))


def format_of(name: str | None, output: Path | None) -> FileFormat:
    """Return the format with this name or, without one, of the output file's ending; JSON lines if neither is given.

    Raises :class:`UnknownFormatError`.
    """
    name_or_suffix = name or (output.suffix.removeprefix(".").lower() if output is not None else "")
    if not name_or_suffix:
        return FileFormat.JSONL
    try:
        return FileFormat(name_or_suffix)
    except ValueError:
        raise UnknownFormatError(name_or_suffix) from None


def check(fmt: FileFormat) -> None:
    """Raise :class:`LackingError` if the package that a format needs is not installed."""
    needed = answer_formats()[fmt].needs
    if not needed:
        return
    try:
        import_module(needed)
    except ModuleNotFoundError as error:
        raise LackingError(code="lacking.format", format=fmt.value, package=needed, extra=_EXTRA) from error


def writer_of(fmt: FileFormat, *, bom: bool = False) -> Callable[[Sheet, About, Path], Written]:
    """Return the function that writes a table to a file, importing its module now. Raises :class:`LackingError`."""
    check(fmt)
    module, _, name = answer_formats()[fmt].writer.partition(":")
    if module:
        own_writer: Callable[[Sheet, About, Path], Written] = getattr(
            import_module(f"archive.exports.formats.{module}"), name
        )
        return own_writer

    def write(sheet: Sheet, _about: About, path: Path) -> Written:
        with path.open("w", encoding="utf-8", newline="") as stream:
            return write_lines(fmt, sheet, stream, bom=bom)

    return write


def write_lines(fmt: FileFormat, sheet: Sheet, stream: IO[str], *, bom: bool = False) -> Written:
    """Write a table as text, one line for each row: JSON with unchanged values, or CSV with formulas made harmless.
    ``bom``: begin CSV with the mark by which Excel recognises UTF-8.
    """
    names, rows = [one.name for one in sheet.columns], 0
    if fmt is FileFormat.JSONL:
        for row in sheet.rows:
            stream.write(json_line(row if [*row] == names else {name: row[name] for name in names}) + "\n")
            rows += 1
        return Written(rows)
    stream.write(BOM if bom else "")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([one.heading for one in sheet.columns])
    for row in sheet.rows:
        writer.writerow([neutral(one_text(row[name])) for name in names])
        rows += 1
    return Written(rows)


def write_file(sheet: Sheet, about: About, fmt: FileFormat, place: Path, *, bom: bool = False) -> Written:
    """Write a table to ``place``, with ``<name>.dictionary.csv`` and ``<name>.datapackage.json`` beside it, each file
    completely or not at all. Raises OSError, LackingError.
    """
    with whole(place) as aside:
        written = writer_of(fmt, bom=bom)(sheet, about, aside)
    file = described(sheet, fmt, place, written, place.name)
    words = place.with_name(f"{place.name}.dictionary.csv")
    with whole(words) as aside:
        write_dictionary([sheet], aside)
    with whole(place.with_name(f"{place.name}.datapackage.json")) as aside:
        write_json(
            aside,
            package(_PLAIN.sub("-", place.stem.lower()) or "export", [resource(file)], about, dictionary=words.name),
        )
    return written


def described(sheet: Sheet, fmt: FileFormat, place: Path, written: Written, name: str) -> ExportedFile:
    """Return the description of a written file for ``datapackage.json``; ``name``: its path there."""
    return ExportedFile(
        path=name, fmt=fmt, sheet=sheet, rows=written.rows, size=place.stat().st_size, digest=digest_of(place)
    )


def write_dictionary(sheets: Iterable[Sheet], path: Path) -> None:
    """Write the meanings of all columns of the tables as CSV."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(DICTIONARY)
        writer.writerows([neutral(row[name]) for name in DICTIONARY] for sheet in sheets for row in dictionary(sheet))


def with_progress(sheet: Sheet, line: str = "{table}: {rows} rows") -> Sheet:
    """Return the table with rows that show progress (``line``) on standard error: often on a terminal, else once."""
    if isinstance(sheet.rows, BatchedRows):
        batches = _reporting_progress(
            sheet.name, sheet.rows.batches, line, lambda batch: len(next(iter(batch.values())))
        )
        return replace(sheet, rows=BatchedRows(batches))
    return replace(sheet, rows=_reporting_progress(sheet.name, sheet.rows, line, lambda _: 1))


def _reporting_progress(name: str, parts: Iterable[Part], line: str, size: Callable[[Part], int]) -> Iterator[Part]:
    """Yield the rows or batches of a table while progress is shown; ``size``: how many rows one of them is."""
    terminal, last, rows = sys.stderr.isatty(), time.monotonic(), 0
    begun = last
    for part in parts:
        yield part
        rows += size(part)
        if terminal and time.monotonic() - last > _EVERY:
            last = time.monotonic()
            sys.stderr.write(f"\r{line.format(table=name, rows=f'{rows:,}')}, {rows / (last - begun):,.0f} / s")
            sys.stderr.flush()
    text = line.format(table=name, rows=f"{rows:,}")
    sys.stderr.write(f"\r{text}\033[K\n" if terminal else f"{text}\n")
    sys.stderr.flush()
