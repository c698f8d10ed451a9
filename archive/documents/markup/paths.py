"""CSS paths that select an element again, in lxml and, as far as the parsers agree, in a browser."""

from __future__ import annotations

import re
from collections import Counter

from archive.documents.markup.scan import Element

_ORDINARY = frozenset(("table", "tbody", "tr", "td", "th", "div", "p", "span", "a", "ul", "li", "br", "img", "strong"))
_PLAIN_TAG = re.compile(r"[a-z][a-z0-9]*")
_PLAIN_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
MAX_PATH = 1_000  # characters; nobody reads a longer one
MAX_STEPS = 120


class Paths:
    """Paths of the elements of one tree, each sibling list counted once."""

    def __init__(self, ids: Counter[str]) -> None:
        self._ids = ids
        self._steps: dict[Element, str] = {}
        self._known: dict[Element, str] = {}

    def of(self, element: Element) -> str:
        """The path of ``element``, or "" if it would be too long to be of use."""
        chain: list[Element] = []
        at: Element | None = element
        path = ""
        while at is not None and len(chain) <= MAX_STEPS:
            if at in self._known:
                path = self._known[at]
                break
            chain.append(at)
            identifier = at.get("id")
            if identifier and self._ids[identifier] == 1 and _PLAIN_ID.fullmatch(identifier):
                path = f"#{identifier}"
                self._known[at] = path
                chain.pop()
                break
            at = at.getparent()
        else:
            if len(chain) > MAX_STEPS:
                return ""
        for at in reversed(chain):
            step = self._step(at)
            path = f"{path}{step}" if path else step.removeprefix(" > ")
            if len(path) > MAX_PATH:
                return ""
            self._known[at] = path
        return path

    def _step(self, element: Element) -> str:
        if element not in self._steps:
            self._count(element)
        return self._steps[element]

    def _count(self, element: Element) -> None:
        """Number all siblings of ``element`` at once."""
        parent = element.getparent()
        if parent is None:
            self._steps[element] = str(element.tag)
            return
        # A browser puts <tbody> between a table and its rows where the page has none: let both trees match.
        loose = parent.tag == "table" and element.tag == "tr"
        loose = loose and next(parent.iterdescendants("table", "tbody", "thead", "tfoot"), None) is None
        join = " " if loose else " > "
        seen: dict[str, int] = {}
        place = 0
        for child in parent.iterchildren():
            tag = child.tag
            if not isinstance(tag, str):
                continue
            place += 1
            number = seen[tag] = seen.get(tag, 0) + 1
            if tag in ("html", "body"):
                step = f"{join}{tag}"
            elif tag in _ORDINARY or _PLAIN_TAG.fullmatch(tag):
                step = f"{join}{tag}:nth-of-type({number})"
            else:
                step = f"{join}*:nth-child({place})"
            self._steps[child] = step
