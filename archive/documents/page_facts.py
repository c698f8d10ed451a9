"""Read what an HTML page says about itself: metadata, breadcrumb, attachments, and which parts are not its text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import lru_cache
from importlib.resources import files
from itertools import takewhile
from urllib.parse import parse_qsl, unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.documents.charset import unescaped
from archive.documents.model import Paragraph, Table
from archive.documents.style_visibility import Attributes
from archive.file_endings import DOCUMENTS, ENDINGS, FILES
from storage import page_metadata
from storage.page_metadata import without_markup
from storage.records import PagePart

MAX_PARTS = 200
MAX_URL_CHARS = 2_000
MAX_MEASURED = 300  # elements of a page whose text length is measured
FURNITURE_MAX_CHARS, TRAIL_MAX_CHARS = 1_000, 200
LINE_MAX_CHARS = 160  # a longer line is not a label with its value
WORDS = tomllib.loads(files("archive.documents").joinpath("page_words.toml").read_text("utf-8"))


def _any_of(name: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in WORDS[name]), re.IGNORECASE)


_FURNITURE_NAMES, _TRAIL_NAMES = frozenset(WORDS["furniture_names"]), frozenset(WORDS["trail_names"])
_DOWNLOAD, _IGNORED_FRAME, _IGNORED_IMAGE = map(_any_of, ("downloads", "ignored_frames", "ignored_images"))
_VALUE_TAIL = _any_of("value_tails")
_LABELS = frozenset(WORDS["labels"] + WORDS["value_labels"])
_COUNTERS = frozenset(WORDS["counters"])
_LONGEST_FIRST = "|".join(r"\s{0,6}".join(label) for label in sorted(_LABELS, key=len, reverse=True))
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
_FILE_NAME = re.compile(rf"\.(?:{ENDINGS})(?:$|[)）】\s])", re.IGNORECASE)
_QUOTED_FILE = re.compile(rf"""["']([^"'<>\s]{{1,400}}\.(?:{DOCUMENTS})(?:\?[^"'<>\s]{{0,200}})?)["']""", re.IGNORECASE)
_ATTACHMENT = re.compile(r"附[件表]\s*\d{0,2}\s*[:：.、]?")
_NO_ADDRESS = re.compile(r"#|$|(?:javascript|mailto|tel|about|data):", re.IGNORECASE)
_SHOWN_BY_KEY = ("file", "pdf", "src", "url", "furl", "pdfurl", "fileurl")
_PAGE_ENDINGS = ("htm", "shtm", "jpg", "png", "gif", "jsp", "do", "php", "asp")


def find_surroundings(tree: LexborHTMLParser) -> tuple[Set[int], LexborNode | None]:
    """Return the ids (``mem_id``) of navigation and button elements, and the element of the breadcrumb, if any; one
    with a long text is neither, whatever its class is called.
    """
    furniture: set[int] = set()
    trail: LexborNode | None = None
    measured = 0
    for node in tree.css("nav, footer, aside, [class], [id]"):
        attributes = node.attributes
        is_furniture, is_trail = _roles_of(f"{node.tag} {attributes.get('class') or ''} {attributes.get('id') or ''}")
        if (is_furniture or is_trail) and measured < MAX_MEASURED:
            measured += 1
            length = len(node.text())
            furniture.update([node.mem_id] * (is_furniture and length <= FURNITURE_MAX_CHARS))
            trail = node if trail is None and is_trail and length <= TRAIL_MAX_CHARS else trail
    return furniture, trail


@lru_cache(maxsize=4096)
def _roles_of(names: str) -> tuple[bool, bool]:
    """Return whether a tag, class or id contains a word for page furniture, and whether one for a breadcrumb."""
    words = _NAME.findall(names.lower())
    return not _FURNITURE_NAMES.isdisjoint(words), not _TRAIL_NAMES.isdisjoint(words)


def is_icon(attributes: Attributes) -> bool:
    """Return whether an image is a small icon or a spacer."""
    sizes = [attributes.get(name) or "" for name in ("width", "height")]
    is_small = any(size.removesuffix("px").isdecimal() and int(size.removesuffix("px")[:6]) <= 32 for size in sizes)
    source = (attributes.get("src") or "")[:MAX_URL_CHARS]
    return is_small or (not source.startswith("data:") and _IGNORED_IMAGE.search(source) is not None)


