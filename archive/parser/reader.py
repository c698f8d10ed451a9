"""Read a document: bytes → Reading, as one pure function that never raises, whatever the bytes are.

The stages: open the document, place its cells in the form that fits best, find text, evidence and verdict, check.
Pictures are recognised if cells of the form are missing; the members of an archive are read one by one and combined. A
failure gives a finding.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, count, groupby

from archive.documents.kinds import open_document, sniff
from archive.documents.model import Document, Limits, Paragraph, Table, why
from archive.documents.ocr import fill
from archive.findings import finding
from archive.forms.labels import fold_widths
from archive.forms.loader import all_places, foreign_headers, form_of_year, known_form, load_forms, old_form
from archive.forms.model import Form, Indicator
from archive.identity.evidence import copy_findings, undisputed
from archive.identity.text import words
from archive.identity.titles import judge_title, without_prefix
from archive.parser.checks import check_report, find_doubtful_values
from archive.parser.evidence import collect_evidence, find_titles
from archive.parser.flat_text import find_text_rows
from archive.parser.headers import HeaderLines
from archive.parser.placement import Assignment, PlacedCell, PrintedRow, place_rows
from archive.parser.reading import READER_VERSION, combine, failed_reading
from archive.parser.table_rows import find_table_rows
from archive.parser.text import NORMALISER, TEXT_MAX_CHARS, collect_lines, content_digest, cut_sections, select_main
from archive.parser.values import read_value
from archive.parser.verdict import MIN_FORM_CELLS, why_no_report
from storage.records import IdentityEvidence, Reading, StoredCell

__all__ = ["READER_VERSION", "read", "read_document", "read_plain"]

ERROR_MAX_CHARS = 200
STREAMED = frozenset({"html", "mhtml", "text"})  # kinds that can be read even if their end is missing
#: reasons why a document is no report that its pictures, once recognised, may refute
PICTURES_MAY_TELL = frozenset({"", "empty", "needs_ocr", "not_recognised", "no_title", "other_title"})


def read(data: bytes, *, limits: Limits | None = None) -> Reading:
    """Read one document: a ZIP file by its members; pictures are recognised if figures may stand in them. Never raises:
    an error of the reader gives a reading that is no report, with a finding.
    """
    limits = limits or Limits()
    digest = hashlib.sha256(data).hexdigest()
    kind = "unknown"
    try:
        kind = sniff(data)
        document = open_document(data, limits, kind)
        if document.members:
            return _read_members(document, digest, limits)
        reading = read_document(document, digest)
        return _read_with_pictures(document, reading, limits) if _wants_pictures(document, reading) else reading
    except Exception as error:  # noqa: BLE001 - a reader that raises would lose the document: give a finding
        return failed_reading(digest, _short(error), kind=kind)


def read_plain(data: bytes) -> Reading:
    """Read one document without recognising its pictures: used when :func:`read` costs too much."""
    return read(data, limits=Limits(images=0))


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:ERROR_MAX_CHARS]


def _read_members(document: Document, digest: str, limits: Limits) -> Reading:
    """Read each member of an archive, then combine them; an archive inside it gets a share of the limit of members."""
    if limits.levels == 0:  # nested too deep: it is not opened, and a finding says so
        shut = read_document(replace(document, members=(), unreadable="nested"), digest)
        note = finding("limit_reached", bound="archive_levels", expected=Limits().levels)
        return replace(shut, findings=(*shut.findings, note))
    share = replace(limits, levels=limits.levels - 1, members=max(1, limits.members // len(document.members)))
    parts: dict[str, Reading] = {}
    for member in document.members:
        names = chain([member.name], (f"{member.name} ({number})" for number in count(2)))
        parts[next(name for name in names if name not in parts)] = read(member.data, limits=share)
    whole = combine(None, list(parts.items()), kind=document.kind, document=digest)
    return replace(whole, findings=(*document.findings, *whole.findings))


def _wants_pictures(document: Document, reading: Reading) -> bool:
    """True if cells of the form are missing that the document's pictures may show."""
    form = known_form(reading.form)
    is_whole = form is not None and form.places.keys() <= reading.cells.keys()
    return bool(document.images) and not is_whole and reading.reason in PICTURES_MAY_TELL


