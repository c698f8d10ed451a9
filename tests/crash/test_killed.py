"""Rounds of killing: crawls, mending, reading, rebuilding. `make bench-crash` plays two hundred."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.crash.rounds import KINDS, Rounds

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
        *(pytest.param(kind, marks=pytest.mark.nightly) for kind in KINDS[1:6]),
    ],
)
def test_killed_at_any_moment_it_goes_on_where_it_stood(rounds: Rounds, kind: str) -> None:
    done = rounds.play(KINDS.index(kind), kind)
    assert not done.faults, f"{done.told}: {done.faults}"
