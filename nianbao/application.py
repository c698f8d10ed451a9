"""The web application of one archive: questions by HTTP, and how it is."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Sequence
from http import HTTPStatus
from importlib.metadata import version

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.types import ASGIApp

from archive.queries.stored import open_projections
from nianbao.api import A_MINUTE
from nianbao.api.description import describe
from nianbao.api.guarding import Guard
from nianbao.api.metrics import ServerMetrics
from nianbao.api.problems import show_problems
from nianbao.api.routes import routes
from nianbao.page_routes import PageRoute
from nianbao.web import (
    agency_pages,
    captures,
    evidence,
    figure_pages,
    overview,
    pages,
    portals,
    question_pages,
    report_pages,
)
from nianbao.web.serving import error_page, router
from storage.home import Home

#: each adds its pages to the router
_PAGES = (agency_pages, captures, evidence, figure_pages, overview, pages, portals, question_pages, report_pages)
_SMALL = 1_000  # bytes that are sent as they are
_ALLOCATED = 50_000  # objects more than freed, before the youngest are looked at
_LEVEL = 3  # a quarter of the time of the highest one, and a fifth larger


def application(
    home: Home,
    *,
    a_minute: int = A_MINUTE,
    origins: Sequence[str] = (),
    hosts: Sequence[str] = (),
    operators: ASGIApp | None = None,
) -> FastAPI:
    """The application of an archive that was opened for questions.

    ``a_minute``: requests of one caller that are answered (0: all); ``origins``: other sites whose pages may ask;
    ``hosts``: the names by which it may be asked for, without ports (none: any); ``operators``: what is mounted at
    ``/operate``, nothing by default.
    """
    app = FastAPI(
        title="nianbao",
        version=version("nianbao"),
        summary="The archive of China's annual open-government reports (政府信息公开工作年度报告)",
        description=_about(home),
        docs_url=None,  # its page would load scripts from another host
        redoc_url=None,
        redirect_slashes=False,  # those of Starlette lead to whatever host a request names
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.home = home
    app.state.pages = OrderedDict()  # what was made already, by its address
    measures = ServerMetrics(home)
    show_problems(app, error_page)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]  # FastAPI's own way
    app.router.route_class = PageRoute
    if operators is not None:
        app.add_api_route("/operate", _enter, include_in_schema=False)
        app.mount("/operate", operators)
    app.include_router(routes(home))
    app.include_router(router)
    own_thread = CapacityLimiter(1)  # else it would wait for a thread that answers questions

    async def health() -> Response:
        return await to_thread.run_sync(_health, home, limiter=own_thread)

    app.add_api_route("/healthz", health, include_in_schema=False)
    app.add_api_route("/metrics", lambda: _metrics(measures), include_in_schema=False)
    app.add_middleware(GZipMiddleware, minimum_size=_SMALL, compresslevel=_LEVEL)
    if origins:
        app.add_middleware(CORSMiddleware, allow_origins=list(origins), allow_methods=["GET"])
    if hosts:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    app.add_middleware(Guard, a_minute=a_minute, answers=measures.answers, simulated=home.simulated)
    return app


def collect_seldom() -> None:
    """Let Python look for circular garbage seldom, in a process that serves: each time it walks all that is held of a
    large archive, for a tenth of a second in which nobody gets an answer. Answers leave next to no such garbage.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATED)


def _enter() -> Response:
    """Operators' pages, where their address was written without the slash."""
    return RedirectResponse("/operate/", HTTPStatus.TEMPORARY_REDIRECT)


def _about(home: Home) -> str:
    about = "A list is given in pages; `next` is the cursor of the following one. A blank is never 0."
    if not home.simulated:
        return about
    return f"SIMULATED: the portals are imitations, as the header `Nianbao-Simulated` of each answer says.\n\n{about}"


def _health(home: Home) -> Response:
    """Whether questions can be answered."""
    generation = open_projections(home).generation
    return JSONResponse({"status": "ok", "generation": generation, "simulated": home.simulated})


def _metrics(measures: ServerMetrics) -> Response:
    """What is measured, for Prometheus."""
    return PlainTextResponse(measures.text(), media_type=CONTENT_TYPE_LATEST)
