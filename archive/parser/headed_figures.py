"""Read figures that are printed with the heading of their column: 自然人：26, or 自然人 and 26 on a line each.

So lists print a row of the form, where a table has its headings once. Such a figure is placed by its heading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from archive.forms.spelling import LONGEST
from archive.parser.column_assignment import ColumnAssignment
from archive.parser.rows import Item, Row
from archive.parser.text_classes import classes_of

_PAIRS = 2  #: figures with their headings that make a row of them


def by_headings(items: Sequence[Item], ids: Sequence[str], table: str) -> ColumnAssignment:
    """Each figure under the column of ``table`` that its heading names; none if one names no other, or two the same."""
    found: dict[str, Item | None] = {}
    for item in items:
        named = [name for name in classes_of(item.head).columns.get(table, ()) if name in ids] if item.head else []
        if not item.head and not item.text.strip():
            continue
        if len(named) != 1 or named[0] in found:
            return ColumnAssignment({}, problem="count")
        found[named[0]] = item
    return ColumnAssignment(found) if found else ColumnAssignment({}, problem="count")


def joined_with_headings(rows: Iterable[Row]) -> list[Row]:
    """The rows, those of figures that stand singly below the heading of their column made one for each label above."""
    joined: list[Row] = []
    run: list[Row] = []  # the label, if it is one of a row, and what followed it
    for row in join_cards(list(rows)):
        if _is_single(row) or (run and _is_heading(row)):
            run.append(row)
            continue
        joined += _join_run(run)
        run = [row] if _is_label(row) else []
        if not run:
            joined.append(row)
    return [*joined, *_join_run(run)]


def join_cards(rows: Sequence[Row]) -> list[Row]:
    """The rows, those on cards made one: a label as title, and below it its figures with their headings, or a table of
    its own that has a header and one row without a label.
    """
    joined: list[Row] = []
    at = 0
    while at < len(rows):
        label, below = rows[at], rows[at + 1 : at + 4]
        titled = label.kind == "data" and label.hit is not None and _is_label(label)
        if titled and below and _has_headings(below[0]):
            joined.append(replace(label, items=below[0].items, blanks=()))
            at += 2
        elif (
            titled
            and len(below) > 1
            and below[0].kind == "header"
            and _is_bare(below[1])
            and not any(map(_is_bare, below[2:]))
        ):
            joined += [below[0], replace(below[1], hit=label.hit, texts=[*label.texts, *below[1].texts])]
            at += 3
        else:
            joined.append(label)
            at += 1
    return joined


def _is_bare(row: Row) -> bool:
    """Whether a row of a grid has figures and no label."""
    return row.kind == "data" and row.source == "grid" and row.hit is None and not row.lead and row.numbers > 0


def _is_label(row: Row) -> bool:
    named = row.hit is not None or any(classes_of(text).block for text in row.texts)
    return row.source == "lines" and named and not row.numbers


def _is_heading(row: Row) -> bool:
    return (
        row.kind == "header"
        and row.source == "lines"
        and len(row.texts) == 1
        and bool(classes_of(row.texts[0]).columns)
    )


def _is_single(row: Row) -> bool:
    """Whether a row is one figure below the heading of a column."""
    if row.kind != "data" or row.source != "lines" or len(row.items) != 1 or not row.texts:
        return False
    return len(row.texts[-1]) <= LONGEST and bool(classes_of(row.texts[-1]).columns)


def _has_headings(row: Row) -> bool:
    """Whether a row without a label is figures that have each its heading."""
    nameless = row.kind == "data" and row.source == "lines" and row.hit is None and not row.lead
    return nameless and bool(row.items) and all(item.head for item in row.items)


def _join_run(run: Sequence[Row]) -> list[Row]:
    """A label and its figures as one row; all as they are where they are not that."""
    singles = [row for row in run if _is_single(row)]
    heads = [row.texts[-1] for row in singles]
    label = run[0] if run and _is_label(run[0]) else None
    if label is None or len(singles) < _PAIRS or len(set(heads)) < len(heads):
        return list(run)
    items = [
        replace(row.items[0], col=at, head=head) for at, (row, head) in enumerate(zip(singles, heads, strict=True))
    ]
    if label.kind == "data":
        return [replace(label, items=items, blanks=())]
    return [label, replace(singles[0], hit=None, lead="", items=items, texts=[], blanks=())]
