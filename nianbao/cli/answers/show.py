"""``show``: one report with its cells and the bytes they came from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from archive.exports.plain_values import cell_text
from archive.queries.citing import address_of
from archive.queries.results import CaptureLine, CellLine, EditionLine, Report
from nianbao.cli.asking import HtmlOption, View, report_or_why_not
from nianbao.cli.output import Column, Format, emit, say
from nianbao.cli.texts.report_text import record_lines, shown_cell
from nianbao.sentences import look_reason, phrase


def show(view: View, *, text: Annotated[bool, typer.Option("--text")] = False, html: HtmlOption = None) -> None:
    """One report: every cell of the form, its findings, and where the bytes came from and lie."""
    found = report_or_why_not(view)
    address = str(address_of(view.home, found))
    if html is not None:
        from nianbao.cli.texts.standalone_pages import report_page

        view.write_page(html, lambda: report_page(view.home, found, address))
    elif view.fmt is Format.JSON:
        emit([found.to_dict() | {"address": address}], (), view.fmt)
    elif view.fmt is not Format.TABLE:
        keys = ("id", "section", "row", "column", "unit", "value", "raw", "state", "flags", "locator")
        emit([cell.to_dict() for cell in found.cells], tuple(Column(key, key) for key in keys), view.fmt)
    else:
        _print(found, address, text, view)


def _print(found: Report, address: str, text: bool, view: View) -> None:
    edition = found.edition
    say(view.word("show.head", agency=found.agency.name, year=edition.year, title=found.title))
    form = found.form or view.word("show.no_form")
    say(view.word("show.read", edition=edition.id, form=form, kind=found.kind, reader=found.reader))
    say(view.word("show.address", address=address))
    _provenance(edition, found.source)
    for section in dict.fromkeys(cell.section for cell in found.cells):
        _grid(section, [cell for cell in found.cells if cell.section == section])
    if found.withheld:
        say(view.word("show.withheld"))
    elif not found.cells:
        say(view.word("show.no_cell"))
    else:
        say(view.word("show.blank_doubt" if any(cell.flags for cell in found.cells) else "show.blank"))
    for one in found.stated:
        say(view.word("show.stated", id=one.id, value=f"{one.value:f}", sentence=one.sentence))
    for finding in found.findings:
        severity = view.word(f"severity.{finding.severity.value}")
        text_of = view.why(finding.zh, finding.en)
        say(view.word("duty.finding", severity=severity, code=finding.code, text=text_of))
    if text:
        for part in found.sections:
            say(f"\n{part.heading}\n{part.text}")


def _provenance(edition: EditionLine, source: CaptureLine | None) -> None:
    say(phrase("show.track", url=edition.track))
    seen = [phrase("duty.seen", first=cell_text(edition.first_seen), last=cell_text(edition.last_seen))]
    seen += [phrase("duty.declared", day=edition.declared)] if edition.declared else []
    say(phrase("join.parts").join(seen))
    if source is None:
        say(phrase("show.no_source"))
        return
    is_rendered = source.http_status is None and source.reason.startswith("rendered by ")  # crawler/rendering/render.py
    key = "rendered" if is_rendered else "brought_in" if source.http_status is None else "fetched"
    say(phrase(f"show.{key}", url=source.url, at=cell_text(source.fetched_at)))
    if source.http_status is None:
        say(look_reason(source.reason))
    say(phrase("record.document", digest=source.document))
    for line in record_lines(source):
        say(line)


def _grid(section: str, cells: list[CellLine]) -> None:
    """A section as the form prints it: one line a row, one column a printed column."""
    blocks: dict[tuple[str, ...], dict[str, dict[str, str]]] = {}
    rows: dict[str, list[CellLine]] = {}
    for cell in cells:
        rows.setdefault(cell.row, []).append(cell)
    for row, printed in rows.items():
        shape = tuple(cell.column for cell in printed)
        blocks.setdefault(shape, {})[row] = {cell.column: shown_cell(cell) for cell in printed}
    for shape, lines in _merged(blocks):
        columns = (Column("row", section), *(Column(name, name) for name in shape))
        emit([{"row": row, **values} for row, values in lines.items()], columns, Format.TABLE)


def _merged(
    blocks: dict[tuple[str, ...], dict[str, dict[str, str]]],
) -> Iterable[tuple[tuple[str, ...], dict[str, dict[str, str]]]]:
    """Blocks whose columns are part of another's are shown with it (a row of which some cells are not printed)."""
    shapes = sorted(blocks, key=len, reverse=True)
    kept: dict[tuple[str, ...], dict[str, dict[str, str]]] = {}
    for shape in shapes:
        home = next((wide for wide in kept if set(shape) <= set(wide)), shape)
        kept.setdefault(home, {}).update(blocks[shape])
    return kept.items()
