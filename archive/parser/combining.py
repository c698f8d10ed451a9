"""Several documents → one reading: a page with its attachments, or the members of an archive.

Cells are taken from the document that prints most of them; which part gave a cell stands in its locator. Contradictions
are told and flagged; documents of another agency or year are left out.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from archive.documents.model import why
from archive.findings import finding, first_of
from archive.forms.loader import all_forms
from archive.identity.evidence import Claim, claim_of_title, title_of
from archive.identity.titles import judge
from archive.parser.checks import check_report
from archive.parser.reading import empty_reading
from archive.parser.text import MIN_SECTIONS, TEXT_MAX_CHARS, content_digest, count_sections, make_line
from storage.records import Cell, Finding, IdentityEvidence, Part, Reading, Section, Severity

NamedReading = tuple[str, Reading]  #: name of the part ("" for the page), what was read of it

MAX_NAMES = 12  # in a sentence
#: codes of what is said of a whole report: made again where documents are combined
CODES_OF_THE_WHOLE = frozenset({
    "tables_absent", "table_missing", "rows_missing", "tables_blank", "table_blank", "identity_broken",
    "rules_by_other_body", "form_of_other_year", "narrative_conflict",
})  # fmt: skip
UNSURE = frozenset({"low_confidence", "not_a_number", "not_integer"})  # flags of cells that contradict no other


@dataclass(slots=True)
class _CellSelection:
    """``givers``: the part that gave each cell; ``differing``: cells that two documents print differently, by these."""

    cells: dict[str, Cell] = field(default_factory=dict)
    givers: dict[str, str] = field(default_factory=dict)
    differing: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))


def combine(
    main: Reading | None, parts: Sequence[NamedReading], *, kind: str = "zip", document: str = "", reader: str = ""
) -> Reading:
    """Return one reading of a page (None for an archive) and its named parts, in order.

    ``kind``, ``document`` (SHA-256, hex) and ``reader`` are the archive's where there is no page.
    """
    if main is not None and not parts:
        return main
    base = main or empty_reading(document, "empty", kind=kind, reader=reader or parts[0][1].reader)
    documents, foreign, is_open = _sort_parts(main, parts)
    readings = [reading for _, reading in documents]
    is_report = is_open or any(reading.is_report for _, reading in documents or parts)
    is_unclear = is_open and not (base.is_report and base.cells)  # which report is meant, the links say
    why_not = _first([main] if main is not None else [one for _, one in parts], "reason") or "empty"
    reason = "several_reports" if is_unclear else "" if is_report else why_not
    selection = _take_cells(documents) if is_report else _CellSelection()
    speaker = next((one for one in readings if _claim_of(one) != Claim()), readings[0] if readings else None)
    identity = base.identity if is_open or speaker is None else _join_identity(speaker, documents)
    text, sections = _join_text(main, readings)
    form = _form(readings, selection.cells)
    title = speaker.title if speaker else ""
    findings = [*_kept_findings(documents, selection), *_own_findings(parts, selection, foreign, is_open=is_open)]
    if is_report and not is_open:
        findings += check_report(None, form, selection.cells, identity, (), sections)
    is_page = main is not None and text == main.text and not any(selection.givers.values())
    own_parts = main.parts if main is not None else [Part(kind="attachment", url=name) for name, _ in parts]
    is_readable = selection.cells or text or is_open
    return replace(
        base,
        is_report=is_report,
        reason=reason,
        title=title,
        form=form,
        identity=identity,
        cells=selection.cells,
        findings=tuple(dict.fromkeys(findings)),
        sections=sections,
        parts=tuple(dict.fromkeys((*own_parts, *(part for one in readings for part in one.parts)))),
        text=text,
        content_digest=base.content_digest if is_page else _digest(text, selection.cells, title, parts),
        unreadable="" if is_readable else _first([base, *(one for _, one in parts)], "unreadable"),
    )


def _first(readings: Iterable[Reading], field_name: str) -> str:
    return next((value for one in readings if (value := str(getattr(one, field_name)))), "")


# -------------------------------------------------------------------------------------------------- what belongs to it


def _sort_parts(main: Reading | None, parts: Sequence[NamedReading]) -> tuple[list[NamedReading], list[str], bool]:
    """Sort the parts that are reports by the agency and year that the page names, or else the first of them.

    Return the page and the parts that belong to it, the names of parts that are another report, and whether the parts
    contradict each other so that it is open which of them is meant; then none of them belongs to the page.
    """
    page = subject = _claim_of(main) if main is not None else Claim()
    own: list[NamedReading] = [("", main)] if main is not None else []
    reports = [(name, part) for name, part in parts if part.is_report and not part.unreadable]
    documents, foreign, is_open = list(own), list[str](), False
    for name, part in reports:
        claim = _claim_of(part, name)
        if claim.contradicts(subject):
            foreign.append(name)
            is_open |= not claim.contradicts(page)
        else:
            documents.append((name, part))
            subject = subject.completed_by(claim)
    return (own, [name for name, _ in reports], True) if is_open else (documents, foreign, False)


def _claim_of(reading: Reading, name: str = "") -> Claim:
    """Return whose report, on which year, the title of a document says it is, completed by the name of its file."""
    by_title, by_file_name = (
        claim_of_title(one, "", None) for one in (title_of(reading.identity)[0], judge(_stem(name)))
    )
    return by_title.completed_by(by_file_name)


def _stem(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[0]


# --------------------------------------------------------------------------------------------------------------- cells


def _take_cells(documents: Iterable[NamedReading]) -> _CellSelection:
    """Take the cells of the document that prints most of them, the first among equals, then what only others print."""
    selection = _CellSelection()
    for name, reading in sorted(documents, key=lambda one: -len(one[1].cells)):
        for key, cell in reading.cells.items():
            first_cell = selection.cells.setdefault(key, _with_part(cell, name))
            if selection.givers.setdefault(key, name) != name and _differs(first_cell, cell):
                selection.differing[selection.givers[key], name].append(key)
                selection.cells[key] = replace(first_cell, flags=tuple(dict.fromkeys((*first_cell.flags, "conflict"))))
    return selection


def _with_part(cell: Cell, name: str) -> Cell:
    inner = cell.locator.get("part")
    return replace(cell, locator={**cell.locator, "part": f"{name}/{inner}" if inner else name}) if name else cell


def _differs(one: Cell, other: Cell) -> bool:
    return one.value != other.value and UNSURE.isdisjoint((*one.flags, *other.flags))


def _form(readings: Iterable[Reading], cells: Mapping[str, Cell]) -> str | None:
    """Return the form that has most of the cells, or of several that which a document names."""
    fits = {form.name: sum(name in form.places for name in cells) for form in all_forms()}
    return max((one.form for one in readings if one.form), key=lambda name: fits[name], default=None)


# ------------------------------------------------------------------------------------------------------ text, identity


def _join_text(main: Reading | None, readings: Sequence[Reading]) -> tuple[str, tuple[Section, ...]]:
    """Return the page's text and sections; of a page that is only a frame those of the parts too, each section once."""
    if main is not None and count_sections(main.sections) >= MIN_SECTIONS:
        return main.text, main.sections
    sections: dict[str, Section] = {}
    for section in (section for one in readings for section in one.sections):
        sections.setdefault(section.key or section.heading, section)
    text = "\n".join(dict.fromkeys(one.text for one in readings if one.text))
    return text[:TEXT_MAX_CHARS], tuple(sections.values())


