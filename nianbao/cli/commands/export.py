"""The commands ``export``: every table in every format, and packages of evidence (``export wacz``)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from archive.exports.formats.columns import BatchedRows, FileFormat
from archive.exports.tables import ExportedTable, TableQuestion, answer
from archive.exports.writing import Part, check, format_of, safe_place, with_progress, write_file, write_lines
from archive.projection.child import collect_seldom
from archive.queries.coverage_of_answer import knowledge_of
from archive.queries.where import one_agency
from nianbao.answer_tables import for_people
from nianbao.cli import common
from nianbao.cli.answers.lists import nothing
from nianbao.cli.command_functions import ARCHIVE, archive_command, keyword, option, with_parameters
from nianbao.cli.common import STDOUT, place_of, portal_of, year_of
from nianbao.cli.output import say
from nianbao.cli.question_commands import ModelOptions
from nianbao.cli.screens import show
from nianbao.evidence_files import package_name, write_package
from nianbao.language import Language, current
from nianbao.parameters import Paged, understood
from nianbao.questions import parameters_of_table, table_question
from nianbao.sentences import note_sentence, sentence
from storage.home import Home
from storage.records import Agency
from storage.wacz import SUFFIX

_FORMAT = Annotated[str | None, typer.Option("--format", metavar="FORMAT", show_default=False)]
_OF_INDICATORS = frozenset({ExportedTable.CELLS, ExportedTable.FIGURES})


def exported(name: str) -> Callable[..., None]:
    """Return the command that exports the table ``name``."""
    table = ExportedTable(name)
    left_out = {"lang", *Paged.model_fields}
    fields = {key: one for key, one in parameters_of_table(name).model_fields.items() if key not in left_out}
    options = ModelOptions(fields, [key for key in ("indicator",) if key in fields])
    more = [
        *([keyword("wide", bool, False)] if table in _OF_INDICATORS else []),
        keyword("fmt", _FORMAT, None), keyword("output", Path | None, None), keyword("bom", bool, False),
        keyword("licence", str, ""), ARCHIVE,
    ]  # fmt: skip

    def run(**values: Any) -> None:
        parameters = understood(parameters_of_table(name), options.given(values), option)
        settings = {one.name: values.get(one.name, one.default) for one in more}
        _export(table_question(name, parameters, wide=settings.pop("wide", False)), **settings)

    return with_parameters(run, name, [*options.parameters(), *more])


def _export(
    table_asked: TableQuestion, fmt: str | None, output: Path | None, bom: bool, licence: str, archive: Path | None
) -> None:
    target = None if output is None or output == STDOUT else output
    kind = format_of(fmt, target)
    check(kind)
    if target is None and not kind.is_text:
        common.fail(sentence("export.no_text", format=kind.value))
    if bom and kind is not FileFormat.CSV:
        common.fail(sentence("export.bom"))
    collect_seldom()
    with common.opened(archive) as home:
        place = None if target is None else safe_place(home, target)
        sheet, about = answer(home, table_asked)
        if kind is FileFormat.XLSX and current() is Language.ZH:
            sheet = for_people(sheet, "zh")
        rows = sheet.rows
        if isinstance(rows, BatchedRows):
            sheet = replace(sheet, rows=BatchedRows(_or_why_not(home, table_asked, rows.batches)))
        else:
            sheet = replace(sheet, rows=_or_why_not(home, table_asked, rows))
        if place is None:
            write_lines(kind, sheet, sys.stdout, bom=bom)
            return
        sheet = with_progress(sheet, sentence("export.rows", table="{table}", rows="{rows}"))
        try:
            written = write_file(sheet, replace(about, licence=licence), kind, place, bom=bom)
        except OSError as error:
            common.fail(sentence("export.not_written", place=place, cause=error.strerror), common.UNFINISHED)
    say(sentence("page.rows", place=place, rows=written.rows))
    if written.inexact:
        common.write_error(sentence("export.inexact", count=written.inexact, format=kind.value))
    common.attention(written.inexact)


def _or_why_not(home: Home, table_asked: TableQuestion, parts: Iterable[Part]) -> Iterator[Part]:
    """Yield the rows or batches; if there are none, print whether that is certain or too little is known."""
    walked = iter(parts)
    first = next(walked, None)
    if first is not None:
        yield first
        yield from walked
    else:
        coverage = knowledge_of(home, table_asked.where, years=table_asked.years, as_of=table_asked.as_of)
        say(nothing(sentence("what.asked"), coverage), sys.stderr)


@archive_command()
def wacz(
    home: Home,
    *,
    year: Annotated[int, typer.Option("--year", parser=year_of, metavar="YEAR")],
    portal: str | None = None,
    agency: str | None = None,
    output: Path | None = None,
) -> None:
    """The evidence for the reports of a portal on a year, in one file that replay tools open: records, index, pages."""
    portal, one = _portal_and_agency(home, portal, agency)
    path = place_of(home, output or home.path / "exports" / package_name(portal, year, one))
    if path.suffix != SUFFIX:
        common.fail(sentence("export.suffix", path=path, suffix=SUFFIX))
    packing, packed = write_package(home, portal, year, path, one)
    show("packed", packing=packing, packed=packed)
    for problem in packed.problems:
        common.write_error(note_sentence(problem))
    common.attention(packed.problems)


def _portal_and_agency(home: Home, portal: str | None, agency: str | None) -> tuple[str, Agency | None]:
    """Return the portal that has the evidence, and the agency if only its evidence is wanted."""
    portal_name = portal_of(home, portal)
    if agency is None:
        if portal_name is None:
            common.fail(sentence("export.whose"))
        return portal_name, None
    one = one_agency(home, agency)
    if portal_name is not None and portal_name != one.portal:
        common.fail(sentence("export.other_portal", agency=one.name, portal=one.portal, named=portal_name))
    return one.portal, one
