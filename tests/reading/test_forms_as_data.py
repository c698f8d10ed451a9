"""The forms are data: exactly the agreed indicators, printed and read back, and a broken file is told."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from archive.forms.indicators import english
from archive.forms.loader import FormError, all_forms, form, read_form
from archive.forms.model import Form
from tests.case_tables import read_cases

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


@pytest.mark.parametrize(("name", "line", "by", "told"), read_cases(__file__, "broken"))
def test_a_broken_form_is_told_with_its_file(tmp_path: Path, name: str, line: str, by: str, told: str) -> None:
    source = (FORMS / f"{name}.toml").read_text(encoding="utf-8")
    assert line in source
    broken = tmp_path / f"{name}.toml"
    broken.write_text(source.replace(line, by, 1), encoding="utf-8")
    with pytest.raises(FormError, match=rf"^{name}\.toml: .*{told}"):
        read_form(broken)
