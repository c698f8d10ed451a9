"""How a reading came about, for people: the evidence for whose report it is, and where each cell stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from archive.forms.loader import known_form, old_form
from archive.forms.model import Form, Place
from archive.identity.evidence import Identified
from archive.parser.stated import stated
from archive.queries.words import CHINA
from nianbao.cli.texts.reading_json import findings_of
from storage.records import Cell, CellState, Finding, IdentityEvidence, Reading

_BASIS = {
    "title": "its printed title",
    "column": "the column it was found under",
    "metadata": "the page's metadata",
    "statement": "its opening or signature",
    "period": "the period it states",
    "portal": "the place given",
    "place": "the place given",
    "running": "its running text",
}


def explained(reading: Reading, who: Identified, now: datetime) -> Iterator[str]:
    """Lines of text: identity with its evidence, then every cell of the form with its place, then the findings.

    ``now``: the time of reading.
    """
    yield from _identity(reading, who)
    form = known_form(reading.form)
    if form is not None:
        yield from _cells(form, reading.cells)
    figures = stated(reading)
    for one in figures:
        where = f"section {one.section}, line {one.line}"
        yield f"stated in the text, no cell: {one.id} = {one.value:f}, printed “{one.raw}” in “{one.sentence}”, {where}"
    yield from _findings(findings_of(reading, who, figures, now))
    for part in reading.parts:
        yield f"{part.kind}: {part.text or 'no text'} <{part.url}>"


def _identity(reading: Reading, who: Identified) -> Iterator[str]:
    told = "a report" if reading.is_report else f"no report: {reading.reason}"
    yield f"{told}; kind {reading.kind}; form {reading.form or 'not recognised'}; reader {reading.reader}"
    if reading.kind == "html":
        standard = any(finding.code == "standard_tree" for finding in reading.findings)
        yield f"tree of the page: {'that of the HTML standard (lexbor)' if standard else 'that of libxml2'}"
    for name, value in (("agency", who.agency), ("place", who.place), ("year", who.year)):
        basis = who.basis.get(name, "")
        why = f" from {_BASIS.get(basis, basis)}" if basis else ""
        yield f"{name}: {value if value is not None else 'unknown'}{why if value is not None else ''}"
    yield from _evidence(reading.identity)


def _evidence(said: IdentityEvidence) -> Iterator[str]:
    lists: Mapping[str, tuple[object, ...]] = {
        "printed titles": said.titles,
        "breadcrumb": said.breadcrumb,
        "named by the opening or signature": said.statements,
        "years of the stated period": said.period,
        "named in the running text": said.running,
    }
    for name, values in lists.items():
        if values:
            yield f"  {name}: " + " | ".join(map(str, values))
    for key, value in said.meta.items():
        yield f"  metadata {key}: {value}"
    for date in said.dates:
        yield f"  date ({date.origin}): {date.at.astimezone(CHINA):%Y-%m-%d}, printed “{date.text}”"
    if said.corrected:
        yield "  the text calls itself corrected"


def _cells(form: Form, cells: Mapping[str, Cell]) -> Iterator[str]:
    absent: list[str] = []
    table = ""
    for place in form.places.values():
        cell = cells.get(place.id)
        if cell is None:
            absent.append(place.id)
            continue
        if place.table != table:
            table = place.table
            yield f"{form.table(table).section}:"
        yield f"  {place.id} = {_value(cell)}  [{_labels(place)}]  {shown_locator(cell.locator)}{_doubts(cell)}"
    if absent and form is not old_form().plan:  # which rows a free table has, it decides itself
        yield f"not printed, or not found ({len(absent)} cells): {', '.join(absent)}"


def _labels(place: Place) -> str:
    return "／".join((*place.row.groups, place.row.label, place.column.label)).replace("\n", "")


def _value(cell: Cell) -> str:
    if cell.value is not None:
        value = f"{cell.value:f}"
        return value if value == cell.raw else f"{value}, printed “{cell.raw}”"
    return "blank" if cell.state is CellState.BLANK else f"no value, printed “{cell.raw}”"


def _doubts(cell: Cell) -> str:
    return f"  doubt: {', '.join(cell.flags)}" if cell.flags else ""


def shown_locator(locator: Mapping[str, object]) -> str:
    """A locator in one line: ``part a.xls, sheet 表1, cell B7``; grid places count from 0, pages and lines from 1.

    Whole, so that a CSS path can be pasted into a browser.
    """
    return ", ".join(f"{key} {_worded(value)}" for key, value in locator.items()) or "no place of its own"


def _worded(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _findings(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"{finding.severity} {finding.code}: {finding.en}"
