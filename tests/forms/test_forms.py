"""The form files against the agreed list of indicators, and the grids they print."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from archive.forms import loader, printer
from archive.forms.free import read_old_form
from archive.forms.model import Form
from archive.forms.spelling import key

#: Every place of the national forms of 2019 and 2021: its id, labels, unit and kind, and the derived figures.
INDICATORS = Path(__file__).with_name("indicators.csv")


def agreed(form: str) -> dict[str, dict[str, str]]:
    with INDICATORS.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["form"] == form and not row["id"].startswith("derived.")]
    return {row["id"]: row for row in rows}


@pytest.mark.parametrize("name", ["2019", "2021"])
def test_ids_units_and_labels_are_the_agreed_ones(name: str) -> None:
    plan = loader.form(name)
    wanted = agreed(name)
    assert set(plan.ids) == set(wanted)
    for place in plan.places.values():
        row = wanted[place.id]
        assert place.unit in row["unit"], place.id
        assert {"open_amount": "amount"}.get(place.kind, place.kind) == row["kind"], place.id
        assert place.row.label == row["row_label"].split("/")[-1] or place.table == "remedies", place.id
        assert row["column_label"].split("/", 1)[-1] == place.column.label or "增" in place.column.label, place.id


@pytest.mark.parametrize("name", ["2019", "2021"])
def test_bridges_are_the_derived_rows(name: str) -> None:
    with INDICATORS.open(encoding="utf-8") as file:
        ids = {r["id"].rsplit(".", 1)[0] for r in csv.DictReader(file) if r["form"] == name and "derived." in r["id"]}
    assert {bridge.id for bridge in loader.form(name).bridges} == ids


def test_the_list_of_indicators_is_the_one_that_others_rely_on(shared: Path) -> None:
    assert INDICATORS.read_bytes() == (shared / "domain" / "indicators.csv").read_bytes()


def test_grids_have_the_official_sizes() -> None:
    sizes = [(table.rows, table.cols) for table in printer.tables(loader.form("2021"), {})]
    assert sizes == [(14, 4), (28, 10), (4, 15)]


@pytest.mark.parametrize("plan", loader.load_forms(), ids=lambda plan: plan.name)
def test_every_place_is_printed_once_and_nothing_overlaps(plan: Form) -> None:
    printed = printer.tables(plan, {name: Decimal(i) for i, name in enumerate(plan.ids)})
    cells = [cell for table in printed for cell in table.cells if cell.id]
    assert [cell.text for cell in sorted(cells, key=lambda c: plan.ids.index(c.id or ""))] == [
        str(i) for i in range(len(plan.ids))
    ]
    for table in printed:
        covered = [
            (r, c)
            for cell in table.cells
            for r in range(cell.row, cell.row + cell.rowspan)
            for c in range(cell.col, cell.col + cell.colspan)
        ]
        assert len(covered) == len(set(covered)) == table.rows * table.cols


def test_a_form_file_that_does_not_hold_together_is_refused(tmp_path: Path) -> None:
    source = Path(loader.__file__).with_name("2021.toml").read_text(encoding="utf-8")
    broken = tmp_path / "2030.toml"
    broken.write_text(
        source.replace('left = ["applications.result.total"]', 'left = ["applications.nowhere"]'), "utf-8"
    )
    with pytest.raises(loader.FormError, match=r"2030\.toml"):
        loader.read_form(broken)


@pytest.mark.parametrize(
    ("change", "by"),
    [
        ('id = "pre2019.channels.gazette"', 'id = "channels.gazette"'),
        ('id = "pre2019.channels.gazette"', 'id = "pre2019.channels.website"'),
        ('under = "pre2019.channels"', 'under = "pre2019.nowhere"'),
        ('total = "pre2019.staff.people"', 'total = "pre2019.staff"'),
    ],
)
def test_a_free_table_that_does_not_hold_together_is_refused(tmp_path: Path, change: str, by: str) -> None:
    source = Path(loader.__file__).with_name("pre2019.toml").read_text("utf-8")
    assert change in source
    (tmp_path / "pre2019.toml").write_text(source.replace(change, by, 1), "utf-8")
    with pytest.raises(ValueError, match="pre2019"):
        read_old_form(tmp_path / "pre2019.toml")


@pytest.mark.parametrize(
    ("printed", "label"),
    [
        ("规章（设区的市、自治州人民政府应提供相关数据）", "规章"),
        ("规范性文件：是指各级人民政府及其派出机关制定的行政规范。", "规范性文件"),
        ("1. 属于国家秘密", "属于国家秘密"),
        ("（五）不予处理—2.重复申请", "不予处理重复申请"),
        ("行政处罚：12件", "行政处罚12件"),
    ],
)
def test_what_a_label_is_explained_by_is_none_of_it(printed: str, label: str) -> None:
    assert key(printed) == label
