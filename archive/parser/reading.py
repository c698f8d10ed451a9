"""Combine the readings of a page and its attachments, or of a ZIP file; make readings of documents that fail to read.

Cells are taken from the document that prints most of them, then from the others; the locator of a cell names its part.
Contradictions give findings and flags; documents of another agency or year are left out.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archive.documents.model import why
from archive.findings import finding, first_of
from archive.forms.loader import known_form
from archive.identity.evidence import IdentityClaim, claim_of_title, title_of
from archive.identity.titles import judge_title
from archive.parser.checks import check_report
from archive.parser.text import MIN_SECTIONS, NORMALISER, TEXT_MAX_CHARS, content_digest, count_sections, make_line
from storage.records import Finding, IdentityEvidence, PagePart, Reading, Section, Severity, StoredCell

#: Raise the number whenever a reading may come out differently.
READER_VERSION = "49"
NamedReading = tuple[str, Reading]  #: name of the part ("" for the page), its reading

MAX_NAMES = 12  # names that a finding lists
#: codes of findings on a whole report: those of the parts are dropped and made anew for the combined reading
CODES_OF_THE_WHOLE = frozenset({
    "tables_absent", "table_missing", "rows_missing", "tables_blank", "table_blank", "identity_broken",
    "rules_by_other_body", "form_of_other_year", "narrative_conflict",
})  # fmt: skip
UNSURE = frozenset({"low_confidence", "not_a_number", "not_integer"})  # a cell with such a flag contradicts no other


def failure_finding(reason: str, detail: str, *, was_read_plainly: bool = False) -> Finding:
    """Return the finding that the reader failed; ``was_read_plainly``: a simpler reader could read the document."""
    zh, en = why(reason)
    more = f"{reason}: {detail or en}" if detail or en != reason else reason
    words = (f"{zh}（{detail}）" if detail else zh, more)
    return finding("reader_failed", case="plainer" if was_read_plainly else "document", found=reason, why=words)


def empty_reading(digest: str, reason: str, *, kind: str) -> Reading:
    """Return a reading without text and cells. ``reason``: a code that says why the document is no report."""
    return Reading(
        document=digest, reader=READER_VERSION, normaliser=NORMALISER, kind=kind, is_report=False, reason=reason,
        title="", form=None, identity=IdentityEvidence(), content_digest=digest,
    )  # fmt: skip


def failed_reading(digest: str, reason: str, detail: str = "", *, kind: str = "unknown") -> Reading:
    """Return the reading of a document on which the reader failed; only links to it can tell whether it is one."""
    note = failure_finding(reason, detail)
    return replace(empty_reading(digest, "reader_failed", kind=kind), findings=(note,), unreadable="reader_failed")


# ------------------------------------------------------------------------------------------------- several documents


def combine(main: Reading | None, parts: Sequence[NamedReading], *, kind: str = "zip", document: str = "") -> Reading:
    """Combine a page (None for a ZIP file) and its named parts, given in their order, into one reading: a report if the
    page or a part is one, with the cells and evidence of those that belong together (:func:`_sort_parts`). Parts of
    another report only give a finding; if it is open which is meant, the reading has the page's evidence alone.
    ``kind`` and ``document`` (SHA-256, hex): those of the ZIP file, used if there is no page.
    """
    if main is not None and not parts:
        return main
    page = main or empty_reading(document, "empty", kind=kind)
    own, foreign, is_open = _sort_parts(main, parts)
    readings = [reading for _, reading in own]
    is_report = is_open or any(reading.is_report for _, reading in own or parts)
    reasons = [main.reason] if main else [one.reason for _, one in parts]
    is_unclear = is_open and not (page.is_report and page.cells)  # only the links to it can tell which report
    reason = "several_reports" if is_unclear else "" if is_report else next(filter(None, reasons), "empty")
    cells, givers, differing = _take_cells(own if is_report else ())
    speaker = next((one for one in readings if _claim_of(one) != IdentityClaim()), readings[0] if readings else None)
    identity = page.identity if is_open or speaker is None else _join_identity(speaker, own)
    text, sections = _join_text(main, readings)
    fits = {one.form: sum(name in plan.places for name in cells) for one in readings if (plan := known_form(one.form))}
    form = max(fits, key=lambda name: fits[name], default=None)
    title = speaker.title if speaker else ""
    findings = [*_relevant_findings(own, givers), *_conflict_findings(differing, foreign, is_open=is_open)]
    findings += _unreadable_parts(parts, cells)
    if is_report and not is_open:
        findings += check_report(None, form, cells, identity, (), sections)
    is_page_alone = main is not None and text == main.text and not any(givers.values())
    links = main.parts if main is not None else [PagePart(kind="attachment", url=name) for name, _ in parts]
    unreadable = (one.unreadable for one in (page, *(one for _, one in parts)) if one.unreadable)
    return replace(
        page,
        is_report=is_report,
        reason=reason,
        title=title,
        form=form,
        identity=identity,
        cells=cells,
        findings=tuple(dict.fromkeys(findings)),
        sections=sections,
        parts=tuple(dict.fromkeys((*links, *(part for one in readings for part in one.parts)))),
        text=text,
        content_digest=page.content_digest if is_page_alone else _digest(text, cells, title, parts),
        unreadable="" if cells or text or is_open else next(unreadable, ""),
    )


def _sort_parts(main: Reading | None, parts: Sequence[NamedReading]) -> tuple[list[NamedReading], list[str], bool]:
    """Compare the parts that are reports with the agency and year that the page, else the first part, names.

    Return the page and the parts that belong to it, the names of parts that are another report, and whether it is open
    which report is meant, because parts contradict each other; then no part belongs to the page.
    """
    page = subject = _claim_of(main) if main is not None else IdentityClaim()
    own: list[NamedReading] = [("", main)] if main is not None else []
    reports = [(name, part) for name, part in parts if part.is_report and not part.unreadable]
    members, foreign, is_open = list(own), list[str](), False
    for name, part in reports:
        claim = _claim_of(part, name)
        if claim.contradicts(subject):
            foreign.append(name)
            is_open |= not claim.contradicts(page)
        else:
            members.append((name, part))
            subject = subject.completed_by(claim)
    return (own, [name for name, _ in reports], True) if is_open else (members, foreign, False)


def _claim_of(reading: Reading, name: str = "") -> IdentityClaim:
    """Return the agency and year that a document's title names, completed from the name of its file."""
    by_title = claim_of_title(title_of(reading.identity)[0], "", None)
    return by_title.completed_by(claim_of_title(judge_title(_stem(name)), "", None))


