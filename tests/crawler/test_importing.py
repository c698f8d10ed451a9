"""What people saved by hand, and what other web archives captured, comes in as captures of its own kind.

What was saved by hand proves existence, never time. A capture of an archive proves "seen by then" and content, never an
absence, and only from its import on.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.projection.update import update
from archive.queries.withheld_content import outgoing
from benchmarks.reading_files import sample
from crawler.errors import CrawlError
from crawler.onboarding.importing import PURPOSE, import_documents, read_files
from imitation.demo import AFTERWARDS
from imitation.documents.kinds import WRITERS
from storage.captures import CaptureStore
from storage.home import Home, init_home, open_home
from storage.observations import Observations
from storage.records import CaptureOutcome
from storage.warc_reader import stored_record
from tests.case_tables import read_cases
from tests.played import nianbao
from tests.projection.small_archive import InProcess, SmallSite, new_archive, report_page
from tests.served import asking

HOST = "http://www.wenshang.gov.cn"
URL, SFJ, OTHERS = f"{HOST}/nb/1.html", "汶上县司法局", "汶上县民政局"
PLAIN = [("Content-Type", "text/html; charset=utf-8")]
JUNE = "2026-06-01T09:00+08:00"
IN_TIME, LATER = "2026-01-25T02:00:00Z", "2026-02-05T02:00:00Z"  # days of captures; looks are in Site
REPORT = report_page(SFJ, 2025, {"applications.received.total": 4})
OTHER_PAGE = (
    "<html><title>通知</title><body>关于召开会议的通知，请各单位准时参加会议。"
    + "会议材料请自行准备。" * 20
    + "</body></html>"
)
PAGE = f"{HOST}/art/2025/1/20/art_1_1.html"
SAVED = datetime(2026, 2, 3, 2, tzinfo=UTC)
NOW = datetime(2026, 2, 9, 1, tzinfo=UTC)
AFTER_THE_DEMO = datetime.fromisoformat(AFTERWARDS)  # its files bear names in no order of days


@dataclass
class Copy:
    """A record as the Internet Archive or Common Crawl writes it."""

    body: bytes | str = REPORT
    url: str = URL
    date: str = IN_TIME
    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    kind: str = "response"
    fields: Mapping[str, str] = field(default_factory=dict)
    altered: tuple[bytes, bytes] = (b"", b"")


def warc(path: Path, *answers: Copy) -> Path:
    """A WARC file, compressed record by record, beginning with a warcinfo record."""
    records = io.BytesIO()
    writer = WARCWriter(records, gzip=False)
    writer.write_record(writer.create_warcinfo_record(path.name, {"software": "Heritrix/3.4"}))
    members = [records.getvalue()]
    for one in answers:
        records = writer.out = io.BytesIO()
        head = StatusAndHeaders(f"{one.status} X", [*PLAIN, *one.headers], protocol="HTTP/1.1")
        fields = {"WARC-Date": one.date, **one.fields}
        payload = io.BytesIO(one.body.encode() if isinstance(one.body, str) else one.body)
        writer.write_record(
            writer.create_warc_record(one.url, one.kind, payload=payload, http_headers=head, warc_headers_dict=fields)
        )
        members.append(records.getvalue().replace(*one.altered))
    path.write_bytes(b"".join(map(gzip.compress, members)))
    return path


def page() -> bytes:
    return WRITERS["html"]("汶上县司法局2022年政府信息公开工作年度报告", sample(1).blocks)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A fresh, real archive in SQLite; the first test runs on PostgreSQL too."""
    with init_home(tmp_path / "archive") as home:
        yield home