def read_meta(tree: LexborHTMLParser) -> dict[str, str]:
    """Return the page's meta tags by lower-case name, and its ``<publishtime>``; a PubDate at which the page was built
    is renamed.
    """
    attributes = [node.attributes for node in tree.css("meta[content]")]
    meta = page_metadata.meta_values((one.get("name") or one.get("property"), one.get("content")) for one in attributes)
    if page_metadata.built_not_published(meta):
        meta["pagebuilt"] = meta.pop("pubdate")
    for printed in tree.css("publishtime"):
        meta.setdefault("publishtime", without_markup(printed.text()))
    return meta


def read_labels(blocks: Sequence[Paragraph | Table]) -> dict[str, str]:
    """Return the labelled values before the report's first chapter (索引号 table, source line), by label; a lone date
    without a label as ``dateline``, unless it stands in the furniture of the page (the day on which the head of
    gxzf.gov.cn was built).
    """
    labels: dict[str, str] = {}
    days: set[str] = set()
    texts = list(takewhile(lambda text: not _CHAPTER.match(text), _block_texts(blocks)))
    around = {one.text for one in blocks if isinstance(one, Paragraph) and one.furniture}
    for text, after in zip(texts, [*texts[1:], ""], strict=False):
        if len(text) > LINE_MAX_CHARS:
            continue
        bare = text.strip("【】[]:： ").replace(" ", "")
        if bare in _LABELS:
            if len(after) <= LINE_MAX_CHARS and not _LABEL.match(after) and after.strip("：: ") not in _LABELS:
                _add_label(bare, after, labels)
            continue
        marks = list(_LABEL.finditer(text))
        for mark, end in zip(marks, [*(m.start() for m in marks[1:]), len(text)], strict=False):
            _add_label(mark[1], text[mark.end() : end], labels)
        day = _DAY.match(text) if text not in around else None
        if day and (not text[day.end() :].strip() or _BEHIND_DAY.match(text[day.end() :].strip(" |｜"))):
            days.add(day[1].strip())
    days -= {*labels.values()}  # the cell behind a label: 生成日期： | 2026-06-02 (浙江省发展和改革委员会)
    return labels | ({"dateline": days.pop()} if len(days) == 1 else {})


