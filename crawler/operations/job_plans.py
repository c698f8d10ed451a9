"""Which jobs are due, how urgent each is, and which never run at once. Pure but for asking what is on record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from crawler.net.machine_locks import lock_names
from crawler.operations.runs import groups
from crawler.operations.scheduling.state import PortalState
from crawler.spider import PortalSpider

CRAWL, READ, CLOCK = "crawl", "read", "clock"  # queues
QUEUES = (CRAWL, READ)
#: Looks that prove that a report was not there come first: they cannot be made up for (docs/operating.md, The rule).
_PRIORITY = {"proof": 30, "second": 30, "third": 30, "season": 20, "first": 10, "trouble": 5, "regular": 0}
_LATE = 10  # more for each day that it is late, up to three


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedJob:
    """A job to be put into the queue. Of jobs with one ``lock`` one runs at a time; of those with one ``once`` one
    waits at a time.
    """

    task: str
    queue: str
    portal: str
    lock: str
    once: str
    priority: int = 0


def machine_of(chosen: Mapping[str, type[PortalSpider]]) -> dict[str, str]:
    """Each portal's lock: portals that share a host or cluster, also through others between them, have the same."""
    lock_of: dict[str, str] = {}
    for members in groups(dict(chosen)):
        names = sorted({name for member in members for name in lock_names(chosen[member])})
        lock_of |= dict.fromkeys(members, f"machine:{names[0]}" if names else f"portal:{members[0]}")
    return lock_of


def crawl_job(portal: str, lock: str, priority: int = 0, *, task: str = "crawl_portal") -> PlannedJob:
    """The job that crawls a portal (``visit_reports``: and fetches every known report again)."""
    return PlannedJob(task=task, queue=CRAWL, portal=portal, lock=lock, once=f"{task}:{portal}", priority=priority)


def read_job(portal: str, priority: int = 0, *, task: str = "read_documents") -> PlannedJob:
    """The job that reads what is unread of a portal and judges it (``judge_portal``: only judges)."""
    return PlannedJob(
        task=task, queue=READ, portal=portal, lock=f"read:{portal}", once=f"{task}:{portal}", priority=priority
    )


def due_crawls(
    states: Iterable[PortalState], locks: Mapping[str, str], now: datetime, not_wanted: Collection[str] = ()
) -> list[PlannedJob]:
    """The crawls that are due, the most urgent first. ``not_wanted``: queueing locks of jobs that are
    there, or were given up lately.
    """
    planned = []
    for state in states:
        if state.due is None or state.due.at > now:
            continue
        late = min((now - state.due.at).days, 3) * _LATE
        job = crawl_job(state.name, locks[state.name], _PRIORITY[state.due.why] + late)
        if job.once not in not_wanted:
            planned.append(job)
    return sorted(planned, key=lambda job: (-job.priority, job.portal))
