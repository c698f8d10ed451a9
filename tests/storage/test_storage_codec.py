"""Readings survive JSON and the cells table exactly, whatever they hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import mapping
from storage.column_types import scaled_value
from storage.home import init_home
from storage.projections import ProjectionStore
from storage.records import (
    Capture,
    CaptureOutcome,
    CaptureRole,
    Cell,
    CellState,
    DatedWitness,
    Finding,
    IdentityEvidence,
    Part,
    Reading,
    Section,
    Severity,
    WarcPlace,
)

INDICATORS = {"applications.received.total": 0, "proactive.procurement.amount": 6, "result.a": 0, "result.b": 0}

words = st.text(st.characters(codec=None), max_size=12) | st.sampled_from(
    ["汶上县", "\x00", "\ud800", "$tuple", "年\n报"]
)
texts = st.lists(words, max_size=3).map(tuple)
instants = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2099, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]),
).map(lambda at: at.replace(fold=0))
decimals = st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [
        Decimal("0"),
        Decimal("-0"),
        Decimal("0.00"),
        Decimal("96171.60"),
        Decimal("1E+3"),
        Decimal("1E-30"),
        Decimal(2) ** 70,
    ]
)
plain: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words | decimals,
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple) | st.dictionaries(words, inner, max_size=3)
    ),
    max_leaves=6,
)
findings = st.builds(
    Finding,
    code=words,
    severity=st.sampled_from(Severity),
    zh=words,
    en=words,
    cells=texts,
    expected=st.none() | words,
    found=st.none() | words,
)
cells = st.builds(
    Cell,
    id=st.sampled_from([*INDICATORS, "unheard.of"]),
    value=st.none() | decimals,
    raw=words,
    state=st.sampled_from(CellState),
    locator=st.dictionaries(words, plain, max_size=3),
    flags=texts,
)
identities = st.builds(
    IdentityEvidence,
    titles=texts,
    meta=st.dictionaries(words, words, max_size=3),
    period=st.lists(st.integers(1990, 2100), max_size=2).map(tuple),
    corrected=st.booleans(),
    dates=st.lists(
        st.builds(DatedWitness, origin=words, at=instants, text=words, day_only=st.booleans()), max_size=2
    ).map(tuple),
)
readings = st.builds(
    Reading,
    document=st.binary(min_size=32, max_size=32).map(bytes.hex),
    reader=st.sampled_from(["1", "2"]),
    normaliser=st.just("1"),
    kind=words,
    is_report=st.booleans(),
    reason=words,
    title=words,
    form=st.none() | words,
    identity=identities,
    cells=st.lists(cells, max_size=5).map(lambda found: {cell.id: cell for cell in found}),
    findings=st.lists(findings, max_size=2).map(tuple),
    sections=st.lists(st.builds(Section, heading=words, key=words, text=words), max_size=2).map(tuple),
    parts=st.lists(st.builds(Part, kind=words, url=words, text=words), max_size=2).map(tuple),
    text=words,
    content_digest=words,
    unreadable=words,
)


def values(reading: Reading) -> dict[str, str]:
    return {name: repr(cell.value) for name, cell in reading.cells.items()}


@settings(max_examples=150, deadline=None)
@given(readings)
def test_a_reading_survives_json(reading: Reading) -> None:
    back = mapping.from_json(Reading, mapping.to_json(reading))
    assert back == reading
    assert repr(back) == repr(reading)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ProjectionStore:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    return ProjectionStore(init_home(tmp_path / "a", database_url=url), INDICATORS)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(readings)
def test_a_reading_survives_the_cells_table(store: ProjectionStore, reading: Reading) -> None:
    store.put_reading(reading)
    back = store.reading(reading.document)
    assert back == reading
    assert back is not None
    assert values(back) == values(reading)  # 96171.60 is not 96171.6 here
    assert store.cells(reading.document) == reading.cells
    other = "2" if reading.reader == "1" else "1"
    assert store.reading(reading.document, reader=other) is None


@given(decimals, st.sampled_from([0, 6]))
def test_scaling_is_exact_or_refused(value: Decimal, digits: int) -> None:
    scaled = scaled_value(value, digits)
    if scaled is None:
        assert value != value.to_integral_value() or digits > 0 or abs(value) >= 1 << 63 or value.adjusted() > 18
    else:
        assert Decimal(scaled).scaleb(-digits) == value


def test_a_capture_survives_json() -> None:
    capture = Capture(
        id="ab" * 16,
        run="r",
        portal="p",
        role=CaptureRole.REPORT,
        url="http://a/",
        requested="http://a/",
        fetched_at=datetime(2026, 2, 1, 1, 2, 3, 4, tzinfo=UTC),
        outcome=CaptureOutcome.PAGE,
        warc=WarcPlace(file="f", offset=1, length=2),
        server_date=datetime(2026, 2, 1, tzinfo=UTC),
    )
    assert mapping.from_json(Capture, mapping.to_json(capture)) == capture
    assert mapping.to_json(capture).isascii()


def test_what_a_record_cannot_hold_is_refused() -> None:
    cell = Cell(id="x", value=None, raw="", state=CellState.BLANK, locator={"at": object()})
    with pytest.raises(TypeError, match="cannot hold"):
        mapping.to_json(cell)
    assert mapping.from_json(Cell, mapping.to_json(replace(cell, locator={}))) == replace(cell, locator={})
