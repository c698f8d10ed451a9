"""Decide whether a document is a report, and if not what it is, by its titles, tables and text together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from archive.documents.pages import Pages, Table
from archive.file_endings import DOCUMENTS
from archive.forms.loader import old_form
from archive.forms.spelling import key, simplify
from archive.identity.evidence import undisputed
from archive.identity.periods import is_part_of_year
from archive.identity.titles import Strength, TitleVerdict, asks_for_reports, judge
from archive.identity.years import DAY
from archive.parser.cells import Placement
from archive.parser.form_years import is_before_forms
from archive.parser.pre2019 import is_old_heading
from archive.parser.report_lookalikes import letter_of, quotes_reports
from archive.parser.sections import TextLine, current_headings, section_key
from archive.parser.untitled_reports import publishes_one, says_it_is_one, states_its_period
from storage.records import Cell, IdentityEvidence, Section

_SOFT_404 = re.compile(
    r"404\s?(?:错误|页面|出错)|(?<![\d.,])404(?![\d.,]|\s?[一-鿿])|页面(?:不存在|未找到|找不到)|找不到(?:您|该|此)?(?:要|所)?(?:访问|请求)?的?(?:页面|网页|内容)"
    r"|(?:内容|文章|信息)?不存在或已(?:被)?删除|已(?:被)?删除或不存在|(?:内容|文章|信息)不存在|not found",
    re.IGNORECASE,
)
_OF_REQUESTS = re.compile("申请|答复|告知|检索|[0-9]件")  # 信息不存在 is one of the answers to them
_CHALLENGE = re.compile(
    r"请开启\s*JavaScript|正在(?:进行)?(?:安全)?(?:验证|检测)|安全验证|访问(?:过于)?频繁"
    r"|enable javascript|checking your browser",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"(?:暂无|没有|尚无)(?:相关|符合|该年度?|此类|任何)?(?:条件的)?(?:信息|内容|数据|年报|报告|记录)")
_SPEAKS = re.compile(r"我[局委办厅镇乡县市区街处院站中部旗省会]|本[局委办厅镇乡街道机关单]")
_BLANK_WORDS = re.compile(r"文字描述|格式|模板|样表|XX+|××+|＿+|_{3,}")
_LETTER = re.compile(r"的函$|函$|现将.{0,40}函告如下")
#: What a text is on whose title names no year.
_PART_OF_YEAR = re.compile(
    "(?:[上下]半年|季度)[^。,，;；]{0,8}(?:政务|信息)公开[^。,，;；]{0,10}(?:报告|汇报|总结)如下"
)
#: Titles of reports on other work, of which no text below them makes one.
_OTHER_WORK = re.compile("(?:自查|自评|核查|整改|督查|考核|评估|调研)(?:工作)?(?:情况|结果|落实)?的?(?:报告|汇报)$")
_FILE = re.compile(rf"\.(?:{DOCUMENTS})(?:$|[?#])", re.IGNORECASE)
_DATED = re.compile(r"^[\s·•\-\d.、]*|\s*[\[(（]?" + DAY + r"\s*[\])）]?\s*$")
_NEIGHBOUR = re.compile(r"^\s*[<>«»]*\s*[上下前后]一?[篇条页个则]")
CUT = "too_large"  #: why a document that was cut at a bound is not known to be a report
_NOTHING_MET = frozenset(("empty", "not_recognised", "no_title"))
_MENU = re.compile(
    "(?:行政)?规范性文件|(?:政府|政务)?(?:信息)?公开(?:指南|制度|规定|目录)|(?:通知|公示|公告|通告)(?:公告|公示|通知)?|政策(?:文件|法规|解读)|(?:法律|行政|地方性)?法规|法定主动公开内容"
)
_SCHOOL_RULE = "高等学校信息公开办法"
_LATIN, _HAN = re.compile(r"\b[A-Za-z]{2,}\b"), re.compile(r"[\u4e00-\u9fff]")
_WORDS = 40  # of another language, from which a text may be in it
_CELLS = 5  # cells of the form that make a document a report whatever its title
_PARTS = 2  # sections of a report from before there were forms, that is more than its beginning
_TITLE = 80
_SHORT = 400


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` is "" for a report. ``form``: the form's name, ``pre2019``, or None."""

    is_report: bool
    reason: str
    form: str | None


def unless_cut(verdict: Verdict, pages: Pages) -> Verdict:
    """The verdict; of a document cut at a bound before anything was met in it nothing is known: ``too_large``."""
    if (reason := unmet(verdict.reason, pages)) != verdict.reason:
        return Verdict(False, reason, verdict.form)
    return verdict


def unmet(reason: str, pages: Pages) -> str:
    """Return why a document is no report: ``too_large`` where nothing was recognised and what was cut may be one."""
    cut = reason in _NOTHING_MET and any(found.code == "limit_reached" for found in pages.findings)
    return CUT if cut else reason


