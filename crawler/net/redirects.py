"""Redirects as Scrapy follows them, except that an address nobody can read ends the way instead of the crawl.

Every hop goes through the guard again; five hops at most (`REDIRECT_MAX_TIMES` in `crawler/settings.py`).
"""

from __future__ import annotations

from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware, RedirectMiddleware
from scrapy.http import Response

_HEAD = 16_384  # bytes in which a refresh must be named; most pages name none, and need not be decoded to see it


class PlainRedirect(RedirectMiddleware):
    """``Location``; the answer itself is handed up where it is no address."""

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:
        """Follow, or hand up."""
        del spider
        try:
            return _asked_always(super().process_response(request, response))
        except ValueError:
            return response


class PlainMetaRefresh(MetaRefreshMiddleware):
    """``<meta http-equiv="refresh">``; the page itself is handed up where it names no address, or its own."""

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:
        """Follow, or hand up."""
        del spider
        head = response.body[:_HEAD]
        if b"refresh" not in head.lower() and b"\x00" not in head:
            return response
        try:
            again = super().process_response(request, response)
        except ValueError:
            return response
        return response if isinstance(again, Request) and again.url == request.url else _asked_always(again)


def _asked_always(again: Request | Response) -> Request | Response:
    """Follow the redirect even if its target was asked for before: the dupe filter lets it pass."""
    return again.replace(dont_filter=True) if isinstance(again, Request) else again
