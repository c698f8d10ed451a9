"""Make files for requests, and send bodies of captures piece by piece: few at once, in all and for one client.

A file is made completely before it is sent, and deleted afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from functools import partial, wraps
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore, Lock
from typing import Any

from fastapi import Request
from fastapi.responses import FileResponse, Response, StreamingResponse
from starlette.background import BackgroundTask
from starlette.types import Receive, Scope, Send

from nianbao.api.guarding import PORTAL_POLICY
from nianbao.api.problems import problem
from nianbao.messages import LANGUAGES, say
from storage.captures import CaptureStore
from storage.home import Home
from storage.records import Capture

MAX_FILES_AT_ONCE = 2  #: each may read the whole archive, or many captures
MAX_DOWNLOADS = 24  # fewer than MAX_REQUESTS_WORKED_ON, so that downloads never take all worker threads
MAX_OF_CALLER = 6  # as many as a browser starts at once; so that one client cannot take all downloads
_PIECE_BYTES = 1 << 16
_lock = Lock()
_downloads: Counter[str] = Counter()  # client → number of its downloads under way
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
def send_made_file(name: str, media_type: str, make: Callable[[Path], object]) -> Response:
    """Make a file in a temporary folder and send it; the folder is deleted then. Raises the errors of ``make``."""
    folder = TemporaryDirectory(prefix="nianbao-")
    place = Path(folder.name) / name
    try:
        make(place)
    except BaseException:
        folder.cleanup()
        raise
    clean = BackgroundTask(folder.cleanup)
    return FileResponse(place, media_type=media_type, filename=name, background=clean)


# ---------------------------------------------------------------------------------------------- bodies of captures


def read_beginning(home: Home, capture: Capture, size: int) -> bytes:
    """Return at most ``size`` first bytes of a capture's body. Raises StorageError."""
    data = bytearray()
    with closing(CaptureStore(home).body_pieces(capture)) as pieces:
        for piece in pieces:
            data += piece
            if len(data) >= size:
                break
    return bytes(data[:size])


def send_body(
    request: Request, home: Home, capture: Capture, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a response that sends a body piece by piece, or 503 if too many downloads are under way."""
    every_header = {"Content-Security-Policy": PORTAL_POLICY, **(headers or {})}
    return _send(request, partial(CaptureStore(home).body_pieces, capture), every_header, media_type)


def send_text(request: Request, text: str, headers: Mapping[str, str], media_type: str) -> Response:
    """Return a response that sends a long text piece by piece, or 503 if too many downloads are under way."""
    data = text.encode("utf-8", "replace")
    pieces = (data[start : start + _PIECE_BYTES] for start in range(0, len(data), _PIECE_BYTES))
    return _send(request, lambda: pieces, headers, media_type)


def _give_back(caller: str) -> None:
    with _lock:
        _downloads[caller] -= 1
        if not _downloads[caller]:
            del _downloads[caller]


def _send(
    request: Request,
    open_pieces: Callable[[], Generator[bytes, None, None]],
    headers: Mapping[str, str],
    media_type: str,
) -> Response:
    """Send the pieces of a download, or 503 if all or this client's downloads are taken."""
    caller = request.client.host if request.client else ""
    with _lock:
        if _downloads.total() >= MAX_DOWNLOADS or _downloads[caller] >= MAX_OF_CALLER:
            return too_many()
        _downloads[caller] += 1
    try:
        return _Download(caller, open_pieces(), headers, media_type)
    except BaseException:
        _give_back(caller)
        raise


class _Download(StreamingResponse):
    """A response that stops counting as a download when it was sent or its client is gone."""

    def __init__(
        self, caller: str, pieces: Generator[bytes, None, None], headers: Mapping[str, str], media_type: str
    ) -> None:
        super().__init__(pieces, headers=headers, media_type=media_type)
        self._caller, self._pieces = caller, pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response, then close its source."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._pieces.close()
            _give_back(self._caller)
