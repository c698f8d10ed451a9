"""What a ruling withholds is named by no command, in no form of its answer and in no file that it writes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.queries.withholding import HIDDEN_ADDRESS
from nianbao.cli.command_table import SECTIONS, CommandGroup, program
from tests.hostile.withheld_reports import (
    BYTES,
    CZJ,
    DOWNLOAD,
    MARK,
    SFJ,
    SPELLINGS,
    TITLE,
    TOTAL,
    two_reports,
    unpacked,
)
from tests.played import nianbao

#: What each command is asked. ``{file}``: a new file; other names: captures.
ASKED = f"""
health | reread | rebuild | coverage | missing 2025 | late 2025 | status {SFJ} 2025 | status {CZJ} 2025
show {SFJ} 2025 --text | show {CZJ} 2025 --text | series {TOTAL} | table {TOTAL} | rank {TOTAL} 2025
compare {TOTAL} 2024 2025 | indicators 公开 | check --severity info | rollup 汶上县 2025
non-reports | status {SFJ} 2025 --html {{file}} | status {CZJ} 2025 --html {{file}}
show {SFJ} 2025 --html {{file}} | show {CZJ} 2025 --html {{file}} | missing 2025 --output {{file}}.csv
search {MARK} | search 上一篇 --around 100 | search 公开 --all-editions | search {SFJ}
diff {SFJ} 2025 | diff {CZJ} 2025 --from 1 --to 2 | diff {CZJ} 2025 --from 1 --to 2 --html {{file}}
revisions | news --since 2026-01-01 | totals
show-capture {{empty}} --headers | show-capture {{gone}} --headers | show-capture {{named}} --headers
show-capture {{gbk}} --headers | show-capture {{twice}} --headers
show-capture {{page}} --save {{file}} --headers | show-capture {{list}} --headers
find {SFJ} 2025 | cite {SFJ} 2025 | cite {CZJ} 2025 | review | verify | replay --dry-run | config | doctor
portal list | portal show wenshang | runs list | schedule show | schedule next | schedule history
agencies export {{file}} | agencies list | agencies show {SFJ} | agencies rules
export duties --output {{file}} | export leads --output {{file}} | export agencies --output {{file}}
export editions --output {{file}} | export cells --output {{file}} | export figures --output {{file}}
export findings --output {{file}} | export checks --output {{file}} | export revisions --output {{file}}
export portals --output {{file}} | export gaps --output {{file}} | export indicators --output {{file}}
export duties --output {{file}}.xlsx | export duties --output {{file}}.parquet | export leads --output {{file}}.parquet
export wacz --portal wenshang --year 2025 --output {{file}}.wacz | release make test --output {{file}}
export panel --output {{file}} | export panel_places --output {{file}} | release panel test --output {{file}} | scores
warc check | warc index
"""
#: Commands that are not asked, and why not.
NOT_ASKED = {
    "crawl": "fetches", "relook": "reads lists again, for the operator", "import": "takes in", "up": "fetches",
    "init": "makes an empty archive", "rule": "writes", "read": "reads files that the operator has",
    "classify": "is told the title", "seal": "writes digests", "backup": "copies every byte, for the operator",
    "withhold": "lists what the keeper wrote", "restore": "copies likewise",
    "portal check": "fetches", "portal probe": "fetches", "portal add": "fetches",
    "runs show": "needs a run of ours", "runs stop": "needs one that goes on", "schedule set": "writes",
    "schedule pause": "writes", "schedule resume": "writes", "agencies import": "takes in",
    "release diff": "reads what was made",
    "release verify": "reads what was made", "copy": "copies every byte, for the operator", "worker": "fetches",
    "runs jobs": "needs a queue",
    "serve": "test_withheld_routes.py asks it, route by route",
}  # fmt: skip
LINES = [line.strip() for line in ASKED.replace("\n", "|").split("|") if line.strip()]
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
