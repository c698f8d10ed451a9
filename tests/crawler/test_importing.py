"""What people saved by hand comes in as captures of its own kind: it proves existence, never time."""

from __future__ import annotations

import gzip
import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.projection.update import update
from benchmarks.reading_files import sample
from crawler import portals
from crawler.errors import CrawlError
from crawler.onboarding.importing import PURPOSE, Imported, Saved, import_documents, listed, read_files, saved_file
from imitation.demo import AFTERWARDS
from imitation.documents.kinds import WRITERS
from storage.captures import CaptureStore, CaptureWriter, Given
from storage.home import Home, init_home
from storage.mending import mend
from storage.observations import Observations
from storage.records import CaptureRole, Run
from storage.registry import Registry
from storage.warc_reader import stored_payload
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


def test_a_saved_page_is_a_capture_of_the_portal_and_is_read(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "saved.html"
    file.write_bytes(page())
    (done,) = import_documents(home, read_files([file], URL, SAVED, now=NOW), by="an operator", note="by mail")
    assert done.capture is not None
    assert (done.portal, done.capture.url, done.capture.status) == ("wenshang", URL, None)
    assert "2026-02-03T02:00:00+00:00" in done.capture.reason
    assert done.capture.fetched_at > SAVED  # the time at which it came in: the other is only said
    assert CaptureStore(home).body(done.capture) == page()
    assert done.capture.warc is not None
    assert stored_payload(home.blobs, done.capture.warc)[0].kind == "resource"
    (run,) = Observations(home).runs("wenshang")
    assert (run.purpose, run.outcome) == (PURPOSE, "ok")
    assert update(home, ["wenshang"]).editions == 1


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


def test_of_a_torn_warc_file_what_came_before_is_kept(home: Home, tmp_path: Path) -> None:
    whole = warc(tmp_path / "a.warc.gz", *((f"{URL}?{n}", 200, page(), []) for n in range(3))).read_bytes()
    torn = tmp_path / "torn.warc.gz"
    torn.write_bytes(whole[: len(whole) - 400])
    done = import_documents(home, read_files([torn], None, None, now=NOW), by="an operator", note="")
    assert [bool(one.capture) for one in done[:2]] == [True, True]
    assert done[-1].refused


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"this is no archive", "is no WARC file, whatever its name: its first bytes are b'this is no archi'"),
        (gzip.compress(b"<html>" * 9, mtime=0), "is no WARC file, whatever its name"),
        (b"\x1f\x8b\x08nothing", "is damaged from its beginning on"),
    ],
)
def test_what_is_no_warc_file_is_told_in_words(tmp_path: Path, data: bytes, said: str) -> None:
    nothing = tmp_path / "b.warc.gz"
    nothing.write_bytes(data)
    (told,) = read_files([nothing], None, None, now=NOW)
    assert isinstance(told, Imported)
    assert said in told.refused


def test_a_file_that_says_not_where_it_is_from_is_not_taken(tmp_path: Path) -> None:
    file = tmp_path / "saved.html"
    file.write_bytes(page())
    with pytest.raises(CrawlError, match="--url"):
        read_files([file], None, SAVED, now=NOW)
    with pytest.raises(CrawlError, match="cannot be read"):
        read_files([tmp_path / "none.html"], URL, SAVED, now=NOW)
    file.write_bytes(b"")
    with pytest.raises(CrawlError, match="empty"):
        read_files([file], URL, SAVED, now=NOW)


def mhtml(path: Path, url: str, date: str = "Tue, 03 Feb 2026 02:00:00 GMT") -> Path:
    """As Chromium saves it."""
    head = f"From: <Saved by Blink>\nSnapshot-Content-Location: {url}\nDate: {date}\n"
    path.write_bytes(head.encode() + WRITERS["mhtml"]("汶上县司法局2022年政府信息公开工作年度报告", sample(1).blocks))
    return path


def test_mhtml_says_itself_where_and_when_it_was_saved(home: Home, tmp_path: Path) -> None:
    files = [mhtml(tmp_path / "a.mhtml", URL + "#top"), mhtml(tmp_path / "b.mht", URL + "?2")]
    done = import_documents(home, read_files(files, None, None, now=NOW), by="an operator", note="")
    assert [one.url for one in done] == [URL, URL + "?2"]
    assert done[0].capture is not None
    assert "2026-02-03T02:00:00+00:00" in done[0].capture.reason


