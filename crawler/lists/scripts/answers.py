"""Answers of the interfaces behind lists: JSON, and JSON written into scripts, bounded and forgiving (pure).

Whatever an answer holds, nothing here raises: what is not understood is None, and the family says what that means.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawler.lists.addresses import LONGEST, join
from crawler.lists.list_page import ListPage, Page, key_of
from crawler.lists.list_requests import ListRequest
from crawler.lists.page_words import data
from crawler.lists.signatures import signatures
from storage.records import SHANGHAI, Link, LookOutcome

_SIZE = 4_000_000  # characters of an answer that are read
_LINKS = 5_000
_TITLE = 500
_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?(?!\d)")
_EPOCH = re.compile(r"-?\d{9,13}")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
_EARLIEST, _LATEST = 631_152_000, 4_102_444_800  # 1990 and 2100, in seconds


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an answer, its values as they came."""

    href: object
    title: object
    day: object = None


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries as links. ``twice``: how many repeated an earlier one; ``doubt``: why some may be missing ("" if not)."""

    links: tuple[Link, ...]
    twice: int = 0
    doubt: str = ""


def interface_page(*following: str | ListRequest, total: int | None = None) -> ListPage:
    """Return a page that has no entries by design, and names what answers with them."""
    return ListPage(links=(), following=following, total=total, interface_page=True)


def changed(reason: str) -> ListPage:
    """Return a page that is not what the family knows."""
    return ListPage(links=(), outcome=LookOutcome.CHANGED, reason=reason)


def unless_behind(plain: ListPage, page: Page, family: str) -> ListPage:
    """Return a page read as an ordinary list; where its source speaks of the family's interface, which was not
    understood, its list is elsewhere: without entries it is changed, with some it is doubted.
    """
    source = page.text[:_SIZE].lower()
    if not any(mark in source for mark in signatures()[family].interface):
        return plain
    if plain.links:
        return replace(plain, doubt=plain.doubt or "interface_not_understood")
    return replace(plain, hub=False, outcome=LookOutcome.CHANGED, reason="interface_not_understood")


def json_of(text: str) -> object | None:
    """Return the value of a JSON answer; None for what is none (an error page), too long or too deep."""
    if len(text) > _SIZE:
        return None
    try:
        return json.loads(text.lstrip("\ufeff \t\r\n"))  # type: ignore[no-any-return]
    except (ValueError, RecursionError):
        return None


def value_after(text: str, mark: re.Pattern[str]) -> object | None:
    """Return the JSON value that begins right behind the first ``mark`` in a script; None if there is none."""
    found = mark.search(text[:_SIZE])
    if found is None:
        return None
    try:
        value: object = json.JSONDecoder().raw_decode(text[found.end() : found.end() + _SIZE].lstrip())[0]
    except (ValueError, RecursionError):
        return None
    return value


def at(value: object, *path: str) -> object | None:
    """Return what stands under the keys of nested objects; None where one is missing."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def number_of(value: object) -> int | None:
    """Return a count (0 to 9,999,999), written as a number or as digits; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and re.fullmatch(r"\s{0,20}[0-9]{1,7}\s{0,20}", value):
        return int(value)
    return value if isinstance(value, int) and 0 <= value < 10**7 else None


def day_of(value: object) -> str | None:
    """Return the day of an epoch in seconds or milliseconds (in China, UTC+8), else the day a text prints."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and not _EPOCH.fullmatch(value.strip()):
        found = _DAY.search(value[:200])
        return "".join(found.group(0).split()) if found else None
    if not isinstance(value, (int, str)):
        return None
    seconds = int(value)
    if abs(seconds) >= 10**11:
        seconds //= 1000
    if not _EARLIEST <= seconds < _LATEST:
        return None
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone(SHANGHAI):%Y-%m-%d}"


def plain(value: object) -> str:
    """Return a title without markup and entities, blanks folded; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    text = html.unescape(html.unescape(value[: 4 * _TITLE]))
    text = re.sub(r"[\s\x00-\x1f]+", " ", _TAG.sub("", text)).strip()
    return storable(text)[:_TITLE]


def rows_of(value: object, total: int | None, number: int | None) -> tuple[list[object], ListPage | None]:
    """Return the rows of an answer, and what it is where it has none: no list, or one that ends here. ``total``: how
    many entries it says there are; a first page (``number``) without any is believed where it says that there are 0.
    """
    if not isinstance(value, list):
        return [], changed("answer_without_list")
    if value:
        return value, None
    if number == 1 and total != 0:
        return [], changed("answer_without_entry")
    return [], ListPage(links=(), total=total, reason="says_it_is_empty" if total == 0 else "")


def entries(items: Iterable[Entry], base: str) -> Entries:
    """Return the entries of an answer as links in their order, each address once, or once for each body named there."""
    found: dict[str, Link] = {}
    twice, doubt = 0, ""
    for item in items:
        url = _address(base, item.href)
        if url is None:
            doubt = doubt or "no_address"
            continue
        title = plain(item.title)
        link = Link(url=url, text=title, listed=day_of(item.day), row=title, position=len(found))
        key = key_of(link, found)
        if key in found:
            twice += 1
        elif len(found) >= _LINKS:
            return Entries(tuple(found.values()), twice, "more_links_than_read")
        else:
            found[key] = link
    return Entries(tuple(found.values()), twice, doubt)


def _address(base: str, href: object) -> str | None:
    if not isinstance(href, str) or not 0 < len(href.strip()) <= LONGEST:
        return None
    try:
        url = join(base, html.unescape(storable(href.strip())))
    except ValueError:
        return None
    return url if urlsplit(url).scheme in {"http", "https"} and len(url) <= LONGEST else None


def storable(text: str) -> str:
    """Half a character, as JSON can write it, is none that can be kept."""
    return text.encode("utf-8", "replace").decode("utf-8")


def names_reports(label: object) -> bool:
    """Whether the name of a column or category says that annual reports stand there (page_words.toml, [subcolumn])."""
    shape, refused = data()["subcolumn"]["text"], data()["subcolumn"]["not"]
    name = "".join(plain(label).split())
    return bool(re.fullmatch(shape, name)) and not any(word in name for word in refused)


def walk(tree: object, children: str, most: int = 5_000) -> Iterator[dict[str, object]]:
    """Every object of a tree whose branches stand under the key ``children``, parents first."""
    waiting, met = [tree], 0
    while waiting and met < most:
        node, met = waiting.pop(0), met + 1
        if isinstance(node, list):
            waiting = [*node[:most], *waiting]
        elif isinstance(node, dict):
            yield node
            branch = node.get(children)
            if isinstance(branch, (list, dict)):
                waiting.insert(0, branch)


def query_of(url: str) -> dict[str, str]:
    """Return the fields of an address's query; the first of each name."""
    try:
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return {}
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value)
    return fields


def with_query(url: str, fields: dict[str, str]) -> str:
    """Return an address with another query; a session id among its fields is kept, an interface may ask for it."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(fields), ""))
