"""The docstring of a package is its map: each file that it names is there, and each module stands in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAPS = sorted(path for path in (ROOT / "crawler").rglob("__init__.py") if "``" in path.read_text("utf-8"))


@pytest.mark.parametrize("path", MAPS, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_a_map_names_what_is_there(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    named = set(re.findall(r"``([\w/]+\.(?:py|toml|csv))``", said))
    places = (path.parent, ROOT / "crawler")
    assert [name for name in sorted(named) if not any((place / name).exists() for place in places)] == []


ROOMS = (
    "archive/documents", "archive/forms", "archive/identity", "archive/parser", "crawler", "crawler/lists",
    "crawler/net", "crawler/onboarding", "crawler/operations",
)  # fmt: skip


@pytest.mark.parametrize("room", ROOMS)
def test_each_module_stands_in_its_map(room: str) -> None:
    said = (ROOT / room / "__init__.py").read_text("utf-8")
    modules = {path.stem for path in (ROOT / room).glob("*.py")} - {"__init__"}
    assert [name for name in sorted(modules) if not re.search(rf"``{name}(?:\.py)?``", said)] == []
