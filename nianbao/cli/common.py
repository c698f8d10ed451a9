"""What every command shares: options, opening an archive, errors a person can act on, exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from archive.exports.safe_text import safe_text
from storage.home import Home, HomeError, UnusableError, open_home

DONE, ATTENTION, USAGE, UNFINISHED = 0, 1, 2, 3

ArchiveOption = Annotated[
    Path | None,
    typer.Option("--archive", envvar="NIANBAO_ARCHIVE", help="Folder of the archive.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
JsonlOption = Annotated[bool, typer.Option("--jsonl", help="JSON Lines on standard output: an object a line.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="CSV on standard output.")]
PortalOption = Annotated[str | None, typer.Option("--portal", help="Name of one portal: wenshang.")]


def no_spiders(home: Home) -> Iterable[str]:
    """Portals that can be crawled, as far as the archive's rooms know: none."""
    del home
    return ()


#: Names of the portals that can be crawled in an archive; ``nianbao.cli.command_table`` puts in what it knows.
spiders_of: Callable[[Home], Iterable[str]] = no_spiders


def fail(message: str, code: int = USAGE) -> NoReturn:
    """Say ``message`` on standard error and end with ``code``."""
    typer.echo(f"nianbao: {safe_text(message)}", err=True)
    raise typer.Exit(code)


def attention(condition: object) -> None:
    """End with exit code 1 if something needs attention."""
    if condition:
        raise typer.Exit(ATTENTION)


def opened(archive: Path | None) -> Home:
    """The archive named by ``--archive`` or NIANBAO_ARCHIVE; ends with a sentence where there is none."""
    try:
        return open_home(archive)
    except HomeError as error:
        fail(str(error), UNFINISHED if isinstance(error, UnusableError) else USAGE)


def opened_whole(archive: Path | None) -> Home:
    """:func:`opened`, for what proves or copies the archive: it ends with a sentence where the database is damaged."""
    home = opened(archive)
    if damage := home.truth.damage():
        home.close()
        fail(
            f"the database of {home.path} is damaged ({damage}); nothing was done. Keep the folder and its WARC files; "
            "bring the archive back from a copy: nianbao restore COPY NEW-FOLDER (docs/keeping.md)",
            UNFINISHED,
        )
    return home


def example(text: str) -> str:
    """The example under a command's help. Each works on the archive that ``make demo`` leaves; a test runs them."""
    return f"Example: {text}"


def progress_line(label: str) -> Callable[[int, int], None]:
    """A callback (done, total) that tells progress on standard error: in place on a terminal, one line in a pipe."""
    terminal = sys.stderr.isatty()

    def show(done: int, total: int) -> None:
        if terminal:
            sys.stderr.write(f"\r{label} {done}/{total}" + ("\n" if done == total else ""))
        elif done == total and total:
            sys.stderr.write(f"{label} {done}/{total}\n")
        sys.stderr.flush()

    return show
