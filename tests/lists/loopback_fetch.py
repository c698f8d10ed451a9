"""Fetches of the list engine that go to imitation portals on loopback."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

import httpx

from crawler.lists.fetch import Answer, Request

MAX_BODY_BYTES, MAX_REDIRECTS, TIMEOUT_SECONDS = 8_000_000, 5, 20.0
AGENT = "nianbao (annual reports archive)"


class LoopbackFetch:
    """Ask hosts that a map sends to loopback addresses; others do not answer. ``asked``: all requests."""

    def __init__(self, hosts: Mapping[str, str]) -> None:
        self.hosts = dict(hosts)
        self.asked: list[Request] = []
        self._client = httpx.Client(trust_env=False, timeout=TIMEOUT_SECONDS)

    def __call__(self, request: Request) -> Answer:
        """Return the answer after redirects to hosts of the map."""
        url = request.url
        for _ in range(MAX_REDIRECTS):
            parts = urlsplit(url)
            address = self.hosts.get(parts.hostname or "")
            if address is None or not address.startswith("127.0.0.1:"):
                return Answer(request, url, 0)
            self.asked.append(request)
            target = f"http://{address}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
            headers = {"User-Agent": AGENT, **dict(request.headers), "Host": parts.hostname or ""}
            try:
                if request.form is not None:
                    got = self._client.post(target, headers=headers, data=dict(request.form))
                elif request.body is not None:
                    got = self._client.post(target, headers=headers, content=request.body)
                else:
                    got = self._client.get(target, headers=headers)
            except httpx.HTTPError:
                return Answer(request, url, 0)
            if not got.is_redirect:
                kind = got.headers.get("content-type", "")
                body = got.content
                return Answer(request, url, got.status_code, body[:MAX_BODY_BYTES], kind, len(body) > MAX_BODY_BYTES)
            url = urljoin(url, got.headers.get("location", ""))
        return Answer(request, url, 0)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
