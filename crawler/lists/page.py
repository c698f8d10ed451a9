"""The model of requests, answers, and pages of lists: entries, claims about the list's size, and controls. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

# attributes that browser_page.js adds to elements: hidden; handle of an element; element with a click listener
HIDDEN, HANDLE, PRESSED = "data-nb-hidden", "data-nb-n", "data-nb-p"
MAX_TITLE_CHARS = 300
TOTAL, COUNT_OF_PAGES = "total", "pages"
VISIBLE, ANSWER, SCRIPTED = "visible", "answer", "script"  # sources of claims, the surest first


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a list. ``url``: "" if its address is unknown; ``group``: the heading above it. ``row``: all text of the
    row, if that is more than the title (a column with the name of an agency).
    """

    title: str
    url: str
    date: str = ""
    group: str = ""
    handle: str = ""  # by which a browser finds a row without an address
    row: str = ""
    is_crumb: bool = False  # a > follows: a link of the path back to the home page


JSON = "json"  #: shape of the rows in answers of interfaces


@dataclass(frozen=True, slots=True)
class Block:
    """Entries side by side. ``shape``: their place in the tree, the same on all pages of a list. ``more``: the
    addresses of links 更多 beside them, which lead to all entries, while these are only the newest.
    """

    shape: str
    entries: tuple[Entry, ...]
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Control:
    """A control that shows more of a list. ``kind``: next, number, more or choice; ``handle``: for a browser."""

    kind: str
    text: str
    url: str = ""
    number: int = 0
    enabled: bool = True
    handle: str = ""
    form: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement about the size of a list. ``kind``: total or number of pages; ``text``: as printed."""

    kind: str
    value: int
    source: str
    text: str


def choose_claims(claims: Iterable[Claim], kind: str) -> list[Claim]:
    """Return the claims of a kind, except 0, that count: in visible text and answers; if none, those in scripts."""
    of_kind = [one for one in claims if one.kind == kind and one.value]
    sure = [one for one in of_kind if one.source in (VISIBLE, ANSWER)]
    return sure or [one for one in of_kind if one.source == SCRIPTED]


@dataclass(frozen=True, slots=True)
class PageOfList:
    """A page of a list. ``refusal``: why the answer is no readable page; "" if it is one."""

    url: str
    title: str = ""
    blocks: tuple[Block, ...] = ()
    claims: tuple[Claim, ...] = ()
    controls: tuple[Control, ...] = ()
    frames: tuple[str, ...] = ()
    refusal: str = ""
    says_empty: bool = False
    is_static: bool = False  # whole HTML without scripts, frames or boxes
    source: str = field(default="", repr=False)  # the decoded text

    @property
    def links(self) -> tuple[Entry, ...]:
        """All entries of all blocks, each address once."""
        return tuple({entry.url: entry for block in self.blocks for entry in block.entries if entry.url}.values())


@dataclass(frozen=True, slots=True)
class Request:
    """A request. ``body``: the form fields of a POST; ``by_browser``: a page in the browser makes it."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    by_browser: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request. ``status``: 0 if nothing came; ``refused``: not requested, as it is off the portal."""

    request: Request
    url: str
    status: int
    body: bytes = b""
    content_type: str = ""
    refused: bool = False


class Stopped(Exception):  # noqa: N818 - what happened
    """No more requests are made: the crawl was stopped, or cannot go on."""


#: Makes a request and returns the answer after redirects. Raises :class:`Stopped`; failures of the portal are answers
#: with status 0.
Fetch = Callable[[Request], Answer]
