"""Captures on both engines: what is stored comes back, unchanged payloads are revisits, failures are rows too."""

from __future__ import annotations

import gzip
import hashlib
import multiprocessing
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import brotli
import pytest
from sqlalchemy import select, text
from storage_making import AT, URL, exchange, fields, files, keep, members, rows_of, run

from storage.captures import CaptureStore, CaptureWriter, MissingBodyError
from storage.exchange import Given, decode, server_date
from storage.home import Home
from storage.mending import mend
from storage.records import CaptureOutcome, CaptureRole
from storage.statements import raw_rows
from storage.tables import CAPTURES
from storage.warc_reader import stored_payload
from tests.patience import PATIENCE

NEXT = AT + timedelta(days=7)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_row_and_record_come_back_as_given(home: Home) -> None:
    headers = [
        ("Content-Type", "Text/HTML; charset=gbk"),
        ("ETag", 'W/"x"'),
        ("Last-Modified", "Sat, 31 Jan 2026 15:30:00 GMT"),
        ("Date", "Sun, 01 Feb 2026 01:00:03 GMT"),
        ("Location", "/other"),
    ]
    sent = exchange(b"body", headers=headers)
    with CaptureWriter(home, run()) as writer:
        kept = keep(
            writer, sent, requested="http://first/", via="ab" * 16, link_text="2025年\x00报告", reason="ok\ud800"
        )
    store = CaptureStore(home)
    assert store.get(kept.id) == kept
    assert kept.mime == "text/html"
    assert kept.etag == 'W/"x"'
    assert kept.last_modified == "Sat, 31 Jan 2026 15:30:00 GMT"
    assert kept.server_date == datetime(2026, 2, 1, 1, 0, 3, tzinfo=UTC)
    assert kept.location == "/other"
    assert (kept.size, kept.payload_digest, kept.document) == (4, sha(b"body"), sha(b"body"))
    assert kept.link_text == "2025年\ufffd报告"
    assert kept.requested == "http://first/"
    back = store.exchange(kept)
    assert back == replace(sent, response_headers=[*headers, ("Content-Length", "4")])
    assert list(store.for_portal("wenshang")) == [kept]


def test_unchanged_payload_is_a_revisit_that_bodies_follow(home: Home) -> None:
    with CaptureWriter(home, run()) as writer:
        first = keep(writer, exchange(b"same" * 500))
        second = keep(writer, exchange(b"same" * 500, at=NEXT))
        elsewhere = keep(writer, exchange(b"same" * 500, url=URL + "?other", at=NEXT))
        third = keep(writer, exchange(b"same" * 500, at=NEXT + timedelta(days=7)))
    assert first.revisit_of is None
    assert second.revisit_of == first.id
    assert third.revisit_of == first.id
    assert elsewhere.revisit_of is None
    assert (second.document, second.payload_digest, second.size) == (first.document, first.payload_digest, first.size)
    store = CaptureStore(home)
    assert store.body(third) == b"same" * 500
    assert first.document is not None
    assert store.body(first.document) == b"same" * 500
    assert store.by_document(first.document) == [first, *sorted([second, elsewhere], key=lambda one: one.id), third]
    assert store.exchange(third).body == b"same" * 500


def test_content_that_returns_after_a_change_is_stored_as_seen(home: Home) -> None:
    with CaptureWriter(home, run()) as writer:
        kept = [keep(writer, exchange(body, at=AT + timedelta(hours=n))) for n, body in enumerate([b"A", b"B", b"A"])]
    assert [capture.revisit_of for capture in kept] == [None, None, None]


def test_not_modified_stands_for_the_last_document(home: Home) -> None:
    with CaptureWriter(home, run()) as writer:
        first = keep(writer, exchange(b"report", headers=[("ETag", '"1"')]))
        same = keep(writer, exchange(b"report", headers=[("ETag", '"2"')], at=AT + timedelta(hours=1)))
        gone = keep(writer, exchange(b"busy", status=503, at=AT + timedelta(hours=2)), outcome=CaptureOutcome.ERROR)
        unmodified = keep(
            writer, exchange(b"", status=304, at=NEXT, headers=[]), outcome=CaptureOutcome.NOT_MODIFIED, revisit_of=same
        )
    assert gone.revisit_of is None
    assert unmodified.revisit_of == first.id
    assert (unmodified.document, unmodified.size) == (first.document, 6)
    store = CaptureStore(home)
    assert store.body(unmodified) == b"report"
    assert store.last(URL) == unmodified
    assert store.last_any(URL + "?none") is None


