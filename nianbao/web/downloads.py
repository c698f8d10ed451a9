"""Bodies of captures and pages made of them as answers: sent piece by piece, only so many at once, and few of them to
one caller.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from functools import partial
from http import HTTPStatus
from threading import Lock

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from nianbao.api.problems import problem
from nianbao.messages import LANGUAGES, say
from storage.captures import CaptureStore
from storage.home import Home
from storage.records import Capture

MAX_DOWNLOADS = 24  # fewer than the requests that are worked on: also the reading before the first piece is bounded
_PIECE_BYTES = 1 << 16
MAX_OF_CALLER = 6  # as many as a browser begins side by side; so nobody takes the places of all others


def read_beginning(home: Home, capture: Capture, size: int) -> bytes:
    """Return the first bytes of a body, so many at most. Raises StorageError."""
    found = bytearray()
    with closing(CaptureStore(home).body_pieces(capture)) as pieces:
        for piece in pieces:
            found += piece
            if len(found) >= size:
                break
    return bytes(found[:size])


class _Places:
    """The downloads that are being sent, by caller."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._of_callers: Counter[str] = Counter()

    def take(self, caller: str) -> bool:
        """Take a place for a caller; False if all are taken, or as many as one caller may have."""
        with self._lock:
            is_free = self._of_callers.total() < MAX_DOWNLOADS and self._of_callers[caller] < MAX_OF_CALLER
            self._of_callers[caller] += is_free
            return is_free

    def give_back(self, caller: str) -> None:
        """Free a place of a caller."""
        with self._lock:
            self._of_callers[caller] -= 1
            self._of_callers += Counter()  # forgets callers without a download


_PLACES = _Places()


def send_pieces(
    request: Request,
    pieces_of_body: Callable[[], Generator[bytes, None, None]],
    headers: Mapping[str, str],
    media_type: str,
) -> Response:
    """Return an answer that sends a body piece by piece, or 503 if too many are being sent."""
    caller = request.client.host if request.client else ""
    if not _PLACES.take(caller):
        detail = " ".join(say("web", lang, "error.downloads_busy") for lang in LANGUAGES)
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "busy", detail)
    try:
        return _Download(caller, pieces_of_body(), headers, media_type)
    except BaseException:
        _PLACES.give_back(caller)
        raise


def send_text(request: Request, text: str, headers: Mapping[str, str], media_type: str) -> Response:
    """Return an answer that sends a long text piece by piece, or 503 if too many bodies are being sent."""
    return send_pieces(request, partial(_pieces_of_text, text.encode("utf-8", "replace")), headers, media_type)


def _pieces_of_text(data: bytes) -> Generator[bytes, None, None]:
    for start in range(0, len(data), _PIECE_BYTES):
        yield data[start : start + _PIECE_BYTES]


class _Download(StreamingResponse):
    """An answer that gives back its place when it was sent, or its caller has gone."""

    def __init__(
        self, caller: str, pieces: Generator[bytes, None, None], headers: Mapping[str, str], media_type: str
    ) -> None:
        super().__init__(pieces, headers=headers, media_type=media_type)
        self._caller, self._pieces = caller, pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._pieces.close()
            _PLACES.give_back(self._caller)
