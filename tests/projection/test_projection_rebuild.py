"""A rebuild gives the content that the updates gave, on both engines; a kill in its middle changes nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from small_archive import Site, new_archive
from test_projection_update import CZJ, content, lines, season

from archive.projection.update import rebuild, update
from archive.queries.reports import diff, show
from archive.queries.verdict import status
from storage.home import Home
from storage.records import EvidenceGrade, Status
from tests.patience import PATIENCE

KILLED = """
import os, signal, sys
from pathlib import Path
from archive.projection.update import rebuild
from storage.home import open_home


def die(done, total):
    if done == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    rebuild(open_home(Path(sys.argv[1])), workers=1, progress=die)
"""


def season_of(path: Path, database_url: str | None = None) -> Home:
    home = new_archive(path, database_url)
    season(Site(home, first_year=2025))
    return home


def killed(home: Home, what: str, done: int) -> None:
    """Run an update or a rebuild in a process of its own, and kill it after so many documents."""
    ended = subprocess.run(
        [sys.executable, "-c", KILLED.replace("rebuild", what), str(home.path), str(done)],
        env={**os.environ, "NIANBAO_NOW": "2026-04-02T09:00:00+08:00"},
        timeout=PATIENCE,
        capture_output=True,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


def test_the_same_on_both_engines(truth_url: str, tmp_path: Path) -> None:
    with season_of(tmp_path / "archive", truth_url) as home:
        update(home)
        before = content(home)
        found = {agency.partition("/")[2]: (line.status, line.evidence) for (agency, _), line in lines(home).items()}
        assert found == {
            "czj": (Status.ON_TIME, EvidenceGrade.PROVEN),
            "sfj": (Status.LATE, EvidenceGrade.PROVEN),
            "mzj": (Status.MISSING, EvidenceGrade.PROVEN),
            "xzf": (Status.MISSING, EvidenceGrade.ONE_LOOK),
            "gcz": (Status.NOT_FOUND, EvidenceGrade.PROVEN),
        }
        assert [edition.change for edition in status(home, CZJ, 2025).editions] == ["first", "silent"]
        assert [change.id for change in diff(home, "wenshang/czj", 2025).cells] == ["proactive.normative.issued"]
        assert len(show(home, "wenshang/czj", 2025).cells) == 200
        assert len(status(home, "wenshang/sfj", 2025).looks) == 3
        rebuild(home)
        assert content(home) == before


def test_killed_in_the_middle_the_old_projections_stand_and_the_next_update_goes_on(tmp_path: Path) -> None:
    with season_of(tmp_path / "archive") as home:
        killed(home, "update", 2)
        update(home)
        before = content(home)
        killed(home, "rebuild", 1)
        assert content(home) == before
        rebuild(home)
        assert content(home) == before
        assert update(home).documents_read == 0
