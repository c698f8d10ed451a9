"""What ``nianbao read`` says of whose report a document is."""

from __future__ import annotations

import fcntl
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.cells import cell_len

from archive.forms.loader import form
from archive.parser.reader import read_document
from nianbao.cli.commands.read import table_columns
from nianbao.cli.output import Column, Format, emit_as_made
from nianbao.cli.texts import reading_json as written
from nianbao.cli.texts.explain_text import shown_locator
from nianbao.cli.texts.files_read import read_files
from storage.records import Part, Reading
from tests import form_rendering as render
from tests.patience import PATIENCE

FORM = form("2021")
TITLE = "汶上县司法局2023年政府信息公开工作年度报告"


NOW = datetime(2025, 12, 2, tzinfo=UTC)


def reading_json(file: str, reading: Reading, place: str | None) -> dict[str, object]:
    return written.reading_json(file, reading, place, NOW)


def titled(title: str) -> Reading:
    document = render.as_document(render.tables_of(FORM, dict.fromkeys(FORM.ids, None)), title)
    return read_document(document, "1" * 64)


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("2023年政府信息公开工作年度报告", [None]),
        ("司法局2023年政府信息公开工作年度报告", ["司法局"]),
        ("唐村镇人民政府2023年政府信息公开工作年度报告", ["唐村镇人民政府"]),
        ("经济开发区管委会2023年政府信息公开工作年度报告", ["经济开发区管委会"]),
        ("汶上县司法局2023年政府信息公开工作年度报告", []),
        ("邹城市唐村镇人民政府2023年政府信息公开工作年度报告", []),
        ("山东省司法厅2023年政府信息公开工作年度报告", []),
        ("国家税务总局汶上县税务局2023年政府信息公开工作年度报告", []),
    ],
)
def test_a_report_of_nobody_known_is_told(title: str, found: list[str | None]) -> None:
    record = reading_json("a.docx", titled(title), None)
    told = record["findings"]
    assert isinstance(told, list)
    assert [said["found"] for said in told if said["code"] == "agency_unnamed"] == found
    assert {said["expected"] for said in told if said["code"] == "agency_unnamed"} <= {None}  # no remark stands there
    assert record["agency"] is not None or found
    assert record["place"] is None or not found or found == ["经济开发区管委会"]


def test_a_place_given_says_whose_a_township_is() -> None:
    record = reading_json("a.docx", titled("唐村镇人民政府2023年政府信息公开工作年度报告"), "邹城市")
    assert (record["agency"], record["place"]) == ("邹城市唐村镇人民政府", "邹城市")
    assert "agency_unnamed" not in codes_of(record)


@pytest.mark.parametrize(("title", "told"), [("汶上县司法局政府信息公开工作年度报告", True), (TITLE, False)])
def test_a_report_on_no_year_known_is_told(title: str, *, told: bool) -> None:
    record = reading_json("a.docx", titled(title), None)
    assert ((record["year"] is None), "year_unnamed" in codes_of(record)) == (told, told)


@pytest.mark.parametrize("year", ["1998", "2204"])
def test_a_report_on_a_year_without_reports_is_told(year: str) -> None:
    record = reading_json("a.docx", titled(f"汶上县司法局{year}年政府信息公开工作年度报告"), None)
    found = [said for said in json.loads(json.dumps(record))["findings"] if said["code"].startswith("year_")]
    assert record["year"] is None
    assert [(said["code"], said["found"]) for said in found] == [("year_conflict", year)]


@pytest.mark.parametrize(("year", "ahead"), [(2024, False), (2025, False), (2026, True), (2031, True)])
def test_a_report_on_a_year_that_is_not_over_is_told(year: int, *, ahead: bool) -> None:
    record = reading_json("a.docx", titled(f"汶上县司法局{year}年政府信息公开工作年度报告"), None)
    assert record["year"] == year
    assert ("year_ahead" in codes_of(record)) == ahead


def codes_of(record: Mapping[str, object]) -> list[object]:
    findings = record["findings"]
    assert isinstance(findings, list)
    return [said["code"] for said in findings]


def test_what_is_no_report_is_nobodys() -> None:
    reading = replace(titled("2023年政府信息公开工作年度报告"), is_report=False, reason="blank_template")
    findings = reading_json("a.docx", reading, None)["findings"]
    assert isinstance(findings, list)
    assert not [said for said in findings if said["code"] == "agency_unnamed"]


