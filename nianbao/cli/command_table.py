"""All commands of ``nianbao``.

The module of a command is imported when it is mounted, and only the command that was typed is: a question is answered
without Scrapy, and without what other questions need.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from sqlalchemy.exc import SQLAlchemyError

from archive.exports.safe_text import safe_text, show_all_characters
from archive.forms.loader import FormError, load_forms
from archive.queries.bounds import QueryError
from archive.queries.nearest import NotKnownError
from crawler.errors import CrawlError
from nianbao import language
from nianbao.cli import common
from nianbao.cli.help_groups import HelpGroup
from nianbao.cli.output import say
from nianbao.cli.standard_output import delivered, print_whole
from storage.errors import StorageError, cannot_write, is_of_the_disk
from storage.home import Home, HomeError, UnusableError, is_full

_IMPORT = "nianbao import tests/cases/lines.txt --url http://www.wenshang.gov.cn/a.txt --by me"
_HELP = frozenset(("-h", "--help", "--version"))  #: for which no command is loaded
_INTERRUPTED = 130  # with which typer ends, without a word, what Ctrl-C stops
#: name, module in ``commands`` and function in it, example; each example works on the archive that `make demo` leaves
#: (a test runs them)
COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("init", "archive_care:init", "nianbao init my-archive"),
    ("reread", "archive_care:reread", "nianbao reread"),
    ("rebuild", "archive_care:rebuild", "nianbao rebuild"),
    ("coverage", "questions:coverage", "nianbao coverage 370830 --years 2022-2025"),
    ("missing", "questions:missing", "nianbao missing 2025 汶上县"),
    ("late", "questions:late", "nianbao late 2025 --min-days 1"),
    ("status", "questions:status", "nianbao status 汶上县司法局 2025"),
    ("show", "questions:show", "nianbao show 汶上县司法局 2022"),
    (
        "series",
        "questions:series",
        "nianbao series applications.received.total --place 370830 --years 2021-2025 --wide",
    ),
    ("table", "questions:table", "nianbao table applications.received.total --bodies --group-by portal"),
    ("rank", "questions:rank", "nianbao rank applications.received.total 2024 --bodies --limit 5"),
    ("compare", "questions:compare", "nianbao compare applications.received.total 2022 2023 --bodies"),
    ("indicators", "questions:indicators", "nianbao indicators 不予公开"),
    ("check", "questions:check", "nianbao check 370830 --years 2022-2025 --severity warning"),
    ("rollup", "questions:rollup", "nianbao rollup 汶上县 2025"),
    (
        "search",
        "questions:search",
        "nianbao search 行政复议 --years 2024-2025 --place 3708 --limit 3",
    ),
    ("non-reports", "questions:non_reports", "nianbao non-reports 汶上县"),
    ("diff", "questions:diff", "nianbao diff 济宁市生态环境局汶上县分局 2025"),
    ("revisions", "questions:revisions", "nianbao revisions --year 2025 --since 2026-02-01"),
    ("news", "questions:news", "nianbao news --since 2026-02-01 --until 2026-03-01"),
    (
        "show-capture",
        "show_capture:show_capture_command",
        "nianbao show-capture http://www.yiyuan.gov.cn/robots.txt --verify --headers",
    ),
    ("cite", "questions:cite", "nianbao cite 汶上县司法局 2022 --cell applications.received.total"),
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
    ("restore", "backup:restore", "nianbao restore demo-archive my-archive"),
    ("replay", "replay:replay", "nianbao replay --portal jiyuan --dry-run"),
    ("config", "config:config_command", "nianbao config"),
    ("doctor", "doctor:doctor", "nianbao doctor"),
    ("crawl", "crawl:crawl", "nianbao crawl wenshang yiyuan"),
    ("relook", "crawl:relook_command", "nianbao relook wenshang"),
    ("import", "imports:import_command", f"{_IMPORT} --fetched 2026-02-03T10:00+08:00"),
    ("serve", "serve:serve", "nianbao serve --help"),
    ("up", "up:up", "nianbao up --help"),
    ("health", "health:health", "nianbao health"),
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
    return found


def _found(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(f"nianbao.cli.commands.{module}"), name)


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
    language.use(language.choose(words, os.environ))
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
