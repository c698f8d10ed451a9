"""Judge a title, an address and their context: is it a report, whose, for which year.

The title decides first; the address (parameters, page or folder), the column and the registry complete it. A year in a
parameter is the report's year; a date in a path is the CMS's and only ever suggests the year before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from archive.file_endings import HTML
from archive.identity import addresses, divisions, names
from archive.identity.addresses import Address
from archive.identity.text import MAX_TITLE, squeeze
from archive.identity.title_parts import BODY, SENTENCE, clean_head
from archive.identity.titles import IN_NAMES, NAMED_SO, Strength, TitleVerdict, judge, judge_in_column, may_publish
from archive.identity.wording import lead_words
from archive.identity.years import mark_years
from storage.records import Agency, AgencyKind, ReportKind

#: Reason of what would be a report, if its address lay on a host that may publish.
UNOFFICIAL = "unofficial_host"
#: Reason of what is a report by its column alone: a body's name under a year (司法局, below 2024年).
BODY_UNDER_YEAR = "body_under_year"
_REPORT_COLUMN = re.compile("年报|年度报告|工作报告")
_FILE = re.compile(rf"/[^/?#]+\.(?:{HTML}|jspx?|aspx?|php|do)(?:[?#].*)?$", re.IGNORECASE)
_VAGUE = frozenset({"other_report", "other_title", "summary"})
_OF_DISCLOSURE = re.compile("信息公开|政务公开|政府信息|annualreport", re.IGNORECASE)
_DISCLOSURE_WORK = re.compile("(?:政府信息公开|政务公开|信息公开)(?:工作)?$")
_WHOLE = re.compile(r".{4,80}?(?:年度报告|年报)")
_SENTENCE = 12  # characters behind a title: more than 解读 or 编制通知
_ANY_REPORT = re.compile("(?:年度|工作|情况|总结|的)*(?:报告|年报|总结|小结|汇报)$")
_STEP = re.compile(r"[>＞»/|\\_]+|--+|::")
_COLUMN_AGENCY = re.compile(
    r"(?:局|委|办|府|厅|院|会|社|署|处|所|站|队|中心|镇|乡|街道|苏木|办事处|办公室|委员会|管委会)$"
)
_COLUMN_WORDS = re.compile(
    "政府信息公开|信息公开|政务公开|工作年度报告|年度报告|年报|指南|制度|目录|专栏|栏目|首页|平台|部门|公开"
)
_MORE = re.compile(r"^(?:\[?(?:点击)?(?:查看|详细|详情|下载|全文|阅读|打开|附件|年报|年度报告|正文|内容)\d*[>\]]*)?$")


@dataclass(frozen=True, slots=True)
class Classification:
    """What a link is thought to be. ``agency``: registry id; ``agency_name``: as completed, else as printed."""

    is_report: bool
    agency: str | None = None
    agency_name: str | None = None
    year: int | None = None
    report_kind: ReportKind | None = None
    confidence: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Context:
    address: Address
    place: str | None
    column_agency: str
    reports: bool
    is_file: bool
    agencies: tuple[Agency, ...]


def column_agency(column: str | None) -> str:
    """Give the agency a column's path names ("首页>政府部门>县司法局>年报" → "县司法局"); "" if it names none."""
    for part in reversed(_STEP.split(squeeze(column)[:400])):
        name = re.sub(
            r"(?:法定主动公开|政府)?信息公开.*$|政务公开.*$|(?:工作)?年度报告.*$|年报.*$|\d{4}年?(?:度)?$", "", part
        )
        if (
            3 <= len(name) <= 40
            and _COLUMN_AGENCY.search(name)
            and not names.is_generic(name)
            and not _COLUMN_WORDS.fullmatch(name)
        ):
            return name
    return ""


def reports_column(column: str | None) -> bool:
    """Whether a column's name says that annual reports stand there."""
    return bool(_REPORT_COLUMN.search(squeeze(column)[-400:]))


