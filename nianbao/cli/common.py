"""What every command shares: options, opening an archive, errors a person can act on, exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from nianbao.cli import exit_codes
from nianbao.cli.exit_codes import ATTENTION, DONE, UNFINISHED, USAGE
from nianbao.language import current
from nianbao.messages import say

if TYPE_CHECKING:
    from storage.home import Home

__all__ = [
    "ATTENTION", "DONE", "UNFINISHED", "USAGE", "ArchiveOption", "CsvOption", "JsonOption", "JsonlOption",
    "PortalOption", "attention", "fail", "fail_of", "opened", "opened_whole", "progress_line",
]  # fmt: skip

ArchiveOption = Annotated[Path | None, typer.Option("--archive", envvar="NIANBAO_ARCHIVE", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json")]
JsonlOption = Annotated[bool, typer.Option("--jsonl")]
CsvOption = Annotated[bool, typer.Option("--csv")]
PortalOption = Annotated[str | None, typer.Option("--portal")]


def fail(message: str, code: int = USAGE) -> NoReturn:
    """Say ``message`` on standard error and end with ``code``."""
    exit_codes.write(message)
    raise typer.Exit(code)


def fail_of(error: Exception, code: int = USAGE) -> NoReturn:
    """Say on standard error what an exception says, in the language of this run, and end with ``code``."""
    from nianbao.sentences import worded

    fail(worded(error), code)


class Refusal:
    """End with ``code`` and the sentence of an exception of some kinds, where the block raises one.

    Most exceptions need none of this: ``failures.py`` knows their exit codes.
    """

    def __init__(self, *kinds: type[Exception], code: int = USAGE) -> None:
        self._kinds, self._code = kinds, code

    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, self._kinds):
            fail_of(error, self._code)


def attention(condition: object) -> None:
    """End with exit code 1 if something needs attention."""
    if condition:
        raise typer.Exit(ATTENTION)


def opened(archive: Path | None) -> Home:
    """The archive named by ``--archive`` or NIANBAO_ARCHIVE. Raises HomeError where there is none."""
    from storage.home import open_home

    return open_home(archive)


def opened_whole(archive: Path | None) -> Home:
    """:func:`opened`, for what proves or copies the archive: it ends with a sentence where the database is damaged."""
    home = opened(archive)
    if damage := home.truth.damage():
        home.close()
        fail(say("errors", current(), "program.damaged_archive", path=home.path, damage=damage), UNFINISHED)
    return home


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