def test_programs_are_given_all_that_a_reading_holds() -> None:
    reading = titled(TITLE)
    page = replace(reading, parts=(Part(kind="attachment", url="a.pdf", text="附件"),), text="正文")
    record = json.loads(json.dumps(reading_json("a.docx", page, None)))
    assert record["sections"] == [{"heading": s.heading, "key": s.key, "text": s.text} for s in reading.sections]
    assert (record["text"], record["parts"]) == ("正文", [{"kind": "attachment", "url": "a.pdf", "text": "附件"}])
    assert (record["evidence"]["titles"], record["basis"]["year"]) == ([TITLE], "title")
    assert {cell["state"] for cell in record["cells"].values()} == {"blank"}
    assert {name.name for name in fields(Reading)} - {"identity"} <= record.keys()


def test_a_file_is_told_before_those_behind_it_are_opened(tmp_path: Path) -> None:
    asked: list[Path] = []

    def paths() -> Iterator[Path]:
        for number in range(60):
            path = tmp_path / f"{number}.txt"
            path.write_text(TITLE, encoding="utf-8")
            asked.append(path)
            yield path

    found = read_files(paths(), 1)
    assert next(found).path.name == "0.txt"
    assert len(asked) < 20
    assert [one.path for one in found] == asked[1:]


def test_rows_come_out_as_they_are_made(capsys: pytest.CaptureFixture[str]) -> None:
    def rows() -> Iterator[Mapping[str, object]]:
        yield {"file": "a"}
        assert capsys.readouterr().out == "file\na\n"
        yield {"file": "b"}

    emit_as_made(rows(), [Column("file", "file")], Format.TABLE, expected=[])
    assert capsys.readouterr().out == "b\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [60, 80, 100, 160])
