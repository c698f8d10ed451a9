"""Every exchange has its request record; older revisits that describe their request in a field are read as ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from iso28500 import read
from storage_making import AT, URL, exchange, files, keep, run

from storage.captures import CaptureStore, CaptureWriter
from storage.errors import StorageError
from storage.exchange import Exchange
from storage.home import Home
from storage.records import CaptureOutcome
from storage.warc_check import Mismatch, check
from storage.warc_fields import decode_request_delta

DAY = timedelta(days=1)
HEADERS = [("Host", "www.example.gov.cn"), ("Accept", "*/*"), ("User-Agent", "nianbao/1")]


def faults(home: Home) -> set[str]:
    found: list[Mismatch] = []
    check(home, found.append)
    return {one.code for one in found}


def as_kept(sent: Exchange) -> Exchange:
    return replace(sent, response_headers=[*sent.response_headers, ("Content-Length", str(len(sent.body)))])


def test_every_exchange_has_its_request(home: Home) -> None:
    first = replace(exchange(), request_headers=HEADERS)
    same = replace(first, fetched_at=AT + DAY)
    unchanged = exchange(b"", status=304, headers=[("ETag", '"1"')], at=AT + 2 * DAY)
    conditional = [("If-None-Match", '"1"'), *HEADERS]
    unchanged = replace(unchanged, request_headers=conditional, reason_phrase="Not Modified")
    post = replace(exchange(url=URL + "/list"), method="POST", request_body=b"page=2")
    with CaptureWriter(home, run()) as writer:
        kept = [keep(writer, first), keep(writer, same)]
        kept += [keep(writer, unchanged, outcome=CaptureOutcome.NOT_MODIFIED), keep(writer, post)]
    records = read(files(home)[0])
    kinds = ["warcinfo", "response", "request", "revisit", "request", "revisit", "request", "response", "request"]
    assert [one.kind for one in records] == kinds
    for answer, request in zip(records[1::2], records[2::2], strict=True):
        assert request.fields["warc-concurrent-to"] == answer.fields["warc-record-id"]
        for name in ("warc-target-uri", "warc-date"):
            assert request.fields[name] == answer.fields[name]
    store = CaptureStore(home)
    assert store.request(kept[1]) == ("GET /zfxxgk/nb/2025.html HTTP/1.1", HEADERS, b"")
    assert store.request(kept[2]) == ("GET /zfxxgk/nb/2025.html HTTP/1.1", conditional, b"")
    sent = [as_kept(first), as_kept(same), replace(unchanged, body=first.body), as_kept(post)]
    assert [store.exchange(one) for one in kept] == sent
    assert faults(home) == set()


def test_a_request_that_is_lost_costs_its_own_capture_alone(home: Home) -> None:
    with CaptureWriter(home, run()) as writer:
        first = keep(writer, exchange())
    (path,) = files(home)
    where, data = read(path)[2], bytearray(path.read_bytes())
    data[where.offset + 20] ^= 0xFF
    path.write_bytes(data)
    with CaptureWriter(home, run("run-2")) as writer:
        later = keep(writer, exchange(at=AT + DAY))
    store = CaptureStore(home)
    assert store.request(later)[1] == exchange().request_headers
    with pytest.raises(StorageError, match="cannot be read"):
        store.request(first)
    assert faults(home) == {"record_damaged", "request_missing"}


def test_a_delta_describes_the_headers_of_a_request() -> None:
    assert decode_request_delta("{}", HEADERS) == HEADERS
    delta = '{"at":1,"drop":0,"put":[["If-None-Match","\\"1\\""]]}'
    assert decode_request_delta(delta, HEADERS) == [HEADERS[0], ("If-None-Match", '"1"'), *HEADERS[1:]]
    assert decode_request_delta('{"at":0,"drop":3,"put":[["X","1"]]}', HEADERS) == [("X", "1")]


@pytest.mark.parametrize(
    "field", ["", "[]", '{"at":0}', '{"at":2,"drop":2,"put":[]}', '{"at":-1,"drop":0,"put":[]}', "3"]
)
def test_a_delta_that_is_none_of_ours_is_refused(field: str) -> None:
    with pytest.raises(ValueError):
        decode_request_delta(field, HEADERS)