def test_a_saved_page_is_a_capture_of_the_portal_and_is_read(either: Home, tmp_path: Path) -> None:
    file = tmp_path / "saved.html"
    file.write_bytes(page())
    (done,) = import_documents(either, read_files([file], PAGE, SAVED, now=NOW), by="an operator", note="by mail")
    assert done.capture is not None
    assert (done.portal, done.capture.url, done.capture.status) == ("wenshang", PAGE, None)
    assert "2026-02-03T02:00:00+00:00" in done.capture.reason
    assert done.capture.fetched_at > SAVED  # the time at which it came in: the other is only said
    assert CaptureStore(either).body(done.capture) == page()
    assert done.capture.warc is not None
    assert stored_record(either.blobs, done.capture.warc).kind == "resource"
    (run,) = Observations(either).runs("wenshang")
    assert (run.purpose, run.outcome) == (PURPOSE, "ok")
    assert update(either, ["wenshang"]).editions == 1


def test_the_good_answers_of_a_warc_file_come_in_the_others_are_told(home: Home, tmp_path: Path) -> None:
    packed = [("Content-Encoding", "gzip")]
    file = warc(
        tmp_path / "a.warc.gz",
        Copy(page(), PAGE),
        Copy(gzip.compress(page() + b" "), PAGE + "?2", headers=packed),
        Copy("gone", PAGE + "?3", status=404),
        Copy(page(), "http://mirror.example.com/art.html"),
        Copy(page(), "http://www.wenshang.gov.cn@evil.example/"),
        Copy("not gzip", PAGE + "?4", headers=packed),
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
    file, device = mhtml(tmp_path / "a.mhtml", PAGE), tmp_path / "endless.html"
    (same,) = read_files([file], PAGE.replace("http:", "https:"), SAVED, now=NOW)
    assert (same.body, same.refused) == (file.read_bytes(), "")
    device.symlink_to("/dev/zero")
    for name, body in (("plain.html", page()), ("empty.html", b"")):
        (tmp_path / name).write_bytes(body)
    mhtml(tmp_path / "undated.mhtml", PAGE, "")
    mhtml(tmp_path / "later.mhtml", PAGE, "Mon, 01 Mar 2027 02:00:00 GMT")
    torn = warc(tmp_path / "a.warc.gz", Copy(page(), PAGE))
    for names, url, at, code in read_cases(__file__, "unfit"):
        with pytest.raises(CrawlError) as refused:
            read_files([tmp_path / name for name in names], url or None, at or None, now=NOW)
        assert refused.value.code == f"import.{code}"
    (found,) = read_files([torn], None, None, now=datetime(2020, 1, 1, tzinfo=UTC))
    assert found.refused == "dated_in_the_future"


def test_an_imported_report_is_seen_but_never_proven_on_time(tmp_path: Path) -> None:
    archive, file = tmp_path / "archive", tmp_path / "saved.html"
    file.write_bytes(page())
    nianbao("init", str(archive), code=0)
    words = ("import", str(file), "--url", PAGE, "--fetched", "2023-01-20T09:00+08:00", "--by", "an operator")
    done = nianbao(*words, "--json", archive=archive, code=0)
    assert json.loads(done.out)[0]["portal"] == "wenshang"
    assert json.loads(done.out)[0]["said"] == "汶上县司法局, 2022 report"
    (duty,) = [
        row
        for row in nianbao("export", "duties", "--format", "jsonl", archive=archive).rows()
        if row["agency"] == "汶上县司法局" and row["year"] == 2022
    ]
    assert [edition["track"] for edition in duty["editions"]] == [PAGE]
    assert (duty["status"], duty["evidence"], duty["first_shown"]) == ("undetermined", "none", None)
    shown = nianbao("show", "汶上县司法局", "2022", archive=archive).out
    by_hand = "imported by hand; the time is as stated by the person who imported it"
    assert f"{by_hand} (an operator; 2023-01-20T09:00:00+08:00" in shown
    inside = ("--url", "http://127.0.0.1/a", "--fetched", "2023-01-20T09:00+08:00")
    nianbao("import", str(file), *inside, "--by", "a", archive=archive, code=1)
    nianbao("import", str(file), "--url", PAGE, "--fetched", "2023-01-20", "--by", "a", archive=archive, code=2)


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
        file.write_bytes(hostile(length, PAGE))
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


# ------------------------------------------------------------------------------------------------ other web archives


@pytest.fixture
def site(tmp_path: Path) -> SmallSite:
    """A portal whose list showed no report of 司法局 on 1 and 9 February 2026; that of 民政局 was there in time."""
    site = SmallSite(new_archive(tmp_path / "archive"))
    site.departments(sfj=SFJ, mzj=OTHERS)
    column, others = site.column(), ("nb/9.html", f"{OTHERS}2025年政府信息公开工作年度报告")
    site.fetch("2026-01-20 09:00", "nb/9.html", report_page(OTHERS, 2025))
    for when in ("2026-01-20 09:00", "2026-02-01 09:00", "2026-02-09 09:00"):
        site.look(when, column, [others])
    return site


def bring(site: SmallSite, *files: Path, now: str = "2026-05-01") -> Mapping[str, int]:
    """Import files on a day; return how many records had which result."""
    done = nianbao("import", "wayback", *map(str, files), "--source", "Internet Archive", "--by", "a librarian",
                   "--json", archive=site.home.path, now=f"{now}T09:00:00+08:00")  # fmt: skip
    assert done.code in {0, 1}, done.err
    results: Counter[str] = Counter()
    for row in json.loads(done.out):
        results[row["code"]] += row["number"] or 1
    return results


def duty(site: SmallSite, *more: str, agency: str = SFJ, year: int = 2025) -> dict[str, Any]:
    """What the archive knows of a report in June 2026."""
    update(site.home, pool=InProcess())
    done = nianbao("export", "duties", "--format", "jsonl", *more, archive=site.home.path, now=JUNE)
    (row,) = [row for row in done.rows() if row["agency"] == agency and row["year"] == year]
    return row


def verdict(row: Mapping[str, Any]) -> tuple[str, str, str | None]:
    return row["status"], row["evidence"], row["first_shown"]


def test_a_capture_of_another_archive_proves_seen_by_then_from_its_import_on(site: SmallSite, tmp_path: Path) -> None:
    before = duty(site)
    assert verdict(before) == ("missing", "proven", None)
    file = warc(tmp_path / "ia.warc.gz", Copy())
    assert bring(site, file) == {"kept": 1, "reports": 1}
    after = duty(site)
    assert verdict(after) == ("on_time", "proven", "2026-01-25T10:00:00+08:00")
    assert "最迟于2026年1月25日 10:00已公布：见于Internet Archive的网页存档" in after["zh"]
    assert "published by 25 January 2026, 10:00 at the latest: a capture of Internet Archive" in after["en"]
    assert "only_in_copies" in after["findings"]  # our looks of February did not show it, which is told as well
    # asked as of the day before the import, nothing of it is known
    then = ("--as-of", "2026-04-30T09:00+08:00")
    assert {**duty(site, *then), "as_of": None} == {**before, "as_of": None}
    assert verdict(duty(site, agency=OTHERS)) == ("on_time", "proven", "2026-01-20T09:00:00+08:00")


def test_a_capture_bounds_lateness_and_gives_an_earlier_edition(site: SmallSite, tmp_path: Path) -> None:
    site.fetch("2026-03-01 09:00", "nb/1.html", report_page(SFJ, 2025, {"applications.received.total": 5}))
    site.look("2026-03-01 09:00", site.column(), [("nb/1.html", f"{SFJ}2025年政府信息公开工作年度报告")])
    assert verdict(duty(site)) == ("late", "proven", "2026-03-01T09:00:00+08:00")
    bring(site, warc(tmp_path / "ia.warc.gz", Copy(date=LATER)))
    row = duty(site)
    # the absence of 9 February came after the capture: it says nothing of lateness any more
    assert verdict(row) == ("late", "one_look", "2026-02-05T10:00:00+08:00")
    assert [one["change"] for one in row["editions"]] == ["first", "silent"]
    revisions = json.loads(nianbao("revisions", SFJ, "--json", archive=site.home.path, now=JUNE).out)
    (change,) = revisions[0]["lines"]
    assert change["last_before"] == "2026-02-05T10:00:00+08:00"
    assert change["en"].endswith("(This rests on a capture of Internet Archive.)")
    exported = nianbao("export", "panel", "--years", "2025", "--format", "jsonl", archive=site.home.path, now=JUNE)
    (line,) = [row for row in exported.rows() if row["agency"] == SFJ]
    assert (line["days_late_least"], line["days_late_most"], line["revisions"]) == (1, 5, 1)


def test_answers_as_of_a_day_before_the_import_stay_as_they_were(site: SmallSite, tmp_path: Path) -> None:
    title, then = f"{SFJ}2025年政府信息公开工作年度报告", ("--as-of", "2026-04-30T09:00+08:00")
    for day in ("2026-03-01", "2026-04-01"):
        site.fetch(f"{day} 09:00", "nb/1.html", REPORT)
        site.look(f"{day} 09:00", site.column(), [("nb/1.html", title)])
    before = duty(site, *then)
    others = report_page(SFJ, 2025, {"applications.received.total": 5})
    copies = Copy(others, date=LATER), Copy(others, date="2026-03-15T02:00:00Z")
    old = Copy(report_page(SFJ, 2015), f"{HOST}/old/1.html", "2016-02-01T02:00:00Z")
    bring(site, warc(tmp_path / "ia.warc.gz", *copies, old))
    assert duty(site, *then) == before
    assert [one["change"] for one in duty(site)["editions"]] == ["first", "silent", "returned", "returned"]
    # nobody asked for reports of so early years before
    counts = [len(nianbao("export", "duties", "--format", "jsonl", *as_of, archive=site.home.path, now=JUNE).rows())
              for as_of in (then, ())]  # fmt: skip
    assert counts == [6, 22]
    # who read it after these changes is not told of them, although they became known later
    words = ("title=论文", "used=2026-04-15", "--by", "a librarian", "--reason", "a letter")
    assert nianbao("rule", "cited_by", f"{SFJ}/2025", *words, archive=site.home.path, now=JUNE).code == 0
    (work,) = json.loads(nianbao("cited-by", SFJ, "--json", archive=site.home.path, now=JUNE).out)
    assert work["changed"] is None


def test_what_this_archive_fetched_itself_is_no_copy_from_elsewhere(site: SmallSite) -> None:
    site.fetch("2026-02-03 09:00", "own/1.html", REPORT)
    own = [path for path in site.home.path.rglob("*.warc.gz") if b"/own/1.html" in gzip.decompress(path.read_bytes())]
    assert bring(site, *own)["held"] == 1
    with open_home(site.home.path) as home:
        assert [one.source for one in CaptureStore(home).of_url(site.url("own/1.html"))] == [""]


def test_what_is_copied_stays_as_it_was_and_comes_once(site: SmallSite, tmp_path: Path) -> None:
    chunks = gzip.compress(REPORT)
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(chunks), chunks)
    coded = Copy(body, headers=[("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")])
    file = warc(tmp_path / "ia.warc.gz", coded)
    original = next(one for one in ArchiveIterator(io.BytesIO(file.read_bytes())) if one.rec_type == "response")
    assert bring(site, file) == {"kept": 1, "reports": 1}
    assert bring(site, file, now="2026-05-02") == {"held": 1}
    with open_home(site.home.path) as home:
        (capture,) = [one for one in CaptureStore(home).of_url(URL) if one.source]
        assert CaptureStore(home).body(capture) == REPORT
        assert capture.warc is not None
        record = stored_record(home.blobs, capture.warc)
    assert record.payload == body
    assert record.fields["warc-date"] == IN_TIME
    origin = json.loads(record.fields["nianbao-source"])
    assert origin["record"] == original.rec_headers.get_header("WARC-Record-ID")
    assert (origin["source"], origin["file"], origin["size"], origin["sha256"]) == (
        "Internet Archive", "ia.warc.gz", file.stat().st_size, hashlib.sha256(file.read_bytes()).hexdigest(),
    )  # fmt: skip
    for words in (
        ["import", "wayback", str(file), "--source", "Internet Archive", "--by", "a librarian"],
        ["warc", "check"],
        ["warc", "index"],
        ["show-capture", capture.id, "--verify"],
        ["cite", SFJ, "2025"],
    ):
        nianbao(*words, archive=site.home.path, now=JUNE, code=0)


