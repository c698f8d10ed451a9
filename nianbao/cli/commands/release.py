"""The commands ``release``: freeze a data set (``make``, ``panel``), check it (``verify``), compare two (``diff``)."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from archive.exports.formats.columns import FileFormat
from archive.exports.release.checking import ChangeReason, Moved, check_release, compare_releases, write_comparison
from archive.exports.release.making import NAME, ReleaseContents, make_release
from archive.exports.release.panel_release import PanelContents
from archive.exports.tables import ExportedTable, TableQuestion
from archive.exports.writing import safe_folder
from archive.projection.child import collect_seldom
from archive.queries.where import Where
from archive.queries.words import years as years_of
from nianbao.cli import common
from nianbao.cli.command_functions import archive_command
from nianbao.cli.common import KindOption, instant
from nianbao.cli.output import say, tell
from nianbao.sentences import sentence
from storage.home import Home

_MOST_SHOWN = 40  # changed values that are printed
FOLDER = "releases"  #: default folder of releases, within the archive


def _freezes(contents: type[ReleaseContents], formats: tuple[FileFormat, ...]) -> Callable[..., None]:
    """Return the command that makes a release with these contents; ``formats``: its default formats."""

    @archive_command()
    def make(
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
        kind: KindOption = None,
        as_of: str | None = None,
        publisher: str = "",
        licence: str = "",
    ) -> None:
        """Freeze the tables as of an instant with digests, dictionary, definitions, known gaps; the same again gives
        the same bytes, and one that is there is never written over.
        """
        where = Where(place=division, portal=portal, agency=agency, kinds=frozenset(kind) if kind else None)
        years_chosen = None if years is None else tuple(years_of(years, "--years"))
        question = TableQuestion(table=ExportedTable.GAPS, where=where, years=years_chosen, as_of=instant(as_of))
        if not NAME.fullmatch(name):
            common.fail(sentence("release.no_name", name=name))
        target = output or home.path / FOLDER / (f"{name}.zip" if zipped else name)
        collect_seldom()
        try:
            result = make_release(
                home, name, safe_folder(home, target), question, tuple(dict.fromkeys(fmt or formats)),
                publisher=publisher, licence=licence, zipped=zipped, contents=contents(),
            )  # fmt: skip
        except OSError as error:
            common.fail(sentence("release.not_made", path=target, cause=error.strerror), common.UNFINISHED)
        rows = sum(one.rows for one in result.files)
        tell("release.made", path=result.path, tables=len(result.files), rows=rows, gaps=result.gaps)
        tell("release.digest", digest=result.digest)
        if result.inexact:
            common.write_error(sentence("release.inexact", number=result.inexact))
        common.attention(result.inexact)

    return make


make = _freezes(ReleaseContents, (FileFormat.CSV,))
panel = _freezes(PanelContents, (FileFormat.CSV, FileFormat.PARQUET, FileFormat.XLSX, FileFormat.DTA))


def diff(old: Path, new: Path, *, output: Path | None = None) -> None:
    """Say which values moved from one release of the panel to another, and why; needs no archive."""
    try:
        counts = _tell_all(old, new) if output is None else write_comparison(old, new, output)
    except OSError as error:
        path = error.filename or new
        common.fail(sentence("release.not_compared", path=path, cause=error.strerror), common.UNFINISHED)
    tell("release.moved_in_all", number=counts.total())
    for why, number in counts.most_common():
        say(f"  {sentence(f'release.why_{why.value}')}: {number}")


def _tell_all(old: Path, new: Path) -> Counter[ChangeReason]:
    """Print the first values that changed between two releases; return how many changed for each reason."""
    counts: Counter[ChangeReason] = Counter()
    for moved in compare_releases(old, new):
        counts[moved.why] += 1
        if counts.total() <= _MOST_SHOWN:
            _tell_moved(moved)
    if counts.total() > _MOST_SHOWN:
        tell("release.moved_more", number=counts.total() - _MOST_SHOWN)
    return counts


def _tell_moved(moved: Moved) -> None:
    column = moved.column or sentence("release.whole_row")
    why = sentence(f"release.why_{moved.why.value}")
    say(f"{moved.agency} {moved.year}  {column}: {moved.before or '∅'} → {moved.after or '∅'}  ({why})")


def verify(path: Path | None = None, *, archive: Path | None = None) -> None:
    """Compare each file of a release with the digests, sizes and rows that it names; needs no archive for a path."""
    if path is not None and not path.is_dir() and not zipfile.is_zipfile(path):
        common.fail(sentence("release.no_release", path=path))
    checked = [(one.name, check_release(one)) for one in ([path] if path is not None else _releases(archive))]
    for name, result in checked:
        for problem in result.problems:
            say(f"{name}: {problem}")
        if not result.problems:
            tell("release.whole", name=name, files=result.files, digest=result.digest)
    common.attention(any(result.problems for _, result in checked))


def _releases(archive: Path | None) -> list[Path]:
    """Return the releases in an archive; if there is none, print that."""
    with common.opened(archive) as home:
        folder = home.path / FOLDER
    entries = sorted(one for one in folder.glob("*") if not one.name.startswith("."))
    if not entries:
        tell("release.none", folder=folder)
    return entries
