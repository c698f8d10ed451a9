"""What a page asks for while it is rendered: made as any other request of the crawl is, or refused.

The request goes through the crawl's engine, and so through the guard, robots.txt, the slot of its host with its delay,
the page budget, retries, the check of addresses and the capture layer. What the browser would send of itself (cookies,
its own name) is left out; what the page's script says (a POST, ``X-Requested-With``) goes along. As no cookie leaves
the browser, no challenge that sets one is ever passed.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Response

from crawler.net.decoding import decode
from crawler.net.fetching import FetchContext, Fetched, Fetcher, request_of
from crawler.rendering.page_turning import is_page_of
from crawler.rendering.process import RenderingFailed
from crawler.run_protocol import RunProtocol
from storage.records import Capture, CaptureOutcome, CaptureRole

MOST_REQUESTS = 60  # of one page
MOST_JUMPS = 3  # times that a page's scripts may lead elsewhere
_SENT, _SENT_FORM = 1 << 16, 1 << 19  # bytes of a POST, and of one that sends a form of the page
_HELD = 8 << 20  # bytes of scripts kept for the next page of the same crawl
_KINDS = frozenset({"document", "script", "stylesheet", "xhr", "fetch"})
_LASTING = frozenset({"script", "stylesheet"})
_DATA = frozenset({"xhr", "fetch"})
_JSONP = re.compile(r"[?&](?:jsonp|(?:json)?callback|cb)=", re.IGNORECASE)  # data that comes as a script
_GIVEN = frozenset({CaptureOutcome.PAGE, CaptureOutcome.EMPTY, CaptureOutcome.SOFT_404, CaptureOutcome.NOT_FOUND})
_OURS = ("accept-encoding", "accept-language", "user-agent", "cookie", "authorization", "host", "connection",
         "content-length", "te", "range", "cache-control", "pragma", "priority", "upgrade-insecure-requests",
         "sec-", "if-", "proxy-", "x-forwarded")  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_TEXTUAL = ("text/", "json", "javascript", "ecmascript", "xml")


class Challenged(Exception):  # noqa: N818 - what happened, as elsewhere here
    """An access control answered one of the page's requests; nothing of it is given to the browser."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as the browser gets it."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class BrowserRequestProxy:
    """The only way out of one rendered page. ``start``: the page itself, which was fetched before.

    ``failed``: why parts of the portal could not be had; ``foreign``: whether data were asked for elsewhere, of
    ``other_hosts``; ``refused``: what was not let through, by reason; ``lasting``: scripts that this crawl has.
    ``most``: requests that the page may make; ``turning``: its list is turned on, and its buttons may lead to further
    pages of it, known by their addresses (:func:`~crawler.rendering.page_turning.is_page_of`); ``led``: one led
    elsewhere.
    """

    run: RunProtocol
    fetcher: Fetcher
    start: Fetched
    lasting: dict[str, Given] = field(default_factory=dict)
    captures: list[Capture] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    foreign: bool = False
    other_hosts: set[str] = field(default_factory=set)
    asked: int = 0
    jumps: int = 0
    most: int = MOST_REQUESTS
    turning: bool = False
    led: bool = False

    async def answer(self, told: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """Return the answer to a request that the browser's process told of.

        Raises :class:`RenderingFailed` where the page asks too much, :class:`Challenged`.
        """
        kind, method, main = str(told.get("kind")), str(told.get("method")), told.get("main") is True
        url = str(told.get("url")).partition("#")[0]
        self.asked += 1
        if self.asked > self.most:
            raise RenderingFailed("too_many_requests")
        if main:
            self.jumps += 1
            if self.jumps > MOST_JUMPS + 1:
                raise RenderingFailed("sent_on_and_on")
            if self.turning and (self.jumps > 2 or not is_page_of(url, self.start.url)):
                self.led = True
                return {"stay": True}, b""
            self.most += MOST_REQUESTS if self.turning else 0  # the scripts of the next page are asked for anew
            if url == self.start.url.partition("#")[0] and method == "GET":
                return _packed(Given(200, {"content-type": "text/html; charset=utf-8"}, _utf8(self.start.body)))
        reason = self._refusal(url, kind, method, body)
        if reason:
            self.refused[reason] += 1
            if kind in _DATA or _JSONP.search(url):
                self.foreign = True
                self.other_hosts |= {urlsplit(url).netloc} if reason == "foreign_host" else set()
            if main:
                raise RenderingFailed(f"sent_to:{reason}")
            return {}, b""
        if kind in _LASTING and url in self.lasting:
            return _packed(self.lasting[url])
        answer = await self._fetch(url, kind, method, _headers(told.get("headers")), body, main)
        return ({"stay": True}, b"") if main and self.turning and not answer[0] else answer

    def turns(self, most: int) -> None:
        """Begin a turn of the page's list, for which it may make ``most`` requests."""
        self.most, self.jumps, self.led = self.asked + most, 0, False

    def address(self, said: object, before: str) -> str:
        """The address at which the page says it stands, where that lies in the portal; scripts may have led on."""
        url = str(said)
        return url if self.fetcher.allowed_hosts.refusal(url) is None else before

    def _refusal(self, url: str, kind: str, method: str, body: bytes) -> str:
        most = _SENT_FORM if kind == "document" else _SENT
        if kind not in _KINDS or method not in {"GET", "POST"} or len(body) > most:
            return "not_for_a_list"
        return self.fetcher.allowed_hosts.refusal(url) or ""

    async def _fetch(
        self, url: str, kind: str, method: str, headers: dict[str, str], body: bytes, main: bool
    ) -> tuple[dict[str, Any], bytes]:
        left = self.fetcher.health.refusal(url)
        if left is not None:
            self._note(kind, left.reason)
            return {}, b""
        first = self.start.capture
        held = self.run.store.last(url) if kind in _LASTING else None
        previous = held if held is not None and (held.etag or held.last_modified) else None
        context = FetchContext(CaptureRole.RESOURCE, url, via=first.id if first else None, previous=previous)
        request = request_of(url, context).replace(method=method, body=body if method == "POST" else b"")
        request.headers.update(headers)
        fetched, response = await self.fetcher.send(request, context)
        self.captures += fetched.captures
        outcome, reason = fetched.verdict.outcome, fetched.verdict.reason
        if outcome is CaptureOutcome.BLOCKED:
            raise Challenged(reason)
        if outcome is CaptureOutcome.NOT_MODIFIED and previous is not None:
            given = Given(200, {"content-type": previous.mime or ""}, self.run.held_body(previous))
        elif response is not None and outcome in _GIVEN:
            given = _given(response)
        else:
            self._note(kind, reason or str(outcome))
            return {}, b""
        if outcome is CaptureOutcome.NOT_FOUND and kind not in _LASTING:
            self._note(kind, reason)
        if main and fetched.url.partition("#")[0] != url:
            return {"moved": fetched.url}, b""
        given = _readable(given, kind)
        if kind in _LASTING and given.status == 200 and _size(self.lasting) + len(given.body) < _HELD:
            self.lasting[url] = given
        return _packed(given)

    def _note(self, kind: str, reason: str) -> None:
        if kind != "stylesheet":
            self.failed.append(reason)


def _size(held: dict[str, Given]) -> int:
    return sum(len(one.body) for one in held.values())


def _headers(told: object) -> dict[str, str]:
    """Return what the page's script says of its request, without what is ours to say."""
    pairs = told.items() if isinstance(told, dict) else ()
    return {
        name: value
        for name, value in pairs
        if isinstance(name, str) and _NAME.fullmatch(name) and not name.lower().startswith(_OURS)
        and isinstance(value, str) and value.isascii() and value.isprintable()
    }  # fmt: skip


def _given(response: Response) -> Given:
    kept = {"content-type": (response.headers.get("Content-Type") or b"").decode("latin-1")}
    for name in response.headers:
        plain = name.decode("latin-1").lower()
        if plain.startswith("access-control-"):
            kept[plain] = (response.headers.get(name) or b"").decode("latin-1")
    return Given(response.status, kept, response.body)


def _readable(given: Given, kind: str) -> Given:
    """Return text as UTF-8, read by our rules and not by the charset that the browser would guess."""
    mime = given.headers.get("content-type", "").partition(";")[0].strip().lower()
    mime = mime or {"script": "text/javascript", "stylesheet": "text/css", "document": "text/html"}.get(kind, "")
    if mime and not any(mark in mime for mark in _TEXTUAL):
        return given
    headers = given.headers | {"content-type": f"{mime or 'text/plain'}; charset=utf-8"}
    return Given(given.status, headers, _utf8(given.body))


def _utf8(body: bytes) -> bytes:
    return decode(body).encode("utf-8", "replace")


def _packed(given: Given) -> tuple[dict[str, Any], bytes]:
    return {"status": given.status, "headers": given.headers}, given.body
