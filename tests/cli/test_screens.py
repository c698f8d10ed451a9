"""What people see on terminals of 80 and 120 columns, in both languages, as pictures of text: ``screens/``.

``NIANBAO_BLESS=1`` takes them anew: read what changed.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import termios
from multiprocessing.connection import wait
from pathlib import Path

import pytest
from rich.cells import cell_len
from small_archive import SmallSite, new_archive, report_page

from archive.projection.update import update
from imitation.demo import main
from storage.records import AgencyKind
from tests import forking
from tests.case_tables import read_cases
from tests.played import copy_of, nianbao

SCREENS = Path(__file__).parent / "screens"
TOTAL = "applications.received.total"
COUNTY, SFJ, CZJ, TOWN = "汶上县人民政府", "汶上县司法局", "汶上县财政局", "汶上县南站街道办事处"
ANSWERS = read_cases(__file__, "answers")
COMMANDS = read_cases(__file__, "commands")
_CHANGING = re.compile(  # depends on the hour, on ids, or on the reader
    r"\b\d\d:\d\d(?::\d\d)?\b|\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,64}\b|\b[a-f]{8}\b|\b\d{8}\b|"
    r"(?<=T)\d{6}(?=Z-)|"
    r"(?<=warc\.gz@)\d+|(?<=offset )\d+|(?<=偏移 )\d+|(?<=version )\d+|(?<=读取程序版本 )\d+|"
    r"\d+(?= bytes;)|\d+(?=字节；)|"
    r"\x1b\[[0-9;]*m"
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("screens") / "archive"
    with new_archive(path) as home:
        site = SmallSite(home, first_year=2024)
        kinds = (AgencyKind.GOVERNMENT, AgencyKind.DEPARTMENT, AgencyKind.DEPARTMENT, AgencyKind.SUBDISTRICT)
        names = {"xrmzf": COUNTY, "sfj": SFJ, "czj": CZJ, "nzjd": TOWN}
        for (key, name), kind in zip(names.items(), kinds, strict=True):
            site.agency(key, name, kind)
        column = site.column(covers=tuple(dict.fromkeys(kinds)))
        first = [("nb/0.html", f"{SFJ}2025年政府信息公开工作年度报告")]
        both = [*first, ("nb/1.html", f"{COUNTY}2025年政府信息公开工作年度报告")]
        site.look("2026-01-20 09:00", column, first)
        site.fetch("2026-01-20 09:01", "nb/0.html", report_page(SFJ, 2025, {TOTAL: 12}, published="2026-01-19"))
        for day in ("2026-02-01", "2026-02-09"):
            site.look(f"{day} 09:00", column, first)
        site.look("2026-02-20 09:00", column, both)
        site.fetch("2026-02-20 09:01", "nb/1.html", report_page(COUNTY, 2025, {TOTAL: 30}, published="2026-02-15"))
        update(home)
    return path


@pytest.fixture(scope="module")
def demo(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of(played, tmp_path_factory.mktemp("operated") / "archive")


def screen(archive: Path, command: str, columns: int, lang: str) -> str:
    """What a person sees who types the command at a terminal of so many columns, its exit code below."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NIANBAO_")}
    environment |= {
        "NIANBAO_ARCHIVE": str(archive), "NIANBAO_NOW": "2026-04-02T09:00:00+08:00", "NIANBAO_LANG": lang,
        "NO_COLOR": "1", "TERM": "xterm", "COLUMNS": str(columns),  # Rich takes a dumb terminal for one of 80
    }  # fmt: skip
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    streams = [Path(os.ttyname(theirs))] * 3
    program = forking.start("nianbao.cli.__main__", command.split(), environment, streams, None)
    shown = b""
    while ours in wait([ours, program.sentinel]):
        shown += os.read(ours, 1 << 16)
    program.join()
    os.close(ours)
    os.close(theirs)
    text = shown.decode("utf-8").replace("\r\n", "\n").replace(str(archive), "ARCHIVE")
    text = _CHANGING.sub(lambda match: "" if match[0].startswith("\x1b") else "#" * len(match[0]), text)
    lines = (line.rstrip() for line in text.rstrip("\n").split("\n"))
    return "\n".join([f"$ nianbao {command}", *lines, f"[{program.exitcode or 0}]", ""])


def compare(shown: str, name: str, columns: int) -> None:
    place = SCREENS / f"{name}.txt"
    if os.environ.get("NIANBAO_BLESS"):
        place.write_text(shown, encoding="utf-8")
    assert shown == place.read_text("utf-8")
    assert "Traceback" not in shown
    lines = [line for line in shown.splitlines() if line and line[0] in "┏┃┡│└"]
    assert all(cell_len(line) <= columns for line in lines)


@pytest.mark.parametrize(("name", "command", "columns", "lang"), ANSWERS, ids=[name for name, *_ in ANSWERS])
def test_an_answer_is_shown_as_it_was_looked_at(
    archive: Path, name: str, command: str, columns: int, lang: str
) -> None:
    compare(screen(archive, command, columns, lang), name, columns)


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_a_command_is_shown_as_it_was_looked_at(demo: Path, name: str, command: str) -> None:
    compare(screen(demo, command, 80, name.rpartition(".")[2]), name, 80)


@pytest.mark.parametrize(("page", "name"), [("README.md", "further-look.en"), ("README.zh.md", "further-look.zh")])
def test_the_example_of_the_readme_is_what_the_program_prints(page: str, name: str) -> None:
    text = (Path(__file__).parents[2] / page).read_text("utf-8")
    example = _CHANGING.sub(lambda match: "#" * len(match[0]), text.partition("```text\n")[2].partition("```")[0])
    recorded = (SCREENS / f"{name}.txt").read_text("utf-8")
    assert [part for part in re.split(r"^ *…\n", example, flags=re.MULTILINE) if part not in recorded] == []


def test_an_earlier_demo_is_left_alone(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["", str(demo)]) == 2
    assert "is not complete. To begin anew: rm -r" in capsys.readouterr().err
    assert (demo / "archive.sqlite").exists()


def test_news_and_runs_show_the_newest_and_how_many_there_are(demo: Path) -> None:
    shown = screen(demo, "news --until 2026-02-01", 80, "en")
    days = re.findall(r"^│ (\d{4}-\d\d-\d\d)", shown, re.MULTILINE)
    assert (len(days), days) == (50, sorted(days, reverse=True))
    [every] = json.loads(
        nianbao("news", "--until", "2026-02-01", "--json", archive=demo, now="2026-04-02T09:00:00+08:00").out
    )
    assert "\nthe last 3 of " in screen(demo, "runs --limit 3", 80, "en")
    more = f" of {len(every['items'])} changes; more: --since DAY or --limit N"
    assert f"\n3{more}\n" in screen(demo, "news --limit 3 --until 2026-02-01", 80, "en")
    assert shown.splitlines()[-2] == f"50{more}"
