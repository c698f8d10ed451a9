"""Turn what was parsed into the reading that is stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from archive.documents.unreadable_reasons import why
from archive.findings import finding
from archive.forms.loader import further_edition, old_form
from archive.identity.evidence import undisputed
from archive.identity.titles import judge
from archive.parser.absent_tables import (
    rows_missing,
    sections_unnamed,
    tables_absent,
    tables_blank,
    tables_cut,
    tables_missing,
    tables_unfilled,
)
from archive.parser.content import NORMALISER, content_digest
from archive.parser.form_years import is_before_forms
from archive.parser.pipeline import Parsed
from archive.parser.verdict import CUT
from storage.records import Cell, Finding, IdentityEvidence, Reading

#: Raise the number whenever a reading may come out differently; forms of an operator's own are part of it.
READER_VERSION = "30" + further_edition()
BLANK = "blank_template"  #: why a form that nobody filled in is no report
_OF_THE_FORM = frozenset({"other_years_tables"})  # said of tables before it is known what they are
_OF_ITS_PLACE = frozenset({"order_only", "label_doubt"})  # flags of cells whose row or column is doubted
_SIGNAL = re.compile(r"\bSIG[A-Z]+\b")  # by which a process was ended
_LEAST_TEXT = 200  # characters of text that are more than a page's own
_TEXT = 400_000  #: characters of main text kept in a reading


def reading_of(parsed: Parsed, digest: str, *, member: bool = False) -> Reading:
    """The reading; ``digest`` is the SHA-256 (hex) of the document's bytes.

    A ``member`` of a container that prints nothing but a blank table keeps its cells: it may be a part of the report.
    """
    pages, verdict = parsed.pages, parsed.verdict
    cells = parsed.placed.cells if member and verdict.reason == BLANK else parsed.cells
    texts = [line.text for line in parsed.lines]
    title = _title_of_content(parsed)
    return Reading(
        document=digest,
        reader=READER_VERSION,
        normaliser=NORMALISER,
        kind=pages.kind,
        is_report=verdict.is_report,
        reason=verdict.reason,
        title=_title(parsed),
        form=_form(parsed),
        identity=parsed.identity,
        cells=cells,
        findings=tuple(_findings(parsed)),
        sections=parsed.sections,
        parts=pages.parts,
        text="\n".join(texts)[:_TEXT],
        content_digest=content_digest(texts, parsed.cells, title) if texts or parsed.cells else digest,
        unreadable=_unreadable_reason(parsed),
    )


def _form(parsed: Parsed) -> str | None:
    """The form's name; headings as those of before 2019 alone make none of a document that is no report."""
    verdict = parsed.verdict
    return verdict.form if verdict.is_report or parsed.placed.form or parsed.statistics else None


def _title(parsed: Parsed) -> str:
    evidence = parsed.identity
    if evidence.titles:
        return evidence.titles[0]
    return next(
        (evidence.meta[name] for name in ("articletitle", "标题") if evidence.meta.get(name)), parsed.pages.title
    )


def _title_of_content(parsed: Parsed) -> str:
    """The report's title as printed or, where the page keeps it elsewhere, as its metadata have it."""
    evidence = parsed.identity
    names = (*evidence.titles, evidence.meta.get("articletitle", ""), evidence.meta.get("标题", ""), parsed.pages.title)
    return next((name for name in names if name and judge(name).could_be), "")


def _unreadable_reason(parsed: Parsed) -> str:
    """Why no text could be had, or not enough; an empty document was read, and says nothing."""
    if parsed.verdict.reason == CUT:
        return CUT
    return "" if parsed.pages.unreadable == "empty" and not parsed.verdict.is_report else parsed.pages.unreadable


