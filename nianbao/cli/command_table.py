"""All commands of ``nianbao``: those that fetch, and those of the archive beside them.

The module of a command is imported when it is mounted, and only the command that was typed is: a question is answered
without Scrapy, and without what other questions need.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from sqlalchemy.exc import SQLAlchemyError

from archive.forms.loader import FormError, load_forms
from archive.interfaces import common
from archive.interfaces.cli import mount
from archive.interfaces.outlet import delivered, print_whole
from archive.interfaces.output import say
from archive.interfaces.unseen import safe_text, show_all_characters
from archive.queries.bounds import QueryError
from archive.queries.nearest import NotKnownError
from crawler.errors import CrawlError
from nianbao.cli.help_groups import HelpGroup
from storage.errors import StorageError, cannot_write, is_of_the_disk
from storage.home import Home, HomeError, UnusableError, is_full

_IMPORT = "nianbao import tests/cases/lines.txt --url http://www.wenshang.gov.cn/a.txt --by me"
_HELP = frozenset(("-h", "--help", "--version"))  #: for which no command is loaded
_INTERRUPTED = 130  # with which typer ends, without a word, what Ctrl-C stops
#: name, module of this package and function in it, example
COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("crawl", "crawl:crawl", "nianbao crawl wenshang yiyuan"),
    ("relook", "crawl:relook_command", "nianbao relook wenshang"),
    ("import", "imports:import_command", f"{_IMPORT} --fetched 2026-02-03T10:00+08:00"),
    ("up", "up:up", "nianbao up --help"),
    ("worker", "worker:worker", "nianbao worker --help"),
    ("health", "health:health", "nianbao health"),
    ("copy", "copying:copy", "nianbao copy --help"),
)
#: Groups of commands, likewise.
GROUPS: tuple[tuple[str, str], ...] = (
    ("portal", "portals:portal"),
    ("runs", "runs:runs"),
    ("schedule", "schedule:schedule"),
)


def application(words: Sequence[str] = ()) -> typer.Typer:
    """The program with the command that ``words`` begin with; with all where they name none, and with none for help."""
    app = typer.Typer(
        name="nianbao",
        cls=HelpGroup,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(nianbao)
    if not words or (words[0] not in _HELP and not _mount(app, words[0])):
        _mount(app, None)
    common.spiders_of = _spiders
    return app


def _mount(app: typer.Typer, wanted: str | None) -> bool:
    found = False
    for name, place, text in COMMANDS:
        if wanted in {None, name}:
            app.command(name, epilog=common.example(text))(_found(place))
            found = True
    for name, place in GROUPS:
        if wanted in {None, name}:
            app.add_typer(_found(place), name=name)
            found = True
    return mount(app, wanted) or found


def _found(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(f"nianbao.cli.{module}"), name)


def _spiders(home: Home) -> Iterable[str]:
    """The names of the portals that can be crawled."""
    found: Iterable[str] = _found("portals:classes")(home)
    return found


def _version(wanted: bool) -> None:
    if wanted:
        say(f"nianbao {version('nianbao')}")
        raise typer.Exit


def nianbao(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="The version, and nothing else.")
    ] = False,
) -> None:
    """The archive of China's annual open-government reports (政府信息公开工作年度报告): find, keep, read, answer."""


def _carry_out(words: Sequence[str]) -> None:
    try:
        load_forms()  # a form file that does not hold together is told before anything is done with it
        application(words or ("--help",))(args=[*words])
    except SystemExit as ended:
        if ended.code == _INTERRUPTED:
            raise KeyboardInterrupt from ended
        raise
    finally:
        delivered()


def run(words: Sequence[str]) -> None:
    """Run a command; what could not be finished is said in one sentence, with what was kept."""
    if sys.stdout is None:
        if sys.stderr is not None:
            typer.echo("nianbao: standard output is closed: nothing could be shown, and nothing was done", err=True)
        sys.exit(common.UNFINISHED)
    print_whole()
    show_all_characters()
    try:
        _carry_out(words)
    except (NotKnownError, QueryError) as error:
        typer.echo(f"nianbao: {safe_text(str(error))}", err=True)
        sys.exit(common.USAGE)
    except FormError as error:
        typer.echo(f"nianbao: {error}", err=True)
        sys.exit(common.USAGE)
    except (StorageError, CrawlError) as error:
        typer.echo(f"nianbao: {safe_text(str(error))}", err=True)
        wrong = isinstance(error, HomeError) and not isinstance(error, UnusableError)
        sys.exit(common.USAGE if wrong else common.UNFINISHED)
    except SQLAlchemyError as error:
        orig = getattr(error, "orig", None)
        cause = str(orig or error).splitlines()[0]
        todo = ". First see that there is room and that the disk is sound, then run it again" if is_full(orig) else ""
        typer.echo(
            f"nianbao: the database could not do its work ({cause}); what was stored before is kept{todo}", err=True
        )
        sys.exit(common.UNFINISHED)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            # the reader of a pipe has seen enough; that is no fault of anybody's
            sys.exit(common.DONE)
        if not is_of_the_disk(error):
            raise
        typer.echo(f"nianbao: {cannot_write(error.filename or 'the disk', error)}", err=True)
        sys.exit(common.UNFINISHED)
    except KeyboardInterrupt:
        typer.echo("nianbao: stopped; what was fetched and committed until now is kept", err=True)
        sys.exit(common.UNFINISHED)
