"""A recorded portal against today: replayed offline as our code reads it now, and looked at where it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crawler.errors import CrawlError
from crawler.onboarding.adding import has_recording
from crawler.onboarding.probe import looked_at
from crawler.onboarding.recording import drift, folder_of, read_recording, replayed
from crawler.onboarding.recording_again import WRITTEN, ended, record_again
from crawler.spider import PortalSpider
from storage.home import Home
from storage.records import LookOutcome

_SILENT = frozenset({LookOutcome.UNREACHABLE, LookOutcome.BLOCKED, LookOutcome.ROBOTS})


@dataclass(frozen=True, slots=True)
class Drift:
    """``state``: ``drift`` (somebody should look), ``unanswered`` (asked, and nobody knows), or ``note``; ``sentence``
    says it.
    """

    state: str
    sentence: str


def recorded_anew(home: Home, kind: type[PortalSpider], *, progress: Callable[[str], None] | None = None) -> Drift:
    """Record a portal anew; tell what was recorded, or why nothing was."""
    try:
        return Drift("note", record_again(home, kind, progress=progress))
    except CrawlError as error:
        return Drift("drift", str(error))


def drift_of(
    home: Home, kind: type[PortalSpider], *, look: bool, progress: Callable[[str], None] | None = None
) -> Drift | None:
    """Return how a portal differs from its recording; None where it has none. Asks the portal only if ``look``."""
    if not has_recording(home.path, kind.name):
        return None
    try:
        held = read_recording(folder_of(home.path, kind.name))
    except CrawlError as error:
        return Drift("drift", str(error))
    recorded = held.leads
    replay, leads = replayed(kind, held, home.clock.now())
    before = {a.listing: (a.outcome, a.reason) for a in replay.stored if a.reason != "not_recorded"}
    if said := drift(recorded, leads, {key: row for key, row in before.items() if row[0] is LookOutcome.OK}):
        return Drift("drift", f"the recording is read otherwise than when it was made: {said}")
    reports = sum(bool(row["is_report"]) for row in recorded)
    if not look:
        return Drift("note", f"the recording gives its {reports} reports as before; the portal was not asked")
    left = ended(home, kind)
    recorded = [row for row in recorded if row["listing"] not in left]
    try:
        looked = looked_at(home, kind.name, progress=progress, without=left)
    except CrawlError as error:
        return Drift("unanswered", f"the recording gives its {reports} reports as before; no fresh look: {error}")
    fresh, looks = looked.leads, looked.looks
    if not looks:
        why = f"the listings of its file have ended; {WRITTEN}" if left else "they are addressed one by one"
        return Drift("note", f"the recording gives its {reports} reports as before; {why}")
    if all(outcome in _SILENT for outcome, _ in looks.values()):
        return Drift(
            "unanswered", f"the recording gives its {reports} reports as before; the portal does not answer now"
        )
    shown = {key for key, said in before.items() if said[0] is not LookOutcome.SCRIPT_ONLY}
    blind = {key for key, said in looks.items() if said[0] is LookOutcome.SCRIPT_ONLY and looked.unrendered} & shown
    if said := drift(recorded, fresh, {key: row for key, row in looks.items() if key not in blind}, before):
        read = all(outcome is LookOutcome.OK for outcome, _ in looks.values())
        mended = f" (if it is right as it is now: nianbao portal check {kind.name} --record)" if read else ""
        return Drift("drift", f"the portal has drifted from its recording: {said}{mended}")
    if blind:  # a browser read them when they were recorded
        return Drift(
            "unanswered",
            f"the recording gives its {reports} reports as before; {len(blind)} of {len(looks)} listings could not be"
            f" compared: {looked.unrendered}",
        )
    reports = sum(bool(row["is_report"]) for row in recorded)
    new = len({r["url"] for r in fresh if r["is_report"]} - {r["url"] for r in recorded if r["is_report"]})
    return Drift("note", f"as recorded: {reports} reports" + (f", and {new} new" if new else ""))
