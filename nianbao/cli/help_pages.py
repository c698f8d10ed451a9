"""Give commands their texts from ``help.toml``, and format the pages of ``--help`` with Chinese line breaking.

The text of a parameter has the command's path as section and the parameter's name as key (``crawl``, ``everything``),
or the section ``option``; the key ``_`` has the text of the command itself.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Any

import typer
from rich.cells import cell_len

from nianbao.cli.output import PIECE_OF_LINE, wrap_text
from nianbao.language import current
from nianbao.messages import messages, say

_HEADINGS = {"Arguments": "arguments", "Options": "options", "Commands": "commands"}
_TAKEN = re.compile(r"\[OPTIONS\]|\[ARGS\]\.\.\.|<[^>]+>|(?<![\w-])[A-Za-z]+(?![\w|-])")  # names of arguments in usage
_REQUIRED = re.compile(r"\[?\{([^{}]+)\}\]?")  # a required argument, as typer and question_commands.py write it
_TYPE_OF_ARGUMENT = re.compile(r"^([^\s-]\S*) <[^>]+>$")  # its text says what it takes
_IN_BRACKETS = re.compile(r"default: \((.*?)\)")  # typer writes a default that is text in parentheses
_NEEDED = "  [required]"  # as typer marks it
_NOTES = ("default: ", "env var: ", "required")  # what typer adds to an option's help


def help_text(key: str, /, **values: object) -> str:
    """Return a sentence of ``help.toml`` in the language of this run."""
    return say("help", None, key, **values)


def put_texts(command: Any, path: str) -> None:
    """Give a command and its subcommands their texts in the language of this run."""
    text = _text(f"{path}._")
    if text is not None:
        command.help = text
        command.short_help = text.partition("\n\n")[0]
    command.context_class = _Context
    if (command.epilog or "").endswith(" --help"):
        command.epilog = None  # an example that only shows this page again is useless
    elif (command.epilog or "").startswith("nianbao "):
        command.epilog = help_text("page.example", command=command.epilog)
    for one in command.params:
        name = one.name.removesuffix("_given")  # an argument has the text of the option of its name
        one.help = _text(f"{path}.{name}") or _text(f"option.{name}") or one.help
    for name, child in getattr(command, "commands", {}).items():
        put_texts(child, f"{path} {name}".strip())


def _text(key: str) -> str | None:
    entry = messages("help").get(key)
    return None if entry is None else entry[current()]


def text_of_repeated_option(command: str, name: str, option: str) -> str:
    """Return the error for an option that was given twice, with what serves somebody who wants several values."""
    hint = _text(f"several.{command} {name}") or _text(f"several.{name}") or ""
    return help_text("wrong.twice", name=option, hint=hint)


_Formatter: Any = typer.Context.formatter_class


class _HelpPage(_Formatter):  # type: ignore[misc]  # typer does not name the class
    """A formatter for a page of help in the language of this run."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, with_parameter_names(args), prefix or help_text("page.usage"))

    def write_heading(self, heading: str) -> None:
        key = _HEADINGS.get(heading)
        title = help_text(f"page.{key}") if key else heading
        self.write(" " * self.current_indent + help_text("page.heading", heading=title) + "\n")

    def write_text(self, text: str) -> None:
        paragraphs = (wrap_text(part, self.width - self.current_indent, PIECE_OF_LINE) for part in text.split("\n\n"))
        self.write(textwrap.indent("\n\n".join(paragraphs), " " * self.current_indent) + "\n")

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 26, col_spacing: int = 2) -> None:
        """Write click's list of terms and texts in our way: names of parameters in words, Chinese wrapped."""
        rows = [
            (with_parameter_names(one) if "<" in one or one[0] == "-" else one, text + _NEEDED * one.startswith("{"))
            for one, text in rows
        ]
        indent_of_text = min(max((cell_len(first) for first, _ in rows), default=0), col_max) + col_spacing
        indent = " " * self.current_indent
        for first, second in rows:
            wrapped = wrap_text(with_notes(second), max(self.width - indent_of_text - 2, 10)).split("\n")
            beside = cell_len(first) <= indent_of_text - col_spacing
            head = first + " " * (indent_of_text - cell_len(first)) + wrapped[0] if beside and second else first
            rest = wrapped[1:] if beside and second else wrapped if second else []
            self.write(indent + head.rstrip() + "\n")
            self.write("".join(f"{indent}{' ' * indent_of_text}{line}\n" for line in rest))


class _Context(typer.Context):
    formatter_class = _HelpPage


def with_parameter_names(text: str) -> str:
    """Write the arguments of a line of help in the language of this run, without typer's signs: ``[选项] 指标``."""

    def translated(match: re.Match[str]) -> str:
        return _text(f"taken.{match[0]}") or match[0]

    plain = _TYPE_OF_ARGUMENT.sub(r"\1", re.sub(r"<list\[(.+)\]>", r"<\1>", text))
    return _TAKEN.sub(translated, _REQUIRED.sub(r"\1", plain))


def with_notes(text: str) -> str:
    """Return the help of an option with typer's additions (default, variable, required) translated."""
    if text == "Show this message and exit.":
        return help_text("page.help")
    head, bracket, notes = text.rpartition("  [")
    if not bracket or not notes.startswith(_NOTES):
        return text
    notes = _IN_BRACKETS.sub(r"default: \1", notes)
    for note in _NOTES:
        notes = notes.replace(note, help_text(f"page.{note.partition(':')[0].replace(' ', '_')}"))
    return f"{head}  [{notes}"
