"""Print rows as a table on a terminal, as tab-separated lines in a pipe, or as JSON, JSON Lines or CSV."""

from __future__ import annotations

import csv
import sys
import tomllib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from archive.exports.formats.columns import heading
from archive.exports.plain_values import cell_text, json_of, json_parts, neutral
from archive.exports.safe_text import safe_text
from nianbao.cli.table_layout import LayoutColumn, Rows, Styled, broken, laid_out, left_out
from nianbao.language import current
from nianbao.messages import messages
from nianbao.sentences import listed, sentence, word


class Output(StrEnum):
    """How a command prints its answer, and with that whether a person or a program reads it."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"

    @property
    def is_for_people(self) -> bool:
        """True if a person reads the answer."""
        return self is Output.TABLE

    def record(self, row: Mapping[str, object]) -> bool:
        """Print one record for a program and return True; for a person print nothing and return False."""
        if not self.is_for_people:
            self.emit([row], [*row])
        return not self.is_for_people

    def table(
        self, name: str, rows: Sequence[Mapping[str, object]], people: Rows | None = None, *, empty: str = ""
    ) -> None:
        """Print rows with the columns of a table in ``tables.toml``; ``people``: other rows, if a person reads them.
        For a person, codes become words.
        """
        layout = _tables()[name]
        if self.is_for_people:
            worded_rows = [
                {**row, **{key: _in_words(section, row[key]) for key, section in layout.get("words", {}).items()}}
                for row in (rows if people is None else people)
            ]
            sys.stdout.write(table_text(worded_rows, columns_of(name), empty=empty))
        else:
            self.emit(rows, layout.get("csv", layout["columns"]))

    def emit(self, rows: Sequence[Mapping[str, object]], keys: Sequence[str] = ()) -> None:
        """Print rows for a program. JSON and JSON Lines hold all keys of a row, CSV only these."""
        if self is Output.CSV:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(keys)
            writer.writerows([neutral(cell_text(row.get(key))) for key in keys] for row in rows)
        elif self is Output.JSONL:
            sys.stdout.writelines(json_of(row) + "\n" for row in rows)
        else:
            sys.stdout.writelines((*json_parts(list(rows), indent=1), "\n"))


@cache
def _tables() -> Mapping[str, Any]:
    return tomllib.loads(files("nianbao.cli").joinpath("tables.toml").read_text(encoding="utf-8"))


def _in_words(section: str, value: object) -> object:
    return listed([word(section, one) for one in value]) if isinstance(value, (list, tuple)) else word(section, value)


def columns_of(name: str) -> list[LayoutColumn]:
    """Return the columns of a table in ``tables.toml``; none for ""."""
    table: Mapping[str, Any] = _tables()[name] if name else {"columns": ()}
    wrapped, spare, least = table.get("wrap", ()), table.get("spare", ()), table.get("least", {})
    return [
        LayoutColumn(
            key, column_heading(table.get("headings", {}).get(key, key)), wrap=key in wrapped, spare=key in spare,
            **({"least": least[key]} if key in least else {}),
        )
        for key in table["columns"]
    ]  # fmt: skip


def column(key: str, title: str = "") -> LayoutColumn:
    """Return a column for people, headed by ``title`` or by the heading of its key."""
    return LayoutColumn(key, title or column_heading(key))


def column_heading(name: str) -> str:
    """Return the heading of a column: from ``[column]`` of ``cli.toml`` if it is there, else that of answers."""
    entry = messages("cli").get(f"column.{name}")
    return heading(name, current()) if entry is None else entry[current()]


def table_text(rows: Rows, columns: Sequence[LayoutColumn], *, title: str = "", empty: str = "") -> str:
    """Return rows as a drawn table on a terminal or as tab-separated lines in a pipe; without rows, ``empty``."""
    if not rows:
        nothing = empty or sentence("answer.nothing")
        return (sentence("table.titled", title=title, text=nothing) if title else nothing) + "\n"
    if sys.stdout.isatty():
        return _drawn_table(rows, columns, title)
    lines = [[column.title for column in columns]]
    lines += [[" ".join(cell_text(row.get(column.key)).split()) for column in columns] for row in rows]
    return "".join("\t".join(line) + "\n" for line in lines)


def _drawn_table(rows: Rows, columns: Sequence[LayoutColumn], title: str) -> str:
    """Return a drawn table as wide as the terminal, and below it the names of columns for which there is no room."""
    screen = console()
    fitting = laid_out(rows, columns, screen.width)
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for column, width in fitting:
        table.add_column(broken(column.title, width), no_wrap=True, overflow="fold", width=width)
    for row in rows:
        table.add_row(*(_drawn(row.get(column.key), width) for column, width in fitting))
    with screen.capture() as drawn:
        screen.print(table)
    names = left_out(rows, columns, fitting)
    return drawn.get() + (sentence("table.no_room", names=listed(names)) + "\n" if names else "")


def _drawn(value: object, width: int) -> Text:
    """Return a value as text, not as Rich markup, because square brackets occur in titles of reports."""
    return Text(broken(cell_text(value), width), style=value.style if isinstance(value, Styled) else "")


def console() -> Console:
    """Return a Rich console on standard output; in a pipe it prints no colours and breaks no lines."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())


def values_of(record: object, *names: str) -> dict[str, object]:
    """Return name → value of some fields of a record."""
    return {name: getattr(record, name) for name in names}


def say(text: str = "", stream: TextIO | None = None) -> None:
    """Print a line of text on ``stream`` (None: standard output), with control characters made visible."""
    (stream or sys.stdout).write(safe_text(text) + "\n")


def tell(key: str, /, **values: object) -> None:
    """Print a sentence of ``cli.toml`` on standard output."""
    say(sentence(key, **values))
