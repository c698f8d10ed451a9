"""The commands ``export`` (tables, packages of evidence) and ``release`` (freeze, check and compare data sets)."""

from __future__ import annotations

import os
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from archive.exports.formats.columns import FileFormat
from archive.exports.release.checking import ChangeReason, Moved, check_release, compare_releases, write_comparison
from archive.exports.release.making import NAME, Release, make_release
from archive.exports.release.panel_release import PanelRelease
from archive.exports.tables import TABLES, WIDE, TableQuestion, answer
from archive.exports.writing import (
    format_of,
    passed_through,
    safe_folder,
    safe_place,
    with_progress,
    write_file,
    write_lines,
    writer_of,
)
from archive.projection.child import collect_seldom
from archive.queries import words
from archive.queries.coverage_of_answer import knowledge_of
from archive.queries.where import Where, one_agency
from nianbao.answer_tables import put_into_words
from nianbao.cli import common
from nianbao.cli.answers.lists import sentence_on_nothing
from nianbao.cli.command_functions import ARCHIVE, archive_command, keyword, option, with_parameters
from nianbao.cli.common import STDOUT, instant, place_of, portal_of
from nianbao.cli.output import print_sentence, print_text, tell_match
from nianbao.cli.question_commands import ModelOptions
from nianbao.cli.screens import show
from nianbao.evidence_files import package_name, write_package
from nianbao.form_fields import ask_as_meant
from nianbao.language import Language, current
from nianbao.parameters import Paged, Rows, parse_parameters
from nianbao.questions import parameters_of_table, table_question
from nianbao.sentences import note_sentence, sentence
from storage.home import Home
from storage.records import Agency
from storage.wacz import SUFFIX

_FORMAT = Annotated[str | None, typer.Option("--format", metavar="FORMAT", show_default=False)]
_MOST_SHOWN = 40  # changed values that are printed
MOST_PROCESSES = 2  # that make a panel; each takes up to 300 MB
RELEASES = "releases"  #: default folder of releases, within the archive


def export_command(name: str) -> Callable[..., None]:
    """Return the command that exports the table ``name``."""
    left_out = {"lang", *Paged.model_fields}
    fields = {key: one for key, one in parameters_of_table(name).model_fields.items() if key not in left_out}
    options = ModelOptions(fields, [key for key in ("indicator",) if key in fields])
    more = [
        *([keyword("wide", bool, False)] if f"{name}{WIDE}" in TABLES else []),
        keyword("fmt", _FORMAT, None), keyword("output", Path | None, None), keyword("bom", bool, False),
        keyword("licence", str, ""), ARCHIVE,
    ]  # fmt: skip

    def run(**values: Any) -> None:
        parameters = parse_parameters(parameters_of_table(name), options.given(values), option)
        settings = {one.name: values.get(one.name, one.default) for one in more}
        _export(parameters, partial(table_question, name, wide=settings.pop("wide", False)), **settings)

    return with_parameters(run, [*options.parameters(), *more])


def _export(
    parameters: Rows, question_of: Callable[[Rows], TableQuestion], *, fmt: str | None, output: Path | None, bom: bool,
    licence: str, archive: Path | None,
) -> None:  # fmt: skip
    """Write the table of ``question_of(parameters)`` to the file ``output`` or (None, ``-``) to standard output;
    ``fmt`` None: the format of the file's ending. Mistakes in the options end the command before anything is read. If
    there are no rows, it prints why; a number that the format cannot hold exactly gives exit code 1.
    """
    target = None if output is None or output == STDOUT else output
    kind = format_of(fmt, target)
    writer_of(kind)  # raises before the archive is opened if a package is lacking
    if target is None and not kind.is_text:
        common.fail(sentence("export.no_text", format=kind.value))
    if bom and kind is not FileFormat.CSV:
        common.fail(sentence("export.bom"))
    collect_seldom()
    with common.opened(archive) as home:
        place = None if target is None else safe_place(home, target)
        parameters, (sheet, about) = ask_as_meant(
            home, parameters, lambda one: (one, answer(home, question_of(one))), tell_match
        )
        if kind is FileFormat.XLSX and current() is Language.ZH:
            sheet = put_into_words(sheet, "zh")
        sheet = passed_through(sheet, partial(_rows_or_reason, home, parameters.where()))
        if place is None:
            write_lines(kind, sheet, sys.stdout, bom=bom)
            return
        sheet = with_progress(sheet, sentence("export.rows", table="{table}", rows="{rows}"))
        with common.writing(place):
            written = write_file(sheet, replace(about, licence=licence), kind, place, bom=bom)
    print_text(sentence("page.rows", place=place, rows=written.rows))
    if written.inexact:
        common.write_error(sentence("export.inexact", count=written.inexact, format=kind.value))
    common.attention(written.inexact)


def _rows_or_reason(home: Home, where: Where, parts: Iterable[Any]) -> Iterator[Any]:
    """Yield the rows or batches; if there are none, print whether that is certain or too little is known."""
    walked = iter(parts)
    first = next(walked, None)
    if first is not None:
        yield first
        yield from walked
    else:
        coverage = knowledge_of(home, where)
        print_text(sentence_on_nothing(sentence("what.asked"), coverage), sys.stderr)


