"""A record and its note are the row, and nothing stands twice; files whose notes hold whole rows still count."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from iso28500 import Record, read
from storage_making import AT, URL, exchange, files, keep, rows_of, run

from storage import mapping
from storage.captures import CaptureStore, CaptureWriter
from storage.exchange import Given
from storage.home import Home, init_home
from storage.mending import mend, warcinfo
from storage.records import Capture, CaptureOutcome, CaptureRole
from storage.warc import WarcWriter
from storage.warc_check import Mismatch, check
from storage.warc_fields import capture_of_note
from storage.warc_records import IDENTICAL, Revisit

DAY = timedelta(days=1)


def records(home: Home) -> list[Record]:
    return [record for path in files(home) for record in read(path)]


def faults(home: Home) -> list[Mismatch]:
    found: list[Mismatch] = []
    check(home, found.append)
    return found


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
        keep(writer, replace(exchange(url=URL + "/tls"), tls=f"expired sha256:{'5a' * 32}"))
    before = list(CaptureStore(old).for_portal("wenshang"))
    new = init_home(tmp_path_factory.mktemp("new") / "a")
    (new.warc_dir / "wenshang").mkdir(parents=True)
    for path in files(old):
        (new.warc_dir / "wenshang" / path.name).write_bytes(path.read_bytes())
    assert len(mend(new).adopted) == 7
    assert list(CaptureStore(new).for_portal("wenshang")) == before
    assert faults(new) == []


def test_files_whose_notes_hold_whole_rows_are_read_as_ever(home: Home) -> None:
    writer = WarcWriter(home.warc_dir, "wenshang/wenshang-run-1", 1 << 20, warcinfo(home, run()))
    with CaptureWriter(home, run("made-of")) as made:  # rows of another file, for their values
        first = replace(keep(made, exchange()), run="run-1", id="01" * 16)
        other = replace(keep(made, exchange(at=AT + DAY)), run="run-1", id="02" * 16, revisit_of="01" * 16)
    revisit = Revisit(profile=IDENTICAL, record_id=first.id, url=first.url, fetched_at=first.fetched_at)
    for capture, sent, of in ((first, exchange(), None), (other, exchange(at=AT + DAY), revisit)):
        note = mapping.to_json(replace(capture, warc=None))
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
    capture = capture_of_note(fields, "HTTP/1.1 200 OK", headers, run="run-1", portal="wenshang")
    assert mapping.to_plain(capture) == {
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
