"""The errors of crawling. Their sentences are in ``storage/errors.toml``: what is wrong, where, and what to do."""

from __future__ import annotations

from storage.errors import CodedError


class CrawlError(CodedError):
    """A crawl or another task cannot be done: an unknown portal, an unusable archive, a broken portal file."""


class ClockError(CrawlError):
    """Our clock is wrong, so that no look would prove anything; the message says by how much and what to do."""


def coded(error: BaseException | None) -> CodedError:
    """Return an error that ended a crawl; one that has no sentence of its own, as :class:`CrawlError` with its text."""
    if isinstance(error, CodedError):
        return error
    name, text = type(error).__name__, str(error)
    return CrawlError(code="run.stopped", name=name, text=text)


class PortalError(CrawlError):
    """A portal's file or CSV is invalid; the message names the file and the attribute or column."""


class UnknownPortal(CrawlError):  # noqa: N818 - as the others here: what it is, not that it is an error
    """No portal has this name; the message gives the nearest names."""
