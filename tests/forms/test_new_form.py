"""A new form year needs nothing but a data file: a made-up one is laid into a folder, printed, and read back.

A process reads its forms once, so this module is also run as a program: it prints documents on the form of a folder,
reads them, and says as JSON what differed.
"""

from __future__ import annotations

import csv
import json
import random
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from archive.forms import loader
from archive.forms.indicators import english, indicator_digits
from archive.forms.loader import FormError, all_forms, form, load_forms, read_form
from archive.forms.model import Form
from archive.forms.printer import tables
from archive.parser.reader import read
from imitation.documents import flat, html, portable, sheets, word
from imitation.wording import Block, SectionHeading
from tests import form_rendering as render
from tests.case_tables import read_cases

ROOT = Path(__file__).resolve().parents[2]
MADE_UP = Path(__file__).with_name("made_up") / "2030.toml"
WRITERS = {"html": html.page, "docx": word.docx, "pdf": portable.pdf, "xlsx": sheets.xlsx, "tabs": flat.text}
SECTIONS = ["overview", "proactive", "applications", "remedies", "problems", "other"]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process that finds the made-up form in its folder made of documents printed on it."""
    folder = shutil.copytree(ROOT / "archive/forms", tmp_path_factory.mktemp("forms") / "forms")
    shutil.copy(MADE_UP, folder)
    command = [sys.executable, "-m", "tests.forms.test_new_form", "2030", str(folder)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    result: dict[str, Any] = json.loads(ran.stdout)
    return result


@pytest.mark.parametrize("kind", WRITERS)
def test_every_cell_is_read_back_on_the_new_form_and_its_own_sums_are_checked(
    outcome: dict[str, Any], kind: str
) -> None:
    found = outcome["kinds"][kind]
    assert (found["form"], found["wrong"], found["sections"]) == ("2030", [], SECTIONS)
    if kind != "tabs":  # of flat text, rows of which no sum holds are not placed
        assert len({said for code, said, *_ in found["findings"] if code == "identity_broken"}) >= 3  # of three sums
        assert [rest for code, _, *rest in found["findings"] if code == "narrative_conflict"] == [["5", "7"]]


def test_the_forms_before_it_are_read_as_ever_and_its_indicators_have_columns(outcome: dict[str, Any]) -> None:
    assert outcome["others"] == {plan.name: [plan.name, []] for plan in load_forms()}
    assert outcome["unknown"] == []


def report_on(plan: Form, cells: render.Cells, said: str) -> tuple[str, list[Block]]:
    """Title and blocks of a report on a form: every section under its heading, the tables where they belong."""
    printed = {table.key: table for table in tables(plan, render.printed(plan, cells))}
    blocks: list[Block] = []
    for section in plan.sections:
        blocks.append(SectionHeading(f"{section.number}、{section.heading}"))
        here = [printed[table.key] for table in plan.tables if table.section == section.key]
        blocks += here or [said if section.key == "overview" else "我局认真做好各项工作。"]
    return f"测试县司法局{plan.first_year}年政府信息公开工作年度报告", blocks


def main(name: str, folder: str) -> None:
    """Write and read the form of a folder in every kind, and the other forms beside it."""
    loader.FOLDER = Path(folder)
    plan, chance = form(name), random.Random(20)
    cells: dict[str, Decimal | None] = {}
    for place, spot in plan.places.items():
        value = Decimal(chance.randrange(0, 10**6)) / 100 if spot.kind == "amount" else Decimal(chance.randint(0, 999))
        cells[place] = None if chance.random() < 0.1 else value
    cells[plan.narrative["received"][0][0][0]] = Decimal(5)
    document = report_on(plan, cells, f"{plan.first_year}年，我局共收到政府信息公开申请7件。")
    kinds: dict[str, object] = {}
    for kind, write in WRITERS.items():
        reading = read(write(*document))
        kinds[kind] = {
            "form": reading.form,
            "wrong": sorted(render.lies(reading, cells) if kind == "tabs" else render.differences(reading, cells)),
            "sections": [part.key for part in reading.sections if part.key],
            "findings": [[one.code, one.zh.split(" ")[0], one.expected, one.found] for one in reading.findings],
        }
    others = {}
    for other in load_forms():
        numbers: dict[str, Decimal | None] = {place: Decimal(at) for at, place in enumerate(other.ids)}
        reading = read(html.page(*report_on(other, numbers, "")))
        others[other.name] = [reading.form, sorted(render.differences(reading, numbers))]
    del others[name]
    unknown = sorted(set(plan.ids) - set(indicator_digits()))
    json.dump({"kinds": kinds, "unknown": unknown, "others": others}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])


# ------------------------------------------------------------------------------------------------ forms are data

FORMS = Path(__file__).parents[2] / "archive" / "forms"


@pytest.mark.parametrize("name", ["2019", "2021"])
def test_a_form_has_exactly_the_agreed_indicators(shared: Path, name: str) -> None:
    plan = form(name)
    with (shared / "domain" / "indicators.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["form"] == name]
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
def test_every_place_and_section_has_an_english_name(plan: Form) -> None:
    labels = {(*place.row.groups, place.row.label, place.column.label) for place in plan.places.values()}
    labels |= {(plan.heading(table),) for table in plan.tables}
    assert not [one for one in labels if english(one) is None]


@pytest.mark.parametrize(("name", "line", "by", "told"), read_cases(__file__, "broken"))
def test_a_broken_form_is_told_with_its_file(tmp_path: Path, name: str, line: str, by: str, told: str) -> None:
    source = (FORMS / f"{name}.toml").read_text(encoding="utf-8")
    assert line in source
    broken = tmp_path / f"{name}.toml"
    broken.write_text(source.replace(line, by, 1), encoding="utf-8")
    with pytest.raises(FormError, match=rf"^{name}\.toml: .*{told}"):
        read_form(broken)
