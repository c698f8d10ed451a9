"""``nianbao warc``: what agrees is one line, what does not is a row with its place and what to do; exit codes hold."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.played import copy_of, nianbao


def test_a_sound_archive_agrees_to_the_byte(played: Path) -> None:
    checked = nianbao("warc", "check", archive=played)
    assert checked.code == 0, checked.out
    assert "all agree" in checked.out
    assert len(checked.out.splitlines()) == 1


def test_a_damaged_archive_is_told_row_by_row(played: Path, tmp_path: Path) -> None:
    archive = copy_of(played, tmp_path / "archive")
    gone, cut, *_ = sorted((archive / "warc/yiyuan").glob("*.warc.gz"))
    gone.unlink()
    os.truncate(cut, cut.stat().st_size - 1)
    checked = nianbao("warc", "check", "--json", archive=archive)
    assert checked.code == 1
    rows = json.loads(checked.out)
    codes = {row["code"] for row in rows}
    assert {"file_missing", "size_differs", "record_damaged"} <= codes
    assert all(row["fault"] and row["said"] and row["todo"] for row in rows)
    (lost,) = [row for row in rows if row["code"] == "file_missing"]
    assert lost["note"]["code"] == "file_gone"
    assert f"the bytes of {lost['note']['values']['number']} capture" in lost["said"]
    assert {row["file"].partition("/")[0] for row in rows} == {"yiyuan"}
    told = nianbao("warc", "check", archive=archive, NIANBAO_LANG="zh").out
    assert f"文件已丢失，{lost['note']['values']['number']} 条抓取记录的内容随之丢失" in told
    assert "由备份恢复该文件" in told
    assert "该处没有完整的记录：记录未完，文件已到末尾" in told


def test_an_index_of_each_portal_is_written_and_what_cannot_be_read_is_told(played: Path, tmp_path: Path) -> None:
    archive = copy_of(played, tmp_path / "archive")
    made = nianbao("warc", "index", archive=archive)
    assert made.code == 0, made.err
    names = {path.name for path in (archive / "indexes").iterdir()}
    assert names == {f"{name}.cdxj" for name in ("wenshang", "yiyuan", "jiyuan", "yaodu", "luoyang")}
    before = (archive / "indexes/yaodu.cdxj").read_bytes()
    (archive / "indexes/yaodu.cdxj").unlink()
    assert nianbao("warc", "index", "--portal", "yaodu", archive=archive).code == 0
    assert (archive / "indexes/yaodu.cdxj").read_bytes() == before
    next((archive / "warc/yaodu").glob("*.warc.gz")).unlink()
    partly = nianbao("warc", "index", "--portal", "yaodu", archive=archive)
    assert partly.code == 1
    assert "cannot be read" in partly.err


def test_restoring_tells_what_the_copy_lacks(played: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert nianbao("backup", str(copy), archive=played).code == 0
    whole = nianbao("restore", str(copy), str(tmp_path / "whole"))
    assert (whole.code, whole.err) == (0, "")
    gone, *_, cut = sorted((copy / "warc").rglob("*.warc.gz"))
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:-100])
    told = nianbao("restore", str(copy), str(tmp_path / "new"))
    assert told.code == 1
    assert "restored to" in told.out
    for path in (gone, cut):
        assert f"{path.relative_to(copy / 'warc')} is missing or incomplete" in told.err
