"""The truth in its tables: append-only, as the migrations made it; archives of every schema there was say the same."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Integer, MetaData, func, inspect, select, text
from sqlalchemy.exc import DBAPIError
from storage_making import AT, URL, exchange, fill, keep, mismatches, run, sample

from storage import database
from storage.captures import CaptureStore, CaptureWriter
from storage.database import Database
from storage.errors import StorageError
from storage.home import Home, HomeError, init_home, open_home
from storage.observations import Observations
from storage.operator_records import Alarms, Schedules
from storage.records import Agency, Alarm, CaptureOutcome, Extraction, Link, Look, Note, Ruling, Schedule
from storage.registry import Registry
from storage.sealing.contents import KINDS, lines
from storage.sealing.making import seal
from storage.tables import METADATA
from storage.warc_check import check

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


# --------------------------------------------------------------------------------------------- archives of every schema

#: What the program of each schema made: its rows (bytes as ``hex``, instants as ``at``), its WARC files, and what it
#: would have sealed: a line for each row with the SHA-256 of what the row says.
FOLDER = Path(__file__).parent / "released"
REVISIONS = sorted(path.name for path in FOLDER.iterdir())


def value(plain: Any, column: Column[Any]) -> Any:
    if not isinstance(plain, dict):
        return plain
    ((kind, said),) = plain.items()
    if kind == "hex":
        return bytes.fromhex(said)
    if kind == "day":
        return date.fromisoformat(said)
    at = datetime.fromisoformat(said)
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1) if isinstance(column.type, Integer) else at


def made(revision: str, url: str, folder: Path) -> None:
    """An archive as the program of that schema left it."""
    init_home(folder, database_url=url).close()
    truth = Database(url)
    with truth.engine.connect() as connection, connection.begin():
        if truth.is_sqlite:
            for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).fetchall():
                connection.execute(text(f"DROP TRIGGER {name}"))
            for table in reversed(METADATA.sorted_tables):
                connection.execute(text(f"DROP TABLE {table.name}"))
            connection.execute(text("DROP TABLE alembic_version"))
        else:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        config = database._alembic()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        fill_rows(connection, json.loads((FOLDER / revision / "rows.json").read_text(encoding="utf-8")))
    truth.close()
    shutil.copytree(FOLDER / revision / "warc", folder / "warc", dirs_exist_ok=True)


def fill_rows(connection: Connection, rows: dict[str, list[dict[str, Any]]]) -> None:
    reflected = MetaData()
    reflected.reflect(connection)
    assert rows.keys() == reflected.tables.keys() - {"alembic_version"}
    for table in reflected.sorted_tables:
        if rows.get(table.name):
            connection.execute(
                table.insert(),
                [{name: value(one, table.c[name]) for name, one in row.items()} for row in rows[table.name]],
            )
        if connection.dialect.name == "postgresql" and "no" in table.c:
            sequence = func.pg_get_serial_sequence(table.name, "no")
            connection.execute(select(func.setval(sequence, max(1, len(rows[table.name])))))


def said(home: Home) -> list[str]:
    with home.truth.read() as connection:
        return sorted(f"{one.kind} {one.key} {one.digest}" for kind in KINDS for one in lines(connection, kind))


def sealed(revision: str) -> list[str]:
    return (FOLDER / revision / "sealed.txt").read_text(encoding="utf-8").splitlines()


def test_there_is_an_archive_of_every_schema() -> None:
    scripts = ScriptDirectory.from_config(database._alembic())
    head = scripts.get_current_head()
    assert [*REVISIONS, head] == sorted(script.revision for script in scripts.walk_revisions())
    assert database.revisions() == [*REVISIONS, head]


@pytest.mark.parametrize(
    ("engine", "revision"), [*(("sqlite", one) for one in REVISIONS), ("postgresql", "0001"), ("postgresql", "0004")]
)
def test_an_archive_of_an_older_schema_says_the_same_in_this_one(
    engine: str, revision: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    truth_url = request.getfixturevalue("postgresql_url") if engine == "postgresql" else f"sqlite:///{tmp_path / 't'}"
    made(revision, truth_url, folder)
    with pytest.raises(HomeError, match="older version"):
        open_home(folder)
    with init_home(folder) as home:
        assert home.truth.state() == "current"
        assert said(home) == sealed(revision)
        assert (mismatches(home), check(home, print).rows) == ([], 9)
        store = CaptureStore(home)
        captures = list(store.for_portal("wenshang"))
        assert len(captures) == 10
        for capture in captures:
            assert store.get(capture.id) == capture
            if capture.document is not None:
                assert len(store.body(capture)) > 0
        with CaptureWriter(home, run("run-new")) as writer:  # and goes on
            last = store.last(URL)
            assert last is not None
            at = last.fetched_at + timedelta(days=1)
            again = keep(writer, exchange(b"", status=304, headers=[], at=at), outcome=CaptureOutcome.NOT_MODIFIED)
        assert (again.revisit_of, again.document) == (last.revisit_of, last.document)
        assert store.body(again) == exchange().body
        assert (mismatches(home), check(home, print).rows) == ([], 10)
        for statement in ("UPDATE captures SET id = id", "DELETE FROM captures", "DELETE FROM addresses"):
            with pytest.raises(DBAPIError, match="append-only"), home.truth.begin() as connection:
                connection.execute(text(statement))


@pytest.mark.parametrize("revision", ["0001", "0003"])
def test_what_cannot_be_brought_over_stays_as_it_was(revision: str, tmp_path: Path) -> None:
    url, folder = f"sqlite:///{tmp_path / 'truth.sqlite'}", tmp_path / "archive"
    made(revision, url, folder)
    truth = Database(url)
    with truth.engine.connect() as connection:  # a run that captures name is gone: somebody was at the file
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute("DROP TRIGGER runs_kept")
        driver.execute("DELETE FROM runs WHERE id = 'run-all'")
        driver.execute("PRAGMA foreign_keys=ON")
    before = truth_bytes(truth)
    with pytest.raises(StorageError, match="is not there"):
        truth.migrate()
    assert truth_bytes(truth) == before
    assert truth.state() == "behind"
    truth.close()


def truth_bytes(truth: Database) -> list[str]:
    """All that a SQLite database holds, as statements."""
    with truth.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        return list(driver.iterdump())
