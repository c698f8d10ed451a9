"""How a reading came about, for people: the evidence for whose report it is, and where each cell stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from archive.forms.loader import known_form, old_form
from archive.forms.model import Form, Indicator
from archive.identity.evidence import ReportIdentity
from archive.parser.stated import find_stated_figures
from archive.queries.words import CHINA
from nianbao.cli.output import column_heading, in_language
from nianbao.cli.texts.reading_json import findings_of
from nianbao.sentences import listed, sentence, word
from storage.records import Cell, CellState, IdentityEvidence, Reading


def explained(reading: Reading, who: ReportIdentity, now: datetime) -> Iterator[str]:
    """Lines of text: identity with its evidence, then every cell of the form with its place, then the findings.

    ``now``: the time of reading.
    """
    yield from _identity(reading, who)
    form = known_form(reading.form)
    if form is not None:
        yield from _cells(form, reading.cells)
    figures = find_stated_figures(reading)
    for one in figures:
        about = {"id": one.id, "value": f"{one.value:f}", "raw": one.raw, "text": one.sentence}
        yield sentence("explain.stated", section=one.section, line=one.line, **about)
    for finding in findings_of(reading, who, figures, now):
        yield f"{word('severity', finding.severity)} {finding.code}: {in_language(finding)}"
    for part in reading.parts:
        yield f"{part.kind}: {part.text or sentence('explain.no_text')} <{part.url}>"


def _identity(reading: Reading, who: ReportIdentity) -> Iterator[str]:
    form = reading.form or sentence("explain.no_form")
    key = "explain.report" if reading.is_report else "explain.no_report"
    yield sentence(key, reason=word("no_report", reading.reason), kind=reading.kind, form=form, reader=reading.reader)
    for name, value in (("agency", who.agency), ("place", who.place), ("year", who.year)):
        label, basis = column_heading(name), who.basis.get(name, "")
        if value is None:
            yield sentence("explain.unknown", name=label)
        else:
            key = "explain.known_from" if basis else "explain.known"
            yield sentence(key, name=label, value=value, basis=word("basis", basis))
    yield from _evidence(reading.identity)


def _evidence(said: IdentityEvidence) -> Iterator[str]:
    for name in ("titles", "breadcrumb", "statements", "period", "running"):
        if values := getattr(said, name):
            yield f"  {sentence(f'explain.{name}')}: " + " | ".join(map(str, values))
    for key, value in said.meta.items():
        yield "  " + sentence("explain.metadata", key=key, value=value)
    for date in said.dates:
        day = f"{date.at.astimezone(CHINA):%Y-%m-%d}"
        yield "  " + sentence("explain.date", origin=date.origin, day=day, text=date.text)
    if said.corrected:
        yield "  " + sentence("explain.corrected")


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
    if absent and form.name != old_form().name:  # which rows a free table has, it decides itself
        yield sentence("explain.absent", number=len(absent), cells=listed(absent))


def _labels(place: Indicator) -> str:
    return "／".join((*place.row.groups, place.row.label, place.column.label)).replace("\n", "")


def _value(cell: Cell) -> str:
    if cell.value is not None:
        value = f"{cell.value:f}"
        return value if value == cell.raw else sentence("explain.printed", value=value, raw=cell.raw)
    if cell.state is CellState.BLANK:
        return sentence("explain.blank")
    return sentence("explain.printed", value=sentence("explain.no_value"), raw=cell.raw)


def _doubts(cell: Cell) -> str:
    return "  " + sentence("explain.doubt", flags=listed(cell.flags)) if cell.flags else ""


def shown_locator(locator: Mapping[str, object]) -> str:
    """A locator in one line: ``part a.xls, sheet 表1, cell B7``; grid places count from 0, pages and lines from 1.

    Whole, so that a CSS path can be pasted into a browser.
    """
    return ", ".join(f"{key} {_worded(value)}" for key, value in locator.items()) or sentence("explain.no_place")


def _worded(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
