"""WARC files, judged by readers that are not ours: plain gzip, and warcio's with digests checked."""

from __future__ import annotations

import errno
import gzip
import os
from pathlib import Path

import pytest
from storage_making import URL, exchange, files, keep, members, run

from storage.captures import CaptureStore, CaptureWriter
from storage.errors import StorageError
from storage.home import Home, init_home, open_home
from storage.warc_reader import stored_payload


@pytest.fixture
def archive(tmp_path: Path) -> Home:
    return init_home(tmp_path / "a")


def test_file_begins_with_who_made_it_and_how(tmp_path: Path) -> None:
    for simulated in (False, True):
        home = init_home(tmp_path / str(simulated), simulated=simulated)
        with (home.path / "nianbao.toml").open("a") as out:
            out.write('contact = "mailto:ops@example.org"\n')
        with CaptureWriter(open_home(home.path), run()) as writer:
            keep(writer, exchange())
        info = members(files(home)[0])[0][2].decode()
        assert "WARC-Type: warcinfo" in info
        for line in ("software: nianbao/", "operator: mailto:ops@example.org", "robots: obey", "isPartOf: wenshang"):
            assert line in info
        assert ("simulated: true" in info) is simulated


def test_what_came_over_the_wire_is_kept(archive: Home) -> None:
    body = gzip.compress("年度报告".encode())
    headers = [
        ("Content-Encoding", "gzip"),
        ("Transfer-Encoding", "chunked"),
        ("content-length", "7"),
        ("X-A", "1"),
        ("X-A", "2"),
        ("X-Name", "年报.pdf".encode().decode("latin-1")),
        ("X-Place", "\xe9"),
    ]
    with CaptureWriter(archive, run()) as writer:
        kept = keep(writer, exchange(body, headers=headers))
    assert kept.warc is not None
    head, payload = stored_payload(archive.blobs, kept.warc)
    assert head.first_line == "HTTP/1.1 200 OK"
    kept_headers = [headers[0], *headers[3:], ("Content-Length", str(len(body)))]
    assert head.headers == kept_headers
    assert "X-Name: 年报.pdf\r\n".encode() + b"X-Place: \xe9\r\n" in members(files(archive)[0])[1][2]
    assert payload == body
    assert CaptureStore(archive).body(kept) == "年度报告".encode()


def test_files_rotate_by_size(tmp_path: Path) -> None:
    init_home(tmp_path / "a")
    with (tmp_path / "a" / "nianbao.toml").open("a") as out:
        out.write("warc_max_bytes = 4096\n")
    home = open_home(tmp_path / "a")
    with CaptureWriter(home, run(), group=7) as writer:
        kept = [keep(writer, exchange(bytes([n]) * 20 + b"z" * 3000, url=f"{URL}?{n}")) for n in range(20)]
    paths = files(home)
    assert len(paths) > 2
    assert all(path.stat().st_size < 4096 + 2000 for path in paths)
    assert all("wenshang-run-1-20260201T010000Z-" in path.name for path in paths)
    store = CaptureStore(home)
    assert [store.body(capture)[:1] for capture in kept] == [bytes([n]) for n in range(20)]
    with home.truth.read() as connection:
        sizes = dict(connection.exec_driver_sql("SELECT name, size FROM warc_files").fetchall())
    assert sizes == {path.relative_to(home.warc_dir).as_posix(): path.stat().st_size for path in paths}


def test_a_place_that_holds_no_record_is_said(archive: Home) -> None:
    with CaptureWriter(archive, run()) as writer:
        kept = keep(writer, exchange())
    files(archive)[0].write_bytes(b"\x1f\x8b broken")
    with pytest.raises(StorageError, match="bring the file back"):
        CaptureStore(archive).body(kept)
    files(archive)[0].unlink()
    with pytest.raises(StorageError, match="bring the file back"):
        CaptureStore(archive).body(kept)


@pytest.mark.parametrize(
    ("failure", "raised"),
    [(OSError(errno.ENOSPC, "No space left on device"), StorageError), (KeyboardInterrupt(), KeyboardInterrupt)],
    ids=["full disk", "interrupt"],
)
def test_a_write_that_fails_halfway_leaves_the_file_whole(
    archive: Home, monkeypatch: pytest.MonkeyPatch, failure: BaseException, raised: type[BaseException]
) -> None:
    real_write = os.pwrite
    written: list[int] = []

    def half_then_fail(handle: int, data: memoryview, offset: int) -> int:
        if written:
            raise failure
        written.append(real_write(handle, data[: len(data) // 2], offset))
        return written[0]

    with CaptureWriter(archive, run()) as writer:
        first = keep(writer, exchange())
        monkeypatch.setattr("storage.warc.os.pwrite", half_then_fail)
        with pytest.raises(raised):
            keep(writer, exchange(b"two", url=URL + "2"))
        monkeypatch.undo()
        third = keep(writer, exchange(b"three", url=URL + "3"))
    assert len(members(files(archive)[0])) == 1 + 2 * 2
    store = CaptureStore(archive)
    assert {capture.id for capture in store.for_portal("wenshang")} == {first.id, third.id}
    assert store.body(third) == b"three"
