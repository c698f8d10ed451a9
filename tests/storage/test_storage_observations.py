"""The truth in its tables: append-only, with history, as the migrations made it; an unchanged listing costs little."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from storage_making import AT, URL, exchange, fill, keep, run, sample

from storage.captures import CaptureWriter
from storage.errors import StorageError
from storage.home import Home
from storage.observations import Observations
from storage.operator_records import Alarms, Schedules
from storage.records import Agency, Alarm, Extraction, Link, Look, Note, Ruling, Schedule
from storage.registry import Registry
from storage.sealing.making import seal
from storage.tables import METADATA

DAY = timedelta(days=1)


def pages(home: Home, count: int, day: int = 0) -> tuple[str, ...]:
    with CaptureWriter(home, run(f"run-{day}"), group=50) as writer:
        return tuple(
            keep(writer, exchange(f"list {n}".encode(), url=f"{URL}?{n}", at=AT + day * DAY)).id for n in range(count)
        )


def look(captures: tuple[str, ...], day: int = 0, **more: object) -> Look:
    at = AT + day * DAY
    times = {"started": at, "finished": at + timedelta(minutes=3), "control": None}
    given = {"id": f"look-{day}", "run": f"run-{day}", "portal": "wenshang", "captures": captures, **times, **more}
    made: Look = sample(Look, **given)
    return made


def links(captures: tuple[str, ...], each: int = 20) -> tuple[Link, ...]:
    return tuple(
        sample(Link, url=f"{URL}?report={page}-{n}", position=n, capture=capture)
        for page, capture in enumerate(captures)
        for n in range(each)
    )


def test_an_unchanged_listing_costs_one_small_row_a_look(home: Home) -> None:
    observations = Observations(home)
    for day in range(3):
        captures = pages(home, 8, day)
        extraction = Extraction(look=f"look-{day}", extractor="1", made_at=AT + day * DAY, links=links(captures))
        observations.add_look(look(captures, day), extraction)
        assert observations.extractions(f"look-{day}") == (extraction,)
    with home.truth.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM link_sets")).scalar_one() == 1
        assert connection.execute(text("SELECT max(length(pages)) FROM extractions")).scalar_one() < 40
    for again, said in ((look(captures, 2), "once"), (look(("ef" * 16,), 2, id="look-9"), "flush")):
        with pytest.raises(StorageError, match=said):
            observations.add_look(again)
    with pytest.raises(StorageError, match="unknown"):
        observations.add_extraction(replace(extraction, look="look-9"))


def test_rulings_come_back_in_order_and_only_once(home: Home) -> None:
    observations = Observations(home)
    decision = {"agency": "wenshang/1", "from_year": 2020, "to_year": None, "covers": True}
    later, earlier = sample(Ruling, id="b", made_at=AT + DAY, decision=decision), sample(Ruling, id="a", made_at=AT)
    observations.add_ruling(later)  # while our clock was ahead: what is decided after it holds against it
    observations.add_ruling(earlier)
    assert observations.rulings() == (later, earlier)
    with pytest.raises(StorageError, match="new id"):
        observations.add_ruling(replace(later, reason="other"))


# ------------------------------------------------------------------------------------------------- registry

AGENCY = sample(Agency, id="wenshang/1", portal="wenshang")


def test_the_row_recorded_latest_holds_whatever_the_order_of_storing(home: Home) -> None:
    registry = Registry(home)
    new = replace(AGENCY, name="新名", recorded_at=AT + DAY)
    registry.put_agencies([new])
    registry.put_agencies([AGENCY])
    assert registry.agencies() == (new,)


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
