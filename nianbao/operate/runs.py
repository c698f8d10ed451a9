"""Crawls under way and past, and the work of this server; pages renew themselves while something goes on."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from archive.queries.look_answers import looks_shown
from crawler.operations.job_queue import jobs as queued
from crawler.operations.stopping import is_under_way, stop_run
from nianbao.language import Language
from nianbao.operate.jobs import Jobs
from nianbao.operate.login import Archive, Change, Operator, page, to
from nianbao.page_routes import PageRoute
from nianbao.sentences import notes_sentence
from storage.home import Home
from storage.observations import Observations
from storage.recent_outcomes import paces
from storage.records import Run

router = APIRouter(route_class=PageRoute)
_RUNS = 50  # on the page, the last ones
_QUEUED = 100  # jobs of the queue on the page
RENEW = 5  #: seconds after which a page is shown anew while something goes on …
_SELDOM = 60  # … and while nothing does


def jobs_of(request: Request) -> Jobs:
    """The work of this server."""
    jobs = request.app.state.jobs
    assert isinstance(jobs, Jobs)
    return jobs


Work = Annotated[Jobs, Depends(jobs_of)]


@router.get("/{lang}/runs")
def runs(request: Request, lang: Language, home: Archive, work: Work, session: Operator) -> Response:
    """The last crawls, and the work that was begun here."""
    found = Observations(home).last_runs(_RUNS)
    going = {run.id for run in found if is_under_way(home, run)}
    begun = work.all()
    busy = going or any(job.runs for job in begun)
    values: dict[str, Any] = {
        "runs": found,
        "going": going,
        "jobs": begun,
        "queue": queued(home, _QUEUED),
        "said": partial(notes_sentence, language=lang),
        "renew": RENEW if busy else _SELDOM,
    }
    return page(request, "runs.html", lang, session, **values)


@router.get("/{lang}/runs/{name}")
def run(request: Request, lang: Language, name: str, home: Archive, session: Operator) -> Response:
    """One crawl: its looks, what it counted, how politely it asked."""
    found = _run(home, name)
    values: dict[str, Any] = {
        "run": found,
        "going": is_under_way(home, found),
        "looks": looks_shown(home, found.portal, found.id),
        "hosts": paces(home, found),
        "said": partial(notes_sentence, language=lang),
        "renew": RENEW if found.finished is None else 0,
    }
    return page(request, "run.html", lang, session, **values)


@router.post("/{lang}/runs/{name}/stop")
def stop(lang: Language, name: str, home: Archive, form: Change) -> Response:
    """Ask a crawl to end in good order."""
    del form
    found = _run(home, name)
    stop_run(home, found)
    return to(lang, f"runs/{found.id}")


@router.post("/{lang}/jobs/{name}/stop")
def stop_job(lang: Language, name: str, work: Work, form: Change) -> Response:
    """Ask work of this server to end."""
    del form
    if (job := work.find(name)) is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    work.stop(job)
    return to(lang, "runs")


def _run(home: Home, name: str) -> Run:
    found = Observations(home).run(name)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found
