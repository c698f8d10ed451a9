"""What people saved by hand comes in as captures of its own kind: it proves existence, never time."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.projection.update import update
from benchmarks.reading_files import sample
from crawler.errors import CrawlError
from crawler.onboarding.importing import PURPOSE, import_documents, read_files
from imitation.demo import AFTERWARDS
from imitation.documents.kinds import WRITERS
from storage.captures import CaptureStore
from storage.home import Home, init_home
from storage.observations import Observations
from storage.warc_reader import stored_record
from tests.played import nianbao

URL = "http://www.wenshang.gov.cn/art/2025/1/20/art_1_1.html"
SAVED = datetime(2026, 2, 3, 2, tzinfo=UTC)
NOW = datetime(2026, 2, 9, 1, tzinfo=UTC)
AFTER_THE_DEMO = datetime.fromisoformat(AFTERWARDS)  # its files bear names in no order of days


def page() -> bytes:
    return WRITERS["html"]("汶上县司法局2022年政府信息公开工作年度报告", sample(1).blocks)


def warc(path: Path, *answers: tuple[str, int, bytes, list[tuple[str, str]]]) -> Path:
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for url, status, body, headers in answers:
            head = StatusAndHeaders(f"{status} X", headers, protocol="HTTP/1.1")
            record = writer.create_warc_record(
                url, "response", payload=io.BytesIO(body), http_headers=head,
                warc_headers_dict={"WARC-Date": "2026-02-03T02:00:00Z"},
            )  # fmt: skip
            writer.write_record(record)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A fresh, real archive in SQLite; the first test runs on PostgreSQL too."""
    with init_home(tmp_path / "archive") as home:
        yield home


def test_a_saved_page_is_a_capture_of_the_portal_and_is_read(either: Home, tmp_path: Path) -> None:
    file = tmp_path / "saved.html"
    file.write_bytes(page())
    (done,) = import_documents(either, read_files([file], URL, SAVED, now=NOW), by="an operator", note="by mail")
    assert done.capture is not None
    assert (done.portal, done.capture.url, done.capture.status) == ("wenshang", URL, None)
    assert "2026-02-03T02:00:00+00:00" in done.capture.reason
    assert done.capture.fetched_at > SAVED  # the time at which it came in: the other is only said
    assert CaptureStore(either).body(done.capture) == page()
    assert done.capture.warc is not None
    assert stored_record(either.blobs, done.capture.warc).kind == "resource"
    (run,) = Observations(either).runs("wenshang")
    assert (run.purpose, run.outcome) == (PURPOSE, "ok")
    assert update(either, ["wenshang"]).editions == 1


def test_the_good_answers_of_a_warc_file_come_in_the_others_are_told(home: Home, tmp_path: Path) -> None:
    plain = [("Content-Type", "text/html; charset=utf-8")]
    file = warc(
        tmp_path / "a.warc.gz",
        (URL, 200, page(), plain),
        (URL + "?2", 200, gzip.compress(page() + b" "), [*plain, ("Content-Encoding", "gzip")]),
        (URL + "?3", 404, b"gone", plain),
        ("http://mirror.example.com/art.html", 200, page(), plain),
        ("http://www.wenshang.gov.cn@evil.example/", 200, page(), plain),
        (URL + "?4", 200, b"not gzip", [*plain, ("Content-Encoding", "gzip")]),
    )
    done = import_documents(home, read_files([file], None, None, now=NOW), by="an operator", note="")
    assert [one.refused for one in done] == [
        "", "", "http_404", "no_portal_has_this_host", "no_portal_has_this_host", "encoding_broken",
    ]  # fmt: skip
    second = done[1].capture
    assert second is not None
    assert CaptureStore(home).body(second) == page() + b" "
    with ZipFile(tmp_path / "a.wacz", "w") as package:  # as ArchiveWeb.page saves it
        package.write(file, "archive/data.warc.gz")
    again = import_documents(home, read_files([tmp_path / "a.wacz"], None, None, now=NOW), by="somebody", note="")
    assert [one.held for one in again] == [True, True, False, False, False, False]


def mhtml(path: Path, url: str, date: str = "Tue, 03 Feb 2026 02:00:00 GMT") -> Path:
    """As Chromium saves it."""
    head = f"From: <Saved by Blink>\nSnapshot-Content-Location: {url}\nDate: {date}\n"
    path.write_bytes(head.encode() + WRITERS["mhtml"]("汶上县司法局2022年政府信息公开工作年度报告", sample(1).blocks))
    return path


