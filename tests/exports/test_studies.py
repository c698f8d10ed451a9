"""The studies of the documentation are what their scripts make of a release of the demo's archive."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from archive.exports.formats.columns import FileFormat
from archive.exports.release.making import make_release
from archive.exports.release.panel_release import PanelRelease
from archive.exports.tables import ExportedTable, TableQuestion
from storage.home import open_home

STUDIES = Path(__file__).parents[2] / "docs/studies"
KNOWN = {
    "punctuality": ["county", "2022", "45", "45"],
    "outcomes": ["in both periods", "before", "3", "3", "1331"],
    "revisions": ["department", "220", "39", "3", "2", "16"],
}


@pytest.fixture(scope="module")
def release(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("pandas")
    target, question = tmp_path_factory.mktemp("studies") / "panel", TableQuestion(table=ExportedTable.PANEL)
    with open_home(played, read_only=True) as home:
        make_release(home, "study", target, question, [FileFormat.CSV], release_type=PanelRelease)
    return target


@pytest.mark.parametrize("study", KNOWN)
def test_a_study_prints_the_table_of_its_page_and_draws_its_figure(study: str, release: Path, tmp_path: Path) -> None:
    figure = tmp_path / "figure.svg"
    ran = subprocess.run([sys.executable, STUDIES / f"{study}.py", release, figure], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    rows = [*csv.reader(ran.stdout.splitlines())]
    assert KNOWN[study] in [row[: len(KNOWN[study])] for row in rows]
    for page in (STUDIES / f"{study}.md", STUDIES / f"{study}.zh.md"):
        assert {f"| {' | '.join(row)} |" for row in rows} <= {*page.read_text("utf-8").splitlines()}
    assert figure.read_bytes() == (STUDIES / f"{study}.svg").read_bytes()
