"""List all ways to cut the rows of a flattened table, and drop those that the sums over rows rule out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from archive.forms.model import Form, RowPlan, TablePlan
from archive.parser.cells import Placement
from archive.parser.glued_cuts import Cut, CutRules, agreeing, row_cuts
from archive.parser.glued_text import RowText
from storage.records import CellState

_BEARING = 3  # rows that must bear out that totals are printed
_SEVERAL = re.compile(r"0\d|\d[\d.]*[-+]")


@dataclass(slots=True)
class GluedRow:
    """A row to be cut. ``cuts`` None: not known (too many ways)."""

    source: RowText
    shape: CutRules
    cuts: list[Cut] | None = None
    clean: bool = False


def totals_printed(rows: Iterable[GluedRow]) -> bool:
    """Whether rows with figures bear out that their last one is the sum.

    Where blanks vanish, the sums could be blank too, and nothing would tell which figure stands where.
    """
    telling = [row for row in rows if row.shape.summed and any(digit in row.source.text for digit in "123456789")]
    bearing = sum(row.cuts is None or bool(row.cuts) for row in telling)
    return bearing >= _BEARING and bearing >= 0.9 * len(telling)


def all_zeros(row: GluedRow) -> bool:
    """Whether a row is blank as a whole, or a 0 in each column: nothing else can be meant."""
    text = "".join(row.source.ways[0])
    return not text or (len(row.source.ways) == 1 and text == "0" * len(row.source.plan.columns))


def runs_together(row: GluedRow) -> bool:
    """Whether its digits are surely those of several figures: one that begins with 0 (007), a sign within (35-15)."""
    return len(row.source.ways) == 1 and any(_SEVERAL.match(text) for text in row.source.ways[0])


def cut_row(source: RowText, summed: bool, blanks: bool) -> GluedRow:
    """All ways to cut a row. What stood apart stays apart, unless nothing adds up that way and the row has a sum."""
    plan = source.plan
    kinds = tuple(plan.kind or column.kind for column in plan.columns)
    shape = CutRules(kinds, summed, blanks)
    found: list[Cut] = []
    clean = False
    for way in source.ways:
        cuts = row_cuts(way, shape)
        if cuts is not None and not cuts and len(way) > 1 and summed and not source.celled:
            cuts = row_cuts(("".join(way),), shape)
        if cuts is None:
            return GluedRow(source, shape)
        found += cuts
        clean |= len(way) == len(plan.columns) and len(source.ways) == 1
    found = list(dict.fromkeys(found))
    return GluedRow(source, shape, found, clean and len(found) == 1)


def blank_by_force(form: Form, rows: Mapping[str, GluedRow], placed: Placement) -> set[str]:
    """Rows with nothing behind their label that may own figures printed elsewhere: nobody may call them blank.

    All, where a row has more figures than columns; those around one whose digits cannot be cut.
    """
    empty = {name for name, row in rows.items() if not row.source.text}
    if not empty or _overfull(rows.values(), placed):
        return empty
    found: set[str] = set()
    for table in form.tables:
        loose, run = False, set[str]()  # digits that cannot be cut stand before the run of rows without any
        for plan in table.rows:
            row = rows.get(plan.id)
            if plan.id in empty:
                run.add(plan.id)
            elif row is not None or any(name in placed.cells for name in plan.place_ids):
                uncut = row is not None and row.cuts == []
                found |= run if loose or uncut else set()
                loose, run = uncut, set()
        found |= run if loose else set()
    return found


def _overfull(rows: Iterable[GluedRow], placed: Placement) -> bool:
    """Whether a row has more figures that stand apart than columns: those of others stand among them."""
    if any(len(row.source.ways[0]) > len(row.source.plan.columns) for row in rows):
        return True
    counts = [(one.expected, one.found) for one in placed.findings if one.code == "count_mismatch"]
    return any(expected and found and int(found) > int(expected) for expected, found in counts)


def rule_out(form: Form, rows: Mapping[str, GluedRow], placed: Placement) -> None:
    """Leave out the cuts with which the sums over rows cannot hold; where no cuts at all satisfy them, keep all."""
    table = next(table for table in form.tables if table.layout == "matrix")
    domains: dict[str, list[Cut]] = {}
    for plan in table.rows:
        if plan.id in rows:
            cuts = rows[plan.id].cuts
            if cuts:
                domains[plan.id] = cuts
        elif (fixed := _known_cut(plan, placed)) is not None:
            domains[plan.id] = [fixed]
    sums = [
        (rule.left, rule.right)
        for rule in _row_sums(form, table)
        if all(name in domains for name in (*rule.left, *rule.right))
    ]
    consistent = agreeing(domains, sums) if sums else None
    if consistent is None or any(not cuts for cuts in consistent.values()):
        return
    for name, row in rows.items():
        if name in consistent:
            row.cuts = consistent[name]


@dataclass(frozen=True, slots=True)
class _Rule:
    left: tuple[str, ...]
    right: tuple[str, ...]


def _row_sums(form: Form, table: TablePlan) -> list[_Rule]:
    """The identities of a table that go over rows, each once, as row ids."""
    rules: dict[_Rule, None] = {}
    for identity in form.identities:
        if len(identity.rows) > 1 and form.places[identity.left[0]].table == table.key:
            left = tuple(name.rpartition(".")[0] for name in identity.left)
            rules[_Rule(left, tuple(name.rpartition(".")[0] for name in identity.right))] = None
    return list(rules)


def _known_cut(plan: RowPlan, placed: Placement) -> Cut | None:
    """A row that was read already, as its only cut; None unless all of it is there and clear."""
    cells = [placed.cells.get(name) for name in plan.place_ids]
    if any(cell is None or (cell.value is None and cell.state is CellState.PRINTED) for cell in cells):
        return None
    values = [cell.value for cell in cells if cell is not None]
    if any(value is not None and (value < 0 or value != int(value) or value > 10**9) for value in values):
        return None
    return tuple("" if value is None else str(int(value)) for value in values)