def _stem(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[0]


# --------------------------------------------------------------------------------------------------------------- cells


def _take_cells(
    own: Sequence[NamedReading],
) -> tuple[dict[str, StoredCell], dict[str, str], dict[tuple[str, str], list[str]]]:
    """Take the cells of the document that prints most of them (if equal, the first), then from the others.

    Return the cells, the name of the part that gave each, and (name, other name) → ids of cells that differ in value.
    """
    cells: dict[str, StoredCell] = {}
    givers: dict[str, str] = {}
    differing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, reading in sorted(own, key=lambda one: -len(one[1].cells)):
        for key, cell in reading.cells.items():
            inner = cell.locator.get("part")
            place = {**cell.locator, "part": f"{name}/{inner}" if inner else name}
            first = cells.setdefault(key, replace(cell, locator=place) if name else cell)
            is_sure = UNSURE.isdisjoint((*first.flags, *cell.flags))
            if givers.setdefault(key, name) != name and first.value != cell.value and is_sure:
                differing[givers[key], name].append(key)
                cells[key] = replace(first, flags=tuple(dict.fromkeys((*first.flags, "conflict"))))
    return cells, givers, differing


# ------------------------------------------------------------------------------------------------------ text, identity


def _join_text(main: Reading | None, readings: Sequence[Reading]) -> tuple[str, tuple[Section, ...]]:
    """Return text and sections of the page (``main``); if it has hardly any sections, those of all ``readings``."""
    if main is not None and count_sections(main.sections) >= MIN_SECTIONS:
        return main.text, main.sections
    sections: dict[str, Section] = {}
    for section in (section for one in readings for section in one.sections):
        sections.setdefault(section.key or section.heading, section)
    text = "\n".join(dict.fromkeys(one.text for one in readings if one.text))
    return text[:TEXT_MAX_CHARS], tuple(sections.values())


def _join_identity(speaker: Reading, own: Sequence[NamedReading]) -> IdentityEvidence:
    """Return the evidence of ``speaker``, the first document that names agency or year, completed by the others."""
    all_evidence = [one.identity for _, one in own]
    ordered = [speaker.identity, *(one for one in all_evidence if one is not speaker.identity)]
    names = [_stem(name) for name, _ in own if judge_title(_stem(name)).could_be]
    return replace(
        speaker.identity,
        titles=tuple(dict.fromkeys([*(title for one in ordered for title in one.titles), *names])),
        meta={name: value for one in reversed(all_evidence) for name, value in one.meta.items()},
        breadcrumb=all_evidence[0].breadcrumb,
        statements=next((one.statements for one in ordered if one.statements), ()),
        period=next((one.period for one in ordered if one.period), ()),
        running=next((one.running for one in ordered if one.running), ()),
        dates=tuple(dict.fromkeys(date for one in all_evidence for date in one.dates)),
    )


def _digest(text: str, cells: Mapping[str, StoredCell], title: str, parts: Sequence[NamedReading]) -> str:
    """Return the content digest of a combined reading; without text and cells, a digest of the parts' digests."""
    if text or cells:
        return content_digest([make_line(line) for line in text.split("\n")], cells, title)
    return hashlib.sha256("\n".join(one.content_digest for _, one in parts).encode()).hexdigest()


# ------------------------------------------------------------------------------------------------------------ findings


def _relevant_findings(own: Sequence[NamedReading], givers: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the documents' findings, without those on a whole report or on cells taken from another document."""
    for name, reading in own:
        for one in reading.findings:
            is_relevant = not one.cells or any(givers.get(cell) == name for cell in one.cells)
            if is_relevant and one.code not in CODES_OF_THE_WHOLE:
                yield one


def _conflict_findings(
    differing: Mapping[tuple[str, str], Sequence[str]], foreign: Sequence[str], *, is_open: bool
) -> Iterator[Finding]:
    """Yield findings on differing cells and attached other reports (``is_open``: it is unclear which is meant).
    ``differing``: two documents by name ("": the page) → ids of cells; ``foreign``: names of the other reports.
    """
    for (one, other), cells in differing.items():
        case = "parts" if one else "page"
        yield finding("parts_differ", case=case, cells=cells, one=one, other=other, count=len(cells))
    if foreign:
        case = "attached_open" if is_open else "attached"
        yield finding("several_reports", case=case, found=first_of(foreign, MAX_NAMES))


def _unreadable_parts(parts: Sequence[NamedReading], cells: Mapping[str, StoredCell]) -> Iterator[Finding]:
    """Yield a finding for each unreadable part; it is only information if there are cells from elsewhere."""
    severity = Severity.INFO if cells else None
    for name, part in parts:
        if code := part.unreadable:
            yield finding("part_unreadable", case="attached", severity=severity, found=code, name=name, why=why(code))
