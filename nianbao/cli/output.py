"""Print rows as a table on a terminal, as tab-separated lines in a pipe, or as JSON, JSON Lines or CSV.

On a terminal words and numbers are never broken, ids only after a dot, and no column is narrower than the longest piece
of its heading; a column that does not fit is left out completely. Chinese breaks between any two characters, except
before closing punctuation.
"""

from __future__ import annotations

import csv
import re
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from math import inf
from shutil import get_terminal_size
from typing import Any, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from archive.assessment.data_files import data_file
from archive.exports.formats.columns import display_rules, heading
from archive.exports.plain_values import cell_text, json_of, json_parts, neutral
from archive.exports.safe_text import safe_text
from archive.fuzzy_lookup import Suggestion
from archive.queries.bounds import NotKnownError
from archive.queries.find import gloss
from nianbao.language import Language, current
from nianbao.messages import messages
from nianbao.sentences import bracketed, listed, sentence, word

BORDER = 3  #: characters of border and padding of a column
LEAST_WIDTH = 14  #: characters of a column that wraps, unless a table says otherwise
_ENDS = "，。；：、！？）》」』”’…％%),.;:!?"  # stays with the piece before it
_STARTS = "（(《「『“‘"  # stays with the piece behind it
#: a piece that is never broken: letters, digits, signs (an id up to a dot) or a Chinese character, and punctuation
_PIECE = re.compile(rf"[{_STARTS}]*(?:[a-z][a-z_\d]*\.(?=[a-z])|[!-~\u00a0-\u2e7f]+|[^\s])[{_ENDS}]*|\s+")
_DRAWN = tuple("┏┃┡│└\x1b")  #: how lines of a drawn table and of its title begin
#: a piece of a line, in which a command up to a sign that ends it stays whole, so that it can be copied; likewise a hit
PIECE_OF_LINE = re.compile(
    rf"[{_STARTS}]*(?:nianbao (?:[^,;.，；。)）]|[,.](?! ))*|«[^«»]{{1,20}}»)[{_ENDS}]*|{_PIECE.pattern}"
)


@dataclass(frozen=True, slots=True)
class LayoutColumn:
    """A column: ``key`` of its value in a row, ``title`` of its heading; ``wrap``: long text may be broken.

    ``least``: smallest width of a column that wraps; ``spare``: above 0 if left out first on a narrow terminal, the
    largest number first; ``year``: set for columns of reporting years, because older years are left out before newer
    ones; ``below``: drawn below its row.
    """

    key: str
    title: str
    wrap: bool = True
    least: int = LEAST_WIDTH
    spare: int = 0
    year: int | None = None
    below: bool = False


@dataclass(frozen=True, slots=True)
class Styled:
    """A value of a table, and its Rich style on a terminal."""

    value: object
    style: str

    def __str__(self) -> str:
        return cell_text(self.value)


Rows = Sequence[Mapping[str, object]]


class Printer(StrEnum):
    """Prints the answer of a command in one format: as a table for a person, or for a program."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"

    @property
    def is_for_people(self) -> bool:
        """True if a person reads the answer."""
        return self is Printer.TABLE

    def print_for_program(self, row: Mapping[str, object]) -> bool:
        """Print one record for a program and return True; for a person print nothing and return False."""
        if not self.is_for_people:
            self.emit([row], [*row])
        return not self.is_for_people

    def table(
        self, name: str, rows: Sequence[Mapping[str, object]], people: Rows | None = None, *, empty: str = ""
    ) -> None:
        """Print rows with the columns of a table in ``tables.toml``; ``people``: the same rows in the form that people
        read, if that differs. For people, codes become words, and ``empty`` says that there are no rows.
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
        if self is Printer.CSV:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(keys)
            writer.writerows([neutral(cell_text(row.get(key))) for key in keys] for row in rows)
        elif self is Printer.JSONL:
            sys.stdout.writelines(json_of(row) + "\n" for row in rows)
        else:
            sys.stdout.writelines((*json_parts(list(rows), indent=1), "\n"))


def _tables() -> Mapping[str, Any]:
    return data_file("tables.toml", "nianbao.cli")


def _in_words(section: str, value: object) -> object:
    """Return the word of a code, or of each code of a list, in a section of the vocabulary."""
    return listed([word(section, one) for one in value]) if isinstance(value, (list, tuple)) else word(section, value)


