"""Recognised figures against the form's sums: a slip is put right and told, or doubted; never wrong in silence."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from archive.findings import finding
from archive.forms.loader import form, load_forms
from archive.forms.model import Form
from archive.parser.arithmetic import broken_rules, difference, figures, layout
from archive.parser.cells import Placement
from archive.parser.checks import check_cells
from archive.parser.misread_digits import IMPOSSIBLE, digit_confusions, slip_cost
from archive.parser.repair import repair
from archive.parser.text_witness import TextEvidence
from storage.records import Cell, CellState, IdentityEvidence, Section, Severity
from tests.adding_up import adding_up

FORMS = pytest.mark.parametrize("plan", load_forms(), ids=lambda plan: plan.name)
MODEST = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
SEEDS = st.integers(0, 2**32)
ALIKE = {"0": "68", "6": "085", "8": "063", "1": "7", "7": "1", "3": "8", "5": "6"}
ROW = "applications.result.granted"


def seen(name: str, text: str, confidence: float = 0.98, also: tuple[str, ...] = ()) -> Cell:
    """A cell as recognition gives it: ``text`` without digits is ink that is no number."""
    number = Decimal(text) if text.isdigit() else None
    locator: dict[str, object] = {"page": 1, "confidence": confidence}
    if also:
        locator["also"] = list(also)
    flags = ("low_confidence",) if confidence < 0.9 or also else ()
    if text and number is None:
        flags = (*flags, "not_a_number")
    state = CellState.PRINTED if text else CellState.BLANK
    return Cell(id=name, value=number, raw=text, state=state, locator=locator, flags=flags)


def scanned(plan: Form, cells: dict[str, Decimal | None]) -> Placement:
    texts = {name: "" if value is None else f"{value:f}" for name, value in cells.items()}
    return Placement(form=plan, cells={name: seen(name, text) for name, text in texts.items()})


def quiet(plan: Form) -> dict[str, Decimal | None]:
    return adding_up(plan, random.Random(2), 60, 0.7)


def doubted(plan: Form, placed: Placement) -> set[str]:
    found = [*placed.findings, *check_cells(plan, placed.cells)]
    return {name for said in found for name in said.cells} | {n for n, cell in placed.cells.items() if cell.flags}


def slipped(chance: random.Random, text: str) -> str:
    """What recognition makes of a figure now and then."""
    at = chance.randrange(len(text))
    return chance.choice(
        [
            text[:at] + chance.choice(ALIKE.get(text[at], "0123456789")) + text[at + 1 :],
            text[:at] + chance.choice("0123456789") + text[at + 1 :],
            "1" + text,
            text[:at] + text[at] + text[at:],
            text[:at] + text[at + 1 :],
        ]
    )


def cancelling(plan: Form, cells: dict[str, Decimal], misread: dict[str, Cell]) -> set[str]:
    """Misread cells whose slips make up for each other in every sum they stand in: nothing can show them."""
    form_sums, shown = layout(plan), figures(misread)
    off = {name for name in cells if shown[name] != cells[name]}
    return {
        name for name in off if all(difference(form_sums.rules[rule], shown) == 0 for rule in form_sums.touching[name])
    }


@pytest.mark.parametrize(
    ("confidence", "also", "kept"),
    [(0.6, "", False), (0.93, "", True), (1.0, "", True), (0.5, "-DIGITS", True), (0.5, "8", False)],
)
def test_a_slip_of_print_stays_whose_digits_recognition_did_not_doubt(confidence: float, also: str, kept: bool) -> None:
    """Reports print wrong sums: 10 where the sums ask for 0."""
    plan = form("2021")
    placed = scanned(plan, quiet(plan))
    name = "applications.received.total"
    true = placed.cells[name].value
    assert true is not None
    read = f"1{true}"
    placed.cells[name] = seen(name, read, confidence, tuple(filter(None, [also.replace("DIGITS", read)])))
    repair(placed)
    assert (placed.cells[name].value == Decimal(read)) is kept
    assert name in doubted(plan, placed)
    assert bool(check_cells(plan, placed.cells)) is kept  # what is printed contradicts itself: told


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("2023年，本年新收政府信息公开申请{read}件，均已答复。", True),
        ("2023年，本年新收政府信息公开申请{asked}件，均已答复。", False),
        ("2022年，新收政府信息公开申请{read}件。", False),
        ("2023年，公开信息{read}条。", False),
        ("", False),
    ],
)
def test_a_figure_that_the_text_counts_as_it_was_read_stays(sentence: str, *, kept: bool) -> None:
    """A second witness for what is printed: sums of reports do not always hold."""
    plan = form("2021")
    placed = scanned(plan, quiet(plan))
    name = "applications.received.total"
    true = placed.cells[name].value
    assert true is not None
    read = true + (1 if true % 10 < 9 else -1)
    placed.cells[name] = seen(name, f"{read}", 0.5)
    text = sentence.format(read=read, asked=true)
    said = IdentityEvidence(titles=("汶上县水利局2023年政府信息公开工作年度报告",), period=(2023,))
    repair(placed, TextEvidence((Section(heading="一、总体情况", key="overview", text=text),), said))
    assert placed.cells[name].value == (read if kept else true)
    assert ("repaired" in placed.cells[name].flags) is not kept
    assert name in doubted(plan, placed)
    assert ("identity_broken" in {found.code for found in check_cells(plan, placed.cells)}) is kept


@pytest.mark.parametrize(("also", "kept"), [("0", True), ("9", True), ("4", False), ("X", False), ("44", False)])
def test_a_second_reading_of_other_digits_does_not_speak_for_what_the_sums_ask(also: str, *, kept: bool) -> None:
    """Read as 9 and as 0, where the sums ask for 4: no reading saw that."""
    plan = form("2021")
    cells = quiet(plan)
    row = dict(zip(plan.table("remedies").rows[0].place_ids, map(Decimal, (3, 1, 0, 0, 4)), strict=True))
    placed = scanned(plan, cells | row)
    placed.cells["review.total"] = seen("review.total", "9", 0.4, (also,))
    repair(placed)
    assert placed.cells["review.total"].value == (9 if kept else 4)
    assert "review.total" in doubted(plan, placed)


@pytest.mark.parametrize(
    ("digits", "slip", "kept"),
    [(0.98, "other", True), (0.7, "other", False), (None, "other", False), (0.98, "stroke", False)],
)
def test_a_figure_whose_place_alone_is_doubted_keeps_its_digits(digits: float | None, slip: str, *, kept: bool) -> None:
    """Strokes beside it may have been read with it; its own digits were read surely."""
    plan = form("2021")
    placed = scanned(plan, quiet(plan))
    name = "applications.received.total"
    true = placed.cells[name].value
    assert true is not None
    read = f"1{true}" if slip == "stroke" else f"{true + (1 if true % 10 < 9 else -1)}"
    cell = seen(name, read, 0.5)
    placed.cells[name] = replace(cell, locator={**cell.locator, **({"digits": digits} if digits else {})})
    repair(placed)
    assert placed.cells[name].value == (Decimal(read) if kept else true)
    assert name in doubted(plan, placed)


@FORMS
@MODEST
@given(seed=SEEDS, slips_made=st.integers(1, 3))
@example(seed=380735878, slips_made=2)
def test_slips_are_put_right_or_doubted(plan: Form, seed: int, slips_made: int) -> None:
    chance = random.Random(seed)
    cells = adding_up(plan, chance, chance.choice([9, 99, 3000]), 0.6)
    placed = scanned(plan, cells)
    summed = [name for name in cells if not name.startswith("proactive.")]
    for name in chance.sample(summed, slips_made):
        text = slipped(chance, placed.cells[name].raw)
        placed.cells[name] = seen(name, text, chance.choice([0.5, 0.8, 0.95]))
    before = dict(placed.cells)
    repair(placed)
    wrong = {name for name, cell in placed.cells.items() if (cell.value or Decimal(0)) != cells[name]}
    cancelled = cancelling(plan, {name: cells[name] or Decimal(0) for name in cells}, before)
    assert wrong <= doubted(plan, placed) | cancelled
    for name, cell in placed.cells.items():
        assert cell.raw == before[name].raw
        if cell.value != before[name].value:
            assert "repaired" in cell.flags
            assert any(said.code == "repaired" and said.cells == (name,) for said in placed.findings)


@FORMS
def test_every_single_slip_into_an_alike_digit_is_put_right(plan: Form) -> None:
    cells = quiet(plan)
    inner = [name for name in cells if name.startswith("applications.") and cells[name] is not None]
    for name in inner:
        raw = f"{cells[name]:f}"
        placed = scanned(plan, cells)
        placed.cells[name] = seen(name, raw[:-1] + ALIKE.get(raw[-1], "0")[0], 0.6)
        repair(placed)
        assert placed.cells[name].value == cells[name]
        assert {n for n, cell in placed.cells.items() if cell.flags} == {name}


def test_the_finding_gives_what_was_read_and_what_is_proposed() -> None:
    plan = form("2021")
    cells = quiet(plan)
    name = f"{ROW}.natural_person"
    placed = scanned(plan, cells)
    placed.cells[name] = seen(name, f"{cells[name]:f}1", 0.7)
    repair(placed)
    [said] = placed.findings
    assert (said.code, said.cells, said.expected, said.found) == (
        "repaired",
        (name,),
        f"{cells[name]}",
        f"{cells[name]}1",
    )
    assert f"“{cells[name]}1”（把握 0.70）" in said.zh
    assert f"“{cells[name]}1” (confidence 0.70)" in said.en
    assert set(placed.cells[name].flags) == {"low_confidence", "repaired"}
    assert check_cells(plan, placed.cells) == []


def test_a_second_recognition_decides_among_cells_of_one_sum() -> None:
    """Any of the five cells of a block could be the wrong one; one of them was read otherwise a second time."""
    plan = form("2021")
    cells = quiet(plan) | dict(
        zip(plan.table("remedies").rows[0].place_ids, map(Decimal, (3, 1, 0, 2, 6)), strict=True)
    )
    placed = scanned(plan, cells)
    placed.cells["review.upheld"] = seen("review.upheld", "8", 0.7, ("3",))
    repair(placed)
    assert placed.cells["review.upheld"].value == 3
    assert "repaired" in placed.cells["review.upheld"].flags


@pytest.mark.parametrize("figures_read", [(0, 0, 0, 0, 9), (0, 0, 0, 8, 0), (1, 0, 0, 0, 7)])
def test_what_one_sum_asks_is_not_believed_where_others_of_it_may_be_misread(figures_read: tuple[int, ...]) -> None:
    """A slip that is printed: the total is 9, and nothing but one sum says that it was misread, and not another."""
    plan = form("2021")
    row = plan.table("remedies").rows[0].place_ids
    placed = scanned(plan, quiet(plan) | dict(zip(row, map(Decimal, figures_read), strict=True)))
    for name, value in zip(row, figures_read, strict=True):
        placed.cells[name] = seen(name, str(value), 0.5)
    repair(placed)
    assert tuple(placed.cells[name].value for name in row) == figures_read
    assert all(placed.cells[name].flags == ("low_confidence",) for name in row)
    assert [said.code for said in check_cells(plan, placed.cells)] == ["identity_broken"]


def test_where_any_of_several_could_be_wrong_nothing_is_changed() -> None:
    plan = form("2021")
    row = plan.table("remedies").rows[0].place_ids
    cells = quiet(plan) | dict(zip(row, map(Decimal, (7, 1, 0, 0, 8)), strict=True))
    placed = scanned(plan, cells)
    for name in ("review.upheld", "review.corrected"):
        placed.cells[name] = seen(name, "1", 0.7)  # either could be the 7
    before = {name: cell.value for name, cell in placed.cells.items()}
    repair(placed)
    assert {name: cell.value for name, cell in placed.cells.items()} == before
    assert all("low_confidence" in placed.cells[name].flags for name in row)
    assert [said.code for said in check_cells(plan, placed.cells)] == ["identity_broken"]


@FORMS
def test_without_recognition_a_broken_sum_is_what_was_printed(plan: Form) -> None:
    cells = quiet(plan)
    name = f"{ROW}.natural_person"
    cells[name] = (cells[name] or Decimal(0)) + 1
    printed = {
        n: Cell(id=n, value=v, raw=f"{v:f}", state=CellState.PRINTED, locator={"table": 2, "row": 3, "col": 4})
        for n, v in cells.items()
        if v is not None
    }
    placed = Placement(form=plan, cells=dict(printed))
    repair(placed)
    assert placed.cells == printed
    assert placed.findings == []
    assert len(check_cells(plan, placed.cells)) == 2


def test_a_sure_reading_is_not_made_to_fit_by_an_unlikely_slip() -> None:
    plan = form("2021")
    cells = quiet(plan)
    name = f"{ROW}.natural_person"
    cells[name] = Decimal(42)
    placed = scanned(plan, cells)
    repair(placed)
    assert placed.cells[name].value == 42
    told = doubted(plan, placed)
    assert {f"{ROW}.{column.id}" for column in plan.table("applications").columns} <= told


WELFARE, LEGAL = "result.partial.public_welfare", "result.partial.legal_service"
PAIR = {
    "both in one row": {WELFARE: ("29", "129"), LEGAL: ("48", "46")},
    "one likely, one less so": {WELFARE: ("29", "23"), LEGAL: ("48", "43")},
    "the row's sum holds by chance": {"result.partial.research": ("0", "5"), LEGAL: ("48", "43")},
    "four sums broken": {"result.total.natural_person": ("300", "800"), "received.natural_person": ("298", "293")},
}
TOO_DEAR = {
    "two digits of no likeness": {WELFARE: ("29", "25"), LEGAL: ("48", "47")},
    "a digit put in, and an alike one": {WELFARE: ("29", "259"), LEGAL: ("48", "43")},
}


def two_slips(made: dict[str, tuple[str, str]], confidence: float = 0.6) -> tuple[Placement, dict[str, str]]:
    """A scan with two figures misread, and what was printed there."""
    plan = form("2021")
    placed = scanned(plan, quiet(plan))
    printed = {f"applications.{name}": text for name, (text, _) in made.items()}
    for name, (text, read) in zip(printed, made.values(), strict=True):
        assert placed.cells[name].raw == text
        placed.cells[name] = seen(name, read, confidence)
    return placed, printed


@pytest.mark.parametrize("made", PAIR.values(), ids=PAIR)
def test_two_slips_that_share_a_sum_are_put_right_together(made: dict[str, tuple[str, str]]) -> None:
    placed, printed = two_slips(made)
    repair(placed)
    assert {name: f"{placed.cells[name].value}" for name in printed} == printed
    assert {name for name, cell in placed.cells.items() if cell.flags} == set(printed)
    assert sorted(said.cells[0] for said in placed.findings) == sorted(printed)


def test_two_slips_are_put_right_beside_a_figure_that_stood_in_the_text() -> None:
    placed, printed = two_slips(PAIR["both in one row"])
    total = "applications.result.partial.total"
    placed.cells[total] = replace(placed.cells[total], locator={"table": 2})
    repair(placed)
    assert {name: f"{placed.cells[name].value}" for name in printed} == printed
    assert placed.cells[total].flags == ()


@pytest.mark.parametrize(
    ("made", "confidence"),
    [*((made, 0.6) for made in TOO_DEAR.values()), (PAIR["both in one row"], 0.95)],
    ids=[*TOO_DEAR, "recognition was sure of both"],
)
def test_two_slips_that_are_unlikely_together_are_doubted(made: dict[str, tuple[str, str]], confidence: float) -> None:
    placed, printed = two_slips(made, confidence)
    repair(placed)
    assert {name: placed.cells[name].raw for name in printed} == {
        name: f"{placed.cells[name].value}" for name in printed
    }
    assert all(placed.cells[name].flags == ("low_confidence",) for name in printed)
    assert {found.code for found in placed.findings} == {"low_confidence"}


BLOCKS = ("review.total", "litigation.direct.total", "litigation.after_review.total")


def misprinted(off: dict[str, int], confidence: float = 0.98) -> Placement:
    """A scan of figures that are off by so many that no slip explains it: each block of 复议诉讼 has one sum.

    ``confidence``: of the figures that are off.
    """
    plan = form("2021")
    cells = quiet(plan)
    for name, more in off.items():
        cells[name] = (cells[name] or Decimal(0)) + more
    placed = scanned(plan, cells)
    placed.cells.update({name: seen(name, placed.cells[name].raw, confidence) for name in off})
    return placed


def test_a_few_broken_sums_leave_only_their_own_cells_in_doubt() -> None:
    placed = misprinted(dict.fromkeys(BLOCKS[:2], 50))
    repair(placed)
    assert {name for name, cell in placed.cells.items() if cell.flags} == {
        name for name in placed.cells if name.startswith(("review.", "litigation.direct."))
    }


def test_three_broken_sums_put_in_doubt_what_no_sum_bears_out() -> None:
    placed = misprinted(dict.fromkeys(BLOCKS, 777), 0.6)
    repair(placed)
    assert {name.split(".")[0] for name, cell in placed.cells.items() if cell.flags} == {
        "proactive", "review", "litigation",
    }  # fmt: skip
    assert all(cell.flags for name, cell in placed.cells.items() if not name.startswith("applications."))


def test_broken_sums_that_were_read_surely_put_nothing_else_in_doubt() -> None:
    """Six sums, as three slips of print make them."""
    off = {f"{ROW}.{column}": 50 for column in ("natural_person", "enterprise", "total")}
    placed = misprinted(dict.fromkeys(BLOCKS, 50) | off)
    rules = layout(form("2021")).rules
    wrong = [rules[number] for number in broken_rules(form("2021"), placed.cells, figures(placed.cells))]
    assert len(wrong) > 5
    repair(placed)
    on_them = {name for rule in wrong for name, _ in rule.terms}
    assert {name for name, cell in placed.cells.items() if cell.flags} == on_them


def test_a_sum_with_an_unknown_in_it_bears_nothing_out() -> None:
    placed = misprinted(dict.fromkeys(BLOCKS, 50))
    unread = {"granted": ("natural_person", "enterprise"), "partial": ("natural_person", "total")}
    unread["other.misc"] = (
        "natural_person",
        "enterprise",
        "total",
    )  # at least two in each row and column: none is known
    for row, columns in unread.items():
        for name in (f"applications.result.{row}.{column}" for column in columns):
            placed.cells[name] = seen(name, "Z")
    repair(placed)
    assert placed.cells[f"{ROW}.total"].flags == ("low_confidence",)  # neither its row nor its column can be summed
    assert placed.cells[f"{ROW}.research"].flags == ()  # its column holds


def test_four_broken_sums_put_every_recognised_cell_in_doubt() -> None:
    total = {"applications.received.total": -777, "applications.carried_in.total": 777}  # their column still adds up
    placed = misprinted(dict.fromkeys(BLOCKS[:2], 777) | total, 0.6)
    text = {name for name in placed.cells if name.startswith("proactive.")}  # a table in text, the others as pictures
    for name in text:
        placed.cells[name] = replace(placed.cells[name], locator={"table": 1})
    repair(placed)
    assert {name for name, cell in placed.cells.items() if cell.flags} == set(placed.cells) - text


def test_ink_that_is_no_number_is_proposed_where_the_sums_agree() -> None:
    plan = form("2021")
    cells = quiet(plan)
    name = f"{ROW}.natural_person"
    placed = scanned(plan, cells)
    placed.cells[name] = seen(name, "Z", 0.4)
    repair(placed)
    assert placed.cells[name].value == cells[name]
    assert placed.cells[name].raw == "Z"
    assert set(placed.cells[name].flags) == {"low_confidence", "repaired"}


def square(cells: Mapping[str, Decimal | None], *, zero: bool) -> list[str]:
    """Four cells of two rows and two columns that are all 0, or none of them."""
    rows = [f"applications.result.{row}" for row in ("granted", "partial", "other.misc", "denied.admin_query")]
    columns = ("natural_person", "enterprise", "research", "public_welfare", "legal_service", "other_org")
    for one, other in combinations(rows, 2):
        for left, right in combinations(columns, 2):
            names = [f"{row}.{column}" for row in (one, other) for column in (left, right)]
            if all((cells[name] == 0) is zero for name in names):
                return names
    raise AssertionError("no such cells")


def test_unread_ink_that_adds_up_to_nothing_is_nothing_each() -> None:
    plan = form("2021")
    placed = scanned(plan, quiet(plan))
    names = square(quiet(plan), zero=True)  # two unread in each row and each column
    for name in names:
        placed.cells[name] = seen(name, "Z", 0.4)
    repair(placed)
    assert [placed.cells[name].value for name in names] == [0, 0, 0, 0]
    assert all("repaired" in placed.cells[name].flags for name in names)


def test_ink_that_only_one_of_its_two_sums_pins_down_stays_unread() -> None:
    """The other sum holds more of what is unread; one alone may be printed wrong."""
    plan = form("2021")
    cells = adding_up(plan, random.Random(2), 60, 0.0)
    placed = scanned(plan, cells)
    names = square(cells, zero=False)[:3]
    for name in names:
        placed.cells[name] = seen(name, "Z", 0.4)
    repair(placed)
    assert [placed.cells[name].value for name in names] == [None, None, None]


@pytest.mark.parametrize(("confidence", "value"), [(0.5, None), (0.97, 10)])
def test_a_sum_in_doubt_itself_tells_nothing_of_ink_in_it(confidence: float, value: int | None) -> None:
    """A seal over 0 and 2: 醫 and 12, from which 10 would follow."""
    plan = form("2021")
    row = plan.table("remedies").rows[0].place_ids
    cells = quiet(plan) | dict(zip(row, map(Decimal, (0, 0, 2, 10, 12)), strict=True))
    placed = scanned(plan, cells)
    placed.cells[row[3]], placed.cells[row[4]] = seen(row[3], "醫", 0.26), seen(row[4], "12", confidence)
    repair(placed)
    assert placed.cells[row[3]].value == value
    assert {row[3], *(() if value else (row[4],))} <= doubted(plan, placed)


def test_what_no_sum_can_bear_out_for_ink_beside_it_is_doubted() -> None:
    plan = form("2021")
    row = plan.table("remedies").rows[0].place_ids
    cells = quiet(plan) | dict(zip(row, map(Decimal, (3, 1, 0, 2, 6)), strict=True))
    placed = scanned(plan, cells)
    placed.cells[row[0]], placed.cells[row[1]] = seen(row[0], "Z", 0.6), seen(row[1], "Z", 0.6)
    repair(placed)
    assert {name for name, cell in placed.cells.items() if cell.flags} == set(row)


def test_ink_that_the_sums_do_not_pin_down_stays_unread() -> None:
    plan = form("2021")
    names = plan.table("remedies").rows[0].place_ids[:2]
    total = plan.table("remedies").rows[0].place_ids[-1]
    cells = quiet(plan)
    placed = scanned(plan, cells | {names[0]: Decimal(5), total: (cells[total] or Decimal(0)) + 5})
    for name in names:
        placed.cells[name] = seen(name, "Z", 0.4)
    repair(placed)
    assert [placed.cells[name].value for name in names] == [None, None]
    assert all("not_a_number" in placed.cells[name].flags for name in names)


def test_ink_is_read_by_the_sums_though_a_table_is_missing() -> None:
    plan = form("2021")
    cells = quiet(plan)
    name = f"{ROW}.natural_person"
    placed = scanned(plan, {name: value for name, value in cells.items() if name.startswith("applications.")})
    placed.cells[name] = seen(name, "Z", 0.4)
    repair(placed)
    assert placed.cells[name].value == cells[name]


@pytest.mark.parametrize(
    ("read", "marks", "value"), [("一", 0, None), ("-.", 0, None), ("1", 1, None), ("1", 0, 0), ("8", 1, 0)]
)
def test_a_mark_misread_is_never_made_a_0(read: str, marks: int, value: int | None) -> None:
    """The sums hold with a 0 and with a blank; that a document prints many noughts does not say which this is."""
    plan = form("2021")
    placed = scanned(plan, {name: Decimal(0) for name in plan.places})
    placed.cells[f"{ROW}.enterprise"] = seen(f"{ROW}.enterprise", read, 0.6)
    if marks:
        mark = placed.cells[f"{ROW}.research"]
        placed.cells[mark.id] = replace(mark, value=None, raw="/", state=CellState.MARK)
    repair(placed)
    cell = placed.cells[f"{ROW}.enterprise"]
    assert (cell.value, cell.raw) == (value, read)
    assert "repaired" in cell.flags


def test_a_blank_stays_blank_whatever_the_sums_ask_unless_recognition_saw_something_there() -> None:
    plan = form("2021")
    name = f"{ROW}.natural_person"
    printed = quiet(plan)
    asked = printed[name]
    assert asked
    for also, value in (((), None), ((str(asked),), asked)):
        placed = scanned(plan, printed)
        placed.cells[name] = seen(name, "", 0.6, also)
        repair(placed)
        assert placed.cells[name].value == value
        assert name in doubted(plan, placed)


def test_what_is_no_number_in_the_text_of_a_document_is_not_read_by_the_sums() -> None:
    """A page may be text with one table as a picture: what the agency itself printed is not put right."""
    plan = form("2021")
    name = f"{ROW}.natural_person"
    placed = scanned(plan, quiet(plan))
    placed.cells[name] = replace(seen(name, "无"), locator={"table": 2, "row": 3, "col": 4})
    repair(placed)
    assert (placed.cells[name].value, placed.cells[name].flags) == (None, ("not_a_number",))


def test_cells_of_another_form_in_a_document_that_mixes_them_stay_as_read() -> None:
    plan = form("2021")
    placed = scanned(plan, quiet(plan))
    other = "applications.result.other.all.total"
    placed.cells |= {other: seen(other, "7"), f"{ROW}.total": seen(f"{ROW}.total", "x", 0.2)}
    repair(placed)
    assert (placed.cells[other].value, placed.cells[other].flags) == (7, ())
    assert placed.cells[f"{ROW}.total"].value == quiet(plan)[f"{ROW}.total"]


@pytest.mark.parametrize(
    ("plan", "name", "raw", "value", "also", "kept"),
    [
        ("2019", "proactive.procurement.amount", "84.75", "84.75", "34084.75万元", False),
        ("2019", "proactive.procurement.amount", "84.75", "84.75", "34084.75", False),
        ("2019", "proactive.procurement.amount", "84.75", "84.75", "84.15", True),
        ("2019", "proactive.admin_penalty.decided", "9832", "9832", "98325", False),
        ("2019", "proactive.admin_penalty.decided", "98325", "98325", "9832", True),
        ("2019", "proactive.admin_penalty.decided", "3819811", "3819811", "38198611", False),
        ("2019", "proactive.admin_penalty.decided", "9832", "9832", "28325", True),
        ("2019", "proactive.admin_penalty.items_change", "2", "2", "减28", False),
        ("2019", "proactive.admin_penalty.items_change", "12", "12", "减12", False),
        ("2019", "proactive.admin_penalty.items_change", "4", "4", "增4", True),
        ("2019", "proactive.admin_penalty.items_change", "0", "0", "-0", True),
        ("2021", "proactive.admin_fee.amount", "0491.9", "491.9", "M0491.9", False),
        ("2021", "proactive.admin_fee.amount", "0.9", "0.9", "6.9", True),
    ],
)
def test_a_figure_that_is_a_piece_of_what_is_printed_has_no_value(
    plan: str, name: str, raw: str, value: str, also: str, *, kept: bool
) -> None:
    """Its unit, more digits or a minus were seen by another reading, or it begins with a 0 as no figure does."""
    unit = ("unit_missing",) if name.startswith("proactive.procurement") else ()
    locator = {"page": 1, "confidence": 0.5, "also": [also]}
    placed = scanned(form(plan), quiet(form(plan)))
    cell = replace(seen(name, raw, 0.5), value=Decimal(value), locator=locator, flags=(*unit, "low_confidence"))
    placed.cells[name] = cell
    if unit:
        placed.findings.append(finding("unit_missing", cells=(name,), found=raw, cell=name, label=name))
    repair(placed)
    assert (placed.cells[name].value, placed.cells[name].raw) == (Decimal(value) if kept else None, raw)
    doubts = [said.code for said in placed.findings if said.cells == (name,) and said.severity is Severity.WARNING]
    assert doubts == (["low_confidence"] if kept else ["not_a_number"])


def test_a_cell_without_sums_is_only_doubted() -> None:
    plan = form("2021")
    placed = scanned(plan, quiet(plan))
    name = "proactive.admin_license.decided"
    placed.cells[name] = Cell(
        id=name, value=Decimal(17), raw="17", state=CellState.PRINTED, locator={"confidence": 0.6}
    )
    repair(placed)
    assert (placed.cells[name].value, placed.cells[name].flags) == (Decimal(17), ("low_confidence",))
    assert [(found.code, found.cells) for found in placed.findings] == [("low_confidence", (name,))]


def test_slips_have_their_costs() -> None:
    assert slip_cost("8", "3") == slip_cost("17", "7") == slip_cost("10", "100") == slip_cost("", "1") == 1
    assert slip_cost("4", "9") == 2
    assert slip_cost("425", "45") == 3
    assert (
        slip_cost("12", "71") == slip_cost("12", "12") == slip_cost("", "17") == slip_cost("1234", "12") == IMPOSSIBLE
    )


def candidates(read: str) -> range:
    """Every count of a length that one slip can make of it."""
    return range(10 ** (len(read) + 1))


@given(read=st.text("0123456789", min_size=1, max_size=3))
@settings(max_examples=15, deadline=None)
def test_all_that_is_one_slip_away_is_possible_and_nothing_else(read: str) -> None:
    near = set(digit_confusions(read))
    assert near == {value for value in candidates(read) if slip_cost(read, str(value)) < IMPOSSIBLE}
