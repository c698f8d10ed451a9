"""The route class of web pages, public ones and operators', and kinds of path parameters for their addresses."""

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
    """A route that answers HEAD if it answers GET, as routes of Starlette do and those of FastAPI do not.

    If its function has query parameters, unknown ones are refused: ignoring a mistyped filter would mislead.
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        methods = set(settings.pop("methods", None) or ("GET",))
        super().__init__(*args, methods=methods | ({"HEAD"} if "GET" in methods else set()), **settings)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the function that handles a request, with the check for unknown query parameters."""
        handle = super().get_route_handler()
        names = [*_query_names(self.dependant)]

        async def checked(request: Request) -> Response:
            if names:
                refuse_unknown(names, request.query_params)
            return await handle(request)

        return checked


def _query_names(dependant: Dependant) -> Iterator[str]:
    """Yield the names of query parameters of a route and its dependencies."""
    for one in dependant.dependencies:
        yield from _query_names(one)
    yield from (one.alias for one in dependant.query_params)


def register_choices(name: str, choices: Iterable[str]) -> None:
    """Register a path convertor: ``{…:NAME}`` in an address matches only these texts."""
    kind = type(name, (StringConvertor,), {"regex": "|".join(map(re.escape, choices))})
    register_url_convertor(name, kind())


class _Stem(StringConvertor):
    """A path convertor, ``{…:stem}``: text before a suffix, which is as long as it can be (``.metadata.json``)."""

    regex = ".+?"


register_url_convertor("stem", _Stem())


def language_of_browser(request: Request) -> Language:
    """Return the language that the address asks for (``?lang=``), else a browser's: Chinese if it prefers that."""
    language = request.query_params.get("lang", "")
    if language in {*Language}:
        return Language(language)
    chinese = request.headers.get("accept-language", "").strip().lower().startswith("zh")
    return Language.ZH if chinese else Language.EN
