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
from nianbao.cli.texts.cell_text import BLANK, DOUBT, shown_cell


def show(
    view: View,
    *,
    text: Annotated[bool, typer.Option("--text", help="The text of the report as well.")] = False,
    html: HtmlOption = None,
) -> None:
    """One report: every cell of the form, its findings, and where the bytes came from and lie."""
    found = report_or_why_not(view)
    address = str(address_of(view.home, found))
    if html is not None:
        from nianbao.cli.texts.evidence_page import page_of_report

        as_of = cell_text(view.home.clock.now())
        view.write_page(html, lambda: page_of_report(view.home, found, address, as_of))
    elif view.fmt is Format.JSON:
        emit([found.to_dict() | {"address": address}], (), view.fmt)
    elif view.fmt is not Format.TABLE:
        keys = ("id", "section", "row", "column", "unit", "value", "raw", "state", "flags", "locator")
        emit([cell.to_dict() for cell in found.cells], tuple(Column(key, key) for key in keys), view.fmt)
    else:
        _print(found, address, text)


def _print(found: Report, address: str, text: bool) -> None:
    say(f"{found.agency.name}, report on {found.edition.year}: {found.title}")
    say(
        f"edition {found.edition.id}; form {found.form or 'not recognised'}; "
        f"read from {found.kind} by reader {found.reader}"
    )
    say(f"cited as {address}")
    _provenance(found.edition, found.source)
    for section in dict.fromkeys(cell.section for cell in found.cells):
        _grid(section, [cell for cell in found.cells if cell.section == section])
    if found.withheld:
        say("withheld by a ruling (nianbao status names it); its bytes are kept")
    elif not found.cells:
        say("no cell of the form could be read")
    else:
        doubted = any(cell.flags for cell in found.cells)
        say(
            f"{BLANK} printed and left blank"
            + (f"; {DOUBT} doubtful, see its flags with --json" if doubted else "")
            + "; empty: not printed"
        )
    for one in found.stated:
        say(f"stated in the text, no cell: {one.id} = {one.value:f}: “{one.sentence}”")
    for finding in found.findings:
        say(f"{finding.severity}: {finding.code}: {finding.en}")
    if text:
        for part in found.sections:
            say(f"\n{part.heading}\n{part.text}")


def _provenance(edition: EditionLine, source: CaptureLine | None) -> None:
    say(f"address {edition.track}")
    say(
        f"seen from {cell_text(edition.first_seen)} to {cell_text(edition.last_seen)}"
        + (f", declared {edition.declared}" if edition.declared else "")
    )
    if source is None:
        say("the capture of its cells is not held")
        return
    if source.http_status is None and source.reason.startswith("rendered by "):  # crawler/rendering/render.py
        say(f"cells from {source.url}, as a browser showed it {cell_text(source.fetched_at)}")
        say(source.reason)
    elif source.http_status is None:
        say(f"cells from {source.url}, brought in {cell_text(source.fetched_at)}: it exists, nobody knows since when")
        say(source.reason)
    else:
        say(f"cells from {source.url}, fetched {cell_text(source.fetched_at)}")
    if source.warc_file:
        say(f"WARC {source.warc_file}, offset {source.warc_offset}, {source.warc_length} bytes; record {source.id}")
    say(f"document SHA-256 {source.document}")
    if source.tls:
        say(f"fetched over a certificate that does not hold: {source.tls}")


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
