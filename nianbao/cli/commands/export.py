"""``export`` on the command line: every table in every format, and packages of evidence (``wacz``)."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any

import typer

from archive.exports.files import PlaceError, safe_place
from archive.exports.formats.choosing import LackingError, UnknownFormatError, check, format_of
from archive.exports.formats.lines import write_jsonl
from archive.exports.formats.model import FileFormat, Row
from archive.exports.formats.separated import write_csv
from archive.exports.tables import Question, Table, answer
from archive.exports.writing import watched, write_file
from archive.queries.bounds import QueryError
from archive.queries.known import known
from archive.queries.nearest import NotKnownError
from archive.queries.where import one_agency
from nianbao.cli import common
from nianbao.cli.asking import BomOption, FormatOption, LicenceOption
from nianbao.cli.derived import given_of, option, parameters_of
from nianbao.cli.options import STDOUT, place_of, portal_of
from nianbao.cli.output import say
from nianbao.cli.texts.empty_answers import nothing
from nianbao.cli.texts.wacz_text import write_package
from nianbao.cli.times import year_of
from nianbao.parameters import Paged, understood
from nianbao.questions import parameters_of_table, table_question
from storage.errors import StorageError
from storage.home import Home
from storage.records import Agency
from storage.wacz import SUFFIX

export = typer.Typer(
    help="Tables for other programs: CSV, JSON lines, XLSX, Parquet, Stata; packages of evidence.", no_args_is_help=True
)

FileOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        help="File to write, with a dictionary and a datapackage.json beside it; standard output if none, or -.",
        show_default=False,
    ),
]
WideOption = Annotated[bool, typer.Option("--wide", help="A row a report, every indicator in columns of its own.")]
#: table → what it is, and what its example asks for
_TABLES: Mapping[Table, tuple[str, str]] = {
    Table.DUTIES: (
        "Each duty with its status, its evidence, every address it was seen at, its editions and findings.",
        "--status missing --status late --format csv",
    ),
    Table.LEADS: ("Each link on a listing that was judged: is it a report, whose, for which year.", "--format csv"),
    Table.AGENCIES: (
        "Each agency as it is registered today, with its aliases, validity and source.",
        "--format csv --portal wenshang",
    ),
    Table.EDITIONS: (
        "Each edition of a report: when it was seen, what was read of it, where its bytes lie.",
        "--years 2025 --format csv",
    ),
    Table.CELLS: (
        "Each cell of each edition with its state, raw text, doubts and source; --wide: a row an edition.",
        "applications.received.total --years 2025",
    ),
    Table.FIGURES: (
        "Figures of the edition that counts, by agency and year; of those without one why; --wide: a row a duty.",
        "applications.received.total derived.denial_rate --years 2025 --wide",
    ),
    Table.FINDINGS: (
        "Each finding about a report, a duty, a look: its code, the cells concerned, in words.",
        "--portal jiyuan --format csv",
    ),
    Table.CHECKS: (
        "What does not add up in reports, as nianbao check tells it: code, cells, both sides, in words, its source.",
        "--place 370830 --format csv",
    ),
    Table.REVISIONS: (
        "Each change of a report after it was first seen, with the captures or looks that show both sides.",
        "--format csv",
    ),
    Table.PORTALS: ("The portals, with what is held of each.", "--format csv"),
    Table.GAPS: ("What the archive itself lacks: lists not read, reports not fetched, texts not read.", "--format csv"),
    Table.INDICATORS: ("Every indicator, with its meaning and the forms that print it.", "--format csv"),
}
_OF_INDICATORS = frozenset({Table.CELLS, Table.FIGURES})


def exported(table: Table) -> Callable[..., None]:
    """The command that exports a table."""
    model = parameters_of_table(table.value)
    left_out = {"lang", *Paged.model_fields}
    fields = {name: one for name, one in model.model_fields.items() if name not in left_out}
    arguments = [name for name in ("indicator",) if name in fields]
    more: list[tuple[str, Any, Any]] = [
        *([("wide", WideOption, False)] if table in _OF_INDICATORS else []),
        ("fmt", FormatOption, None), ("output", FileOption, None), ("bom", BomOption, False),
        ("licence", LicenceOption, ""), ("archive", common.ArchiveOption, None),
    ]  # fmt: skip
    parameters = parameters_of(fields, arguments)
    for name, hint, value in more:
        parameters.append(Parameter(name, Parameter.KEYWORD_ONLY, default=value, annotation=hint))

    def run(**values: Any) -> None:
        wide = values.pop("wide", False)
        given = given_of(arguments, fields, values)
        try:
            asked = table_question(table.value, understood(model, given, option), wide=wide)
        except (QueryError, NotKnownError) as error:
            common.fail(str(error))
        defaults = {name: value for name, _, value in more if name not in {"wide"}}
        _export(asked, **{"name" if name == "fmt" else name: value for name, value in {**defaults, **values}.items()})

    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__name__ = table.value
    run.__doc__ = _TABLES[table][0]
    return run


for _table, (_, _asked) in _TABLES.items():
    export.command(_table.value, epilog=common.example(f"nianbao export {_table.value} {_asked}"))(exported(_table))


def _export(
    asked: Question, name: str | None, output: Path | None, bom: bool, licence: str, archive: Path | None
) -> None:
    target = None if output is None or output == STDOUT else output
    try:
        fmt = format_of(name, target)
        check(fmt)
    except (UnknownFormatError, LackingError) as error:
        common.fail(str(error))
    if target is None and not fmt.is_text:
        common.fail(f"{fmt.value} is no text that can go to standard output; name a file with --output")
    if bom and fmt is not FileFormat.CSV:
        common.fail("--bom is for --format csv; the other formats say themselves what they are")
    with common.opened(archive) as home:
        try:
            place = None if target is None else safe_place(home, target)
            sheet, about = answer(home, asked)
        except (NotKnownError, PlaceError, ValueError) as error:
            common.fail(str(error))
        about = replace(about, licence=licence)
        sheet = replace(sheet, rows=_or_why_not(home, asked, sheet.rows))
        if place is None:
            write = write_jsonl if fmt is FileFormat.JSONL else write_csv
            write(sheet, about, sys.stdout, **({"bom": True} if bom else {}))
            return
        try:
            written = write_file(watched(sheet), about, fmt, place, bom=bom)
        except OSError as error:
            common.fail(
                f"{place} could not be written ({error.strerror}); nothing was left there: make room, or name another "
                "file",
                common.UNFINISHED,
            )
    say(f"{place}: {written.rows} rows")
    if written.inexact:
        typer.echo(
            f"nianbao: {written.inexact} numbers or texts do not fit {fmt.value}: they are left out or cut (state "
            "not_exact); csv and jsonl hold them",
            err=True,
        )
    common.attention(written.inexact)


def _or_why_not(home: Home, asked: Question, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows; where there are none, it is told whether that is known."""
    walked = iter(rows)
    first = next(walked, None)
    if first is not None:
        yield first
        yield from walked
    else:
        held = known(home, asked.where, years=asked.years, as_of=asked.as_of)
        say(nothing("of those asked about", held), sys.stderr)


