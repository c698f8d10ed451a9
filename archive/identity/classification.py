"""Judge a title, an address and their context: is it a report, whose, for which year.

The title decides first; the address (parameters, page or folder), the column and the registry complete it. A year in a
parameter is the report's year; a date in a path is the content system's and only ever suggests the year before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from archive.file_endings import HTML
from archive.identity import addresses
from archive.identity.addresses import UNLINKED, Address, is_unlinked, same_address
from archive.identity.divisions import place as read_place
from archive.identity.matching import match_agency
from archive.identity.names import BODY, Name, complete, is_generic, kind_of, looks_like_body
from archive.identity.text import MAX_TITLE, squeeze
from archive.identity.titles import (
    Strength,
    TitleVerdict,
    clean_head,
    judge,
    judge_in_column,
    may_publish,
    tells_what_was_done,
)
from archive.identity.years import mark_years, parse_date
from storage.records import Agency, AgencyKind, Lead, Link, Listing, ListingForm, Portal, ReportKind

#: Reason of what would be a report, if its address lay on a host that may publish.
UNOFFICIAL = "unofficial_host"
#: Reason of what is a report by its column alone: a body's name under a year (司法局, below 2024年).
BODY_UNDER_YEAR = "body_under_year"
MAX_COLUMN_CHARS, SHORT_TITLE_CHARS, LONG_TITLE_CHARS = 400, 8, 60
_PAGE_FILE = re.compile(rf"/[^/?#]+\.(?:{HTML}|jspx?|aspx?|php|do)(?:[?#].*)?$", re.I)
_STEP = re.compile(r"[>＞»/|\\_]+|--+|::")
_COLUMN_OF_REPORTS = re.compile("年报|年度报告|工作报告")
_COLUMN_WORDS = re.compile("(?:法定主动公开|政府)?信息公开.*$|政务公开.*$|(?:工作)?年度报告.*$|年报.*$|\\d{4}年?度?$")
_EMPTY_WORDS = re.compile(
    r"(?:\[?(?:点击)?(?:查看|详细|详情|下载|全文|阅读|打开|附件|年报|年度报告|正文|内容)\d*[>\]]*)?"
)
_SILENT = frozenset({"folder", "column", "column_title", "no_title", "other_title", "undated_title"})


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


def column_agency(column: str | None) -> str:
    """Return the agency that a column's path names ("首页>县司法局>年报" → "县司法局"); "" if it names none."""
    for part in reversed(_STEP.split(squeeze(column)[:MAX_COLUMN_CHARS])):
        name = _COLUMN_WORDS.sub("", part)
        if looks_like_body(name) and name[-1] not in "省市县区旗州盟" and not is_generic(name):
            return name
    return ""


def kind_of_report(name: Name, agency: Agency | None) -> ReportKind | None:
    """Return for whom a report speaks: a whole government or one agency (None if it is not known)."""
    if agency is None and not name.text:
        return None
    kind = agency.kind if agency else kind_of(name)
    return ReportKind.GOVERNMENT if kind is AgencyKind.GOVERNMENT else ReportKind.AGENCY


def agency_by_code(code: str | None, agencies: Sequence[Agency]) -> Agency | None:
    """Return the one agency with an organ's code (``area=11370830004335465W``); None if none or several have it."""
    sought = (code or "").strip().upper()
    found = {one.id: one for one in agencies if sought and (one.code or "").strip().upper() == sought}
    return next(iter(found.values())) if len(found) == 1 else None


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
    address, text = addresses.read(url, hosts), (title or "")[: 100 * MAX_TITLE]
    in_reports = address.reports or bool(_COLUMN_OF_REPORTS.search(squeeze(column)[-MAX_COLUMN_CHARS:]))
    body = column_agency(column)
    verdict = judge_in_column(text) if in_reports else judge(text)
    if verdict.could_be:
        strength = _strength(verdict, is_file=bool(_PAGE_FILE.search(url or "")))
        where = 0 if address.detail else 3 if address.detail is False else 1 if body else 2
        is_report, confidence, reason = _BY_SHAPE[strength][where]
    elif address.addressed and (_says_nothing(text) or verdict.reason in ("other_title", "other_report")):
        is_report, confidence, reason = True, 0.7, "addressed_url"
    elif _says_nothing(text):
        is_report = bool(address.detail) and in_reports
        confidence, reason = (0.5, "report_url") if is_report else (0.6, "no_title")
    else:
        may_be_one = _may_be_one(text, verdict, address, in_reports=in_reports)
        is_report, confidence, reason = False, 0.6 if may_be_one else 0.95, verdict.reason
    if address.official is False:  # a copy elsewhere is no publication; of other links it says nothing
        is_report, confidence, reason = False, 0.99, UNOFFICIAL if is_report else reason
    if is_report and address.addressed and verdict.year and address.report_year not in (None, verdict.year):
        confidence = min(confidence, 0.6)
    year = _year(verdict, address, in_reports=in_reports) if is_report else verdict.year
    if verdict.system:
        kind = ReportKind.SYSTEM if is_report else None
        return Classification(is_report, None, None, year, kind, confidence, reason)
    printed = verdict.agency or ("" if verdict.generic else body or read_place(place).note)
    by_code = None if verdict.agency else agency_by_code(address.code, agencies)
    name = complete(printed or (by_code.name if by_code else None), place)
    agency = match_agency(printed, agencies, place=place, year=year).agency or by_code
    kind = kind_of_report(name, agency) if is_report else None
    return Classification(is_report, agency.id if agency else None, name.text or None, year, kind, confidence, reason)


