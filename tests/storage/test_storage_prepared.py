"""Statements compiled once give what SQLAlchemy gives, on both engines; short questions read one state of things."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Integer, bindparam, column, select, table
from sqlalchemy.exc import DBAPIError

from storage.home import Home, init_home
from storage.records import Agency, AgencyKind
from storage.registry import Registry
from storage.statements import Prepared, among, raw_rows
from storage.tables import AGENCIES

AT = datetime(2026, 2, 1, 1, 0, 0, 5, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    made = init_home(tmp_path / "archive", database_url=url)
    Registry(made).put_agencies([agency(number) for number in range(3)])
    return made


def agency(number: int) -> Agency:
    return Agency(
        id=f"p/{number}", portal="p", name=f"局{number}", kind=AgencyKind.DEPARTMENT, source="test", recorded_at=AT
    )


def test_values_come_back_as_from_any_statement(home: Home) -> None:
    asked = select(AGENCIES).where(AGENCIES.c.id >= bindparam("id"), AGENCIES.c.recorded_at <= bindparam("at"))
    prepared, values = Prepared(asked.order_by(AGENCIES.c.id)), {"id": "p/1", "at": AT}
    with home.truth.read() as connection:
        expected = [dict(row) for row in connection.execute(asked.order_by(AGENCIES.c.id), values).mappings()]
        for _ in range(2):
            assert prepared.rows(connection, **values) == expected
        assert prepared.tuples(connection, **values) == [tuple(row.values()) for row in expected]
        assert prepared.rows(connection, id="q", at=AT) == []
    assert [row["recorded_at"] for row in expected] == [AT, AT]


def test_rows_as_the_driver_gives_them_are_made_values_by_their_columns(home: Home) -> None:
    asked = select(AGENCIES.c.id, AGENCIES.c.recorded_at, AGENCIES.c.guessed, AGENCIES.c.valid_from)
    with home.truth.read() as connection:
        expected = [tuple(row) for row in connection.execute(asked.order_by(AGENCIES.c.id))]
        converts, batches = raw_rows(connection, asked.order_by(AGENCIES.c.id), 2)
        sizes, found = [], []
        for batch in batches:
            sizes.append(len(batch))
            found += [tuple(make(value) for make, value in zip(converts, row, strict=True)) for row in batch]
    assert found == expected
    assert sizes == [2, 1]


def test_an_error_is_told_as_by_any_statement(home: Home) -> None:
    wrong = Prepared(select(table("nowhere", column("nothing", Integer))))
    with pytest.raises(DBAPIError), home.truth.read() as connection:
        wrong.rows(connection)
    with home.truth.read() as connection:
        assert len(Prepared(select(AGENCIES.c.id)).rows(connection)) == 3


def test_names_are_found_however_many_they_are(home: Home) -> None:
    names = ["p/2", "p/0", "'\"公\\", *(f"q/{number}" for number in range(40_000))]
    query = select(AGENCIES.c.id).where(among(AGENCIES.c.id, names)).order_by(AGENCIES.c.id)
    with home.truth.read() as connection:
        assert list(connection.execute(query).scalars()) == ["p/0", "p/2"]
        assert list(connection.execute(select(AGENCIES.c.id).where(among(AGENCIES.c.id, []))).scalars()) == []


def test_what_is_read_together_is_of_one_state(home: Home) -> None:
    def write() -> None:
        Registry(home).put_agencies([agency(9)])

    with home.truth.together():
        assert len(Registry(home).agencies()) == 3
        writer = threading.Thread(target=write)
        writer.start()
        writer.join()
        with home.truth.together():
            assert len(Registry(home).agencies()) == 3
        assert len(Registry(home).agencies()) == 3
    assert len(Registry(home).agencies()) == 4
