"""What commands show at a terminal of 80 columns, in both languages: ``screens/NAME.LANG.txt``.

``NIANBAO_BLESS=1 pytest tests/cli/test_operators_screens.py`` writes them anew: read what changed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.cli.terminal import COLUMNS, screen
from tests.played import copy_of

SCREENS = Path(__file__).parent / "screens"
COMMANDS = {
    "help": "--help",
    "help-archive": "archive --help",
    "near-miss": "mising 2025",
    "portal-show": "portal show jiyuan",
    "portal-check": "portal check jiyuan",
    "agencies-show": "agencies show 汶上县司法局",
    "review": "review --portal yiyuan",
    "health": "health",
    "read": "read imitation/goldens/jiyuan_czj_2025.doc --place 济源市",
    "import": "import tests/cases/lines.txt --url http://www.nowhere.gov.cn/a --by me --fetched 2026-02-03T10:00+08:00",
}


@pytest.fixture(scope="module")
def archive(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of(played, tmp_path_factory.mktemp("operated") / "archive")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_shows_what_was_approved(name: str, lang: str, archive: Path) -> None:
    shown = screen(*COMMANDS[name].split(), archive=archive, now="2026-04-02T09:00:00+08:00", lang=lang)
    assert "Traceback" not in shown
    sentences = ("$ ", "nianbao: ")  # which the terminal breaks
    assert max(cell_len(line) for line in shown.splitlines() if not line.startswith(sentences)) <= COLUMNS
    golden = SCREENS / f"{name}.{lang}.txt"
    if os.environ.get("NIANBAO_BLESS"):
        golden.write_text(shown, encoding="utf-8")
        pytest.fail(f"{golden.name} was written: read it, then run without NIANBAO_BLESS")
    assert shown == golden.read_text("utf-8")
