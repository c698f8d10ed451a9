"""What the documentation says is so: its links lead somewhere, its commands are understood, its first ones run."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.exceptions import TyperException

from nianbao.cli import command_table
from scripts import python_api_stub, reference
from tests.played import nianbao

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")])
#: pages whose commands are run on the demo's archive, not only parsed
RUN = (
    "README.md", "README.zh.md", "docs/quickstart-researchers.md", "docs/quickstart-journalists.md",
    "docs/quickstart-operators.md",
)  # fmt: skip
LONGEST_PAGE, LONGEST_LINE = 250, 400
#: commands that go on for ever, fetch, write into the archive or beside it, or need what is not there
NOT_RUN = re.compile(
    r"nianbao (serve|up|crawl|portal|init|replay|restore|backup|import|read|worker|copy|withhold|rule|seal|release)\b"
    r"|show-capture [0-9a-f]{8}|>|\|"
)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.M | re.S)
_PLACEHOLDER = re.compile(r"\b[A-Z][A-Z_-]{2,}\b|…|\[")
_PATH = re.compile(
    r"`((?:archive|crawler|deploy|docs|imitation|nianbao|scripts|spiders|storage|tests)/[\w./-]+(?:/|\.\w+))`"
)
_TEST = re.compile(r"^def (test_\w+)", re.MULTILINE)
#: Cases of the rules, below names as tests have them.
CASES = [*(ROOT / "tests" / "assessment").glob("*_cases.txt")]
_MADE_UP = re.compile(r"NAME|/luanchuan/|duties\.jsonl")  # paths of what a reader is about to make


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def commands(page: Path) -> list[str]:
    """The nianbao commands in a page's blocks of code, without prompt and comment."""
    lines = [line.strip() for block in _BLOCK.findall(page.read_text("utf-8")) for line in block.splitlines()]
    bare = [re.split(r"\s+#", line.removeprefix("$ "))[0].strip() for line in lines]
    return [line for line in dict.fromkeys(bare) if re.match(r"nianbao [-\w]", line) and not _PLACEHOLDER.search(line)]


@cache
def program() -> Any:
    return command_table.program()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_can_be_read_and_what_it_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    links = [link for link in _LINK.findall(text) if "://" not in link and ":" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []
    paths = [path for path in _PATH.findall(text) if not _MADE_UP.search(path)]
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert len(text.splitlines()) <= LONGEST_PAGE
    assert [line for line in text.splitlines() if len(line) > LONGEST_LINE] == []


def test_what_users_read_is_in_both_languages_and_each_leads_to_the_other() -> None:
    twins = [page for page in PAGES if page.name.endswith(".zh.md")]
    assert len(twins) > 40
    for chinese in twins:
        english = chinese.with_name(chinese.name.replace(".zh.md", ".md"))
        assert f"({chinese.name})" in english.read_text("utf-8")
        assert f"({english.name})" in chinese.read_text("utf-8")


def test_commands_are_understood() -> None:
    wrong = []
    for line in dict.fromkeys(line for page in PAGES for line in commands(page)):
        words = shlex.split(line.split("|")[0].split(">")[0])[1:]
        command, context = program(), typer.Context(program())
        try:
            while hasattr(command, "resolve_command"):
                context = command.make_context("nianbao", words, parent=context)
                _, command, words = command.resolve_command(context, [*context._protected_args, *context.args])
            command.make_context("nianbao", words, parent=context)
        except typer.Exit:
            pass  # --help
        except TyperException as error:
            wrong.append(f"{line}: {error}")
    assert wrong == []


def test_the_reference_of_commands_and_settings_is_as_the_program_says() -> None:
    old = [path for path, text in reference.pages().items() if not path.exists() or path.read_text("utf-8") != text]
    assert old == [], "make reference"
    assert set((ROOT / "docs" / "commands").iterdir()) <= reference.pages().keys()
    written = python_api_stub.PLACE.read_text("utf-8")
    assert python_api_stub.methods(written) == python_api_stub.methods()


@pytest.mark.parametrize(
    "line",
    [line for page in RUN if (ROOT / page).exists() for line in commands(ROOT / page) if not NOT_RUN.search(line)],
)
@pytest.mark.nightly
def test_the_first_commands_have_answers(line: str, played: Path, tmp_path: Path) -> None:
    words = shlex.split(line)[1:]
    if "--archive" in words:
        at = words.index("--archive")
        del words[at : at + 2]
    if "--output" in words:
        words[words.index("--output") + 1] = str(tmp_path / words[words.index("--output") + 1])
    ran = nianbao(*words, archive=played, now="2026-04-02T09:00:00+08:00")
    assert ran.code in {0, 1}, ran.err
    assert ran.out.strip()


def test_each_rule_of_statuses_names_its_tests() -> None:
    """A rule: ``**A1. …`` up to the next one; its tests: names in backticks; its example: a sentence in italics."""
    page = (ROOT / "docs" / "status-rules.md").read_text("utf-8")
    rules = re.split(r"^\*\*(?=[A-Z]\d+\.)", page, flags=re.MULTILINE)[1:]
    tests = {name for file in (ROOT / "tests").rglob("test_*.py") for name in _TEST.findall(file.read_text("utf-8"))}
    tests |= {line for file in CASES for line in file.read_text("utf-8").splitlines() if line.startswith("test_")}
    named = {rule.split(".")[0]: set(re.findall(r"`(test_\w+)`", rule)) for rule in rules}
    assert len(named) == len(rules) > 20
    assert {rule: names - tests or "none" for rule, names in named.items() if not names or names - tests} == {}
    chinese = (ROOT / "docs" / "status-rules.zh.md").read_text("utf-8")
    rules += re.split(r"^\* \*\*(?=[A-Z]\d+\*)", chinese, flags=re.MULTILINE)[1:]
    assert len(rules) == 2 * len(named)
    assert [rule[:3] for rule in rules if not re.search(r"(?<!\*)\*[^*\n][^*]+[.。]\*(?!\*)", rule)] == []
