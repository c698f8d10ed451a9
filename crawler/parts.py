"""What belongs to a report page: attachments, embedded documents, pictures of its text (pure).

Attachments are known by their ending or by the download addresses of the systems; the name may stand only in the
link's text. A picture counts where the page has little text of its own: then the report may be the pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import lxml.html

from crawler.families.addresses import base_of, join
from crawler.families.lists import Page, parse
from crawler.families.scripted import detail_markup
from crawler.quality import visible_text
from storage.records import Part

MOST = 20
_ENDING = re.compile(r"\.(?:pdf|docx?|wps|wpt|ofd|xlsx?|et|rtf|zip|rar|7z)$", re.IGNORECASE)
_DOWNLOAD = re.compile(
    r"/downfile\.jsp|/download\.jsp|DownloadAttachUrl|/document/download\?|/attachment/\d+/", re.IGNORECASE
)
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|bmp|tiff?)$", re.IGNORECASE)
_ICON = re.compile(r"icon|logo|/images?/|qrcode|ewm|weixin|wechat|banner|/template|/theme|/script/", re.IGNORECASE)
_FORM = re.compile(r"申请表|指南|流程图|收费标准")  # furniture of every page, not of this report
_SHORT = 1500
_PRINTED = re.compile(
    r"(?:发布|发文|生成|公开)?(?:日期|时间)\s*[:：]?\s*((?:19|20)\d\d\s*[-年/.]\s*\d{1,2}\s*[-月/.]\s*\d{1,2}日?)"
)


def parts(page: Page) -> tuple[Part, ...]:
    """Return attachments first, then embedded documents, then pictures; each address once, at most :data:`MOST`."""
    tree = parse(page.text)
    if tree is None:
        return ()
    found: dict[str, Part] = {}
    base = base_of(page.url, tree)
    scripted = detail_markup(page.text)  # some systems keep the document in a script of its page
    inside = parse(scripted) if scripted else None
    trees = [tree] if inside is None else [tree, inside]
    named = [one for part in trees for one in (*_attachments(part), *_embeds(part))]
    if len(visible_text(page.text)) + len(visible_text(scripted)) < _SHORT:
        named += [one for part in trees for one in _pictures(part)]
    for kind, href, text in named:
        if not href or href.lower().startswith(("data:", "javascript:", "about:", "mailto:")):
            continue
        try:
            url = join(base, href)
        except ValueError:
            continue
        if url != page.url and urlsplit(url).scheme in {"http", "https"}:
            found.setdefault(url, Part(kind=kind, url=url, text=" ".join(text.split())[:200]))
    return tuple(found.values())[:MOST]


def _attachments(tree: lxml.html.HtmlElement) -> Iterator[tuple[str, str, str]]:
    for anchor in tree.iter("a"):
        href, text = (anchor.get("href") or "").strip(), "".join(str(part) for part in anchor.itertext())
        named = _ENDING.search(text.strip()) or _ENDING.search(anchor.get("title") or "")
        path = href.partition("#")[0].partition("?")[0]
        if (_ENDING.search(path) or _DOWNLOAD.search(href) or named) and not _FORM.search(text):
            yield "attachment", href, text


def _embeds(tree: lxml.html.HtmlElement) -> Iterator[tuple[str, str, str]]:
    for node in tree.iter("iframe", "embed", "object"):
        href = (node.get("src") or node.get("data") or "").strip()
        inner = re.search(r"[?&]file=([^&#]{1,500})", href)  # viewer.html?file=…
        target = unquote(inner.group(1)) if inner else href
        if _ENDING.search(target.partition("#")[0].partition("?")[0]):
            yield "embed", target, ""


def _pictures(tree: lxml.html.HtmlElement) -> Iterator[tuple[str, str, str]]:
    for node in tree.iter("img"):
        href = (node.get("src") or "").strip()
        if _PICTURE.search(href.partition("?")[0]) and not _ICON.search(href):
            yield "image", href, node.get("alt") or ""


def printed_date(text: str) -> str | None:
    """Return the first date printed with a label (发布时间:2026-01-22), as printed without blanks; None if there is
    none.
    """
    found = _PRINTED.search(visible_text(text))
    return re.sub(r"\s+", "", found.group(1)) if found else None
