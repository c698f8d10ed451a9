"""The HTTP server: uvicorn with deadlines for slow clients, and limits on the number of connections."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.h11_impl import H11Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """Limits on connections: seconds to receive the head and the body of a request, until a client accepts data that
    waits to be sent, and for a whole response; numbers of connections of one address and in all.
    """

    head_seconds: float = 10.0
    body_seconds: float = 30.0
    send_seconds: float = 30.0
    answer_seconds: float = 1200.0
    per_address: int = 64
    in_all: int = 800


def server_settings(app: Any, limits: ConnectionLimits | None = None, trusted_proxies: str = "") -> uvicorn.Config:
    """Return uvicorn's configuration for an application. ``trusted_proxies``: the setting of that name."""
    proxies = trusted_proxies.split()
    return uvicorn.Config(
        ProxyHeadersMiddleware(app, proxies) if proxies else app,
        http=_protocol(limits or ConnectionLimits(), frozenset(proxies)),
        ws="none",
        proxy_headers=False,  # uvicorn's own would trust 127.0.0.1 without a setting
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
    )


def _protocol(bounds: ConnectionLimits, proxies: frozenset[str]) -> type[BoundedProtocol]:
    """Return a protocol class that holds these limits: uvicorn creates connections itself, without our arguments."""

    class Protocol(BoundedProtocol):
        limits = bounds
        trusted = ProxyHeadersMiddleware(None, [*proxies]).trusted_hosts  # type: ignore[arg-type]

    return Protocol


class BoundedProtocol(H11Protocol):
    """A connection that is closed if its client is too slow, or if a newer connection needs its place."""

    limits: ConnectionLimits
    trusted: Any
    _stage: str = ""
    _since: float = 0.0
    _deadline: asyncio.TimerHandle | None = None
    _sending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the deadline for the head of a request; if there are too many connections, close one."""
        super().connection_made(transport)
        self._watch()
        self._make_room()

    def data_received(self, data: bytes) -> None:
        """Process a part of a request, and set the deadline for what follows."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Start the deadline for the head of the next request."""
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """Close the connection unless the client accepts the waiting data within ``send_seconds``."""
        super().pause_writing()
        if self._sending is None:
            self._sending = self.loop.call_later(self.limits.send_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Cancel the deadline for sending: the client accepts data again."""
        _cancel(self._sending)
        self._sending = None
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel all timers."""
        _cancel(self._deadline)
        self._deadline = None
        _cancel(self._sending)
        self._sending = None
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Set a new deadline, at which the connection is cut, when it changes between head, body and answer."""
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
        """If there are too many connections, close the one that has waited longest for a head (at worst this one)."""
        everybody = [one for one in self.connections if isinstance(one, BoundedProtocol)]
        own = [one for one in everybody if one.caller == self.caller]
        crowd = own if len(own) > self.limits.per_address and self.caller not in self.trusted else everybody
        if crowd is own or len(everybody) > self.limits.in_all:
            waiting = [one for one in crowd if one._stage == "head" and not one.transport.is_closing()]
            min(waiting, key=lambda one: one._since).transport.abort()

    @property
    def caller(self) -> str:
        """Return the address of the client."""
        return self.client[0] if self.client else ""


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
