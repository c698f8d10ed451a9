"""What every command shares: options, opening an archive, errors a person can act on, exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from nianbao.cli import exit_codes
from nianbao.cli.exit_codes import ATTENTION, DONE, UNFINISHED, USAGE
from nianbao.language import current
from nianbao.messages import say

if TYPE_CHECKING:
    from crawler.errors import CrawlError
    from storage.errors import StorageError
    from storage.home import Home

__all__ = [
    "ATTENTION", "DONE", "UNFINISHED", "USAGE", "ArchiveOption", "CsvOption", "JsonOption", "JsonlOption",
    "PortalOption", "attention", "example", "fail", "fail_of", "opened", "opened_whole", "progress_line",
]  # fmt: skip

ArchiveOption = Annotated[Path | None, typer.Option("--archive", envvar="NIANBAO_ARCHIVE", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json")]
JsonlOption = Annotated[bool, typer.Option("--jsonl")]
CsvOption = Annotated[bool, typer.Option("--csv")]
PortalOption = Annotated[str | None, typer.Option("--portal")]


def no_spiders(home: Home) -> Iterable[str]:
    """Portals that can be crawled, as far as the archive's rooms know: none."""
    del home
    return ()


#: Names of the portals that can be crawled in an archive; ``nianbao.cli.command_table`` puts in what it knows.
spiders_of: Callable[[Home], Iterable[str]] = no_spiders


def fail(message: str, code: int = USAGE) -> NoReturn:
    """Say ``message`` on standard error and end with ``code``."""
    exit_codes.write(message)
    raise typer.Exit(code)


def fail_of(error: Exception, code: int = USAGE) -> NoReturn:
    """Say on standard error what an exception says, in the language of this run, and end with ``code``."""
    from nianbao.sentences import worded

    fail(worded(error), code)


def fail_as(error: StorageError | CrawlError) -> NoReturn:
    """The same, with the exit code that such an exception has."""
    from nianbao.cli.failures import code_of

    fail_of(error, code_of(error))


def attention(condition: object) -> None:
    """End with exit code 1 if something needs attention."""
    if condition:
        raise typer.Exit(ATTENTION)


def opened(archive: Path | None) -> Home:
    """The archive named by ``--archive`` or NIANBAO_ARCHIVE; ends with a sentence where there is none."""
    from storage.home import HomeError, open_home

    try:
        return open_home(archive)
    except HomeError as error:
        fail_as(error)


def opened_whole(archive: Path | None) -> Home:
    """:func:`opened`, for what proves or copies the archive: it ends with a sentence where the database is damaged."""
    home = opened(archive)
    if damage := home.truth.damage():
        home.close()
        fail(say("errors", current(), "program.damaged_archive", path=home.path, damage=damage), UNFINISHED)
    return home


def example(command: str) -> str:
    """The example under a command's help. Each works on the archive that ``make demo`` leaves; a test runs them."""
    return command


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
