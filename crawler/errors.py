"""What can go wrong while fetching. A message is a sentence that says what, where, and what to do."""

from __future__ import annotations


class CrawlError(Exception):
    """The crawl as a whole cannot be done (no such portal, an archive that refuses, a broken portal file).

    ``code`` and ``values``: the same for who words it in another language; the code of an error never changes.
    """

    def __init__(self, message: str = "", *, code: str = "", **values: object) -> None:
        super().__init__(message)
        self.code = code
        self.values = values


class ClockError(CrawlError):
    """Our clock is off, so that no look would prove anything; the message says by how much and what to do."""


class PortalError(CrawlError):
    """A portal's file or CSV is not as it must be; the message names the file and the attribute or column."""


class UnknownPortal(CrawlError):  # noqa: N818 - as the others here: what it is, not that it is an error
    """No portal of this name; the message names the nearest ones."""
