"""Judge which looks can prove that a report is absent. A look cannot if its list shrank or has fewer entries than its
printed total, a clock was wrong, a certificate was broken, its control (a page known to be good) did not answer, or a
ruling voids it.

The looks of a listing are judged in time order against a base: the last ok look that was not suspect itself. Some
looks cannot tell where their list ends. If all its entries are dated, stand newest first, and go back beyond the time
in which a report could have been published, the look would still show that report (``first_complete_year``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from archive.assessment.facts import ALWAYS, LookFact
from archive.assessment.scopes import Span, years_named
from archive.assessment.sentences import in_words
from archive.findings import finding
from archive.identity.years import parse_date
from archive.projection.leads import LookLead
from archive.projection.truth import PortalTruth
from storage.clock import clocks_agree
from storage.judgements import StoredLookJudgement
from storage.records import NOT_A_LISTING, Finding, ListingForm, Look, LookOutcome, Ruling, RulingKind

END_UNKNOWN = "end_of_list_not_said"  # partial: it read all it found, but nothing proves that the list ends there
SETTLED_LOOKS = 3  # so many looks, over so long, with the same loss make a new base
SETTLED_AFTER = timedelta(days=14)
MIN_ENTRIES = 10  # fewer may be in order by chance
MIN_DAYS = 4  # different days among the entries; fewer prove no order
OLD_ENTRIES = 3  # last entries that must be older than any report on the year: a single wrong date proves nothing

#: The reports that a look showed: address → agency and year, None if not known.
ReportLinks = Mapping[str, tuple[str | None, int | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedLook:
    """A judged look. ``fact``: what it proves of what it does not show; ``report_links``: the reports that it showed.
    ``days``: the dates beside the entries in their order, only if the look does not know where the list ends.
    ``new_base``: a finding if later looks are compared with this one although it lacks leads.
    """

    look: Look
    fact: LookFact
    report_links: ReportLinks = field(default_factory=dict)
    days: tuple[date | None, ...] = ()
    new_base: Finding | None = None


def judge_looks(
    truth: PortalTruth,
    leads: Mapping[str, Sequence[LookLead]],
    proven: Mapping[str, Mapping[str, tuple[str, int]]],
    good_controls: Collection[str],
) -> list[JudgedLook]:
    """Judge what each look (one reading of a list) of a portal proves; a folder (a list that another links) after that
    other list. ``leads``: look → its judged links; ``proven``: look → address → report; ``good_controls``: captures of
    control pages (known-good ones asked beside an empty one) that show a report. A look at a list that proves that no
    link led to a folder also counts as a look at the folder (``on_parent_list``).
    """
    looks: dict[str, list[JudgedLook]] = defaultdict(list)
    for look in truth.looks:
        linked = {row.address: (row.lead.agency, row.lead.year) for row in leads.get(look.id, ()) if row.lead.is_report}
        looks[look.listing].append(_own_judgement(look, truth, {**linked, **proven.get(look.id, {})}, good_controls))
    recorded_at = {name: rows[0].recorded_at for name, rows in truth.listing_history.items() if rows}
    judged: dict[str, list[JudgedLook]] = {}
    for name in sorted(looks, key=lambda one: (one in truth.linked_folders, recorded_at.get(one, ALWAYS), one)):
        above: Sequence[JudgedLook] = ()
        if name in truth.linked_folders:
            above = _looks_above(truth, name, looks[name], judged.get(truth.linked_folders[name].parent, ()))
        judged[name] = judge_listing([*looks[name], *above], truth.rulings)
    return [one for name in sorted(judged) for one in judged[name]]


def _own_judgement(
    look: Look, truth: PortalTruth, report_links: ReportLinks, good_controls: Collection[str]
) -> JudgedLook:
    """Judge a look (one reading of a list) by itself, without the other looks at its list. ``report_links``: address →
    (agency, year) of the reports that it showed; ``good_controls``: captures of control pages that show a report. An
    addressed listing (an address of agency and year) needs such a known-good page beside it; other lists need none.
    """
    extraction, listing = truth.extractions.get(look.id), truth.listing_by_id.get(look.listing)
    links = () if extraction is None or not _is_end_unknown(look) else extraction.links
    is_addressed = listing is not None and listing.form is ListingForm.ADDRESSED
    fact = look_fact(
        look,
        truth.rulings,
        entries=None if extraction is None else len({(link.url, link.text) for link in extraction.links}),
        control=not is_addressed if look.control is None else look.control in good_controls,
        chains=frozenset(truth.chains[capture] for capture in look.captures if capture in truth.chains),
    )
    days = tuple(parse_date(link.listed) for link in sorted(links, key=lambda link: link.position))
    return JudgedLook(look=look, fact=fact, report_links=report_links, days=days)


def look_fact(
    look: Look,
    rulings: Iterable[Ruling],
    *,
    entries: int | None = None,
    control: bool = True,
    chains: frozenset[str] = frozenset(),
) -> LookFact:
    """Return what a look (one reading of a list) proves by itself; an ok look becomes partial if the page prints a
    larger total than was read. ``entries``: how many distinct entries were read (None: not counted). ``control``: the
    known-good address answered, or none is needed. ``chains``: SHA-256 of the broken certificate chains over which its
    pages came; the look is ``unverified`` unless a ruling holds each of them to be right.
    """
    latest = {ruling.subject: ruling for ruling in rulings if ruling.kind is RulingKind.CERTIFICATE} if chains else {}
    lacks_entries = look.total is not None and entries is not None and entries < look.total
    return LookFact(
        id=look.id,
        listing=look.listing,
        started=look.started,
        finished=look.finished,
        outcome=LookOutcome.PARTIAL if look.outcome is LookOutcome.OK and lacks_entries else look.outcome,
        skewed=not clocks_agree(look.clock_skew),
        control=control,
        unverified=not all(chain in latest and latest[chain].decision.get("holds") for chain in chains),
    )


def _looks_above(
    truth: PortalTruth, name: str, looks: Iterable[JudgedLook], above: Iterable[JudgedLook]
) -> list[JudgedLook]:
    """Return the trusted looks (readings of lists) at the list above a folder on which no link led to it, as looks at
    the folder. Looks from before it was found count only if it is of one year: by the reports of its first ok look, or
    by its label. ``name``: of the folder; ``looks``: at it, oldest first; ``above``: looks at the list above.
    """
    folder, first = truth.linked_folders[name], next((one for one in looks if one.look.outcome is LookOutcome.OK), None)
    ids, row = folder.after, truth.listing_history[name][0]
    if first is not None:
        years = {year for _, year in first.report_links.values()}
        names_one_year = row.year is not None or len(years_named(row.column)) == 1
        if (len(years) == 1 and None not in years) if years else names_one_year:
            ids |= folder.before
    return [
        JudgedLook(
            look=replace(one.look, listing=name, total=None, control=None),
            fact=replace(one.fact, listing=name, control=True, on_parent_list=True),
        )
        for one in above
        if one.look.id in ids and one.fact.outcome is LookOutcome.OK and not (one.fact.lost or one.fact.unverified)
    ]


def _is_end_unknown(look: Look) -> bool:
    """True if the only doubt about a look is where its list ends."""
    return look.outcome is LookOutcome.PARTIAL and look.reason == END_UNKNOWN


def judge_listing(looks: Iterable[JudgedLook], rulings: Sequence[Ruling] = ()) -> list[JudgedLook]:
    """Return the ``looks`` (readings) at one list, ordered by their starts; each was judged by itself and is now judged
    against the earlier ones. A look that lacks many of their reports (``lost``) proves no absence, unless a ruling or
    several such looks make it the new base for comparison (``new_base``). If a list has no known end, ``whole_from`` is
    the first year of which the look shows all reports. Other ``rulings`` void a look.
    """
    ordered = sorted(looks, key=lambda one: (one.look.started, one.look.finished, one.look.id))
    void = {ruling.subject for ruling in rulings if ruling.kind is RulingKind.VOID_LOOK}
    accepted = {ruling.subject for ruling in rulings if ruling.kind is RulingKind.NEW_BASE}
    lost, new_bases = _losses(ordered, void, accepted)
    whole_from = _complete_years(ordered)
    judged = []
    for judgement in ordered:
        look, note = judgement.look, None
        if look.id in new_bases and not judgement.fact.on_parent_list:  # the list above has its own note
            note = finding("listing_shrunk", in_words({"gone": new_bases[look.id], "at": look.started}))
        whole, loss = whole_from.get(look.id), lost.get(look.id, 0)
        fact = replace(judgement.fact, voided=look.id in void, lost=loss, whole_from=whole)
        judged.append(replace(judgement, fact=fact, new_base=note))
    return judged


def _losses(
    looks: Iterable[JudgedLook], void: Collection[str], accepted: Collection[str]
) -> tuple[dict[str, int], dict[str, int]]:
    """Return two counts by look (a reading of a list), against the last trusted look (the base): the reports that a
    suspect look lacks, and those that a look lacks that becomes the base all the same, by a ruling (``accepted``: look
    ids) or as the third over 14 days. Looks that are not ok, skewed or ``void`` are passed over.
    """
    lost, new_bases = dict[str, int](), dict[str, int]()
    base: ReportLinks | None = None
    same_loss: list[tuple[datetime, frozenset[str]]] = []  # starts of consecutive looks that lack the same leads
    for judgement in looks:
        look, fact = judgement.look, judgement.fact
        if fact.outcome is not LookOutcome.OK or look.id in void or fact.skewed:
            continue
        if base is None or not has_shrunk(base, judgement.report_links):
            base, same_loss = judgement.report_links, []
            continue
        missing = _gone_addresses(base, judgement.report_links)
        same_loss = [*(other for other in same_loss if other[1] == missing), (look.started, missing)]
        is_settled = len(same_loss) >= SETTLED_LOOKS and look.started - same_loss[0][0] >= SETTLED_AFTER
        if is_settled or look.id in accepted:
            new_bases[look.id] = len(missing)
            base, same_loss = judgement.report_links, []
        else:
            lost[look.id] = len(missing)
    return lost, new_bases


def _gone_addresses(base: ReportLinks, links: ReportLinks) -> frozenset[str]:
    """Return the addresses of ``base`` that are gone; a report that only changed its address is not gone."""
    reports = {report for report in links.values() if all(report)}
    return frozenset(url for url, report in base.items() if url not in links and report not in reports)


def has_shrunk(base: ReportLinks, links: ReportLinks) -> bool:
    """True if more than a tenth of the leads (and at least two) are gone, or all reports of a year."""
    missing = _gone_addresses(base, links)
    years = {year for _, year in links.values()} | {year for url, (_, year) in base.items() if url in links}
    year_gone = any(year is not None and year not in years for _, year in base.values())
    return year_gone or (len(missing) >= 2 and len(missing) * 10 > len(base))


def _complete_years(looks: Iterable[JudgedLook]) -> dict[str, int]:
    """Return, for looks (readings of a list, oldest first) that do not know where the list ends, the first year from
    which each shows all reports. Left out are looks of which this is not known, those by a wrong clock, and those that
    lack many reports of those years that an earlier look showed.
    """
    years: dict[str, int] = {}
    base: ReportLinks = {}
    for judgement in looks:
        if judgement.fact.skewed:
            continue
        if _is_end_unknown(judgement.look):
            first = first_complete_year(judgement.days)
            if first is None:
                continue
            newer = {url: report for url, report in base.items() if report[1] and report[1] >= first}
            if not has_shrunk(newer, judgement.report_links):
                years[judgement.look.id] = first
                base = judgement.report_links
        elif judgement.fact.outcome is LookOutcome.OK and not has_shrunk(base, judgement.report_links):
            base = judgement.report_links
    return years


def first_complete_year(days: Sequence[date | None]) -> int | None:
    """Return the first reporting year of which a list has all reports even if its end was cut off; None if unknown.
    ``days``: the dates of its entries in their order. None if the order is broken (by an entry put on top, one without
    a date, or two lists side by side). A report on Y is published after Y, and some carry a date in Y's last months, so
    the last entries must be of Y-1 or before.
    """
    dates = [day for day in days if day is not None]
    if len(dates) < max(MIN_ENTRIES, len(days)) or len(set(dates)) < MIN_DAYS:
        return None
    if any(newer < older for newer, older in pairwise(dates)):
        return None
    year = dates[-OLD_ENTRIES].year + 1
    return year if dates[0].year > year else None


def look_rows(looks: Iterable[JudgedLook], leads: Mapping[str, Sequence[LookLead]]) -> list[StoredLookJudgement]:
    """Return the judgements of looks (readings of lists) as they are stored. A look that only stands for a folder,
    because the list above did not link it, has none. ``leads``: look → its judged links.
    """
    looks = list(looks)
    not_linked = {(one.look.listing, one.look.run) for one in looks if one.fact.on_parent_list}
    return [
        StoredLookJudgement(
            look=one.look.id,
            listing=one.look.listing,
            leads=sum(row.lead.is_report for row in leads.get(one.look.id, ())),
            suspect=bool(one.fact.lost),
            reason=_doubt(one, shows=bool(leads.get(one.look.id)), not_linked=not_linked),
            lost=one.fact.lost,
            whole_from=None if one.fact.voided else one.fact.whole_from,
        )
        for one in looks
        if not one.fact.on_parent_list
    ]


def _doubt(judged: JudgedLook, *, shows: bool, not_linked: Collection[tuple[str, str]]) -> str:
    """Return a code for what is wrong with a look (reading of a list) that ended well but proves nothing; "" if nothing
    is. ``shows``: it has leads (links), so that it needs no control (known-good page); ``not_linked``: (listing, run)
    of folders that the list above did not link in that run.
    """
    fact, look = judged.fact, judged.look
    reasons = {  # the first that holds is named
        "voided": fact.voided,
        "not_linked": fact.outcome is LookOutcome.CHANGED and (look.listing, look.run) in not_linked,
        "total_not_reached": fact.outcome is not look.outcome,
        "skewed": fact.skewed,
        "unverified": fact.unverified,
        "uncontrolled": look.control is None and not fact.control and not shows,
        "shrunk": bool(fact.lost),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def spans_as_no_listing(looks: Iterable[Look]) -> dict[str, tuple[Span, ...]]:
    """Return, by listing (a portal's list), the spans in which its address is known to show no list, so that it proves
    nothing: each from a look (a reading of it) that found none to the next ok look.
    """
    by_listing: dict[str, list[Span]] = {}
    for look in sorted(looks, key=lambda one: (one.started, one.finished, one.id)):
        spans = by_listing.get(look.listing, [])
        is_open = bool(spans) and spans[-1].until is None
        if look.reason in NOT_A_LISTING and not is_open:
            by_listing[look.listing] = [*spans, Span(look.finished, None)]
        elif look.outcome is LookOutcome.OK and is_open:
            spans[-1] = Span(spans[-1].since, look.finished)
    return {listing: tuple(spans) for listing, spans in by_listing.items()}
