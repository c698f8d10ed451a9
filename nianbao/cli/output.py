"""One set of rows, shown five ways: a table on a terminal, tab-separated lines in a pipe, JSON, JSON Lines, CSV."""

from __future__ import annotations

import csv
import shutil
import sys
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from archive.exports.json_values import json_of, json_parts
from archive.exports.plain_values import cell_text, neutral
from archive.exports.safe_text import safe_text
from nianbao.cli.table_layout import Column, Rows, broken, laid_out, left_out
from nianbao.sentences import listed, sentence, word

__all__ = ["Column", "Format", "chosen", "console", "emit", "say"]


class Format(StrEnum):
    """How rows leave the program."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


def chosen(as_json: bool, as_csv: bool, as_jsonl: bool = False) -> Format:
    """The format that the flags ask for; JSON wins over JSON Lines, and those over CSV."""
    return Format.JSON if as_json else Format.JSONL if as_jsonl else Format.CSV if as_csv else Format.TABLE


def console(stream: TextIO | None = None) -> Console:
    """A Rich console on ``stream`` (standard output); no colours and no cropping in a pipe."""
    return Console(file=stream or sys.stdout, highlight=False, soft_wrap=not (stream or sys.stdout).isatty())


def emit(
    rows: Sequence[Mapping[str, object]],
    columns: Sequence[Column],
    fmt: Format,
    *,
    title: str = "",
    empty: str = "",
    stream: TextIO | None = None,
) -> None:
    """Write ``rows`` to ``stream``. JSON and JSON Lines hold all keys of a row, the other formats the ``columns``."""
    out = stream or sys.stdout
    if fmt is Format.JSON:
        out.writelines(json_parts(list(rows), indent=1))
        out.write("\n")
    elif fmt is Format.JSONL:
        for row in rows:
            out.write(json_of(row) + "\n")
    elif fmt is Format.CSV:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([c.key for c in columns])
        writer.writerows([neutral(cell_text(row.get(c.key))) for c in columns] for row in rows)
    elif not rows:
        nothing = empty or sentence("answer.nothing")
        out.write((sentence("table.titled", title=title, text=nothing) if title else nothing) + "\n")
    elif out.isatty():
        shown = console(out)
        fitting = laid_out(rows, columns, shown.width)
        shown.print(_table(rows, fitting, title))
        _tell_left_out(rows, columns, fitting, out)
    else:
        out.write("\t".join(c.title for c in columns) + "\n")
        for row in rows:
            out.write("\t".join(_one_line(cell_text(row.get(c.key))) for c in columns) + "\n")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _tell_left_out(rows: Rows, columns: Sequence[Column], kept: Sequence[tuple[Column, int]], out: TextIO) -> None:
    """Name the columns for which the terminal has no room."""
    if names := left_out(rows, columns, kept):
        out.write(sentence("table.no_room", names=listed(names)) + "\n")


def _table(rows: Sequence[Mapping[str, object]], columns: Sequence[tuple[Column, int]], title: str) -> Table:
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for column, width in columns:
        table.add_column(broken(column.title, width), no_wrap=True, overflow="fold", width=width)
    for row in rows:
        # Text, not markup: square brackets in a title are text.
        table.add_row(*(_painted(broken(cell_text(row.get(c.key)), width), c) for c, width in columns))
    return table


def _painted(text: str, column: Column) -> Text:
    return Text(text, style=column.paint(text) if column.paint else "")


def values_of(record: object, *names: str) -> dict[str, object]:
    """Some fields of a record as columns of a row."""
    return {name: getattr(record, name) for name in names}


def say(text: str = "", stream: TextIO | None = None) -> None:
    """One line of text on ``stream`` (standard output), control characters made visible."""
    (stream or sys.stdout).write(safe_text(text) + "\n")


_NARROWEST = 20  # columns of text beside a label


def tell_fact(label: str, text: str, width: int) -> None:
    """Write ``text`` behind ``label``, which takes ``width`` columns; in a pipe on one line."""
    head = label + " " * max(1, width + 1 - cell_len(label))
    if not sys.stdout.isatty():
        say(f"{head}{text}".rstrip())
        return
    room = max(_NARROWEST, shutil.get_terminal_size().columns - cell_len(head))
    first, *rest = broken(text, room).split("\n")
    say(f"{head}{first}".rstrip())
    for line in rest:
        say(" " * cell_len(head) + line)


def columns(*keys: str, wrap: Collection[str] = (), spare: Collection[str] = ()) -> tuple[Column, ...]:
    """Columns of a table under their titles, which the catalogue's section ``column`` has.

    ``wrap``: keys of those whose text may break; ``spare``: of those left out on a narrow terminal.
    """
    return tuple(Column(key, word("column", key), wrap=key in wrap, spare=key in spare) for key in keys)
