"""The schema of the truth: models and migrations agree, rows are append-only, instants have offsets."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from storage_making import AT, fill, run

from storage.errors import StorageError
from storage.home import Home
from storage.observations import Observations
from storage.operator_records import Alarms, Schedules
from storage.records import Alarm, Note, Schedule
from storage.sealing.making import seal
from storage.tables import METADATA


def test_models_and_migrations_agree(home: Home) -> None:
    with home.truth.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == []
        checks = {
            (name, check["name"])
            for name in inspect(connection).get_table_names()
            for check in inspect(connection).get_check_constraints(name)
        }
    assert checks == {("archive", "ck_archive_single"), ("captures", "ck_captures_place")}


def test_every_table_of_the_truth_is_append_only(home: Home) -> None:
    fill(home)
    Schedules(home).put(Schedule(portal="wenshang", settings={"every_days": "3"}, by="me", recorded_at=AT))
    Alarms(home).add([Alarm(key="disk/", event="began", at=AT)])
    seal(home)
    for table in METADATA.sorted_tables:
        column = next(column.name for column in table.columns if column.name not in {"no"})
        for statement in (f'UPDATE {table.name} SET "{column}" = "{column}"', f"DELETE FROM {table.name}"):
            with pytest.raises(DBAPIError, match="append-only"), home.truth.begin() as connection:
                connection.execute(text(statement))


def test_a_run_ends_once(home: Home) -> None:
    observations = Observations(home)
    observations.start_run(run())
    of_look = Note("look", {"列表": ["甲", None], "of": {"ok": 1}})
    notes = (Note("visits", {"number": 12}), Note("asked_to_stop"), of_look)
    ended = observations.finish_run(run(), finished=AT, outcome="done", notes=notes, counts={"pages": 12})
    assert (ended.outcome, ended.notes, ended.counts) == ("done", notes, {"pages": 12})
    assert observations.runs() == (ended,)
    with pytest.raises(StorageError, match="ended already"):
        observations.finish_run(run(), finished=AT, outcome="failed")
