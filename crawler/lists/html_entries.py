"""The rows of the lists on a page of HTML, in blocks of those that stand side by side. Pure."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from crawler.lists.html_controls import is_control_text
from crawler.lists.html_tree import HtmlTree, text_of
from crawler.lists.page import HANDLE, MAX_TITLE_CHARS, PRESSED, Block, Entry
from crawler.lists.words import CHOICE, CONTROLS, EMPTY, HEADS, SAYS_NOTHING, WALK, find_date, squeeze

MAX_LINKS, MAX_ITEM_LINKS = 6_000, 8
_LINKS = f"//a|//area|//*[@onclick]|//*[@{PRESSED}][not(.//a or self::button or self::input or self::select)]"
_BEHIND_CRUMBS = (">", "›", "»", "＞")
_ITEMS = ("li", "tr", "dd", "dt")
_DIGITS = re.compile("[0-9]+")
_DATED = re.compile(
    r"[\[(（]?\s*(?:发布(?:日期|时间)[:：]?)?\s*(?:19|20)\d\d\s?[-/.年∕]\s?\d{1,2}\s?[-/.月∕]\s?\d{1,2}日?(?:\s+\d\d?:\d\d(?::\d\d)?)?\s*[\])）]?"
)


def read_blocks(tree: HtmlTree) -> tuple[tuple[Block, ...], set[Any]]:
    """Return the blocks of entries, and the elements that are their rows."""
    items, listed = set[Any](), set[Any]()  # what can be pressed and is no link may be a choice: it is no item
    links = [(element, tree.target(element)) for element in tree.root.xpath(_LINKS)][:MAX_LINKS]
    links = [one for one in links if one[0].tag in ("a", "area") or one[1] or one[0].get(PRESSED) is not None]
    count = Counter(above for element, _ in links for above in element.iterancestors())
    place, heading = cache(_place), cache(_heading)
    rows: dict[str, list[Entry]] = defaultdict(list)
    containers: dict[str, dict[Any, str]] = defaultdict(dict)
    for item, inside in _group(links, count).items():
        shape = f"{item.tag}<{place(item.getparent())}"
        titled = [one for one in inside if _says_something(tree, one[0])]
        for element, linked in titled or inside:
            title = _title(tree, element, item, alone=bool(titled) or len(inside) == 1)
            if not title or is_control_text(title) or is_control_text(tree.text(element)):
                continue
            if not linked and CHOICE.fullmatch(squeeze(title)):
                continue
            target = linked or tree.route(element)
            text = tree.text(item if item.tag != "a" else element)
            handle = "" if target else element.get(HANDLE, "")
            row = text if len(titled) < 2 and len(text) <= MAX_TITLE_CHARS else ""
            group = heading(item.getparent())
            crumb = (element.tail or "").strip().startswith(_BEHIND_CRUMBS)
            rows[shape].append(Entry(title[:MAX_TITLE_CHARS], target, find_date(text), group, handle, row, crumb))
            containers[shape].setdefault(item.getparent(), item.tag)
            if element.get(PRESSED) is None or element.tag == "a":
                items.add(item)
            listed.add(item)
    beside = [
        (shape, container, tag)
        for shape, above in containers.items()
        if any(entry.url for entry in rows[shape])
        for container, tag in above.items()
        if container is not None and tag in _ITEMS
    ]
    beside += [
        (f"unlinked {one.tag}<{place(one.getparent())}", one, "tr" if one.tag == "tbody" else "li")
        for one in tree.root.iter("ul", "ol", "tbody")
        if one.find(".//a") is None
    ]
    for shape, container, tag in beside:
        rows[shape].extend(_unlinked(one for one in container.iterchildren(tag) if one not in listed))
    mores = {one: at for one, at in links if one.tag == "a" and squeeze(tree.text(one)).lower() in CONTROLS["more"]}
    more = {shape: filter(None, (_nearest_more(mores, one) for one in above)) for shape, above in containers.items()}
    blocks = (Block(shape, tuple(entries), tuple(more.get(shape, ()))) for shape, entries in rows.items() if entries)
    return tuple(blocks), items


def _nearest_more(mores: dict[Any, str], container: Any) -> str:
    """Return to where 更多 near a box of newest entries leads: the last before it, else the first behind it."""
    near = itertools.islice(container.iterancestors(), 2) if mores and container is not None else ()
    for above in itertools.takewhile(lambda one: one.tag not in ("body", "html"), near):
        inside = list(above.iter("a", container.tag))
        at = inside.index(container)
        before = [mores[one] for one in inside[:at] if mores.get(one)]
        behind = [mores[one] for one in inside[at:] if mores.get(one)]
        if before or behind:
            return before[-1] if before else behind[0]
    return ""


def _unlinked(items: Iterable[Any]) -> Iterator[Entry]:
    """Rows beside the entries that name something and lead nowhere."""
    for item in items:
        text = text_of(item)
        is_row = item.find(".//a") is None and item.find("th") is None and len(squeeze(text)) >= 6
        if is_row and not (HEADS.fullmatch(text) or EMPTY.search(text) or _is_pager_text(text)):
            yield Entry(text[:MAX_TITLE_CHARS], "", find_date(text), handle=item.get(HANDLE, ""))


def _group(links: list[tuple[Any, str]], count: Counter[Any]) -> dict[Any, list[tuple[Any, str]]]:
    """Put each link into the row that it stands in: a list item or table row, else as far up as it is alone."""
    groups: dict[Any, list[tuple[Any, str]]] = defaultdict(list)
    for element, target in links:
        item = next((one for one in element.iterancestors(*_ITEMS) if count[one] <= MAX_ITEM_LINKS), None)
        if item is None:
            item = element
            for above in element.iterancestors():
                if count[above] > 1 or above.tag in ("body", "td", "form"):
                    break
                item = above
        groups[item].append((element, target))
    return groups


def _place(parent: Any) -> str:
    """Return what is alike of the places of rows of one list: tags and first classes on the way to them."""
    steps = []
    for above in itertools.islice(itertools.chain((parent,), parent.iterancestors()), 11) if parent is not None else ():
        name = (above.get("id") or "") + "." + (above.get("class") or "").split(" ")[0]
        steps.append(f"{above.tag}{_DIGITS.sub('', name)}")
    return "<".join(steps)


def _says_something(tree: HtmlTree, link: Any) -> bool:
    text = squeeze(link.get("title") or link.get("alt") or "") or squeeze(tree.text(link))
    is_name = len(text) >= 4 or WALK["groups"].fullmatch(text) is not None  # 乡镇, in a menu of columns
    return is_name and not SAYS_NOTHING.fullmatch(text) and not _is_index(text)


def _title(tree: HtmlTree, link: Any, item: Any, *, alone: bool) -> str:
    shown = _undated(tree.text(link))
    titled = _undated(link.get("title") or link.get("alt") or "")
    if not shown and not titled:
        titled = " ".join(one.get("alt") or "" for one in link.iter("img")).strip()
    if len(titled) > len(shown) and (not shown or shown.rstrip(".… ")[:6] in titled):
        shown = titled
    if _says_something(tree, link) or item is link or is_control_text(shown):
        return shown
    row = _undated(tree.text(item))
    if alone and _is_index(shown) and not _is_index(row):  # the number of an index, beside which the title stands
        row = row.replace(shown, "", 1).strip()
    if alone:
        return row if len(row) <= MAX_TITLE_CHARS else shown
    first = next((text for one in item if (text := squeeze(text_of(one))) and one is not link), "")
    return f"{first}{shown}" if first != squeeze(shown) else shown


def _undated(text: str) -> str:
    return " ".join(_DATED.sub(" ", text).split())


def _is_index(text: str) -> bool:
    return text.isascii() and any(map(str.isdigit, text))


def _heading(container: Any) -> str:
    """Return the heading above a list, or above what it stands in."""
    for _ in range(2):
        if container is None:
            return ""
        before = container.getprevious()
        if before is not None and before.tag in ("h1", "h2", "h3", "h4", "h5", "dt", "p", "div", "b", "strong"):
            text = squeeze(text_of(before))
            if 0 < len(text) <= 30 and before.find(".//a") is None:
                return text
        container = container.getparent()
    return ""


def _is_pager_text(text: str) -> bool:
    return any(word in text for word in ("下一页", "上一页", "尾页", "末页", "共") if len(text) <= 60) and "页" in text
