"""What steers a terminal or turns a line round leaves the program visible, or escaped in JSON."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.exports.plain_values import json_of
from archive.exports.safe_text import safe_text
from nianbao.cli import common
from tests.played import nianbao

EVIL = "\u2028\u2029\x1b[2J\x9b31m\u202e\u2066\x07\r\U000e0041\ud800"


@given(st.text(st.characters(exclude_categories=())))
def test_texts_are_what_they_were_and_nothing_in_them_steers(text: str) -> None:
    said, shown = json_of({"text": [text]}), safe_text(text)
    assert json.loads(said) == {"text": ["".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)]}
    assert len(shown) == len(text)
    for one in (said, shown):
        assert not [c for c in one if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Cs")]
        one.encode()


def test_errors_do_not_steer(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(common.typer.Exit):
        common.fail(f"No report of {EVIL} is held")
    assert not set(EVIL) & set(capsys.readouterr().err) - set("[2J31m")


def test_half_a_character_is_answered() -> None:
    asked = json.dumps({"title": f"{EVIL}2024年政府信息公开工作年度报告", "url": None})
    ran = nianbao("classify", "--jsonl", stdin=asked + "\n")
    assert ran.code == 0
    assert json.loads(ran.out)["title"].startswith(EVIL.replace("\ud800", "\ufffd"))
    assert not set(EVIL) & set(ran.out) - set("[2J31m")
