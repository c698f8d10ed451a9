"""The web application of one archive: API, pages, health and metrics."""

from __future__ import annotations

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
from nianbao.web import captures, evidence, figure_pages, overview, pages, portals, question_pages, report_pages
from nianbao.web.serving import error_page, router
from storage.home import Home

#: each adds its pages to the router
_PAGES = (captures, evidence, figure_pages, overview, pages, portals, question_pages, report_pages)
_ABOUT = "A list is given in pages; `next` is the cursor of the following one. A blank is never 0."
_SIMULATED = "SIMULATED: the portals are imitations, as the header `Nianbao-Simulated` of each answer says.\n\n"
_SMALL = 1_000  # bytes; smaller responses are not compressed
_LEVEL = 3  # of gzip: takes a quarter of the time of level 9, for a fifth more bytes


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
        description=(_SIMULATED if home.simulated else "") + _ABOUT,
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
        app.add_api_route(
            "/operate", lambda: RedirectResponse("/operate/", HTTPStatus.TEMPORARY_REDIRECT), include_in_schema=False
        )
        app.mount("/operate", operators)
    app.include_router(routes(home))
    app.include_router(router)
    own_thread = CapacityLimiter(1)  # health must not wait for a thread that answers questions

    async def health() -> Response:
        return await to_thread.run_sync(_health, home, limiter=own_thread)

    app.add_api_route("/healthz", health, include_in_schema=False)
    app.add_api_route(
        "/metrics", lambda: PlainTextResponse(measures.text(), media_type=CONTENT_TYPE_LATEST), include_in_schema=False
    )
    app.add_middleware(GZipMiddleware, minimum_size=_SMALL, compresslevel=_LEVEL)
    if origins:
        app.add_middleware(CORSMiddleware, allow_origins=list(origins), allow_methods=["GET"])
    if hosts:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    app.add_middleware(Guard, a_minute=a_minute, answers=measures.answers, simulated=home.simulated)
    return app


def _health(home: Home) -> Response:
    """Respond 200 if the archive's projection can be opened, so that questions can be answered."""
    generation = open_projections(home).generation
    return JSONResponse({"status": "ok", "generation": generation, "simulated": home.simulated})