def _block_texts(blocks: Iterable[Paragraph | Table]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.text
        else:
            yield from (" ".join(cell.text.split()) for cell in block.cells)


def _add_label(label: str, value: str, labels: dict[str, str]) -> None:
    """Add a label's value to ``labels``, cleaned, unless it is empty or the label has a value already."""
    value = _VALUE_TAIL.sub("", value).strip(" \u3000|【[：:")
    if (day := _DAY.search(value, 1)) and not value[day.end() :]:  # cut off the date of 来源：司法局 2022-02-10
        value = value[: day.start()].strip()
    name = "".join(label.split())
    if value not in ("", "无", "-", "/") and name not in _COUNTERS:
        labels.setdefault(name, value)


def read_breadcrumb(trail: LexborNode | None, blocks: Iterable[Paragraph | Table]) -> tuple[str, ...]:
    """Return the site sections above a page's text, outermost first: of the element ``trail`` or a paragraph."""
    texts = [] if trail is None else [_trail_text(trail)]
    texts += [one.text for one in blocks if isinstance(one, Paragraph) and _TRAIL.match(one.text)]
    for text in texts:
        steps = [step.strip(" :：>") for step in _STEP.split(_TRAIL.sub("", text[:400]))]
        if len(steps := [step[:60] for step in steps if any(map(str.isalnum, step))]) > 1:
            return tuple(steps[:12])
    return ()


def _trail_text(trail: LexborNode) -> str:
    """Return the text of a breadcrumb, with ">" between its links if only CSS separates them."""
    text = " ".join(trail.text().split())
    return text if _STEP.search(text) else " > ".join(" ".join(one.text().split()) for one in trail.css("a")) or text


def collect_parts(tree: LexborHTMLParser, *, is_bare: bool) -> tuple[PagePart, ...]:
    """Return attachments, embedded documents and images in page order, each address once, as printed.

    ``is_bare``: the page has hardly any text, so any frame, or any file named in a script, may be the report.
    """
    parts: list[PagePart | None] = []
    for node in tree.css("a, iframe, frame, embed, object, img"):
        if node.tag == "a":
            parts.append(_link(node))
        elif node.tag == "img":
            parts.append(_image(node.attributes))
        else:
            parts.append(_frame(node.attributes, is_bare=is_bare))
    for script in tree.css("script") if is_bare else ():
        urls = (match[1].replace("\\/", "/") for match in _QUOTED_FILE.finditer(script.text()[:200_000]))
        parts += [PagePart(kind="embed", url=url) for url in urls]
    parts_by_address: dict[tuple[str, str], PagePart] = {}
    for part in parts:
        if part and len(part.url) <= MAX_URL_CHARS:
            parts_by_address.setdefault((part.kind, part.url), part)
    return tuple(parts_by_address.values())[:MAX_PARTS]


def _link(node: LexborNode) -> PagePart | None:
    """Return the attachment that a link leads to, by file ending, words or script; None for any other link."""
    attributes = node.attributes
    url = (attributes.get("href") or "").strip()
    text = without_markup(node.text()) or without_markup(attributes.get("title") or attributes.get("download") or "")
    if _NO_ADDRESS.match(url):
        match = _QUOTED_FILE.search(f"{url} {attributes.get('onclick') or ''}"[:1000])
        return PagePart(kind="attachment", url=match[1], text=text) if match else None
    if viewed := _viewed_file(url):
        return PagePart(kind="attachment", url=viewed, text=text)
    ending = file_ending(url)
    is_file = ending in FILES or _FILE_NAME.search(text[-40:])
    is_download = "download" in attributes or _ATTACHMENT.match(text) or _DOWNLOAD.search(url)
    if is_file or (is_download and not ending.startswith(_PAGE_ENDINGS)):
        return PagePart(kind="attachment", url=url, text=text)
    return None


def _image(attributes: Attributes) -> PagePart | None:
    """Return an image, also one that is loaded late; None for an icon and for one without an address."""
    lazily = attributes.get("data-src") or attributes.get("data-original") or ""
    url = (attributes.get("src") or lazily).strip()
    url = lazily.strip() if url.startswith("data:") else url
    text = without_markup(attributes.get("title") or attributes.get("alt") or "")
    return PagePart(kind="image", url=url, text=text) if url and not is_icon({**attributes, "src": url}) else None


def _frame(attributes: Attributes, *, is_bare: bool) -> PagePart | None:
    """Return the document that a frame shows; None if it shows no file, unless the page ``is_bare``."""
    url = (attributes.get("src") or attributes.get("data") or attributes.get("data-src") or "").strip()
    if _NO_ADDRESS.match(url) or _IGNORED_FRAME.search(url.split("?", 1)[0]):
        return None
    viewed = _viewed_file(url)
    if not (viewed or is_bare or file_ending(url) in FILES):
        return None
    return PagePart(kind="embed", url=viewed or url, text=without_markup(attributes.get("title") or ""))


def file_ending(url: str) -> str:
    """Return the ending of the file that a URL names in its path or query, in lower case, or ""."""
    try:
        split = urlsplit(url)
        query = parse_qsl(split.query[:1000])
    except ValueError:
        return ""
    names = [split.path, *(value for key, value in query if "name" in key.lower() or "file" in key.lower())]
    endings = (unquote(name).rpartition("/")[2].rpartition(".")[2].strip().lower() for name in names if "." in name)
    return next((ending for ending in endings if 1 < len(ending) <= 5 and ending.isalnum()), "")


def _viewed_file(url: str) -> str:
    """Return the file that a viewer is asked to show (viewer.html?file=…/a.pdf), or "" if the URL is not a viewer's."""
    if "=" not in url or _DOWNLOAD.search(url):
        return ""
    pairs = (pair.partition("=") for pair in url.partition("?")[2].partition("#")[0][:2000].split("&"))
    query = {key.lower(): unescaped(value) for key, _, value in pairs}
    files = (query[key] for key in _SHOWN_BY_KEY if key in query)
    return next((one for one in files if "/" in one and file_ending(one) in FILES), "")
