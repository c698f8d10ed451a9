"""Text as others extracted it → blocks: which lines are tables, and what their cells are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.documents import text
from archive.documents.kinds import read_pages
from archive.documents.pages import UNREAD, Limits, Pages, Paragraph, Table


def rows(pages: Pages, number: int = 0) -> list[list[str]]:
    table = [block for block in pages.blocks if isinstance(block, Table)][number]
    return [[cell.text for cell in table.cells if cell.row == row] for row in range(table.rows)]


def test_tabs_one_row_per_line_blank_fields_kept() -> None:
    pages = text.read("甲\n\n规章\t0\t\t\n行政许可\t12\n\n乙".encode())
    assert rows(pages) == [["规章", "0", "", ""], ["行政许可", "12"]]
    assert [block.text for block in pages.blocks if isinstance(block, Paragraph)] == ["甲", "乙"]


def test_one_cell_per_line_behind_a_tab_broken_cells_joined() -> None:
    pages = text.read("二、标题\n\t信息内容\n\t本年新\n制作数量\n\n\t规章\n\t\xa0\n\t\n0 \n\n三、标题".encode())
    assert rows(pages) == [["信息内容", "本年新\n制作数量"], ["规章", "\xa0", "\n0"]]


def test_markdown_tables_without_their_rules() -> None:
    pages = text.read("| 信息内容 | 数 |\n|---|:--:|\n| 规章 | 0 |\n".encode())
    assert rows(pages) == [["信息内容", "数"], ["规章", "0"]]


def test_pipes_at_line_ends_are_a_list_of_cells() -> None:
    pages = text.read("规章 |\n0 |\n|\n本年新\n制作数量 |\n二、下一节\n文字。".encode())
    assert rows(pages) == [["规章"], ["0"], [""], ["本年新\n制作数量"]]


def test_lone_pipes_part_cells_on_lines_of_their_own() -> None:
    assert rows(text.read("规章\n|\n|\n0\n|\n完".encode())) == [["规章"], [""], ["0"]]


def test_every_block_can_be_found_again() -> None:
    pages = text.read("甲\n规章\t0\n\n乙".encode())
    table = next(block for block in pages.blocks if isinstance(block, Table))
    assert table.cells[1].locator == {"table": 0, "row": 0, "col": 1, "line": 2}


def test_lines_of_metadata_and_leftovers_of_conversion() -> None:
    pages = text.read("标题: 某县2019年报告\n发布时间: 2020-01-20 15:22\n文号: \n正文[image: IMG_256]在此".encode())
    assert pages.meta == {"articletitle": "某县2019年报告", "pubdate": "2020-01-20 15:22"}
    assert [block.text for block in pages.blocks if isinstance(block, Paragraph)] == ["正文在此"]


def test_bounds_are_kept_and_told() -> None:
    pages = text.read(b"1\t2\t3\n" * 100, Limits(cells=30))
    assert sum(len(block.cells) for block in pages.blocks if isinstance(block, Table)) == 30
    assert [found.code for found in pages.findings] == ["limit_reached"]


def test_a_text_with_broken_characters_is_refused() -> None:
    assert text.read(("报告" * 20 + "\ufffd" * 20).encode()).unreadable == "charset"


@given(st.text(alphabet="甲0 \t|\n-\r", max_size=120))
def test_any_mixture_of_tabs_and_pipes_is_read(source: str) -> None:
    pages = text.read(source.encode())
    assert all(block.cells for block in pages.blocks if isinstance(block, Table))


def test_sentences_with_commas_are_no_rows() -> None:
    sentence = "本局公开信息3条,其中政策1条,动态1条,其他1条。"
    pages = read_pages("\n".join([sentence] * 5).encode())
    assert pages.kind == "text"
    assert not any(isinstance(block, Table) for block in pages.blocks)


def test_the_pipes_that_fill_a_row_up_behind_its_last_figure_are_no_cells() -> None:
    """As converters end a row whose cells stand on lines of their own."""
    pages = text.read(
        "行政许可 |\n12 | ||\n第二十条第（六）项 | |||\n行政处罚 |\n3件 | ||\n行政强制 |\n- | ||\n完".encode()
    )
    assert rows(pages) == [["行政许可"], ["12"]]
    assert rows(pages, 1)[0][0] == "第二十条第（六）项"
    assert rows(pages, 2) == [["行政处罚"], ["3件"], ["行政强制"], ["-"]]


@pytest.mark.parametrize(("begin", "parting", "end"), [("", "\t", ""), ("| ", " | ", " |")])
def test_the_row_in_which_a_text_breaks_off_is_not_blank(begin: str, parting: str, end: str) -> None:
    head = "\n".join(
        f"{begin}{parting.join(row)}{end}" for row in (("项目", "甲", "乙", "丙"), ("规章", "1", "2", "3"))
    )
    left = f"{begin}许可{parting}4{parting}5"
    pages = text.read(f"{head}\n{left}".encode())
    assert rows(pages)[2] == ["许可", "4", "5" + UNREAD, UNREAD]
    assert [said.code for said in pages.findings] == ["document_damaged"]
    assert rows(text.read(f"{head}\n{begin}许可{parting}".encode()))[2][-2:] == [UNREAD, UNREAD]
    if end:  # the last figure is closed by a stroke: what is behind it is unsure alone
        assert rows(text.read(f"{head}\n{left} |".encode()))[2] == ["许可", "4", "5", UNREAD]
    assert not text.read(f"{head}\n{left}\n".encode()).findings  # its end is there
    assert not text.read(head.encode()).findings


def test_the_last_field_of_values_that_break_off_is_unsure() -> None:
    whole = "项目,甲,乙\n规章,1,2\n许可,3,4\n"
    pages = text.read(f"{whole}处罚,5".encode())
    assert [said.code for said in pages.findings] == ["document_damaged"]
    assert f"处罚,5{UNREAD}" in [block.text for block in pages.blocks if isinstance(block, Paragraph)]
    assert not text.read(f"{whole}处罚,5\n".encode()).findings


@pytest.mark.parametrize(
    ("gap", "row", "broken"),
    [("\n\n", "\n\n\n\n\n", "\n\n\n\n\n"), ("\n", "\n\n\n", "\n\n\n")],
    ids=["paragraphs", "divisions"],
)
def test_tabs_alone_between_cells_that_are_paragraphs(gap: str, row: str, broken: str) -> None:
    """As a browser's ``innerText`` gives ``<td><p>0</p></td>`` and ``<td><div>0</div></td>``."""
    tab = f"{gap}\t{gap}"
    lines = [f"甲{tab}乙{tab}丙", "第（一）项", f"规章{gap}一{gap}\t{gap}\t{gap}3", f"许可{gap}\t{broken}\t{gap}4"]
    end = f"{gap}三、收到申请情况{gap}（本列）{tab}数{row}子{tab}8{gap}完"
    pages = text.read((f"前{gap}" + row.join(lines) + end).encode())
    assert rows(pages) == [["甲", "乙", "丙"], ["第（一）项"], ["规章\n一", "", "3"], ["许可", "", "4"]]
    assert rows(pages, 1) == [["（本列）", "数"], ["子", "8"]]
    assert [block.text for block in pages.blocks if isinstance(block, Paragraph)] == ["前", "三、收到申请情况", "完"]


