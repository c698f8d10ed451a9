"""Every code of a finding that the archive makes is explained in docs/findings.md, and none that it does not make."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from archive.parser.findings import order_only

ROOT = Path(__file__).resolve().parents[2]
MAKERS = {"finding", "note"}


def codes_made() -> Iterator[str]:
    for path in (ROOT / "archive").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in MAKERS and node.args and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)
            elif name == "Finding":
                yield from (
                    str(k.value.value) for k in node.keywords if k.arg == "code" and isinstance(k.value, ast.Constant)
                )


def documented() -> set[str]:
    text = (ROOT / "docs/findings.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `([a-z_0-9]+)` \|", text, re.MULTILINE))


def test_every_code_is_documented() -> None:
    assert set(codes_made()) - documented() == set()


def test_codes_of_assessment_are_documented() -> None:
    for path in (ROOT / "archive/assessment").glob("*.toml"):
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("finding", {})
        assert set(table) <= documented()


def test_rows_placed_by_order_are_named_in_both_languages() -> None:
    told = order_only((label for label in ("规章", "行政许可")), ["a", "b"])
    assert told.zh.endswith("规章、行政许可")
    assert told.en.endswith("规章, 行政许可")
