"""How the engine asks for something: one function; that of a crawl passes guard, robots.txt, pace and WARC."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for; ``body``: what is posted, fields of a form; ``by_browser``: a page asks it."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    by_browser: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; ``status`` 0 if nothing did. ``refused``: it was not asked for, as it lies outside the portal."""

    request: Request
    url: str
    status: int
    body: bytes = b""
    content_type: str = ""
    refused: bool = False


class Stopped(Exception):  # noqa: N818 - what happened
    """Nothing more is asked for: the crawl was stopped, or cannot go on."""


#: Asks for something and returns what came back after redirects, whatever it is. Raises :class:`Stopped`, and nothing
#: for what a portal does.
Fetch = Callable[[Request], Answer]
