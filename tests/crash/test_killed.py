"""Ten rounds of killing: crawls, mending, reading, rebuilding, migrating. `make bench-crash` plays two hundred."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.imitation.registry import enrol
from storage.home import open_home
from tests.crash import holds
from tests.crash.killing import command
from tests.crash.rounds import KINDS, Rounds
from tests.crash.small import COLUMNS, Web, scenario

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes and their files are seen in /proc")


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rounds]:
    with Rounds(tmp_path_factory.mktemp("crash"), seed=2026, thorough=False) as made:
        yield made


@pytest.mark.parametrize("kind", [*KINDS[:7], "before_a_part", *KINDS[8:]])
def test_killed_at_any_moment_it_goes_on_where_it_stood(rounds: Rounds, kind: str) -> None:
    done = rounds.play(KINDS.index(kind) if kind in KINDS else 7, kind)
    assert not done.faults, f"{done.told}: {done.faults}"
    assert kind != "before_a_part" or (done.kills, done.acknowledged > 3) == (1, True)


def test_the_same_where_the_truth_is_kept_by_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    archive = tmp_path / "archive"
    with Web(tmp_path / "web") as web:
        day = web.day.isoformat()
        made = command("init", "--imitation", "--database", postgresql_url, archive=archive, day=None)
        assert made.code == 0, made.err
        with open_home(archive) as home:
            enrol(home, scenario())
        web.serve(archive)
        command("crawl", COLUMNS, "--no-read", archive=archive, day=day, point="crawl:pwrite:9:half:group")
        with open_home(archive) as home:
            assert list(holds.at_once(home, ())) == []
            before = holds.held(home)
        assert sum(run.outcome in {None, "failed"} for run in before.runs.values()) == 1
        again = command("crawl", COLUMNS, "--no-read", archive=archive, day=day)
        assert again.code == 0, again.err
        with open_home(archive) as home:
            assert list(holds.afterwards(home, before, ())) == []
            assert sum(map(holds.is_report, holds.held(home).captures.values())) >= 12
