"""Write tables to files: choose the format, write CSV and JSON lines, describe the file, show progress.

Each other format has a module of its own, which is imported only if it is used. Files are complete or not there: they
are written under another name, then renamed; and none is written among the archive's own.
"""

from __future__ import annotations

import csv
import hashlib
import re
import shlex
import shutil
import sys
import time
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from io import BufferedIOBase
from pathlib import Path
from pkgutil import resolve_name
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from archive.exports.formats.columns import (
    About,
    BatchedRows,
    Coded,
    FileFormat,
    Sheet,
    Written,
    answer_formats,
    declared_columns,
)
from archive.exports.formats.describing import DICTIONARY, ExportedFile, dictionary, package, resource, write_json
from archive.exports.plain_values import json_line, neutral, one_text
from archive.queries.bounds import LackingError, QuestionError
from archive.queries.frames import SIMULATED
from storage.atomic_files import whole_file
from storage.records import Capture

if TYPE_CHECKING:
    from storage.home import Home

#: folders of an archive in which users may write files
_USER_FOLDERS = ("exports", "releases")
_MAX_QUOTED_CHARS = 200  # of a path, in errors
_NAME_MAX_BYTES = 120  # of a file
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that zip files can hold


class NotWritableError(QuestionError, ValueError):
    """A path to which nothing may be written; the message says why."""


def safe_place(home: Home, path: Path) -> Path:
    """Return ``path``, to which a file is to be written, as an absolute path with links followed. Raises
    :class:`NotWritableError` for a folder, a pipe or device, a path in a folder that does not exist (probably a typing
    error), and a path inside the archive, whose files are never overwritten, except in ``exports/`` and ``releases/``.
    """
    place = _outside(home, path)
    if place.is_dir():
        raise NotWritableError(code="place_folder", path=path)
    if path.exists() and not path.is_file():  # a pipe, a terminal
        raise NotWritableError(code="place_no_file", path=path)
    return place


def safe_folder(home: Home, path: Path) -> Path:
    """Return ``path``, at which a new folder or file is to be made, as an absolute path; a link at its end is not
    followed. Raises :class:`NotWritableError` as :func:`safe_place`, but not for existing files or folders.
    """
    path = path.expanduser().absolute()
    return _outside(home, path.parent / "any", shown_path=path).parent / path.name


def _outside(home: Home, path: Path, shown_path: Path | None = None) -> Path:
    """Return ``path`` resolved. Raise NotWritableError if its folder does not exist, or belongs to the archive and is
    none of ``_USER_FOLDERS``. ``shown_path``: the path to name in errors instead.
    """
    try:
        place = path.expanduser().resolve()
        there = place.exists() or place.parent.is_dir()
    except (OSError, RuntimeError, ValueError) as error:  # links in a circle, a name too long, or with a NUL
        beginning = str(shown_path or path)[:_MAX_QUOTED_CHARS]
        raise NotWritableError(code="place_unusable", path=beginning, cause=error) from error
    own = home.path.resolve()
    is_users = any(place.is_relative_to(own / one) for one in _USER_FOLDERS)
    if place.is_relative_to(own) and not is_users:
        path_as_named, below = shown_path or path, own / _USER_FOLDERS[0]
        raise NotWritableError(code="place_of_archive", path=path_as_named, below=below)
    if is_users:
        place.parent.mkdir(parents=True, exist_ok=True)  # these folders exist only once they are used
    elif not there:
        quoted = shlex.quote(str(place.parent))
        raise NotWritableError(code="place_no_folder", folder=place.parent, quoted=quoted)
    return place


def write_zip(target: Path, entries: Mapping[str, Path]) -> None:
    """Pack files into a new zip file, by their names in it; the same files give the same bytes."""
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as zip_file:
        for name, path in entries.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            with path.open("rb") as source, zip_file.open(entry, "w", force_zip64=True) as out:
                shutil.copyfileobj(source, out, 1 << 20)


def digest_of(stream: BufferedIOBase) -> str:
    """Return the SHA-256 of an open file, in hex; the file is closed then."""
    with stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def file_name(capture: Capture) -> str:
    """Return a safe file name for a document: its digest and the end of its address (letters, digits, ``._-``)."""
    path = unquote(urlsplit(capture.url.replace("\\", "/")).path, errors="replace") if "//" in capture.url else ""
    last = path.rstrip("/").rpartition("/")[2]
    plain = "".join(c if c in "._-" or unicodedata.category(c)[0] in "LN" else "_" for c in last).strip("._-")
    while len(plain.encode()) > _NAME_MAX_BYTES:
        plain = plain[1:]  # keep the end, as it has the file type
    return "-".join(filter(None, ((capture.document or "")[:16], plain)))


# ---------------------------------------------------------------------------------------------- tables


_EXTRA = "exports"
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_PLAIN = re.compile("[^a-z0-9._-]")  # characters that names of descriptors may not have
_SECONDS_BETWEEN_UPDATES = 0.5  # of progress on a terminal


