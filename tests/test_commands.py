"""Each command's example works on the demo archive; errors say what to do; formats and exit codes are as promised."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
from pathlib import Path

import pytest

from nianbao.cli.command_table import HELP_GROUPS, SECTIONS, program, with_questions
from tests.played import Ran, copy_of, nianbao

ROOT = Path(__file__).parent.parent


def every_command() -> list[tuple[str, ...]]:
    """Every command by its shortest name."""
    whole = program()
    found: list[tuple[str, ...]] = []
    for name in whole.all_names():
        command = whole.get_command(None, name)
        below = [] if name in SECTIONS else [*getattr(command, "commands", {})]
        found += [(name, one) for one in below] or ([] if name in SECTIONS else [(name,)])
    return found


def example_of(words: tuple[str, ...]) -> str:
    shown = nianbao(*words, "--help", COLUMNS="300")
    assert shown.code == 0
    match = re.search(r"Example: (nianbao .+(?:\n .+)*)", shown.out)
    assert match, f"{' '.join(words)} --help has no example"
    return " ".join(match[1].split())


def test_the_commands_promised_are_there() -> None:
    names = {" ".join(words) for words in every_command()}
    promised = (
        "init, portal list, portal show, portal check, crawl, read, reread, rebuild, coverage, missing, late, status, "
        "show, diff, rule, review, import, export duties, export leads, classify, doctor, agencies import"
    )
    assert set(promised.split(", ")) <= names


def test_help_shows_every_command_once_and_no_more_than_can_be_taken_in() -> None:
    sections = with_questions(SECTIONS)
    shown = [name for names in with_questions(HELP_GROUPS).values() for name in names]
    below = [name for names in sections.values() for name in names]
    assert sorted({*shown, *below} - set(SECTIONS)) == sorted({words[0] for words in every_command()})
    assert (len(shown), len({*shown, *below})) == (len({*shown}), len(shown) + len(below))
    assert len(shown) <= 30
    ran = nianbao("--help")
    assert ran.code == 0
    assert all(f"\n  {name} " in ran.out for name in shown)
    for section, names in sections.items():
        told = nianbao(section, "--help").out
        assert all(f"\n  {name} " in told for name in names)


#: What test_whole_way.py carries out on the same archive, which takes as long as all others.
ELSEWHERE = {("rebuild",)}
#: What goes on until it is asked to end, or needs a crawl under way, PostgreSQL or a second archive: without example.
NO_EXAMPLE = {
    *{("copy",), ("serve",), ("up",), ("worker",)},
    *{("runs", name) for name in ("add", "jobs", "retry", "stop")},
}


@pytest.fixture(scope="module")
def archive(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that all examples ask and change, one after the other."""
    return copy_of(played, tmp_path_factory.mktemp("examples") / "archive")


@pytest.mark.parametrize("words", [one for one in every_command() if one not in NO_EXAMPLE | ELSEWHERE], ids=" ".join)
def test_the_example_of_each_command_works_on_the_demo_archive(
    words: tuple[str, ...], archive: Path, tmp_path: Path
) -> None:
    command = shlex.split(example_of(words))[1:]
    assert command[: len(words)] == [*words]
    command = [str(tmp_path / word) if word in {"my-archive", "my-copy"} else word for word in command]
    command = [str(archive) if word == "demo-archive" else word for word in command]
    command = [str(ROOT / word) if (ROOT / word).exists() and "/" in word else word for word in command]
    now = None if words == ("init",) else "2026-04-02T09:00:00+08:00"
    if words == ("restore",):
        assert nianbao("backup", command[1], archive=archive, now=now).code == 0
    ran = nianbao(*command, archive=archive, now=now)
    assert ran.code in (0, 1), f"{ran.code}: {ran.err}"
    assert "Traceback" not in ran.err
    assert ran.out.strip()


@pytest.mark.parametrize(
    "words",
    [("coverage", "--years", "2025"), ("missing", "2025"), ("late", "2025"), ("agencies", "list"), ("portal", "list")],
)
def test_answers_come_as_json_and_csv(words: tuple[str, ...], played: Path) -> None:
    assert json.loads(nianbao(*words, "--json", archive=played).out)
    rows = list(csv.reader(io.StringIO(nianbao(*words, "--csv", archive=played).out)))
    assert len(rows) > 1
    assert len({len(row) for row in rows}) == 1


