"""Several workers on PostgreSQL and an object store come to what one process does, though one of them is killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.cluster_play import Cluster, play
from benchmarks.many_portals import copies
from storage.home import open_home
from storage.mending import mend
from storage.warc_check import Mismatch, check


@pytest.mark.nightly
def test_killed_workers_change_nothing_of_what_is_known(tmp_path: Path, postgresql_url: str) -> None:
    scenario = copies(8, agencies=1)
    with Cluster(tmp_path / "cluster", scenario, delay=0.1, silence=3) as cluster:
        done = play(cluster, postgresql_url, workers=3, kills=1, jobs_each=3, patience=600)
        assert (done.differences, done.at_once) == ([], [])
        assert (done.portals, done.captures > 60, done.statuses > 50) == (8, True, True)
        found: list[Mismatch] = []
        with open_home(tmp_path / "cluster" / "machine-0") as home:
            mend(home, thorough=True)  # what a worker uploaded and could not commit any more, as doctor does
            checked = check(home, found.append)
        assert [one for one in found if one.is_fault] == []
        assert checked.files >= 8
