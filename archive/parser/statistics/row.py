"""A row of the statistical table as it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from archive.parser.rows import Item


class Doubt(StrEnum):
    """Why a row gives no figure, by the name under which its words stand in ``archive/findings.toml``."""

    HEADER = "header"
    HEADS = "heads"
    COLUMN = "column"
    UNIT = "unit"
    PLACE = "place"
    FIGURE = "figure"
    TWICE = "twice"
    OTHER = "other"
    BODY = "body"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class StatisticsRow:
    """``labels``: those of the groups that begin here, then its own. ``units``: every unit printed for its figures.

    ``figures``: column (``year``, ``cumulative``) → its cell. ``heads``: column → the unit its header prints.
    ``filled``: whether a figure stands in the row at all. ``table``: number of its table from 1, 0 for text.
    """

    labels: tuple[str, ...]
    units: tuple[str, ...] = ()
    figures: Mapping[str, Item] = field(default_factory=dict)
    heads: Mapping[str, str] = field(default_factory=dict)
    doubt: Doubt | None = None
    filled: bool = False
    table: int = 0
