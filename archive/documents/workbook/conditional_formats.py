"""Conditional formats of Excel 2007+ that print figures in white, such as noughts nobody is to see.

Looked at are rules that compare the cell with a number; what a rule reckons from other cells is not known.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from html import unescape
from itertools import islice

from archive.documents.workbook.grid import Sheet
from archive.documents.workbook.hidden_cells import doubt_white

_RANGES, _FORMATS = 20, 200  # looked at, of a sheet
_SQREF = re.compile(rb'\ssqref="([^"<>]{1,2000})"')
_ATTRIBUTE = re.compile(rb'\s(type|operator|dxfId)="([^"<>]{1,40})"')
_FORMULA = re.compile(rb"<(?:\w{1,9}:)?formula>([^<]{1,60})</")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})(?::\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6}))?")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_COMPARED = re.compile(r"([A-Z]{1,3}[1-9][0-9]{0,6})(<=|>=|<>|<|>|=)(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)")
_SIGNS = {"equal": "=", "notEqual": "<>", "lessThan": "<", "lessThanOrEqual": "<=", "greaterThan": ">",
          "greaterThanOrEqual": ">="}  # fmt: skip
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Rule:
    """Rows ``top`` to ``bottom`` and columns ``left`` to ``right``, from 0, where a number that compares is white."""

    top: int
    left: int
    bottom: int
    right: int
    sign: str
    bound: float

    def whitens(self, row: int, col: int, number: float) -> bool:
        inside = self.top <= row <= self.bottom and self.left <= col <= self.right
        return inside and _COMPARISONS[self.sign](number, self.bound)


def doubt_turned_white(sheet: Sheet, content: bytes, white: Container[str]) -> None:
    """Doubt the figures that a sheet's rules print in white. ``white``: the formats of rules (dxf) that do so."""
    rules = list(islice(_rules(content, white), _RANGES))
    if not rules:
        return
    places: list[tuple[int, int]] = []
    for row, texts in sheet.rows.items():
        for col, text in texts.items():
            if _NUMBER.fullmatch(text) and any(rule.whitens(row, col, float(text)) for rule in rules):
                places.append((row, col))
    doubt_white(sheet, places)


def _rules(content: bytes, white: Container[str]) -> Iterator[_Rule]:
    for held in content.split(b"conditionalFormatting ", _FORMATS)[1:]:
        where = _SQREF.search(b" " + held[: held.find(b">")])
        if where is None:
            continue
        ranges = where[1].decode("ascii", "replace").split()[:_RANGES]
        for rule in held.split(b"cfRule ")[1 : _RANGES + 1]:
            attributes = {name: value.decode("ascii", "replace") for name, value in
                    _ATTRIBUTE.findall(b" " + rule[: rule.find(b">")])}  # fmt: skip
            if attributes.get(b"dxfId") not in white:
                continue
            formulas = [unescape(text.decode("utf-8", "replace")) for text in _FORMULA.findall(rule[:2_000])]
            if (
                compared := _compared(attributes.get(b"type", ""), attributes.get(b"operator", ""), formulas, ranges)
            ) is None:
                continue
            for place in filter(None, map(_RANGE.fullmatch, ranges)):
                left, top, right, bottom = place.groups()
                yield _Rule(int(top) - 1, _column(left), int(bottom or top) - 1, _column(right or left), *compared)


def _compared(kind: str, sign: str, formulas: list[str], ranges: list[str]) -> tuple[str, float] | None:
    """How a rule compares each cell, and with what; None where it does something else."""
    if len(formulas) != 1:
        return None
    formula = formulas[0].strip()
    if kind == "cellIs" and sign in _SIGNS and _NUMBER.fullmatch(formula):
        return _SIGNS[sign], float(formula)
    if kind == "expression" and ranges and (match := _COMPARED.fullmatch(formula.replace(" ", ""))):
        first = ranges[0].partition(":")[0]  # the formula is that of the first cell: it names it
        return (match[2], float(match[3])) if match[1] == first else None
    return None


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
