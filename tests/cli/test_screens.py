"""What people see on terminals of 80 and 120 columns, as pictures of text. ``NIANBAO_BLESS=1`` takes them anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from small_archive import Site, new_archive, report_page

from archive.projection.update import update
from storage.records import AgencyKind
from tests.cli.terminal import at_terminal

SCREENS = Path(__file__).parent / "screens"
TOTAL = "applications.received.total"
COUNTY, SFJ, CZJ, TOWN = "汶上县人民政府", "汶上县司法局", "汶上县财政局", "汶上县南站街道办事处"
COMMANDS = {
    "coverage": "coverage --years 2024-2025",
    "totals": "totals",
    "missing": "missing 2025",
    "status": f"status {CZJ} 2025",
    "show": f"show {SFJ} 2025",
    "table": f"table {TOTAL} --bodies",
    "rank": f"rank {TOTAL} 2025 --bodies",
    "rollup": "rollup 汶上县 2025",
    "check": "check",
    "news": "news --since 2026-01-15",
    "cite": f"cite {CZJ} 2025",
    "search": "search 公开",
}
WIDTHS = (80, 120)
_ID = re.compile(r"\b(?:[0-9a-f]{32}|(?<=show-capture )[0-9a-f]{8})\b")
_BOLD = re.compile(r"\x1b\[[0-9;]*m")
_PLACE = re.compile(r"(?<=warc\.gz@)\d+|(?<=offset )\d+|(?<=偏移 )\d+|\d+(?= bytes;)|\d+(?= 字节；)")  # depends on ids


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("screens") / "archive"
    with new_archive(path) as home:
        site = Site(home, first_year=2024)
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


def screen(archive: Path, command: str, width: int, lang: str) -> str:
    """What a command prints on a terminal."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("NIANBAO_")},
        "NIANBAO_ARCHIVE": str(archive), "NIANBAO_NOW": "2026-04-02T09:00:00+08:00", "NIANBAO_LANG": lang,
        "NO_COLOR": "1", "TERM": "xterm", "COLUMNS": str(width),  # Rich takes a dumb terminal for one of 80
    }  # fmt: skip
    code, shown = at_terminal(command.split(), environment, width)
    assert code in (0, 1)
    text = _PLACE.sub("0", _BOLD.sub("", shown))
    return "".join(f"{line.rstrip()}\n" for line in _ID.sub(lambda found: "0" * len(found[0]), text).splitlines())


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_screen_is_as_it_was_looked_at(archive: Path, name: str, width: int) -> None:
    shown = screen(archive, COMMANDS[name], width, "en")
    place = SCREENS / f"{name}-{width}.txt"
    if os.environ.get("NIANBAO_BLESS"):
        place.parent.mkdir(exist_ok=True)
        place.write_text(shown, encoding="utf-8")
    assert shown == place.read_text("utf-8")
    lines = [line for line in shown.splitlines() if line and line[0] in "┏┃┡│└"]
    assert all(cell_len(line) <= width for line in lines)
    assert not any("┃  ┃" in line for line in lines if name != "rollup"), "a column without a heading"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_screen_in_chinese_is_as_it_was_looked_at(archive: Path, name: str) -> None:
    shown = screen(archive, COMMANDS[name], 80, "zh")
    place = SCREENS / f"{name}-80-zh.txt"
    if os.environ.get("NIANBAO_BLESS"):
        place.write_text(shown, encoding="utf-8")
    assert shown == place.read_text("utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_difference_is_shown_in_the_language_of_its_reader(played: Path, lang: str) -> None:
    shown = screen(played, "diff 济源市司法局 2025", 100, lang)
    place = SCREENS / f"diff.{lang}.txt"
    if os.environ.get("NIANBAO_BLESS"):
        place.write_text(shown, encoding="utf-8")
    assert shown == place.read_text("utf-8")
