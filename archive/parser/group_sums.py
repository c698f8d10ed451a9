"""Find rows of figures without a label that are the sums of a group of rows: those of （六）其他处理 itself.

The form prints none for its groups, so they become no cell. In text their label is a heading, and the figures behind it
would be those of a row that nobody knows. They are a sum only where they stand right above or below the group's rows,
all of which are there, and add up in each column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from archive.forms.model import Form
from archive.parser.rows import Row
from archive.parser.values import read_value
from archive.parser.walk import Candidate


def group_sums(candidates: Sequence[Candidate], form: Form) -> list[Candidate]:
    """The candidates that name no row of the form and are the sums of one of its groups."""
    groups = [bridge.rows for bridge in form.bridges if len(bridge.rows) > 1]
    return [
        candidate
        for at, candidate in enumerate(candidates)
        if candidate.plan is None
        and candidate.row.numbers > 1
        and any(_is_sum(candidate.row, rows) for group in groups for rows in _adjacent_rows(candidates, at, group))
    ]


def _adjacent_rows(candidates: Sequence[Candidate], at: int, group: Sequence[str]) -> Iterator[list[Row]]:
    """The rows of a group where they stand right behind, or right before, the place ``at``."""
    for rows in (candidates[at + 1 : at + 1 + len(group)], candidates[max(0, at - len(group)) : at]):
        if [one.plan.id if one.plan is not None else "" for one in rows] == list(group):
            yield [one.row for one in rows]


def _is_sum(row: Row, rows: Sequence[Row]) -> bool:
    """Whether the figures of a row are, column by column, the sums of those of ``rows``."""
    parts = [_figures(one) for one in rows]
    size = len(parts[0])
    if not size or any(len(figures) != size for figures in parts):
        return False
    added = [sum(column, Decimal(0)) for column in zip(*parts, strict=True)]
    return _figures(row) == added


def _figures(row: Row) -> list[Decimal]:
    """The figures of a row, without blank fields before them; none if others are blank, or are no figures."""
    texts = [item.text for item in row.items]
    begin = next((at for at, text in enumerate(texts) if text.strip()), len(texts))
    values = [read_value(text).value for text in texts[begin:]]
    figures = [value for value in values if value is not None]
    return figures if len(figures) == len(values) else []
