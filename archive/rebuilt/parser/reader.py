"""Bytes → Reading: the reader as one pure function. It never raises, whatever the bytes are.

Open, place, check, then text, identity and verdict. A stage that breaks costs itself alone and is told. Pictures are
recognised where tables of the form are missing; the members of an archive are read one by one and combined.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TypeVar

from archive.findings import finding
from archive.identity.evidence import undisputed
from archive.identity.titles import judge
from archive.rebuilt.documents.charset import decode
from archive.rebuilt.documents.kinds import open_document, sniff
from archive.rebuilt.documents.model import Document, Limits
from archive.rebuilt.documents.scan import fill
from archive.rebuilt.documents.unreadable_reasons import why
from archive.rebuilt.parser.cells import find_doubtful_values, make_cells
from archive.rebuilt.parser.combining import NamedReading, check_whole, combine
from archive.rebuilt.parser.content import NORMALISER, content_digest
from archive.rebuilt.parser.evidence import collect_evidence, find_titles
from archive.rebuilt.parser.pipeline import place_document
from archive.rebuilt.parser.placement import Assignment
from archive.rebuilt.parser.reading import READER_VERSION, failed_reading
from archive.rebuilt.parser.text import TEXT_MAX_CHARS, Line, collect_lines, cut_sections, select_main
from archive.rebuilt.parser.verdict import Verdict, judge_document, name_form
from storage.records import Cell, Finding, IdentityEvidence, Reading, Section

__all__ = ["READER_VERSION", "read", "read_bare", "read_plain"]

#: what a document is thought to be whose pictures may show otherwise
PICTURES_MAY_TELL = frozenset({"", "empty", "needs_ocr", "not_recognised", "no_title", "other_title"})

T = TypeVar("T")


def read(data: bytes, *, limits: Limits | None = None) -> Reading:
    """Read one document. Never raises."""
    limits = limits or Limits()
    return _read(data, _Budget(limits), limits.levels)


def read_plain(data: bytes) -> Reading:
    """Read one document without recognising its pictures: used when :func:`read` costs too much."""
    return read(data, limits=Limits(images=0))


def read_bare(data: bytes) -> Reading:
    """Return the words of a document that is text, without parsing it: used when all other reading costs too much."""
    kind = sniff(data)
    text = decode(data).text[:TEXT_MAX_CHARS] if kind == "text" else ""
    return replace(failed_reading(hashlib.sha256(data).hexdigest(), "", kind=kind), findings=(), text=text)


@dataclass(slots=True)
class _Budget:
    """What a document and all that it holds may cost; each member that is read uses some of it."""

    limits: Limits

    def spend(self, *, size: int = 0, images: int = 0, members: int = 0) -> None:
        left = self.limits
        self.limits = replace(
            left,
            bytes=max(0, left.bytes - size),
            images=max(0, left.images - images),
            members=max(0, left.members - members),
        )


@dataclass(slots=True)
class _Stages:
    """Runs the stages of one document; what a broken stage would have given is replaced by ``otherwise``."""

    findings: list[Finding] = field(default_factory=list)

    def run(self, name: str, make: Callable[[], T], otherwise: T) -> T:
        try:
            return make()
        except Exception as error:  # noqa: BLE001 - the other stages still have something to give
            reason = f"{type(error).__name__}: {error}"[:200]
            told = finding("reader_failed", case="stage", found=f"{name}: {reason}", stage=name, reason=reason)
            self.findings.append(told)
            return otherwise


@dataclass(frozen=True, slots=True)
class _Parsed:
    """What all stages made of a document."""

    document: Document
    assignment: Assignment | None
    cells: dict[str, Cell]
    main: list[Line]
    sections: tuple[Section, ...]
    evidence: IdentityEvidence
    verdict: Verdict
    form: str | None
    findings: tuple[Finding, ...]


def _read(data: bytes, budget: _Budget, levels: int) -> Reading:
    digest = hashlib.sha256(data).hexdigest()
    kind = "unknown"
    try:
        kind = sniff(data)
        document = open_document(data, budget.limits, kind)
        if document.members:
            return _read_members(document, digest, budget, levels)
        parsed = _parse(document)
        if document.images and _wants_pictures(parsed):
            parsed = _parse_with_pictures(parsed, budget)
        return _make_reading(parsed, digest)
    except Exception as error:  # noqa: BLE001 - a reader that raises would lose the document: it is told instead
        return failed_reading(digest, f"{type(error).__name__}: {error}"[:200], kind=kind)


def _read_members(document: Document, digest: str, budget: _Budget, levels: int) -> Reading:
    """Read a container: its own page if it has one, each member by itself, then all combined."""
    own = replace(document, members=())
    main = _make_reading(_parse(own), digest) if own.blocks else None
    if levels == 0:
        told = finding("limit_reached", bound="archive_levels", expected=budget.limits.levels)
        shut = main or _make_reading(_parse(replace(own, unreadable="nested")), digest)
        return replace(shut, findings=(*shut.findings, told))
    budget.spend(members=len(document.members))
    parts: dict[str, Reading] = {}
    for member in document.members:
        name = member.name
        if name in parts:
            name = next(other for number in count(2) if (other := f"{member.name} ({number})") not in parts)
        parts[name] = _read(member.data, budget, levels - 1)
        budget.spend(size=len(member.data))
    named: list[NamedReading] = list(parts.items())
    whole = combine(main, named, kind=document.kind, document=digest, reader=READER_VERSION)
    return replace(whole, findings=(*(document.findings if main is None else ()), *whole.findings))


def _parse(document: Document) -> _Parsed:
    """Run all stages over a document."""
    stages = _Stages()
    no_lines: list[Line] = []
    no_cells: dict[str, Cell] = {}
    no_sections: tuple[Section, ...] = ()
    no_titles: tuple[str, ...] = ()
    assignment = stages.run("tables", lambda: place_document(document), None)
    cells = stages.run("cells", lambda: make_cells(assignment) if assignment else {}, no_cells)
    lines = stages.run("text", lambda: collect_lines(document, _form_tables(assignment)), no_lines)
    titles = stages.run("identity", lambda: find_titles(lines), no_titles)
    main = stages.run("text", lambda: select_main(lines, titles), lines)
    sections = stages.run("text", lambda: cut_sections(main), no_sections)
    evidence = stages.run("identity", lambda: collect_evidence(document, titles, main, sections), IdentityEvidence())
    unknown = Verdict(False, "not_recognised")
    verdict = stages.run("identity", lambda: judge_document(document, main, sections, evidence, cells), unknown)
    year = stages.run("identity", lambda: undisputed(evidence)[1], None)
    form = stages.run("tables", lambda: name_form(document, assignment, verdict, year), None)
    return _Parsed(
        document, assignment, cells, main, sections, evidence, verdict, form, (*document.findings, *stages.findings)
    )


def _form_tables(assignment: Assignment | None) -> set[object]:
    """Return the numbers of the tables of which cells were placed."""
    placed = assignment.placed.values() if assignment else ()
    return {one.cell.locator.get("table") for one in placed} - {None}


# ------------------------------------------------------------------------------------------------------------ pictures


def _wants_pictures(parsed: _Parsed) -> bool:
    """Whether cells of the form are missing that the document's pictures may hold."""
    is_whole = parsed.assignment is not None and len(parsed.cells) == len(parsed.assignment.index.form.places)
    return not is_whole and parsed.verdict.reason in PICTURES_MAY_TELL


