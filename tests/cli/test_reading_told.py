"""What ``nianbao read`` says of files: whose reports they are, on which year, and what cannot be opened."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from small_archive import report_page

from tests.case_tables import read_cases
from tests.patience import PATIENCE
from tests.played import nianbao

TITLE = "汶上县司法局2023年政府信息公开工作年度报告"


def page(title: str) -> str:
    """A report that names its body and year in its title alone."""
    text = report_page("@", 2023).decode().replace("@2023年政府信息公开工作年度报告", title)
    return re.sub(r"@按照规定编制本报告。|统计期限自.*?止。", "", text)


def read(folder: Path, *words: str, code: int = 1) -> dict[str, Any]:
    """What is said of each file of a folder, by its name below it."""
    ran = nianbao("read", "--jsonl", *words, str(folder))
    assert ran.code == code, ran.err
    return {str(Path(str(row["file"])).relative_to(folder)): row for row in ran.rows()}


def found(row: dict[str, Any], code: str) -> list[Any]:
    return [one["found"] for one in row["findings"] if one["code"] == code]


@pytest.fixture(scope="module")
def titled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is said of reports, by their titles."""
    folder = tmp_path_factory.mktemp("titled")
    for title in (*AGENCIES, *YEARS):
        (folder / f"{title}.html").write_text(page(title), encoding="utf-8")
    return {name.removesuffix(".html"): row for name, row in read(folder).items()}


#: title → the name that is none in full, or the names that are found
AGENCIES = dict(read_cases(__file__, "agencies"))
YEARS = {title: flags for title, *flags in read_cases(__file__, "years")}


def test_a_report_of_nobody_known_or_on_no_year_or_one_that_is_not_over_is_told(titled: dict[str, Any]) -> None:
    for title, names in AGENCIES.items():
        row = titled[title]
        assert found(row, "agency_unnamed") == [one or None for one in names], title
        assert row["agency"] is not None or names
        assert row["place"] is None or names in ((), ("经济开发区管委会",))
    for title, (is_unknown, is_ahead) in YEARS.items():
        row = titled[title]
        assert (row["year"] is None, bool(found(row, "year_unnamed"))) == (is_unknown, is_unknown), title
        assert bool(found(row, "year_ahead")) == is_ahead, title


def test_programs_are_given_what_was_opened_and_what_was_not_in_one_shape(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(page(TITLE), encoding="utf-8")
    os.mkfifo(tmp_path / "b.html")
    (tmp_path / "c.doc").symlink_to(tmp_path / "nowhere")
    told = read(tmp_path)
    one, other = told["a.html"], told["b.html"]
    assert [*one] == [*other] == [*told["c.doc"]]
    assert one["evidence"].keys() == other["evidence"].keys()
    assert (one["evidence"]["titles"][0], one["basis"]["year"], len(one["document"])) == (TITLE, "title", 64)
    assert {cell["state"] for cell in one["cells"].values()} == {"printed"}
    assert (other["unreadable"], other["document"], other["cells_from"]) == ("unopened", None, other["file"])
    assert other["findings"][0]["message"]["zh"] == "无法打开文件：不是普通文件，未读取"
    assert told["c.doc"]["reason"] == "cannot be opened: No such file or directory"


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
    told = read(inside.parent, str(inside.parent / "years"))
    assert {name for name, row in told.items() if row["kind"] is not None} == {"b.txt", "sub/a.txt", "years/a.txt"}
    assert {name: row["reason"] for name, row in told.items() if row["kind"] is None} == dict.fromkeys(
        ("sub/up", "sub/round", "years"), "cannot be opened: a link to a folder, not followed"
    )


@pytest.mark.parametrize(
    ("redirected", "said", "code"),
    [
        (">&-", "standard output is closed", 3),
        ("''", "for the current folder, write .", 2),
        ("https://www.wenshang.gov.cn/a.html", "nothing is fetched here", 2),
    ],
)
def test_a_command_that_cannot_do_what_was_meant_says_so(redirected: str, said: str, code: int, tmp_path: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m nianbao.cli read {redirected} {shlex.quote(str(tmp_path))}"
    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (said in ran.stderr, ran.returncode) == (True, code)
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("option", ["--jsonl", "--explain"])
def test_where_no_chinese_can_be_shown_it_is_escaped(option: str, tmp_path: Path) -> None:
    (page := tmp_path / "a.txt").write_text(f"{TITLE}\n𡻕\n一、总体情况\n…", encoding="utf-8")
    command = [sys.executable, "-m", "nianbao.cli", "read", option, str(page)]
    environment = {**os.environ, "PYTHONCOERCECLOCALE": "0", "LC_ALL": "POSIX", "PYTHONUTF8": "0"}
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment)
    assert "Traceback" not in ran.stderr
    assert r"\u6c76\u4e0a\u53bf" in ran.stdout
