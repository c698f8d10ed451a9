"""After a crash: nothing acknowledged is lost, nothing is there twice, and what is torn is kept aside."""

from __future__ import annotations

import errno
import gzip
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from storage_making import AT, URL, exchange, files, flipped, keep, read, rows_of, run, sqlite_home

from storage.captures import CaptureStore, CaptureWriter
from storage.errors import DiskError
from storage.home import Home, init_home, open_home
from storage.mending import end_cut_runs, mend, run_holder
from storage.observations import Observations
from storage.records import Capture, CaptureRole
from tests.patience import wait_until

__all__ = ["sqlite_home"]


def crashed(home: Home, bodies: list[bytes], rows: bool) -> list[Capture]:
    """Captures by a writer that never closed properly, with or without their rows."""
    writer = CaptureWriter(home, run(), group=99)
    writer.__enter__()
    kept = [keep(writer, exchange(body, url=f"{URL}?{n}")) for n, body in enumerate(bodies)]
    if rows:
        writer.flush()
    writer._warc.close()  # gives the lock up, as the death of the process would
    return kept


def test_whole_records_without_rows_are_adopted_as_they_were(either: Home) -> None:
    with CaptureWriter(either, run("run-0")) as writer:
        first = keep(writer, exchange(b"one", url=f"{URL}?0"))
    kept = crashed(either, [b"one", b"one" * 1000, b""], rows=False)
    assert kept[0].revisit_of == first.id
    assert rows_of(either, "captures") == 1
    found = mend(either)
    assert set(found.adopted) == {capture.id for capture in kept}
    assert not found.torn
    store = CaptureStore(either)
    assert [store.get(capture.id) for capture in kept] == kept
    assert not mend(either)


@pytest.mark.parametrize("rows", [True, False])
def test_a_cut_anywhere_in_the_last_record_loses_only_that_record(tmp_path: Path, rows: bool) -> None:
    made = init_home(tmp_path / "made")
    first = crashed(made, [b"first"], rows=rows)[0]
    place = first.warc
    assert place is not None
    (path,) = files(made)
    whole = path.read_bytes()
    made.close()
    for torn in (whole[-90:][:1], whole[-90:], whole[place.offset :][: place.length - 1]):
        shutil.copytree(made.path, tmp_path / "a", symlinks=True)
        with open_home(tmp_path / "a") as home:
            (path,) = files(home)
            path.write_bytes(whole + torn)
            found = mend(home)
            assert path.read_bytes() == whole
            assert [aside.read_bytes() for aside in found.torn] == [torn]
            assert found.torn[0].name == f"{path.name}.{len(whole)}.torn"
            assert (found.problems, len(found.adopted)) == ([], 0 if rows else 1)
            assert [CaptureStore(home).body(one) for one in CaptureStore(home).for_portal("wenshang")] == [b"first"]
            assert not mend(home)
        shutil.rmtree(tmp_path / "a")


def test_a_file_without_its_first_record_goes(home: Home) -> None:
    path = home.warc_dir / "wenshang" / "wenshang-run-1-20260201T010000Z-001.warc.gz"
    path.parent.mkdir()
    path.touch()
    assert not mend(home)
    assert not path.exists()


def test_files_of_living_writers_are_left_alone(home: Home) -> None:
    with CaptureWriter(home, run(), group=99) as writer:
        keep(writer, exchange())
        (path,) = files(home)
        size = path.stat().st_size
        assert not mend(home)
        assert (rows_of(home, "captures"), path.stat().st_size) == (0, size)
    assert rows_of(home, "captures") == 1


@pytest.mark.parametrize(
    ("closed", "harm", "code", "number"),
    [
        (False, flipped, "warc_damaged", None),
        (True, lambda path: os.truncate(path, path.stat().st_size - 10), "warc_shorter", 10),
        (True, lambda path: os.truncate(path, path.stat().st_size + 3), "warc_longer", 3),
        (True, Path.unlink, "warc_gone", None),
        (True, lambda path: path.rename(path.with_name("renamed")), "warc_gone", None),
        (True, lambda path: path.with_name("other.warc.gz").write_bytes(b"\x1f\x8bnot ours"), "warc_not_ours", None),
    ],
)
def test_what_is_wrong_with_a_file_is_told_and_left_as_it_is(
    home: Home, closed: bool, harm: Callable[[Path], object], code: str, number: int | None
) -> None:
    crashed(home, [b"first", b"second" * 99, b"third"], rows=True)
    assert not closed or not mend(home).problems
    harm(files(home)[0])
    before = {path: path.read_bytes() for path in home.warc_dir.rglob("*") if path.is_file()}
    found = mend(home)
    (problem,) = found.problems
    assert problem.code == code
    assert number in {None, problem.values.get("number")}
    assert not found.torn
    assert {path: path.read_bytes() for path in home.warc_dir.rglob("*") if path.is_file()} == before


