"""Cell texts as they are met in print → value, state and doubts."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.forms.loader import form
from archive.parser import values
from archive.parser.cells import printed_cell
from archive.parser.values import Value, header_unit, looks_like_value, read_value
from storage.records import Cell, CellState

COUNTS = [
    ("0", 0, ()),
    ("　12\xa0", 12, ()),
    ("１２", 12, ()),
    ("1,295", 1295, ()),
    ("1，295", 1295, ()),
    ("35件", 35, ()),
    ("31批次", 31, ()),
    ("6项次", 6, ()),
    ("22（其中修订16件）", 22, ("remark",)),
    ("1.1398889E7", 11398889, ("scientific",)),
    ("零", 0, ("word",)),
    ("3.0", 3, ()),
    ("12.00", 12, ()),
    ("12.000", 12, ("not_integer",)),
    ("-2", -2, ("negative",)),
    ("0。", 0, ("repaired",)),
    ("1 2", 12, ("spaced",)),
]


@pytest.mark.parametrize(("text", "value", "flags"), COUNTS)
def test_counts(text: str, value: int, flags: tuple[str, ...]) -> None:
    read = read_value(text)
    assert (read.value, read.flags, read.state) == (Decimal(value), flags, CellState.PRINTED)


@pytest.mark.parametrize("text", ["", " ", "\u3000", "\xa0", "\u200b", "\n"])
def test_blank_is_not_zero(text: str) -> None:
    assert (read_value(text).value, read_value(text).state) == (None, CellState.BLANK)


@pytest.mark.parametrize(
    "text", ["-", "—", "/", "\\", "无", "－", "——", "――", "───", "‐", "无。", "／", "/。", "不涉及。"]
)
def test_marks_are_blank_with_their_text_kept(text: str) -> None:
    assert (read_value(text).value, read_value(text).state, read_value(text).flags) == (None, CellState.MARK, ("mark",))


@pytest.mark.parametrize(
    "text", ["3.5", "1,29", "见附件", "12万元", "12万", "1.2亿", "1/2", "约30", "2021年", "9" * 30, "￥12"]
)
def test_what_is_no_count_is_kept_raw(text: str) -> None:
    read = read_value(text)
    assert read.value is None
    assert read.state is CellState.PRINTED
    assert {"not_integer", "not_a_number"} & set(read.flags)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("减4", -4),
        ("減4", -4),
        ("减少3项", -3),
        ("減少3", -3),
        ("↓3", -3),
        ("-35", -35),
        ("−1", -1),
        ("增72", 72),
        ("增加5", 5),
        ("新增5", 5),
        ("↑5", 5),
        ("+2", 2),
    ],
)
def test_changes_are_signed(text: str, value: int) -> None:
    assert read_value(text, "signed_count", "项") == read_value(str(value), "signed_count", "项")


MONEY = [
    ("2560万元", "open_amount", "元", "", "25600000", ()),
    ("2601.953875万", "open_amount", "元", "", "26019538.75", ()),
    ("1.2亿", "open_amount", "元", "万元", "120000000", ()),
    ("35.2万", "amount", "万元", "万元", "35.2", ()),
    ("35.2", "amount", "万元", "万", "35.2", ()),  # 单位：万件 is of other cells
    ("73802895.90元", "open_amount", "元", "", "73802895.90", ()),
    ("52.15", "open_amount", "元", "", "52.15", ("unit_missing",)),
    ("52.15", "open_amount", "元", "万元", "521500", ()),
    ("0", "open_amount", "元", "", "0", ()),
    ("4068.208", "amount", "万元", "", "4068.208", ()),
    ("125000元", "amount", "万元", "", "12.5", ("unit_converted",)),
    ("1,234.5万元", "amount", "万元", "万元", "1234.5", ()),
    ("3.5", "amount", "万元", "百万元", "350", ("unit_converted",)),
    ("35", "amount", "万元", "千元", "3.5", ("unit_converted",)),
    ("3千元", "amount", "万元", "", "0.3", ("unit_converted",)),
    ("86.35（万元）", "open_amount", "元", "", "863500", ("remark",)),
    ("12（元）", "amount", "万元", "", "0.0012", ("remark", "unit_converted")),
    ("3", "amount", "万元", "千元", "0.3", ("unit_converted",)),
    ("2百萬元", "open_amount", "元", "", "2000000", ()),
    ("5百元", "open_amount", "元", "万元", "500", ()),
]


@pytest.mark.parametrize(("text", "kind", "unit", "header", "value", "flags"), MONEY)
def test_amounts(text: str, kind: str, unit: str, header: str, value: str, flags: tuple[str, ...]) -> None:
    read = read_value(text, kind, unit, header)
    assert (read.value, read.flags) == (Decimal(value), flags)


def test_units_of_headers() -> None:
    assert [header_unit(t) for t in ("采购总金额（万元）", "本年收费金额（单位：元）", "采购总金额")] == [
        "万元",
        "元",
        "",
    ]
    others = ("收费金额（百万元）", "收费金额(千元)", "处理决定数量（单位：万件）", "数量（千件）")
    assert [header_unit(t) for t in others] == ["百万元", "千元", "万", "千"]
    assert [header_unit(t) for t in ("本年处理决定数量（件）", "数量（单位：件）", "三万件以上")] == ["", "", ""]


def test_a_count_in_a_multiple_is_not_taken_for_one_in_pieces() -> None:
    counted = read_value("896", header_unit="万")
    assert (counted.value, counted.flags) == (None, ("not_a_number",))
    assert read_value("0", header_unit="万").value == 0
    assert read_value("896", header_unit="元").value == 896
    assert read_value("12.5", "amount", "万元", "万").value == Decimal("12.5")


def test_a_figure_that_is_turned_round_is_none() -> None:
    for text in ("\u202e698", "\u202e698\u202c", "6\u202e98"):
        assert (read_value(text).value, read_value(text).flags) == (None, ("not_a_number",))
    assert read_value("\u200e896\u200f").value == 896


@given(st.text(max_size=60))
def test_any_text_is_read_and_never_made_up(text: str) -> None:
    read = read_value(text)
    assert (read.value is None) or any(c.isdigit() or c in "零〇" for c in text)


def test_a_sign_of_a_footnote_is_no_digit() -> None:
    for text in ("26²", "1①", "²", "26₃"):
        assert (read_value(text).value, read_value(text).flags) == (None, ("not_a_number",))
    for text in ("26²(1)", "1①[注]", "8[\u202e96]"):
        assert read_value(text).value is None
    assert (read_value("809[①]").value, read_value("809[①]").flags) == (809, ("remark",))
    assert [read_value(text).value for text in ("1[3]8", "1[3],800", "809[①]（其中1件）")] == [None, None, 809]
    assert read_value("２６").value == 26


def test_a_cell_of_a_report_is_one_like_any_other_and_cannot_be_changed() -> None:
    spot = next(iter(form("2021").places.values()))
    cell = printed_cell(spot.id, read_value("12件"), " 12件 ", {"row": 1}, ("order_only",))
    assert cell == Cell(
        id=spot.id,
        value=Decimal(12),
        raw="12件",
        state=CellState.PRINTED,
        locator={"row": 1},
        flags=("order_only",),
    )
    with pytest.raises(FrozenInstanceError):
        cell.value = Decimal(13)  # type: ignore[misc]


def test_a_text_too_long_for_a_figure_is_none_and_is_not_remembered() -> None:
    held = values.values_of("count", "件", "")
    assert read_value("1" * 500).flags == ("not_a_number",)
    assert "1" * 500 not in held
    assert read_value("1" * 17).value == Decimal("1" * 17)
    assert "1" * 17 in held


def test_words_that_say_nothing_changed_are_0_where_a_change_is_counted() -> None:
    assert read_value("未增未减", "signed_count") == Value(Decimal(0), CellState.PRINTED, ("word",))
    assert read_value("持平").value is None
    assert looks_like_value("持平")  # the figures beside it keep their columns


def test_an_underscore_is_a_mark() -> None:
    assert [read_value(text).state for text in ("_", "＿＿")] == [CellState.MARK] * 2


@pytest.mark.parametrize("text", ["￥12000元", "¥ 1.2万元", "人民币12000元", "¥12，000元"])
def test_the_sign_of_the_currency_before_an_amount(text: str) -> None:
    assert read_value(text, "open_amount", "元") == Value(Decimal(12000), CellState.PRINTED)