def test_not_modified_of_nothing_held_has_no_document(home: Home) -> None:
    with CaptureWriter(home, run()) as writer:
        kept = keep(writer, exchange(b"", status=304))
    assert (kept.document, kept.revisit_of) == (None, None)
    with pytest.raises(MissingBodyError):
        CaptureStore(home).body(kept)


def test_last_passes_over_failures(home: Home) -> None:
    with CaptureWriter(home, run()) as writer:
        page = keep(writer, exchange(b"report"))
        keep(writer, exchange(b"not here", status=404, at=NEXT), outcome=CaptureOutcome.NOT_FOUND)
        failure = writer.write(
            None,
            role=CaptureRole.REPORT,
            requested=URL,
            outcome=CaptureOutcome.UNREACHABLE,
            reason="timeout",
            fetched_at=NEXT + timedelta(days=1),
        )
    store = CaptureStore(home)
    assert store.last(URL) == page
    assert store.last_any(URL) == failure
    assert store.get(failure.id) == failure
    assert failure.warc is None
    assert failure.url == URL
    with pytest.raises(MissingBodyError, match="timeout"):
        store.exchange(failure)


def test_captures_of_a_portal_by_role_in_order_of_time(home: Home) -> None:
    with CaptureWriter(home, run()) as writer:
        late = keep(writer, exchange(b"1", at=NEXT), role=CaptureRole.LISTING)
        early = keep(writer, exchange(b"2", url=URL + "2"))
    with CaptureWriter(home, run("run-2", "yiyuan")) as writer:
        keep(writer, exchange(b"3", url=URL + "3"))
    store = CaptureStore(home)
    assert list(store.for_portal("wenshang")) == [early, late]
    assert list(store.for_portal("wenshang", roles=[CaptureRole.LISTING])) == [late]


def test_captures_read_in_a_shared_transaction_leave_later_rows_whole(home: Home) -> None:
    with CaptureWriter(home, run()) as writer:
        for number in range(3):
            keep(writer, exchange(b"%d" % number, url=f"{URL}{number}"))
    with home.truth.together():
        assert len(list(CaptureStore(home).for_portal("wenshang"))) == 3
        with home.truth.read() as connection:
            _, batches = raw_rows(connection, select(CAPTURES.c.id), most=100)
            assert [len(batch) for batch in batches] == [3]


@pytest.mark.parametrize("body", [b"", b"text"])
def test_empty_page_is_a_document_and_no_revisit(home: Home, body: bytes) -> None:
    with CaptureWriter(home, run()) as writer:
        keep(writer, exchange(body))
        again = keep(writer, exchange(body, at=NEXT))
        moved = keep(writer, exchange(b"", status=302, url=URL + "?moved"), outcome=CaptureOutcome.REDIRECT)
    assert again.document == sha(body)
    assert (again.revisit_of is None) is (body == b"")
    assert CaptureStore(home).body(again) == body
    assert moved.document is None


CODINGS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "gzip, br": lambda data: brotli.compress(gzip.compress(data)),
    "identity": bytes,
}


@pytest.mark.parametrize("coding", CODINGS)
def test_document_is_what_was_encoded(home: Home, coding: str) -> None:
    text = "政府信息公开工作年度报告".encode() * 40
    wire = CODINGS[coding](text)
    with CaptureWriter(home, run()) as writer:
        kept = keep(writer, exchange(wire, headers=[("Content-Encoding", coding)]))
    assert (kept.document, kept.payload_digest, kept.size) == (sha(text), sha(wire), len(wire))
    assert CaptureStore(home).body(kept) == text
    assert CaptureStore(home).exchange(kept).body == wire


@pytest.mark.parametrize(
    ("coding", "wire"),
    [
        ("gzip", b"<html>not compressed at all</html>"),
        ("gzip", gzip.compress(b"cut off" * 99, mtime=0)[:-20]),
        ("br", b"\xff\xff\xff"),
        ("zstd", b"\x28\xb5\x2f\xfd"),
        ("gzip, gzip, gzip, gzip", b"x"),
    ],
    ids=["plain", "cut", "damaged", "unknown", "nested"],
)
def test_what_cannot_be_decoded_is_a_document_as_it_came(home: Home, coding: str, wire: bytes) -> None:
    with CaptureWriter(home, run()) as writer:
        kept = keep(writer, exchange(wire, headers=[("Content-Encoding", coding)]))
    assert kept.document == sha(wire)
    assert CaptureStore(home).body(kept) == wire


def test_bytes_decoded_by_the_caller_are_stored_where_we_cannot(home: Home) -> None:
    with CaptureWriter(home, run()) as writer:
        kept = keep(writer, exchange(b"<html>", headers=[("Content-Encoding", "gzip")]), decoded=b"<html>")
    assert CaptureStore(home).body(kept) == b"<html>"
    assert ("Content-Encoding", "gzip") not in CaptureStore(home).exchange(kept).response_headers


