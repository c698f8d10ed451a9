"""What is read of a worksheet, and what is known of an old one before the library opens the workbook."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from archive.documents.workbook.formats import CellStyle
from archive.documents.workbook.grid import Sheet

Place = tuple[int, int]  #: row and column, both from 0

MAX_AREA = 2_000_000  # cells of the rectangle around all that a sheet holds


@dataclass(slots=True)
class Known:
    """A sheet. ``blank``: columns by row of cells that are formatted but hold nothing (a form's empty fields).

    ``unsolved``: cells whose formula has no stored value, or an error, with the text to show instead. ``styles``:
    of cells whose format shows a number as something else or rounds it, that are crossed out or printed in white;
    ``struck``: what is crossed out; ``kept``: numbers that are shown as others. ``rows``, ``columns``: those that it
    hides; ``zeros``: it shows them.
    """

    blank: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    unsolved: dict[Place, str] = field(default_factory=dict)
    styles: dict[Place, CellStyle] = field(default_factory=dict)
    struck: dict[Place, str] = field(default_factory=dict)
    kept: dict[Place, str] = field(default_factory=dict)
    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    zeros: bool = True
    since_1904: bool = False


@dataclass(slots=True, kw_only=True)
class Worksheet:
    """A worksheet as it was read; ``sheet`` None: it cannot be. ``shows``: it is not hidden.

    ``cells``: how many hold or are formatted for something. ``unsolved``: how many have no usable result.
    ``unplaced``: how many do not say rightly where they stand; ``lost``: how many name a text that is not there.
    ``torn``: its XML is broken or its file cut, and what is left was read.
    """

    name: str
    shows: bool
    sheet: Sheet | None
    cells: int = 0
    unsolved: int = 0
    unplaced: int = 0
    lost: int = 0
    torn: bool = False
