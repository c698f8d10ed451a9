"""Annotations over the pages of an OFD: what they hide or write is doubted, what stamps say is no text of the page."""

from __future__ import annotations

from archive.parser.reader import read
from benchmarks.reading_files import Sample, sample
from imitation.documents.ofd import Note, annotated, ofd
from storage.records import Reading

Box = tuple[float, float, float, float]


def written(report: Sample, *notes: Note) -> Reading:
    return read(annotated(ofd(report.title, report.blocks), notes))


def place(reading: Reading, name: str) -> tuple[int, Box]:
    """Page (from 0) and left, top, width, height of a cell, in mm."""
    at = reading.cells[name].locator
    number, box = at["page"], at["box"]
    assert isinstance(number, int)
    assert isinstance(box, list)
    left, top, right, bottom = box
    return number - 1, (left, top, right - left, bottom - top)


def codes(reading: Reading) -> set[str]:
    return {finding.code for finding in reading.findings}


REPORT = sample(1)
PLAIN = written(REPORT)
NAME = "proactive.admin_license.decided"


def test_stamps_and_watermarks_change_no_cell() -> None:
    page, (left, top, _, height) = place(PLAIN, NAME)
    stamps = [
        Note(kind="Stamp", box=(left, top, 42, 42), page=page, text="汶上县财政局 3708300012345"),
        Note(kind="Watermark", box=(left + 1, top + height / 3, 40, 6), page=page, text="内部 777"),
    ]
    reading = written(REPORT, *stamps)
    assert {name: cell.value for name, cell in reading.cells.items()} == dict(REPORT.truth)
    assert not any(cell.flags for cell in reading.cells.values())
    assert [f.found for f in reading.findings if f.code == "overlaid"] == ["汶上县财政局3708300012345内部777"]


def test_what_an_annotation_covers_is_doubted() -> None:
    page, box = place(PLAIN, NAME)
    reading = written(REPORT, Note(kind="Path", box=box, page=page, ground="255 255 255"))
    assert "label_doubt" in reading.cells[NAME].flags
    assert "seen_otherwise" in codes(reading)
    doubted = {name for name, cell in reading.cells.items() if cell.flags}
    assert doubted == {NAME}


def test_a_figure_written_in_an_annotation_is_read_and_doubted() -> None:
    blank = sample(3)
    own = written(blank)
    name = next(
        name for name in ("proactive.admin_coercion.decided", "proactive.rules.issued") if blank.truth[name] is None
    )
    page, (left, top, width, height) = place(own, name)
    note = Note(kind="Path", box=(left + width / 2 - 2, top + height / 2 - 1.5, 10, 4), page=page, text="58")
    reading = written(blank, note)
    assert reading.cells[name].value == 58
    assert "label_doubt" in reading.cells[name].flags


def test_markers_that_shine_through_and_hidden_notes_doubt_nothing() -> None:
    page, box = place(PLAIN, NAME)
    marker = Note(kind="Highlight", box=box, page=page, ground="255 255 0", alpha=80)
    hidden = Note(kind="Path", box=box, page=page, text="99", visible=False)
    reading = written(REPORT, marker, hidden)
    assert {name: cell.value for name, cell in reading.cells.items()} == dict(REPORT.truth)
    assert not any(cell.flags for cell in reading.cells.values())
