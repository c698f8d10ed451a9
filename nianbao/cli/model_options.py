"""The arguments and options of a command for the parameters of a pydantic model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from inspect import Parameter
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import typer

from nianbao.cli import common
from nianbao.cli.command_functions import keyword
from nianbao.sentences import sentence

#: options that are not called like their parameter
OPTIONS = {"a": "--from", "b": "--to", "by": "--group-by"}  # --by is a person: who rules, brings in, sets
_JOINED = frozenset({"query"})  # texts whose words are given one by one
_METAVARS = {"query": "WORDS", "a": "FROM", "b": "TO", "body": "WHAT"}  # what an argument is called in help
_DAYS = frozenset({"as_of", "since", "until"})
_YEARS = frozenset({"before", "after", "codes"})  # and those whose names end in ``year``
_MAX_SHOWN = 3  # values of a choice that stand in help


def option(name: str) -> str:
    """The option of a parameter."""
    return OPTIONS.get(name, f"--{name.replace('_', '-')}")


def argument(name: str) -> str:
    """What an argument is called in help."""
    return _METAVARS.get(name, name.upper())


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """``fields``: the parameters; ``arguments``: those that may be given without names, in this order; ``needed``:
    those that must be given.
    """

    fields: Mapping[str, Any]
    arguments: Sequence[str] = ()
    needed: Collection[str] = ()

    def parameters(self) -> list[Parameter]:
        """What typer is told, those without names first. Each of these has an option, too, that help leaves out."""
        options = [name for name in self.fields if name != "lang"]
        return [*map(self._argument, self.arguments), *map(self._option, options)]

    def _argument(self, name: str) -> Parameter:
        several = _takes_several(self.fields[name].annotation) or name in _JOINED
        metavar = f"{{{argument(name)}}}" if name in self.needed else argument(name)
        kind: Any = list[str] if several else str
        completion = _completion(name, self.fields[name].annotation)
        declaration = typer.Argument(metavar=metavar, show_default=False, autocompletion=completion)
        return keyword(f"{name}_given", Annotated[kind | None, declaration], None)

    def _option(self, name: str) -> Parameter:
        field = self.fields[name]
        if field.annotation is bool:
            return keyword(name, Annotated[bool, typer.Option(option(name))], False)
        hides_default = field.is_required() or field.default in (None, ()) or name == "limit"
        kind: Any = list[str] if _takes_several(field.annotation) else str
        declaration = typer.Option(
            option(name), metavar=_metavar(name, field.annotation), hidden=name in self.arguments,
            show_default=False if hides_default else str(field.default),
            autocompletion=_completion(name, field.annotation),
        )  # fmt: skip
        return keyword(name, Annotated[kind | None, declaration], None)

    def given(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What was given for the parameters; words without a name go to those that no option gave, in their order."""
        parameters = {name: values[name] for name in self.fields if name in values and name != "lang"}
        parameters = {name: value for name, value in parameters.items() if value not in (None, False, [], ())}
        arguments = [values.get(f"{name}_given") for name in self.arguments]
        words = [each for one in arguments if one is not None for each in (one if isinstance(one, list) else [one])]
        for name in self.arguments:
            if name in parameters or not words:
                continue
            if _takes_several(self.fields[name].annotation):
                parameters[name], words = words, []
            elif name in _JOINED:
                parameters[name], words = " ".join(words), []
            else:
                parameters[name], *words = words
        if words:
            options = sentence("join.names").join(map(option, self.arguments))
            common.fail(sentence("page.too_many", word=words[0], options=options))
        return parameters


def _completion(name: str, hint: Any) -> Callable[..., list[Any]]:
    """The function by which a shell is told which values of a parameter fit what was typed."""

    def complete(ctx: typer.Context, incomplete: str) -> list[Any]:
        from nianbao.cli.completion import values_begun

        return values_begun(name, _choices(hint), ctx.params.get("archive"), incomplete)

    return complete


def _choices(hint: Any) -> tuple[str, ...]:
    """The words of the vocabulary that a parameter takes; () for another one."""
    kind = next(_types(hint))
    vocabulary = [one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, StrEnum)]
    return tuple(vocabulary[0]) if vocabulary else ()


def _types(hint: Any) -> Iterator[Any]:
    """What a parameter may be, without None and without what is told about it."""
    if hasattr(hint, "__metadata__"):
        yield from _types(hint.__origin__)
    elif NoneType in get_args(hint):
        yield from (each for one in get_args(hint) if one is not NoneType for each in _types(one))
    else:
        yield hint


def _takes_several(hint: Any) -> bool:
    return any(get_origin(one) in {list, frozenset} for one in _types(hint))


def _metavar(name: str, hint: Any) -> str:
    if choices := _choices(hint):
        return "|".join(choices) if len(choices) <= _MAX_SHOWN else name.upper()
    kind = next(_types(hint))
    if kind is int and not name.endswith("year") and name not in _YEARS:
        return "NUMBER"
    return "DAY" if name in _DAYS else argument(name)
