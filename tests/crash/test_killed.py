"""Rounds of killing (`make bench-crash` plays two hundred), and a disk that takes nothing more."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from imitation.registry import register_agencies
from storage.home import init_home, open_home
from tests.crash import holds
from tests.crash.killing import command
from tests.crash.rounds import COLUMNS, KINDS, RoundPortals, Rounds, scenario
from tests.played import nianbao

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes and their files are seen in /proc")


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rounds]:
    with Rounds(tmp_path_factory.mktemp("crash"), seed=2026, thorough=False) as made:
        yield made


@pytest.mark.parametrize("kind", ["crawl", "rebuild", *KINDS[1:6]])
def test_killed_at_any_moment_it_goes_on_where_it_stood(rounds: Rounds, kind: str) -> None:
    done = rounds.play(KINDS.index(kind), kind)
    assert not done.faults, f"{done.told}: {done.faults}"


def test_a_file_that_takes_nothing_more_stops_the_crawl(tmp_path: Path) -> None:
    archive, words = tmp_path / "archive", ("crawl", COLUMNS, "--no-read")
    with RoundPortals(tmp_path / "web") as web:
        day = web.day.isoformat()
        with init_home(archive, simulated=True) as home:
            register_agencies(home, scenario())
        web.serve(archive)
        ended = command(*words, archive=archive, day=day, largest=100_000)
        last = ended.err.strip().splitlines()[-1]
        assert (ended.code, "Traceback" in ended.err) == (3, False), ended.out + ended.err
        assert last.startswith("nianbao: cannot write to "), last
        assert "is kept. First " in last
        assert "archive.sqlite" in last or ".warc.gz" in last
        with open_home(archive) as home:
            assert list(holds.at_once(home, ended.seen)) == []
            before = holds.held(home)
        nianbao(*words, archive=archive, now=day, code=0)
    with open_home(archive) as home:
        assert list(holds.afterwards(home, before, ())) == []
        assert sum(map(holds.is_report, holds.held(home).captures.values())) >= 12
