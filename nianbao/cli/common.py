"""What every command shares: exit codes, errors in one line, opening an archive."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from nianbao.language import current
from nianbao.messages import say

if TYPE_CHECKING:
    from storage.home import Home

DONE, ATTENTION, USAGE, UNFINISHED = 0, 1, 2, 3  #: exit codes

_SECONDS_BEFORE_ESTIMATE = 2


def write_error(sentence: str) -> None:
    """Write one line to standard error, its control characters made visible."""
    from archive.exports.safe_text import safe_text

    typer.echo(f"nianbao: {safe_text(sentence)}", err=True)


def tell_program_error(key: str, /, **values: object) -> None:
    """Say on standard error why something could not be done: a sentence of ``errors.toml``, section ``program``."""
    write_error(say("errors", current(), f"program.{key}", **values))


def fail(message: str, code: int = USAGE) -> NoReturn:
    """Say ``message`` on standard error and end with ``code``."""
    write_error(message)
    raise typer.Exit(code)


def fail_of(error: Exception, code: int = USAGE) -> NoReturn:
    """Say on standard error what an exception says, in the language of this run, and end with ``code``."""
    from nianbao.sentences import worded

    fail(worded(error), code)


@contextmanager
def wrong_usage_where(*kinds: type[Exception]) -> Iterator[None]:
    """End as wrong usage, with the sentence of the exception, where the block raises one of some kinds.

    Most exceptions need none of this: ``failures.py`` knows their exit codes.
    """
    try:
        yield
    except kinds as error:
        fail_of(error)


def attention(condition: object) -> None:
    """End with exit code 1 if something needs attention."""
    if condition:
        raise typer.Exit(ATTENTION)


def opened(archive: Path | None, *, whole: bool = False) -> Home:
    """Open the archive named by ``--archive`` or NIANBAO_ARCHIVE. Raises HomeError where there is none.

    ``whole``: for what proves or copies the archive; it ends with a sentence where the database is damaged.
    """
    from storage.home import open_home

    home = open_home(archive)
    if whole and (damage := home.truth.damage()):
        home.close()
        fail(say("errors", current(), "program.damaged_archive", path=home.path, damage=damage), UNFINISHED)
    return home


def progress_line(label: str) -> Callable[[int, int], None]:
    """A callback (done, total) that shows progress on standard error: in place on a terminal, one line in a pipe. What
    takes longer than two seconds shows how long the rest will take.
    """
    terminal, begun = sys.stderr.isatty(), time.monotonic()

    def show(done: int, total: int) -> None:
        if terminal:
            seconds = time.monotonic() - begun
            is_long = seconds > _SECONDS_BEFORE_ESTIMATE and 0 < done < total
            remaining = round(seconds / done * (total - done)) if is_long else 0
            rest = say("cli", current(), "progress.rest", seconds=remaining) if is_long else ""
            sys.stderr.write(f"\r{label} {done}/{total}{rest}\033[K" + ("\n" if done == total else ""))
        elif done == total and total:
            sys.stderr.write(f"{label} {done}/{total}\n")
        sys.stderr.flush()

    return show
