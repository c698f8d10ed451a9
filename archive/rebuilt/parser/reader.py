"""Bytes → Reading: the reader as one pure function. It never raises, whatever the bytes are.

Open, place, check, then text, identity and verdict. A stage that breaks costs itself alone and is told. Pictures are
recognised where tables of the form are missing; the members of an archive are read one by one and combined.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TypeVar

from archive.documents.unreadable_reasons import why
from archive.findings import finding
from archive.forms.loader import further_edition
from archive.identity.evidence import undisputed
from archive.identity.titles import judge
from archive.rebuilt.documents.charset import decode
from archive.rebuilt.documents.kinds import open_document, sniff_kind
from archive.rebuilt.documents.model import Document, Limits
from archive.rebuilt.parser.cells import find_doubtful_values, make_cells
from archive.rebuilt.parser.content import NORMALISER, content_digest
from archive.rebuilt.parser.evidence import collect_evidence
from archive.rebuilt.parser.pipeline import place_document
from archive.rebuilt.parser.placement import Assignment
from archive.rebuilt.parser.text import Line, collect_lines, cut_sections, select_main
from archive.rebuilt.parser.verdict import Verdict, judge_document, name_form
from storage.records import Cell, Finding, IdentityEvidence, Reading, Section

#: Raise the number whenever a reading may come out differently; forms of an operator's own are part of it.
READER_VERSION = "31" + further_edition()
TEXT_MAX_CHARS = 400_000  # of main text kept
TABLES = frozenset({"proactive", "applications", "remedies"})

T = TypeVar("T")


def read(data: bytes, *, limits: Limits | None = None) -> Reading:
    """Read one document. Never raises."""
    limits = limits or Limits()
    digest = hashlib.sha256(data).hexdigest()
    try:
        return _read(data, digest, limits)
    except Exception as error:  # noqa: BLE001 - a reader that raises would lose the document: it is told instead
        return failed_reading(digest, f"{type(error).__name__}: {error}"[:200], kind=sniff_kind(data))


def failed_reading(digest: str, reason: str, detail: str = "", *, kind: str = "unknown") -> Reading:
    """Return the reading of a document on which the reader failed: nothing in it but the finding."""
    zh, en = why(reason)
    told = finding("reader_failed", case="document", found=reason, why=(zh, f"{reason}: {detail or en}"))
    return Reading(
        document=digest,
        reader=READER_VERSION,
        normaliser=NORMALISER,
        kind=kind,
        is_report=False,
        reason="reader_failed",
        title="",
        form=None,
        identity=IdentityEvidence(),
        findings=(told,),
        content_digest=digest,
        unreadable="reader_failed",
    )


@dataclass(slots=True)
class _Stages:
    """Runs the stages of one document; what a stage that broke would have given is replaced by ``otherwise``."""

    findings: list[Finding] = field(default_factory=list)

    def run(self, name: str, make: Callable[[], T], otherwise: T) -> T:
        try:
            return make()
        except Exception as error:  # noqa: BLE001 - the other stages still have something to give
            reason = f"{type(error).__name__}: {error}"[:200]
            self.findings.append(
                finding("reader_failed", case="stage", found=f"{name}: {reason}", stage=name, reason=reason)
            )
            return otherwise


def _read(data: bytes, digest: str, limits: Limits) -> Reading:
    document = open_document(data, limits)
    page = decode(data) if document.kind == "html" else ""
    return _read_document(document, digest, page)


def _read_document(document: Document, digest: str, page: str) -> Reading:
    stages = _Stages()
    assignment = stages.run("tables", lambda: place_document(document), None)
    cells: dict[str, Cell] = stages.run("cells", lambda: make_cells(assignment), {}) if assignment else {}
    lines = stages.run("text", lambda: collect_lines(document, _form_tables(assignment)), [])
    main = stages.run("text", lambda: select_main(lines, _extract(page)), list(lines))
    sections: tuple[Section, ...] = stages.run("text", lambda: cut_sections(main), ())
    evidence = stages.run(
        "identity",
        lambda: collect_evidence(document.title, document.meta, lines, main, sections),
        IdentityEvidence(),
    )
    verdict = stages.run(
        "identity", lambda: judge_document(document, main, sections, evidence, cells), Verdict(False, "not_recognised")
    )
    return _make_reading(document, digest, stages, assignment, cells, main, sections, evidence, verdict)


def _form_tables(assignment: Assignment | None) -> set[object]:
    """Return the numbers of the tables of which cells were placed."""
    placed = assignment.placed.values() if assignment else ()
    return {one.cell.locator.get("table") for one in placed} - {None}


def _extract(page: str) -> str:
    """Return the main text of a page as trafilatura finds it, "" where it finds none."""
    if not page:
        return ""
    found = import_module("trafilatura").extract(
        page, fast=True, favor_recall=True, include_comments=False, include_tables=True
    )
    return found or ""


def _make_reading(
    document: Document,
    digest: str,
    stages: _Stages,
    assignment: Assignment | None,
    cells: dict[str, Cell],
    main: Sequence[Line],
    sections: tuple[Section, ...],
    evidence: IdentityEvidence,
    verdict: Verdict,
) -> Reading:
    kept = cells if verdict.is_report else {}
    findings = [*document.findings, *stages.findings]
    if verdict.is_report and assignment:
        findings += find_doubtful_values(kept, assignment)
    form = stages.run("tables", lambda: name_form(document, assignment, undisputed(evidence)[1]), None)
    title = _title(document, evidence)
    return Reading(
        document=digest,
        reader=READER_VERSION,
        normaliser=NORMALISER,
        kind=document.kind,
        is_report=verdict.is_report,
        reason=verdict.reason,
        title=title,
        form=form,
        identity=evidence,
        cells=kept,
        findings=tuple(dict.fromkeys(findings)),
        sections=sections,
        parts=document.parts,
        text="\n".join(line.text for line in main)[:TEXT_MAX_CHARS],
        content_digest=content_digest(main, kept, title) if main or kept else digest,
        unreadable="" if document.unreadable == "empty" and not verdict.is_report else document.unreadable,
    )


def _title(document: Document, evidence: IdentityEvidence) -> str:
    """Return the title as printed, else as the page's data have it."""
    named = [evidence.meta.get("articletitle", ""), evidence.meta.get("名称", ""), document.title]
    return next(iter(evidence.titles), "") or next((one for one in named if one and judge(one).could_be), "")
