"""Make a Cell of what is printed in one place of the form, with the findings about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from archive.documents.ocr.confidence import is_recognised, is_unsure
from archive.documents.pages import UNREAD
from archive.findings import finding
from archive.forms.model import Form, Indicator
from archive.parser.rows import Item
from archive.parser.values import AMOUNTS, Value, read_value
from storage.records import Cell, CellState, Finding


@dataclass(slots=True)
class Placement:
    """What the tables say: ``form`` None if no table was recognised; ``tables``: keys of the tables seen.

    ``items``: what the cells were read from, None where nothing is printed.
    ``spread``: tables with rows that have cells to spare, and nothing says which. ``dated``: some rows have a year for
    their label.
    """

    form: Form | None = None
    cells: dict[str, Cell] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)
    items: list[Item | None] = field(default_factory=list)
    spread: set[str] = field(default_factory=set)
    dated: bool = False

    def copy(self) -> Placement:
        """The same with containers of its own: what is changed in it changes nothing here."""
        return replace(
            self,
            cells=dict(self.cells),
            findings=list(self.findings),
            tables=set(self.tables),
            items=list(self.items),
            spread=set(self.spread),
        )


_OF_THE_ROW = ("table", "row", "page", "line", "sheet", "part")  # what a row's cells have in common


def cell_of(
    spot: Indicator,
    item: Item | None,
    flags: tuple[str, ...] = (),
    unit: str = "",
    beside: Mapping[str, object] | None = None,
) -> Cell:
    """The cell of a place from the text that stands there.

    None: nothing at all, which is blank, in the row of the label that stands at ``beside``.
    """
    if item is None:
        return blank_cell(spot.id, beside or {}, flags)
    if is_recognised(item.locator) and (_doubtful(item) or (spot.kind not in AMOUNTS and "." in item.text)):
        flags = (*flags, "low_confidence")
    if "astray" in item.locator:
        flags = (*flags, "label_doubt")
    if "kept" in item.locator:
        flags = (*flags, "rounded")
    value = read_value(item.text, spot.kind, spot.unit, unit)
    return printed_cell(spot.id, value, item.ocr_text or item.text, item.locator, flags)


def printed_cell(name: str, value: Value, text: str, locator: Mapping[str, object], flags: tuple[str, ...]) -> Cell:
    """The cell ``name`` where ``text`` is printed, which was read as ``value``."""
    return Cell(
        id=name,
        value=value.value,
        raw=text.strip(),
        state=value.state,
        locator=locator,
        flags=value.flags + flags,
    )


def _doubtful(item: Item) -> bool:
    """Whether recognition leaves a doubt: unsure, read twice differently, or read as letters; blank is blank."""
    return (
        bool(item.ocr_text) or bool(item.locator.get("also")) or (bool(item.text.strip()) and is_unsure(item.locator))
    )


def blank_cell(name: str, beside: Mapping[str, object], flags: tuple[str, ...] = ()) -> Cell:
    """A place of a row for which nothing is printed, not even an empty cell; it is shown by its row."""
    locator = {part: beside[part] for part in _OF_THE_ROW if part in beside}
    return Cell(id=name, value=None, raw="", state=CellState.BLANK, locator=locator, flags=flags)


def add_cell_findings(cell: Cell, spot: Indicator, result: Placement) -> None:
    """Add the findings about one cell: no number, no integer, no unit."""
    if "not_a_number" in cell.flags or ("not_integer" in cell.flags and cell.value is None):
        code = "not_a_number" if "not_a_number" in cell.flags else "not_integer"
        printed = cell.raw.replace(UNREAD, "").strip()[:60]
        result.findings.append(
            finding(
                code,
                case="" if UNREAD not in cell.raw else "partly_unread" if printed else "unread",
                cells=(cell.id,),
                found=cell.raw[:60],
                cell=spot.id,
                label=spot.label,
                printed=printed,
            )
        )
    elif "unit_missing" in cell.flags:
        result.findings.append(
            finding("unit_missing", cells=(cell.id,), found=cell.raw, cell=spot.id, label=spot.label)
        )


def with_flag(cell: Cell, flag: str) -> Cell:
    """The same cell with one doubt more."""
    if flag in cell.flags:
        return cell
    return Cell(
        id=cell.id, value=cell.value, raw=cell.raw, state=cell.state, locator=cell.locator, flags=(*cell.flags, flag)
    )
