"""Words for parts of a report, on terminals and on pages that stand alone: its status, a cell, where a cell stands."""

from __future__ import annotations

from collections.abc import Mapping

from archive.queries.results import CellLine
from nianbao.language import current
from nianbao.messages import say
from storage.records import CellState, Status

_BLANK, _DOUBT = "□", "?"
_COUNTED_FROM_0 = frozenset({"table", "row", "col"})  # as programs count (docs/reading.md)
_PLACES = ("page", "table", "row", "col", "line", "section", "paragraph")


def shown_cell(cell: CellLine) -> str:
    """A cell as a grid shows it: its figure, the sign for a blank, or its text; doubtful ones are marked."""
    if cell.value is not None:
        text = f"{cell.value:f}"
    else:
        text = _BLANK if cell.state is CellState.BLANK else cell.raw.strip()
    return text + (_DOUBT if cell.flags else "")


def locator_text(locator: Mapping[str, object]) -> str:
    """Where a cell or paragraph stands, for programs: table 0, row 9, col 1."""
    return ", ".join(f"{key} {locator[key]}" for key in _PLACES if key in locator)


def locator_words(locator: Mapping[str, object], lang: str = "") -> str:
    """The same for people, counted from 1. ``lang``: another language than this run's."""
    lang = lang or current()
    placed = {
        key: number + 1 if key in _COUNTED_FROM_0 and isinstance(number, int) else number
        for key, number in locator.items()
        if key in _PLACES
    }
    words = (say("cli", lang, f"locator.{key}", number=placed[key]) for key in _PLACES if key in placed)
    return say("cli", lang, "join.names").join(words)


def status_words(status: Status, evidence: str, lang: str = "") -> str:
    """A status with what it rests on: ``missing: absent in two looks``. ``lang``: another language than this run's."""
    absent = status in {Status.MISSING, Status.NOT_FOUND} and evidence in {"proven", "one_look"}
    keys = [f"status.{status.value}"]
    keys += [f"evidence.{evidence}{'_absent' if absent else ''}"] if evidence != "none" else []
    lang = lang or current()
    return say("cli", lang, "join.standing").join(say("cli", lang, key) for key in keys)
