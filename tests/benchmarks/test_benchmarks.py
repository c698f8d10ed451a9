"""Every benchmark says what it measures when asked; every stage of the reader is needed by a document."""

from __future__ import annotations

import runpy
import sys

import pytest

from benchmarks.__main__ import NAMES


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
