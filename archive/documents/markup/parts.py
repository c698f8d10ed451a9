"""Attachments, embedded documents and images of a page. Addresses are kept as printed; nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from archive.documents.markup.images import is_icon
from archive.documents.markup.scan import Element, Scan
from archive.documents.markup.vocabulary import Vocabulary
from archive.file_endings import DOCUMENTS, FILES
from storage.page_metadata import plain
from storage.records import Part

_PARAMETERS = frozenset(("src", "movie", "filename", "url"))
_PLAIN = re.compile(r"[A-Za-z0-9_./:-]{1,300}")  # no query, nothing quoted
_PAGES = frozenset(("jsp", "do", "action", "aspx", "php", "html"))
MAX_PARTS = 200
MAX_URL = 2_000
_NAMED = re.compile(r"\.([A-Za-z0-9]{2,4})(?:$|[)）】\s])")
_IN_SCRIPT = re.compile(rf"""["']([^"'<>\s]{{1,400}}\.(?:{DOCUMENTS})(?:\?[^"'<>\s]{{0,200}})?)["']""", re.IGNORECASE)
# an address that downloads by its own name is no viewer of what its query names (Hanweb JPAAS)
_FETCHES = re.compile(r"/[\w-]{0,30}down[-_]?(?:load|file)[\w-]{0,20}(?:\.\w{2,5})?$", re.IGNORECASE)
_VIEWER = re.compile(r"viewer|pdf\.?js", re.IGNORECASE)
_ATTACHED = re.compile(r"^附[件表]\s*\d{0,2}\s*[:：.、]?")


def parts_of(
    scan: Scan, content: Element, vocabulary: Vocabulary, sources: Sequence[tuple[str, str]] = (), *, bare: bool = False
) -> tuple[Part, ...]:
    """Parts in page order, each address once.

    ``bare``: the page has no report text, so whatever it frames may be the report, and ``sources``, its scripts, are
    searched for addresses too.
    """
    found: dict[tuple[str, str], Part] = {}
    for part in _all(scan, content, vocabulary, sources, bare=bare):
        if part.url and len(part.url) <= MAX_URL:
            found.setdefault((part.kind, part.url), part)
        if len(found) >= MAX_PARTS:
            break
    return tuple(found.values())


def _all(
    scan: Scan, content: Element, vocabulary: Vocabulary, sources: Sequence[tuple[str, str]], *, bare: bool
) -> Iterator[Part]:
    inside = set(content.iter("a"))
    for element in scan.root.iter("a", "iframe", "embed", "object", "frame"):
        if element.tag == "a":
            part = _link(element, vocabulary, element in inside)
        else:
            part = _frame(element, vocabulary, bare=bare)
        if part is not None:
            yield part
    for image in content.iter("img"):
        url = (image.get("src") or image.get("data-src") or image.get("data-original") or "").strip()
        if url.startswith("data:"):  # a placeholder until a script loads the image, or a picture of its own
            url = (image.get("data-src") or image.get("data-original") or "").strip()
        if url and not vocabulary.ignored_images.search(url) and not is_icon(image):
            yield Part(kind="image", url=url, text=plain(image.get("title") or image.get("alt") or ""))
    for tag, text in sources:
        if tag == "script":
            for match in _IN_SCRIPT.finditer(text[:200_000]):
                yield Part(kind="embed", url=match.group(1).replace("\\/", "/"))