def test_a_copy_is_a_memento_at_the_time_of_the_other_archive(site: SmallSite, tmp_path: Path) -> None:
    """RFC 7089: a memento encapsulates a state of the resource at a time, whoever captured it (Internet Archive)."""
    site.fetch("2026-03-01 09:00", "nb/1.html", REPORT)
    bring(site, warc(tmp_path / "ia.warc.gz", Copy()), now="2026-03-15")
    with asking(site.home.path) as client:
        assert client.get(f"/timemap/link/{URL}").text.count('rel="memento"') == 2
        then = "Sun, 25 Jan 2026 02:00:00 GMT"
        led = client.get(f"/timegate/{URL}", headers={"Accept-Datetime": then})
        shown = client.get(urlsplit(led.headers["location"]).path)
        assert (shown.status_code, shown.headers["memento-datetime"]) == (200, then)


#: reason and a record that is refused for it
REFUSED = [(reason, Copy(**given)) for reason, given in read_cases(__file__, "refused")] + [
    ("redirect", Copy(REPORT.replace(b"<head>", b'<head><meta http-equiv="Refresh" content="0; url=/b.html">'))),
    ("truncated", Copy(REPORT[:-9], headers=[("Content-Length", str(len(REPORT)))])),
    ("truncated", Copy(REPORT[: len(REPORT) // 2])),
    ("digest_differs", Copy(altered=(b"Payload-Digest: sha1:", b"Payload-Digest: sha1:A"))),
]


def test_what_may_not_be_the_page_is_refused_with_its_reason(site: SmallSite, tmp_path: Path) -> None:
    answers = [answer for _, answer in REFUSED]
    assert bring(site, warc(tmp_path / "ia.warc.gz", *answers)) == Counter(reason for reason, _ in REFUSED)
    assert verdict(duty(site)) == ("missing", "proven", None)


def test_a_copy_proves_no_absence_and_nothing_before_the_year_was_over(site: SmallSite, tmp_path: Path) -> None:
    site.fetch("2026-02-01 09:00", "nb/1.html", None, outcome=CaptureOutcome.ERROR)
    site.look("2026-02-10 09:00", site.column(), [("nb/1.html", f"{SFJ}2025年政府信息公开工作年度报告")])
    before = verdict(duty(site))
    file = warc(
        tmp_path / "ia.warc.gz", Copy(OTHER_PAGE, date="2026-02-10T02:00:00Z"), Copy(date="2025-11-25T02:00:00Z")
    )
    assert bring(site, file)["kept"] == 2
    assert verdict(duty(site)) == before


def test_lists_choose_and_packages_are_checked(site: SmallSite, tmp_path: Path) -> None:
    data = warc(tmp_path / "data.warc.gz", Copy(), Copy(date=LATER)).read_bytes()
    stated = {"resources": [{"path": "archive/data.warc.gz", "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}]}
    for name, content in (("good", data), ("altered", data + b"\0")):
        with ZipFile(tmp_path / f"{name}.wacz", "w") as package:
            package.writestr("datapackage.json", json.dumps(stated))
            package.writestr("archive/data.warc.gz", content)
    lists = read_cases(__file__, "lists")
    for name, text in lists:
        (tmp_path / name).write_text(text)
    assert bring(site, tmp_path / "altered.wacz", tmp_path / "a.cdx") == {"listed": 1, "wayback.altered": 1}
    assert bring(site, tmp_path / "good.wacz", tmp_path / "e.jsonl") == {
        "listed": 1,
        "not_listed": 1,
        "digest_differs": 1,
    }
    for number, (name, _) in enumerate(lists[:4]):
        done = bring(site, tmp_path / "good.wacz", tmp_path / name)
        assert done == {"listed": 1, "not_listed": 1} | ({"held": 1} if number else {"kept": 1, "reports": 1}) | (
            {"line_unread": 1} if name == "b.cdx" else {}
        )


def test_a_page_and_the_file_that_it_links_are_one_report(site: SmallSite, tmp_path: Path) -> None:
    title = f"{SFJ}2025年政府信息公开工作年度报告"
    page = f'<html><title>{title}</title><body><h1>{title}</h1><a href="/files/a.docx">附件：{title}</a></body></html>'
    file = WRITERS["docx"](title, sample(1).blocks)
    answers = [Copy(page), *(Copy(file, f"{HOST}/files/{name}.docx") for name in ("a", "unlinked"))]
    assert bring(site, warc(tmp_path / "ia.warc.gz", *answers)) == {"kept": 2, "not_linked": 1, "reports": 1}
    (edition,) = duty(site)["editions"]
    assert len(edition["captures"]) == 2


def test_broken_and_hostile_files_cost_themselves_only(site: SmallSite, tmp_path: Path) -> None:
    good = warc(tmp_path / "good.warc.gz", Copy())
    whole = good.read_bytes()
    (tmp_path / "torn.warc.gz").write_bytes(whole + gzip.compress(b"WARC/1.0\r\nWARC-Type: response\r\n")[:20])
    (tmp_path / "plain.warc").write_bytes(gzip.decompress(whole))
    (tmp_path / "long.warc.gz").write_bytes(
        gzip.compress(b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 1" + b"0" * 15 + b"\r\n\r\n") + whole
    )
    with ZipFile(tmp_path / "bomb.wacz", "w", ZIP_DEFLATED) as package:
        package.writestr("archive/data.warc.gz", b"\0" * (8 << 20))
    names = ("torn.warc.gz", "plain.warc", "long.warc.gz", "bomb.wacz")
    done = bring(site, *(tmp_path / name for name in names), good, tmp_path / "absent.warc.gz")
    assert done == {
        "kept": 1, "held": 2, "reports": 1, "damaged": 2, "wayback.other_kind": 1, "wayback.unreadable": 2,
    }  # fmt: skip


def test_a_copy_without_a_date_does_not_take_the_date_of_the_page_from_the_agency(
    site: SmallSite, tmp_path: Path
) -> None:
    site.fetch("2026-01-15 09:00", "nb/2.html", report_page(OTHERS, 2023, published="2024-01-20"))
    before = duty(site, agency=OTHERS, year=2023)
    assert verdict(before)[:2] == ("on_time", "claimed")
    copy = Copy(report_page(OTHERS, 2023, text="旧版"), f"{HOST}/old/2.html", "2025-12-01T02:00:00Z")
    bring(site, warc(tmp_path / "ia.warc.gz", copy))
    after = duty(site, agency=OTHERS, year=2023)
    assert (verdict(after)[:2], after["declared"]) == (verdict(before)[:2], before["declared"])


def test_copies_of_a_withheld_report_are_withheld_whatever_their_time(site: SmallSite, tmp_path: Path) -> None:
    bring(site, warc(tmp_path / "one.warc.gz", Copy()))
    words = ("rule", "withhold", f"{SFJ}/2025", "--by", "a librarian", "--reason", "a name in it")
    assert nianbao(*words, archive=site.home.path, now="2026-05-02T09:00:00+08:00").code == 0
    page = report_page(SFJ, 2025, text="早")
    bring(
        site, warc(tmp_path / "two.warc.gz", Copy(page, f"{HOST}/old/1.html", "2025-12-20T02:00:00Z")), now="2026-05-03"
    )
    with open_home(site.home.path) as home:
        assert [*map(outgoing(home).hides, CaptureStore(home).by_document(hashlib.sha256(page).hexdigest()))] == [True]
