"""Follows redirects as Scrapy does, but an unreadable address in one does not end the crawl.

Every redirect goes through the guard again; at most five are followed (`REDIRECT_MAX_TIMES` in `crawler/settings.py`).
"""

from __future__ import annotations

from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware, RedirectMiddleware
from scrapy.http import Response

_HEAD = 16_384  # bytes of a page searched for "refresh": most pages have none, and need not be decoded


class PlainRedirect(RedirectMiddleware):
    """Follows the header ``Location``; if that is no address, returns the response itself."""

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:
        """Return the request for the redirect's target, or the response if there is no redirect."""
        del spider
        try:
            return _asked_always(super().process_response(request, response))
        except ValueError:
            return response


class PlainMetaRefresh(MetaRefreshMiddleware):
    """Follows ``<meta http-equiv="refresh">``; if that has no address or the page's own, returns the page."""

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:
        """Return the request for the redirect's target, or the response if there is no redirect."""
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
    """Make the dupe filter let a redirect pass, even if its target was asked for before."""
    return again.replace(dont_filter=True) if isinstance(again, Request) else again
