"""What stands before every route: headers for safety, and how many requests one caller may make."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import ip_address

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nianbao.api.problems import problem

#: of every answer (OWASP ASVS 5.0, V3); pages load nothing from another host and run no script
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; "
        "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
#: of a page that pages of other sites may show in a frame: it says nothing but figures, and takes no input
EMBEDDED: Mapping[str, str] = {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace("ancestors 'none'", "ancestors *"),
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Frame-Options": "",
}
_LONGEST = 16_384  # characters of an address with what is asked
_UNCOUNTED = frozenset(("/healthz", "/metrics"))
_OPERATORS = "/operate"
MAX_REQUESTS_AT_ONCE = 200  # of the public: worked on, waiting or being sent
MAX_REQUESTS_WORKED_ON = 30  # of these; fewer than the 40 threads that answer, so that operators find one free
_PART_BYTES = 1 << 16  # of an answer, handed on when the caller has taken the part before


class Guard:
    """Counts requests by caller, and answers by status; refuses addresses that are too long; adds the headers. Bounds
    how many requests of the public are worked on at once; neither ``/healthz`` nor operators wait for these.

    ``simulated``: the portals of the archive are imitations, and each answer has a header that says so.
    """

    def __init__(self, app: ASGIApp, *, a_minute: int, answers: Counter[str], simulated: bool) -> None:
        self.app = app
        self._headers = {**HEADERS, **({"Nianbao-Simulated": "true"} if simulated else {})}
        self._answers = answers
        self._a_minute = a_minute
        self._minute = 0
        self._of_callers: Counter[str] = Counter()
        self._open = 0
        self._places = asyncio.Semaphore(MAX_REQUESTS_WORKED_ON)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        scope["client"] = (caller_of(scope), 0)
        is_public = scope["path"] not in _UNCOUNTED and not _is_operators(scope["path"])
        has_place = False

        async def send_guarded(message: Message) -> None:
            nonlocal has_place
            if message["type"] == "http.response.start":
                self._answers[f"{message['status'] // 100}xx"] += 1
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if not headers["X-Frame-Options"]:  # the older header knows no "any site"
                    del headers["X-Frame-Options"]
                if has_place:  # what is only sent keeps nobody waiting
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
        if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > _LONGEST:
            return problem(
                HTTPStatus.REQUEST_URI_TOO_LONG, "address-too-long", f"an address has at most {_LONGEST} characters"
            )
        if is_public and self._open >= MAX_REQUESTS_AT_ONCE:
            return problem(
                HTTPStatus.SERVICE_UNAVAILABLE, "busy", "too many requests are being answered; ask again in a moment"
            )
        if not self._a_minute or not is_public or self._count(scope) <= self._a_minute:
            return None
        return problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too-many-requests",
            f"at most {self._a_minute} requests a minute are answered; whole tables come faster as files (.csv)",
        )

    def _count(self, scope: Scope) -> int:
        """How many requests a caller made in this minute, with this one. With each minute counting begins anew."""
        minute = this_minute()
        if minute != self._minute:
            self._minute, self._of_callers = minute, Counter()
        caller = scope["client"][0]
        self._of_callers[caller] += 1
        return self._of_callers[caller]


def this_minute() -> int:
    """Return the number of the minute that callers' requests are counted in."""
    return int(time.monotonic() // 60)


def caller_of(scope: Scope) -> str:
    """Return the address of a caller, or "unknown": a header of a proxy may hold any text, even terminal escapes."""
    address = str((scope.get("client") or ("", 0))[0])
    try:
        return str(ip_address(address.partition("%")[0]))
    except ValueError:
        return "unknown"


def _is_operators(path: str) -> bool:
    return path == _OPERATORS or path.startswith(f"{_OPERATORS}/")