class UnknownFormatError(QuestionError, ValueError):
    """An unknown format; the message lists the known ones."""


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
        raise UnknownFormatError(code="no_format", text=name_or_suffix, every=", ".join(FileFormat)) from None


def writer_of(fmt: FileFormat, *, bom: bool = False) -> Callable[[Sheet, About, Path], Written]:
    """Return the function that writes a table to a file (``bom``: CSV begins with a mark for Excel), importing its
    module now. Raises :class:`LackingError` if the package that the format needs is not installed.
    """
    if fmt.is_text:
        return partial(_write_text, fmt, bom)
    try:
        writer: Callable[[Sheet, About, Path], Written] = resolve_name(
            f"archive.exports.formats.{answer_formats()[fmt].writer}"
        )
    except ModuleNotFoundError as error:
        raise LackingError(code="lacking.format", format=fmt.value, package=error.name, extra=_EXTRA) from error
    return writer


def _write_text(fmt: FileFormat, bom: bool, sheet: Sheet, _: About, path: Path) -> Written:
    with path.open("w", encoding="utf-8", newline="") as stream:
        return write_lines(fmt, sheet, stream, bom=bom)


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
    """Write a table (``bom``: CSV with a mark for Excel) to ``place``, with ``<name>.dictionary.csv`` and
    ``<name>.datapackage.json`` beside it, each completely or not at all. Raises OSError, LackingError.
    """
    with whole_file(place) as out:
        written = writer_of(fmt, bom=bom)(sheet, about, Path(out.name))
    words = place.with_name(f"{place.name}.dictionary.csv")
    with whole_file(words) as out:
        write_csv(Path(out.name), DICTIONARY, map(dict.values, dictionary(sheet)))
    name = _PLAIN.sub("-", place.stem.lower()) or "export"
    file = described(sheet, fmt, place, written, place.name)
    with whole_file(place.with_name(f"{place.name}.datapackage.json")) as out:
        write_json(Path(out.name), package(name, [resource(file)], about, dictionary=words.name))
    return written


def described(sheet: Sheet, fmt: FileFormat, place: Path, written: Written, name: str) -> ExportedFile:
    """Return the description of a written file for ``datapackage.json``; ``name``: its path there."""
    digest, size = digest_of(place.open("rb")), place.stat().st_size
    return ExportedFile(path=name, fmt=fmt, sheet=sheet, rows=written.rows, size=size, digest=digest)


def write_csv(path: Path, names: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Write rows of text as CSV, headed by ``names``, with formulas made harmless."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(map(neutral, row) for row in rows)


def passed_through(sheet: Sheet, step: Callable[[Iterable[Any]], Iterator[Any]]) -> Sheet:
    """Return the table with its rows, or the batches of its rows, passed through the generator ``step``."""
    rows = sheet.rows
    return replace(sheet, rows=BatchedRows(step(rows.batches)) if isinstance(rows, BatchedRows) else step(rows))


def mark_simulated(sheet: Sheet, home: Home) -> Sheet:
    """Return the table; from an archive of imitation portals it has a last column that says so in every row, because a
    file may be passed on under another name and without its description.
    """

    def with_column(parts: Iterable[Any]) -> Iterator[Any]:
        for part in parts:
            rows = len(next(iter(part.values()))) if isinstance(sheet.rows, BatchedRows) else None
            yield {**part, SIMULATED: True if rows is None else Coded(bytes(rows), (True,))}

    if not home.simulated or SIMULATED in {one.name for one in sheet.columns}:
        return sheet
    return replace(passed_through(sheet, with_column), columns=(*sheet.columns, declared_columns()[SIMULATED]))


def with_progress(sheet: Sheet, line: str = "{table}: {rows} rows") -> Sheet:
    """Return the table with rows that show progress (``line``) on standard error: often on a terminal, else once. While
    they are written, it says how many of all rows are done, or how many in a second if their number is not known.
    """
    is_batched = isinstance(sheet.rows, BatchedRows)

    def report_rows(parts: Iterable[Any]) -> Iterator[Any]:
        """Yield the rows or batches unchanged, and write how many rows there were so far."""
        is_terminal, start, rows = sys.stderr.isatty(), time.monotonic(), 0
        last = start
        for part in parts:
            yield part
            rows += len(next(iter(part.values()))) if is_batched else 1  # a batch maps names to columns
            if is_terminal and time.monotonic() - last > _SECONDS_BETWEEN_UPDATES:
                last = time.monotonic()
                count = f"{rows:,}" if sheet.row_count is None else f"{rows:,}/{sheet.row_count:,}"
                speed = f", {rows / (last - start):,.0f} / s" if sheet.row_count is None else ""
                sys.stderr.write(f"\r{line.format(table=sheet.name, rows=count)}{speed}\033[K")
                sys.stderr.flush()
        text = line.format(table=sheet.name, rows=f"{rows:,}")
        sys.stderr.write(f"\r{text}\033[K\n" if is_terminal else f"{text}\n")
        sys.stderr.flush()

    return passed_through(sheet, report_rows)
