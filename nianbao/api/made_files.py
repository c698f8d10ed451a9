"""Make a file for one request: few at once, completely before it is sent, deleted afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from typing import Any

from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from nianbao.api.problems import problem
from nianbao.messages import LANGUAGES, say

MAX_FILES_AT_ONCE = 2  #: each may read the whole archive, or many captures
_places = BoundedSemaphore(MAX_FILES_AT_ONCE)


def few_at_once(make: Callable[..., Response]) -> Callable[..., Response]:
    """Decorate a function that makes a file: respond 503 while MAX_FILES_AT_ONCE of them are being made."""

    @wraps(make)
    def answer(*given: Any, **asked: Any) -> Response:
        if not _places.acquire(blocking=False):
            return too_many()
        try:
            return make(*given, **asked)
        finally:
            _places.release()

    return answer


def too_many() -> Response:
    """Return the response 503: too many files are being made or sent."""
    detail = " ".join(say("web", lang, "error.downloads_busy") for lang in LANGUAGES)
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "busy", detail)


@few_at_once
def send_made_file(
    name: str, media_type: str, make: Callable[[Path], object], headers: Mapping[str, str] | None = None
) -> Response:
    """Make a file in a temporary folder and send it; the folder is deleted then. Raises the errors of ``make``."""
    folder = TemporaryDirectory(prefix="nianbao-")
    place = Path(folder.name) / name
    try:
        make(place)
    except BaseException:
        folder.cleanup()
        raise
    clean = BackgroundTask(folder.cleanup)
    return FileResponse(place, media_type=media_type, filename=name, headers=dict(headers or {}), background=clean)
