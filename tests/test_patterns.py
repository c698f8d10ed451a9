"""Patterns mean the same in every Python that nianbao runs on."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.parser.narrative_words import unyielding

ROOT = Path(__file__).parents[1]
PACKAGES = ("archive", "crawler", "spiders", "storage")
CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
POSSESSIVE = re.compile(r"(?<!\()\)(?:[*+?]|\{\d{1,3},?\d{0,3}\})\+")
GROUPS = ("(?:ab?c)", "(ab|a)", r"(?:\)a|[)b(]+)", "(?:a(?:b|bc)*)")


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


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("(?:a|ab)*c", "(?>(?:a|ab)*)c"),
        ("x(?P<figure>a){0,2}", "x(?>(?P<figure>a){0,2})"),
        ("((?:a)+b)*", "(?>((?>(?:a)+)b)*)"),
        ("(a)?(b)+?[()*]*\\)*", "(a)?(b)+?[()*]*\\)*"),
    ],
)
def test_repeated_groups_give_nothing_back(pattern: str, told: str) -> None:
    assert unyielding(pattern) == told


@given(st.lists(st.sampled_from(GROUPS), min_size=1, max_size=3), st.sampled_from("*+"), st.text("abc()", max_size=12))
def test_what_is_matched_is_what_the_first_way_of_repeating_matches(groups: list[str], sign: str, text: str) -> None:
    """Each group takes what it would take if nothing stood behind it; then the next begins."""
    at = 0
    for group in groups:
        found = re.compile(group + sign).match(text, at)
        if found is None:
            at = -1
            break
        at = found.end()
    whole = re.match(unyielding("".join(group + sign for group in groups)), text)
    assert (whole.end() if whole else -1) == at