def test_bombs_are_not_inflated() -> None:
    bomb = gzip.compress(b"\0" * (1 << 20))
    assert decode(bomb, [("Content-Encoding", "gzip")], limit=1 << 19) is None
    assert decode(brotli.compress(b"\0" * (1 << 20)), [("Content-Encoding", "br")], limit=1 << 19) is None
    giant = brotli.compress(bytes(100 << 20))  # in under 2 kB
    tracemalloc.start()
    assert decode(giant, [("Content-Encoding", "br")], limit=8 << 20) is None
    assert tracemalloc.get_traced_memory()[1] < 64 << 20
    tracemalloc.stop()
    assert decode(bomb, [("Content-Encoding", "gzip")], limit=1 << 20) == b"\0" * (1 << 20)


def test_lenient_where_servers_are_known_to_be_odd() -> None:
    raw = zlib.compressobj(wbits=-15)
    body = raw.compress(b"raw deflate") + raw.flush()
    assert decode(body, [("content-encoding", "deflate")]) == b"raw deflate"
    assert decode(gzip.compress(b"a") + gzip.compress(b"b"), [("Content-Encoding", "x-gzip")]) == b"ab"
    assert decode(gzip.compress(b"a") + b"\0\0tail", [("Content-Encoding", "GZIP")]) == b"a"
    assert decode(b"", [("Content-Encoding", "gzip")]) == b""


@pytest.mark.parametrize("value", ["", "soon", "Mon, 99 Foo 2026", "Sun, 01 Feb 99999 00:00:00 GMT", "x" * 1000])
def test_unreadable_server_dates_are_none(value: str) -> None:
    assert server_date([("Date", value)]) is None


def test_a_group_is_acknowledged_together(home: Home) -> None:
    with CaptureWriter(home, run(), group=3) as writer:
        first = keep(writer, exchange(b"1"))
        again = keep(writer, exchange(b"1"))
        assert (writer.pending, rows_of(home, "captures")) == (2, 0)
        assert again.revisit_of == first.id  # what waits counts too
        keep(writer, exchange(b"3", url=URL + "3"))
        assert (writer.pending, rows_of(home, "captures")) == (0, 3)
        keep(writer, exchange(b"4", url=URL + "4"))
        writer.flush()
        assert rows_of(home, "captures") == 4
        keep(writer, exchange(b"5", url=URL + "5"))
        keep(writer, exchange(b"6", url=URL + "6", at=AT + timedelta(seconds=5)))  # the fifth has waited long enough
        assert rows_of(home, "captures") == 6
        keep(writer, exchange(b"7", url=URL + "7"))
    assert rows_of(home, "captures") == 7


def test_a_block_that_raises_still_acknowledges_what_it_wrote(home: Home) -> None:
    kept = []

    def spider_fails() -> None:
        with CaptureWriter(home, run(), group=99) as writer:
            kept.append(keep(writer, exchange()))
            raise RuntimeError("spider failed")

    with pytest.raises(RuntimeError, match="spider"):
        spider_fails()
    assert CaptureStore(home).get(kept[0].id) == kept[0]


def test_a_very_long_address_is_found_again(home: Home) -> None:
    url = URL + "?" + "年" * 9000
    with CaptureWriter(home, run()) as writer:
        kept = keep(writer, exchange(url=url))
    store = CaptureStore(home)
    assert store.last(url) == kept
    assert store.body(kept) == exchange().body
    assert store.exchange(kept).url == url


def test_what_could_have_no_row_gets_no_record(home: Home) -> None:
    with CaptureWriter(home, run()) as writer:
        with pytest.raises(ValueError, match="offset"):
            keep(writer, exchange(at=AT.replace(tzinfo=None)))
        with pytest.raises(ValueError, match="via"):
            keep(writer, exchange(), via="the page before")
        kept = keep(writer, exchange())
    assert list(CaptureStore(home).for_portal("wenshang")) == [kept]
    assert [fields(content)["WARC-Type"] for _, _, content in members(files(home)[0])] == [
        "warcinfo",
        "response",
        "request",
    ]


def test_file_names_are_safe_whatever_a_run_is_called(home: Home) -> None:
    with CaptureWriter(home, run("../2026-02-01T09:00 +08", "..")) as writer:
        kept = keep(writer, exchange())
    assert kept.warc is not None
    assert kept.warc.file == "__/__-___2026-02-01T09_00__08-20260201T010000Z-001.warc.gz"
    assert CaptureStore(home).body(kept) == exchange().body


