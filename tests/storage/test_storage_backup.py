"""Copies of an archive: whole at every moment, an archive themselves, and restored on either database."""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from storage_damaging import spoil
from storage_filling import fill
from storage_making import AT, URL, exchange, files, keep, rows_of, run

from storage.backup import backup, restore
from storage.captures import CaptureStore, CaptureWriter
from storage.errors import HomeError, StorageError
from storage.home import Home, init_home, open_home
from storage.mending import mend
from storage.observations import Observations
from storage.old_readings import FormerReadings
from storage.records import IdentityEvidence, Reading
from storage.sealing.making import seal
from storage.sealing.verifying import verify
from storage.tables import METADATA

TABLES = [table.name for table in METADATA.sorted_tables]


def counts(home: Home) -> dict[str, int]:
    return {name: rows_of(home, name) for name in TABLES}


def test_a_copy_is_an_archive_that_its_seals_find_good(home: Home, tmp_path: Path) -> None:
    fill(home)
    seal(home)
    fill(home, 1)
    copied = backup(home, tmp_path / "copy")
    assert (copied.warc_files, copied.warc_new) == (2, 2)
    assert copied.warc_bytes == sum(path.stat().st_size for path in files(home))
    assert copied.rows == counts(home)
    with open_home(tmp_path / "copy") as copy:
        assert copy.truth.is_sqlite
        assert counts(copy) == counts(home)
        assert Observations(copy).looks() == Observations(home).looks()
        assert Observations(copy).rulings() == Observations(home).rulings()
        found = verify(copy)
        assert found.problems == ()
        assert (found.files, found.unsealed_files) == (1, 1)
        for capture in CaptureStore(home).for_portal("wenshang"):
            assert CaptureStore(copy).get(capture.id) == capture
            assert CaptureStore(copy).body(capture) == CaptureStore(home).body(capture)
        assert not mend(copy)


def test_a_portals_files_may_lie_on_another_disk(home: Home, tmp_path: Path) -> None:
    fill(home)
    [folder] = {path.parent for path in files(home)}
    folder.rename(tmp_path / "other disk")
    folder.symlink_to(tmp_path / "other disk", target_is_directory=True)
    (tmp_path / "other disk" / "again").symlink_to(tmp_path / "other disk", target_is_directory=True)  # no endless way
    assert mend(home).problems == ()
    assert backup(home, tmp_path / "copy").warc_files == 1
    with open_home(tmp_path / "copy") as copy:
        assert mend(copy).problems == ()


def test_a_copy_is_brought_up_to_date_with_what_is_new_only(home: Home, tmp_path: Path) -> None:
    fill(home)
    backup(home, tmp_path / "copy")
    fill(home, 1)
    FormerReadings(home).keep([former()])
    again = backup(home, tmp_path / "copy")
    assert (again.warc_files, again.warc_new) == (2, 1)
    assert backup(home, tmp_path / "copy").warc_bytes == 0
    with open_home(tmp_path / "copy") as copy:
        assert counts(copy) == counts(home)
        assert FormerReadings(copy).readers() == {"1": 1}


def former() -> Reading:
    return Reading(
        document="0" * 64, reader="1", normaliser="1", kind="html", is_report=False, reason="other_report", title="",
        form=None, identity=IdentityEvidence(), content_digest="",
    )  # fmt: skip


def test_a_copy_made_while_captures_come_in_holds_every_byte_its_rows_name(home: Home, tmp_path: Path) -> None:
    stop, written = threading.Event(), []

    def crawl() -> None:
        with CaptureWriter(home, run(), group=3) as writer:
            number = 0
            while not stop.is_set() or number < 20:
                number += 1
                body = os.urandom(2_000)
                written.append(keep(writer, exchange(body, url=f"{URL}?{number}")).id)
                stop.wait(0.01)  # no quicker than what is captured can be copied and looked through

    crawler = threading.Thread(target=crawl)
    crawler.start()
    try:
        for _ in range(3):
            backup(home, tmp_path / "copy")
            shutil.copytree(tmp_path / "copy", tmp_path / "opened", symlinks=True)
            with open_home(tmp_path / "opened") as copy:
                held = list(CaptureStore(copy).for_portal("wenshang"))
                for capture in held:
                    assert CaptureStore(copy).body(capture)
                mended = mend(copy)  # what came between the rows and the bytes is adopted
                assert mended.problems == ()
                assert len(list(CaptureStore(copy).for_portal("wenshang"))) == len(held) + len(mended.adopted)
                assert verify(copy).problems == ()
            shutil.rmtree(tmp_path / "opened")
    finally:
        stop.set()
        crawler.join()
    backup(home, tmp_path / "copy")
    with open_home(tmp_path / "copy") as copy:
        assert [one.id for one in CaptureStore(copy).for_portal("wenshang")] == [
            one.id for one in CaptureStore(home).for_portal("wenshang")
        ]


