"""The route of a page, for the pages for all and for operators'."""

from __future__ import annotations

from typing import Any

from fastapi.routing import APIRoute


class PageRoute(APIRoute):
    """A route that answers HEAD wherever it answers GET, as Starlette's own routes do and FastAPI's do not."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        methods = set(settings.pop("methods", None) or ("GET",))
        super().__init__(*args, methods=methods | ({"HEAD"} if "GET" in methods else set()), **settings)
