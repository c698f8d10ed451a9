"""Options that several commands share, and what they mean: places, portals, kinds, years, days, instants, files."""

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
from nianbao.sentences import phrase, worded
from storage.records import AgencyKind

if TYPE_CHECKING:
    from storage.home import Home

STDOUT = Path("-")
_Meant = TypeVar("_Meant")


def year_of(text: str) -> int:
    """The reporting year meant by ``2024``, ``２０２４`` or ``2024年``. Raises BadParameter: how to write it."""
    return _taken(words.year, text)


def kind_of(text: str) -> AgencyKind:
    """The kind of agency meant by its name in English or Chinese. Raises BadParameter: which there are."""
    return _taken(words.kind, text)


def _taken(meant: Callable[[str], _Meant], text: str) -> _Meant:
    try:
        return meant(text)
    except QueryError as error:
        raise typer.BadParameter(worded(error)) from None


def years_of(text: str | None) -> list[int] | None:
    """The years meant by ``--years``: ``2019-2025``, ``2023`` or ``2019,2021``. Raises QueryError."""
    return None if text is None else words.years(text, "--years")


def instant(text: str | None) -> datetime | None:
    """The instant meant by ``--as-of``: the end of a day, or an instant (Asia/Shanghai if it names no zone)."""
    return moment("--as-of", text, end=True)


def moment(option: str, text: str | None, *, end: bool) -> datetime | None:
    """The instant meant by an option: of a day its beginning or its ``end``. Raises QueryError."""
    return None if text is None else words.moment(text, option, end=end)


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
    return portal_named(name, {one.name: one.place for one in Registry(home).portals()})


def place_of(home: Home, path: Path) -> Path:
    """Where a file named on the command line is written; ``-`` as it is. Ends with why where nothing is written."""
    if path == STDOUT:
        return path
    try:
        place = safe_place(home, path)
        place.parent.mkdir(parents=True, exist_ok=True)  # the archive's own ``exports`` is made when it is first used
    except OSError as error:
        common.fail(phrase("page.cannot_write", path=path, cause=error.strerror), common.UNFINISHED)
    return place
