"""The planner: computes from the archive which crawls and readings are due. It starts nothing.

``nianbao up`` and the workers of a queue execute its jobs; ``schedule show`` and the operator's pages show its states.
What the operator sets for one portal or all is a new row in the archive, with its author; no row is ever changed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from time import monotonic

from archive.assessment.calendar import day_begins, day_ends, local_day
from archive.projection.update import waiting
from crawler import portals
from crawler.errors import CrawlError
from crawler.net.politeness import lock_names
from crawler.operations.due_crawls import NEVER, Gap, NextCrawl, Plan, deadlines_of, find_gaps, next_due
from crawler.operations.progress import Progress, ProgressEvent
from crawler.processes import is_under_way
from crawler.spider import PortalSpider
from storage.errors import CodedError, note_of
from storage.home import Home
from storage.observations import Observations
from storage.operator_records import HINDERED, Schedules
from storage.recent_outcomes import latest_by
from storage.records import Note, Run, Schedule

CRAWL, READ = "crawl", "read"  #: tasks, and the queues of their jobs
#: Crawls that prove that a report was missing come first: they cannot be made up for later.
_PRIORITY = {"proof": 30, "second": 30, "third": 30, "season": 20, "first": 10, "trouble": 5, "regular": 0}
_PRIORITY_PER_LATE_DAY, _MAX_LATE_DAYS = 10, 3
_REMEMBERED_SPAN = timedelta(days=420)  # crawls that are taken into account: a year of deadlines, and some more
_PAUSE_AFTER_FAILURE = 60.0  # seconds
_MAX_READINGS = 50  # that are named at once, of maybe thousands
SETTINGS = ("every_days", "season_every_days", "paused")  #: what can be set; the rest of the rule is the same for all
_LEAST_DAYS, _MOST_DAYS = 0.25, 3660  # between two crawls; more must be a typing error
_PAUSES = {"no": None, "false": None, "yes": NEVER, "true": NEVER}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job: crawl a portal, or read and judge its new documents. Jobs with the same ``lock`` never run at once."""

    task: str
    portal: str
    lock: str
    priority: int = 0

    @property
    def once(self) -> str:
        """The job's name in the queue, where at most one job of a name waits."""
        return f"{self.task}:{self.portal}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalState:
    """One portal's schedule. ``settings``: those that differ from the rule; ``last``: its last crawl; ``crawls``: those
    that have ended, without those that our own disk or clock ended.
    """

    name: str
    place: str
    plan: Plan
    settings: Mapping[str, str]
    last: Run | None
    crawls: tuple[Run, ...]
    due: NextCrawl | None
    gaps: tuple[Gap, ...]


def states(home: Home, names: Iterable[str] | None = None, rule: Plan | None = None) -> list[PortalState]:
    """Return the schedules of portals (None: all), sorted by name; ``rule``: as for :func:`plan_of`. Crawls that a full
    disk or wrong clock hindered do not count. Raises :class:`~crawler.errors.UnknownPortal`.
    """
    chosen = portals.classes(home.path) if names is None else {name: portals.find(name, home.path) for name in names}
    now, schedules = home.clock.now(), Schedules(home)
    stored, runs = schedules.latest(), schedules.crawls(now - _REMEMBERED_SPAN, [*chosen])
    portal_states = []
    for name, portal in sorted(chosen.items()):
        settings = known_settings(stored.get(None)) | known_settings(stored.get(name))
        plan, days = plan_of(settings, rule), deadlines_of(portal.place, local_day(now))
        past = [run for run in runs.get(name, ()) if run.started <= latest_by(now)]  # no clock was ahead of time
        crawls = tuple(run for run in past if not run.counts.get(HINDERED))
        portal_states.append(PortalState(
            name=name, place=portal.place, plan=plan, settings=settings, last=past[-1] if past else None,
            crawls=crawls, due=next_due(name, plan, days, crawls, now), gaps=find_gaps(days, crawls, now),
        ))  # fmt: skip
    return portal_states


def machine_locks(chosen: Mapping[str, type[PortalSpider]]) -> dict[str, str]:
    """Return each portal's lock: the same for portals with a common host or cluster (servers), even through others."""
    groups: list[tuple[set[str], list[str]]] = []
    for name, portal in chosen.items():
        machines, members = set(lock_names(portal)), [name]
        for other in [group for group in groups if group[0] & machines]:
            groups.remove(other)
            machines, members = machines | other[0], other[1] + members
        groups.append((machines, members))
    return {
        name: f"machine:{min(machines)}" if machines else f"portal:{name}"
        for machines, members in groups
        for name in members
    }


def due_crawls(states: Iterable[PortalState], locks: Mapping[str, str], now: datetime) -> list[Job]:
    """Return the crawls that are due, the most urgent first. Pure."""
    jobs = []
    for state in states:
        if state.due is not None and state.due.at <= now:
            late = min((now - state.due.at).days, _MAX_LATE_DAYS) * _PRIORITY_PER_LATE_DAY
            priority = _PRIORITY[state.due.why] + late
            jobs.append(Job(task=CRAWL, portal=state.name, lock=locks[state.name], priority=priority))
    return sorted(jobs, key=lambda job: (-job.priority, job.portal))


