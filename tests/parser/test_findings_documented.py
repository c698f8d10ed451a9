"""Every finding that is made has its sentences in ``archive/findings.toml`` and its row in docs/findings.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from archive.findings import Template, finding, meanings_by_code, templates, words
from archive.forms.loader import form
from archive.parser.findings import rows_by_order
from archive.parser.pipeline import STAGES
from archive.parser.statistics.row import Doubt
from archive.sentence_templates import value_names

ROOT = Path(__file__).resolve().parents[2]
HANZI = re.compile("[\u4e00-\u9fff]{4}")
#: what :func:`finding` takes beside the values of its sentences
OWN = {"case", "severity", "cells"}


@cache
def sources() -> dict[Path, ast.Module]:
    """Our modules, read when the first test asks for them."""
    return {
        path: ast.parse(path.read_text("utf-8"))
        for room in ("archive", "nianbao")
        for path in (ROOT / room).rglob("*.py")
    }


def calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    for path, tree in sources().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
                yield path, node


def constants(node: ast.AST) -> set[str]:
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def documented() -> set[str]:
    text = (ROOT / "docs/findings.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `([a-z_0-9]+)` \|", text, re.MULTILINE))


def test_every_code_is_documented() -> None:
    assert {code for code, _ in templates()} == set(meanings_by_code()) == documented()


def test_every_code_and_every_case_is_made_by_the_program() -> None:
    written = set().union(*(constants(tree) for tree in sources().values()))
    suffixes = {"_parts", "_sure"}
    made = written | {f"{case}{suffix}" for case in written for suffix in suffixes}
    assert {code for code, _ in templates()} - written == set()
    assert {case for _, case in templates()} - made == set()


def test_findings_are_made_in_one_place_and_their_sentences_are_data() -> None:
    assert [path.name for path, _ in calls("Finding") if path != ROOT / "archive/findings.py"] == []
    told = {text for _, call in calls("finding") for text in constants(call) if HANZI.search(text)}
    assert told == set()


def test_every_sentence_is_filled_by_those_who_make_it() -> None:
    seen = 0
    for path, call in calls("finding"):
        given = {one.arg: one.value for one in call.keywords}
        if not isinstance(call.args[0], ast.Constant) or len(call.args) > 1:
            continue  # a code or values that are known only when it runs
        code = call.args[0].value
        cases = constants(given.get("case", ast.Constant("")))
        named = [template for (own, case), template in templates().items() if own == code and case in cases]
        chosen = named or [template for (own, _), template in templates().items() if own == code]
        filled = [_values(template) <= given.keys() - OWN for template in chosen]
        assert all(filled) if named else any(filled), (path, call.lineno)
        seen += 1
    assert seen > 100


def _values(template: Template) -> set[str]:
    return set().union(*map(value_names, template.sentences))


@pytest.mark.parametrize(("code", "case"), templates())
def test_a_sentence_that_lacks_a_value_is_an_error(code: str, case: str) -> None:
    zh, en = (value_names(sentence) - {"expected", "found"} for sentence in templates()[code, case].sentences)
    if zh | en:
        with pytest.raises(KeyError):
            finding(code, case=case)
    else:
        assert finding(code, case=case, expected=1, found=2).code == code


@pytest.mark.parametrize("name", ["bound", "basis", "stage"])
def test_a_value_that_is_said_in_words_has_them(name: str) -> None:
    given = {one.value for _, call in calls("finding") for one in call.keywords if one.arg == name}
    assert set().union(*map(constants, given)) <= words(name).keys()


def test_stages_and_doubts_have_their_words() -> None:
    assert {stage.name for stage in STAGES} < words("stage").keys()
    assert set(Doubt) < words("doubt").keys()


def test_rows_placed_by_order_are_named_in_both_languages() -> None:
    plans = form("2021").tables[0].rows[:2]
    told = rows_by_order(plans)
    assert told.zh.endswith("、".join(plan.label for plan in plans))
    assert told.en.endswith(", ".join(plan.label for plan in plans))
    assert told.cells == plans[0].place_ids + plans[1].place_ids
