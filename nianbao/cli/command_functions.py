"""Convert a plain function to a command: parameters before ``*`` become arguments, those behind ``*`` options."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, get_origin

import typer

from nianbao.cli import common
from nianbao.cli.output import Printer
from nianbao.language import Language

Command = Callable[..., None]
#: parameter of a question → option of another name
_OF_QUESTIONS = {"a": "--from", "b": "--to", "by": "--group-by"}  # ``--by`` names a person in other commands
#: parameter of a command's function → option of another name
_FLAGS = {
    "a_minute": "--rate", "all_portals": "--all", "division": "--place", "every": "--all",
    "everything": "--all", "fmt": "--format", "portal_name": "--portal",
    "role": "--as", "send_test": "--test-message", "verified": "--verify", "zipped": "--zip",
    "visit_everything": "--visit-all", "open_browser": "--open",
    "as_json": "--json", "as_jsonl": "--jsonl", "as_csv": "--csv",
}  # fmt: skip
#: parameter → the smallest and the largest number allowed
_BOUNDS: Mapping[str, tuple[int, int | None]] = {
    "a_minute": (0, None), "jobs": (1, 64), "limit": (1, None), "port": (0, 65_535), "requests": (1, 2_000),
    "side_by_side": (1, 64), "workers": (1, 64),
}  # fmt: skip
#: parameter of a command's function → what shells offer for it
_OFFERED = {
    "slugs": "portal", "names": "portal", "which": "portal",
    "words": "portal", "portal": "portal", "portal_name": "portal", "agency": "agency",
    "subject": "agency", "place": "place", "division": "place", "year": "year", "years": "years",
}  # fmt: skip
ARCHIVE = Parameter("archive", Parameter.KEYWORD_ONLY, default=None, annotation=Path | None)
LANGUAGE = Parameter("lang", Parameter.KEYWORD_ONLY, default=None, annotation=Language | None)


def option(name: str) -> str:
    """Return the option for a question's parameter."""
    return _OF_QUESTIONS.get(name, f"--{name.replace('_', '-')}")


def archive_command(*formats: str, whole: bool = False, optional: bool = False) -> Callable[[Command], Command]:
    """Return a decorator for commands: it opens ``--archive`` and passes it to the function as ``home``, and a
    :class:`Printer` as ``printer`` if there are ``formats``. ``whole``: refuse a damaged database (for commands that
    verify or copy the archive); ``optional``: pass None if no archive is named.
    """

    def decorate(function: Command) -> Command:
        """Return ``function`` with the options --archive and one for each format, which it does not see itself."""

        def run(**given: Any) -> None:
            """Open the archive (``optional``: if one is named), call the command with it, then close it."""
            if formats:
                given["printer"] = printer_of(given)
            archive = given.pop("archive")
            is_named = not optional or archive is not None or os.environ.get("NIANBAO_ARCHIVE")
            with common.opened(archive, whole=whole) if is_named else nullcontext() as home:
                of_portals = {
                    key: common.portal_if_place(home, given[key]) for key in given if _OFFERED.get(key) == "portal"
                }
                function(home, **given | of_portals)

        own = [one for one in parameters_of(function) if one.name not in {"home", "printer"}]
        return with_parameters(run, [*own, ARCHIVE, *(keyword(f"as_{one}", bool, False) for one in formats)])

    return decorate


def printer_of(values: dict[str, Any]) -> Printer:
    """Return the printer that the flags ``as_json``, ``as_jsonl``, ``as_csv`` ask for; remove them from ``values``."""
    flags = [one for one in Printer if values.pop(f"as_{one.value}", False)]
    return flags[0] if flags else Printer.TABLE


def parameters_of(function: Command) -> list[Parameter]:
    """Return the parameters of a function, with their types."""
    return [*signature(function, eval_str=True).parameters.values()]


def keyword(name: str, annotation: Any, default: Any) -> Parameter:
    """Return a keyword parameter, which becomes an option of a command."""
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def with_parameters(run: Command, parameters: list[Parameter]) -> Command:
    """Give a function that takes ``**given`` a signature with these parameters, which typer reads."""
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


def for_typer(function: Command) -> Command:
    """Wrap a function for typer: arguments and options are declared, and all are passed by name, except ``--lang``,
    which every command takes and ``nianbao.language`` has read before.
    """
    parameters = parameters_of(function)
    if not any(one.name == LANGUAGE.name for one in parameters):
        parameters.append(LANGUAGE)

    def run(**given: Any) -> None:
        del given[LANGUAGE.name]
        function(**given)

    run.__doc__ = function.__doc__
    return with_parameters(run, [*map(_declared, parameters)])


def _declared(one: Parameter) -> Parameter:
    """Declare a parameter as an argument or option of typer, unless its annotation declares it already."""
    annotation = one.annotation
    if get_origin(annotation) is not Annotated:
        is_option = one.kind is Parameter.KEYWORD_ONLY
        complete = common.completion(_OFFERED[one.name]) if one.name in _OFFERED else None
        argument = typer.Argument(show_default=False, autocompletion=complete)
        annotation = Annotated[annotation, _option(one, complete) if is_option else argument]
    return one.replace(kind=Parameter.KEYWORD_ONLY, annotation=annotation)


def _option(one: Parameter, complete: Callable[..., Any] | None) -> Any:
    """Return a parameter as an option; a flag that is on by default, or may be None, also gets ``--no-…``."""
    flag = _FLAGS.get(one.name, f"--{one.name.replace('_', '-')}")
    has_opposite = (one.annotation is bool and one.default is True) or one.annotation == (bool | None)
    if has_opposite:
        flag = f"{flag}/--no-{flag.removeprefix('--')}"
    least, most = _BOUNDS.get(one.name, (None, None))
    return typer.Option(
        flag, min=least, max=most, envvar="NIANBAO_ARCHIVE" if one.name == "archive" else None,
        show_default=one.default not in (None, "", False, Parameter.empty), autocompletion=complete,
    )  # fmt: skip