def test_a_setting_of_the_schedule_is_given_once(played: Path) -> None:
    twice = nianbao("schedule", "set", "wenshang", "--by", "me", "every_days=3", "every_days=4", archive=played)
    assert (twice.code, "every_days is set twice" in twice.err) == (2, True)


def test_wrong_usage_is_told_in_one_sentence(tmp_path: Path) -> None:
    assert nianbao("missing").code == 2
    none = nianbao("missing", "2025")
    assert none.code == 2
    assert "NIANBAO_ARCHIVE" in none.err
    assert len(none.err.strip().splitlines()) == 1
    real = nianbao("init", str(tmp_path / "real"))
    assert real.code == 0
    refused = nianbao("coverage", archive=tmp_path / "real", now="2026-02-01T09:00:00+08:00")
    assert refused.code == 2
    assert "NIANBAO_NOW" in refused.err


def test_a_title_cannot_steer_a_terminal_or_a_spreadsheet() -> None:
    asked = [{"title": "\x1b[2J=cmd()2024年政府信息公开工作年度报告", "url": None}, {"title": 5, "url": None}, ["x"]]
    ran = nianbao("classify", "--jsonl", stdin="\n".join(json.dumps(one) for one in asked) + "\nnot json\n")
    assert ran.code == 1
    answers = ran.rows()
    assert len(answers) == 4
    assert "\x1b" not in ran.out
    assert "error" in answers[1]
    assert "error" in answers[2]
    assert "error" in answers[3]


def test_read_takes_what_lies_beside_a_page(tmp_path: Path) -> None:
    goldens = sorted((ROOT / "imitation/goldens").glob("*.doc"))
    page = tmp_path / "page.html"
    (tmp_path / "report.doc").write_bytes(goldens[0].read_bytes())
    page.write_text(
        "<html><body><h1>济源市财政局2025年政府信息公开工作年度报告</h1>"
        '<p>附件：<a href="report.doc">report.doc</a></p></body></html>',
        encoding="utf-8",
    )
    alone, beside, absent = (
        nianbao("read", str(p), "--jsonl").rows()[0] for p in (tmp_path / "report.doc", page, tmp_path / "none.doc")
    )
    assert alone["cells"]
    assert {k: v["value"] for k, v in beside["cells"].items()} == {k: v["value"] for k, v in alone["cells"].items()}  # type: ignore[attr-defined]
    assert beside["agency"] == "济源市财政局"
    assert beside["cells_from"] == str(tmp_path / "report.doc")
    assert absent["is_report"] is False
    assert absent["findings"]


def test_read_tells_what_cannot_be_opened_among_the_others(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        '<h1>济源市财政局2025年政府信息公开工作年度报告</h1><p><a href="large.doc">附件</a></p>', encoding="utf-8"
    )
    for name in ("large.doc", "shut.doc"):
        with (tmp_path / name).open("wb") as file:
            file.truncate((64 << 20) + 1)  # too large to be opened, for whoever runs this
    (tmp_path / "shut.doc").chmod(0)
    ran = nianbao("read", "--jsonl", str(tmp_path), str(tmp_path / "page.html"))
    assert (ran.code, [Path(str(row["file"])).name for row in ran.rows()]) == (
        1,
        ["large.doc", "page.html", "shut.doc", "page.html"],
    )
    large, first, shut, again = ran.rows()
    assert (large["kind"], shut["kind"], first) == (None, None, again)
    assert "part_unreadable" in {finding["code"] for finding in first["findings"]}  # type: ignore[attr-defined]


