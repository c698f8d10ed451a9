"""The model of what is asked for, and of the page that comes of it: entries, claims about size, and controls. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from crawler.lists.claims import Claim
from crawler.lists.words import SCRIPT

# attributes that the browser gives to elements of its snapshot
HIDDEN, HANDLE, PRESSED = "data-nb-hidden", "data-nb-n", "data-nb-p"
MAX_TITLE_CHARS = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a list; ``url`` is "" where nothing says to where it leads, ``group`` a heading above it.

    ``row``: all text of the row, where it says more than the title (a column with the name of an agency).
    """

    title: str
    url: str
    date: str = ""
    group: str = ""
    handle: str = ""  # finds it in a browser, where it leads nowhere that could be read
    row: str = ""
    is_crumb: bool = False  # > stands behind it: it leads back


@dataclass(frozen=True, slots=True)
class Block:
    """Entries that stand side by side; ``shape`` is alike on all pages of a list.

    ``more``: to where links 更多 beside them lead, of which they are the newest entries only.
    """

    shape: str
    entries: tuple[Entry, ...]
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Control:
    """What turns a list: ``kind`` next, number, last, more or choice; ``handle`` finds it in a browser."""

    kind: str
    text: str
    url: str = ""
    number: int = 0
    enabled: bool = True
    handle: str = ""
    form: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class PageOfList:
    """What an answer shows. ``refusal``: why it is no page of a list at all."""

    url: str
    title: str = ""
    blocks: tuple[Block, ...] = ()
    claims: tuple[Claim, ...] = ()
    controls: tuple[Control, ...] = ()
    frames: tuple[str, ...] = ()
    refusal: str = ""
    says_empty: bool = False
    is_static: bool = False  # whole HTML in which nothing could change what is shown
    source: str = field(default="", repr=False)  # the decoded text, for idioms

    @property
    def is_scripted(self) -> bool:
        """Whether scripts make a list of it: what a plain answer shows need not be all."""
        source = self.source.lower()
        return any(mark in source for mark in SCRIPT["made"])

    @property
    def links(self) -> tuple[Entry, ...]:
        """All entries of all blocks, each address once."""
        return tuple({entry.url: entry for block in self.blocks for entry in block.entries if entry.url}.values())


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
