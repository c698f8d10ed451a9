"""Records tell their row and their request without saying anything twice; files that say all of it still count."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iso28500 import Record, read
from storage_making import AT, URL, exchange, files, keep, rows_of, run

from storage import codec
from storage.asked import again, told
from storage.captures import CaptureStore, CaptureWriter
from storage.errors import StorageError
from storage.exchange import Exchange, Given
from storage.home import Home, init_home
from storage.mending import mend, warcinfo
from storage.notes import noted
from storage.records import Capture, CaptureOutcome, CaptureRole
from storage.warc import IDENTICAL, Revisit, WarcWriter
from storage.warc_check import Mismatch, check
from storage.wire import message_head, split_http

DAY = timedelta(days=1)
ASKED = [("Host", "www.example.gov.cn"), ("Accept", "*/*"), ("User-Agent", "nianbao/1")]
NAMES = st.sampled_from(["Host", "Accept", "If-None-Match", "X"])
HEADERS = st.lists(st.tuples(NAMES, st.sampled_from(["1", "2", 'W/"年"', "\xe9"])), max_size=6)


def records(home: Home) -> list[Record]:
    return [record for path in files(home) for record in read(path)]


def faults(home: Home) -> list[Mismatch]:
    found: list[Mismatch] = []
    check(home, found.append)
    return found


def as_kept(sent: Exchange) -> Exchange:
    return replace(sent, response_headers=[*sent.response_headers, ("Content-Length", str(len(sent.body)))])


@given(HEADERS, HEADERS)
def test_any_request_is_told_to_the_byte_or_not_at_all(
    one: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    line = "GET /nb HTTP/1.1"
    before, now = message_head(line, one), message_head(line, other)
    field = told(before, now)
    assert field is not None
    assert field.isascii()
    assert message_head(line, again(field, split_http(before)[1])) == now
    assert (field == "{}") == (before == now)


def test_what_differs_is_told_and_nothing_else() -> None:
    before = message_head("GET /nb HTTP/1.1", ASKED)
    asked = [ASKED[0], ("If-None-Match", '"1"'), *ASKED[1:]]
    field = told(before, message_head("GET /nb HTTP/1.1", asked))
    assert field == '{"at":1,"drop":0,"put":[["If-None-Match","\\"1\\""]]}'
    for line, body in (("GET /other HTTP/1.1", b""), ("POST /nb HTTP/1.1", b""), ("GET /nb HTTP/1.1", b"x=1")):
        assert told(before, message_head(line, ASKED) + body) is None
        assert told(message_head(line, ASKED) + body, before) is None


@pytest.mark.parametrize(
    "field", ["", "[]", '{"at":0}', '{"at":2,"drop":2,"put":[]}', '{"at":-1,"drop":0,"put":[]}', "3"]
)
def test_a_field_that_is_none_of_ours_is_refused(field: str) -> None:
    with pytest.raises(ValueError):
        again(field, list(ASKED))


def test_a_revisit_tells_its_request_by_that_of_what_it_repeats(home: Home) -> None:
    first = replace(exchange(), request_headers=ASKED)
    same = replace(first, fetched_at=AT + DAY)
    newer = replace(first, fetched_at=AT + 2 * DAY, request_headers=[*ASKED[:2], ("User-Agent", "nianbao/2")])
    asked = [ASKED[0], ("If-None-Match", '"1"'), *ASKED[1:]]
    unchanged = exchange(b"", status=304, headers=[("ETag", '"1"')], at=AT + 3 * DAY)
    unchanged = replace(unchanged, request_headers=asked, reason_phrase="Not Modified")
    with CaptureWriter(home, run()) as writer:
        kept = [keep(writer, first)]
    with CaptureWriter(home, run("run-2")) as writer:
        kept += [keep(writer, same), keep(writer, newer), keep(writer, unchanged, outcome=CaptureOutcome.NOT_MODIFIED)]
    assert [one.kind for one in records(home)] == ["warcinfo", "response", "request", "warcinfo", *["revisit"] * 3]
    store = CaptureStore(home)
    assert store.request(kept[1]) == ("GET /zfxxgk/nb/2025.html HTTP/1.1", ASKED, b"")
    assert [store.exchange(one) for one in kept[:3]] == [as_kept(one) for one in (first, same, newer)]
    assert store.exchange(kept[3]) == replace(unchanged, body=first.body)
    assert faults(home) == []


@pytest.mark.parametrize(
    "sent",
    [
        replace(exchange(), method="POST", request_body=b"page=2"),
        replace(exchange(), method="HEAD"),
        replace(exchange(), request_headers=[("X\n", "y")]),
    ],
    ids=["post", "head", "odd"],
)
def test_a_request_that_is_no_plain_get_has_a_record_of_its_own(home: Home, sent: Exchange) -> None:
    with CaptureWriter(home, run()) as writer:
        keep(writer, sent)
        again = keep(writer, replace(sent, fetched_at=AT + DAY))
    own = ["request"] if sent.method != "GET" else []
    assert [one.kind for one in records(home)] == ["warcinfo", "response", "request", "revisit", *own]
    line, _, body = CaptureStore(home).request(again)
    assert (line.partition(" ")[0], body) == (sent.method, sent.request_body)
    assert faults(home) == []


def test_where_the_first_request_is_lost_the_next_keeps_its_own(home: Home) -> None:
    with CaptureWriter(home, run()) as writer:
        keep(writer, exchange())
    (path,) = files(home)
    where = read(path)[2]
    data = bytearray(path.read_bytes())
    data[where.offset + 20] ^= 0xFF
    path.write_bytes(data)
    with CaptureWriter(home, run("run-2")) as writer:
        later = keep(writer, exchange(at=AT + DAY))
    assert [one.kind for one in read(files(home)[1])] == ["warcinfo", "revisit", "request"]
    assert CaptureStore(home).request(later)[1] == exchange().request_headers
    assert {one.code for one in faults(home)} == {"record_damaged", "request_missing"}


def test_a_request_told_by_one_that_is_lost_is_missed(home: Home) -> None:
    with CaptureWriter(home, run()) as writer:
        keep(writer, exchange())
    with CaptureWriter(home, run("run-2")) as writer:
        later = keep(writer, exchange(at=AT + DAY))
    files(home)[0].unlink()
    with pytest.raises(StorageError, match="cannot be read"):
        CaptureStore(home).request(later)
    assert {one.code for one in faults(home)} == {"file_missing", "original_missing"}


def test_a_note_adds_only_what_its_record_does_not_say(home: Home) -> None:
    plain = [("Content-Type", "Text/HTML; charset=gbk"), ("ETag", '"1"'), ("Date", "Sun, 01 Feb 2026 01:00:03 GMT")]
    lax = [("Content-Type", "x" * 120), ("Date", "Sun, 1 Feb 2026 01:00:03 +0000")]
    dom = Given(url=URL, mime="text/html", body=b"<p>", at=AT, target=f"urn:dom:{URL}", about={"by": "x"})
    with CaptureWriter(home, run()) as writer:
        keep(writer, exchange(headers=plain))
        keep(writer, exchange(headers=plain, at=AT + DAY))
        keep(writer, exchange(b"no", status=404, headers=lax, url=URL + "/年"), outcome=CaptureOutcome.NOT_FOUND)
        shown = writer.keep(dom, role=CaptureRole.LISTING, reason="rendered")
        writer.keep(dom, role=CaptureRole.LISTING, reason="rendered", same=shown)
    noted = [json.loads(one.fields["nianbao-capture"]) for one in records(home) if "nianbao-capture" in one.fields]
    url = {"url": URL + "/年"}
    assert noted == [
        {"role": "report"},
        {"role": "report"},
        {"role": "report", **url, "outcome": "not_found", "server_date": "2026-02-01T01:00:03+00:00"},
        {"role": "listing", "url": URL, "reason": "rendered"},
        {"role": "listing", "url": URL, "reason": "rendered", "size": 3},
    ]


def test_a_lost_database_is_made_again_from_what_the_records_say(tmp_path_factory: pytest.TempPathFactory) -> None:
    old = init_home(tmp_path_factory.mktemp("old") / "a")
    headers = [("Content-Type", "text/html"), ("Last-Modified", "x"), ("Date", "yesterday"), ("Location", "/a")]
    with CaptureWriter(old, run()) as writer:
        keep(writer, exchange(headers=headers), requested="http://first/", via="ab" * 16, link_text="年报", reason="ok")
        keep(writer, exchange(headers=headers, at=AT + DAY))
        keep(writer, exchange(b"", status=304, headers=[("Content-Length", "9")], at=AT + DAY))
        keep(writer, exchange(b"", status=304, headers=[], url=URL + "/none"))
        keep(writer, exchange(b"", status=302, url=URL + "/moved"), outcome=CaptureOutcome.REDIRECT)
        keep(writer, exchange(b"x" * 40_000, headers=[("X-Long", "y" * 40_000)], url=URL + "/long"))
    before = list(CaptureStore(old).for_portal("wenshang"))
    new = init_home(tmp_path_factory.mktemp("new") / "a")
    (new.warc_dir / "wenshang").mkdir(parents=True)
    for path in files(old):
        (new.warc_dir / "wenshang" / path.name).write_bytes(path.read_bytes())
    assert len(mend(new).adopted) == 6
    assert list(CaptureStore(new).for_portal("wenshang")) == before
    assert faults(new) == []


def test_files_that_note_whole_rows_and_every_request_are_read_as_ever(home: Home) -> None:
    writer = WarcWriter(home.warc_dir, "wenshang/wenshang-run-1", 1 << 20, warcinfo(home, run()))
    with CaptureWriter(home, run("made-of")) as made:  # rows of another file, for their values
        first = replace(keep(made, exchange()), run="run-1", id="01" * 16)
        other = replace(keep(made, exchange(at=AT + DAY)), run="run-1", id="02" * 16, revisit_of="01" * 16)
    revisit = Revisit(profile=IDENTICAL, record_id=first.id, url=first.url, fetched_at=first.fetched_at)
    for capture, sent, of in ((first, exchange(), None), (other, exchange(at=AT + DAY), revisit)):
        note = codec.to_json(replace(capture, warc=None))
        assert '"fetched_at"' in note
        writer.write(sent, record_id=capture.id, note=note, payload_digest=capture.payload_digest, revisit=of)
    writer.close()
    assert [one.kind for one in read(files(home)[-1])] == ["warcinfo", "response", "request", "revisit", "request"]
    assert set(mend(home).adopted) == {first.id, other.id}
    assert rows_of(home, "captures") == 4
    store = CaptureStore(home)
    found = store.get(other.id)
    assert found is not None
    assert replace(found, warc=None) == replace(other, warc=None)
    assert store.request(found)[1] == exchange().request_headers
    with CaptureWriter(home, run("run-3")) as later:  # a revisit of today that repeats a capture of then
        assert keep(later, exchange(at=AT + 2 * DAY)).revisit_of is not None
    assert faults(home) == []


def test_the_format_is_read_by_rules_that_stay() -> None:
    """A record as files hold it, word for word: what it says of its row may never become something else."""
    fields = {
        "warc-type": "revisit",
        "warc-record-id": "<urn:uuid:62b9701a-17f8-4d10-aa06-12413d9cc231>",
        "warc-date": "2026-01-22T01:00:00.500000Z",
        "warc-target-uri": "http://www.example.gov.cn/nb/",
        "warc-payload-digest": f"sha256:{'5a' * 32}",
        "warc-refers-to": "<urn:uuid:1ce24fb0-e9e4-4560-bfc6-8b7a9bf9588a>",
        "content-type": "application/http; msgtype=response",
        "content-length": "171",
        "nianbao-capture": '{"role":"listing","via":"' + "ab" * 16 + '"}',
    }
    headers = [("Date", "Thu, 22 Jan 2026 01:00:02 GMT"), ("Content-Type", "text/HTML;charset=gbk"), ("ETag", '"7"')]
    headers += [("Last-Modified", "Wed, 21 Jan 2026 00:00:00 GMT"), ("Content-Length", "9099"), ("Location", "/x")]
    capture = noted(fields, "HTTP/1.1 200 OK", headers, run="run-1", portal="wenshang")
    assert codec.to_plain(capture) == {
        "id": "62b9701a17f84d10aa0612413d9cc231",
        "run": "run-1",
        "portal": "wenshang",
        "role": "listing",
        "url": "http://www.example.gov.cn/nb/",
        "requested": "http://www.example.gov.cn/nb/",
        "fetched_at": "2026-01-22T01:00:00.500000+00:00",
        "outcome": "page",
        "status": 200,
        "mime": "text/html",
        "size": 9099,
        "payload_digest": "5a" * 32,
        "document": "5a" * 32,
        "revisit_of": "1ce24fb0e9e44560bfc68b7a9bf9588a",
        "via": "ab" * 16,
        "etag": '"7"',
        "last_modified": "Wed, 21 Jan 2026 00:00:00 GMT",
        "server_date": "2026-01-22T01:00:02+00:00",
        "location": "/x",
    }
    assert isinstance(capture, Capture)
