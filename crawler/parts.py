"""What belongs to a report page: attachments, embedded documents, pictures of its text (pure).

Attachments are known by their ending or by the download addresses of the systems; the name may stand only in the link's text. A
picture counts where the page has little text of its own: then the report may be the pictures.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

from crawler.families.lists import Page, join, parse
from crawler.quality import visible_text
from storage.records import Part

MOST = 20
_ENDING = re.compile(r"\.(?:pdf|docx?|wps|wpt|ofd|xlsx?|et|rtf|zip|rar|7z)$", re.IGNORECASE)
_DOWNLOAD = re.compile(r"/downfile\.jsp|/download\.jsp|DownloadAttachUrl|/document/download\?|/attachment/\d+/", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|bmp|tiff?)$", re.IGNORECASE)
_ICON = re.compile(r"icon|logo|/images?/|qrcode|ewm|weixin|wechat|banner|/template|/theme|/script/", re.IGNORECASE)
_FORM = re.compile(r"申请表|指南|流程图|收费标准")  # furniture of every page, not of this report
_SHORT = 1500
_PRINTED = re.compile(r"(?:发布|发文|生成|公开)?(?:日期|时间)\s*[:：]?\s*((?:19|20)\d\d\s*[-年/.]\s*\d{1,2}\s*[-月/.]\s*\d{1,2}日?)")


def parts(page: Page) -> tuple[Part, ...]:
    """Attachments first, then embedded documents, then pictures; each address once, at most :data:`MOST`."""
    tree = parse(page.text)
    if tree is None:
        return ()
    found: dict[str, Part] = {}

    def add(kind: str, href: str | None, text: str = "") -> None:
        if not href or href.lower().startswith(("data:", "javascript:", "about:", "mailto:")):
            return
        try:
            url = join(page.url, href)
        except ValueError:
            return
        if url != page.url and urlsplit(url).scheme in {"http", "https"}:
            found.setdefault(url, Part(kind=kind, url=url, text=" ".join(text.split())[:200]))

    for anchor in tree.iter("a"):
        href, text = (anchor.get("href") or "").strip(), "".join(str(part) for part in anchor.itertext())
        named = _ENDING.search(text.strip()) or _ENDING.search(anchor.get("title") or "")
        if (_ENDING.search(urlsplit(href).path) or _DOWNLOAD.search(href) or (named and href)) and not _FORM.search(text):
            add("attachment", href, text)
    for node in tree.iter("iframe", "embed", "object"):
        href = (node.get("src") or node.get("data") or "").strip()
        inner = parse_qs(urlsplit(href).query).get("file", [""])[0]  # viewer.html?file=…
        if _ENDING.search(unquote(urlsplit(inner or href).path)):
            add("embed", unquote(inner) if inner else href)
    if len(visible_text(page.text)) < _SHORT:
        for node in tree.iter("img"):
            href = (node.get("src") or "").strip()
            if _PICTURE.search(urlsplit(href).path) and not _ICON.search(href):
                add("image", href, node.get("alt") or "")
    return tuple(found.values())[:MOST]


def printed_date(text: str) -> str | None:
    """The first date printed with a label (发布时间:2026-01-22), as printed without blanks; None if there is none."""
    found = _PRINTED.search(visible_text(text))
    return re.sub(r"\s+", "", found.group(1)) if found else None
