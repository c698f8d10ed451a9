"""What a page says about itself: metadata, the columns above its text, attachments, and what is no text of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import takewhile
from urllib.parse import parse_qsl, unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.documents.charset import unescaped
from archive.documents.model import Paragraph, Table
from archive.documents.style_visibility import Attributes
from archive.file_endings import DOCUMENTS, FILES
from storage import page_metadata
from storage.page_metadata import MOST, plain
from storage.records import Part

MAX_PARTS = 200
MAX_URL_CHARS = 2_000
LINE_MAX_CHARS = 160  # a longer line is no label with its value
WORDS = tomllib.loads(files("archive.documents").joinpath("page_words.toml").read_text("utf-8"))


def _any_of(name: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in WORDS[name]), re.IGNORECASE)


FURNITURE_NAMES = frozenset(WORDS["furniture_names"])  #: words of classes and ids of what surrounds the text
TRAIL_NAMES = frozenset(WORDS["trail_names"])  #: the same of the columns above it
_DOWNLOAD, _IGNORED_FRAME, _IGNORED_IMAGE = map(_any_of, ("downloads", "ignored_frames", "ignored_images"))
_VALUE_TAIL = _any_of("value_tails")
_LABELS = frozenset(WORDS["labels"] + WORDS["value_labels"])
_COUNTERS = frozenset(WORDS["counters"])
_LONGEST_FIRST = "|".join(r"\s{0,2}".join(label) for label in sorted(_LABELS, key=len, reverse=True))
_BEGINS_LABEL = r"(?:(?<![\u4e00-\u9fff])|(?=[\u4e00-\u9fff]{2}(?:日期|时间)))"  # 来源：司法局发布日期：2023-01-10
_LABEL = re.compile(rf"{_BEGINS_LABEL}[【\[]?({_LONGEST_FIRST})[】\]]?[:：]")
_BEHIND_DAY = _any_of("behind_day")
_DAY = re.compile(
    r"[【\[（(]?\s?(20\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}\s?日?(?:[\sT]\d\d:\d\d(?::\d\d)?)?)\s?[】\]）)]?"
)
_CHAPTER = re.compile(r"[一1][、.．]\s?(?:总体|總體|工作|基本|概述|主动公开)")
_TRAIL = re.compile(
    r"(?:您(?:现在)?(?:所在)?的?(?:当前)?位置|当前(?:所在)?位置|您所在的位置|现在位置|位置)(?:是|为)?[:：]?\s?"
)
_STEP = re.compile(r"\s*(?:>{1,2}|»|›|→|＞|\\|/|\||\s-\s)\s*")
_NAME = re.compile(r"[\w-]+")
_FILE_NAME = re.compile(r"\.([A-Za-z0-9]{2,4})(?:$|[)）】\s])")
_QUOTED_FILE = re.compile(rf"""["']([^"'<>\s]{{1,400}}\.(?:{DOCUMENTS})(?:\?[^"'<>\s]{{0,200}})?)["']""", re.IGNORECASE)
_ATTACHMENT = re.compile(r"附[件表]\s*\d{0,2}\s*[:：.、]?")
_SHOWN_BY_KEY = ("file", "pdf", "src", "url", "furl", "pdfurl", "fileurl")
_PAGE_ENDINGS = ("htm", "shtm", "jpg", "png", "gif", "jsp", "do", "php", "asp")


def words_of(attributes: Attributes) -> set[str]:
    """Return the words of an element's class and id, in lower case."""
    said = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return set(_NAME.findall(said.lower())) if said != " " else set()


def is_icon(attributes: Attributes) -> bool:
    """Whether an image is a small sign or a spacer."""
    sizes = [attributes.get(name) or "" for name in ("width", "height")]
    is_small = any(size.removesuffix("px").isdecimal() and int(size.removesuffix("px")[:6]) <= 32 for size in sizes)
    source = (attributes.get("src") or "")[:MAX_URL_CHARS]
    return is_small or (not source.startswith("data:") and _IGNORED_IMAGE.search(source) is not None)


