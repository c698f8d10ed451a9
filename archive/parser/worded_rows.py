"""Read rows of the form that are written as sentences (（一）予以公开：自然人1件，商业企业6件，…，总计7件。).

The label stands first, each figure behind the heading of its column, and nothing else in the line: no sentence about
the year's work is written so. Only tables of the form that a document does not print are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Container
from functools import cache

from archive.forms import money
from archive.forms.loader import load_forms
from archive.forms.spelling import LONGEST, key
from archive.parser.labels import row_hit
from archive.parser.text_classes import classes_of, heads_a_column

OF_BLOCKS = "remedies"  #: key of the table whose blocks are labels
_MOST = 600  # characters of a line
_ENDS = 12  # places where a label may end
_FIGURE = rf"[-+−－＋]?[\d０-９][\d０-９,.]{{0,18}}\s{{0,2}}(?:[件条项个]|{money.UNIT})?"
_PAIR = rf"(?P<head>(?:单位[:：]|[\u4e00-\u9fff/（）()]){{2,16}}?)\s{{0,4}}[:：为]?\s{{0,4}}(?P<figure>{_FIGURE})"
_NEXT = re.compile(rf"{_PAIR}\s{{0,4}}(?:[，,、；;。.\s]\s{{0,4}}|\Z)")
_ALONE = re.compile(rf"({_FIGURE})[。.；;]?")
_LABEL_ENDS = re.compile(r"[:：，,\s]")

Pairs = list[tuple[str, str]]  #: heading of a column ("" where the row has but one) and the figure behind it


def parse_worded_row(text: str, tables: Container[str]) -> tuple[str, Pairs] | None:
    """The label of a row of these tables (their keys) and its figures with their headings; None for any other line."""
    if not 8 <= len(text) <= _MOST or not any(character.isdigit() for character in text):
        return None
    for number, end in enumerate(_LABEL_ENDS.finditer(text[:LONGEST])):
        if number >= _ENDS:
            break
        label, rest = text[: end.start()].strip(), text[end.end() :].strip()
        if not _names(label, tables):
            continue
        alone = _ALONE.fullmatch(rest) if end.group() in ":：" and _has_one_column(label) else None
        if alone is not None:
            return label, [("", alone[1])]
        if pairs := _pairs(rest):
            return label, pairs
    return None


def _pairs(text: str) -> Pairs:
    """The figures of a text that is nothing but figures, each behind a heading of its own; [] if it is not."""
    found: Pairs = []
    visited: set[str] = set()
    at = 0
    while at < len(text):
        pair = _NEXT.match(text, at)
        if pair is None or not heads_a_column(pair["head"]) or key(pair["head"]) in visited:
            return []
        visited.add(key(pair["head"]))
        found.append((pair["head"], pair["figure"]))
        at = pair.end()
    return found


def _names(label: str, tables: Container[str]) -> bool:
    """Whether a text is the label of one row of these tables, or of one block of the remedies."""
    if not 2 <= len(label) <= LONGEST:
        return False
    hit = row_hit(label)
    if hit is not None and not hit.vague:
        return hit.table in tables
    return classes_of(label).block is not None and OF_BLOCKS in tables


def _has_one_column(label: str) -> bool:
    hit = row_hit(label)
    return hit is not None and hit.ids != () and set(hit.ids) <= _single()


@cache
def _single() -> frozenset[str]:
    """The rows that have one column in each form that has them."""
    rows = [row for form in load_forms() for table in form.tables for row in table.rows]
    return frozenset(row.id for row in rows) - {row.id for row in rows if len(row.columns) > 1}
