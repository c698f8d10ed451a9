"""The index of the WARC files: keys as replay tools compute them, lines sorted, places that hold the record."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from storage_making import AT, URL, exchange, files, keep, read, run

from storage.captures import CaptureWriter
from storage.cdxj import posted_text, surt, write_index
from storage.exchange import Resource
from storage.home import Home, init_home
from storage.records import CaptureRole
from tests.case_tables import read_cases

#: Address → key, as the canonicaliser that pywb uses gives them.
KEYS = read_cases(__file__, "keys")


@pytest.mark.parametrize(("url", "key"), KEYS, ids=[url for url, _ in KEYS])
def test_keys_are_those_of_replay_tools(url: str, key: str) -> None:
    assert surt(url) == key


@pytest.fixture
def archive(tmp_path: Path) -> Home:
    home = init_home(tmp_path / "a")
    with CaptureWriter(home, run()) as writer:
        keep(writer, exchange(b"secret", url=f"{URL}?secret"))
        keep(writer, exchange(headers=[("content-type", "text/html; charset=gbk")]))
        keep(writer, exchange(headers=[("content-type", "text/html; charset=gbk")]))
        asked = replace(exchange(b"{}", url="http://h/list?x"), method="POST", request_body=b"b=%E5%B9%B4+1&a=2")
        form = ("Content-Type", "application/x-www-form-urlencoded")
        keep(writer, replace(asked, request_headers=[form]))
        made = Resource(url=URL, mime="image/png", body=b"\x89PNG", at=AT, target=f"urn:view:{URL}")
        writer.keep(made, role=CaptureRole.RESOURCE, reason="rendered")
        keep(writer, exchange(b"no type", url="http://h/none", headers=[]))
    return home


def test_an_index_holds_each_record_where_it_lies(archive: Home) -> None:
    made = write_index(archive, "wenshang")
    assert (made.lines, made.left_out, made.problems) == (6, 0, ())
    assert made.path == archive.path / "indexes/wenshang.cdxj"
    lines = made.path.read_bytes().splitlines()
    assert lines == sorted(lines)
    path = files(archive)[0]
    by_offset = {record.offset: record for record in read(path)}
    for line in lines:
        key, stamp, text = line.decode("ascii").split(" ", 2)
        entry = json.loads(text)
        record = by_offset[int(entry["offset"])]
        assert list(entry)[:7] == ["url", "mime", "status", "digest", "length", "offset", "filename"]
        assert int(entry["length"]) == record.length
        assert entry["url"] == record.fields["warc-target-uri"]
        assert entry["digest"] == record.fields["warc-payload-digest"]
        assert archive.warc_dir / entry["filename"] == path
        assert stamp == "20260201010000"
        assert key.startswith(surt(entry["url"].partition("?")[0]))
    told = [json.loads(line.split(b" ", 2)[2]) for line in lines]
    assert [one["mime"] for one in told if one["url"] == URL] == ["text/html", "warc/revisit"]
    assert {one["mime"]: one["status"] for one in told}["image/png"] == "-"
    assert {one["url"]: one["mime"] for one in told}["http://h/none"] == "unk"


def test_what_was_posted_stands_in_the_key(archive: Home) -> None:
    lines = write_index(archive, "wenshang").path.read_text().splitlines()
    (line,) = [line for line in lines if "POST" in line]
    assert line.startswith("h)/list?__wb_method=post&a=2&b=%e5%b9%b4%201&x 2026")
    assert json.loads(line.split(" ", 2)[2])["requestBody"] == "b=年 1&a=2"
    for mime in ("application/x-www-form-urlencoded", ""):
        assert posted_text(b"\xff\x00", mime) == "__wb_post_data=/wA="
    assert posted_text(b"", "application/json") == ""
