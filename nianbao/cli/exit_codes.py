"""How the program ends: its exit codes, and errors in one line on standard error."""

from __future__ import annotations

import typer

from nianbao.cli.help_groups import HELP_GROUPS
from nianbao.language import current
from nianbao.messages import say

DONE, ATTENTION, USAGE, UNFINISHED = 0, 1, 2, 3


def tell(key: str, /, **values: object) -> None:
    """Say on standard error why something could not be done: a sentence of ``errors.toml``, section ``program``."""
    write(say("errors", current(), f"program.{key}", **values))


def write(sentence: str) -> None:
    """One line on standard error, whose control characters are made visible."""
    from archive.exports.safe_text import safe_text

    typer.echo(f"nianbao: {safe_text(sentence)}", err=True)


def tell_stopped(command: str = "") -> int:
    """Tell that the command was stopped, and what of its work is kept if it fetches; give the exit code."""
    tell("stopped_fetching" if command in HELP_GROUPS["crawl"] else "stopped")
    return UNFINISHED
