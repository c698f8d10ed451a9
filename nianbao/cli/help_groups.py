"""The program's commands as one finds them: their groups in help, suggestions for a near miss, completion in a shell.

No command is loaded for any of it; the one that was typed is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, ClassVar

from typer.core import CompletionItem, TyperGroup  # type: ignore[attr-defined]  # it is typer's own, and not listed

from nianbao.language import Language, current
from nianbao.messages import messages, say

Names = Mapping[str, tuple[str, ...]]
#: Groups in the order of help → the commands shown there after those that ask the group's questions.
HELP_GROUPS: Names = {
    "ask": ("figures", "export", "serve"),
    "evidence": ("review",),
    "keep": ("backup", "copy", "release", "archive"),
    "crawl": ("up", "worker", "crawl", "portal", "agencies", "import", "schedule", "health"),
    "administer": ("init", "doctor", "read", "classify", "reread"),
}
#: Commands that are shown below another one, likewise; they may be called without it, too.
SECTIONS: Names = {
    "figures": (),
    "archive": (
        "seal", "verify", "restore", "rebuild", "relook", "warc", "show-capture", "replay", "runs", "rule", "withhold",
        "config",
    ),
}  # fmt: skip
#: What a newcomer does, one after the other.
FIRST_STEPS = ("init", "portal", "crawl", "missing", "status")
COMPLETION = "_NIANBAO_COMPLETE"  #: set by a shell that asks what may come next
_NEAR = 0.5


def with_questions(groups: Names) -> Names:
    """Groups of commands, with those that ask questions before the others."""
    from nianbao.questions import QUESTIONS

    own = [one for one in QUESTIONS if one.group]
    return {
        group: (*(one.name.replace("_", "-") for one in own if one.group == group), *names)
        for group, names in groups.items()
    }


class CommandGroup(TyperGroup):
    """All commands, or those shown below the one named ``section``. ``load`` gives the one of a name, or None."""

    load: ClassVar[Callable[[str], Any]] = staticmethod(lambda _: None)
    section: ClassVar[str] = ""

    def groups(self) -> Names:
        """The commands that are shown, in their groups."""
        return {self.section: with_questions(SECTIONS)[self.section]} if self.section else with_questions(HELP_GROUPS)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 — its caller names it
        """The names that are shown, in the order of help."""
        return [name for names in self.groups().values() for name in names]

    def known(self) -> list[str]:
        """The names of all commands that can be called here."""
        below = [] if self.section else [name for names in with_questions(SECTIONS).values() for name in names]
        return [*self.list_commands(None), *below]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name, loaded when it is first asked for; None: there is none."""
        is_here = not self.section or cmd_name in self.list_commands(ctx)
        if cmd_name not in self.commands and is_here and (command := type(self).load(cmd_name)) is not None:
            self.commands[cmd_name] = command
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
        if not self.section:
            with formatter.section(say("help", language, "group.start")):
                formatter.write_dl([(say("help", language, f"start.{one}"), "") for one in FIRST_STEPS])
        for group, names in self.groups().items():
            with formatter.section(say("help", language, f"group.{group}")):
                formatter.write_dl([(name.ljust(width), short(name)) for name in names])

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """The commands that begin with what was typed, and then the options."""
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        options = super(TyperGroup, self).shell_complete(ctx, incomplete)
        return [*(CompletionItem(name, help=short(name)) for name in names), *options]


def section(name: str) -> type[CommandGroup]:
    """The group of the commands that are shown below ``name``."""
    return type("Section", (CommandGroup,), {"section": name})


def short(name: str) -> str:
    """What a command does, in a few words; of a question without such words what it answers."""
    if (entry := messages("help").get(f"short.{name}")) is not None:
        return entry[current()]
    from nianbao.questions import question

    one = question(name.replace("-", "_"))
    return one.zh if current() is Language.ZH else one.en


def completes(words: Sequence[str]) -> bool:
    """Whether a shell asks for completion, or a person how to have it."""
    return COMPLETION in os.environ or any(word.endswith("-completion") for word in words)
