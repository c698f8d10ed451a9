"""The commands ``agencies``: import lists from CSV or Excel (changes are shown first), export them, show an agency."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import typer

from archive.assessment.registry import attestations
from archive.exports.plain_values import fields_of
from archive.identity.agency_csv import (
    PORTAL,
    ROWS,
    AgencyListChanges,
    AgencyListError,
    CsvLine,
    changes,
    csv_lines,
    headed_lines,
    list_rows,
    parse_agencies,
)
from archive.queries.bounds import portal_named
from archive.queries.registry import registry_entry, rules
from archive.queries.where import instant_of_question
from nianbao.cli import common
from nianbao.cli.command_functions import archive_command
from nianbao.cli.common import STDOUT, instant, place_of, portal_of
from nianbao.cli.output import Printer, print_sentence
from nianbao.cli.screens import show
from nianbao.sentences import in_language, listed, sentence, worded
from storage.atomic_files import write_whole
from storage.home import Home
from storage.records import Agency, Portal
from storage.registry import Registry


@archive_command("json")
def import_agencies(
    home: Home, printer: Printer, file: Path, *, portal: str | None = None, dry_run: bool = False, yes: bool = False
) -> None:
    """Print what a list of agencies changes, then do so (not with ``dry_run``), on a terminal asking unless ``yes``."""
    from archive.projection.update import update

    changes_by_portal = _read_changes(home, file, portal)
    if printer.is_for_people:
        for one in changes_by_portal.values():
            _tell_changes(one)
    else:
        printer.table("agencies", [row for name, one in changes_by_portal.items() for row in _rows(name, one)])
    portals = [] if dry_run else [name for name, one in changes_by_portal.items() if one]
    is_asked = bool(portals) and not yes and sys.stdin.isatty()
    if is_asked and not typer.confirm(sentence("agencies.confirm")):
        common.fail(sentence("answer.nothing_changed"), common.DONE)
    if portals:
        for name in portals:
            one = changes_by_portal[name]
            Registry(home).put_portal(_portal_or_fail(home, name))  # one that was never crawled is not there yet
            Registry(home).put_agencies((*one.new_agencies, *(change.after for change in one.changed)))
        update(home, portals=portals)
    if printer.is_for_people:
        show("agency_sums", found=[*changes_by_portal.values()], is_done=not dry_run)
        if portals:
            key = "agencies.written" if yes or is_asked else "agencies.written_unasked"
            print_sentence(key, portals=listed(portals))
    common.attention(any(one.unsure for one in changes_by_portal.values()))


def _read_changes(home: Home, file: Path, portal: str | None) -> dict[str, AgencyListChanges]:
    """Return what a file would change, by portal; end with an error if it is no list or names an unknown portal."""
    now, origin, result = home.clock.now(), f"import of {file.name}", {}
    try:
        by_portal = _by_portal(read_lines(file), portal, file.name)
        places = {name: _portal_or_fail(home, name).place for name in (*by_portal, *filter(None, [portal]))}
        for name, lines in by_portal.items():
            registered, place = Registry(home).agencies(name), places[name]
            rows = parse_agencies(lines, portal=name, origin=origin, now=now, agencies=registered, place=place)
            result[name] = changes(registered, rows, place)
        return result
    except OSError as error:
        common.fail(sentence("agencies.unreadable", file=file, cause=error.strerror))
    except AgencyListError as error:
        common.fail(sentence("agencies.wrong", why=worded(error)))


def _portal_or_fail(home: Home, name: str) -> Portal:
    """Return a portal in the archive or among those we can crawl; else end with similar names."""
    from crawler.portals import classes, portal_record

    portals = {one.name: portal_record(one, home.clock.now()) for one in classes(home.path).values()}
    portals |= {one.name: one for one in Registry(home).portals()}
    if name not in portals:
        portal_named(name, dict.fromkeys(sorted(portals), ""))  # raises an error if a name is similar
        common.fail(sentence("agencies.no_portal", name=name))
    return portals[name]


def _by_portal(lines: Sequence[CsvLine], portal: str | None, name: str) -> dict[str, list[CsvLine]]:
    """Group lines by portal; each group begins with the line of headings. ``portal``: keep only its lines, among them
    those that name none (None: keep all); ``name``: of the file, for errors. Raises AgencyListError.
    """
    if portal is not None and not any(line.cells.get(PORTAL) for line in lines):
        return {portal: list(lines)}
    if not lines or PORTAL not in lines[0].cells:
        raise AgencyListError(sentence("agencies.no_portal_column", file=name, column=PORTAL))
    by_portal: dict[str, list[CsvLine]] = {}
    for line in lines[1:]:
        own = line.cells.get(PORTAL) or portal
        if own is None:
            raise AgencyListError(sentence("agencies.portal_not_given", file=name, line=line.number))
        if portal in {None, own}:
            by_portal.setdefault(own, [lines[0]]).append(line)
    return by_portal


def _tell_changes(changes_of_list: AgencyListChanges) -> None:
    """Print what a list changes, by agency and field, and warn about each agency that would lose its name."""
    show("agency_changes", found=changes_of_list)
    for change in changes_of_list.changed:
        if change.loses_its_name:
            common.write_error(sentence("agencies.loses_name", name=change.before.name))


def _rows(portal: str, changes_of_list: AgencyListChanges) -> list[dict[str, object]]:
    """Return a row for each new agency, changed field, agency that the list leaves out, and unsure row."""

    def row(change: str, agency: Agency, **field: object) -> dict[str, object]:
        nothing = dict.fromkeys(("field", "before", "after"))
        return {"portal": portal, **nothing, "change": change, "id": agency.id, "name": agency.name, **field}

    return [
        *(row("new", one) for one in changes_of_list.new_agencies),
        *(
            row("changed", one.after, field=name, before=before, after=after)
            for one in changes_of_list.changed
            for name, (before, after) in one.fields.items()
        ),
        *(row("not_listed", one) for one in changes_of_list.missing_agencies),
        *(row("unsure", one, after=[each.id for each in similar]) for one, similar in changes_of_list.unsure.items()),
    ]


@archive_command()
def export_agencies(
    home: Home, file: Path | None = None, *, portal: str | None = None, bom: bool = False, as_of: str | None = None
) -> None:
    """Print the registry as a list that ``agencies import`` reads; an unchanged list changes nothing."""
    at = instant(as_of)
    until = None if at is None else instant_of_question(home, at)
    if portal is not None:
        _portal_or_fail(home, portal)  # only to end with similar names if there is no such portal
    agencies = Registry(home).agencies(portal, until)
    rows = list_rows(agencies, with_portal=portal is None)
    if file is None or file == STDOUT:
        sys.stdout.write(("\ufeff" if bom else "") + csv_text(rows))
        return
    if file.suffix.lower() in {".xlsx", ".xls"}:
        common.fail(sentence("agencies.only_csv"))
    with common.writing(file):
        write_whole(place_of(home, file), csv_text(rows).encode("utf-8-sig" if bom else "utf-8"))
    print_sentence("agencies.exported", number=len(agencies), file=file)


@archive_command("json", "csv")
def list_agencies(home: Home, printer: Printer, *, portal: str | None = None) -> None:
    """Print the known agencies, each with all sources that ever named it, the most trusted first."""
    keys = (
        "id", "name", "kind", "code", "parent", "valid_from", "valid_to", "ended", "successors", "aliases", "source",
        "guessed",
    )  # fmt: skip
    rows: list[dict[str, object]] = []
    people: list[dict[str, object]] = []
    for history in Registry(home).agency_histories(portal_of(home, portal)).values():
        sources, row = attestations(history), fields_of(history[-1], *keys)
        rows.append(row | {"attested": list(dict.fromkeys(one.kind for one in sources))})
        attested = listed(list(dict.fromkeys(map(in_language, sources))))
        guessed = sentence("answer.yes") if history[-1].guessed else ""
        people.append(row | {"attested": attested, "guessed": guessed})
    printer.table("agencies", rows, people)


@archive_command("json")
def show_agency(home: Home, printer: Printer, agency: str, *, as_of: str | None = None) -> None:
    """Print all that the registry has on one agency: sources, dates, successors, duties with their legal basis."""
    record = registry_entry(home, agency, as_of=instant(as_of))
    if not printer.print_for_program(record.to_dict()):
        show("agency", found=record)


@archive_command("json", "csv")
def list_rules(home: Home, printer: Printer) -> None:
    """Print the rules on due dates: those of the law with their article, stricter ones of places with their source."""
    printer.table("rules", [one.to_dict() for one in rules(home)])


# ---------------------------------------------------------------------------------------------- reading files


MAX_BYTES = 16 << 20  #: of a file that is imported
_UNPACKED, _CELLS = MAX_BYTES * 4, 1_000_000  # limits of a workbook: unpacked bytes, cells
_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
_COLUMNS = 200  # columns of a sheet that are read; our lists have fewer


def read_lines(path: Path) -> list[CsvLine]:
    """Read the lines of a list from a CSV (UTF-8, or GB18030 as spreadsheets in China write it) or a workbook.

    In a workbook the first visible sheet with columns ``name`` and ``kind`` is read. Raises OSError, AgencyListError.
    """
    if path.stat().st_size > MAX_BYTES:
        raise AgencyListError(sentence("agencies.too_large", file=path.name, megabytes=MAX_BYTES >> 20))
    data = path.read_bytes()
    if data.startswith((_ZIP, _OLE)):
        return _of_workbook(data, path.name)
    return csv_lines(_text(data, path.name), path.name)


def _of_workbook(data: bytes, name: str) -> list[CsvLine]:
    """Return the lines of the first sheet of a workbook that has the columns ``name`` and ``kind``."""
    from archive.documents.model import Limits, UnreadableError
    from archive.documents.sheet import read_visible_texts

    try:
        for sheet, texts in read_visible_texts(data, Limits(bytes=_UNPACKED, cells=_CELLS)):
            lines = headed_lines(_sheet_rows(texts))
            if len(lines) > ROWS:
                raise AgencyListError(sentence("agencies.too_many_rows", file=name, sheet=sheet, most=ROWS))
            if lines and {"name", "kind"} <= lines[0].cells.keys():
                return lines
    except UnreadableError as error:
        raise AgencyListError(sentence("agencies.no_workbook", file=name, cause=error.reason)) from error
    raise AgencyListError(sentence("agencies.no_sheet", file=name))


def _sheet_rows(texts: Mapping[tuple[int, int], str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a sheet that are not empty, each with its number as a spreadsheet shows it (from 1)."""
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
    """Return rows as CSV text."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
