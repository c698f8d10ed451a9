"""What the documentation says is so: its links lead somewhere, its commands are understood, its first ones run."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path

import click
import pytest
import typer.main

from nianbao.cli.command_table import application
from tests.played import nianbao

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")])
#: pages whose commands are run on the demo's archive, not only parsed
RUN = ("README.md", "README.zh.md", "docs/quickstart-researchers.md", "docs/quickstart-journalists.md")
#: commands that go on for ever, fetch, write into the archive or beside it, or need what is not there
NOT_RUN = re.compile(
    r"nianbao (serve|up|crawl|portal|init|replay|restore|backup|import|read|worker|copy|withhold|rule|seal|release)\b"
    r"|show-capture [0-9a-f]{8}|>|\|"
)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.M | re.S)
_PLACEHOLDER = re.compile(r"\b[A-Z][A-Z_-]{2,}\b|…|\[")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def commands(page: Path) -> list[str]:
    """The nianbao commands in a page's blocks of code, without prompt and comment."""
    lines = [line.strip() for block in _BLOCK.findall(page.read_text("utf-8")) for line in block.splitlines()]
    bare = [re.split(r"\s+#", line.removeprefix("$ "))[0].strip() for line in lines]
    return [line for line in dict.fromkeys(bare) if line.startswith("nianbao ") and not _PLACEHOLDER.search(line)]


@cache
def program() -> click.Command:
    return typer.main.get_command(application())


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text("utf-8")) if "://" not in link and ":" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_pages_can_be_read(page: Path) -> None:
    text = page.read_text("utf-8")
    long = [line for line in text.splitlines() if len(line) > 400]
    assert [line for line in long if not line.startswith("|")] == []  # a row of a table has to be one line


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=name)
def test_commands_are_understood(page: Path) -> None:
    wrong = []
    for line in commands(page):
        words = shlex.split(line.split("|")[0].split(">")[0])[1:]
        command, context = program(), click.Context(program())
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            child = command.get_command(context, words.pop(0))
            if child is None:
                break
            command = child
        try:
            command.make_context("nianbao", words, parent=context)
        except click.exceptions.Exit:
            pass  # --help
        except click.ClickException as error:
            wrong.append(f"{line}: {error.format_message()}")
    assert wrong == []


@pytest.mark.parametrize(
    "line",
    [line for page in RUN if (ROOT / page).exists() for line in commands(ROOT / page) if not NOT_RUN.search(line)],
)
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
