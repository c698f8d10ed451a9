"""Finds the files that belong to a report's page: attachments, embedded documents, further pages of its text, pictures.
If scripts make the page, the files are those of the page as a browser shows it.

An attachment is recognised by a file ending, which may be only in the link's text, or by the download addresses of
content systems. A viewer's address contains that of the document. Pictures count if the page has little text, or a text
without a table: then the pictures may be the report, or its tables. The words and patterns are data
(``parts`` in ``net/page_words.toml``, ``content`` of each system in ``cms/signatures.toml``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import cache
from html import escape
from itertools import islice
from urllib.parse import parse_qsl, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.file_endings import ENDINGS
from crawler.crawl_run import CrawlRun
from crawler.lists.html_tree import TARGET, resolve
from crawler.lists.words import SCRIPT
from crawler.net.fetching import Fetched
from crawler.net.web_page import (
    MAX_CHARS,
    MIN_TABLE_ROWS,
    ResponseVerdict,
    WebPage,
    data,
    has_chapters,
    is_document,
    parse,
    visible_text,
)
from crawler.signatures import signatures
from storage.errors import StorageError
from storage.records import CaptureOutcome, PagePart

MAX_PARTS = 3_000  # of one page
MAX_SCRIPT_FILES, MAX_SCRIPT_CHARS, MAX_FURTHER_PAGES = 20, 200_000, 60
SHORT_PAGE_CHARS, SHORT_TEXT_CHARS = 1_500, 500  # below this length of the page, or of its text, pictures are files
_NO_PROSE = ["a", "script", "style", "select"]
_QUOTED = re.compile(  # an address, not a file's name in alt='…', title='…', download='…', \"name\":"…"
    r"""(?<!alt=)(?<!title=)(?<!download=)(?<!name":)(?<!title":)(?<!name":\s)(?<!title":\s)"""
    rf"""["']([^"'<>\s]{{1,400}}\.(?:{ENDINGS})(?:\?[^"'<>\s]{{0,200}})?)["']""",
    re.IGNORECASE,
)
_DETAIL = re.compile(r"""\bDETAIL["']?\s{0,9}[:=]\s{0,9}(?=\{)""")  # gkmlpt puts a document into its page's script
_Named = tuple[str, str, str]  # kind of a PagePart, its address as written, its link's text
_MAX_BYTES = 8 << 20  # bytes of a page in which files are looked for: its tree takes fifty times as much memory
_SHELL_MAX_CHARS = 200  # characters that a page may print before its scripts run: "please wait", the footer
_NOT_SHOWN = ResponseVerdict(CaptureOutcome.ERROR, "scripts_make_the_page")
#: Opens a report's page in a browser; returns the page as shown, or an error verdict; None if no browser may be used.
Render = Callable[[Fetched], Awaitable[Fetched | None]]


async def files_of(fetched: Fetched, run: CrawlRun, render: Render) -> tuple[Fetched, tuple[PagePart, ...]]:
    """Return the page that names the files of a report, and the files. If scripts make the page, it is opened in a
    browser; if that fails, the returned page has a verdict that says why. ``run``: gives the stored page where the
    server answered that it is unchanged; ``render``: opens the page in a browser.

    A document (PDF, Word …) has no files, and in a page of more than 8 MB none are looked for.
    """
    if fetched.verdict.outcome is CaptureOutcome.NOT_MODIFIED and fetched.capture is not None:
        try:
            fetched = replace(fetched, body=run.held_body(fetched.capture))
        except StorageError:
            return fetched, ()
    if is_document(fetched.body) or len(fetched.body) > _MAX_BYTES:
        return fetched, ()
    page = fetched.page
    links = parts(page)
    if not links and _is_shell(page):
        rendered = await render(fetched)
        if rendered is None or rendered.verdict.outcome is not CaptureOutcome.PAGE:
            return rendered or replace(fetched, verdict=_NOT_SHOWN), ()
        fetched, links = rendered, parts(rendered.page)
    return fetched, links


