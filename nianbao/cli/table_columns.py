"""Columns of tables under their titles in the language of this run."""

from __future__ import annotations

from collections.abc import Collection

from nianbao.cli.output import Column
from nianbao.sentences import word


def columns(*keys: str, wrap: Collection[str] = (), spare: Collection[str] = ()) -> tuple[Column, ...]:
    """Columns of a table under their titles, which the catalogue's section ``column`` has.

    ``wrap``: keys of those whose text may break; ``spare``: of those left out on a narrow terminal.
    """
    return tuple(Column(key, word("column", key), wrap=key in wrap, spare=key in spare) for key in keys)
