"""Cases in files beside a test module: tables (``test_x.toml`` beside ``test_x.py``), and lines below their rules."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def read_cases(module: str, table: str) -> list[Any]:
    """The cases of a table that lies beside ``module``, its ``__file__``; arrays within them are tuples."""
    tables = tomllib.loads(Path(module).with_suffix(".toml").read_text(encoding="utf-8"))
    return [_as_tuples(case) for case in tables[table]]


def named_cases(path: Path) -> Iterator[Any]:
    """The cases of a text file, a line each, below lines with the name of the rule that they show."""
    rule = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("test_"):
            rule = line
        elif line and not line.startswith("#"):
            yield pytest.param(line, id=f"{rule}: {line}")


def _as_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_tuples(one) for name, one in value.items()}
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value
