"""Make the typer command of each question from its entry in ``nianbao/questions.toml``.

A function in ``answers/`` prints the answer, and its keyword-only parameters become further options; without one the
answer is printed as a table. Each parameter of a question becomes an option; those that the question lists as
arguments may also be typed without their names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any

import typer

from archive.queries.bounds import QueryError
from archive.queries.words import years as parse_years
from nianbao.cli import common
from nianbao.cli.asking import View
from nianbao.cli.command_functions import ARCHIVE, LANGUAGE, keyword, option, parameters_of, printer_of, with_parameters
from nianbao.cli.help_pages import with_parameter_names
from nianbao.language import Language, current
from nianbao.parameters import choices_of, takes_several, types_of
from nianbao.questions import QUESTIONS, Question
from nianbao.sentences import sentence, worded

_JOINED = frozenset({"query"})  # parameters that join all words typed without quotation marks
_METAVARS = {"query": "WORDS", "a": "FROM", "b": "TO", "agencies": "WHAT"}  # names of arguments in help
_DAYS = frozenset({"as_of", "since", "until"})
_YEARS = frozenset({"before", "after", "codes"})  # parameters of years, besides names that end in ``year``
_MAX_SHOWN = 3  # a choice with more values is shown in help by its name only


# ---------------------------------------------------------------------------------------------- commands


def command_name(one: Question) -> str:
    """Return the words of the command that asks a question."""
    return one.command or one.name.replace("_", "-")


def example_of(one: Question, **changed: str) -> str:
    """Return the example of a question's command, with ``changed`` values ("": left out): arguments, then options."""
    values, words = {name: value for name, value in {**one.example, **changed}.items() if value}, [command_name(one)]
    for name in one.arguments:
        if name not in values:
            break
        value = values.pop(name)
        words += value if isinstance(value, list) else [str(value)]
    for name, value in values.items():
        words += [option(name)] if value is True else [option(name), str(value)]
    return " ".join(words)


def command(first: Question) -> Callable[..., None]:
    """Return the function, for typer, of a command; it asks ``first`` and may ask other questions of the same name."""
    questions = [first, *(one for one in QUESTIONS if one is not first and command_name(one) == command_name(first))]
    module, _, name = (first.terminal or "lists:show_list").partition(":")
    show: Callable[..., None] = getattr(import_module(f"nianbao.cli.answers.{module}"), name)
    options = _options_of(questions)
    extra = [one for one in parameters_of(show) if one.kind is Parameter.KEYWORD_ONLY]

    def run(**given: Any) -> None:
        """Answer a command line: write a file, or print; an incomplete one ends with the command's example."""
        more = {one.name: given.pop(one.name) for one in extra}
        printer = printer_of(given)
        output, slim = given.pop("output", None), given.pop("slim", False)
        archive = given.pop("archive")
        with View(questions, options.given(given), printer, archive, options.name_of) as view:
            try:
                if output is not None:
                    view.write(output, slim=slim)
                else:
                    show(view, **more)
            except QueryError as error:
                if not all(one.code.endswith("missing") for one in error.parts or (error,)):
                    raise
                example = sentence("page.example", command=f"nianbao {example_of(first)}")
                common.fail(f"{worded(error)}\n{example}")

    run.__doc__ = f"{first.zh}。" if current() is Language.ZH else f"{first.en}."
    of_lists = [keyword("output", Path | None, None), keyword("slim", bool, False)] if first.is_list else []
    flags = [keyword(flag, bool, False) for flag in ("as_json", "as_jsonl", "as_csv")]
    shared = [LANGUAGE, *of_lists, ARCHIVE, *flags]
    return with_parameters(run, [*options.parameters(), *extra, *shared])


def _options_of(questions: Sequence[Question]) -> ModelOptions:
    """Return the options of a command: parameters of all its questions, required only if each question requires it."""
    every = [one.parameters.model_fields for one in questions]
    fields: dict[str, Any] = {}
    for one in every:
        fields |= one | fields
    needed = frozenset(name for name in fields if all(name in one and one[name].is_required() for one in every))
    return ModelOptions(fields, questions[0].arguments, needed)


