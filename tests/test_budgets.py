"""Each room keeps within its budget of lines, modules and tokens; raising a number needs a record in docs/decisions.

Tokens are counted beside lines so that dense code gains nothing. Rooms that have not been rewritten yet stand at what
they had when this table was made; a room that is rewritten takes the figures of its target.
"""

from __future__ import annotations

import tokenize
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYOUT_TOKENS = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


@dataclass(frozen=True)
class Budget:
    """How large the Python code of some folders may be."""

    folders: tuple[str, ...]
    lines: int
    modules: int
    tokens: int


BUDGETS = {
    "documents": Budget(("archive/documents",), lines=3_926, modules=25, tokens=34_478),
    "parser and forms": Budget(("archive/parser", "archive/forms"), lines=3_541, modules=20, tokens=30_393),
    "identity": Budget(("archive/identity",), lines=2_696, modules=13, tokens=23_569),
    "crawler": Budget(("crawler",), lines=12_057, modules=68, tokens=97_935),
    "assessment and projection": Budget(
        ("archive/assessment", "archive/projection"), lines=8_395, modules=40, tokens=66_724
    ),
    "queries and exports": Budget(("archive/queries", "archive/exports"), lines=13_780, modules=59, tokens=107_414),
    "storage": Budget(("storage",), lines=10_473, modules=60, tokens=72_670),
    "nianbao": Budget(("nianbao",), lines=14_395, modules=86, tokens=115_371),
    "imitation, benchmarks and scripts": Budget(
        ("imitation", "benchmarks", "scripts"), lines=9_051, modules=81, tokens=68_589
    ),
    "tests": Budget(("tests",), lines=24_172, modules=150, tokens=225_810),
}


def size_of(budget: Budget) -> tuple[int, int, int]:
    """Lines, modules and tokens of the Python files in a budget's folders."""
    lines = modules = tokens = 0
    for path in (path for folder in budget.folders for path in (ROOT / folder).rglob("*.py")):
        modules += 1
        lines += path.read_text(encoding="utf-8").count("\n")
        with path.open("rb") as source:
            tokens += sum(token.type not in LAYOUT_TOKENS for token in tokenize.tokenize(source.readline))
    return lines, modules, tokens


@pytest.mark.parametrize("room", BUDGETS)
def test_a_room_keeps_within_its_budget(room: str) -> None:
    budget = BUDGETS[room]
    lines, modules, tokens = size_of(budget)
    assert (lines <= budget.lines, modules <= budget.modules, tokens <= budget.tokens) == (True, True, True), (
        f"{room} has {lines} lines, {modules} modules and {tokens} tokens"
    )


def test_every_module_belongs_to_a_budget() -> None:
    """But those of ``spiders``, one small file a portal, and the few at the top of ``archive``."""
    folders = [ROOT / folder for budget in BUDGETS.values() for folder in budget.folders]
    free = [ROOT / "archive" / name for name in ("__init__.py", "file_endings.py", "findings.py", "fuzzy_lookup.py")]
    free += [ROOT / "archive" / name for name in ("sentence_templates.py", "simplified_chinese.py")]
    product = [path for room in ("archive", "crawler", "storage", "nianbao") for path in (ROOT / room).rglob("*.py")]
    assert [path for path in product if path not in free and not any(map(path.is_relative_to, folders))] == []
