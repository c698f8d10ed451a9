"""Tables as offices lay them out: items side by side, captions beside their rows, a table for each block."""

from __future__ import annotations

from decimal import Decimal

import pytest

from archive.parser.reader import read
from storage.records import Reading, Severity

TITLE = "汶上县财政局2022年政府信息公开工作年度报告"
OUTCOMES = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
UNSEEN = "\u2060"
BLOCKS = ("review", "litigation.direct", "litigation.after_review")


def page(*tables: str) -> Reading:
    body = "".join(f"<p>{'　'}</p><table border=1>{table}</table>" for table in tables)
    return read(f"<meta charset=utf-8><h1>{TITLE}</h1><p>一、总体情况</p><p>无。</p>{body}".encode())


def row(*cells: object) -> str:
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def values(reading: Reading, start: str) -> list[Decimal | None]:
    return [cell.value for name, cell in reading.cells.items() if name.startswith(start)]


def flags(reading: Reading) -> set[str]:
    return {flag for cell in reading.cells.values() for flag in cell.flags}


PROACTIVE = (
    row("信息内容", "本年制发件数", "本年废止件数", "现行有效件数")
    + row("规章", 0, 0, 0)
    + row("行政规范性文件", 4, 5, 6)
    + row("信息内容", "本年处理决定数量")
    + row("行政许可", 7)
)


# ------------------------------------------------------------------------------------------------ proactive


@pytest.mark.parametrize("normative", [(4, 5, 6), ("", "", 6), ("", "", "")])
def test_a_caption_merged_over_its_rows_takes_none_of_them_away(normative: tuple[object, ...]) -> None:
    reading = page(
        '<tr><td rowspan="3">第二十条第（一）项</td>'
        + row("信息内容", "本年制发件数", "本年废止件数", "现行有效件数")[4:]
        + row("规章", 1, 2, 3)
        + row("行政规范性文件", *normative)
        + '<tr><td rowspan="2">第二十条第（五）项</td><td>信息内容</td><td colspan="3">本年处理决定数量</td></tr>'
        + '<tr><td>行政许可</td><td colspan="3">7</td></tr>'
    )
    assert values(reading, "proactive.rules.") == [1, 2, 3]
    assert values(reading, "proactive.normative.") == [figure or None for figure in normative]
    assert values(reading, "proactive.admin_license.") == [7]
    assert not flags(reading)


@pytest.mark.parametrize("rules", [(1, 2, 3), ("", "", 3), ("", "", "")])
def test_items_side_by_side_are_rows_of_their_own(rules: tuple[object, ...]) -> None:
    reading = page(
        row("信息内容", "本年制发件数", "本年废止件数", "现行有效件数", "信息内容", "本年处理决定数量")
        + row("规章", *rules, "行政许可", 7)
        + row("行政规范性文件", 4, 5, 6, "行政处罚", 8)
    )
    assert values(reading, "proactive.rules.") == [figure or None for figure in rules]
    assert values(reading, "proactive.normative.") == [4, 5, 6]
    assert values(reading, "proactive.admin_license.") + values(reading, "proactive.admin_penalty.") == [7, 8]


@pytest.mark.parametrize("figure", [12, "", "—"])
def test_an_item_beside_the_header_of_another(figure: object) -> None:
    reading = page(
        PROACTIVE
        + row("信息内容", "本年收费金额（单位：元）", "行政强制", figure)
        + row("行政事业性收费", 50000, "行政处罚", 3)
    )
    assert values(reading, "proactive.admin_coercion.") == [12 if figure == 12 else None]
    assert values(reading, "proactive.admin_fee.") == [5]
    assert values(reading, "proactive.admin_penalty.") == [3]


# ------------------------------------------------------------------------------------------------- remedies

STRIP = (
    '<tr><td colspan="5">行政复议</td><td colspan="10">行政诉讼</td></tr>'
    + "<tr>"
    + "".join(f'<td rowspan="2">{name}</td>' for name in OUTCOMES)
    + '<td colspan="5">未经复议直接起诉</td><td colspan="5">复议后起诉</td></tr>'
    + row(*OUTCOMES, *OUTCOMES)
)


def test_a_table_for_each_block_however_its_name_is_written() -> None:
    names = ("行政复议", "行政诉讼（未经\u200b复议直接起诉）", "行政诉讼（复议后\ufeff起诉）")
    reading = page(
        PROACTIVE,
        *(
            f'<tr><td colspan="5">{name}</td></tr>' + row(*OUTCOMES) + row(at, 0, 0, 0, at)
            for at, name in enumerate(names, 1)
        ),
    )
    assert [reading.cells[f"{block}.total"].value for block in BLOCKS] == [1, 2, 3]
    assert not flags(reading)


