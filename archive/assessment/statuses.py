"""Judge the status of a duty from the facts known at a time by fifteen rows; the first that matches counts.

``docs/status-rules.md`` has the rows in the same order: 1, 2, 0, 3 to 14. It has the facts, too: p, when the report was
first shown, and links that may be it; the absences; the listings that speak for the agency; d, the declared date, and
witnesses against it; the agency's life, a ruling on the duty, a report that covers it, D, the due day, and sources that
attest the agency. Instants are compared, never dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from archive.assessment.absences import Absence, Ledger, find_flaw
from archive.assessment.calendar import day_begins, day_ends, local_day, year_over
from archive.assessment.facts import DateFact, DutyFacts, LookFact, RuleVerdict
from storage.records import DatedWitness, EvidenceGrade, LookOutcome, Status

LATE_GAP = timedelta(hours=24)
MISSING_GAP = timedelta(days=7)
ABSENCE_WINDOW = timedelta(days=365)  #: rows 4 to 7 and 12: a first absence later than this after D_end proves nothing
PROVEN, ONE_LOOK, CLAIMED = EvidenceGrade.PROVEN, EvidenceGrade.ONE_LOOK, EvidenceGrade.CLAIMED
CONFLICT, RULED, NONE = EvidenceGrade.CONFLICT, EvidenceGrade.RULED, EvidenceGrade.NONE

#: If several listings prove nothing, the first of their reasons in this order is given: what a person can settle first.
UNKNOWN_ORDER = (
    "unresolved_lead", "printed_without_link", "blocked", "script_only", "robots", "changed", "unreachable", "partial",
    "suspect", "unverified", "skewed", "uncontrolled", "voided", "not_since", "never_crawled", "not_together",
)  # fmt: skip
#: Flaws that another look would have again: such a flaw is the reason even if an earlier look read the listing well.
LASTING = frozenset(
    {"unresolved_lead", "printed_without_link", "blocked", "script_only", "robots", "changed", "suspect", "unverified"}
)


class DutyAtTime:
    """One duty with the ``facts`` known at ``as_of``, as ``facts.known_by`` returns them, and what they imply."""

    def __init__(self, facts: DutyFacts, as_of: datetime) -> None:
        """Find the report's first sighting, its declared date and the looks; imports and wrong clocks prove no time."""
        self.facts, self.as_of = facts, as_of
        self.year, self.due = facts.duty.year, facts.duty.due
        #: the due date D (docs/status-rules.md), or the customary day if no statute sets one
        self.expected_by = facts.duty.due or facts.duty.practice
        void = {look.id for look in facts.looks if look.voided}
        valid = [sighting for sighting in facts.sightings if sighting.look not in void]
        #: all sightings but those of voided looks, the earliest first
        self.sightings = sorted(valid, key=lambda one: (one.at, one.capture or "", one.look or "", one.url))
        skewed = {look.id for look in facts.looks if look.skewed}
        certain = (one for one in self.sightings if not (one.imported or one.skewed or one.look in skewed))
        first = next(certain, None)
        #: p: when the report was first shown at a proven time (no hand import, no wrong clock)
        self.p = None if first is None else first.at
        #: the sighting that the verdict gives as evidence
        self.first_sighting = first or next(iter(self.sightings), None)
        begin = self.sightings[0].at if self.sightings else None
        announcing = (one for one in facts.looks if _announces(one) and (begin is None or one.finished <= begin))
        #: when a look (reading of a list) before all sightings first showed a link that names the report, while it is
        #: not known yet what that link opened: it may have been the report, so later looks prove nothing
        self.announced = min((look.started for look in announcing), default=None)
        #: the earliest sighting of any kind, or that link: an absence after it says nothing about lateness
        self.existed = min(begin, self.announced or begin) if begin else None
        self.d = declared(facts.dates, self.year, begin if first is None else first.at)
        listed = (sighting.listing for sighting in self.sightings if sighting.listing is not None)
        self.ledger = Ledger(facts.scope, facts.looks, next(listed, None))

    @property
    def has_earlier_scope(self) -> bool:
        """True if a listing was in scope before this report was seen there, or for another reason. If not, the report
        may have stood in a column that we did not know, and two looks (readings of lists) prove no more than one.
        """
        return any(
            entry.reason != "appeared"
            or (self.existed is not None and (entry.reason_since or entry.known_from) < self.existed)
            for entry in self.facts.scope
        )

    def passing_look(self, end: datetime) -> LookFact | None:
        """Return the last look between ``end`` (D_end) and the first sighting that showed another agency's report on
        the year but not this one: the list went on without it, which is no proof but speaks against a date in time (row
        9). It may have any outcome, but no open lead that could be this report; its listing showed this report later.
        """
        listings = {sighting.listing for sighting in self.sightings}
        looks = (
            look
            for look in self.facts.looks
            if look.others_from is not None and not look.shows and not look.voided
            if look.listing in listings and look.started > end and self.existed and look.finished <= self.existed
            if all(lead.resolved_at is not None for lead in look.unresolved)
        )
        return max(looks, key=lambda look: (look.started, look.id), default=None)

    def is_first_ok_look(self, look: LookFact) -> bool:
        """True if no earlier ok look at the same listing is known."""
        ok = (one for one in self.facts.looks if one.outcome is LookOutcome.OK and not one.voided)
        return look.started <= min(one.started for one in ok if one.listing == look.listing)

    def verdict(
        self,
        rule: int,
        status: Status,
        evidence: EvidenceGrade,
        reason: str,
        *,
        upon: tuple[Absence | None, ...] = (),
        last: Absence | None = None,
        passing: LookFact | None = None,
        **more: Any,
    ) -> RuleVerdict:
        """Return a verdict with its evidence: the looks of the absences ``upon`` which it rests, the ``passing`` look
        (reading of a list) that showed others' reports but not this one, and the first sighting. ``last``: the absence
        whose first start becomes ``last_absent``. A guessed duty (a report owed) is never proven, because no source
        attests that the agency existed then, or of which kind it was.
        """
        sighting = self.first_sighting
        looks = [look.id for absence in upon for look in absence or ()]
        looks += [name for name in (passing and passing.id, sighting and sighting.look) if name]
        return RuleVerdict(
            rule=rule,
            status=status,
            evidence=ONE_LOOK if self.facts.duty.guessed and evidence is PROVEN else evidence,
            reason=reason,
            first_shown=self.p,
            source="" if sighting is None or self.p is None else sighting.source,
            last_absent=None if last is None else last[0].started,
            looks=tuple(dict.fromkeys(looks)),
            captures=(sighting.capture,) if sighting and sighting.capture else (),
            **more,
        )


