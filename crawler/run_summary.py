"""Derives the outcome and the notes of a run from its counts and failures. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from storage.mending import STOPPED
from storage.records import CaptureOutcome, Note, Run

WITHOUT_REPORT = "columns_without_report"  # count of columns found by the walk that never showed a report
NO_LISTINGS = "no_listings"  # count of pages found by the walk that are no listings
UNSAID_ENDS = "ends_unsaid_as_before"  # count of lists that do not state their length, as reported by earlier runs
UNVISITED = "unvisited"  # count of reports that were due and not requested
_NOTED_COUNTS = (UNSAID_ENDS, WITHOUT_REPORT, NO_LISTINGS)
WALK_LIMIT = "walk_limit_requests"  # note of a run that left pages out as the requests of its walk were used up
ASKED = "asked_to_stop"  # note of a run that was asked to end
DEFERRED = "left_for_the_next_run"  # reason of a file of a page that was not asked for
_MIN_FAILURES = 3
_REASONS = 20  # at most, of failures in a run's notes
_MAX_ADDRESSES = 3  # addresses in a note
_MAX_NOTES = 5  # notes that were made during the run
_HOST_FAULTS = frozenset({CaptureOutcome.UNREACHABLE, CaptureOutcome.ERROR, CaptureOutcome.BLOCKED})
_CLEAR_OUTCOMES = frozenset({CaptureOutcome.SOFT_404, CaptureOutcome.EMPTY})


@dataclass(slots=True)
class Trouble:
    """The failed fetches of a run: counts by kind (``visit``, ``attachment``) and reason; addresses of ``reports``."""

    reasons: dict[str, Counter[str]] = field(default_factory=dict)
    reports: list[str] = field(default_factory=list)

    def add(self, what: str, outcome: CaptureOutcome, reason: str, report: str) -> bool:
        """Count a failed fetch of a kind (``what``); ``report``: its address if a report's. True: the host's fault."""
        if report:
            self.reports.append(report)
        plain = outcome in _CLEAR_OUTCOMES or not reason
        self.reasons.setdefault(what, Counter())[str(outcome) if plain else reason] += 1
        return outcome in _HOST_FAULTS


def summarized(run: Run, trouble: Trouble, notes: Sequence[Note], stopped: Note | None, *, hosts_left: bool) -> Run:
    """Return a run with outcome and notes: the outcomes of its looks, what was fetched, what needs attention.

    ``notes``: made during the run; ``stopped``: why it was stopped early, None if it was not; ``hosts_left``: some
    hosts were left alone after failures.
    """
    counts, looks = Counter(run.counts), Counter(run.looks)
    unsaid = counts[UNSAID_ENDS]  # these looks are partial, but that is known
    is_cut_off = any(note.code == WALK_LIMIT for note in notes)
    fine = looks["ok"] + unsaid > 0 and looks.total() - looks["ok"] == unsaid and not is_cut_off
    outcome = "ok" if fine and not visits_fell_out(counts, trouble, hosts_left=hosts_left) else "attention"
    if not looks["ok"] and looks["unreachable"]:
        outcome = "unreachable"
    if stopped is not None:
        outcome = STOPPED if stopped.code == ASKED else "failed"
    noted = [Note("looks", {"outcomes": run.looks}) if looks else Note("no_looks")]
    noted += [Note(name, {"number": counts[name]}) for name in _NOTED_COUNTS if counts[name]]
    noted.append(Note("visits", {"number": counts["visits"]}))
    for what, failed in sorted(trouble.reasons.items(), reverse=True):
        noted.append(Note(f"{what}s_failed", {"number": failed.total(), "reasons": dict(failed.most_common(_REASONS))}))
    if trouble.reports:
        addresses, more = trouble.reports[:_MAX_ADDRESSES], max(0, len(trouble.reports) - _MAX_ADDRESSES)
        noted.append(Note("reports_failed", {"number": len(trouble.reports), "addresses": addresses, "more": more}))
    if stopped is not None:
        noted.append(stopped)
    different = [one for at, one in enumerate(notes) if one not in notes[:at]]
    noted += different[:_MAX_NOTES]
    if (more := len(different) - _MAX_NOTES) > 0:
        noted.append(Note("more_notes", {"number": more}))
    return replace(run, outcome=outcome, notes=tuple(noted))


def visits_fell_out(counts: Counter[str], trouble: Trouble, *, hosts_left: bool) -> bool:
    """Whether the visits of a run need attention: some were not made (``hosts_left``: their hosts were left alone),
    half or more failed by the host's fault, all of three or more failed, or three or more reports could not be fetched.

    A single dead link is noted but needs no attention: portals are full of them.
    """
    visits, failed = counts["visits"], counts["visit_failed"]
    half = visits > 0 and 2 * counts["visit_troubled"] >= visits
    several = (visits >= _MIN_FAILURES and failed == visits) or len(trouble.reports) >= _MIN_FAILURES
    return hosts_left or counts[UNVISITED] > 0 or half or several
