"""``diff``: two editions of one report side by side, cells and text, with the place of each."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from archive.exports.plain_values import cell_text
from archive.queries.results import CellChange, Difference, Paragraph, ParagraphChange
from archive.queries.text_differences import MOST_LINES, segments
from archive.queries.words import word
from nianbao.cli import common
from nianbao.cli.answers.report_text import locator_text, locator_words, shown_cell
from nianbao.cli.asking import Block, HtmlOption, Table, View
from nianbao.cli.output import Format, column, emit, in_language, say
from nianbao.cli.table_layout import Column
from nianbao.language import current
from nianbao.sentences import named, phrase

_KEYS = ("what", "change", "id", "section", "zh", "en", "before", "after", "before_at", "after_at")
_SIDES = ("before", "after")


def diff(view: View, *, html: HtmlOption = None) -> None:
    """Two editions of one report: cells and paragraphs that differ, side by side, with where they stand."""
    found: Difference = view.report_or_why_not()
    if found.withheld and view.out.format is not Format.JSON:
        common.fail(phrase("diff.withheld"), common.ATTENTION)
    if html is not None:
        from nianbao.cli.answers.standalone_pages import difference_page

        view.write_page(html, lambda: difference_page(view.home, found))
    elif view.out.format in {Format.CSV, Format.JSONL}:  # cells and paragraphs in one list
        rows = [*map(_cell, found.cells), *map(_paragraph, found.paragraphs)]
        emit(rows, [Column(key, key) for key in _KEYS], view.out.format)
    else:
        view.present(found, lambda: _blocks(found))
    if found.shortened:
        say(phrase("diff.cut", lines=MOST_LINES), sys.stderr)


def _blocks(found: Difference) -> Iterator[Block]:
    yield phrase("diff.head", agency=found.agency.name, year=found.year)
    for sign, edition in (("-", found.before), ("+", found.after)):
        change = word("news", edition.change, current()) or named(edition.change, "diff")
        seen = {"first": cell_text(edition.first_seen), "last": cell_text(edition.last_seen)}
        declared = edition.declared or phrase("diff.no_date")
        yield phrase("diff.edition", sign=sign, id=edition.id, declared=declared, change=change, **seen)
    cells = [_cell(one, for_people=True) | {"label": in_language(one)} for one in found.cells]
    texts = [_paragraph(one, for_people=True) | {"change": phrase(f"diff.{one.op}")} for one in found.paragraphs]
    for title, rows, keys in (("cells", cells, ("label",)), ("paragraphs", texts, ("change", "section"))):
        columns = [column(key, least=10) for key in (*keys, *_SIDES)]
        columns += [column(f"{side}_at", spare=True) for side in _SIDES]
        yield Table(columns=columns, rows=rows, title=phrase(f"diff.{title}"), empty=phrase("diff.none"))


def _cell(one: CellChange, *, for_people: bool = False) -> dict[str, Any]:
    row: dict[str, Any] = {"what": "cell", "change": None, "id": one.id, "section": one.section}
    row |= {"zh": one.zh, "en": one.en, **dict.fromkeys(_SIDES)}
    absent = phrase("diff.not_printed") if for_people else None
    for name, cell in zip(_SIDES, (one.before, one.after), strict=True):
        row[name] = "" if cell is None else shown_cell(cell)
        row[f"{name}_at"] = absent if cell is None else _place(cell.locator, for_people)
    return row


def _paragraph(one: ParagraphChange, *, for_people: bool = False) -> dict[str, Any]:
    row: dict[str, Any] = {"what": "paragraph", "change": one.op, "section": one.heading, **dict.fromkeys(_SIDES)}
    for name, paragraph in zip(_SIDES, (one.before, one.after), strict=True):
        if paragraph is None:
            row[name] = row[f"{name}_at"] = "" if for_people else None
        else:
            row[name] = _marked(paragraph) if for_people else paragraph.text
            row[f"{name}_at"] = _place(paragraph.locator, for_people)
    return row


def _place(locator: Mapping[str, object], for_people: bool) -> str:
    return locator_words(locator) if for_people else locator_text(locator)


def _marked(paragraph: Paragraph) -> str:
    """A paragraph with what changed in it between « and »."""
    return "".join(f"«{text}»" if changed else text for text, changed in segments(paragraph))
