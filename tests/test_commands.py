"""Each command's example works on the demo archive; errors say what to do; formats and exit codes are as promised."""

from __future__ import annotations

import json
import os
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


def test_help_shows_every_command_once_and_no_more_than_can_be_taken_in() -> None:
    sections = with_questions(SECTIONS)
    shown = [name for names in with_questions(HELP_GROUPS).values() for name in names]
    below = [name for names in sections.values() for name in names]
    assert sorted({*shown, *below} - set(SECTIONS)) == sorted({words[0] for words in every_command()})
    assert (len(shown), len({*shown, *below})) == (len({*shown}), len(shown) + len(below))
    assert len(shown) <= 30
    ran = nianbao("--help", code=0)
    assert all(f"\n  {name} " in ran.out for name in shown)
    for section, names in sections.items():
        told = nianbao(section, "--help").out
        assert all(f"\n  {name} " in told for name in names)


#: What reads all documents again, which takes as long as all others; hostile/test_damaged_database.py does it.
ELSEWHERE = {("rebuild",)}
#: What goes on until it is asked to end, or needs a crawl under way, PostgreSQL, a second archive or release, files of
#: another archive (crawler/test_importing.py makes them), or imitation portals that run (crawler/test_portal_add.py).
NO_EXAMPLE = {
    *{("copy",), ("serve",), ("up",), ("worker",), ("runs", "jobs"), ("runs", "stop"), ("release", "diff")},
    *{("import", "wayback"), ("portal", "add"), ("portal", "probe")},
}


@pytest.fixture(scope="module")
def archive(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that all examples ask and change, one after the other."""
    return copy_of(played, tmp_path_factory.mktemp("examples") / "archive")


@pytest.mark.parametrize("words", [one for one in every_command() if one not in NO_EXAMPLE | ELSEWHERE], ids=" ".join)
def test_the_example_of_each_command_works_on_the_demo_archive(
    words: tuple[str, ...], archive: Path, tmp_path: Path
) -> None:
    one = program().get_command(None, words[0])
    one = one.commands[words[1]] if len(words) > 1 else one
    command = shlex.split(one.epilog.partition("nianbao ")[2])
    assert command[: len(words)] == [*words]
    command = [str(tmp_path / word) if word.startswith("my-") else word for word in command]
    command = [str(archive) if word == "demo-archive" else word for word in command]
    command = [str(ROOT / word) if (ROOT / word).exists() and "/" in word else word for word in command]
    now = None if words == ("init",) else "2026-04-02T09:00:00+08:00"
    if words == ("restore",):
        assert nianbao("backup", command[1], archive=archive, now=now).code == 0
    ran = nianbao(*command, archive=archive, now=now)
    assert ran.code in (0, 1), f"{ran.code}: {ran.err}"
    assert "Traceback" not in ran.err
    assert ran.out.strip()


def test_wrong_usage_is_told_in_one_sentence(tmp_path: Path) -> None:
    assert nianbao("missing").code == 2
    none = nianbao("missing", "2025", code=2)
    assert "NIANBAO_ARCHIVE" in none.err
    assert len(none.err.strip().splitlines()) == 1
    nianbao("init", str(tmp_path / "real"), code=0)
    refused = nianbao("coverage", archive=tmp_path / "real", now="2026-02-01T09:00:00+08:00", code=2)
    assert "NIANBAO_NOW" in refused.err


def test_a_title_cannot_steer_a_terminal_or_a_spreadsheet() -> None:
    asked = [{"title": "\x1b[2J=cmd()2024年政府信息公开工作年度报告", "url": None}, {"title": 5, "url": None}, ["x"]]
    ran = nianbao("classify", "--jsonl", stdin="\n".join(json.dumps(one) for one in asked) + "\nnot json\n", code=1)
    answers = ran.rows()
    assert len(answers) == 4
    assert "\x1b" not in ran.out
    assert "error" in answers[1]
    assert "error" in answers[2]
    assert "error" in answers[3]


def test_rulings_are_checked_before_they_are_written_and_told_with_their_author(archive: Path) -> None:
    now = "2026-04-02T09:00:00+08:00"

    def rule(*words: str) -> Ran:
        return nianbao("rule", *words, "--by", "archivist", "--reason", "seen on paper", archive=archive, now=now)

    for wrong, said in (
        (("duty", "汶上县民政局/2055", "status=expected"), "2055"),
        (("duty", "汶上县民政局/2025", "status=elsewhere"), "where="),
        (("lead", "http://nowhere.example/", "is_report=false"), "no list"),
        (("scope", "wenshan:annual", "agency=汶上县司法局", "covers=true"), "nearest"),
    ):
        refused = rule(*wrong)
        assert (refused.code, said in refused.err) == (2, True), refused.err
    assert rule("duty", "尧都区民政局/2025", "status=elsewhere", "where=http://www.linfen.gov.cn/").code == 0
    told = nianbao("status", "尧都区民政局", "2025", archive=archive, now=now).out
    assert ("archivist" in told, "seen on paper" in told) == (True, True)
    doubts = json.loads(nianbao("review", "--json", archive=archive, now=now).out)
    decided = next(line for line in doubts if line["choices"])  # with the ruling that decides it
    assert rule(*decided["choices"][0]["words"]).code == 0
    left = json.loads(nianbao("review", "--json", archive=archive, now=now).out)
    assert decided["subject"] not in {line["subject"] for line in left if line["choices"]}


def test_read_takes_what_lies_beside_a_page(tmp_path: Path) -> None:
    goldens = sorted((ROOT / "imitation/goldens").glob("*.doc"))
    page = tmp_path / "page.html"
    (tmp_path / "report.doc").write_bytes(goldens[0].read_bytes())
    page.write_text(
        "<html><body><h1>济源市财政局2025年政府信息公开工作年度报告</h1>"
        '<p>附件：<a href="report.doc">report.doc</a></p></body></html>',
        encoding="utf-8",
    )
    large, odd = tmp_path / "large.doc", Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xd6\xd0.html"))
    with large.open("wb") as file:
        file.truncate((64 << 20) + 1)
    odd.write_text("<p>x</p>", encoding="utf-8")  # a name that is no UTF-8 stands in nobody's way
    paths = [str(one) for one in (tmp_path / "report.doc", page, tmp_path / "none.doc", large, odd)]
    ran = nianbao("read", *paths, "--jsonl", PYTHONIOENCODING="utf-8:strict")
    alone, beside, absent, unopened, named = ran.rows()
    assert (ran.code, unopened["kind"], named["file"]) == (1, None, str(tmp_path / r"\xd6\xd0.html"))
    assert alone["cells"]
    assert {k: v["value"] for k, v in beside["cells"].items()} == {k: v["value"] for k, v in alone["cells"].items()}  # type: ignore[attr-defined]
    assert beside["agency"] == "济源市财政局"
    assert beside["cells_from"] == str(tmp_path / "report.doc")
    assert absent["is_report"] is False
    assert absent["findings"]


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