def _link(element: Element, vocabulary: Vocabulary, inside: bool) -> Part | None:
    url = (element.get("href") or "").strip()
    low = url[:11].lower()
    if not url or url.startswith("#") or low.startswith(("javascript:", "mailto:", "tel:")):
        call = f"{url if low == 'javascript:' else ''} {element.get('onclick') or ''}"[:1000]
        match = _IN_SCRIPT.search(call)  # javascript:download('/files/report.pdf')
        if match is None:
            return None
        return Part(kind="attachment", url=match.group(1), text=_caption(element))
    known = extension(url)
    looks = known in FILES or vocabulary.downloads.search(url) is not None
    if not inside and not looks:
        text = "".join(element.itertext())
        return Part(kind="attachment", url=url, text=plain(text)) if _ends_like_file(text) else None
    text = _caption(element)
    viewed = _viewed(url)
    if viewed:
        return Part(kind="attachment", url=viewed, text=text)
    named = known in FILES or _ends_like_file(text)
    if named or (inside and (_ATTACHED.match(text) or "download" in element.attrib)):
        return Part(kind="attachment", url=url, text=text)
    if looks and inside and not known.startswith(("htm", "shtm", "jpg", "png", "gif")):
        return Part(kind="attachment", url=url, text=text)
    return None


def _caption(element: Element) -> str:
    return plain("".join(element.itertext())) or plain(element.get("title") or element.get("download") or "")


def extension(url: str) -> str:
    """The extension an address ends in, or a file name in its query does; lower case, "" if none."""
    if _PLAIN.fullmatch(url):
        return _ending(url) if "/" in url.partition("://")[2] or "://" not in url else ""
    try:
        split = urlsplit(url)
        names = [
            split.path,
            *(value for key, value in parse_qsl(split.query[:1000]) if "name" in key.lower() or "file" in key.lower()),
        ]
    except ValueError:
        return ""
    return next((found for name in names if (found := _ending(unquote(name)))), "")


def _ending(path: str) -> str:
    """The extension of the last part of a path, "" if it is none of a file."""
    tail = path.rsplit("/", 1)[-1]
    if "." not in tail:
        return ""
    found = tail.rsplit(".", 1)[-1].strip().lower()
    return found if 1 < len(found) <= 5 and found.isalnum() and found not in _PAGES else ""


def _ends_like_file(text: str) -> bool:
    match = _NAMED.search(text[-40:])
    return match is not None and match.group(1).lower() in FILES


def _viewed(url: str) -> str:
    """The document a viewer is asked to show: pdfjs/web/viewer.html?file=%2F…%2Freport.pdf; "" if it is no viewer."""
    if "=" not in url:
        return ""
    try:
        split = urlsplit(url)
        query = {key.lower(): value for key, value in parse_qsl(f"{split.query[:2000]}&{split.fragment[:500]}")}
    except ValueError:
        return ""
    if extension(split.path) not in ("", "htm", "html", "shtml", "aspx") or _FETCHES.search(split.path):
        return ""
    for key in ("file", "pdf", "src", "url", "furl", "pdfurl", "fileurl"):
        if key in query and extension(query[key]) in FILES:
            if "/" in query[key]:
                return query[key]
            if _VIEWER.search(split.path):  # as a browser finds it: beside the viewer
                return urljoin(url, query[key])
    return ""


def _frame(element: Element, vocabulary: Vocabulary, *, bare: bool) -> Part | None:
    url = (element.get("src") or element.get("data") or element.get("data-src") or "").strip()
    if element.tag == "object" and not url:
        params = (
            p for p in element.iter("param") if (p.get("name") or "").lower() in ("src", "movie", "filename", "url")
        )
        url = next(((p.get("value") or "").strip() for p in params), "")
    low = url.lower()
    if not url or low.startswith(("javascript:", "about:", "data:")) or _ignored(url, vocabulary):
        return None
    text = plain(element.get("title") or "")
    viewed = _viewed(url)
    if viewed:
        return Part(kind="embed", url=viewed, text=text)
    if element.tag in ("iframe", "frame") and extension(url) not in FILES and not bare:
        return None
    if element.tag in ("embed", "object") and extension(url) in ("swf", "mp3", "mp4", "flv", "wav", "wma", "wmv"):
        return None
    return Part(kind="embed", url=url, text=text)


def _ignored(url: str, vocabulary: Vocabulary) -> bool:
    return vocabulary.ignored_frames.search(url.split("?", 1)[0]) is not None