class Planner:
    """Answers repeatedly which jobs are due; reads the archive again only if something in it has changed."""

    def __init__(self, home: Home, progress: Progress = lambda _: None) -> None:
        """``progress``: is told if nothing can be planned."""
        self.home, self.progress = home, progress
        self._states: list[PortalState] = []  # of all portals, as of the last reading of the archive
        self._locks: dict[str, str] = {}  # by portal; portals with the same lock are not crawled at once
        self._stamp: object = None  # what the archive and the operator's files were then: read again if it differs
        self._day: date | None = None  # in China, of that reading
        self._last_runs: dict[str, str] = {}  # by portal: its last run when unread portals were last looked for
        self._unread: dict[str, None] = {}  # names of portals, the first found first
        self._rests_until = 0.0  # in monotonic() seconds

    def due_jobs(self) -> list[Job]:
        """Return what is due, in each call until it is done; after an error, which is told, nothing for a minute."""
        if monotonic() < self._rests_until:
            return []
        try:
            self._refresh()
            readings = self._readings()
        except Exception as error:  # the next call may succeed
            self._rests_until = monotonic() + _PAUSE_AFTER_FAILURE
            if not isinstance(error, CodedError):
                log.exception("what is due could not be asked")
            why = note_of(error) if isinstance(error, CodedError) else Note("our_error")
            self.progress(ProgressEvent(Note("nothing_planned", {"why": why.as_json}), event="failed"))
            return []
        return [*due_crawls(self._states, self._locks, self.home.clock.now()), *readings]

    def _refresh(self) -> None:
        """Find out again which crawls are due and which portals are unread, that is, have something not judged yet; but
        only if the archive, the operator's portal files or the hour have changed. After a crawl its portal may be
        unread; on a new day, as due dates pass, and at the first call any portal may be.
        """
        now = self.home.clock.now()
        hour = now.replace(minute=0, second=0, microsecond=0)  # an hourly update, for pauses that end and clock changes
        files = sorted((str(path), path.stat().st_mtime) for path in self.home.portals_dir.rglob("*.py"))
        stamp = (Schedules(self.home).stamp(), files, hour)
        if stamp == self._stamp:
            return
        self._states = states(self.home)
        self._locks = machine_locks(portals.classes(self.home.path))
        last = {state.name: state.last.id for state in self._states if state.last is not None}
        crawled = [name for name, run in last.items() if self._last_runs.get(name) != run]
        self._unread |= dict.fromkeys(waiting(self.home, crawled if local_day(now) == self._day else None))
        self._last_runs, self._day, self._stamp = last, local_day(now), stamp

    def _readings(self) -> list[Job]:
        """Return the readings of the first unread portals that no crawl is asking; forget those read meanwhile."""
        crawled_now = {run.portal for run in Observations(self.home).last_runs(0) if is_under_way(self.home, run)}
        first = [name for name in self._unread if name not in crawled_now][:_MAX_READINGS]
        unread = waiting(self.home, first) if first else ()
        for name in set(first).difference(unread):
            del self._unread[name]
        return [Job(task=READ, portal=name, lock=f"read:{name}") for name in unread]


# -------------------------------------------------------------------------------- settings of the operator


def plan_of(settings: Mapping[str, str], rule: Plan | None = None) -> Plan:
    """Return the rule with these settings. Raises :class:`CrawlError`."""
    values = {name: _value(name, text.strip()) for name, text in settings.items()}
    return replace(rule or Plan(), **values)  # type: ignore[arg-type]


def known_settings(row: Schedule | None) -> dict[str, str]:
    """Return the settings in a row of the archive, without those that only earlier versions had."""
    return {name: value for name, value in row.settings.items() if name in SETTINGS} if row is not None else {}


def set_schedule(
    home: Home, names: Sequence[str], settings: Mapping[str, str], *, by: str, reason: str = ""
) -> list[Schedule]:
    """Add ``settings`` to those set before, in a new row for each portal named (no name: in one for all portals).

    An empty value restores the default. Raises :class:`~crawler.errors.UnknownPortal`, or :class:`CrawlError` for an
    invalid setting or an empty ``by`` (who sets it); then nothing is written.
    """
    if not by.strip():
        raise CrawlError(code="schedule.nobody")
    for name in names:
        portals.find(name, home.path)
    stored, rows, now = Schedules(home), list[Schedule](), home.clock.now()
    latest, chosen = stored.latest(), list[str | None](names)
    for portal in chosen or [None]:
        together = {**known_settings(latest.get(portal)), **settings}
        merged = {key: value.strip() for key, value in together.items() if value.strip()}
        plan_of(merged)
        rows.append(Schedule(portal=portal, settings=merged, by=by.strip(), reason=reason.strip(), recorded_at=now))
    for row in rows:
        stored.put(row)
    return rows


def pause_setting(home: Home, until: str) -> dict[str, str]:
    """Return the setting for a pause until a day, or ("") for good. Raises CrawlError if the day is not to come."""
    resumes, today = _pause_end(until or "yes"), local_day(home.clock.now())
    if resumes is None or resumes < day_ends(today):  # a mistyped year would silently pause nothing
        raise CrawlError(code="schedule.not_after", until=until, today=today)
    return {"paused": until or "yes"}


def _value(name: str, text: str) -> timedelta | datetime | None:
    """Return the value of a setting from its text: days, or for ``paused`` the end. Raises :class:`CrawlError`."""
    if name not in SETTINGS:
        raise CrawlError(code="schedule.no_setting", name=name, every=", ".join(SETTINGS))
    if name == "paused":
        return _pause_end(text)
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not _LEAST_DAYS <= days <= _MOST_DAYS:
        raise CrawlError(code="schedule.no_number", name=name, least=_LEAST_DAYS, most=_MOST_DAYS, text=text)
    return timedelta(days=days)


def _pause_end(text: str) -> datetime | None:
    """Return when a pause ends: as a day begins, or by a word of ``_PAUSES``. Raises CrawlError for other text."""
    if text.lower() in _PAUSES:
        return _PAUSES[text.lower()]
    try:
        return day_begins(date.fromisoformat(text))
    except ValueError:
        raise CrawlError(code="schedule.no_pause", text=text) from None
