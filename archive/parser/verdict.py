"""Decide whether a document is a report, and if not, why, from its titles, its cells and its text together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from archive.documents.model import Document
from archive.file_endings import DOCUMENTS
from archive.forms.labels import fold_widths
from archive.identity.text import words
from archive.identity.titles import Strength, judge_title
from archive.parser.text import MIN_SECTIONS, TextLine, count_sections
from storage.records import CellState, IdentityEvidence, Section, StoredCell

SHORT_CHARS, OPENING_CHARS = 400, 2_000
MIN_FORM_CELLS = 5  # cells of the form that make a document a report whatever its title
MIN_LISTED_TITLES, LISTED_TITLE_MAX_CHARS = 3, 80

#: weak reasons against a report, because only a title gives them: the text below it may still be a report
WEAK_REASONS = frozenset((
    "", "other_title", "no_title", "too_long", "cut_title", "column_title", "column", "other", "other_report",
    "hijacked",
))  # fmt: skip
_NOTHING = re.compile(r"(?:暂无|没有|尚无)(?:相关|符合|任何)?(?:条件的)?(?:信息|内容|数据|年报|报告)")
_ASKS_OTHERS = re.compile(r"印发给你们|遵照执行|文字描述|(?:应|须|需)当?(?:编制|撰写|填写)|XX|××|某某|范文")
_OWN_NAME = re.compile(r"我[局委办厅镇乡县市区街处院站部旗省]|本[局委办厅镇乡街单]|本机关")
_LETTER = re.compile(r"的(?:函|复函)$|随函(?:报送|附上)")
_COMPARISON = re.compile(r"比对|对比|差异")
_FILE = re.compile(rf"\.(?:{DOCUMENTS})(?:$|[?#])", re.IGNORECASE)
_PLAIN = frozenset({Strength.FULL, Strength.BARE, Strength.UNDATED})


def why_no_report(
    document: Document,
    lines: Sequence[TextLine],
    sections: Sequence[Section],
    evidence: IdentityEvidence,
    cells: Mapping[str, StoredCell],
) -> str:
    """Return the code why a document is no report, "" if it is one; an empty one with a linked file may be one."""
    has_file = any(part.kind != "image" and _FILE.search(part.url) for part in document.parts)
    if document.unreadable:
        return "" if document.unreadable == "empty" and has_file else document.unreadable
    text = fold_widths("\n".join(line.text for line in lines[:400]))
    has_parts = bool(document.parts or document.images)
    if not (cells or has_parts or text):
        return "empty"
    section_count = count_sections(sections)
    if not cells and section_count < MIN_SECTIONS and not has_file and _is_list(lines):
        return "listing"
    return _why_no_report(text, evidence, cells, section_count, has_parts=has_parts)


def _is_list(lines: Sequence[TextLine]) -> bool:
    """True if lines are the titles of several reports: a page that only lists reports."""
    verdicts = [judge_title(line.text) for line in lines[:SHORT_CHARS] if len(line.text) <= LISTED_TITLE_MAX_CHARS]
    return len({(one.agency, one.year) for one in verdicts if one.could_be and one.year}) >= MIN_LISTED_TITLES


def _why_no_report(
    text: str, evidence: IdentityEvidence, cells: Mapping[str, StoredCell], section_count: int, *, has_parts: bool
) -> str:
    """Return the code why titles, cells and text show no report, or ""; ``has_parts``: it has images or attachments."""
    titles = [*evidence.titles, *(evidence.meta.get(name, "") for name in words("title_fields"))]
    judged = [(title, judge_title(title)) for title in titles if title]
    refused = {title: one.reason for title, one in judged if not one.could_be}
    strong = {title: reason for title, reason in refused.items() if reason not in WEAK_REASONS}
    candidates = [
        one
        for title, one in judged
        if one.could_be and (one.strength in _PLAIN or section_count >= MIN_SECTIONS)
        and not title.startswith(tuple(strong))  # one with more behind it: the site's name, the head of a table
    ]  # fmt: skip
    is_filled = any(cell.state is not CellState.BLANK for cell in cells.values())
    if any(map(_COMPARISON.search, titles)):
        return "comparison"
    names_agency = evidence.statements or any(one.agency for one in candidates) or _OWN_NAME.search(text)
    if cells and len(text) < SHORT_CHARS and not (is_filled or names_agency):
        return "blank_template"
    if candidates:
        is_dated = any(one.year for one in candidates)
        is_bare = not (cells or section_count or has_parts) and len(text) < SHORT_CHARS
        return "not_recognised" if is_bare and (_NOTHING.search(text) or not (is_dated or "。" in text)) else ""
    reason = next(iter(strong.values()), "")
    if len(cells) >= MIN_FORM_CELLS and (not reason or any(cell.value for cell in cells.values())):
        return ""
    if any(map(_LETTER.search, titles)):
        return "letter"
    if reason or _is_untitled_report(text[:OPENING_CHARS], evidence, section_count):
        return reason
    return next(filter(None, refused.values()), "not_recognised")


def _is_untitled_report(opening: str, evidence: IdentityEvidence, section_count: int) -> bool:
    """True if a text has several sections of a report, or one and the reporting period, and is no request for one."""
    has_content = section_count >= MIN_SECTIONS or (section_count and evidence.period)
    return bool(has_content) and "信息公开" in opening and not _ASKS_OTHERS.search(opening)
