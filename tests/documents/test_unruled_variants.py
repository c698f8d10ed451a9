"""Reports without ruling lines in many looks: nothing wrong without a word, blanks blank, plain looks read wholly."""

from __future__ import annotations

import random

import pytest

from archive.forms.loader import form
from archive.parser.reader import read
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


@pytest.mark.parametrize("seed", [1, 3])
def test_a_table_above_the_headings_of_another_is_none_of_it(seed: int) -> None:
    """行政复议、行政诉讼 printed before the applications: its headings are words that those have, too."""
    data, truth = report(seed, "2021", Look(), 0.0, 2022, order=(0, 2, 1))
    reading = read(data)
    assert {place: value for place, value in truth.items() if place not in reading.cells} == {}
    assert {place for place, value in truth.items() if reading.cells[place].value != value} == set()
    assert [section.key for section in reading.sections][2:5] == ["proactive", "remedies", "applications"]
