"""Reading everything again: what was read before stays as a record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from small_archive import Site, new_archive, report_page

from archive.forms.indicators import indicator_digits
from archive.parser.reader import READER_VERSION
from archive.projection.update import rebuild, update
from archive.queries.bounds import NotKnownError
from archive.queries.reports import show
from storage.home import Home
from storage.old_readings import FormerReadings
from storage.projections import ProjectionStore
from storage.records import CellState, Reading, StoredCell
from tests.played import nianbao

SFJ = "汶上县司法局"
TOTAL, PERSON, RULES = "applications.received.total", "applications.received.natural_person", "proactive.rules.issued"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with new_archive(tmp_path / "archive") as home:
        site = Site(home, first_year=2025)
        site.agency("sfj", SFJ)
        column = site.column()
        site.look("2026-02-09 09:00", column, [("nb/1.html", f"{SFJ}2025年政府信息公开工作年度报告", "2026-01-20")])
        site.fetch(
            "2026-02-09 09:01", "nb/1.html", report_page(SFJ, 2025, {PERSON: 3, TOTAL: 3}, published="2026-01-20")
        )
        update(home)
        yield home


def as_read_before(home: Home) -> Reading:
    """The stored reading made to be one of an older reader, which read a figure wrong, missed one and had a doubt."""
    with closing(ProjectionStore(home, indicator_digits())) as store:
        (edition,) = store.editions()
        now = store.reading(edition.main)
        assert now is not None
        cells = {name: cell for name, cell in now.cells.items() if name != RULES}
        cells[PERSON] = replace(cells[PERSON], value=Decimal(8), raw="8")
        cells[TOTAL] = replace(cells[TOTAL], flags=("low_confidence",))
        former = replace(now, reader="1", cells=cells, title="旧题")
        store.put_readings([former])
    return former


def test_what_was_read_before_stays_as_a_record_until_it_is_forgotten(home: Home) -> None:
    former = as_read_before(home)
    assert "documents read: 1" in nianbao("reread", "--all", archive=home.path).out
    assert FormerReadings(home).of(former.document) == {"1": former}
    person = {cell.id: cell.value for cell in show(home, SFJ, 2025).cells}[PERSON]
    then = {cell.id: cell.value for cell in show(home, SFJ, 2025, reader="1").cells}[PERSON]
    assert (person, then) == (3, 8)
    assert show(home, SFJ, 2025, reader=READER_VERSION) == show(home, SFJ, 2025)
    with pytest.raises(NotKnownError, match=r"There is no reading of .* by reader '5'"):
        show(home, SFJ, 2025, reader="5")
    rebuild(home)  # by the same reader: adds nothing
    assert FormerReadings(home).of(former.document) == {"1": former}
    assert "8" in nianbao("show", SFJ, "2025", "--reader", "1", "--csv", archive=home.path).out
    assert nianbao("reread", "--forget", "1", archive=home.path).out == "readings by reader 1 deleted: 1\n"
    assert FormerReadings(home).of(former.document) == {}


def test_a_generation_of_other_columns_is_kept_with_the_columns_it_has(home: Home) -> None:
    """The form had fewer places when the stored generation was made."""
    with closing(ProjectionStore(home, indicator_digits())) as store:
        readings = [replace(one, reader="1", cells={TOTAL: one.cells[TOTAL]}) for one in store.readings()]
        documents = list(store.documents().values())
    gone = StoredCell(id="gone.since", state=CellState.PRINTED, value=Decimal("1.25"), raw="1.25", locator={})
    with closing(ProjectionStore(home, {TOTAL: 0, "gone.since": 2})) as older, older.building() as aside:
        aside.put_documents(documents)
        aside.put_readings(replace(one, cells={**one.cells, "gone.since": gone}) for one in readings)
    update(home)
    assert FormerReadings(home).of(readings[0].document)["1"].cells["gone.since"].value == Decimal("1.25")