@archive_command()
def wacz(
    home: Home,
    *,
    year: Annotated[str, typer.Option("--year", metavar="YEAR")],
    portal: str | None = None,
    agency: str | None = None,
    output: Path | None = None,
) -> None:
    """Write the evidence for a portal's reports on a year as one file for replay tools: records, index, pages."""
    portal, one = _portal_and_agency(home, portal, agency)
    reporting_year = words.year(year)
    path = place_of(home, output or home.path / "exports" / package_name(portal, reporting_year, one))
    if path.suffix != SUFFIX:
        common.fail(sentence("export.suffix", path=path, suffix=SUFFIX))
    packing, packed = write_package(home, portal, reporting_year, path, one)
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


# ---------------------------------------------------------------------------------------------- releases


def _release_command(release_type: type[Release], formats: tuple[FileFormat, ...]) -> Callable[..., None]:
    """Return the command that makes a release of this type; ``formats``: its default formats."""

    @archive_command()
    def freeze(
        home: Home,
        name: str,
        *,
        output: Path | None = None,
        fmt: list[FileFormat] | None = None,
        zipped: bool = False,
        division: str | None = None,
        years: str | None = None,
        portal: str | None = None,
        agency: str | None = None,
        kind: Annotated[list[str] | None, typer.Option("--kind", metavar="KIND", show_default=False)] = None,
        as_of: str | None = None,
        publisher: str = "",
        licence: str = "",
        doi: str = "",
    ) -> None:
        """Freeze the tables as of an instant with digests, dictionary, definitions, known gaps; the same again gives
        the same bytes, and one that is there is never written over.
        """
        kinds = frozenset(map(words.kind, kind)) if kind else None
        years_chosen = None if years is None else tuple(words.years(years, "--years"))
        question = TableQuestion(
            table="gaps",  # a placeholder: make_release asks this of each of its tables
            where=Where(
                place=division, portal=portal, agency=agency, kinds=kinds, years=years_chosen, as_of=instant(as_of)
            ),
            processes=MOST_PROCESSES if (os.cpu_count() or 1) > 1 else 0,
        )  # fmt: skip
        if not NAME.fullmatch(name):
            common.fail(sentence("release.no_name", name=name))
        target = output or home.path / RELEASES / name
        if zipped and target.suffix != ".zip":
            target = target.with_name(f"{target.name}.zip")
        collect_seldom()
        with common.writing(target):
            place = safe_folder(home, target)
            result = make_release(
                home, name, place, question, tuple(dict.fromkeys(fmt or formats)),
                publisher=publisher, licence=licence, doi=doi, zipped=zipped, release_type=release_type,
                progress=sentence("export.rows", table="{table}", rows="{rows}"),
            )  # fmt: skip
        rows = {one.sheet.name: one.rows for one in result.files}  # a table is one, in however many formats
        print_sentence("release.made", path=place, tables=len(rows), rows=sum(rows.values()), gaps=len(result.gaps))
        print_sentence("release.digest", digest=result.digest)
        if result.inexact:
            common.write_error(sentence("release.inexact", number=result.inexact))
        common.attention(result.inexact)

    return freeze


make = _release_command(Release, (FileFormat.CSV,))
panel = _release_command(PanelRelease, (FileFormat.CSV, FileFormat.PARQUET, FileFormat.XLSX, FileFormat.DTA))


def diff(old: Path, new: Path, *, output: Path | None = None) -> None:
    """Print which values differ between two releases of the panel (a row per agency and year), and why."""
    counts: Counter[ChangeReason] = Counter()
    changes = _counted(compare_releases(old, new), counts)
    try:
        if output is None:
            _print_changes(changes)
        else:
            write_comparison(changes, output)
    except OSError as error:
        if error.filename is None:
            raise  # the reader of a pipe (``head``) is gone
        common.fail(sentence("release.not_compared", path=error.filename, cause=error.strerror), common.UNFINISHED)
    print_sentence("release.moved_in_all", number=counts.total())
    for why, number in counts.most_common():
        print_text(f"  {sentence(f'release.why_{why.value}')}: {number}")


def _counted(changes: Iterable[Moved], counts: Counter[ChangeReason]) -> Iterator[Moved]:
    """Yield the changes, and count them in ``counts`` by their reasons."""
    for moved in changes:
        counts[moved.why] += 1
        yield moved


def _print_changes(changes: Iterator[Moved]) -> None:
    """Print the first values that changed between two releases, and how many more there are."""
    for moved in islice(changes, _MOST_SHOWN):
        column, why = moved.column or sentence("release.whole_row"), sentence(f"release.why_{moved.why.value}")
        print_text(f"{moved.agency} {moved.year}  {column}: {moved.before or '∅'} → {moved.after or '∅'}  ({why})")
    if more := sum(1 for _ in changes):
        print_sentence("release.moved_more", number=more)


def verify(path: Path | None = None, *, archive: Path | None = None) -> None:
    """Compare each file of the release at ``path`` (without it: of each release in the archive) with the digests, sizes
    and rows in it; for a path no archive is needed.
    """
    if path is not None and not path.is_dir() and not zipfile.is_zipfile(path):
        common.fail(sentence("release.no_release", path=path))
    checked = [(one.name, check_release(one)) for one in ([path] if path is not None else _releases(archive))]
    for name, result in checked:
        for problem in result.problems:
            print_text(f"{name}: {problem}")
        if not result.problems:
            print_sentence("release.whole", name=name, files=result.files, digest=result.digest)
    common.attention(any(result.problems for _, result in checked))


def _releases(archive: Path | None) -> list[Path]:
    """Return the releases in an archive; if there is none, print that."""
    with common.opened(archive) as home:
        folder = home.path / RELEASES
    entries = sorted(one for one in folder.glob("*") if not one.name.startswith("."))
    if not entries:
        print_sentence("release.none", folder=folder)
    return entries
