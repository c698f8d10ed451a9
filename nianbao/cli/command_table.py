"""Load the commands of ``nianbao``: their groups in help, suggestions for a mistyped name, completion in a shell.

Commands that ask questions come from ``nianbao/questions.toml``, the others from ``commands.toml``. The module of a
command is imported only when the command is typed: so a question does not wait for Scrapy or for what other questions
import, and help imports none of them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from typing import Annotated, Any

import typer
import typer.main
from typer.core import CompletionItem, TyperArgument, TyperCommand, TyperGroup, TyperOption  # type: ignore[attr-defined]  # CompletionItem is not listed

from nianbao.cli import common
from nianbao.cli.command_functions import Command, for_typer
from nianbao.cli.help_pages import help_text, put_texts, text_of_repeated_option
from nianbao.language import current
from nianbao.messages import messages
from nianbao.sentences import in_language, listed

Names = Mapping[str, Sequence[str]]
_DATA: Mapping[str, Any] = tomllib.loads(files("nianbao.cli").joinpath("commands.toml").read_text(encoding="utf-8"))
HELP_GROUPS: Names = _DATA["groups"]
SECTIONS: Names = _DATA["sections"]
COMMANDS: Mapping[str, Mapping[str, str]] = _DATA["commands"]
#: commands that help shows first, in the order in which a newcomer needs them
FIRST_STEPS = ("init", "portal", "crawl", "missing", "status")
_NEAR = 0.5  # least similarity (0 to 1) of a name that is suggested


def with_questions(groups: Names) -> Names:
    """Return groups of commands with the commands of questions put before the others."""
    from nianbao.questions import QUESTIONS

    own = [one for one in QUESTIONS if one.group]
    return {
        group: [*(one.name.replace("_", "-") for one in own if one.group == group), *names]
        for group, names in groups.items()
    }


class OnceCommand(TyperCommand):
    """A command that refuses an option for one value that is given twice, because one of the two would be ignored."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Refuse repeated options, then read the arguments and options."""
        _, _, order = self.make_parser(ctx).parse_args([*args])
        single = [one for one in order if isinstance(one, TyperOption) and not (one.multiple or one.is_flag)]
        for one in single if not ctx.resilient_parsing else ():
            if single.count(one) > 1:
                common.fail(text_of_repeated_option(ctx.info_name, str(one.name), one.opts[0]))
        return super().parse_args(ctx, args)


class CommandGroup(TyperGroup):
    """A group of commands that answers an unknown name with similar names.

    ``default``: the command used if none is named: ``nianbao release 2026-06`` makes a release, and
    ``nianbao runs`` lists the runs.
    """

    def __init__(self, name: str, default: str = "", **settings: Any) -> None:
        settings.setdefault("params", _typer_command(_nothing, name).params)
        super().__init__(name=name, no_args_is_help=True, rich_markup_mode=None, **settings)
        self.default = default

    def all_names(self) -> list[str]:
        """Return the names of all commands that can be called here."""
        return [*self.commands]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Insert the default command if there is no word, or one that is no command's name and may be its argument."""
        first = next((one for one in args if not one.startswith("-")), None)
        names = {*args[:1], first} & {*ctx.help_option_names, *self.commands}
        if self.default and not names:
            parameters = self.commands[self.default].params
            if args[:1] != [first] or any(isinstance(one, TyperArgument) for one in parameters):  # not only options
                args = [self.default, *args]
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that ``args`` begin with; for an unknown name, fail with suggestions."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            near = _DATA["instead"].get(name) or get_close_matches(name, self.all_names(), 3, _NEAR)
            key = "wrong.command_near" if near else "wrong.command"
            ctx.fail(help_text(key, name=name, near=listed(near), group=ctx.command_path))
        return super().resolve_command(ctx, args)


