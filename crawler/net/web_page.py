"""A page as it came (its address, text and tree), and what a response is: a page, empty, a soft 404 … Pure.

A challenge does not count as a page, nor does a page that says "not found" with status 200. The words and marks are
data (``net/page_words.toml``).
"""

from __future__ import annotations

import codecs
import html
import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.documents import charset
from archive.file_endings import ENDINGS
from storage.records import CaptureOutcome as Outcome

MAX_CHARS = 4_000_000  # of a page that are parsed
_UNSHOWN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|noscript|template)\b.*?(?:</\1[^>]*+(?:>|\Z)|\Z)", re.I | re.S)
_TAG = re.compile(r"<[^<>]*+(?:>|\Z)")


@dataclass(frozen=True)
class WebPage:
    """A page: its final address and decoded text. Tree and visible text are made at first use; the tree must not be
    changed. Do not keep many pages after using their trees: a tree takes many times the memory of its text.
    """

    url: str
    text: str

    @cached_property
    def tree(self) -> LexborNode:
        """The element tree."""
        return parse(self.text)

    @cached_property
    def base(self) -> str:
        """The address that relative addresses on the page refer to: ``<base href>``, else the page's own."""
        base = self.tree.css_first("base[href]")
        try:
            address = urljoin(self.url, (base.attributes.get("href") or "").strip()) if base is not None else self.url
            return address if urlsplit(address).scheme in {"http", "https"} else self.url
        except ValueError:
            return self.url

    @cached_property
    def shown(self) -> str:
        """The visible text."""
        return visible_text(self.text[:MAX_CHARS])


def parse(markup: str) -> LexborNode:
    """Return the tree of the first ``MAX_CHARS`` characters of a page."""
    root = LexborHTMLParser(markup[:MAX_CHARS]).root
    assert root is not None, "a tree of HTML has an element"
    return root


def visible_text(page: str) -> str:
    """Return the text of a page without markup, scripts and styles; linear in its length."""
    return " ".join(html.unescape(_TAG.sub(" ", _UNSHOWN.sub(" ", page))).split())


def decode(body: bytes) -> str:
    """Return the text of a page from its bytes; never raises. Bad bytes become U+FFFD."""
    return charset.decode(body).text


