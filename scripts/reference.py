"""Write the reference of commands and settings and the manual page from the program itself: ``make reference``.

It writes ``docs/commands/``, ``docs/configuration.md``, ``docs/glossary.md`` and the methods at the end of
``docs/python.md``; ``deploy/man/``, which the wheel installs for ``man nianbao``; and the ``--help`` texts that
``nianbao/cli/running.py`` shows. A test compares them with what the program would write today.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import partial
from inspect import Parameter, Signature
from pathlib import Path

from archive.queries.words import vocabulary
from nianbao.cli.commands.archive_care import variable_of
from nianbao.cli.running import file_name
from nianbao.glossary import CODES, group_title, terms_by_group
from nianbao.language import Language, current, use
from nianbao.messages import say
from nianbao.python_api import answer_type, method_parameters
from nianbao.questions import QUESTIONS, Question
from scripts.described_commands import LARGE, DescribedCommand, commands, common_options, help_pages
from scripts.manual_page import manual_page
from storage.config import Config

#: Longer lines of a page are broken where possible.
LONG = 350
ROOT = Path(__file__).parents[1]


def write() -> None:
    """Write all generated files."""
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def pages() -> Mapping[Path, str]:
    """Return the text of each generated file."""
    spoken = current()
    pages_by_path = {ROOT / "docs" / "glossary.md": _glossary_page()}
    try:
        for language in Language:
            use(language)
            pages_by_path.update(_pages_spoken())
    finally:
        use(spoken)
    return pages_by_path


def _pages_spoken() -> Iterator[tuple[Path, str]]:
    """Yield the files in the current language."""
    folder = ROOT / "docs" / "commands"
    commands_by_page = commands(current())
    yield ROOT / "docs" / _page_name("configuration"), _settings_page()
    yield ROOT / "docs" / _page_name("python"), _python_page()
    yield folder / _page_name("README"), _index_page(commands_by_page)
    for group, members in commands_by_page.items():
        yield folder / _page_name(group), _group_page(group, members)
    recorded = json.dumps(help_pages(), ensure_ascii=False, indent=0, sort_keys=True)
    yield ROOT / "nianbao" / "cli" / file_name(current()), f"{recorded}\n"
    manual = ROOT / "deploy" / "man" / ("zh_CN" if current() is Language.ZH else "en") / "nianbao.1"
    yield manual, manual_page(common_options(current()), commands_by_page)


def _page_name(stem: str) -> str:
    return f"{stem}.zh.md" if current() is Language.ZH else f"{stem}.md"


def _link_to_other_language(stem: str) -> str:
    return _say("other", stem=stem)


def _say(key: str, **values: object) -> str:
    return say("reference", current(), f"page.{key}", **values)


# ------------------------------------------------------------------------------------------------ pages


def _index_page(commands_by_page: Mapping[str, tuple[DescribedCommand, ...]]) -> str:
    parts = [f"# {_say('title')}", _link_to_other_language("README"), _say("intro")]
    for group, members in commands_by_page.items():
        page = _page_name(group)
        rows = [
            f"| [`nianbao {one.words}`]({page}#{one.words.replace(' ', '-')}) | {one.text.splitlines()[0]} |"
            for one in members
        ]
        parts += [f"## {_heading(group)}", "\n".join([_say("command"), "|---|---|", *rows])]
    parts += [f"## {_say('common')}", _option_list(common_options(current()))]
    return "\n\n".join(parts) + "\n"


def _group_page(group: str, members: tuple[DescribedCommand, ...]) -> str:
    links = f"{_link_to_other_language(group)} · {_say('back', page=_page_name('README'))}"
    return "\n\n".join([f"# {_heading(group)}", links, *(part for one in members for part in _parts_of(one))]) + "\n"


def _parts_of(command: DescribedCommand) -> Iterator[str]:
    yield f"## {command.words}"
    yield f"`{command.usage}`"
    yield command.text
    if command.options:
        yield _option_list(command.options)
    if command.common:
        yield _say("also", options=_say("joint").join(f"`{name}`" for name in command.common))
    if command.example:
        yield _say("example", command=command.example)


def _settings_page() -> str:
    """Return a page of all settings, each with its variable, its default and its meaning."""
    text = partial(say, "settings", current())
    lines = [
        f"| `{name}` | {_in_code(variable_of(name))} | {_in_code(field.default)} | {text(f'setting.{name}')} |"
        for name, field in Config.model_fields.items()
    ]
    table = "\n".join([text("page.columns"), "|---|---|---|---|", *lines])
    parts = [f"# {text('page.title')}", text("page.other"), text("page.intro"), table, text("page.besides")]
    return "\n\n".join(parts) + "\n"


def _python_page() -> str:
    """Return the page on Python: what is written by hand, and behind it a table of all methods."""
    hand_written, heading, _ = (ROOT / "docs" / _page_name("python")).read_text("utf-8").partition(_say("methods"))
    lines = [
        f"| `{one.name}{_signature(one)}` | {getattr(one, current())} | `{answer_type(one).replace('|', 'or')}` |"
        for one in QUESTIONS
    ]
    return "\n".join([f"{hand_written}{heading}", "", _say("method_columns"), "|---|---|---|", *lines]) + "\n"


def _signature(question: Question) -> Signature:
    """Return the parameters of a question's method, without types."""
    plain = {one: getattr(one.default, "value", one.default) for one in method_parameters(question)}
    return Signature([one.replace(annotation=Parameter.empty, default=default) for one, default in plain.items()])


def _in_code(value: object) -> str:
    return f"`{value}`" if value not in {"", None} else ""


def _glossary_page() -> str:
    """Return a page of the terms of ``glossary.toml`` by group, then the words for statuses, evidence and outcomes."""
    parts = ["# Glossary 词汇表", _in_both("glossary.intro", "\n")]
    for group, terms in terms_by_group().items():
        title, lines = group_title(group), []
        for one in terms:
            code = f" `{one.id.partition('.')[2]}`" if group in CODES else ""
            lines.append(f"| {one.word['en']}{code} | {one.word['zh']} | {one.meaning['en']} | {one.meaning['zh']} |")
        head = "| English | 中文 | Meaning | 含义 |\n|---|---|---|---|"
        parts.append("\n".join([f"## {title['en']} {title['zh']}\n\n{head}", *lines]))
    words = {key.partition(".")[2]: one for key, one in vocabulary().items() if key.partition(".")[0] == "outcome"}
    lines = [f"| `{token}` | {one['en']} | {one['zh']} |" for token, one in words.items()]
    head = "| Program 程序用 | English | 中文 |\n|---|---|---|"
    parts.append("\n".join([f"## {_in_both('glossary.outcome', ' ')}\n\n{head}", *lines]))
    return "\n\n".join([*parts, _in_both("glossary.absences", "\n")]) + "\n"


def _in_both(key: str, joint: str) -> str:
    return joint.join(say("reference", lang, key) for lang in ("en", "zh"))


def _option_list(records: tuple[tuple[str, str], ...]) -> str:
    """Return options as a list; a very long meaning is broken into lines at its semicolons."""
    lines = [(name, text if len(text) <= LONG else re.sub("(?<=;) |(?<=；)", "\n  ", text)) for name, text in records]
    return "\n".join(f"* `{name}`: {text}" for name, text in lines)


def _heading(group: str) -> str:
    return f"nianbao {group}" if group in LARGE else say("help", current(), f"group.{group}")


if __name__ == "__main__":
    write()
