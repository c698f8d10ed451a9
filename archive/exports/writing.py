"""Tables into files, with what describes them beside; how far one is, on standard error."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from archive.exports.files import digest_of, whole
from archive.exports.formats.choosing import writer_of
from archive.exports.formats.describing import DICTIONARY, ExportedFile, dictionary, package, write_json
from archive.exports.formats.model import About, FileFormat, Row, Sheet, Written
from archive.exports.plain_values import neutral

_EVERY = 0.5  # seconds between two words on a terminal


def write_file(sheet: Sheet, about: About, fmt: FileFormat, place: Path, *, bom: bool = False) -> Written:
    """Write a table to ``place``, each file whole or not at all, with ``<name>.dictionary.csv`` and
    ``<name>.datapackage.json`` beside it. Raises OSError, LackingError.
    """
    with whole(place) as aside:
        written = writer_of(fmt, bom=bom)(sheet, about, aside)
    made = described(sheet, fmt, place, written, place.name)
    words = place.with_name(f"{place.name}.dictionary.csv")
    with whole(words) as aside:
        write_dictionary([sheet], aside)
    with whole(place.with_name(f"{place.name}.datapackage.json")) as aside:
        write_json(aside, package(_slug(place.stem), [made], about, dictionary=words.name))
    return written


def described(sheet: Sheet, fmt: FileFormat, place: Path, written: Written, name: str) -> ExportedFile:
    """A file that was written, as a descriptor tells it."""
    return ExportedFile(
        path=name, fmt=fmt, sheet=sheet, rows=written.rows, size=place.stat().st_size, digest=digest_of(place)
    )


def write_dictionary(sheets: Iterable[Sheet], path: Path) -> None:
    """Write what every column of the tables is, as CSV."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(DICTIONARY)
        writer.writerows([neutral(row[name]) for name in DICTIONARY] for sheet in sheets for row in dictionary(sheet))


def _slug(text: str) -> str:
    """A name as descriptors want it: small letters, digits, ``.``, ``_`` and ``-``."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in text.lower()) or "export"


def watched(sheet: Sheet, line: str = "{table}: {rows} rows") -> Sheet:
    """The table, telling on standard error by ``line`` how far it is: in place on a terminal, once in a pipe."""
    return replace(sheet, rows=_watched(sheet, line))


def _watched(sheet: Sheet, line: str) -> Iterator[Row]:
    terminal, said, rows = sys.stderr.isatty(), time.monotonic(), 0
    begun = said
    for row in sheet.rows:
        yield row
        rows += 1
        if terminal and rows % 200 == 0 and time.monotonic() - said > _EVERY:
            said = time.monotonic()
            sys.stderr.write(f"\r{line.format(table=sheet.name, rows=f'{rows:,}')}, {rows / (said - begun):,.0f} / s")
            sys.stderr.flush()
    told = line.format(table=sheet.name, rows=f"{rows:,}")
    sys.stderr.write(f"\r{told}\033[K\n" if terminal else f"{told}\n")
    sys.stderr.flush()
