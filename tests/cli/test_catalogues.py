"""Each sentence that people see stands once, in both languages, in ``nianbao/messages``."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, nodes

from archive.sentence_templates import value_names
from crawler.crawl_run import NO_LISTINGS, UNSAID_ENDS, WALK_LIMIT, WITHOUT_REPORT
from crawler.portals import classes
from crawler.signatures import signatures
from nianbao import messages as package
from nianbao.cli.command_table import program
from nianbao.glossary import find_terms
from nianbao.messages import messages
from nianbao.questions import QUESTIONS
from storage.sealing.verifying import CODES
from storage.warc_check import TODO

QUESTION_NAMES = {one.name.replace("_", "-") for one in QUESTIONS if one.group}  # help says what they answer
ROOT = Path(package.__file__).parent
ROOMS = [ROOT.parents[1] / name for name in ("storage", "archive", "crawler", "nianbao")]
CLI = ROOT.parent / "cli"
NAMES = sorted(path.stem for path in ROOT.glob("*.toml"))
#: functions that say what they are given
_SAID = frozenset(("say", "fail", "echo", "write", "confirm", "prompt", "BadParameter", "Column", "RulingError"))
_SENTENCE = re.compile(r"[A-Za-z]{3,}[ ,;:]+[a-z]{2,}|[\u4e00-\u9fff]{2,}")  # two words, or Chinese


@cache
def calls_in(room: Path) -> tuple[tuple[Path, ast.Call], ...]:
    """Every call in the modules of a folder."""
    trees = [(path, ast.parse(path.read_text("utf-8"))) for path in sorted(room.rglob("*.py"))]
    return tuple((path, node) for path, tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))


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


def keys_of(node: ast.expr) -> Iterator[str]:
    """The keys that an argument names in full."""
    yield from (key for key in literals(node) if "…" not in key) if not isinstance(node, ast.JoinedStr) else ()


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_has_both_languages_and_the_same_places_to_fill(name: str) -> None:
    for key, entry in messages(name).items():
        assert entry["zh"].strip(), key
        assert entry["en"].strip() or key.startswith("unit."), key  # English counts things without a unit
        assert value_names(entry["zh"]) == value_names(entry["en"]), key


SYNONYMS = tomllib.loads(Path(__file__).with_name("synonyms.toml").read_text("utf-8"))
_REFUSED = re.compile(rf"\b({'|'.join(SYNONYMS['instead'])})\b", re.IGNORECASE)
_NOT_PROSE = re.compile(r"```.*?```|`[^`\n]*`|\]\([^)]*\)|\{[^}]*\}", re.DOTALL)  # code, links, and what is filled in
SCREENS = sorted(path for room in ROOMS for path in room.rglob("*.toml"))
PAGES = [*sorted(ROOT.parents[1].glob("docs/*.md")), ROOT.parents[1] / "README.md"]


def synonyms_in(text: str) -> list[str]:
    return [word.lower() for word in _REFUSED.findall(_NOT_PROSE.sub(" ", text))]


def english_in(table: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """The English sentences of a catalogue, by key."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from english_in(value, (*path, key))
        elif key == "en" and isinstance(value, str):
            yield ".".join(path), value


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.name)
def test_screens_use_the_words_of_the_glossary(path: Path) -> None:
    name = path.relative_to(ROOT.parents[1]).as_posix()
    found = {
        key: words for key, text in english_in(tomllib.loads(path.read_text("utf-8"))) if (words := synonyms_in(text))
    }
    assert found.keys() == SYNONYMS["screens"].get(name, {}).keys(), found


def test_documents_use_the_words_of_the_glossary() -> None:
    found = {}
    for path in (one for one in PAGES if not one.name.endswith(".zh.md")):
        words = [word for word in synonyms_in(path.read_text("utf-8")) if word not in SYNONYMS["in_documents"]]
        found[path.name] = len(words)
    allowed = SYNONYMS["pages"]
    assert {name: number for name, number in found.items() if number > allowed.get(name, 0)} == {}
    assert {name for name, number in allowed.items() if found[name] < number} == set(), "lower them"


def test_every_command_and_option_has_its_help_and_every_help_its_option() -> None:
    entries, taken, whole = messages("help"), set(), program()
    found: dict[str, Any] = {name: whole.get_command(None, name) for name in whole.all_names()}
    found |= {
        f"{name} {below}": child
        for name, command in found.items()
        for below, child in getattr(command, "commands", {}).items()
    }
    for path, command in found.items():
        assert f"{path}._" in entries or path in QUESTION_NAMES, path
        names = {one.name.removesuffix("_given") for one in command.params}
        assert not [one for one in names if not {f"{path}.{one}", f"option.{one}"} & entries.keys()], path
        taken |= {f"{path}.{one}" for one in names} | {f"{path}._"}
    assert not [key for key in entries if key.rpartition(".")[0] in found and key not in taken]


