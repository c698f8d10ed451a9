"""The words of bytes of which nothing else can be had: whatever the damage, without form, and never junk for words."""

from __future__ import annotations

import random

import pytest

from archive.documents.words import words_in
from archive.parser.reader import read, read_bare
from imitation.documents.grid import plain_table
from imitation.documents.html import page
from imitation.documents.legacy import goldens
from imitation.documents.ofd import ofd
from imitation.documents.word import docx

SAID = "本机关全年收到申请3件。"
CONTENT = ["一、总体情况", SAID]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("html", page("某局报告", CONTENT)),
        ("html", page("某局报告", CONTENT, charset="gb18030")),
        ("docx", docx("某局报告", CONTENT)),
        ("docx", docx("某局报告", CONTENT)[:-200]),
        ("ofd", ofd("某局报告", CONTENT)),
        ("text", f"某局报告\n{SAID}".encode()),
    ],
)
def test_words_of_a_file(kind: str, data: bytes) -> None:
    reading = read_bare(data)
    assert reading.kind == kind
    assert SAID in reading.text.replace("\n", "")
    assert "<" not in reading.text
    assert not reading.is_report
    assert not reading.cells


def test_words_of_a_binary_file_and_none_of_other_bytes() -> None:
    assert "政府信息公开" in words_in(goldens()[0].data)
    junk = random.Random(3).randbytes(1 << 17)
    assert words_in(b"\xd0\xcf\x11\xe0" + junk) == ""


def test_scripts_styles_and_comments_are_not_words() -> None:
    text = "<style>a{}</style><p>一</p><script>if (x<y) '<p>二</p>'</script><!-- 三 --><p>四&amp;五</p><!-- 七 --><script>六"  # noqa: E501 - one line
    assert words_in(text.encode()).split() == ["一", "四&五", "六"]


@pytest.mark.parametrize(
    "before",
    [
        b"<div>" * 2_200,  # the parser goes no deeper than 2,048
        b"<title>" + b" " * (9 << 20) + b"</title>",
        b"<table><tr>" + b"<td>1</td>" * 900_000 + b"</tr></table>",
    ],
)
def test_of_a_page_cut_before_anything_was_met_its_words_are_kept_and_no_cell(before: bytes) -> None:
    whole = page("某局报告", [*CONTENT, plain_table([["规章", "3", "4"]])])
    reading = read(b"<html><body>" + before + whole)
    assert (reading.kind, reading.is_report, reading.unreadable, reading.cells) == ("html", False, "too_large", {})
    assert SAID in reading.text.replace("\n", "")
    assert "limit_reached" in [found.code for found in reading.findings]
