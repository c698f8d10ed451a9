"""``export`` on the command line: every table in every format, and packages of evidence (``wacz``)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from archive.exports.files import PlaceError, safe_place
from archive.exports.formats.choosing import (
    LackingError,
    UnknownFormatError,
    check,
    format_of,
)
from archive.exports.formats.lines import write_jsonl
from archive.exports.formats.model import FileFormat, Row
from archive.exports.formats.separated import write_csv
from archive.exports.tables import Question, Table, answer
from archive.exports.writing import watched, write_file
from archive.queries.figures_rows import Which
from archive.queries.known import known
from archive.queries.nearest import NotKnownError
from nianbao.cli import common
from nianbao.cli.options import (
    STDOUT,
    AgencyOption,
    AsOfOption,
    CodesOption,
    DivisionOption,
    EditionOption,
    EvidenceOption,
    FamilyOption,
    KindOption,
    YearsOption,
    grades,
    place_of,
    portal_of,
    where_of,
)
from nianbao.cli.output import say
from nianbao.cli.texts.empty_answers import nothing
from nianbao.cli.texts.wacz_text import write_package
from nianbao.cli.times import instant, year_of, years_of
from storage.errors import StorageError
from storage.home import Home
from storage.wacz import SUFFIX

export = typer.Typer(
    help="Tables for other programs: CSV, JSON lines, XLSX, Parquet, Stata; packages of evidence.", no_args_is_help=True
)

FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="jsonl, csv, xlsx, parquet or dta (Stata); by the file's ending if not given, else jsonl.",
        show_default=False,
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        help="File to write, with a dictionary and a datapackage.json beside it; standard output if none, or -.",
        show_default=False,
    ),
]
BomOption = Annotated[bool, typer.Option("--bom", help="CSV with the mark by which Excel knows UTF-8.")]
LicenceOption = Annotated[
    str, typer.Option("--licence", help="Licence under which you give it out: CC-BY-4.0.", show_default=False)
]
WideOption = Annotated[bool, typer.Option("--wide", help="A row a report, every indicator in columns of its own.")]
IndicatorsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[INDICATOR]...", help="Ids of indicators; all places of the forms if none."),
]


@export.command("duties", epilog=common.example("nianbao export duties --format jsonl"))
def duties(
    fmt: FormatOption = None,
    output: OutputOption = None,
    division: DivisionOption = None,
    years: YearsOption = None,
    portal: common.PortalOption = None,
    agency: AgencyOption = None,
    kind: KindOption = None,
    family: FamilyOption = None,
    evidence: EvidenceOption = None,
    as_of: AsOfOption = None,
    bom: BomOption = False,
    licence: LicenceOption = "",
    archive: common.ArchiveOption = None,
) -> None:
    """Each duty with its status, its evidence, every address it was seen at, its editions and findings."""
    asked = _question(Table.DUTIES, division, portal, agency, kind, years, as_of, family)
    asked = replace(asked, evidence=grades(evidence))
    _export(asked, fmt, output, bom, licence, archive)


@export.command("leads", epilog=common.example("nianbao export leads --format csv"))
def leads(
    fmt: FormatOption = None,
    output: OutputOption = None,
    division: DivisionOption = None,
    years: YearsOption = None,
    portal: common.PortalOption = None,
    bom: BomOption = False,
    licence: LicenceOption = "",
    archive: common.ArchiveOption = None,
) -> None:
    """Each link on a listing that was judged: is it a report, whose, for which year."""
    asked = _question(Table.LEADS, division, portal, None, None, years, None)
    _export(asked, fmt, output, bom, licence, archive)


@export.command("agencies", epilog=common.example("nianbao export agencies --format csv --portal wenshang"))
def agencies(
    fmt: FormatOption = None,
    output: OutputOption = None,
    division: DivisionOption = None,
    portal: common.PortalOption = None,
    agency: AgencyOption = None,
    kind: KindOption = None,
    family: FamilyOption = None,
    bom: BomOption = False,
    licence: LicenceOption = "",
    archive: common.ArchiveOption = None,
) -> None:
    """Each agency as it is registered today, with its aliases, validity and source."""
    asked = _question(Table.AGENCIES, division, portal, agency, kind, None, None, family)
    _export(asked, fmt, output, bom, licence, archive)


@export.command("editions", epilog=common.example("nianbao export editions --years 2025 --format csv"))
def editions(
    fmt: FormatOption = None,
    output: OutputOption = None,
    division: DivisionOption = None,
    years: YearsOption = None,
    portal: common.PortalOption = None,
    agency: AgencyOption = None,
    kind: KindOption = None,
    family: FamilyOption = None,
    as_of: AsOfOption = None,
    bom: BomOption = False,
    licence: LicenceOption = "",
    archive: common.ArchiveOption = None,
) -> None:
    """Each edition of a report: when it was seen, what was read of it, where its bytes lie."""
    asked = _question(Table.EDITIONS, division, portal, agency, kind, years, as_of, family)
    _export(asked, fmt, output, bom, licence, archive)


@export.command("cells", epilog=common.example("nianbao export cells applications.received.total --years 2025"))
def cells(
    indicators: IndicatorsArgument = None,
    wide: WideOption = False,
    fmt: FormatOption = None,
    output: OutputOption = None,
    division: DivisionOption = None,
    years: YearsOption = None,
    portal: common.PortalOption = None,
    agency: AgencyOption = None,
    kind: KindOption = None,
    family: FamilyOption = None,
    as_of: AsOfOption = None,
    bom: BomOption = False,
    licence: LicenceOption = "",
    archive: common.ArchiveOption = None,
) -> None:
    """Each cell of each edition with its state, raw text, doubts and source; --wide: a row an edition."""
    asked = _question(Table.CELLS, division, portal, agency, kind, years, as_of, family)
    _export(replace(asked, indicators=tuple(indicators or ()), wide=wide), fmt, output, bom, licence, archive)


@export.command(
    "figures",
    epilog=common.example("nianbao export figures applications.received.total derived.denial_rate --years 2025 --wide"),
)
def figures(
    indicators: IndicatorsArgument = None,
    wide: WideOption = False,
    fmt: FormatOption = None,
    output: OutputOption = None,
    division: DivisionOption = None,
    years: YearsOption = None,
    portal: common.PortalOption = None,
    agency: AgencyOption = None,
    kind: KindOption = None,
    family: FamilyOption = None,
    edition: EditionOption = Which.LAST,
    codes: CodesOption = None,
    as_of: AsOfOption = None,
    bom: BomOption = False,
    licence: LicenceOption = "",
    archive: common.ArchiveOption = None,
) -> None:
    """Figures of the edition that counts, by agency and year; of those without one why; --wide: a row a duty."""
    asked = _question(Table.FIGURES, division, portal, agency, kind, years, as_of, family, codes)
    asked = replace(asked, indicators=tuple(indicators or ()), wide=wide, which=edition)
    _export(asked, fmt, output, bom, licence, archive)


@export.command("findings", epilog=common.example("nianbao export findings --portal jiyuan --format csv"))
def findings(
    fmt: FormatOption = None,
    output: OutputOption = None,
    division: DivisionOption = None,
    years: YearsOption = None,
    portal: common.PortalOption = None,
    agency: AgencyOption = None,
    kind: KindOption = None,
    family: FamilyOption = None,
    as_of: AsOfOption = None,
    bom: BomOption = False,
    licence: LicenceOption = "",
    archive: common.ArchiveOption = None,
) -> None:
    """Each finding about a report, a duty, a look: its code, the cells concerned, in words."""
    asked = _question(Table.FINDINGS, division, portal, agency, kind, years, as_of, family)
    _export(asked, fmt, output, bom, licence, archive)


@export.command("checks", epilog=common.example("nianbao export checks --division 370830 --format csv"))
def checks(
    fmt: FormatOption = None,
    output: OutputOption = None,
    division: DivisionOption = None,
    years: YearsOption = None,
    portal: common.PortalOption = None,
    agency: AgencyOption = None,
    kind: KindOption = None,
    family: FamilyOption = None,
    as_of: AsOfOption = None,
    bom: BomOption = False,
    licence: LicenceOption = "",
    archive: common.ArchiveOption = None,
) -> None:
    """What does not add up in reports, as nianbao check tells it: code, cells, both sides, in words, its source."""
    asked = _question(Table.CHECKS, division, portal, agency, kind, years, as_of, family)
    _export(asked, fmt, output, bom, licence, archive)


@export.command("revisions", epilog=common.example("nianbao export revisions --format csv"))
def revisions(
    fmt: FormatOption = None,
    output: OutputOption = None,
    division: DivisionOption = None,
    years: YearsOption = None,
    portal: common.PortalOption = None,
    agency: AgencyOption = None,
    kind: KindOption = None,
    family: FamilyOption = None,
    as_of: AsOfOption = None,
    bom: BomOption = False,
    licence: LicenceOption = "",
    archive: common.ArchiveOption = None,
) -> None:
    """Each change of a report after it was first seen, with the captures or looks that show both sides."""
    asked = _question(Table.REVISIONS, division, portal, agency, kind, years, as_of, family)
    _export(asked, fmt, output, bom, licence, archive)


def _question(
    table: Table,
    division: str | None,
    portal: str | None,
    agency: str | None,
    kind: KindOption,
    years: str | None,
    as_of: str | None,
    family: FamilyOption = None,
    codes: int | None = None,
) -> Question:
    wanted = years_of(years)
    where = replace(where_of(division, portal, kind, family, agency), codes=codes)
    return Question(table=table, where=where, years=None if wanted is None else tuple(wanted), as_of=instant(as_of))


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
    portal: Annotated[str, typer.Option("--portal", help="Name of the portal.")],
    year: Annotated[
        int, typer.Option("--year", parser=year_of, metavar="YEAR", help="The year that the reports are on.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", help="File to write; <archive>/exports/PORTAL-YEAR.wacz if none.", show_default=False),
    ] = None,
    archive: common.ArchiveOption = None,
) -> None:
    """The evidence for the reports of a portal on a year, in one file that replay tools open: records, index, pages."""
    with common.opened(archive) as home:
        portal = portal_of(home, portal) or portal
        path = place_of(home, output or home.path / "exports" / f"{portal}-{year}{SUFFIX}")
        if path.suffix != SUFFIX:
            common.fail(f"{path} must end in {SUFFIX}: tools know such a package by it")
        try:
            packing, packed = write_package(home, portal, year, path)
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