def test_blocks_below_each_other_of_which_some_are_blank() -> None:
    stacked = "".join(
        f'<tr><td colspan="5">{name}</td></tr>' + row(*OUTCOMES) + row(*figures)
        for name, figures in (
            ("行政复议", ("", "", "", "", "")),
            ("未经复议直接起诉", ("", 2, "", "", 2)),
            ("复议后起诉", ("", "", "", "", "")),
        )
    )
    reading = page(PROACTIVE, stacked)
    assert values(reading, "review.") == [None] * 5
    assert values(reading, "litigation.direct.") == [None, 2, None, None, 2]
    assert values(reading, "litigation.after_review.") == [None] * 5


@pytest.mark.parametrize("label", ["数量", "本年度", "2022年"])
def test_a_row_of_blanks_below_labelled_figures_is_none_of_the_table(label: str) -> None:
    figures = (1, 2, 3, 4, 10, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1)
    header = STRIP.replace("<tr>", "<tr><td></td>")
    reading = page(PROACTIVE, header + row(label, *figures) + row(*[""] * 17))
    assert [reading.cells[f"{block}.total"].value for block in BLOCKS] == [10, 0, 1]
    assert not flags(reading)


def test_a_block_that_is_blank_below_its_group() -> None:
    reading = page(
        PROACTIVE,
        row("类别", "", *OUTCOMES)
        + row("行政复议", "", 1, 0, 0, 0, 1)
        + f'<tr><td rowspan="2">行政诉讼</td><td>未经复议直接起诉</td>{"<td></td>" * 5}</tr>'
        + row("复议后起诉", 0, 2, 0, 0, 2),
    )
    assert [values(reading, f"{block}.")[-1] for block in BLOCKS] == [1, None, 2]
    assert len(values(reading, "litigation.direct.")) == 5


def test_names_of_blocks_with_signs_that_nobody_sees() -> None:
    stacked = "".join(
        f'<tr><td colspan="5">{UNSEEN.join(name)}</td></tr>' + row(*OUTCOMES) + row(at, 0, 0, 0, at)
        for at, name in enumerate(("行政复议", "未经复议直接起诉", "复议后起诉"), 1)
    )
    reading = page(PROACTIVE, stacked)
    assert [reading.cells[f"{block}.total"].value for block in BLOCKS] == [1, 2, 3]


def test_the_foot_of_a_table_ends_it_wherever_the_source_has_it() -> None:
    stacked = [
        f'<tr><td colspan="5">{name}</td></tr>' + row(*OUTCOMES) + row(at, 0, 0, 0, at)
        for at, name in enumerate(("行政复议", "未经复议直接起诉", "复议后起诉"), 1)
    ]
    reading = page(PROACTIVE, f"<tfoot>{stacked[2]}</tfoot><tbody>{stacked[0]}{stacked[1]}</tbody>")
    assert [reading.cells[f"{block}.total"].value for block in BLOCKS] == [1, 2, 3]
    assert reading.cells["litigation.after_review.total"].locator["row"] == 8


def test_blanks_are_no_row_where_figures_could_not_be_placed() -> None:
    reading = page(PROACTIVE, STRIP + row(*range(3, 15)) + row(*[""] * 15))
    assert {cell.flags for name, cell in reading.cells.items() if name.startswith("review")} == {("count_mismatch",)}


@pytest.mark.parametrize(
    ("first", "second", "figures"),
    [
        ("2022年", "2021年", [1, 2]),
        ("本年度", "上年度", [1, 2]),
        ("2022年", "2021年", ["", ""]),
        ("2022年", "2021年", [1, ""]),
        ("数量", "同比", [1, 2]),
    ],
)
@pytest.mark.parametrize("turn", [False, True])
def test_a_row_of_another_year_is_left_out(first: str, second: str, figures: list[object], *, turn: bool) -> None:
    this = row(first, *figures, *[0] * 12, 5)
    other = row(second, 7, 8, *[9] * 13)
    reading = page(PROACTIVE, STRIP.replace("<tr>", "<tr><td></td>") + (other + this if turn else this + other))
    wanted = [figure or None for figure in figures]
    assert [reading.cells[name].value for name in ("review.upheld", "review.corrected")] == wanted
    assert reading.cells["litigation.after_review.total"].value == 5
    assert not flags(reading)
    assert "other_years_tables" in {found.code for found in reading.findings}


# --------------------------------------------------------------------------------------------- applications

PEOPLE = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")
CORNER = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"


def applications(*rows: str) -> str:
    return row(CORNER, *PEOPLE) + "".join(rows)


def figures(at: int) -> tuple[object, ...]:
    return (at, *[0] * 5, at)


@pytest.mark.parametrize("figure", [0, 4, ""])
def test_sums_of_groups_are_no_sum_of_all(figure: object) -> None:
    reading = page(
        PROACTIVE,
        applications(
            row("一、本年新收政府信息公开申请数量", *figures(9)),
            row("（一）予以公开", *figures(1)),
            row("1.属于国家秘密", *figures(3)),
            row("合计", *[0] * 6, figure),
            row("2.没有现成信息需要另行制作", *figures(4)),
            row("合计", *figures(4)),
            row("1.信访举报投诉类申请", *figures(2)),
            row("（七）总计", *figures(9)),
        ),
    )
    assert values(reading, "applications.result.total.") == [9, 0, 0, 0, 0, 0, 9]
    assert not {f for n, c in reading.cells.items() if n.startswith("applications.result.total") for f in c.flags}


