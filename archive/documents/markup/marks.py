"""Marks of notes that a style raises or lowers behind a figure, as <sup> does: 3¹ is not 31."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from lxml import etree

from archive.documents.markup.selectors import Selector, selectors
from archive.documents.markup.uncertain import MAX_CHECKS, MAX_RULES, MAX_STYLE
from archive.documents.markup.visibility import COMMENT, Element, rules_of
from archive.documents.markup.vocabulary import vocabulary
from archive.documents.raised import raised

_LENGTH = r"[+-]?(?:\d{0,4}\.)?(?!0+(?![\d.]))\d{1,4}"  # other than nothing
_RAISING = re.compile(
    r"(?<![\w-])(?:vertical-align\s{0,4}:\s{0,4}(?P<small>super|sub)(?![\w-])|font-variant-position\s{0,4}:\s{0,4}su(?:per|b)"
    rf"|(?:vertical-align|mso-text-raise)\s{{0,4}}:\s{{0,4}}{_LENGTH}(?:px|r?em|ex|p[tc]|[cm]m|in|%))"
)
_MOVED = re.compile(rf"(?<![\w-])(?:top|bottom)\s{{0,4}}:\s{{0,4}}{_LENGTH}(?:px|r?em|ex|pt|%)")
_RELATIVE = re.compile(r"position\s{0,4}:\s{0,4}relative")
_SMALLER = re.compile(
    r"(?<![\w-])font-size\s{0,4}:\s{0,4}(?:smaller|xx?-small|\d{1,2}(?:\.\d{1,4})?%|0?\.\d{1,4}r?em|[1-9](?:\.\d{1,4})?pt"
    r"|(?:\d|1[012])(?:\.\d{1,4})?px)"
)
_WORDS = ("vertical-align", "text-raise", "relative", "variant-position")
_CLASSED = etree.XPath("//*[@class]")
_CLASSES = etree.XPath("//*/@class", smart_strings=False)
_STYLED = etree.XPath("//*[@style = $style]")
_MARK = re.compile(r"[\[(（〔【]?注?(?:\d{1,3}|[A-Za-z①-⑳⑴-⒇*＊※†‡#]{1,3})?[\])）〕】]?")
_INLINE = ("span", "a", "font", "i", "b", "em", "strong", "small", "u", "ins", "label", "cite")
_LIFTED = re.compile(r"[]⁰¹²³⁴⁵⁶⁷⁸⁹]")  # the end of one that is set off
_PIECES = 8  # of text; a mark has fewer
_FAR = 20  # elements looked back at, and up to


def raised_pieces(
    root: Element, source: bytes, styles: str, said: frozenset[str], lowered: Iterable[Element]
) -> Iterator[tuple[Element, bool]]:
    """The elements that stand above or below the line, and whether they are surely smaller, as the page has them.

    ``source``: the page's; ``styles``: text of its style sheets; ``said``: the styles its elements have of their own;
    ``lowered``: its <sub>s.
    """
    found: dict[Element, bool] = dict.fromkeys(lowered, True)
    for style in said:
        if (small := _raises(style)) is not None:
            found.update(dict.fromkeys(_STYLED(root, style=style), small))
    notes = vocabulary().notes
    if any(name.encode() in source for name in notes):
        found.update(
            dict.fromkeys((e for e in _CLASSED(root) if not notes.isdisjoint(e.get("class", "").split())), True)
        )
    if any(word in styles for word in _WORDS):
        found.update(_by_rules(root, styles))
    if not found:
        return
    walker = etree.iterwalk(root, events=("start",), tag="*")
    for _, element in walker:
        if element in found and element.tag != "sup" and element.tag not in vocabulary().blocks:
            yield element, found[element]
            walker.skip_subtree()


def set_off(pieces: Sequence[tuple[Element, bool]]) -> None:
    """Put what is raised behind a figure on the line in brackets, as <sup> is; digits that are only shifted may be of
    the figure, and become raised ones. What stands behind nothing that is on the line stays as it is.
    """
    above = {element for element, _ in pieces}
    for element, small in pieces:
        held = [*islice(element.itertext(), _PIECES)]
        text = "".join("".join(held).split())
        if not text or len(held) == _PIECES or not _MARK.fullmatch(text):
            continue
        before, owner = _before(element)
        around = (owner, *islice(owner.iterancestors(), _FAR))
        lifted = any(one in above or one.tag == "sup" for one in around)
        if not (_LIFTED.fullmatch(before) if lifted else before.isdecimal()):
            continue
        for inner in element.iterdescendants():
            inner.text = inner.tail = None
        shown = text if text.startswith("[") else f"[{text}]"
        element.text = shown if small else raised(text, before)


def _before(element: Element) -> tuple[str, Element]:
    """The last sign on the line before an element, and the element whose text it is; "" where the line begins."""
    at: Element | None = element
    for _ in range(_FAR):
        if at is None or at.tag in vocabulary().blocks:
            break
        earlier = at.getprevious()
        if earlier is None:
            at = at.getparent()
            if at is not None and (text := (at.text or "").rstrip()):
                return text[-1], at
            continue
        parent = at.getparent()
        if (text := (earlier.tail or "").rstrip()) and parent is not None:
            return text[-1], parent
        if earlier.tag == "br" or earlier.tag in vocabulary().blocks:
            break
        if (found := _last(earlier)) is not None:
            return found
        at = earlier
    return "", element


def _last(element: Element) -> tuple[str, Element] | None:
    """The last sign within an element, and the element whose text it is."""
    for inner in reversed([*islice(element.iter("*"), _FAR)]):
        parent = inner.getparent()
        if inner is not element and parent is not None and (text := (inner.tail or "").rstrip()):
            return text[-1], parent
        if text := (inner.text or "").rstrip():
            return text[-1], inner
    return None


def _raises(style: str) -> bool | None:
    """Whether a style that sets text above or below the line makes it smaller too, as note marks are; None: it sets it
    on the line.
    """
    low = style.lower()
    if not any(word in low for word in _WORDS):
        return None
    match = _RAISING.search(low)
    if match is None and not (_RELATIVE.search(low) and _MOVED.search(low)):
        return None
    return (match is not None and match["small"] is not None) or _SMALLER.search(low) is not None


def _by_rules(root: Element, styles: str) -> Iterator[tuple[Element, bool]]:
    """The elements that rules set above or below the line."""
    rules = list(islice(_rules(styles), MAX_RULES))
    used = frozenset(" ".join(_CLASSES(root)).split()) if rules else frozenset()
    rules = [(one, small) for one, small in rules if all(step.classes <= used for _, step in one.steps)]
    if not rules:
        return
    checks = 0
    for element in root.iter(*_INLINE):
        checks += len(rules)
        if checks > MAX_CHECKS:
            return
        for selector, small in rules:
            if selector.may_be(element):
                yield element, small


def _rules(styles: str) -> Iterator[tuple[Selector, bool]]:
    for named, body, holds in rules_of(COMMENT.sub(" ", styles[:MAX_STYLE]), _WORDS):
        if holds and (small := _raises(body)) is not None:
            for selector in selectors(named):
                if not selector.made and selector.steps[0][1].tag in ("", *_INLINE):
                    yield selector, small
