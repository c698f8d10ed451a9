"""Why something could not be read is said in words, in both languages, and with the numbers of bounds."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from archive.documents.findings import picture_unreadable
from archive.documents.pages import Limits
from archive.documents.unreadable_reasons import why
from archive.findings import finding

CODES = tuple(tomllib.loads(files("archive.documents").joinpath("unreadable_reasons.toml").read_text("utf-8")))


@pytest.mark.parametrize("code", CODES)
def test_no_chinese_sentence_holds_a_code(code: str) -> None:
    zh, en = why(code)
    assert code not in zh
    assert "{" not in zh + en
    for found in (
        finding("part_unreadable", case="packed", found=code, name="a.doc", why=(zh, en)),
        picture_unreadable([1], code),
    ):
        assert zh in found.zh
        assert en in found.en
        assert found.found == code


def test_bounds_are_told_with_their_numbers() -> None:
    limits = Limits()
    for words in why("too_large"):
        assert f"{limits.bytes >> 20} MiB" in words
        assert str(limits.cells) in words


def test_what_is_no_code_is_said_as_it_is() -> None:
    assert why("50000 × 50000") == ("50000 × 50000", "50000 × 50000")
