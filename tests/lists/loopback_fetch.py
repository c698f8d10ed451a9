"""Fetches of the list engine that go to imitation portals on loopback."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from crawler.lists.fetch import Answer, Request

MAX_BODY_BYTES, TIMEOUT_SECONDS = 8_000_000, 20.0


class LoopbackFetch(httpx.BaseTransport):
    """Ask hosts that a map sends to loopback addresses; others do not answer. ``asked``: all requests."""

    def __init__(self, hosts: Mapping[str, str]) -> None:
        self.hosts = {name: address for name, address in hosts.items() if address.startswith("127.0.0.1:")}
        self.asked: list[Request] = []
        self._wire = httpx.HTTPTransport()
        self._client = httpx.Client(transport=self, follow_redirects=True, timeout=TIMEOUT_SECONDS)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, or one that a redirect makes of it, to the loopback address of its host."""
        if request.url.host not in self.hosts:
            raise httpx.ConnectError("no such host")
        self.asked.append(self._request)
        to = request.url.copy_with(scheme="http", netloc=self.hosts[request.url.host].encode())
        return self._wire.handle_request(
            httpx.Request(request.method, to, headers=request.headers, stream=request.stream)
        )

    def __call__(self, request: Request) -> Answer:
        """Return the answer after redirects to hosts of the map."""
        self._request, method = request, "GET" if request.form is None and request.body is None else "POST"
        data = dict(request.form) if request.form is not None else None
        try:
            got = self._client.request(
                method, request.url, headers=dict(request.headers), data=data, content=request.body
            )
        except httpx.HTTPError:
            return Answer(request, request.url, 0)
        kind, is_cut = got.headers.get("content-type", ""), len(got.content) > MAX_BODY_BYTES
        return Answer(request, str(got.url), got.status_code, got.content[:MAX_BODY_BYTES], kind, is_cut)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()