def judge_duty(facts: DutyFacts, as_of: datetime) -> RuleVerdict:
    """Return the verdict on a duty from the ``facts`` known at ``as_of``, as ``facts.known_by`` returns them."""
    case = DutyAtTime(facts, as_of)
    return _judge_not_owed(case) or (_judge_shown(case) if case.sightings else _judge_never_shown(case))


def _judge_not_owed(case: DutyAtTime) -> RuleVerdict | None:
    """Return the verdict by rows 1 and 2 of docs/status-rules.md (not due, or covered by another report), or None."""
    covers = case.facts.covered_by
    ruling = max(case.facts.rulings, key=lambda one: (one.known_from, one.ruling), default=None)  # the one in force
    # 1: agency not valid throughout Y, or not on the due date; or reports in its own vertical system (ruled)
    if ruling is not None and ruling.status is Status.NOT_EXPECTED:
        return case.verdict(1, Status.NOT_EXPECTED, RULED, "ruled_not_expected", rulings=(ruling.ruling,))
    first, last = date(case.year, 1, 1), max(date(case.year, 12, 31), case.expected_by or date.min)
    for validity in case.facts.validity:
        if not (validity.valid_from or first) <= first <= last <= (validity.valid_to or date.max):
            return case.verdict(1, Status.NOT_EXPECTED, RULED, "not_valid")
    # 2: covered by another report, or published elsewhere, and not seen itself
    if case.sightings:
        return None
    if ruling is not None and ruling.status is Status.ELSEWHERE:
        rulings = (ruling.ruling,)
        return case.verdict(2, Status.ELSEWHERE, RULED, "ruled_elsewhere", rulings=rulings, where=ruling.where)
    if covers:
        cover = min(covers, key=lambda cover: (cover.known_from, cover.edition))
        covered_by = () if cover.ruling is None else (cover.ruling,)
        return case.verdict(2, Status.ELSEWHERE, RULED, "covered", rulings=covered_by, where=cover.edition)
    return None


