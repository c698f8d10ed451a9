"""``diff``: two editions of one report side by side, cells and text, with the place of each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from archive.exports.atom import LABELS
from archive.exports.plain_values import cell_text
from archive.queries.results import CellChange, Difference, Paragraph, ParagraphChange
from archive.queries.text_differences import MOST_LINES, segments
from nianbao.cli import common
from nianbao.cli.answers.report_text import locator_text, locator_words, side
from nianbao.cli.asking import Block, HtmlOption, Table, View, report_or_why_not
from nianbao.cli.options import place_of
from nianbao.cli.output import Column, Format, emit, say
from nianbao.sentences import named, phrase

_KEYS = ("what", "change", "id", "section", "zh", "en", "before", "after", "before_at", "after_at")


def diff(view: View, *, html: HtmlOption = None) -> None:
    """Two editions of one report: cells and paragraphs that differ, side by side, with where they stand."""
    html = None if html is None else place_of(view.home, html)
    found: Difference = report_or_why_not(view)
    if found.withheld and view.fmt is not Format.JSON:
        common.fail(view.word("diff.withheld"), common.ATTENTION)
    if html is not None:
        from nianbao.cli.answers.standalone_pages import difference_page

        view.write_page(html, lambda: difference_page(view.home, found))
    elif view.fmt in {Format.CSV, Format.JSONL}:  # cells and paragraphs in one list
        rows = [*map(_cell, found.cells), *map(_paragraph, found.paragraphs)]
        emit(rows, [Column(key, key) for key in _KEYS], view.fmt)
    else:
        view.present(found, lambda: _blocks(found, view))
    if found.shortened:
        say(view.word("diff.cut", lines=MOST_LINES), sys.stderr)


def _blocks(found: Difference, view: View) -> Iterator[Block]:
    yield phrase("diff.head", agency=found.agency.name, year=found.year)
    for sign, edition in (("-", found.before), ("+", found.after)):
        label = LABELS.get(edition.change)
        change = named(edition.change, "diff") if label is None else view.why(*label)
        seen = {"first": cell_text(edition.first_seen), "last": cell_text(edition.last_seen)}
        declared = edition.declared or phrase("diff.no_date")
        yield phrase("diff.edition", sign=sign, id=edition.id, declared=declared, change=change, **seen)
    cells = [_cell(one) | _places(one) | {"label": view.why(one.zh, one.en)} for one in found.cells]
    texts = [
        _paragraph(one) | _places(one) | {"change": phrase(f"diff.{one.op}")}
        | {"before": _marked(one.before), "after": _marked(one.after)}
        for one in found.paragraphs
    ]  # fmt: skip
    for title, rows, keys in (("cells", cells, ("label",)), ("paragraphs", texts, ("change", "section"))):
        columns = [view.column(key, least=10) for key in (*keys, "before", "after")]
        columns += [view.column(key, spare=True) for key in ("before_at", "after_at")]
        yield Table(columns=columns, rows=rows, title=phrase(f"diff.{title}"), empty=phrase("diff.none"))


def _cell(one: CellChange) -> dict[str, Any]:
    values = {"before": side(one.before), "after": side(one.after)}
    about = {"what": "cell", "change": None, "id": one.id, "section": one.section, "zh": one.zh, "en": one.en}
    return {**about, **values, **_locators(one)}


def _paragraph(one: ParagraphChange) -> dict[str, Any]:
    values = {"before": one.before and one.before.text, "after": one.after and one.after.text}
    return {"what": "paragraph", "change": one.op, "section": one.heading, **values, **_locators(one)}


def _locators(one: CellChange | ParagraphChange) -> dict[str, str | None]:
    """Where the two sides stand, for programs."""
    return {
        f"{name}_at": None if held is None else locator_text(held.locator)
        for name, held in (("before", one.before), ("after", one.after))
    }


def _places(one: CellChange | ParagraphChange) -> dict[str, Any]:
    """Where the two sides stand, for people."""
    none = phrase("diff.not_printed") if isinstance(one, CellChange) else ""
    return {
        f"{name}_at": none if held is None else locator_words(held.locator)
        for name, held in (("before", one.before), ("after", one.after))
    }


def _marked(paragraph: Paragraph | None) -> str:
    """A paragraph with what changed in it between « and »."""
    if paragraph is None:
        return ""
    return "".join(f"«{text}»" if changed else text for text, changed in segments(paragraph))