def test_no_sentence_stands_in_the_code_of_the_command_line() -> None:
    found = []
    for path, node in calls_in(CLI):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        texts = [one for argument in node.args for one in literals(argument)] if name in _SAID else []
        texts += [one for given in node.keywords if given.arg in {"help", "empty"} for one in literals(given.value)]
        found += [f"{path.name}:{node.lineno}: {text}" for text in texts if _SENTENCE.search(text)]
    assert not found


def said() -> Iterator[tuple[str, str, set[str | None]]]:
    """Each sentence that a command or a screen says by its key: where, the key, and the names of its values."""
    for path, node in calls_in(CLI):
        is_said = node.args and ast.unparse(node.func) in {"sentence", "tell"}
        for key in keys_of(node.args[0]) if is_said else ():
            yield f"{path.name}:{node.lineno}", key, {given.arg for given in node.keywords}
    for path in sorted(CLI.glob("templates/*.txt")):
        for call in Environment().parse(path.read_text("utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "t" and isinstance(call.args[0], nodes.Const):
                yield f"{path.name}:{call.lineno}", call.args[0].value, {one.key for one in call.kwargs}


def test_what_the_command_line_says_stands_in_the_catalogue_and_is_filled_in() -> None:
    for place, key, values in said():
        entry = messages("cli").get(key)
        assert entry is not None, f"{place}: {key}"
        assert None in values or value_names(entry["en"]) <= values, f"{place}: {key}"


def test_no_sentence_stands_in_a_screen() -> None:
    for path in sorted(CLI.glob("templates/*.txt")):
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|nianbao [a-z-]+", " ", path.read_text("utf-8"), flags=re.DOTALL)
        assert not _SENTENCE.search(text), path.name


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_every_code_of_an_error_has_its_sentence_with_all_that_stands_in_it(room: Path) -> None:
    found = 0
    for path, node in calls_in(room):
        given = {one.arg: one.value for one in node.keywords}
        name = ast.unparse(node.func).rpartition(".")[2]
        for key in keys_of(given["code"]) if "code" in given and (name.endswith("Error") or name == "__init__") else ():
            entry = messages("errors").get(f"error.{key}")
            assert entry is not None, f"{path.name}:{node.lineno}: {key}"
            lacking = value_names(entry["en"]) - given.keys()
            assert None in given or name == "__init__" or not lacking, f"{path.name}:{node.lineno}: {key}"
            found += 1
    assert found > 3


# ---------------------------------------------------------------------------------------------- notes of crawls


#: codes that stand in variables, or are joined
NAMED = {
    NO_LISTINGS, UNSAID_ENDS, WALK_LIMIT, WITHOUT_REPORT, "cut", "asked_to_stop",
    "visits_failed", "attachments_failed", "look",
}  # fmt: skip
NAMED |= {"look_by_script", "not_begun_disk", "not_begun_clock", "not_rendered", "no_picture"}
NAMED |= {"warc_shorter", "warc_longer", "import_stopped", "imported", "imported_with_text"}
NAMED |= {"reports_elsewhere", "reports_without_link", "first_route", "second_route"}
NAMED |= {"paused", "reading_paused", "goes_on", "reading_goes_on"}
NAMED |= {*CODES, *(note.code for note in TODO.values())}
NAMED |= {entry[0] for portal in classes().values() for entry in portal.unverified if len(entry) == 2}
NAMED |= {f"list_{read}" for read in ("to_end", "empty", "by_script", "in_part", "unanswered", "addressed")}
#: said by the words of progress
OF_PROGRESS = {"begun", "ended", "run", "failed", "wait"}


def test_each_code_of_a_note_and_each_content_system_is_said() -> None:
    known = {key.removeprefix("note.") for key in messages("notes") if key.startswith("note.")}
    notes = [node for room in ROOMS for _, node in calls_in(room) if ast.unparse(node.func) == "Note" and node.args]
    codes = {key for node in notes for key in keys_of(node.args[0])} - OF_PROGRESS
    assert len(codes) > 100
    assert (codes | NAMED) ^ known == set()
    assert all(one.label.keys() == {"zh", "en"} for one in signatures().values())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("逾期", ["逾期公布"]),
        ("Editions", ["版本"]),
        ("look", ["查看", "完整查看", "仅一次查看"]),
        ("为什么不详", ["不详"]),
        ("的", []),
        ("汶上县司法局", []),
    ],
)
def test_the_search_box_knows_terms_of_the_glossary_by_their_names(text: str, names: list[str]) -> None:
    assert [term.word["zh"] for term in find_terms(text)] == names
