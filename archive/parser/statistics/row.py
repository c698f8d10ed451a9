"""A row of the statistical table as it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from archive.parser.rows import Item


class Doubt(StrEnum):
    """Why a row gives no figure, each with its words in Chinese and English."""

    HEADER = "没有表头说明各栏"
    HEADS = "表头各栏不都认识，或有几栏同样的数"
    COLUMN = "数字不在自己的栏里"
    UNIT = "单位不符"
    PLACE = "同名项目分不清是哪一项"
    FIGURE = "不是可用的数"
    TWICE = "印了两次，数值不同"
    OTHER = "所在的表不是本年度全年的"
    BODY = "所在的表不是本机关的"
    APART = "项目、单位、数字没有分开"

    @property
    def en(self) -> str:
        """The same in English."""
        return _ENGLISH[self]


_ENGLISH = {
    Doubt.HEADER: "no header names the columns",
    Doubt.HEADS: "not all columns of the header are known, or several hold figures alike",
    Doubt.COLUMN: "figures not in columns of their own",
    Doubt.UNIT: "another unit",
    Doubt.PLACE: "a label of several items",
    Doubt.FIGURE: "no usable figure",
    Doubt.TWICE: "printed twice with different figures",
    Doubt.OTHER: "the table is not of the whole of this year",
    Doubt.BODY: "the table is of another body",
    Doubt.APART: "label, unit and figure run together",
}


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
