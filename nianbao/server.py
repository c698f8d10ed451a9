"""The HTTP server: uvicorn with deadlines, and with a bound on the connections of one address."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.h11_impl import H11Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """Bounds on connections: seconds for a head, for a body, until a caller takes what waits for it, and for a whole
    answer; how many connections one address may hold, and all together.
    """

    head_seconds: float = 10.0
    body_seconds: float = 30.0
    send_seconds: float = 30.0
    answer_seconds: float = 1200.0
    per_address: int = 64
    in_all: int = 800


def server_settings(app: Any, limits: ConnectionLimits | None = None, trusted_proxies: str = "") -> uvicorn.Config:
    """Return how uvicorn serves an application. ``trusted_proxies``: as the setting of that name."""
    proxies = trusted_proxies.split()
    return uvicorn.Config(
        ProxyHeadersMiddleware(app, proxies) if proxies else app,
        http=_protocol(limits or ConnectionLimits(), frozenset(proxies)),
        ws="none",
        proxy_headers=False,  # of uvicorn: it believes 127.0.0.1 unless told otherwise
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
    )


def _protocol(bounds: ConnectionLimits, proxies: frozenset[str]) -> type[BoundedProtocol]:
    """Return the protocol with these bounds, as uvicorn makes the connections itself."""

    class Protocol(BoundedProtocol):
        limits = bounds
        trusted = ProxyHeadersMiddleware(None, [*proxies]).trusted_hosts  # type: ignore[arg-type]

    return Protocol


class BoundedProtocol(H11Protocol):
    """A connection that is closed when its caller is too slow, or makes room for a newer one."""

    limits: ConnectionLimits
    trusted: Any
    _stage: str = ""
    _since: float = 0.0
    _deadline: asyncio.TimerHandle | None = None
    _sending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head, after the connection that waits longest has made room if there are too many."""
        super().connection_made(transport)
        self._watch()
        self._make_room()

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for the next head."""
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """Give the caller so many seconds to take what waits for it."""
        super().pause_writing()
        if self._sending is None:
            self._sending = self.loop.call_later(self.limits.send_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on sending."""
        _cancel(self._sending)
        self._sending = None
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """End all timers."""
        _cancel(self._deadline)
        self._deadline = None
        _cancel(self._sending)
        self._sending = None
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Set a deadline whenever another part of a request begins to be waited for."""
        under_way = self.cycle is not None and not self.cycle.response_complete
        stage = "head" if not under_way else "body" if self.cycle.more_body else "answer"
        if stage == self._stage or self.transport.is_closing():
            return
        self._stage, self._since = stage, self.loop.time()
        _cancel(self._deadline)
        self._deadline = None
        limits = self.limits
        seconds = {"head": limits.head_seconds, "body": limits.body_seconds, "answer": limits.answer_seconds}[stage]
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _make_room(self) -> None:
        """Abort the connection that has waited longest for a head, where there are too many; this one at last."""
        everybody = [one for one in self.connections if isinstance(one, BoundedProtocol)]
        own = [one for one in everybody if one.caller == self.caller]
        crowd = own if len(own) > self.limits.per_address and self.caller not in self.trusted else everybody
        if crowd is own or len(everybody) > self.limits.in_all:
            waiting = [one for one in crowd if one._stage == "head" and not one.transport.is_closing()]
            min(waiting, key=lambda one: one._since).transport.abort()

    @property
    def caller(self) -> str:
        """The address at the other end."""
        return self.client[0] if self.client else ""


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