def test_what_is_said_of_a_file_must_not_contradict_it(tmp_path: Path) -> None:
    file = mhtml(tmp_path / "a.mhtml", URL)
    (same,) = read_files([file], URL.replace("http:", "https:"), SAVED, now=NOW)
    assert isinstance(same, Saved)
    with pytest.raises(CrawlError, match="not from"):
        read_files([file], URL + "?other", None, now=NOW)
    with pytest.raises(CrawlError, match="was saved 2026-02-03"):
        read_files([file], None, SAVED.replace(year=2025), now=NOW)
    with pytest.raises(CrawlError, match="alone"):
        read_files([file, file], URL, None, now=NOW)
    with pytest.raises(CrawlError, match="leave --fetched out"):
        read_files([warc(tmp_path / "a.warc.gz", (URL, 200, page(), []))], None, SAVED, now=NOW)


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_a_saved_page_that_does_not_say_when_is_not_taken_without(tmp_path: Path, date: str) -> None:
    with pytest.raises(CrawlError, match="when it was saved"):
        read_files([mhtml(tmp_path / "a.mhtml", URL, date)], None, None, now=NOW)


def test_a_device_or_pipe_is_no_file_to_import(tmp_path: Path) -> None:
    endless, waiting = tmp_path / "endless.html", tmp_path / "waiting.html"
    endless.symlink_to("/dev/zero")
    os.mkfifo(waiting)
    for path in (endless, waiting):
        with pytest.raises(CrawlError, match="no regular file"):
            saved_file(path, "http://www.wenshang.gov.cn/x/9", None, now=NOW)


def test_nothing_was_saved_in_the_future(tmp_path: Path) -> None:
    file = tmp_path / "saved.html"
    file.write_bytes(page())
    with pytest.raises(CrawlError, match="future"):
        read_files([file], URL, NOW.replace(year=2027), now=NOW)
    with pytest.raises(CrawlError, match="future"):
        read_files([mhtml(tmp_path / "a.mhtml", URL, "Mon, 01 Mar 2027 02:00:00 GMT")], None, None, now=NOW)
    file = warc(tmp_path / "a.warc.gz", (URL, 200, page(), []))
    (found,) = read_files([file], None, None, now=datetime(2020, 1, 1, tzinfo=UTC))
    assert isinstance(found, Imported)
    assert found.refused == "dated_in_the_future"


def test_of_a_list_page_it_is_said_which_of_its_reports_are_not_held(home: Home, tmp_path: Path) -> None:
    links = [
        (URL, "汶上县司法局2022年政府信息公开工作年度报告"),
        (f"{URL}?2", "汶上县财政局2022年政府信息公开工作年度报告"),
    ]
    items = "".join(f"<li><a href='{url}'>{text}</a><span>2023-01-20</span></li>" for url, text in links)
    file = tmp_path / "list.html"
    file.write_text(f"<html><head><meta charset='utf-8'></head><body><ul>{items}</ul></body></html>", encoding="utf-8")
    import_documents(home, [Saved(URL, page(), "text/html", "2026-02-03", "x")], by="an operator", note="")
    documents = read_files([file], "http://www.wenshang.gov.cn/col/col1/", SAVED, now=NOW)
    (done,) = import_documents(home, documents, by="an operator", note="", role=CaptureRole.LISTING)
    assert done.capture is not None
    found = listed(home, "wenshang", done.capture)
    assert (len(found.reports), [lead.url for lead in found.lacking]) == (2, [f"{URL}?2"])


