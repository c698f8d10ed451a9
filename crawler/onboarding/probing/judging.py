"""What a listing that was read is: worth keeping or not, whose, of which year, how sure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from archive.identity import names
from archive.identity.binding import name_two, names_many
from crawler.discovery.found import FoundListing, WalkResult
from crawler.discovery.labels import body_in_label, kinds_in_label, names_a_year
from crawler.discovery.organs import body_name
from crawler.discovery.same_addresses import bare
from crawler.looks.look_builder import LookBuilder
from crawler.onboarding.probe import ProbedListing
from storage.records import NOT_A_LISTING, AgencyKind, Lead, Listing, ListingForm, LookOutcome, Note, Portal

Read = tuple[Listing, LookBuilder, list[Lead]]  # a listing, the look at it, its reports
_SEVERAL = 3  # bodies whose reports make a list one of several
_WHY = ("label", "heading", "address", "search", "entries")  # how a column was found: the surest first


def judged(
    found: WalkResult, rows: Sequence[Read], portal: Portal, body: str
) -> tuple[list[ProbedListing], list[dict[str, Any]]]:
    """Return the listings worth keeping and their leads: not those that others show to their end. The others are told
    in ``found``. ``rows``: the listings of ``found`` as they were read; ``body``: whose the whole site is ("" if of
    several).
    """
    read = list(zip(found.listings, rows, strict=True))
    kept: list[ProbedListing] = []
    leads: dict[str, dict[str, Any]] = {}
    for one, (row, look, reports) in read:
        urls = {lead.url for lead in reports}
        if look.reason in NOT_A_LISTING:
            found.refused.append((one.url, one.path, look.reason))
            continue
        good = look.outcome is LookOutcome.OK
        good = good or look.outcome is LookOutcome.SCRIPT_ONLY  # what is in it, nobody has read
        if not urls and not (good and one.why == "label"):
            found.unread.append((one.url, one.path, look.reason or str(look.outcome)))
            continue
        if any(_covers(other, one, urls) for other in read if other[0] is not one):  # all of it, and whose they are
            found.refused.append((one.url, one.path, "another_list_shows_it"))
            continue
        agency, covers, whose = _reporting_bodies(one, reports, portal, body)
        sisters = {other.url: year for other, (_, _, its) in read if other is not one if (year := _year_of(other, its))}
        kept.append(
            ProbedListing(
                url=row.url,
                title=row.column,
                form=str(row.form),
                why=one.why,
                way=(*one.step.via, one.url),
                agency=agency,
                year=_year_of(one, reports, sisters),
                covers=covers,
                whose=whose,
                reports=len(urls),
                items=len(look.links),
                outcome=str(look.outcome),
                reason=look.reason,
            )
        )
        for lead in reports:
            held = leads.get(lead.url)
            leads.setdefault(
                f"{lead.url} {lead.title}" if held and name_two(held["title"], lead.title) else lead.url,
                {"title": lead.title, "url": lead.url, "agency": lead.agency_name or agency or _named(lead) or None,
                 "year": lead.year, "listing": row.url},
            )  # fmt: skip
    return kept, list(leads.values())


def unanswered(found: WalkResult, kept: Sequence[ProbedListing], portal: Portal, body: str) -> list[ProbedListing]:
    """Return the columns, by their labels, that did not answer: nobody knows what they hold, and crawls go on asking.
    Those that are ``kept`` anyway are left out.
    """
    known = {bare(one.url) for one in kept}
    made: list[ProbedListing] = []
    for one, why in found.unanswered:
        if bare(one.url) in known:
            continue
        known.add(bare(one.url))
        agency, covers, whose = _reporting_bodies(one, (), portal, body)
        made.append(
            ProbedListing(
                url=one.url,
                title=one.path,
                form=str(form_of(one)),
                why=one.why,
                way=(*one.step.via, one.url),
                agency=agency,
                covers=covers,
                whose=whose,
                outcome=str(LookOutcome.UNREACHABLE),
                reason=why,
            )
        )
    return made


def _named(lead: Lead) -> str:
    """The body by whose name alone an entry goes."""
    return "" if lead.is_report else body_name(lead.title)


def form_of(one: FoundListing) -> ListingForm:
    """Return what sort of listing was found."""
    return ListingForm.SEARCHED if one.why == "search" else ListingForm.COLUMN


def _covers(other: tuple[FoundListing, Read], one: FoundListing, urls: set[str]) -> bool:
    """Whether another listing, read to its end, shows all that this one shows: of equals, that which is surest to be a
    column of reports stays, then the first one.
    """
    found, (_, look, leads) = other
    shown = {lead.url for lead in leads}
    if look.outcome is not LookOutcome.OK or not urls or not urls <= shown:
        return False
    untold = {lead.url for lead in leads if not lead.agency_name}
    if urls & untold and _own_body(one) and not _own_body(found):  # it alone says whose its reports are
        return False
    return urls < shown or _rank(found) < _rank(one)


def _rank(one: FoundListing) -> tuple[int, int, str]:
    return _WHY.index(one.why), one.step.depth, one.url


def _own_body(one: FoundListing) -> str:
    """The body whose column the labels say it is; "" if they name none."""
    return next((text for label in reversed(one.step.trail) if (text := body_in_label(label)) and body_name(text)), "")


def _reporting_bodies(
    one: FoundListing, reports: Sequence[Lead], portal: Portal, body: str
) -> tuple[str, tuple[str, ...], Note]:
    """Return (the one body, kinds, why). Below a label that names the county (平度市政府信息公开年报) stand reports of
    its government, or of all its bodies.
    """
    printed = {names.complete(lead.agency_name, portal.place).text for lead in reports if lead.agency_name}
    named = _own_body(one)
    kind = names.kind_of(names.complete(named, portal.place)) if named else None
    if named and (len(printed) < _SEVERAL or kind is not AgencyKind.GOVERNMENT):
        return named, (), Note("whose_link", {"name": named})
    kinds = next((kinds for label in reversed(one.step.trail) if (kinds := kinds_in_label(label))), ())
    if kinds:
        return "", tuple(str(kind) for kind in kinds), Note("whose_label")
    if body:
        return body, (), Note("whose_site")
    years = Counter(lead.year for lead in reports if lead.year is not None)
    unnamed = any(not lead.agency_name for lead in reports)
    of_many = any(names_many(lead.title) for lead in reports)  # 各单位2024年…: others' reports lie behind it
    of_several = unnamed and max(years.values(), default=0) > 1  # two of one year, and not both name the body
    if len(printed) == 1 and len(reports) >= 3 and not (of_many or of_several):
        return printed.pop(), (), Note("whose_reports", {"number": len(reports)})
    return "", (), Note("whose_unsaid")


def _year_of(
    one: FoundListing, reports: Sequence[Lead], sisters: Mapping[str, int] = MappingProxyType({})
) -> int | None:
    """The reporting year of a column whose label is that of one: what all its reports say (a folder may be named after
    the year of publication). ``sisters``: the years of other columns, by their addresses; beside several of them one of
    yet another year is a folder as they are, whatever link led to it, but not where a sister's address begins as its
    own does: that page shows the newest year, whichever that is.
    """
    years = {lead.year for lead in reports}
    known = set(sisters.values())
    beside = len(known) > 1 and not years & known and not any(bare(url).startswith(bare(one.url)) for url in sisters)
    labelled = beside or any(names_a_year(text) for text in one.step.trail)
    return years.pop() if labelled and len(years) == 1 and reports else None
