"""The tutorial runs from its first cell to its last on the demo's archive, and shows what it gives today.

Its cells run in order, in one interpreter and without Jupyter. What a cell prints comes as a stream, the value of its
last expression as text, and a figure of matplotlib as a picture too: that is all that a notebook of ours may rest on.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

SMALL = 40_000  #: bytes of a committed picture at most
TUTORIAL = Path(__file__).parent.parent / "docs" / "tutorial.ipynb"
Cell = dict[str, Any]
PICTURE = "image/png"
_DOTS = 80  # an inch: readable, and small enough to be committed


def code_cells(notebook: dict[str, Any]) -> list[Cell]:
    """Its cells of code."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def run(notebook: dict[str, Any], namespace: dict[str, Any]) -> list[list[Cell]]:
    """What each code cell gives, in order. An error ends it, as in Jupyter."""
    cells = enumerate(code_cells(notebook), start=1)
    return [_outputs("".join(cell["source"]), number, namespace) for number, cell in cells]


def _outputs(source: str, number: int, namespace: dict[str, Any]) -> list[Cell]:
    tree = ast.parse(source, filename=f"cell {number}")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, f"cell {number}", "exec"), namespace)
        value = None
        if last is not None:
            expression = ast.Expression(last.value)  # type: ignore[attr-defined]
            value = eval(compile(expression, f"cell {number}", "eval"), namespace)
    outputs: list[Cell] = []
    if printed.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": _lines(printed.getvalue())})
    if value is not None:
        data: dict[str, Any] = {"text/plain": _lines(repr(value))}
        if hasattr(value, "savefig"):
            data = {PICTURE: _drawn(value), "text/plain": ["<Figure>"]}
        outputs.append({"data": data, "execution_count": number, "metadata": {}, "output_type": "execute_result"})
    return outputs


def _drawn(figure: Any) -> str:
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi=_DOTS, metadata={"Software": None})
    return base64.b64encode(written.getvalue()).decode("ascii") + "\n"


def pictures(outputs: list[list[Cell]]) -> list[bytes]:
    """The pictures that the cells gave."""
    return [
        base64.b64decode(one["data"][PICTURE]) for cell in outputs for one in cell if PICTURE in one.get("data", {})
    ]


def without_pictures(outputs: list[list[Cell]]) -> list[list[Cell]]:
    """What the cells gave but for pictures, whose dots depend on the fonts of a machine."""
    return [[{**one, "data": {**one.get("data", {}), PICTURE: ""}} for one in cell] for cell in outputs]


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def bless(path: Path, notebook: dict[str, Any], outputs: list[list[Cell]]) -> None:
    """Write what the cells gave into the notebook."""
    for number, (cell, given) in enumerate(zip(code_cells(notebook), outputs, strict=True), start=1):
        cell["execution_count"], cell["outputs"] = number, given
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def test_the_tutorial_runs_and_its_outputs_are_current(
    played: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIANBAO_ARCHIVE", str(played))
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.chdir(tmp_path)  # what it writes, it writes where it is
    notebook = json.loads(TUTORIAL.read_text(encoding="utf-8"))
    outputs = run(notebook, {"__name__": "__main__"})
    if os.environ.get("NIANBAO_BLESS"):
        bless(TUTORIAL, notebook, outputs)
    shown = [cell["outputs"] for cell in code_cells(notebook)]
    assert without_pictures(outputs) == without_pictures(shown)
    committed, drawn = pictures(shown), pictures(outputs)
    assert len(committed) == len(drawn) == 3
    for old, new in zip(committed, drawn, strict=True):
        before, now = Image.open(io.BytesIO(old)), Image.open(io.BytesIO(new))
        assert before.size == now.size
        assert len(old) < SMALL
