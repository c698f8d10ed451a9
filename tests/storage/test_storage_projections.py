"""Projections on both engines: replaced portal by portal, built aside, swapped in, compared on natural keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from storage_making import sample

from storage.errors import ProjectionError
from storage.home import Home, init_home
from storage.judgements import Contradiction, DutyInterval, Fingerprint, Repeat
from storage.mapping import from_json, to_json
from storage.projections import PortalRows, ProjectionStore, StoredDocument, StoredFinding, StoredLookJudgement
from storage.reading_rows import state_of
from storage.records import (
    Agency,
    AgencyKind,
    Binding,
    Capture,
    Cell,
    CellState,
    Duty,
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
    Status,
    StatusInterval,
)
from storage.registry import Registry
from storage.search_texts import SearchParagraph, SearchText
from tests.projected_rows import stored_rows

INDICATORS = {"received.total": 0, "procurement.amount": 6, "result.granted": 0, "result.refused": 0, "suits.total": 0}
AT = datetime(2026, 2, 1, 1, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    return init_home(tmp_path / "archive", database_url=url)


@pytest.fixture
def store(archive: Home) -> ProjectionStore:
    return ProjectionStore(archive, INDICATORS)


def digest(number: int) -> str:
    return f"{number:064x}"


def reading(number: int, received: str = "3") -> Reading:
    found = [
        Cell(id="received.total", value=Decimal(received), raw=received, state=CellState.PRINTED, locator={"row": 1}),
        Cell(id="procurement.amount", value=Decimal("96171.60"), raw="96171.60", state=CellState.PRINTED),
        Cell(id="result.granted", value=None, raw="", state=CellState.BLANK),
        Cell(id="result.refused", value=None, raw="/", state=CellState.MARK, flags=("mark",)),
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


def portal_rows(portal: str, year: int = 2025) -> PortalRows:
    edition, later = f"{portal}/1/{year}@{digest(1)[-12:]}", AT + timedelta(days=1)

    def made(kind: type[Any], **more: Any) -> Any:
        return sample(kind, **{"portal": portal, "agency": f"{portal}/1", "year": year, **more})

    return PortalRows(
        leads=[made(Lead)],
        look_judgements=[made(StoredLookJudgement)],
        bindings=[made(Binding, document=digest(1))],
        editions=[made(Edition, id=edition, main=digest(1), cells_from=digest(1))],
        duties=[made(Duty)],
        statuses=[
            made(StatusInterval, until=later, status=Status.UNKNOWN),
            made(StatusInterval, since=later, until=None, status=Status.LATE),
        ],
        duty_intervals=[made(DutyInterval, edition=edition, until=None, reading=digest(1))],
        contradictions=[made(Contradiction, until=None, marks=(-(2**63), 2**63 - 1))],
        fingerprints=[made(Fingerprint, content=-(2**63), figures=2**63 - 1, text1=None)],
        repeats=[made(Repeat, mark=-(2**63))],
        texts=[made(SearchText, edition=edition, until=None, passages=(made(SearchParagraph, text="公" * 300),))],
        findings=[made(StoredFinding)],
    )


def test_every_field_of_a_record_comes_back_from_json() -> None:
    for kind in (Agency, Capture, Listing, Look, Portal, Reading, Ruling, Run, Schedule, Edition):
        record: Any = sample(kind)
        assert from_json(kind, to_json(record)) == record


def test_judgements_come_back_as_given(store: ProjectionStore) -> None:
    rows = portal_rows("wenshang")
    store.replace_portal("wenshang", rows)
    store.replace_portal("yiyuan", portal_rows("yiyuan"))
    assert store.leads("wenshang") == rows.leads
    assert store.look_judgements("wenshang") == rows.look_judgements
    assert store.bindings("wenshang") == rows.bindings
    assert store.editions("wenshang") == rows.editions
    assert store.duties("wenshang") == rows.duties
    assert store.statuses("wenshang") == rows.statuses
    assert store.findings("wenshang") == rows.findings
    assert len(store.editions()) == 2
    store.replace_portal("yiyuan", PortalRows())
    assert store.leads() == store.leads("wenshang") == rows.leads
    assert len(stored_rows(store)["search_texts"]) == len(stored_rows(store)["search_bodies"]) == 1
    assert [one.status for one in store.statuses("wenshang", as_of=AT + timedelta(days=1))] == [Status.LATE]
    assert [one.status for one in store.statuses("wenshang", as_of=AT)] == [Status.UNKNOWN]
    assert store.statuses("wenshang", as_of=AT - timedelta(days=1)) == []


def test_documents_and_readings(store: ProjectionStore) -> None:
    made = [
        StoredDocument(digest=digest(n), capture=f"{n:032x}", url="http://a/", size=n, first_seen=AT)
        for n in range(300)
    ]
    store.put_documents(made)
    store.put_documents(made[:1])
    assert store.documents() == {document.digest: document for document in made}
    assert store.documents([digest(n) for n in range(250, 350)]) == {one.digest: one for one in made[250:]}
    store.put_readings(reading(n) for n in range(300))
    newer = replace(reading(7, received="9"), reader="2")
    store.put_readings([newer])
    assert store.reading(digest(7)) == newer
    assert store.reading(digest(999)) is None
    assert store.read_by("2", [one.digest for one in made]) == {digest(7)}
    assert store.read_by("1", [digest(6), digest(7), digest(999)]) == {digest(6)}
    assert list(store.readings([digest(3), digest(5)])) == [reading(3), reading(5)]
    assert len(list(store.readings())) == 300


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


def test_truth_and_projections_can_be_asked_together(archive: Home, store: ProjectionStore) -> None:
    agency = Agency(id="wenshang/1", portal="wenshang", name="司法局", kind=AgencyKind.DEPARTMENT, recorded_at=AT)
    Registry(archive).put_agencies([agency])
    store.replace_portal("wenshang", portal_rows("wenshang"))
    query = text("SELECT agencies.name, editions.year FROM editions JOIN agencies ON editions.agency = agencies.id")
    with store.read() as connection:
        assert connection.execute(query).all() == [("司法局", 2025)]


def test_other_indicators_mean_a_rebuild(archive: Home, store: ProjectionStore) -> None:
    store.set_meta("x", "y")
    grown = ProjectionStore(archive, INDICATORS | {"new.form": 0})
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


def test_content_is_the_same_on_both_engines(tmp_path: Path, postgresql_url: str) -> None:
    dumps = []
    for name, url in (("s", None), ("p", postgresql_url)):
        store = ProjectionStore(init_home(tmp_path / name, database_url=url), INDICATORS)
        store.put_documents([StoredDocument(digest=digest(1), capture="ab" * 16, url="u", first_seen=AT)])
        store.put_readings([reading(1), reading(2, received="2.5")])
        store.replace_portal("a", portal_rows("a"))
        dumps.append(stored_rows(store))
    assert dumps[0] == dumps[1]
    assert all(dumps[0].values())


def test_what_raises_changes_nothing(store: ProjectionStore) -> None:
    store.replace_portal("old", portal_rows("old"))
    before = stored_rows(store)
    broken = replace(portal_rows("old", 2024), editions=[replace(portal_rows("x").editions[0], main=None)])  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r"(?i)null"):
        store.replace_portal("old", broken)
    with pytest.raises(Exception, match=r"(?i)null"), store.building() as aside:
        aside.replace_portal("old", broken)
    assert stored_rows(store) == before


def test_a_value_that_fits_no_column_is_kept_beside_it(store: ProjectionStore) -> None:
    odd = reading(1, received="2.5")
    store.put_readings([odd])
    assert store.reading(digest(1)) == odd
    with store.read() as connection:
        assert connection.execute(text("SELECT received__total FROM cells")).scalar_one() is None