def test_what_does_not_fit_together_is_not_taken(tmp_path: Path) -> None:
    file, device = mhtml(tmp_path / "a.mhtml", URL), tmp_path / "endless.html"
    (same,) = read_files([file], URL.replace("http:", "https:"), SAVED, now=NOW)
    assert (same.body, same.refused) == (file.read_bytes(), "")
    device.symlink_to("/dev/zero")
    for name, body in (("plain.html", page()), ("empty.html", b"")):
        (tmp_path / name).write_bytes(body)
    plain, torn = tmp_path / "plain.html", warc(tmp_path / "a.warc.gz", (URL, 200, page(), []))
    undated = mhtml(tmp_path / "b.mhtml", URL, "")
    later = mhtml(tmp_path / "c.mhtml", URL, "Mon, 01 Mar 2027 02:00:00 GMT")
    cases: list[tuple[list[Path], str | None, datetime | None, str]] = [
        ([file], URL + "?other", None, "contradicted"),
        ([file], None, SAVED.replace(year=2025), "contradicted"),
        ([file, file], URL, None, "of_one_file"),
        ([torn], None, SAVED, "of_one_file"),
        ([plain], None, SAVED, "neither"),
        ([undated], None, None, "neither"),
        ([tmp_path / "none.html"], URL, SAVED, "unreadable"),
        ([device], URL, SAVED, "unreadable"),
        ([tmp_path / "empty.html"], URL, SAVED, "empty"),
        ([plain], URL, NOW.replace(year=2027), "future"),
        ([later], None, None, "future"),
    ]
    for paths, url, at, code in cases:
        with pytest.raises(CrawlError) as refused:
            read_files(paths, url, at, now=NOW)
        assert refused.value.code == f"import.{code}"
    (found,) = read_files([torn], None, None, now=datetime(2020, 1, 1, tzinfo=UTC))
    assert found.refused == "dated_in_the_future"


def test_an_imported_report_is_seen_but_never_proven_on_time(tmp_path: Path) -> None:
    archive, file = tmp_path / "archive", tmp_path / "saved.html"
    file.write_bytes(page())
    assert nianbao("init", str(archive)).code == 0
    words = ("import", str(file), "--url", URL, "--fetched", "2023-01-20T09:00+08:00", "--by", "an operator")
    done = nianbao(*words, "--json", archive=archive)
    assert done.code == 0, done.err
    assert json.loads(done.out)[0]["portal"] == "wenshang"
    assert json.loads(done.out)[0]["said"] == "汶上县司法局, 2022 report"
    (duty,) = [
        row
        for row in nianbao("export", "duties", "--format", "jsonl", archive=archive).rows()
        if row["agency"] == "汶上县司法局" and row["year"] == 2022
    ]
    assert [edition["track"] for edition in duty["editions"]] == [URL]
    assert (duty["status"], duty["evidence"], duty["first_shown"]) == ("undetermined", "none", None)
    shown = nianbao("show", "汶上县司法局", "2022", archive=archive).out
    by_hand = "imported by hand; the time is as stated by the person who imported it"
    assert f"{by_hand} (an operator; 2023-01-20T09:00:00+08:00" in shown
    assert nianbao("import", str(file), "--url", "http://127.0.0.1/a", "--fetched", "2023-01-20T09:00+08:00",
                   "--by", "a", archive=archive).code == 1  # fmt: skip
    assert nianbao("import", str(file), "--url", URL, "--fetched", "2023-01-20", "--by", "a", archive=archive).code == 2


def hostile(length: str, url: str) -> bytes:
    """A WARC record that says ``length`` of its block and ``url`` of its address."""
    block = "HTTP/1.1 200 OK\r\n\r\n<html>信息公开".encode()
    head = ("WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:7f1a0000-0000-4000-8000-000000000001>\r\n"
            f"WARC-Date: 2026-02-03T02:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
            f"WARC-Target-URI: {url}\r\nContent-Length: {length or len(block)}\r\n\r\n")  # fmt: skip
    return gzip.compress(head.encode() + block + b"\r\n\r\n")


def test_a_length_that_cannot_be_is_told_and_not_believed(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "foreign.warc.gz"
    for length in ("1" + "0" * 30, "-1", "1e3", "5"):
        file.write_bytes(hostile(length, URL))
        found = read_files([file], None, None, now=NOW)
        assert not [one for one in found if not one.refused and "信息公开".encode() in one.body]
        assert any(one.refused for one in found)
        assert import_documents(home, found, by="an operator", note="")


def test_what_came_from_an_imitation_never_enters_a_real_archive(played: Path, tmp_path: Path, home: Home) -> None:
    files = sorted((played / "warc/wenshang").glob("*.warc.gz"))
    found = read_files(files, None, None, now=AFTER_THE_DEMO)
    assert {one.simulated for one in found if not one.refused} == {True}
    done = import_documents(home, found, by="somebody", note="")
    assert not any(one.capture for one in done)
    assert "from_an_imitation_of_a_portal" in {one.refused for one in done}
    with init_home(tmp_path / "play", simulated=True) as play:
        assert any(one.capture for one in import_documents(play, found, by="somebody", note=""))
