"""Attachments, embedded documents and images of a page. Addresses are kept as printed; nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from archive.documents.markup.meta import plain
from archive.documents.markup.scan import Element, Scan
from archive.documents.markup.vocabulary import Vocabulary
from storage.records import Part

MAX_PARTS = 200
MAX_URL = 2_000
_NAMED = re.compile(r"\.([A-Za-z0-9]{2,4})(?:$|[)）】\s])")
_IN_SCRIPT = re.compile(r"""["']([^"'<>\s]{1,400}\.(?:pdf|ofd|docx?|wps)(?:\?[^"'<>\s]{0,200})?)["']""", re.IGNORECASE)
_ATTACHED = re.compile(r"^附[件表]\s*\d{0,2}\s*[:：.、]?")


def parts_of(scan: Scan, content: Element, vocabulary: Vocabulary, *, bare: bool) -> tuple[Part, ...]:
    """Parts in page order, each address once. ``bare``: the page has no report text, so scripts are searched too."""
    found: dict[tuple[str, str], Part] = {}
    for part in _all(scan, content, vocabulary, bare=bare):
        if part.url and len(part.url) <= MAX_URL:
            found.setdefault((part.kind, part.url), part)
        if len(found) >= MAX_PARTS:
            break
    return tuple(found.values())


def _all(scan: Scan, content: Element, vocabulary: Vocabulary, *, bare: bool) -> Iterator[Part]:
    inside = set(content.iter("*"))
    for element in scan.root.iter("a", "iframe", "embed", "object", "frame"):
        part = _link(element, vocabulary, element in inside) if element.tag == "a" else _frame(element, vocabulary)
        if part is not None:
            yield part
    for image in content.iter("img"):
        url = (image.get("src") or image.get("data-src") or image.get("data-original") or "").strip()
        if url and not vocabulary.ignored_images.search(url) and not _tiny(image):
            yield Part(kind="image", url=url, text=plain(image.get("title") or image.get("alt") or ""))
    if bare:
        for script in scan.root.iter("script"):
            for match in _IN_SCRIPT.finditer((script.text or "")[:200_000]):
                yield Part(kind="embed", url=match.group(1).replace("\\/", "/"))


def _link(element: Element, vocabulary: Vocabulary, inside: bool) -> Part | None:
    url = (element.get("href") or "").strip()
    if not url or url.startswith("#") or url.lower().startswith(("javascript:", "mailto:", "tel:")):
        return None
    text = plain("".join(element.itertext())) or plain(element.get("title") or element.get("download") or "")
    named = extension(url) in vocabulary.extensions or _ends_like_file(text, vocabulary)
    if named or (inside and (_ATTACHED.match(text) or "download" in element.attrib)):
        return Part(kind="attachment", url=url, text=text)
    if (
        vocabulary.downloads.search(url)
        and (inside or named)
        and not extension(url).startswith(("htm", "shtm", "jpg", "png", "gif"))
    ):
        return Part(kind="attachment", url=url, text=text)
    return None


def extension(url: str) -> str:
    """The extension an address ends in, or a file name in its query does; lower case, "" if none."""
    try:
        split = urlsplit(url)
        names = [
            split.path,
            *(value for key, value in parse_qsl(split.query[:1000]) if "name" in key.lower() or "file" in key.lower()),
        ]
    except ValueError:
        return ""
    for name in names:
        tail = unquote(name).rsplit("/", 1)[-1]
        if "." in tail:
            found = tail.rsplit(".", 1)[-1].strip().lower()
            if 1 < len(found) <= 5 and found.isalnum() and found not in ("jsp", "do", "action", "aspx", "php", "html"):
                return found
    return ""


def _ends_like_file(text: str, vocabulary: Vocabulary) -> bool:
    match = _NAMED.search(text[-40:])
    return match is not None and match.group(1).lower() in vocabulary.extensions


def _frame(element: Element, vocabulary: Vocabulary) -> Part | None:
    url = (element.get("src") or element.get("data") or element.get("data-src") or "").strip()
    if not url or vocabulary.ignored_frames.search(url.split("?", 1)[0]):
        return None
    try:  # a viewer: pdfjs/web/viewer.html?file=/…/report.pdf
        query = dict(parse_qsl(urlsplit(url).query[:2000]))
    except ValueError:
        query = {}
    for key in ("file", "pdf", "src", "url"):
        if key in query and extension(query[key]) in vocabulary.extensions:
            return Part(kind="embed", url=query[key], text=plain(element.get("title") or ""))
    if element.tag in ("iframe", "frame") and extension(url) not in vocabulary.extensions:
        return None
    return Part(kind="embed", url=url, text=plain(element.get("title") or ""))


def _tiny(image: Element) -> bool:
    for name in ("width", "height"):
        value = (image.get(name) or "").strip().removesuffix("px")
        if value.isdigit() and int(value) < 40:
            return True
    return False