def test_blanks_above_figures_without_a_label_are_doubted() -> None:
    reading = page(
        PROACTIVE,
        applications(
            row("一、本年新收政府信息公开申请数量", *[""] * 7),
            row("", *figures(9)),
            row("（一）予以公开", *figures(1)),
            row("1.属于国家秘密", *figures(3)),
        ),
    )
    assert {cell.flags for name, cell in reading.cells.items() if ".received." in name} == {("label_doubt",)}
    assert values(reading, "applications.result.granted.")[0] == 1


# --------------------------------------------------------------------------------------------- cells


def test_a_mark_of_a_note_behind_a_figure_is_told() -> None:
    reading = page(PROACTIVE.replace("<td>7</td>", "<td>1,207*</td>").replace("<td>6</td>", "<td>６※</td>"))
    cells = [reading.cells[f"proactive.{name}"] for name in ("admin_license.decided", "normative.in_force")]
    assert [cell.value for cell in cells] == [1207, 6]
    assert {cell.flags for cell in cells} == {("remark",)}


def test_columns_are_those_of_the_header_also_below_the_remedies() -> None:
    order = (*PEOPLE[:1], "总计", *PEOPLE[1:6])
    header = row(CORNER, *order, "同比增减（%）")
    body = row("一、本年新收政府信息公开申请数量", 9, 15, 1, 2, 3, 0, 0, -12) + row("（一）予以公开", *[0] * 7, 5)
    reading = page(PROACTIVE, STRIP + row(*[0] * 15), header + body)
    assert values(reading, "applications.received.") == [9, 1, 2, 3, 0, 0, 15]
    assert not flags(reading)


def test_cells_of_unseen_signs_alone_are_blank() -> None:
    people = ("", UNSEEN, "\ufeff", *PEOPLE)
    reading = page(
        PROACTIVE,
        f'<tr><td colspan="3">{CORNER}</td><td colspan="7">申请人情况</td></tr>'
        + row(UNSEEN, UNSEEN, "\u200b", UNSEEN, "法人或其他组织", *["\ufeff"] * 5)
        + row(*people)
        + row("一、本年新收政府信息公开申请数量", UNSEEN, UNSEEN, *figures(9))
        + row("（一）予以公开", UNSEEN, UNSEEN, UNSEEN, *[0] * 6),
    )
    assert values(reading, "applications.received.") == list(figures(9))
    assert reading.cells["applications.result.granted.natural_person"].raw == ""
    assert not flags(reading)


@pytest.mark.parametrize(
    ("group", "label"),
    [("三、本年办理结果", "（一）予以公开数"), ("三、办理结果情况", "（一）同意予以公开"), ("", "（一）予已公开")],
)
def test_a_label_much_like_the_missing_one_is_taken_in_doubt(group: str, label: str) -> None:
    reading = page(
        PROACTIVE,
        applications(
            row("一、本年新收政府信息公开申请数量", *figures(9)).replace("<tr><td>", '<tr><td colspan="2">'),
            row("二、上年结转政府信息公开申请数量", *figures(2)).replace("<tr><td>", '<tr><td colspan="2">'),
            row(group, label, *figures(1)),
            row(group, "（二）部分公开", *figures(3)),
        ).replace(f"<td>{CORNER}", f'<td colspan="2">{CORNER}'),
    )
    assert values(reading, "applications.result.granted.") == list(figures(1))
    assert {c.flags for n, c in reading.cells.items() if ".granted." in n} == {("label_doubt",)}
    assert "order_only" in {found.code for found in reading.findings}


def test_a_block_that_the_remedies_do_not_print_is_told() -> None:
    reading = page(
        PROACTIVE,
        row("类别", *OUTCOMES) + row("行政复议", 1, 0, 0, 0, 1) + row("行政诉讼（未经复议直接起诉）", 0, 2, 0, 0, 2),
    )
    told = [found for found in reading.findings if found.code == "rows_missing" and found.severity is Severity.WARNING]
    assert [len(found.cells) for found in told] == [5]
    assert all(name.startswith("litigation.after_review.") for name in told[0].cells)


def test_a_sheet_saved_as_a_page_has_its_title_in_the_table() -> None:
    rows = (
        f'<tr><td colspan="4">{TITLE}</td></tr><tr><td></td><td>本报告由汶上县财政局编制。</td><td></td></tr>'
        f"<tr><td>二、主动公开政府信息情况</td><td></td><td></td><td></td></tr>{PROACTIVE}"
    )
    reading = read(f"<meta charset=utf-8><table>{rows}</table>".encode())
    assert reading.identity.titles[0] == TITLE
    assert reading.identity.statements == ("汶上县财政局",)
    assert values(reading, "proactive.admin_license.") == [7]