def _read_with_pictures(document: Document, reading: Reading, limits: Limits) -> Reading:
    """Recognise the document's pictures and read it again; keep ``reading``, with the findings of recognition, if that
    failed or gives less.
    """
    try:
        filled = fill(document, limits)
    except Exception as error:  # noqa: BLE001 - keep what was read without recognition, and give a finding
        note = finding("reader_failed", case="recognition", found=_short(error))
        return replace(reading, findings=(*reading.findings, note))
    if not filled.images:
        again = read_document(filled, reading.document)
        if (again.is_report, len(again.cells)) >= (reading.is_report, len(reading.cells)):
            return again
    return replace(reading, findings=tuple(dict.fromkeys((*reading.findings, *filled.findings))))


def read_document(document: Document, digest: str) -> Reading:
    """Run all stages over an opened document that has no members; ``digest``: SHA-256 (hex) of its bytes."""
    fitting = _place_document(document)
    assignment = fitting[0]
    cells = _make_cells(assignment)
    lines = collect_lines(document, {one.cell.locator.get("table") for one in assignment.placed.values()} - {None})
    titles = find_titles(lines)
    main = select_main(lines, titles)
    sections = cut_sections(main)
    evidence = collect_evidence(document, titles, main, sections)
    reason = why_no_report(document, main, sections, evidence, cells)
    year = undisputed(evidence)[1]
    if year is not None:
        assignment = next((one for one in fitting if one.form is form_of_year(year)), assignment)
    form = _name_form(document, assignment, year, is_report=not reason)
    text = "\n".join(line.text for line in main)[:TEXT_MAX_CHARS]
    unreadable = "" if document.unreadable == "empty" and reason else document.unreadable
    findings = list(document.findings)
    if unreadable:
        case = "words" if main else "bytes"
        findings.append(finding("unreadable", case=case, found=unreadable, why=why(unreadable)))
    if reason:
        cells = {}
    else:
        findings += [*find_doubtful_values(cells), *copy_findings(text)]
        findings += check_report(assignment, form, cells, evidence, document.parts, sections)
    title = _title(document, evidence)
    return Reading(
        document=digest,
        reader=READER_VERSION,
        normaliser=NORMALISER,
        kind=document.kind,
        is_report=not reason,
        reason=reason,
        title=title,
        form=form,
        identity=evidence,
        cells=cells,
        findings=tuple(dict.fromkeys(findings)),
        sections=sections,
        parts=document.parts,
        text=text,
        content_digest=content_digest(main, cells, title) if main or cells else digest,
        unreadable=unreadable,
    )


def _title(document: Document, evidence: IdentityEvidence) -> str:
    """Return the first title in text or metadata that a report could have, else any title that the document has."""
    data = [*(evidence.meta.get(name, "") for name in words("title_fields")[:3]), document.title]
    could_be = (one for one in (*evidence.titles, *data) if one and judge_title(one).could_be)
    return without_prefix(next(could_be, "")) or next((one for one in (*data[:2], *evidence.titles) if one), "")


# --------------------------------------------------------------------------------------------------- the form that fits


def _place_document(document: Document) -> list[Assignment]:
    """Place a document in several forms; return the assignment that places most cells and leaves fewest over, and then
    those that place the same: only the year tells their form. Only the national forms with the fewest headers of other
    forms in the text are tried; the first that is placed whole wins at once. If none is, the free form (reports before
    2019, without national tables) is tried too.
    """
    text = fold_widths("".join(_texts(document)))
    foreign = {form: sum(header in text for header in foreign_headers(form)) for form in load_forms()}
    tried: list[Assignment] = []
    for form in (form for form, number in foreign.items() if number == min(foreign.values())):
        tried.append(_place(document, form))
        if tried[-1].placed.keys() >= form.places.keys() and not tried[-1].unplaced:
            return [tried[-1]]
    best = max((*tried, _place(document, old_form())), key=_fit)
    return [best, *(one for one in tried if one.placed == best.placed and _fit(one) == _fit(best))]


