"""``agencies``: who owes reports. Lists in and out, a list's changes shown before they are made, one body's record."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from archive.assessment.registry import attestations
from archive.exports.writing import LackingError
from archive.identity.agency_csv import (
    PORTAL,
    AgencyListChanges,
    AgencyListError,
    CsvLine,
    changes,
    list_rows,
    parse_lines,
)
from archive.queries.nearest import portal_named
from archive.queries.registry import body, rules
from archive.queries.where import instant_of_question
from nianbao.cli import common
from nianbao.cli.agency_files import csv_text, read_lines, write_list
from nianbao.cli.command_functions import archive_command
from nianbao.cli.commands.portals import classes
from nianbao.cli.options import STDOUT, instant, place_of, portal_of
from nianbao.cli.output import Output, in_language, tell, values_of
from nianbao.cli.screens import show
from nianbao.sentences import listed, sentence, worded
from storage.home import Home
from storage.records import Agency
from storage.registry import Registry


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A list against the registry, portal by portal: its rows, and what they change."""

    rows: Mapping[str, tuple[Agency, ...]]
    changes: Mapping[str, AgencyListChanges]

    @property
    def changed_portals(self) -> list[str]:
        return [name for name, change in self.changes.items() if change]


@archive_command("json")
def import_agencies(
    home: Home, out: Output, file: Path, *, portal: str | None = None, dry_run: bool = False, yes: bool = False
) -> None:
    """Bring a list of agencies in. What it would change is shown first, and on a terminal asked about."""
    from archive.projection.update import update

    comparison = _compare(home, file, portal)
    if out.is_for_people:
        for one in comparison.changes.values():
            _tell_changes(one)
    else:
        out.table("agencies", [row for name, one in comparison.changes.items() for row in _rows(name, one)])
    portals = comparison.changed_portals
    is_asked = bool(portals) and not dry_run and not yes and sys.stdin.isatty()
    if is_asked and not typer.confirm(sentence("agencies.confirm")):
        common.fail(sentence("answer.nothing_changed"), common.DONE)
    if portals and not dry_run:
        for name in portals:
            Registry(home).put_agencies(comparison.rows[name])
        update(home, portals=portals)
    if out.is_for_people:
        show("agency_sums", found=[*comparison.changes.values()], is_done=not dry_run)
        if portals and not dry_run:
            key = "agencies.written" if yes or is_asked else "agencies.written_unasked"
            tell(key, portals=listed(portals))


def _compare(home: Home, file: Path, portal: str | None) -> _Comparison:
    """Compare a file with the registry. Ends with a sentence where it is no list, or of a portal nobody knows."""
    if portal is not None:
        _need_portal(home, portal)
    try:
        by_portal = _by_portal(read_lines(file), portal, file.name)
        for name in by_portal:
            _need_portal(home, name)
        registered = {name: Registry(home).agencies(name) for name in by_portal}
        rows = {
            name: parse_lines(
                part, portal=name, origin=f"import of {file.name}", now=home.clock.now(),
                agencies={agency.id: agency for agency in registered[name]},
            )
            for name, part in by_portal.items()
        }  # fmt: skip
    except OSError as error:
        common.fail(sentence("agencies.unreadable", file=file, cause=error.strerror))
    except AgencyListError as error:
        common.fail(sentence("agencies.wrong", why=worded(error)))
    return _Comparison(rows, {name: changes(registered[name], rows[name]) for name in rows})


def _need_portal(home: Home, name: str) -> None:
    """End with the nearest names where the archive knows no such portal, and none can be crawled."""
    names = {one.name for one in Registry(home).portals()} | classes(home).keys()
    if name not in names:
        portal_named(name, dict.fromkeys(sorted(names), ""))
        common.fail(sentence("agencies.no_portal", name=name))


def _by_portal(lines: Sequence[CsvLine], portal: str | None, name: str) -> dict[str, list[CsvLine]]:
    """The lines of each portal, each list with its headings. Raises AgencyListError."""
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
    """What a list changes, body by body and field by field."""
    show("agency_changes", found=changes_of_list)
    for change in changes_of_list.changed:
        if change.loses_its_name:
            common.write_error(sentence("agencies.loses_name", name=change.before.name))


def _rows(portal: str, changes_of_list: AgencyListChanges) -> list[dict[str, object]]:
    """One row for each thing a list changes, or leaves out."""

    def row(change: str, agency: Agency, **field: object) -> dict[str, object]:
        nothing = dict.fromkeys(("field", "before", "after"))
        return {"portal": portal, **nothing, "change": change, "id": agency.id, "name": agency.name, **field}

    return [
        *(row("new", one) for one in changes_of_list.new_agencies),
        *(
            row("changed", one.after, **values_of(field, "field", "before", "after"))
            for one in changes_of_list.changed
            for field in one.fields
        ),
        *(row("not_listed", one) for one in changes_of_list.missing_agencies),
    ]


@archive_command()
def export_agencies(
    home: Home, file: Path | None = None, *, portal: str | None = None, bom: bool = False, as_of: str | None = None
) -> None:
    """The registry as a list that ``agencies import`` reads: brought in again unchanged, it changes nothing."""
    at = instant(as_of)
    until = None if at is None else instant_of_question(home, at)
    if portal is not None:
        _need_portal(home, portal)
    agencies = Registry(home).agencies(portal, until)
    rows = list_rows(agencies, with_portal=portal is None)
    if file is None or file == STDOUT:
        sys.stdout.write(("\ufeff" if bom else "") + csv_text(rows))
        return
    try:
        write_list(place_of(home, file), rows, bom=bom)
    except OSError as error:
        common.fail(sentence("agencies.not_written", file=file, cause=error.strerror), common.UNFINISHED)
    except LackingError as error:
        common.fail_of(error, common.UNFINISHED)
    tell("agencies.exported", number=len(agencies), file=file)


@archive_command("json", "csv")
def list_agencies(home: Home, out: Output, *, portal: str | None = None) -> None:
    """The agencies known, with where each was learnt: what sources ever named it, the most trusted first."""
    keys = (
        "id", "name", "kind", "code", "parent", "valid_from", "valid_to", "ended", "successors", "aliases", "source",
        "guessed",
    )  # fmt: skip
    rows: list[dict[str, object]] = []
    people: list[dict[str, object]] = []
    for history in Registry(home).agency_histories(portal_of(home, portal)).values():
        sources, row = attestations(history), values_of(history[-1], *keys)
        rows.append(row | {"attested": list(dict.fromkeys(one.kind for one in sources))})
        attested = listed(list(dict.fromkeys(map(in_language, sources))))
        guessed = sentence("answer.yes") if history[-1].guessed else ""
        people.append(row | {"attested": attested, "guessed": guessed})
    out.table("agencies", rows, people)


@archive_command("json")
def show_agency(home: Home, out: Output, agency: str, *, as_of: str | None = None) -> None:
    """All that the registry says of one body: whence, since when, who took over, and its duties with their law."""
    record = body(home, agency, as_of=instant(as_of))
    if not out.record(record.to_dict()):
        show("agency", found=record)


@archive_command("json", "csv")
def list_rules(home: Home, out: Output) -> None:
    """The rules on due dates: those of the law with their article, stricter ones of places with their source."""
    out.table("rules", [one.to_dict() for one in rules(home)])