def test_what_is_held_already_is_said_and_not_kept_again(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "saved.html"
    file.write_bytes(page())
    saved = read_files([file], URL, SAVED, now=NOW)
    (first, second), (third,) = (
        import_documents(home, [*saved, *more], by="an operator", note="") for more in (saved, [])
    )
    assert [one.held for one in (first, second, third)] == [False, True, True]
    assert first.capture == second.capture == third.capture
    assert len(list(CaptureStore(home).for_portal("wenshang"))) == 1
    assert len(list(Observations(home).runs("wenshang"))) == 1


def test_what_is_plainly_no_answer_of_a_portal_is_kept_and_doubted(home: Home, tmp_path: Path) -> None:
    said = []
    for name, body in (
        ("hostname", b"a-machine\n"),
        ("x.bin", bytes(range(256))),
        ("a.txt", "政府信息公开年报".encode()),
    ):
        (tmp_path / name).write_bytes(body)
        found = read_files([tmp_path / name], f"{URL}?{name}", SAVED, now=NOW)
        (done,) = import_documents(home, found, by="an operator", note="")
        assert done.capture is not None
        said.append(bool(done.doubt))
    assert said == [True, True, False]


def test_an_import_whose_row_was_lost_in_a_crash_is_adopted(home: Home) -> None:
    now = home.clock.now()
    portal = portals.find("wenshang")
    portals.register(Registry(home), portal(name="wenshang"), now)
    writer = CaptureWriter(home, Run(id="a" * 32, portal="wenshang", purpose=PURPOSE, started=now), group=16)
    writer.__enter__()
    kept = writer.keep(Given(url=URL, mime="text/html", body=page(), at=now), role=CaptureRole.REPORT, reason="r")
    writer._warc.rotate()  # as after a kill: the record is on the disk, nobody holds the file, there is no row
    assert CaptureStore(home).get(kept.id) is None
    assert mend(home).adopted == [kept.id]
    found = CaptureStore(home).get(kept.id)
    assert found == kept
    assert CaptureStore(home).body(found) == page()


def test_an_imported_report_is_seen_but_never_proven_on_time(tmp_path: Path) -> None:
    archive, file = tmp_path / "archive", tmp_path / "saved.html"
    file.write_bytes(page())
    assert nianbao("init", str(archive)).code == 0
    words = ("import", str(file), "--url", URL, "--fetched", "2023-01-20T09:00+08:00", "--by", "an operator")
    done = nianbao(*words, "--json", archive=archive)
    assert done.code == 0, done.err
    assert json.loads(done.out)[0]["portal"] == "wenshang"
    assert json.loads(done.out)[0]["said"] == "the report of 汶上县司法局 for 2022"
    (duty,) = [
        row
        for row in nianbao("export", "duties", "--format", "jsonl", archive=archive).rows()
        if row["agency"] == "汶上县司法局" and row["year"] == 2022
    ]
    assert [edition["track"] for edition in duty["editions"]] == [URL]
    assert (duty["status"], duty["evidence"], duty["first_shown"]) == ("undetermined", "none", None)
    shown = nianbao("show", "汶上县司法局", "2022", archive=archive).out
    assert "a person brought it in, and says when it was fetched (an operator; 2023-01-20T09:00:00+08:00" in shown
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


@pytest.mark.parametrize("length", ["1" + "0" * 30, "-1", "1e3", "5"])
def test_a_length_that_cannot_be_is_told_and_not_believed(length: str, home: Home, tmp_path: Path) -> None:
    file = tmp_path / "foreign.warc.gz"
    file.write_bytes(hostile(length, URL))
    found = read_files([file], None, None, now=NOW)
    assert not [one for one in found if isinstance(one, Saved) and "信息公开".encode() in one.body]
    assert any(one.refused for one in found if isinstance(one, Imported))
    assert import_documents(home, found, by="an operator", note="")


def test_nothing_in_a_foreign_warc_file_reaches_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told = []
    for length in ("", "5"):
        file = tmp_path / f"foreign{length}.warc.gz"
        file.write_bytes(hostile(length, "http://www.wenshang.gov.cn/a b\x1b]0;title\x07"))
        told += [one.refused for one in read_files([file], None, None, now=NOW) if isinstance(one, Imported)]
    assert capfd.readouterr() == ("", "")
    assert told
    assert not any(ord(sign) < 32 for text in told for sign in text)


def test_what_came_from_an_imitation_never_enters_a_real_archive(played: Path, tmp_path: Path, home: Home) -> None:
    files = sorted((played / "warc/wenshang").glob("*.warc.gz"))
    found = read_files(files, None, None, now=AFTER_THE_DEMO)
    assert {one.simulated for one in found if isinstance(one, Saved)} == {True}
    done = import_documents(home, found, by="somebody", note="")
    assert not any(one.capture for one in done)
    assert "from_an_imitation_of_a_portal" in {one.refused for one in done}
    with init_home(tmp_path / "play", simulated=True) as play:
        assert any(one.capture for one in import_documents(play, found, by="somebody", note=""))
