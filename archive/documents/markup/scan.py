"""Bytes → tree, and one pass over it that knows the blank-free text of every element."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from lxml import etree

from archive.documents.charset import Decoded, decode
from archive.documents.findings import limit_reached
from archive.documents.markup.vocabulary import vocabulary
from archive.documents.pages import Limits
from storage.records import Finding

Element = etree._Element

MAX_BYTES = 8 << 20  # of markup; embedded images are taken out before
MAX_TAGS = 200_000
MAX_TREE = 2_000  # libxml2 drops what is nested deeper than 2,048
SKIPPED = vocabulary().skipped
_DATA_URI = re.compile(rb"(data:[a-z]{2,12}/[A-Za-z0-9.+-]{1,60};base64,)[A-Za-z0-9+/=%\s]{64,}")
_LONG_TAG = re.compile(rb"<[A-Za-z][^<>]{1024,}>?")
_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
MAX_ATTRIBUTES = 150  # of one element; the parser compares each with each
_HIDDEN = re.compile(r"(?:display|visibility|mso-hide)\s*:\s*(?:none|hidden|all)", re.IGNORECASE)


@dataclass(slots=True)
class Scan:
    """A parsed page. ``spans``: element → start and end of its text in ``text``, which has no blanks at all.

    ``links``: running count of characters inside <a> up to each position, as sorted (position, total) pairs.
    """

    root: Element
    decoded: Decoded
    text: str = ""
    spans: dict[Element, tuple[int, int]] = field(default_factory=dict)
    links: list[tuple[int, int]] = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def text_of(self, element: Element) -> str:
        """The text of an element without blanks; "" for what is never shown."""
        start, end = self.spans.get(element, (0, 0))
        return self.text[start:end]

    def size(self, element: Element) -> int:
        """Characters of an element's text without blanks."""
        start, end = self.spans.get(element, (0, 0))
        return end - start

    def linked(self, element: Element) -> int:
        """How many of these stand in links."""
        start, end = self.spans.get(element, (0, 0))
        return sum(min(end, b) - max(start, a) for a, b in self.links if a < end and b > start)


def scan(data: bytes, limits: Limits) -> Scan | None:
    """Parse a page; None if there is no element in it."""
    findings: list[Finding] = []
    if b";base64," in data:
        data = _DATA_URI.sub(rb"\1", data)
    bound = min(MAX_BYTES, limits.bytes)
    if len(data) > bound:
        data = data[: max(data.rfind(b"<", 0, bound), bound // 2)]
        findings.append(limit_reached("网页长度（字节）", "bytes of markup", bound))
    data, cut = _fewer_tags(data)
    if cut:
        findings.append(limit_reached("网页标签数", "tags", MAX_TAGS))
    decoded = decode(data)
    root = parse(decoded.text)
    if root is None:
        return None
    done = Scan(root=root, decoded=decoded, findings=[*decoded.findings, *findings])
    _measure(done)
    return done


def parse(text: str) -> Element | None:
    """Text → tree, forgiving, without network or entities; None if nothing is in it."""
    parser = etree.HTMLParser(encoding="utf-8", recover=True, huge_tree=True, no_network=True)
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def hidden(element: Element) -> bool:
    """Whether the element itself says that it is not shown."""
    style = element.get("style")
    if style is not None and _HIDDEN.search(style) is not None:
        return True
    return "hidden" in element.attrib


def _fewer_tags(data: bytes) -> tuple[bytes, bool]:
    data = _LONG_TAG.sub(_sane_tag, data)
    if data.count(b"<") <= MAX_TAGS:
        return data, False
    at, left = 0, MAX_TAGS
    step = 1 << 16
    while (here := data.count(b"<", at, at + step)) <= left:
        left -= here
        at += step
    return data[: max(data.rfind(b"<", 0, at + step), at)], True


def _sane_tag(match: re.Match[bytes]) -> bytes:
    tag = match.group()
    return tag if len(_QUOTED.sub(b"", tag).split()) <= MAX_ATTRIBUTES and len(tag) < 1 << 20 else b""


def _measure(scan: Scan) -> None:
    """Fill text, spans, links and ids in one pass, without recursion."""
    pieces: list[str] = []
    at = depth = deepest = 0
    starts: dict[Element, int] = {}
    spans, links, ids = scan.spans, scan.links, scan.ids

    walker = etree.iterwalk(scan.root, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        if event == "start":
            depth += 1
            deepest = max(deepest, depth)
            identifier = element.get("id")
            if identifier:
                ids[identifier] += 1
            if element.tag in SKIPPED:
                walker.skip_subtree()
                starts[element] = -1
                continue
            starts[element] = at
            if element.text and (text := "".join(element.text.split())):
                pieces.append(text)
                at += len(text)
            continue
        if event == "end":
            depth -= 1
            start = starts.pop(element)
            if start >= 0:
                spans[element] = (start, at)
                if element.tag == "a" and at > start:
                    links.append((start, at))
        if element.tail and (text := "".join(element.tail.split())):
            pieces.append(text)
            at += len(text)
    scan.text = "".join(pieces)
    if deepest > MAX_TREE:
        scan.findings.append(limit_reached("网页嵌套层数", "levels of nesting", MAX_TREE))