def test_a_lost_database_is_made_again_from_the_files(tmp_path: Path) -> None:
    home = init_home(tmp_path / "a")
    for number in range(3):
        with CaptureWriter(home, run(f"run-{number}")) as writer:
            keep(writer, exchange(b"same"))
            keep(writer, exchange(f"{number}".encode(), url=f"{URL}?{number}"), role=CaptureRole.ATTACHMENT)
            keep(writer, None)
    before = [capture for capture in CaptureStore(home).for_portal("wenshang") if capture.warc is not None]
    home.close()
    for path in home.path.glob("archive.sqlite*"):
        path.unlink()
    again = init_home(home.path)
    assert len(mend(again).adopted) == 6
    assert list(CaptureStore(again).for_portal("wenshang")) == before
    assert {one.id for one in Observations(again).runs()} == {"run-0", "run-1", "run-2"}


def test_a_record_that_does_not_say_what_it_is_keeps_no_other_out(home: Home) -> None:
    crashed(home, [b"%d" % number for number in range(5)], rows=False)
    (path,) = files(home)
    records, data = read(path), path.read_bytes()
    members = [gzip.decompress(data[one.offset : one.offset + one.length]) for one in records]
    noted = [at for at, one in enumerate(records) if "nianbao-capture" in one.fields]
    for at, note in zip(noted[3:], (b"not json", b'{"role":"none"}'), strict=True):
        members[at] = re.sub(rb"(?<=Nianbao-Capture: )[^\r]*", note, members[at])
    path.write_bytes(b"".join(map(gzip.compress, members)))
    found = mend(home)
    assert len(found.adopted) == rows_of(home, "captures") == 3
    assert [problem.code for problem in found.problems] == ["warc_record_unsaid"] * 2
    assert mend(home).problems == found.problems  # not sealed: looked at again


def test_a_cut_run_is_told_from_one_under_way_and_ended_once(either: Home) -> None:
    living = Observations(either)
    living.start_run(run("run-living"))
    killed = open_home(either.path)
    Observations(killed).start_run(run("run-cut"))
    with CaptureWriter(either, run("run-cut")) as writer:
        kept = keep(writer, exchange())
    killed.close()  # its lock goes with it, as with a process that is killed
    wait_until(lambda: run_holder(either, "run-cut") is None)  # PostgreSQL ends a closed connection by and by
    (found,) = end_cut_runs(either)
    assert (found.id, found.counts) == ("run-cut", {"captures": 1, "looks": 0})
    assert found.notes[0].values["last"] == kept.fetched_at.isoformat()
    assert end_cut_runs(either) == ()
    ended = {one.id: one for one in Observations(either).runs()}
    assert (ended["run-cut"], found.outcome) == (found, "cut")
    assert ended["run-living"].finished is None
    holder = run_holder(either, "run-living")
    assert (run_holder(either, "run-cut"), holder and holder.process) == (None, os.getpid())
    living.finish_run(run("run-living"), finished=AT, outcome="ok")
    assert run_holder(either, "run-living") is None
    assert list((either.path / "locks").glob("*")) == []


def test_after_a_sync_that_failed_nothing_is_acknowledged(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = CaptureWriter(home, run(), group=99)
    writer.__enter__()
    keep(writer, exchange())
    plain = os.fsync

    def fails(handle: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(DiskError, match=r"cannot write to .*\.warc\.gz .* is kept\. First "):
        writer.flush()
    monkeypatch.setattr(os, "fsync", plain)  # what it could not write may be gone all the same
    for again in (writer.flush, lambda: keep(writer, exchange(url=URL + "2")), lambda: writer.__exit__(None)):
        with pytest.raises(DiskError):
            again()
    assert rows_of(home, "captures") == 0
    assert len(mend(home).adopted) == 1  # what can be read is whole


def test_simulated_files_are_not_adopted_by_a_real_archive(tmp_path: Path) -> None:
    play, real = init_home(tmp_path / "play", simulated=True), init_home(tmp_path / "real")
    (kept,) = crashed(play, [b"play"], rows=False)
    copy = real.warc_dir / kept.warc.file
    copy.parent.mkdir()
    copy.write_bytes(files(play)[0].read_bytes())
    found = mend(real)
    assert rows_of(real, "captures") == 0
    assert [problem.code for problem in found.problems] == ["warc_simulated"]
