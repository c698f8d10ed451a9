"""Judge from title, address and context of a link whether it leads to a report, of which agency and year.

The title decides first; the address (parameters, page or folder), the column and the registry complete it. A year in a
parameter is the report's year; a date in a path is set by the content system and only suggests the year before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from archive.identity import addresses
from archive.identity.addresses import UNLINKED, AddressFacts, is_unlinked, same_address
from archive.identity.divisions import place as read_place
from archive.identity.matching import match_agency
from archive.identity.names import Name, complete, ends_as_agency, is_generic, kind_of, looks_like_agency
from archive.identity.text import MAX_TITLE, pattern, squeeze, words
from archive.identity.titles import Strength, TitleVerdict, clean_head, judge_title, may_publish
from archive.identity.years import mark_years, parse_date
from storage.records import Agency, AgencyKind, Lead, Link, Listing, ListingForm, Portal, ReportKind

#: Reason of a link that would be a report if its host might publish reports.
UNOFFICIAL = "unofficial_host"
#: Reason of a link that is a report only by its column: an agency's name under a year (司法局, below 2024年).
BODY_UNDER_YEAR = "body_under_year"
MAX_COLUMN_CHARS, SHORT_TITLE_CHARS, LONG_TITLE_CHARS = 400, 8, 60
_SILENT = ("no_title", "folder", "column", "column_title")  # reasons of titles that say nothing about a report


def column_agency(column: str | None) -> str:
    """Return the agency in the path of a column ("首页>县司法局>年报" → "县司法局"); "" if there is none."""
    for part in reversed(pattern("step_of_path").split(squeeze(column)[:MAX_COLUMN_CHARS])):
        name = pattern("words_of_column").sub("", part)
        if looks_like_agency(name) and name[-1] not in "省市县区旗州盟" and not is_generic(name):
            return name
    return ""


def kind_of_report(name: Name, agency: Agency | None) -> ReportKind | None:
    """Return whether a report is a government's or another agency's, by registry or name; None if neither is known."""
    if agency is None and not name.text:
        return None
    kind = agency.kind if agency else kind_of(name)
    return ReportKind.GOVERNMENT if kind is AgencyKind.GOVERNMENT else ReportKind.AGENCY


def agency_by_code(code: str | None, agencies: Sequence[Agency]) -> Agency | None:
    """Return the only agency with this code (``area=11370830004335465W``), None if no agency, or several, have it."""
    sought = (code or "").strip().upper()
    matches = {one.id: one for one in agencies if sought and (one.code or "").strip().upper() == sought}
    return next(iter(matches.values())) if len(matches) == 1 else None


def classify(
    title: str | None,
    url: str | None,
    *,
    place: str | None = None,
    column: str | None = None,
    agencies: Sequence[Agency] = (),
    hosts: tuple[str, ...] = (),
) -> Lead:
    """Classify a link by title and address (either may be None): return a lead (a link judged to be a report or not)
    with empty portal and listing. An address outside the official hosts is no report. Never raises.
    ``place``: the portal's place ("汶上县" or the whole chain); ``column``: name or path (A>B) of the column (栏目, a
    portal's list) with the link; ``hosts``: the portal's hosts (without them any host below gov.cn is official).
    """
    address, text, in_column = addresses.read(url, hosts), (title or "")[: 100 * MAX_TITLE], column_agency(column)
    in_reports = address.reports or bool(pattern("column_of_reports").search(squeeze(column)[-MAX_COLUMN_CHARS:]))
    verdict = judge_title(text, in_column=in_reports)
    if verdict.could_be:
        where = 0 if address.detail else 3 if address.detail is False else 1 if in_column else 2  # as in _shape()
        is_file = pattern("page_file").search(url or "") is not None
        is_report, confidence, reason = _shape(verdict, is_file=is_file)[where]
    else:
        is_report, confidence, reason = _judge_other(text, verdict, address, in_reports=in_reports)
    if address.official is False:  # a copy on another host is no publication
        is_report, confidence, reason = False, 0.99, UNOFFICIAL if is_report else reason
    if is_report and address.addressed and verdict.year and address.report_year not in (None, verdict.year):
        confidence = min(confidence, 0.6)
    year = _year(verdict, address, in_reports=in_reports) if is_report else verdict.year
    printed = verdict.agency or ("" if verdict.generic else in_column or read_place(place).note)
    by_code = None if verdict.agency else agency_by_code(address.code, agencies)
    name = Name() if verdict.system else complete(printed or (by_code.name if by_code else None), place)
    registered = None if verdict.system else match_agency(printed, agencies, place=place, year=year).agency
    agency = registered or by_code
    kind = ReportKind.SYSTEM if verdict.system else kind_of_report(name, agency)
    return Lead(
        portal="", listing="", url=url or "", title=title or "", listed=None, is_report=is_report,
        agency=agency.id if agency else None, agency_name=name.text or None, year=year,
        report_kind=kind if is_report else None, confidence=confidence, reason=reason,
    )  # fmt: skip


def _shape(verdict: TitleVerdict, *, is_file: bool) -> Sequence[tuple[bool, float, str]]:
    """Return the row of the table ``shapes`` (titles.toml) for a title: (is report, confidence, reason) if its address
    is of a document, in an agency's column, unclear, of a list. ``is_file``: it names a page (2024.html), no folder.
    """
    name, is_more = str(verdict.strength), verdict.says_report and not verdict.generic
    if verdict.strength is Strength.FULL and not (verdict.agency and verdict.year):
        name, is_more = "many" if verdict.generic else "full in part", is_file and verdict.says_report
    elif verdict.strength is Strength.HEADED:
        is_more = is_file
    shapes: Mapping[str, Sequence[tuple[bool, float, str]]] = words("shapes")
    return shapes.get(f"{name}+", shapes[name]) if is_more else shapes[name]


def _judge_other(
    text: str, verdict: TitleVerdict, address: AddressFacts, *, in_reports: bool
) -> tuple[bool, float, str]:
    """Judge a link without a report's title (``text``); where the confidence is low, only its document can tell."""
    plain = squeeze(text)
    says_nothing = len(plain) <= 12 and pattern("empty_words").fullmatch(plain) is not None  # "查看", "2023年", blank
    if address.addressed and (says_nothing or verdict.reason in ("other_title", "other_report")):
        return True, 0.7, "addressed_url"
    if says_nothing:
        return (True, 0.5, "report_url") if address.detail and in_reports else (False, 0.6, "no_title")
    if verdict.reason in ("notice", "news"):
        is_doubtful = may_publish(text)
    else:
        is_doubtful = in_reports and address.detail is not False and _is_vague(plain, verdict, address)
    return False, 0.6 if is_doubtful else 0.95, verdict.reason


