"""Copies of an archive: whole at every moment, restored where they are wanted, and moved to other engines unchanged."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from alembic import command
from sqlalchemy import select, text
from storage_making import URL, Cut, exchange, fill, keep, mismatches, rows_of, run, sample

from storage import transfer as transferring
from storage.backup import backup, restore
from storage.captures import CaptureStore, CaptureWriter
from storage.database import Database
from storage.errors import DamagedError, StorageError
from storage.home import Home, HomeError, init_home, open_home
from storage.mending import mend
from storage.observations import Observations
from storage.old_readings import FormerReadings
from storage.records import Reading
from storage.sealing.making import seal
from storage.sealing.verifying import verify
from storage.tables import METADATA
from storage.transfer import transfer
from tests import shortcuts
from tests.played import nianbao


def counts(home: Home) -> dict[str, int]:
    return {table.name: rows_of(home, table.name) for table in METADATA.sorted_tables}


def test_a_copy_is_an_archive_that_is_brought_up_to_date_and_restored(home: Home, tmp_path: Path) -> None:
    fill(home)
    sealed, _ = seal(home)
    assert sealed is not None
    first = backup(home, tmp_path / "copy")
    assert (first.warc_files, first.warc_new, first.rows) == (1, 1, counts(home))
    fill(home, 1)
    former = sample(Reading, reader="1")
    FormerReadings(home).keep([former])
    (home.path / "deadlines.toml").write_text("# our own\n", encoding="utf-8")
    again = backup(home, tmp_path / "copy")
    assert (again.warc_files, again.warc_new) == (2, 1)
    assert backup(home, tmp_path / "copy").warc_bytes == 0
    with open_home(tmp_path / "copy") as copy:
        assert copy.truth.is_sqlite
        assert counts(copy) == counts(home)
        assert Observations(copy).looks() == Observations(home).looks()
        assert FormerReadings(copy).of(former.document) == {"1": former}
        found = verify(copy)
        assert (found.problems, found.files, found.unsealed_files) == ((), 1, 1)
        for capture in CaptureStore(home).for_portal("wenshang"):
            assert CaptureStore(copy).get(capture.id) == capture
            assert CaptureStore(copy).body(capture) == CaptureStore(home).body(capture)
        assert not mend(copy)
    with restore(tmp_path / "copy", tmp_path / "new") as new:
        assert counts(new) == counts(home)
        assert (new.path / "deadlines.toml").read_text("utf-8") == "# our own\n"
        fill(new, 2)  # numbers of rows go on
        _, before = seal(new)
        assert before is not None
        assert before.sha256 == sealed.sha256
        assert verify(new).problems == ()
        with pytest.raises(HomeError, match="no copy made by"):
            backup(home, new.path)  # what was restored lives
    for folder in (tmp_path / "copy", tmp_path / "new"):
        with pytest.raises(HomeError, match="is not empty"):
            restore(tmp_path / "copy", folder)


def test_a_copy_made_while_captures_come_in_holds_every_byte_its_rows_name(home: Home, tmp_path: Path) -> None:
    with CaptureWriter(home, run(), group=3) as writer:
        for number in range(10):
            keep(writer, exchange(os.urandom(2_000), url=f"{URL}?{number}"))
            if number % 4:
                continue
            backup(home, tmp_path / "copy")
            shutil.copytree(tmp_path / "copy", tmp_path / "opened", symlinks=True)
            with open_home(tmp_path / "opened") as copy:
                assert verify(copy).problems == ()
                assert all(CaptureStore(copy).body(one) for one in CaptureStore(copy).for_portal("wenshang"))
                assert len(mend(copy).adopted) == writer.pending  # bytes beyond the rows
            shutil.rmtree(tmp_path / "opened")
    backup(home, tmp_path / "copy")
    with open_home(tmp_path / "copy") as copy:
        assert counts(copy) == counts(home)


@pytest.fixture
def copied(tmp_path: Path) -> Home:
    """An archive in SQLite with a copy of its first day."""
    home = init_home(tmp_path / "archive")
    fill(home)
    seal(home)
    backup(home, tmp_path / "copy")
    return home


def test_a_copy_that_was_changed_is_told_and_not_made_good_silently(copied: Home, tmp_path: Path) -> None:
    path = next((tmp_path / "copy/warc").rglob("*.warc.gz"))
    whole = path.read_bytes()
    for changed in (whole[:-1] + b"x", whole + b"more"):
        path.write_bytes(changed)
        with pytest.raises(StorageError, match="one of them was changed"):
            backup(copied, tmp_path / "copy")


def test_places_that_are_none_for_a_copy_are_refused(copied: Home, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/thesis.docx").write_text("x")
    shutil.copytree(tmp_path / "copy", tmp_path / "older", symlinks=True)
    fill(copied, 1)
    backup(copied, tmp_path / "copy")
    with init_home(tmp_path / "other") as other, open_home(tmp_path / "older") as older:
        for home, target, said in (
            (copied, tmp_path / "full", "holds no copy"),
            (copied, tmp_path / "full/thesis.docx", "is a file"),
            (copied, copied.path / "copy", "lies in the archive itself"),
            (copied, copied.path, "lies in the archive itself"),
            (other, tmp_path / "copy", "a copy of another archive"),
            (older, tmp_path / "copy", "a copy of a later state"),
            (older, copied.path, "no copy made by nianbao backup"),
        ):
            with pytest.raises(HomeError, match=said):
                backup(home, target)
    with pytest.raises(HomeError, match="holds no copy made by nianbao backup"):
        restore(tmp_path, tmp_path / "third")
    assert not (tmp_path / "third").exists()


@pytest.mark.parametrize("at", ["_save_snapshot", "_copy_files", "init_home"])
def test_a_restoring_that_was_cut_short_is_told_and_goes_on(
    copied: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(f"storage.backup.{at}", Mock(side_effect=Cut))
        with pytest.raises(Cut):
            restore(tmp_path / "copy", tmp_path / "new")
    if at != "init_home":
        for look_at in (open_home, init_home):
            with pytest.raises(HomeError, match=r"was not restored to its end.*nianbao restore .*copy .*new"):
                look_at(tmp_path / "new")
        with init_home(tmp_path / "other") as other:
            backup(other, tmp_path / "copy of another")
        with pytest.raises(HomeError, match="from another archive"):
            restore(tmp_path / "copy of another", tmp_path / "new")
        restore(tmp_path / "copy", tmp_path / "new").close()
    with open_home(tmp_path / "new") as new:
        assert verify(new).problems == ()
        assert counts(new) == counts(copied)


def test_a_copy_that_an_older_version_made_is_restored_to_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:  # the first version there was
        older.setattr(Database, "migrate", shortcuts.MIGRATE)
        older.setattr("alembic.command.upgrade", lambda config, _, upgrade=command.upgrade: upgrade(config, "0001"))
        with init_home(tmp_path / "copy") as first, first.truth.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO runs (id, portal, purpose, started, note, counts) "
                    "VALUES ('run-1', 'wenshang', 'crawl', '2026-02-01 01:00:00', '', '{}')"
                )
            )
    (tmp_path / "copy" / "backup.txt").write_text("a copy\n")
    before = (tmp_path / "copy" / "archive.sqlite").read_bytes()
    with pytest.raises(HomeError, match="from an older version"):
        open_home(tmp_path / "copy")
    with restore(tmp_path / "copy", tmp_path / "new") as new:
        assert new.truth.state() == "current"
        assert [one.id for one in Observations(new).runs()] == ["run-1"]
    assert (tmp_path / "copy" / "archive.sqlite").read_bytes() == before


def spoil(home: Home) -> None:
    """Spoil a page of the database so that SQLite can still open it, and finds it wrong when it looks."""
    home.close()
    path = home.path / "archive.sqlite"
    whole = path.read_bytes()
    size = int.from_bytes(whole[16:18], "big")
    for page in range(2, len(whole) // size):
        path.write_bytes(whole[: page * size + 8] + b"\xff" * 16 + whole[page * size + 24 :])
        with closing(Database(f"sqlite:///{path}")) as spoilt:
            try:
                with spoilt.read() as connection:
                    readable = connection.execute(text("SELECT count(*) FROM archive")).scalar_one() == 1
            except DamagedError:
                readable = False
            if readable and spoilt.damage():
                return
    pytest.fail("no page whose damage SQLite finds")


def test_a_damaged_database_takes_no_copy_s_place(copied: Home, tmp_path: Path) -> None:
    before = (tmp_path / "copy" / "archive.sqlite").read_bytes()
    spoil(copied)
    with open_home(tmp_path / "archive") as again:
        with pytest.raises(StorageError, match=r"damaged .*earlier copy of it in .* is kept"):
            backup(again, tmp_path / "copy")
        with pytest.raises(StorageError, match=r"damaged .*no earlier copy"):
            backup(again, tmp_path / "other")
    assert (tmp_path / "copy" / "archive.sqlite").read_bytes() == before
    with open_home(tmp_path / "copy") as copy:
        assert copy.truth.damage(thorough=True) == ""


# ---------------------------------------------------------------------------------------------- moved to another engine


@pytest.fixture
def far(postgresql_url: str, bucket: tuple[str, str]) -> dict[str, str]:
    """Where the copy is kept: PostgreSQL and an object store."""
    return {"database_url": postgresql_url, "blobs": bucket[0], "blobs_endpoint": bucket[1]}


@pytest.fixture
def near(tmp_path: Path) -> Home:
    home = init_home(tmp_path / "near")
    fill(home)
    fill(home, day=1)
    (home.portals_dir / "own.py").write_text("# the operator's own\n")
    seal(home)
    return home


def rows(home: Home) -> dict[str, list[Any]]:
    with home.truth.read() as connection:
        return {
            one.name: sorted(map(tuple, connection.execute(select(one))), key=str) for one in METADATA.sorted_tables
        }


def sound(home: Home) -> bool:
    bodies = [CaptureStore(home).body(one) for one in CaptureStore(home).for_portal("wenshang")]
    return not mismatches(home) and not verify(home).problems and len(bodies) == 2


def test_there_and_back_every_row_and_byte_is_the_same(near: Home, far: dict[str, str], tmp_path: Path) -> None:
    there = transfer(near, tmp_path / "far", far)
    assert (there.files, there.files_there, there.lost_files) == (2, 0, [])
    with open_home(tmp_path / "far") as home:
        assert not home.truth.is_sqlite
        assert home.blobs.is_remote
        assert list(home.warc_files()) == []
        assert rows(home) == rows(near)
        assert sound(home)
        assert (home.portals_dir / "own.py").is_file()
        fill(home, day=2)  # it goes on as an archive: numbers of rows follow on
        back = transfer(home, tmp_path / "back", {})
        assert (back.files, back.rows) == (3, sum(map(len, rows(home).values())))
        with open_home(tmp_path / "back") as again:
            assert again.truth.is_sqlite
            assert len(list(again.warc_files())) == 3
            assert rows(again) == rows(home)
            fill(again, day=3)
    for places in (far, {}):
        with pytest.raises(HomeError, match="not empty"):
            transfer(near, tmp_path / "far", places)
    with pytest.raises(HomeError, match="holds an archive already"):
        transfer(near, tmp_path / "third", far)
    assert not (tmp_path / "third").exists()


@pytest.mark.parametrize("at", ["_copy_file", "copy_rows"])
def test_cut_short_it_is_told_and_goes_on(
    near: Home, far: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    plain = getattr(transferring, at)

    def then_cut(*given: Any) -> None:
        plain(*given)
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(transferring, at, then_cut)
        with pytest.raises(Cut):
            transfer(near, tmp_path / "far", far)
    with pytest.raises(HomeError, match="nianbao copy"):
        open_home(tmp_path / "far")
    done = transfer(near, tmp_path / "far", far)
    assert done.files_there == (1 if at == "_copy_file" else 2)
    with open_home(tmp_path / "far") as home:
        assert rows(home) == rows(near)
        assert sound(home)


def test_a_wrong_address_leaves_nothing_behind(
    near: Home, far: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = "not-to-be-shown"
    for places in (
        {"database_url": f"postgresql://nobody:{password}@127.0.0.1:9/none"},
        {"blobs": "s3://nowhere-at-all"},
    ):
        with pytest.raises(StorageError, match=r"(cannot|could not) be used") as told:
            transfer(near, tmp_path / "far", far | places)
        assert password not in str(told.value)
        assert not (tmp_path / "far").exists()
    monkeypatch.setenv("NIANBAO_DATABASE_URL", far["database_url"])
    with pytest.raises(HomeError, match="NIANBAO_DATABASE_URL would hold for both"):
        transfer(near, tmp_path / "back", {})


def test_a_file_that_is_being_written_is_not_copied(near: Home, tmp_path: Path) -> None:
    with CaptureWriter(near, run("living")) as writer:
        keep(writer, exchange(b"living"))
        with pytest.raises(StorageError, match="a crawl is under way"):
            transfer(near, tmp_path / "far", {})
    assert transfer(near, tmp_path / "far", {}).files == 3


def test_the_command_says_what_it_did(near: Home, far: dict[str, str], tmp_path: Path) -> None:
    near.close()
    words = ["--database", far["database_url"], "--blobs", far["blobs"], "--blobs-endpoint", far["blobs_endpoint"]]
    told = nianbao("copy", str(near.path), str(tmp_path / "far"), *words)
    assert (told.code, told.err.rpartition("nianbao:")[1]) == (0, "")
    assert "2 WARC files" in told.out
    (lost,) = list(near.warc_files())[:1]
    lost.unlink()
    gone = nianbao("copy", str(near.path), str(tmp_path / "third"), "--json")
    (row,) = json.loads(gone.out) if gone.out.startswith("[") else [json.loads(gone.out)]
    assert (gone.code, lost.name in gone.err, row["files"], row["gone"]) == (1, True, 1, [f"wenshang/{lost.name}"])
    assert nianbao("copy", str(near.path), str(near.path / "x")).code == 2
