"""When two requests of a crawl are the same: for Scrapy's dupe filter."""

from __future__ import annotations

import hashlib

from scrapy import Request
from scrapy.utils.request import fingerprint

from crawler.net.fetching import context_of


class RoleFingerprinter:
    """The address as it was first asked for, and what for: a file may be a report of its own and belong to a page."""

    def fingerprint(self, request: Request) -> bytes:
        """Return the digest by which a request is known."""
        context, plain = context_of(request), fingerprint(request)
        if context is None:
            return plain
        return hashlib.sha1(
            b"\x00".join((plain, context.role.encode(), context.requested.encode())), usedforsecurity=False
        ).digest()
