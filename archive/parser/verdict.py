"""Whether a document is a report, and what else it is, by its titles, its cells and its text together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from archive.documents.model import Document
from archive.file_endings import DOCUMENTS
from archive.forms.labels import fold_widths
from archive.identity.titles import Strength, TitleVerdict, judge
from archive.parser.text import MIN_SECTIONS, Line, count_sections
from storage.records import Cell, CellState, IdentityEvidence, Section

SHORT_CHARS = 400
MIN_FORM_CELLS = 5  # cells of the form that make a document a report whatever its title
MIN_LISTED_TITLES, LISTED_TITLE_MAX_CHARS = 3, 80

#: reasons that a title alone gives: what stands below it may be a report all the same
WEAK_REASONS = frozenset((
    "", "other_title", "no_title", "too_long", "cut_title", "column_title", "column", "other", "other_report",
    "hijacked",
))  # fmt: skip
_NOTHING = re.compile(r"(?:暂无|没有|尚无)(?:相关|符合|任何)?(?:条件的)?(?:信息|内容|数据|年报|报告)")
_SAYS_SO = re.compile(
    r"本(?:年度|年|份)?(?:报告|年报)[^。]{0,200}?(?:编制|编写|统计期限|统计时限|统计周期)|编制(?:了|完成|形成)?本(?:年度)?报告"
    r"|现[就将把][^。,;]{0,30}信息公开[^。,;]{0,12}(?:报告|汇报|公布|公开)如下|公布[^。,;]{0,40}信息公开[^。,;]{0,8}报告"
)
_ASKS_OTHERS = re.compile(r"印发给你们|遵照执行|文字描述|(?:应|须|需)当?(?:编制|撰写|填写)|XX|××|某某|范文")
_SPEAKS = re.compile(r"我[局委办厅镇乡县市区街处院站部旗省]|本[局委办厅镇乡街单]|本机关")
_LETTER = re.compile(r"的(?:函|复函)$|随函(?:报送|附上)")
_COMPARISON = re.compile(r"比对|对比|差异")
_FILE = re.compile(rf"\.(?:{DOCUMENTS})(?:$|[?#])", re.IGNORECASE)
_PLAIN = frozenset({Strength.FULL, Strength.BARE, Strength.UNDATED})


def why_no_report(
    document: Document,
    lines: Sequence[Line],
    sections: Sequence[Section],
    evidence: IdentityEvidence,
    cells: Mapping[str, Cell],
) -> str:
    """Return why a document is no report, "" if it is one. Whether an unreadable one is, only its link says."""
    has_file = any(part.kind != "image" and _FILE.search(part.url) for part in document.parts)
    if document.unreadable:
        return "" if document.unreadable == "empty" and has_file else document.unreadable
    text = fold_widths("\n".join(line.text for line in lines[:400]))
    has_parts = bool(document.parts or document.images)
    if not (cells or has_parts or text):
        return "empty"
    known = count_sections(sections)
    if not cells and known < MIN_SECTIONS and not has_file and _is_list(lines):
        return "listing"
    return _by_title(text, evidence, cells, known, has_parts=has_parts)


def _is_list(lines: Sequence[Line]) -> bool:
    """Whether a page only lists the titles of reports."""
    verdicts = [judge(line.text) for line in lines[:SHORT_CHARS] if len(line.text) <= LISTED_TITLE_MAX_CHARS]
    return len({(one.agency, one.year) for one in verdicts if one.could_be and one.year}) >= MIN_LISTED_TITLES


def _by_title(text: str, evidence: IdentityEvidence, cells: Mapping[str, Cell], known: int, *, has_parts: bool) -> str:
    titles = [*evidence.titles, *(evidence.meta.get(name, "") for name in ("articletitle", "标题", "名称", "title"))]
    titles = [title for title in titles if title]
    verdicts = [judge(title) for title in titles]
    named = [one for one in verdicts if one.could_be and (one.strength in _PLAIN or known >= MIN_SECTIONS)]
    reasons = [one.reason for one in verdicts if not one.could_be]
    strong = next((reason for reason in reasons if reason not in WEAK_REASONS), "")
    if any(map(_COMPARISON.search, titles)):
        return "comparison"
    if _is_blank_form(text, evidence, cells, named):
        return "blank_template"
    if named:
        return "" if cells or known or has_parts else _of_words_alone(text, titles)
    if len(cells) >= MIN_FORM_CELLS and (not strong or any(cell.value for cell in cells.values())):
        return ""
    if any(map(_LETTER.search, titles)):
        return "letter"
    if strong or _says_it_is_one(text, evidence, known):
        return strong
    return next((reason for reason in reasons if reason), "not_recognised")


def _says_it_is_one(text: str, evidence: IdentityEvidence, known: int) -> bool:
    """Whether a text without a title is a report: it says so, or has the sections of one; nobody is asked for any."""
    beginning = text[:2_000]
    if "公开" not in beginning or _ASKS_OTHERS.search(beginning):
        return False
    if known and (_SAYS_SO.search(beginning) or evidence.period):
        return True
    return known >= MIN_SECTIONS and "信息公开" in beginning


def _of_words_alone(text: str, titles: Sequence[str]) -> str:
    """Judge what has a report's title and neither sections nor cells, files or pictures."""
    if _LETTER.search(text[:SHORT_CHARS]):
        return "letter"
    is_titled = any(judge(title).could_be and judge(title).year for title in titles)
    says_nothing = _NOTHING.search(text) or not (is_titled or "。" in text)
    return "not_recognised" if len(text) < SHORT_CHARS and says_nothing else ""


def _is_blank_form(
    text: str, evidence: IdentityEvidence, cells: Mapping[str, Cell], named: Sequence[TitleVerdict]
) -> bool:
    """Whether a form is filled in nowhere and nobody speaks in it."""
    is_filled = any(cell.state is not CellState.BLANK for cell in cells.values())
    is_anybodys = not evidence.statements and not any(one.agency for one in named) and not _SPEAKS.search(text)
    return bool(cells) and not is_filled and is_anybodys and len(text) < SHORT_CHARS
