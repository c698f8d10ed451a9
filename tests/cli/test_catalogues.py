"""Each sentence that people see stands once, in both languages, in ``nianbao/messages``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.queries.words import vocabulary, word
from archive.sentence_templates import value_names
from nianbao import messages as package
from nianbao.cli.command_table import program
from nianbao.messages import messages

ROOT = Path(package.__file__).parent
CLI = ROOT.parent / "cli"
NAMES = sorted(path.stem for path in ROOT.glob("*.toml"))
_SAYING = frozenset(("say", "fail", "echo", "write", "confirm", "prompt", "BadParameter", "Column"))
_SENTENCE = re.compile(r"[A-Za-z]{3,}[ ,;:]+[a-z]{2,}|[\u4e00-\u9fff]{2,}")  # two words, or Chinese


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_has_both_languages_and_the_same_places_to_fill(name: str) -> None:
    for key, entry in messages(name).items():
        assert entry["zh"].strip(), key
        assert entry["en"].strip(), key
        assert value_names(entry["zh"]) == value_names(entry["en"]), key


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("Status of a duty", "status"),
        ("Evidence", "evidence"),
        ("Outcome of a look", "outcome"),
        ("Outcome of a crawl", "outcome"),
    ],
)
def test_the_glossary_has_the_words_that_the_program_says(heading: str, section: str) -> None:
    text = (
        (ROOT.parents[1] / "docs" / "glossary.md")
        .read_text("utf-8")
        .partition(f"## {heading} ")[2]
        .partition("\n## ")[0]
    )
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert rows
    assert rows == [(token, word(section, token, "en"), word(section, token, "zh")) for token, _, _ in rows]


@pytest.mark.parametrize("name", ["answers", "cli", "operate", "web"])
def test_every_door_says_the_same_words(name: str) -> None:
    assert messages(name).items() >= vocabulary().items()


def every_command() -> Iterator[tuple[str, Any]]:
    whole = program()
    for name in whole.known():
        command = whole.get_command(None, name)
        yield name, command
        for below, child in getattr(command, "commands", {}).items():
            yield f"{name} {below}", child


def test_every_command_and_option_has_its_help_in_the_catalogue() -> None:
    entries = messages("help")
    for path, command in every_command():
        assert f"{path}._" in entries, path
        names = {one.name.removesuffix("_given") for one in command.params}
        lacking = [one for one in names if f"{path}.{one}" not in entries and f"option.{one}" not in entries]
        assert not lacking, path


def test_every_text_of_an_option_is_that_of_an_option() -> None:
    taken = {f"{path}.{one.name.removesuffix('_given')}" for path, command in every_command() for one in command.params}
    sections = {path for path, _ in every_command()}
    assert not [
        key
        for key in messages("help")
        if key.rpartition(".")[0] in sections and not key.endswith("._") and key not in taken
    ]


def modules() -> list[Path]:
    return sorted(CLI.rglob("*.py"))


def literals(node: ast.expr) -> Iterator[str]:
    """The texts that stand in an argument itself, those in an f-string joined."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "…".join(part.value for part in node.values if isinstance(part, ast.Constant))
    elif isinstance(node, ast.IfExp):
        yield from (*literals(node.body), *literals(node.orelse))
    elif isinstance(node, ast.BinOp):
        yield from (*literals(node.left), *literals(node.right))


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.stem)
def test_no_sentence_stands_in_the_code(path: Path) -> None:
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        texts = [one for argument in node.args for one in literals(argument)] if name in _SAYING else []
        texts += [one for word in node.keywords if word.arg in {"help", "empty"} for one in literals(word.value)]
        if name == "RulingError":
            texts += [one for argument in node.args for one in literals(argument)]
        found += [f"{node.lineno}: {text}" for text in texts if _SENTENCE.search(text)]
    assert not found


def calls(path: Path, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
            yield node


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.stem)
def test_what_answers_ask_for_stands_in_the_catalogue_and_is_filled_in(path: Path) -> None:
    entries = messages("answers")
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not node.args or isinstance(node.args[0], ast.JoinedStr):
            continue
        of_view = isinstance(node.func, ast.Attribute) and ast.unparse(node.func) == "view.word"
        if not of_view and getattr(node.func, "id", "") != "phrase":
            continue
        values = {word.arg for word in node.keywords}
        for key in literals(node.args[0]):
            assert key in entries, key
            assert None in values or value_names(entries[key]["en"]) <= values, key


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.stem)
def test_what_the_code_asks_for_stands_in_the_catalogue_and_is_filled_in(path: Path) -> None:
    entries = messages("cli")
    for call in calls(path, "sentence"):
        values = {word.arg for word in call.keywords}
        for key in literals(call.args[0]) if not isinstance(call.args[0], ast.JoinedStr) else ():
            assert key in entries, key
            assert None in values or value_names(entries[key]["en"]) <= values, key
    for call in calls(path, "word"):
        kind = call.args[0]
        assert isinstance(kind, ast.Constant)
        assert any(key.startswith(f"{kind.value}.") for key in entries), kind.value
