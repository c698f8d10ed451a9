"""The forms are data: exactly the agreed indicators, printed and read back, and a broken file is told with its line."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from archive.rebuilt.forms.crosswalk import crosswalks
from archive.rebuilt.forms.english import english
from archive.rebuilt.forms.loader import FormError, all_forms, form, load_forms, old_form, read_form
from archive.rebuilt.forms.model import Form

FORMS = Path(__file__).parents[2] / "archive" / "rebuilt" / "forms"


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


def test_the_form_of_2019_says_only_what_it_prints_otherwise() -> None:
    text = (FORMS / "2019.toml").read_text(encoding="utf-8")
    assert "applications.received" not in text
    assert form("2019").table("remedies") == form("2021").table("remedies")
    assert [row.id for row in form("2019").table("applications").rows][-3:] == [
        "applications.result.other.all",
        "applications.result.total",
        "applications.carried_out",
    ]


def test_all_forms_are_known_by_name_oldest_first() -> None:
    assert [plan.name for plan in all_forms()] == ["pre2019", "2019", "2021"]
    assert [plan.name for plan in load_forms()] == ["2019", "2021"]
    assert old_form() is form("pre2019")


def test_the_crosswalk_names_places_of_other_forms() -> None:
    same = {one.id: one.places for one in crosswalks() if one.kind == "same"}
    assert same["applications.received.total"] == ("pre2019.applications.received.year",)


@pytest.mark.parametrize("plan", all_forms(), ids=lambda plan: plan.name)
def test_every_place_has_an_english_name(plan: Form) -> None:
    labels = {(*place.row.groups, place.row.label, place.column.label) for place in plan.places.values()}
    assert not [one for one in labels if english(one) is None]


@pytest.mark.parametrize(
    ("name", "line", "by", "told"),
    [
        ("2021", 'kind = "amount"', 'kind = "money"', "kind 'money'"),
        ("2021", 'layout = "strip"', 'layout = "spiral"', "'spiral'"),
        (
            "2021",
            'received = [\n    ["applications.received.total"],',
            'received = [\n    ["nowhere.total"],',
            "nowhere.total",
        ),
        ("2021", 'variants = ["企业"]', 'varients = ["企业"]', "varients is no key"),
        ("2021", 'variants = ["企业"]', 'variants = "企业"', "variants is no list"),
        ("2019", 'replaces = ["issued"]', 'replaces = ["isued"]', "isued"),
        ("pre2019", 'left = ["pre2019.staff.people"]', 'left = ["pre2019.staff"]', "pre2019.staff.year"),
    ],
)
def test_a_broken_form_is_told_with_file_and_line(tmp_path: Path, name: str, line: str, by: str, told: str) -> None:
    source = (FORMS / f"{name}.toml").read_text(encoding="utf-8")
    assert line in source
    broken = tmp_path / f"{name}.toml"
    broken.write_text(source.replace(line, by, 1), encoding="utf-8")
    with pytest.raises(FormError, match=rf"^{name}\.toml, line \d+: .*{told}"):
        read_form(broken)


def test_a_new_form_is_one_file(tmp_path: Path) -> None:
    new = tmp_path / "2027.toml"
    new.write_text(
        'extends = "2021"\nname = "2027"\ntitle = "格式"\nsource = "函"\nfirst_year = 2027\n'
        '[[table]]\nkey = "remedies"\n[[table.column]]\nid = "withdrawn"\nreplaces = ["other"]\nlabel = "撤回"\n'
        '[[identity]]\ncode = "I4"\nright = ["upheld", "corrected", "withdrawn", "pending"]\n',
        encoding="utf-8",
    )
    plan = read_form(new)
    assert plan.last_year is None
    assert plan.table("remedies").rows[0].column_ids == ("upheld", "corrected", "withdrawn", "pending", "total")
    assert len(plan.ids) == len(form("2021").ids)
