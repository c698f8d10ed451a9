"""What a ruling withholds is named by no command, in no form of its answer and in no file that it writes."""

from __future__ import annotations

import gzip
import shlex
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from small_archive import Site, new_archive, report_page

from archive.projection.update import update
from nianbao.application import application as application_of
from nianbao.cli.command_table import program
from nianbao.cli.help_groups import SECTIONS, CommandGroup
from nianbao.questions import QUESTIONS, Question
from storage.home import open_home
from storage.records import AgencyKind, CaptureOutcome, CaptureRole
from tests.played import nianbao
from tests.served import served

SFJ, CZJ = "汶上县司法局", "汶上县财政局"
MARK = "石榴园纠纷"
TITLE = f"{SFJ}2025年政府信息公开工作年度报告（{MARK}）"
BESIDE = f"{CZJ}2025年政府信息公开工作年度报告"
TOTAL = "applications.received.total"
#: What each command is asked. ``{file}``: a new file; ``{empty}``, ``{page}``, ``{list}``: captures.
ASKED = f"""
health | reread | rebuild | coverage | missing 2025 | late 2025 | status {SFJ} 2025 | status {CZJ} 2025
show {SFJ} 2025 --text | show {CZJ} 2025 --text | series {TOTAL} | table {TOTAL} | rank {TOTAL} 2025
compare {TOTAL} 2024 2025 | indicators 公开 | check --severity info | rollup 汶上县 2025
non-reports | status {SFJ} 2025 --html {{file}} | status {CZJ} 2025 --html {{file}}
show {SFJ} 2025 --html {{file}} | show {CZJ} 2025 --html {{file}} | missing 2025 --output {{file}}.csv
search {MARK} | search 上一篇 --around 100 | search 公开 --all-editions | search {SFJ}
diff {SFJ} 2025 | diff {CZJ} 2025 --from 1 --to 2 | diff {CZJ} 2025 --from 1 --to 2 --html {{file}}
revisions | news --since 2026-01-01 | news --since 2026-01-01 --atom {{file}}
show-capture {{empty}} --headers | show-capture {{page}} --save {{file}} --headers | show-capture {{list}} --headers
cite {SFJ} 2025 | cite {CZJ} 2025 | review | withhold | verify | replay --dry-run | config | doctor
portal list | portal show wenshang | runs list | schedule show | schedule next | schedule history
agencies export {{file}} | agencies list | agencies show {SFJ} | agencies rules
export duties --output {{file}} | export leads --output {{file}} | export agencies --output {{file}}
export editions --output {{file}} | export cells --output {{file}} | export figures --output {{file}}
export findings --output {{file}} | export checks --output {{file}} | export revisions --output {{file}}
export portals --output {{file}} | export gaps --output {{file}} | export indicators --output {{file}}
export wacz --portal wenshang --year 2025 --output {{file}}.wacz | release make test --output {{file}}
warc check | warc index
"""
#: Commands that are not asked, and why not.
NOT_ASKED = {
    "crawl": "fetches", "relook": "reads lists again, for the operator", "import": "takes in", "up": "fetches",
    "init": "makes an empty archive", "rule": "writes", "read": "reads files that the operator has",
    "classify": "is told the title", "seal": "writes digests", "backup": "copies every byte, for the operator",
    "restore": "likewise", "portal check": "fetches", "portal probe": "fetches", "portal add": "fetches",
    "runs show": "needs a run of ours", "runs stop": "needs one that goes on", "schedule set": "writes",
    "schedule pause": "writes", "schedule resume": "writes", "agencies import": "takes in",
    "release verify": "reads what was made", "serve": "asked below, route by route",
}  # fmt: skip
LINES = [line.strip() for line in ASKED.replace("\n", "|").split("|") if line.strip()]
FORMS = ("--json", "--csv", "--jsonl")


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, frozenset[str]]]:
    """Every command with its options."""
    if hasattr(command, "commands"):
        names = command.known() if isinstance(command, CommandGroup) and not path else command.list_commands(None)
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
    with new_archive(path) as home:
        site = Site(home, first_year=2025)
        for key, name in (("sfj", SFJ), ("czj", CZJ)):
            site.agency(key, name)
        site.agency("zf", "汶上县人民政府", AgencyKind.GOVERNMENT)
        column = site.column()
        links = [("nb/1.html", TITLE, "2026-01-25"), ("nb/2.html", BESIDE, "2026-01-25")]
        site.look("2026-01-26 09:00", column, links)
        for day in (26, 27):
            site.fetch(f"2026-01-{day} 09:01", "nb/1.html", report_page(SFJ, 2025, {TOTAL: day}, text="我局"))
            said = f"上一篇：{TITLE.replace('年度', '年 度')}。另见{TITLE}，第{day}日。"
            page = site.fetch(f"2026-01-{day} 09:02", "nb/2.html", report_page(CZJ, 2025, {TOTAL: day}, text=said))
        empty = site.fetch(
            "2026-01-26 09:03", "files/9.doc", b"", role=CaptureRole.ATTACHMENT, outcome=CaptureOutcome.EMPTY,
            via=page.id, link_text=TITLE,
        )  # fmt: skip
        look = site.look("2026-01-28 09:00", column, links)
        update(home)
    ran = nianbao("withhold", SFJ, "2025", "--by", "archivist", "--reason", "an applicant asked for it", archive=path)
    assert ran.code == 0
    return path, {"empty": empty.id, "page": page.id, "list": look.captures[0]}


def test_every_command_is_asked_or_told_why_not() -> None:
    assert {named(line) for line in LINES} | NOT_ASKED.keys() == OPTIONS.keys()


@pytest.mark.parametrize("line", LINES)
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
        assert MARK not in "".join((ran.out + ran.err).split())
    for held in written(tmp_path):
        assert MARK.encode() not in held
        assert MARK.encode("unicode_escape") not in held


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_no_route_names_what_is_withheld(
    archive: tuple[Path, dict[str, str]], question: Question, tmp_path: Path
) -> None:
    own = {"place": "汶上县", "agency": CZJ, "body": [CZJ, SFJ], "query": "公开", "text": "公开"}
    asked = {name: own.get(name, value) for name, value in question.example.items()}
    with open_home(archive[0], read_only=True) as home, served(application_of(home)) as address:
        for suffix in ("", ".csv", ".xlsx", ".parquet", ".dta", ".jsonl"):
            answer = httpx.get(f"{address}/api/v1/{question.name}{suffix}", params=asked)
            # both reports are there: of neither an absence can be cited
            assert answer.status_code == (404 if question.name == "cite_absence" else 200), answer.text
            (tmp_path / f"answer{suffix}").write_bytes(answer.content)
    for held in written(tmp_path):
        assert MARK.encode() not in held
        assert MARK.encode("unicode_escape") not in held


def written(folder: Path) -> Iterator[bytes]:
    """What was written into a folder, unpacked."""
    for path in folder.rglob("*"):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                inside = [packed.read(name) for name in packed.namelist()]
        else:
            inside = [path.read_bytes()] if path.is_file() else []
        yield from (gzip.decompress(one) if one.startswith(b"\x1f\x8b") else one for one in inside)


def test_what_names_nothing_that_is_withheld_is_given_out_whole(archive: tuple[Path, dict[str, str]]) -> None:
    ran = nianbao("search", "第27日", "--around", "100", archive=archive[0])
    assert "上一篇：（已隐藏）。另见（已隐藏），第27日。" in ran.out.replace("«", "").replace("»", "")
