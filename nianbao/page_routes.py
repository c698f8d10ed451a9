"""The route of a page, for the pages for all and for operators'."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.convertors import StringConvertor, register_url_convertor

from nianbao.language import Language
from nianbao.parameters import refuse_unknown


class PageRoute(APIRoute):
    """A route that answers HEAD wherever it answers GET, as Starlette's own routes do and FastAPI's do not.

    Where a page takes parameters, it refuses others.
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        methods = set(settings.pop("methods", None) or ("GET",))
        super().__init__(*args, methods=methods | ({"HEAD"} if "GET" in methods else set()), **settings)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handle = super().get_route_handler()
        names = [*_query_names(self.dependant)]

        async def checked(request: Request) -> Response:
            if names:
                refuse_unknown(names, request.query_params)
            return await handle(request)

        return checked


def _query_names(dependant: Dependant) -> Iterator[str]:
    """The parameters of the query that a route and its dependencies take."""
    for one in dependant.dependencies:
        yield from _query_names(one)
    yield from (one.alias for one in dependant.query_params)


def register_choices(name: str, choices: Iterable[str]) -> None:
    """Let addresses have a part, written ``{…:NAME}``, that is one of these texts."""
    kind = type(name, (StringConvertor,), {"regex": "|".join(map(re.escape, choices))})
    register_url_convertor(name, kind())


def language_of_browser(request: Request) -> Language:
    """Return the language that a browser asks for first."""
    chinese = request.headers.get("accept-language", "").strip().lower().startswith("zh")
    return Language.ZH if chinese else Language.EN
