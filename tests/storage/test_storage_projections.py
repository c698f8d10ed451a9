"""Projections on both engines: replaced portal by portal, built aside, swapped in, compared on natural keys."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from storage_making import sample

from storage.errors import ProjectionError
from storage.home import Home
from storage.judgements import PortalRows
from storage.mapping import from_json, to_json
from storage.projections import ProjectionStore
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
