"""Each format is read back by a program of other makers, cell for cell; nothing written steers a terminal."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.assessment.measures import measures
from archive.exports.formats.columns import About, ExportColumn, FileFormat, Row, Sheet, missing_letters, sheet, words
from archive.exports.formats.describing import stata_name
from archive.exports.formats.workbook import write_xlsx
from archive.exports.plain_values import exact_float, json_of, neutral, one_text
from archive.exports.safe_text import safe_text
from archive.exports.writing import writer_of
from archive.queries.frames import ColumnKind
from nianbao.cli import common
from storage.records import AgencyKind
from tests.played import nianbao

CHINA = ZoneInfo("Asia/Shanghai")
ABOUT = About(
    as_of=datetime(2026, 6, 1, tzinfo=UTC),
    software="nianbao/0",
    reader="9",
    question="a test",
    simulated=False,
    sources=(("汶上县", "http://www.wenshang.gov.cn/"),),
)
COUNT, AMOUNT = measures()["applications.received.total"], measures()["proactive.admin_fee.amount"]
COLUMNS = sheet("cells_wide", (), (COUNT, AMOUNT)).columns
STATES = tuple(word.word for word in words("state"))

HOSTILE = (
    "", "=1+1", "+1", "-", "@a", "\tx", "\rx", "007", "370830", "1e5", "长" * 300, 'a"b,c\nd', "\x00\x1b[2J\u202e",
    None,
)  # fmt: skip
#: a number and its state, for the count and the amount
FIGURES = (
    ((Decimal(2**31 - 1), "printed"), (Decimal("0.125"), "computed")),
    ((Decimal(-3), "stated"), (Decimal(-(10**12)), "printed")),
    *(((None, one), (None, one)) for one in STATES if one not in {"printed", "computed", "stated"}),
)


def plain(**more: object) -> Row:
    row: dict[str, object] = dict.fromkeys(one.name for one in COLUMNS)
    row |= {"kind": "department", "year": 2024, "is_last": True, "doubted_cells": []}
    for one in (COUNT.id, AMOUNT.id):
        row |= {one: Decimal(1), f"{one}.state": "printed"}
    return row | more


def rows() -> Iterator[Row]:
    """Rows of a wide table: each text where texts stand, each state of a figure, instants long ago and to come."""
    kinds, states = cycle(AgencyKind), cycle(FIGURES)
    for at in range(max(len(HOSTILE), len(FIGURES))):
        text, (count, amount) = HOSTILE[at % len(HOSTILE)], next(states)
        row = plain(kind=next(kinds).value, year=2008 + at, is_last=at % 2 == 0, warc_offset=2**40 if at % 3 else None)
        row |= {one.name: text for one in COLUMNS if one.kind in {ColumnKind.TEXT, ColumnKind.CODE}}
        row |= {"doubted_cells": ["a.b", "c"][: at % 3]}
        row["fetched_at"] = datetime.fromtimestamp(-2_000_000_000 + at * 400_000_000, UTC) if at % 5 else None
        for measure, (value, state) in ((COUNT, count), (AMOUNT, amount)):
            row |= {measure.id: value, f"{measure.id}.state": state}
        yield row


def made(some: list[Row]) -> Sheet:
    return sheet("cells_wide", some, (COUNT, AMOUNT))


def shown(value: object) -> str | None:
    """A value as text that every format can hold: control characters are told, not kept."""
    return None if value is None else safe_text(one_text(value))


# ---------------------------------------------------------------------------------------------- the readers of others


def from_jsonl(path: Path) -> list[dict[str, Any]]:
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]


def workbook(path: Path) -> Any:
    import openpyxl

    return openpyxl.load_workbook(path)


def from_xlsx(path: Path) -> list[dict[str, Any]]:
    book = workbook(path)
    page = book["cells_wide"]
    assert page.freeze_panes == "A2"
    assert book.sheetnames == ["cells_wide", "dictionary", "notes"]
    head, *lines = page.iter_rows(values_only=True)
    assert all(cell.data_type != "f" for line in page.iter_rows() for cell in line)
    return [dict(zip(head, line, strict=True)) for line in lines]


def from_parquet(path: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    assert table.schema.field(COUNT.id).metadata[b"zh"].decode() == COUNT.zh
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def from_dta(path: Path) -> list[dict[str, Any]]:
    import pandas as pd
    import pyreadstat

    frame, meta = pyreadstat.read_dta(path, user_missing=True)
    assert meta.column_names_to_labels[stata_name(COUNT.id)] == f"{COUNT.zh}（件）"
    assert meta.variable_value_labels["kind"][3] == "部门 department"
    other = pd.read_stata(path, convert_missing=True, convert_categoricals=False, convert_dates=False)
    assert "category" not in {str(pd.read_stata(path)[stata_name(one.id)].dtype) for one in (COUNT, AMOUNT)}
    for name in (stata_name(COUNT.id), stata_name(AMOUNT.id)):
        alike = [str(one).removeprefix(".") for one in other[name]]
        assert all(a == b or float(a) == float(b) for a, b in zip(alike, map(str, frame[name]), strict=True))
    return list(frame.to_dict("records"))


def as_text(one: ExportColumn, value: Any, _: Row) -> object:
    """A cell of CSV: what a spreadsheet would run is shown."""
    return value if one.is_number else neutral(shown(value) or "")


def in_xlsx(one: ExportColumn, value: Any, row: Row) -> object:
    if isinstance(value, datetime):
        return value.astimezone(CHINA).replace(tzinfo=None)
    return value if one.kind is ColumnKind.FLAG else as_text(one, value, row)


def in_parquet(_: ExportColumn, value: Any, __: Row) -> object:
    return safe_text(value) if isinstance(value, str) else value


def in_dta(one: ExportColumn, value: Any, row: Row) -> object:
    """Words are numbers, and missing numbers letters that say why."""
    if one.is_number and value is None and one.state:
        return missing_letters()[str(row[one.state])]
    if one.kind is ColumnKind.CHOSEN:
        return next(word.number for word in one.words if word.word == value)
    if isinstance(value, datetime):
        return value.astimezone(CHINA).replace(tzinfo=None)
    return value if one.is_number or one.kind in {ColumnKind.FLAG, ColumnKind.INSTANT} else shown(value) or ""


def same(fmt: FileFormat, row: Row, back: dict[str, Any]) -> None:
    """Hold a row that was read back against the one that was written, value for value."""
    for one in COLUMNS:
        if fmt is FileFormat.DTA and one.name.endswith(".state"):
            continue
        wanted = READERS[fmt][1](one, row[one.name], row)
        found = back[stata_name(one.name) if fmt is FileFormat.DTA else one.name]
        if fmt is FileFormat.JSONL and isinstance(wanted, datetime):
            found = datetime.fromisoformat(found)
        if isinstance(wanted, (int, Decimal)) and not isinstance(wanted, bool) and not isinstance(found, Decimal):
            found = Decimal(str(found))
        if isinstance(wanted, str):
            wanted, found = wanted.replace("\r\n", "\n"), (found or "").replace("\r\n", "\n")
        assert found == wanted or (wanted is None and str(found) in {"", "nan", "NaT"}), one.name


#: how each format is read back, and what stands in it for a value
READERS: dict[FileFormat, tuple[Callable[[Path], list[dict[str, Any]]], Callable[[ExportColumn, Any, Row], object]]] = {
    FileFormat.CSV: (lambda path: [*csv.DictReader(path.open(encoding="utf-8-sig", newline=""))], as_text),
    FileFormat.JSONL: (from_jsonl, lambda _, value, __: value),
    FileFormat.XLSX: (from_xlsx, in_xlsx),
    FileFormat.PARQUET: (from_parquet, in_parquet),
    FileFormat.DTA: (from_dta, in_dta),
}


@pytest.mark.parametrize("fmt", FileFormat)
def test_every_value_comes_back_as_it_went(fmt: FileFormat, tmp_path: Path) -> None:
    some, path = [*rows()], tmp_path / f"t.{fmt.value}"
    written = writer_of(fmt)(made(some), ABOUT, path)
    assert (written.rows, written.inexact) == (len(some), 0)
    for row, found in zip(some, READERS[fmt][0](path), strict=True):
        same(fmt, row, found)


@pytest.mark.parametrize("value", [Decimal("1234567890123456.7"), Decimal(10) ** 40])
@pytest.mark.parametrize("fmt", FileFormat)
def test_what_a_format_cannot_hold_exactly_is_left_out_and_told(
    fmt: FileFormat, value: Decimal, tmp_path: Path
) -> None:
    path = tmp_path / f"t.{fmt.value}"
    exact = exact_float(value) is not None or fmt.is_text
    row = plain(**{AMOUNT.id: value})
    written = writer_of(fmt)(made([row]), ABOUT, path)
    assert written.inexact == (0 if exact else 1)
    (back,) = READERS[fmt][0](path)
    if exact:
        same(fmt, row, back)
    elif fmt is FileFormat.DTA:
        assert back[stata_name(AMOUNT.id)] == missing_letters()["not_exact"]
    else:
        assert (back[AMOUNT.id], back[f"{AMOUNT.id}.state"]) == (None, "not_exact")


def test_a_table_longer_than_a_sheet_goes_on_on_further_ones(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    some = [plain(year=2000 + at) for at in range(7)]
    assert write_xlsx(made(some), ABOUT, path, rows_a_sheet=4).rows == 7
    book = workbook(path)
    assert book.sheetnames == ["cells_wide", "cells_wide_2", "cells_wide_3", "dictionary", "notes"]
    years = [row[6] for name in book.sheetnames[:3] for row in book[name].iter_rows(min_row=2, values_only=True)]
    assert years == [2000 + at for at in range(7)]
    told = dict(book["notes"].iter_rows(values_only=True))
    assert told["sheets"].startswith("7 rows on 3 sheets")
    assert told["reader version"] == "9"


# ------------------------------------------------------------------------------------------------ texts that steer

EVIL = "\u2028\u2029\x1b[2J\x9b31m\u202e\u2066\x07\r\U000e0041\ud800"


@given(st.text(st.characters(exclude_categories=())))
def test_texts_are_what_they_were_and_nothing_in_them_steers(text: str) -> None:
    said, shown = json_of({"text": [text]}), safe_text(text)
    assert json.loads(said) == {"text": ["".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)]}
    assert len(shown) == len(text)
    for one in (said, shown):
        assert not [c for c in one if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Cs")]
        one.encode()


def test_errors_do_not_steer(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(common.typer.Exit):
        common.fail(f"No report of {EVIL} is held")
    assert not set(EVIL) & set(capsys.readouterr().err) - set("[2J31m")


def test_half_a_character_is_answered() -> None:
    asked = json.dumps({"title": f"{EVIL}2024年政府信息公开工作年度报告", "url": None})
    ran = nianbao("classify", "--jsonl", stdin=asked + "\n", code=0)
    assert json.loads(ran.out)["title"].startswith(EVIL.replace("\ud800", "\ufffd"))
    assert not set(EVIL) & set(ran.out) - set("[2J31m")
