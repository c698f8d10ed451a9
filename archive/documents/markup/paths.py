"""CSS paths that select an element again, in lxml and, as far as the parsers agree, in a browser.

A browser puts ``<tbody>`` between a table and its rows where the page has none. A blank before ``tr`` suits both, if no
other table stands within; else the path is told twice, as lxml has it and, behind a comma, as a browser has it: each
selects nothing in the other's tree.
"""

from __future__ import annotations

import re
from collections import Counter

from archive.documents.markup.scan import Element

_ORDINARY = frozenset(("table", "tbody", "tr", "td", "th", "div", "p", "span", "a", "ul", "li", "br", "img", "strong"))
_PLAIN_TAG = re.compile(r"[a-z][a-z0-9]*")
_PLAIN_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_INSIDE = frozenset(("script", "style", "template", "form", "input"))  # between rows: they end no <tbody>
MAX_PATH = 1_000  # characters; nobody reads a longer one
MAX_STEPS = 120


class Paths:
    """Paths of the elements of one tree, each sibling list counted once."""

    def __init__(self, ids: Counter[str]) -> None:
        self._ids = ids
        self._steps: dict[Element, str] = {}
        self._known: dict[Element, str] = {}
        self._browsers: dict[Element, str] = {}  # steps, where a browser's differ
        self._seen: dict[Element, str] = {}  # paths, where a browser's differ

    def of(self, element: Element) -> str:
        """The path of ``element``, or "" if it would be too long to be of use."""
        path, shown = self.both(element)
        return f"{path}, {shown}" if shown else path

    def both(self, element: Element) -> tuple[str, str]:
        """The path of ``element`` and, where it is another, a browser's; "" if it would be too long to be of use."""
        around = element.getparent()
        if around in self._known and around not in self._seen and element.get("id") is None:  # nearly all
            path = self._known[around] + self._step(element)
            if element not in self._browsers and len(path) <= MAX_PATH:
                self._known[element] = path
                return path, ""
        chain: list[Element] = []
        at: Element | None = element
        path = shown = ""
        while at is not None and len(chain) <= MAX_STEPS:
            if at in self._known:
                path = self._known[at]
                shown = self._seen.get(at, "")
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
                return "", ""
        for at in reversed(chain):
            step = self._step(at)
            if shown or at in self._browsers:
                shown = self._seen[at] = (shown or path) + self._browsers.get(at, step)
            path = f"{path}{step}" if path else step.removeprefix(" > ")
            if len(path) + len(shown) > MAX_PATH:
                return "", ""
            self._known[at] = path
        return path, shown

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
        loose = parent.tag == "table" and element.tag == "tr"
        loose = loose and next(parent.iterdescendants("table", "tbody", "thead", "tfoot"), None) is None
        join = " " if loose else " > "
        visited: dict[str, int] = {}
        place = 0
        for child in parent.iterchildren():
            tag = child.tag
            if not isinstance(tag, str):
                continue
            place += 1
            number = visited[tag] = visited.get(tag, 0) + 1
            if tag in ("html", "body"):
                step = f"{join}{tag}"
            elif tag in _ORDINARY or _PLAIN_TAG.fullmatch(tag):
                step = f"{join}{tag}:nth-of-type({number})"
            else:
                step = f"{join}*:nth-child({place})"
            self._steps[child] = step
        if parent.tag == "table" and not loose and "tr" in visited:
            self._count_browsers(parent)

    def _count_browsers(self, table: Element) -> None:
        """Number the rows of a table as a browser does, which puts those that stand in no <tbody> into one."""
        bodies = rows = 0
        for child in table.iterchildren():
            tag = child.tag
            if tag == "tr":
                bodies += not rows
                rows += 1
                self._browsers[child] = f" > tbody:nth-of-type({bodies}) > tr:nth-of-type({rows})"
            elif isinstance(tag, str) and tag not in _INSIDE:
                rows = 0
                if tag == "tbody":
                    bodies += 1
                    self._browsers[child] = f" > tbody:nth-of-type({bodies})"