_Judged = tuple[bool, float, str]  # whether it is a report, how sure that is, and why
_REPORT, _FOLDER, _COLUMN = "report_title", "folder", "column"
#: What a title of the shape of a report's is, by where it leads: the page of one document; a column of one body; not
#: known; a list. A name with + holds for titles that say 报告 (not only 年报), in a column of reports, or at a file.
_BY_SHAPE: dict[str, tuple[_Judged, _Judged, _Judged, _Judged]] = {
    "full": ((True, 0.98, _REPORT),) * 4,
    "full in part": ((True, 0.9, _REPORT),) * 4,
    "many": ((True, 0.8, _REPORT), (True, 0.8, _REPORT), (False, 0.6, _FOLDER), (False, 0.6, _FOLDER)),
    "many+": ((True, 0.8, _REPORT), (True, 0.8, _REPORT), (True, 0.6, "report_of_many"), (False, 0.6, _FOLDER)),
    "bare": ((True, 0.9, _REPORT), (True, 0.9, _REPORT), (True, 0.7, _REPORT), (False, 0.6, _FOLDER)),
    "folder": ((True, 0.7, _REPORT), (True, 0.7, _REPORT), (False, 0.7, _FOLDER), (False, 0.7, _FOLDER)),
    "undated": ((True, 0.8, "undated_title"), *((False, 0.7, _COLUMN),) * 3),
    "undated+": ((True, 0.8, "undated_title"), *((True, 0.5, "undated_title"),) * 2, (False, 0.7, _COLUMN)),
    "cut": ((False, 0.4, "cut_title"),) * 4,  # the document tells
    "cut+": ((True, 0.8, "cut_title"),) * 4,
    "headed": ((True, 0.6, BODY_UNDER_YEAR), *((False, 0.6, "other_title"),) * 3),
    "headed+": (*((True, 0.6, BODY_UNDER_YEAR),) * 3, (False, 0.6, "other_title")),
    "weak": (*((True, 0.7, "column_title"),) * 3, (False, 0.5, _FOLDER)),
    "column": ((True, 0.5, "column_title"), *((False, 0.9, _COLUMN),) * 3),
}


def _strength(verdict: TitleVerdict, *, is_file: bool) -> str:
    """Return the row of the table for a title: its strength, with what else it says."""
    if verdict.strength is Strength.FULL and verdict.generic:
        return "many+" if verdict.yearly and is_file else "many"
    if verdict.strength is Strength.FULL and not (verdict.agency and verdict.year):
        return "full in part"
    is_more = is_file if verdict.strength is Strength.HEADED else verdict.yearly
    return f"{verdict.strength}+" if is_more and f"{verdict.strength}+" in _BY_SHAPE else str(verdict.strength)


def _says_nothing(title: str) -> bool:
    """Whether a link's text says nothing ("查看", "2023年", blank)."""
    plain = squeeze(title)
    return len(plain) <= 12 and _EMPTY_WORDS.fullmatch(re.sub(r"^20\d\d(?:年度?)?", "", plain)) is not None


