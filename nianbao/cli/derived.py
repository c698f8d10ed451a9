"""The command of a question, made from its entry in ``nianbao/questions.py`` and from how its answer is shown.

What is special to a terminal stands in ``answers/``: a function whose keyword parameters are further options; without
one the answer is shown as a table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from inspect import Parameter
from pathlib import Path
from typing import Any

from nianbao.cli.asking import View
from nianbao.cli.command_functions import ARCHIVE, keyword, output_of, parameters_of, with_parameters
from nianbao.cli.model_options import ModelOptions, option
from nianbao.language import Language, current
from nianbao.questions import QUESTIONS, Question, question


def command_name(one: Question) -> str:
    """The words of the command that asks a question."""
    return one.command or one.name.replace("_", "-")


def example_of(one: Question) -> str:
    """The example under the help of a question's command."""
    values, words = dict(one.example), [command_name(one)]
    for name in one.arguments:
        if name not in values:
            break
        value = values.pop(name)
        words += value if isinstance(value, list) else [str(value)]
    for name, value in values.items():
        words += [option(name)] if value is True else [option(name), str(value)]
    return " ".join(words)


def command(name: str) -> Callable[..., None]:
    """The function, for typer, of the command that asks the question ``name``. Raises KeyError."""
    first = question(name)
    questions = [first, *(one for one in QUESTIONS if one is not first and command_name(one) == command_name(first))]
    show = show_function(first)
    options = _options_of(questions)
    extra = [one for one in parameters_of(show) if one.kind is Parameter.KEYWORD_ONLY]

    def run(**given: Any) -> None:
        more = {one.name: given.pop(one.name) for one in extra}
        out = output_of(given)
        output, slim = given.pop("output", None), given.pop("slim", False)
        archive = given.pop("archive")
        with View(questions, options.given(given), out, archive, options) as view:
            if output is not None:
                view.write(output, slim=slim)
            else:
                show(view, **more)

    run.__doc__ = f"{first.zh}。" if current() is Language.ZH else f"{first.en}."
    return with_parameters(run, first.name, [*options.parameters(), *extra, *_common(first.is_list)])


def show_function(one: Question) -> Callable[..., None]:
    """How the answer of a question is shown."""
    module, _, name = (one.terminal or "lists:show_list").partition(":")
    function: Callable[..., None] = getattr(import_module(f"nianbao.cli.answers.{module}"), name)
    return function


def _options_of(questions: Sequence[Question]) -> ModelOptions:
    """The parameters of all questions that a command asks, those of the first one first."""
    fields = {name: field for one in reversed(questions) for name, field in one.parameters.model_fields.items()}
    order = [*questions[0].parameters.model_fields, *(n for one in questions[1:] for n in one.parameters.model_fields)]
    every = [one.parameters.model_fields for one in questions]
    needed = frozenset(name for name in fields if all(name in each and each[name].is_required() for each in every))
    return ModelOptions({name: fields[name] for name in order}, questions[0].arguments, needed)


def _common(is_list: bool) -> list[Parameter]:
    """What all commands of questions take."""
    of_lists = [keyword("output", Path | None, None), keyword("slim", bool, False)]
    flags = [keyword(name, bool, False) for name in ("as_json", "as_jsonl", "as_csv")]
    return [keyword("lang", Language | None, None), *(of_lists if is_list else ()), ARCHIVE, *flags]
