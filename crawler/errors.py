"""The errors of crawling. Their sentences are in ``errors.toml``: what is wrong, where, and what to do."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from archive.sentence_templates import fill
from storage.errors import CodedError
from storage.records import Note


@cache
def error_sentences() -> Mapping[str, Mapping[str, str]]:
    """Return the sentences of the crawler's errors: code → language → text."""
    text = resources.files("crawler").joinpath("errors.toml").read_text("utf-8")
    sentences: Mapping[str, Mapping[str, str]] = tomllib.loads(text)["error"]
    return sentences


class CrawlError(CodedError):
    """A crawl or another task cannot be done: an unknown portal, an unusable archive, a broken portal file."""

    def __init__(self, message: str = "", *, code: str = "", **values: object) -> None:
        """Make the error. ``message``: its English sentence, if a value of that of ``code`` is itself a sentence."""
        plain = {name: Note.of(value) if isinstance(value, Mapping) else value for name, value in values.items()}
        super().__init__(message or fill(error_sentences()[code]["en"], plain), code=code, **values)


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
