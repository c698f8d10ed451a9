"""A rebuild gives the content that the updates gave, on both engines; a kill in its middle changes nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from small_archive import new_archive
from test_projection_update import content, lines, season

from archive.exports.duty_and_lead_rows import duty_rows, lead_rows
from archive.projection.update import rebuild, update
from archive.queries.reports import diff, show
from archive.queries.verdict import status
from archive.queries.where import choose
from storage.home import Home
from storage.records import Status
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
    from small_archive import Site

    home = new_archive(path, database_url)
    season(Site(home, first_year=2025))
    return home


def test_the_same_on_both_engines(truth_url: str, tmp_path: Path) -> None:
    with season_of(tmp_path / "archive", truth_url) as home:
        update(home)
        before = content(home)
        assert {line.status for line in lines(home).values()} == {
            Status.ON_TIME,
            Status.LATE,
            Status.MISSING,
            Status.NOT_FOUND,
        }
        assert [change.id for change in diff(home, "wenshang/czj", 2025).cells] == ["proactive.normative.issued"]
        assert len(show(home, "wenshang/czj", 2025).cells) == 200
        assert len(status(home, "wenshang/sfj", 2025).looks) == 3
        assert len([*duty_rows(choose(home))]) == 5
        assert len([*lead_rows(choose(home))]) == 2
        rebuild(home)
        assert content(home) == before


def test_killed_in_the_middle_the_old_projections_stand(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    with season_of(tmp_path / "archive") as home:
        update(home)
        before = content(home)
        for done in (1, 3):
            ended = subprocess.run(
                [sys.executable, str(script), str(home.path), str(done)],
                env={**os.environ, "NIANBAO_NOW": "2026-04-02T09:00:00+08:00"},
                timeout=PATIENCE,
                capture_output=True,
            )
            assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
            assert content(home) == before
        rebuild(home)
        assert content(home) == before
        assert update(home).documents_read == 0


def test_killed_in_the_middle_of_an_update_the_next_one_goes_on(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED.replace("rebuild", "update"))
    with season_of(tmp_path / "archive") as home:
        ended = subprocess.run(
            [sys.executable, str(script), str(home.path), "2"],
            env={**os.environ, "NIANBAO_NOW": "2026-04-02T09:00:00+08:00"},
            timeout=PATIENCE,
            capture_output=True,
        )
        assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
        update(home)
        resumed = content(home)
        rebuild(home)
        assert content(home) == resumed
