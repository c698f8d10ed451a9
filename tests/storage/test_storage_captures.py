"""Captures on both engines: what is stored comes back from row and record, and any WARC reader reads the files."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import tracemalloc
import uuid
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from storage_making import AT, URL, as_standard_says, exchange, files, keep, mismatches, read, rows_of, run

from storage.captures import CaptureStore, CaptureWriter
from storage.errors import StorageError
from storage.exchange import BodyTooLongError, Resource, decode_body, undo_codings
from storage.home import Home, init_home, open_home
from storage.records import CaptureOutcome, CaptureRole
from storage.warc_reader import read_request, stored_record

DAY = timedelta(days=1)
NEXT = AT + 7 * DAY


@pytest.fixture
def archive(tmp_path: Path) -> Home:
    """A fresh archive in SQLite."""
    return init_home(tmp_path / "a")


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """An archive in SQLite for many portals."""
    return init_home(tmp_path_factory.mktemp("many") / "a")


def test_row_and_record_come_back_as_given(home: Home) -> None:
    headers = [
        ("Content-Type", "Text/HTML; charset=gbk"),
        ("ETag", 'W/"x"'),
        ("Last-Modified", "Sat, 31 Jan 2026 15:30:00 GMT"),
        ("Date", "Sun, 01 Feb 2026 01:00:03 GMT"),
        ("Location", "/other"),
    ]
    sent = exchange(b"body", headers=headers)
    more = {"requested": "http://first/", "via": "ab" * 16, "link_text": "2025年\x00报告", "reason": "ok\ud800"}
    with CaptureWriter(home, run()) as writer:
        kept = keep(writer, sent, **more)
        url = URL + "?" + "年" * 9000
        long = keep(writer, exchange(url=url))
        with pytest.raises(ValueError, match="offset"):  # what could have no row gets no record
            keep(writer, exchange(at=AT.replace(tzinfo=None)))
        with pytest.raises(ValueError, match="via"):
            keep(writer, exchange(), via="the page before")
    store = CaptureStore(home)
    assert store.get(kept.id) == kept
    assert (kept.mime, kept.etag, kept.location) == ("text/html", 'W/"x"', "/other")
    assert kept.last_modified == "Sat, 31 Jan 2026 15:30:00 GMT"
    assert kept.server_date == datetime(2026, 2, 1, 1, 0, 3, tzinfo=UTC)
    assert (kept.size, kept.payload_digest, kept.document) == (4, sha(b"body"), sha(b"body"))
    assert (kept.link_text, kept.requested) == ("2025年\ufffd报告", "http://first/")
    assert kept.warc is not None
    record = stored_record(home.blobs, kept.warc)
    assert (record.headers, record.payload) == ([*headers, ("Content-Length", "4")], b"body")
    with home.blobs.open(kept.warc.file) as file:
        request = read_request(file, record.end, kept.id)
    assert (request.first_line, request.headers) == ("GET /zfxxgk/nb/2025.html HTTP/1.1", sent.request_headers)
    assert {one.id for one in store.for_portal("wenshang")} == {kept.id, long.id}
    assert store.last(url) == long
    assert mismatches(home) == []


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
    head = stored_record(archive.blobs, kept.warc)
    assert (head.first_line, head.payload) == ("HTTP/1.1 200 OK", body)
    assert head.headers == [headers[0], *headers[3:], ("Content-Length", str(len(body)))]
    assert "X-Name: 年报.pdf\r\n".encode() + b"X-Place: \xe9\r\n" in read(files(archive)[0])[1].block
    assert CaptureStore(archive).body(kept) == "年度报告".encode()


def test_unchanged_payload_is_a_revisit_that_bodies_follow(home: Home) -> None:
    with CaptureWriter(home, run()) as writer:
        first = keep(writer, exchange(b"same" * 500))
        second = keep(writer, exchange(b"same" * 500, at=NEXT))
        elsewhere = keep(writer, exchange(b"same" * 500, url=URL + "?other", at=NEXT))
        third = keep(writer, exchange(b"same" * 500, at=NEXT + 7 * DAY))
    assert [one.revisit_of for one in (first, second, elsewhere, third)] == [None, first.id, None, first.id]
    assert (second.document, second.payload_digest, second.size) == (first.document, first.payload_digest, first.size)
    store = CaptureStore(home)
    assert first.document is not None
    assert store.body(third) == store.body(first.document) == b"same" * 500
    assert store.by_document(first.document) == [first, *sorted([second, elsewhere], key=lambda one: one.id), third]


def test_not_modified_stands_for_the_last_document_and_failures_for_none(home: Home) -> None:
    with CaptureWriter(home, run()) as writer:
        first = keep(writer, exchange(b"report", headers=[("ETag", '"1"')]))
        same = keep(writer, exchange(b"report", headers=[("ETag", '"2"')], at=AT + DAY))
        gone = keep(writer, exchange(b"busy", status=503, at=AT + 2 * DAY), outcome=CaptureOutcome.ERROR)
        unmodified = keep(
            writer, exchange(b"", status=304, at=NEXT, headers=[]), outcome=CaptureOutcome.NOT_MODIFIED, revisit_of=same
        )
        keep(writer, exchange(b"not here", status=404, at=NEXT + DAY), outcome=CaptureOutcome.NOT_FOUND)
        failure = keep(writer, None, reason="timeout", fetched_at=NEXT + 2 * DAY)
    assert (gone.revisit_of, unmodified.revisit_of) == (None, first.id)
    assert (unmodified.document, unmodified.size) == (first.document, 6)
    heads = [stored_record(home.blobs, one.warc) for one in (same, unmodified) if one.warc]
    repeats = [one.fields["warc-profile"].rpartition("/")[2] for one in heads]
    assert repeats == ["identical-payload-digest", "server-not-modified"]
    store = CaptureStore(home)
    assert (store.body(unmodified), store.last(URL)) == (b"report", unmodified)
    assert store.get(failure.id) == failure
    assert (failure.warc, failure.url) == (None, URL)
    with pytest.raises(StorageError):
        store.body(failure)


TEXT = "政府信息公开工作年度报告".encode() * 40


@pytest.mark.parametrize(
    ("coding", "wire", "document"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0), TEXT),
        ("deflate", zlib.compress(TEXT), TEXT),
        ("br", brotli.compress(TEXT), TEXT),
        ("gzip, br", brotli.compress(gzip.compress(TEXT, mtime=0)), TEXT),
        ("identity", TEXT, TEXT),
        # what cannot be decoded is a document as it came
        ("gzip", b"<html>not compressed at all</html>", None),
        ("gzip", gzip.compress(TEXT, mtime=0)[:-20], None),
        ("br", b"\xff\xff\xff", None),
        ("zstd", b"\x28\xb5\x2f\xfd", None),
        ("gzip, gzip, gzip, gzip", b"x", None),
    ],
)
def test_document_is_what_was_encoded(archive: Home, coding: str, wire: bytes, document: bytes | None) -> None:
    with CaptureWriter(archive, run()) as writer:
        kept = keep(writer, exchange(wire, headers=[("Content-Encoding", coding)]))
    document = wire if document is None else document
    assert (kept.document, kept.payload_digest, kept.size) == (sha(document), sha(wire), len(wire))
    store = CaptureStore(archive)
    assert store.body(kept) == b"".join(store.body_pieces(kept)) == document
    assert kept.warc is not None
    assert stored_record(archive.blobs, kept.warc).payload == wire


def test_bombs_are_not_inflated() -> None:
    bomb = gzip.compress(b"\0" * (1 << 20))
    assert decode_body(bomb, [("Content-Encoding", "gzip")], limit=1 << 19) is None
    giant = brotli.compress(bytes(24 << 20), quality=1)
    tracemalloc.start()
    with pytest.raises(BodyTooLongError):
        undo_codings(giant, [("Content-Encoding", "br")], 1 << 20)
    assert tracemalloc.get_traced_memory()[1] < 12 << 20
    tracemalloc.stop()
    assert decode_body(bomb, [("Content-Encoding", "gzip")], limit=1 << 20) == b"\0" * (1 << 20)


def test_a_group_is_acknowledged_together_also_where_its_spider_fails(home: Home) -> None:
    def spider_fails() -> None:
        with CaptureWriter(home, run(), group=3) as writer:
            first = keep(writer, exchange(b"1"))
            assert keep(writer, exchange(b"1")).revisit_of == first.id  # what waits counts too
            assert (writer.pending, rows_of(home, "captures")) == (2, 0)
            keep(writer, exchange(b"3", url=URL + "3"))
            assert (writer.pending, rows_of(home, "captures")) == (0, 3)
            keep(writer, exchange(b"5", url=URL + "5"))
            keep(writer, exchange(b"6", url=URL + "6", at=AT + timedelta(seconds=5)))  # the one before waited enough
            assert rows_of(home, "captures") == 5
            keep(writer, exchange(b"7", url=URL + "7", at=AT + timedelta(seconds=5)))
            raise RuntimeError("spider failed")

    with pytest.raises(RuntimeError, match="spider"):
        spider_fails()
    assert rows_of(home, "captures") == 6


# ------------------------------------------------------------------------------------------------- the files


@settings(max_examples=30)
@given(
    url=st.text(max_size=40),
    headers=st.lists(st.tuples(st.text(max_size=12), st.text(max_size=20)), max_size=4),
    body=st.binary(max_size=60),
    coding=st.sampled_from(["", "gzip", "GZIP , identity", "br", "no-such"]),
    status=st.integers(200, 599),
    text=st.text(max_size=20),
)
def test_nothing_a_portal_sends_makes_a_file_that_is_none(
    many: Home, url: str, headers: list[tuple[str, str]], body: bytes, coding: str, status: int, text: str
) -> None:
    sent = gzip.compress(body) if "gzip" in coding.lower() and body[:1] != b"\0" else body
    headers = [*headers, *([("Content-Encoding", coding)] if coding else [])]
    portal = f"p{uuid.uuid4().hex}"
    with CaptureWriter(many, run(f"run-{portal}", portal)) as writer:
        for number in range(2):
            address = f"http://{portal}/{url}"
            came = exchange(sent, url=address, headers=headers, status=status, at=AT + number * DAY)
            keep(writer, came, link_text=text, reason=text, requested=f"http://h/{text}")
        target = f"urn:dom:http://h/{url}"
        made = Resource(url=f"http://h/{url}", mime=text, body=body, at=AT, target=target, about={"by": text})
        writer.keep(made, role=CaptureRole.RESOURCE, reason=text)
    (path,) = (many.warc_dir / portal).glob("*.warc.gz")
    assert len(as_standard_says(path)) >= 6
    assert mismatches(many, portal) == []


def test_a_file_begins_with_who_made_it_and_how_and_rotates_by_size(tmp_path: Path) -> None:
    for simulated in (False, True):
        home = init_home(tmp_path / str(simulated), simulated=simulated)
        with (home.path / "nianbao.toml").open("a") as out:
            out.write('contact = "mailto:ops@example.org"\nwarc_max_bytes = 4096\n')
        home = open_home(home.path)
        with CaptureWriter(home, run(), group=7) as writer:
            kept = [keep(writer, exchange(bytes([n]) * 20 + os.urandom(900), url=f"{URL}?{n}")) for n in range(9)]
        paths = files(home)
        info = read(paths[0])[0].block.decode()
        for line in ("software: nianbao/", "operator: mailto:ops@example.org", "robots: obey", "isPartOf: wenshang"):
            assert line in info
        assert ("simulated: true" in info) is simulated
        assert len(paths) > 2
        assert all(path.stat().st_size < 4096 + 2000 for path in paths)
        assert all("wenshang-run-1-20260201T010000Z-" in path.name for path in paths)
        assert [CaptureStore(home).body(capture)[:1] for capture in kept] == [bytes([n]) for n in range(9)]
        assert mismatches(home) == []


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
    assert len(as_standard_says(files(archive)[0])) == 1 + 2 * 2
    assert {capture.id for capture in CaptureStore(archive).for_portal("wenshang")} == {first.id, third.id}
