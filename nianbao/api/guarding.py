"""What stands before every route: headers for safety, and how many requests one caller may make."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nianbao.api.metrics import Requests
from nianbao.api.problems import problem

#: of every answer (OWASP ASVS 5.0, V3); pages load nothing from another host and run no script that stands in them
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_LONGEST = 16_384  # characters of an address with what is asked
_UNCOUNTED = frozenset(("/healthz", "/metrics"))


class Guard:
    """Counts requests by caller, and answers by status; refuses addresses that are too long; adds the headers.

    ``simulated``: the portals of the archive are imitations, and each answer has a header that says so.
    """

    def __init__(self, app: ASGIApp, *, a_minute: int, requests: Requests, simulated: bool) -> None:
        self.app = app
        self._headers = {**HEADERS, **({"Nianbao-Simulated": "true"} if simulated else {})}
        self._answers = requests
        self._a_minute = a_minute
        self._minute = 0
        self._of_callers: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._answers.add(message["status"])
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self.app)(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > _LONGEST:
            return problem(
                HTTPStatus.REQUEST_URI_TOO_LONG, "address-too-long", f"an address has at most {_LONGEST} characters"
            )
        if not self._a_minute or scope["path"] in _UNCOUNTED or self._count(scope) <= self._a_minute:
            return None
        return problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too-many-requests",
            f"at most {self._a_minute} requests a minute are answered; whole tables come faster as files (.csv)",
        )

    def _count(self, scope: Scope) -> int:
        """How many requests a caller made in this minute, with this one. With each minute counting begins anew."""
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._of_callers = minute, Counter()
        caller = (scope.get("client") or ("unknown", 0))[0]
        self._of_callers[caller] += 1
        return self._of_callers[caller]
