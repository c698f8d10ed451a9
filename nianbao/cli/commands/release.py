"""``release`` and ``release verify``: a data set frozen, and checked."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from archive.exports.files import safe_folder
from archive.exports.formats.columns import FileFormat
from archive.exports.release.checking import check_release
from archive.exports.release.making import NAME, make_release
from archive.exports.tables import Table, TableQuestion
from archive.queries.where import Where
from nianbao.cli import common, exit_codes
from nianbao.cli.asking import LicenceOption
from nianbao.cli.options import AgencyOption, AsOfOption, DivisionOption, KindOption, YearsOption, instant, years_of
from nianbao.cli.output import say
from nianbao.sentences import sentence

FOLDER = "releases"  #: of the archive, where releases lie if nothing else is said


class _Made(TyperGroup):
    """``nianbao release 2026-06`` means ``nianbao release make 2026-06``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        first = next((one for one in args if not one.startswith("-")), None)
        if first is not None and first not in self.commands and args[0] not in ctx.help_option_names:
            args = ["make", *args]
        return super().parse_args(ctx, args)


release = typer.Typer(cls=_Made, no_args_is_help=True)


@release.command("make", epilog="nianbao release make 2026-06 --years 2025")
def make(
    name: Annotated[str, typer.Argument()],
    output: Annotated[Path | None, typer.Option("--output", show_default=False)] = None,
    fmt: Annotated[list[FileFormat] | None, typer.Option("--format", show_default=False)] = None,
    zipped: Annotated[bool, typer.Option("--zip")] = False,
    division: DivisionOption = None,
    years: YearsOption = None,
    portal: common.PortalOption = None,
    agency: AgencyOption = None,
    kind: KindOption = None,
    as_of: AsOfOption = None,
    publisher: Annotated[str, typer.Option("--publisher", show_default=False)] = "",
    licence: LicenceOption = "",
    archive: common.ArchiveOption = None,
) -> None:
    """Freeze all tables as of an instant with digests, dictionary, definitions, known gaps; the same again gives the
    same bytes, and one that is there is never written over.
    """
    wanted = years_of(years)
    where = Where(place=division, portal=portal, agency=agency, kinds=frozenset(kind) if kind else None)
    question = TableQuestion(
        table=Table.GAPS, where=where, years=None if wanted is None else tuple(wanted), as_of=instant(as_of)
    )
    if not NAME.fullmatch(name):
        common.fail(sentence("release.no_name", name=name))
    formats: Sequence[FileFormat] = tuple(dict.fromkeys(fmt)) if fmt else (FileFormat.CSV,)
    with common.opened(archive) as home:
        own = home.path / FOLDER / (f"{name}.zip" if zipped else name)
        options: dict[str, Any] = {"publisher": publisher, "licence": licence, "zipped": zipped}
        try:
            target = safe_folder(home, output or own)
            made = make_release(home, name, target, question, formats, **options)
        except OSError as error:
            common.fail(sentence("release.not_made", path=target, cause=error.strerror), common.UNFINISHED)
    rows = sum(one.rows for one in made.files)
    say(sentence("release.made", path=made.path, tables=len(made.files), rows=rows, gaps=made.gaps))
    say(sentence("release.digest", digest=made.digest))
    if made.inexact:
        exit_codes.write(sentence("release.inexact", number=made.inexact))
    common.attention(made.inexact)


@release.command("verify", epilog="nianbao release verify")
def verify(
    path: Annotated[Path | None, typer.Argument(show_default=False)] = None, archive: common.ArchiveOption = None
) -> None:
    """Compare each file of a release with the digests, sizes and rows that it names; needs no archive for a path."""
    found: Sequence[Path]
    if path is not None:
        if not path.is_dir() and not zipfile.is_zipfile(path):
            common.fail(sentence("release.no_release", path=path))
        found = [path]
    else:
        with common.opened(archive) as home:
            folder = home.path / FOLDER
        found = sorted(one for one in folder.glob("*") if not one.name.startswith(".")) if folder.is_dir() else []
        if not found:
            say(sentence("release.none", folder=folder))
    wrong = 0
    for one in found:
        checked = check_release(one)
        wrong += len(checked.problems)
        for problem in checked.problems:
            say(f"{one.name}: {problem}")
        if not checked.problems:
            say(sentence("release.whole", name=one.name, files=checked.files, digest=checked.digest))
    common.attention(wrong)
