"""A page that is rendered, as the crawl talks to its browser: shown, its list turned on page by page, then each further
list of the column that it offers.

What a turn asks for is answered by the page's door, as everything it asks for is. A turn that fails costs what stands
behind it: the pages before it are held, and the list is one in part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import lxml.html

from crawler.lists.addresses import base_of
from crawler.lists.list_page import parse
from crawler.lists.paging.pagers import next_links
from crawler.lists.reasons import ELSEWHERE, NOT_PRESSED, NOTHING_NEW, RENDERED_TOO_LARGE, SCROLLED, TOO_MANY
from crawler.net.decoding import decode
from crawler.net.response_verdict import judge
from crawler.rendering.channel import Message
from crawler.rendering.further_lists import Choice, choices_of
from crawler.rendering.page_turning import ENDED, Control, control_of, rows_of, speaks_of_a_report
from crawler.rendering.process import BrowserProcess, RenderingFailed
from crawler.rendering.rendered_page import Turned
from crawler.rendering.request_proxy import BrowserRequestProxy, Challenged
from storage.records import CaptureOutcome

MOST_OF_A_TURN = 20  # requests
_HELD = 24 << 20  # bytes of all pages of a list
_TRIES = 2  # times that a button is pressed for one page
_CHOICES = 150  # lists of a page that are shown besides: a county has some 60 bodies
_SCROLL: dict[str, list[str | int]] = {"scroll": []}
_IDLE = frozenset({"hidden", "off"})


@dataclass(frozen=True, slots=True)
class Turns:
    """The page after each turn that brought something, and as each choice shows it; how turning ended
    (:mod:`crawler.rendering.page_turning`; "": nothing was there to be pressed), and whether the page came to rest each
    time.

    ``first``: the page as it was before, once it was scrolled, where its list came with that.
    """

    pages: tuple[Turned, ...] = ()
    ended: str = ""
    settled: bool = True
    first: bytes | None = None


async def conversation(
    process: BrowserProcess, door: BrowserRequestProxy, told: dict[str, Any], body: bytes
) -> Message:
    """Answer what the page asks for until it is made; the page.

    Raises :class:`RenderingFailed`, :class:`Challenged`.
    """
    while told.get("say") == "fetch":
        await process.say(*await door.answer(told, body))
        told, body = await process.hear()
    if told.get("say") != "shown" or told.get("whole") is not True or not body:
        raise RenderingFailed(RENDERED_TOO_LARGE)
    return told, body


async def turn_on(process: BrowserProcess, door: BrowserRequestProxy, dom: bytes, url: str, most: int) -> Turns:
    """Turn the list of a page on until it ends, and then each further list that the page offers, ``most`` turns in all;
    one whose next page has an address is not turned.

    ``process`` waits for an answer, and still does at the end. Raises :class:`Challenged`.
    """
    door.turning = True
    turner = _Turner(process, door, url, most, parse(decode(dom)))
    try:
        await turner.turn_all()
    except RenderingFailed as failure:
        turner.ended = failure.reason
    return Turns(tuple(turner.pages), turner.ended, turner.settled, turner.first)


class _Stop(Exception):  # noqa: N818 - what happened, as elsewhere here
    """Nothing more of this page is turned; ``ended`` says why."""


@dataclass(slots=True)
class _Turner:
    """One page being turned. ``tree``: what it shows now; ``label``: which of its lists that is; ``scrolls``: more came
    when it was scrolled.
    """

    process: BrowserProcess
    door: BrowserRequestProxy
    url: str
    most: int
    tree: lxml.html.HtmlElement | None
    pages: list[Turned] = field(default_factory=list)
    ended: str = ""
    settled: bool = True
    first: bytes | None = None
    label: str = ""
    scrolls: bool = True

    async def turn_all(self) -> None:
        choices = choices_of(self.tree)
        self.most += min(len(choices), _CHOICES)  # a list that is chosen is shown, and not yet turned
        try:
            await self._to_end()
            for choice in choices:
                if not choice.shown and await self._choose(choice.label):
                    await self._to_end()
        except _Stop:
            return

    async def _choose(self, label: str) -> bool:
        """Show another list of the page; whether it could be pressed."""
        known = (one for one in choices_of(self.tree, anew=True) if one.label == label)
        choice: Choice | None = next(known, None)
        if choice is None:
            return False
        did, body = await self._do(choice.control.act)
        if did != "pressed":
            return False
        self.label, self.tree = label, parse(decode(body))
        self.pages.append(Turned(body, self.url, label))
        return True

    async def _to_end(self) -> None:
        """Turn the list that is shown now until it ends."""
        if next_links(self.url, base_of(self.url, self.tree), self.tree):
            return None
        seen, spent, tries, page = rows_of(self.tree), set[Control](), 0, 1
        while self.scrolls:
            new = await self._turned(_SCROLL, seen)
            tries = 0 if new else tries + 1
            if page == 1 and not new:
                self.scrolls = bool(self.label)  # a list that is chosen scrolls where the first one did
                break
            if tries == _TRIES:
                self._ends(SCROLLED)
                break
            if page == 1 and self.first is None and not self.label and not any(map(speaks_of_a_report, seen)):
                self.first = self.pages.pop().dom  # its list came when it was scrolled
                page -= 1
            seen, page = seen | new, page + bool(new)
        tries = 0
        while control := control_of(self.tree, page, spent):
            new = await self._turned(control.act, seen, spent, control)
            if control in spent:
                continue
            tries = 0 if new else tries + 1
            if tries == _TRIES:
                return self._ends(NOTHING_NEW)
            if new:
                seen, page = seen | new, page + 1
                spent.clear()
        return self._ends(ENDED) if page > 1 else None

    def _ends(self, how: str) -> None:
        """Note how a list ended; what is no end stays."""
        self.ended = self.ended if self.ended not in {"", ENDED} else how

    async def _turned(
        self,
        act: dict[str, list[str | int]],
        seen: frozenset[str],
        spent: set[Control] | None = None,
        control: Control | None = None,
    ) -> frozenset[str]:
        """Do something for the next page, and keep it if it brought rows; those that are new. A ``control`` that is
        hidden or off is ``spent``.
        """
        did, body = await self._do(act)
        if did in _IDLE and spent is not None and control is not None:
            spent.add(control)
            return frozenset()
        if did != "pressed":
            raise self._stopped(NOT_PRESSED)
        if self.door.led:
            raise self._stopped(ELSEWHERE)
        self.tree = parse(decode(body))
        new = rows_of(self.tree) - seen
        if new:
            self.pages.append(Turned(body, self.url, self.label))
        return new

    async def _do(self, act: dict[str, list[str | int]]) -> tuple[str, bytes]:
        """Let the browser do something: what became of it, and the page."""
        if len(self.pages) >= self.most or sum(len(one.dom) for one in self.pages) > _HELD:
            raise self._stopped(TOO_MANY)
        self.door.turns(MOST_OF_A_TURN)
        await self.process.say(dict(act))
        told, body = await conversation(self.process, self.door, *await self.process.hear())
        did = str(told.get("did"))
        if did != "pressed":
            return did, body
        self.url = self.door.address(told.get("url"), self.url)
        verdict = judge(200, body, url=self.url, mime="text/html")
        if verdict.outcome is CaptureOutcome.BLOCKED:
            raise Challenged(verdict.reason)
        if told.get("settled") is not True:
            self.settled = False
            raise self._stopped(TOO_MANY)
        return did, body

    def _stopped(self, why: str) -> _Stop:
        self.ended = why
        return _Stop()