def _is_shell(page: WebPage) -> bool:
    """Whether a report's page shows nothing before its scripts load data: it prints at most 200 characters, has scripts
    but no form or frame, and the scripts do not contain the report's text (those of gkmlpt, a content system, do).
    """
    if len(page.shown) > _SHELL_MAX_CHARS or page.tree.css_first("script") is None:
        return False
    if page.tree.css_first("form, iframe, frame") is not None:
        return False
    return not has_chapters(page.text)


def parts(page: WebPage) -> tuple[PagePart, ...]:
    """Return attachments, embedded documents, further pages of the text, then pictures: at most ``MAX_PARTS``."""
    tree = page.tree
    scripted = _detail_markup(page.text)
    inside = parse(scripted) if scripted else None
    body = inside if inside is not None else _body(tree)
    trees = [tree] if inside is None else [tree, inside]
    is_bare = _is_bare(page, body, scripted)
    candidates = [one for node in trees for one in _attachments(node)]
    candidates += [one for node in trees for one in _embeds(node)]
    if is_bare or body is not None:
        candidates += _in_scripts(tree if is_bare or body is None else body)
    candidates += [("embed", url, "") for url in _further_pages(page)]
    has_table = body is not None and any(len(table.css("tr")) >= MIN_TABLE_ROWS for table in body.css("table"))
    if is_bare or (body is not None and not has_table):
        candidates += _pictures(tree if body is None else body, inside_text=body is not None)
    by_url: dict[str, PagePart] = {}
    for kind, href, text in candidates:
        url = resolve(page.base, href) if href else ""
        if url and url != page.url:
            by_url.setdefault(url, PagePart(kind=kind, url=url, text=" ".join(text.split())[:200]))
    return tuple(by_url.values())[:MAX_PARTS]


def _detail_markup(text: str) -> str:
    """Return as HTML the text and attachments that gkmlpt, a content system, keeps in a script of the page; or ""."""
    match = _DETAIL.search(text[:2_000_000]) if "_CONFIG" in text[:2_000_000] else None
    if match is None:
        return ""
    try:
        detail = json.JSONDecoder(strict=False).raw_decode(text[match.end() : match.end() + 4_000_000])[0]
    except (ValueError, RecursionError):
        return ""
    files = detail.get("attachment") or detail.get("attachments") or []
    rows = [one for one in files if isinstance(one, dict)] if isinstance(files, list) else []
    links = [
        f'<a href="{escape(str(one.get("url") or ""))}">{escape(str(one.get("name") or one.get("title") or ""))}</a>'
        for one in rows[:50]
    ]
    return str(detail.get("content") or "") + "".join(links)


def _further_pages(page: WebPage) -> list[str]:
    """Return the file names of the second and later pages of a document, if the page has a pager for itself."""
    own = urlsplit(page.url).path.rpartition("/")[2].rpartition(".")[0]
    text = page.text if "createPageHTML" in page.text else ""  # a quick test: few pages have it
    for call, first in (("calls_trs", 0), ("calls_named", 1)):  # the number of the first page
        for pager in re.finditer(SCRIPT[call], text):
            if pager["stem"] == own:
                numbers = range(first + 1, min(first + int(pager["pages"]), MAX_FURTHER_PAGES))
                return [f"{own}_{number}.{pager['ending']}" for number in numbers]
    return []


def _body(tree: LexborNode) -> LexborNode | None:
    """Return the first non-empty element that holds a document's text in any content system; None if there is none."""
    selectors = dict.fromkeys(one for family in signatures().values() for one in family.content)
    bodies = (body for selector in selectors for body in tree.css(selector))
    return next((one for one in bodies if one.css_first("img, iframe, embed") is not None or one.text().strip()), None)


def _is_bare(page: WebPage, body: LexborNode | None, scripted: str) -> bool:
    """Whether the page has so little text that the report must be in a file or a picture. ``body``: the element that
    holds the report's text; ``scripted``: markup of that text which a script holds.
    """
    inside = "".join(body.text().split()) if body is not None else ""
    if len(inside) >= SHORT_PAGE_CHARS and body is not None and body.css_first("script, style, noscript") is None:
        return False  # true of most pages, and cheap to test
    if len(page.shown) + len(visible_text(scripted)) < SHORT_PAGE_CHARS:
        return True
    if body is None:
        tree = LexborHTMLParser(page.text[:MAX_CHARS])
        tree.strip_tags(_NO_PROSE, recursive=True)
        inside = "".join(tree.text().split())
    return len(inside) < SHORT_TEXT_CHARS