def test_many_writers_work_side_by_side(home: Home) -> None:
    def crawl(number: int) -> list[str]:
        with CaptureWriter(home, run(f"run-{number}", f"portal-{number}"), group=number) as writer:
            return [keep(writer, exchange(url=f"{URL}?{number}-{page}")).id for page in range(12)]

    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(crawl, range(1, 5)))
    store = CaptureStore(home)
    for number, ids in enumerate(written, start=1):
        assert sorted(ids) == [capture.id for capture in store.for_portal(f"portal-{number}")]
    assert not mend(home)


def test_names_that_are_no_ids_are_not_found(home: Home) -> None:
    store = CaptureStore(home)
    assert store.get("latest") is None
    assert store.by_document("ab") == []
    with pytest.raises(MissingBodyError):
        store.body("../../etc/passwd")


def test_a_forked_process_uses_connections_of_its_own(home: Home) -> None:
    with CaptureWriter(home, run()) as writer:
        kept = keep(writer, exchange())
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    child = context.Process(target=lambda: answers.put(CaptureStore(home).get(kept.id)))
    child.start()
    assert answers.get(timeout=PATIENCE) == kept
    child.join()
    assert CaptureStore(home).get(kept.id) == kept


def test_what_a_browser_makes_is_kept_under_its_own_name_and_once(home: Home) -> None:
    made = Given(url=URL, mime="text/html", body=b"<p>made</p>", at=AT, target=f"urn:dom:{URL}")
    with CaptureWriter(home, run()) as writer:
        first = writer.keep(made, role=CaptureRole.LISTING, reason="rendered")
        writer.flush()
        same = CaptureStore(home).holder(sha(made.body))
        again = writer.keep(replace(made, at=NEXT), role=CaptureRole.LISTING, reason="rendered", same=same)
        other = writer.keep(replace(made, body=b"other"), role=CaptureRole.LISTING, reason="rendered", same=same)
    assert (first.revisit_of, again.revisit_of, other.revisit_of) == (None, first.id, None)
    assert [CaptureStore(home).body(one) for one in (first, again, other)] == [made.body, made.body, b"other"]
    records = [stored_payload(home.blobs, one.warc) for one in (first, again, other) if one.warc is not None]
    assert [head.kind for head, _ in records] == ["resource", "revisit", "resource"]
    assert {head.fields["warc-target-uri"] for head, _ in records} == {f"urn:dom:{URL}"}
    assert (records[1][1], records[1][0].fields["warc-refers-to-target-uri"]) == (b"", f"urn:dom:{URL}")
    assert not mend(home)


def test_what_is_known_of_an_address_is_its_newest_answer_and_who_holds_it(home: Home) -> None:
    other = URL + "?other"
    with CaptureWriter(home, run()) as writer:
        first = keep(writer, exchange(b"same" * 500))
        second = keep(writer, exchange(b"same" * 500, at=NEXT))
        moved = keep(writer, exchange(b"there", url=URL + "?moved", at=NEXT), requested=other)
        writer.write(
            None,
            role=CaptureRole.REPORT,
            requested=URL,
            outcome=CaptureOutcome.UNREACHABLE,
            fetched_at=NEXT + timedelta(1),
        )
        keep(writer, exchange(b"a list", url=URL + "?list"), role=CaptureRole.LISTING)
    newest, holders = CaptureStore(home).newest(
        "wenshang", roles=[CaptureRole.REPORT], outcomes=[CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED]
    )
    assert {capture.requested: capture for capture in newest} == {URL: second, other: moved}
    assert second.revisit_of == first.id
    assert sorted(holders, key=lambda one: one.id) == sorted([first, moved], key=lambda one: one.id)


@pytest.mark.parametrize("group", [1, 9])
def test_the_row_of_a_revisit_leaves_its_digests_to_the_first(home: Home, group: int) -> None:
    coded = exchange(gzip.compress(b"same" * 99, mtime=0), headers=[("Content-Encoding", "gzip")])
    with CaptureWriter(home, run(), group=group) as writer:
        first = keep(writer, coded)
        second = keep(writer, replace(coded, fetched_at=NEXT))
        third = keep(writer, exchange(b"", status=304, headers=[], at=NEXT + timedelta(days=1)))
    with home.truth.read() as connection:
        held = connection.execute(text("SELECT document, payload_digest FROM captures ORDER BY fetched_at")).fetchall()
    assert [row == (None, None) for row in held] == [False, True, True]
    store = CaptureStore(home)
    assert first.payload_digest != first.document is not None
    assert [store.get(one.id) for one in (first, second, third)] == [first, second, third]
    assert {one.document for one in (first, second, third)} == {first.document}
    assert store.by_document(first.document) == [first, second, third]
    assert store.last(URL) == third
    assert store.holder(first.document) == first