@cache
def data() -> dict[str, Any]:
    """Return the content of ``page_words.toml``."""
    text = resources.files("crawler.net").joinpath("page_words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def words(section: str, key: str = "words") -> tuple[str, ...]:
    """Return a list of words from ``page_words.toml`` in lower case: ``words("soft_404")``."""
    return tuple(str(word).lower() for word in data()[section][key])


def names_no_file(text: str) -> bool:
    """Whether a link's text says nothing about its file (点击下载)."""
    return re.sub(r"[\s【】\[\]()（）:：>]+", "", text) in data()["parts"]["unsaid"]


# ------------------------------------------------------------------------------------------------ verdicts

_JUDGED_BYTES = 400_000  # bytes that are judged; challenges and error pages are shorter
_MOVED = frozenset({301, 302, 303, 307, 308})
_LIST_LINKS = 8  # a page with so many links may be a list, whatever else it says
_SHORT_CHARS = 600  # characters of visible text up to which a page may be an error page or a challenge
_REPORTS = re.compile(r"信息公开.{0,10}(?:年度报告|年报)|年度?报告?.{0,10}信息公开")
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,300})", re.IGNORECASE)
_LINK = re.compile(r"<a\s[^<>]{0,300}?\bhref\b", re.IGNORECASE)
_WAY = re.compile(
    r"<a\s[^<>]{0,300}?\bhref\b[^<>]{0,300}>[^<>]{0,30}信息公开[^<>]{0,10}(?:年度报告|年报)", re.IGNORECASE
)
_XML = re.compile(  # with the closing tag at its end: a cut document is no answer
    r"\s{0,99}(?:<\?xml[^<>]{0,200}\?>\s{0,99}<(?!(?i:html)\b)([a-zA-Z]\w{0,40})\b.*</\1>|<datastore>.*</datastore>)\s{0,99}\Z",
    re.DOTALL,
)
_FRAMES = ("<iframe", "<embed", "<object", "<frame")
_EMBEDS = (*_FRAMES, "<img")
MIN_REPORT_CHARS = 200  # an error page under a report's title has fewer; the shortest whole report known has 425
MIN_TABLE_ROWS = 4  # fewer rows are no table of figures
_CHAPTERS = 3  # headings of the national form that prove a report's text; a menu may contain fewer
_TITLE_OR_LINK = re.compile(r"<(title|a)\b[^<>]{0,3000}>[^<]{0,500}</\1>", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^<>]{0,3000}", re.IGNORECASE)
_MAGIC = (  # how files begin that are no text
    b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"{\\rtf", b"Rar!",
    b"7z\xbc\xaf", b"BM",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ResponseVerdict:
    """What a response is, and the code of the reason."""

    outcome: Outcome
    reason: str = ""


def judge_response(status: int, body: bytes, *, url: str, requested: str = "", mime: str = "") -> ResponseVerdict:
    """Return what a response is, from its status, decompressed body, final address, and the one first requested."""
    if status == 304 or status in _MOVED:
        return judge_data(status)
    page = decode(body[:_JUDGED_BYTES]) if _textual(body, mime) else None
    text = visible_text(page) if page is not None else ""
    if status in data()["challenge"]["status"] or (page is not None and _is_challenge(page, text.lower())):
        return ResponseVerdict(Outcome.BLOCKED, f"http_{status}" if status != 200 else "challenge")
    if not 200 <= status < 300:
        return judge_data(status)
    if not body.strip():
        return ResponseVerdict(Outcome.EMPTY, "no_bytes")
    if page is None:
        return ResponseVerdict(Outcome.PAGE)
    return _judge_page(page, text, url, requested)


def is_document(body: bytes) -> bool:
    """Whether a body is a file (PDF, Word, archive, picture) and not a page, by its first bytes."""
    return body.startswith(_MAGIC)


def judge_data(status: int) -> ResponseVerdict:
    """Return what a response is by its status alone: for scripts, styles, and data that scripts request."""
    if status == 304:
        return ResponseVerdict(Outcome.NOT_MODIFIED)
    reason = f"http_{status}"
    if status in _MOVED:
        return ResponseVerdict(Outcome.REDIRECT, reason)
    if status in data()["challenge"]["status"]:
        return ResponseVerdict(Outcome.BLOCKED, reason)
    if status in {404, 410}:
        return ResponseVerdict(Outcome.NOT_FOUND, reason)
    return ResponseVerdict(Outcome.PAGE) if 200 <= status < 300 else ResponseVerdict(Outcome.ERROR, reason)


def _is_answer(page: str) -> bool:
    """Whether a text is the answer of an interface: JSON, or XML that is no web page. It may rightly be short."""
    if _XML.match(page):
        return True
    if page.lstrip()[:1] not in {"{", "["}:
        return False
    try:
        return isinstance(json.loads(page), (dict, list))
    except (ValueError, RecursionError):
        return False


def has_only_title(page: str) -> bool:
    """Whether a page that is titled as a report has nothing that may be one: no table, picture, frame, link to a file
    or chapters in a script, and beside its title and links hardly any text. It may be an error page in a frame.
    """
    rules, lower = data()["parts"], page.lower()
    if lower.count("<tr") >= MIN_TABLE_ROWS or any(mark in lower for mark in _FRAMES) or has_chapters(page):
        return False
    if re.search("|".join((rf"\.(?:{ENDINGS})\b", *rules["downloads"])), page, re.IGNORECASE):
        return False
    icons = "|".join(rules["icons"])
    if any(not re.search(icons, image, re.IGNORECASE) for image in _IMAGE.findall(page)):
        return False
    return len(visible_text(_TITLE_OR_LINK.sub(" ", page))) < MIN_REPORT_CHARS


def has_chapters(page: str) -> bool:
    """Whether a page contains a report's chapters, also as JSON in a script (of gkmlpt, a content system)."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), page)  # as JSON writes it
    return sum(chapter in text for chapter in words("report_page", "chapters")) >= _CHAPTERS


def is_cut(body: bytes) -> bool:
    """Whether a document was cut: it lacks its closing tag, or %%EOF (PDF). For answers without a stated length."""
    start, end = body[:4096].lower(), body[-4096:].lower()
    if body.startswith(b"%PDF"):
        return b"%%eof" not in end
    return b"<html" in start and b"</html" not in end and b"</body" not in end


def _judge_page(page: str, text: str, url: str, requested: str) -> ResponseVerdict:
    """Judge a text with status 2xx: a page, soft 404, login, empty … ``page``: its source; ``text``: what it shows."""
    if _is_answer(page):
        return ResponseVerdict(Outcome.PAGE)
    title = _TITLE.search(page)
    wording = f"{title.group(1) if title else ''} {text}".lower()
    if len(text) <= _SHORT_CHARS and any(word in wording for word in words("soft_404")):
        return ResponseVerdict(Outcome.SOFT_404, "says_so")
    if len(text) <= _SHORT_CHARS and _links(page) < _LIST_LINKS:
        names_report = _REPORTS.search(wording) is not None
        excuses = any(word in wording for word in words("no_service"))
        if excuses and (not names_report or has_only_title(page)):
            return ResponseVerdict(Outcome.ERROR, "no_service")
        has_password = any(mark in page.lower() for mark in words("login", "fields"))
        if len(text) <= _SHORT_CHARS // 2 and has_password and not names_report:
            return ResponseVerdict(Outcome.BLOCKED, "login")
    if _is_sent_elsewhere(url, requested):
        return ResponseVerdict(Outcome.SOFT_404, "sent_elsewhere")
    if len(text) < 20 and not any(mark in page.lower() for mark in _EMBEDS):
        if "<script" in page.lower():
            return ResponseVerdict(Outcome.PAGE, "script_shell")
        menu = len(list(islice(_LINK.finditer(page), 2))) == 2  # two short links, or the one to reports, are no void
        if not text or not (menu or _WAY.search(page)):
            return ResponseVerdict(Outcome.EMPTY, "no_text")
    return ResponseVerdict(Outcome.PAGE)


def _links(page: str) -> int:
    """Return the number of a page's links, at most ``_LIST_LINKS``."""
    return len(list(islice(_LINK.finditer(page), _LIST_LINKS)))


def _is_sent_elsewhere(url: str, requested: str) -> bool:
    """Whether a request for a page below the home page was redirected to the home page or an error page. The home page
    of a sub-site with the folder's name is none: /xxgk/ → xxgk.guannan.gov.cn.
    """
    before, after = urlsplit(requested or url), urlsplit(url)
    is_moved_folder = before.path.strip("/") == (after.hostname or "").partition(".")[0]
    if before.path == after.path or before.path in {"", "/"} or is_moved_folder:
        return False
    path = after.path.lower()
    return path in {"", "/"} or path.startswith(words("soft_404", "paths")) or "404" in path.rsplit("/", 1)[-1]


def _is_challenge(page: str, text: str) -> bool:
    """Whether a page checks for a browser (by script or cookie) instead of showing its own text. ``text``: visible."""
    if len(text) > _SHORT_CHARS // 2:  # most pages: too much text for a challenge
        return False
    lower = page.lower()
    scripted = any(mark in lower for mark in words("challenge", "script"))
    sets_cookie = "document.cookie" in lower and ("location" in lower or "reload" in lower)
    if not scripted and not sets_cookie and not any(word in lower for word in words("challenge")):
        return False
    if scripted or sets_cookie:
        return len(text) < _SHORT_CHARS // 2
    return any(word in text for word in words("challenge"))


def _textual(body: bytes, mime: str) -> bool:
    if body.startswith(_MAGIC) or b"\x00" in body[:1000]:
        return body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return "pdf" not in mime and not mime.startswith("image/")
