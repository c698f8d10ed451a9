"""Judge which looks can be trusted: shrunken lists, printed totals, wrong clocks, voided looks, missing controls.

Judged per listing, look by look, against a base: the last ok look that was not suspect itself. A list that was cut at a
full number of entries lacks its oldest ones: if all entries are dated, stand newest first, and go back beyond the time
in which a report could have been published, that report would stand among those shown, cut or not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from archive.assessment.facts import LookFact
from archive.assessment.sentences import in_words
from archive.findings import finding
from storage.records import MOST_SKEW, Finding, Look, LookOutcome, Ruling, RulingKind

ENDLESS = "end_of_list_not_said"  # the reason of a look that read all there was, and doubts only that this is all
SETTLED_LOOKS = 3
SETTLED_AFTER = timedelta(days=14)
MIN_ENTRIES = 10  # that are an order, and not chance
MIN_DAYS = 4  # on which they stand
OLD_ENTRIES = 3  # at the end that must be older than any such report: one wrong day is none


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLead:
    """A lead as a look showed it: its address and, where judged or proven, whose report and of which year it is."""

    url: str
    agency: str | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookView:
    """A look with what it showed. ``entries``: how many distinct entries were read (None: not counted).

    ``addressed``: it belongs to an addressed listing, whose empty answer counts only with a control. ``days``: the days
    printed beside the entries, in their order, of a look of which the end is not known. ``chains``: SHA-256 of the
    chains of certificates that do not hold, over which its pages came.
    """

    look: Look
    leads: tuple[ShownLead, ...] = ()
    entries: int | None = None
    addressed: bool = False
    days: tuple[date | None, ...] = ()
    chains: frozenset[str] = frozenset()

    @property
    def outcome(self) -> LookOutcome:
        """How the look ended: where the page prints a total, "to its end" means that total."""
        look = self.look
        if look.outcome is LookOutcome.OK and look.total is not None and self.entries is not None:
            return LookOutcome.OK if self.entries >= look.total else LookOutcome.PARTIAL
        return look.outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class LookJudgement:
    """What a look is worth: ``fact``, for a duty that it does not show. Its outcome is ``partial`` where the printed
    total was not reached. ``findings``: ``listing_shrunk`` on the look whose set became the new base.
    """

    look: Look
    fact: LookFact
    findings: tuple[Finding, ...] = ()


def is_skewed(look: Look) -> bool:
    """Whether the clocks differed too much during a look for it to prove anything."""
    return look.clock_skew is not None and abs(look.clock_skew) > MOST_SKEW.total_seconds()


def is_endless(look: Look) -> bool:
    """Whether nothing is wrong with a look but that nobody knows where its list ends."""
    return look.outcome is LookOutcome.PARTIAL and look.reason == ENDLESS


def suspicion(views: Iterable[LookView], rulings: Sequence[Ruling] = ()) -> tuple[LookJudgement, ...]:
    """Judge every look of one listing, in time order of their starts, with the rulings that name them."""
    ordered = sorted(views, key=lambda view: (view.look.started, view.look.finished, view.look.id))
    void = {ruling.subject for ruling in rulings if ruling.kind is RulingKind.VOID_LOOK}
    accepted = {ruling.subject for ruling in rulings if ruling.kind is RulingKind.NEW_BASE}
    on_chains = [ruling for ruling in rulings if ruling.kind is RulingKind.CERTIFICATE]
    latest = {one.subject: one for one in sorted(on_chains, key=lambda one: (one.made_at, one.id))}
    trusted = {chain for chain, ruling in latest.items() if ruling.decision.get("holds")}
    lost, shrunk = _losses(ordered, void, accepted)
    complete_from = _complete_years(ordered)
    judged = []
    for view in ordered:
        look = view.look
        fact = LookFact(
            id=look.id,
            listing=look.listing,
            started=look.started,
            finished=look.finished,
            outcome=view.outcome,
            skewed=is_skewed(look),
            control=not view.addressed or look.control is not None,
            voided=look.id in void,
            suspect=look.id in lost,
            unverified=bool(view.chains - trusted),
            lost=lost.get(look.id, 0),
            complete_from=complete_from.get(look.id),
        )
        findings: tuple[Finding, ...] = ()
        if look.id in shrunk:
            findings = (finding("listing_shrunk", in_words({"gone": shrunk[look.id], "at": look.started})),)
        judged.append(LookJudgement(look=look, fact=fact, findings=findings))
    return tuple(judged)


def _losses(
    views: Sequence[LookView], void: Collection[str], accepted: Collection[str]
) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many leads each suspect look lost, and how many those looks that made a new base."""
    lost: dict[str, int] = {}
    shrunk: dict[str, int] = {}
    base: tuple[ShownLead, ...] | None = None
    run: list[tuple[datetime, frozenset[str]]] = []
    for view in views:
        look = view.look
        if view.outcome is not LookOutcome.OK or look.id in void or is_skewed(look):
            continue
        if base is None or not is_too_much_gone(base, view.leads):
            base, run = view.leads, []
            continue
        missing = gone_addresses(base, view.leads)
        run = [*run, (look.started, missing)] if run and run[-1][1] == missing else [(look.started, missing)]
        settled = len(run) >= SETTLED_LOOKS and look.started - run[0][0] >= SETTLED_AFTER
        if settled or look.id in accepted:
            shrunk[look.id] = len(missing)
            base, run = view.leads, []
        else:
            lost[look.id] = max(len(missing), 1)
    return lost, shrunk