def _judge_shown(case: DutyAtTime) -> RuleVerdict:
    """Return the verdict on a report that was seen: rows 3 to 10 of docs/status-rules.md; row 0 without legal date. p:
    when it was first shown at a proven time; D_end: the end of the due day; d: the day that the site declares. An
    absence is a look (reading of a list) at each list in scope, all within 48 hours, none of which showed the report.
    """
    d, before = case.d.day, case.ledger.last(before=case.existed)
    if case.due is None:
        return case.verdict(0, Status.PUBLISHED, PROVEN, "shown", last=before, declared=d)
    end = day_ends(case.due)
    # 3: 1 January Y+1 <= p <= D_end
    if case.p is not None and year_over(case.year) <= case.p <= end:
        return case.verdict(3, Status.ON_TIME, PROVEN, "seen_by_due", last=before, declared=d)
    first = case.ledger.first(after=end, before=case.existed)
    absence = case.ledger.last(after=end, before=case.existed)
    # as in row 12: a report first absent later than that may have been there in time and lost when the portal moved
    if case.p is None or first is None or absence is None or first[0].started > end + ABSENCE_WINDOW:
        return _shown_without_absence(case, case.due, before)
    return _absent_then_shown(case, case.due, absence)


def _absent_then_shown(case: DutyAtTime, due: date, last: Absence) -> RuleVerdict:
    """Return the verdict by rows 4 to 7 of docs/status-rules.md: an absence (``last``: the latest) was proven after the
    due day ``due`` (D), and the report was shown later. A second absence and the site's own date (d) decide how sure
    *late* is; an absence is a look at each list in scope, none of which showed the report.
    """
    d, end, existed, ledger = case.d.day, day_ends(due), case.existed, case.ledger
    # 4: two absences after D_end, at least 24 h apart, before p
    pair = ledger.pair(LATE_GAP, after=end, before=existed) if case.has_earlier_scope else None
    if pair is not None:
        conflict, reason = d is not None and d <= due, "absent_twice_then_shown"
        return case.verdict(4, Status.LATE, PROVEN, reason, upon=pair, last=last, declared=d, conflict=conflict)
    # 5: d > D; proven, one look only if it is the listing's first ok look
    if d is not None and d > due:
        confirmed = ledger.last(end, existed, leave_out=case.is_first_ok_look) if case.has_earlier_scope else None
        grade, upon = (ONE_LOOK, last) if confirmed is None else (PROVEN, confirmed)
        return case.verdict(5, Status.LATE, grade, "absent_and_dated_late", upon=(upon,), last=last, declared=d)
    # 6: no d (if the metadata date is void, a listing date up to D excuses the agency and leads to row 7)
    is_excused = case.d.listed is not None and case.d.listed <= due
    if d is None and not is_excused:
        return case.verdict(6, Status.LATE, ONE_LOOK, "absent_once_undated", upon=(last,), last=last)
    # 7: d <= D
    d, reason = d or case.d.listed, "absent_but_dated_in_time"
    return case.verdict(7, Status.UNDETERMINED, CONFLICT, reason, upon=(last,), last=last, declared=d, conflict=True)


