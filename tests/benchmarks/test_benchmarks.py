"""Every benchmark says what it measures when asked; every stage of the reader is needed by a document.

A simulated year in small: some portals, looked at seldom, each with a trouble; events are told, none wrongly.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import NAMES
from benchmarks.year import SPARSE, play
from benchmarks.year_portals import counties


@pytest.mark.parametrize("name", NAMES)
def test_help_says_what_is_measured_and_an_unknown_option_what_is_known(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for option, code in (("--help", 0), ("--no-such-thing", 2)):
        monkeypatch.setattr(sys, "argv", [name, option])
        monkeypatch.delitem(sys.modules, f"benchmarks.{name}", raising=False)
        with pytest.raises(SystemExit) as ended:
            runpy.run_module(f"benchmarks.{name}", run_name="__main__")
        assert ended.value.code == code
    shown = capsys.readouterr().out
    assert "--short" in shown
    assert "usage:" in shown


@pytest.mark.shared
@pytest.mark.nightly
def test_a_document_needs_each_stage() -> None:
    from benchmarks.ablation import STAGES, all_read, needing

    read_whole = all_read()
    assert [stage.name for stage in STAGES if next(needing(stage, read_whole), None) is None] == []


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
