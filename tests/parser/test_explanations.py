"""Which changes of recognised figures explain broken sums, which explanation is believed, and what is only doubted."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest

from archive.findings import finding
from archive.forms.loader import form
from archive.parser.arithmetic import broken_rules, figures, layout
from archive.parser.cells import Placement
from archive.parser.misread_digits import IMPOSSIBLE, slip_cost
from archive.parser.repair import repair
from archive.parser.sum_explanations import MOST, TOGETHER, FigureChange, best, covers, disjoint_sets, groups, mends
from storage.records import Cell, CellState, Severity
from tests.adding_up import adding_up

PLAN = form("2021")
ROW = "applications.result.granted"


def change(name: str, *rules: int, cost: int = 1) -> FigureChange:
    return FigureChange(name, 0, cost, frozenset(rules))


# -------------------------------------------------------------------------------------------------------------- slips


@pytest.mark.parametrize(
    ("read", "meant", "cost"),
    [
        ("15", "105", 1),  # a 0 lost within
        ("05", "5", 1),
        ("23", "223", 1),  # a digit seen once that stands twice
        ("233", "23", 1),
        ("45", "145", 1),  # a stroke at the edge
        ("145", "45", 1),
        ("451", "45", 1),
        ("45", "415", 3),
        ("45", "745", 3),
        ("", "1", 1),
        ("", "7", 2),
        ("", "0", 2),
        ("6", "8", 1),
        ("8", "6", 1),
        ("2", "9", 2),
        ("12", "21", IMPOSSIBLE),
        ("12", "1", 3),
        ("7", "", 3),
    ],
)
def test_what_a_slip_costs(read: str, meant: str, cost: int) -> None:
    assert slip_cost(read, meant) == cost


# ------------------------------------------------------------------------------------------------------- explanations


def test_changes_of_the_same_sums_are_one_group_however_they_are_linked() -> None:
    one, link, other, alone = change("a", 1), change("b", 1, 2), change("c", 2, 3), change("d", 9)
    found = {rules: {c.name for c in group} for group, rules in groups([one, other, alone, link])}
    assert found == {frozenset({1, 2, 3}): {"a", "b", "c"}, frozenset({9}): {"d"}}


def test_an_explanation_mends_every_sum_of_the_group_once() -> None:
    whole, left, right, over = change("a", 1, 2), change("b", 1), change("c", 2), change("d", 1, 2)
    found = {tuple(c.name for c in way) for way in covers([whole, left, right, over], frozenset({1, 2}))}
    assert found == {("a",), ("d",), ("b", "c")}  # never (b, d): the sum of 1 would be mended twice


def test_pairs_are_not_gone_through_in_a_very_large_group() -> None:
    many = [change(f"c{at}", at) for at in range(4 * TOGETHER + 1)]
    assert len(list(covers(many[:-1], frozenset({0, 1})))) == 1
    assert list(covers(many, frozenset({0, 1}))) == []


def test_the_sums_changes_mend_together() -> None:
    assert mends([change("a", 1), change("b", 2, 3)]) == {1, 2, 3}


def test_sums_that_others_speak_of_in_part_are_left_out() -> None:
    one, two, part = frozenset({1, 2}), frozenset({5, 6}), frozenset({6, 7})
    assert disjoint_sets([one, two, part]) == [one]
    assert disjoint_sets([one, one]) == [one, one]


def names(way: Iterable[FigureChange]) -> list[str]:
    return [c.name for c in way]


def test_the_cheapest_explanation_is_believed_and_the_others_are_doubted() -> None:
    chosen, doubted = best([(change("a", 1, cost=2),), (change("b", 1, cost=1),), (change("c", 1, cost=MOST),)])
    assert (names(chosen), doubted) == (["b"], {"a", "c"})
    assert best([(change("a", 1, cost=MOST),)])[0]


@pytest.mark.parametrize(
    "ways",
    [
        [],
        [(change("a", 1), change("b", 2)), (change("c", 1, cost=2),)],  # as cheap as each other
        [(change("a", 1, cost=MOST + 1),)],  # the only one, but not to be believed
        [(change("a", 1, cost=0), change("b", 2, cost=MOST + 1))],
    ],
)
def test_no_explanation_is_believed_that_is_dear_or_one_of_several(ways: list[tuple[FigureChange, ...]]) -> None:
    assert best(ways) == ((), set())


def test_of_two_explanations_at_one_price_neither_is_believed_in_whatever_order_they_come() -> None:
    one, other = (change("a", 1, cost=2),), (change("b", 1), change("c", 1))
    assert best([one, other]) == best([other, one]) == ((), set())


# ------------------------------------------------------------------------------------------------------------- repair


def seen(name: str, value: int | None, confidence: float | None = 0.98, **more: object) -> Cell:
    locator: dict[str, object] = {"page": 1, **more} | ({} if confidence is None else {"confidence": confidence})
    number = None if value is None else Decimal(value)
    state = CellState.BLANK if value is None else CellState.PRINTED
    return Cell(id=name, value=number, raw="" if value is None else str(value), state=state, locator=locator)


def scanned(**cells: Cell) -> Placement:
    """A recognised form whose sums hold, but for the cells given."""
    filled = adding_up(PLAN, random.Random(2), 60, 0.7)
    own = {name.replace("__", "."): cell for name, cell in cells.items()}
    return Placement(form=PLAN, cells={n: seen(n, None if v is None else int(v)) for n, v in filled.items()} | own)


def sums_broken(placed: Placement) -> int:
    return len(list(broken_rules(PLAN, placed.cells, figures(placed.cells))))


def test_what_was_said_before_stays_but_for_cells_now_answered() -> None:
    name = f"{ROW}.natural_person"
    placed = scanned()
    placed.cells[name] = replace(
        seen(name, 1, 0.4), value=None, raw="Z", flags=("not_a_number",), state=CellState.PRINTED
    )
    unread, elsewhere = (
        finding("not_a_number", cells=(cell,), cell=cell, label=cell) for cell in (name, f"{ROW}.enterprise")
    )
    mixed = finding("mixed_forms", case="tables", forms="2019、2021")
    placed.findings = [unread, elsewhere, mixed]
    repair(placed)
    assert placed.findings[:2] == [elsewhere, mixed]
    assert [(said.code, said.cells, said.severity) for said in placed.findings[2:]] == [
        ("repaired", (name,), Severity.WARNING)
    ]
    label = PLAN.places[name].row.label
    for sentence in (placed.findings[2].zh, placed.findings[2].en):
        assert "Z" in sentence
        assert str(placed.cells[name].value) in sentence
    assert label in placed.findings[2].zh


def test_a_blank_of_a_recognised_table_is_not_filled_and_is_doubted_where_the_sums_ask_for_a_figure() -> None:
    """Nothing was seen where the sums of row and column ask for a 1: it was lost, or nobody wrote it."""
    name = f"{ROW}.natural_person"
    ones = {f"{row}.{column}" for row in ("applications.received", ROW, "applications.result.total")
            for column in ("natural_person", "total")}  # fmt: skip
    placed = Placement(form=PLAN, cells={place: seen(place, int(place in ones)) for place in PLAN.ids})
    assert sums_broken(placed) == 0
    placed.cells[name] = seen(name, None, None)
    repair(placed)
    assert (placed.cells[name].value, placed.cells[name].state) == (None, CellState.BLANK)
    assert set(placed.cells[name].flags) == {"low_confidence"}


def test_a_cell_with_text_of_its_own_among_recognised_ones_is_never_changed() -> None:
    """A figure typed as text beside pictures: the sums may not hold, it stays as it was printed."""
    name = f"{ROW}.natural_person"
    placed = scanned()
    own = seen(name, int(placed.cells[name].value or 0) + 8, None)
    placed.cells[name] = own
    repair(placed)
    assert placed.cells[name] == own
    assert not [said for said in placed.findings if said.code == "repaired"]


def test_a_second_reading_is_believed_before_a_likely_slip() -> None:
    """The sums ask for 3; 8 for 3 is a likely slip too, but nothing else in the block was read otherwise."""
    row = PLAN.table("remedies").rows[0].place_ids
    placed = scanned()
    for name, value in zip(row, (8, 1, 0, 2, 6), strict=True):
        placed.cells[name] = seen(name, value)
    placed.cells["review.upheld"] = seen("review.upheld", 8, 0.97, also=["3"])
    repair(placed)
    assert placed.cells["review.upheld"].value == 3
    assert not placed.cells["review.total"].flags or "repaired" not in placed.cells["review.total"].flags


def test_a_cell_read_twice_differently_is_doubted_though_recognition_was_sure() -> None:
    name = "proactive.admin_license.decided"
    placed = scanned()
    placed.cells[name] = seen(name, 17, 0.97, also=["11"])
    repair(placed)
    assert (placed.cells[name].value, placed.cells[name].flags) == (17, ("low_confidence",))
    assert [n for n, cell in placed.cells.items() if cell.flags] == [name]


@pytest.mark.parametrize(("confidence", "doubted"), [(0.89, True), (0.9, False), (1, False)])
def test_from_which_confidence_on_a_figure_is_trusted(confidence: float, doubted: bool) -> None:
    name = "proactive.admin_license.decided"
    placed = scanned()
    placed.cells[name] = seen(name, 17, confidence)
    repair(placed)
    assert placed.cells[name].flags == (("low_confidence",) if doubted else ())


def blocks_that_do_not_add_up(count: int, confidence: float = 0.6) -> Placement:
    """A recognised form with so many broken sums of the remedies that no single slip explains.

    ``confidence``: of the total of each.
    """
    placed = scanned()
    for row in PLAN.table("remedies").rows[:count]:
        for name, value in zip(row.place_ids, (20, 30, 40, 50, 999), strict=True):
            placed.cells[name] = seen(name, value, confidence if value == 999 else 0.98)
    assert sums_broken(placed) == count
    return placed


def test_a_broken_sum_doubts_its_cells_only_while_slips_are_rare() -> None:
    placed = blocks_that_do_not_add_up(2)
    repair(placed)
    doubted = {name for name, cell in placed.cells.items() if cell.flags}
    assert doubted == {name for row in PLAN.table("remedies").rows[:2] for name in row.place_ids}
    assert {found.code for found in placed.findings} == {"low_confidence"}


def test_where_slips_are_not_rare_what_no_sum_bears_out_is_doubted_too() -> None:
    placed = blocks_that_do_not_add_up(3)
    repair(placed)
    doubted = {name for name, cell in placed.cells.items() if cell.flags}
    touched = set(layout(PLAN).touching)
    assert doubted == {name for name in placed.cells if name.startswith(("proactive.", "review.", "litigation."))}
    assert {name for name in placed.cells if name.startswith("applications.")} <= touched


def test_sums_that_were_read_surely_doubt_their_own_cells_only_however_many_they_are() -> None:
    placed = blocks_that_do_not_add_up(3, 0.98)
    repair(placed)
    doubted = {name for name, cell in placed.cells.items() if cell.flags}
    assert doubted == {name for name in placed.cells if name.startswith(("review.", "litigation."))}


def test_where_many_sums_stay_broken_every_recognised_cell_is_doubted_and_no_other() -> None:
    placed = blocks_that_do_not_add_up(3)
    column = "applications.received.research", "applications.received.total"
    for name in column:  # breaks the sums of its row and of two columns
        placed.cells[name] = seen(name, 5000, 0.6)
    own = "proactive.admin_license.decided"
    placed.cells[own] = seen(own, 17, None)
    repair(placed)
    assert {name for name, cell in placed.cells.items() if not cell.flags} == {own}


# ------------------------------------------------------------------------------------------------- two slips at a time


def three_and_three(**read: Cell) -> Placement:
    """A recognised form with 3 + 3 = 6 granted and nothing else, but for the cells given."""
    values = dict.fromkeys(PLAN.ids, 0)
    for row in ("applications.received", ROW, "applications.result.total"):
        values |= {f"{row}.natural_person": 3, f"{row}.enterprise": 3, f"{row}.total": 6}
    own = {name.replace("__", "."): cell for name, cell in read.items()}
    placed = Placement(form=PLAN, cells={name: seen(name, value) for name, value in values.items()})
    assert sums_broken(placed) == 0
    placed.cells |= own
    return placed


ONE, BOTH = f"{ROW}.natural_person", f"{ROW}.total"


def test_two_slips_that_share_a_sum_are_put_right_together() -> None:
    """The row, the column of 自然人 and that of 总计 are broken: no single figure explains them, these two do."""
    placed = three_and_three()
    placed.cells |= {ONE: seen(ONE, 8, 0.6), BOTH: seen(BOTH, 8, 0.6)}
    assert sums_broken(placed) == 3
    repair(placed)
    assert (placed.cells[ONE].value, placed.cells[BOTH].value) == (3, 6)
    assert {name for name, cell in placed.cells.items() if cell.flags} == {ONE, BOTH}
    assert {said.cells for said in placed.findings} == {(ONE,), (BOTH,)}


def test_two_slips_are_not_believed_where_recognition_was_sure() -> None:
    placed = three_and_three()
    placed.cells |= {ONE: seen(ONE, 8), BOTH: seen(BOTH, 8)}
    repair(placed)
    assert (placed.cells[ONE].value, placed.cells[BOTH].value) == (8, 8)
    assert "low_confidence" in placed.cells[ONE].flags
    assert {found.code for found in placed.findings} == {"low_confidence"}


def test_two_slips_are_not_believed_of_figures_that_were_typed() -> None:
    for typed in (ONE, BOTH):
        placed = three_and_three()
        placed.cells |= {ONE: seen(ONE, 8, 0.6), BOTH: seen(BOTH, 8, 0.6)}
        placed.cells[typed] = seen(typed, 8, None)
        repair(placed)
        assert placed.cells[typed] == seen(typed, 8, None)


def test_a_second_reading_explains_one_of_two_slips() -> None:
    """27 for 3 is no single slip, but the second recognition read 3."""
    placed = three_and_three()
    placed.cells |= {ONE: seen(ONE, 27, 0.6, also=["3"]), BOTH: seen(BOTH, 8, 0.6)}
    repair(placed)
    assert (placed.cells[ONE].value, placed.cells[BOTH].value) == (3, 6)


def test_two_slips_elsewhere_are_put_right_in_their_own_sums() -> None:
    """A pair in the applications and a single slip in the remedies: each explained by itself."""
    placed = three_and_three()
    placed.cells |= {ONE: seen(ONE, 8, 0.6), BOTH: seen(BOTH, 8, 0.6)}
    for name, value in zip(PLAN.table("remedies").rows[0].place_ids, (3, 1, 0, 2, 6), strict=True):
        placed.cells[name] = seen(name, value)
    placed.cells["review.upheld"] = seen("review.upheld", 8, 0.6, also=["3"])
    repair(placed)
    assert (placed.cells[ONE].value, placed.cells[BOTH].value, placed.cells["review.upheld"].value) == (3, 6, 3)
    assert sums_broken(placed) == 0


def test_a_zero_in_a_second_reading_counts() -> None:
    placed = three_and_three()
    name = f"{ROW}.research"
    placed.cells[name] = seen(name, 44, 0.97, also=["0"])
    repair(placed)
    assert placed.cells[name].value == 0


def test_ink_that_the_sums_ask_a_zero_of_is_a_zero() -> None:
    placed = three_and_three()
    name = f"{ROW}.research"
    placed.cells[name] = replace(
        seen(name, 1, 0.4), value=None, raw="o", flags=("not_a_number",), state=CellState.PRINTED
    )
    repair(placed)
    assert placed.cells[name].value == 0
    assert set(placed.cells[name].flags) == {"low_confidence", "repaired"}


def test_ink_that_the_sums_ask_a_negative_count_of_stays_unread() -> None:
    placed = three_and_three()
    name = f"{ROW}.research"
    for total in (BOTH, "applications.result.total.research"):
        placed.cells[total] = seen(total, 0)
    placed.cells[name] = replace(
        seen(name, 1, 0.4), value=None, raw="o", flags=("not_a_number",), state=CellState.PRINTED
    )
    repair(placed)
    assert placed.cells[name].value is None
    assert "not_a_number" in placed.cells[name].flags


def test_unread_cells_are_filled_as_far_as_all_their_sums_ask_for_it() -> None:
    """The first is nothing by its column; each of the others has a sum with the other in it."""
    placed = three_and_three()
    ink = {"raw": "Z", "value": None, "flags": ("not_a_number",), "state": CellState.PRINTED}
    names_of = (f"{ROW}.research", f"{ROW}.total", "applications.result.total.total")
    for name in names_of:
        placed.cells[name] = replace(seen(name, 1, 0.4), **ink)  # type: ignore[arg-type]
    repair(placed)
    assert [placed.cells[name].value for name in names_of] == [0, None, None]


def test_ink_of_a_typed_cell_is_not_filled() -> None:
    placed = three_and_three()
    name = f"{ROW}.research"
    own = replace(seen(name, 1, None), value=None, raw="见附件", flags=("not_a_number",), state=CellState.PRINTED)
    placed.cells[name] = own
    repair(placed)
    assert placed.cells[name] == own


def test_two_slips_far_apart_are_two_explanations() -> None:
    """Each mends its own sums, at one price: that they cost the same makes neither doubtful."""
    placed = three_and_three()
    other = "applications.result.denied.state_secret.research"
    placed.cells |= {ONE: seen(ONE, 8, 0.6), other: seen(other, 6, 0.6)}
    repair(placed)
    assert (placed.cells[ONE].value, placed.cells[other].value) == (3, 0)
    assert {name for name, cell in placed.cells.items() if cell.flags} == {ONE, other}


def test_no_sum_makes_a_count_negative() -> None:
    """Only -3 would mend the sum of the block; the other figures were typed."""
    placed = three_and_three()
    row = PLAN.table("remedies").rows[0].place_ids
    for name, value in zip(row, (3, 3, 0, 0, 0), strict=True):
        placed.cells[name] = seen(name, value, None)
    placed.cells[row[0]] = seen(row[0], 3, 0.6)
    repair(placed)
    assert placed.cells[row[0]].value == 3
    assert placed.cells[row[0]].flags == ("low_confidence",)


def test_the_figure_recognition_doubted_is_changed_before_the_one_it_was_sure_of() -> None:
    placed = three_and_three()
    row = PLAN.table("remedies").rows[0].place_ids
    for name, value in zip(row, (8, 0, 0, 0, 3), strict=True):
        placed.cells[name] = seen(name, value)
    placed.cells["review.total"] = seen("review.total", 3, 0.6)
    repair(placed)
    assert (placed.cells["review.upheld"].value, placed.cells["review.total"].value) == (8, 8)


def test_slips_put_right_count_among_the_slips_of_a_document() -> None:
    """One figure put right and two broken sums: slips are not rare, what no sum bears out is doubted."""
    placed = blocks_that_do_not_add_up(2)
    name = f"{ROW}.natural_person"
    right = placed.cells[name]
    assert right.value is not None
    placed.cells[name] = seen(name, int(right.value) * 10 + 1, 0.6)
    repair(placed)
    assert placed.cells[name].value == right.value
    assert all(cell.flags for place, cell in placed.cells.items() if place.startswith("proactive."))


def test_a_blank_of_a_typed_table_is_blank_whatever_other_tables_are() -> None:
    """The applications were recognised, the remedies are text: nothing was lost there by recognition."""
    placed = three_and_three()
    row = PLAN.table("remedies").rows[0].place_ids
    for name, value in zip(row, (None, 0, 0, 0, 1), strict=True):
        placed.cells[name] = seen(name, value, None)
    for name in (name for plan in PLAN.table("remedies").rows[1:] for name in plan.place_ids):
        placed.cells[name] = seen(name, 0, None)
    repair(placed)
    assert placed.cells[row[0]] == seen(row[0], None, None)


def test_two_slips_among_figures_that_were_typed() -> None:
    placed = three_and_three()
    placed.cells = {name: seen(name, int(cell.value or 0), None) for name, cell in placed.cells.items()}
    placed.cells |= {ONE: seen(ONE, 8, 0.6), BOTH: seen(BOTH, 8, 0.6)}
    repair(placed)
    assert (placed.cells[ONE].value, placed.cells[BOTH].value) == (3, 6)


def test_a_blank_is_not_filled_for_the_sake_of_a_second_slip() -> None:
    """A 1 that was not seen at all, and the total misread: both stay as they were read, and are doubted."""
    placed = three_and_three()
    values = {"natural_person": 1, "enterprise": 3, "total": 4}
    for line in ("applications.received", ROW, "applications.result.total"):
        placed.cells |= {f"{line}.{column}": seen(f"{line}.{column}", value) for column, value in values.items()}
    assert sums_broken(placed) == 0
    placed.cells |= {ONE: seen(ONE, None, None), BOTH: seen(BOTH, 9, 0.6)}
    repair(placed)
    assert (placed.cells[ONE].value, placed.cells[BOTH].value) == (None, 9)
    assert all("low_confidence" in placed.cells[name].flags for name in (ONE, BOTH))


def test_a_sum_with_an_unknown_in_it_neither_explains_nor_bears_out() -> None:
    """The row holds a cell that could not be placed: the column alone asks for the 3."""
    placed = three_and_three()
    unknown = f"{ROW}.research"
    placed.cells[unknown] = replace(seen(unknown, 0), value=None, raw="0 | 0", flags=("count_mismatch",))
    placed.cells[unknown] = replace(placed.cells[unknown], state=CellState.PRINTED)
    placed.cells[ONE] = seen(ONE, 8, 0.6)
    repair(placed)
    assert placed.cells[ONE].value == 3
    many = blocks_that_do_not_add_up(3)
    for column in PLAN.table("applications").columns:
        name = f"{ROW}.{column.id}"
        many.cells[name] = replace(many.cells[name], value=None, flags=("count_mismatch",))
    total = "applications.result.denied.state_secret.natural_person"
    repair(many)
    assert not many.cells[total].flags  # its row holds
    lone = "applications.result.total.research"
    assert not many.cells[lone].flags  # the sum of its row holds, that of its column is unknown
