"""What can go wrong while fetching. A message is a sentence that says what, where, and what to do."""

from __future__ import annotations

from storage.errors import CodedError


class CrawlError(CodedError):
    """The crawl as a whole cannot be done (no such portal, an archive that refuses, a broken portal file)."""


class ClockError(CrawlError):
    """Our clock is off, so that no look would prove anything; the message says by how much and what to do."""


class PortalError(CrawlError):
    """A portal's file or CSV is not as it must be; the message names the file and the attribute or column."""


class UnknownPortal(CrawlError):  # noqa: N818 - as the others here: what it is, not that it is an error
    """No portal of this name; the message names the nearest ones."""