def judge_document(
    pages: Pages,
    lines: Sequence[TextLine],
    parts: Sequence[Section],
    evidence: IdentityEvidence,
    placed: Placement,
    glued: str | None,
) -> Verdict:
    """Decide; whether a document whose text cannot be had is a report, its lead tells: alone it is none, and why."""
    form = placed.form.name if placed.form else glued or (old_form().name if _is_old(parts) else None)
    if pages.unreadable == "empty" and _shows_a_file(pages):
        return Verdict(True, "", form)
    if pages.unreadable in {"empty", "kind_unsupported"} or (not pages.unreadable and _is_empty(pages, lines, placed)):
        return Verdict(False, pages.unreadable or "empty", form)
    if pages.unreadable or (pages.kind == "text" and quotes_reports(lines)):
        return Verdict(False, pages.unreadable or "not_recognised", form)
    text = "\n".join(line.text for line in lines[:400])
    if len(text) < _SHORT and not placed.cells:
        if _CHALLENGE.search(text):
            return Verdict(False, "challenge", form)
        if any(map(_is_not_found_text, (*text.split("\n"), pages.title))):
            return Verdict(False, "soft_404", form)
    known = len({part.key for part in parts if part.key})
    if not placed.cells and known < 2 and not _shows_a_file(pages) and _is_listing(lines):
        return Verdict(False, "listing", form)
    verdict = _by_title(text, evidence, placed, form, known)
    open_to_text = verdict.reason in _UNTITLED or _is_of_a_menu(verdict.reason, evidence, parts)
    if not verdict.is_report and open_to_text and not any(map(_OTHER_WORK.search, evidence.titles)):
        has_form = placed.form is not None or glued is not None
        if says_it_is_one(lines, parts, evidence, has_form=has_form):
            verdict = Verdict(True, "", form)
    if verdict.is_report and not (placed.cells or known or pages.parts):
        return _of_words_alone(verdict, lines, text, evidence)
    if verdict.is_report and verdict.form is None and known >= _PARTS and is_before_forms(undisputed(evidence)[1]):
        return Verdict(True, "", old_form().name)
    return verdict


def _of_words_alone(verdict: Verdict, lines: Sequence[TextLine], text: str, evidence: IdentityEvidence) -> Verdict:
    """The verdict on what is titled as a report, but has none of its sections and tables, files or pictures."""
    if sent := letter_of(lines, evidence.titles):
        return Verdict(False, sent, verdict.form)
    if (len(text) < _SHORT and _is_empty_frame(text, evidence)) or _is_in_another_language(text):
        return Verdict(False, "not_recognised", verdict.form)
    return verdict


def _is_of_a_menu(reason: str, evidence: IdentityEvidence, parts: Sequence[Section]) -> bool:
    """Whether all that calls a text something else are the names of a portal's columns (通知公告, 规范性文件), and it
    says of which period the figures of this report are, or whose report on which year it publishes.
    """
    if not (states_its_period(parts) or publishes_one(parts)):
        return False
    titles = [*evidence.titles, *(evidence.meta.get(name, "") for name in ("articletitle", "标题", "title"))]
    calling = [title for title in titles if title and not judge(title).could_be and judge(title).reason == reason]
    return bool(calling) and all(_MENU.fullmatch(simplify(title)) for title in calling)


def _is_not_found_text(line: str) -> bool:
    """Whether a line of a short page says that the page is not there, and no request was answered so."""
    return _SOFT_404.search(line) is not None and _OF_REQUESTS.search(line) is None


def _by_title(text: str, evidence: IdentityEvidence, placed: Placement, form: str | None, known: int) -> Verdict:
    """By titles and tables; ``known``: how many of the report's sections the text has."""
    differing = sum(found.code == "duplicate_differs" for found in placed.findings)
    titles = [*evidence.titles, *(evidence.meta.get(name, "") for name in ("articletitle", "标题", "title"))]
    verdicts = [judge(title) for title in titles if title]
    annual = [judge(title) for title in titles if title and not is_part_of_year(title)]
    named = [verdict for verdict in annual if verdict.could_be and (verdict.strength in _PLAIN or known >= 2)]
    reasons = [verdict.reason for verdict in verdicts if not verdict.could_be and verdict.reason]
    whole = any(verdict.could_be and verdict.strength is Strength.FULL and verdict.year for verdict in verdicts)
    if (differing >= 5 and not whole) or any(re.search(r"比对|对比|差异", title) for title in titles if title):
        return Verdict(False, "comparison", form)
    if _is_template(text, evidence, placed, bool(named and named[0].agency)):
        return Verdict(False, "blank_template", form)
    strong = next((reason for reason in reasons if reason not in WEAK_REASONS), "")
    if strong and placed.cells and not named and not _has_own_figures(placed, strong):
        return Verdict(False, "blank_template" if strong == "template" else strong, form)
    if placed.cells and not named and any(map(asks_for_reports, titles)) and not _holds_a_report(text, placed, known):
        return Verdict(False, "notice", form)
    yearless = not any(verdict.years for verdict in named) and not placed.cells
    if (not named and any(is_part_of_year(title) for title in titles)) or (
        yearless and _PART_OF_YEAR.search(text[:_SHORT])
    ):
        return Verdict(False, "part_of_year", form)  # the form's tables serve for quarters too
    if len(placed.cells) < _CELLS and _is_of_a_school(text, titles, named, reasons):
        return Verdict(False, "other_regime", form)
    if named or len(placed.cells) >= _CELLS:
        return Verdict(True, "", form)
    if any(_LETTER.search(title) for title in titles if title):
        return Verdict(False, "letter", form)
    if reasons and not placed.cells:
        form = None  # a word that the form has too (总计) makes no form of a table with another title
    if strong:
        return Verdict(False, strong, form)
    return Verdict(False, reasons[0] if reasons else "not_recognised", form)