def _shape(verdict: TitleVerdict, context: _Context) -> tuple[bool, float, str]:
    """Whether a title of the shape of a report's is one here: (is_report, confidence, reason)."""
    detail, known = context.address.detail, bool(context.column_agency)
    strength = verdict.strength
    if strength is Strength.FULL and verdict.generic:
        return _judge_collective_title(detail, known, verdict.yearly and context.is_file)
    if strength is Strength.FULL:
        return True, 0.98 if verdict.agency and verdict.year else 0.9, "report_title"
    if strength is Strength.BARE:
        if detail is False:
            return False, 0.6, "folder"
        return True, 0.9 if detail or known else 0.7, "report_title"
    if strength is Strength.FOLDER:
        if detail or (known and detail is None):
            return True, 0.7, "report_title"
        return False, 0.7, "folder"
    if strength is Strength.UNDATED:
        if detail or (detail is None and verdict.yearly):
            return True, 0.8 if detail else 0.5, "undated_title"
        return False, 0.7, "column"
    if strength is Strength.CUT:
        sure = verdict.yearly or context.reports
        return (True, 0.8, "cut_title") if sure else (False, 0.4, "cut_title")
    if strength is Strength.BEGUN:  # the document tells
        return False, 0.95 if detail is False else 0.4, "cut_title"
    return _by_column(strength, detail, filed=context.is_file)


def _by_column(strength: Strength, detail: bool | None, *, filed: bool) -> tuple[bool, float, str]:
    """Whether a title is one that says nothing of disclosure itself, where its column does."""
    if strength is Strength.HEADED:
        stands = detail or (filed and detail is None)
        return (True, 0.6, BODY_UNDER_YEAR) if stands else (False, 0.6, "other_title")
    if strength is Strength.WEAK:
        return (True, 0.7, "column_title") if detail is not False else (False, 0.5, "folder")
    return (True, 0.5, "column_title") if detail else (False, 0.9, "column")


def _judge_collective_title(detail: bool | None, known: bool, filed: bool) -> tuple[bool, float, str]:
    """Whether a title of the reports of many (各部门) stands over a document: one body's own where the column names it,
    a notice with the files of all, or a folder.
    """
    if detail or (known and detail is None):
        return True, 0.8, "report_title"
    return (True, 0.6, "report_of_many") if detail is None and filed else (False, 0.6, "folder")


def _judge_address(context: _Context) -> tuple[bool, float, str]:
    """Say what an address says without a title."""
    address = context.address
    if address.addressed:
        return True, 0.7, "addressed_url"
    if address.detail and (address.reports or context.reports):
        return True, 0.5, "report_url"
    return False, 0.6, "no_title"


def _year(verdict: TitleVerdict, context: _Context) -> int | None:
    """Give the reporting year: printed, else a parameter's or a year folder's, else the year before the path's date."""
    if verdict.year is not None or len(verdict.years) > 1 or verdict.strength is Strength.HEADED:
        return verdict.year
    address = context.address
    if address.report_year:
        return address.report_year
    early = address.path_date.year - 1 if address.path_date and address.path_date.month <= 6 else None
    if address.folder_year:
        return address.folder_year if early in (None, address.folder_year) else None
    return early if address.reports or context.reports else None


def kind_of_report(name: names.Name, agency: Agency | None, *, system: bool = False) -> ReportKind | None:
    """For whom a report speaks: a whole system, a whole government, or one agency (None if it is not known)."""
    if system:
        return ReportKind.SYSTEM
    if agency is None and not name.text:
        return None
    kind = agency.kind if agency else names.kind_of(name)
    return ReportKind.GOVERNMENT if kind is AgencyKind.GOVERNMENT else ReportKind.AGENCY


def agency_by_code(code: str | None, agencies: Sequence[Agency]) -> Agency | None:
    """Give the one agency with an organ's code (``area=11370830004335465W``); None if none or several have it."""
    normal_code = (code or "").strip().upper()
    found = {
        agency.id: agency for agency in agencies if normal_code and (agency.code or "").strip().upper() == normal_code
    }
    return next(iter(found.values())) if len(found) == 1 else None


def _agency_of(
    verdict: TitleVerdict, context: _Context, year: int | None
) -> tuple[Agency | None, str | None, ReportKind | None]:
    note = divisions.place(context.place).note
    printed = verdict.agency or ("" if verdict.generic else context.column_agency or note)
    if verdict.system:
        return None, None, ReportKind.SYSTEM
    if not printed:
        agency = agency_by_code(context.address.code, context.agencies)
        name = names.complete(agency.name, context.place) if agency else names.Name()
        return agency, name.text or None, kind_of_report(name, agency)
    name = names.complete(printed, context.place)
    match = names.match_agency(printed, context.agencies, place=context.place, year=year)
    agency = match.agency or (None if verdict.agency else agency_by_code(context.address.code, context.agencies))
    return agency, name.text or None, kind_of_report(name, agency)


