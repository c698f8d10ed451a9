"""Why a look ended as it did is said in words, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nianbao.language import Language
from nianbao.sentences import look_reason
from storage.records import LookOutcome

LOOKS = Path(__file__).parents[2] / "docs" / "looks.md"


@pytest.mark.parametrize(
    ("code", "en", "zh"),
    [
        ("empty_report", "the site answers that it has none for the year", "网站答复无此年度报告"),
        ("17_of_40", "17 of 40 entries read", "应有 40 条，读到 17 条"),
        ("1_of_6_pages:pageCount", "1 of 6 pages read", "应有 6 页，读到 1 页"),
        ("robots_http_503", "robots.txt: the server answered 503", "robots.txt：服务器返回 503"),
        ("robots_connection_lost", "robots.txt: the connection was lost", "robots.txt：连接中断"),
        ("not_found:http_404", "the server answered 404", "服务器返回 404"),
        ("pager_not_understood:jump", "how its pages are turned is not understood (jump)", "无法识别翻页方式（jump）"),
        ("a_code_of_an_older_version", "a_code_of_an_older_version", "a_code_of_an_older_version"),
    ],
)
def test_a_reason_is_said_in_words(code: str, en: str, zh: str) -> None:
    assert (look_reason(code, Language.EN), look_reason(code, Language.ZH)) == (en, zh)


def test_each_reason_of_the_documentation_has_words() -> None:
    rows = re.findall(r"^\| (`[^|]+`) \|", LOOKS.read_text(encoding="utf-8"), re.MULTILINE)
    codes = {code for row in rows for code in re.findall(r"`([a-z0-9_]+)(?::[^`]*)?`", row) if "_" in code}
    assert len(codes) > 20
    outcomes = {outcome.value for outcome in LookOutcome}  # the same pages list these
    assert {code for code in codes - outcomes if look_reason(code, Language.ZH) == code} == set()