def test_a_name_that_is_no_utf8_stands_in_nobodys_way(tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xd6\xd0.html")
    Path(odd).write_text("<p>x</p>", encoding="utf-8")
    [row] = nianbao("read", "--jsonl", odd, PYTHONIOENCODING="utf-8:strict").rows()
    assert row["file"] == str(tmp_path / r"\xd6\xd0.html")
    assert r"\xd6\xd0.html" in nianbao("read", odd, PYTHONIOENCODING="utf-8:strict").out


def test_read_refuses_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    [row] = nianbao("read", "--jsonl", str(tmp_path / "pipe")).rows()
    assert (row["is_report"], "regular file" in str(row["reason"])) == (False, True)


def test_read_finds_attachments_of_a_saved_page_by_their_names(tmp_path: Path) -> None:
    golden = sorted((ROOT / "imitation/goldens").glob("*.doc"))[0]
    (tmp_path / "年报.doc").write_bytes(golden.read_bytes())
    (tmp_path / "index.html").write_text("<h1>汶上县教育局2023年政府信息公开工作年度报告</h1>", encoding="utf-8")
    far = "http://www.example.gov.cn/attach/2025/%E5%B9%B4%E6%8A%A5.doc"
    links = {
        "far.html": far,
        "rooted.html": "/attach/年报.doc",
        "old.html": "attach/%C4%EA%B1%A8.doc",  # escaped in GBK
        "asked.html": "/download.jsp?id=1.5&file=/a/%C4%EA%B1%A8.doc",
        "other.html": f"/a/{'b' * 999}.doc",
    }
    for name, link in links.items():
        (tmp_path / name).write_text(
            "<html><body><h1>济源市财政局2025年政府信息公开工作年度报告</h1>"
            f'<p>附件：<a href="{link}">报告</a> <a href="http://www.example.gov.cn/index.html">首页</a></p></body></html>',
            encoding="utf-8",
        )
    found = nianbao("read", *(str(tmp_path / name) for name in links), "--jsonl").rows()
    assert [bool(one["cells"]) for one in found] == [True, True, True, True, False]
    assert [one["agency"] for one in found] == ["济源市财政局"] * 5


def test_a_ruling_is_checked_before_it_is_written_and_told_with_its_author(played: Path, tmp_path: Path) -> None:
    archive, now = copy_of(played, tmp_path / "archive"), "2026-04-02T09:00:00+08:00"

    def rule(*words: str) -> Ran:
        return nianbao("rule", *words, "--by", "archivist", "--reason", "seen on paper", archive=archive, now=now)

    for wrong, said in (
        (("duty", "汶上县民政局/2055", "status=expected"), "2055"),
        (("duty", "汶上县民政局/2025", "status=gone"), "not_expected"),
        (("duty", "汶上县民政局/2025", "status=elsewhere"), "where="),
        (("lead", "http://nowhere.example/", "is_report=false"), "no list"),
        (("withhold", "0" * 64), "no document"),
        (("void_look", "nothing"), "no look"),
        (("scope", "wenshan:annual", "agency=汶上县司法局", "covers=true"), "nearest"),
    ):
        refused = rule(*wrong)
        assert (refused.code, said in refused.err) == (2, True), refused.err
    assert rule("duty", "尧都区民政局/2025", "status=elsewhere", "where=http://www.linfen.gov.cn/").code == 0
    told = nianbao("status", "尧都区民政局", "2025", archive=archive, now=now).out
    assert "archivist" in told
    assert "seen on paper" in told


def test_a_withheld_report_is_hidden_and_said_to_be(played: Path, tmp_path: Path) -> None:
    archive = copy_of(played, tmp_path / "archive")
    shown = json.loads(nianbao("show", "汶上县司法局", "2022", "--json", archive=archive).out)[0]
    quoted = next(f["en"] for f in shown["findings"] if f["code"] == "year_slip")
    assert "250" in quoted
    ruled = nianbao("rule", "withhold", shown["source"]["document"], "--by", "a", "--reason", "b", archive=archive)
    assert ruled.code == 0, ruled.err
    hidden = nianbao("show", "汶上县司法局", "2022", "--text", archive=archive).out
    assert "withheld by a ruling" in hidden
    # the sentence, not its figure alone: a digest or an offset may hold any three digits
    assert quoted not in hidden
    told = [line.strip() for line in hidden.splitlines() if "year_slip" in line]
    assert told == ["warning: year_slip: (withheld)"]


def test_what_is_doubtful_is_listed_with_the_ruling_that_decides_it(played: Path, tmp_path: Path) -> None:
    archive = copy_of(played, tmp_path / "archive")
    ran = nianbao("review", "--json", archive=archive)
    lines = json.loads(ran.out)
    assert ran.code == (1 if lines else 0)
    decidable = [line for line in lines if line["choices"]]
    for line in decidable[:3]:
        words = line["choices"][0]["words"]
        ruled = nianbao("rule", *words, "--by", "an archivist", "--reason", "looked at it", archive=archive)
        assert ruled.code == 0, ruled.err
    left = json.loads(nianbao("review", "--json", archive=archive).out)
    decided = {line["subject"] for line in decidable[:3]}
    assert not [line for line in left if line["choices"] and line["subject"] in decided]
    if left:
        assert nianbao("review", "--by", "me", archive=archive, stdin="").code == 2
