"""A list page → raw links, the pages that follow, the printed total (pure).

An item is known by the shape of its address (``detail`` of the family), by a date in its row, or by a title that
speaks of an annual report; not by the style classes of one site. Where the family knows its list areas, only these
are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import lxml.html
from lxml import etree

from archive.identity.addresses import read as facts_of
from archive.identity.titles import Strength, judge
from crawler.families.addresses import LONGEST, base_of, join, joined, target_of, text_of
from crawler.families.headings import PLACES, headed
from crawler.families.steps import Step
from crawler.signatures import Signature, data, words
from storage.records import Link, LookOutcome

_SIZE = 4_000_000  # characters of a page that are parsed
_LINKS = 5_000
_COLUMNS = 150
_ROOT = 3  # slashes in the address of a home page
_COLUMN = re.compile(r"年\s*报|年度报告|工作报告|年度报表|信息公开")
_ANNUAL = re.compile(r"年\s*报|年度报告")
_LISTS = frozenset({"ul", "ol", "dl", "table"})
_BODY = re.compile(r"[一-龥]{2}(?:局|委|委员会|办|办公室|政府|中心|镇|乡|街道|街道办事处|处|所|院|会|队)$")
_ROWS = frozenset({"li", "tr", "dd", "dt", "article"})
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?(?!\d)")
_REPORT = re.compile(r"(?:年度报告|年\s*报|工作报告|年度报表|情况报告)")
_YEAR_CELL = re.compile(r"[\[(（【]?(?:19|20)\d\d\s?年?度?[\])）】]?")
_DATED = re.compile(r"^(?:发布|发文|公开|更新|成文|生成)?(?:于|日期|时间)\s?[:：]?\s?")
_TIP = re.compile(
    r"(?:文章)?(?:标题|题目|名称)\s?[:：]\s?(.{4,300}?)\s?(?:作\s*者|来\s*源|(?:更新|发布|添加)(?:时间|日期)|点击|浏览|$)"
)
_UNSHOWN = frozenset({"hide", "hidden", "none", "dn"})  # words of classes that keep an element from being shown
_FOR_ITEMS = re.compile(r"\w*(?:lists?|data|contents?|results?|items?|rows?|news|articles?|nianbao|xxgk)")
_OF_FURNITURE = re.compile(
    r"(?:top|main|sub|left|right|side)?(?:nav\w*|menus?|head(?:er)?|foot(?:er)?|top|crumbs?|positions?|share|search|login|pages?"
    r"|pager|pagination|banners?|slides?|swiper|side(?:bar)?|tools?(?:bar)?|tree|float|copyright|qrcode|barrier\w*|wza"
    r"|clear\w*|lines?|hot|tabs?|counter|weather)"
)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_UNREAD = frozenset({"script", "style", "template", "noscript"})
_YEAR = re.compile(r"(?:19|20)\d\d|[一二][〇○零O0九][〇○零一二三四五六七八九]{2}")


@dataclass(frozen=True, slots=True)
class Page:
    """A stored page of a listing: final address, decoded text, the bytes' length and status."""

    url: str
    text: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class ListPage:
    """What a family makes of one page of a listing.

    ``following``: addresses (or requests) of the pages that come next; ``speculative``: nothing on the page says
    that they exist.
    ``outcome`` is ok, or why this page is none to be believed (``changed``, ``script_only``, ``partial``) with
    ``reason``.
    ``subcolumns``: links to further lists of reports; ``hub``: the page is there to show them.
    ``pages``: how many pages the list says it has; ``by_script``: more of it is turned to by script only;
    ``doubt``: why items of this page may be missing among ``links`` (a look with one is never ok);
    ``frames``: pages shown inside this one; ``shell``: a page that has no items by design, and names in ``following``
    the interface that answers with them.
    """

    links: tuple[Link, ...]
    following: tuple[str | Step, ...] = ()
    speculative: bool = False
    total: int | None = None
    outcome: LookOutcome = LookOutcome.OK
    reason: str = ""
    subcolumns: tuple[Link, ...] = ()
    pages: int | None = None
    doubt: str = ""
    by_script: bool = False
    hub: bool = False
    frames: tuple[str, ...] = ()
    shell: bool = False


def parse(text: str) -> lxml.html.HtmlElement | None:
    """Return an element tree of a page, or None where there is nothing to parse; bounded in size, without network."""
    return parse_all(text)[0]


