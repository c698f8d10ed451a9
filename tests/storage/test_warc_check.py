"""The WARC files against the database: what does not agree is told with its place; and the index made of them."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import tracemalloc
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from storage_making import AT, URL, exchange, files, keep, mismatches, read, run

from nianbao.language import Language
from nianbao.sentences import note_sentence
from storage.captures import CaptureWriter
from storage.cdxj import posted_text, surt, write_index
from storage.exchange import Resource
from storage.home import Home, init_home, open_home
from storage.records import Capture, CaptureOutcome, CaptureRole, Note
from storage.warc_check import TODO, Mismatch, WarcCheckCounts, check
from tests.case_tables import read_cases

DAY = timedelta(days=1)


@dataclass
class WarcArchive:
    home: Home
    captures: list[Capture]

    @property
    def path(self) -> Path:
        return files(self.home)[0]

    def told(self) -> list[Mismatch]:
        return mismatches(self.home)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> WarcArchive:
    """Page, the same again, unchanged, coded, empty, a failure, a DOM and the same DOM: one sealed file."""
    home = init_home(tmp_path_factory.mktemp("made") / "a")
    with CaptureWriter(home, run()) as writer:
        made = [keep(writer, exchange()), keep(writer, exchange(at=AT + DAY))]
        made.append(keep(writer, exchange(b"", status=304, headers=[("ETag", '"1"')], at=AT + DAY)))
        coded = exchange(gzip.compress(b"x" * 999), headers=[("Content-Encoding", "gzip")], url=URL + "?z")
        made.append(keep(writer, coded))
        made.append(keep(writer, exchange(b"", status=404, url=URL + "/年"), outcome=CaptureOutcome.NOT_FOUND))
        keep(writer, None, fetched_at=AT + DAY)
        dom = Resource(url=URL, mime="text/html", body=b"<p>", at=AT + DAY, target=f"urn:dom:{URL}", about={"by": "x"})
        made.append(writer.keep(dom, role=CaptureRole.LISTING, reason="rendered"))
        made.append(writer.keep(dom, role=CaptureRole.LISTING, reason="rendered", same=made[-1]))
    home.close()
    return WarcArchive(home, made)


@pytest.fixture
def kept(made: WarcArchive, tmp_path: Path) -> WarcArchive:
    """A copy of that archive, to be harmed."""
    shutil.copytree(made.home.path, tmp_path / "a")
    return WarcArchive(open_home(tmp_path / "a"), made.captures)


def test_what_agrees_is_silent(kept: WarcArchive) -> None:
    found: list[Mismatch] = []
    steps: list[tuple[int, int]] = []
    done = check(kept.home, found.append, progress=lambda at, of: steps.append((at, of)))
    assert found == []
    size = kept.path.stat().st_size
    assert done == WarcCheckCounts(files=1, bytes=size, records=15, rows=7, revisits=3)
    assert steps[-1] == (size, size)


def changed(kept: WarcArchive, old: str, new: str, number: int) -> None:
    """Record ``number`` with other content, by somebody who also moves the places in the database."""
    data, where = kept.path.read_bytes(), read(kept.path)[number]
    content = gzip.decompress(data[where.offset : where.offset + where.length])
    assert old.encode() in content
    put(kept, number, gzip.compress(content.replace(old.encode(), new.encode(), 1), mtime=0))


def put(kept: WarcArchive, number: int, member: bytes = b"") -> None:
    """Record ``number`` as these bytes, or without it, by the same."""
    data, where = kept.path.read_bytes(), read(kept.path)[number]
    kept.path.write_bytes(data[: where.offset] + member + data[where.offset + where.length :])
    by, at = len(member) - where.length, where.offset
    edit(kept, f"UPDATE captures SET warc_length = warc_length + {by} WHERE warc_offset = {at}")
    edit(kept, f"UPDATE captures SET warc_offset = warc_offset + {by} WHERE warc_offset > {at}")
    edit(kept, f"UPDATE warc_files SET size = size + {by}")


def edit(kept: WarcArchive, statement: str) -> int:
    """The database changed behind the back of its triggers; how many rows."""
    with sqlite3.connect(kept.home.path / "archive.sqlite") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        done = connection.execute(statement).rowcount
    connection.close()
    return done


FIRST = (
    "hex(id) = (SELECT hex(c.id) FROM captures c JOIN addresses a ON a.no = c.address "
    f"WHERE a.url = '{URL}' AND c.status = 200 ORDER BY c.warc_offset LIMIT 1)"
)


def sql(kept: WarcArchive, statement: str) -> None:
    assert edit(kept, statement.replace("FIRST", FIRST)) == 1


def flipped(kept: WarcArchive, number: int) -> None:
    """One bit of a member's checksum wrong: a bit of its deflated text may point at an equal copy of the words."""
    where, data = read(kept.path)[number], bytearray(kept.path.read_bytes())
    data[where.offset + where.length - 8] ^= 4  # RFC 1952, 2.3.1: CRC32 and ISIZE end a member
    kept.path.write_bytes(data)


