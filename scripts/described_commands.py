"""Collect the commands of nianbao from their own help: the page each belongs to, usage, options and example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from nianbao.cli.command_table import HELP_GROUPS, SECTIONS, program, with_questions
from nianbao.cli.help_pages import with_notes, with_parameter_names
from nianbao.cli.running import COLUMNS
from nianbao.language import Language

#: An option that at least this many commands have is explained only once.
COMMON = 10
#: Groups of commands that have a page of their own, in addition to the groups of ``--help``.
LARGE = ("figures", "export", "archive", "runs", "portal", "agencies", "schedule")


@dataclass(frozen=True)
class DescribedCommand:
    """A command from its help. ``options``: its own (name, meaning); ``common``: names of options of many commands."""

    words: str
    usage: str
    text: str
    example: str
    options: tuple[tuple[str, str], ...]
    common: tuple[str, ...]


@cache
def commands(language: Language) -> Mapping[str, tuple[DescribedCommand, ...]]:
    """Return the commands of each page, in the order of ``--help``."""
    by_section: dict[str, list[DescribedCommand]] = {}
    common = set(common_options(language))
    for group, words, command, context in _walk():
        records = _records(command, context)
        own = tuple(record for record in records if record not in common)
        others = tuple(record[0].split()[0] for record in records if record in common)
        usage = f"nianbao {words} {with_parameter_names(' '.join(command.collect_usage_pieces(context)))}"
        example = (command.epilog or "").partition("nianbao ")
        text = command.help.replace("\n\n", "\n")
        by_section.setdefault(group, []).append(DescribedCommand(words, usage, text, "".join(example[1:]), own, others))
    return {group: tuple(members) for group, members in by_section.items()}


@cache
def common_options(language: Language) -> tuple[tuple[str, str], ...]:
    """Return the options that many commands have with the same meaning, the most frequent first."""
    del language  # the help already uses it; it is only a key of the cache
    counted = Counter(record for *_, command, context in _walk() for record in _records(command, context))
    often = [record for record, times in counted.most_common() if times >= COMMON]
    meanings = Counter(name for name, _ in often)
    return tuple(record for record in often if meanings[record[0]] == 1)


def help_pages() -> Mapping[str, str]:
    """Return the ``--help`` text of each command, by its words, in this run's language, for a width of 80 columns."""
    application = program()
    settings = {"terminal_width": COLUMNS - 2, "help_option_names": ["-h", "--help"]}
    context = application.context_class(application, info_name="nianbao", **settings)
    return {words: f"{command.get_help(below)}\n" for words, command, below in _walk_all("", application, context)}


def _walk_all(words: str, command: Any, context: Any) -> Iterator[tuple[str, Any, Any]]:
    yield words, command, context
    names = [*command.list_commands(context)] if hasattr(command, "list_commands") else []
    if not words:  # commands of a section also work without its name
        names += [name for section in SECTIONS for name in command.get_command(context, section).list_commands(context)]
    for name in dict.fromkeys(names):
        child = command.get_command(context, name)
        below = child.context_class(child, info_name=name, parent=context, terminal_width=context.terminal_width)
        yield from _walk_all(f"{words} {name}".strip(), child, below)


def _walk() -> Iterator[tuple[str, str, Any, Any]]:
    """Yield each command that does something: its page, its words, the command and its context."""
    application = program()
    context = application.context_class(application, info_name="nianbao")
    for help_group, names in with_questions(HELP_GROUPS).items():
        for name in names:
            yield from _walk_below(help_group, name, application.get_command(context, name), context)


def _walk_below(group: str, words: str, command: Any, parent: Any) -> Iterator[tuple[str, str, Any, Any]]:
    context = command.context_class(command, info_name=words.rpartition(" ")[2], parent=parent)
    if not hasattr(command, "list_commands"):
        yield group, words, command, context
        return
    group = words if words in LARGE else group
    for name in command.list_commands(context):
        title = name if words in SECTIONS else f"{words} {name}"  # commands of a section also work without its name
        yield from _walk_below(group, title, command.get_command(context, name), context)


def _records(command: Any, context: Any) -> list[tuple[str, str]]:
    """Return (name, meaning) of each option and argument."""
    records = filter(None, (one.get_help_record(context) for one in command.params))
    return [(with_parameter_names(name), with_notes(meaning)) for name, meaning in records]