def parse_all(text: str) -> tuple[lxml.html.HtmlElement | None, bool]:
    """Return :func:`parse`, and whether the whole page is in it: what is too long or too deep is cut."""
    parser = lxml.html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    cleaned = text[:_SIZE].replace("\x00", "")
    try:
        tree = lxml.html.document_fromstring(cleaned.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None, len(text) <= _SIZE
    limited = any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)
    return tree, len(text) <= _SIZE and not limited


def read_links(page: Page, signature: Signature, tree: lxml.html.HtmlElement | None) -> tuple[Link, ...]:
    """Return the items of a list page in reading order, each address once."""
    return read_items(page, signature, tree)[0]


def read_items(page: Page, signature: Signature, tree: lxml.html.HtmlElement | None) -> tuple[tuple[Link, ...], str]:
    """Return the items of a list page in reading order, each address once, and why some may be missing ("" if not)."""
    if tree is None:
        return (), ""
    found: dict[str, Link] = {}
    base, doubt = base_of(page.url, tree), ""
    anchors = list(_clickable(tree))
    inside = _inside(tree, signature)
    over = headed(anchors, base, tree)
    items = [_item(a, base, signature, inside is None or a in inside, over.get(a)) for a in anchors]
    if inside is not None and not any(isinstance(item, Link) for item in items):
        items = [_item(anchor, base, signature, True, over.get(anchor)) for anchor in anchors]
    lists = {_list_of(anchor) for anchor, item in zip(anchors, items, strict=True) if isinstance(item, Link)} - {None}
    for anchor, item in zip(anchors, items, strict=True):
        link = _bare_body(anchor, base, signature) if item is None and _list_of(anchor) in lists else item
        if isinstance(link, str):
            doubt = doubt or link
        elif link is not None and link.url not in found:
            if len(found) >= _LINKS:
                return tuple(found.values()), "more_links_than_read"
            found[link.url] = replace(link, position=len(found))
    return tuple(found.values()), doubt or _unlinked(tree)


def _unlinked(tree: lxml.html.HtmlElement) -> str:
    """A doubt where a row names a body's report and nothing in or around it is a link: a script makes it one."""
    for row in tree.iter("li", "tr", "dd"):
        if len(row) > 12 or row.get("onclick") or next(row.iter("a"), None) is not None:
            continue
        text = text_of(row)
        if not (len(text) <= 120 and _REPORT.search(text) and _YEAR.search(text)):
            continue
        inner = any(node.tag in _ROWS or node.get("onclick") for node in row.iterdescendants())
        around = any(node.tag == "a" for node in islice(row.iterancestors(), 4))
        if not (inner or around):
            said = judge(_DATE.sub("", text))
            if said.strength is Strength.FULL and said.agency:
                return "address_by_script"
    return ""


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


def names_a_body(text: str) -> bool:
    """Whether a text ends as the names of bodies do (宛平县教育局)."""
    return bool(_BODY.search(text))


def _inside(tree: lxml.html.HtmlElement, signature: Signature) -> set[lxml.html.HtmlElement] | None:
    """The links inside the family's list areas; None where the page has none of these areas."""
    for selector in signature.areas:
        if areas := tree.cssselect(selector):
            return {node for area in areas for node in _clickable(area)}
    return None


