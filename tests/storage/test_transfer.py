"""An archive moves between SQLite with a folder and PostgreSQL with an object store, and nothing of it changes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from storage_filling import fill
from storage_making import AT, run

from storage.captures import CaptureStore
from storage.errors import StorageError
from storage.home import Home, HomeError, init_home, open_home
from storage.observations import Observations
from storage.sealing.making import seal
from storage.sealing.verifying import verify
from storage.tables import METADATA
from storage.transfer import transfer
from storage.warc_check import Mismatch, check
from tests.played import nianbao


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
        tables = METADATA.sorted_tables
        return {
            one.name: sorted(map(tuple, connection.execute(select(one))), key=str)
            for one in tables
            if one.name != "seals"
        }


def sound(home: Home) -> bool:
    found: list[Mismatch] = []
    check(home, found.append)
    bodies = [CaptureStore(home).body(one) for one in CaptureStore(home).for_portal("wenshang")]
    return not found and not verify(home).problems and len(bodies) == 2


def test_there_and_back_every_row_and_byte_is_the_same(near: Home, far: dict[str, str], tmp_path: Path) -> None:
    there = transfer(near, tmp_path / "far", far)
    assert (there.files, there.files_there, there.rows_there, there.gone) == (2, 0, 0, [])
    with open_home(tmp_path / "far") as home:
        assert not home.truth.is_sqlite
        assert home.blobs.is_remote
        assert list(home.warc_files()) == []
        assert rows(home) == rows(near)
        assert sound(home)
        assert (home.portals_dir / "own.py").is_file()
        fill(home, day=2)  # it goes on as an archive: numbers of rows follow on
        back = transfer(home, tmp_path / "back", {})
        assert (back.files, back.rows) == (3, sum(map(len, rows(home).values())) + 1)
        with open_home(tmp_path / "back") as again:
            assert again.truth.is_sqlite
            assert len(list(again.warc_files())) == 3
            assert rows(again) == rows(home)
            fill(again, day=3)


def test_an_earlier_copy_is_brought_up_to_date(near: Home, far: dict[str, str], tmp_path: Path) -> None:
    Observations(near).start_run(run("open"))
    transfer(near, tmp_path / "far", far)
    Observations(near).finish_run("open", finished=AT, outcome="ok")
    fill(near, day=2)
    more = transfer(near, tmp_path / "far", {})
    assert (more.files, more.files_there) == (1, 2)
    assert 0 < more.rows < more.rows_there
    assert transfer(near, tmp_path / "far", far).rows == 0
    with open_home(tmp_path / "far") as home:
        assert rows(home) == rows(near)


@pytest.mark.parametrize("cut_in", ["files", "captures"])
def test_cut_short_it_is_told_and_goes_on(near: Home, far: dict[str, str], tmp_path: Path, cut_in: str) -> None:
    class CutError(Exception):
        pass

    def cut(what: str, number: int, total: int) -> None:
        if what == cut_in:
            raise CutError

    with pytest.raises(CutError):
        transfer(near, tmp_path / "far", far, cut)
    with pytest.raises(HomeError, match="nianbao copy"):
        open_home(tmp_path / "far")
    done = transfer(near, tmp_path / "far", far)
    assert done.files_there == (1 if cut_in == "files" else 2)
    with open_home(tmp_path / "far") as home:
        assert rows(home) == rows(near)
        assert sound(home)


def _change_a_row(home: Home) -> None:
    with home.truth.begin() as connection:
        connection.execute(text("ALTER TABLE captures DISABLE TRIGGER ALL"))
        connection.execute(text("UPDATE captures SET reason = 'changed'"))


def _change_a_file(home: Home) -> None:
    from storage.blobs import ObjectStore

    assert isinstance(home.blobs, ObjectStore)
    name = sorted(home.blobs.sizes())[0]
    with home.blobs._file_system() as system:
        data = system.cat_file(home.blobs._object(name))
        system.pipe_file(home.blobs._object(name), data[:-1] + b"?")
    shutil.rmtree(home.path / "cache")


def _work_on_it(home: Home) -> None:
    fill(home, day=5)


@pytest.mark.parametrize("change", [_change_a_row, _change_a_file, _work_on_it])
def test_what_differs_is_told_and_left(
    near: Home, far: dict[str, str], tmp_path: Path, change: Callable[[Home], None]
) -> None:
    transfer(near, tmp_path / "far", far)
    with open_home(tmp_path / "far") as home:
        change(home)
        before = rows(home)
    with pytest.raises(StorageError, match=r"[Nn]othing was overwritten"):
        transfer(near, tmp_path / "far", far)
    mark = tmp_path / "far" / "restoring.txt"
    assert mark.exists() == (change is not _work_on_it)  # that is found before anything begins
    mark.unlink(missing_ok=True)
    with open_home(tmp_path / "far") as home:
        assert rows(home) == before


def test_a_copy_that_is_worked_on_gets_nothing_of_what_was_stored_here_since(
    near: Home, far: dict[str, str], tmp_path: Path
) -> None:
    transfer(near, tmp_path / "far", far)
    with open_home(tmp_path / "far") as home:
        fill(home, day=5)
        before, files = rows(home), home.blobs.sizes()
    fill(near, day=2)
    with pytest.raises(StorageError, match="it was worked on"):
        transfer(near, tmp_path / "far", {})
    with open_home(tmp_path / "far") as home:  # it is the archive that it was
        assert (rows(home), home.blobs.sizes()) == (before, files)


def test_a_wrong_address_leaves_nothing_behind(
    near: Home, far: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = "not-to-be-shown"
    wrong = [
        {"database_url": f"postgresql://nobody:{password}@127.0.0.1:9/none"},
        {"blobs": "s3://nowhere-at-all"},
        {"blobs_endpoint": "http://127.0.0.1:9"},
    ]
    for places in wrong:
        with pytest.raises(StorageError, match=r"(cannot|could not) be used") as told:
            transfer(near, tmp_path / "far", far | places)
        assert password not in str(told.value)
        assert not (tmp_path / "far").exists()
    transfer(near, tmp_path / "far", far)
    monkeypatch.setenv("NIANBAO_BLOBS_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(StorageError, match="could not be used"):
        transfer(near, tmp_path / "far", {})
    monkeypatch.undo()
    open_home(tmp_path / "far").close()  # and an earlier copy is what it was
    monkeypatch.setenv("NIANBAO_DATABASE_URL", far["database_url"])
    with pytest.raises(HomeError, match="NIANBAO_DATABASE_URL would hold for both"):
        transfer(near, tmp_path / "back", {})


def test_a_folder_of_something_else_is_left_alone(near: Home, far: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").touch()
    with pytest.raises(HomeError, match="not empty"):
        transfer(near, tmp_path / "full", far)
    with pytest.raises(HomeError, match="lie in each other"):
        transfer(near, near.path / "copy", far)
    init_home(tmp_path / "other").close()
    with pytest.raises(HomeError, match="another archive"):
        transfer(near, tmp_path / "other", {})
    open_home(tmp_path / "other").close()  # and stays as it was
    theirs = f"sqlite:///{tmp_path / 'other' / 'archive.sqlite'}"
    with pytest.raises(HomeError, match="another archive"):
        transfer(near, tmp_path / "fresh", {"database_url": theirs})
    assert not (tmp_path / "fresh").exists()  # a new folder is not taken for the archive of that database


def test_a_file_that_is_being_written_is_not_copied(near: Home, far: dict[str, str], tmp_path: Path) -> None:
    from storage_making import exchange, keep

    from storage.captures import CaptureWriter

    with CaptureWriter(near, run("living")) as writer:
        keep(writer, exchange(b"living"))
        with pytest.raises(StorageError, match="a crawl is under way"):
            transfer(near, tmp_path / "far", far)
    assert transfer(near, tmp_path / "far", far).files == 3


def test_the_command_says_what_it_did(near: Home, far: dict[str, str], tmp_path: Path) -> None:
    near.close()
    words = ["--database", far["database_url"], "--blobs", far["blobs"], "--blobs-endpoint", far["blobs_endpoint"]]
    told = nianbao("copy", str(near.path), str(tmp_path / "far"), *words)
    assert (told.code, told.err.rpartition("nianbao:")[1]) == (0, "")
    assert "2 WARC files" in told.out
    again = nianbao("copy", str(near.path), str(tmp_path / "far"), "--json")
    (row,) = (json.loads(again.out),) if not again.out.startswith("[") else json.loads(again.out)
    assert (again.code, row["files"], row["files_there"], row["rows"]) == (0, 0, 2, 0)
    assert nianbao("copy", str(near.path), str(near.path / "x")).code == 2
    (lost,) = list(near.warc_files())[:1]
    lost.unlink()
    gone = nianbao("copy", str(near.path), str(tmp_path / "third"))
    assert (gone.code, lost.name in gone.err) == (1, True)