def _holds_a_report(text: str, placed: Placement, known: int) -> bool:
    """Whether below a notice that asks for reports one stands: it has the sections of one, and somebody speaks in it or
    a figure is not zero. An example of the form has its tables, filled in even, and those alone.
    """
    values = [cell.value for cell in placed.cells.values()]
    return known >= _PARTS and (any(values) or _SPEAKS.search(text) is not None)


def _is_of_a_school(text: str, titles: Sequence[str], named: Sequence[TitleVerdict], reasons: Sequence[str]) -> bool:
    """Whether a report that its titles call neither 政府 nor 政务, nor any body's, is one by another rule: the lines of
    its title name a school, or its opening the rule for schools.
    """
    if any(verdict.agency for verdict in named) or any("政府" in title or "政务" in title for title in titles):
        return False
    return "other_regime" in reasons or _SCHOOL_RULE in text[:_SHORT]


def _has_own_figures(placed: Placement, reason: str) -> bool:
    """Whether a form under another title is filled in: a notice has it blank, a template may have zeros in it."""
    values = [cell.value for cell in placed.cells.values()]
    return any(values) if reason == "template" else any(value is not None for value in values)


#: Reasons that a title alone gave: what stands below it may be a report all the same.
WEAK_REASONS = {"other_title", "no_title", "too_long", "cut_title", "column_title", "column", "other"}

#: Reasons of a document without a report's title, whose text may say all the same that it is one. 2020年报_审计局 is
#: an other report only as long as no parts of this one stand below it.
_UNTITLED = {*WEAK_REASONS, "not_recognised", "other_report"}

_PLAIN = {Strength.FULL, Strength.BARE, Strength.UNDATED}


def _shows_a_file(pages: Pages) -> bool:
    """Whether a page without text of its own embeds or links a document."""
    return any(part.kind != "image" and _FILE.search(part.url) for part in pages.parts)


def _is_empty_frame(text: str, evidence: IdentityEvidence) -> bool:
    """Whether a page without sections, tables, files and pictures is the frame of a report that is not there: it says
    so (暂无相关信息), or has no sentence, and no title of it names a year's report.
    """
    titled = any(verdict.could_be and verdict.year for verdict in map(judge, evidence.titles))
    return bool(_NOTHING.search(text)) or not (titled or "。" in text)


def _is_in_another_language(text: str) -> bool:
    """Whether next to nothing but a title is Chinese: a summary of the report for readers elsewhere."""
    latin = len(_LATIN.findall(text))
    return latin >= _WORDS and 2 * latin > len(_HAN.findall(text))


def _is_listing(lines: Sequence[TextLine]) -> bool:
    """A column's page: titles of three reports or more, of different agencies or years, one after the other."""
    found = {
        (verdict.agency, verdict.year)
        for line in lines[:400]
        if len(line.text) <= _TITLE
        and not _NEIGHBOUR.match(line.text)
        and (verdict := judge(_DATED.sub("", line.text))).could_be
        and verdict.year
    }
    return len(found) >= 3


def _is_empty(pages: Pages, lines: Sequence[TextLine], placed: Placement) -> bool:
    if placed.cells or pages.parts or any(line.text.strip() for line in lines):
        return False
    return not any(text.strip() for block in pages.blocks if isinstance(block, Table) for text in block.texts)


def _is_template(text: str, evidence: IdentityEvidence, placed: Placement, named: bool) -> bool:
    """A form nobody filled in: every cell blank, not even a "/"; no agency named, nobody speaking of itself."""
    if not placed.cells or any(map(_is_filled_in, placed.cells.values())):
        return False
    if named or evidence.statements or _SPEAKS.search(text):
        return False
    plain = _BLANK_WORDS.sub("", text)
    return len(plain) < _SHORT


def _is_filled_in(cell: Cell) -> bool:
    """Whether a figure or a mark is printed, be it one that could not be read."""
    return cell.value is not None or "mark" in cell.flags or any(map(str.isdecimal, cell.raw))


def _is_old(parts: Sequence[Section]) -> bool:
    """The free headings of the reports before 2019, and none of the headings only the national forms have."""
    headings = [key(part.heading) for part in parts if part.heading]
    new = sum(heading in current_headings() for heading in headings)
    free = sum(map(is_old_heading, headings))
    return free >= 2 and free > new and not any(section_key(part.heading) == "other" for part in parts)