def _clickable(area: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    """Links, and what a script makes one."""
    for node in area.iter():
        if node.tag == "a" or (node.get("onclick") and next(node.iter("a"), None) is None):
            yield node


def _item(
    anchor: lxml.html.HtmlElement, base: str, signature: Signature, inside: bool, over: str | None
) -> Link | str | None:
    """A link that is an item; None if it is none; why an item has no address that can be asked for.

    Outside the list areas (``inside`` False) only a title that speaks of a report makes one. ``over``: its title with
    the headings over it, where its own leaves something out.
    """
    href, title = target_of(anchor), over or _title(anchor)
    if len(title) < 4:
        return None
    speaks = bool(_REPORT.search(title) and (_YEAR.search(title) or _year_beside(anchor)))
    if not href:
        scripted = bool(anchor.get("onclick")) or (anchor.get("href") or "").lower().startswith("javascript:")
        return "address_by_script" if speaks and scripted else None
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
    printed = _DATE.search(row_text.replace(own, " ", 1) if own else row_text) if crowd <= 4 else None
    printed = printed or _DATE.search(_own_date(anchor))
    if not (signature.detail.search(url) or printed or speaks):
        return None
    listed = re.sub(r"\s+", "", printed.group(0)) if printed else None
    return Link(url=url, text=title, listed=listed, row=row_text[:400])


def _title(anchor: lxml.html.HtmlElement) -> str:
    """Return the full title, without a date beside it: the attribute where the text is a cut piece of it, else the
    text.
    """
    text, date = text_of(anchor), _own_date(anchor)
    text = text.replace(date, " ", 1).strip() if date else text
    attribute = re.sub(r"<[^<>]{0,200}>", "", anchor.get("title") or "")
    attribute = _tipped(re.sub(r"\s+", " ", attribute).strip())
    stem = re.sub(r"(?:\.{2,}|…)+$", "", text).strip()
    return attribute[:500] if attribute and (not text or (stem and stem in attribute)) else text[:500]


def _own_date(anchor: lxml.html.HtmlElement) -> str:
    """The date that a link holds in an element of its own (a whole card is one link), as printed; "" for none."""
    inside = (text_of(node) for node in islice(anchor.iterdescendants(), 30) if isinstance(node.tag, str))
    return next((text for text in inside if _DATE.fullmatch(_DATED.sub("", text.strip("[]【】()（） ")))), "")


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
    for depth, ancestor in enumerate(anchor.iterancestors()):
        if ancestor.tag in _ROWS:
            row = ancestor
            break
        if depth >= 4 or ancestor.tag in {"body", "table", "ul"}:
            break
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


def between(text: str, start: str, end: str, most: int = 5_000) -> list[str]:
    """Return what stands between each ``start`` and the ``end`` after it, in any case; linear in the length."""
    lower, at = text.lower(), 0
    pieces: list[str] = []
    while len(pieces) < most:
        begin = lower.find(start, at)
        stop = lower.find(end, begin + len(start)) if begin >= 0 else -1
        if stop < 0:
            break
        pieces.append(text[begin + len(start) : stop])
        at = stop + len(end)
    return pieces


def subcolumns(page: Page, tree: lxml.html.HtmlElement | None, signature: Signature) -> tuple[Link, ...]:
    """Links that lead to further lists of reports, each once, the page itself left out: by their names
    (部门政府信息公开年报); on a page that is a column of reports also folders of a year (2023年) or of a body.
    """
    if tree is None:
        return ()
    shapes = data()["subcolumn"]
    named, year = re.compile(shapes["text"]), re.compile(shapes["year"])
    found: dict[str, Link] = {}
    base, reports = base_of(page.url, tree), names_a_column(tree, _ANNUAL)
    below = page.url.partition("?")[0].rpartition("/")[0] + "/"
    for anchor in tree.iter("a"):
        label = re.sub(r"\s+", "", text_of(anchor))
        href = (anchor.get("href") or "").strip()
        if not href or not 2 <= len(label) <= 40 or any(word in label for word in shapes["not"]):
            continue
        folder = reports and below.count("/") > _ROOT and bool(year.fullmatch(label) or names_a_body(label))
        if not folder and not named.fullmatch(label):
            continue
        url = joined(base, href)
        if url is None or not url.startswith("http") or url.rstrip("/") == page.url.rstrip("/"):
            continue
        if signature.detail.search(url):
            continue
        if not named.fullmatch(label) and not (url.startswith(below) and facts_of(url).detail is not True):
            continue  # a document, or something of another column
        found.setdefault(url, Link(url=url, text=label))
    return tuple(found.values())[:_COLUMNS]


def names_a_column(tree: lxml.html.HtmlElement | None, column: re.Pattern[str] = _COLUMN) -> bool:
    """Whether a page calls itself a column of reports: its title, a heading, or the place where it says one is."""
    if tree is None:
        return False
    return any(column.search(text_of(node)[:200]) for node in tree.xpath(PLACES)[:40])


def is_hub(tree: lxml.html.HtmlElement | None, columns: tuple[Link, ...]) -> bool:
    """Whether a page without items is there to lead to further lists: a menu on a notice, a login or the home page
    leads there too.
    """
    return len(columns) >= 2 and names_a_column(tree) and not is_notice(tree)


def is_notice(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a page, outside its links, says that it stands in place of an answer (系统维护中, 您没有相关权限)."""
    if tree is None:
        return False
    said = "".join(islice(tree.xpath("//text()[not(ancestor::a or ancestor::script or ancestor::style)]"), 4000))
    return any(word in re.sub(r"\s+", "", said[:40_000]).lower() for word in words("no_answer"))


def without_items(page: Page, text: str, tree: lxml.html.HtmlElement | None) -> tuple[LookOutcome, str]:
    """Return what a list page without a single item is: empty and saying so, made by scripts, or changed.

    It says so only as a column of reports: a notice, a refusal and the home page print such words too. Words that are
    not shown, or stand beside a place that a script may fill, are there for a script to show.
    """
    source = page.text.lower()
    if any(mark in source for mark in words("script_list", "marks")):
        return LookOutcome.SCRIPT_ONLY, "scripts_make_the_list"
    shown = re.sub(r"\s+", "", text)
    says = any(word in shown for word in words("empty_list"))
    if tree is None or not names_a_column(tree) or is_notice(tree):
        return LookOutcome.CHANGED, "no_item_found"
    if not says:
        made = _is_filled_by_script(tree, furniture=False) and next(tree.iter("iframe", "frame"), None) is None
        return (LookOutcome.SCRIPT_ONLY, "scripts_make_the_list") if made else (LookOutcome.CHANGED, "no_item_found")
    unhidden = re.sub(r"\s+", "", _unhidden(tree))
    if not any(word in unhidden for word in words("empty_list")) or _is_filled_by_script(tree):
        return LookOutcome.SCRIPT_ONLY, "scripts_make_the_list"
    if "display:none" in re.sub(r"\s+", "", source):
        return LookOutcome.CHANGED, "no_item_found"
    return LookOutcome.OK, "says_it_is_empty"


def _unhidden(tree: lxml.html.HtmlElement) -> str:
    """Text of a page without the elements that its own markup keeps from being shown."""
    pieces: list[str] = []
    walker = etree.iterwalk(tree, events=("start", "end"))
    for event, node in walker:
        if event == "end":
            pieces.append(node.tail or "")
        elif node.tag in _UNREAD or _is_hidden(node):
            walker.skip_subtree()
        else:
            pieces.append(node.text or "")
    return "".join(pieces)


def _is_hidden(node: lxml.html.HtmlElement) -> bool:
    style = re.sub(r"\s+", "", node.get("style") or "").lower()
    named = (node.get("class") or "").lower().split()
    return node.get("hidden") is not None or not _UNSHOWN.isdisjoint(named) or "display:none" in style


def _is_filled_by_script(tree: lxml.html.HtmlElement, *, furniture: bool = True) -> bool:
    """Whether a page loads a script and has an empty element with an id, where a script puts items; ``furniture``: or
    that is called a menu's, a pager's and the like.
    """
    return _loads_a_script(tree) and any(
        node.get("id") and (furniture or not _is_called(node, _OF_FURNITURE))
        for node in _empty(tree, "ul", "ol", "tbody", "div")
    )


def has_a_place_for_items(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a page loads a script and has an empty element made for items: a list or a table of its own, or one that
    is called so; not any empty element, for menus, tools and footers are filled as well.
    """
    if tree is None or not _loads_a_script(tree):
        return False
    return any(
        not _is_called(node, _OF_FURNITURE)
        and (_is_called(node, _FOR_ITEMS) if node.tag in {"div", "section"} else node.tag == "tbody" or _named(node))
        for node in _empty(tree, "ul", "ol", "dl", "tbody", "table", "div", "section")
    )


def _is_called(node: lxml.html.HtmlElement, names: re.Pattern[str]) -> bool:
    return any(names.fullmatch(word.lower()) for word in _WORDS.findall(_named(node)))


def _loads_a_script(tree: lxml.html.HtmlElement) -> bool:
    return any((node.get("src") or "").strip() for node in tree.iter("script"))


def _empty(tree: lxml.html.HtmlElement, *tags: str) -> Iterator[lxml.html.HtmlElement]:
    return (node for node in tree.iter(*tags) if not len(node) and not (node.text or "").strip())


def _named(node: lxml.html.HtmlElement) -> str:
    return f"{node.get('id') or ''} {node.get('class') or ''}".strip()[:300]
