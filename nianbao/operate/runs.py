"""Crawls under way and past, the work of this server, and the events by which both are followed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus
from time import monotonic
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response, StreamingResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from archive.queries.look_answers import looks_shown
from crawler.operations.job_queue import jobs as queued
from crawler.operations.stopping import is_under_way, stop_run
from nianbao.language import Language
from nianbao.operate.jobs import Jobs
from nianbao.operate.login import HEADERS, Archive, Change, FormError, Operator, page, to
from nianbao.page_routes import PageRoute
from nianbao.parameters import Lang
from nianbao.sentences import notes_sentence
from storage.home import Home
from storage.recent_outcomes import Vitals, paces
from storage.records import Run

router = APIRouter(route_class=PageRoute)
_RUNS = 50  # on the page, the last ones
_QUEUED = 100  # jobs of the queue on the page
RENEW = 5  #: seconds after which a page without scripts is shown anew while something goes on …
_SELDOM = 60  # … and while nothing does
_STREAMS = 12  # followed at once
_EVERY = 1.0  # seconds between two looks at what changed
_LONGEST = 900  # looks of one stream; then the browser asks anew
_following: set[object] = set()


def jobs_of(request: Request) -> Jobs:
    """The work of this server."""
    jobs = request.app.state.jobs
    assert isinstance(jobs, Jobs)
    return jobs


Work = Annotated[Jobs, Depends(jobs_of)]


@router.get("/{lang}/runs")
def runs(request: Request, lang: Lang, home: Archive, work: Work, session: Operator) -> Response:
    """The last crawls, and the work that was begun here."""
    found = Vitals(home).last_runs(_RUNS)
    going = {run.id for run in found if is_under_way(home, run)}
    begun = work.all()
    busy = going or any(job.runs for job in begun)
    values: dict[str, Any] = {
        "runs": found,
        "going": going,
        "jobs": begun,
        "queue": queued(home, _QUEUED),
        "said": partial(notes_sentence, language=Language(lang.value)),
        "live": "events",
        "renew": RENEW if busy else _SELDOM,
    }
    return page(request, "runs.html", lang, session, **values)


@router.get("/{lang}/runs/{name}")
def run(request: Request, lang: Lang, name: str, home: Archive, session: Operator) -> Response:
    """One crawl: its looks, what it counted, how politely it asked."""
    found = _run(home, name)
    values: dict[str, Any] = {
        "run": found,
        "going": is_under_way(home, found),
        "looks": looks_shown(home, found.portal, found.id),
        "hosts": paces(home, found),
        "said": partial(notes_sentence, language=Language(lang.value)),
        "live": f"events?run={found.id}" if found.finished is None else "",
        "renew": RENEW,
    }
    return page(request, "run.html", lang, session, **values)


@router.post("/{lang}/runs/{name}/stop")
def stop(lang: Lang, name: str, home: Archive, form: Change) -> Response:
    """Ask a crawl to end in good order."""
    del form
    found = _run(home, name)
    stop_run(home, found)
    return to(lang, f"runs/{found.id}")


@router.post("/{lang}/jobs/{name}/stop")
def stop_job(lang: Lang, name: str, work: Work, form: Change) -> Response:
    """Ask work of this server to end."""
    del form
    if (job := work.find(name)) is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    work.stop(job)
    return to(lang, "runs")


async def events(
    request: Request, lang: Lang, home: Archive, work: Work, session: Operator, run: str = ""
) -> StreamingResponse:
    """Server-sent events: ``change`` whenever what a page shows has changed."""
    del lang, session
    if len(_following) >= _STREAMS:
        raise FormError(HTTPStatus.SERVICE_UNAVAILABLE, "followed")
    return StreamingResponse(_changes(request, home, work, run), headers=HEADERS, media_type="text/event-stream")


router.add_api_route("/{lang}/events", events, route_class_override=APIRoute)  # to HEAD a stream would never end


async def _changes(request: Request, home: Home, work: Jobs, run: str) -> AsyncIterator[str]:
    if len(_following) >= _STREAMS:  # many may have been let in before the first of them began
        return
    mark = object()
    _following.add(mark)
    try:
        yield "retry: 5000\n\n"
        before = await _state(request, home, work, run)
        for _ in range(_LONGEST):
            await asyncio.sleep(_EVERY)
            if await request.is_disconnected():
                return
            now = await _state(request, home, work, run)
            yield ": alive\n\n" if now == before else f"event: change\ndata: {now}\n\n"
            before = now
    finally:
        _following.discard(mark)


async def _state(request: Request, home: Home, work: Jobs, run: str) -> str:
    """What changes when something is to be shown anew."""
    state: list[object] = [(job.id, job.state, job.told) for job in work.all()]
    state += await request.app.state.stored.now(home)
    if run:
        state += await run_in_threadpool(_of_run, home, run)
    return hashlib.sha256(repr(state).encode()).hexdigest()[:16]


class StoredState:
    """The last crawl and the jobs of the queue, read once for all browsers that follow."""

    def __init__(self) -> None:
        self._reading = asyncio.Lock()
        self._read_at = float("-inf")
        self._state: list[object] = []

    async def now(self, home: Home) -> list[object]:
        """What is stored, as it was read less than a second ago."""
        async with self._reading:
            if monotonic() - self._read_at >= _EVERY:
                self._state = await run_in_threadpool(_stored, home)
                self._read_at = monotonic()
        return self._state


def _stored(home: Home) -> list[object]:
    crawls = [(one.id, one.outcome) for one in Vitals(home).last_runs(1)]
    return [*crawls, *[(one.id, one.status) for one in queued(home, _QUEUED)]]


def _of_run(home: Home, name: str) -> list[object]:
    vitals = Vitals(home)
    found = vitals.run(name)
    return [] if found is None else [found.outcome, len(vitals.looks_of(found))]


def _run(home: Home, name: str) -> Run:
    found = Vitals(home).run(name)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found
