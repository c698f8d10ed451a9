"""Convert the exception that ended a command to a sentence on standard error and an exit code.

Exceptions of other packages may have a ``code``, for which ``errors.toml`` has a sentence in both languages; without an
entry the message of the exception is printed.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

import typer
from sqlalchemy.exc import SQLAlchemyError
from typer.exceptions import TyperException

from crawler.errors import CrawlError
from nianbao.cli import common
from nianbao.cli.help_pages import help_text, with_parameter_names
from nianbao.rulings import RulingError
from nianbao.sentences import listed, worded
from storage.errors import CodedError, DiskError, StorageError, cannot_write, database_error, is_of_the_disk
from storage.home import HomeError, UnusableError

#: how the codes of errors begin which the crawl met, and not the person who typed the command
_UNFINISHED_CRAWLS = (
    "alerts.", "clock_off", "imitation.", "portal.faulty", "portal.nothing_to_write", "portal.unsafe", "probe.",
    "run.stopped", "up.",
)  # fmt: skip
_NO_CHOICE = re.compile(r"(?:Value error, )?'(?P<value>.*)' is not one of (?P<choices>.*)\.")  # as typer writes it
_EXTRA = re.compile(r"unexpected extra arguments? ?(?:\(s\) )?\((.*)\)")  # likewise


def tell_failure(error: BaseException) -> int | None:
    """Print on standard error what went wrong and return the exit code; None for a bug, which needs a traceback."""
    if isinstance(error, TyperException):
        return _wrong_usage(error)
    if isinstance(error, typer.Abort):
        common.write_error(common.program_error("stopped"))
        return common.UNFINISHED
    if isinstance(error, BrokenPipeError):
        return common.DONE  # the reader of a pipe (``head``) has seen enough: no error
    if isinstance(error, SQLAlchemyError):
        return _of_the_database(error)
    if isinstance(error, OSError):
        if not is_of_the_disk(error):
            return None
        error = cannot_write(error.filename or common.program_error("disk"), error)
    if not isinstance(error, (CodedError, RulingError)):
        return None
    common.write_error(worded(error))
    if isinstance(error, CrawlError):
        return common.UNFINISHED if error.code.startswith(_UNFINISHED_CRAWLS) else common.USAGE
    is_named_wrongly = isinstance(error, HomeError) and not isinstance(error, UnusableError)
    return common.UNFINISHED if isinstance(error, StorageError) and not is_named_wrongly else common.USAGE


def _of_the_database(error: SQLAlchemyError) -> int:
    orig = getattr(error, "orig", None)
    is_full = isinstance(database_error("", orig, writing=True), DiskError)
    key = "database_full" if is_full else "database"
    common.write_error(common.program_error(key, cause=str(orig or error).splitlines()[0]))
    return common.UNFINISHED


def _wrong_usage(error: TyperException) -> int:
    """Print how the command is used, what is wrong in the typed one, and similar names; return the exit code."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message(), err=True)
        return common.USAGE
    if context is not None:
        typer.echo(context.get_usage(), err=True)
        typer.echo(help_text("wrong.try", command=context.command_path), err=True)
    typer.echo(help_text("wrong.error", what=_what_is_wrong(error)), err=True)
    if type(error).__name__ == "MissingParameter" and context is not None and context.command.epilog:
        typer.echo(context.command.epilog, err=True)
    return common.USAGE


def _what_is_wrong(error: TyperException) -> str:
    """Return our sentence for a common mistake in a command line; for any other the message of typer."""
    name, parameter = type(error).__name__, getattr(error, "param", None)
    if name == "NoSuchOption":
        near, option = sorted(getattr(error, "possibilities", None) or ()), getattr(error, "option_name", "")
        takes_one_year = option == "--years" and "--year" in near
        key = "wrong.one_year" if takes_one_year else "wrong.option_near" if near else "wrong.option"
        key = "wrong.behind" if option == "--archive" else key  # each command takes it, the program does not
        return help_text(key, name=option, near=listed(near))
    hint = parameter.get_error_hint() if parameter is not None else getattr(error, "param_hint", None) or ""
    if name == "MissingParameter":
        return help_text("wrong.missing", name=_parameter_name(parameter, hint))
    if name == "BadParameter":
        return help_text("wrong.value", name=_parameter_name(parameter, hint), why=_why_bad(error.message))
    if error.message == "Missing command.":
        return help_text("wrong.no_command")
    extra = _EXTRA.search(error.message)
    return help_text("wrong.extra", words=extra[1]) if extra else error.format_message()


def _why_bad(message: str) -> str:
    """Return why a value is wrong; if it is not one of a few choices, with the choices and similar ones."""
    match = _NO_CHOICE.match(message)
    if match is None:
        return message
    choices = [one.strip(" '") for one in match["choices"].replace(" or ", ", ").split(",") if one.strip()]
    near = listed(get_close_matches(match["value"], choices, 2, 0.5))
    key = "wrong.choice_near" if near else "wrong.choice"
    return help_text(key, value=match["value"], near=near, choices=listed(choices))


def _parameter_name(parameter: object, hint: str) -> str:
    options = getattr(parameter, "opts", ())
    return " / ".join(options) if any(one.startswith("-") for one in options) else with_parameter_names(hint)
