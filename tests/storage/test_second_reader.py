"""Our WARC files, judged by two readers that are not ours: one written from the standard, and FastWARC."""

from __future__ import annotations

import gzip
import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from iso28500 import Record, read
from storage_making import AT, URL, exchange, files, keep, run

from storage.captures import CaptureWriter
from storage.exchange import Given
from storage.home import Home, init_home
from storage.records import CaptureRole


@pytest.fixture
def archive(tmp_path: Path) -> Home:
    return init_home(tmp_path / "a")


def every_sort(archive: Home) -> Path:
    """A file with every sort of record that we write."""
    later = AT + timedelta(days=1)
    with CaptureWriter(archive, run()) as writer:
        keep(writer, exchange())
        keep(writer, exchange(at=later))
        keep(writer, exchange(b"", status=304, headers=[("ETag", '"1"')], at=later))
        keep(writer, exchange(gzip.compress(b"x" * 999), headers=[("Content-Encoding", "gzip")], url=URL + "?z"))
        keep(writer, exchange(b"", status=404, url=URL + "/none"))
        dom = Given(
            url=URL,
            mime="text/html; charset=utf-8",
            body=b"<p>shown</p>",
            at=later,
            target=f"urn:dom:{URL}",
            about={"made-by": "a browser\r\nof its own", "nothing": ""},
        )
        shown = writer.keep(dom, role=CaptureRole.LISTING, reason="rendered")
        writer.keep(dom, role=CaptureRole.LISTING, reason="rendered", same=shown)
    return files(archive)[0]


SORTS = ["warcinfo", "response", "request", "revisit", "request", "revisit", "request"]
SORTS += ["response", "request", "response", "request", "resource", "metadata", "revisit", "metadata"]


def test_every_sort_of_record_is_as_the_standard_says(archive: Home) -> None:
    records = read(every_sort(archive))
    assert [record.kind for record in records] == SORTS
    by_id = {record.fields["warc-record-id"]: record for record in records}
    revisits = [record for record in records if record.kind == "revisit"]
    for revisit in revisits:
        original = by_id[revisit.fields["warc-refers-to"]]
        assert revisit.fields["warc-refers-to-target-uri"] == original.fields["warc-target-uri"]
        assert revisit.fields["warc-refers-to-date"] == original.fields["warc-date"]
        assert revisit.fields["warc-payload-digest"] == original.fields["warc-payload-digest"]
    assert {one.fields["warc-profile"].rpartition("/")[2] for one in revisits} == {
        "identical-payload-digest",
        "server-not-modified",
    }


def test_metadata_says_how_a_resource_came_to_be(archive: Home) -> None:
    records = read(every_sort(archive))
    resource, metadata = records[11], records[12]
    assert metadata.fields["warc-refers-to"] == resource.fields["warc-record-id"]
    assert metadata.fields["warc-target-uri"] == resource.fields["warc-target-uri"] == f"urn:dom:{URL}"
    assert metadata.block == b"made-by: a browser of its own\r\n"


def test_fastwarc_reads_the_same(archive: Home) -> None:
    fastwarc = pytest.importorskip("fastwarc.warc", reason="FastWARC (extra dev) is the third reader; install it")
    path = every_sort(archive)
    own = read(path)
    with path.open("rb") as handle:
        for record, mine in zip(fastwarc.ArchiveIterator(handle, parse_http=False), own, strict=True):
            assert record.verify_block_digest(), mine.offset
            assert getattr(fastwarc.WarcRecordType, mine.kind) == record.record_type
            assert record.stream_pos == mine.offset
            assert f"<{record.record_id.strip('<>')}>" == mine.fields["warc-record-id"]
            assert hashlib.sha256(record.reader.read()).digest() == hashlib.sha256(mine.block).digest()
    messages = fastwarc.WarcRecordType.response | fastwarc.WarcRecordType.request
    with path.open("rb") as handle:
        payloads = [
            record.verify_payload_digest() for record in fastwarc.ArchiveIterator(handle, record_types=messages)
        ]
    assert payloads == [True] * 8


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    url=st.text(max_size=40),
    headers=st.lists(st.tuples(st.text(max_size=12), st.text(max_size=20)), max_size=4),
    body=st.binary(max_size=60),
    status=st.integers(200, 599),
    about=st.dictionaries(st.sampled_from(["made-by", "note"]), st.text(max_size=30)),
)
def test_nothing_a_portal_sends_makes_a_file_that_is_none(
    tmp_path_factory: pytest.TempPathFactory,
    url: str,
    headers: list[tuple[str, str]],
    body: bytes,
    status: int,
    about: dict[str, str],
) -> None:
    archive = init_home(tmp_path_factory.mktemp("hostile") / "a")
    headers = [(name, value) for name, value in headers if name.strip().lower() != "content-encoding"]
    with CaptureWriter(archive, run()) as writer:
        keep(writer, exchange(body, url=f"http://h/{url}", headers=headers, status=status))
        made = Given(url=f"http://h/{url}", mime=url, body=body, at=AT, target=f"urn:dom:http://h/{url}", about=about)
        writer.keep(made, role=CaptureRole.RESOURCE, reason=url)
    records: list[Record] = read(files(archive)[0])
    assert [one.kind for one in records[:4]] == ["warcinfo", "response", "request", "resource"]
