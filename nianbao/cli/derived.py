"""The command of a question, made from its entry in ``nianbao/questions.py`` and from how its answer is shown.

Arguments and options are the parameters of the question. What is special to a terminal stands in ``answers/``: a
function whose keyword parameters are further options; without one the answer is shown as a table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from importlib import import_module
from inspect import Parameter, Signature, signature
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import typer

from nianbao.cli import common
from nianbao.cli.asking import LangOption, OutputOption, SlimOption, View
from nianbao.cli.output import chosen
from nianbao.language import Language, current
from nianbao.parameters import Lang
from nianbao.questions import QUESTIONS, Question, question
from nianbao.sentences import phrase

#: options that are not called like their parameter
OPTIONS = {"a": "--from", "b": "--to", "by": "--group-by"}  # --by is a person: who rules, brings in, sets
_WORDS = frozenset({"query"})  # texts whose words are given one by one
_WORD = {"query": "WORDS", "a": "FROM", "b": "TO", "body": "WHAT"}  # what an argument is called in help


def command_name(one: Question) -> str:
    """The words of the command that asks a question."""
    return one.command or one.name.replace("_", "-")


def option(name: str) -> str:
    """The option of a parameter."""
    return OPTIONS.get(name, f"--{name.replace('_', '-')}")


def example_of(one: Question) -> str:
    """The example under the help of a question's command."""
    given, words = dict(one.example), ["nianbao", command_name(one)]
    for name in one.arguments:
        if name not in given:
            break
        value = given.pop(name)
        words += value if isinstance(value, list) else [str(value)]
    for name, value in given.items():
        words += [option(name)] if value is True else [option(name), str(value)]
    return " ".join(words)


def command(name: str) -> Callable[..., None]:
    """The function, for typer, of the command that asks the question ``name``. Raises KeyError."""
    first = question(name)
    same = [one for one in QUESTIONS if one is not first and command_name(one) == command_name(first)]
    return _command([first, *same])


def show_function(one: Question) -> Callable[..., None]:
    """How the answer of a question is shown."""
    module, _, name = (one.terminal or "lists:show_list").partition(":")
    found: Callable[..., None] = getattr(import_module(f"nianbao.cli.answers.{module}"), name)
    return found


def _command(asked: Sequence[Question]) -> Callable[..., None]:
    first, show = asked[0], show_function(asked[0])
    fields = _fields(asked)
    extra = [one for one in signature(show, eval_str=True).parameters.values() if one.kind is Parameter.KEYWORD_ONLY]
    needed = {name for name in fields if all(_needs(one, name) for one in asked)}
    parameters = [*parameters_of(fields, first.arguments, needed), *extra, *_common(first.is_list)]

    def run(**given: Any) -> None:
        more = {one.name: given.pop(one.name) for one in extra}
        fmt = chosen(given.pop("as_json"), given.pop("as_csv"), given.pop("as_jsonl"))
        archive, output = given.pop("archive"), given.pop("output", None)
        slim, lang = given.pop("slim", False), given.pop("lang") or current()
        asked_for = given_of(first.arguments, fields, given)
        arguments = {name: argument(name) for name in first.arguments}
        with View(
            questions=asked, given=asked_for, fmt=fmt, lang=Lang(lang), archive=archive, option=option,
            arguments=arguments,
        ) as view:  # fmt: skip
            if output is not None:
                view.write(output, slim=slim)
            else:
                show(view, **more)

    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__name__ = first.name
    run.__doc__ = f"{first.zh}。" if current() is Language.ZH else f"{first.en}."
    return run


def _needs(one: Question, name: str) -> bool:
    field = one.parameters.model_fields.get(name)
    return field is not None and field.is_required()


def _fields(asked: Sequence[Question]) -> Mapping[str, Any]:
    """The parameters of all questions that a command asks, those of the first one first."""
    found: dict[str, Any] = {}
    for one in asked:
        found = {**one.parameters.model_fields, **found} if found else dict(one.parameters.model_fields)
    first = asked[0].parameters.model_fields
    return {**{name: found[name] for name in first}, **found}


