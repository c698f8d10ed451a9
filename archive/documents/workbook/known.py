"""What is known of the sheets of a workbook before the library opens it."""

from __future__ import annotations

from dataclasses import dataclass, field

ROW = 1 << 20  # more than any sheet has columns
Spot = int  #: row * ROW + column, both from 0: whole ranges of a row go into a set at once, and in reading order

MAX_AREA = 2_000_000  # cells; the library keeps the whole rectangle of a sheet in memory


@dataclass(slots=True)
class Known:
    """A sheet. ``blank``: cells that are formatted but hold nothing (a form's empty fields).

    ``unsolved``: cells whose formula has no stored value, or an error, with the text to show instead.
    ``percent``: cells shown as a percentage.
    """

    blank: set[Spot] = field(default_factory=set)
    unsolved: dict[Spot, str] = field(default_factory=dict)
    percent: set[Spot] = field(default_factory=set)
