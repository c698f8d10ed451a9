"""An archive moves between SQLite with a folder and PostgreSQL with an object store, and nothing of it changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from storage_making import Cut, exchange, fill, keep, run

from storage import transfer as transferring
from storage.captures import CaptureStore, CaptureWriter
from storage.errors import StorageError
from storage.home import Home, HomeError, init_home, open_home
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
        return {
            one.name: sorted(map(tuple, connection.execute(select(one))), key=str) for one in METADATA.sorted_tables
        }


def sound(home: Home) -> bool:
    found: list[Mismatch] = []
    check(home, found.append)
    bodies = [CaptureStore(home).body(one) for one in CaptureStore(home).for_portal("wenshang")]
    return not found and not verify(home).problems and len(bodies) == 2


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
