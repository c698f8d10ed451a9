"""Rounds of killing: crawls, mending, reading, rebuilding. `make bench-crash` plays two hundred."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from imitation.registry import register_agencies
from storage.home import open_home
from tests.crash import holds
from tests.crash.killing import command, undisturbed
from tests.crash.rounds import KINDS, Rounds
from tests.crash.small import COLUMNS, Web, scenario

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes and their files are seen in /proc")


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rounds]:
    with Rounds(tmp_path_factory.mktemp("crash"), seed=2026, thorough=False) as made:
        yield made


@pytest.mark.parametrize(
    "kind",
    [
        "crawl",
        "rebuild",
        *(pytest.param(kind, marks=pytest.mark.nightly) for kind in (*KINDS[1:6], "before_a_part")),
    ],
)
def test_killed_at_any_moment_it_goes_on_where_it_stood(rounds: Rounds, kind: str) -> None:
    done = rounds.play(KINDS.index(kind) if kind in KINDS else 7, kind)
    assert not done.faults, f"{done.told}: {done.faults}"
    assert kind != "before_a_part" or (done.kills, done.acknowledged > 3) == (1, True)


@pytest.mark.nightly
def test_the_same_where_the_truth_is_kept_by_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    archive = tmp_path / "archive"
    with Web(tmp_path / "web") as web:
        day = web.day.isoformat()
        made = undisturbed("init", "--imitation", "--database", postgresql_url, archive=archive, day=None)
        assert made.code == 0, made.err
        with open_home(archive) as home:
            register_agencies(home, scenario())
        web.serve(archive)
        command("crawl", COLUMNS, "--no-read", archive=archive, day=day, point="crawl:pwrite:9:half:group")
        with open_home(archive) as home:
            assert list(holds.at_once(home, ())) == []
            before = holds.held(home)
        assert sum(run.outcome in {None, "failed"} for run in before.runs.values()) == 1
        again = undisturbed("crawl", COLUMNS, "--no-read", archive=archive, day=day)
        assert again.code == 0, again.err
        with open_home(archive) as home:
            assert list(holds.afterwards(home, before, ())) == []
            assert sum(map(holds.is_report, holds.held(home).captures.values())) >= 12
        _rebuilding_killed(archive, day)


def _rebuilding_killed(archive: Path, day: str) -> None:
    """A rebuild dies as it makes its schema, fills it, turns to it, and drops the former one."""
    again = undisturbed("reread", "--workers", "1", archive=archive, day=day)
    assert again.code == 0, again.err
    with open_home(archive) as home:
        whole = holds.content(home)
    assert sum(map(len, whole.values())) > 100
    for point in ("CREATE:1", "INSERT:4", "COMMIT:5", "UPDATE:1", "DROP:1"):
        killed = command(
            "rebuild", "--workers", "1", archive=archive, day=day, point=f"command:{point}:before:group",
            CRASH_POSTGRESQL="1",
        )  # fmt: skip
        assert (killed.killed, killed.left) == (True, ()), (point, killed.err)
        with open_home(archive) as home:
            assert list(holds.same(whole, holds.content(home))) == [], point
    again = undisturbed("rebuild", "--workers", "1", archive=archive, day=day)
    assert again.code == 0, again.err
    with open_home(archive) as home:
        assert list(holds.same(whole, holds.content(home))) == []
        with home.truth.read() as connection:
            query = text("SELECT count(*) FROM pg_namespace WHERE starts_with(nspname, 'nianbao_p_')")
            assert connection.execute(query).scalar_one() == 2  # the current one and the one before
