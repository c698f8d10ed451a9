"""The rows of the lists on a page of HTML, in blocks of those that stand side by side. Pure."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from crawler.rebuilt.html_controls import is_control_text
from crawler.rebuilt.html_tree import HtmlTree, text_of
from crawler.rebuilt.page import HANDLE, MAX_TITLE_CHARS, Block, Entry
from crawler.rebuilt.words import CHOICE, CONTROLS, EMPTY, HEADS, SAYS_NOTHING, WALK, find_date, squeeze

MAX_LINKS, MAX_ITEM_LINKS = 6_000, 8
_ITEMS = ("li", "tr", "dd", "dt")
_DATED = re.compile(
    r"[\[(（]?\s*(?:发布(?:日期|时间)[:：]?)?\s*(?:19|20)\d\d\s?[-/.年∕]\s?\d{1,2}\s?[-/.月∕]\s?\d{1,2}日?(?:\s+\d\d?:\d\d(?::\d\d)?)?\s*[\])）]?"
)


def read_blocks(tree: HtmlTree) -> tuple[tuple[Block, ...], set[Any]]:
    """Return the blocks of entries, and the elements that are their rows."""
    items: set[Any] = set()
    links = [(element, tree.target(element)) for element in tree.root.xpath("//a|//area|//*[@onclick]")][:MAX_LINKS]
    links = [one for one in links if one[0].tag in ("a", "area") or one[1]]
    count: Counter[Any] = Counter()
    for element, _ in links:
        for above in element.iterancestors():
            count[above] += 1
    rows: dict[str, list[Entry]] = defaultdict(list)
    containers: dict[str, dict[Any, str]] = defaultdict(dict)
    for item, inside in _group(links, count).items():
        shape = _shape(item)
        titled = [one for one in inside if _says_something(one[0])]
        for element, target in titled or inside:
            title = _title(element, item, alone=bool(titled) or len(inside) == 1)
            if not title or is_control_text(title) or is_control_text(text_of(element)):
                continue
            if not target and CHOICE.fullmatch(squeeze(title)):
                continue
            text = text_of(item) if item.tag != "a" else text_of(element)
            handle = "" if target else element.get(HANDLE, "")
            row = text if len(titled) < 2 and len(text) <= MAX_TITLE_CHARS else ""
            rows[shape].append(Entry(title[:MAX_TITLE_CHARS], target, find_date(text), _heading(item), handle, row))
            containers[shape].setdefault(item.getparent(), item.tag)
            items.add(item)
    for shape, above in containers.items():
        if any(entry.url for entry in rows[shape]):
            rows[shape].extend(_unlinked(above, items))
    for container in tree.root.iter("ul", "ol", "tbody"):
        if container.find(".//a") is None and container not in containers:
            rows[f"unlinked {_shape(container)}"].extend(
                _unlinked({container: "tr" if container.tag == "tbody" else "li"}, items)
            )
    more = {shape: tuple(_more(tree, above)) for shape, above in containers.items()}
    blocks = (Block(shape, tuple(entries), more.get(shape, ())) for shape, entries in rows.items() if entries)
    return tuple(blocks), items


def _more(tree: HtmlTree, containers: dict[Any, str]) -> Iterator[str]:
    """To where the links 更多 of boxes of newest entries lead, one for each box."""
    for container in containers:
        for above in itertools.islice(container.iterancestors() if container is not None else (), 2):
            if above.tag in ("body", "html"):
                break
            if target := _nearest_more(tree, above, container):
                yield target
                break


def _nearest_more(tree: HtmlTree, above: Any, container: Any) -> str:
    """Return to where the last 更多 before a box leads, within what stands above both; else the first behind it."""
    found, is_behind = "", False
    for element in above.iter("a", container.tag):
        is_behind = is_behind or element is container
        if is_behind and found:
            return found
        if element.tag == "a" and squeeze(text_of(element)).lower() in CONTROLS["more"]:
            found = tree.target(element) or found
    return found


def _unlinked(containers: dict[Any, str], items: set[Any]) -> Iterator[Entry]:
    """Rows beside the entries that name something and lead nowhere."""
    for container, tag in containers.items():
        if container is None or tag not in _ITEMS:
            continue
        for item in container.iterchildren(tag):
            text = text_of(item).strip()
            if item in items or item.find(".//a") is not None or item.find("th") is not None:
                continue
            if len(squeeze(text)) < 6 or HEADS.fullmatch(text) or EMPTY.search(text) or _is_pager_text(text):
                continue
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


def _shape(item: Any) -> str:
    """Return what is alike of the places of rows of one list: tags and first classes on the way to them."""
    steps = [item.tag]
    for above in item.iterancestors():
        name = (above.get("id") or "") + "." + (above.get("class") or "").split(" ")[0]
        steps.append(f"{above.tag}{re.sub(r'[0-9]+', '', name)}")
    return "<".join(steps[:12])


def _says_something(link: Any) -> bool:
    text = squeeze(link.get("title") or link.get("alt") or "") or squeeze(text_of(link))
    is_label = WALK["groups"].fullmatch(text) is not None  # 乡镇, in a menu of columns
    return (len(text) >= 4 or is_label) and not SAYS_NOTHING.fullmatch(text) and not _is_index(text)


def _title(link: Any, item: Any, *, alone: bool) -> str:
    shown = _undated(text_of(link))
    titled = _undated(link.get("title") or link.get("alt") or "")
    if not shown and not titled:
        titled = " ".join(one.get("alt") or "" for one in link.iter("img")).strip()
    if len(titled) > len(shown) and (not shown or shown.rstrip(".… ")[:6] in titled):
        shown = titled
    if _says_something(link) or item is link or is_control_text(shown):
        return shown
    row = _undated(text_of(item))
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


def _heading(item: Any) -> str:
    """Return the heading above the list that a row stands in."""
    container = item.getparent()
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
