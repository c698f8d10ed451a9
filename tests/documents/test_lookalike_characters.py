"""Fonts print several codes with one glyph: the usual one is read."""

from __future__ import annotations

import pytest

from archive.documents.lookalike_characters import as_it_looks, without_twins


@pytest.mark.parametrize(
    ("given", "usual"),
    [
        ("⼈⺠政府", "人民政府"),
        ("㬵州", "胶州"),
        ("临胊", "临朐"),
        ("中⸺心", "中——心"),
        ("∕", "/"),
        ("1①", "1①"),
        ("", ""),
    ],
)
def test_the_usual_character_is_read(given: str, usual: str) -> None:
    assert without_twins(given) == usual


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        *[("——", "⸺", True), ("-", "―", True), ("／", "∕", True), ("③", "➂", True), ("１", "1", True)],
        *[("①", "1", False), ("²", "2", False), ("一", "—", False), ("6", "9", False), ("1.5", "15", False)],
    ],
)
def test_what_nobody_can_tell_apart_looks_the_same(one: str, other: str, same: bool) -> None:
    assert (as_it_looks(one) == as_it_looks(other)) == same
