"""Projections on both engines: replaced portal by portal, built aside, swapped in, compared on natural keys."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text
from storage_making import sample

from storage.errors import ProjectionError
from storage.home import Home
from storage.judgements import PortalRows
from storage.mapping import from_json, to_json
from storage.projections import ProjectionStore
from storage.reading_rows import state_of
from storage.records import (
    Agency,
    Capture,
    CellState,
    Edition,
    IdentityEvidence,
    Lead,
    Listing,
    Look,
    Portal,
    Reading,
    Ruling,
    Run,
    Schedule,
    StoredCell,
)

INDICATORS = {"received.total": 0, "procurement.amount": 6, "result.granted": 0, "result.refused": 0, "suits.total": 0}
AT = datetime(2026, 2, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def store(home: Home) -> ProjectionStore:
    return ProjectionStore(home, INDICATORS)


def digest(number: int) -> str:
    return f"{number:064x}"


def reading(number: int, received: str = "3") -> Reading:
    found = [
        StoredCell(
            id="received.total", value=Decimal(received), raw=received, state=CellState.PRINTED, locator={"row": 1}
        ),
        StoredCell(id="procurement.amount", value=Decimal("96171.60"), raw="96171.60", state=CellState.PRINTED),
        StoredCell(id="result.granted", value=None, raw="", state=CellState.BLANK),
        StoredCell(id="result.refused", value=None, raw="/", state=CellState.MARK, flags=("mark",)),
    ]
    return Reading(
        document=digest(number),
        reader="1",
        normaliser="1",
        kind="html",
        is_report=True,
        reason="",
        title="汶上县司法局2025年政府信息公开工作年度报告",
        form="2021",
        identity=IdentityEvidence(titles=("汶上县司法局2025年政府信息公开工作年度报告",)),
        cells={cell.id: cell for cell in found},
        content_digest=digest(number),
        text="正文" * 200,
    )


def portal_rows(portal: str) -> PortalRows:
    return PortalRows(leads=[sample(Lead, portal=portal)])


def test_every_field_of_a_record_comes_back_from_json() -> None:
    for kind in (Agency, Capture, Listing, Look, Portal, Reading, Ruling, Run, Schedule, Edition):
        record: Any = sample(kind)
        assert from_json(kind, to_json(record)) == record


def test_cells_are_exact_columns_with_states(store: ProjectionStore) -> None:
    store.put_readings([reading(1), reading(2, received="4")])
    cells = store.tables.cells
    amount, received = cells.c.procurement__amount, cells.c.received__total
    with store.read() as connection:
        total, count, above = connection.execute(
            select(func.sum(amount), func.sum(received), func.count().filter(received > Decimal(3)))
        ).one()
        packed = connection.execute(select(cells.c.states).limit(1)).scalar_one()
        raw = connection.execute(text("SELECT sum(received__total) FROM cells")).scalar_one()
        blank = connection.execute(text("SELECT count(*) FROM cells WHERE result__granted IS NULL")).scalar_one()
    assert (total, count, above, raw, blank) == (Decimal("192343.2"), 7, 1, 7, 2)
    assert isinstance(total, Decimal)
    found = [state_of(bytes(packed), at) for at in range(len(INDICATORS))]
    assert found == [CellState.PRINTED, CellState.PRINTED, CellState.BLANK, CellState.MARK, None]


def test_other_indicators_mean_a_rebuild(home: Home, store: ProjectionStore) -> None:
    store.set_meta("x", "y")
    grown = ProjectionStore(home, INDICATORS | {"new.form": 0})
    assert grown.outdated
    assert not store.outdated
    with grown.building() as aside:
        aside.put_readings([reading(1)])
    assert not grown.outdated
    assert store.outdated
    assert grown.reading(digest(1)) == reading(1)


def test_a_build_swaps_in_whole_and_readers_keep_what_they_hold(store: ProjectionStore) -> None:
    store.replace_portal("old", portal_rows("old"))
    query = text("SELECT portal FROM leads")
    with store.read() as reader:
        assert reader.execute(query).scalars().all() == ["old"]
        with store.building() as aside:
            with (
                pytest.raises(ProjectionError, match="another process"),
                ProjectionStore(store.home, INDICATORS).building(),
            ):
                pass
            assert aside.leads() == []
            aside.replace_portal("new", portal_rows("new"))
            assert store.leads() == portal_rows("old").leads
        assert reader.execute(query).scalars().all() == ["old"]
        with store.read() as other:
            assert other.execute(query).scalars().all() == ["new"]
    assert store.leads() == portal_rows("new").leads


def test_a_value_that_fits_no_column_is_kept_beside_it(store: ProjectionStore) -> None:
    odd = reading(1, received="2.5")
    store.put_readings([odd])
    assert store.reading(digest(1)) == odd
    with store.read() as connection:
        assert connection.execute(text("SELECT received__total FROM cells")).scalar_one() is None
