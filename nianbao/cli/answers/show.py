"""``show``: one report with its cells and the bytes they came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from archive.exports.plain_values import cell_text
from archive.queries.citing import address_of
from archive.queries.results import CaptureLine, CellLine, EditionLine, Report
from nianbao.cli.answers.report_text import finding_line, record_lines, seen_line, shown_cell
from nianbao.cli.asking import Block, HtmlOption, Table, View
from nianbao.cli.output import Format
from nianbao.cli.table_layout import Column
from nianbao.sentences import look_reason, phrase


def show(view: View, *, text: Annotated[bool, typer.Option("--text")] = False, html: HtmlOption = None) -> None:
    """One report: every cell of the form, its findings, and where the bytes came from and lie."""
    found = view.report_or_why_not()
    address = str(address_of(view.home, found))
    if html is not None:
        from nianbao.cli.answers.standalone_pages import report_page

        view.write_page(html, lambda: report_page(view.home, found, address))
    elif view.out.format is Format.JSON:
        view.out.record(found.to_dict() | {"address": address})
    else:
        view.present(found, lambda: _blocks(found, address, text))


def _blocks(found: Report, address: str, text: bool) -> Iterator[Block]:
    edition = found.edition
    yield phrase("show.head", agency=found.agency.name, year=edition.year, title=found.title)
    form = found.form or phrase("show.no_form")
    yield phrase("show.read", edition=edition.id, form=form, kind=found.kind, reader=found.reader)
    yield phrase("show.address", address=address)
    yield from _provenance(edition, found.source)
    for section in dict.fromkeys(cell.section for cell in found.cells):
        yield from _grids(section, [cell for cell in found.cells if cell.section == section])
    if found.withheld:
        yield phrase("show.withheld")
    elif not found.cells:
        yield phrase("show.no_cell")
    else:
        yield phrase("show.blank_doubt" if any(cell.flags for cell in found.cells) else "show.blank")
    for one in found.stated:
        yield phrase("show.stated", id=one.id, value=f"{one.value:f}", sentence=one.sentence)
    for finding in found.findings:
        yield finding_line(finding)
    if text:
        for part in found.sections:
            yield f"\n{part.heading}\n{part.text}"


def _provenance(edition: EditionLine, source: CaptureLine | None) -> Iterator[str]:
    yield phrase("show.track", url=edition.track)
    yield seen_line(edition)
    if source is None:
        yield phrase("show.no_source")
        return
    is_rendered = source.http_status is None and source.reason.startswith("rendered by ")  # crawler/rendering/render.py
    key = "rendered" if is_rendered else "brought_in" if source.http_status is None else "fetched"
    yield phrase(f"show.{key}", url=source.url, at=cell_text(source.fetched_at))
    if source.http_status is None:
        yield look_reason(source.reason)
    yield phrase("record.document", digest=source.document)
    yield from record_lines(source)


def _grids(section: str, cells: list[CellLine]) -> Iterator[Table]:
    """A section as the form prints it: one line a row, one column a printed column.

    Rows whose columns are part of another's stand with it: of a row some cells may not be printed.
    """
    rows: dict[str, dict[str, str]] = {}
    for cell in cells:
        rows.setdefault(cell.row, {})[cell.column] = shown_cell(cell)
    order = [*rows]
    tables: dict[tuple[str, ...], list[str]] = {}
    for row, values in sorted(rows.items(), key=lambda one: -len(one[1])):
        shape = next((wide for wide in tables if values.keys() <= {*wide}), tuple(values))
        tables.setdefault(shape, []).append(row)
    for shape, names in tables.items():
        columns = (Column("row", section), *(Column(name, name) for name in shape))
        yield Table(columns=columns, rows=[{"row": row, **rows[row]} for row in sorted(names, key=order.index)])