# ---------------------------------------------------------------------------------------------- arguments and options


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """The arguments and options of a command for the fields of a pydantic model.

    ``fields``: name → field; ``arguments``: those typed in this order without name; ``needed``: those required.
    """

    fields: Mapping[str, Any]
    arguments: Sequence[str] = ()
    needed: Collection[str] = ()

    def parameters(self) -> list[Parameter]:
        """Return the parameters for typer: arguments first, then options; help hides the options of arguments."""
        options = [name for name in self.fields if name != "lang"]
        return [*map(self._argument, self.arguments), *map(self._option, options)]

    def _argument(self, name: str) -> Parameter:
        metavar = f"{{{_argument_name(name)}}}" if name in self.needed else _argument_name(name)
        kind: Any = list[str] if takes_several(self.fields[name].annotation) or name in _JOINED else str
        complete = common.completion(name, choices_of(self.fields[name].annotation))
        declaration = typer.Argument(metavar=metavar, show_default=False, autocompletion=complete)
        return keyword(f"{name}_given", Annotated[kind | None, declaration], None)

    def _option(self, name: str) -> Parameter:
        """Return a field as an option; hidden in the help if it is an argument too."""
        field = self.fields[name]
        if field.annotation is bool:
            return keyword(name, Annotated[bool, typer.Option(option(name))], False)
        hides_default = field.is_required() or field.default in (None, ()) or name == "limit"
        kind: Any = list[str] if takes_several(field.annotation) else str
        declaration = typer.Option(
            option(name), metavar=_metavar(name, field.annotation), hidden=name in self.arguments,
            show_default=False if hides_default else str(field.default),
            autocompletion=common.completion(name, choices_of(field.annotation)),
        )  # fmt: skip
        return keyword(name, Annotated[kind | None, declaration], None)

    def given(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return name → value of what was typed; words without a name fill the arguments that no option gave. Where a
        place may be typed, years may stand before or after it: no place has such a name.
        """
        parameters = {
            name: value for name, value in values.items() if name in self.fields and value not in (None, False, [], ())
        }
        arguments = [values.get(f"{name}_given") for name in self.arguments]
        words = [each for one in arguments if one is not None for each in (one if isinstance(one, list) else [one])]
        years = [name for name in ("year", "years") if name in self.arguments and name not in parameters]
        if "place" in self.arguments and years and (word := next(filter(_are_years, words), None)):
            parameters[years[0]] = word
            words.remove(word)
        for name in self.arguments:
            if name in parameters or not words:
                continue
            if takes_several(self.fields[name].annotation):
                parameters[name], words = words, []
            elif name in _JOINED:
                parameters[name], words = " ".join(words), []
            else:
                parameters[name], *words = words
        if words:
            options = sentence("join.names").join(map(option, self.arguments))
            common.fail(sentence("page.too_many", word=words[0], options=options))
        if _are_years(parameters.get("place", "")):
            common.fail(sentence("page.year_as_place", word=parameters["place"]))
        return parameters

    def name_of(self, name: str, *, is_given: bool) -> str:
        """Return the name of a parameter for an error: its option, or for an argument left out its name in help."""
        is_argument = name in self.arguments and not is_given
        return with_parameter_names(_argument_name(name)) if is_argument else option(name)


def _are_years(word: str) -> bool:
    """True if a word is written as reporting years: ``2025``, ``2022-2025`` or ``2022,2025``."""
    try:
        return bool(parse_years(word))
    except QueryError as error:
        return error.code == "query.backwards"  # as in 2025-2022: an error, but of years


def _argument_name(name: str) -> str:
    """Return the name of an argument in help."""
    return _METAVARS.get(name, name.upper())


def _metavar(name: str, hint: Any) -> str:
    if choices := choices_of(hint):
        return "|".join(choices) if len(choices) <= _MAX_SHOWN else name.upper()
    if next(types_of(hint)) is int and not name.endswith("year") and name not in _YEARS:
        return "NUMBER"
    return "DAY" if name in _DAYS else "AGENCY" if name == "agencies" else _argument_name(name)