def _is_vague(plain: str, verdict: TitleVerdict, address: AddressFacts) -> bool:
    """True if a title in a column of reports goes on with the text, or is an agency's name, report or summary."""
    start = pattern("report_begins").match(plain)
    if verdict.reason == "too_long" or (start and len(plain) - start.end() > 12 and judge_title(start[0]).could_be):
        return True
    marked, years = mark_years(plain)
    tells_what_was_done = pattern("notice").search(marked)  # 召开2023年…推进会
    if verdict.reason not in ("other_report", "other_title", "summary") or tells_what_was_done:
        return False
    if years and pattern("speaks_of_openness").search(marked):
        return True
    name = clean_head(pattern("words_of_other_report").sub("", marked))
    is_agency = ends_as_agency(name) and len(name) <= 30 and not is_generic(name)
    return is_agency and (bool(years) or (bool(address.detail) and name == plain))


def _year(verdict: TitleVerdict, address: AddressFacts, *, in_reports: bool) -> int | None:
    """Return the reporting year: of the title, else of a parameter or folder, else, in a column of reports, the year
    before the path's date. None if nothing tells it, or folder and date disagree.
    """
    if verdict.years or verdict.strength is Strength.HEADED:
        return verdict.year
    early = address.early_year
    if address.folder_year and not address.report_year:
        return address.folder_year if early in (None, address.folder_year) else None
    return address.report_year or (early if in_reports else None)


# -------------------------------------------------------------------------------------------------------------- leads


def lead_of(link: Link, listing: Listing, portal: Portal, agencies: Sequence[Agency]) -> Lead:
    """Judge a link of a listing. Never raises; a link to no report is a lead with ``is_report`` False and a reason.
    A link without a telling title is a report if it leads to the listing's own page, or if the listing is addressed
    (has an address for each agency and year). The listing's agency and year complete what the link leaves open.
    An entry printed without a link cannot be fetched: ``is_report`` is False, but agency and year are given.
    """
    title, url = _title_of_link(link), None if is_unlinked(link.url) else link.url
    own = next((agency for agency in agencies if agency.id == listing.agency), None) if listing.agency else None
    columns = (listing.column, *((f"{own.name}>{listing.column}",) if own else ()))
    judged = [
        classify(title, url, place=portal.place, column=column, agencies=agencies, hosts=portal.hosts)
        for column in columns  # on a page of one agency, "2023年度报告" is no folder with reports of many
    ]
    lead = next((one for one in judged if one.is_report), judged[0])
    is_silent = lead.reason in (*_SILENT, "other_title", "undated_title")
    if not lead.is_report and is_silent and url and _page_of(url) == _page_of(listing.url):
        lead = replace(lead, is_report=True, year=None, confidence=0.6, reason="report_in_place")
    if not lead.is_report and lead.reason in _SILENT and listing.form is ListingForm.ADDRESSED:
        lead = replace(lead, is_report=True, confidence=0.6, reason="addressed_listing")
    if lead.is_report:
        lead = replace(lead, year=lead.year if lead.year is not None else listing.year)
    if lead.is_report and own and lead.agency is None and lead.agency_name is None:
        name = complete(own.name, portal.place)
        kind = lead.report_kind or kind_of_report(name, own)
        lead = replace(lead, agency=own.id, agency_name=name.text, report_kind=kind)
    if url is None:
        has_agency = lead.is_report and bool(lead.agency or lead.agency_name)
        lead = replace(lead, is_report=False, confidence=0.99, reason=UNLINKED if has_agency else "no_title")
    listed = parse_date(link.listed)
    return replace(lead, portal=portal.name, listing=listing.id, url=link.url, title=title, listed=listed)


def _page_of(url: str) -> str:
    """Return an address without its scheme, to tell whether a link leads to the listing that it is on."""
    return same_address(url).partition("://")[2].rstrip("/")


def _title_of_link(link: Link) -> str:
    """Return a link's text, first sentence or row (some rows link only 查看), whichever is a report's title first."""
    text, row = link.text.strip(), link.row.strip()
    first = re.match(r"[^。！？；\s]{8,}(?=[。！？；\s])", text) if len(text) > LONG_TITLE_CHARS else None
    candidates = [text, first[0] if first else "", row if len(squeeze(text)) <= SHORT_TITLE_CHARS else ""]
    return next((one for one in candidates if one and classify(one, None).is_report), text)