def _place_words(
    arguments: Sequence[str], fields: Mapping[str, Any], words: Sequence[Any], given: dict[str, Any]
) -> None:
    """Give the words without a name to the parameters that no option gave, in their order."""
    left = [each for word in words if word is not None for each in (word if isinstance(word, list) else [word])]
    for name in arguments:
        if name in given or not left:
            continue
        if takes_several(fields[name].annotation):
            given[name], left = left, []
        elif name in _WORDS:
            given[name], left = " ".join(left), []
        else:
            given[name], left = left[0], left[1:]
    if left:
        options = phrase("join.names").join(map(option, arguments))
        common.fail(phrase("page.too_many", word=left[0], options=options))


def takes_several(hint: Any) -> bool:
    """Whether a parameter takes several values, each given for itself."""
    return any(get_origin(one) in {list, frozenset} for one in members(hint))


def members(hint: Any) -> tuple[Any, ...]:
    """What a parameter may be, without None and without what is told about it."""
    if hasattr(hint, "__metadata__"):
        return members(hint.__origin__)
    if get_origin(hint) is not None and NoneType in get_args(hint):
        return tuple(member for one in get_args(hint) if one is not NoneType for member in members(one))
    return (hint,)


def _metavar(name: str, hint: Any) -> str:
    [kind, *_] = members(hint)
    for inner in (kind, *get_args(kind)):
        if isinstance(inner, type) and issubclass(inner, StrEnum):
            return "|".join(inner) if len(inner) < 4 else name.upper()
    if kind is int and not name.endswith("year") and name not in {"before", "after", "codes"}:
        return "NUMBER"
    return "DAY" if name in {"as_of", "since", "until"} else _WORD.get(name, name.upper())


def argument(name: str) -> str:
    """What an argument is called in help."""
    return _WORD.get(name, name.upper())


def _argument(name: str, field: Any, *, needed: bool) -> Parameter:
    """An argument; typer takes it for one that may be left out, as its option may be given in its place."""
    several = takes_several(field.annotation) or name in _WORDS
    kind: Any = list[str] if several else str
    told = typer.Argument(metavar=f"{{{argument(name)}}}" if needed else argument(name), show_default=False)
    return Parameter(f"{name}_given", Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, told])


def _option(name: str, field: Any, *, taken: bool) -> Parameter:
    """The option of a parameter; of one that is an argument too, ``taken``, it stands for those who name it."""
    if field.annotation is bool:
        return Parameter(
            name, Parameter.KEYWORD_ONLY, default=False, annotation=Annotated[bool, typer.Option(option(name))]
        )
    hides_default = field.is_required() or field.default in (None, ()) or name == "limit"
    kind: Any = list[str] if takes_several(field.annotation) else str
    info = typer.Option(
        option(name), metavar=_metavar(name, field.annotation),
        show_default=False if hides_default else str(field.default), hidden=taken,
    )  # fmt: skip
    return Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, info])


def parameters_of(fields: Mapping[str, Any], arguments: Sequence[str], needed: Collection[str]) -> list[Parameter]:
    """What a command takes for the parameters of a model, those without names first. ``needed``: those that must be
    given.
    """
    made = [_argument(name, fields[name], needed=name in needed) for name in arguments]
    return made + [_option(name, one, taken=name in arguments) for name, one in fields.items() if name != "lang"]


def given_of(arguments: Sequence[str], fields: Mapping[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """What was given for the parameters, taken out of ``values``; words without a name under theirs."""
    words = [values.pop(f"{name}_given", None) for name in arguments]
    given = {name: values.pop(name) for name in fields if name in values and name != "lang"}
    given = {name: value for name, value in given.items() if value not in (None, False, [], ())}
    _place_words(arguments, fields, words, given)
    return given


def _common(is_list: bool) -> list[Parameter]:
    """What all commands of questions take."""
    made: list[tuple[str, Any, Any]] = [("lang", LangOption, None)]
    if is_list:
        made += [("output", OutputOption, None), ("slim", SlimOption, False)]
    made += [
        ("archive", common.ArchiveOption, None), ("as_json", common.JsonOption, False),
        ("as_jsonl", common.JsonlOption, False), ("as_csv", common.CsvOption, False),
    ]  # fmt: skip
    return [Parameter(name, Parameter.KEYWORD_ONLY, default=value, annotation=hint) for name, hint, value in made]
