"""The docstring of a package is its map."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = [ROOT / name for name in ("archive", "benchmarks", "crawler", "imitation", "nianbao", "storage")]
QUESTIONS = (ROOT / "nianbao/questions.toml").read_text("utf-8")
MAPS = sorted(path for room in ROOMS for path in room.rglob("__init__.py"))


@pytest.mark.parametrize("path", MAPS, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_a_map_names_every_module_and_nothing_that_is_not_there(path: Path) -> None:
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    modules = {one.stem for one in path.parent.glob("*.py")} - {"__init__"}
    if path.parent == ROOT / "archive/queries":  # the entry of a question says what its module answers
        modules -= {*re.findall(r"archive\.queries\.(\w+):\1\b", QUESTIONS)}
    assert [name for name in sorted(modules) if not re.search(rf"``{name}(?:\.py)?``", text)] == []
    named = set(re.findall(r"``([\w/]+\.(?:py|toml|csv))``", text))
    places = (path.parent, *path.parent.parents)
    assert [name for name in sorted(named) if not any((place / name).exists() for place in places)] == []


@pytest.mark.parametrize("page", ["where-to-change.md", "where-to-change.zh.md"])
def test_where_to_change_names_only_what_the_code_has(page: str) -> None:
    named = set(re.findall(r"`([A-Za-z_]\w{3,})`", (ROOT / "docs" / page).read_text("utf-8")))
    sources = [path for room in ROOMS for kind in ("py", "toml", "html") for path in room.rglob(f"*.{kind}")]
    words = {word for path in sources for word in re.findall(r"\w+", path.read_text("utf-8"))}
    assert sorted(named - words) == []