def _join_identity(speaker: Reading, documents: Sequence[NamedReading]) -> IdentityEvidence:
    """Return the evidence of the document that names a report; the others fill in what it leaves out."""
    all_evidence = [one.identity for _, one in documents]
    ordered = [speaker.identity, *(one for one in all_evidence if one is not speaker.identity)]
    names = [_stem(name) for name, _ in documents if judge(_stem(name)).could_be]
    meta: dict[str, str] = {}
    for one in reversed(all_evidence):  # what the page says of itself stands
        meta |= one.meta
    return replace(
        speaker.identity,
        titles=tuple(dict.fromkeys([*(title for one in ordered for title in one.titles), *names])),
        meta=meta,
        breadcrumb=all_evidence[0].breadcrumb,
        statements=next((one.statements for one in ordered if one.statements), ()),
        period=next((one.period for one in ordered if one.period), ()),
        running=next((one.running for one in ordered if one.running), ()),
        dates=tuple(dict.fromkeys(date for one in all_evidence for date in one.dates)),
    )


def _digest(text: str, cells: Mapping[str, Cell], title: str, parts: Sequence[NamedReading]) -> str:
    if text or cells:
        return content_digest([make_line(line) for line in text.split("\n")], cells, title)
    return hashlib.sha256("\n".join(one.content_digest for _, one in parts).encode()).hexdigest()


# ------------------------------------------------------------------------------------------------------------ findings


def _kept_findings(documents: Iterable[NamedReading], selection: _CellSelection) -> Iterator[Finding]:
    """Yield what was said of each document; what is about cells only where one of them was taken from it."""
    for name, reading in documents:
        for one in reading.findings:
            is_about_it = not one.cells or any(selection.givers.get(cell) == name for cell in one.cells)
            if is_about_it and one.code not in CODES_OF_THE_WHOLE:
                yield one


def _own_findings(
    parts: Iterable[NamedReading], selection: _CellSelection, foreign: Sequence[str], *, is_open: bool
) -> Iterator[Finding]:
    """Yield what only shows where documents meet."""
    for (one, other), cells in selection.differing.items():
        case = "parts" if one else "page"
        yield finding("parts_differ", case=case, cells=cells, one=one, other=other, count=len(cells))
    if foreign:
        case = "attached_open" if is_open else "attached"
        yield finding("several_reports", case=case, found=first_of(foreign, MAX_NAMES))
    for name, reason in [(name, reading.unreadable) for name, reading in parts if reading.unreadable]:
        severity = Severity.INFO if selection.cells else None
        yield finding("part_unreadable", case="attached", severity=severity, found=reason, name=name, why=why(reason))
