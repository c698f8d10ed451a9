"""WARC files, judged by readers that are not ours: plain gzip, and warcio's with digests checked."""

from __future__ import annotations

import errno
import gzip
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storage_making import URL, exchange, fields, files, keep, members, run
from warcio.archiveiterator import ArchiveIterator

from storage.blobs import FolderBlobs
from storage.captures import CaptureStore, CaptureWriter
from storage.errors import StorageError
from storage.home import Home, init_home, open_home
from storage.warc import WarcWriter
from storage.warc_fields import target_uri
from storage.warc_reader import stored_payload, whole_records


@pytest.fixture
def archive(tmp_path: Path) -> Home:
    return init_home(tmp_path / "a")


def test_each_record_is_a_gzip_member_where_its_row_says(archive: Home) -> None:
    with CaptureWriter(archive, run()) as writer:
        kept = [keep(writer, exchange(f"page {n}".encode() * 50, url=f"{URL}?{n}")) for n in range(5)]
    (path,) = files(archive)
    found = {offset: (length, content) for offset, length, content in members(path)}
    assert len(found) == 1 + 2 * 5  # warcinfo, then response and request of each
    for capture in kept:
        assert capture.warc is not None
        assert archive.warc_dir / capture.warc.file == path
        length, content = found[capture.warc.offset]
        assert length == capture.warc.length
        assert content.startswith(b"WARC/1.1\r\n")
        assert fields(content)["WARC-Record-ID"].replace("-", "") == f"<urn:uuid:{capture.id}>"
        request = fields(found[capture.warc.offset + length][1])
        assert request["WARC-Type"] == "request"
        assert request["WARC-Concurrent-To"] == fields(content)["WARC-Record-ID"]


def test_warcio_finds_every_digest_right(archive: Home) -> None:
    with CaptureWriter(archive, run()) as writer:
        for _ in range(2):
            keep(writer, exchange(gzip.compress(b"x" * 999, mtime=0), headers=[("Content-Encoding", "gzip")]))
        keep(writer, exchange(b"", url=URL + "/empty"))
    with files(archive)[0].open("rb") as handle:
        kinds = []
        for record in ArchiveIterator(handle, check_digests="raise"):
            record.content_stream().read()
            kinds.append(record.rec_type)
    assert kinds == ["warcinfo", "response", "request", "revisit", "request", "response", "request"]


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


def test_a_revisit_names_what_it_repeats(archive: Home) -> None:
    with CaptureWriter(archive, run()) as writer:
        first = keep(writer, exchange())
        keep(writer, exchange())
        keep(writer, exchange(b"", status=304, headers=[("ETag", '"1"')]))
    heads = [fields(content) for _, _, content in members(files(archive)[0])]
    same, unmodified = [head for head in heads if head["WARC-Type"] == "revisit"]
    assert same["WARC-Profile"].endswith("/1.1/revisit/identical-payload-digest")
    assert unmodified["WARC-Profile"].endswith("/1.1/revisit/server-not-modified")
    for head in (same, unmodified):
        assert head["WARC-Refers-To-Target-URI"] == URL
        assert head["WARC-Refers-To-Date"] == "2026-02-01T01:00:00.000000Z"
        assert head["WARC-Refers-To"].replace("-", "") == f"<urn:uuid:{first.id}>"
        assert head["WARC-Payload-Digest"] == f"sha256:{first.payload_digest}"


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


def test_two_processes_never_share_a_file(archive: Home) -> None:
    with CaptureWriter(archive, run()) as one, CaptureWriter(archive, run()) as other:
        a, b = keep(one, exchange()), keep(other, exchange(b"other"))
        assert a.warc is not None
        assert b.warc is not None
        assert a.warc.file != b.warc.file
    assert len(files(archive)) == 2


anything = st.text(st.characters(codec=None), max_size=60) | st.sampled_from(
    ["a\r\nSet-Cookie: x", "a\n\nWARC/1.1\r\n", "\r\n\r\n<html>", "汶上", "\x00\x85\u2028", "\ud800", ": ", "é"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(anything, max_size=4),
    value=anything,
    url=anything,
    reason=anything,
    method=anything,
    ip=st.none() | anything,
    status=st.integers(100, 599),
    body=st.binary(max_size=80),
)
def test_hostile_exchanges_cannot_break_a_record(
    tmp_path: Path,
    names: list[str],
    value: str,
    url: str,
    reason: str,
    method: str,
    ip: str | None,
    status: int,
    body: bytes,
) -> None:
    sent = replace(
        exchange(body, url=f"http://h.gov.cn/{url}", status=status, headers=[(name, value) for name in names]),
        method=method,
        reason_phrase=reason,
        ip=ip,
    )
    writer = WarcWriter(tmp_path, "p/x", 1 << 20, {"software": value})
    place = writer.write(sent, note='{"a":"' + value.encode("unicode_escape").decode().replace('"', "") + '"}')
    writer.close()
    path = tmp_path / place.file
    found = members(path)
    assert [fields(content)["WARC-Type"] for _, _, content in found] == ["warcinfo", "response", "request"]
    assert stored_payload(FolderBlobs(tmp_path), place)[1] == body
    records = list(whole_records(path))
    assert [record.kind for record in records] == ["warcinfo", "response", "request"]
    assert records[-1].offset + records[-1].length == path.stat().st_size
    path.unlink()


def test_target_uri_is_ascii_and_keeps_what_is_encoded() -> None:
    assert target_uri("http://a/年 报?x=%E5%B9%B4&y=\r\n#z") == "http://a/%E5%B9%B4%20%E6%8A%A5?x=%E5%B9%B4&y=%0D%0A#z"


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
