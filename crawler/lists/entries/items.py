"""A list page → its items: raw links, each with its title, date and row (pure).

An item is known by the shape of its address (``detail`` of the family), by a date in its row, or by a title that
speaks of an annual report; not by the style classes of one site. Where the family knows its list areas, only these
are read.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice, takewhile

import lxml.html
from lxml import etree

from archive.identity.addresses import read as facts_of
from archive.identity.titles import judge_in_column
from crawler.lists.addresses import LONGEST, address_in_attributes, is_idle, join, joined, target_of, text_of
from crawler.lists.entries.cards import card_title, day_in_pieces
from crawler.lists.entries.headings import called_on, headed, is_mere
from crawler.lists.entries.unlinked import printed_entries
from crawler.lists.entry_patterns import DATE, REPORT, ROWS, TODAY, YEAR
from crawler.lists.filters.subcolumns import folders_of_years, says_where
from crawler.lists.kinds.page_kinds import is_known_folder, names_a_body
from crawler.lists.list_page import Page, key_of
from crawler.lists.reasons import NO_ADDRESSES
from crawler.lists.signatures import Signature
from storage.records import Link

_LINKS = 5_000
_CLICKABLE = 6_000  # links of a page, of whatever kind, that are looked at: each costs a tenth of a millisecond
_MERE = 60  # characters of a link that may say no more than 查看
_UNTITLED = 3  # such links to documents that make a list
_UP, _ALIKE = 4, 5  # elements around a link, and beside each of these, among which its block is looked for
_LINKED = 4  # links of one entry's block: picture, title, 详情
_PANEL = 2  # entries of a panel that a heading opens
_SHORTEST = 6  # characters of a heading that is a title
_LISTS = frozenset({"ul", "ol", "dl", "table"})
_CUT = ("...", "…", "⋯")
_YEAR_CELL = re.compile(r"[\[(（【]?(?:19|20)\d\d\s?年?度?[\])）】]?")
_DATED = re.compile(r"^(?:发布|发文|公开|更新|成文|生成)?(?:于|日期|时间)\s?[:：]?\s?")
_TIP = re.compile(
    r"(?:文章)?(?:标题|题目|名称)\s?[:：]\s?(.{4,300}?)\s?(?:作\s*者|来\s*源|(?:更新|发布|添加)(?:时间|日期)|点击|浏览|$)"
)


def read_items(page: Page, signature: Signature, *, unlinked: bool = True) -> tuple[tuple[Link, ...], str]:
    """Return the items of a list page in reading order, each address once, or once for each body whose report a title
    of it names; and why some may be missing ("" if not).

    Those that are printed without a link come last; ``unlinked`` False: they are left out.
    """
    if (tree := page.tree) is None:
        return (), ""
    found: dict[str, Link] = {}
    base = page.base
    anchors = list(islice(_clickable(tree), _CLICKABLE))
    doubt = "more_links_than_read" if len(anchors) == _CLICKABLE else ""
    inside = _inside(tree, signature)
    over = headed(anchors, page.url, base, tree)
    items = [_item(a, base, signature, inside is None or a in inside, over.get(a)) for a in anchors]
    if inside is not None and not any(isinstance(item, Link) for item in items):
        items = [_item(anchor, base, signature, True, over.get(anchor)) for anchor in anchors]
    _text_of_row.cache_clear()  # no page is kept for the sake of its last row
    items = _without_ways(items, anchors, {*map(signature.canonical, folders_of_years(page, signature))})
    lists = {_list_of(anchor) for anchor, item in zip(anchors, items, strict=True) if isinstance(item, Link)} - {None}
    for anchor, item in zip(anchors, items, strict=True):
        link = _bare_body(anchor, base, signature) if item is None and _list_of(anchor) in lists else item
        if isinstance(link, str):
            doubt = doubt or link
        elif link is not None:
            key = key_of(link, found)
            if key in found:
                continue
            if len(found) >= _LINKS:
                return tuple(found.values()), "more_links_than_read"
            found[key] = replace(link, position=len(found))
    doubt = doubt or _untitled(page, signature, tree, anchors, found, base)
    if not unlinked:
        return tuple(found.values()), doubt
    linked = {anchor: item for anchor, item in zip(anchors, items, strict=True) if isinstance(item, Link)}
    printed, scripted = printed_entries(page.url, tree, linked, over)
    for link in printed:
        found[link.url] = replace(link, position=len(found))
    return tuple(found.values()), doubt or scripted


def _without_ways(
    items: Sequence[Link | str | None], anchors: Sequence[lxml.html.HtmlElement], folders: Container[str]
) -> list[Link | str | None]:
    """Items without the links to ``folders`` of years, and to what a page says that it lies below."""
    ways = (
        isinstance(item, Link) and (item.url in folders or says_where(anchor))
        for item, anchor in zip(items, anchors, strict=True)
    )
    return [None if way else item for item, way in zip(items, ways, strict=True)]


def _untitled(
    page: Page,
    signature: Signature,
    tree: lxml.html.HtmlElement,
    anchors: Sequence[lxml.html.HtmlElement],
    found: Container[str],
    base: str,
) -> str:
    """A doubt where several links to documents in the lists of a column of annual reports say no more than 查看, and
    nothing was read that tells whose reports they are.
    """
    left: set[str] = set()
    for anchor in anchors:
        if (
            _list_of(anchor) is not None
            and is_mere(text_of(anchor)[:_MERE])
            and (url := joined(base, target_of(anchor)))
        ):
            canonical = signature.canonical(url)
            if canonical not in found and (signature.detail.search(canonical) or facts_of(canonical).detail is True):
                left.add(canonical)
    if len(left) < _UNTITLED:
        return ""
    return "entries_without_titles" if called_on(tree) or is_known_folder(tree, page.column) else ""


def _list_of(anchor: lxml.html.HtmlElement) -> lxml.html.HtmlElement | None:
    """The list a link stands in; its links are items of one kind."""
    return next((node for node in islice(anchor.iterancestors(), 8) if node.tag in _LISTS), None)


def _bare_body(anchor: lxml.html.HtmlElement, base: str, signature: Signature) -> Link | None:
    """An item of which nothing but the name of a body is printed, among items that say more."""
    href, title = target_of(anchor), _title(anchor)
    if not href or not names_a_body(title):
        return None
    try:
        url = signature.canonical(join(base, href))
    except ValueError:
        return None
    return Link(url=url, text=title, row=title) if len(url) <= LONGEST else None


def _inside(tree: lxml.html.HtmlElement, signature: Signature) -> set[lxml.html.HtmlElement] | None:
    """The links inside the family's list areas; None where the page has none of these areas."""
    for selector in signature.areas:
        if areas := tree.cssselect(selector):
            return {node for area in areas for node in _clickable(area)}
    return None


