"""The WARC files against the database: what agrees is silent, and each thing that does not is told with its place."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from storage_making import AT, URL, exchange, files, keep, read, run

from nianbao.language import Language
from nianbao.sentences import note_sentence
from storage.captures import CaptureWriter
from storage.exchange import Resource
from storage.home import Home, init_home, open_home
from storage.records import Capture, CaptureOutcome, CaptureRole, Note
from storage.warc_check import TODO, Mismatch, WarcCheckCounts, check

DAY = timedelta(days=1)


@dataclass
class Kept:
    home: Home
    captures: list[Capture]

    @property
    def path(self) -> Path:
        return files(self.home)[0]

    def told(self) -> list[Mismatch]:
        found: list[Mismatch] = []
        check(self.home, found.append)
        return found

    def codes(self) -> set[str]:
        return {one.code for one in self.told()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Page, the same again, unchanged, coded, empty, a failure, a DOM and the same DOM: one sealed file."""
    home = init_home(tmp_path_factory.mktemp("made") / "a")
    with CaptureWriter(home, run()) as writer:
        made = [keep(writer, exchange()), keep(writer, exchange(at=AT + DAY))]
        made.append(keep(writer, exchange(b"", status=304, headers=[("ETag", '"1"')], at=AT + DAY)))
        coded = exchange(gzip.compress(b"x" * 999), headers=[("Content-Encoding", "gzip")], url=URL + "?z")
        made.append(keep(writer, coded))
        made.append(keep(writer, exchange(b"", status=404, url=URL + "/年"), outcome=CaptureOutcome.NOT_FOUND))
        writer.write(
            None, role=CaptureRole.REPORT, requested=URL, outcome=CaptureOutcome.UNREACHABLE, fetched_at=AT + DAY
        )
        dom = Resource(url=URL, mime="text/html", body=b"<p>", at=AT + DAY, target=f"urn:dom:{URL}", about={"by": "x"})
        made.append(writer.keep(dom, role=CaptureRole.LISTING, reason="rendered"))
        made.append(writer.keep(dom, role=CaptureRole.LISTING, reason="rendered", same=made[-1]))
    home.close()
    return Kept(home, made)


@pytest.fixture
def kept(made: Kept, tmp_path: Path) -> Kept:
    """A copy of that archive, to be harmed."""
    shutil.copytree(made.home.path, tmp_path / "a")
    return Kept(open_home(tmp_path / "a"), made.captures)


def test_what_agrees_is_silent(kept: Kept) -> None:
    found: list[Mismatch] = []
    steps: list[tuple[int, int]] = []
    done = check(kept.home, found.append, progress=lambda at, of: steps.append((at, of)))
    assert found == []
    size = kept.path.stat().st_size
    assert done == WarcCheckCounts(files=1, bytes=size, records=15, rows=7, revisits=3)
    assert steps[-1] == (size, size)


def changed(old: bytes, new: bytes, number: int) -> Callable[[Kept], None]:
    """Record ``number`` with other content, by somebody who also moves the places in the database."""

    def change(kept: Kept) -> None:
        content = content_of(kept, number)
        assert old in content
        put(kept, number, gzip.compress(content.replace(old, new, 1), mtime=0))

    return change


def removed(number: int) -> Callable[[Kept], None]:
    """Without record ``number``, by the same."""
    return lambda kept: put(kept, number, b"")


def content_of(kept: Kept, number: int) -> bytes:
    data, where = kept.path.read_bytes(), read(kept.path)[number]
    return gzip.decompress(data[where.offset : where.offset + where.length])


def put(kept: Kept, number: int, member: bytes) -> None:
    data, where = kept.path.read_bytes(), read(kept.path)[number]
    kept.path.write_bytes(data[: where.offset] + member + data[where.offset + where.length :])
    by, at = len(member) - where.length, where.offset
    edit(kept, f"UPDATE captures SET warc_length = warc_length + {by} WHERE warc_offset = {at}")
    edit(kept, f"UPDATE captures SET warc_offset = warc_offset + {by} WHERE warc_offset > {at}")
    edit(kept, f"UPDATE warc_files SET size = size + {by}")


def edit(kept: Kept, statement: str) -> int:
    """The database changed behind the back of its triggers; how many rows."""
    with sqlite3.connect(kept.home.path / "archive.sqlite") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        done = connection.execute(statement).rowcount
    connection.close()
    return done


def sql(statement: str) -> Callable[[Kept], None]:
    def change(kept: Kept) -> None:
        assert edit(kept, statement) == 1

    return change


def flipped(number: int) -> Callable[[Kept], None]:
    """One bit of a member's checksum wrong: a bit of its deflated text may point at an equal copy of the words."""

    def change(kept: Kept) -> None:
        where, data = read(kept.path)[number], bytearray(kept.path.read_bytes())
        data[where.offset + where.length - 8] ^= 4  # RFC 1952, 2.3.1: CRC32 and ISIZE end a member
        kept.path.write_bytes(data)

    return change


def cut(by: int) -> Callable[[Kept], None]:
    return lambda kept: os.truncate(kept.path, kept.path.stat().st_size - by)


def appended(kept: Kept) -> None:
    with kept.path.open("ab") as out:
        out.write(kept.path.read_bytes()[read(kept.path)[1].offset :])


def copied(kept: Kept) -> None:
    shutil.copy(kept.path, kept.path.with_name("other-1.warc.gz"))


