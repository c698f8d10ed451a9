"""The Python API: open an archive and ask questions. It is read-only.

:class:`Archive` gets a method for each question in ``nianbao/questions.toml``, with its name and parameters.
``python_api.pyi`` declares them for type checkers; ``python -m scripts.python_api_stub`` generates it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any

from archive.queries.bounds import NotKnownError, QueryError
from archive.queries.frames import Lines, Origin
from archive.queries.where import instant_of_question
from nianbao.form_fields import ask_as_meant
from nianbao.parameters import Paged, parse_parameters, refuse_unknown, takes_several
from nianbao.questions import QUESTIONS, Question, question, table_question
from storage.home import Home, open_home
from storage.records import SHANGHAI

__all__ = ["Archive", "NotKnownError", "open_archive"]

#: parameters that methods lack: they return whole answers, with sentences in both languages
NOT_TAKEN = frozenset({"lang", *Paged.model_fields})
#: further positional parameters of methods (the command ``search`` takes all its words as the text to search for)
_MORE = {"search": ("place",)}
#: positional parameters of methods that differ from the arguments of the command
_INSTEAD = {"news": ("since", "until"), "cite": ("agency", "year", "edition", "cell")}
#: words of the command line in meanings of parameters → those of Python
_IN_PYTHON = {"may be repeated": "one, or a list", "nianbao indicators lists them": "held.indicators() lists them"}


class Archive:
    """Questions to one archive; every answer is a frozen record with ``to_dict()``, ``to_pandas()``, ``to_polars()``.

    ``help(held.missing)`` says which values each parameter takes. Years may be a range or numbers, ``as_of`` an aware
    instant. A name that fits one agency or indicator alone is taken for it. ``QueryError`` is a ValueError. Several
    threads may ask at once.
    """

    def __init__(self, home: Home) -> None:
        self.home = home

    def __repr__(self) -> str:
        return f"<nianbao archive {self.home.path}>"

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *error: object) -> None:
        self.home.close()

    def export(self, table: str, *indicators: str, wide: bool = False, **filters: Any) -> Any:
        """Give a whole table with provenance: ``cells``, ``figures``, ``editions``, ``duties`` … to walk row by row, as
        a data frame, or as a file in a place that is no part of the archive. ``wide``: a column for each indicator.
        """
        from archive.exports.tables import Export
        from nianbao.questions import parameters_of_table

        values = {**filters, **({"indicator": [*indicators]} if indicators else {})}
        model = parameters_of_table(table)
        parameters = parse_parameters(model, values)
        return ask_as_meant(self.home, parameters, lambda one: Export(self.home, table_question(table, one, wide=wide)))

    def page(self, name: str, **parameters: Any) -> Any:
        """Return ``limit`` lines of the list that answers the question ``name``, from ``cursor`` on.

        ``next`` of the page is the cursor of the following one; None: there is none.
        """
        from nianbao.paging import page_of

        if name not in (lists := [each.name for each in QUESTIONS if each.is_list]):
            raise QueryError(code="query.no_choice", name="name", every=", ".join(lists))
        one = question(name)
        model = parse_parameters(one.parameters, parameters)
        return ask_as_meant(self.home, model, partial(page_of, self.home, one))


def _method(one: Question) -> Callable[..., Any]:
    """Return the method of :class:`Archive` that asks a question."""
    more = ("limit", "offset") if one.windowed else ()
    declared = [each.replace(annotation=Parameter.empty) for each in method_parameters(one)]

    def ask(self: Archive, *arguments: Any, **parameters: Any) -> Any:
        refuse_unknown([each.name for each in declared], parameters)
        window = {name: parameters.pop(name) for name in more if name in parameters}
        model = parse_parameters(one.parameters, _by_name(one, arguments, parameters))
        as_of = instant_of_question(self.home, model.as_of).astimezone(SHANGHAI)
        try:
            answer = ask_as_meant(self.home, model, lambda parameters: one.ask(self.home, parameters, **window))
        except NotKnownError:
            if one.name != "cite" or model.model_fields_set != {"agency", "year"}:
                raise
            return self.cite_absence(model.agency, model.year)  # as the command does
        answer = Lines(one.item, answer) if one.only_lines else answer
        return answer if one.table else answer.of_origin(Origin(as_of=as_of, simulated=self.home.simulated))

    ask.__name__ = one.name
    ask.__qualname__ = f"Archive.{one.name}"
    meanings = [f"{each.name}: {text}" for each in declared if (text := one.meaning(each.name))]
    errors = "Raises NotKnownError (with suggestions) for an unknown name, id or year, else QueryError."
    gives = f"Returns {answer_type(one)}, with to_dict(), to_pandas() and to_polars()." if one.table is None else ""
    ask.__doc__ = "\n\n".join(filter(None, (f"{one.en}. {one.zh}。", *meanings, gives, errors)))
    for of_command, of_python in _IN_PYTHON.items():
        ask.__doc__ = ask.__doc__.replace(of_command, of_python)
    own = Parameter("self", Parameter.POSITIONAL_ONLY)
    ask.__signature__ = Signature([own, *declared], return_annotation=answer_type(one))  # type: ignore[attr-defined]
    return ask


def answer_type(one: Question) -> str:
    """Return the type that a question's method gives, as a type annotation."""
    if one.table is not None:
        return "Export"
    kind = one.gives.rpartition(":")[2]
    absence = " | CitableAbsence" if one.name == "cite" else ""  # of a report that is not held
    return f"Lines[{kind}]" if one.only_lines else f"{kind}{absence}"


