"""A record and its note are the row, and nothing stands twice; files whose notes hold whole rows still count."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from iso28500 import Record, read
from storage_making import AT, exchange, files, keep, rows_of, run

from storage import mapping
from storage.captures import CaptureStore, CaptureWriter
from storage.home import Home
from storage.mending import mend, warcinfo
from storage.records import Capture
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
