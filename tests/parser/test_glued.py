"""Digits that ran together: what the sums leave one answer for is right; the rest has no value and is told."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from archive.documents.pages import GridCell, Pages, Paragraph, Table
from archive.forms.loader import form, load_forms
from archive.forms.model import Form
from archive.parser.glued_cuts import Cut, CutRules, agreeing, number_of, row_cuts, strip_cuts
from archive.parser.glued_text import rows_in, running
from archive.parser.reader import read, read_pages_to_reading
from storage.records import CellState, Reading
from tests import form_rendering as render
from tests.adding_up import adding_up, glued, report

FORMS = pytest.mark.parametrize("plan", load_forms(), ids=lambda plan: plan.name)
MODEST = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
SEEDS = st.integers(0, 2**32)
SEVEN = CutRules(("count",) * 7, True, False)


def values(reading: Reading) -> dict[str, Decimal]:
    return {name: cell.value for name, cell in reading.cells.items() if cell.value is not None}


# ------------------------------------------------------------------------------------------------------ one string


def all_cuts(text: str, columns: int, *, blanks: bool) -> Iterator[Cut]:
    """Every way to cut a text into numbers, the slow way."""
    if columns == 0:
        if not text:
            yield ()
        return
    for size in range(0 if blanks else 1, len(text) + 1):
        piece = text[:size]
        if len(piece) < 2 or piece[0] != "0":
            for rest in all_cuts(text[size:], columns - 1, blanks=blanks):
                yield (piece, *rest)


@MODEST
@given(text=st.text("01239", min_size=4, max_size=9), blanks=st.booleans())
def test_all_ways_to_cut_a_row_are_found(text: str, blanks: bool) -> None:
    found = row_cuts((text,), CutRules(("count",) * 4, True, blanks))
    slowly = {
        cut
        for cut in all_cuts(text, 4, blanks=blanks)
        if cut[-1] and sum(map(number_of, cut[:-1])) == number_of(cut[-1])
    }
    assert found is not None
    assert set(found) == slowly
    assert len(found) == len(slowly)


@MODEST
@given(text=st.text("0129", min_size=3, max_size=8), blanks=st.booleans())
def test_a_row_without_a_sum_can_be_cut_anywhere(text: str, blanks: bool) -> None:
    found = row_cuts((text,), CutRules(("count",) * 3, False, blanks))
    assert found is not None
    assert set(found) == set(all_cuts(text, 3, blanks=blanks))


def test_the_row_of_pingtan() -> None:
    assert row_cuts(("15130000154",), SEVEN) == [("151", "3", "0", "0", "0", "0", "154")]


def test_what_stands_apart_stays_apart() -> None:
    assert row_cuts(("230", "000023"), SEVEN) == [("23", "0", "0", "0", "0", "0", "23")]
    assert row_cuts(("12", "1"), CutRules(("count",) * 2, True, False)) == []


def test_three_blocks_with_a_sum_each() -> None:
    assert strip_cuts(("25380363300630003",), 3, 5, blanks=False) == [
        ("25", "3", "8", "0", "36", "3", "3", "0", "0", "6", "3", "0", "0", "0", "3")
    ]


def test_a_sign_tells_where_a_change_begins() -> None:
    kinds = ("stock", "signed_count", "count")
    cuts = row_cuts(("2648-18538",), CutRules(kinds, False, False))
    assert cuts is not None
    assert {cut[0] for cut in cuts} == {"2648"}
    assert len({cut[1] for cut in cuts}) > 1


@pytest.mark.parametrize("text", ["1" * 70, "10" * 35, "123456789" * 7, "1" * 71, "0" * 70])
def test_hostile_strings_are_given_up_not_gone_through(text: str) -> None:
    found = row_cuts((text,), SEVEN)
    assert found is None or len(found) <= 3001
    assert strip_cuts((text + text,), 3, 5, blanks=True) in (None, [])


# -------------------------------------------------------------------------------------------- rows against each other


@MODEST
@given(chance=st.randoms(use_true_random=False))
def test_no_cut_that_can_be_is_ruled_out(chance: random.Random) -> None:
    def cuts() -> list[Cut]:
        return list({tuple(str(chance.randint(0, 3)) for _ in range(2)) for _ in range(chance.randint(1, 4))})

    rows = {name: cuts() for name in ("in", "old", "total", "out", "a", "b")}
    sums = [(("in", "old"), ("total", "out")), (("total",), ("a", "b"))]
    kept = agreeing(rows, sums)
    assert kept is not None
    for chosen in product(*rows.values()):
        of = dict(zip(rows, chosen, strict=True))
        if all(
            sum(int(of[name][at]) for name in one) == sum(int(of[name][at]) for name in other)
            for one, other in sums
            for at in range(2)
        ):
            assert all(of[name] in kept[name] for name in rows)


def test_columns_tell_what_a_row_alone_cannot() -> None:
    two_ways = [("3", "30", "33"), ("33", "0", "33")]
    rows = {"all": [("34", "0", "34")], "a": two_ways, "b": [("1", "0", "1")]}
    assert agreeing(rows, [(("all",), ("a", "b"))]) == {**rows, "a": [("33", "0", "33")]}


# ---------------------------------------------------------------------------------------------------- whole documents


@FORMS
@MODEST
@given(seed=SEEDS)
def test_a_glued_report_is_read_right_or_not_at_all(plan: Form, seed: int) -> None:
    chance = random.Random(seed)
    cells = adding_up(plan, chance, chance.choice([9, 60, 3000]), chance.choice([0.2, 0.7, 0.9]))
    reading = read(report(plan, cells))
    assert reading.is_report
    assert reading.form == plan.name
    assert {name: value for name, value in values(reading).items() if value != cells[name]} == {}
    without = {name for name in cells if name not in values(reading)}
    assert without <= render.told(reading)


@FORMS
def test_most_of_an_ordinary_report_is_cut(plan: Form) -> None:
    cells = adding_up(plan, random.Random(7), 40, 0.85)
    reading = read(report(plan, cells))
    summed = [name for name in cells if not name.startswith("proactive.")]
    right = [name for name in summed if values(reading).get(name) == cells[name]]
    assert len(right) >= 0.95 * len(summed)
    assert all("cut_by_sums" in reading.cells[name].flags for name in right)
    [said] = [found for found in reading.findings if found.code == "cut_by_sums"]
    assert set(right) <= set(said.cells)


@FORMS
@MODEST
@given(seed=SEEDS)
def test_blanks_that_vanished_make_no_lies(plan: Form, seed: int) -> None:
    chance = random.Random(seed)
    cells = adding_up(plan, chance, 40, 0.5)
    for name, value in cells.items():
        if value == 0 and not name.endswith(".total") and chance.random() < 0.6:
            cells[name] = None
    assert render.lies(read(report(plan, cells)), cells) == {}


@FORMS
@MODEST
@given(seed=SEEDS)
def test_sums_broken_in_print_make_no_lies(plan: Form, seed: int) -> None:
    chance = random.Random(seed)
    cells = adding_up(plan, chance, 40, 0.7)
    for name in chance.sample(sorted(cells), 3):
        cells[name] = Decimal(chance.randint(0, 60))
    assert render.lies(read(report(plan, cells)), cells) == {}


def test_a_row_that_can_be_cut_otherwise_has_its_candidates() -> None:
    plan = form("2021")
    cells = adding_up(plan, random.Random(3), 20, 0.9)
    for column, value in (("issued", 58), ("repealed", 45), ("in_force", 546)):
        cells[f"proactive.normative.{column}"] = Decimal(value)
    reading = read(report(plan, cells))
    cell = reading.cells["proactive.normative.issued"]
    assert (cell.value, cell.raw, cell.flags) == (None, "5845546", ("digits_glued",))
    [said] = [found for found in reading.findings if found.code == "digits_glued"]
    assert "58|45|546" in (said.found or "")
    assert set(said.cells) >= {f"proactive.normative.{column}" for column in ("issued", "repealed", "in_force")}


def test_a_row_that_no_sum_goes_over_is_not_cut() -> None:
    """15 in a row of two columns may be 1 and 5, or one figure whose neighbour was lost."""
    plan = form("2019")
    reading = read(
        "\n".join([render.TITLE, "二、主动公开政府信息情况", "第二十条第（一）项", "规章 000", "规范性文件 102",
                   "第二十条第（五）项", "行政许可 000", "其他对外管理服务事项 000", "第二十条第（六）项",
                   "行政处罚 000", "行政强制 000", "第二十条第（九）项", "政府集中采购 15", "三、其他"]).encode()
    )  # fmt: skip
    found = values(reading)
    assert found["proactive.rules.made"] == 0
    assert not [name for name in found if name.startswith(("proactive.procurement.", "proactive.normative."))]
    assert any(told.code == "digits_glued" for told in reading.findings), plan.name


def test_a_row_that_no_sum_goes_over_is_cut_where_it_is_surely_of_several_figures() -> None:
    """No figure begins with 0."""
    reading = read(
        "\n".join([render.TITLE, "二、主动公开政府信息情况", "第二十条第（一）项", "规章 000", "规范性文件 007",
                   "第二十条第（五）项", "行政许可 000", "其他对外管理服务事项 000", "第二十条第（六）项",
                   "行政处罚 000", "行政强制 000", "第二十条第（九）项", "政府集中采购 00", "三、其他"]).encode()
    )  # fmt: skip
    found = values(reading)
    assert [found[name] for name in form("2019").ids if name.startswith("proactive.normative.")] == [0, 0, 7]


def test_figures_that_stand_apart_in_a_row_without_a_sum_are_not_joined() -> None:
    """Recognition reads rulings as 1: joined with the fee between them they would be another fee."""
    plan = form("2021")
    cells = adding_up(plan, random.Random(3), 20, 0.9)
    name = "proactive.admin_fee.amount"
    cells[name] = Decimal("13.9518")
    text = report(plan, cells).decode()
    assert text.count("13.9518") == 1
    reading = read(text.replace("13.9518", " 1 13.9518 1").encode())
    assert (reading.cells[name].value, reading.cells[name].flags) == (None, ("digits_glued",))
    assert not [said for said in reading.findings if said.code == "cut_by_sums" and name in said.cells]


def test_the_number_of_the_next_label_is_no_digit_of_the_row() -> None:
    plan = form("2021")
    cells = adding_up(plan, random.Random(5), 30, 0.8)
    text = glued(plan, cells)
    for old, new in (("2.其他法律", "2其他法律"), ("3.危及", "3、危及"), ("4.保护", "4 . 保护")):
        text = text.replace(old, new)
    reading = read(report(plan, cells).decode().replace(glued(plan, cells), text).encode())
    assert {name: value for name, value in values(reading).items() if value != cells[name]} == {}
    assert "applications.result.denied.state_secret.total" in values(reading)


def test_one_glued_row_in_a_table_that_is_sound() -> None:
    """A converter merged the cells of one row: its figure is none of a single column."""
    plan = form("2021")
    cells = adding_up(plan, random.Random(11), 30, 0.6)
    row = plan.table("applications").rows[0]
    joined = "".join(str(cells[name]) for name in row.place_ids)

    def merge(table: Table) -> list[Table]:
        first = next((cell for cell in table.cells if cell.text.startswith("一、本年新收")), None)
        if first is None:
            return [table]
        own = [cell for cell in table.cells if cell.row == first.row and cell.col > first.col]
        begin = max(cell.col for cell in table.cells if cell.row == first.row) - len(row.place_ids) + 1
        kept = tuple(cell for cell in table.cells if cell not in own or cell.col < begin)
        one = GridCell(row=first.row, col=begin, colspan=len(row.place_ids), text=joined)
        return [Table(cells=(*kept, one), rows=table.rows, cols=table.cols, ruled=table.ruled)]

    reading = read_pages_to_reading(render.as_pages(render.tables_of(plan, cells), merge), "0" * 64)
    assert {name: reading.cells[name].value for name in row.place_ids} == {name: cells[name] for name in row.place_ids}
    assert all("cut_by_sums" in reading.cells[name].flags for name in row.place_ids)
    assert "merged_value" not in {found.code for found in reading.findings}


def test_news_that_names_the_rows_is_no_table() -> None:
    text = (
        "本年新收政府信息公开申请数量12件，上年结转政府信息公开申请数量3件，予以公开5件，部分公开2件，"
        "行政许可120件，行政处罚30件，行政强制0件，结转下年度继续办理1件。"
    )
    reading = read_pages_to_reading(Pages(kind="text", blocks=(Paragraph(text=text * 3),)), "0" * 64)
    assert reading.cells == {}


@FORMS
def test_rows_that_the_sums_placed_are_not_told_as_without_a_value(plan: Form) -> None:
    """Headings that stand in no order of the form's, as above columns of unlike height, contradict their figures."""
    cells = adding_up(plan, random.Random(4), zeros=0.3)
    table = plan.table("applications")
    heads = [column.label for column in table.columns]
    lines = [
        "测试县司法局2023年政府信息公开工作年度报告",
        "一、总体情况",
        "我局工作。",
        "三、收到和处理政府信息公开申请情况",
    ]
    lines += ["   ".join(heads[at] for at in order) for order in ((3, 4, 6), (0, 1, 2, 5))]
    lines += [f"{row.label}   " + "   ".join(f"{cells[name]:f}" for name in row.place_ids) for row in table.rows]
    reading = read("\n".join([*lines, "五、存在的主要问题及改进情况", "无。"]).encode())
    for row in table.rows:
        assert [reading.cells[name].value for name in row.place_ids] == [cells[name] for name in row.place_ids]
    assert "count_mismatch" not in {found.code for found in reading.findings}


