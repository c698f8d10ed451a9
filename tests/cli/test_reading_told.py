"""What ``nianbao read`` says of whose report a document is."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.forms.loader import form
from archive.parser.reader import read_document
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
    cells: dict[str, int | None] = {**dict.fromkeys(FORM.ids), "applications.received.total": 1}  # else it is no report
    document = render.as_document(render.tables_of(FORM, cells), title)
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


@pytest.mark.parametrize(
    ("title", "told"),
    [("汶上县司法局政府信息公开工作年度报告", True), (TITLE.replace("2023", "2204"), True), (TITLE, False)],
)
def test_a_report_on_no_year_known_is_told(title: str, *, told: bool) -> None:
    record = reading_json("a.docx", titled(title), None)
    assert ((record["year"] is None), "year_unnamed" in codes_of(record)) == (told, told)


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
    assert {cell["state"] for cell in record["cells"].values()} == {"blank", "printed"}
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
@pytest.mark.parametrize("option", ["--jsonl", "--explain"])
def test_where_no_chinese_can_be_shown_it_is_escaped(charset: dict[str, str], option: str, tmp_path: Path) -> None:
    (page := tmp_path / "a.txt").write_text(f"{TITLE}\n𡻕\n一、总体情况\n…", encoding="utf-8")
    command = [sys.executable, "-m", "nianbao.cli", "read", option, str(page)]
    environment = {**os.environ, "PYTHONCOERCECLOCALE": "0", **charset}
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment)
    assert "Traceback" not in ran.stderr
    assert r"\u6c76\u4e0a\u53bf" in ran.stdout
    if option == "--jsonl":
        assert json.loads(ran.stdout)["agency"] == "汶上县司法局"


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