def _clickable(area: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    """Links, and what a script makes one."""
    for node in area.iter():
        if node.tag == "a" or (
            (node.get("onclick") or address_in_attributes(node)) and next(node.iter("a"), None) is None
        ):
            yield node


def _item(
    anchor: lxml.html.HtmlElement, base: str, signature: Signature, inside: bool, over: str | None
) -> Link | str | None:
    """A link that is an item; None if it is none; why an item has no address that can be asked for.

    Outside the list areas (``inside`` False) only a title that speaks of a report makes one. ``over``: its title with
    the headings over it, where its own leaves something out.
    """
    told = _title_of_attribute(anchor)
    href, title = target_of(anchor), told or over or _title(anchor)
    if len(title) < 4 and not (inside and names_a_body(title)):  # 司法局, 城关镇
        return None
    speaks = bool(told or over) or bool(REPORT.search(title) and (YEAR.search(title) or _year_beside(anchor)))
    speaks = speaks or _is_cut_report(title)
    if not href:
        return NO_ADDRESSES if speaks and not (is_idle(anchor) or _opens_what_follows(anchor)) else None
    try:
        url = signature.canonical(join(base, href))
    except ValueError:
        return "no_address" if speaks else None
    if len(url) > LONGEST:
        return "address_too_long" if speaks else None
    if not inside and not speaks:
        return None
    row_text, crowd = _row(anchor)
    own = text_of(anchor)
    beside = TODAY.sub(" ", row_text.replace(own, " ", 1) if own else row_text)
    printed = DATE.search(beside) if crowd <= 4 else None
    printed = printed or DATE.search(_own_date(anchor)) or DATE.search(_beside_heading(anchor))
    pieced = "" if printed or crowd > 4 else day_in_pieces(anchor) or _row_day(anchor)
    listed = "".join(printed.group(0).split()) if printed else pieced or None
    if not (signature.detail.search(url) or listed or speaks):
        return None
    return Link(url=url, text=title, listed=listed, row=row_text[:400])


def _is_cut_report(title: str) -> bool:
    """Whether a title is cut (…2024年政府信息公开工作...) and what is left of it may be a report's."""
    said = judge_in_column(title) if title.endswith(_CUT) else None
    return said is not None and said.could_be and said.year is not None


def _row_day(anchor: lxml.html.HtmlElement) -> str:
    """The day that the list row around a link prints in pieces."""
    row = next((node for node in islice(anchor.iterancestors(), 4) if node.tag in ROWS), None)
    row = _block(anchor) if row is None else row
    return day_in_pieces(row) if row is not None else ""


def _block(anchor: lxml.html.HtmlElement) -> lxml.html.HtmlElement | None:
    """The one of several like blocks in which a link stands with what is printed beside it, where a list has no rows
    (``<div class=item><div class=date>…</div><div class=txt><h4><a>``); None where there is none. It holds no other
    place to go to.
    """
    target = target_of(anchor)
    for node in islice(anchor.iterancestors(), _UP):
        inside = list(islice(node.iter("a"), _LINKED + 1))
        if node.tag in {"body", "table", "ul", "ol"} or len(inside) > _LINKED:
            return None
        if any(target_of(one) not in {"", target} for one in inside):
            return None
        around = node.getparent()
        if node.tag != "div" or around is None:
            continue
        like = (one for one in islice(around.iterchildren("div"), _ALIKE) if one is not node)
        if any(one.get("class") == node.get("class") and next(one.iter("a"), None) is not None for one in like):
            return node
    return None


def _opens_what_follows(anchor: lxml.html.HtmlElement) -> bool:
    """Whether an element is the head of an accordion: it names no body, and entries stand in the element behind it."""
    if judge_in_column(text_of(anchor)).agency:
        return False
    for node in (anchor, *islice(anchor.iterancestors("div", "li", "dt", "h2", "h3", "h4", "h5"), 2)):
        behind = node.getnext()
        if behind is not None and len(list(islice((a for a in behind.iter("a") if target_of(a)), _PANEL))) == _PANEL:
            return True
    return False


def _title(anchor: lxml.html.HtmlElement) -> str:
    """Return the full title, without a date beside it: the attribute where the text is a cut piece of it, else the
    text; of a card that is one link (<a><h4>…</h4><p>发布机构：…</p></a>) its heading.
    """
    text, date = _heading_in(anchor) or card_title(anchor) or text_of(anchor), _own_date(anchor)
    text = text.replace(date, " ", 1).strip() if date else text
    attribute = _title_in(anchor.get("title") or "")
    stem = re.sub(r"(?:\.{2,}|…)+$", "", text).strip()
    return attribute[:500] if attribute and (not text or (stem and stem in attribute)) else text[:500]


def _title_of_attribute(anchor: lxml.html.HtmlElement) -> str:
    """The title of a report that names its body and year in the attribute of a link that says no more than 查看; ""
    for any other.
    """
    attribute = (anchor.get("title") or "")[:500]
    if not REPORT.search(attribute) or not is_mere(text_of(anchor)[:_MERE]):
        return ""
    said = judge_in_column(title := _title_in(attribute))
    return title if said.agency and said.year and said.could_be else ""


def _heading_in(anchor: lxml.html.HtmlElement) -> str:
    """The one heading in a link that holds more than it; "" for none, or several."""
    inside = [text_of(node) for node in islice(anchor.iter("h1", "h2", "h3", "h4", "h5", "h6"), 2)]
    return inside[0] if len(inside) == 1 and len(inside[0]) >= _SHORTEST else ""


def _beside_heading(anchor: lxml.html.HtmlElement) -> str:
    """What a link prints beside its heading; "" where it has none."""
    heading = _heading_in(anchor)
    return text_of(anchor).replace(heading, " ", 1)[:200] if heading else ""


def _own_date(anchor: lxml.html.HtmlElement) -> str:
    """The date that a link holds in an element of its own (a whole card is one link), as printed; "" for none."""
    inside = (text_of(node) for node in islice(anchor.iterdescendants(), 30) if isinstance(node.tag, str))
    return next((text for text in inside if DATE.fullmatch(_DATED.sub("", text.strip("[]【】()（） ")))), "")


def _title_in(attribute: str) -> str:
    """The title that an attribute holds, without markup."""
    return _tipped(re.sub(r"\s+", " ", re.sub(r"<[^<>]{0,200}>", "", attribute)).strip())


def _tipped(attribute: str) -> str:
    """The title in an attribute that tells more (文章标题：… 作者：… 更新时间：…); any other as it is."""
    told = _TIP.match(attribute)
    return told.group(1).strip() if told else attribute


def _year_beside(anchor: lxml.html.HtmlElement) -> bool:
    """Whether a cell of a link's row holds nothing but a year: the link's own text may leave it out."""
    row = next((node for node in islice(anchor.iterancestors(), 4) if node.tag in {"tr", "li", "dl"}), None)
    if row is None:
        return False
    cells = islice(row.iter("td", "th", "span", "em", "i", "b", "dt"), 12)
    return any(_YEAR_CELL.fullmatch(text_of(cell)) for cell in cells)


def _row(anchor: lxml.html.HtmlElement) -> tuple[str, int]:
    """Text of the nearest list row around a link (without rows inside it), and the number of links in it."""
    parent = anchor.getparent()
    row = parent if parent is not None else anchor
    for depth, ancestor in enumerate((anchor, *anchor.iterancestors())):
        if ancestor.tag in ROWS:
            row = ancestor
            break
        if depth >= 5 or ancestor.tag in {"body", "table", "ul"}:
            break
    if row.tag not in ROWS and (block := _block(anchor)) is not None:
        row = block
    if row.tag == "dt":
        texts, links = zip(*map(_text_of_row, _term(row)), strict=True)
        return " ".join(texts), sum(links)
    return _text_of_row(row)


def _term(term: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
    """A ``dt`` with what its list says of it: the ``dd`` that follow, up to the next ``dt``."""
    return [term, *takewhile(lambda node: node.tag == "dd", islice(term.itersiblings(), _LINKED))]


@lru_cache(maxsize=1)
def _text_of_row(row: lxml.html.HtmlElement) -> tuple[str, int]:
    """What :func:`_row` tells of a row: the links of a page without rows share one, and each would read it anew."""
    pieces: list[str] = []
    links = 0
    walker = etree.iterwalk(row, events=("start", "end"))
    for event, node in walker:
        if len(pieces) > 400:
            break
        if event == "end":
            pieces.append(node.tail or "" if node is not row else "")
        elif node is not row and node.tag in {"li", "tr", "script", "style"}:
            walker.skip_subtree()
        else:
            links += node.tag == "a"
            pieces.append(node.text or "")
    return re.sub(r"\s+", " ", "".join(pieces)).strip(), links