def _attachments(tree: LexborNode) -> Iterator[_Named]:
    """Yield the links that lead to files, by their addresses or names, except forms and files that are no reports."""
    ending, downloads, never, forms = (_rule(name) for name in ("ending", "downloads", "never", "forms"))
    for anchor in tree.css("a"):
        attributes = anchor.attributes
        href = (attributes.get("href") or "").strip()
        if not href or href.lower().startswith(("javascript:", "mailto:", "tel:", "#")):
            script = TARGET.search(f"{href} {attributes.get('onclick') or ''}"[:4000])
            href = script["url"] if script else ""
        if not (href := _target_of(href)):
            continue
        text = anchor.text()
        names = [name for name in (text.strip(), *map(attributes.get, ("title", "download", "alt"))) if name]
        file_name = next((name for name in names if ending.search(name)), "")  # names the file
        path = href.partition("#")[0].partition("?")[0]
        is_file = file_name or "download" in attributes or ending.search(path) or downloads.search(href)
        if is_file and not never.search(href) and not forms.search(text):
            yield "attachment", href, file_name or next(iter(names), "")


def _embeds(tree: LexborNode) -> Iterator[_Named]:
    """Yield the documents that frames and players on the page show."""
    for node in tree.css("iframe, frame, embed, object, param"):
        attributes = node.attributes
        if node.tag == "param" and (attributes.get("name") or "").lower() not in {"src", "movie", "filename", "url"}:
            continue
        target = _target_of((attributes.get("src") or attributes.get("data") or attributes.get("value") or "").strip())
        path = target.partition("#")[0].partition("?")[0]
        if _rule("ending").search(path) or (node.tag != "param" and _rule("downloads").search(target)):
            yield "embed", target, ""


def _in_scripts(tree: LexborNode) -> Iterator[_Named]:
    """Return documents that are named in scripts: ``showVsbpdfIframe('/a.pdf', …)``, ``PDFObject.embed``."""
    for script in tree.css("script"):
        for match in islice(_QUOTED.finditer(script.text()[:MAX_SCRIPT_CHARS]), MAX_SCRIPT_FILES):
            yield "embed", match[1].replace("\\/", "/"), ""


def _target_of(href: str) -> str:
    """Return the document in a viewer's address (``viewer.html?file=…``); return any other address unchanged."""
    path, _, query = href.partition("#")[0].partition("?")
    if not query or _rule("downloads").search(f"{path}?") or _rule("fetches").search(path):
        return href
    values = (value for name, value in parse_qsl(query[:4_000]) if name.lower() in data()["parts"]["viewers"])
    is_file = (one for one in values if _rule("ending").search(one.partition("?")[0]) or _rule("downloads").search(one))
    return next(is_file, href)


def _pictures(tree: LexborNode, *, inside_text: bool) -> Iterator[_Named]:
    """Yield the pictures of a tree, but no icons. ``inside_text``: the tree holds only the report's text; there a
    file's name tells an icon, elsewhere its folder does too.
    """
    for node in tree.css("img"):
        sources = [(node.attributes.get(name) or "").strip() for name in ("src", "data-src", "data-original")]
        href = next((one for one in sources if one and not one.lower().startswith("data:")), "")
        path = href.partition("?")[0]
        icon = _rule("icons").search(path.rpartition("/")[2] if inside_text else path)
        if _rule("pictures").search(path) and not icon:
            yield "image", href, node.attributes.get("alt") or ""


@cache
def _rule(name: str) -> re.Pattern[str]:
    """Return a pattern for the addresses of a report's parts by its ``name`` in the data file, or of file endings."""
    rules = data()["parts"]
    if name == "ending":
        return re.compile(rf"\.(?:{ENDINGS})$", re.IGNORECASE)
    if name == "pictures":
        return re.compile(rf"\.(?:{'|'.join(rules['pictures'])})$", re.IGNORECASE)
    return re.compile("|".join(rules[name]), re.IGNORECASE)
