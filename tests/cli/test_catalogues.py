"""Each sentence that people see stands once, in both languages, in ``nianbao/messages``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from archive.queries.words import vocabulary, word
from archive.sentence_templates import value_names
from nianbao import messages as package
from nianbao.cli.command_table import program
from nianbao.messages import messages
from nianbao.questions import QUESTIONS

QUESTION_NAMES = {one.name.replace("_", "-") for one in QUESTIONS if one.group}  # help says what they answer
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
        assert f"{path}._" in entries or path in QUESTION_NAMES, path
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


# What an error says: by its code, in ``errors.toml`` and ``storage/errors.toml``.

ROOMS = [ROOT.parents[1] / name for name in ("storage", "archive", "crawler", "nianbao")]
_WORDED = {"sentence", "say", "worded"}  # a message that is in the reader's language already
_OF_JOBS = {"JobError", "NotNowError"}  # people are told the notes of the one; the other is tried again


def bases_of(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).rpartition(".")[2] for base in node.bases}


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text("utf-8")) for room in ROOMS for path in sorted(room.rglob("*.py"))}


@cache
def coded_errors() -> dict[str, bool]:
    """Classes of errors with a code: name → whether a call gives it (else the class itself does)."""
    classes = [node for tree in trees().values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found = {"CodedError": True}
    while more := [one for one in classes if one.name not in found and bases_of(one) & found.keys()]:
        for one in more:
            own = next((part for part in one.body if getattr(part, "name", "") == "__init__"), None)
            taken = {part.arg for part in [*own.args.args, *own.args.kwonlyargs]} if own is not None else {"code"}
            found[one.name] = "code" in taken
    return found


def codes_of(node: ast.expr, function: ast.AST) -> Iterator[str | None]:
    """The codes that an expression can be, also one that was assigned before; None: it is another error's."""
    if isinstance(node, ast.Constant):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*codes_of(node.body, function), *codes_of(node.orelse, function))
    elif isinstance(node, ast.Attribute) and node.attr == "code":
        yield None
    elif isinstance(node, ast.Name):
        for one in ast.walk(function):
            if isinstance(one, ast.arg) and one.arg == node.id:
                yield None
            if isinstance(one, ast.Assign):
                for target, value in assigned(one.targets[0], one.value):
                    if isinstance(target, ast.Name) and target.id == node.id:
                        yield from codes_of(value, function)
    else:
        raise AssertionError(f"a code is written out: {ast.unparse(node)}")


def assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(value, ast.IfExp) and isinstance(target, ast.Tuple):
        yield from (*assigned(target, value.body), *assigned(target, value.orelse))
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(target.elts, value.elts, strict=True)
    else:
        yield target, value


def errors_made(tree: ast.Module) -> Iterator[tuple[ast.Call, ast.AST]]:
    """The calls that make an error with a code of its own, each with the function it stands in."""
    coded = coded_errors()

    def within(node: ast.AST, function: ast.AST, kind: str) -> Iterator[tuple[ast.Call, ast.AST]]:
        for child in ast.iter_child_nodes(node):
            inner = child if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) else function
            if isinstance(child, ast.ClassDef):
                yield from within(child, child, child.name)
                continue
            if isinstance(child, ast.Call) and (child.args or any(word.arg == "code" for word in child.keywords)):
                name = ast.unparse(child.func).rpartition(".")[2]
                own = (
                    ast.unparse(child.func) == "super().__init__" and not coded.get(kind, True) and kind not in _OF_JOBS
                )
                if coded.get(name) or own:
                    yield child, function
            yield from within(child, inner, kind)

    yield from within(tree, tree, "")


def faults(path: Path) -> Iterator[str]:
    entries = messages("errors")
    for call, function in errors_made(trees()[path]):
        keywords = {word.arg: word.value for word in call.keywords}
        message = call.args[0] if call.args else None
        if isinstance(message, ast.Call) and getattr(message.func, "id", "") in _WORDED:
            continue
        if keywords.keys() & {"parts"}:  # said one after the other
            continue
        where = f"{path.name}:{call.lineno}"
        if "code" not in keywords:
            yield f"{where}: no code"
            continue
        for code in codes_of(keywords["code"], function):
            if code is None:
                continue
            entry = entries.get(f"error.{code}")
            if entry is None:
                yield f"{where}: {code} is in no catalogue"
            elif None not in keywords and (lacking := value_names(entry["en"]) - keywords.keys()):
                yield f"{where}: {code} lacks {', '.join(sorted(lacking))}"


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_every_error_that_people_see_has_its_sentence_in_the_catalogue(room: Path) -> None:
    assert len(coded_errors()) > 20
    assert not [fault for path in trees() if path.is_relative_to(room) for fault in faults(path)]


def test_every_sentence_of_an_error_is_said_somewhere() -> None:
    texts = "\n".join(path.read_text("utf-8") for path in trees())
    of_names = ("error.must_be.",)  # by the names of settings, and of what is wrong with one
    keys = [key for key in messages("errors") if key.startswith("error.") and not key.startswith(of_names)]
    assert not [key for key in keys if f'"{key.removeprefix("error.")}"' not in texts and f'"{key}"' not in texts]