def gone_addresses(base: Sequence[ShownLead], leads: Sequence[ShownLead]) -> frozenset[str]:
    """Return the addresses of ``base`` that are gone; a report that only changed its address is not."""
    urls = {lead.url for lead in leads}
    reports = {(lead.agency, lead.year) for lead in leads if lead.agency and lead.year}
    return frozenset(lead.url for lead in base if lead.url not in urls and (lead.agency, lead.year) not in reports)


def is_too_much_gone(base: Sequence[ShownLead], leads: Sequence[ShownLead]) -> bool:
    """Whether more than a tenth (and at least two) of the leads are gone, or no agency's report of a year is left."""
    urls, missing = {lead.url for lead in leads}, gone_addresses(base, leads)
    years = {lead.year for lead in leads} | {lead.year for lead in base if lead.url in urls}
    year_gone = any(lead.year is not None and lead.year not in years for lead in base)
    return year_gone or (len(missing) >= 2 and len(missing) * 10 > len({lead.url for lead in base}))


def _complete_years(views: Sequence[LookView]) -> dict[str, int]:
    """Return for each look without a known end the first year whose reports it would all show, as long as it did not
    lose reports of those years that looks before it showed.
    """
    years: dict[str, int] = {}
    base: tuple[ShownLead, ...] = ()
    for view in views:
        if is_skewed(view.look):
            continue
        if is_endless(view.look):
            first = first_complete_year(view.days)
            if first is None:
                continue
            if not is_too_much_gone([lead for lead in base if lead.year and lead.year >= first], view.leads):
                years[view.look.id] = first
                base = view.leads
        elif view.outcome is LookOutcome.OK and not is_too_much_gone(base, view.leads):
            base = view.leads
    return years


def first_complete_year(days: Sequence[date | None]) -> int | None:
    """Return the first reporting year of which a list lacks no report even if its end was cut off; None if unknown.

    ``days``: the dates of its entries, in their order. Whatever breaks the order (an entry put on top, an entry without
    a day, two lists side by side) proves nothing. A report on Y comes after Y has ended, and some name a day in its
    last months: the last entries must be of Y-1 or before.
    """
    dates = [day for day in days if day is not None]
    if len(dates) < max(MIN_ENTRIES, len(days)) or len(set(dates)) < MIN_DAYS:
        return None
    if any(newer < older for newer, older in pairwise(dates)):
        return None
    year = dates[-OLD_ENTRIES].year + 1
    return year if dates[0].year > year else None
