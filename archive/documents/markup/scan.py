"""Bytes → tree, bounded before anything is parsed; and what the walk over it found out about every element."""

from __future__ import annotations

import re
from bisect import bisect_left
from codecs import BOM_UTF8
from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate

from lxml import etree

from archive.documents.charset import Decoded, decode
from archive.documents.markup.inline_frames import DEPTH, unfold
from archive.documents.markup.vocabulary import vocabulary
from archive.documents.pages import UNREAD, Limits
from archive.findings import finding
from storage.records import Finding

Element = etree._Element
KeptText = list[tuple[Element, str | None, str | None]]  # elements with the text and tail they had

MAX_BYTES = 8 << 20  # of markup; embedded images are taken out before
MAX_TAGS = 200_000
MAX_TREE = 2_000  # libxml2 drops what is nested deeper than 2,048
SKIPPED = vocabulary().skipped
_DATA_URI = re.compile(rb"(data:[a-z]{2,12}/[A-Za-z0-9.+-]{1,60};base64,)[A-Za-z0-9+/=%\s]{64,}")
_EMBEDS = b";base64,"
_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
_OPENING = re.compile(rb"[A-Za-z]")
MAX_ATTRIBUTES = 150  # of one element; the parser compares each with each
# lxml reads control characters, but refuses to set a text that has them: they become blanks
_WRITABLE = bytes(32 if byte < 32 and byte not in b"\t\n\r" else byte for byte in range(256))
_LONG = 1_024  # bytes of a tag from which its attributes are counted
_ENDED = re.compile(rb"</(?:html|body|table|div)\s{0,9}>", re.IGNORECASE)
_LAST_CELL = re.compile(rb"<t[dh][\s>]", re.IGNORECASE)
_CLOSING = re.compile(rb"</(?:t[dh]|tr|tbody|table|div|body|html)\b", re.IGNORECASE)
_TAIL, _NEAR = 400, 20_000  # bytes from the end of a page in which it is looked for
_SHUT = re.compile(rb"</(?:html|body|frameset)\b", re.IGNORECASE)
_SCRIPTS = 4_000  # bytes of scripts that may stand behind the end of a page
_WHOLE = re.compile(rb"<(?:html|body)\b", re.IGNORECASE)
# an element that began and has no end; those that have none are left out
_OPENED = re.compile(
    rb"<(?!(?:br|hr|img|meta|link|input|base|col|embed|param|area|wbr)\b)[A-Za-z][^<>]*(?<!/)>", re.IGNORECASE
)
_PARAGRAPH_SHUT = re.compile(rb"</p\s{0,9}>", re.IGNORECASE)
_SENTENCE_ENDS = tuple(text.encode() for text in ("。", "！", "）", ">无", "日"))
_ALL_IDS = etree.XPath("//*/@id", smart_strings=False)


@dataclass(slots=True)
class Scan:
    """A parsed page. ``text``: what it shows without blanks; ``spans``: element → start and end of its text in it.

    ``spans`` is in document order and knows what the walk went into: everything but the inside of great tables.
    ``links``: spans of the <a> with text. ``hidden``: the uppermost elements that the page does not show, with the
    text that was taken out of them. ``struck``: elements that are crossed out, with the text that was in them.
    """

    root: Element
    source: bytes  # UTF-8
    decoded: Decoded
    text: str = ""
    spans: dict[Element, tuple[int, int]] = field(default_factory=dict)
    links: list[tuple[int, int]] = field(default_factory=list)
    hidden: dict[Element, KeptText] = field(default_factory=dict)
    struck: dict[Element, str] = field(default_factory=dict)
    images: list[bytes] = field(default_factory=list)  # bodies of data: addresses, in the order they were taken out
    findings: list[Finding] = field(default_factory=list)
    _ids: Counter[str] | None = None
    _sums: list[int] = field(default_factory=list)

    @property
    def ids(self) -> Counter[str]:
        """How often each identifier stands in the page."""
        if self._ids is None:
            self._ids = Counter(_ALL_IDS(self.root))
        return self._ids

    def cross_out(self, element: Element) -> None:
        """Note what stands in an element that is crossed out, before it is taken out."""
        if text := "".join("".join(element.itertext()).split()):
            self.struck[element] = text

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
        return self._linked_before(end) - self._linked_before(start)

    def _linked_before(self, place: int) -> int:
        """Characters in links before a place of the text."""
        if len(self._sums) != len(self.links) + 1:
            self.links.sort()
            self._sums = [0, *accumulate(end - start for start, end in self.links)]
        number = bisect_left(self.links, (place, 0))
        sofar = self._sums[number]
        return sofar - max(0, self.links[number - 1][1] - place) if number else sofar


