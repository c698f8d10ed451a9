"""How a run went: its outcome and its notes, from what was counted and noted (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from storage.mending import STOPPED
from storage.records import CaptureOutcome, LookOutcome, Note

WITHOUT_REPORT = "columns_without_report"  # that were found on the way, and never showed one
NO_LISTINGS = "no_listings"  # places found on the way that turned out to be no listings
UNSAID_ENDS = "ends_unsaid_as_before"  # lists whose end nothing states, and which an earlier run reported
UNVISITED = "unvisited"  # reports that were due and could not be asked for
_NOTED_COUNTS = (UNSAID_ENDS, WITHOUT_REPORT, NO_LISTINGS)
ASKED = "asked_to_stop"  # note of a run that was asked to end
DEFERRED = "left_for_the_next_run"  # reason of a file of a page that was not asked for
_SEVERAL = 3
_REASONS = 20  # reasons of failures in a run's notes
_NAMED = 3  # addresses in them
_NOTED = 5  # notes of a run from on the way
_TROUBLE = frozenset({CaptureOutcome.UNREACHABLE, CaptureOutcome.ERROR, CaptureOutcome.BLOCKED})  # not the link's own
_SAYS_ITSELF = frozenset({CaptureOutcome.SOFT_404, CaptureOutcome.EMPTY})


@dataclass(slots=True)
class Trouble:
    """What could not be fetched: by kind (``visit``, ``attachment``) and reason; the addresses of reports among it."""

    reasons: dict[str, Counter[str]] = field(default_factory=dict)
    reports: list[str] = field(default_factory=list)

    def add(self, what: str, outcome: CaptureOutcome, reason: str, report: str) -> bool:
        """Add a failure; whether its host was in trouble, rather than the link wrong."""
        if report:
            self.reports.append(report)
        plain = outcome in _SAYS_ITSELF or not reason
        self.reasons.setdefault(what, Counter())[str(outcome) if plain else reason] += 1
        return outcome in _TROUBLE


def looks_by_outcome(counts: Mapping[str, int]) -> dict[str, int]:
    """Return how many looks of a run ended in each way, of its counts; no way in which none did."""
    return {str(one): number for one in sorted(LookOutcome) if (number := counts.get(f"look_{one}", 0))}


def summary(
    counts: Mapping[str, int], trouble: Trouble, notes: Sequence[Note], stopped: Note | None, *, hosts_left: bool
) -> tuple[str, tuple[Note, ...]]:
    """Return outcome and notes of a run: how the looks ended, what was fetched, what needs attention.

    ``notes``: from on the way; ``stopped``: why it ended before its end.
    """
    counts = Counter(counts)
    looks = looks_by_outcome(counts)
    good, bad = looks.get("ok", 0), sum(looks.values()) - looks.get("ok", 0)
    unsaid = counts[UNSAID_ENDS]  # partial, and no news
    fine = good + unsaid > 0 and bad == unsaid
    outcome = "ok" if fine and not visits_fell_out(counts, trouble, hosts_left=hosts_left) else "attention"
    if not good and looks.get("unreachable"):
        outcome = "unreachable"
    if stopped is not None:
        outcome = STOPPED if stopped.code == ASKED else "failed"
    noted = [Note("looks", {"outcomes": looks}) if looks else Note("no_looks")]
    noted += [Note(name, {"number": counts[name]}) for name in _NOTED_COUNTS if counts[name]]
    noted.append(Note("visits", {"number": counts["visits"]}))
    for what, failed in sorted(trouble.reasons.items(), reverse=True):
        noted.append(Note(f"{what}s_failed", {"number": failed.total(), "reasons": dict(failed.most_common(_REASONS))}))
    if trouble.reports:
        addresses, more = trouble.reports[:_NAMED], max(0, len(trouble.reports) - _NAMED)
        noted.append(Note("reports_failed", {"number": len(trouble.reports), "addresses": addresses, "more": more}))
    if stopped is not None:
        noted.append(stopped)
    different = [one for at, one in enumerate(notes) if one not in notes[:at]]
    more = len(different) - _NOTED
    return outcome, (*noted, *different[:_NOTED], *([Note("more_notes", {"number": more})] if more > 0 else []))


def visits_fell_out(counts: Mapping[str, int], trouble: Trouble, *, hosts_left: bool) -> bool:
    """Whether visits, apart from the looks, need attention: not made, half of them or more met a host in trouble, none
    of several gave a page, or several reports could not be had.

    A single link that leads nowhere is told and is nobody's alarm: portals are full of them.
    """
    counts = Counter(counts)
    made, failed = counts["visits"], counts["visit_failed"]
    half = made > 0 and 2 * counts["visit_troubled"] >= made
    several = (made >= _SEVERAL and failed == made) or len(trouble.reports) >= _SEVERAL
    return hosts_left or counts[UNVISITED] > 0 or half or several
