"""Bodies of captures as answers: sent piece by piece, only so many at once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from http import HTTPStatus
from threading import BoundedSemaphore

from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from nianbao.api.problems import problem
from nianbao.messages import LANGUAGES, say

MAX_DOWNLOADS = 24  # fewer than the requests that are worked on: also the reading before the first piece is bounded
_PLACES = BoundedSemaphore(MAX_DOWNLOADS)


def send_pieces(
    pieces_of_body: Callable[[], Generator[bytes, None, None]], headers: Mapping[str, str], media_type: str
) -> Response:
    """Return an answer that sends a body piece by piece, or 503 if too many are being sent."""
    if not _PLACES.acquire(blocking=False):
        detail = " ".join(say("web", lang, "error.downloads_busy") for lang in LANGUAGES)
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "busy", detail)
    try:
        return _Download(pieces_of_body(), headers, media_type)
    except BaseException:
        _PLACES.release()
        raise


class _Download(StreamingResponse):
    """An answer that gives back its place when it was sent, or its caller has gone."""

    def __init__(self, pieces: Generator[bytes, None, None], headers: Mapping[str, str], media_type: str) -> None:
        super().__init__(pieces, headers=headers, media_type=media_type)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._pieces.close()
            _PLACES.release()
