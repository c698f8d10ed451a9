"""Bound visits → versions of a report → its editions."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from urllib.parse import urljoin

from archive.assessment.editions import PartVersion, Version, editions
from archive.identity.addresses import same_address
from archive.projection.binding import Bound, Report
from archive.projection.dates import days_of
from archive.projection.findings import is_unreadable, unreadable_finding
from archive.projection.visits import IN_PLACE
from storage.records import Capture, Cell, CellState, Edition, Reading

#: Parts that may hold (part of) the report; pictures are parts only if they were fetched.
LINKED = frozenset({"attachment", "embed"})
_FRAME = 400  #: characters; a page with more says something itself


def report_editions(report: Report, bounds: Sequence[Bound], imports: Collection[str] = ()) -> tuple[Edition, ...]:
    """Give the editions of one report; one that could not be read says so. ``imports``: runs that brought in what
    people saved.
    """
    agency, year = report
    mute = {bound.visit.main.document: unreadable_finding(bound) for bound in bounds if is_unreadable(bound)}
    rows = editions(agency, year, [version(bound, imported=bound.visit.main.run in imports) for bound in bounds])
    return tuple(
        replace(edition, findings=(*edition.findings, mute[edition.main]))
        if edition.main in mute and edition.cells_from is None
        else edition
        for edition in rows
    )


def version(bound: Bound, *, imported: bool = False) -> Version:
    """Give a bound visit as a version of its report."""
    main, reading = bound.visit.main, bound.reading
    assert reading is not None
    assert main.document is not None
    cells = bound.cells_from
    return Version(
        page=main,
        main=main.document,
        content=_content(reading),
        parts=_parts(bound, reading),
        cells=_cells_digest(cells) if cells else None,
        cells_from=cells.document if cells else None,
        shape=cells.kind if cells else "",
        frame=_is_frame(reading),
        days=tuple(days_of(reading, "metadata")),
        corrected=reading.identity.corrected,
        imported=imported,
    )


def _is_frame(page: Reading) -> bool:
    """Whether a page says next to nothing but what it links: no cells, no section of the form, no text of its own."""
    return (
        page.kind == "html"
        and not page.cells
        and len(page.text) <= _FRAME
        and not any(section.key for section in page.sections)
        and any(part.kind in LINKED for part in page.parts)
    )


def _content(reading: Reading) -> str | None:
    return None if reading.unreadable else reading.content_digest


def _parts(bound: Bound, page: Reading) -> tuple[PartVersion, ...]:
    """Give the attachments that the page links, fetched or not, and what else was fetched along."""
    readings = {capture.id: reading for capture, reading in bound.parts}
    fetched = {same_address(capture.requested): capture for capture in bound.visit.parts}
    linked = [urljoin(bound.visit.main.url, part.url) for part in page.parts if part.kind in LINKED]
    missing = dict.fromkeys(url for url in linked if same_address(url) not in fetched)
    return (
        *(_fetched(capture, readings.get(capture.id)) for capture in fetched.values()),
        *(PartVersion(url=url) for url in missing),
    )


def _fetched(capture: Capture, reading: Reading | None) -> PartVersion:
    if reading is None:
        return PartVersion(url=capture.requested)
    page = reading.kind in IN_PLACE and not reading.is_report  # it says something in place of the file
    content = None if page else _content(reading)
    return PartVersion(url=capture.requested, content=content, document=reading.document, capture=capture.id)


def _cells_digest(reading: Reading) -> str:
    """Give a digest over what is printed in the cells, by value where there is one."""
    printed = (f"{name}={_printed(cell)}" for name, cell in sorted(reading.cells.items()))
    return hashlib.sha256("\n".join(printed).encode()).hexdigest()


def _printed(cell: Cell) -> str:
    if cell.value is not None:
        return format(cell.value.normalize(), "f")
    return cell.raw if cell.state is CellState.PRINTED else cell.state.value