def test_no_figure_is_broken_over_lines_however_narrow_a_terminal_is(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 80 columns the year stood as 20 over 24: a title gives way, and columns that can be done without go."""
    row: Mapping[str, object] = {
        "file": "downloads/2023/sfj_report.docx", "kind": "docx", "is_report": "yes", "agency": "汶上县司法局",
        "year": 2024, "form": "2021", "printed": 200, "numbers": 198, "notes": "identity_broken ×12",
    }  # fmt: skip
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout", out := Terminal())
    emit_as_made([row], table_columns(), Format.TABLE, expected=[row])
    shown = out.getvalue()
    *lines, left_out = re.sub(r"\x1b\[\d*m", "", shown).splitlines()
    assert "2024" in shown or "year" in left_out
    assert " 200 " in shown or "cells" in left_out
    assert max(map(cell_len, lines)) <= columns
    assert ("198" in shown) == (columns == 160)
    assert ("numbers" in left_out) == (columns < 160)


@pytest.mark.parametrize(
    ("redirected", "said", "code"),
    [
        (">&-", "standard output is closed", 3),
        ("''", "for the folder you are in, type .", 2),
        ("-", "standard input is not read", 2),
        ("https://www.wenshang.gov.cn/a.html", "nothing is fetched here", 2),
    ],
)
def test_a_command_that_cannot_do_what_was_meant_says_so(redirected: str, said: str, code: int, tmp_path: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m nianbao.cli read {redirected} {shlex.quote(str(tmp_path))}"
    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (said in ran.stderr, ran.returncode) == (True, code)
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("charset", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}])
@pytest.mark.parametrize("option", ["--jsonl", "--csv", "--explain"])
def test_where_no_chinese_can_be_shown_it_is_escaped(charset: dict[str, str], option: str, tmp_path: Path) -> None:
    (page := tmp_path / "a.txt").write_text(f"{TITLE}\n𡻕\n一、总体情况\n…", encoding="utf-8")
    command = [sys.executable, "-m", "nianbao.cli", "read", option, str(page)]
    environment = {**os.environ, "PYTHONCOERCECLOCALE": "0", **charset}
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment)
    assert "Traceback" not in ran.stderr
    assert r"\u6c76\u4e0a\u53bf" in ran.stdout
    if option == "--jsonl":
        assert json.loads(ran.stdout)["agency"] == "汶上县司法局"


@pytest.mark.parametrize("buffered", ["", "1"])
def test_what_the_disk_takes_but_a_part_of_is_not_done(buffered: str, tmp_path: Path) -> None:
    """Without a buffer Python drops what is left of a line and says nothing; with one it tries again at its end."""
    (page := tmp_path / "a.txt").write_text(f"{TITLE}\n一、总体情况\n" + "全年主动公开信息。" * 2_000, encoding="utf-8")
    command = f"ulimit -f 8; exec {shlex.quote(sys.executable)} -m nianbao.cli read --jsonl {shlex.quote(str(page))}"
    with (tmp_path / "out.jsonl").open("wb") as out:
        ran = subprocess.run(
            ["bash", "-c", command], stdout=out, stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False,
            env={**os.environ, "PYTHONUNBUFFERED": buffered},
        )  # fmt: skip
    assert (ran.returncode, "cannot write" in ran.stderr, "ignored" in ran.stderr) == (3, True, False)


def test_what_keeps_its_reader_waiting_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The kernel's log is a regular file that behaves like a pipe; a pipe behind a regular file's name stands for it,
    as reading the log takes from it what others wait for."""
    (page := tmp_path / "kmsg").write_bytes(b"")
    waiting, kept_open = os.pipe2(os.O_NONBLOCK)

    def opened_as_the_log(path: str, flags: int, *more: int, **where: int) -> int:
        return waiting if str(path) == str(page) else whole(path, flags, *more, **where)

    whole = os.open
    monkeypatch.setattr("os.open", opened_as_the_log)
    (opened,) = read_files([page], workers=1)
    os.close(kept_open)
    assert opened.reading is None
    assert "may later" in opened.why


def test_a_file_that_another_holds_for_itself_is_not_waited_for(tmp_path: Path) -> None:
    (page := tmp_path / "held.txt").write_text(f"{TITLE}\n一、总体情况\n…", encoding="utf-8")
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)  # how the holder is told that somebody else wants the file
    try:
        with page.open("r+b") as held:
            try:
                fcntl.fcntl(held, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            except OSError:
                pytest.skip("this file system knows no leases")
            (opened,) = read_files([page], workers=1)
    finally:
        signal.signal(signal.SIGIO, before)
    assert opened.reading is None
    assert opened.why


def test_a_place_is_shown_whole() -> None:
    path = "html > body" + " > div:nth-of-type(7)" * 20
    assert shown_locator({"table": 0, "css": path, "box": [1, 2]}) == f"table 0, css {path}, box 1 2"


def test_what_is_no_file_is_told_in_a_folder_too(tmp_path: Path) -> None:
    """A folder with nothing but a pipe and a dead link was told to be empty, and beside files they were left out."""
    os.mkfifo(tmp_path / "a.html")
    (tmp_path / "b.doc").symlink_to(tmp_path / "nowhere")
    found = {opened.path.name: (opened.reading, opened.why) for opened in read_files([tmp_path], workers=1)}
    assert found == {"a.html": (None, "no regular file, not read"), "b.doc": (None, "No such file or directory")}


def test_links_to_folders_are_told_and_not_followed_unless_they_are_named(tmp_path: Path) -> None:
    """They were left out without a word."""
    inside, outside = tmp_path / "in" / "sub", tmp_path / "out"
    for folder in (inside, outside):
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text(f"{TITLE}\n一、总体情况\n…", encoding="utf-8")
    (inside / "up").symlink_to(tmp_path)
    (inside / "round").symlink_to(inside)
    (inside.parent / "years").symlink_to(outside)
    (inside.parent / "b.txt").symlink_to(outside / "a.txt")
    found = list(read_files([inside.parent, inside.parent / "years"], workers=1))
    assert [str(one.path.relative_to(inside.parent)) for one in found if one.reading is not None] == [
        "b.txt", "sub/a.txt", "years/a.txt",
    ]  # fmt: skip
    unread = {one.path.name: one.why for one in found if one.reading is None}
    assert unread == dict.fromkeys(("up", "round", "years"), "a link to a folder, not followed")


def test_what_was_not_opened_is_told_in_the_shape_of_what_was(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"{TITLE}\n一、总体情况\n…", encoding="utf-8")
    os.mkfifo(tmp_path / "b.txt")
    (read, unread) = read_files([tmp_path], workers=1)
    assert read.reading is not None
    one = written.reading_json("a.txt", read.reading, None, datetime(2026, 2, 1, tzinfo=UTC))
    other = written.unopened_json(unread.path, unread.why)
    assert list(other) == list(one)
    assert (other["unreadable"], other["document"], other["cells_from"]) == ("unopened", None, other["file"])
    assert one["evidence"].keys() == other["evidence"].keys()  # type: ignore[attr-defined]
    (found,) = other["findings"]  # type: ignore[misc, attr-defined]
    assert found["message"]["zh"] == "无法打开文件：不是普通文件，未读取"
