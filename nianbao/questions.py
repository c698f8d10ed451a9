"""Every question once: its name, what it takes, what it answers, which query answers it, what tells its lines apart.

The HTTP API makes a route of each entry of ``questions.toml``, the command line a command with its place in help, the
web pages of lists, ``nianbao.open(…)`` a method; files are made of the answers. docs/add-a-question.md says how to add
one. What one question needs is imported when it is asked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.resources import files
from inspect import signature
from typing import TYPE_CHECKING, Any

from archive.queries.bounds import Which
from archive.queries.frames import listed_records
from nianbao.parameters import Narrowed, Parameters, Rows, parameter_model

if TYPE_CHECKING:
    from archive.exports.tables import TableQuestion
    from storage.home import Home

#: parameters of queries that a question calls otherwise
_CALLED = {
    "which": "edition", "names": "indicator", "name": "indicator", "whom": "body", "most_snippets": "snippets",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    ``zh``, ``en``: what it answers. ``query``: the function that answers it, as ``module:function``; it is given the
    archive as ``home``, the choice of agencies as ``where``, and every parameter that it names. ``gives``: the type of
    its answer in ``archive/queries``, as ``module:type``.

    ``takes``: its parameters, as ``nianbao/parameters.py`` calls them; ``where``: it is also narrowed to ``agencies``,
    or to these or all ``bodies``. ``arguments``: the parameters that are given without their names, in this order; one
    that takes several values takes all that are left. ``group``: where its command stands in help. ``command``: the
    words of the command that asks it, where it has none of its own. ``terminal``: the function of
    ``nianbao/cli/answers`` that shows the answer; without one it is shown as a table of its columns. ``example``:
    parameters that work on the demonstration's archive.

    ``lines``: the lists of the answer that make up its lines, in this order; ``()`` of an answer that is one record, or
    nothing but lines (``only_lines``), of which ``gives`` is the type. ``key``: the fields that tell a line from all
    others (none: all; of a table those that ``columns.toml`` names). ``slim``: the columns that people are
    shown; ``sentence`` is in their language. ``by_time``: its lines are in the order of time, so that people are shown
    the last of them first. ``windowed``: it turns its own pages, by the parameters ``limit`` and ``offset`` given to
    :meth:`ask`. ``table``: the exported table whose rows are its lines; then it has no query.
    """

    name: str
    zh: str
    en: str
    takes: tuple[str, ...] = ()
    where: str = ""
    gives: str = ""
    query: str = ""
    example: Mapping[str, Any] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    group: str = ""
    command: str = ""
    terminal: str = ""
    slim: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    only_lines: bool = False
    key: tuple[str, ...] = ()
    windowed: bool = False
    by_time: bool = False
    table: str | None = None

    @property
    def parameters(self) -> type[Parameters]:
        """The model of its parameters."""
        return parameter_model(self.takes, "table" if self.table else self.where, is_paged=self.is_list)

    @property
    def is_list(self) -> bool:
        """Whether the answer is a list, of which pages are given."""
        return bool(self.lines) or self.only_lines or self.table is not None

    @property
    def answer(self) -> Any:
        """The type of the answer; None of a table."""
        return _named(f"archive.queries.{self.gives}") if self.gives else None

    @property
    def item(self) -> Any:
        """The type of a line; None of a table, and of an answer that is one record."""
        if self.lines:
            return listed_records(self.answer)[self.lines[0]]
        return self.answer if self.only_lines else None

    def ask(self, home: Home | None, asked: Parameters, **more: Any) -> Any:
        """Answer the question; ``more``: what the query takes besides the parameters. Raises what the query raises."""
        query = _named(self.query)
        given: dict[str, Any] = {"home": home, **more}
        if isinstance(asked, Narrowed):
            given["where"] = asked.where()
        known = type(asked).model_fields
        for one in signature(query).parameters:
            name = one if one in known else _CALLED.get(one, one)
            if name in known:
                given.setdefault(one, getattr(asked, name))
        return query(**{one: given[one] for one in signature(query).parameters if one in given})


def _named(place: str) -> Any:
    """Import what stands at ``module:name``."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def table_question(table: str, asked: Rows, *, wide: bool = False) -> TableQuestion:
    """The rows of an exported table that parameters ask for. ``wide``: a column for each indicator."""
    from archive.exports.tables import Table, TableQuestion

    return TableQuestion(
        table=Table(table),
        wide=wide,
        where=asked.where(),
        years=asked.years,
        as_of=asked.as_of,
        which=getattr(asked, "edition", Which.LAST),
        indicators=tuple(getattr(asked, "indicator", ())),
        evidence=getattr(asked, "evidence", None),
        statuses=getattr(asked, "status", None),
    )


def _read_questions() -> Mapping[str, Question]:
    """Read questions.toml; a table is exported by the command of its name."""
    found = {}
    entries: dict[str, Any] = tomllib.loads(files("nianbao").joinpath("questions.toml").read_text("utf-8"))
    for name, entry in entries.items():
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
        }
        if "table" in entry:
            values["command"] = f"export {name}"
        found[name] = Question(name=name, **values)
    return found


_BY_NAME = _read_questions()
QUESTIONS: tuple[Question, ...] = tuple(_BY_NAME.values())


def question(name: str) -> Question:
    """The question of this name. Raises KeyError."""
    return _BY_NAME[name]


def parameters_of_table(name: str) -> type[Rows]:
    """What an exported table takes: the parameters of its question, or those that all tables take."""
    one = _BY_NAME.get(name)
    found = one.parameters if one is not None and one.table is not None else Rows
    assert issubclass(found, Rows)
    return found
