"""One language (``--lang``, ``NIANBAO_LANG`` or the locale); near misses, completion, and help without delay."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nianbao.language import choose
from tests.case_tables import read_cases
from tests.patience import PATIENCE
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


NEAR = {
    "mising 2025": "missing",
    "portal ad http://x/": "add",
    "runs list --portl wenshang": "--portal",
    "release make x --format cvs": "csv",
}


@pytest.mark.parametrize(("lang", "asks"), [("en", "Did you mean"), ("zh", "是否想用")])
def test_a_near_miss_is_told_what_was_perhaps_meant(lang: str, asks: str) -> None:
    for words, meant in NEAR.items():
        ran = nianbao(*words.split(), NIANBAO_LANG=lang)
        assert (ran.code, asks in ran.err, meant in ran.err.rpartition(asks)[2]) == (2, True, True), ran.err
    assert "--help" in nianbao("portal").err  # a group without a command
    assert "nianbao release panel panel-2026-06" in nianbao("release", "panel", NIANBAO_LANG=lang).err  # an example


TYPED = {
    "nianbao mis": "missing",
    "nianbao crawl --vi": "--visit-all",
    "nianbao missing 2025 wsx": "汶上县",
    "nianbao rank received.tot": "applications.received.total",
    "nianbao missing --evidence pro": "proven",
}


def test_a_shell_completes_commands_options_and_names_as_people_type_them(played: Path) -> None:
    for typed, offered in TYPED.items():
        at = str(len(typed.split()) - 1)
        ran = nianbao(archive=played, _NIANBAO_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=at)
        assert (ran.code, offered in ran.out.split(), ran.err) == (0, True, ""), typed


def test_help_is_shown_without_the_database_and_without_scrapy() -> None:
    program = """
import sys
from pathlib import Path
from nianbao.cli.__main__ import main
sys.argv = ["nianbao", "--help"]
try:
    main()
except SystemExit:
    print("LOADED", *sorted({"sqlalchemy", "scrapy", "pydantic", "lxml"} & {*sys.modules}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout.rstrip().endswith("LOADED"), done.stdout[-200:]
