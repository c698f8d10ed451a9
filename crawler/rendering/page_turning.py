"""Which control of a page as rendered turns its list on within the page, and what a turn brought (pure).

Pressed are 下一页, 加载更多 and the number that comes next, by what they say and where they stand: behind entries of
the list, without an address of their own, in no form that is filled in with more than the number of a page. Besides,
what another list of the same column stands behind (:mod:`crawler.rendering.further_lists`). Nothing else is ever
pressed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

import lxml.html

from archive.file_endings import HTML
from crawler.lists.addresses import text_of
from crawler.lists.controls import has_address, short_text
from crawler.lists.kinds.emptiness import is_hidden
from crawler.lists.paging.pagers import is_next, is_off, label_of, number_of, says_more, says_next
from crawler.lists.paging.signs_of_more import expands, in_a_pager

ENDED = "ended"  # turned until the control was off, hidden or gone
_BUTTONS = ("a", "button", "input", "span", "li", "em", "i", "b", "strong", "td", "p", "div")
_PRESSED = frozenset({"button", "submit", "image", ""})
_TYPED = frozenset({"text", "search", "password", "email", "tel", "number", "file", ""})
_APART = frozenset({"nav", "header", "footer", "aside", "select", "head", "noscript", "template"})
_REPORT = re.compile(r"报告|年报")
_NEXT_OF_PAGER = re.compile(r"(?:page|pager|paging|pagination)[-_]?(?:item[-_]?)?next")
_SHORTEST_ROW = 8  # characters
_NODES = 20_000
_DEEP = 100  # elements around a button that are looked at
_PIECES = 12  # of a button's text
_ENDING = re.compile(rf"\.(?:{HTML}|jspx?|aspx?|php|do|action)$", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"/?(?:index|default|list|page)?(?:[/_-]?p?\d{1,4}){0,2}$", re.IGNORECASE)
_NUMBERED, _UNNUMBERED = re.compile(r"[2-9]|[1-9]\d{1,2}"), re.compile(r"1|auto|index|default|first|page")
_TO_PAGE = re.compile(r"[第到至往转]\s*$")
_BLANKS = re.compile(r"[\s\ufeff]+")


@dataclass(frozen=True, slots=True)
class Control:
    """A button: the ``nth`` (from 0) of the elements of its ``tag`` with its ``text``, blanks left out. With an
    ``option`` (from 0): that one of the ``nth`` of all ``select``, which has the ``text``.
    """

    tag: str
    text: str
    nth: int
    option: int | None = None

    @property
    def act(self) -> dict[str, list[str | int]]:
        """What the browser is told to do."""
        if self.option is not None:
            return {"choose": [self.nth, self.option, self.text]}
        return {"press": [self.tag, self.text, self.nth]}


def control_of(tree: lxml.html.HtmlElement | None, page: int, spent: Collection[Control] = ()) -> Control | None:
    """Return the control that turns a list on from its ``page`` (from 1), none of the ``spent``; None where none does.

    A page of which another list was shown may have several; that which stands first comes first.
    """
    if tree is None:
        return None
    buttons = list(_behind_entries(tree))
    for fits in (_says_on, lambda node: _is_number(node, page + 1)):
        for control in _controls(tree, buttons, fits):
            if control not in spent:
                return control
    return None


def rows_of(tree: lxml.html.HtmlElement | None) -> frozenset[str]:
    """What a page shows: its links, each with its text, and the words of its rows. What stands hidden in it, as the
    entries of which a script shows a page at a time, is not shown.
    """
    if tree is None:
        return frozenset()
    hidden = _hidden_rows(tree)
    links = (
        f"{node.get('href') or ''} {node.get('onclick') or ''} {said}"
        for node in islice(tree.iter("a"), _NODES)
        if node not in hidden and len(said := text_of(node)) >= _SHORTEST_ROW
    )
    rows = (
        said
        for node in islice(tree.iter("li", "tr"), _NODES)
        if node not in hidden and len(said := text_of(node)) >= _SHORTEST_ROW
    )
    return frozenset((*links, *rows))


def holds_hidden_entries(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a page holds reports that it does not show, as a script that shows some of them at a time leaves it."""
    return tree is not None and any(speaks_of_a_report(text_of(row)) for row in _hidden_rows(tree))


def _hidden_rows(tree: lxml.html.HtmlElement) -> set[lxml.html.HtmlElement]:
    """The links and rows of a page that its markup hides."""
    hidden = filter(is_hidden, islice(tree.xpath("//*[@hidden or contains(@style, 'none')]"), _NODES))
    return {row for node in hidden for row in islice(node.iter("a", "li", "tr"), _NODES)}


def is_page_of(url: str, first: str) -> bool:
    """Whether an address is that of a further page of a list, by its shape: that of its first page with another query,
    or another number, or with a number for one of its folders (/list/auto/105.html, /list/2/105.html).
    """
    return _without_number(url) == _without_number(first) or _numbers_a_folder(url, first)


