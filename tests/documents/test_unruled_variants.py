"""Reports without ruling lines in many looks: nothing wrong without a word, blanks blank, plain looks read wholly."""

from __future__ import annotations

import random
from functools import partial

import pytest
from reportlab.pdfgen.canvas import Canvas

from archive.documents.kinds import read_pages
from archive.forms.loader import form
from archive.parser.reader import read
from tests.documents.drawing import HEIGHT, Text, pages, write
from tests.documents.helpers import tables
from tests.documents.test_pdf_positions import COLUMNS, HEAD, cells, row
from tests.documents.unruled import Look, drawn_by_lot, report

BLANK = ("", "", "", "")
YEARS = {"2019": 2019, "2021": 2022}


@pytest.mark.parametrize("name", YEARS)
@pytest.mark.parametrize("blanks", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(
    "look",
    [
        Look(),
        Look(size=8, pad=4, even=0.3),
        Look(rules=True),
        Look(down=0.0, figures=1.0, tall=20.0),
        Look(down=1.0, figures=0.0, tall=20.0, across=1.0),
        Look(down=0.0, figures=0.5, even=0.6),
        Look(down=0.5, figures=0.0, upright=True, across=0.0),
        Look(upright=True, tall=12.0),
        Look(lined=True),
        Look(size=8, tall=12.0, lined=True),
    ],
)
def test_plain_looks_are_read_to_the_last_cell(name: str, blanks: float, look: Look) -> None:
    data, truth = report(7, name, look, blanks, YEARS[name])
    reading = read(data)
    missing = {finding.expected for finding in reading.findings if finding.code == "table_missing"}  # blank throughout
    plan = form(name)
    rows = [row for table in plan.tables if table.key not in missing for row in table.rows]
    wanted = {place for row in rows for place in row.place_ids}
    found = {place: reading.cells[place].value if place in reading.cells else "absent" for place in wanted}
    assert {place: value for place, value in found.items() if value != truth[place]} == {}


@pytest.mark.parametrize("seed", [*range(40), 143, 162, 165, 209, 235])
def test_whatever_the_look_nothing_is_wrong_or_left_out_without_a_word(seed: int) -> None:
    lot = random.Random(seed)
    look, name, blanks = drawn_by_lot(lot), lot.choice(tuple(YEARS)), lot.choice((0.0, 0.5, 1.0))
    data, truth = report(seed, name, look, blanks, YEARS[name])
    reading = read(data)
    told = {place for finding in reading.findings for place in finding.cells}
    wrong = {
        place: cell.raw
        for place, cell in reading.cells.items()
        if place in truth and cell.value != truth[place] and not cell.flags and place not in told
    }
    assert wrong == {}
    gone = {finding.expected for finding in reading.findings if finding.code == "table_missing"}
    rows = [row for table in form(name).tables if table.key not in gone for row in table.rows]
    left_out = {row.id for row in rows if not any(place in reading.cells or place in told for place in row.place_ids)}
    assert left_out == set()


def table_of(*texts: list[Text]) -> list[list[list[str]]]:
    return [cells(table) for table in tables(read_pages(pages(*(partial(write, texts=own) for own in texts))))]


def test_a_figure_alone_in_the_last_column_stays_there() -> None:
    label: list[Text] = [(120, 80, "信息内容")]
    (found,) = table_of(label + HEAD + row(100, "行政许可", "", "", "", "44") + row(120, "其他事项", *BLANK))
    assert found == [["行政许可", "", "", "", "44"], ["其他事项", "", "", "", ""]]


def test_rows_above_and_below_all_figures_are_blank() -> None:
    label: list[Text] = [(120, 80, "信息内容")]
    (found,) = table_of(label + HEAD + row(100, "规章", *BLANK) + row(120, "文件", *"1234") + row(140, "其他", *BLANK))
    assert found == [["规章", "", "", "", ""], ["文件", *"1234"], ["其他", "", "", "", ""]]


def test_the_only_figure_of_a_label_of_two_lines_is_no_blank() -> None:
    rows = (
        row(100, "1.国家秘密", *"1234")
        + row(130, "2.其他法律|禁止公开", "5", "", "", "")
        + row(160, "3.危及安全", *"1234")
    )
    (found,) = table_of(HEAD + rows)
    assert found[1] == ["2.其他法律\n禁止公开", "5", "", "", ""]


def test_the_fewer_figures_of_the_next_label_of_two_lines_are_no_rest_of_those_above() -> None:
    rows = row(100, "1.国家秘密", "12", "", "7", "19") + row(140, "2.其他法律|禁止公开", "8", "", "", "8")
    (found,) = table_of(HEAD + rows + row(180, "3.危及安全", *BLANK))
    assert [r[1:] for r in found] == [["12", "", "7", "19"], ["8", "", "", "8"], ["", "", "", ""]]


def test_fewer_figures_right_below_others_are_a_row_where_their_columns_hold_wider_lines() -> None:
    rows = row(100, "行政许可", "19", "3", "", "22") + row(116, "其他管理", "5", "", "", "5")
    (found,) = table_of(HEAD + rows)
    assert found == [["行政许可", "19", "3", "", "22"], ["其他管理", "5", "", "", "5"]]


def test_fewer_figures_beside_the_lines_of_the_next_label_are_a_row_of_their_own() -> None:
    narrow: list[Text] = [(x, 80, text) for x, text in zip(COLUMNS, "自企科总", strict=True)]
    rows = row(100, "1.国家秘密", "1204", "3", "", "1207") + row(120, "2.其他法律|禁止公开", "5", "", "", "5")
    (found,) = table_of(narrow + rows)
    assert [r[1:] for r in found] == [["1204", "3", "", "1207"], ["5", "", "", "5"]]


def test_columns_that_hold_longer_figures_were_not_too_narrow_for_others() -> None:
    narrow: list[Text] = [(x, 80, text) for x, text in zip(COLUMNS, "自企科总", strict=True)]
    rows = row(100, "行政许可", "1204", "3", "", "1207") + row(116, "行政处罚", "120", "31", "7", "158")
    (found,) = table_of(narrow + rows + row(132, "其他管理", "5", "", "", "5"))
    assert found[2] == ["其他管理", "5", "", "", "5"]


def test_figures_that_fill_their_columns_may_go_on_in_the_line_below() -> None:
    narrow: list[Text] = [(x, 80, text) for x, text in zip(COLUMNS, "自企科总", strict=True)]
    rows = row(100, "行政许可", "1204", "3", "", "1207") + row(116, "其他管理", "5", "", "", "")
    assert table_of(narrow + rows) == []


def test_labels_between_rules_above_and_below_all_figures_are_blank_rows() -> None:
    rows = row(100, "规章", *BLANK) + row(120, "文件", *"1234") + row(140, "其他", *BLANK) + row(160, "事项", *BLANK)

    def draw(canvas: Canvas) -> None:
        write(canvas, [(120, 80, "信息内容"), *HEAD, *rows])
        for y in (66, 86, 106, 126, 146, 166):
            canvas.line(60, HEIGHT - y, 450, HEIGHT - y)

    (found,) = [cells(table) for table in tables(read_pages(pages(draw)))]
    assert found == [["规章", *BLANK], ["文件", *"1234"], ["其他", *BLANK], ["事项", *BLANK]]


def test_lines_of_two_labels_above_the_first_figures_of_a_page_are_no_headings() -> None:
    first = HEAD + row(100, "1.国家秘密", *"1234") + row(120, "2.禁止公开", *"5678")
    label: list[Text] = [(50, 60, "（五）不予"), (50, 76, "处理"), (120, 60, "1.无正当理由"), (120, 76, "反复申请")]
    rest = [*label, *((x, 68, text) for x, text in zip(COLUMNS, "4  4", strict=True) if text.strip())]
    found = table_of(first, [*rest, *row(100, "2.其他", "5", "", "", "5")])
    assert [r[-4:] for r in found[-1]][-2:] == [["4", "", "", "4"], ["5", "", "", "5"]]


@pytest.mark.parametrize("lines", [("2.其他法律", "禁止公开"), ("2.其他法律", "行政法规", "禁止公开")])
def test_lines_of_a_label_far_apart_above_its_figures_are_no_blank_rows(lines: tuple[str, ...]) -> None:
    rows = row(100, "1.国家秘密", *"1234") + [(120, 160 + 28 * n, line) for n, line in enumerate(lines)]
    rows += [(x, 160 + 28 * (len(lines) - 1), "5") for x in COLUMNS]
    found = table_of(HEAD + rows + row(280, "3.危及安全", *"1234"))
    assert [r for table in found for r in table if r[1:] == [*BLANK]] == []


def test_a_label_of_several_lines_below_all_figures_ends_no_table() -> None:
    long: list[Text] = [(100, 140, "（二）部分公开的，只计"), (100, 153, "这一情形）")]
    rows = row(100, "（一）公开", *"1234") + row(120, "（二）不公开", *"5678") + long
    (found,) = table_of(HEAD + rows + row(173, "（三）其他", *BLANK))
    assert [r[0] for r in found][-2:] == ["（二）部分公开的，只计\n这一情形）", "（三）其他"]
    assert [r[1:] for r in found][-2:] == [[*BLANK], [*BLANK]]


def test_many_blank_rows_part_no_table() -> None:
    rows = row(100, "1.事项", "1", "", "", "1")
    for n in range(2, 17):
        rows += row(80 + 20 * n, f"{n}.事项", *BLANK)
    (found,) = table_of(HEAD + rows + row(420, "17.事项", "2", "", "", "2"))
    assert [r[1:] for r in found] == [["1", "", "", "1"], *[[""] * 4] * 15, ["2", "", "", "2"]]


def test_headings_parted_from_their_columns_by_the_page_end_name_them() -> None:
    first: list[Text] = [
        (60, 60, "某局政府信息公开工作年度报告，本年度的情况如下。"),
        (COLUMNS[0], 780, "自然人"),
        (COLUMNS[3], 780, "总计"),
    ]
    rest: list[Text] = [(COLUMNS[1], 40, "企业"), (COLUMNS[2], 40, "机构")]
    found = table_of(first, rest + row(60, "1.甲", "1", "2", "", "3") + row(80, "2.乙", "4", "5", "", "9"))
    assert found == [[["1.甲", "1", "2", "", "3"], ["2.乙", "4", "5", "", "9"]]]


def test_a_table_that_is_blank_throughout_is_one_beside_others() -> None:
    label: list[Text] = [(120, 80, "信息内容")]
    below: list[Text] = [(120, 200, "信息内容"), *((x, 200, text) for x, _, text in HEAD)]
    found = table_of(label + HEAD + row(100, "规章", *"1234") + below + row(220, "政府采购", *BLANK))
    assert found == [[["规章", *"1234"]], [["政府采购", "", "", "", ""]]]


def test_a_row_that_no_table_took_is_told() -> None:
    rows = row(100, "1.国家秘密", *"1234") + row(130, "2.其他法律|禁止公开", *"1234")
    page = pages(partial(write, texts=HEAD + rows + row(220, "3.危及安全", *BLANK)))
    (found,) = [finding for finding in read_pages(page).findings if finding.code == "rows_uncertain"]
    assert found.found == "3.危及安全"


@pytest.mark.parametrize("seed", [1, 3])
def test_a_table_above_the_headings_of_another_is_none_of_it(seed: int) -> None:
    """行政复议、行政诉讼 printed before the applications: its headings are words that those have, too."""
    data, truth = report(seed, "2021", Look(), 0.0, 2022, order=(0, 2, 1))
    reading = read(data)
    assert {place: value for place, value in truth.items() if place not in reading.cells} == {}
    assert {place for place, value in truth.items() if reading.cells[place].value != value} == set()
    assert [section.key for section in reading.sections][2:5] == ["proactive", "remedies", "applications"]
