"""How a run went: its outcome and its sentence for people, from what was counted and noted (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crawler.net.response_verdict import Verdict
from storage.cut_runs import STOPPED
from storage.records import CaptureOutcome

WITHOUT_REPORT = "columns_without_report"  # that were found on the way, and never showed one
NO_LISTINGS = "no_listings"  # places found on the way that turned out to be no listings
UNSAID_ENDS = "ends_unsaid_as_before"  # lists whose end nothing states, and which an earlier run reported
UNVISITED = "unvisited"  # reports that were due and could not be asked for
LEFT = "left_for_the_next_run"  # reason of a file of a page that was not asked for
_SEVERAL = 3
_REASONS = 20  # reasons of failures in a run's sentence
_NAMED = 3  # addresses in it
_TROUBLE = frozenset({CaptureOutcome.UNREACHABLE, CaptureOutcome.ERROR, CaptureOutcome.BLOCKED})  # not the link's own
_SAYS_ITSELF = frozenset({CaptureOutcome.SOFT_404, CaptureOutcome.EMPTY})


@dataclass(slots=True)
class Trouble:
    """What could not be fetched: by kind (``visit``, ``attachment``) and reason; the addresses of reports among it."""

    reasons: dict[str, Counter[str]] = field(default_factory=dict)
    reports: list[str] = field(default_factory=list)

    def add(self, what: str, verdict: Verdict, report: str) -> bool:
        """Add a failure; whether its host was in trouble, rather than the link wrong."""
        if report:
            self.reports.append(report)
        plain = verdict.outcome in _SAYS_ITSELF or not verdict.reason
        self.reasons.setdefault(what, Counter())[str(verdict.outcome) if plain else verdict.reason] += 1
        return verdict.outcome in _TROUBLE


def sentence(
    counts: Mapping[str, int], trouble: Trouble, notes: Sequence[str], reason: str, *, hosts_left: bool
) -> tuple[str, str]:
    """Return outcome and sentence of a run: how the looks ended, what was fetched, what needs attention.

    ``reason``: why the crawl ended; ``finished`` for one that came to its end.
    """
    counts = Counter(counts)
    looks = {k.removeprefix("look_"): n for k, n in counts.items() if k.startswith("look_")}
    good, bad = looks.get("ok", 0), sum(looks.values()) - looks.get("ok", 0)
    unsaid = counts[UNSAID_ENDS]  # partial, and no news
    fine = good + unsaid > 0 and bad == unsaid
    outcome = "ok" if fine and not visits_fell_out(counts, trouble, hosts_left=hosts_left) else "attention"
    if not good and looks.get("unreachable"):
        outcome = "unreachable"
    parts = [f"{good} of {good + bad} looks ok"]
    parts += [f"{n} {k}" for k, n in sorted(looks.items()) if k != "ok"]
    if unsaid:
        parts.append(f"{unsaid} of them as before: nothing says where these lists end, and they prove no absence")
    if counts[WITHOUT_REPORT]:
        parts.append(f"{counts[WITHOUT_REPORT]} further columns were found that hold no report so far")
    if counts[NO_LISTINGS]:
        parts.append(f"{counts[NO_LISTINGS]} of the places looked at are no listings, and speak for nobody")
    parts.append(f"{counts['visits']} reports visited")
    for what, name in (("visit", ""), ("attachment", "attachments ")):
        if failed := trouble.reasons.get(what):
            why = ", ".join(f"{n} {code}" for code, n in failed.most_common(_REASONS))
            parts.append(f"{failed.total()} {name}could not be fetched ({why})")
    if trouble.reports:
        more = f" and {len(trouble.reports) - _NAMED} more" if len(trouble.reports) > _NAMED else ""
        parts.append(
            f"reports among them: {len(trouble.reports)} ({' '.join(trouble.reports[:_NAMED])}{more}): nianbao"
            " show-capture ADDRESS shows what answered"
        )
    if reason != "finished":
        outcome = STOPPED if reason == "shutdown" else "failed"
        parts.append("stopped by its user" if outcome == STOPPED else f"stopped: {reason}")
    notes = [*dict.fromkeys(notes)]
    parts += notes[:5] + ([f"and {len(notes) - 5} more like these"] if len(notes) > 5 else [])
    return outcome, "; ".join(parts)


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
