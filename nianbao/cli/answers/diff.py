"""``diff``: two editions of one report side by side, cells and text, with the place of each."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping

from rich.table import Table
from rich.text import Text

from archive.exports.atom import LABELS
from archive.exports.plain_values import cell_text
from archive.exports.safe_text import safe_text
from archive.queries.results import CellChange, Difference, Paragraph, ParagraphChange
from archive.queries.text_differences import MOST_LINES, segments
from nianbao.cli import common
from nianbao.cli.asking import HtmlOption, View, report_or_why_not
from nianbao.cli.options import place_of
from nianbao.cli.output import Column, Format, console, emit, say
from nianbao.cli.texts.report_text import locator_text, locator_words, side
from nianbao.cli.texts.standalone_pages import difference_page
from nianbao.language import Language, current
from nianbao.sentences import named, phrase

_CELLS = ("label", "before", "after", "before_at", "after_at", "id")
_SPARE = frozenset({"before_at", "after_at", "id"})
_KEYS = (
    *("id", "row", "column", "before", "after", "before_at", "after_at"),
    *("what", "change", "zh", "en", "section", "before_raw", "after_raw", "before_state", "after_state"),
)
_TEXT = ("change", "section", "before", "after", "before_at", "after_at")
_NARROW = 60  # columns of a terminal below which two texts do not stand side by side


def diff(view: View, *, html: HtmlOption = None) -> None:
    """Two editions of one report: cells and paragraphs that differ, side by side, with where they stand."""
    html = None if html is None else place_of(view.home, html)
    found, fmt = report_or_why_not(view), view.fmt
    if fmt is Format.JSON:
        emit([found.to_dict()], (), fmt)
        return
    if fmt is Format.TABLE and html is None:
        _editions(found)
    if found.withheld:
        common.fail(view.word("diff.withheld"), common.ATTENTION)
    if html is not None:
        view.write_page(html, lambda: difference_page(view.home, found))
    elif fmt is Format.JSONL:
        emit([*_objects(found)], (), fmt)
    elif fmt is Format.CSV:
        rows = [*map(_cell_row, found.cells), *map(_text_row, found.paragraphs)]
        emit(rows, tuple(Column(key, key) for key in _KEYS), fmt)
    else:
        rows = [_cell_words(one, view) for one in found.cells]
        emit(rows, _columns(_CELLS), fmt, title=view.word("diff.cells"), empty=view.word("diff.none"))
        _texts(found.paragraphs)
    if found.shortened:
        say(view.word("diff.cut", lines=MOST_LINES), sys.stderr)


def _columns(keys: Iterable[str]) -> tuple[Column, ...]:
    return tuple(Column(key, phrase(f"column.{key}"), spare=key in _SPARE) for key in keys)


def _editions(found: Difference) -> None:
    say(phrase("diff.head", agency=found.agency.name, year=found.year))
    for sign, edition in (("-", found.before), ("+", found.after)):
        seen = {"first": cell_text(edition.first_seen), "last": cell_text(edition.last_seen)}
        change = LABELS[edition.change][0 if current() is Language.ZH else 1] if edition.change in LABELS else None
        say(
            phrase(
                "diff.edition", sign=sign, id=edition.id, declared=edition.declared or phrase("diff.no_date"),
                change=change or named(edition.change, "diff"), **seen,
            )
        )  # fmt: skip


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


def _cell_words(one: CellChange, view: View) -> Mapping[str, object]:
    """The same for people."""
    sides = (("before", one.before), ("after", one.after))
    placed = {
        f"{name}_at": phrase("diff.not_printed") if cell is None else locator_words(cell.locator)
        for name, cell in sides
    }
    return {**_cell_row(one), **placed, "label": view.why(one.zh, one.en)}


def _text_words(one: ParagraphChange) -> Mapping[str, object]:
    sides = (("before", one.before), ("after", one.after))
    placed = {f"{name}_at": None if text is None else locator_words(text.locator) for name, text in sides}
    marked = {name: _marked(text) for name, text in sides}
    return {**_text_row(one), **placed, **marked, "change": phrase(f"diff.{one.op}")}


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
        title, none = phrase("diff.paragraphs"), phrase("diff.none")
        emit([_text_words(one) for one in changes], _columns(_TEXT), Format.TABLE, title=title, empty=none)
    elif shown.width < _NARROW:
        for one in changes:
            for sign, paragraph, style in (("-", one.before, "red"), ("+", one.after, "green")):
                if paragraph is not None:
                    shown.print(Text(f"{sign} ").append(_painted(paragraph, one, style)))
    else:
        table = Table(title=phrase("diff.paragraphs"), title_justify="left", show_lines=True, expand=True)
        for name in ("before", "after"):
            table.add_column(phrase(f"column.{name}"), ratio=1, overflow="fold")
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
    return _painted(paragraph, change, style).append(f"\n{locator_words(paragraph.locator)}", style="dim")
