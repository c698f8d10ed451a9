"""How one side of a difference reads: a cell, where it stands, a paragraph with what changed in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archive.interfaces.showing import shown_cell
from archive.queries.results import CellLine, Paragraph

_LONG = 160  #: characters that are alike and are shown in one piece; of more the ends are
_ENDS = 60
_NAMED = ("page", "table", "row", "col", "line", "section", "paragraph")


def side(cell: CellLine | None) -> str:
    """A cell as ``show`` prints it; "" where it is not printed."""
    return "" if cell is None else shown_cell(cell)


def locator_text(locator: Mapping[str, object]) -> str:
    """Where a cell or paragraph stands, for people: table 0, row 9, col 1."""
    return ", ".join(f"{key} {locator[key]}" for key in _NAMED if key in locator)


def segments(paragraph: Paragraph) -> Iterator[tuple[str, bool]]:
    """A paragraph in pieces, each with whether it changed. Of a changed paragraph long pieces that did not are cut."""
    at = 0
    for begin, end in paragraph.marks:
        if at < begin:
            yield _cut(paragraph.text[at:begin], first=at == 0, last=False), False
        yield paragraph.text[begin:end], True
        at = end
    rest = paragraph.text[at:]
    if rest:
        yield (_cut(rest, first=False, last=True) if paragraph.marks else rest), False


def _cut(text: str, *, first: bool, last: bool) -> str:
    if len(text) <= _LONG:
        return text
    return f"{'' if first else text[:_ENDS]}…{'' if last else text[-_ENDS:]}"
