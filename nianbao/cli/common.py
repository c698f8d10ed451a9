"""Helpers for commands: exit codes, errors, opening the archive, and reading options such as days, portals, files."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from nianbao.language import current
from nianbao.messages import say
from storage.errors import StorageError

if TYPE_CHECKING:
    from storage.home import Home

DONE, ATTENTION, USAGE, UNFINISHED = 0, 1, 2, 3  #: exit codes
STDOUT = Path("-")
SHORT_ID = 8  #: leading characters of an id that screens show; commands accept an id shortened like this
_SECONDS_BEFORE_ESTIMATE = 2  # quicker work shows no estimate of its rest


def write_error(sentence: str) -> None:
    """Print a sentence on standard error, with control characters made visible."""
    from nianbao.cli import output

    output.print_text(f"nianbao: {sentence}", sys.stderr)


def program_error(key: str, /, **values: object) -> str:
    """Return a sentence of ``errors.toml``, section ``program``, that says why something failed."""
    return say("errors", None, f"program.{key}", **values)


def fail(message: str, code: int = USAGE) -> NoReturn:
    """Print ``message`` on standard error and end with exit code ``code``."""
    write_error(message)
    raise typer.Exit(code)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """If the block cannot write the file or folder ``place``, print why and end; it leaves no half of a file there."""
    try:
        yield
    except OSError as error:
        from nianbao.sentences import sentence

        fail(sentence("page.not_written", place=place, cause=error.strerror), UNFINISHED)


def attention(condition: object) -> None:
    """End with exit code 1 if something needs attention."""
    if condition:
        raise typer.Exit(ATTENTION)


def opened(archive: Path | None, *, whole: bool = False) -> Home:
    """Open the archive named by ``--archive`` or NIANBAO_ARCHIVE, and warn of imitation portals (a demo) on standard
    error. Raises HomeError if there is none.

    ``whole``: check the database first, for commands that verify or copy the archive; end with an error if damaged.
    """
    from storage.home import open_home

    home = open_home(archive)
    if whole and (damage := home.truth.damage()):
        home.close()
        fail(program_error("damaged_archive", path=home.path, damage=damage), UNFINISHED)
    if home.simulated:
        from nianbao.cli import output

        output.print_text(say("cli", None, "answer.simulated"), sys.stderr)
    return home


def progress_line(label: str, unit: int = 1) -> Callable[[int, int], None]:
    """Return a callback (done, total) that shows progress on standard error: on a terminal in place, with an estimate
    of the remaining time after two seconds; in a pipe as one line at the end. ``unit``: so much counts as one.
    """
    is_terminal, start, last = sys.stderr.isatty(), time.monotonic(), -1

    def show(done: int, total: int) -> None:
        """Print how much is done and, on a terminal, estimate the rest; nothing twice, or of less than a unit."""
        nonlocal last
        if total < unit or (done < total and done // unit in {last, total // unit}):
            return
        last = done // unit
        if is_terminal:
            seconds = time.monotonic() - start
            is_long = seconds > _SECONDS_BEFORE_ESTIMATE and 0 < done < total
            remaining = round(seconds / done * (total - done)) if is_long else 0
            rest = say("cli", None, "progress.rest", seconds=remaining) if is_long else ""
            sys.stderr.write(f"\r{label} {last}/{total // unit}{rest}\033[K" + ("\n" if done == total else ""))
        elif done == total:
            sys.stderr.write(f"{label} {last}/{total // unit}\n")
        sys.stderr.flush()

    return show


# ---------------------------------------------------------------------------------------------- values of options


def instant(text: str | None) -> datetime | None:
    """Read ``--as-of`` (None: not typed): a day means its end; an instant without a time zone is in Asia/Shanghai."""
    from archive.queries.words import moment

    return None if text is None else moment(text, "--as-of", end=True)


def portal_if_place(home: Home | None, value: Any) -> Any:
    """Return the portal of a place, each in a list; a name of a portal, or of a place with several, stays as it is."""
    from archive.fuzzy_lookup import portal_meant
    from crawler.portals import classes

    texts = value if isinstance(value, list) else [value or ""]
    if all(map(str.isascii, texts)):  # as names of portals are
        return value
    places = {name: one.place for name, one in classes(home.path if home else None).items()}
    names = [portal_meant(one, places)[0] or one for one in texts]
    return names if isinstance(value, list) else names[0]


def portal_of(home: Home, name: str | None) -> str | None:
    """Return the archive's portal that ``--portal`` names. Raises QueryError with similar names if there is none."""
    from archive.queries.bounds import portal_named
    from storage.registry import Registry

    return name and portal_named(name, {one.name: one.place for one in Registry(home).portals()})


def portals_of(home: Home, name: str | None) -> list[str]:
    """Return the portal that ``--portal`` names, or all portals of the archive."""
    from archive.queries.selection import known_portals

    only = portal_of(home, name)
    return [only] if only else sorted(known_portals(home))


def place_of(home: Home, path: Path) -> Path:
    """Return the path to write for a file named on the command line (``-`` as it is); end with an error if unsafe."""
    from archive.exports.writing import safe_place

    if path == STDOUT:
        return path
    with writing(path):
        return safe_place(home, path)


class _Offered(str):
    """A completion that need not begin with the typed text (汶上县 for wsx); typer would drop a plain str."""

    __slots__ = ()

    def startswith(self, *_: object) -> bool:
        """Return True always, so that typer keeps this value."""
        return True


def completion(name: str, choices: Iterable[str] = ()) -> Callable[..., list[tuple[str, str]]]:
    """Return the function that typer calls to complete a parameter: from ``choices``, else as forms offer its values.

    Without an archive there is nothing to offer.
    """

    def complete(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
        """Return (value, meaning) of each value that begins with what is typed so far."""
        from nianbao.form_fields import is_offered, offered
        from storage.home import open_home

        values = [(one, "") for one in choices if one.startswith(incomplete)]
        if not choices and is_offered(name):
            with suppress(StorageError), open_home(ctx.params.get("archive")) as home:
                values = [(_Offered(one), meaning) for one, meaning in offered(home, current(), name, incomplete)]
        return values

    return complete
