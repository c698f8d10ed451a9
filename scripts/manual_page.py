"""Make the manual page of nianbao in roff, which ``man nianbao`` shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nianbao.language import current
from nianbao.messages import say
from scripts.described_commands import DescribedCommand

_EXITS = ("done", "attention", "usage", "unfinished")


def manual_page(common: Sequence[tuple[str, str]], commands: Mapping[str, Sequence[DescribedCommand]]) -> str:
    """Return the page in this run's language: first the common options, then each command with its own options."""
    return "\n".join(_roff_lines(common, commands)) + "\n"


def _roff_lines(common: Sequence[tuple[str, str]], commands: Mapping[str, Sequence[DescribedCommand]]) -> Iterator[str]:
    yield from ('.TH NIANBAO 1 "" nianbao', f".SH {_say('name')}", _say("summary"))
    yield from (f".SH {_say('synopsis')}", ".B nianbao", r"COMMAND [OPTIONS] [ARGS] ...")
    yield from (f".SH {_say('description')}", _plain(say("help", current(), "._")))
    yield f".SH {_say('options')}"
    yield from _option_lines(common)
    yield f".SH {_say('commands')}"
    for members in commands.values():
        for command in members:
            yield from (f'.SS "{_plain(command.usage)}"', *map(_plain, command.text.split("\n")))
            yield from _option_lines(command.options)
            if command.example:
                yield from (".PP", f".EX\n{_plain(command.example)}\n.EE")
    yield f".SH {_say('exit')}"
    yield from _option_lines([(str(code), _say(name)) for code, name in enumerate(_EXITS)])
    yield f".SH {_say('environment')}"
    yield from _option_lines([("NIANBAO_ARCHIVE", _say("archive")), ("NIANBAO_LANG", _say("language"))])
    yield f".SH {_say('files')}"
    yield from _option_lines([("nianbao.toml", _say("settings"))])


def _option_lines(records: Sequence[tuple[str, str]]) -> Iterator[str]:
    for name, meaning in records:
        yield from (".TP", f'.B "{_plain(name)}"', _plain(meaning))


def _say(key: str) -> str:
    return say("reference", current(), f"manual.{key}")


def _plain(text: str) -> str:
    """Return a text escaped for roff."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq").replace("\n", " ")
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped
