"""Make the tree say as text what a page shows as text, and nothing else: then text can be taken from it in bulk.

Elements are neither added, moved nor removed, so CSS paths hold. What is silenced is kept and can be given back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from lxml import etree

from archive.documents.markup.cell_styles import doubtful
from archive.documents.markup.scan import SKIPPED, Element, KeptText, Scan
from archive.documents.markup.visibility import (
    cells_in_place,
    crossed_out,
    hidden_by,
    hidden_elements,
    inline_styles,
    sheet_of,
)
from archive.documents.markup.vocabulary import vocabulary
from archive.documents.pages import UNREAD

LINE = "\u2028"  # a <br>: a blank to everybody, but no character that stands in a source for its looks
EDGE = "\u2029"  # where a block begins or ends inside a cell
_SEEN_BY_SOME = frozenset(("mso-hide", "font-size"))
_NOTHING = re.compile(
    r"font(?:-size)?\s{0,9}:\s{0,9}(?:[a-z]{1,10}\s{1,4}){0,4}(?:calc\(\s{0,4})?0(?![.\d]*[1-9])", re.IGNORECASE
)
_ABSOLUTE = re.compile(r"position\s{0,9}:\s{0,9}absolute", re.IGNORECASE)
_RAISED = re.compile(r"(?<![\w-])vertical-align\s{0,9}:\s{0,9}(?:super|sub)(?![\w-])")
_STYLED = etree.XPath("//*[@style = $style]")
_CLASSED = etree.XPath("//*[@class = $name]")
_INLINE = ("span", "a", "b", "strong", "font", "i", "em", "u")
_FIGURE = re.compile(r"[\s\d.,，]{0,30}\d[\s\d.,，]{0,30}")
_STRUCK = frozenset(("del", "s", "strike"))
_FIELDS = frozenset(("input", "textarea", "select"))
_PLACED = frozenset(("sup", "sub", "bdo"))
_TURNED = "\u202e"  # what follows is shown from right to left
_FOLDING = frozenset(("details", "dialog"))
_GAUGES = frozenset(("progress", "meter"))  # drawn; what they hold is for browsers that cannot
_SPECIAL = tuple(sorted({"br", *_FOLDING, *_GAUGES, *_PLACED, *_FIELDS, *_STRUCK, *SKIPPED} - {"head", "title"}))
_SOURCES = frozenset(("script", "textarea", "template", "xmp", "noscript"))
_TYPED = frozenset(("text", "number", "tel", ""))
_BARE = re.compile(r"[^<>]{1,200}")
_LONG = 400  # characters of a field's value that may be a text
MAX_SOURCES = 2_000


def prepare(scan: Scan) -> list[tuple[str, str]]:
    """Take out text that is not shown, write line breaks and values of form fields into the tree as text.

    Returns the (tag, text) of scripts, text areas and long fields.
    """
    sources: list[tuple[str, str]] = []
    fields: list[tuple[Element, str]] = []
    styles: list[str] = []
    placed: list[Element] = []
    folded: list[Element] = []
    for element in scan.root.iter(*_SPECIAL):
        tag = element.tag
        if tag == "br":
            element.tail = LINE + (element.tail or "")
        elif tag in _SOURCES and len(sources) < MAX_SOURCES:
            text = _take_out(element)
            sources.append((str(tag), text))
            if tag == "textarea":
                fields.append((element, text.strip()))
        elif tag == "style":
            styles.append(sheet_of(element))
            element.text = None
        elif tag in _PLACED:
            placed.append(element)
        elif tag in _FOLDING:
            folded.append(element)
        elif tag in _FIELDS:
            fields.append((element, _chosen_option(element) if tag == "select" else ""))
        else:
            _leave_out(scan, element)
    styled, sheets = inline_styles(scan.root), "\n".join(styles)
    _hide(scan, sheets, styled, folded)
    _set_apart(scan, styled)
    _set_on_line(scan, styled, placed)
    for element, text in fields:
        _fill_in(scan, element, text)
    return [*sources, *islice(_long_values(fields), MAX_SOURCES)]


def _take_out(element: Element) -> str:
    """The text of a script or the like, taken out of the page; what one may write into a cell of its own is unread."""
    text = element.text or ""
    if len(element):
        text = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    _silence(element)
    if element.tag == "script" and "write" in text and _is_all_of_a_cell(element):
        element.tail = UNREAD
    return text


def _is_all_of_a_cell(element: Element) -> bool:
    """Whether a cell holds nothing else."""
    cell = element.getparent()
    if cell is None or cell.tag not in ("td", "th") or len(cell) > 1:
        return False
    return not f"{cell.text or ''}{element.tail or ''}".strip()


def _long_values(fields: Iterable[tuple[Element, str]]) -> Iterator[tuple[str, str]]:
    """What fields hold that is too long for one: a script shows it."""
    for element, _ in fields:
        if element.tag == "input" and len(value := element.get("value", "")) >= _LONG:
            yield "input", value


def _leave_out(scan: Scan, element: Element) -> None:
    if element.tag in _STRUCK:
        scan.cross_out(element)
    _silence(element)


def silence(element: Element) -> KeptText:
    """Take the text out of an element; what ``restore`` needs to give it back."""
    kept: KeptText = []
    for inner in element.iter():
        tail = None if inner is element else inner.tail
        if inner.text is not None or tail is not None:
            kept.append((inner, inner.text, tail))
    _silence(element)
    return kept


def restore(top: Element, kept: KeptText) -> None:
    """Give an element its text back."""
    for inner, text, tail in kept:
        inner.text = text
        if inner is not top:
            inner.tail = tail


def _silence(element: Element) -> None:
    element.text = None
    if len(element):
        for inner in element.iterdescendants():
            inner.text = None
            inner.tail = None


def _hide(scan: Scan, styles: str, styled: frozenset[str], folded: list[Element]) -> None:
    found = hidden_elements(scan.root, scan.source, styles, styled, folded)
    hidden = found.whole
    for element in crossed_out(hidden, styles, styled):
        scan.cross_out(element)
    in_place = frozenset(cells_in_place(hidden, styles))
    for element in hidden:
        kept = silence(element)
        said_there = "".join(f"{text or ''}{tail or ''}" for _, text, tail in kept)
        if element not in in_place and not _may_be_seen(element, said_there):
            scan.hidden[element] = kept
        elif said_there.strip():
            element.text = UNREAD
    for element, shown in found.partly.items():
        _silence_around(element, shown)
    for element in doubtful(scan.root, scan.source, styles, styled):
        if not _is_hidden(scan, element):
            element.text = UNREAD + (element.text or "")


def _silence_around(element: Element, shown: frozenset[Element]) -> None:
    """Take the text out of an element, but for that of these inner ones; what may be seen of it is unread."""
    gone: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walker:
        if event == "end":
            if inner is not element:
                gone.append(inner.tail or "")
                inner.tail = None
        elif inner in shown:
            walker.skip_subtree()
        else:
            gone.append(inner.text or "")
            inner.text = None
    if _may_be_seen(element, "".join(gone)):
        element.text = UNREAD


def _may_be_seen(element: Element, text: str) -> bool:
    """Whether a figure in a cell is hidden to Word alone, or by its size, which browsers have a least of."""
    style = element.get("style")
    if not style or _FIGURE.fullmatch(text) is None or _cell_around(element) is None:
        return False
    return bool(seen := hidden_by(style)) and seen <= _SEEN_BY_SOME and _NOTHING.search(style) is None


def _set_apart(scan: Scan, own: frozenset[str]) -> None:
    """Put what a page sets at a place of its own on a line of its own, whatever element it is."""
    if not any(map(_ABSOLUTE.search, own)) or b"absolute" not in scan.source:
        return
    for element in scan.root.iter(*_INLINE):
        if _ABSOLUTE.search(element.get("style") or "") and _cell_around(element) is None:
            _put_edges_around(element)


def _set_on_line(scan: Scan, own: frozenset[str], placed: list[Element]) -> None:
    """Tell what stands above or below the line, or is shown from its end, from what stands on the line."""
    styles = [style for style in own if _RAISED.search(style.lower())]
    raised = [element for style in styles for element in _STYLED(scan.root, style=style) if element.tag in _INLINE]
    for name in vocabulary().notes:
        raised += _CLASSED(scan.root, name=name) if name.encode() in scan.source else []
    for element in (*placed, *raised):
        if element.tag == "bdo":
            _turn(element)
        else:
            _raise(element)


def _cell_around(element: Element) -> Element | None:
    return next(element.iterancestors("td", "th"), None)


def _put_edges_around(element: Element) -> None:
    element.text = EDGE + (element.text or "")
    element.tail = EDGE + (element.tail or "")


def _raise(element: Element) -> None:
    """Put a mark of a note in brackets where it stands behind a figure: 3¹ is not 31."""
    text = "".join("".join(element.itertext()).split())
    if not text:
        return
    before, parent = element.getprevious(), element.getparent()
    left = (before.tail or _text(before)) if before is not None else parent.text if parent is not None else ""
    last = (left or "")[-1:]
    if element.tag != "sup" and not last:  # a whole figure may be set so; one of which this is a piece is not known
        cell = _cell_around(element)
        if cell is not None and text.isdecimal() and text != "".join("".join(cell.itertext()).split()):
            element.text = UNREAD + (element.text or "")
        return
    _silence(element)
    element.text = f"[{text}]" if not last or last.isdigit() or (element.tag == "sup" and last.isspace()) else text


def _turn(element: Element) -> None:
    """A figure that is shown from its end is kept apart from others: 698 is seen as 896."""
    if element.get("dir", "").lower() == "rtl" and (element.text or len(element)):
        element.text = _TURNED + (element.text or "")


def _chosen_option(select: Element) -> str:
    options = list(select.iter("option"))
    chosen = next((option for option in options if "selected" in option.attrib), options[0] if options else None)
    return ((chosen.text or "") if chosen is not None else "").strip()


def _fill_in(scan: Scan, element: Element, text: str) -> None:
    """What a form field shows stands in its place. Boxes and lists count only inside a cell."""
    shown: str | None = None
    if element.tag == "input":
        shown = element.get("value") if element.get("type", "text").lower() in _TYPED else None
    elif _cell_around(element) is not None:
        shown = text if _BARE.fullmatch(text) else None
    if shown and not _is_hidden(scan, element):
        element.tail = shown + (element.tail or "")


def _is_hidden(scan: Scan, element: Element) -> bool:
    return bool(scan.hidden) and any(e in scan.hidden for e in (element, *element.iterancestors()))


def _text(element: Element) -> str:
    return etree.tostring(element, method="text", encoding="unicode", with_tail=False)
