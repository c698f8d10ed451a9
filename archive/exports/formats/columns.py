"""The columns of every table: those of ``columns.toml``, and in wide tables two for each indicator."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from archive.assessment.measures import Measure
from archive.exports.formats.model import Column, Row, Sheet, Word
from archive.queries.frames import ColumnKind
from archive.queries.words import figure_states, vocabulary

STATE = ".state"  #: what the name of an indicator's state ends in, in wide tables


@cache
def _data() -> Mapping[str, Any]:
    text = files("archive.exports.formats").joinpath("columns.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def words(name: str) -> tuple[Word, ...]:
    """Return the words of a list, numbered from 1 in their order; those of figures are all doors' (``state``)."""
    listed = enumerate(_states() if name == "state" else _data()["words"][name], start=1)
    return tuple(Word(token, vocabulary()[f"{name}.{token}"]["zh"], en, at) for at, (token, en) in listed)


@cache
def missing_letters() -> Mapping[str, str]:
    """State without a number → the letter of Stata's extended missing value that stands for it."""
    return {state: entry["stata"] for state, entry in figure_states().items() if "stata" in entry}


def _states() -> Iterator[tuple[str, str]]:
    for state, entry in figure_states().items():
        if entry.get("exported", True):
            yield state, entry["meaning"]["en"]


@cache
def column(name: str) -> Column:
    """The column of this name."""
    entry = dict(_data()["column"][name])
    listed = words(entry.pop("words")) if "words" in entry else ()
    return Column(name=name, kind=ColumnKind(entry.pop("kind")), words=listed, **entry)


def column_names() -> frozenset[str]:
    """Every column that has labels."""
    return frozenset(_data()["column"])


def sheet(name: str, rows: Iterable[Row], measures: Iterable[Measure] = ()) -> Sheet:
    """A table of ``columns.toml`` with its rows; ``measures`` follow the other columns."""
    entry = _data()["table"][name]
    columns = (*map(column, entry["columns"]), *(one for measure in measures for one in measure_columns(measure)))
    return Sheet(name=name, zh=entry["zh"], en=entry["en"], key=tuple(entry["key"]), columns=columns, rows=rows)


def table_key(name: str) -> tuple[str, ...]:
    """The columns that tell the rows of a table apart; none where only all of them do."""
    return tuple(_data()["table"][name]["key"])


def table_names() -> tuple[str, ...]:
    """Every table of ``columns.toml``."""
    return tuple(_data()["table"])


def measure_columns(measure: Measure) -> Iterator[Column]:
    """The two columns of an indicator in a wide table."""
    whole = measure.kind not in {"rate", "amount", "open_amount"}
    places = ", ".join(measure.places) if measure.derived else measure.zh
    yield Column(
        name=measure.id,
        kind=ColumnKind.INTEGER if whole else ColumnKind.NUMBER,
        zh=measure.zh,
        en=measure.en,
        unit=measure.unit,
        place=places,
        forms=measure.forms,
        state=measure.id + STATE,
    )
    yield Column(
        name=measure.id + STATE,
        kind=ColumnKind.CHOSEN,
        zh=f"{measure.zh}：状态",
        en=f"why {measure.id} is there or not",
        words=words("state"),
    )