def read_meta(tree: LexborHTMLParser) -> dict[str, str]:
    """Return the page's meta tags by lower-case name, and ``<publishtime>``.

    A PubDate that is the time of building goes by the name ``pagebuilt``.
    """
    attributes = [node.attributes for node in tree.css("meta[content]")]
    found = page_metadata.tags((one.get("name") or one.get("property"), one.get("content")) for one in attributes)
    if page_metadata.built_not_published(found):
        found["pagebuilt"] = found.pop("pubdate")
    printed = tree.css_first("publishtime")
    if printed is not None and (text := plain(printed.text())):
        found.setdefault("publishtime", text)
    return found


def read_labels(blocks: Iterable[Paragraph | Table]) -> dict[str, str]:
    """Return label → value of what stands before the report's first chapter: the 索引号 table, the line of the source.

    A day without a label goes by the name ``dateline``, unless several stand there.
    """
    found: dict[str, str] = {}
    days: set[str] = set()
    texts = list(takewhile(lambda text: not _CHAPTER.match(text), _lines_of(blocks)))
    for text, after in zip(texts, [*texts[1:], ""], strict=False):
        if len(text) > LINE_MAX_CHARS:
            continue
        bare = text.strip("【】[]:： ").replace(" ", "")
        if bare in _LABELS:
            if not _LABEL.match(after) and after.strip("：: ") not in _LABELS:
                _keep(bare, after, found)
            continue
        marks = list(_LABEL.finditer(text))
        for mark, end in zip(marks, [*(m.start() for m in marks[1:]), len(text)], strict=False):
            _keep(mark[1], text[mark.end() : end], found)
        day = _DAY.match(text)
        if day and (not text[day.end() :].strip() or _BEHIND_DAY.match(text[day.end() :].strip(" |｜"))):
            days.add(day[1].strip())
    return found | ({"dateline": days.pop()} if len(days) == 1 else {})


