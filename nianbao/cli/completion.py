"""What a shell is told when a person presses Tab: the values that a parameter takes and that begin so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from nianbao.cli import common
from nianbao.language import current
from nianbao.offered_values import is_offered, offered
from storage.errors import StorageError


class _Offered(str):
    """A value that is offered though it does not begin as was typed (汶上县 for wsx): typer would drop it."""

    __slots__ = ()

    def startswith(self, *_: object) -> bool:
        """Say yes to typer."""
        return True


def values_begun(name: str, choices: Sequence[str], archive: Path | None, begun: str) -> list[tuple[str, str]]:
    """Return values with what they mean, those that fit best first; none where no archive can be asked.

    ``choices``: the words of the vocabulary that the parameter takes.
    """
    if choices or not is_offered(name):
        return [(one, "") for one in choices if one.startswith(begun)]
    try:
        with common.opened(archive) as home:
            return [(_Offered(one), meaning) for one, meaning in offered(home, current(), name, begun)]
    except (typer.Exit, StorageError):
        return []