def method_parameters(one: Question) -> list[Parameter]:
    """Return the parameters of a question's method, positional ones first."""
    fields = one.parameters.model_fields
    options = []
    for name in arguments_of(one):
        several = takes_several(fields[name].annotation)
        kind = Parameter.VAR_POSITIONAL if several else Parameter.POSITIONAL_OR_KEYWORD
        optional = Parameter.empty if several or fields[name].is_required() else None
        options.append(Parameter(name, kind, default=optional, annotation=fields[name].annotation))
    for name in [name for name in fields if name not in arguments_of(one) and name not in NOT_TAKEN]:
        field = fields[name]
        default = Parameter.empty if field.is_required() else field.get_default(call_default_factory=True)
        options.append(Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=field.annotation))
    if one.windowed:
        options += [
            Parameter(name, Parameter.KEYWORD_ONLY, annotation=int, default=None) for name in ("limit", "offset")
        ]
    return options


def arguments_of(one: Question) -> tuple[str, ...]:
    """Return the names of the positional parameters of a question's method."""
    return _INSTEAD.get(one.name) or (*one.arguments, *_MORE.get(one.name, ()))


def _by_name(one: Question, arguments: tuple[Any, ...], parameters: dict[str, Any]) -> dict[str, Any]:
    """Return name → value of all arguments; several values may also be one list. Raises TypeError like a function."""
    bound = Signature(method_parameters(one)).bind_partial(*arguments).arguments
    if twice := bound.keys() & parameters:
        raise TypeError(f"{one.name}() got several values for {min(twice)!r}")
    return parameters | {
        name: [text for one in value for text in (one if isinstance(one, (list, tuple, set)) else [one])]
        if isinstance(value, tuple)
        else value
        for name, value in bound.items()
    }


for _one in QUESTIONS:
    setattr(Archive, _one.name, _method(_one))


def open_archive(path: str | Path | None = None) -> Archive:
    """Open the archive in ``path`` (by default the one named by ``NIANBAO_ARCHIVE``) for questions.

    Nothing can be written through it: its databases are opened for reading alone.

    Raises :class:`storage.errors.HomeError` with a sentence that says what to do where there is none.
    """
    return Archive(open_home(None if path is None else Path(path), read_only=True))
