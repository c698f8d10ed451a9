"""A simulated year in small: some portals, looked at seldom, each with a trouble; events are told, none wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.year import SPARSE, play
from benchmarks.year_portals import counties


@pytest.mark.nightly
def test_every_event_of_a_year_is_told_and_nothing_wrongly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0")
    every = counties(44)
    made = [every[0], every[2], every[43]]
    assert [(one.trouble, one.fate) for one in made] == [
        ("down", "moved"),
        ("replaced", "returned"),
        ("hijacked", "withdrawn"),
    ]
    played = play(tmp_path / "archive", made, plan=SPARSE, readers=1)
    assert (played.tally.wrong, played.surplus) == ([], [])
    expected = {"late", "days late", "missing", "not_found", "unknown", "moved", "withdrawn", "returned"}
    expected |= {"silent_revision", "announced_revision", "news: late", "told later as on the day"}
    assert expected <= set(played.tally.right)
    assert played.messages
