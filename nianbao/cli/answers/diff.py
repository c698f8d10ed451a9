"""``diff``: two editions of one report side by side, cells and text, with the place of each."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from archive.exports.changed_text import segments
from archive.exports.plain_values import cell_text
from archive.exports.safe_text import safe_text
from archive.queries.differing import MOST_LINES
from archive.queries.results import CellChange, Difference, Paragraph, ParagraphChange
from nianbao.cli import common
from nianbao.cli.asking import View, report_or_why_not
from nianbao.cli.options import place_of
from nianbao.cli.output import Column, Format, console, emit, say
from nianbao.cli.texts.difference_page import page
from nianbao.cli.texts.difference_text import locator_text, side
from storage.whole import write_whole

_CELLS = ("id", "row", "column", "before", "after", "before_at", "after_at")
_KEYS = (
    *_CELLS,
    *("what", "change", "zh", "en", "section", "before_raw", "after_raw", "before_state", "after_state"),
)
_TEXT = ("change", "section", "before", "after", "before_at", "after_at")
_NARROW = 60  # columns of a terminal below which two texts do not stand side by side


def diff(
    view: View,
    *,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write a page with both side by side to this file; - is standard output."),
    ] = None,
) -> None:
    """Two editions of one report: cells and paragraphs that differ, side by side, with where they stand."""
    html = None if html is None else place_of(view.home, html)
    found, fmt = report_or_why_not(view), view.fmt
    if fmt is Format.JSON:
        emit([found.to_dict()], (), fmt)
        return
    if fmt is Format.TABLE and html is None:
        _editions(found)
    if found.withheld:
        common.fail(
            "a ruling withholds one of them (nianbao status names it): what differs is not given out", common.ATTENTION
        )
    if html is not None:
        _write(page(found), html)
    elif fmt is Format.JSONL:
        emit([*_objects(found)], (), fmt)
    elif fmt is Format.CSV:
        emit([*map(_cell_row, found.cells), *map(_text_row, found.paragraphs)], _columns(_KEYS), fmt)
    else:
        emit([_cell_row(one) for one in found.cells], _columns(_CELLS), fmt, title="cells that differ", empty="none")
        _texts(found.paragraphs)
    if found.shortened:
        say(f"only the first {MOST_LINES} lines of text are compared; one of them has more", sys.stderr)


def _columns(keys: Iterable[str]) -> tuple[Column, ...]:
    return tuple(Column(key, key.replace("_", " ")) for key in keys)


def _editions(found: Difference) -> None:
    say(f"{found.agency.name}, report on {found.year}")
    for sign, edition in (("-", found.before), ("+", found.after)):
        say(
            f"{sign} {edition.id}  seen {cell_text(edition.first_seen)} to {cell_text(edition.last_seen)}, "
            f"declared {edition.declared or 'no date'} ({edition.change})"
        )


def _objects(found: Difference) -> Iterator[Mapping[str, object]]:
    yield from ({"what": "cell", **one.to_dict()} for one in found.cells)
    yield from ({"what": "paragraph", **one.to_dict()} for one in found.paragraphs)


def _cell_row(one: CellChange) -> Mapping[str, object]:
    row: dict[str, object] = {"what": "cell"}
    row |= {name: getattr(one, name) for name in ("id", "row", "column", "zh", "en", "section")}
    for name, cell in (("before", one.before), ("after", one.after)):
        row[name] = side(cell)
        row[f"{name}_at"] = "not printed" if cell is None else locator_text(cell.locator)
        row[f"{name}_raw"] = None if cell is None else cell.raw
        row[f"{name}_state"] = None if cell is None else cell.state.value
    return row


def _text_row(one: ParagraphChange) -> Mapping[str, object]:
    row: dict[str, object] = {"what": "paragraph", "change": one.op, "section": one.heading}
    for name, paragraph in (("before", one.before), ("after", one.after)):
        row[name] = None if paragraph is None else paragraph.text
        row[f"{name}_at"] = None if paragraph is None else locator_text(paragraph.locator)
    return row


def _texts(changes: Iterable[ParagraphChange]) -> None:
    """Paragraphs side by side; in a pipe a line each, what changed between « and »."""
    changes = list(changes)
    shown = console()
    if not changes or not sys.stdout.isatty():
        rows = [{**_text_row(one), "before": _marked(one.before), "after": _marked(one.after)} for one in changes]
        emit(rows, _columns(_TEXT), Format.TABLE, title="paragraphs that differ", empty="none")
    elif shown.width < _NARROW:
        for one in changes:
            for sign, paragraph, style in (("-", one.before, "red"), ("+", one.after, "green")):
                if paragraph is not None:
                    shown.print(Text(f"{sign} ").append(_painted(paragraph, one, style)))
    else:
        table = Table(title="paragraphs that differ", title_justify="left", show_lines=True, expand=True)
        for name in ("before", "after"):
            table.add_column(name, ratio=1, overflow="fold")
        section = ""
        for one in changes:
            if one.heading != section:
                section = one.heading
                table.add_row(Text(safe_text(section), style="bold"), "")
            table.add_row(_placed(one.before, one, "red"), _placed(one.after, one, "green"))
        shown.print(table)


def _marked(paragraph: Paragraph | None) -> str | None:
    if paragraph is None:
        return None
    return "".join(f"«{text}»" if changed else text for text, changed in segments(paragraph))


def _painted(paragraph: Paragraph, change: ParagraphChange, style: str) -> Text:
    alike = "" if change.op == "replaced" else style
    line = Text()
    for text, changed in segments(paragraph):
        line.append(safe_text(text), style=f"bold {style}" if changed else alike)
    return line


def _placed(paragraph: Paragraph | None, change: ParagraphChange, style: str) -> Text:
    if paragraph is None:
        return Text()
    return _painted(paragraph, change, style).append(f"\n{locator_text(paragraph.locator)}", style="dim")


def _write(text: str, path: Path) -> None:
    if str(path) == "-":
        sys.stdout.write(text)
        return
    try:
        write_whole(path, text.encode())
    except OSError as error:
        common.fail(f"{path} could not be written ({error.strerror}); what was there is as it was", common.UNFINISHED)
    say(f"{path}: both editions side by side")
