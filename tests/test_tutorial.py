"""The tutorial runs from its first cell to its last on the demo's archive, and shows what it gives today."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import notebooks

TUTORIAL = Path(__file__).parent.parent / "docs" / "tutorial.ipynb"


def test_the_tutorial_runs_and_its_outputs_are_current(
    played: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIANBAO_ARCHIVE", str(played))
    monkeypatch.chdir(tmp_path)  # what it writes, it writes where it is
    notebook = notebooks.read(TUTORIAL)
    outputs = notebooks.run(notebook, {"__name__": "__main__"})
    if os.environ.get("NIANBAO_BLESS"):
        notebooks.bless(TUTORIAL, notebook, outputs)
    shown = [cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert outputs == shown
