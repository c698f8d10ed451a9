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


@pytest.mark.parametrize("number", range(10), ids=lambda number: f"{number}-{KINDS[number % len(KINDS)]}")
def test_killed_at_any_moment_it_goes_on_where_it_stood(rounds: Rounds, number: int) -> None:
    done = rounds.play(number)
    assert not done.faults, f"{done.told}: {done.faults}"


def test_what_is_attached_to_the_last_page_of_a_cut_run_is_fetched(rounds: Rounds) -> None:
    done = rounds.play(10, "before_a_part")
    assert done.kills == 1
    assert done.acknowledged > 3
    assert not done.faults, f"{done.told}: {done.faults}"


@pytest.mark.parametrize("point", ["crawl:pwrite:9:half:group", "crawl:fsync:4:after:self"])
def test_the_same_where_the_truth_is_kept_by_postgresql(tmp_path: Path, postgresql_url: str, point: str) -> None:
    archive = tmp_path / "archive"
    with Web(tmp_path / "web") as web:
        day = web.day.isoformat()
        made = command("init", "--imitation", "--database", postgresql_url, archive=archive, day=None)
        assert made.code == 0, made.err
        with open_home(archive) as home:
            enrol(home, scenario())
        web.serve(archive)
        command("crawl", COLUMNS, "--no-read", archive=archive, day=day, point=point)
        with open_home(archive) as home:
            assert list(holds.at_once(home, ())) == []
            before = holds.held(home)
        assert sum(run.outcome in {None, "failed"} for run in before.runs.values()) == 1
        again = command("crawl", COLUMNS, "--no-read", archive=archive, day=day)
        assert again.code == 0, again.err
        with open_home(archive) as home:
            assert list(holds.afterwards(home, before, ())) == []
            assert sum(map(holds.is_report, holds.held(home).captures.values())) >= 12
