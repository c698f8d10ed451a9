"""Figures of the statistical table of before 2019: taken where row, column and unit are certain, else named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from archive.documents.pages import GridCell, Pages, Paragraph, Table
from archive.forms.loader import load_forms, old_form
from archive.forms.printer import tables
from archive.parser.reader import read, read_pages_to_reading
from imitation.documents.grid import plain_table
from imitation.documents.html import page
from imitation.documents.portable import Style, pdf
from imitation.documents.sheets import xlsx
from imitation.wording import Block
from storage.records import Reading

HEAD = ("统计指标", "单位", "统计数")
FUJIAN = ("指标名称", "计量单位", "2016年度", "历年累计")
ROWS: list[tuple[str, ...]] = [
    ("一、主动公开情况", "——", "——"),
    ("（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）", "条", "120"),
    ("（一）收到申请数", "件", "5"),
    ("1.当面申请数", "件", "1"),
    ("2.传真申请数", "件", "0"),
    ("3.网络申请数", "件", "2"),
    ("4.信函申请数", "件", "2"),
    ("四、行政复议数量", "件", "3"),
    ("（一）维持具体行政行为数", "件", "1"),
    ("（二）被依法纠错数", "件", "2"),
    ("（三）其他情形数", "件", ""),
    ("五、行政诉讼数量", "件", "15"),
    ("（一）维持具体行政行为或者驳回原告诉讼请求数", "件", "6"),
    ("（二）被依法纠错数", "件", "7"),
    ("（三）其他情形数", "件", "8"),
    ("七、依申请公开信息收取的费用", "万元", "0.3"),
]
VALUES = {
    "proactive.items": "120", "applications.received": "5", "applications.in_person": "1", "applications.by_fax": "0",
    "applications.online": "2", "applications.by_letter": "2", "review": "3", "review.upheld": "1",
    "review.corrected": "2", "review.other": None, "litigation": "15", "litigation.upheld": "6",
    "litigation.corrected": "7", "litigation.other": "8", "fees": "0.3",
}  # fmt: skip
OLDER: list[tuple[str, ...]] = [
    ("主动公开文件数", "条", "69", "106"),
    ("其中：1.政府网站公开数", "条", "60", "100"),
    ("2.政府公报公开数", "条", "9", "6"),
    ("受理依申请公开信息总数", "条", "2", "7"),
    ("其中：1.当面申请数", "条", "1", "3"),
    ("3.信函、传真申请数", "条", "1", "4"),
    ("行政复议数", "件", "0", "0"),
]


def grid(rows: Sequence[Sequence[str]], *, ruled: bool = True) -> Table:
    cells = [
        GridCell(row=at, col=col, text=text, locator={"row": at, "col": col})
        for at, row in enumerate(rows)
        for col, text in enumerate(row)
    ]
    return Table(cells=tuple(cells), rows=len(rows), cols=max(map(len, rows)), ruled=ruled)


def reading(*blocks: Table | str, year: int = 2016) -> Reading:
    texts = (
        f"测试县司法局{year}年政府信息公开工作年度报告",
        "一、概述",
        f"本报告的统计期限自{year}年1月1日起至{year}年12月31日止。",
        "二、政府信息公开情况统计表",
    )
    made = [Paragraph(text=one) if isinstance(one, str) else one for one in (*texts, *blocks)]
    return read_pages_to_reading(Pages(kind="html", blocks=tuple(made)), "0" * 64)


def told(found: Reading, column: str = "year") -> dict[str, str | None]:
    end = f".{column}"
    return {
        name.removeprefix("pre2019.").removesuffix(end): None if cell.value is None else f"{cell.value:f}"
        for name, cell in found.cells.items()
        if name.endswith(end)
    }


def unsure(found: Reading) -> str:
    return "".join(one.zh for one in found.findings if one.code == "pre2019_unsure")


def codes(found: Reading) -> set[str]:
    return {one.code for one in found.findings}


LINES: Mapping[str, list[str]] = {
    "tabs": ["\t".join(row) for row in (HEAD, *ROWS)],
    "blanks": [" ".join(row) for row in (HEAD, *ROWS) if all(row)],
    "wide_blanks": ["　　".join(row) for row in (HEAD, *ROWS) if all(row)],
    "a_field_a_line": [text for row in (HEAD, *ROWS) if all(row) for text in row],
}


def test_a_grid_gives_each_row_its_figure() -> None:
    found = reading(grid([HEAD, *ROWS]))
    assert told(found) == VALUES
    assert found.form == "pre2019"
    cell = found.cells["pre2019.litigation.corrected.year"]
    assert (cell.raw, cell.locator, cell.flags) == ("7", {"row": 14, "col": 2}, ())
    assert codes(found) == {"pre2019_table"}


@pytest.mark.parametrize("name", LINES)
def test_text_in_which_fields_stand_apart_is_read_alike(name: str) -> None:
    found = reading(*LINES[name])
    blank = {} if name != "tabs" else {"review.other": None}  # elsewhere its row was left out with its blank
    assert told(found) == {row: value for row, value in VALUES.items() if value is not None} | blank


def test_what_added_up_over_years_has_a_column_of_its_own() -> None:
    found = reading(grid([FUJIAN, *OLDER]))
    expected = {
        "older.documents": ("69", "106"),
        "older.documents_website": ("60", "100"),
        "older.documents_gazette": ("9", "6"),
        "older.accepted": ("2", "7"),
        "applications.in_person": ("1", "3"),
        "older.by_letter_or_fax": ("1", "4"),
        "review": ("0", "0"),
    }
    assert told(found) == {name: pair[0] for name, pair in expected.items()}
    assert told(found, "cumulative") == {name: pair[1] for name, pair in expected.items()}
    plan = old_form().plan
    assert {plan.places[name].kind for name in found.cells} == {"count", "stock"}
    assert plan.places["pre2019.older.documents.cumulative"].column.label == "历年累计"


def test_a_sheet_is_read_as_a_table() -> None:
    blocks: list[Block] = [plain_table([HEAD, *ROWS])]
    assert told(read(xlsx("测试县司法局2016年政府信息公开工作年度报告", blocks))) == VALUES


def test_pages_without_rulings_are_read_by_their_places() -> None:
    def of(rows: Sequence[Sequence[str]]) -> Reading:
        blocks: list[Block] = ["统计期限自2016年1月1日起至2016年12月31日止。", plain_table(rows)]
        return read(pdf("测试县司法局2016年政府信息公开工作年度报告", blocks, style=Style(ruled=False)))

    explained = "（四）政府信息公开专项经费（不包括用于政府公报编辑管理及政府网站建设维护等方面的经费）"  # on two lines
    one = of([HEAD, *ROWS, (explained, "万元", "0.5")])
    blank = {"review.other"}  # nothing at all stands there
    assert told(one) == {name: value for name, value in VALUES.items() if name not in blank} | {"staff.budget": "0.5"}
    assert set(one.cells["pre2019.fees.year"].locator) >= {"page", "box"}
    two = of([FUJIAN, *OLDER])
    assert [told(two)["older.documents"], told(two, "cumulative")["older.documents"]] == ["69", "106"]
    assert len(two.cells) == 2 * len(OLDER)
    assert of(ROWS).cells == {}
    assert of([("统计指标", "单位", "2015年度"), *ROWS]).cells == {}


def test_rows_in_nested_cells_and_beside_each_other() -> None:
    half = len(ROWS) // 2
    pairs = [(*one, *other) for one, other in zip(ROWS[:half], ROWS[half:], strict=True)]
    assert told(reading(grid([(*HEAD, *HEAD), *pairs]))) == VALUES
    nested = grid(
        [
            ("统计指标", "", "单位", "统计数"),
            ("四、行政复议数量", "（一）维持具体行政行为数", "件", "1"),
            ("", "（二）被依法纠错数", "件", "2"),
            ("五、行政诉讼数量", "（二）被依法纠错数", "件", "5"),
            ("", "（三）其他情形数", "件", "6"),
        ]
    )
    spans = {(0, 0): (1, 2), (1, 0): (2, 1), (3, 0): (2, 1)}
    cells = tuple(
        GridCell(
            row=cell.row,
            col=cell.col,
            rowspan=spans.get((cell.row, cell.col), (1, 1))[0],
            colspan=spans.get((cell.row, cell.col), (1, 1))[1],
            text=cell.text,
        )
        for cell in nested.cells
        if cell.text
    )
    found = reading(Table(cells=cells, rows=nested.rows, cols=nested.cols))
    assert told(found) == {
        "review.upheld": "1",
        "review.corrected": "2",
        "litigation.corrected": "5",
        "litigation.other": "6",
    }


def test_the_rest_of_a_table_goes_on_below_the_header_of_its_beginning() -> None:
    assert told(reading(grid([HEAD, *ROWS[:12]]), "— 4 —", grid(ROWS[12:]))) == VALUES


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (ROWS, "没有表头说明各栏"),
        ([("统计指标", "单位", "区政府统计数", "区直单位统计数"), *[(*row, "4") for row in ROWS]], "表头各栏不都认识"),
        ([("统计指标", "单位", "统计数", "统计数"), *[(*row, "4") for row in ROWS]], "表头各栏不都认识"),
        ([("统计指标", "一季度", "二季度"), *ROWS], "表头各栏不都认识"),
        ([("统计指标", "单位", "统计数（单位：百）"), *ROWS], "单位不符"),
        ([("统计指标", "单位", "统计数（百件）"), *ROWS], "单位不符"),
        ([("统计指标", "单位（万）", "统计数"), *ROWS], "单位不符"),
        ([("统计指标", "单位", "2015年度"), *ROWS], "不是本年度全年的"),
        ([(*FUJIAN[:2], "2015年度", FUJIAN[3]), *OLDER], "不是本年度全年的"),
        ([HEAD, *[(name, "万件" if unit else "", figure) for name, unit, figure in ROWS]], "单位不符"),
    ],
)
def test_columns_and_units_that_are_in_doubt_give_nothing(rows: list[tuple[str, ...]], reason: str) -> None:
    found = reading(grid(rows))
    assert found.cells == {}
    assert reason in unsure(found)
    assert "tables_absent" not in codes(found)


@pytest.mark.parametrize("head", ["统计数（单位：条、件、次）", "统计数（2016年度）", "统计数（含下属单位）"])
def test_a_header_that_explains_itself_is_no_other_unit(head: str) -> None:
    assert told(reading(grid([("统计指标", "单位", head), *ROWS]))) == VALUES


@pytest.mark.parametrize(
    ("caption", "reason"),
    [
        ("测试县教育局政府信息公开情况统计表（2016年度）", "不是本机关的"),
        ("附件：2016年全县政府信息公开情况统计表", "不是本机关的"),
        ("测试县政府信息公开工作情况统计表", "不是本机关的"),
        ("填报单位（盖章）：测试县教育局", "不是本机关的"),
        ("单位：百件", "单位不符"),
        ("测试县司法局政府信息公开情况统计表（2016年度）", ""),
        ("司法局2016年政府信息公开情况统计表", ""),
        ("我局政府信息公开情况统计表", ""),
        ("附件1：政府信息公开情况统计表", ""),
        ("填报单位：测试县司法局办公室 填报日期：2017年3月1日", ""),
        ("单位：条、件、次", ""),
    ],
)
def test_whose_and_of_what_the_lines_above_a_table_say_it_is(caption: str, reason: str) -> None:
    for blocks in ([grid([HEAD, *ROWS])], LINES["tabs"]):
        found = reading(caption, *blocks)
        assert (found.cells == {}) == bool(reason)
        assert reason in unsure(found)


def test_the_nearest_line_says_whose_a_table_is() -> None:
    found = reading("测试县政府信息公开情况统计表", "填报单位：测试县司法局", grid([HEAD, *ROWS]))
    assert told(found) == VALUES


def test_a_table_that_is_published_by_itself_is_the_report() -> None:
    title = "测试县司法局2016年政府信息公开情况统计表"
    for rows, taken in (([HEAD, *ROWS], True), ([(*row[:2], "") for row in (HEAD, *ROWS)], False)):
        blocks = (Paragraph(text=title), grid(rows))
        found = read_pages_to_reading(Pages(kind="xlsx", blocks=blocks), "0" * 64)
        assert (found.is_report, found.reason) == (taken, "" if taken else "statistics")
        assert bool(found.cells) == taken


def test_a_unit_of_the_row_behind_its_figure_is_none_of_it() -> None:
    rows = [HEAD, ("3.政策解读稿件发布数", "篇", "21篇"), *ROWS[1:]]
    for blocks in ([grid(rows)], ["\t".join(row) for row in rows], [text for row in rows[:9] for text in row]):
        found = reading("统计表", *blocks)
        cell = found.cells["pre2019.response.explanations.year"]
        assert (cell.value, cell.raw, cell.flags) == (Decimal(21), "21篇", ())
    other = reading("统计表", grid([HEAD, ("3.政策解读稿件发布数", "篇", "21场"), *ROWS[1:]]))
    assert "pre2019.response.explanations.year" not in other.cells
    assert "单位不符" in unsure(other)


def test_who_signs_below_a_table_in_text_is_no_row_of_it() -> None:
    lines = [text for row in (HEAD, *ROWS) if all(row) for text in row]
    for below in (["测试县司法局", "2017年3月1日"], ["测试县司法局"], ["六、存在的问题", "还有不足。" * 30]):
        assert unsure(reading(*lines, *below)) == ""
    assert "不认识的项目：新的一项" in unsure(reading(*lines, "新的一项", "件", "5", "测试县司法局"))


def test_text_that_ran_together_or_lost_its_header_gives_nothing() -> None:
    for lines in (["".join(row) for row in (HEAD, *ROWS)], [" ".join(row) for row in ROWS]):
        found = reading("政府信息公开情况统计表", *lines)
        assert found.cells == {}
        assert "没有分开" in unsure(found)


def test_a_field_that_was_lost_costs_its_row_alone() -> None:
    lines = [text for row in (FUJIAN, *OLDER) for text in row]
    lines.remove("106")
    found = reading(*lines)
    assert "older.documents" not in told(found)
    assert len(told(found)) == len(OLDER) - 1
    assert "主动公开文件数" in unsure(found)


def test_a_label_on_two_lines_is_not_taken_for_another() -> None:
    rows = [
        *ROWS[:2],
        ("（三）申请答复数", "件", "9"),
        ("2.同意公开答复数", "件", "4"),
        ("4.不同意公开答复数", "件", "5"),
    ]
    lines = [text for row in (HEAD, *rows) for text in row]
    whole = told(reading(*lines))
    assert (whole["applications.answered.granted"], whole["applications.answered.refused"]) == ("4", "5")
    at = lines.index("4.不同意公开答复数")
    lines[at : at + 1] = ["4.不", "同意公开答复数"]
    assert told(reading(*lines)) == whole


def test_a_cell_too_few_or_too_many_costs_its_row_alone() -> None:
    for at, cells in enumerate(
        [
            ("主动公开文件数", "条", "106"),
            ("主动公开文件数", "条", "69106"),
            ("主动公开文件数", "条", "条", "69", "106"),
        ]
    ):
        found = reading(grid([FUJIAN, cells, *OLDER[1:]]))
        assert "older.documents" not in told(found) | told(found, "cumulative"), at
        assert len(told(found)) == len(OLDER) - 1
        assert "主动公开文件数" in unsure(found)


def test_headers_of_two_lines_and_letters_below_them() -> None:
    titles = [
        ("指标名称", 0, 0, 2, 1),
        ("计量单位", 0, 1, 2, 1),
        ("统计数", 0, 2, 1, 2),
        ("本年累计", 1, 2, 1, 1),
        ("历年累计", 1, 3, 1, 1),
    ]
    rows = [("甲", "乙", "1", "2"), *OLDER]
    cells = [
        *(GridCell(row=row, col=col, rowspan=down, colspan=over, text=text) for text, row, col, down, over in titles),
        *(GridCell(row=at, col=col, text=text) for at, cells in enumerate(rows, 2) for col, text in enumerate(cells)),
    ]
    found = reading(Table(cells=tuple(cells), rows=len(rows) + 2, cols=4))
    assert (told(found)["older.documents"], told(found, "cumulative")["older.documents"]) == ("69", "106")
    assert unsure(found) == ""


def test_lines_that_are_no_rows_cost_nothing_else() -> None:
    fields = [text for row in (HEAD, *ROWS[:7]) for text in row]
    for between in (["微信公众号粉丝数", "人", "9"], ["说明", "另有若干"], ["7", "8"]):
        at = fields.index("（一）收到申请数")
        assert told(reading(*fields[:at], *between, *fields[at:]))["applications.received"] == "5"
    lines = ["\t".join(row) for row in (HEAD, *ROWS[:7])]
    for odd in ("微信公众号粉丝数 9", "5.其他方式公开数 条 约7 件", "说明：以上数据均为全年数据"):
        found = reading("政府信息公开情况统计表", *[line.replace("\t", " ") for line in lines], odd)
        assert told(found)["applications.by_letter"] == "2"


def test_figures_are_refused_one_by_one() -> None:
    rows = [
        HEAD,
        ("（一）收到申请数", "件", "5 7"),
        ("1.当面申请数", "件", "5件"),
        ("2.传真申请数", "件", "约5"),
        ("4.信函申请数", "件", "1,205"),
        ("（二）举办各类培训班数", "期", "3"),
        ("（三）接受培训人员数", "人", "30"),
        ("1.专职人员数\n2.兼职人员数", "人", "3\n5"),
        ("（四）政府信息公开专项经费", "万元", "3000元"),
        ("微信公众号粉丝数", "人", "9"),
        ("六、举报投诉数量（次）", "", "2"),
        ("（三）其他情形数", "件", "8"),
    ]
    found = reading(grid(rows))
    assert told(found) == {"applications.in_person": "5", "applications.by_letter": "1205", "training.courses": "3"}
    said = unsure(found)
    for name in (
        "收到申请数",
        "传真申请数",
        "接受培训人员数",
        "专职人员数",
        "专项经费",
        "粉丝数",
        "举报投诉",
        "其他情形数",
    ):
        assert name in said


def test_a_figure_that_recognition_is_not_sure_of_is_none() -> None:
    sure = grid([HEAD, *ROWS])
    cells = tuple(
        GridCell(
            row=cell.row,
            col=cell.col,
            text=cell.text,
            locator={**cell.locator, "confidence": 0.6 if (cell.row, cell.col) == (3, 2) else 0.99},
        )
        for cell in sure.cells
    )
    found = reading(Table(cells=cells, rows=sure.rows, cols=sure.cols))
    assert told(found) == {name: value for name, value in VALUES.items() if name != "applications.received"}
    assert "收到申请数" in unsure(found)


def test_a_table_without_end_is_not_searched_for_figures() -> None:
    endless = replace(grid([HEAD, *ROWS]), rows=60_000)
    found = reading(endless)
    assert found.cells == {}
    assert "收到申请数" in unsure(found)


def test_a_label_of_several_rows_is_told_by_its_heading_alone() -> None:
    for between in (("微信公众号粉丝数", "人", "9"), ("七、依申请公开信息收取的费用", "万元", "1")):
        rows = [HEAD, *ROWS[:8], between, *ROWS[8:11], *ROWS[11:]]
        assert "review.corrected" not in told(reading(grid(rows)))
        assert told(reading(grid(rows)))["litigation.corrected"] == "7"


def test_rows_printed_twice_must_agree() -> None:
    again = [("1.当面申请数", "件", "9") if row[0] == "1.当面申请数" else row for row in ROWS]
    found = reading(grid([HEAD, *ROWS]), "其中：", grid([HEAD, *again[:7]]))
    assert set(told(found)) == {name for name in list(VALUES)[:6] if name != "applications.in_person"}
    assert "数值不同" in unsure(found)


@pytest.mark.parametrize("title", ["2015年统计表", "2016年第三季度政府信息公开情况统计表"])
def test_a_table_of_another_time_gives_nothing(title: str) -> None:
    for table in ([grid([HEAD, *ROWS])], LINES["tabs"]):
        found = reading(title, *table)
        assert found.cells == {}
        assert "不是本年度全年的" in unsure(found)
        inside = [("政府信息公开情况统计表", "", ""), ("填报单位：测试县司法局", title, "填报日期：2017年1月9日")]
        assert reading(grid([*inside, HEAD, *ROWS])).cells == {}
    again = [(name, unit, "7" if figure else "") for name, unit, figure in ROWS]
    both = reading(title, grid([HEAD, *again]), "2016年统计表", grid([HEAD, *ROWS]))
    assert told(both) == VALUES


def test_sums_that_the_table_states_are_checked_where_all_parts_are_known() -> None:
    wrong = [("（一）收到申请数", "件", "6") if row[0] == "（一）收到申请数" else row for row in ROWS]
    broken = [one for one in reading(grid([HEAD, *wrong])).findings if one.code == "identity_broken"]
    assert [(one.expected, one.found, one.cells[0]) for one in broken] == [
        ("5", "6", "pre2019.applications.received.year")
    ]
    more = [*wrong[:7], ("5.其他方式申请数", "件", "1"), *wrong[7:]]
    assert "identity_broken" not in codes(reading(grid([HEAD, *more])))
    assert "identity_broken" not in codes(reading(grid([HEAD, *wrong[:5], *wrong[6:]])))


def test_tables_of_a_national_form_leave_the_old_one_to_the_text() -> None:
    plan = load_forms()[0]
    blocks: list[Block] = [*tables(plan, dict.fromkeys(plan.ids, Decimal(0))), plain_table([HEAD, *ROWS])]
    found = read(page("测试县司法局2019年政府信息公开工作年度报告", blocks))
    assert set(found.cells) == set(plan.ids)
    assert found.form == plan.name
