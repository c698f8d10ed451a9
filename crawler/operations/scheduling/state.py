"""The portals of an archive as their schedules see them: what was set, what was crawled, what is due when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from archive.assessment.calendar import local_day
from crawler import portals
from crawler.operations.scheduling.deadlines import deadlines
from crawler.operations.scheduling.due import Crawl, Due, next_due
from crawler.operations.scheduling.gaps import Gap, gaps
from crawler.operations.scheduling.plans import Plan, plan_of
from crawler.run_summary import looks_by_outcome
from crawler.spider import PortalSpider
from storage.home import Home
from storage.operator_records import HINDERED, Schedules
from storage.recent_outcomes import latest_by
from storage.records import Run, Schedule

_REMEMBERED = timedelta(days=420)  # a year of deadlines, and some


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalState:
    """One portal's schedule. ``own`` and ``general``: what was set for it, and for all; ``last``: its last crawl."""

    name: str
    place: str
    plan: Plan
    own: Schedule | None
    general: Schedule | None
    last: Run | None
    due: Due | None
    gaps: tuple[Gap, ...]

    @property
    def settings(self) -> dict[str, str]:
        """What differs from the rule."""
        return dict(self.general.settings if self.general else {}) | dict(self.own.settings if self.own else {})


class Remembered:
    """What is on record of an archive's schedules: the crawls of the last fourteen months, those left out that bear a
    time which has not come, and what people set.
    """

    def __init__(
        self, runs: Mapping[str, tuple[Run, ...]], stored: Mapping[str | None, Schedule], now: datetime
    ) -> None:
        latest = latest_by(now)
        self.runs = {name: tuple(run for run in made if run.started <= latest) for name, made in runs.items()}
        self.stored = stored

    def plan(self, name: str) -> Plan:
        """How a portal is crawled. Raises :class:`~crawler.operations.scheduling.plans.SettingError`."""
        return plan_of(*(one.settings for one in (self.stored.get(None), self.stored.get(name)) if one is not None))

    def crawls(self, name: str) -> tuple[Crawl, ...]:
        """The crawls of a portal, in the order of their start."""
        return tuple(crawl for run in self.runs.get(name, ()) if (crawl := _crawl(run)) is not None)


def remembered(home: Home, names: Collection[str] | None = None) -> Remembered:
    """What is on record now, of the portals named (all if None)."""
    schedules, now = Schedules(home), home.clock.now()
    return Remembered(schedules.crawls(now - _REMEMBERED, names), schedules.latest(), now)


def days_of(portal: type[PortalSpider], now: datetime) -> tuple[date, ...]:
    """The deadlines around which a portal is crawled more often."""
    return deadlines(portal.place, local_day(now))


def states(home: Home, names: Iterable[str] | None = None) -> list[PortalState]:
    """The portals named (all if None), by name. Raises :class:`~crawler.errors.UnknownPortal`, and
    :class:`~crawler.operations.scheduling.plans.SettingError` for a stored setting that this version does not know.
    """
    chosen = portals.classes(home.path) if names is None else {name: portals.find(name, home.path) for name in names}
    now, past = home.clock.now(), remembered(home, [*chosen])
    return [_state(name, portal, past, now) for name, portal in sorted(chosen.items())]


def _state(name: str, portal: type[PortalSpider], past: Remembered, now: datetime) -> PortalState:
    plan, days, crawls, runs = past.plan(name), days_of(portal, now), past.crawls(name), past.runs.get(name, ())
    return PortalState(
        name=name,
        place=portal.place,
        plan=plan,
        own=past.stored.get(name),
        general=past.stored.get(None),
        last=runs[-1] if runs else None,
        due=next_due(name, plan, days, crawls, now),
        gaps=gaps(days, crawls, now),
    )


def _crawl(run: Run) -> Crawl | None:
    if run.finished is None or run.counts.get(HINDERED):
        return None
    looks = looks_by_outcome(run.counts)
    return Crawl(run.started, run.finished, run.outcome or "", looks)
