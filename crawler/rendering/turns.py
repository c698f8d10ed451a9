"""A page that is rendered, as the crawl talks to its browser: shown, then its list turned on page by page.

What a turn asks for is answered by the page's door, as everything it asks for is. A turn that fails costs what stands
behind it: the pages before it are held, and the list is one in part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crawler.families.addresses import base_of
from crawler.families.lists import parse
from crawler.families.pagers import next_links
from crawler.quality import decode, judge
from crawler.rendering.channel import Message
from crawler.rendering.door import Challenged, Door
from crawler.rendering.process import BrowserProcess, RenderingFailed
from crawler.rendering.turning import (
    ELSEWHERE,
    ENDED,
    NOT_PRESSED,
    NOTHING_NEW,
    TOO_MANY,
    Control,
    control_of,
    rows_of,
)
from storage.records import CaptureOutcome

MOST_OF_A_TURN = 20  # requests
_HELD = 24 << 20  # bytes of all pages of a list
_TRIES = 2  # times that a button is pressed for one page


@dataclass(frozen=True, slots=True)
class Turns:
    """The DOM after each turn that brought something, how turning ended (:mod:`crawler.rendering.turning`; "": nothing
    was there to be pressed), and whether the page came to rest each time.
    """

    pages: tuple[bytes, ...] = ()
    ended: str = ""
    settled: bool = True


async def conversation(process: BrowserProcess, door: Door, told: dict[str, Any], body: bytes) -> Message:
    """Answer what the page asks for until it is made; the page.

    Raises :class:`RenderingFailed`, :class:`Challenged`.
    """
    while told.get("say") == "fetch":
        await process.say(*await door.answer(told, body))
        told, body = await process.hear()
    if told.get("say") != "shown" or told.get("whole") is not True or not body:
        raise RenderingFailed("rendered_page_too_large")
    return told, body


async def turn_on(process: BrowserProcess, door: Door, dom: bytes, url: str, most: int) -> Turns:
    """Turn the list of a page on until it ends, at ``most`` so often; one whose next page has an address is not turned.

    ``process`` waits for an answer, and still does at the end. Raises :class:`Challenged`.
    """
    tree = parse(decode(dom))
    if next_links(url, base_of(url, tree), tree):
        return Turns()
    pages: list[bytes] = []
    seen, spent, tries = rows_of(tree), set[Control](), 0
    door.turning = True
    while control := control_of(tree, len(pages) + 1, spent):
        if len(pages) >= most or sum(len(one) for one in pages) > _HELD:
            return Turns(tuple(pages), TOO_MANY)
        door.most = door.asked + MOST_OF_A_TURN
        try:
            await process.say({"press": [control.tag, control.text, control.nth]})
            told, body = await conversation(process, door, *await process.hear())
        except RenderingFailed as failure:
            return Turns(tuple(pages), failure.reason)
        if told.get("did") in {"hidden", "off"}:
            spent.add(control)
            continue
        if told.get("did") != "pressed":
            return Turns(tuple(pages), NOT_PRESSED)
        if door.led:
            return Turns(tuple(pages), ELSEWHERE)
        verdict = judge(200, body, url=url, mime="text/html")
        if verdict.outcome is CaptureOutcome.BLOCKED:
            raise Challenged(verdict.reason)
        tree = parse(decode(body))
        rows = rows_of(tree)
        tries = 0 if rows - seen else tries + 1
        if not tries:
            pages.append(body)
            seen, spent = seen | rows, set()
        elif tries == _TRIES:
            return Turns(tuple(pages), NOTHING_NEW)
        if told.get("settled") is not True:
            return Turns(tuple(pages), TOO_MANY, settled=False)
    return Turns(tuple(pages), ENDED if pages else "")
