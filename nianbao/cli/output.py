"""One set of rows, shown five ways: a table on a terminal, tab-separated lines in a pipe, JSON, JSON Lines, CSV."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from archive.exports.plain_values import cell_text, jsonable, neutral
from archive.exports.safe_text import json_of, json_parts, safe_text
from nianbao.cli.sentences import listed, sentence


class Format(StrEnum):
    """How rows leave the program."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Column:
    """``key`` in the row, ``title`` above it; ``wrap`` lets long text break; ``paint`` gives a cell's Rich style.

    ``least``: narrowest width in which a wrapping column can be read; ``spare``: left out on a narrow terminal.
    """

    key: str
    title: str
    wrap: bool = True
    paint: Callable[[str], str] | None = None
    least: int = 14
    spare: bool = False


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
    headed: bool = True,
) -> None:
    """Write ``rows`` to ``stream``. JSON and JSON Lines hold all keys of a row, the other formats the ``columns``.

    ``headed``: with their titles above them, in CSV and in a pipe.
    """
    out = stream or sys.stdout
    if fmt is Format.JSON:
        out.writelines(json_parts([jsonable(row) for row in rows], indent=1))
        out.write("\n")
    elif fmt is Format.JSONL:
        for row in rows:
            out.write(json_of(jsonable(row)) + "\n")
    elif fmt is Format.CSV:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerows([[c.key for c in columns]] if headed else [])
        writer.writerows([neutral(cell_text(row.get(c.key))) for c in columns] for row in rows)
    elif not rows:
        nothing = empty or sentence("answer.nothing")
        out.write((sentence("table.titled", title=title, text=nothing) if title else nothing) + "\n")
    elif out.isatty():
        shown = console(out)
        shown.print(_table(rows, fitting := _fitting(rows, columns, shown.width), title))
        shown.print(_left_out(columns, fitting), end="")
    else:
        out.write("\t".join(c.title for c in columns) + "\n" if headed else "")
        for row in rows:
            out.write("\t".join(_one_line(cell_text(row.get(c.key))) for c in columns) + "\n")


def emit_as_made(
    rows: Iterable[Mapping[str, object]],
    columns: Sequence[Column],
    fmt: Format,
    *,
    expected: Sequence[Mapping[str, object]],
    empty: str = "",
) -> None:
    """Write ``rows`` to standard output, as :func:`emit` does (TABLE and CSV), each as soon as it is there.

    ``expected``: what rows are likely to hold; the columns of a terminal are laid out by it.
    """
    out, any_yet = sys.stdout, False
    shown = console(out)
    widths = _fitting(expected, columns, shown.width) if fmt is Format.TABLE and out.isatty() and expected else []
    for row in rows:
        if widths:
            shown.print(_slice(row, widths, headed=not any_yet))
        else:
            emit([row], columns, fmt, headed=not any_yet)
        any_yet = True
        out.flush()
    if not any_yet:
        emit([], columns, fmt, empty=empty)
    elif widths:
        shown.print(_left_out(columns, widths), end="")


def _slice(row: Mapping[str, object], columns: Sequence[tuple[Column, int]], *, headed: bool) -> Table:
    """One row of a table without lines, the first below its header."""
    table = Table(box=None, header_style="bold", show_header=headed, pad_edge=False, padding=(0, _BORDER - 1, 0, 0))
    for column, width in columns:
        table.add_column(column.title, overflow="fold", width=width)
    table.add_row(*(_painted(cell_text(row.get(c.key)), c) for c, _ in columns))
    return table


def _one_line(text: str) -> str:
    return " ".join(text.split())


_BORDER = 3  # characters a column takes besides its text
_LEAST = 6  # the narrowest that a column of text becomes


def _fitting(rows: Sequence[Mapping[str, object]], columns: Sequence[Column], room: int) -> list[tuple[Column, int]]:
    """The columns for which the terminal has room (spare ones go, the last first), each with its width."""
    kept = list(columns)
    while sum(_narrowest(rows, column) + _BORDER for column in kept) + 1 > room:
        spare = next((column for column in reversed(kept) if column.spare), None)
        if spare is None:
            break
        kept.remove(spare)
    widths = [_narrowest(rows, column) for column in kept]
    over = sum(width + _BORDER for width in widths) + 1 - room
    while over > 0:  # text gives way, and figures never: a year is not to be read over two lines
        give = [at for at, column in enumerate(kept) if column.wrap and widths[at] > _LEAST]
        if not give:
            break
        widths[max(give, key=widths.__getitem__)] -= 1
        over -= 1
    wanted = [_longest(rows, column) for column in kept]
    left = room - 1 - sum(width + _BORDER for width in widths)
    while left > 0 and widths != wanted:
        for at, width in enumerate(widths):
            if width < wanted[at] and left > 0:
                widths[at], left = width + 1, left - 1
    return list(zip(kept, widths, strict=True))


def _left_out(columns: Sequence[Column], kept: Sequence[tuple[Column, int]]) -> str:
    """A line that names the columns for which the terminal has no room; "" if it has."""
    shown = {column.key for column, _ in kept}
    names = listed([column.title for column in columns if column.key not in shown])
    return sentence("table.no_room", names=names) + "\n" if names else ""


def _longest(rows: Sequence[Mapping[str, object]], column: Column) -> int:
    return max(map(cell_len, [*(cell_text(row.get(column.key)) for row in rows), column.title]))


def _narrowest(rows: Sequence[Mapping[str, object]], column: Column) -> int:
    longest = _longest(rows, column)
    if not column.wrap:
        return longest
    # Chinese breaks anywhere; a Latin word is kept whole
    words = (word for row in rows for word in cell_text(row.get(column.key)).split() if word.isascii())
    return min(longest, max(column.least, cell_len(column.title), min(max(map(len, words), default=0), 24)))


def _table(rows: Sequence[Mapping[str, object]], columns: Sequence[tuple[Column, int]], title: str) -> Table:
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for column, width in columns:
        table.add_column(column.title, overflow="fold", width=width)
    for row in rows:
        # Text, not markup: square brackets in a title are text.
        table.add_row(*(_painted(cell_text(row.get(c.key)), c) for c, _ in columns))
    return table


def _painted(text: str, column: Column) -> Text:
    return Text(text, style=column.paint(text) if column.paint else "")


def say(text: str = "", stream: TextIO | None = None) -> None:
    """One line of text on ``stream`` (standard output), control characters made visible."""
    (stream or sys.stdout).write(safe_text(text) + "\n")
