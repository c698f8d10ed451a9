"""Labels of a table without merged ranges, spread over the empty places that they mean to cover.

Whoever saves a form through a program that drops merged ranges leaves each label in the first of its places. Only the
columns of labels are looked at, those left of all figures: an empty place among the figures is a blank field.
"""

from __future__ import annotations

import re
from itertools import pairwise

Place = tuple[int, int]  # row and column

FIGURE = re.compile(r"^[-+\d,，.\s%/\\—]*$")


def spread(texts: dict[Place, str], rows: range, cols: range) -> dict[Place, tuple[int, int]]:
    """Height and width of the labels that cover more than their place; ``texts`` of the table by place."""
    body, edge = _body(texts, rows, cols)
    found: dict[Place, tuple[int, int]] = {}
    if edge - cols.start < 2:
        return found
    for row in body:
        labels = [col for col in range(cols.start, edge) if (row, col) in texts]
        for col, following in pairwise([*labels, edge]):
            height = _height(texts, row, col, (cols.start, edge), body) if col != labels[-1] else 1
            if height > 1 or following - col > 1:
                found[row, col] = (height, following - col)
    return found


def _body(texts: dict[Place, str], rows: range, cols: range) -> tuple[range, int]:
    """The rows below the head, and the first column that is none of labels."""
    figures = {spot for spot, text in texts.items() if FIGURE.match(text)}
    first = min((row for row, _ in figures), default=rows.stop)
    edge = cols.start
    while edge < cols.stop:
        here = [(row, edge) for row in range(first, rows.stop) if (row, edge) in texts]
        if not here or any(spot in figures for spot in here):
            break
        edge += 1
    head = [row for row, col in texts if row < first and col >= edge]
    return range(max(head, default=rows.start - 1) + 1, rows.stop), edge


def _height(texts: dict[Place, str], row: int, col: int, labels: tuple[int, int], body: range) -> int:
    """Rows that a group's label covers: those that begin with a label further right."""
    first, edge = labels
    height = 1
    for below in range(row + 1, body.stop):
        if any((below, c) in texts for c in range(first, col + 1)):
            break
        if not any((below, c) in texts for c in range(col + 1, edge)):
            break
        height += 1
    return height
