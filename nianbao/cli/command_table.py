"""All commands of ``nianbao``: those that ask questions come from ``nianbao/questions.py``, the others stand here.

The module of a command is imported when the command was typed: a question is answered without Scrapy, and without what
other questions need, and help without any of them.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any, NoReturn

import typer
import typer.main

from nianbao import language
from nianbao.cli import exit_codes
from nianbao.cli.help_groups import HELP_GROUPS, SECTIONS, CommandGroup, completes, section, with_questions
from nianbao.cli.help_pages import put_texts
from nianbao.cli.recorded_help import ASKED, recorded_page
from nianbao.cli.standard_output import delivered, print_whole

_IMPORT = "nianbao import tests/cases/lines.txt --url http://www.wenshang.gov.cn/a.txt --by me"
_INTERRUPTED = 130  # with which typer ends what Ctrl-C stops
#: name, module in ``commands`` and function in it, example; each example works on the archive that `make demo` leaves
#: (a test runs them)
COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("init", "archive_care:init", "nianbao init my-archive"),
    ("reread", "archive_care:reread", "nianbao reread"),
    ("rebuild", "archive_care:rebuild", "nianbao rebuild"),
    (
        "show-capture",
        "show_capture:show_capture_command",
        "nianbao show-capture http://www.yiyuan.gov.cn/robots.txt --verify --headers",
    ),
    (
        "rule",
        "archive_care:rule",
        "nianbao rule duty 汶上县司法局/2022 status=expected --by archivist --reason 'in the county list'",
    ),
    ("review", "review:review_command", "nianbao review --portal wenshang"),
    ("read", "read:read", "nianbao read imitation/goldens/jiyuan_czj_2025.doc --place 济源市"),
    (
        "classify",
        "read:classify_command",
        "nianbao classify --title 司法局2022年政府信息公开工作年度报告 --place 汶上县",
    ),
    (
        "withhold",
        "withhold:withhold_command",
        "nianbao withhold 汶上县司法局 2022 --by archivist --reason 'an applicant is named in it'",
    ),
    ("seal", "seal:seal", "nianbao seal"),
    ("verify", "seal:verify", "nianbao verify"),
    ("backup", "backup:backup", "nianbao backup my-copy"),
    ("restore", "backup:restore", "nianbao restore my-copy my-archive"),
    ("replay", "replay:replay", "nianbao replay --portal jiyuan --dry-run"),
    ("config", "config:config_command", "nianbao config"),
    ("doctor", "doctor:doctor", "nianbao doctor"),
    ("crawl", "crawl:crawl", "nianbao crawl wenshang yiyuan"),
    ("relook", "crawl:relook_command", "nianbao relook wenshang"),
    ("import", "imports:import_command", f"{_IMPORT} --fetched 2026-02-03T10:00+08:00"),
    ("serve", "serve:serve", "nianbao serve --help"),
    ("up", "worker:up", "nianbao up --help"),
    ("worker", "worker:worker", "nianbao worker --help"),
    ("health", "health:health", "nianbao health"),
    ("copy", "backup:copy", "nianbao copy --help"),
)
#: Groups of commands, likewise.
GROUPS: tuple[tuple[str, str], ...] = (
    ("agencies", "agencies:agencies"),
    ("export", "export:export"),
    ("release", "release:release"),
    ("warc", "warc:warc"),
    ("portal", "portals:portal"),
    ("runs", "runs:runs"),
    ("schedule", "schedule:schedule"),
)


_PLACES = {name: place for name, place, _ in COMMANDS} | dict(GROUPS)
_EXAMPLES = {name: text for name, _, text in COMMANDS}
_SETTINGS: dict[str, Any] = {
    "no_args_is_help": True,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}


def application(words: Sequence[str] = ()) -> typer.Typer:
    """The program for typer; its commands are loaded when they are asked for. ``words``: what was typed."""
    CommandGroup.load = staticmethod(_loaded)
    app = typer.Typer(name="nianbao", cls=CommandGroup, add_completion=completes(words), **_SETTINGS)
    app.callback()(nianbao)
    return app


def program(words: Sequence[str] = ()) -> Any:
    """The program with its texts in the language of this run."""
    command = typer.main.get_command(application(words))
    put_texts(command, "")
    return command


def _loaded(name: str) -> Any:
    """The command of a name, with its texts; None: there is none."""
    app = typer.Typer(add_completion=False, **_SETTINGS)
    app.callback()(nianbao)
    if name in SECTIONS:
        app.add_typer(typer.Typer(cls=section(name), callback=_nothing, no_args_is_help=True), name=name)
    elif name in _EXAMPLES:
        app.command(name, epilog=_EXAMPLES[name])(_function_of(name))
    elif name in _PLACES:
        app.add_typer(_function_of(name), name=name)
    elif name in {one for names in with_questions({**SECTIONS, **HELP_GROUPS}).values() for one in names}:
        from nianbao.cli import derived
        from nianbao.questions import question

        one = name.replace("-", "_")
        app.command(name, epilog=derived.example_of(question(one)))(derived.command(one))
    else:
        return None
    group: Any = typer.main.get_command(app)
    command = group.commands[name]
    put_texts(command, name)
    return command


def _nothing() -> None:
    """Nothing is done before the commands of a section."""


def _function_of(name: str) -> Any:
    module, _, function = _PLACES[name].partition(":")
    return getattr(import_module(f"nianbao.cli.commands.{module}"), function)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nianbao {version('nianbao')}")
        raise typer.Exit


def nianbao(show_version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False) -> None:
    """Find, keep and read China's annual open-government reports, and answer from them."""


def _carry_out(words: Sequence[str]) -> int:
    page = None if completes(words) else recorded_page(words, language.current())
    if page is not None:
        if not words:  # as typer does where a command is missing
            sys.stderr.write(page)
            return exit_codes.USAGE
        delivered(page)
        return exit_codes.DONE
    if not ASKED & set(words) and words and not completes(words):
        from archive.forms.loader import load_forms

        load_forms()  # a form file that does not hold together is told before anything is done with it
    try:
        code = program(words).main(args=[*words], prog_name="nianbao", standalone_mode=False)
    finally:
        delivered()
    if code == _INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else exit_codes.DONE


class _Stop:
    """Stops a command at a signal, and remembers it: a library may make another exception of the interrupt."""

    def __init__(self) -> None:
        self.requested = False

    def __call__(self, *_: object) -> NoReturn:
        self.requested = True
        raise KeyboardInterrupt


def run(words: Sequence[str], signals: Sequence[int] = ()) -> None:
    """Run a command that ``signals`` stop; what could not be finished is told in one sentence."""
    stop = _Stop()
    language.use(language.choose(words, os.environ))
    if sys.stdout is None:
        if sys.stderr is not None:
            exit_codes.tell("closed")
        sys.exit(exit_codes.UNFINISHED)
    print_whole()
    from archive.exports.safe_text import show_all_characters

    show_all_characters()
    try:
        for number in signals:
            signal.signal(number, stop)
        code = _carry_out(words)
    except (Exception, KeyboardInterrupt) as error:
        _ignore(signals)
        if stop.requested or isinstance(error, KeyboardInterrupt):  # no import: half of one may be there
            sys.exit(exit_codes.tell_stopped(next((word for word in words if word in _PLACES), "")))
        from nianbao.cli.failures import tell_failure

        ended = tell_failure(error)
        if ended is None:
            raise
        sys.exit(ended)
    _ignore(signals)
    sys.exit(code)


def _ignore(signals: Sequence[int]) -> None:
    """Let no second signal disturb the end."""
    for number in signals:
        signal.signal(number, signal.SIG_IGN)
