"""Judge which looks can be trusted: shrunken lists, printed totals, wrong clocks, voided looks, missing controls.

Judged per listing, look by look, against a base: the last ok look that was not suspect itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from archive.assessment.facts import LookFact, Spans, UnresolvedLead
from archive.assessment.sentences import in_words
from archive.assessment.unended_lists import first_complete_year, is_endless, keep_unless_shrunk
from archive.assessment.vanished_leads import ShownLead, a_year_is_gone, gone_addresses, is_too_much, is_too_much_gone
from archive.findings import finding
from storage.records import MOST_SKEW, Finding, Look, LookOutcome, Ruling, RulingKind

SETTLED_LOOKS = 3
SETTLED_AFTER = timedelta(days=14)


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
    """What a look is worth. ``outcome`` is ``partial`` where the printed total was not reached.

    ``suspect_spans``: as-of times (from, until) at which it is suspect; ``lost``: leads gone against its base at
    the latest of them. ``unverified_spans``: those at which nobody knows who answered.
    ``findings``: ``listing_shrunk`` on the look whose set became the new base. ``complete_from``: the
    reporting year from which on a look without a known end would show every report (``order.py``).
    """

    look: Look
    outcome: LookOutcome
    suspect_spans: Spans = ()
    unverified_spans: Spans = ()
    lost: int = 0
    skewed: bool = False
    control: bool = True
    voided_at: datetime | None = None
    void_ruling: str | None = None
    is_first_ok: bool = False
    findings: tuple[Finding, ...] = ()
    complete_from: int | None = None

    @property
    def suspect(self) -> bool:
        """Whether it is suspect today, as far as rulings go."""
        return any(until is None for _, until in self.suspect_spans)

    @property
    def unverified(self) -> bool:
        """Whether it came over a certificate that does not hold, and that nobody trusts today."""
        return any(until is None for _, until in self.unverified_spans)

    def fact(self, *, shows: bool = False, unresolved: tuple[UnresolvedLead, ...] = ()) -> LookFact:
        """Return the look as a fact about one duty."""
        return LookFact(
            id=self.look.id,
            listing=self.look.listing,
            started=self.look.started,
            finished=self.look.finished,
            outcome=self.outcome,
            skewed=self.skewed,
            control=self.control,
            voided_at=self.voided_at,
            void_ruling=self.void_ruling,
            shows=shows,
            unresolved=unresolved,
            is_first_ok=self.is_first_ok,
            suspect_spans=self.suspect_spans,
            unverified_spans=self.unverified_spans,
            lost=self.lost,
            complete_from=self.complete_from,
        )


def suspicion(views: Iterable[LookView], rulings: Sequence[Ruling] = ()) -> tuple[LookJudgement, ...]:
    """Judge every look of one listing, in time order of their starts, with the rulings that name them.

    A ruling changes judgements only for as-of times from its making on; so the looks are judged once as if there
    were no rulings and again as of each ruling.
    """
    ordered = sorted(views, key=lambda view: (view.look.started, view.look.finished, view.look.id))
    known = {view.look.id for view in ordered}
    of_listing = [r for r in rulings if r.kind in {RulingKind.VOID_LOOK, RulingKind.NEW_BASE} and r.subject in known]
    of_listing.sort(key=lambda ruling: (ruling.made_at, ruling.id))
    epochs: list[tuple[datetime | None, _Pass]] = [(None, _judge(ordered, ()))]
    epochs += [
        (instant, _judge(ordered, [ruling for ruling in of_listing if ruling.made_at <= instant]))
        for instant in sorted({ruling.made_at for ruling in of_listing})
    ]
    voids: dict[str, Ruling] = {}
    for ruling in of_listing:
        if ruling.kind is RulingKind.VOID_LOOK:
            voids.setdefault(ruling.subject, ruling)
    first_ok_look = next((view.look.id for view in ordered if outcome(view) is LookOutcome.OK), None)
    complete_years = _complete_years(ordered)
    trusted = [ruling for ruling in rulings if ruling.kind is RulingKind.CERTIFICATE]
    judged = (
        replace(
            _judgement(view, epochs, voids.get(view.look.id), view.look.id == first_ok_look),
            complete_from=complete_years.get(view.look.id),
            unverified_spans=_unverified(view, trusted),
        )
        for view in ordered
    )
    return tuple(judged)


def _unverified(view: LookView, rulings: Iterable[Ruling]) -> Spans:
    """The as-of times at which a look was made over a chain of certificates that does not hold, and that no ruling
    trusts.
    """
    relevant = sorted((one for one in rulings if one.subject in view.chains), key=lambda one: (one.made_at, one.id))
    doubted, since = set(view.chains), view.look.started
    spans: list[tuple[datetime, datetime | None]] = []
    for ruling in relevant:
        at = max(ruling.made_at, view.look.started)
        if doubted and since < at:
            spans.append((since, at))
        doubted = doubted - {ruling.subject} if ruling.decision.get("holds") else doubted | {ruling.subject}
        since = at
    return (*spans, (since, None)) if doubted else tuple(spans)


def _complete_years(views: Sequence[LookView]) -> dict[str, int]:
    """Return for each look without a known end the first year whose reports it would all show, as long as it did not
    lose reports of those years that looks before it showed.
    """
    years: dict[str, int] = {}
    base: tuple[ShownLead, ...] | None = None
    for view in views:
        if _skewed(view.look):
            continue
        if is_endless(view.look):
            first = keep_unless_shrunk(first_complete_year(view.days), base, view.leads)
            if first is not None:
                years[view.look.id] = first
                base = view.leads
        elif outcome(view) is LookOutcome.OK and (base is None or not is_too_much_gone(base, view.leads)):
            base = view.leads
    return years


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
        if outcome(view) is not LookOutcome.OK or look.id in void or _skewed(look):
            continue
        gone: frozenset[str] = frozenset() if base is None else gone_addresses(base, view.leads)
        year_gone = base is not None and a_year_is_gone(base, view.leads)
        if base is None or not is_too_much(gone, base, year_gone=year_gone):
            base, run = view.leads, []
            continue
        run = [*run, (look.started, gone)] if run and run[-1][1] == gone else [(look.started, gone)]
        settled = len(run) >= SETTLED_LOOKS and look.started - run[0][0] >= SETTLED_AFTER
        if settled or look.id in accepted:
            result.shrunk[look.id] = len(gone)
            base, run = view.leads, []
        else:
            result.lost[look.id] = max(len(gone), 1)
    return result


def _skewed(look: Look) -> bool:
    return look.clock_skew is not None and abs(look.clock_skew) > MOST_SKEW.total_seconds()


def _judgement(
    view: LookView, epochs: Sequence[tuple[datetime | None, _Pass]], void: Ruling | None, is_first_ok: bool
) -> LookJudgement:
    look = view.look
    spans: list[tuple[datetime, datetime | None]] = []
    lost = 0
    for place, (since, result) in enumerate(epochs):
        if look.id not in result.lost:
            continue
        until = epochs[place + 1][0] if place + 1 < len(epochs) else None
        start = look.started if since is None else since
        if until is not None and until <= start:
            continue
        lost = result.lost[look.id]
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], until)
        else:
            spans.append((start, until))
    shrunk = epochs[-1][1].shrunk.get(look.id)
    return LookJudgement(
        look=look,
        outcome=outcome(view),
        suspect_spans=tuple(spans),
        lost=lost,
        skewed=_skewed(look),
        control=not view.addressed or look.control is not None,
        voided_at=None if void is None else void.made_at,
        void_ruling=None if void is None else void.id,
        is_first_ok=is_first_ok,
        findings=() if shrunk is None else (finding("listing_shrunk", in_words({"gone": shrunk, "at": look.started})),),
    )
