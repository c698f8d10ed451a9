"""What the checks tell a reader: in both languages, with the figures, for the cells concerned and for no others."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from archive.forms.loader import form, load_forms
from archive.forms.model import Form
from archive.parser.arithmetic import layout
from archive.parser.checks import check_cells
from storage.records import Cell, CellState, Finding, Section, Severity
from tests.adding_up import adding_up

PLAN = form("2021")
COUNTY = ["测试县司法局"]
FEES = "proactive.admin_fee.amount"
OVERVIEW = "overview"


def cells_of(plan: Form, **values: str | int) -> dict[str, Cell]:
    """A form that adds up, but for the values given (``__`` for a point)."""
    own = {name.replace("__", "."): Decimal(value) for name, value in values.items()}
    every = adding_up(plan, random.Random(4), 50, 0.5) | own
    return {
        name: Cell(id=name, value=value, raw="" if value is None else f"{value:f}", state=CellState.PRINTED)
        for name, value in every.items()
    }


def checked(
    cells: dict[str, Cell], agencies: Sequence[str] = COUNTY, text: str = "", key: str = OVERVIEW
) -> list[Finding]:
    return check_cells(PLAN, cells, agencies, [Section(heading="", key=key, text=text)])


def told(found: Finding, *words: str) -> None:
    """Both sentences say all of it, and it is a warning."""
    assert found.severity is Severity.WARNING
    for sentence in (found.zh, found.en):
        assert [word for word in words if word not in sentence] == []


def test_a_broken_sum_of_a_row_names_the_row_and_one_of_a_column_the_column() -> None:
    cells = cells_of(PLAN, applications__result__granted__total=999)
    row, column = sorted(checked(cells), key=lambda said: said.en)
    assert (row.en.split()[0], column.en.split()[0]) == ("I2", "I3")
    told(row, "999", str(row.expected))
    told(column, str(column.found), str(column.expected))
    assert "（总计）：（七）总计等于各项办理结果之和" in column.zh
    assert column.en.startswith("I3 does not hold for total (the total of results is the sum of all results): ")
    assert "（三、本年度办理结果 / （一）予以公开）" in row.zh
    assert row.en.startswith("I2 does not hold for applications.result.granted ")


def test_a_broken_sum_concerns_its_total_and_the_parts_that_have_a_number() -> None:
    """The parts that say 0 explain nothing."""
    cells = cells_of(PLAN, review__upheld=0, review__corrected=2, review__other=0, review__pending=1, review__total=8)
    [said] = checked(cells)
    assert said.cells == ("review.total", "review.corrected", "review.pending")
    assert (said.expected, said.found) == ("3", "8")


def test_a_negative_count_is_told_with_its_place() -> None:
    [said] = checked(cells_of(PLAN, proactive__admin_license__decided=-3))
    place = PLAN.places["proactive.admin_license.decided"]
    assert (said.code, said.expected, said.found) == ("negative_count", "≥ 0", "-3")
    told(said, "-3")
    assert place.row.label in said.zh
    assert place.column.label in said.zh
    assert place.id in said.en


def test_a_zero_with_a_sign_and_cells_of_another_form_are_not_negative_counts() -> None:
    cells = cells_of(PLAN)
    cells["proactive.admin_license.decided"] = replace(cells["proactive.admin_license.decided"], value=Decimal("-0"))
    cells["of.another_form"] = replace(cells["review.total"], id="of.another_form", value=Decimal(-1))
    assert checked(cells) == []


def test_every_negative_count_is_told() -> None:
    names = ("proactive.admin_license.decided", "proactive.normative.issued")
    cells = cells_of(PLAN, **{name.replace(".", "__"): -1 for name in names})
    assert {said.cells for said in checked(cells)} == {(name,) for name in names}


@pytest.mark.parametrize(
    "body",
    [
        "测试县司法局",
        "测试县人民政府",
        "测试区人民政府",
        "测试镇人民政府",
        "测试街道办事处",
        "测试县发展和改革委员会",
        "测试旗",
    ],
)
def test_bodies_that_make_no_rules(body: str) -> None:
    [said] = checked(cells_of(PLAN, proactive__rules__issued=2, proactive__rules__in_force=7), [body])
    assert (said.code, said.expected, said.found) == ("rules_by_other_body", "0", "2, 7")
    assert said.cells == ("proactive.rules.issued", "proactive.rules.in_force")
    told(said, body, "规章")


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("2023年，我镇公开信息10条。", "我镇"),
        ("根据我縣实际，本部门公开信息10条。", "我县"),
        ("2025年，区城乡建设局聚焦中心工作，全区公开信息10条。", "区城乡建设局"),
        ("一年来成效明显。\n县水利局公开信息10条。", "县水利局"),
        ("我市公开信息10条。我镇工作先进。", ""),
        ("2025年，市城乡建设局聚焦中心工作。", ""),
        ("我局公开信息10条。", ""),
        ("区级财政局公开信息10条。县区各局公开信息10条。", ""),
        ("2025年，区城乡建设局聚焦中心工作，居全市第一。", ""),
        ("对县水利局和镇街通报。", ""),
    ],
)
def test_the_text_tells_a_body_that_makes_no_rules_where_none_is_named(text: str, body: str) -> None:
    cells = cells_of(PLAN, proactive__rules__issued=2)
    parts = [Section(heading="一、总体情况", key="overview", text=text)]
    assert [(said.code, said.zh.startswith(body)) for said in check_cells(PLAN, cells, [], parts)] == (
        [("rules_by_other_body", True)] if body else []
    )
    assert check_cells(PLAN, cells, ["测试市人民政府"], parts) == []


@pytest.mark.parametrize("body", ["国家税务总局", "国家发展和改革委员会", "国务院台湾事务办公室", "中国气象局"])
def test_bodies_of_the_state_council_make_rules_and_their_branches_none(body: str) -> None:
    cells = cells_of(PLAN, proactive__rules__issued=2)
    assert checked(cells, [body]) == []
    assert [said.code for said in checked(cells, [f"{body}测试县分局"])] == ["rules_by_other_body"]


@pytest.mark.parametrize("agencies", [["测试县司法局", "测试市人民政府"], ["测试省人民政府办公厅"], ["司法部"], []])
def test_bodies_that_may_make_rules_or_are_not_known(agencies: list[str]) -> None:
    assert checked(cells_of(PLAN, proactive__rules__issued=2), agencies) == []


# ------------------------------------------------------------------------------------------------------------- amounts


def fees(amount: str, text: str = "", key: str = OVERVIEW, agencies: Sequence[str] = COUNTY) -> list[Finding]:
    return checked(cells_of(PLAN, proactive__admin_fee__amount=amount), agencies, text, key)


def test_what_is_said_of_amounts_names_the_figure_and_the_cell() -> None:
    for said, words in [
        (fees("35.2", "行政事业性收费35.2元。")[0], ["35.2"]),
        (fees("4166241.6")[0], ["4166241.6"]),
    ]:
        assert said.cells == (FEES,)
        assert ("单位可能有误" in said.zh) == ("the unit may be wrong" in said.en)
        told(said, *words)
    cell = cells_of(PLAN, proactive__admin_fee__amount="35.2")
    cell[FEES] = replace(cell[FEES], flags=("unit_converted",), raw="352000元")
    [said] = checked(cell)
    assert said.cells == (FEES,)
    assert said.found == "352000元"
    told(said, "352000元", "万元")


def test_a_negative_amount_says_nothing_of_the_unit() -> None:
    cells = cells_of(PLAN, proactive__admin_fee__amount="-35.2")
    cells[FEES] = replace(cells[FEES], flags=("unit_converted",))
    assert [said.code for said in checked(cells, text="行政事业性收费35.2元。")] == ["negative_count"]


def test_the_text_is_held_against_a_converted_amount_first() -> None:
    cells = cells_of(PLAN, proactive__admin_fee__amount="35.2")
    cells[FEES] = replace(cells[FEES], flags=("unit_converted",))
    [said] = checked(cells, text="行政事业性收费35.2元。")
    assert (said.expected, said.found) == ("35.2元", "35.2万元")


@pytest.mark.parametrize(
    ("amount", "agencies", "most"),
    [
        ("100000", COUNTY, None),
        ("100000.01", COUNTY, "≤ 100000"),
        ("100000.01", ["测试市财政厅"], None),
        ("100000.01", ["测试县司法局", "测试市财政厅"], None),  # one of the names may be the greater body's
        ("10000000", [], None),
        ("10000000.01", [], "≤ 10000000"),
    ],
)
def test_how_much_is_too_much(amount: str, agencies: list[str], most: str | None) -> None:
    assert [said.expected for said in fees(amount, agencies=agencies)] == ([] if most is None else [most])


@pytest.mark.parametrize(
    "text",
    [
        "行政事业性收费 35200 万元。",  # not a factor of 10,000
        "行政事业性收费3.52亿元。",
        "采购 35.2 元；未作其他说明。行政事业性收费见表。",
        "收到35.2元。行政事业性收费情况见表。",
        "行政事业性收费情况见表，共135.2元。",
        "行政事业性收费情况见表，共1,235.2元。",
        "行政事业性收费按每件35.2元收取。",
        "行政事业性收费标准为35.2元/件。",
        "行政事业性收费 1.35.2 元。",
    ],
)
def test_amounts_of_something_else_say_nothing_of_the_unit(text: str) -> None:
    assert fees("35.2", text) == []


def test_the_amount_may_be_ten_thousand_times_the_tables() -> None:
    [said] = fees("35.2", "行政事业性收费35.2亿元。")
    assert (said.expected, said.found) == ("35.2亿元", "35.2万元")
    [said] = fees("0.5", "第一句。\n第二句，行政事业性收费0.5元！")
    assert said.expected == "0.5元"


def test_plans_of_the_next_year_say_nothing_of_this_one() -> None:
    assert fees("35.2", "行政事业性收费35.2元。", key="problems") == []


def test_the_same_amount_said_beside_it_settles_the_unit() -> None:
    text = "行政事业性收费35.2万元。其中诉讼收费35.2元。"
    assert fees("35.2", text) == []


def test_every_part_of_the_text_is_looked_at() -> None:
    parts = [Section(heading="", key="overview", text="无。"), Section(heading="", key="problems", text="1元。"),
             Section(heading="", key="proactive", text="行政事业性收费35.2元。")]  # fmt: skip
    [said] = check_cells(PLAN, cells_of(PLAN, proactive__admin_fee__amount="35.2"), COUNTY, parts)
    assert said.code == "unit_doubt"


# -------------------------------------------------------------------------------------------------- a form laid out


@pytest.mark.parametrize("plan", load_forms(), ids=lambda plan: plan.name)
def test_a_form_is_laid_out_once_and_another_under_its_name_by_itself(plan: Form) -> None:
    """An operator's own form may have the name of one of the house, and other sums."""
    assert layout(plan) is layout(plan)
    own = replace(plan, identities=plan.identities[:1])
    assert len(layout(plan).rules) == len(plan.identities)
    assert [rule.identity for rule in layout(own).rules] == [plan.identities[0]]
    foreign = replace(own, name="1999")
    assert [rule.identity for rule in layout(foreign).rules] == [plan.identities[0]]


def test_a_total_left_blank_beside_figures_is_told_as_blank_and_not_as_0() -> None:
    cells = cells_of(PLAN, review__upheld=2, review__corrected=0, review__other=0, review__pending=1, review__total=3)
    cells["review.total"] = replace(cells["review.total"], value=None, raw="", state=CellState.BLANK)
    (said,) = [found for found in checked(cells) if "review.total" in found.cells]
    assert (said.code, said.found, said.expected) == ("identity_broken", "", "3")
    assert (": a blank against 3," in said.en, "空白与 3" in said.zh) == (True, True)
