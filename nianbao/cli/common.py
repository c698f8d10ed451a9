"""What commands share: exit codes, errors in one line, opening an archive, portals, days and files that are named."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from nianbao.language import current
from nianbao.messages import say
from storage.records import AgencyKind

if TYPE_CHECKING:
    from storage.home import Home

DONE, ATTENTION, USAGE, UNFINISHED = 0, 1, 2, 3  #: exit codes
STDOUT = Path("-")
SHORT_ID = 8  #: characters of an id that are shown; as many suffice to name it
_SECONDS_BEFORE_ESTIMATE = 2


def write_error(sentence: str) -> None:
    """Write one line to standard error, its control characters made visible."""
    from archive.exports.safe_text import safe_text

    typer.echo(f"nianbao: {safe_text(sentence)}", err=True)


def program_error(key: str, /, **values: object) -> str:
    """Why something could not be done: a sentence of ``errors.toml``, section ``program``."""
    return say("errors", current(), f"program.{key}", **values)


def tell_program_error(key: str, /, **values: object) -> None:
    """Say on standard error why something could not be done."""
    write_error(program_error(key, **values))


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
        fail(program_error("damaged_archive", path=home.path, damage=damage), UNFINISHED)
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


# ---------------------------------------------------------------------------------------------- what options mean


def _parser(meaning: str) -> Callable[[str], Any]:
    """What typer calls to understand a value as a function of ``archive.queries.words`` does; else it is told why."""

    def parse(text: str) -> Any:
        from archive.queries import words
        from archive.queries.bounds import QueryError
        from nianbao.sentences import worded

        try:
            return getattr(words, meaning)(text)
        except QueryError as error:
            raise typer.BadParameter(worded(error)) from None

    return parse


year_of: Callable[[str], int] = _parser("year")
KindOption = Annotated[
    list[AgencyKind] | None, typer.Option("--kind", parser=_parser("kind"), metavar="KIND", show_default=False)
]


def instant(text: str | None) -> datetime | None:
    """The instant meant by ``--as-of``: the end of a day, or an instant (Asia/Shanghai if it names no zone)."""
    from archive.queries.words import moment

    return None if text is None else moment(text, "--as-of", end=True)


def portal_of(home: Home, name: str | None) -> str | None:
    """The portal meant by ``--portal``, of those the archive knows; ends with the nearest names where there is none."""
    from archive.queries.bounds import portal_named
    from storage.registry import Registry

    if name is None:
        return None
    return portal_named(name, {one.name: one.place for one in Registry(home).portals()})


def portals_of(home: Home, name: str | None) -> list[str]:
    """The portal meant by ``--portal``, or all that the archive knows."""
    from storage.registry import Registry

    only = portal_of(home, name)
    return [only] if only else sorted(one.name for one in Registry(home).portals())


def place_of(home: Home, path: Path) -> Path:
    """Where a file named on the command line is written; ``-`` as it is. Ends with why where nothing is written."""
    from archive.exports.files import safe_place
    from nianbao.sentences import sentence

    if path == STDOUT:
        return path
    try:
        place = safe_place(home, path)
        place.parent.mkdir(parents=True, exist_ok=True)  # the archive's own ``exports`` is made when it is first used
    except OSError as error:
        fail(sentence("page.cannot_write", path=path, cause=error.strerror), UNFINISHED)
    return place