def _may_be_one(title: str, verdict: TitleVerdict, address: Address, *, in_reports: bool) -> bool:
    """Whether a report may stand under a title that is none's, so that only the document tells: a notice that publishes
    reports; in a column of reports a title that its text follows, or a body's report, summary or mere name.
    """
    if verdict.reason in ("notice", "news"):
        return may_publish(title)
    if not in_reports or address.detail is False:
        return False
    text = squeeze(title)
    whole = re.match(r".{4,80}?(?:年度报告|年报)", text)
    if verdict.reason == "too_long" or (whole and len(text) - whole.end() > 12 and judge(whole[0]).could_be):
        return True
    if verdict.reason not in ("other_report", "other_title", "summary") or tells_what_was_done(text[:MAX_TITLE]):
        return False
    marked = mark_years(text)
    if marked.years and re.search("信息公开|政务公开|政府信息|annualreport", marked.marked, re.I):
        return True
    whose = clean_head(re.sub("(?:年度|工作|情况|总结|的)*(?:报告|年报|总结|小结|汇报)$", "", marked.marked))
    named = bool(BODY.search(whose)) and len(whose) <= 30 and not is_generic(whose)
    return named and (bool(marked.years) or (bool(address.detail) and whose == text))


def _year(verdict: TitleVerdict, address: Address, *, in_reports: bool) -> int | None:
    """Return the reporting year: printed, else a parameter's or a folder's, else the year before the path's date."""
    if verdict.years or verdict.strength is Strength.HEADED:
        return verdict.year
    early = address.early_year
    if address.folder_year and not address.report_year:
        return address.folder_year if early in (None, address.folder_year) else None
    return address.report_year or (early if in_reports else None)


# -------------------------------------------------------------------------------------------------------------- leads


def lead_of(link: Link, listing: Listing, portal: Portal, agencies: Sequence[Agency]) -> Lead:
    """Judge a link of a listing. Never raises; what is no report is a lead with ``is_report`` False and why.

    A report that is printed without a link is none that can be had: it is said whose it is, and of which year.
    """
    title, url = _title_of_link(link), None if is_unlinked(link.url) else link.url
    own = next((agency for agency in agencies if agency.id == listing.agency), None) if listing.agency else None
    columns = (listing.column, *((f"{own.name}>{listing.column}",) if own else ()))
    judged = [
        classify(title, url, place=portal.place, column=column, agencies=agencies, hosts=portal.hosts)
        for column in columns  # on a page of one body "2023年度报告" is no folder of many
    ]
    found = next((one for one in judged if one.is_report), judged[0])
    if not found.is_report and url and found.reason in _SILENT and _page_of(url) == _page_of(listing.url):
        found = replace(found, is_report=True, year=None, confidence=0.6, reason="report_in_place")
    silent = found.reason in ("no_title", "folder", "column", "column_title")
    if listing.form is ListingForm.ADDRESSED and not found.is_report and silent:
        found = replace(found, is_report=True, confidence=0.6, reason="addressed_listing")
    if found.is_report:
        found = replace(found, year=found.year if found.year is not None else listing.year)
        if own and found.agency is None and found.agency_name is None:
            name = complete(own.name, portal.place)
            kind = found.report_kind or kind_of_report(name, own)
            found = replace(found, agency=own.id, agency_name=name.text, report_kind=kind)
    if url is None:
        named = found.is_report and bool(found.agency or found.agency_name)
        found = replace(found, is_report=False, confidence=0.99, reason=UNLINKED if named else "no_title")
    return Lead(
        portal=portal.name, listing=listing.id, url=link.url, title=title, listed=parse_date(link.listed),
        is_report=found.is_report, agency=found.agency, agency_name=found.agency_name, year=found.year,
        report_kind=found.report_kind, confidence=found.confidence, reason=found.reason,
    )  # fmt: skip


def _page_of(url: str) -> str:
    """Return an address without its scheme: a link may lead to the listing on which it stands."""
    return same_address(url).partition("://")[2].rstrip("/")


def _title_of_link(link: Link) -> str:
    """Return the link's own text, its first sentence if it is long, or that of its row (some rows link only 查看)."""
    text, row = link.text.strip(), link.row.strip()
    first = re.match(r"[^。！？；\s]{8,}(?=[。！？；\s])", text) if len(text) > LONG_TITLE_CHARS else None
    words = [text, first[0] if first else "", row if len(squeeze(text)) <= SHORT_TITLE_CHARS else ""]
    return next((one for one in words if one and classify(one, None).is_report), text)