def columns_of(name: str) -> list[LayoutColumn]:
    """Return the columns of a table in ``tables.toml``."""
    table = _tables()[name]
    wrapped, least = table.get("wrap", ()), table.get("least", {})
    spare = {key: number for number, key in enumerate(table.get("spare", ()), 1)}
    return [
        LayoutColumn(
            key, column_heading(table.get("headings", {}).get(key, key)), wrap=key in wrapped, spare=spare.get(key, 0),
            least=least.get(key, LEAST_WIDTH),
        )
        for key in table["columns"]
    ]  # fmt: skip


def plain_column(key: str, title: str = "") -> LayoutColumn:
    """Return a column for people, headed by ``title`` or by the heading of its key."""
    return LayoutColumn(key, title or column_heading(key))


def column_heading(name: str) -> str:
    """Return the heading of a column: from ``[column]`` of ``cli.toml`` if it is there, else that of answers."""
    entry = messages("cli").get(f"column.{name}")
    return heading(name, current()) if entry is None else entry[current()]


def agency_label(name: str, place: str) -> str:
    """Return the name of an agency; at a terminal, for readers of English, also where it is and what it is for."""
    return f"{name} ({gloss(name, place)})" if current() is Language.EN and sys.stdout.isatty() else name


def style_of(code: object) -> str:
    """Return the colour on a terminal of a status, a verdict on a sum, a severity; "" for none."""
    return str(display_rules("styles").get(str(code), ""))


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
    """Return a drawn table as wide as the terminal; below it which columns have no room, with a text of all rows."""
    screen = console()
    below = [one.key for one in columns if one.below]
    fitting, left_out = fit_columns(rows, [one for one in columns if not one.below], screen.width)
    table = Table(header_style="bold")
    for column, width in fitting:
        table.add_column(wrap_text(column.title, width), no_wrap=True, overflow="fold", width=width)
    for row in rows:
        table.add_row(*(_drawn(row.get(column.key), width) for column, width in fitting), end_section=bool(below))
    with screen.capture() as drawn:
        if title:  # on its own, because a narrow table would break it
            screen.print(Text(title, style="italic"))
        screen.print(table)
    text = drawn.get()
    if below:  # in place of the line behind each row, and above the lower border
        *parts, border = re.split(r"(?m)^├.*\n|^(?=└)", text)
        width = _table_width(width for _, width in fitting)
        text = "".join(part + _below(row, below, width) for part, row in zip(parts, rows, strict=True)) + border
    names = [bracketed(one.title, safe_text(_same_in_all(rows, one))) for one in left_out]
    return text + (fitted(sentence("table.no_room", names=listed(names)), sys.stdout) + "\n" if names else "")


def _below(row: Mapping[str, object], keys: Iterable[str], width: int) -> str:
    """Return values of a row as indented lines of a drawn table, ``width`` characters wide, across its columns."""
    room = width - len("│   ") - len(" │")
    lines = [line for key in keys for line in wrap_text(safe_text(cell_text(row.get(key))), room).split("\n")]
    return "".join(f"│   {line}{' ' * (room - cell_len(line))} │\n" for line in lines)


def _drawn(value: object, width: int) -> Text:
    """Return a value as text, not as Rich markup, because square brackets occur in titles of reports."""
    return Text(wrap_text(cell_text(value), width), style=value.style if isinstance(value, Styled) else "")


