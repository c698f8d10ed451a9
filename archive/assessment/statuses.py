"""The status of a duty from the facts known at a time: the fourteen rows, first match wins (``docs/status-rules.md``).

Instants are compared, never dates. Row 0 is no row of the table: a report shown by a body that no statute gives a
date.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from archive.assessment.absences import Absence
from archive.assessment.calendar import day_ends, year_over
from archive.assessment.dates import witnesses
from archive.assessment.facts import DutyFacts
from archive.assessment.status_inputs import Case, Verdict
from archive.assessment.unknowns import why_unknown
from storage.records import EvidenceGrade, Status

LATE_GAP = timedelta(hours=24)
MISSING_GAP = timedelta(days=7)
ABSENCE_WINDOW = timedelta(days=365)  #: rows 4 to 7 and 12: a first absence later than this after D_end proves nothing


def judge(known: DutyFacts, as_of: datetime) -> Verdict:
    """Judge the duty from what was ``known`` (as ``asof.known_by`` gives it) at ``as_of``."""
    case = Case(known, as_of)
    verdict = _not_owed(case) or (_shown(case) if case.sightings else _never_shown(case))
    if known.duty.guessed and verdict.evidence is EvidenceGrade.PROVEN:
        # nobody attests that the body existed then, or of which kind it was
        return replace(verdict, evidence=EvidenceGrade.ONE_LOOK)
    return verdict


def _not_owed(case: Case) -> Verdict | None:
    """Rows 1 and 2."""
    ruling, known = case.ruling, case.known
    ruled = (ruling.status, (ruling.ruling,), ruling.where) if ruling is not None else (None, (), "")
    # 1: agency not valid throughout Y, or not on the due date; or reports in its own vertical system (ruled)
    if ruled[0] is Status.NOT_EXPECTED:
        verdict = case.verdict(1, Status.NOT_EXPECTED, EvidenceGrade.RULED, "ruled_not_expected")
        return replace(verdict, rulings=ruled[1])
    if not _valid_throughout(known, case.expected_by):
        return case.verdict(1, Status.NOT_EXPECTED, EvidenceGrade.RULED, "not_valid")
    # 2: covered by another report, or published elsewhere, and not seen itself
    if case.sightings:
        return None
    if ruled[0] is Status.ELSEWHERE:
        verdict = case.verdict(2, Status.ELSEWHERE, EvidenceGrade.RULED, "ruled_elsewhere")
        return replace(verdict, rulings=ruled[1], where=ruled[2])
    if known.covered_by:
        cover = min(known.covered_by, key=lambda cover: (cover.known_from, cover.edition))
        verdict = case.verdict(2, Status.ELSEWHERE, EvidenceGrade.RULED, "covered")
        return replace(verdict, rulings=() if cover.ruling is None else (cover.ruling,), where=cover.edition)
    return None


def _valid_throughout(known: DutyFacts, expected_by: date | None) -> bool:
    first, last = date(known.duty.year, 1, 1), date(known.duty.year, 12, 31)
    begins, ends = known.valid_from or first, known.valid_to or date.max
    return begins <= first and max(last, expected_by or last) <= ends


def _shown(case: Case) -> Verdict:
    """Rows 3 to 10, and row 0."""
    d, before = case.d.day, case.ledger.last(before=case.first_existed)
    if case.due is None:
        return case.verdict(0, Status.PUBLISHED, EvidenceGrade.PROVEN, "shown", last=before, declared=d)
    end = day_ends(case.due)
    # 3: 1 January Y+1 <= p <= D_end
    if case.p is not None and year_over(case.known.duty.year) <= case.p <= end:
        return case.verdict(3, Status.ON_TIME, EvidenceGrade.PROVEN, "seen_by_due", last=before, declared=d)
    if case.is_announced:
        return case.verdict(12, Status.UNKNOWN, EvidenceGrade.NONE, "unresolved_lead", last=before)
    first = case.ledger.first(after=end, before=case.first_existed)
    absence = case.ledger.last(after=end, before=case.first_existed)
    # as in row 12: what is absent later than that may have been there in time, and gone when a portal moved
    if case.p is None or first is None or absence is None or first.first_start > end + ABSENCE_WINDOW:
        return _shown_without_absence(case, case.due, before)
    return _absent_then_shown(case, case.due, absence)


def _absent_then_shown(case: Case, due: date, last: Absence) -> Verdict:
    """Rows 4 to 7: at least one absence after D_end before p."""
    d, end = case.d.day, day_ends(due)
    # 4: two absences after D_end, at least 24 h apart, before p
    pair = case.ledger.pair(LATE_GAP, after=end, before=case.first_existed)
    if pair is not None and case.has_earlier_scope:
        early = d is not None and d <= due
        return case.verdict(
            4,
            Status.LATE,
            EvidenceGrade.PROVEN,
            "absent_twice_then_shown",
            upon=pair,
            last=last,
            declared=d,
            conflict=early,
        )
    # 5: d > D; proven, one look only if it is the listing's first ok look
    if d is not None and d > due:
        confirmed = (
            case.ledger.last(after=end, before=case.first_existed, without=case.is_first_ok)
            if case.has_earlier_scope
            else None
        )
        grade = EvidenceGrade.ONE_LOOK if confirmed is None else EvidenceGrade.PROVEN
        return case.verdict(
            5, Status.LATE, grade, "absent_and_dated_late", upon=(confirmed or last,), last=last, declared=d
        )
    # 6: no d (a listing date that speaks for the agency where the metadata date is void leads to row 7)
    spared = case.d.listed is not None and case.d.listed <= due
    if d is None and not spared:
        return case.verdict(6, Status.LATE, EvidenceGrade.ONE_LOOK, "absent_once_undated", upon=(last,), last=last)
    # 7: d <= D
    return case.verdict(
        7,
        Status.UNDETERMINED,
        EvidenceGrade.CONFLICT,
        "absent_but_dated_in_time",
        upon=(last,),
        last=last,
        declared=d or case.d.listed,
        conflict=True,
    )


def _shown_without_absence(case: Case, due: date, before: Absence | None) -> Verdict:
    """Rows 8 to 10: no absence after D_end before p that tells when it was published. An import has no p, and absences
    before it accuse nobody.
    """
    d = case.d.day
    # 8: d > D
    if d is not None and d > due:
        return case.verdict(
            8,
            Status.LATE,
            EvidenceGrade.CLAIMED,
            "dated_late",
            last=before,
            declared=d,
            days_late=(d - due).days,
            conflict=any(side <= due for side in case.d.sides),
        )
    # 10, no d: undetermined, between the last absence and p
    if d is None:
        reason = "no_time" if case.p is None else "no_date"
        return case.verdict(10, Status.UNDETERMINED, EvidenceGrade.NONE, reason, last=before)
    # 9: d <= D, no witness after D and no absence after d, metadata and listing date on one side of D, and no look
    # between D_end and p that showed others' reports on the year and not this one
    contrary = case.ledger.last(after=day_ends(d), before=case.first_existed)
    passing_look = case.passing_look(day_ends(due))
    witnessed = any(witness.day > due for witness in witnesses(case.known.dates))
    dates_disagree = any(side > due for side in case.d.sides)
    if contrary is None and passing_look is None and not witnessed and not dates_disagree:
        return case.verdict(9, Status.ON_TIME, EvidenceGrade.CLAIMED, "dated_in_time", last=before, declared=d)
    return case.verdict(
        10,
        Status.UNDETERMINED,
        EvidenceGrade.CONFLICT,
        "dates_conflict",
        upon=(contrary,),
        last=before,
        declared=d,
        conflict=True,
        passing_look=passing_look,
    )


def _never_shown(case: Case) -> Verdict:
    """Rows 11 to 14; where no statute sets a date, custom stands in place of D and ``not_found`` for missing."""
    # 11: D_end not passed (where there is no day at all, nothing can be owed before the year is over)
    end = year_over(case.known.duty.year) if case.expected_by is None else day_ends(case.expected_by)
    if case.as_of < end:
        return case.verdict(11, Status.NOT_YET_DUE, EvidenceGrade.NONE, "before_due")
    if case.expected_by is None:
        return case.verdict(12, Status.UNKNOWN, EvidenceGrade.NONE, "no_due_date")
    first, last = case.ledger.first(after=end), case.ledger.last(after=end)
    # 12: no absence begun within 365 days after D_end
    if first is None or last is None:
        return case.verdict(12, Status.UNKNOWN, EvidenceGrade.NONE, why_unknown(case, end))
    if first.first_start > end + ABSENCE_WINDOW:
        return case.verdict(12, Status.UNKNOWN, EvidenceGrade.NONE, "gone_or_never", last=first)
    # a body that nothing speaks of but its reports on other years, or a link, may not have been there
    if case.known.unattested:
        return case.verdict(12, Status.UNKNOWN, EvidenceGrade.NONE, case.known.unattested[0].reason, last=last)
    if case.is_announced:
        return case.verdict(12, Status.UNKNOWN, EvidenceGrade.NONE, "unresolved_lead", last=last)
    owed = case.due is not None
    status = Status.MISSING if owed else Status.NOT_FOUND
    # 13: two absences after D_end at least 7 days apart
    pair = case.ledger.pair(MISSING_GAP, after=end)
    if pair is not None:
        reason = "absent_twice" if owed else "not_found_twice"
        return case.verdict(13, status, EvidenceGrade.PROVEN, reason, upon=pair, last=last)
    # 14: at least one absence after D_end
    reason = "absent_once" if owed else "not_found_once"
    return case.verdict(14, status, EvidenceGrade.ONE_LOOK, reason, upon=(last,), last=last)
