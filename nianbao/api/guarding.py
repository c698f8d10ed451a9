"""Middleware before every route: adds security headers and limits the number of requests."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from ipaddress import ip_address

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nianbao.api.problems import problem

SUGGEST_SCRIPT = files("nianbao").joinpath("web/static/suggest.js").read_text("utf-8")
_DIGEST = b64encode(sha256(SUGGEST_SCRIPT.encode()).digest()).decode()
#: headers of every response (OWASP ASVS 5.0, V3); pages load nothing from another host and run only SUGGEST_SCRIPT
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        f"default-src 'none'; script-src 'sha256-{_DIGEST}'; connect-src 'self'; style-src 'self'; "
        "img-src 'self' data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
#: headers of a page that other sites may show in a frame: safe, because it shows only figures and has no input
EMBEDDED: Mapping[str, str] = {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace("ancestors 'none'", "ancestors *"),
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Frame-Options": "",
}
#: headers of content from portals that pages of ours show in a frame
PORTAL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
FRAMED = {"Content-Security-Policy": PORTAL_POLICY, "X-Frame-Options": "SAMEORIGIN"}
_LONGEST = 16_384  # characters of an address with its query
_UNCOUNTED = frozenset(("/healthz", "/metrics"))
_OPERATORS = "/operate"
MAX_REQUESTS_AT_ONCE = 200  # public requests that are worked on, waiting or being sent
MAX_REQUESTS_WORKED_ON = 30  # of these; fewer than the 40 worker threads, so that operators find a free one
_PART_BYTES = 1 << 16  # responses are sent in parts of this size, each after the client accepted the one before


class Guard:
    """Refuse addresses that are too long and clients that ask too often, add headers, and count responses by status.

    Also limits how many public requests are worked on at once; ``/healthz``, ``/metrics`` and operators never wait.
    ``simulated``: portals of the archive are imitations, which a header of each response says.
    """

    def __init__(self, app: ASGIApp, *, a_minute: int, answers: Counter[str], simulated: bool) -> None:
        """``a_minute``: requests that a client may make (0: any number); ``answers``: counts answers by class (2xx)."""
        self.app = app
        self._headers = {**HEADERS, **({"Nianbao-Simulated": "true"} if simulated else {})}
        self._answers = answers
        self._a_minute = a_minute
        self._minute = 0
        self._of_callers: Counter[str] = Counter()
        self._open = 0
        self._places = asyncio.Semaphore(MAX_REQUESTS_WORKED_ON)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request (:meth:`_refusal`) or let the application answer it, with headers added, its status counted
        and long bodies cut. A public request waits for its turn, and gives it up when its response begins.
        """
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        scope["client"] = (caller_of(scope), 0)
        is_public = scope["path"] not in _UNCOUNTED and not f"{scope['path']}/".startswith(f"{_OPERATORS}/")
        has_place = False

        async def send_guarded(message: Message) -> None:
            """Send a part of the response: add headers to its beginning, and cut a long body into pieces."""
            nonlocal has_place
            if message["type"] == "http.response.start":
                self._answers[f"{message['status'] // 100}xx"] += 1
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if not headers["X-Frame-Options"]:  # "": this older header cannot allow all sites
                    del headers["X-Frame-Options"]
                if has_place:  # the work is done: sending may be slow
                    has_place = False
                    self._places.release()
            body = message.get("body", b"")
            while len(body) > _PART_BYTES:
                await send({"type": "http.response.body", "body": bytes(body[:_PART_BYTES]), "more_body": True})
                body = memoryview(body)[_PART_BYTES:]
            await send({**message, "body": bytes(body)} if "body" in message else message)

        refusal = self._refusal(scope, is_public=is_public)
        if refusal is not None or not is_public:
            await (refusal or self.app)(scope, receive, send_guarded)
            return
        self._open += 1
        try:
            await self._places.acquire()
            has_place = True
            await self.app(scope, receive, send_guarded)
        finally:
            self._open -= 1
            if has_place:
                self._places.release()

    def _refusal(self, scope: Scope, *, is_public: bool) -> ASGIApp | None:
        """Return the error for a request too long or (``is_public``: not an operator's) one too many, else None."""
        if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > _LONGEST:
            detail = f"an address has at most {_LONGEST} characters"
            return problem(HTTPStatus.REQUEST_URI_TOO_LONG, "address-too-long", detail)
        if is_public and self._open >= MAX_REQUESTS_AT_ONCE:
            detail = "too many requests are being answered; ask again in a moment"
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, "busy", detail)
        if not self._a_minute or not is_public or self._count(scope) <= self._a_minute:
            return None
        detail = f"at most {self._a_minute} requests a minute are answered; whole tables come faster as files (.csv)"
        return problem(HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests", detail)

    def _count(self, scope: Scope) -> int:
        """Count this request; return how many requests its client made in the present minute of the clock."""
        minute = this_minute()
        if minute != self._minute:
            self._minute, self._of_callers = minute, Counter()
        caller = scope["client"][0]
        self._of_callers[caller] += 1
        return self._of_callers[caller]


def this_minute() -> int:
    """Return the number of the present minute, counted on the monotonic clock."""
    return int(time.monotonic() // 60)


def caller_of(scope: Scope) -> str:
    """Return the IP address of a client, else "unknown": a proxy's header may hold any text, even terminal escapes."""
    address = str((scope.get("client") or ("", 0))[0])
    try:
        return str(ip_address(address.partition("%")[0]))
    except ValueError:
        return "unknown"