def console() -> Console:
    """Return a Rich console on standard output; in a pipe it prints no colours and breaks no lines."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())


def print_text(text: str = "", stream: TextIO | None = None) -> None:
    """Print text on ``stream`` (None: standard output), with control characters made visible; on a terminal wrapped."""
    stream = stream or sys.stdout
    stream.writelines(fitted(line, stream) + "\n" for line in safe_text(text).split("\n"))


def fitted(line: str, stream: TextIO) -> str:
    """Return a line broken into lines that are no wider than the terminal, indented like it; unchanged in a pipe, and
    if it belongs to a drawn table.
    """
    if not stream.isatty() or line.startswith(_DRAWN) or cell_len(line) <= (width := get_terminal_size().columns):
        return line
    indent = line[: len(line) - len(line.lstrip(" "))]
    return textwrap.indent(wrap_text(line.strip(), width - len(indent), PIECE_OF_LINE), indent)


def print_sentence(key: str, /, **values: object) -> None:
    """Print a sentence of ``cli.toml`` on standard output."""
    print_text(sentence(key, **values))


def tell_match(error: NotKnownError, match: Suggestion) -> None:
    """Say on standard error which agency or indicator an unknown name was taken for."""
    print_text(sentence("page.taken_for", text=error.values["text"], name=match.name), sys.stderr)


# ---------------------------------------------------------------------------------------------- widths of columns


def fit_columns(
    rows: Rows, columns: Sequence[LayoutColumn], room: int
) -> tuple[list[tuple[LayoutColumn, int]], list[LayoutColumn]]:
    """Return the columns that fit into ``room`` characters, each with its width in characters, and those that have
    values and do not fit. They are left out in the order of :func:`_leave_order`, of equals the last column first, but
    never the first that is not spare.
    """
    with_values = columns_with_values(rows, columns)
    columns_used = [*with_values]
    least = {column.key: _least_width(rows, column) for column in columns_used}
    stays = next((one for one in columns_used if not one.spare), columns_used[0])
    if _table_width(least.values()) > room:  # else no row need be read for an order
        others = [one for one in reversed(with_values) if one is not stays]
        for column in sorted(others, key=partial(_leave_order, rows)):
            columns_used.remove(column)
            if _table_width(least[one.key] for one in columns_used) <= room:
                break
    widths = [least[column.key] for column in columns_used]
    full = [_full_width(rows, column) for column in columns_used]
    room_left = room - _table_width(widths)
    while room_left > 0 and widths != full:  # widen the columns in turn, each by one character
        for at, width in enumerate(widths):
            if width < full[at] and room_left > 0:
                widths[at], room_left = width + 1, room_left - 1
    left_out = [one for one in with_values if one not in columns_used]
    return list(zip(columns_used, widths, strict=True)), left_out


def columns_with_values(rows: Rows, columns: Sequence[LayoutColumn]) -> list[LayoutColumn]:
    """Return the columns with a value in at least one row; all columns if there are none, or no rows."""
    columns_used = [one for one in columns if any(cell_text(row.get(one.key)) for row in rows)]
    return columns_used if rows and columns_used else list(columns)


def wrap_text(text: str, width: int, pieces: re.Pattern[str] = _PIECE) -> str:
    """Break a text into lines of at most ``width`` cells of a terminal; a Chinese character takes two. ``pieces``:
    matches what is not broken, such as a word or a command; a piece longer than ``width`` gets a line of its own.
    """
    lines, line = list[str](), ""
    for piece in pieces.findall(text.replace("\n", " ")):
        if line and cell_len(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return "\n".join([*lines, line.rstrip()])


def _leave_order(rows: Rows, column: LayoutColumn) -> tuple[bool, float, bool, bool, int]:
    """Return the sort key for leaving out columns: the column with the smallest key goes first. Spare columns go before
    years, and years before others; of these go first those with the same text in all rows, which is told below the
    table; then spare ones that are blank in most rows, then those with the largest ``spare``.
    """
    if column.year is not None:
        return True, column.year, False, False, 0
    is_blank = column.spare > 0 and 2 * sum(not cell_text(row.get(column.key)) for row in rows) > len(rows)
    return not column.spare, inf, not _same_in_all(rows, column), not is_blank, -column.spare


def _same_in_all(rows: Rows, column: LayoutColumn) -> str:
    """Return the text that all rows (but headings of groups, with one value) have in a column, "" if they differ."""
    texts = {cell_text(row.get(column.key)) for row in rows if len(row) > 1}
    return texts.pop() if len(texts) == 1 else ""


def _table_width(widths: Iterable[int]) -> int:
    return 1 + sum(width + BORDER for width in widths)


def _full_width(rows: Rows, column: LayoutColumn) -> int:
    return max(map(cell_len, [*(cell_text(row.get(column.key)) for row in rows), column.title]))


def _least_width(rows: Rows, column: LayoutColumn) -> int:
    """Return the characters that a column needs: its longest text, or if it may wrap, its longest unbreakable piece."""
    full = _full_width(rows, column)
    if not column.wrap:
        return full
    texts = [column.title, *(cell_text(row.get(column.key)) for row in rows)]
    pieces = (cell_len(piece.strip()) for text in texts for piece in _PIECE.findall(text))
    return min(full, max(column.least, *pieces))