def test_a_copying_that_was_cut_short_leaves_the_earlier_copy_good(home: Home, tmp_path: Path) -> None:
    fill(home)
    backup(home, tmp_path / "copy")
    fill(home, 1)
    # the second run got as far as half of the new file and a snapshot that has not taken its place
    new = next(path for path in files(home) if not (tmp_path / "copy/warc" / path.relative_to(home.warc_dir)).exists())
    half = tmp_path / "copy/warc" / new.relative_to(home.warc_dir)
    half.write_bytes(new.read_bytes()[: new.stat().st_size // 2])
    (tmp_path / "copy/archive.sqlite.part").write_bytes(b"torn")
    with open_home(tmp_path / "copy") as copy:
        assert rows_of(copy, "looks") == 1
        assert verify(copy).problems == ()
    backup(home, tmp_path / "copy")
    with open_home(tmp_path / "copy") as copy:
        assert counts(copy) == counts(home)
        assert not mend(copy)
    assert not list((tmp_path / "copy").glob("*.part*"))


def test_a_copy_that_was_changed_is_told_and_not_made_good_silently(home: Home, tmp_path: Path) -> None:
    fill(home)
    backup(home, tmp_path / "copy")
    path = next((tmp_path / "copy/warc").rglob("*.warc.gz"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"x")
    with pytest.raises(StorageError, match="one of them was changed"):
        backup(home, tmp_path / "copy")
    path.write_bytes(whole + b"more")
    with pytest.raises(StorageError, match="one of them was changed"):
        backup(home, tmp_path / "copy")


def test_folders_that_are_no_place_for_a_copy_are_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/thesis.docx").write_text("x")
    for target, said in (
        (tmp_path / "full", "holds no copy"),
        (home.path / "copy", "lies in the archive itself"),
        (home.path, "lies in the archive itself"),
    ):
        with pytest.raises(HomeError, match=said):
            backup(home, target)
    with init_home(tmp_path / "other") as other:
        backup(other, tmp_path / "copy")
    with pytest.raises(HomeError, match="a copy of another archive"):
        backup(home, tmp_path / "copy")


def test_an_older_state_never_takes_the_place_of_a_later_one(home: Home, tmp_path: Path) -> None:
    fill(home)
    backup(home, tmp_path / "old")
    shutil.copytree(tmp_path / "old", tmp_path / "older", symlinks=True)
    fill(home, 1)
    backup(home, tmp_path / "copy")
    with open_home(tmp_path / "older") as older:
        with pytest.raises(HomeError, match="a copy of a later state"):
            backup(older, tmp_path / "copy")
        with pytest.raises(HomeError, match="no copy made by nianbao backup"):
            backup(older, home.path)
    assert rows_of(home, "looks") == 2
    (tmp_path / "file").write_text("x")
    with pytest.raises(HomeError, match="is a file"):
        backup(home, tmp_path / "file")
    with restore(tmp_path / "copy", tmp_path / "new") as new, pytest.raises(HomeError, match="no copy made by"):
        backup(home, new.path)  # what was restored lives
    with pytest.raises(HomeError, match="holds no copy made by nianbao backup"):
        restore(tmp_path, tmp_path / "third")
    assert not (tmp_path / "third").exists()


def test_an_archive_is_restored_on_either_database_and_goes_on(
    home: Home, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    fill(home)
    sealed, _ = seal(home)
    assert sealed is not None
    backup(home, tmp_path / "copy")
    other = None if not home.truth.is_sqlite else request.getfixturevalue("postgresql_url")
    with restore(tmp_path / "copy", tmp_path / "new", database_url=other) as new:
        assert new.truth.is_sqlite is (other is None)
        assert counts(new) == counts(home)
        assert verify(new).problems == ()
        fill(new, 1)  # numbers of rows go on
        _, before = seal(new)
        assert before is not None
        assert before.sha256 == sealed.sha256
        assert verify(new).problems == ()
        assert rows_of(new, "looks") == 2
    with closing(open_home(tmp_path / "new")) as opened:
        assert opened.truth.is_sqlite is (other is None)
    if other is not None:
        with pytest.raises(HomeError, match="holds an archive already"):
            restore(tmp_path / "copy", tmp_path / "third", database_url=other)
    with pytest.raises(HomeError, match="is not empty"):
        restore(tmp_path / "copy", tmp_path / "new")


class Cut(BaseException):
    """What no except clause of ours takes: a process that ends here."""


@pytest.mark.parametrize(
    "at", ["sync_folder", "_snapshot", "_files", "_projections", "_settle", "copy_truth", "init_home"]
)
def test_a_restoring_that_was_cut_short_is_told_and_goes_on(
    home: Home, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    fill(home)
    seal(home)
    backup(home, tmp_path / "copy")
    other = request.getfixturevalue("postgresql_url") if home.truth.is_sqlite else None
    if at == "copy_truth" and other is None:
        pytest.skip("only where the truth goes to another database")

    def cut(*_: object, **__: object) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(f"storage.backup.{at}", cut)
        with pytest.raises(Cut):
            restore(tmp_path / "copy", tmp_path / "new", database_url=other)
    if at != "init_home":
        for look_at in (open_home, init_home):
            with pytest.raises(HomeError, match=r"was not restored to its end.*nianbao restore .*copy .*new"):
                look_at(tmp_path / "new")
        with restore(tmp_path / "copy", tmp_path / "new", database_url=other) as new:
            assert verify(new).problems == ()
            assert rows_of(new, "looks") == 1
    with open_home(tmp_path / "new") as new:
        assert counts(new) == counts(home)


def test_a_restoring_goes_on_from_the_same_archive_into_the_same_database_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = init_home(tmp_path / "one"), init_home(tmp_path / "two")
    fill(one)
    fill(two)
    backup(one, tmp_path / "copy-one")
    backup(two, tmp_path / "copy-two")

    def cut(*_: object, **__: object) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr("storage.backup._files", cut)
        with pytest.raises(Cut):
            restore(tmp_path / "copy-one", tmp_path / "new")
    with pytest.raises(HomeError, match="from another archive's copy"):
        restore(tmp_path / "copy-two", tmp_path / "new")
    with pytest.raises(HomeError, match="into another database"):
        restore(tmp_path / "copy-one", tmp_path / "new", database_url=f"sqlite:///{tmp_path / 'other.sqlite'}")
    with restore(tmp_path / "copy-one", tmp_path / "new") as new:
        assert counts(new) == counts(one)


def test_a_copy_that_an_older_version_made_is_restored_to_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:  # the first version there was
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


def test_a_full_disk_is_told(home: Home, tmp_path: Path) -> None:
    import resource

    with CaptureWriter(home, run()) as writer:
        keep(writer, exchange(os.urandom(400_000), at=AT))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        with pytest.raises(StorageError, match=r"cannot be copied|could not be copied"):
            backup(home, tmp_path / "copy")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    backup(home, tmp_path / "copy")
    with open_home(tmp_path / "copy") as copy:
        assert counts(copy) == counts(home)


def test_an_archive_that_lacks_bytes_is_copied_and_that_is_told(home: Home, tmp_path: Path) -> None:
    fill(home)
    fill(home, 1)
    first, second = files(home)
    first.unlink()
    os.truncate(second, second.stat().st_size - 5)
    copied = backup(home, tmp_path / "copy")
    assert copied.lacking == tuple(path.relative_to(home.warc_dir).as_posix() for path in (first, second))


def test_a_first_copy_that_was_cut_short_says_to_make_it_again(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr("storage.backup._snapshot", killed)
        with pytest.raises(KeyboardInterrupt):
            backup(home, tmp_path / "copy")
    for asked in (lambda: open_home(tmp_path / "copy"), lambda: restore(tmp_path / "copy", tmp_path / "new")):
        with pytest.raises(HomeError, match="make it again: nianbao backup"):
            asked()


def test_a_damaged_database_takes_no_copy_s_place(tmp_path: Path) -> None:
    home = init_home(tmp_path / "archive")
    fill(home)
    backup(home, tmp_path / "copy")
    before = (tmp_path / "copy" / "archive.sqlite").read_bytes()
    spoil(home)
    with open_home(tmp_path / "archive") as again:
        with pytest.raises(StorageError, match=r"damaged .*earlier copy of it is kept"):
            backup(again, tmp_path / "copy")
        with pytest.raises(StorageError, match=r"damaged .*no earlier copy"):
            backup(again, tmp_path / "other")
    assert (tmp_path / "copy" / "archive.sqlite").read_bytes() == before
    with open_home(tmp_path / "copy") as copy:
        assert copy.truth.damage(thorough=True) == ""


def test_earlier_states_of_the_database_stay_in_the_copy(home: Home, tmp_path: Path) -> None:
    """Rows that went wrong are copied like right ones, as long as their file is whole."""
    held = []
    for number in range(4):
        fill(home, number)
        held.append(counts(home))
        assert backup(home, tmp_path / "copy", earlier=2).earlier == min(number, 2)
    for earlier in range(3):
        with restore(tmp_path / "copy", tmp_path / f"made{earlier}", earlier=earlier) as made:
            assert counts(made) == held[-1 - earlier]
            for capture in CaptureStore(made).for_portal("wenshang"):
                assert CaptureStore(home).body(capture) == CaptureStore(made).body(capture)
            mend(made)
            assert counts(made)["captures"] == held[-1]["captures"]  # newer ones come back from their records
    with pytest.raises(HomeError, match="keeps the snapshots 1, 2, and none of 3"):
        restore(tmp_path / "copy", tmp_path / "made3", earlier=3)
    assert backup(home, tmp_path / "copy", earlier=0).earlier == 0
