"""Tables of cases beside a test module: ``test_x.toml`` beside ``test_x.py``, an array of cases for each table."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


def read_cases(module: str, table: str) -> list[Any]:
    """The cases of a table that lies beside ``module``, its ``__file__``; arrays within them are tuples."""
    tables = tomllib.loads(Path(module).with_suffix(".toml").read_text(encoding="utf-8"))
    return [_as_tuples(case) for case in tables[table]]


def _as_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_tuples(one) for name, one in value.items()}
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value
