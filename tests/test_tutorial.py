"""The tutorial runs from its first cell to its last on the demo's archive, and shows what it gives today."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from tests import notebooks

SMALL = 40_000  #: bytes of a committed picture at most
TUTORIAL = Path(__file__).parent.parent / "docs" / "tutorial.ipynb"


def test_the_tutorial_runs_and_its_outputs_are_current(
    played: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIANBAO_ARCHIVE", str(played))
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.chdir(tmp_path)  # what it writes, it writes where it is
    notebook = notebooks.read(TUTORIAL)
    outputs = notebooks.run(notebook, {"__name__": "__main__"})
    if os.environ.get("NIANBAO_BLESS"):
        notebooks.bless(TUTORIAL, notebook, outputs)
    shown = [cell["outputs"] for cell in notebooks.code_cells(notebook)]
    assert notebooks.without_pictures(outputs) == notebooks.without_pictures(shown)
    committed, drawn = notebooks.pictures(shown), notebooks.pictures(outputs)
    assert len(committed) == len(drawn) == 3
    for old, new in zip(committed, drawn, strict=True):
        before, now = Image.open(io.BytesIO(old)), Image.open(io.BytesIO(new))
        assert before.size == now.size
        assert len(old) < SMALL
