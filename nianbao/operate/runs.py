"""Pages of present and past crawls and of this server's jobs; they reload themselves while something runs."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from fastapi import HTTPException

from archive.queries.look_answers import looks_shown
from archive.queries.selection import known_portals
from crawler.operations.job_queue import jobs as queued
from crawler.processes import is_under_way, stop_run
from nianbao.operate.visits import Changed, OperatorRequest, Seen, Values, change, page
from nianbao.sentences import notes_sentence
from storage.observations import Observations
from storage.recent_outcomes import paces
from storage.records import Run

_MAX_RUNS = 50  # last crawls shown
_MAX_QUEUED = 100  # queued jobs shown
RENEW_SECONDS = 5  #: seconds after which a page reloads while something runs


@page("runs", "runs.html")
def runs(visit: Seen) -> Values:
    """Show the last crawls, the queue, and the jobs that were started on these pages."""
    last_runs = Observations(visit.home).last_runs(_MAX_RUNS)
    going = {run.id for run in last_runs if is_under_way(visit.home, run)}
    begun = visit.jobs.all()
    is_busy = going or any(job.runs for job in begun)
    return {
        "runs": last_runs, "portals": known_portals(visit.home), "going": going, "jobs": begun,
        "queue": queued(visit.home, _MAX_QUEUED),
        "said": partial(notes_sentence, language=visit.lang), "renew": RENEW_SECONDS if is_busy else 0,
    }  # fmt: skip


@page("runs/{name}", "run.html")
def run(visit: Seen, name: str) -> Values:
    """Show one crawl: its looks, its counts, and the pace of its requests to each host."""
    one = _run(visit, name)
    return {
        "run": one, "portals": known_portals(visit.home), "going": is_under_way(visit.home, one),
        "looks": looks_shown(visit.home, one.portal, one.id), "hosts": paces(visit.home, one),
        "said": partial(notes_sentence, language=visit.lang), "renew": RENEW_SECONDS if one.finished is None else 0,
    }  # fmt: skip


@change("runs/{name}/stop")
def stop(visit: Changed, name: str) -> str:
    """Ask a crawl to end; it keeps what it fetched."""
    one = _run(visit, name)
    stop_run(visit.home, one)
    return f"runs/{one.id}"


@change("jobs/{name}/stop")
def stop_job(visit: Changed, name: str) -> str:
    """Ask a job of this server to end."""
    if (job := visit.jobs.find(name)) is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    visit.jobs.stop(job)
    return "runs"


def _run(visit: OperatorRequest, name: str) -> Run:
    one = Observations(visit.home).run(name)
    if one is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return one
