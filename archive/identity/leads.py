"""Turn a raw link on a listing into a lead: whether it looks like a report, whose, for which year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from archive.identity import names, years
from archive.identity.classify import Classification, classify, kind_of_report
from archive.identity.routes import route_of
from archive.identity.text import squeeze
from archive.identity.unlinked_entries import UNLINKED, is_unlinked
from storage.records import Agency, Lead, Link, Listing, ListingForm, Portal

# A link's text of at most this many characters may be a mere 查看 or 点击下载全文; one of more than so many may hold
# the first sentences of the report behind its title.
_SHORT, _LONG = 8, 60
_FIRST = re.compile(r"[^。！？；\s]{8,}(?=[。！？；\s])")
# Reasons of a title that says nothing; a column that names itself as its entry has a report in place of a list.
_IN_PLACE = frozenset({"folder", "column", "column_title", "no_title", "other_title", "undated_title"})


def _comparable_address(url: str) -> str:
    """An address without its scheme and fragment (a route is none), and the closing slash."""
    return url.partition("://")[2].partition("#")[0].rstrip("/") + route_of(url)


def _title(link: Link) -> str:
    """Give the link's own text, else that of its row (some rows link only the word 查看)."""
    text, row = link.text.strip(), link.row.strip()
    if len(text) > _LONG and not classify(text, None).is_report:
        first = _FIRST.match(text)
        return first[0] if first and classify(first[0], None).is_report else text
    if not row or len(squeeze(text)) > _SHORT:
        return text
    return row if classify(row, None).is_report and not classify(text, None).is_report else text


def _fill(
    classification: Classification, listing: Listing, portal: Portal, agencies: Sequence[Agency]
) -> Classification:
    """Add what the listing's own address says where the title is silent; the title stands where both speak."""
    if (
        listing.form is ListingForm.ADDRESSED
        and not classification.is_report
        and classification.reason in ("no_title", "folder", "column", "column_title")
    ):
        classification = replace(classification, is_report=True, confidence=0.6, reason="addressed_listing")
    if not classification.is_report:
        return classification
    if classification.agency is None and classification.agency_name is None and listing.agency:
        agency = next((agency for agency in agencies if agency.id == listing.agency), None)
        if agency:
            name = names.complete(agency.name, portal.place)
            classification = replace(
                classification,
                agency=agency.id,
                agency_name=name.text,
                report_kind=classification.report_kind or kind_of_report(name, agency),
            )
    if classification.year is None and listing.year is not None:
        classification = replace(classification, year=listing.year)
    return classification


def _judge(title: str, url: str | None, column: str, portal: Portal, agencies: Sequence[Agency]) -> Classification:
    return classify(title, url, place=portal.place, column=column, agencies=agencies, hosts=portal.hosts)


def _as_printed_entry(classification: Classification) -> Classification:
    """Say of an entry without a link that it is one, where it names a body's report; what names nobody is a heading."""
    named = classification.is_report and bool(classification.agency or classification.agency_name)
    return replace(classification, is_report=False, confidence=0.99, reason=UNLINKED if named else "no_title")


def lead_of(link: Link, listing: Listing, portal: Portal, agencies: Sequence[Agency]) -> Lead:
    """Judge a link of a listing. Never raises; what is no report is a lead with ``is_report`` False and why.

    A report that is printed without a link is none that can be had: it is said whose it is, and of which year.
    """
    title = _title(link)
    url = None if is_unlinked(link.url) else link.url
    found = _judge(title, url, listing.column, portal, agencies)
    own = next((agency.name for agency in agencies if agency.id == listing.agency), "") if listing.agency else ""
    if own and not found.is_report:  # on a page of one body "2023年度报告" is no folder of many
        as_its_own = _judge(title, url, f"{own}>{listing.column}", portal, agencies)
        found = as_its_own if as_its_own.is_report else found
    if (
        url is not None
        and not found.is_report
        and found.reason in _IN_PLACE
        and _comparable_address(url) == _comparable_address(listing.url)
    ):
        found = replace(found, is_report=True, year=None, confidence=0.6, reason="report_in_place")
    found = _fill(found, listing, portal, agencies)
    if url is None:
        found = _as_printed_entry(found)
    return Lead(
        portal=portal.name,
        listing=listing.id,
        url=link.url,
        title=title,
        listed=years.parse_date(link.listed),
        is_report=found.is_report,
        agency=found.agency,
        agency_name=found.agency_name,
        year=found.year,
        report_kind=found.report_kind,
        confidence=found.confidence,
        reason=found.reason,
    )