def _numbers_a_folder(url: str, first: str) -> bool:
    one, other = urlsplit(url), urlsplit(first)
    folders, firsts = one.path.split("/"), other.path.split("/")
    if (one.scheme, one.netloc.lower(), len(folders)) != (other.scheme, other.netloc.lower(), len(firsts)):
        return False
    unlike = [pair for pair in zip(folders[:-1], firsts[:-1], strict=True) if pair[0] != pair[1]]
    if folders[-1] != firsts[-1] or len(unlike) != 1:
        return False
    return _NUMBERED.fullmatch(unlike[0][0]) is not None and _UNNUMBERED.fullmatch(unlike[0][1]) is not None


def _without_number(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower(), _PAGE_NUMBER.sub("", _ENDING.sub("", parts.path)).rstrip("/")


def speaks_of_a_report(text: str) -> bool:
    """Whether a title speaks of a report at all."""
    return _REPORT.search(text) is not None


def _behind_entries(tree: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    """The small elements without address that stand behind the first entry that speaks of a report."""
    entered = False
    for node in islice(tree.iter(*_BUTTONS), _NODES):
        if not entered:
            entered = node.tag in {"a", "td", "li"} and speaks_of_a_report(text_of(node))
        elif _is_small(node) and not (is_off(node) or any(map(is_off, islice(node.iterancestors("a", "button"), 1)))):
            yield node


def _is_small(node: lxml.html.HtmlElement) -> bool:
    return len(node) < 3 and not any(len(child) for child in node) and (bool(short_text(node)) or not text_of(node))


def _controls(
    tree: lxml.html.HtmlElement,
    buttons: list[lxml.html.HtmlElement],
    fits: Callable[[lxml.html.HtmlElement], bool],
) -> Iterator[Control]:
    fitting = [node for node in buttons if fits(node) and may_be_pressed(node)]
    for node in fitting:
        if not any(child in fitting for child in node):  # the innermost: what holds it hears of it
            yield button(tree, node)


def button(tree: lxml.html.HtmlElement, node: lxml.html.HtmlElement) -> Control:
    """Return an element of a page as a button, or an option as a choice, that can be found again in the page that the
    browser holds.
    """
    return buttons(tree, [node])[0]


def buttons(tree: lxml.html.HtmlElement, nodes: Sequence[lxml.html.HtmlElement]) -> list[Control]:
    """Return elements of a page as :func:`button` does, all at once."""
    wanted, found = {*nodes}, dict[lxml.html.HtmlElement, Control]()
    for nth, select in enumerate(tree.iter("select")):
        options = enumerate(select.iter("option"))
        found |= {one: Control("select", bare_text(one), nth, number) for number, one in options if one in wanted}
    alike: Counter[tuple[str, str]] = Counter()
    for one in tree.iter(*{str(node.tag) for node in nodes}):
        kind = str(one.tag), bare_text(one)
        if one in wanted and one not in found:
            found[one] = Control(*kind, alike[kind])
        alike[kind] += 1
    return [found[node] for node in nodes]


def bare_text(node: lxml.html.HtmlElement) -> str:
    """What a button says, without blanks."""
    return _BLANKS.sub("", "".join(str(part) for part in islice(node.itertext(), _PIECES)))


def _says_on(node: lxml.html.HtmlElement) -> bool:
    label = label_of(node)
    if says_next(label) or says_more(label) or expands(label):
        return True
    named = any(map(_NEXT_OF_PAGER.fullmatch, (node.get("class") or "").lower().split()))
    return is_next(node, label) and (named or in_a_pager(node))


def _is_number(node: lxml.html.HtmlElement, page: int) -> bool:
    """Whether a button says the number of a page, beside that of the page before, which has no address either: beside
    one that has, it is the page that is shown.
    """
    if number_of(label_of(node)) != (page, True):
        return False
    return any(
        number_of(label_of(one)) == (page - 1, True) and not has_address(one)
        for around in islice(node.iterancestors(), 2)
        for one in islice(around.iterdescendants(*_BUTTONS), _DEEP)
        if _is_small(one)
    )


def may_be_pressed(node: lxml.html.HtmlElement) -> bool:
    """Whether a button leads nowhere by an address, and stands where nothing is filled in, chosen or sent."""
    around = list(islice(node.iterancestors(), _DEEP))
    if any(map(has_address, (node, *node, *around[:3]))):
        return False
    apart = {str(one.tag) for one in around} & _APART
    if apart and not (apart == {"nav"} and in_a_pager(node)):  # <nav><ul class="pagination">, as Bootstrap writes it
        return False
    if node.tag in {"input", "button"} and (node.get("type") or "").lower() not in _PRESSED:
        return False
    form = next((one for one in around if one.tag == "form"), None)
    return form is None or not (
        any((one.get("type") or "").lower() in _TYPED and not _is_for_a_page(one) for one in form.iter("input"))
        or next(form.iter("textarea"), None) is not None
    )


def _is_for_a_page(field: lxml.html.HtmlElement) -> bool:
    """Whether a field is that of a pager for the number of a page: 转到第 [ ] 页."""
    before, around = field.getprevious(), field.getparent()
    said = before.tail if before is not None else around.text if around is not None else ""
    return _TO_PAGE.search((said or "")[-_SHORTEST_ROW:]) is not None and "页" in (field.tail or "")[:_SHORTEST_ROW]