def _generic_link(title: str) -> bool:
    """Whether a link's text says nothing ("查看", "2023年", blank)."""
    plain = squeeze(title)
    return len(plain) <= 12 and bool(_MORE.match(re.sub(r"^20\d\d(?:年度?)?", "", plain)))


def _may_be_one(title: str, context: _Context, verdict: TitleVerdict) -> bool:
    """Whether a title that is no report's may stand over one, so that only the document tells: a notice by which
    reports are published; in a column of reports a body's report or summary of a year, or its name alone.
    """
    reports = context.reports and context.address.detail is not False
    if reports and (verdict.reason == "too_long" or _continues_as_text(squeeze(title))):
        return True
    if verdict.reason in ("notice", "news"):
        return may_publish(title)
    if not reports:
        return False
    vague = verdict.reason in _VAGUE | IN_NAMES and _is_vague(squeeze(title), verdict)
    return vague or _only_a_body(title, context, verdict)


def _continues_as_text(text: str) -> bool:
    """Whether a report's title goes on as its text does: a link may hold both. What makes it another's ends it soon."""
    title = _WHOLE.match(text)
    return title is not None and len(text) - title.end() > _SENTENCE and judge(title[0]).could_be


def _is_vague(text: str, verdict: TitleVerdict) -> bool:
    """Whether a title has a year and speaks of disclosure, or of nothing but a body and its report."""
    marked = mark_years(text[:MAX_TITLE])
    if not marked.years or len(text) > MAX_TITLE or lead_words()[1].search(marked.marked):
        return False
    whose = clean_head(_ANY_REPORT.sub("", marked.marked))
    if verdict.reason in IN_NAMES:
        whose = _DISCLOSURE_WORK.sub("", whose)
        return bool(NAMED_SO.search(whose)) and not SENTENCE.search(whose)
    if _OF_DISCLOSURE.search(marked.marked):
        return True
    return bool(BODY.search(whose)) and not SENTENCE.search(whose) and len(whose) <= 30


def _only_a_body(title: str, context: _Context, verdict: TitleVerdict) -> bool:
    """Whether a document in a column of reports is called by nothing but a body's name: it may be its report."""
    name = squeeze(title)
    if not (context.reports and context.address.detail and len(name) <= 30):
        return False
    if verdict.reason in IN_NAMES:  # 统计局
        return names.looks_like_body(name) and not names.is_generic(name)
    return (
        verdict.reason == "other_title"
        and bool(BODY.search(name))
        and not (SENTENCE.search(name) or names.is_generic(name) or lead_words()[1].search(mark_years(name).marked))
    )


def classify(
    title: str | None,
    url: str | None,
    *,
    place: str | None = None,
    column: str | None = None,
    agencies: Sequence[Agency] = (),
    hosts: Sequence[str] = (),
) -> Classification:
    """Classify a link or page by title and address. Either may be None. Never raises.

    ``place``: the portal's place ("汶上县" or the whole chain); ``column``: the column's name or path; ``hosts``: the
    portal's hosts (without them any below gov.cn is official).
    """
    address = addresses.read(url, hosts)
    reports = address.reports or reports_column(column)
    context = _Context(address, place, column_agency(column), reports, bool(_FILE.search(url or "")), tuple(agencies))
    text = (title or "")[: 100 * MAX_TITLE]
    verdict = judge_in_column(text) if reports else judge(text)
    if verdict.could_be:
        is_report, confidence, reason = _shape(verdict, context)
    elif _generic_link(text) or (address.addressed and verdict.reason in ("other_title", "other_report")):
        is_report, confidence, reason = _judge_address(context)
    else:
        doubtful = _may_be_one(text, context, verdict)
        named = doubtful and verdict.reason in IN_NAMES and _only_a_body(text, context, verdict)
        is_report, confidence, reason = False, 0.6 if doubtful else 0.95, "other_title" if named else verdict.reason
    if address.official is False:  # a copy elsewhere is no publication; of other links it says nothing
        is_report, confidence, reason = False, 0.99, UNOFFICIAL if is_report else reason
    if address.addressed and is_report and verdict.year and address.report_year and verdict.year != address.report_year:
        confidence = min(confidence, 0.6)
    year = _year(verdict, context) if is_report else verdict.year
    agency, agency_name, kind = _agency_of(verdict, context, year)
    return Classification(
        is_report=is_report,
        agency=agency.id if agency else None,
        agency_name=agency_name,
        year=year,
        report_kind=kind if is_report else None,
        confidence=confidence,
        reason=reason,
    )
