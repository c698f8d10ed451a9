"""``agencies``: who owes reports. Lists in and out, a list's changes shown before they are made, one body's record."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from archive.assessment.sources import attestations
from archive.identity.agency_csv import (
    PORTAL,
    AgencyChange,
    AgencyListError,
    Changes,
    CsvLine,
    changes,
    list_rows,
    parse_lines,
)
from archive.queries.asof import instant_of_question
from archive.queries.nearest import portal_named
from archive.queries.registry import body, rules
from nianbao.cli import common, exit_codes
from nianbao.cli.options import STDOUT, AsOfOption, instant, place_of, portal_of
from nianbao.cli.output import Format, chosen, columns, emit, say
from nianbao.cli.texts.agency_files import NoXlsxError, csv_text, read_lines, write_list
from nianbao.cli.texts.body_text import show_body
from nianbao.language import Language, current
from nianbao.sentences import listed as names
from nianbao.sentences import sentence, word, worded
from storage.home import Home
from storage.records import Agency
from storage.registry import Registry

agencies = typer.Typer(no_args_is_help=True)

_NAMED = 8  # bodies named in one line


@dataclass(frozen=True, slots=True)
class _Listed:
    """A list against the registry, portal by portal."""

    rows: Mapping[str, tuple[Agency, ...]]
    changes: Mapping[str, Changes]

    @property
    def differs(self) -> bool:
        return any(self.changes.values())


@agencies.command("import", epilog="nianbao agencies import spiders/sd/wenshang.csv --portal wenshang")
def import_agencies(
    file: Annotated[Path, typer.Argument()],
    portal: Annotated[str | None, typer.Option("--portal", show_default=False)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    yes: Annotated[bool, typer.Option("--yes")] = False,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """Bring a list of agencies in. What it would change is shown first, and on a terminal asked about.

    A row is added for what is new or changed, and none is ever removed: a body that the list does not name stays as it
    is, and is closed by its last day (valid_to). What a blank cell leaves unsaid is kept; - takes a value away.
    """
    from archive.projection.update import update as update_projection

    with common.opened(archive) as home:
        listed = _listed(home, file, portal)
        _tell(listed.changes, as_json=as_json)
        if dry_run or not listed.differs:
            if not as_json:
                _sum_up(listed.changes, done=not dry_run)
            return
        asks = not yes and sys.stdin.isatty()
        if asks and not typer.confirm(sentence("agencies.confirm")):
            common.fail(sentence("answer.nothing_changed"), common.DONE)
        registry = Registry(home)
        for name, rows in listed.rows.items():
            if listed.changes[name]:
                registry.put_agencies(rows)
        update_projection(home, portals=[name for name, found in listed.changes.items() if found])
    if not as_json:
        _sum_up(listed.changes, done=True)
        key = "agencies.written" if yes or asks else "agencies.written_unasked"
        say(sentence(key, portals=names([name for name, one in listed.changes.items() if one])))


def _listed(home: Home, file: Path, portal: str | None) -> _Listed:
    registry = Registry(home)
    known = _portals(home)
    if portal is not None:
        _known_portal(portal, known)
    try:
        lines = read_lines(file)
        by_portal = _by_portal(lines, portal, file.name)
        for name in by_portal:
            _known_portal(name, known)
        held = {name: registry.agencies(name) for name in by_portal}
        rows = {
            name: parse_lines(
                part, portal=name, origin=f"import of {file.name}", now=home.clock.now(),
                known={agency.id: agency for agency in held[name]},
            )
            for name, part in by_portal.items()
        }  # fmt: skip
    except OSError as error:
        common.fail(sentence("agencies.unreadable", file=file, cause=error.strerror))
    except AgencyListError as error:
        common.fail(sentence("agencies.wrong", why=worded(error)))
    return _Listed(rows, {name: changes(held[name], rows[name]) for name in rows})


def _portals(home: Home) -> set[str]:
    """The names of the portals that the archive knows, or that can be crawled."""
    from nianbao.cli.commands.portals import classes

    return {one.name for one in Registry(home).portals()} | classes(home).keys()


def _known_portal(name: str, known: set[str]) -> None:
    if name not in known:
        portal_named(name, dict.fromkeys(sorted(known), ""))
        common.fail(sentence("agencies.no_portal", name=name))


def _by_portal(lines: Sequence[CsvLine], portal: str | None, name: str) -> dict[str, list[CsvLine]]:
    """The lines of each portal, each list with its headings. Raises AgencyListError."""
    if portal is not None and not any(line.cells.get(PORTAL) for line in lines):
        return {portal: list(lines)}
    if not lines or PORTAL not in lines[0].cells:
        raise AgencyListError(sentence("agencies.no_portal_column", file=name, column=PORTAL))
    found: dict[str, list[CsvLine]] = {}
    for line in lines[1:]:
        own = line.cells.get(PORTAL) or portal
        if own is None:
            raise AgencyListError(sentence("agencies.portal_not_given", file=name, line=line.number))
        if portal is None or own == portal:
            found.setdefault(own, [lines[0]]).append(line)
    return found


def _tell(found: Mapping[str, Changes], *, as_json: bool) -> None:
    """What a list changes, body by body and field by field."""
    if as_json:
        rows = [row for portal, one in found.items() for row in _rows(portal, one)]
        emit(rows, (), chosen(True, False))
        return
    for one in found.values():
        for agency in one.added:
            key = "agencies.new_guessed" if agency.guessed else "agencies.new"
            say(sentence(key, name=agency.name, kind=word("kind", agency.kind)))
        for change in one.changed:
            say(sentence("agencies.changed", name=change.after.name, fields=_fields(change)))
            if change.loses_its_name:
                exit_codes.write(sentence("agencies.loses_name", name=change.before.name))
        if one.gone:
            more = sentence("join.more", number=len(one.gone) - _NAMED) if len(one.gone) > _NAMED else ""
            first = "、".join(agency.name for agency in one.gone[:_NAMED])
            say(sentence("agencies.not_listed", names=first + more))


def _fields(change: AgencyChange) -> str:
    return "; ".join(f"{one.field} {_shown(one.before)} -> {_shown(one.after)}" for one in change.fields)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return sentence("answer.yes" if value else "answer.no")
    return "|".join(value) if isinstance(value, tuple) and value else str(value or sentence("answer.none"))


def _rows(portal: str, found: Changes) -> list[dict[str, object]]:
    """One row for each thing a list changes, or leaves out."""
    plain: dict[str, object] = {"portal": portal, "field": None, "before": None, "after": None}
    rows = [plain | {"change": "new", "id": one.id, "name": one.name} for one in found.added]
    rows += [
        plain | {"change": "changed", "id": one.after.id, "name": one.after.name, "field": field.field}
        | {"before": field.before, "after": field.after}
        for one in found.changed
        for field in one.fields
    ]  # fmt: skip
    return rows + [plain | {"change": "not_listed", "id": one.id, "name": one.name} for one in found.gone]


def _sum_up(found: Mapping[str, Changes], *, done: bool) -> None:
    new, changed = sum(len(one.added) for one in found.values()), sum(len(one.changed) for one in found.values())
    same = sum(one.unchanged for one in found.values())
    gone, closed = sum(len(one.gone) for one in found.values()), sum(one.closed for one in found.values())
    parts = [sentence("agencies.sum", new=new, changed=changed, same=same)]
    parts += [sentence("agencies.sum_gone", number=gone)] if gone else []
    parts += [sentence("agencies.sum_ended", number=closed)] if closed else []
    say(names(parts) + ("" if done else sentence("agencies.dry_run")))


@agencies.command("export", epilog="nianbao agencies export --portal wenshang")
def export_agencies(
    file: Annotated[Path | None, typer.Argument(show_default=False)] = None,
    portal: common.PortalOption = None,
    bom: Annotated[bool, typer.Option("--bom")] = False,
    as_of: AsOfOption = None,
    archive: common.ArchiveOption = None,
) -> None:
    """The registry as a list that ``agencies import`` reads: brought in again unchanged, it changes nothing."""
    at = instant(as_of)
    with common.opened(archive) as home:
        until = None if at is None else instant_of_question(home, at)
        registry = Registry(home)
        if portal is not None:
            _known_portal(portal, _portals(home))
        found = registry.agencies(portal, until)
        place = place_of(home, file) if file is not None and file != STDOUT else None
    rows = list_rows(found, with_portal=portal is None)
    if place is None:
        sys.stdout.write(("\ufeff" if bom else "") + csv_text(rows))
        return
    try:
        write_list(place, rows, bom=bom)
    except OSError as error:
        common.fail(sentence("agencies.not_written", file=file, cause=error.strerror), common.UNFINISHED)
    except NoXlsxError as error:
        common.fail(str(error), common.UNFINISHED)
    say(sentence("agencies.exported", number=len(found), file=file))


@agencies.command("list", epilog="nianbao agencies list --portal wenshang")
def list_agencies(
    portal: common.PortalOption = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """The agencies known, with where each was learnt: what sources ever named it, the most trusted first."""
    with common.opened(archive) as home:
        histories = Registry(home).agency_histories(portal_of(home, portal))
    found = [history[-1] for history in histories.values()]
    keys = (
        "id", "name", "kind", "code", "parent", "valid_from", "valid_to", "ended", "successors", "aliases", "source",
        "guessed", "attested",
    )  # fmt: skip
    sources = {agency.id: attestations(histories[agency.id]) for agency in found}
    rows = [
        {key: getattr(agency, key) for key in keys[:-1]}
        | {"attested": list(dict.fromkeys(one.kind for one in sources[agency.id]))}
        for agency in found
    ]
    spare = {"id", "code", "parent", "valid_from", "valid_to", "aliases", "ended", "successors", "guessed", "attested"}
    fmt = chosen(as_json, as_csv)
    if fmt is Format.TABLE:
        zh = current() is Language.ZH
        rows = [
            row
            | {
                "kind": word("kind", row["kind"]),
                "guessed": sentence("answer.yes") if row["guessed"] else "",
                "attested": names(list(dict.fromkeys(one.zh if zh else one.en for one in sources[agency.id]))),
            }
            for agency, row in zip(found, rows, strict=True)
        ]
    emit(rows, columns(*keys, wrap=keys, spare=spare), fmt)


@agencies.command("show", epilog="nianbao agencies show 汶上县司法局")
def show_agency(
    agency: Annotated[str, typer.Argument()],
    as_of: AsOfOption = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """All that the registry says of one body: whence, since when, who took over, and its duties with their law."""
    at = instant(as_of)
    with common.opened(archive) as home:
        found = body(home, agency, as_of=at)
    if as_json:
        emit([found.to_dict()], (), chosen(True, False))
        return
    show_body(found)


@agencies.command("rules", epilog="nianbao agencies rules")
def list_rules(
    archive: common.ArchiveOption = None, as_json: common.JsonOption = False, as_csv: common.CsvOption = False
) -> None:
    """The rules on due dates: those of the law with their article, and the stricter ones of places with their source.

    A place's own rule stands beside the law's and makes nobody late. More of them: deadlines.toml in the archive.
    """
    with common.opened(archive) as home:
        found = rules(home)
    keys = ("level", "place", "kinds", "from_year", "to_year", "day", "article", "basis", "source", "origin")
    rows, fmt = [one.to_dict() for one in found], chosen(as_json, as_csv)
    if fmt is Format.TABLE:
        rows = [row | {"level": word("rule_level", row["level"]), "kinds": _kinds(row["kinds"])} for row in rows]
    shown = columns(*keys, wrap={"kinds", "basis", "source"}, spare={"article", "source", "origin"})
    emit(rows, shown, fmt)


def _kinds(kinds: object) -> str:
    assert isinstance(kinds, (list, tuple))
    return names([word("kind", kind) for kind in kinds])