def _shown_without_absence(case: DutyAtTime, due: date, before: Absence | None) -> RuleVerdict:
    """Return the verdict by rows 8 to 10 of docs/status-rules.md: no absence counts after D_end (when the due day D is
    over) and before p (when the report was first shown), so dates decide: d, which the site declares, and others.
    ``before``: the last absence before p. A report brought in by hand has no p, and absences before it accuse nobody.
    """
    d, sides = case.d.day, case.d.sides
    was_announced_in_time = case.announced is not None and case.announced <= day_ends(due)
    # 8: d > D, and no open link named the report by then
    if d is not None and d > due and not was_announced_in_time:
        late, conflict = (d - due).days, any(side <= due for side in sides)
        return case.verdict(
            8, Status.LATE, CLAIMED, "dated_late", last=before, declared=d, days_late=late, conflict=conflict
        )
    if d is None:  # row 10, as row 9 needs d: undetermined, between the last absence and p
        return case.verdict(10, Status.UNDETERMINED, NONE, "no_time" if case.p is None else "no_date", last=before)
    # 9: d <= D, no witness after D and no absence after d, metadata and listing date on one side of D, and no look
    # between D_end and p that showed others' reports on the year but not this one
    contrary = case.ledger.last(after=day_ends(d), before=case.existed)
    passing = case.passing_look(day_ends(due))
    # a date that is not declared means "not before"; one that many reports share means nothing
    is_witnessed = any(one.day > due for one in case.facts.dates if not one.declared and one.shared_from is None)
    if contrary is None and passing is None and not is_witnessed and all(side <= due for side in sides):
        return case.verdict(9, Status.ON_TIME, CLAIMED, "dated_in_time", last=before, declared=d)
    # 10: the dates contradict each other or the looks
    return case.verdict(
        *(10, Status.UNDETERMINED, CONFLICT, "dates_conflict"),
        last=before, declared=d, conflict=True, upon=(contrary,), passing=passing,
    )  # fmt: skip


def _judge_never_shown(case: DutyAtTime) -> RuleVerdict:
    """Return the verdict by rows 11 to 14 of docs/status-rules.md. If no law sets a day, custom does (31 January), and
    such a report is ``not_found`` instead of missing. D_end is the end of the due day; an absence a look (reading of a
    list) at each list in scope, all within 48 hours, none of which showed the report or an open link that could be it.
    """
    # 11: D_end not passed (without any day nothing can be owed before the year is over)
    end = case.facts.due_end
    if case.as_of < end:
        return case.verdict(11, Status.NOT_YET_DUE, NONE, "before_due")
    if case.expected_by is None:
        return case.verdict(12, Status.UNKNOWN, NONE, "no_due_date")
    first, last = case.ledger.first(after=end), case.ledger.last(after=end)
    # 12: no absence begun within 365 days after D_end
    if first is None or last is None:
        return case.verdict(12, Status.UNKNOWN, NONE, _why_unknown(case.facts, end))
    if first[0].started > end + ABSENCE_WINDOW:
        return case.verdict(12, Status.UNKNOWN, NONE, "gone_or_never", upon=(first,), last=first)
    # an agency known only from a link, or from its reports on other years, may not have existed then
    if case.facts.unattested:
        return case.verdict(12, Status.UNKNOWN, NONE, case.facts.unattested[0].reason, upon=(last,), last=last)
    if case.announced is not None:
        return case.verdict(12, Status.UNKNOWN, NONE, "unresolved_lead", upon=(last,), last=last)
    status, what = (Status.NOT_FOUND, "not_found") if case.due is None else (Status.MISSING, "absent")
    # 13: two absences after D_end at least 7 days apart
    pair = case.ledger.pair(MISSING_GAP, after=end)
    if pair is not None:
        return case.verdict(13, status, PROVEN, f"{what}_twice", upon=pair, last=last)
    # 14: at least one absence after D_end
    return case.verdict(14, status, ONE_LOOK, f"{what}_once", upon=(last,), last=last)


def _why_unknown(facts: DutyFacts, end: datetime) -> str:
    """Return why looks at the lists do not prove the report absent after ``end`` (D_end): a reason code of row 12."""
    if not facts.scope:
        return "listing_unknown"
    open_listings = {entry.listing for entry in facts.scope if entry.ended_at is None or entry.ended_at > end}
    if not open_listings:
        return "listing_ended"
    can_prove = any(entry.proves for entry in facts.scope if entry.listing in open_listings)
    if not can_prove and all(_was_read(facts, listing, end) for listing in open_listings):
        return "listing_unknown"  # the known listings showed other years; where this report should stand is not known
    return min((_why_listing(facts, listing, end) for listing in open_listings), key=UNKNOWN_ORDER.index)