def test_the_short_labels_of_the_applications_are_known_in_running_text() -> None:
    plan = form("2021")
    labels = [row.label for row in plan.tables[1].rows]
    short = ["一、本年新收申请数", "二、上年结转申请数", *labels[2:]]
    words = " ".join(f"{label} 2 0 0 0 0 0 2" for label in short)
    found = rows_in(running(Pages(kind="text", blocks=(Paragraph(text=words),))), plan)
    assert [row.plan.label for row in found] == labels


SENTENCES = [
    "我局行政许可16项,较2018年减少1项;行政处罚30项;行政强制1项;行政事业性收费1项;政府集中采购36项,采购总金额293.3884万元。",
    "公开行政许可16项和行政处罚30项以及行政强制1项、行政事业性收费1项及政府集中采购36项。",
    "公开行政许可16项（减少1项），行政处罚30项（新增2项），行政强制1项（持平），行政事业性收费1项（同上），政府集中采购36项。",
    "本年新收政府信息公开申请数量9，上年结转政府信息公开申请数量0，予以公开2，部分公开1，总计9。",
    "全年共发放款物总计1040万元。",
    "全年共接待群众总计1040人次。",
    "本年新收政府信息公开申请数量为9件，予以公开的总计9",
]


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("beside", [False, True])
def test_a_sentence_that_counts_what_the_form_does_is_no_table(sentence: str, beside: bool) -> None:
    rows = [
        ("信息内容", "上一年项目数量", "本年增/减", "处理决定数量"),
        ("行政处罚", 3, 0, 201),
        ("行政强制", 1, 0, 6),
    ]
    table = "".join("<tr>" + "".join(f"<td>{text}</td>" for text in row) + "</tr>" for row in rows)
    text = f"<h1>测试县水利局2019年政府信息公开工作年度报告</h1><p>一、总体情况</p><p>{sentence}</p>"
    reading = read(f"<html><body>{text}{f'<table>{table}</table>' if beside else ''}</body></html>".encode())
    assert len(reading.cells) == 6 * beside
    assert "digits_glued" not in {found.code for found in reading.findings}


@pytest.mark.parametrize("figures", ["0", "00", "0 0"])
def test_a_0_that_stands_for_the_whole_table_of_remedies_makes_none_of_its_cells_blank(figures: str) -> None:
    plan = form("2021")
    lines = render.as_tabs(render.tables_of(plan, dict.fromkeys(plan.ids, Decimal(0))), padded=False).split("\n")
    begin = lines.index(render.HEADINGS[2])
    end = next(at for at, line in enumerate(lines) if at > begin and line.startswith("五、"))
    head = "".join("".join(line.split()) for line in lines[begin + 1 : end] if not set("0\t") >= set(line))
    reading = read("\n".join([*lines[: begin + 1], head + figures, *lines[end:]]).encode())
    told = {name for found in reading.findings for name in found.cells}
    names = {name for name in plan.ids if plan.places[name].table == "remedies"}
    assert "cut_by_sums" not in {found.code for found in reading.findings}
    assert names <= told
    assert not [name for name in names if name in reading.cells and reading.cells[name].state is CellState.BLANK]