def _texts(document: Document) -> Iterator[str]:
    for block in document.blocks:
        yield from (block.text,) if isinstance(block, Paragraph) else (cell.text for cell in block.cells)


def _place(document: Document, form: Form) -> Assignment:
    """Place a document in one form; flag the last cell of kinds in STREAMED, as a broken transfer may have cut it."""
    assignment = Assignment(form)
    place_rows(list(_printed_rows(document.blocks, form)), assignment)
    last = document.blocks[-1] if document.blocks else None
    if document.kind in STREAMED and isinstance(last, Table) and last.cells:
        for one in assignment.placed.values():
            if one.cell == last.cells[-1]:  # a transfer that broke off may have cut its digits
                one.doubts += ("label_doubt",)
    return assignment


def _printed_rows(blocks: Sequence[Paragraph | Table], form: Form) -> Iterator[PrintedRow]:
    """Yield the rows of the form in tables and text, in reading order; paragraphs between two tables are one text."""
    headers = HeaderLines()
    runs = [list(run) for _, run in groupby(blocks, key=type)]
    for number, run in enumerate(runs):
        if paragraphs := [block for block in run if isinstance(block, Paragraph)]:
            yield from find_text_rows(paragraphs, headers, form, is_last=number == len(runs) - 1)
        for table in (block for block in run if isinstance(block, Table)):
            yield from find_table_rows(table, headers, form)


def _fit(assignment: Assignment) -> tuple[bool, int]:
    """Return how well a form fits: has it cells, and the placed cells (certain ones twice) less the unplaced ones."""
    unplaced = list(chain.from_iterable(assignment.unplaced.values()))
    if not assignment.placed:
        return False, sum(row.row is not None for row in unplaced)
    certain = sum(not placed.doubts for placed in assignment.placed.values())
    return True, certain + len(assignment.placed) - 2 * sum(len(row.cells) for row in unplaced)


def _name_form(document: Document, assignment: Assignment, year: int | None, *, is_report: bool) -> str | None:
    """Return the form whose cells were placed; else, of a report, that of its year: if its caption is printed, or if it
    is the free one (before 2019).
    """
    if len(assignment.placed) >= (1 if is_report else MIN_FORM_CELLS):
        return assignment.form.name
    if not is_report or year is None:
        return None
    form = form_of_year(year)
    if form.is_free:
        return form.name
    printed = fold_widths("".join(_texts(document)))
    return form.name if any(fold_widths(caption) in printed for caption in form.captions) else None


def _make_cells(assignment: Assignment) -> dict[str, StoredCell]:
    """Return indicator id → cell for the placed cells, in the form's order."""
    cells, places = assignment.placed, all_places()
    names = dict.fromkeys((*(name for name in assignment.form.places if name in cells), *cells))
    return {name: _make_cell(cells[name], places[name]) for name in names}


def _make_cell(placed: PlacedCell, place: Indicator) -> StoredCell:
    """Return a placed cell with its value, its locator and the flags of value, placement and document."""
    cell = placed.cell
    value = read_value(cell.text, place.kind, place.unit, placed.unit)
    flags = [*value.flags, *placed.doubts, *cell.doubts]
    if not cell.visible:
        flags.append("label_doubt")
    return StoredCell(
        id=placed.id,
        value=value.value,
        raw=cell.text.strip(),
        state=value.state,
        locator=cell.locator,
        flags=tuple(dict.fromkeys(flags)),
    )