def test_blank_cells_that_begin_and_end_rows_between_lone_tabs() -> None:
    table = "甲→1→↵乙→2→0↵→3→4↵".replace("→", "\n\n\t\n\n").replace("\t\n\n↵", "\t\n\n\n").replace("↵", "\n\n\n")
    source = table.replace("\n\n\n\n\n\t", "\n\n\n\t") + "丙\t5\t6\n\n\n丁\t\n\n7\n\n\t8"
    wanted = [["甲", "1", ""], ["乙", "2", "0"], ["", "3", "4"], ["丙", "5", "6"], ["丁", "7", "8"]]
    assert rows(text.read(source.encode())) == wanted


def test_a_quotation_within_plain_fields_between_tabs_is_not_taken_off() -> None:
    source = '甲\t乙\t丙\t丁\n"规章"一\t0\t0\t1\n3.危及"三安全"\t0\t0\t1\n许可\t0\t0\t1\n'
    assert rows(text.read(source.encode()))[1:3] == [['"规章"一', "0", "0", "1"], ['3.危及"三安全"', "0", "0", "1"]]


def test_paragraphs_of_a_cell_in_one_line_of_markdown_stand_apart_again() -> None:
    said = ["一、总体情况", "我局认真学习。" * 20, "二、主动公开政府信息情况"]
    pages = text.read(("\xa0\xa0   ".join(said) + " | 第二十条第（一）项\n规章 | 0 | 0 | 1\n").encode())
    texts = [block.text for block in pages.blocks if isinstance(block, Paragraph)]
    assert texts == [*said, "第二十条第（一）项"]
    assert rows(pages) == [["规章", "0", "0", "1"]]
    line = "一、总体情况" + "   我局认真学习一" * 20
    assert [block.text for block in text.read(line.encode()).blocks if isinstance(block, Paragraph)] == [line]


@pytest.mark.parametrize(
    "source",
    [
        "| | --- | --- | | " * 40,
        ("| | --- | --- | " * 40 + "\n") * 2,
        "a\n\n\t\n\n1\n\nx\n\n\t\n\n2\n\n三、甲乙丙丁戊情况\n\n丙\n\n" * 40,
        "甲\n\t\n" * 400,
        "\t\n\n甲\n\n" * 40,
    ],
)
def test_rules_tabs_and_headings_without_end_are_read(source: str) -> None:
    pages = text.read(source.encode())
    assert all(block.cells for block in pages.blocks if isinstance(block, Table))


def test_a_number_and_the_label_with_its_dot_below_it_are_one() -> None:
    pages = text.read('0\n\n2\n\n\\.重复申请\n\n3\\.要求提供公开出<a id="_x"></a>版物\n\n0'.encode())
    assert [block.text for block in pages.blocks if isinstance(block, Paragraph)] == [
        "0",
        "2.重复申请",
        "3.要求提供公开出版物",
        "0",
    ]
