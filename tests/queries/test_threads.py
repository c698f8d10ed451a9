"""One opened archive answers several threads at once as it answers one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from archive_of_size import fill
from small_archive import FixedClock, at
from test_statements import QUESTIONS

from archive.queries.frames import plain
from nianbao.python_api import Archive, open_archive
from storage.home import Home

THREADS = 6


def play(home: Home) -> None:
    fill(home, portals=2, size=1)


@pytest.fixture
def held(home: Home) -> Iterator[Archive]:
    """The archive, opened for questions and not asked anything yet."""
    with opened(home) as held:
        yield held


def opened(home: Home) -> Archive:
    held = open_archive(home.path)
    held.home.clock = FixedClock(at("2026-04-02 09:00"))  # type: ignore[assignment]
    return held


def at_once(held: Archive, names: list[str]) -> list[str]:
    """The answers that threads get which begin to ask at one time, each another question first."""
    together = Barrier(THREADS)

    def ask(thread: int) -> list[str]:
        first = thread * len(names) // THREADS
        together.wait()
        answers = {name: repr(plain(QUESTIONS[name](held))) for name in [*names[first:], *names[:first]]}
        return [answers[name] for name in names]

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(ask, range(THREADS)))
    assert all(answers == found[0] for answers in found)
    return found[0]


def test_questions_asked_at_once_are_answered_as_one_by_one(home: Home, held: Archive) -> None:
    names = [*QUESTIONS]
    found = at_once(held, names)
    with opened(home) as alone:
        for name, answer in zip(names, found, strict=True):
            assert answer == repr(plain(QUESTIONS[name](alone))), name


def test_a_first_question_asked_by_all_at_once_is_answered(home: Home) -> None:
    for name in ("status", "coverage", "search"):
        with opened(home) as held:
            assert at_once(held, [name])
