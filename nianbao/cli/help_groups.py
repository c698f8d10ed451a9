"""The program's commands as one finds them: their groups in help, suggestions for a near miss, completion in a shell.

No command is loaded for any of it; the one that was typed is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, ClassVar

from typer.core import CompletionItem, TyperGroup  # type: ignore[attr-defined]  # it is typer's own, and not listed

from nianbao.language import current
from nianbao.messages import messages, say

Names = Mapping[str, tuple[str, ...]]
#: Groups in the order of help → the commands shown there.
HELP_GROUPS: Names = {
    "ask": ("coverage", "missing", "late", "search", "figures", "news", "export", "serve"),
    "evidence": ("status", "show", "diff", "cite", "review"),
    "keep": ("backup", "copy", "release", "archive"),
    "crawl": ("up", "worker", "crawl", "portal", "agencies", "import", "schedule", "health"),
    "administer": ("init", "doctor", "read", "classify", "reread"),
}
#: Commands that are shown below another one; they may be called without it, too.
SECTIONS: Names = {
    "figures": ("series", "table", "rank", "compare", "rollup", "check", "indicators", "revisions", "non-reports"),
    "archive": (
        "seal", "verify", "restore", "rebuild", "relook", "warc", "show-capture", "replay", "runs", "rule", "withhold",
        "config",
    ),
}  # fmt: skip
#: What a newcomer does, one after the other.
FIRST_STEPS = ("init", "portal", "crawl", "missing", "status")
COMPLETION = "_NIANBAO_COMPLETE"  #: set by a shell that asks what may come next
_NEAR = 0.5


class CommandGroup(TyperGroup):
    """All commands. ``load`` gives the one of a name; ``groups``: those shown, in their groups."""

    load: ClassVar[Callable[[str], Any]] = staticmethod(lambda _: None)
    groups: ClassVar[Names] = HELP_GROUPS
    steps: ClassVar[Sequence[str]] = FIRST_STEPS

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 — its caller names it
        """The names that are shown, in the order of help."""
        return [name for names in self.groups.values() for name in names]

    def known(self) -> list[str]:
        """The names of all commands that can be called here."""
        return [*self.list_commands(None), *(name for names in SECTIONS.values() for name in names)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 — its caller names it
        """The command of a name, loaded when it is first asked for; None: there is none."""
        if cmd_name not in self.commands and cmd_name in self.known():
            self.commands[cmd_name] = type(self).load(cmd_name)
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that ``args`` begin with; where there is none, those that may have been meant are told."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            near = get_close_matches(name, self.known(), 3, _NEAR)
            key = "wrong.command_near" if near else "wrong.command"
            ctx.fail(say("help", current(), key, name=name, near=", ".join(near)))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write what to do first, then each group with its commands."""
        language = current()
        width = max(map(len, self.list_commands(ctx)))
        if self.steps:
            with formatter.section(say("help", language, "group.start")):
                formatter.write_dl([(say("help", language, f"start.{one}"), "") for one in self.steps])
        for group, names in self.groups.items():
            with formatter.section(say("help", language, f"group.{group}")):
                formatter.write_dl([(name.ljust(width), short(name)) for name in names])

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """The commands that begin with what was typed, and then the options."""
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        options = super(TyperGroup, self).shell_complete(ctx, incomplete)
        return [*(CompletionItem(name, help=short(name)) for name in names), *options]


def section(name: str) -> type[CommandGroup]:
    """The group of the commands that are shown below ``name``."""
    return type("Section", (CommandGroup,), {"groups": {name: SECTIONS[name]}, "steps": ()})


def short(name: str) -> str:
    """What a command does, in a few words."""
    return messages("help")[f"short.{name}"][current()]


def completes(words: Sequence[str]) -> bool:
    """Whether a shell asks for completion, or a person how to have it."""
    return COMPLETION in os.environ or any(word.endswith("-completion") for word in words)
