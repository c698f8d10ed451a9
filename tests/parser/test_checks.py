"""The form's identities in every column and row, the domain of its cells, and units that look mixed up."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from archive.forms.loader import form, load_forms
from archive.forms.model import Form
from archive.parser.checks import _converted, check_cells
from storage.records import Cell, CellState, Finding, Section
from tests.adding_up import adding_up

FORMS = pytest.mark.parametrize("plan", load_forms(), ids=lambda plan: plan.name)
APPLICANTS = ("natural_person", "enterprise", "research", "public_welfare", "legal_service", "other_org")
COUNTY = ["测试县司法局"]


def cells_of(values: dict[str, Decimal | None]) -> dict[str, Cell]:
    return {
        name: Cell(id=name, value=value, raw="" if value is None else f"{value:f}", state=_state(value))
        for name, value in values.items()
    }


def _state(value: Decimal | None) -> CellState:
    return CellState.BLANK if value is None else CellState.PRINTED


def ordinary(plan: Form) -> dict[str, Decimal | None]:
    return adding_up(plan, random.Random(4), 50, 0.5)


def broken(found: list[Finding]) -> Counter[str]:
    return Counter(said.zh.split(" ")[0] for said in found if said.code == "identity_broken")


@FORMS
def test_the_form_files_hold_every_identity(plan: Form) -> None:
    """The sums of the form, per column and per row."""
    rows = [row.id for row in plan.table("applications").rows]
    results = [row for row in rows if ".result." in row and row != "applications.result.total"]
    sides = {(rule.code, rule.left, rule.right) for rule in plan.identities}
    wanted: set[tuple[str, tuple[str, ...], tuple[str, ...]]] = set()
    for column in (*APPLICANTS, "total"):
        both = (f"applications.received.{column}", f"applications.carried_in.{column}")
        ends = (f"applications.result.total.{column}", f"applications.carried_out.{column}")
        wanted.add(("I1", both, ends))
        wanted.add(("I3", ends[:1], tuple(f"{row}.{column}" for row in results)))
    for row in rows:
        wanted.add(("I2", (f"{row}.total",), tuple(f"{row}.{column}" for column in APPLICANTS)))
    for block in ("review", "litigation.direct", "litigation.after_review"):
        parts = tuple(f"{block}.{column}" for column in ("upheld", "corrected", "other", "pending"))
        wanted.add(("I4", (f"{block}.total",), parts))
    assert sides == wanted
    assert len(results) == (21 if plan.name == "2021" else 19)


@FORMS
def test_a_form_that_adds_up_has_no_findings(plan: Form) -> None:
    assert check_cells(plan, cells_of(ordinary(plan)), COUNTY) == []


@FORMS
def test_every_cell_of_the_sums_is_checked(plan: Form) -> None:
    values = ordinary(plan)
    for name in values:
        if name.startswith("proactive."):
            continue
        table, row = plan.places[name].table, name.rpartition(".")[0]
        changed = {**values, name: (values[name] or Decimal(0)) + 1}
        codes = broken(check_cells(plan, cells_of(changed)))
        if table == "remedies":
            assert codes == {"I4": 1}
        elif row == "applications.result.total":
            assert codes == {"I1": 1, "I2": 1, "I3": 1}
        elif ".result." in row:
            assert codes == {"I2": 1, "I3": 1}
        else:
            assert codes == {"I1": 1, "I2": 1}


def test_a_broken_sum_gives_both_sides_and_its_cells() -> None:
    plan = form("2021")
    values = {**ordinary(plan), **dict.fromkeys(plan.table("remedies").rows[0].place_ids, Decimal(2))}
    [said] = check_cells(plan, cells_of(values))
    assert (said.code, said.expected, said.found) == ("identity_broken", "8", "2")
    assert said.cells[0] == "review.total"
    assert len(said.cells) == 5
    assert said.zh
    assert said.en


def test_blank_is_0_only_beside_a_number_and_unreadable_is_unknown() -> None:
    plan = form("2021")
    row = plan.table("remedies").rows[0].place_ids
    values: dict[str, Decimal | None] = {**ordinary(plan), **dict.fromkeys(row)}
    assert check_cells(plan, cells_of(values)) == []
    values["review.total"] = Decimal(3)
    assert check_cells(plan, cells_of(values)) == []  # only the total is printed: the parts are not known
    values["review.upheld"] = Decimal(2)
    assert broken(check_cells(plan, cells_of(values))) == {"I4": 1}
    cells = cells_of(values)
    cells["review.corrected"] = replace(cells["review.corrected"], raw="一", state=CellState.PRINTED)
    assert check_cells(plan, cells) == []
    del cells["review.corrected"]
    assert check_cells(plan, cells) == []


def test_counts_are_not_negative_but_changes_may_be() -> None:
    plan = form("2019")
    values = ordinary(plan)
    values["proactive.admin_license.items_change"] = Decimal(-3)
    assert check_cells(plan, cells_of(values)) == []
    values["proactive.admin_license.decided"] = Decimal(-3)
    [said] = check_cells(plan, cells_of(values))
    assert (said.code, said.cells, said.found) == ("negative_count", ("proactive.admin_license.decided",), "-3")


@pytest.mark.parametrize(
    ("body", "told"),
    [("测试县司法局", True), ("测试县人民政府", True), ("测试市人民政府", False), ("测试省财政厅", False), ("", False)],
)
def test_rules_of_bodies_that_make_none(body: str, told: bool) -> None:
    plan = form("2021")
    values = {**ordinary(plan), "proactive.rules.issued": Decimal(1)}
    found = check_cells(plan, cells_of(values), [body] if body else [])
    assert [said.code for said in found] == (["rules_by_other_body"] if told else [])


# ------------------------------------------------------------------------------------------------------------- units


def fees(amount: str, text: str = "", agencies: list[str] = COUNTY, flags: tuple[str, ...] = ()) -> list[Finding]:
    plan = form("2021")
    cells = cells_of({**ordinary(plan), "proactive.admin_fee.amount": Decimal(amount)})
    cells["proactive.admin_fee.amount"] = replace(cells["proactive.admin_fee.amount"], flags=flags)
    return check_cells(plan, cells, agencies, [Section(heading="一、总体情况", key="overview", text=text)])


def test_fees_beyond_all_reason_are_doubted() -> None:
    [said] = fees("4166241.6")
    assert (said.code, said.cells) == ("unit_doubt", ("proactive.admin_fee.amount",))
    assert (said.expected, said.found) == ("≤ 100000", "4166241.6")
    assert fees("99999.99") == []
    assert fees("4166241.6", agencies=["测试省人民政府"]) == []
    assert fees("4166241.6", agencies=[]) == []
    assert [said.code for said in fees("416624161", agencies=[])] == ["unit_doubt"]


def test_the_text_gives_the_same_digits_in_another_unit() -> None:
    [said] = fees("35.2", "全年行政事业性收费35.2元。")
    assert (said.code, said.expected, said.found) == ("unit_doubt", "35.2元", "35.2万元")
    [said] = fees("352000", "全年行政事业性收费 35.2 万元。", ["测试省人民政府"])
    assert said.expected == "35.2万元"
    assert fees("35.2", "全年行政事业性收费35.2万元。") == []
    assert fees("35.2", "全年行政事业性收费352000元，其中诉讼收费35.2元。") == []
    assert fees("35.2", "全年行政事业性收费12元。") == []
    assert fees("35.2", "采购电脑35.2元。") == []
    assert fees("0", "未收费，0元。") == []


def test_a_column_in_another_unit_than_the_forms() -> None:
    [said] = fees("35.2", flags=("unit_converted",))
    assert (said.code, said.expected) == ("unit_doubt", "万元")


@pytest.mark.parametrize(
    ("raw", "value", "unit"), [("499.85", "0.049985", "元"), ("4,998.5元", "0.49985", "元"), ("3", "30000", "亿元")]
)
def test_what_was_converted_is_told_with_both_units_and_both_figures(raw: str, value: str, unit: str) -> None:
    cell = Cell(id="a.b", value=Decimal(value), state=CellState.PRINTED, raw=raw, locator={})
    said = _converted("a.b", cell, "万元")
    for sentence in (said.zh, said.en):
        assert raw in sentence
        assert f"{value} 万元" in sentence
        assert f"{unit}" in sentence.replace("万元", "")


def test_procurement_without_a_unit_against_the_text() -> None:
    plan = form("2019")
    cells = cells_of({**ordinary(plan), "proactive.procurement.amount": Decimal("52.15")})
    part = Section(heading="", key="overview", text="政府集中采购金额52.15万元。")
    [said] = check_cells(plan, cells, COUNTY, [part])
    assert (said.code, said.expected, said.found) == ("unit_doubt", "52.15万元", "52.15元")


# ---------------------------------------------------------------------------------------------------- between the years


@FORMS
def test_links_between_years_are_in_the_form_files(plan: Form) -> None:
    firm = [link for link in plan.links if link.firm]
    assert {link.code for link in firm} == {"Y1"}
    assert {(link.now, link.before) for link in firm} == {
        (((f"applications.carried_in.{c}", 1),), ((f"applications.carried_out.{c}", 1),))
        for c in (*APPLICANTS, "total")
    }
    signals = {link.code for link in plan.links if not link.firm}
    assert signals == ({"Y2"} if plan.name == "2021" else {"Y3"})
