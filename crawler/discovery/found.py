"""What a walk is given, and what it brings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from crawler.discovery.knowledge import knowledge
from crawler.discovery.labels import body_in_label
from crawler.lists.list_page import Page
from storage.records import Lead, Link, Note

_SURE = 0.65  # a link judged none with less confidence is visited all the same
_UNTOLD = frozenset({"other_title", "cut_title", "notice"})
SEARCH = "站内搜索"  # what a listing that is the portal's own search is called
Ask = Callable[[str, str], Awaitable["Answer"]]
Show = Callable[[Page, str], "PageSummary"]
Render = Callable[[Page], Awaitable[Page | None]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a walk goes; see ``discovery.toml``."""

    requests: int
    depth: int
    listings: int
    barren: int
    rendered: int

    @classmethod
    def named(cls, name: str, **other: int) -> Limits:
        """Return the limits of ``probe`` or ``look``, some of them changed."""
        return cls(**{**knowledge()["limits"][name], **other})


@dataclass(frozen=True, slots=True)
class Answer:
    """What asking for an address gave: a page, or why none. ``asked`` counts requests (0: it was held already).
    ``may_answer_later``: another time (a refusal, an error, no answer at all).
    """

    page: Page | None
    reason: str = ""
    asked: int = 1
    may_answer_later: bool = False


@dataclass(frozen=True, slots=True)
class PageSummary:
    """What a family makes of a page: ``items`` of its list, those that are ``reports``, whether the page ``is_empty``
    and says so, ``is_report`` itself, ``is_interface_page``: an interface answers with the items, or ``is_scripted``:
    scripts make the list, and nobody has read it (``is_hub``: beside links to further lists); ``by_body``: addresses
    of the reports that are called by a body's name alone; ``following``: its further pages; ``divided``: the lists
    below it, where its data name them and it has none itself; ``aliases``: other addresses at which the same list is
    shown; ``is_preview``: it shows the newest entries of the lists in ``divided``, and is no list itself.
    """

    items: tuple[Link, ...] = ()
    reports: tuple[Link, ...] = ()
    is_empty: bool = False
    is_report: bool = False
    is_interface_page: bool = False
    is_scripted: bool = False
    is_hub: bool = False
    by_body: tuple[str, ...] = ()
    following: tuple[str, ...] = ()
    divided: tuple[Link, ...] = ()
    aliases: tuple[str, ...] = ()
    is_preview: bool = False


@dataclass(frozen=True, slots=True)
class QueuedLink:
    """A link that waits to be followed: ``trail`` are the labels from the entry page to it, ``via`` the pages."""

    url: str
    trail: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    context: str = ""
    rule: str = ""
    how: str = "entry"

    @property
    def depth(self) -> int:
        """Links from the entry page."""
        return len(self.via)


@dataclass(frozen=True, slots=True)
class FoundListing:
    """A column that was found: ``why`` it is one (``label``, ``address``, ``heading``, ``entries``,
    ``search``), the addresses of the ``reports`` on its first page, the way to it (``step``).
    """

    url: str
    title: str
    why: str
    step: QueuedLink
    reports: tuple[str, ...]
    items: int

    @property
    def path(self) -> str:
        """The part of the way that says what a column is: from the first label of a body or of reports on."""
        labels = [text for text in self.step.trail if text]
        start = next(
            (at for at, text in enumerate(labels) if body_in_label(text) or "报" in text), max(0, len(labels) - 1)
        )
        return ">".join(dict.fromkeys(labels[start:]))[-120:] or self.title


@dataclass(slots=True)
class WalkResult:
    """What a walk brought. ``pages``: every page seen, by the address it answered at; ``hubs``: pages that led to
    columns of folders, so that a new folder will stand there; ``refused``: (address, label, reason); ``unread``:
    pages that should have led on and did not, with the reason; ``unanswered``: columns by their labels of which nothing
    was seen, as they did not answer; ``passed``: pages with reports among their entries that
    were taken for no column, with the addresses of those; ``previews``: addresses of those that are previews of lists.
    """

    listings: list[FoundListing] = field(default_factory=list)
    hubs: dict[str, QueuedLink] = field(default_factory=dict)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    unread: list[tuple[str, str, str]] = field(default_factory=list)
    unanswered: list[tuple[FoundListing, str]] = field(default_factory=list)
    passed: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    previews: list[str] = field(default_factory=list)
    pages: dict[str, tuple[Page, QueuedLink]] = field(default_factory=dict)
    requests: int = 0
    ended: Note | None = None


def promising(leads: Sequence[Lead]) -> list[Lead]:
    """Return the reports among leads; where there is none, what may be one though only a body's name is printed, or the
    title is cut off, or it is a notice that publishes them.
    """
    sure = [lead for lead in leads if lead.is_report]
    return sure or [lead for lead in leads if lead.reason in _UNTOLD and lead.confidence < _SURE]
