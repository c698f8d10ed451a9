"""What options of several commands mean: places, portals, kinds, years, instants, files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from archive.exports.files import safe_place
from archive.queries import words
from archive.queries.bounds import QueryError
from archive.queries.nearest import portal_named
from nianbao.cli import common
from nianbao.sentences import sentence, worded
from storage.records import AgencyKind

if TYPE_CHECKING:
    from storage.home import Home

STDOUT = Path("-")
SHORT_ID = 8  #: characters of an id that are shown; as many suffice to name it
_Value = TypeVar("_Value")


def _parser(meaning: Callable[[str], _Value]) -> Callable[[str], _Value]:
    """What typer calls to understand a value; where it cannot, how to write it is told."""

    def parse(text: str) -> _Value:
        try:
            return meaning(text)
        except QueryError as error:
            raise typer.BadParameter(worded(error)) from None

    return parse


year_of = _parser(words.year)
KindOption = Annotated[
    list[AgencyKind] | None, typer.Option("--kind", parser=_parser(words.kind), metavar="KIND", show_default=False)
]


def instant(text: str | None) -> datetime | None:
    """The instant meant by ``--as-of``: the end of a day, or an instant (Asia/Shanghai if it names no zone)."""
    return None if text is None else words.moment(text, "--as-of", end=True)


def portal_of(home: Home, name: str | None) -> str | None:
    """The portal meant by ``--portal``, of those the archive knows; ends with the nearest names where there is none."""
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
    if path == STDOUT:
        return path
    try:
        place = safe_place(home, path)
        place.parent.mkdir(parents=True, exist_ok=True)  # the archive's own ``exports`` is made when it is first used
    except OSError as error:
        common.fail(sentence("page.cannot_write", path=path, cause=error.strerror), common.UNFINISHED)
    return place