def _parse_with_pictures(parsed: _Parsed, budget: _Budget) -> _Parsed:
    """Return what the document says with its pictures recognised, if that is no less than without them."""
    stages = _Stages()
    filled = stages.run("recognition", lambda: fill(parsed.document, budget.limits), parsed.document)
    budget.spend(images=len(parsed.document.images) - len(filled.images))
    told = dict.fromkeys((*parsed.findings, *filled.findings, *stages.findings))
    again = parsed if filled.images else _parse(filled)
    is_less = (again.verdict.is_report, len(again.cells)) < (parsed.verdict.is_report, len(parsed.cells))
    return replace(parsed, findings=tuple(told)) if filled.images or is_less else again


# ------------------------------------------------------------------------------------------------------------- reading


def _make_reading(parsed: _Parsed, digest: str) -> Reading:
    document, verdict, main = parsed.document, parsed.verdict, parsed.main
    cells = parsed.cells if verdict.is_report else {}
    title = _title(document, parsed.evidence)
    return Reading(
        document=digest,
        reader=READER_VERSION,
        normaliser=NORMALISER,
        kind=document.kind,
        is_report=verdict.is_report,
        reason=verdict.reason,
        title=title,
        form=parsed.form,
        identity=parsed.evidence,
        cells=cells,
        findings=tuple(dict.fromkeys(_findings(parsed))),
        sections=parsed.sections,
        parts=document.parts,
        text="\n".join(line.text for line in main)[:TEXT_MAX_CHARS],
        content_digest=content_digest(main, cells, title) if main or cells else digest,
        unreadable=_unreadable(parsed),
    )


def _findings(parsed: _Parsed) -> list[Finding]:
    found = list(parsed.findings)
    if reason := _unreadable(parsed):
        case = "words" if parsed.main else "bytes"
        found.append(finding("unreadable", case=case, found=reason, why=why(reason)))
    if parsed.verdict.is_report:
        found += find_doubtful_values(parsed.cells)
        found += check_whole(parsed.assignment, parsed.form, parsed.cells, parsed.evidence, parsed.document.parts)
    return found


def _unreadable(parsed: _Parsed) -> str:
    """Return why no text could be had; an empty document was read, and says nothing."""
    reason = parsed.document.unreadable
    return "" if reason == "empty" and not parsed.verdict.is_report else reason


def _title(document: Document, evidence: IdentityEvidence) -> str:
    """Return the title as printed if a report may have it, else as the page's data have it, else what stands there."""
    data = [*(evidence.meta.get(name, "") for name in ("articletitle", "标题", "名称")), document.title]
    could_be = (one for one in (*evidence.titles, *data) if one and judge(one).could_be)
    return next(could_be, "") or next((one for one in (*data[:2], *evidence.titles) if one), "")
