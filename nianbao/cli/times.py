"""Days, instants, years and kinds of the command line: ``archive.queries.words`` under the options' names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

import typer

from archive.queries import words
from archive.queries.bounds import QueryError
from archive.queries.words import is_year
from nianbao.sentences import worded
from storage.records import AgencyKind

__all__ = ["day_of", "instant", "is_year", "kind_of", "moment", "year_of", "years_of"]

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


def day_of(option: str, text: str) -> date:
    """The day meant by an option. Raises QueryError."""
    return words.moment(text, option, end=False).date()
