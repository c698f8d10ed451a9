"""The web application of one archive: questions by HTTP, and how it is."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.types import ASGIApp

from archive.queries.stored import opened
from archive.queries.totals import totals
from nianbao.api.guarding import Guard
from nianbao.api.problems import SCHEMA, tell_problems
from nianbao.api.routes import routes
from nianbao.web import captures, pages
from nianbao.web.serving import error_page
from storage.home import Home

A_MINUTE = 600  #: requests of one caller that are answered, if nothing else is set
_SMALL = 1_000  # bytes that are sent as they are


def application(
    home: Home, *, a_minute: int = A_MINUTE, origins: Sequence[str] = (), operators: ASGIApp | None = None
) -> FastAPI:
    """The application of an archive that was opened for questions.

    ``a_minute``: requests of one caller that are answered (0: all); ``origins``: other sites whose pages may ask;
    ``operators``: what is mounted at ``/operate``, nothing by default.
    """
    app = FastAPI(
        title="nianbao",
        version=version("nianbao"),
        summary="The archive of China's annual open-government reports (政府信息公开工作年度报告)",
        description=_about(home),
        docs_url=None,  # its page would load scripts from another host
        redoc_url=None,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.home = home
    tell_problems(app, error_page)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]  # FastAPI's own way
    if operators is not None:
        app.mount("/operate", operators)
    app.include_router(routes(home))
    app.include_router(pages.router)
    app.include_router(captures.router)
    app.add_api_route("/healthz", lambda: _health(home), methods=["GET"], include_in_schema=False)
    app.add_api_route("/metrics", lambda: _metrics(home), methods=["GET"], include_in_schema=False)
    app.add_middleware(GZipMiddleware, minimum_size=_SMALL)
    if origins:
        app.add_middleware(CORSMiddleware, allow_origins=list(origins), allow_methods=["GET"])
    app.add_middleware(Guard, a_minute=a_minute)
    return app


def _about(home: Home) -> str:
    said = "A list is given in pages; `next` is the cursor of the following one. A blank is never 0."
    return f"SIMULATED: the portals of this archive are imitations.\n\n{said}" if home.simulated else said


def _described(app: FastAPI) -> dict[str, Any]:
    """The description of the API, with what an error looks like, made once."""
    if app.openapi_schema is None:
        made = FastAPI.openapi(app)
        made["components"]["schemas"]["Problem"] = SCHEMA
    assert app.openapi_schema is not None
    return app.openapi_schema


def _health(home: Home) -> Response:
    """Whether questions can be answered."""
    with opened(home) as store:
        generation = store.generation
    return JSONResponse({"status": "ok", "generation": generation, "simulated": home.simulated})


def _metrics(home: Home) -> Response:
    """How much the archive holds, for Prometheus."""
    registry = CollectorRegistry()
    duties = Gauge("nianbao_duties", "Duties by status, as of now", ["status"], registry=registry)
    found = totals(home)
    counted: dict[str, int] = {}
    for counts in (found.counts, found.townships, found.others):
        for status, number in counts.by_status.items():
            counted[status] = counted.get(status, 0) + number
    for status, number in counted.items():
        duties.labels(status).set(number)
    portals = Gauge("nianbao_portals", "Portals asked about", registry=registry)
    portals.set(found.known.asked or 0)
    return PlainTextResponse(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
