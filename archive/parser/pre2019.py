"""Recognise the 政府信息公开情况统计表 of the reports before 2019 by its labels.

None of its rows is a place of the national forms (``forms/pre2019.toml`` says why); what is certain of its figures is
taken under ids of its own (:mod:`archive.parser.statistics`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from archive.documents.pages import Pages, Table
from archive.findings import finding
from archive.forms.loader import load_forms, old_form
from archive.forms.spelling import LONGEST_ITEM as _LONGEST
from archive.forms.spelling import item_key, key, simplify
from storage.records import Finding

_SEVERAL = 4  # labels that only this table has, from which on a table is one
_MANY = 10  # labels that make one in text without a header
_SIGNS = re.compile(r"[^\u3400-\u9fff0-9a-zA-Z]+")
_TEXT = 200_000  # characters of running text in which a flattened table is looked for


@dataclass(frozen=True, slots=True)
class StatisticsTableMatch:
    """What a document has of it: ``tables`` are numbers of its tables, ``labels`` the keys of those seen anywhere."""

    tables: frozenset[int] = frozenset()
    labels: frozenset[str] = frozenset()

    @property
    def rows(self) -> int:
        """How many of its labels were seen."""
        return len(self.labels)

    def __bool__(self) -> bool:
        return self.rows >= _SEVERAL


NO_MATCH = StatisticsTableMatch()


@cache
def _labels() -> frozenset[str]:
    """Keys of the labels that no national form has."""
    own = {item_key(text) for row in old_form().rows for text in row.labels}
    return frozenset(name for name in own if len(name) >= 4) - _national()


@cache
def _national() -> frozenset[str]:
    rows = [row for form in load_forms() for table in form.tables for row in table.rows]
    columns = [column for row in rows for column in row.columns]
    texts = [*(t for row in rows for t in (row.label, *row.variants, *row.groups)), *(c.label for c in columns)]
    return frozenset(map(key, texts))


def _has_table_words(text: str) -> bool:
    """Whether a text has one of the words of which a document with this table has one at least."""
    return any([word in text for word in old_form().telling])  # noqa: C419 — a generator takes twice as long


def find(pages: Pages) -> StatisticsTableMatch:
    """The tables of a document that are this one, and how many of its labels the document has."""
    # each text of a table once
    texts = ["\n".join(block.texts) if isinstance(block, Table) else block.text for block in pages.blocks]
    if not _has_table_words("\n".join(texts)):
        return NO_MATCH
    tables: set[int] = set()
    visited: set[str] = set()
    number = 0
    for block in pages.blocks:
        if not isinstance(block, Table):
            continue
        number += 1
        if not _has_table_words("\n".join([cell.text for cell in block.cells])):
            continue
        texts = [cell.text for cell in block.cells if 4 <= len(cell.text) <= _LONGEST]
        if _has_table_words("\n".join(texts)):
            here = {name for text in texts if (name := item_key(text)) in _labels()}
            tables |= {number} if len(here) >= _SEVERAL else set()
            visited |= here
    return StatisticsTableMatch(frozenset(tables), frozenset(visited if tables else visited | _labels_in_text(pages)))


def _labels_in_text(pages: Pages) -> set[str]:
    """Labels of a table that stands in the text: a cell a line, a row a line, or run together."""
    texts = [block.text for block in pages.blocks if not isinstance(block, Table)]
    if pages.positioned is not None:  # words on pages without rulings may have been put into any table
        texts += [piece.text for piece in pages.positioned.pieces]
    whole = "".join(texts)[:_TEXT] if _has_table_words("\n".join(texts)) else ""
    plain = simplify(whole)
    bare = _SIGNS.sub("", plain)  # as the keys of labels are
    found = {name for name in _labels() if name in bare}
    return found if _has_header(plain) or len(found) >= _MANY else set()


def _has_header(text: str) -> bool:
    """Whether the text has the table's title, or its header."""
    form = old_form()
    header = any(word in text for word in form.headers[:2]) and any(word in text for word in form.columns)
    return form.title in text or header


def statistics_tables(pages: Pages, old: StatisticsTableMatch, of_the_form: Collection[int]) -> frozenset[int]:
    """Numbers of the tables to keep as text row by row: those of the statistical table, and its pieces where pages
    without rulings were cut up otherwise.
    """
    if not old:
        return old.tables
    grids = enumerate((block for block in pages.blocks if isinstance(block, Table)), 1)
    return old.tables | {number for number, grid in grids if not grid.ruled and number not in of_the_form}


def row_lines(table: Table) -> Iterator[str]:
    """The rows of a table as text: its cells in order, parted by tabs."""
    rows: dict[int, list[tuple[int, str]]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append((cell.col, " ".join(cell.text.split())))
    for _, cells in sorted(rows.items()):
        if any(text for _, text in cells):
            yield "\t".join(text for _, text in sorted(cells))


def is_old_heading(name: str) -> bool:
    """Whether the key of a heading is one of the free headings of these reports."""
    return any(word in name for word in old_form().headings)


def table_findings(old: StatisticsTableMatch, cell_count: int = 0) -> Iterable[Finding]:
    """Make the finding that the table is there; ``cell_count``: how many cells were read from it."""
    if not old:
        return
    form = old_form()
    yield finding(
        "pre2019_table",
        case="cells" if cell_count else "text",
        found=old.rows,
        title=form.title,
        last=form.last_year,
        next=form.last_year + 1,
        count=cell_count,
    )