def cut(kept: WarcArchive, by: int) -> None:
    os.truncate(kept.path, kept.path.stat().st_size - by)


def appended(kept: WarcArchive) -> None:
    with kept.path.open("ab") as out:
        out.write(kept.path.read_bytes()[read(kept.path)[1].offset :])


def copied(kept: WarcArchive) -> None:
    shutil.copy(kept.path, kept.path.with_name("other-1.warc.gz"))


def unlinked(kept: WarcArchive) -> None:
    kept.path.unlink()


CHANGES = {one.__name__: one for one in (changed, put, flipped, cut, appended, copied, unlinked, sql)}


@pytest.mark.parametrize(("change", "codes"), read_cases(__file__, "changes"))
def test_what_does_not_agree_is_told(kept: WarcArchive, change: tuple[Any, ...], codes: tuple[str, ...]) -> None:
    assert kept.told() == []
    name, *given = change
    CHANGES[name](kept, *given)
    told = kept.told()
    assert {one.code for one in told} == {*codes}
    for note in [note for one in told for note in (one.note, one.todo)]:
        assert note_sentence(note, Language.ZH) != note_sentence(note, Language.EN)


def test_a_fault_is_told_with_its_place_and_what_to_do(kept: WarcArchive) -> None:
    flipped(kept, 7)
    (told,) = kept.told()
    page = kept.captures[3]
    assert page.warc is not None
    assert (told.file, told.offset, told.capture) == (page.warc.file, page.warc.offset, page.id)
    assert told.is_fault
    assert (told.note.code, Note.of(told.note.values["why"]).code) == ("no_whole_record", "no_gzip_member")
    assert told.todo == Note("todo_file_from_copy")
    described = (Path(__file__).parents[2] / "docs/keeping.md").read_text(encoding="utf-8")
    assert [code for code in TODO if f"`{code}`" not in described] == []


def test_a_damaged_file_does_not_stop_the_others(kept: WarcArchive) -> None:
    with CaptureWriter(kept.home, run("run-2", "yiyuan")) as writer:
        keep(writer, exchange(url="http://www.yiyuan.gov.cn/"))
    kept.path.write_bytes(b"no gzip at all")
    assert {one.file for one in kept.told()} == {kept.path.relative_to(kept.home.warc_dir).as_posix()}
    done = check(kept.home, print)
    assert (done.files, done.records) == (2, 3)
    assert check(kept.home, print, portal="yiyuan").files == 1
    assert mismatches(kept.home, "yiyuan") == []


def test_a_torn_tail_is_no_fault_where_the_file_was_never_closed(kept: WarcArchive) -> None:
    sql(kept, "UPDATE warc_files SET size = NULL")
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
        assert mismatches(home) == []
        done = check(home, print)
        os.truncate(files(home)[0], files(home)[0].stat().st_size - 16)
    assert (done.live, done.rows) == (1, 3)
    assert (mismatches(home), check(home, print).rows) == ([], 4)


def test_a_bomb_in_a_damaged_file_is_told_and_not_unpacked(kept: WarcArchive) -> None:
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


# ------------------------------------------------------------------------------------------------ the index

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