@export.command("wacz", epilog=common.example("nianbao export wacz --portal jiyuan --year 2025"))
def wacz(
    year: Annotated[
        int, typer.Option("--year", parser=year_of, metavar="YEAR", help="The year that the reports are on.")
    ],
    portal: Annotated[str | None, typer.Option("--portal", help="Name of the portal.", show_default=False)] = None,
    agency: Annotated[
        str | None,
        typer.Option("--agency", help="Only the report of this agency, by name or id.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="File to write; <archive>/exports/PORTAL-YEAR.wacz if none.", show_default=False),
    ] = None,
    archive: common.ArchiveOption = None,
) -> None:
    """The evidence for the reports of a portal on a year, in one file that replay tools open: records, index, pages."""
    with common.opened(archive) as home:
        portal, one = _whose(home, portal, agency)
        name = re.sub(r"[^a-z0-9_]+", "-", one.id.lower()) if one else portal
        path = place_of(home, output or home.path / "exports" / f"{name}-{year}{SUFFIX}")
        if path.suffix != SUFFIX:
            common.fail(f"{path} must end in {SUFFIX}: tools know such a package by it")
        try:
            packing, packed = write_package(home, portal, year, path, one)
        except NotKnownError as error:
            common.fail(str(error))
        except StorageError as error:
            common.fail(str(error), common.UNFINISHED)
    failed = f"; {packing.failures} failed fetches that belong to it have no record" if packing.failures else ""
    say(
        f"{packed.path}: {packed.captures} captures ({packed.records} records, {packed.size} bytes), "
        f"{len(packing.pages)} editions, {len(packing.lists)} list pages{failed}"
    )
    say(f"datapackage.json  sha256 {packed.digest}: note it elsewhere, it speaks for every file of the package")
    if packing.left_out:
        documents = len(packing.withheld)
        say(f"left out: {len(packing.left_out)} captures of {documents} documents that a ruling withholds")
    if packing.naming:
        say(
            f"left out: {len(packing.naming)} captures of pages that name a withheld report; datapackage.json tells "
            "each with its digest"
        )
    for problem in packed.problems:
        typer.echo(f"nianbao: {problem}", err=True)
    common.attention(packed.problems)


def _whose(home: Home, portal: str | None, agency: str | None) -> tuple[str, Agency | None]:
    """The portal whose evidence is packed, and the agency if it is that of one alone."""
    named = portal_of(home, portal)
    if agency is None:
        if named is None:
            common.fail("name whose evidence is wanted: --portal, or --agency")
        return named, None
    try:
        one = one_agency(home, agency)
    except (NotKnownError, QueryError) as error:
        common.fail(str(error))
    if named is not None and named != one.portal:
        common.fail(f"{one.name} is an agency of the portal {one.portal}, not of {named}")
    return one.portal, one
