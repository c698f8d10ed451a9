"""Finds the rows of lists on a page of HTML, in blocks of rows at the same place in the tree. Pure."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from archive.documents.html import spans_of
from archive.documents.model import TableCell, place_spanned_rows
from crawler.lists.html_controls import is_control_text
from crawler.lists.html_tree import HtmlTree, text_of
from crawler.lists.page import HANDLE, MAX_TITLE_CHARS, PRESSED, Block, Entry
from crawler.lists.words import (
    CHOICE,
    CONTROLS,
    DATED,
    LEAST_IN_MENU,
    MERE_YEAR,
    SAYS_NOTHING,
    WALK,
    find_date,
    is_furniture,
    squeeze,
)

MAX_LINKS, MAX_ITEM_LINKS, MAX_HEADING_CHARS = 6_000, 8, 30
_LINKS = f"//a|//area|//*[@onclick]|//*[@{PRESSED}][not(.//a or self::button or self::input or self::select)]"
_BEHIND_CRUMBS = (">", "›", "»", "＞")
_ITEMS = ("li", "tr", "dd", "dt")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "dt", "p", "div", "b", "strong")
_IN_BRACKETS = re.compile(r"\s*[【\[［].*[】\]］]\s*", re.S)  # 【县财政局】 before a title, as 兰陵's rows have it
_DIGITS = re.compile("[0-9]+")


def read_blocks(tree: HtmlTree) -> tuple[tuple[Block, ...], set[Any]]:
    """Return the blocks of entries (rows in one place, with links 更多 near them), and the elements that are rows."""
    reader = _Reader(tree)
    links = [(element, tree.target(element)) for element in tree.root.xpath(_LINKS)][:MAX_LINKS]
    links = [one for one in links if one[0].tag in ("a", "area") or one[1] or one[0].get(PRESSED) is not None]
    for item, inside in _group(links).items():
        reader.add_row(item, inside)
    reader.add_unlinked()
    mores = {one: at for one, at in links if one.tag == "a" and squeeze(text_of(one)).lower() in CONTROLS["more"]}
    blocks = (
        Block(shape, tuple(entries), tuple(filter(None, (_nearest_more(mores, one) for one in reader.above[shape]))))
        for shape, entries in reader.rows.items()
        if entries
    )
    return tuple(blocks), reader.items


def _group(links: list[tuple[Any, str]]) -> dict[Any, list[tuple[Any, str]]]:
    """Return the links by their rows: the list item or table row, else the highest element with no other link."""
    count = Counter(above for element, _ in links for above in element.iterancestors())
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


class _Reader:
    """Collects entries by shape (the path of tags and classes to a row). ``above``: by shape, the elements that contain
    the rows. ``items``: the elements of rows, without those that are no links but can be pressed: they may be choices.
    """

    def __init__(self, tree: HtmlTree) -> None:
        self.tree, self.items = tree, set[Any]()
        self.rows: dict[str, list[Entry]] = defaultdict(list)
        self.above: dict[str, dict[Any, str]] = defaultdict(dict)
        self._items = set[Any]()
        self._columns: dict[Any, dict[Any, int]] = {}  # by table

    def add_row(self, item: Any, inside: list[tuple[Any, str]]) -> None:
        """Add entries for the links (element, address) of a row: those that say something (not 下载, nor an agency in
        brackets), or all if none does. Left out are pagers, and choices without an address: they show another part of
        the list. An entry without an address has the ``handle`` by which a browser can press it.
        """
        shape = f"{item.tag}<{_shape_of_rows(item.getparent())}"
        names = [squeeze(text_of(one)) for one, _ in inside]
        is_menu, beside = _is_menu(names), _date_beside(item)
        self._items.update(item.getparent() if beside else ())  # cells of a row
        titled = [one for one in inside if self._says_something(one[0], in_menu=is_menu)]
        titled = [one for one in titled if not _IN_BRACKETS.fullmatch(text_of(one[0]))] or titled
        for element, linked in titled or inside:
            alone = bool(titled) or len(inside) == 1
            title = text_of(element) if is_menu else self._title(element, item, alone=alone)
            if not title or is_control_text(title) or is_control_text(text_of(element)):
                continue
            if not linked and CHOICE.fullmatch(squeeze(title)):
                continue
            target = linked or self.tree.route(element)
            text = text_of(item if item.tag != "a" else element)
            self.rows[shape].append(Entry(
                title[:MAX_TITLE_CHARS], target, find_date(text) or beside, _heading(item.getparent()),
                handle="" if target else element.get(HANDLE, ""),
                row=text if len(titled) < 2 and len(text) <= MAX_TITLE_CHARS else "",
                is_crumb=(element.tail or "").strip().startswith(_BEHIND_CRUMBS),
            ))  # fmt: skip
            self.above[shape].setdefault(item.getparent(), item.tag)
            self._items.add(item)
            if element.get(PRESSED) is None or element.tag == "a":
                self.items.add(item)

    def add_unlinked(self) -> None:
        """Add rows with text but no link, beside other entries or in a list without any: a whole list has none."""
        linked = [shape for shape, entries in self.rows.items() if any(entry.url for entry in entries)]
        beside = [(shape, *one) for shape in linked for one in self.above[shape].items() if one[1] in _ITEMS]
        for one in self.tree.root.iter("ul", "ol", "tbody"):
            if one.find(".//a") is None:
                shape = f"unlinked {one.tag}<{_shape_of_rows(one.getparent())}"
                beside.append((shape, one, "tr" if one.tag == "tbody" else "li"))
        for shape, container, tag in beside:
            self.rows[shape].extend(_unlinked(one for one in container.iterchildren(tag) if one not in self._items))

    def _says_something(self, link: Any, *, in_menu: bool = False) -> bool:
        text = squeeze(link.get("title") or link.get("alt") or "") or squeeze(text_of(link))
        is_name = in_menu or len(text) >= 4 or WALK["groups"].fullmatch(text) is not None  # 乡镇, in a menu of columns
        return is_name and not SAYS_NOTHING.fullmatch(text)

    def _title(self, link: Any, item: Any, *, alone: bool) -> str:
        """Return the title of an entry: the link's text, else that of its row ``item``. Not ``alone``: the row has
        several links that say nothing (县财政局: 2023年, 2024年): each title is the row's first text and the link's.
        """
        hint = (link.get("title") or link.get("alt") or "").strip().split("\n")[0]  # more lines: author, time, readers
        link_text, hint_text = _undated(text_of(link)), _undated(hint)
        if not link_text and not hint_text:
            hint_text = " ".join(one.get("alt") or "" for one in link.iter("img")).strip()
        if len(hint_text) > len(link_text) and (not link_text or link_text.rstrip(".… ")[:6] in hint_text):
            link_text = hint_text
        if self._says_something(link) or item is link or is_control_text(link_text):
            return link_text
        if in_table := self._year_and_agency(link, item, squeeze(link_text)):
            return in_table
        if not alone:
            first = next((text for one in item if (text := squeeze(text_of(one))) and one is not link), "")
            return f"{first}{link_text}" if first != squeeze(link_text) else link_text
        row = _undated(text_of(item))
        return row if len(row) <= MAX_TITLE_CHARS else link_text

    def _year_and_agency(self, link: Any, row: Any, text: str) -> str:
        """Return 2024年>县财政局 for a link that says nothing (查看, an image) or only a year, in a table with a row
        for each agency: the last agency before the link; the year of the link, of the first row above it, or of the
        heading over the table. "" elsewhere, and without a year.
        """
        table = next(row.iterancestors("table"), None) if row.tag == "tr" else None
        if table is None:
            return ""
        before = itertools.takewhile(lambda cell: cell is not link and cell not in link.iterancestors(), row)
        agencies = [name for cell in before if WALK["agencies"].fullmatch(name := squeeze(text_of(cell)))]
        if table not in self._columns:
            self._columns[table] = _columns(table)
        columns = self._columns[table]
        at = next((columns[cell] for cell in link.iterancestors() if cell in columns), None)
        head = next((text_of(cell) for cell in next(table.iter("tr")) if columns.get(cell) == at), "")
        years = (MERE_YEAR.search(squeeze(one)) for one in (text, head, _heading(row.getparent())))
        year = next((match[0] for match in years if match), "")
        return f"{year}>{agencies[-1]}" if year and agencies else ""


def _date_beside(item: Any) -> str:
    """Return the date that stands alone in an item beside the only one with links, where each row is a list of its own
    (辽宁, ln.gov.cn; 安徽, ah.gov.cn; 庐山, lushan.gov.cn); else "".
    """
    parent = item.getparent()  # one with more items than a row has cells is not searched for each of them
    others = [one for one in parent if one is not item] if parent is not None and len(parent) <= MAX_ITEM_LINKS else []
    if any(one.tag != item.tag or one.find(".//a[@href]") is not None for one in others):
        return ""
    dates = [find_date(text) for one in others if (text := text_of(one)) and not _undated(text)]
    return dates[0] if len(dates) == 1 else ""


def _is_menu(names: Sequence[str]) -> bool:
    """True if the links of a row lead to agencies or groups of them: all, or of three without figures at least half
    (县政府 县级部门 乡镇). 教育局 says something beside 住房和城乡建设局, but not beside the title of a report.
    """
    known = sum(any(WALK[words].fullmatch(name) for words in ("agencies", "groups")) for name in names)
    is_mixed = known * 2 >= len(names) >= LEAST_IN_MENU and not any(map(str.isdigit, "".join(names)))
    return len(names) > 1 and (known == len(names) or is_mixed)


def _columns(table: Any) -> dict[Any, int]:
    """Return the number of the column in which each cell of a table begins."""
    elements = [list(row.iterchildren("td", "th")) for row in table.iter("tr")]
    cells = {one: TableCell(0, 0, *spans_of(one.attrib), "", {}) for row in elements for one in row}
    place_spanned_rows([[cells[one] for one in row] for row in elements])
    return {one: cell.col for one, cell in cells.items()}


def _unlinked(items: Iterable[Any]) -> Iterator[Entry]:
    for item in items:
        text = text_of(item)
        is_row = item.find(".//a") is None and item.find("th") is None and len(squeeze(_undated(text))) >= 6
        if is_row and not is_furniture(text):
            yield Entry(text[:MAX_TITLE_CHARS], "", find_date(text), handle=item.get(HANDLE, ""))


def _nearest_more(mores: dict[Any, str], container: Any) -> str:
    """Return the address of the link 更多 near a box of entries: the last before it, else the first behind; or ""."""
    above_box = container.iterancestors() if mores and container is not None else ()
    ancestors = itertools.islice((one for one in above_box if one.tag != "table"), 2)
    for above in itertools.takewhile(lambda one: one.tag not in ("body", "html"), ancestors):
        inside = list(above.iter("a", container.tag))
        at = inside.index(container)
        before = [mores[one] for one in inside[:at] if mores.get(one)]
        behind = [mores[one] for one in inside[at:] if mores.get(one)]
        if before or behind:
            return before[-1] if before else behind[0]
    return ""


def _shape_of_rows(parent: Any) -> str:
    """Return the shape of rows below an element: tags, ids and first classes on the way up, without digits."""
    above = itertools.islice(itertools.chain((parent,), parent.iterancestors()), 11) if parent is not None else ()
    names = ((one.tag, f"{one.get('id') or ''}.{(one.get('class') or '').split(' ')[0]}") for one in above)
    return "<".join(f"{tag}{_DIGITS.sub('', name)}" for tag, name in names)


def _heading(container: Any) -> str:
    """Return the heading before a list or before the element around it; "" if there is none."""
    for element in itertools.islice((container, *container.iterancestors()), 2) if container is not None else ():
        before = element.getprevious()
        text = squeeze(text_of(before)) if before is not None and before.tag in _HEADINGS else ""
        if 0 < len(text) <= MAX_HEADING_CHARS and before.find(".//a") is None:
            return text
    return ""


def _undated(text: str) -> str:
    return " ".join(DATED.sub(" ", text).split())
