"""The forms are data: exactly the agreed indicators, printed and read back, and a broken file is told."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from archive.documents.model import Cell, Document, Paragraph, Table
from archive.forms.indicators import english
from archive.forms.loader import FormError, all_forms, form, read_form
from archive.forms.model import Form
from archive.parser.form_choice import place_document
from archive.parser.placement import Assignment
from archive.parser.values import read_value

FORMS = Path(__file__).parents[2] / "archive" / "forms"


def agreed(shared: Path, name: str) -> list[dict[str, str]]:
    with (shared / "domain" / "indicators.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["form"] == name]


@pytest.mark.parametrize("name", ["2019", "2021"])
def test_a_form_has_exactly_the_agreed_indicators(shared: Path, name: str) -> None:
    plan = form(name)
    rows = agreed(shared, name)
    wanted = {row["id"]: row for row in rows if not row["id"].startswith("derived.")}
    assert set(plan.ids) == set(wanted)
    for place in plan.places.values():
        row = wanted[place.id]
        assert place.unit in row["unit"]
        assert {"open_amount": "amount"}.get(place.kind, place.kind) == row["kind"]
        assert place.row.label == row["row_label"].split("/")[-1] or place.table == "remedies"
    derived = {row["id"].rpartition(".")[0] for row in rows if row["id"].startswith("derived.")}
    assert {bridge.id for bridge in plan.bridges} == derived


@pytest.mark.parametrize("plan", all_forms(), ids=lambda plan: plan.name)
def test_every_place_has_an_english_name(plan: Form) -> None:
    labels = {(*place.row.groups, place.row.label, place.column.label) for place in plan.places.values()}
    assert not [one for one in labels if english(one) is None]


@pytest.mark.parametrize(
    ("name", "line", "by", "told"),
    [
        ("2021", 'kind = "amount"', 'kind = "money"', "'money'"),
        ("2021", 'key = "remedies"\nsection', 'key = "disputes"\nsection', "'disputes'"),
        ("2021", '    ["applications.received.total"],', '    ["nowhere.total"],', "'nowhere.total'"),
        ("2021", 'variants = ["企业"]', 'varients = ["企业"]', "varients"),
        ("2021", 'variants = ["企业"]', 'variants = "企业"', "variants = '企业'"),
        ("2019", 'replaces = ["issued"]', 'replaces = ["isued"]', "'isued'"),
        ("pre2019", 'left = ["pre2019.staff.people"]', 'left = ["pre2019.staff"]', "'pre2019.staff.year'"),
    ],
)
def test_a_broken_form_is_told_with_its_file(tmp_path: Path, name: str, line: str, by: str, told: str) -> None:
    source = (FORMS / f"{name}.toml").read_text(encoding="utf-8")
    assert line in source
    broken = tmp_path / f"{name}.toml"
    broken.write_text(source.replace(line, by, 1), encoding="utf-8")
    with pytest.raises(FormError, match=rf"^{name}\.toml: .*{told}"):
        read_form(broken)


def document_of(*tables: Table, title: str = "测试县司法局2016年政府信息公开工作年度报告") -> Document:
    return Document("docx", (Paragraph(title), *tables))


def table_of(rows: Sequence[Sequence[str]]) -> Table:
    cells = (Cell(at, col, 1, 1, text, {"row": at}) for at, row in enumerate(rows) for col, text in enumerate(row))
    return Table(tuple(cells))


def read_cells(document: Document) -> tuple[Assignment, dict[str, Decimal | None]]:
    assignment = place_document(document)
    values = {}
    for name, one in assignment.placed.items():
        place = assignment.index.form.places[name]
        values[name] = read_value(one.cell.text, place.kind, place.unit, one.unit).value
    return assignment, values


HEAD = ("统计指标", "单位", "统计数")
DISPUTES = [
    ("四、行政复议数量", "件", "3"),
    ("（一）维持具体行政行为数", "件", "1"),
    ("（二）被依法纠错数", "件", "2"),
    ("五、行政诉讼数量", "件", "15"),
    ("（二）被依法纠错数", "件", "7"),
]


def test_rows_of_one_label_are_told_apart_by_the_rows_above_them() -> None:
    _, values = read_cells(document_of(table_of([HEAD, *DISPUTES])))
    assert values["pre2019.review.corrected.year"] == 2
    assert values["pre2019.litigation.corrected.year"] == 7


def test_a_row_below_an_unknown_heading_is_not_taken_for_its_twin_in_silence() -> None:
    unknown = ("五、法院受理案件", "件", "15")
    assignment, _ = read_cells(document_of(table_of([HEAD, *DISPUTES[:3], unknown, DISPUTES[4]])))
    assert assignment.placed["pre2019.review.corrected.year"].doubts == ("conflict",)
    assert "pre2019.litigation.corrected.year" not in assignment.placed


@pytest.mark.parametrize(
    ("header", "row", "value"),
    [
        (("指标名称", "计量单位", "2016年度", "历年累计"), ("行政复议数", "件", "4", "9"), 4),
        (("指标名称", "计量单位", "上年", "本年"), ("行政复议数", "件", "9", "4"), 4),
        (("指标名称", "代码", "计量单位", "数量"), ("行政复议数", "51", "件", "4"), 4),
        (("指标名称", "计量单位", "2015年度"), ("行政复议数", "件", "9"), None),
        (("指标名称", "计量单位", "2015年度", "2016年度"), ("行政复议数", "件", "9", "4"), None),
        (("指标名称", "计量单位", "历年累计"), ("行政复议数", "件", "9"), None),
        (("指标名称", "计量单位", "数量"), ("行政复议数", "人次", "9"), None),
    ],
)
def test_a_figure_is_of_the_year_and_in_the_unit_of_its_row(
    header: tuple[str, ...], row: tuple[str, ...], value: int | None
) -> None:
    others = [(label, *row[1:]) for label in ("主动公开文件数", "行政诉讼数")]
    assignment, values = read_cells(document_of(table_of([header, others[0], row, others[1]])))
    assert values.get("pre2019.review.year") == value
    assert value or "行政复议数" in {one.cells[0].text for one in assignment.unplaced}


def test_money_is_read_in_the_unit_that_is_printed() -> None:
    rows = [HEAD, DISPUTES[0], DISPUTES[3], ("七、依申请公开信息收取的费用", "元", "5000")]
    assert read_cells(document_of(table_of(rows)))[1]["pre2019.fees.year"] == Decimal("0.5")
