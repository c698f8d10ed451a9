"""The web application of one archive: API, pages, health, and metrics for Prometheus."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from importlib.metadata import version

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp

from archive.queries.overview import totals
from archive.queries.stored import open_projections
from nianbao.api import A_MINUTE
from nianbao.api.description import describe
from nianbao.api.guarding import Guard
from nianbao.api.problems import show_problems
from nianbao.api.routes import PageRoute, routes
from nianbao.web import captures, evidence, figure_pages, overview, pages, portals, question_pages, report_pages
from nianbao.web.serving import error_page, router
from storage.change_mark import last_change
from storage.errors import StorageError
from storage.home import Home

#: each adds its pages to the router
_PAGES = (captures, evidence, figure_pages, overview, pages, portals, question_pages, report_pages)
_SMALL = 1_000  # bytes; smaller responses are not compressed
_LEVEL = 3  # of gzip: takes a quarter of the time of level 9, for a fifth more bytes
COUNT_SECONDS = 300.0  #: least time between two counts of the archive for metrics
log = logging.getLogger(__name__)


def application(
    home: Home, *, a_minute: int = A_MINUTE, origins: Sequence[str] = (), hosts: Sequence[str] = (),
    operators: ASGIApp | None = None,
) -> FastAPI:  # fmt: skip
    """Create the application for an open archive.

    ``a_minute``: requests per minute that one address may make (0: any number); ``origins``: other sites whose scripts
    may read the API (CORS); ``hosts``: allowed host names without ports (none: all); ``operators``: the application
    for operators' pages, mounted at ``/operate``.
    """
    app = FastAPI(
        title="nianbao",
        version=version("nianbao"),
        summary="The archive of China's annual open-government reports (政府信息公开工作年度报告)",
        description=_about(home),
        docs_url=None,  # Swagger UI would load scripts from another host
        redoc_url=None,
        redirect_slashes=False,  # Starlette's redirects lead to whatever host a request names
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.home = home
    app.state.pages = OrderedDict()  # remembered pages by address (web/serving.py)
    measures = ServerMetrics(home)
    show_problems(app, error_page)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]  # FastAPI's own way
    app.router.route_class = PageRoute
    if operators is not None:
        app.add_api_route("/operate", _enter, include_in_schema=False)
        app.mount("/operate", operators)
    app.include_router(routes(home))
    app.include_router(router)
    own_thread = CapacityLimiter(1)  # health must not wait for a thread that answers questions

    async def health() -> Response:
        return await to_thread.run_sync(_health, home, limiter=own_thread)

    app.add_api_route("/healthz", health, include_in_schema=False)
    app.add_api_route("/metrics", measures.respond, include_in_schema=False)
    app.add_middleware(GZipMiddleware, minimum_size=_SMALL, compresslevel=_LEVEL)
    if origins:
        app.add_middleware(CORSMiddleware, allow_origins=list(origins), allow_methods=["GET"])
    if hosts:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    app.add_middleware(Guard, a_minute=a_minute, answers=measures.answers, simulated=home.simulated)
    return app


def _enter() -> Response:
    """Redirect the address of operators' pages without its slash."""
    return RedirectResponse("/operate/", HTTPStatus.TEMPORARY_REDIRECT)


def _about(home: Home) -> str:
    about = "A list is given in pages; `next` is the cursor of the following one. A blank is never 0."
    if not home.simulated:
        return about
    return f"SIMULATED: the portals are imitations, as the header `Nianbao-Simulated` of each answer says.\n\n{about}"


def _health(home: Home) -> Response:
    """Respond 200 if the archive's projection can be opened, so that questions can be answered."""
    generation = open_projections(home).generation
    return JSONResponse({"status": "ok", "generation": generation, "simulated": home.simulated})


class ServerMetrics(Collector):
    """The metrics of one server. ``answers``: number of responses by class of status (``2xx`` …). The archive is
    counted when metrics are asked for, and only after it changed.
    """

    def __init__(self, home: Home) -> None:
        self.answers: Counter[str] = Counter()
        self._home = home
        self._lock = threading.Lock()
        self._archive: list[Metric] = []  # result of the last count
        self._mark = ""
        self._counted = -COUNT_SECONDS
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def respond(self) -> Response:
        """Respond with the metrics in the text format of Prometheus."""
        return PlainTextResponse(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics; the library calls this for each scrape."""
        self._count()
        requests = CounterMetricFamily("nianbao_requests", "Requests answered, by class of status.", labels=["status"])
        for status, number in sorted(self.answers.copy().items()):
            requests.add_metric([status], number)
        yield requests
        if (written := last_change(self._home).at) is not None:
            about = "When the archive was last written to (Unix time)."
            yield GaugeMetricFamily("nianbao_archive_changed_seconds", about, value=written.timestamp())
        yield from self._archive

    def _count(self) -> None:
        """Count duties (reports due) and portals again if COUNT_SECONDS passed and the archive changed; log errors."""
        with self._lock:
            if time.monotonic() - self._counted < COUNT_SECONDS or (mark := last_change(self._home).mark) == self._mark:
                return
            self._counted, self._mark = time.monotonic(), mark
        try:
            result = totals(self._home)
        except (StorageError, SQLAlchemyError) as error:
            log.warning("duties could not be counted for /metrics: %s", error)
            return
        counts: Counter[str] = Counter()
        for part in (result.counts, result.townships, result.others):
            counts.update({str(status): number for status, number in part.by_status.items()})
        duties = GaugeMetricFamily("nianbao_duties", "Duties by status, as last counted.", labels=["status"])
        for status, number in sorted(counts.items()):
            duties.add_metric([status], number)
        about = "Portals asked about, as last counted."
        self._archive = [duties, GaugeMetricFamily("nianbao_portals", about, value=result.known.asked or 0)]
