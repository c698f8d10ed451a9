"""Render screens for the terminal from the text templates in ``templates/``, in the language of this run.

In a template ``t`` returns a sentence of ``cli.toml``, ``word`` the word for a code, and the filter ``mine`` the ``zh``
or ``en`` of a record. ``{% call(row) table(NAME, ROWS) %}`` lays out a table: its body prints one line for each cell
of a row, and ``tables.toml`` defines its columns.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from jinja2 import Environment
from rich.cells import cell_len
from rich.text import Text

from archive.exports.plain_values import cell_text, jsonable, number, percent
from archive.exports.safe_text import safe_text
from nianbao.answer_words import figure_words
from nianbao.cli.common import SHORT_ID
from nianbao.cli.output import (
    LayoutColumn,
    Styled,
    agency_label,
    column_heading,
    columns_of,
    console,
    fitted,
    plain_column,
    style_of,
    table_text,
    wrap_text,
)
from nianbao.language import current
from nianbao.sentences import (
    bracketed,
    commands_on_crawls,
    counted_from_1,
    in_language,
    joined,
    locator_words,
    look_reason,
    note_sentence,
    notes_sentence,
    sentence,
    shown_cell,
    some,
    status_words,
    word,
    word_of,
)
from nianbao.templates import templates_of
from storage.records import Status
from storage.warc_fields import one_line

if TYPE_CHECKING:
    from archive.queries.results import Rate

_NARROWEST = 20  # terminal columns that a text beside a label has at least
_WHOLE = "\x0f"  # before a line that is to be copied, and so is not broken
_STYLED = re.compile("\x0e([a-z_ ]*)\x0f([^\x0e\x0f]*)\x0e")  # style and text; ``safe_text`` keeps these controls out


class ScreenText(str):
    """Text that was made printable before, so that it is printed unchanged."""

    __slots__ = ()

    def __html__(self) -> str:
        """Tell Jinja not to escape this text."""
        return self


def rendered(template: str, **values: object) -> str:
    """Return the text of a template, filled with values."""
    return _templates().get_template(f"{template}.txt").render(values)


def part(template: str, macro: str, *given: object) -> str:
    """Return the text that one macro of a template makes of its arguments."""
    return str(getattr(_templates().get_template(f"{template}.txt").module, macro)(*given))


def show(template: str, **values: object) -> None:
    """Print a template filled with values, line by line; on a terminal with colours, and wrapped to its width."""
    for line in rendered(template, **values).splitlines(keepends=True):
        if _STYLED.search(line):
            _print_styled(_with_styles(line.removesuffix("\n")))
        elif line.startswith(_WHOLE):  # the template asks that it is not wrapped
            sys.stdout.write(line.removeprefix(_WHOLE))
        else:
            wrapped = fitted(line.removesuffix("\n"), sys.stdout)
            sys.stdout.write(wrapped.replace("\u00a0", " ") + line[-1])  # it kept a word and its number together


def styled(text: object, style: str) -> ScreenText:
    """Return a text with control characters around it that make :func:`show` print it in a Rich style."""
    return ScreenText(f"\x0e{style}\x0f{_printable(text)}\x0e") if style else _printable(text)


def counted(numbers: Mapping[str, int] | Iterable[tuple[str, int]], form: str, *sections: str) -> str:
    """Return counts by code in words: ``3 missing, 2 blank``. ``form``: a sentence with ``what`` and ``count``."""
    pairs = dict(numbers).items()
    return joined("parts", *(sentence(form, what=word_of(code, *sections), count=number) for code, number in pairs))


def table(
    name: str | None, rows: Iterable[Any], caller: Callable[[Any], str] | None = None, *,
    more: Sequence[LayoutColumn] = (), title: str = "", empty: str = "",
) -> ScreenText:  # fmt: skip
    """Lay out rows with the columns of a table of ``tables.toml`` (if ``name`` is given) and ``more`` columns.
    ``caller``: prints a row's cells, one on each line.
    """
    columns = [*(columns_of(name) if name is not None else ()), *more]
    if caller is not None:
        rows = [
            {one.key: _cell(text) for one, text in zip(columns, caller(row).split("\n")[:-1], strict=True)}
            for row in rows
        ]
    return ScreenText(table_text([*rows], columns, title=title, empty=empty))


def year_columns(years: Iterable[int], least: int, marks: Mapping[int, list[str]] | None = None) -> list[LayoutColumn]:
    """Return a column for each reporting year, headed also by the ``marks`` that all its figures have."""
    titles = {year: [str(year), *(word("mark", one) for one in (marks or {}).get(year, ()))] for year in years}
    return [LayoutColumn(words[0], " ".join(words), least=least, year=year) for year, words in titles.items()]


def status_columns(statuses: Iterable[str], **layout: Any) -> list[LayoutColumn]:
    """Return a column for each status, headed by its short word."""
    return [LayoutColumn(str(one), sentence(f"status_short.{one}"), **layout) for one in statuses]


@cache
def _templates() -> Environment:
    """Return the templates of screens, with the functions and filters that they may use."""
    environment = templates_of("nianbao.cli").overlay(finalize=_printable, keep_trailing_newline=True)
    environment.globals |= {
        "t": _sentence, "word": word, "lang": current, "joined": joined, "some": some, "counted": counted,
        "number": number, "percent": percent, "figure_words": figure_words, "table": table, "bracketed": bracketed,
        "commands_on_crawls": commands_on_crawls,
        "plain_column": plain_column, "year_columns": year_columns, "status_columns": status_columns,
        "note": note_sentence, "look_reason": look_reason, "notes": notes_sentence,
        "status_words": status_words, "word_of": word_of, "heading": column_heading, "fact": _fact,
    }  # fmt: skip
    environment.filters |= {
        "mine": in_language, "label": lambda agency: agency_label(agency.name, agency.place),
        "word_of": word_of, "styled": styled, "as_text": cell_text,
        "coloured": lambda text, code: styled(text, style_of(code)),
        "short": lambda name: name[:SHORT_ID], "lines": lambda text: ScreenText(safe_text(text)), "drawn": ScreenText,
        "rate": rate_text, "digits": lambda value: f"{value:f}", "cell_sign": shown_cell,
        "each": lambda values, key, name: [sentence(key, **{name: value}) for value in values],
        "titled": lambda title, text: sentence("join.titled", title=title, text=text),
        "locator_words": locator_words, "counted_from_1": counted_from_1, "one_line": _on_one_line,
        "words": lambda text: " ".join(text.split()),
        "whole": lambda text: ScreenText("".join(_WHOLE + line for line in safe_text(text).splitlines(keepends=True))),
    }  # fmt: skip
    return environment


def _printable(value: object) -> ScreenText:
    """Return a value as text on one line, with control characters made harmless; screen text stays as it is."""
    is_shown = isinstance(value, str) and hasattr(value, "__html__")  # ScreenText: made printable already
    return ScreenText(value if is_shown else safe_text(cell_text(value)).replace("\n", " "))


def _sentence(key: str, /, **values: object) -> str:
    """Return a sentence of ``cli.toml``; days and instants among its values are formatted for people."""
    texts = {name: cell_text(value) if isinstance(value, date) else value for name, value in values.items()}
    return sentence(key, **texts)


def _fact(label: str, value: object, width: int) -> ScreenText:
    """Return a label padded to ``width`` columns and a text beside it, broken to fit; in a pipe on one line."""
    text = cell_text(value)
    head = label + " " * max(1, width + 1 - cell_len(label))
    room = max(_NARROWEST, shutil.get_terminal_size().columns - cell_len(head))
    lines = wrap_text(text, room).split("\n") if sys.stdout.isatty() else [text]
    indents = [head, *[" " * cell_len(head)] * (len(lines) - 1)]
    lines_of_fact = (indent + line if line else head.rstrip() for indent, line in zip(indents, lines, strict=True))
    return ScreenText("".join(f"{safe_text(line)}\n" for line in lines_of_fact))


def _on_one_line(value: object) -> str:
    """Return a value on one line, even if a portal sent line breaks; instants to the second."""
    text = cell_text(jsonable(value)) if isinstance(value, datetime) else cell_text(value)
    return one_line(text.replace("\t", " "))


def _cell(text: str) -> object:
    match = _STYLED.fullmatch(text)
    return Styled(match[2], match[1]) if match else str(text)


def _print_styled(text: Text) -> None:
    """Print a line in its styles; on a terminal wrapped like other lines."""
    end = 0
    for line in fitted(text.plain, sys.stdout).split("\n"):
        words = line.strip()
        begin = text.plain.index(words, end)
        end = begin + len(words)
        console().print(Text(line.removesuffix(words)) + text[begin:end])


def _with_styles(line: str) -> Text:
    text, end = Text(), 0
    for match in _STYLED.finditer(line):
        text.append(line[end : match.start()]).append(match[2], style=match[1])
        end = match.end()
    return text.append(line[end:])


# ---------------------------------------------------------------------------------------------- rates


def rate_text(rate: Rate | None) -> str:
    """Return the range in which a rate must be, as ``50–63 %``, or one number if all is known; "" for None.

    The minimum is rounded down, the maximum up; 99.7 % is never shown as 100 %, nor 0.3 % as 0 %. If it may be any
    share: the word "unknown".
    """
    if rate is None:
        return ""
    if 0 < rate.population == rate.unknown:
        return word("status_short", Status.UNKNOWN)
    if rate.low == rate.high:
        return f"{_percent(rate.low, lambda share: floor(share + 0.5))} %"
    return f"{_percent(rate.low, floor)}–{_percent(rate.high, ceil)} %"


def _percent(share: float, rounded: Callable[[float], int]) -> str:
    whole = rounded(round(100 * share, 6))
    return f"{100 * share:.1f}" if whole in {0, 100} and share not in {0, 1} else str(whole)
