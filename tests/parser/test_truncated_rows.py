"""A text that breaks off within a row of the table: what stands there is certain, what may go on is not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from archive.parser.reader import read
from tests import form_rendering as render


def lines(label: str, *figures: str) -> list[str]:
    return [f"{label} |", *(f"{figure} |" for figure in figures)]


COLUMNS = ("自然人", "法人或其他组织", "总计", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")
ABOVE = [
    *("二、主动公开政府信息情况", "第二十条第（一）项"),
    *lines("信息内容", "本年制发件数", "本年废止件数", "现行有效件数"),
    *lines("规章", *"000"),
    *lines("行政规范性文件", "1", "2", "13"),
    "三、收到和处理政府信息公开申请情况",
    *lines("（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", "申请人情况", *COLUMNS),
]


NEW = lines("一、本年新收政府信息公开申请数量", *"5000005")
KEPT = lines("二、上年结转政府信息公开申请数量", *"1000001")


def found(*below: str) -> dict[str, Decimal | None]:
    """The cells of the row 予以公开, by column, of a text that ends with ``below``."""
    reading = read("\n".join([render.TITLE, *ABOVE, *below]).encode())
    return {name.rpartition(".")[2]: c.value for name, c in reading.cells.items() if ".result.granted." in name}


@pytest.mark.parametrize(
    ("tail", "wanted"),
    [
        (["4 |", "0 |", "0 |"], {"natural_person": 4, "enterprise": 0, "research": 0}),
        (["4 |", "0 |", "0"], {"natural_person": 4, "enterprise": 0}),
        (["4 | 0 | 0 | 0 | 1"], {"natural_person": 4, "enterprise": 0, "research": 0, "public_welfare": 0}),
        (["4 | 0 | 0 | 0 | 0"], {"natural_person": 4, "enterprise": 0, "research": 0, "public_welfare": 0,
                                 "legal_service": 0}),
    ],
    ids=["whole figures", "a last line of its own", "a figure that may go on", "a nought"],
)  # fmt: skip
def test_the_first_figures_of_a_row_are_those_of_its_first_columns(tail: list[str], wanted: dict[str, int]) -> None:
    given = {name: value for name, value in found(*NEW, *KEPT, "（一）予以公开 |", *tail).items() if value is not None}
    assert {name: given.get(name) for name in wanted} == wanted
    assert given.keys() - wanted.keys() <= {"research"}


def test_where_other_rows_lost_their_blanks_nothing_is_certain() -> None:
    short = lines("二、上年结转政府信息公开申请数量", "1", "1")
    assert not any(value is not None for value in found(*NEW, *short, "（一）予以公开 |", "4 |", "0 |", "0 |").values())


def test_the_number_of_the_next_label_is_no_figure() -> None:
    given = found(*NEW, *KEPT, *lines("（一）予以公开", *"4000004"), "2")
    assert list(given.values()) == [4, 0, 0, 0, 0, 0, 4]


def test_a_row_that_is_followed_by_text_did_not_break_off() -> None:
    tail = ["（一）予以公开 |", "4 |", "0 |", "0 |", "五、存在的主要问题及改进情况", "无。"]
    assert not any(value is not None for value in found(*NEW, *KEPT, *tail).values())


@pytest.mark.parametrize("parted", [" | ", "\t"], ids=["pipes", "tabs"])
@pytest.mark.parametrize("last", ["1", ""], ids=["a figure", "a blank"])
def test_what_a_text_ends_with_within_its_table_is_doubted(parted: str, last: str) -> None:
    rows = ["信息内容|本年制发件数|本年废止件数|现行有效件数", "规章|0|0|0", f"行政规范性文件|1|2|{last}"]
    text = "\n".join([render.TITLE, "第二十条第（一）项", *(row.replace("|", parted) for row in rows)])
    reading = read(text.encode())
    assert reading.cells["proactive.normative.in_force"].flags
    assert "proactive.normative.in_force" in render.told(reading)
    below = "\n".join(
        [text, "第二十条第（五）项", "信息内容|本年处理决定数量".replace("|", parted), f"行政许可{parted}5"]
    )
    assert not read(below.encode()).cells["proactive.normative.in_force"].flags


def test_what_is_said_of_the_row_in_which_a_text_breaks_off() -> None:
    """A figure that a stroke closes is certain, and nobody is told that a sign which is no text was printed."""
    rows = ["信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数 |", "规章 | 0 | 0 | 0 |", "行政规范性文件 | 1 | 2 |"]
    reading = read("\n".join([render.TITLE, "第二十条第（一）项", *rows]).encode())
    assert [reading.cells[f"proactive.normative.{name}"].value for name in ("issued", "repealed")] == [1, 2]
    assert reading.cells["proactive.normative.in_force"].value is None
    [said] = [said for said in reading.findings if said.code == "not_a_number"]
    assert said.zh == "“行政规范性文件／现行有效件数”的内容没有读出（可能是图片，或文本到此中断），未取值。"
    open_end = read("\n".join([render.TITLE, "第二十条第（一）项", *rows])[:-2].encode())
    [said, _] = [said for said in open_end.findings if said.code == "not_a_number"]
    assert "所印为“2”，另有内容没有读出" in said.zh


@pytest.mark.parametrize("nested", [False, True], ids=["rows alike", "right behind the label"])
def test_fields_stand_where_those_of_other_rows_do(nested: bool) -> None:
    """Rows with blank fields at their ends, as converters of pages write merged cells."""
    label = "2.其他法律行政法规禁止公开" if nested else "二、上年结转政府信息公开申请数量"
    rows = ["一、本年新收政府信息公开申请数量 | 5 | 0 | 0 | 0 | 0 | 0 | 5 | ||", f"{label} | 1 | 0 | 3"]
    head = ["（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和） | 申请人情况 | ||||||||"]
    nests = ["三、本年度办理结果 | （一）予以公开 | 4 | 0 | 0 | 0 | 0 | 0 | 4 | |"] if nested else []
    text = [render.TITLE, "三、收到和处理政府信息公开申请情况", *head, rows[0], *nests, rows[1]]
    reading = read("\n".join(text).encode())
    name = "applications.result.denied.law_prohibited" if nested else "applications.carried_in"
    own = {place.rpartition(".")[2]: c for place, c in reading.cells.items() if place.startswith(f"{name}.")}
    assert [cell.value for cell in own.values()] == [1, 0, None, None, None, None, None]
    assert [cell.flags for cell in own.values()] == [()] * 2 + [("not_a_number",)] * 5


def test_one_whole_row_bears_out_the_last() -> None:
    rows = ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数", "规章", "0", "0", "0"]
    reading = read("\n".join([render.TITLE, "第二十条第（一）项", *rows, "行政规范性文件", "3", "0"]).encode())
    own = {name: cell for name, cell in reading.cells.items() if ".normative." in name}
    assert [(cell.value, bool(cell.flags)) for cell in own.values()] == [(3, True), (0, True)]
