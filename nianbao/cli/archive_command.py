"""How a function that is given an open archive becomes a command with the options that all such commands have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature, signature
from typing import Any

from nianbao.cli import common
from nianbao.cli.output import Output, chosen_format

_FORMATS: Mapping[str, Any] = {"json": common.JsonOption, "csv": common.CsvOption}


def archive_command(*formats: str, whole: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Open ``--archive`` for a function, and give it an :class:`Output` as ``out`` where it answers in ``formats``.

    ``whole``: it proves or copies the archive, and is refused where the database is damaged.
    """

    def made(function: Callable[..., None]) -> Callable[..., None]:
        def run(**given: Any) -> None:
            wanted = {name: given.pop(f"as_{name}") for name in formats}
            out = {"out": Output(chosen_format(wanted))} if formats else {}
            with common.opened(given.pop("archive"), whole=whole) as home:
                function(home, **given, **out)

        own = [
            one for name, one in signature(function, eval_str=True).parameters.items() if name not in {"home", "out"}
        ]
        return with_parameters(run, function.__name__, [*own, *common_parameters(*formats)])

    return made


def common_parameters(*formats: str) -> list[Parameter]:
    """``--archive`` and a flag for each format."""
    more = [keyword(f"as_{name}", _FORMATS[name], False) for name in formats]
    return [keyword("archive", common.ArchiveOption, None), *more]


def keyword(name: str, annotation: Any, default: Any) -> Parameter:
    """A parameter of a command."""
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def with_parameters(run: Callable[..., None], name: str, parameters: list[Parameter]) -> Callable[..., None]:
    """Make typer see these parameters of a function that takes any."""
    taken = [one.replace(kind=Parameter.KEYWORD_ONLY) for one in parameters]
    run.__signature__ = Signature(taken)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in taken}
    run.__name__ = name
    return run
