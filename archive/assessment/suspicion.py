"""Judge which looks can be trusted: shrunken lists, printed totals, wrong clocks, voided looks, missing controls.

Judged per listing, look by look, against a base: the last ok look that was not suspect itself. A list that was cut at a
full number of entries lacks its oldest ones: where all entries are dated, stand newest first, and go back beyond the
time in which a report could have been published, that report would stand among those shown, cut or not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from archive.assessment.facts import LookFact, Spans
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LookJudgement:
    """What a look is worth: ``fact``, for a duty that it does not show. Its outcome is ``partial`` where the printed
    total was not reached. ``findings``: ``listing_shrunk`` on the look whose set became the new base.
    """

    look: Look
    fact: LookFact
    findings: tuple[Finding, ...] = ()

    @property
    def suspect(self) -> bool:
        """Whether it is suspect today, as far as rulings go."""
        return any(until is None for _, until in self.fact.suspect_spans)

    @property
    def unverified(self) -> bool:
        """Whether it came over a certificate that does not hold, and that nobody trusts today."""
        return any(until is None for _, until in self.fact.unverified_spans)


def is_skewed(look: Look) -> bool:
    """Whether the clocks differed too much during a look for it to prove anything."""
    return look.clock_skew is not None and abs(look.clock_skew) > MOST_SKEW.total_seconds()


def is_endless(look: Look) -> bool:
    """Whether nothing is wrong with a look but that nobody knows where its list ends."""
    return look.outcome is LookOutcome.PARTIAL and look.reason == ENDLESS


def suspicion(views: Iterable[LookView], rulings: Sequence[Ruling] = ()) -> tuple[LookJudgement, ...]:
    """Judge every look of one listing, in time order of their starts, with the rulings that name them.

    A ruling changes judgements only for as-of times from its making on; so the looks are judged once as if there
    were no rulings and again as of each ruling.
    """
    ordered = sorted(views, key=lambda view: (view.look.started, view.look.finished, view.look.id))
    known = {view.look.id for view in ordered}
    named = [r for r in rulings if r.kind in {RulingKind.VOID_LOOK, RulingKind.NEW_BASE} and r.subject in known]
    named.sort(key=lambda ruling: (ruling.made_at, ruling.id))
    made = sorted({ruling.made_at for ruling in named})
    passes = [_judge(ordered, [ruling for ruling in named if at and ruling.made_at <= at]) for at in (None, *made)]
    voids = {r.subject: r.made_at for r in reversed(named) if r.kind is RulingKind.VOID_LOOK}
    trusted = [ruling for ruling in rulings if ruling.kind is RulingKind.CERTIFICATE]
    complete_from = _complete_years(ordered)
    judged = []
    for view in ordered:
        look, name = view.look, view.look.id
        spans = _joined([(at or look.started, name in one.lost) for at, one in zip((None, *made), passes, strict=True)])
        shrunk = passes[-1].shrunk.get(name)
        fact = LookFact(
            id=name,
            listing=look.listing,
            started=look.started,
            finished=look.finished,
            outcome=outcome(view),
            skewed=is_skewed(look),
            control=not view.addressed or look.control is not None,
            voided_at=voids.get(name),
            suspect_spans=spans,
            unverified_spans=_unverified(view, trusted),
            lost=next((one.lost[name] for one in reversed(passes) if name in one.lost), 0) if spans else 0,
            complete_from=complete_from.get(name),
        )
        values = in_words({"gone": shrunk, "at": look.started})
        findings = () if shrunk is None else (finding("listing_shrunk", values),)
        judged.append(LookJudgement(look=look, fact=fact, findings=findings))
    return tuple(judged)


def _joined(states: Sequence[tuple[datetime, bool]]) -> Spans:
    """The spans in which something holds, of its ``states`` from their instants on; a state that begins no earlier than
    the next one never held.
    """
    spans: list[tuple[datetime, datetime | None]] = []
    begun: datetime | None = None
    first = states[0][0]
    for place, (at, holds) in enumerate(states):
        until = states[place + 1][0] if place + 1 < len(states) else None
        if until is not None and until <= first:
            continue
        if holds and begun is None:
            begun = max(at, first)
        elif not holds and begun is not None:
            spans.append((begun, at))
            begun = None
    return (*spans, (begun, None)) if begun is not None else tuple(spans)


def _unverified(view: LookView, rulings: Iterable[Ruling]) -> Spans:
    """The as-of times at which a look was made over a chain of certificates that does not hold, and that no ruling
    trusts.
    """
    doubted, states = set(view.chains), [(view.look.started, bool(view.chains))]
    for ruling in sorted((one for one in rulings if one.subject in view.chains), key=lambda one: (one.made_at, one.id)):
        doubted = doubted - {ruling.subject} if ruling.decision.get("holds") else doubted | {ruling.subject}
        states.append((ruling.made_at, bool(doubted)))
    return _joined(states)


def outcome(view: LookView) -> LookOutcome:
    """Return how the look ended: where the page prints a total, "to its end" means that total."""
    look = view.look
    if look.outcome is LookOutcome.OK and look.total is not None and view.entries is not None:
        return LookOutcome.OK if view.entries >= look.total else LookOutcome.PARTIAL
    return look.outcome


@dataclass(frozen=True, slots=True)
class _Pass:
    """One judging of all looks: how many leads each suspect look lost, and which looks made a new base."""

    lost: dict[str, int]
    shrunk: dict[str, int]


def _judge(views: Sequence[LookView], rulings: Sequence[Ruling]) -> _Pass:
    void = {ruling.subject for ruling in rulings if ruling.kind is RulingKind.VOID_LOOK}
    accepted = {ruling.subject for ruling in rulings if ruling.kind is RulingKind.NEW_BASE}
    result = _Pass({}, {})
    base: tuple[ShownLead, ...] | None = None
    run: list[tuple[datetime, frozenset[str]]] = []
    for view in views:
        look = view.look
        if outcome(view) is not LookOutcome.OK or look.id in void or is_skewed(look):
            continue
        if base is None or not is_too_much_gone(base, view.leads):
            base, run = view.leads, []
            continue
        gone = gone_addresses(base, view.leads)
        run = [*run, (look.started, gone)] if run and run[-1][1] == gone else [(look.started, gone)]
        settled = len(run) >= SETTLED_LOOKS and look.started - run[0][0] >= SETTLED_AFTER
        if settled or look.id in accepted:
            result.shrunk[look.id] = len(gone)
            base, run = view.leads, []
        else:
            result.lost[look.id] = max(len(gone), 1)
    return result


def gone_addresses(base: Sequence[ShownLead], leads: Sequence[ShownLead]) -> frozenset[str]:
    """Return the addresses of ``base`` that are gone; a report that only changed its address is not."""
    urls = {lead.url for lead in leads}
    reports = {(lead.agency, lead.year) for lead in leads if lead.agency and lead.year}
    return frozenset(lead.url for lead in base if lead.url not in urls and (lead.agency, lead.year) not in reports)


def is_too_much_gone(base: Collection[ShownLead], leads: Sequence[ShownLead]) -> bool:
    """Whether more than a tenth (and at least two) of the leads are gone, or no agency's report of a year is left."""
    urls, gone = {lead.url for lead in leads}, gone_addresses([*base], leads)
    years = {lead.year for lead in leads} | {lead.year for lead in base if lead.url in urls}
    year_gone = any(lead.year is not None and lead.year not in years for lead in base)
    return year_gone or (len(gone) >= 2 and len(gone) * 10 > len({lead.url for lead in base}))


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
        elif outcome(view) is LookOutcome.OK and not is_too_much_gone(base, view.leads):
            base = view.leads
    return years


def first_complete_year(days: Sequence[date | None]) -> int | None:
    """Return the first reporting year of which a list lacks no report even if its end was cut off; None if unknown.

    ``days``: the dates of its entries, in their order. Whatever breaks the order (an entry put on top, an entry without
    a day, two lists side by side) proves nothing. A report on Y comes after Y has ended, and some name a day in its
    last months: the last entries must be of Y-1 or before.
    """
    known = [day for day in days if day is not None]
    if len(known) < max(MIN_ENTRIES, len(days)) or len(set(known)) < MIN_DAYS:
        return None
    if any(newer < older for newer, older in pairwise(known)):
        return None
    year = known[-OLD_ENTRIES].year + 1
    return year if known[0].year > year else None