FIRST = (
    "hex(id) = (SELECT hex(c.id) FROM captures c JOIN addresses a ON a.no = c.address "
    f"WHERE a.url = '{URL}' AND c.status = 200 ORDER BY c.warc_offset LIMIT 1)"
)


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (changed(b"<html>report", b"<html>repost", 1), {"digest_differs"}),
        (changed(b"User-Agent: nianbao", b"User-Agent: nianbai", 2), {"digest_differs"}),
        (
            changed(b"2026-02-01T01:00:00.000000Z", b"2026-02-01T01:00:00.000001Z", 1),
            {"record_differs", "request_missing"},
        ),
        (changed(b"WARC-Refers-To-Date: 2026", b"WARC-Refers-To-Date: 2025", 3), {"original_differs"}),
        (changed(b"ETag: ", b"EtaX: ", 5), {"record_differs", "digest_differs"}),
        (removed(4), {"request_missing"}),
        (changed(b"WARC-Filename: wenshang", b"WARC-Filename: yiyuan", 0), {"not_its_run"}),
        (flipped(1), {"record_damaged"}),
        (flipped(2), {"record_damaged", "request_missing"}),
        (cut(3000), {"size_differs", "record_damaged", "record_missing"}),
        (appended, {"size_differs", "row_elsewhere"}),
        (copied, {"file_unknown"}),
        (lambda kept: kept.path.unlink(), {"file_missing"}),
        (sql(f"UPDATE captures SET status = 201 WHERE {FIRST}"), {"record_differs"}),
        (sql(f"UPDATE captures SET portal = 'yiyuan' WHERE {FIRST}"), {"record_differs"}),
        (
            sql(f"UPDATE captures SET document = zeroblob(32) WHERE {FIRST}"),
            {"record_differs", "digest_differs", "original_differs"},
        ),
        (
            sql(f"UPDATE captures SET warc_offset = warc_offset + 1 WHERE {FIRST}"),
            {"record_missing", "row_elsewhere"},
        ),
        (sql(f"DELETE FROM captures WHERE {FIRST}"), {"row_missing", "original_missing", "record_differs"}),
        (sql("UPDATE warc_files SET size = NULL"), {"file_unsealed"}),
    ],
)
def test_what_does_not_agree_is_told(kept: Kept, change: Callable[[Kept], None], codes: set[str]) -> None:
    assert kept.told() == []
    change(kept)
    told = kept.told()
    assert {one.code for one in told} == codes
    for note in [note for one in told for note in (one.note, one.todo)]:
        assert note_sentence(note, Language.ZH) != note_sentence(note, Language.EN)


def test_a_fault_is_told_with_its_place_and_what_to_do(kept: Kept) -> None:
    flipped(7)(kept)
    (told,) = kept.told()
    page = kept.captures[3]
    assert page.warc is not None
    assert (told.file, told.offset, told.capture) == (page.warc.file, page.warc.offset, page.id)
    assert told.is_fault
    assert (told.note.code, Note.of(told.note.values["why"]).code) == ("no_whole_record", "no_gzip_member")
    assert told.todo == Note("todo_file_from_copy")
    described = (Path(__file__).parents[2] / "docs/keeping.md").read_text(encoding="utf-8")
    assert [code for code in TODO if f"`{code}`" not in described] == []


def test_a_damaged_file_does_not_stop_the_others(kept: Kept) -> None:
    with CaptureWriter(kept.home, run("run-2", "yiyuan")) as writer:
        keep(writer, exchange(url="http://www.yiyuan.gov.cn/"))
    kept.path.write_bytes(b"no gzip at all")
    found: list[Mismatch] = []
    done = check(kept.home, found.append)
    assert {one.file for one in found} == {kept.path.relative_to(kept.home.warc_dir).as_posix()}
    assert (done.files, done.records) == (2, 3)
    only: list[Mismatch] = []
    assert check(kept.home, only.append, portal="yiyuan").files == 1
    assert only == []


def test_a_torn_tail_is_no_fault_where_the_file_was_never_closed(kept: Kept) -> None:
    sql("UPDATE warc_files SET size = NULL")(kept)
    with kept.path.open("ab") as out:
        out.write(gzip.compress(b"WARC/1.1\r\n")[:9])
    told = kept.told()
    assert {one.code for one in told} == {"file_unsealed", "tail_torn"}
    assert not any(one.is_fault for one in told)


def test_a_file_that_is_being_written_is_compared_as_far_as_its_rows_go(tmp_path: Path) -> None:
    home = init_home(tmp_path / "a")
    with CaptureWriter(home, run(), group=3) as writer:
        for number in range(4):
            keep(writer, exchange(url=f"{URL}?{number}"))
        assert writer.pending == 1  # a whole record without a row, of a file that is held
        with files(home)[0].open("ab") as out:
            out.write(b"\x1f\x8b\x08half a record")
        found: list[Mismatch] = []
        done = check(home, found.append)
        os.truncate(files(home)[0], files(home)[0].stat().st_size - 16)
    assert found == []
    assert (done.live, done.rows) == (1, 3)
    again: list[Mismatch] = []
    assert check(home, again.append).rows == 4
    assert again == []


def test_a_bomb_in_a_damaged_file_is_told_and_not_unpacked(kept: Kept) -> None:
    head = b"WARC/1.1\r\n" + b"x" * (8 << 20)
    where = read(kept.path)[1]
    data = kept.path.read_bytes()
    bomb = gzip.compress(head)
    assert len(bomb) > where.length  # it hides the records after it, too
    kept.path.write_bytes(data[: where.offset] + bomb + data[where.offset + where.length :])
    tracemalloc.start()
    try:
        told = kept.told()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "record_damaged" in {one.code for one in told}
    assert peak < 12 << 20