def _was_read(facts: DutyFacts, listing: str, end: datetime) -> bool:
    """True if a look at the listing after ``end`` proves that the report was not there."""
    return any(look.listing == listing and look.started > end and not find_flaw(look) for look in facts.looks)


def _why_listing(facts: DutyFacts, listing: str, end: datetime) -> str:
    """Return why looks at one list prove no absence after ``end``: a code, mostly the flaw of the last look."""
    looks = [look for look in facts.looks if look.listing == listing]
    since = [look for look in looks if look.started > end]
    if not since:
        return "not_since" if looks else "never_crawled"
    reason = find_flaw(max(since, key=lambda look: (look.started, look.id)))
    if reason not in LASTING and _was_read(facts, listing, end):
        return "not_together"
    # a look shows the report although there is no sighting: its lead is not proven yet, or the sighting was voided
    return "unresolved_lead" if reason == "shown" else reason


def _announces(look: LookFact) -> bool:
    """True if a link on the look (reading of a list) names the report, and it is not known yet what the link opened."""
    return not look.voided and any(lead.names_it and lead.resolved_at is None for lead in look.unresolved)


# -------------------------------------------------------------------------------- dates


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the site itself declares as the day of publication. ``day``: d, None if there is none or it is void.
    ``listed``: a listing date that is valid although the metadata date is void or the archive has no edition; it can
    excuse the agency but not accuse it. ``sides``: the metadata and the listing date, if known and not void.
    """

    day: date | None = None
    listed: date | None = None
    sides: tuple[date, ...] = ()


def declared(dates: Sequence[DateFact], year: int, shown_at: datetime | None) -> Declared:
    """Return the day on which the site says it published the report (d in docs/status-rules.md): the page's metadata
    date, else the listing date, of the first edition in the archive. ``dates``: all that are known of the report. Void
    are those before 1 January of ``year`` + 1 (the head of gxzf.gov.cn has the day of its last build on every page),
    after ``shown_at`` (p: first shown), or shared by many reports of several years (a migration); and all, if the text
    calls itself corrected and the archive has no earlier edition.
    """
    of_edition = [fact for fact in dates if fact.declared and fact.has_edition]
    if any(fact.corrected for fact in of_edition):
        return Declared()
    valid = [fact for fact in dates if fact.declared and not _is_void(fact, year, shown_at)]
    if not of_edition:
        only_listed = _earliest(valid)
        return Declared(listed=only_listed.day if only_listed is not None else None)
    metadata = _earliest(fact for fact in valid if fact.has_edition and fact.origin != "listing")
    listing = _earliest(fact for fact in valid if fact.has_edition and fact.origin == "listing")
    has_metadata = any(fact.origin != "listing" for fact in of_edition)
    choice = metadata if has_metadata else listing
    return Declared(
        day=choice.day if choice is not None else None,
        listed=listing.day if listing is not None and choice is None else None,
        sides=tuple(fact.day for fact in (metadata, listing) if fact is not None),
    )


def as_witnesses(dates: Iterable[DateFact]) -> tuple[DatedWitness, ...]:
    """Return all known dates of a report (declared, listed, found elsewhere), each once, in a fixed order."""
    ordered = sorted(dates, key=lambda fact: (fact.origin, fact.day, fact.text))
    return tuple(
        dict.fromkeys(DatedWitness(origin=fact.origin, at=day_begins(fact.day), text=fact.text) for fact in ordered)
    )


def _is_void(fact: DateFact, year: int, shown_at: datetime | None) -> bool:
    """True if a date is not the report's: before the year was over, after it was shown, or copied on many."""
    is_late = shown_at is not None and fact.day > local_day(shown_at)
    return fact.day < local_day(year_over(year)) or is_late or fact.shared_from is not None


def _earliest(facts: Iterable[DateFact]) -> DateFact | None:
    """Return the date that was known first. Of those that became known on one day (a report and its correction on one
    list, fetched in any order) the earliest, which favours the agency.
    """
    return min(facts, key=lambda fact: (local_day(fact.known_from), fact.day, fact.text), default=None)
