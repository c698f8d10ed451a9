"""Crawls under way and past, and the work of this server; pages renew themselves while something goes on."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from fastapi import HTTPException

from archive.queries.look_answers import looks_shown
from crawler.operations.job_queue import jobs as queued
from crawler.processes import is_under_way, stop_run
from nianbao.operate.visits import Changed, OperatorRequest, Seen, Values, change, page
from nianbao.sentences import notes_sentence
from storage.observations import Observations
from storage.recent_outcomes import paces
from storage.records import Run

_MAX_RUNS = 50  # on the page, the last ones
_MAX_QUEUED = 100  # jobs of the queue on the page
RENEW_SECONDS = 5  #: after which a page is shown anew while something goes on


@page("runs", "runs.html")
def runs(visit: Seen) -> Values:
    """The last crawls, and the work that was begun here."""
    last_runs = Observations(visit.home).last_runs(_MAX_RUNS)
    going = {run.id for run in last_runs if is_under_way(visit.home, run)}
    begun = visit.jobs.all()
    is_busy = going or any(job.runs for job in begun)
    return {
        "runs": last_runs, "going": going, "jobs": begun, "queue": queued(visit.home, _MAX_QUEUED),
        "said": partial(notes_sentence, language=visit.lang), "renew": RENEW_SECONDS if is_busy else 0,
    }  # fmt: skip


@page("runs/{name}", "run.html")
def run(visit: Seen, name: str) -> Values:
    """One crawl: its looks, what it counted, how politely it asked."""
    one = _run(visit, name)
    return {
        "run": one, "going": is_under_way(visit.home, one),
        "looks": looks_shown(visit.home, one.portal, one.id), "hosts": paces(visit.home, one),
        "said": partial(notes_sentence, language=visit.lang), "renew": RENEW_SECONDS if one.finished is None else 0,
    }  # fmt: skip


@change("runs/{name}/stop")
def stop(visit: Changed, name: str) -> str:
    """Ask a crawl to end in good order."""
    one = _run(visit, name)
    stop_run(visit.home, one)
    return f"runs/{one.id}"


@change("jobs/{name}/stop")
def stop_job(visit: Changed, name: str) -> str:
    """Ask work of this server to end."""
    if (job := visit.jobs.find(name)) is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    visit.jobs.stop(job)
    return "runs"


def _run(visit: OperatorRequest, name: str) -> Run:
    one = Observations(visit.home).run(name)
    if one is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return one
