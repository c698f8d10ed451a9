"""Where the main text of a page stands: by what it says, with the containers of known families as a hint only."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from archive.documents.markup.adjacent_tables import AdjacentTables
from archive.documents.markup.scan import Element, Scan
from archive.documents.markup.vocabulary import OF_TABLES, Vocabulary, vocabulary

_CONTAINERS = vocabulary().containers
_TOKEN = re.compile(r"[^\s]+")
_LISTS = frozenset(("ul", "ol", "dl", "div"))
_TITLE_TAGS = frozenset(("h1", "h2", "h3", "div", "p", "span", "td", "ucaptitle", "strong", "b"))
_NAV_TAGS = frozenset(("nav", "footer"))
_TITLED = re.compile(r"(20\d\d)\s*年?度?\s*(?:政府)?信息公开(?:工作)?(?:年度)?(?:工作)?(?:报告|年报)")
_TABLE = 1_500  # characters of the longest table of the form
_FIGURES = re.compile(r"\d+")
_HEAD = 300  # characters before and behind an element's beginning where its title stands
_FAMILIAR = 3  # so many different markers make a page a report whose place can be found by them
_PREAMBLE = 1_500  # characters an outer element may add in front of or behind what holds the markers
_LINKED = 0.3  # more than this share of link text is navigation


@dataclass(frozen=True, slots=True)
class Content:
    """The element of the main text, the printed title outside it if there is one, and what to leave out inside."""

    element: Element
    title: Element | None
    left_out: frozenset[Element]
    markers: int


def find_content(scan: Scan, vocabulary: Vocabulary, article_title: str) -> Content:
    """The element that holds the report, else the best container, else the whole body."""
    body = next(scan.root.iter("body"), scan.root)
    every = marker_places(scan, body, vocabulary)
    places = [found for found in every if found]
    if len(places) >= _FAMILIAR:
        beside = AdjacentTables(scan, every[len(vocabulary.chapters) :][:OF_TABLES])
        element = _outward(scan, _narrowest(scan, body, places, beside), body, vocabulary)
    else:
        element = _around_all_markers(scan, _container(scan, body, vocabulary), body, places)
    found = {at for some in places for at in some}
    left_out = _furniture(scan, element, vocabulary, sorted(found))
    title = _title(scan, element, vocabulary, article_title)
    return Content(element, title, left_out, len(places))


def _around_all_markers(scan: Scan, element: Element, body: Element, places: Sequence[Sequence[int]]) -> Element:
    """The element, or what is around it and holds every place of a marker: articles beside it may be reports too."""
    every = [place for some in places for place in some]
    at: Element | None = element
    while at is not None and at is not body:
        start, end = scan.spans.get(at, (0, 0))
        if _is_container(at) and all(start <= place < end for place in every):
            return at
        at = at.getparent()
    return body if every else element


def marker_places(scan: Scan, body: Element, vocabulary: Vocabulary) -> list[list[int]]:
    """For each marker of the vocabulary, in its order, the sorted positions where it stands in the body."""
    start, end = scan.spans.get(body, (0, 0))
    text = scan.text
    return [[m.start() for m in p.finditer(text, start, end)] for p in vocabulary.chapters + vocabulary.table_markers]


def holds_any(span: tuple[int, int], places: list[int]) -> bool:
    """Whether any of the sorted ``places`` lies in the span."""
    at = bisect_left(places, span[0])
    return at < len(places) and places[at] < span[1]


def words_of(element: Element) -> set[str]:
    """Identifier and class names in lower case."""
    names = f"{element.get('id', '')} {element.get('class', '')}".lower()
    return set(_TOKEN.findall(names[:400]))


def _narrowest(scan: Scan, body: Element, places: list[list[int]], beside: AdjacentTables) -> Element:
    """The deepest element that still holds every marker; of two copies (phone, desktop) the first.

    Elements that hold every marker under titles of different years, or with other figures, are several reports: what
    holds them all is given. So it is where tables of the form, with other figures, stand beside such an element.
    """
    at = body
    while True:
        spans = ((child, scan.spans.get(child, (0, 0))) for child in at if isinstance(child.tag, str))
        inner = [child for child, span in spans if span[1] > span[0] and all(holds_any(span, p) for p in places)]
        if not inner or _are_several(scan, at, inner) or _differ(scan, inner, places):
            break
        if beside.differs(at, inner):
            break
        at = next((child for child in inner if child not in scan.hidden), inner[0])
    while at is not body and not _is_container(at):
        parent = at.getparent()
        if parent is None:
            break
        at = parent
    return at


def _are_several(scan: Scan, outer: Element, inner: Sequence[Element]) -> bool:
    """Whether the last years that titles in or before elements name are not the same in all that are shown."""
    shown = [scan.spans[element] for element in inner if element not in scan.hidden]
    if len(shown) < 2:
        return False
    begin = scan.spans.get(outer, (0, 0))[0]
    years: set[str] = set()
    for start, end in shown:
        head = scan.text[max(begin, start - _HEAD) : min(end, start + _HEAD)]
        years.update(match[1] for match in list(_TITLED.finditer(head))[-1:])
        begin = end
    return len(years) > 1


def _differ(scan: Scan, inner: Sequence[Element], places: Sequence[Sequence[int]]) -> bool:
    """Whether elements that are shown print other figures from their first marker to what the last one is of."""
    shown = [scan.spans[element] for element in inner if element not in scan.hidden]
    if len(shown) < 2:
        return False
    figures: tuple[str, ...] | None = None
    for start, end in shown:
        first = min(some[bisect_left(some, start)] for some in places)
        last = max(some[bisect_left(some, end) - 1] for some in places)
        held = tuple(_FIGURES.findall(scan.text[first : min(end, last + _TABLE)]))
        if figures not in (None, held):
            return True
        figures = held
    return False


def _is_container(element: Element) -> bool:
    return element.tag in _CONTAINERS and (
        element.tag != "td" or next(element.iterdescendants("p", "div", "table"), None) is not None
    )


def _outward(scan: Scan, inner: Element, body: Element, vocabulary: Vocabulary) -> Element:
    """Take in what belongs to the text but holds no marker: preamble, signature, the rest of a known container."""
    size = scan.size(inner)
    best = inner
    chain = []
    at = inner.getparent()
    while at is not None and at is not body and scan.size(at) <= size * 2 + _PREAMBLE:
        chain.append(at)
        at = at.getparent()
    for outer in [inner, *chain]:
        if _is_container(outer) and _has_name_in(outer, vocabulary.strong) and not _much_linked(scan, outer):
            best = outer
    if best is not inner or _has_name_in(inner, vocabulary.strong):
        return best
    for outer in chain:
        if not _is_container(outer):
            continue
        added = scan.size(outer) - scan.size(best)
        links = scan.linked(outer) - scan.linked(best)
        if added > _PREAMBLE or links > max(10, added * _LINKED):
            break
        best = outer
    return best


def _has_name_in(element: Element, names: frozenset[str]) -> bool:
    if str(element.tag) in names:
        return True
    return ("id" in element.attrib or "class" in element.attrib) and not names.isdisjoint(words_of(element))


def _much_linked(scan: Scan, element: Element) -> bool:
    return scan.linked(element) > _LINKED * max(1, scan.size(element))


def _weight(scan: Scan, element: Element) -> int:
    """Text outside links; an image counts like a short paragraph, since a report may be one."""
    images = sum(1 for _ in element.iterdescendants("img")) if scan.size(element) < 2_000 else 0
    return scan.size(element) - scan.linked(element) + 60 * min(images, 20)


def _container(scan: Scan, body: Element, vocabulary: Vocabulary) -> Element:
    """The best known container, else downwards while one child holds most of the text, else the body."""
    total = max(1, _weight(scan, body))
    for names, share in ((vocabulary.strong, 0.08), (vocabulary.weak, 0.3)):
        known = [e for e in scan.spans if _has_name_in(e, names)]
        weighed = [(_weight(scan, e), e) for e in known[:500] if not _is_navigation(e)]
        best = max((w for w, _ in weighed), default=0)
        if best > 0 and best >= share * total:
            fitting = [e for w, e in weighed if w >= 0.95 * best]
            return min(fitting, key=scan.size)
    at = body
    while True:
        here = max(1, _weight(scan, at))
        inner = [c for c in at if isinstance(c.tag, str) and c in scan.spans and _weight(scan, c) >= 0.75 * here]
        if not inner or inner[0].tag in ("table", "p", "ul", "ol") or at is inner[0]:
            break
        at = inner[0]
    return at if _is_container(at) else next((a for a in at.iterancestors() if _is_container(a)), body)


def _is_navigation(element: Element) -> bool:
    return any(e.tag in _NAV_TAGS for e in (element, *element.iterancestors()))


def _furniture(scan: Scan, content: Element, vocabulary: Vocabulary, places: list[int]) -> frozenset[Element]:
    """What is left out inside the content: navigation, share boxes, hidden copies; never what holds a marker."""
    left_out: set[Element] = set()
    elements: dict[str, Element] = {}
    start, end = scan.spans.get(content, (0, 0))
    for element, span in scan.spans.items():
        size = span[1] - span[0]
        if not size or span[0] < start or span[1] > end or element is content or holds_any(span, places):
            continue
        if element.tag in _NAV_TAGS or (
            size <= 400
            and ("class" in element.attrib or "id" in element.attrib)
            and _is_named_furniture(element, vocabulary)
        ):
            left_out.add(element)
        elif element.tag in _LISTS and places and span[0] > places[-1] and _is_list_of_links(scan, element, size):
            left_out.add(element)  # related pages behind the text
        elif size >= 200 and element.tag in ("div", "section", "article"):
            first = elements.setdefault(scan.text_of(element), element)
            if first is not element and first not in element.iterancestors():
                left_out.add(element)
    return frozenset(left_out)


def _is_list_of_links(scan: Scan, element: Element, size: int) -> bool:
    """Related pages behind the text: several links and little else (dates)."""
    links = sum(1 for _ in element.iterdescendants("a"))
    return links >= 2 and scan.linked(element) >= 0.55 * size and next(element.iterdescendants("table"), None) is None


def _is_named_furniture(element: Element, vocabulary: Vocabulary) -> bool:
    return element.tag != "td" and not vocabulary.furniture.isdisjoint(words_of(element))


def _title(scan: Scan, content: Element, vocabulary: Vocabulary, article_title: str) -> Element | None:
    """The printed title above the content: what equals the page's ArticleTitle, else a heading or a titled element."""
    start, _ = scan.spans.get(content, (0, 0))
    wanted = "".join(article_title.split())
    best: Element | None = None
    rank = 0
    for element, span in scan.spans.items():
        if span[1] > start or not 4 <= span[1] - span[0] <= 120 or element.tag not in _TITLE_TAGS:
            continue
        text = scan.text[span[0] : span[1]]
        grade = 4 * (bool(wanted) and text == wanted) + 2 * ("报告" in text or "年报" in text)
        grade += element.tag in ("h1", "h2") or _has_name_in(element, vocabulary.titles)
        if grade >= max(rank, 2) and (grade > rank or best is None or scan.text_of(best) != text):
            best, rank = element, grade
    if best is None or rank < 3:
        return None
    return best