class LoadedCommands(CommandGroup):
    """All commands, or only those of a section; each command is loaded when it is first needed."""

    @property
    def groups(self) -> Names:
        """The commands that help shows, in their groups."""
        section = str(self.name)
        return {section: with_questions(SECTIONS)[section]} if section in SECTIONS else with_questions(HELP_GROUPS)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 — its caller names it
        """Return the names that help shows, in its order."""
        return [name for names in self.groups.values() for name in names]

    def all_names(self) -> list[str]:
        """Return the names of all commands that can be called here; without a section also those of all sections."""
        below = with_questions(SECTIONS) if self.name not in SECTIONS else {}
        return [*self.list_commands(None), *(name for names in below.values() for name in names)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 — its caller names it
        """Return the command of this name, loaded if necessary; None if there is none."""
        if cmd_name not in self.commands and cmd_name in self.all_names():
            self.commands[cmd_name] = load_command(cmd_name)
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the first steps, then each group with its commands."""
        width = max(map(len, self.list_commands(ctx)))
        if self.name not in SECTIONS:
            with formatter.section(help_text("group.start")):
                formatter.write_dl([(help_text(f"start.{one}"), "") for one in FIRST_STEPS])
        for group, names in self.groups.items():
            with formatter.section(help_text(f"group.{group}")):
                formatter.write_dl([(name.ljust(width), short_help(name)) for name in names])

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return the commands that begin with the typed text, then the options."""
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        options = super(TyperGroup, self).shell_complete(ctx, incomplete)
        return [*(CompletionItem(name, help=short_help(name)) for name in names), *options]


def short_help(name: str) -> str:
    """Return what a command does in a few words: from ``[short]`` of help.toml, else what its question answers."""
    if (entry := messages("help").get(f"short.{name}")) is not None:
        return entry[current()]
    from nianbao.questions import question

    return in_language(question(name.replace("-", "_")))


# ---------------------------------------------------------------------------------------------- loading


def program(*, completes: bool = False) -> Any:
    """Return the program as a command, with its texts in the language of this run. ``completes``: with the options
    that install completion in a shell.
    """
    itself = _typer_command(_nianbao, "nianbao", completes=completes)
    help_options = {"help_option_names": ["-h", "--help"]}
    command = LoadedCommands("nianbao", params=itself.params, help=itself.help, context_settings=help_options)
    put_texts(command, "")
    return command


def _tell_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"nianbao {version('nianbao')}")
        raise typer.Exit


def _nianbao(
    *, show_version: Annotated[bool, typer.Option("--version", callback=_tell_version, is_eager=True)] = False
) -> None:
    """Find, keep and read China's annual open-government reports, and answer from them."""


def _nothing() -> None:
    """Do nothing: a group itself takes only the options of every command."""


def load_command(name: str) -> Any:
    """Load the command of a name, a group (``release``) or a section, with its texts."""
    below = {words.partition(" ")[2]: entry for words, entry in COMMANDS.items() if words.startswith(f"{name} ")}
    command: Any
    if name in SECTIONS:
        command = LoadedCommands(name)
    elif name in COMMANDS:
        command = _own_command(name, COMMANDS[name])
    elif below:
        default = next((one for one, entry in below.items() if entry.get("default")), "")
        command = CommandGroup(name, default, commands={one: _own_command(one, entry) for one, entry in below.items()})
    else:
        from nianbao.cli import question_commands
        from nianbao.questions import question

        first = question(name.replace("-", "_"))
        command = _typer_command(question_commands.command(first), name, question_commands.example_of(first))
    put_texts(command, name)
    return command


def _own_command(name: str, entry: Mapping[str, str]) -> Any:
    """Make a command of ``commands.toml``: ``module:function``; with ``:argument`` the function returns the command."""
    module, function, *arguments = entry["run"].split(":")
    target = getattr(import_module(f"nianbao.cli.commands.{module}"), function)
    return _typer_command(target(*arguments) if arguments else target, name, entry.get("example", ""))


def _typer_command(function: Command, name: str, example: str = "", *, completes: bool = False) -> Any:
    """Make a command of a function, with an example for its help; ``completes``: with options for shell completion."""
    app = typer.Typer(add_completion=completes, rich_markup_mode=None)
    app.command(name, cls=OnceCommand, epilog=f"nianbao {example}" if example else None)(for_typer(function))
    return typer.main.get_command(app)
