"""A near miss is told what was perhaps meant; a shell completes; help comes without what commands need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nianbao.cli.command_table import program
from nianbao.cli.running import recorded_page
from nianbao.language import Language
from tests.patience import PATIENCE
from tests.played import nianbao


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("mising 2025", "missing"),
        ("portal ad http://x/", "add"),
        ("verfy", "verify"),
        ("runs list --portl wenshang", "--portal"),
        ("release make x --format cvs", "csv"),
    ],
)
@pytest.mark.parametrize(("lang", "asks"), [("en", "Did you mean"), ("zh", "是否想用")])
def test_a_near_miss_is_told_what_was_perhaps_meant(words: str, meant: str, lang: str, asks: str) -> None:
    ran = nianbao(*words.split(), NIANBAO_LANG=lang)
    assert (ran.code, asks in ran.err, meant in ran.err.rpartition(asks)[2]) == (2, True, True), ran.err


def test_a_group_without_a_command_shows_its_help() -> None:
    for words in ((), ("portal",), ("figures",)):
        ran = nianbao(*words)
        assert (ran.code, "--help" in ran.err) == (2, True), ran.err


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("nianbao mis", "missing"), ("nianbao crawl --vi", "--visit-all"), ("nianbao portal ad", "add")],
)
def test_a_shell_completes_commands_and_options(typed: str, offered: str) -> None:
    at = str(len(typed.split()) - 1)
    ran = nianbao(_NIANBAO_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=at, anew=True)
    assert (ran.code, offered in ran.out.split()) == (0, True), ran.err


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("nianbao missing 2025 wsx", "汶上县"),
        ("nianbao status 汶上县司", "汶上县司法局"),
        ("nianbao rank received.tot", "applications.received.total"),
        ("nianbao late 20", "2025"),
        ("nianbao missing --evidence pro", "proven"),
    ],
)
def test_a_shell_completes_names_as_people_type_them(typed: str, offered: str, played: Path) -> None:
    at = str(len(typed.split()) - 1)
    settings = {"_NIANBAO_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": at}
    ran = nianbao(archive=played, anew=True, **settings)
    assert (ran.code, offered in ran.out.split(), ran.err) == (0, True, "")
    assert nianbao(archive=played / "none", anew=True, **settings).code == 0


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


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("words", ["missing", "portal add", "verify", "archive verify", "figures"])
def test_a_recorded_page_is_that_of_the_program(
    words: str, language: Language, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("nianbao.language._current", language)
    program().main(args=[*words.split(), "--help"], prog_name="nianbao", standalone_mode=False)
    made = capsys.readouterr().out
    assert recorded_page([*words.split(), "--help"], language) == made
    assert recorded_page([*words.split(), "--lang", "zh", "-h"], language) == made
    assert recorded_page([*words.split(), "2025", "--help"], language) is None  # the program knows what is meant
    monkeypatch.setenv("COLUMNS", "60")
    assert recorded_page([*words.split(), "--help"], language) is None
