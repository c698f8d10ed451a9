"""Text in which the figures of a table ran together ("15130000154"): seen and told.

Such cells are left out, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.forms.loader import load_forms
from archive.forms.model import Form
from archive.forms.spelling import key
from archive.parser.findings import finding
from archive.parser.recognise import telling_labels
from archive.parser.sections import Line
from storage.records import Finding, Severity

_LONG = 400  # characters; shorter lines hold no table


@dataclass(frozen=True, slots=True)
class Glued:
    """A form whose labels stand in running text. ``rows``: how many of its row labels are there."""

    form: Form
    text: str
    rows: int


def find(lines: Sequence[Line]) -> Glued | None:
    """The form printed in one long line, if most of its row labels are there; None otherwise."""
    for line in lines:
        if len(line.text) < _LONG:
            continue
        words = _keys(line.text)
        best: Glued | None = None
        for form in load_forms():
            labels = [key(row.label) for table in form.tables for row in table.rows]
            seen = sum(label in words for label in labels)
            telling = telling_labels()["proactive"][form.name]
            if seen >= 0.6 * len(labels) and any(label in words for label in telling):
                score = sum(label in words for label in telling)
                if best is None or score > best.rows:
                    best = Glued(form, line.text, score)
        if best is not None:
            return best
    return None


def _keys(text: str) -> str:
    """A long text without brackets, numbers and punctuation, piece by piece (labels are compared as keys)."""
    return "".join(key(text[at : at + 200]) for at in range(0, len(text), 200)) + "".join(
        key(text[at : at + 200]) for at in range(100, len(text), 200)
    )


def told(found: Glued) -> Finding:
    """Say that the figures ran together and what was left out."""
    return finding(
        "digits_glued",
        Severity.WARNING,
        "表格在提取文字时粘连，数字之间没有分隔，各栏无法可靠切分，未取值。",
        "The table was flattened and its figures ran together: they cannot be told apart safely and none was taken.",
        found.form.ids,
        found=found.form.name,
    )
