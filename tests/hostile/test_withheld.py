"""What a ruling withholds is named by no command, in no form of its answer, no file that it writes and no spelling."""

from __future__ import annotations

import shlex
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from archive.queries.withholding import HIDDEN, HIDDEN_ADDRESS, Secrets, spell_address_alike, spell_alike
from nianbao.cli.command_table import SECTIONS, CommandGroup, program
from tests.case_tables import read_cases
from tests.hostile.withheld_reports import BYTES, DOWNLOAD, MARK, SFJ, SPELLINGS, TITLE, two_reports, unpacked
from tests.played import nianbao

LINES = read_cases(__file__, "asked")
NOT_ASKED = dict(read_cases(__file__, "not_asked"))
FORMS = ("--json", "--csv", "--jsonl")


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, frozenset[str]]]:
    """Every command with its options."""
    if hasattr(command, "commands"):
        names = command.all_names() if isinstance(command, CommandGroup) and not path else command.list_commands(None)
        for name in names:
            if path or name not in SECTIONS:  # whose commands have shorter names
                yield from leaves(command.get_command(None, name), (*path, name))
    else:
        yield " ".join(path), frozenset(option for one in command.params for option in one.opts)


OPTIONS = dict(leaves(program()))


def named(line: str) -> str:
    """The command of a line."""
    words = line.split()
    return next(name for name in (" ".join(words[:2]), words[0]) if name in OPTIONS)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Two reports: the first is withheld; the page of the second links it, as does an attachment that came empty."""
    path = tmp_path_factory.mktemp("withheld") / "archive"
    captures = two_reports(path)
    ran = nianbao("withhold", SFJ, "2025", "--by", "archivist", "--reason", f"asked for {TITLE}", archive=path)
    assert ran.code == 0
    return path, captures


def test_every_command_is_asked_or_told_why_not() -> None:
    assert {named(line) for line in LINES} | NOT_ASKED.keys() == OPTIONS.keys()


@pytest.mark.parametrize("line", LINES)
@pytest.mark.nightly
def test_no_command_names_what_is_withheld(archive: tuple[Path, dict[str, str]], line: str, tmp_path: Path) -> None:
    path, captures = archive
    forms = [one for one in FORMS if one in OPTIONS[named(line)]]
    for number, form in enumerate(("", *forms)):
        words = shlex.split(line.format(file=tmp_path / f"file{number}", **captures))
        ran = nianbao(*words, *filter(None, [form]), archive=path)
        assert ran.code in {0, 1}, ran.err
        if line == f"search {MARK}":  # the command repeats what was typed, and finds nothing
            assert "上一篇" not in ran.out
            continue
        said = "".join((ran.out + ran.err).split())
        assert [one for one in SPELLINGS if one in said] == []
    for held in unpacked(tmp_path):
        assert [one for one in BYTES if one in held] == []


def test_what_names_nothing_that_is_withheld_is_given_out_whole(archive: tuple[Path, dict[str, str]]) -> None:
    ran = nianbao("search", "第27日", "--around", "100", archive=archive[0])
    said = "".join(one for one in ran.out if one not in "«»" and not one.isspace())
    assert f"上一篇：（已隐藏）。另见（已隐藏），第27日。{DOWNLOAD}：{HIDDEN_ADDRESS}，亦见{HIDDEN_ADDRESS}。" in said


# ------------------------------------------------------------------------------------------------ spellings

PLAIN, URL = TITLE.partition("（")[0], f"http://www.wenshang.gov.cn/files/{MARK}.doc"
QUOTED = quote(URL, safe=":/")
SECRETS = Secrets(frozenset({spell_alike(TITLE), spell_alike(PLAIN)}), frozenset({spell_address_alike(QUOTED)}))


@pytest.mark.parametrize(
    "said",
    [
        f"{PLAIN}({MARK})", "\u200b".join(TITLE), "\ufe00".join(TITLE),
        "\u2060".join(TITLE).replace("2025", "２０２５"), f"{PLAIN}（{MARK}，第二次公开）", f"{PLAIN} ( {MARK} )",
    ],
)  # fmt: skip
def test_a_title_is_hidden_in_every_spelling(said: str) -> None:
    assert SECRETS.text(f"另见{said}，第一日。") == f"另见{HIDDEN}，第一日。"


@pytest.mark.parametrize(
    "said",
    [
        URL, QUOTED, QUOTED.lower(), quote(QUOTED), quote(URL.encode("gbk"), safe=":/"), "\u200b".join(URL),
        unicodedata.normalize("NFD", URL), URL.replace("http:", "HTTPS:"), f"http://else.gov.cn/{quote(TITLE)}.html",
        f"http://else.gov.cn/{quote(quote(TITLE.encode('gbk')))}.html",
    ],
)  # fmt: skip
def test_an_address_is_hidden_in_every_spelling(said: str) -> None:
    assert SECRETS.address(said) == HIDDEN_ADDRESS
    assert SECRETS.text(f"见 {said} ，增长20%。") == f"见 {HIDDEN_ADDRESS} ，增长20%。"


@pytest.mark.parametrize(
    "said", [f"{URL}x", f"{URL}?page=2", URL.replace("www", "a.www"), "http://www.wenshang.gov.cn/files/"]
)
def test_other_addresses_stay(said: str) -> None:
    assert (SECRETS.address(said), SECRETS.text(f"见{said} 。")) == (said, f"见{said} 。")
