"""Bytes → Reading: the whole reader as one pure function. It never raises, whatever the bytes are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from archive.documents.kinds import read_pages
from archive.documents.pages import Limits, Pages
from archive.identity.evidence import title_of
from archive.parser import evidence, glued, narrative, sections
from archive.parser.blocks import all_rows
from archive.parser.cells import Placed
from archive.parser.checks import check_cells
from archive.parser.content import NORMALISER, content_digest
from archive.parser.findings import finding
from archive.parser.place import place
from archive.parser.rows import Row
from archive.parser.verdict import Verdict, judge_document
from storage.records import Finding, IdentityEvidence, Reading, Section, Severity

READER_VERSION = "4"  #: raise it whenever a reading may come out differently
_TEXT = 400_000  #: characters of main text kept in a reading


def read(data: bytes, *, limits: Limits | None = None) -> Reading:
    """Read one document. ``limits`` bound what the document modules do. Never raises."""
    digest = hashlib.sha256(data).hexdigest()
    try:
        return read_pages_to_reading(read_pages(data, limits or Limits()), digest)
    except Exception as error:  # noqa: BLE001 — a reader that raises would lose the document: it is told instead
        return _failed(digest, error)


def read_pages_to_reading(pages: Pages, digest: str) -> Reading:
    """What is made of a document's blocks; ``digest`` is the SHA-256 (hex) of its bytes."""
    rows = all_rows(pages)
    lines = sections.main_lines(pages, _form_tables(rows))
    parts = sections.sections(lines)
    said = evidence.collect(pages, lines, parts)
    placed = place(rows)
    stuck = glued.find(lines) if not placed.cells else None
    verdict = judge_document(pages, lines, parts, said, placed, stuck.form.name if stuck else None)
    cells = placed.cells if verdict.is_report else {}
    texts = [line.text for line in lines]
    found = _findings(pages, placed, verdict, said, parts, stuck)
    return Reading(
        document=digest,
        reader=READER_VERSION,
        normaliser=NORMALISER,
        kind=pages.kind,
        is_report=verdict.is_report,
        reason=verdict.reason,
        title=_title(said, pages),
        form=verdict.form,
        identity=said,
        cells=cells,
        findings=tuple(found),
        sections=parts,
        parts=pages.parts,
        text="\n".join(texts)[:_TEXT],
        content_digest=content_digest(texts, cells) if texts or cells else digest,
        unreadable=pages.unreadable if verdict.is_report else "",
    )


def _form_tables(rows: Sequence[Row]) -> set[int]:
    """Numbers of the tables that belong to the form: those with a row, header or caption of it."""
    return {row.table for row in rows if row.hit is not None or row.kind != "data"}


def _title(said: IdentityEvidence, pages: Pages) -> str:
    if said.titles:
        return said.titles[0]
    return next((said.meta[name] for name in ("articletitle", "标题") if said.meta.get(name)), pages.title)


def _findings(
    pages: Pages,
    placed: Placed,
    verdict: Verdict,
    said: IdentityEvidence,
    parts: Sequence[Section],
    stuck: glued.Glued | None,
) -> list[Finding]:
    found = [*pages.findings]
    if not verdict.is_report:
        return found
    found += placed.findings
    if pages.unreadable:
        found.append(_unreadable(pages.unreadable))
    elif stuck is not None:
        found.append(glued.told(stuck))
    elif not placed.cells and verdict.form != "pre2019":
        found.append(_tables_absent())
    if placed.form is not None:
        title, _ = title_of(said)
        agencies = [title.agency] if title and title.agency else list(said.statements)
        year = title.year if title and title.year else said.period[0] if len(set(said.period)) == 1 else None
        found += check_cells(placed.form, placed.cells, agencies)
        found += narrative.check_text(placed.form, placed.cells, parts, year)
    return found


def _unreadable(reason: str) -> Finding:
    return finding(
        "unreadable",
        Severity.ERROR,
        f"文件无法读取（{reason}），只保存原文件。",
        f"The document cannot be read ({reason}); only its bytes are kept.",
        found=reason,
    )


def _tables_absent() -> Finding:
    return finding(
        "tables_absent",
        Severity.WARNING,
        "没有找到全国统一格式的表格：可能是图片、附件，或转换时丢失；不等于 0。",
        "No table of the national form was found: an image, an attachment, or lost in conversion. It does not mean 0.",
    )


def _failed(digest: str, error: Exception) -> Reading:
    reason = f"{type(error).__name__}: {error}"[:200]
    said = finding(
        "reader_failed",
        Severity.ERROR,
        f"读取程序出错，文件没有读成：{reason}",
        f"The reader failed on this document: {reason}",
        found=reason,
    )
    return Reading(
        document=digest,
        reader=READER_VERSION,
        normaliser=NORMALISER,
        kind="unknown",
        is_report=True,
        reason="",
        title="",
        form=None,
        identity=IdentityEvidence(),
        findings=(said,),
        content_digest=digest,
        unreadable="reader_failed",
    )
