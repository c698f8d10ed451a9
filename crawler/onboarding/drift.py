"""A recorded portal against today: replayed offline as our code reads it now, and looked at where it answers."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.errors import CrawlError
from crawler.onboarding.adding import has_recording
from crawler.onboarding.probe import Progress, looked_at
from crawler.onboarding.recording import drift, folder_of, read_recording, replayed
from crawler.onboarding.recording_again import ended, record_again
from crawler.spider import PortalSpider
from storage.errors import note_of
from storage.home import Home
from storage.records import LookOutcome, Note

_SILENT = frozenset({LookOutcome.UNREACHABLE, LookOutcome.BLOCKED, LookOutcome.ROBOTS})


@dataclass(frozen=True, slots=True)
class Drift:
    """``state``: ``drift`` (somebody should look), ``unanswered`` (asked, and nobody knows), or ``note``; ``notes`` say
    it.
    """

    state: str
    notes: tuple[Note, ...]


def recorded_anew(home: Home, kind: type[PortalSpider], *, progress: Progress | None = None) -> Drift:
    """Record a portal anew; tell what was recorded, or why nothing was."""
    try:
        return Drift("note", record_again(home, kind, progress=progress))
    except CrawlError as error:
        return Drift("drift", (note_of(error),))


def drift_of(home: Home, kind: type[PortalSpider], *, look: bool, progress: Progress | None = None) -> Drift | None:
    """Return how a portal differs from its recording; None where it has none. Asks the portal only if ``look``."""
    if not has_recording(home.path, kind.name):
        return None
    try:
        held = read_recording(folder_of(home.path, kind.name))
    except CrawlError as error:
        return Drift("drift", (note_of(error),))
    recorded = held.leads
    replay, leads = replayed(kind, held, home.clock.now())
    before = {a.listing: (a.outcome, a.reason) for a in replay.stored if a.reason != "not_recorded"}
    if differs := drift(recorded, leads, {key: row for key, row in before.items() if row[0] is LookOutcome.OK}):
        return Drift("drift", (Note("read_otherwise", {"notes": [one.plain for one in differs]}),))
    as_before = Note("recording_as_before", {"reports": sum(bool(row["is_report"]) for row in recorded)})
    if not look:
        return Drift("note", (as_before, Note("portal_not_asked")))
    left = ended(home, kind)
    recorded = [row for row in recorded if row["listing"] not in left]
    try:
        looked = looked_at(home, kind.name, progress=progress, without=left)
    except CrawlError as error:
        return Drift("unanswered", (as_before, Note("no_fresh_look", {"why": note_of(error).plain})))
    fresh, looks = looked.leads, looked.looks
    if not looks:
        return Drift("note", (as_before, Note("lists_ended" if left else "lists_addressed")))
    if all(outcome in _SILENT for outcome, _ in looks.values()):
        return Drift("unanswered", (as_before, Note("portal_silent")))
    shown = {key for key, (outcome, _) in before.items() if outcome is not LookOutcome.SCRIPT_ONLY}
    unrendered = {key for key, (outcome, _) in looks.items() if outcome is LookOutcome.SCRIPT_ONLY}
    blind = unrendered & shown if looked.unrendered is not None else set()
    if differs := drift(recorded, fresh, {key: row for key, row in looks.items() if key not in blind}, before):
        read = all(outcome is LookOutcome.OK for outcome, _ in looks.values())
        mend = (Note("record_if_right", {"portal": kind.name}),) if read else ()
        return Drift("drift", (Note("drifted", {"notes": [one.plain for one in differs]}), *mend))
    if blind and looked.unrendered is not None:  # a browser read them when they were recorded
        counted = {"number": len(blind), "total": len(looks), "why": looked.unrendered.plain}
        return Drift("unanswered", (as_before, Note("not_compared", counted)))
    reports = sum(bool(row["is_report"]) for row in recorded)
    new = len({r["url"] for r in fresh if r["is_report"]} - {r["url"] for r in recorded if r["is_report"]})
    news = (Note("new_reports", {"number": new}),) if new else ()
    return Drift("note", (Note("as_recorded", {"reports": reports}), *news))