def scan(data: bytes, limits: Limits) -> Scan | None:
    """Parse a page; None if there is no element in it. Nothing is measured yet: see ``blocks.BlockReader``."""
    findings: list[Finding] = []
    images: list[bytes] = []
    if data.rfind(_EMBEDS) >= 0:  # from behind it takes half the time of "in"
        data = _without_images(data, images)
    bound = min(MAX_BYTES, limits.bytes)
    if len(data) > bound:
        data = data[: max(data.rfind(b"<", 0, bound), bound // 2)]
        findings.append(finding("limit_reached", bound="markup_bytes", expected=bound))
    data, cut = _fewer_tags(data)
    if cut:
        findings.append(finding("limit_reached", bound="tags", expected=MAX_TAGS))
    decoded = decode(data)
    same = decoded.charset == "utf-8" and not decoded.findings and b"\x00" not in data
    text = decoded.text
    if "\ufffe" in text or "\uffff" in text:
        text, same = text.replace("\ufffe", "").replace("\uffff", ""), False
    source = data if same else text.encode("utf-8", "replace")
    source = source.removeprefix(BOM_UTF8).translate(_WRITABLE)
    root, cut = parse(source)
    if root is None:
        return None
    if cut:
        findings.append(finding("limit_reached", bound="markup_levels", expected=MAX_TREE))
    left = unfold(root, images, _page_within)
    if not findings and (_ends_in_cell(source) or _ends_open(source)):
        findings.append(finding("document_damaged", case="cut_short"))
    if findings:
        _mark_end(root)
    if left:
        findings.append(finding("limit_reached", bound="frames", expected=DEPTH))
    return Scan(root=root, source=source, decoded=decoded, images=images, findings=[*decoded.findings, *findings])


def _page_within(page: bytes) -> Element | None:
    """The page that a frame holds."""
    return parse(decode(page).text.encode("utf-8", "replace").translate(_WRITABLE))[0]


def parse(source: bytes) -> tuple[Element | None, bool]:
    """UTF-8 → tree, forgiving, without comments, network or entities; None if nothing is in it. Whether it was cut."""
    parser = etree.HTMLParser(
        encoding="utf-8", recover=True, huge_tree=True, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None, False
    fatal = parser.error_log.filter_from_fatals()
    return root, any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in fatal)


def _ends_in_cell(source: bytes) -> bool:
    """Whether a page breaks off within a cell of a table: no end tag of that, or of what it is in, stands behind it."""
    if _ENDED.search(source, max(0, len(source) - _TAIL)):  # nearly all
        return False
    last = max(_LAST_CELL.finditer(source, max(0, len(source) - _NEAR)), key=lambda match: match.start(), default=None)
    return last is not None and _CLOSING.search(source, last.end()) is None


def _ends_open(source: bytes) -> bool:
    """Whether a whole page (<html>, <body>) ends in text, in a tag or behind one that begins something."""
    if _SHUT.search(source, max(0, len(source) - _SCRIPTS)):  # nearly all
        return False
    if _WHOLE.search(source, 0, _TAIL) is None:
        return False
    end = source[-_TAIL:].rstrip()
    last = end[end.rfind(b"<") :]
    if last[-1:] != b">":
        whole = end.endswith(_SENTENCE_ENDS) and _PARAGRAPH_SHUT.search(source) is None
        return not whole  # of a page that shuts no paragraph the last sentence tells
    return _OPENED.fullmatch(last) is not None


def _mark_end(root: Element) -> None:
    """Say in the cell in which a page was cut, if it was one, that more stood there."""
    last = root
    while len(last):
        last = last[-1]
        if last.tail and not last.tail.isspace():
            if next(last.iterancestors("td", "th"), None) is not None:
                last.tail += UNREAD
            return
    if last.tag in ("td", "th") or next(last.iterancestors("td", "th"), None) is not None:
        last.text = (last.text or "") + UNREAD


def _without_images(data: bytes, images: list[bytes]) -> bytes:
    """The page with a number in the place of each embedded image; the bodies are kept, not decoded."""

    def replaced(match: re.Match[bytes]) -> bytes:
        images.append(match.group()[len(match.group(1)) :])
        return match.group(1) + b"#%d" % (len(images) - 1)

    return _DATA_URI.sub(replaced, data)


def _fewer_tags(data: bytes) -> tuple[bytes, bool]:
    many = len(data) > MAX_TAGS and data.count(b"<") > MAX_TAGS
    if not many and not _has_long_tag(data):
        return data, False
    pieces = data.split(b"<", MAX_TAGS + 1)[: MAX_TAGS + 1]
    return b"<".join(piece if len(piece) <= _LONG else _sane(piece) for piece in pieces), many


def _has_long_tag(data: bytes) -> bool:
    """Whether half a long tag's length without a bracket stands in what may be a tag, as it does in each long tag."""
    step = _LONG // 2
    start = before = -1
    for at in range(0, len(data), step):
        if data.find(b">", at, at + step) < 0 and data.find(b"<", at, at + step) < 0:
            start = max(start, data.rfind(b"<", max(before, 0), at))
            before = at
            if start >= 0 and _OPENING.match(data, start + 1) and data.find(b">", start, at) < 0:
                return True
    return False


def _sane(piece: bytes) -> bytes:
    """What stands behind a "<", without the tag if that has too many attributes."""
    if _OPENING.match(piece) is None:
        return piece
    end = piece.find(b">")
    tag = piece if end < 0 else piece[:end]
    if len(tag) <= _LONG or (len(_QUOTED.sub(b"", tag).split()) <= MAX_ATTRIBUTES and len(tag) < 1 << 20):
        return piece
    return b"br>" if end < 0 else b"br>" + piece[end + 1 :]


def text_in(element: Element) -> str:
    """All text inside an element, as it stands."""
    if len(element):
        return etree.tostring(element, method="text", encoding="unicode", with_tail=False)
    return element.text or ""
