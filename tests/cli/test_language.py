"""One language for help, errors, progress and answers: ``--lang``, else ``NIANBAO_LANG``, else the locale."""

from __future__ import annotations

import pytest

from nianbao.language import choose
from tests.case_tables import read_cases
from tests.played import nianbao


@pytest.mark.parametrize(("words", "environment", "language"), read_cases(__file__, "chosen"))
def test_the_flag_wins_over_the_variable_and_that_over_the_locale(
    words: str, environment: dict[str, str], language: str
) -> None:
    assert choose(words.split(), environment) == language


@pytest.mark.parametrize("words", [("--lang", "zh", "missing", "2025"), ("missing", "2025", "--lang", "zh")])
def test_the_flag_is_taken_before_a_command_and_behind_it(words: tuple[str, ...]) -> None:
    ran = nianbao(*words)
    assert (ran.code, ran.err.startswith("nianbao: 未指定存档")) == (2, True), ran.err
    assert "请用 --archive 文件夹" in nianbao("missing", "2025", NIANBAO_LANG="", LC_ALL="zh_CN.UTF-8").err
