"""One language for help, errors, progress and answers: ``--lang``, else ``NIANBAO_LANG``, else the locale."""

from __future__ import annotations

import pytest

from nianbao.language import Language, choose
from tests.played import nianbao

ZH, EN = Language.ZH, Language.EN


@pytest.mark.parametrize(
    ("words", "environment", "language"),
    [
        ("missing 2025", {}, EN),
        ("missing 2025", {"LANG": "zh_CN.UTF-8"}, ZH),
        ("missing 2025", {"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, EN),
        ("missing 2025", {"LANG": "zh_CN.UTF-8", "NIANBAO_LANG": "en"}, EN),
        ("missing 2025", {"NIANBAO_LANG": "fr", "LANG": "zh_TW"}, ZH),
        ("missing 2025 --lang en", {"NIANBAO_LANG": "zh"}, EN),
        ("--lang zh missing 2025", {}, ZH),
        ("missing --lang=zh 2025", {}, ZH),
        ("search -- --lang zh", {}, EN),
    ],
)
def test_the_flag_wins_over_the_variable_and_that_over_the_locale(
    words: str, environment: dict[str, str], language: Language
) -> None:
    assert choose(words.split(), environment) is language


@pytest.mark.parametrize("words", [("--lang", "zh", "missing", "2025"), ("missing", "2025", "--lang", "zh")])
def test_the_flag_is_taken_before_a_command_and_behind_it(words: tuple[str, ...]) -> None:
    ran = nianbao(*words)
    assert (ran.code, ran.err.startswith("nianbao: 未指定存档")) == (2, True), ran.err
    assert "请用 --archive 文件夹" in nianbao("missing", "2025", NIANBAO_LANG="", LC_ALL="zh_CN.UTF-8").err
