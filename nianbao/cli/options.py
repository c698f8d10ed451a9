"""Options that several commands share, and what they mean: places, portals, kinds, years, as of when, files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from archive.exports.files import PlaceError, safe_place
from archive.queries.bounds import QueryError
from archive.queries.nearest import NotKnownError, portal_named
from nianbao.cli import common
from nianbao.cli.times import kind_of
from nianbao.sentences import phrase
from storage.records import AgencyKind

if TYPE_CHECKING:
    from storage.home import Home

STDOUT = Path("-")
_Answer = TypeVar("_Answer")


YearsOption = Annotated[str | None, typer.Option("--years", show_default=False)]
DivisionOption = Annotated[str | None, typer.Option("--place", show_default=False)]
AgencyOption = Annotated[str | None, typer.Option("--agency", show_default=False)]
AsOfOption = Annotated[str | None, typer.Option("--as-of", show_default=False)]
KindOption = Annotated[
    list[AgencyKind] | None, typer.Option("--kind", parser=kind_of, metavar="KIND", show_default=False)
]


def portal_of(home: Home, name: str | None) -> str | None:
    """The portal meant by ``--portal``, of those the archive knows; ends with the nearest names where there is none."""
    from storage.registry import Registry

    if name is None:
        return None
    return asked(lambda: portal_named(name, {one.name: one.place for one in Registry(home).portals()}))


def place_of(home: Home, path: Path) -> Path:
    """Where a file named on the command line is written; ``-`` as it is. Ends with why where nothing is written."""
    if path == STDOUT:
        return path
    try:
        place = safe_place(home, path)
        place.parent.mkdir(parents=True, exist_ok=True)  # the archive's own ``exports`` is made when it is first used
    except PlaceError as error:
        common.fail_of(error)
    except OSError as error:
        common.fail(phrase("page.cannot_write", path=path, cause=error.strerror), common.UNFINISHED)
    return place


def asked(question: Callable[[], _Answer]) -> _Answer:
    """The answer; where the question names something unknown the nearest names, where it asks for too much how much is
    answered.
    """
    try:
        return question()
    except (NotKnownError, QueryError) as error:
        common.fail_of(error)
