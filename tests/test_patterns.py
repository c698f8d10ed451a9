"""Patterns mean the same in every Python that nianbao runs on; the docstring of a package is its map."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("archive", "crawler", "spiders", "storage")
CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
POSSESSIVE = re.compile(r"(?<!\()\)(?:[*+?]|\{\d{1,3},?\d{0,3}\})\+")


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


def texts(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        yield from strings(tomllib.loads(source))
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            yield node.value if isinstance(node.value, str) else node.value.decode("latin-1")


@pytest.mark.parametrize("package", PACKAGES)
def test_no_group_is_repeated_possessively(package: str) -> None:
    """Before Python 3.11.5 such groups match wrongly (python/cpython#106052); atomic groups say the same."""
    files = [path for kind in ("py", "toml") for path in (ROOT / package).rglob(f"*.{kind}")]
    assert files
    assert not [
        (path.name, text[:80]) for path in files for text in texts(path) if POSSESSIVE.search(CLASS.sub("x", text))
    ]


ROOMS = [ROOT / name for name in ("archive", "benchmarks", "crawler", "imitation", "nianbao", "storage")]
MAPS = sorted(path for room in ROOMS for path in room.rglob("__init__.py"))


@pytest.mark.parametrize("path", MAPS, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_a_map_names_every_module_and_nothing_that_is_not_there(path: Path) -> None:
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    modules = {one.stem for one in path.parent.glob("*.py")} - {"__init__"}
    assert [name for name in sorted(modules) if not re.search(rf"``{name}(?:\.py)?``", text)] == []
    named = set(re.findall(r"``([\w/]+\.(?:py|toml|csv))``", text))
    places = (path.parent, *path.parent.parents)
    assert [name for name in sorted(named) if not any((place / name).exists() for place in places)] == []