def _findings(parsed: Parsed) -> list[Finding]:
    """In the order of the way: container, tables, what failed or does not add up."""
    pages, placed, verdict = parsed.pages, parsed.placed, parsed.verdict
    found = [*pages.findings]
    reason = _unreadable_reason(parsed)
    if reason and not any(one.code == "reader_failed" for one in found):
        bound = any(one.code == "limit_reached" for one in found)
        found.append(_unreadable(reason, words=bool(parsed.lines), bound=bound))
    if verdict.is_report:
        found += [*placed.findings, *tables_cut(pages)]
        if not reason and not placed.cells and not _has_glued_digits(placed.findings) and not _is_free(parsed):
            found.append(tables_absent(pages.parts, placed.form))
        found += tables_blank(parsed.cells)
        loose = any(one.code == "row_unplaced" for one in placed.findings)
        found += tables_unfilled(verdict.form, parsed.cells, pages, loose=loose)
        found += tables_missing(verdict.form, parsed.cells)
        if placed.cells and not _is_free(parsed):
            found += sections_unnamed(parsed.sections)
        cells = {name for one in found for name in one.cells}
        found += rows_missing(verdict.form, parsed.cells, pages, cells)
        found += _untold(parsed, [*found, *parsed.findings])
    elif verdict.form is None:
        found = [one for one in found if one.code not in _OF_THE_FORM]
    elif verdict.reason == "comparison" and (rows := _count_differing(placed.findings)):
        found.append(finding("tables_compared", found=rows))
    return [_with_cells(one, parsed.cells) if one.code == "struck_out" else one for one in (*found, *parsed.findings)]


def _untold(parsed: Parsed, findings: Iterable[Finding]) -> list[Finding]:
    """A finding on the cells of a scan whose row or column is doubted and that none names yet."""
    if not parsed.pages.recognised:
        return []
    cells = {name for one in findings for name in one.cells}
    untold = [n for n, cell in parsed.cells.items() if n not in cells and not _OF_ITS_PLACE.isdisjoint(cell.flags)]
    return [finding("order_only", case="places", cells=untold, found=len(untold))] if untold else []


def _is_free(parsed: Parsed) -> bool:
    """Whether a report need have no table of a national form: its text is there, from before there were any."""
    if parsed.verdict.form == old_form().name:
        return True
    has_text = (
        any(part.heading for part in parsed.sections) or sum(len(part.text) for part in parsed.sections) >= _LEAST_TEXT
    )
    return has_text and is_before_forms(undisputed(parsed.identity)[1])


def _with_cells(struck: Finding, cells: Mapping[str, Cell]) -> Finding:
    """What is said of text that is crossed out, with the cells in which it stands."""
    return replace(struck, cells=tuple(name for name, cell in cells.items() if "struck" in cell.locator))


def _count_differing(findings: list[Finding]) -> int:
    """How many rows are printed again with other values."""
    return sum(one.code == "duplicate_differs" for one in findings)


def _has_glued_digits(findings: list[Finding]) -> bool:
    return any(one.code == "digits_glued" for one in findings)


def _unreadable(reason: str, *, words: bool, bound: bool) -> Finding:
    """Say why. ``words``: some in it were taken all the same; ``bound``: another finding names that which it passes."""
    in_words = why("too_large_told" if reason == CUT and bound else reason)
    return finding("unreadable", case="words" if words else "bytes", found=reason, why=in_words)


def failure_finding(reason: str, detail: str = "", *, otherwise: bool = False) -> Finding:
    """Make the finding that the reader failed. ``reason`` is a code (``memory``, ``cpu``, ``crash`` …) or the exception
    in short.

    ``otherwise``: a plainer way of reading gave something all the same.
    """
    zh, en = why(reason)
    more = f"{reason}: {detail or en}" if detail or en != reason else reason
    if (signal := _SIGNAL.search(detail)) is not None:
        zh += f"，信号 {signal[0]}"
    return finding("reader_failed", case="plainer" if otherwise else "document", found=reason, why=(zh, more))


def failed_reading(digest: str, reason: str, detail: str = "", *, kind: str = "unknown") -> Reading:
    """The reading of a document on which the reader failed: nothing in it but the finding (:func:`failure_finding`).

    Whether it is a report is decided by its lead, as for every document that cannot be read.
    """
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
        findings=(failure_finding(reason, detail),),
        content_digest=digest,
        unreadable="reader_failed",
    )