def _lines_of(blocks: Iterable[Paragraph | Table]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.text
        else:
            yield from (" ".join(cell.text.split()) for cell in block.cells)


def _keep(label: str, value: str, found: dict[str, str]) -> None:
    value = _VALUE_TAIL.sub("", value[:LINE_MAX_CHARS]).strip(" \u3000|【[：:")
    if (day := _DAY.search(value, 1)) and not value[day.end() :]:  # 来源：司法局 2022-02-10
        value = value[: day.start()].strip()
    name = "".join(label.split())
    if value not in ("", "无", "-", "/") and name not in _COUNTERS:
        found.setdefault(name, value[:MOST])


def read_breadcrumb(trail: LexborNode | None, blocks: Iterable[Paragraph | Table]) -> tuple[str, ...]:
    """Return the columns that the page prints above its text, from the outermost on."""
    texts = [] if trail is None else [_separated_links(trail)]
    texts += [one.text for one in blocks if isinstance(one, Paragraph) and _TRAIL.match(one.text)]
    for text in texts:
        steps = [step.strip(" :：>") for step in _STEP.split(_TRAIL.sub("", text[:400]))]
        if len(steps := [step[:60] for step in steps if any(map(str.isalnum, step))]) > 1:
            return tuple(steps[:12])
    return ()


def _separated_links(trail: LexborNode) -> str:
    """Return the text of a trail, its links parted where nothing but style parts them."""
    text = " ".join(trail.text().split())
    return text if _STEP.search(text) else " > ".join(" ".join(one.text().split()) for one in trail.css("a")) or text


def collect_parts(tree: LexborHTMLParser, *, is_bare: bool) -> tuple[Part, ...]:
    """Return attachments, embedded documents and images in page order, each address once, as printed.

    ``is_bare``: the page has no text to speak of, so whatever it frames or names in a script may be the report.
    """
    found: dict[tuple[str, str], Part] = {}
    for node in tree.css("a, iframe, frame, embed, object, img"):
        attributes = node.attributes
        if node.tag == "a":
            part = _link(node, attributes)
        elif node.tag == "img":
            part = _image(attributes)
        else:
            part = _frame(node, attributes, is_bare=is_bare)
        if part is not None and len(part.url) <= MAX_URL_CHARS:
            found.setdefault((part.kind, part.url), part)
    for script in tree.css("script") if is_bare else ():
        for match in _QUOTED_FILE.finditer(script.text()[:200_000]):
            part = Part(kind="embed", url=match[1].replace("\\/", "/"))
            found.setdefault((part.kind, part.url), part)
    return tuple(found.values())[:MAX_PARTS]


def _link(node: LexborNode, attributes: Attributes) -> Part | None:
    url = (attributes.get("href") or "").strip()
    if not url or url.startswith("#") or url[:11].lower().startswith(("javascript:", "mailto:", "tel:")):
        match = _QUOTED_FILE.search(f"{url} {attributes.get('onclick') or ''}"[:1000])
        return Part(kind="attachment", url=match[1], text=_caption(node, attributes)) if match else None
    ending = file_ending(url)
    if viewed := _viewed_file(url):
        return Part(kind="attachment", url=viewed, text=_caption(node, attributes))
    text = _caption(node, attributes)
    name = _FILE_NAME.search(text[-40:])
    is_file = ending in FILES or (name is not None and name[1].lower() in FILES)
    is_download = "download" in attributes or _ATTACHMENT.match(text) or _DOWNLOAD.search(url)
    if is_file or (is_download and not ending.startswith(_PAGE_ENDINGS)):
        return Part(kind="attachment", url=url, text=text)
    return None


def _caption(node: LexborNode, attributes: Attributes) -> str:
    return plain(node.text()) or plain(attributes.get("title") or attributes.get("download") or "")


def _image(attributes: Attributes) -> Part | None:
    lazily = attributes.get("data-src") or attributes.get("data-original") or ""
    url = (attributes.get("src") or lazily).strip()
    url = lazily.strip() if url.startswith("data:") else url
    text = plain(attributes.get("title") or attributes.get("alt") or "")
    return Part(kind="image", url=url, text=text) if url and not is_icon({**attributes, "src": url}) else None


def _frame(node: LexborNode, attributes: Attributes, *, is_bare: bool) -> Part | None:
    url = next((value for name in ("src", "data", "data-src") if (value := attributes.get(name))), "").strip()
    if not url and node.tag == "object":
        given = {(one.attributes.get("name") or "").lower(): one.attributes.get("value") for one in node.css("param")}
        url = next((value for name in ("src", "movie", "filename", "url") if (value := given.get(name))), "").strip()
    if not url or url[:11].lower().startswith(("javascript:", "about:", "data:")):
        return None
    if _IGNORED_FRAME.search(url.split("?", 1)[0]):
        return None
    viewed = _viewed_file(url)
    is_document = bool(viewed) or file_ending(url) in FILES
    if not is_document and not is_bare:
        return None
    return Part(kind="embed", url=viewed or url, text=plain(attributes.get("title") or ""))


def file_ending(url: str) -> str:
    """Return the ending of the file that an address names, in its path or its query, in lower case; else ""."""
    try:
        split = urlsplit(url)
        query = parse_qsl(split.query[:1000])
    except ValueError:
        return ""
    names = [split.path, *(value for key, value in query if "name" in key.lower() or "file" in key.lower())]
    endings = (unquote(name).rpartition("/")[2].rpartition(".")[2].strip().lower() for name in names if "." in name)
    return next((ending for ending in endings if 1 < len(ending) <= 5 and ending.isalnum()), "")


def _viewed_file(url: str) -> str:
    """Return the file that a viewer is asked to show (viewer.html?file=…/a.pdf), "" if it is no viewer."""
    if "=" not in url or _DOWNLOAD.search(url):
        return ""
    try:
        split = urlsplit(url)
        asked = f"{split.query[:2000]}&{split.fragment[:500]}"
    except ValueError:
        return ""
    pairs = (pair.partition("=") for pair in asked.split("&"))
    query = {key.lower(): unescaped(value) for key, _, value in pairs}
    shown = (query[key] for key in _SHOWN_BY_KEY if key in query)
    return next((one for one in shown if "/" in one and file_ending(one) in FILES), "")
