"""What a page does not show, or crosses out: by attributes, by a style of the element, by rules of its style sheets.

Which colours are hardly seen: ``documents/contrast``.

No browser is run: scripts and style sheets outside the page are unknown, so what is taken for hidden here surely is,
and something hidden may still be taken for shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from lxml import etree

from archive.documents.markup.selectors import unescaped
from archive.documents.markup.vocabulary import vocabulary

Element = etree._Element

# each value once: nearly all that stand in a page pasted from Word are the same
_SETS = {"set": "http://exslt.org/sets"}
_STYLES = etree.XPath("set:distinct(//*/@style)", smart_strings=False, namespaces=_SETS)
_STYLED = etree.XPath("//*[@style = $style]")
_SAID = etree.XPath("//*[@hidden or @aria-hidden]")
_POPPING_UP = etree.XPath("//*[@popover]")
# a text that is folded up may as well be read, but for a table beside tables and a piece of a cell
_FOLDED = etree.XPath(
    "boolean(self::dialog[not(@open)] | self::details[not(@open)]"
    "[.//table or (ancestor::td and not(summary) and string-length() < 20)])"
)
_IN_CELL = etree.XPath("boolean(ancestor-or-self::*[self::td or self::th] and not(descendant::table))")
_CLASSES = etree.XPath("set:distinct(//*/@class)", smart_strings=False, namespaces=_SETS)
_CLASSED = etree.XPath("//*[@class]")
_IDENTIFIED = etree.XPath("//*[@id = $name]")
_HIDING = re.compile(
    r"(?<![\w-])(?:display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}(?:hidden|collapse)|mso-hide\s{0,4}:\s{0,4}all"
    r"|text-decoration(?:-line)?\s{0,4}:[^;]{0,80}?\bline-through|color\s{0,4}:\s{0,4}(?:transparent"
    r"|(?:rgb|hsl)a\([^()]{3,40},\s{0,4}(?:0|0?\.0\d{0,3})%?\s{0,4}\))"
    r"|font-size\s{0,4}:\s{0,4}0(?:\.0{1,4})?(?:px|pt|em|rem|%)?\s{0,4}(?![\w.])"
    r"|font-size\s{0,4}:\s{0,4}calc\(\s{0,4}0(?:\.0{1,4})?(?:px|pt|r?em|%)?\s{0,4}\)"
    r"|font\s{0,4}:\s{0,4}(?:[a-z]{1,10}\s{1,4}){0,4}0(?:\.0{1,4})?(?:px|pt|r?em|%)?\s{0,4}(?:/|\s[a-z\"'])"
    r"|font-size\s{0,4}:\s{0,4}(?:0?\.\d{1,4}|1(?:\.[0-4]\d{0,3})?)(?:px|pt)"
    r"|opacity\s{0,4}:\s{0,4}(?:0|0?\.0(?:[0-4]\d{0,3})?)%?(?![\w.])"
    r"|(?:left|top|text-indent)\s{0,4}:\s{0,4}-(?:[5-9]\d{2}|\d{4,6})(?:\.\d{1,4})?(?:px|pt|em)"
    r"|(?:left|top|text-indent)\s{0,4}:\s{0,4}-\d{3,6}r?em"
    r"|clip\s{0,4}:\s{0,4}rect\(\s{0,4}[01](?:px)?(?:\s{0,4},|\s))",
    re.IGNORECASE,
)
_CUT = re.compile(r"(?<![\w-])overflow(?:-[xy])?\s{0,4}:\s{0,4}(?:hidden|clip)", re.IGNORECASE)
NO_SIZE = re.compile(
    r"(?<![\w-])(?:max-)?(?:height|width)\s{0,4}:\s{0,4}(?:0(?:px|pt|em|rem|%)?|0?\.\d{1,4}p[xt])\s{0,4}"
    r"(?:!important\s{0,4})?(?:;|\Z)",
    re.IGNORECASE,
)
BOXED = re.compile(r"display(?<![\w-]display)\s{0,4}:\s{0,4}(?:inline-)?(?:block|flex|grid)")  # a cell is none any more
GROWING = frozenset(("table", "thead", "tbody", "tfoot", "tr", "td", "th", "col", "colgroup"))  # with what they hold
_INHERITED = frozenset(("font-size", "visibility", "color"))  # what is inside may say otherwise
_VISIBLE = re.compile(r"visibility(?<![\w-]visibility)\s{0,4}:\s{0,4}visible")
_FONT = re.compile(r"(?<![\w-])font\s{0,4}:")
_AS_AROUND = re.compile(r"(?<![\w-])(?:font-size|visibility|color)\s{0,4}:\s{0,4}(?:inherit|unset)")
_INLINE = frozenset(("span", "font", "b", "i", "u", "em", "strong", "a"))
COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
# The name first and what must not stand before it behind it: only so its letters are looked for all at once.
RULE_HIDES = (
    re.compile(r"display(?<![\w-]display)\s{0,4}:\s{0,4}none"),
    re.compile(r"visibility(?<![\w-]visibility)\s{0,4}:\s{0,4}(?:hidden|collapse)"),
    re.compile(r"text-decoration(?:-line)?\s{0,4}:[^;]{0,80}?\bline-through"),
)
_SHOWING = re.compile(r"display(?<![\w-]display)\s*:\s*(?!none)[a-z-]+")
_COMPOUND = re.compile(r"([a-z][a-z0-9]*|\*)?((?:[.#][A-Za-z_\u4e00-\u9fff][\w-]*)*)")
_STEP = re.compile(r"([.#])([\w-]+)")
_THROUGH, _DECORATION = "line-through", frozenset(("text-decoration", "text-decoration-line"))
_SHOWING_WORDS = ("display", "visibility", "line-through")
_HIDING_WORDS = ("none", "hidden", "line-through", "visibility:collapse", "visibility: collapse")
_MEDIUM = re.compile(r"\s{0,9}(?:(not|only)\s{1,9})?([^\s(),]{0,40})")
_SCREENS = frozenset(("", "all", "screen"))
_SET_BY_USER = re.compile(
    r"orientation(?!\s{0,9}:\s{0,9}landscape)|prefers(?![\w-]{1,40}\s{0,9}:\s{0,9}(?:light|no-pref))"
)
_WIDTH = re.compile(r"(min|max)-(?:device-)?width\s*:\s*(\d{1,5}(?:\.\d{1,4})?)\s*(px|r?em|pt)?", re.IGNORECASE)
_UNITS = {"px": 1.0, "em": 16.0, "rem": 16.0, "pt": 4 / 3}
_NARROW, _WIDE = 1_280, 1_600  # pixels: a window is wider, and mostly narrower
_WIDE_AGAIN = re.compile(r"d-(?:\w{2,3}-)?(?:block|flex|table|inline|grid)|visible-(?:md|lg)")  # d-none d-md-block
_MANY = 1  # different styles, from which one pass over all elements is cheaper than one for each
_FEW = 40  # hidden elements, up to which the ancestors of each are looked at
_NAMED_HIDDEN = re.compile(rb"hidden(?<=[ \t\r\n\"'-]hidden)[= >/\t\r\n]")
_UNSETTLED = f"(min-width: {_WIDE}px)"  # a query of which it is open whether it holds
_OPEN = 100  # groups that a sheet may leave open
MAX_STYLE = 200_000  # characters of style sheets in one page
MAX_RULES = 200
MAX_CHECKS = 100_000  # of a rule against an element; what comes behind is taken as shown
MAX_INNER = 300_000  # elements within hidden ones that are asked whether they say otherwise, for each rule once more
MAX_ANCESTORS = 20
_PIECES = 20
_REMOVED, _UNSEEN = frozenset(("display",)), frozenset(("visibility",))
_Steps = tuple[tuple[str, str, frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    """One selector as compounds from the element outwards: (tag or "", id or "", classes).

    ``hides`` or shows; ``removes``: what it hides takes no room either; ``strikes``: it is seen, but crossed out.
    """

    steps: _Steps
    weight: tuple[int, int, int, int]
    hides: bool
    removes: bool
    strikes: bool


def sheet_of(element: Element) -> str:
    """The rules of a <style> as far as they may hold on a screen: its ``media`` are a query around all of them.

    What is not said to be CSS is none (HTML, section 4.2.6). What one sheet leaves open ends with it.
    """
    sheet = element.text or ""
    if element.get("type", "").strip().lower() not in ("", "text/css"):
        return ""
    if sheet.rfind("/*") > sheet.rfind("*/"):
        sheet += "*/"
    if sheet.count("{") != sheet.count("}") and "/*" in sheet:
        sheet = COMMENT.sub(" ", sheet)
    closing = sheet.count("{") - sheet.count("}")
    sheet += "}" * min(closing, _OPEN)
    media = element.get("media", "").lower()
    holds = None if "onload" in element.attrib else _holds_on_screens(media)  # its script mostly sets another medium
    if holds is None:
        opening = f"@media {_UNSETTLED} {{"
        return f"{opening * min(1 - min(closing, 0), _OPEN)}{sheet}}}"
    return sheet if holds else ""


def inline_styles(root: Element) -> frozenset[str]:
    """The different styles that elements of a page have of their own."""
    return frozenset(_STYLES(root))


@dataclass(frozen=True, slots=True)
class Hidden:
    """``whole``: the uppermost elements of which nothing is shown, always in one order; ``partly``: those in cells of
    which only these inner elements are, as they say otherwise than the style that is handed down to them.
    """

    whole: list[Element]
    partly: dict[Element, frozenset[Element]]


def hidden_elements(
    root: Element, source: bytes, styles: str, styled: frozenset[str], folded: Sequence[Element]
) -> Hidden:
    """What a page does not show.

    ``styles``: text of the page's style sheets; ``styled``: its ``inline_styles``; ``folded``: its <details>
    and <dialog>s.
    """
    elements: list[Element] = []
    partly: dict[Element, frozenset[Element]] = {}
    revealing, looked_at = _revealing(styles), 0
    for element, hides in chain(_by_style(root, styled), _by_class(root, styles)):
        shown: frozenset[Element] = frozenset()
        if hides <= _INHERITED and looked_at <= MAX_INNER:
            shown, looks = _brought_back(element, hides, revealing)
            looked_at += looks
        if not shown:
            elements.append(element)
        elif _IN_CELL(element):
            partly[element] = shown
    if _names_hidden(source):
        elements += [element for element in _SAID(root) if _says_hidden(element)]
    if b" popover" in source:
        elements += _POPPING_UP(root)
    elements += [element for element in folded if _FOLDED(element)]
    found = dict.fromkeys(element for element in elements if element.tag not in ("html", "body"))
    if len(found) <= _FEW:
        return Hidden([e for e in found if not any(ancestor in found for ancestor in e.iterancestors())], partly)
    uppermost: list[Element] = []
    walker = etree.iterwalk(root, events=("start",))
    for _, element in walker:
        if element in found:
            uppermost.append(element)
            walker.skip_subtree()
    return Hidden(uppermost, partly)


def cells_in_place(hidden: Iterable[Element], styles: str) -> Iterator[Element]:
    """Those hidden cells that still take their place in the row: only ``display: none`` moves the others up.

    ``hidden``: what ``hidden_elements`` names as whole; ``styles``: text of the page's style sheets. A cell of which
    it is not settled is not among them.
    """
    rules: list[_Rule] | None = None
    checks = 0
    for cell in hidden:
        if cell.tag not in ("td", "th") or "hidden" in cell.attrib:
            continue
        hides = hidden_by(cell.get("style", ""))
        if not hides and checks <= MAX_CHECKS:
            rules = style_rules(styles) if rules is None else rules
            checks += len(rules)
            last = max((rule for rule in rules if _applies(rule, cell)), key=lambda rule: rule.weight, default=None)
            if last is not None and last.hides and not last.removes:
                yield cell
        elif hides and "display" not in hides:
            yield cell


def crossed_out(hidden: Iterable[Element], styles: str, styled: frozenset[str]) -> Iterator[Element]:
    """Those hidden elements that are seen, with a line through them. Parameters as those of ``hidden_elements``."""
    own = any(_THROUGH in style.lower() for style in styled)
    rules = [rule for rule in style_rules(styles) if rule.strikes] if _THROUGH in styles else []
    if not own and not rules:
        return
    for element in hidden:
        by = hidden_by(element.get("style", ""))
        if (by <= _DECORATION) if by else any(_applies(rule, element) for rule in rules):
            yield element


def shortly(element: Element) -> str:
    """The first pieces of an element's text; a figure has no more."""
    return "".join(islice(element.itertext(), _PIECES)).strip()


def hidden_by(style: str) -> frozenset[str]:
    """The properties by which a style hides; ``overflow``: it cuts off all of an element without size."""
    plain = COMMENT.sub("", style) if "/*" in style else style
    found = {match.group().partition(":")[0].strip().lower() for match in _HIDING.finditer(plain)}
    if "font" in found:
        found = found - {"font"} | {"font-size"}
    if not found and _CUT.search(plain) and NO_SIZE.search(plain):
        return frozenset(("overflow",))
    return frozenset(found)


def _by_style(root: Element, styled: frozenset[str]) -> Iterator[tuple[Element, frozenset[str]]]:
    """What the styles that elements have of their own hide, and the properties by which they do."""
    hiding = {style: hides for style in styled if (hides := hidden_by(style))}
    if len(hiding) > _MANY:
        met = ((element, hiding[style]) for element in root.iter("*") if (style := element.get("style")) in hiding)
    else:
        met = ((element, hides) for style, hides in hiding.items() for element in _STYLED(root, style=style))
    for element, hides in met:
        grows = "overflow" in hides and element.tag in GROWING
        if not grows or BOXED.search(element.get("style", "").lower()) is not None:
            yield element, hides


def _brought_back(
    element: Element, hides: frozenset[str], revealing: Sequence[_Steps]
) -> tuple[frozenset[Element], int]:
    """The uppermost elements within one that say of themselves otherwise than what hides it; how many were looked at.

    ``revealing``: what rules mean that make visible; once for each of them too.
    """
    elements: list[Element] = []
    looked_at = 0
    walker = etree.iterwalk(element, events=("start",), tag="*")
    for _, inner in walker:
        if inner is element:
            continue
        looked_at += 1 + len(revealing)
        if looked_at > MAX_INNER:
            break
        style = (inner.get("style") or "").lower()
        if style and (any(name in style for name in hides) or ("font-size" in hides and _FONT.search(style))):
            shown = not hidden_by(style) and not _AS_AROUND.search(style)
        else:
            shown = "visibility" in hides and any(_matches(steps, inner) for steps in revealing)
        if shown:
            elements.append(inner)
            walker.skip_subtree()
    return frozenset(elements), looked_at


def _revealing(styles: str) -> list[_Steps]:
    """What the rules mean that make visible what stands within something hidden."""
    if "visible" not in styles:
        return []
    rules = rules_of(COMMENT.sub(" ", styles[:MAX_STYLE]), ("visibility",))
    named = (selectors.split(",") for selectors, body, holds in rules if holds and _VISIBLE.search(body.lower()))
    found = (steps_of(selector.strip()) for selectors in named for selector in selectors)
    return list(islice((steps for steps in found if steps), MAX_RULES))


def _names_hidden(source: bytes) -> bool:
    """Whether "hidden" stands anywhere as the name of an attribute."""
    return _NAMED_HIDDEN.search(source) is not None


def _says_hidden(element: Element) -> bool:
    value = element.get("hidden")
    if value is not None and value.lower() not in ("false", "until-found"):
        return True
    if element.get("aria-hidden", "").lower() != "true":
        return False
    # to the eye it is shown; pages give it to what other means hide, but not to a piece of a cell's text
    return element.tag not in _INLINE or next(element.iterancestors("td", "th"), None) is None


def _by_class(root: Element, styles: str) -> list[tuple[Element, frozenset[str]]]:
    """What class names of frameworks and rules of the page hide, and the property by which they do."""
    used = frozenset(" ".join(_CLASSES(root)).split())
    named = {name for name in used if name.lower() in vocabulary().hidden}
    rules = style_rules(styles) if any(word in styles for word in _HIDING_WORDS) else []
    hiding = [rule for rule in rules if rule.hides and all(names <= used for _, _, names in rule.steps)]
    if not named and not hiding:
        return []
    found: list[tuple[Element, frozenset[str]]] = []
    checks = 0
    for element in _candidates(root, named, hiding):
        checks += len(rules)
        if checks > MAX_CHECKS:
            break
        classes = element.get("class", "").split()
        if not named.isdisjoint(classes) and not any(_WIDE_AGAIN.match(name) for name in classes):
            found.append((element, _REMOVED))
        elif any(_applies(rule, element) for rule in hiding):
            last = max((rule for rule in rules if _applies(rule, element)), key=lambda rule: rule.weight)
            if last.hides and not _SHOWING.search(element.get("style", "").lower()):
                found.append((element, _REMOVED if last.removes or last.strikes else _UNSEEN))
    return found


def _candidates(root: Element, named: set[str], hiding: list[_Rule]) -> list[Element]:
    """The elements whose own tag, identifier or classes one of the rules may mean, once each."""
    wanted = set(named)
    found: dict[Element, None] = {}
    for tag, identifier, classes in {rule.steps[0] for rule in hiding}:
        if classes:
            wanted.add(next(iter(classes)))
        elif identifier:
            found.update(dict.fromkeys(_IDENTIFIED(root, name=identifier)))
        elif tag:
            found.update(dict.fromkeys(root.iter(tag)))
    if wanted:
        found.update(dict.fromkeys(e for e in _CLASSED(root) if not wanted.isdisjoint(e.get("class", "").split())))
    return list(found)


def _applies(rule: _Rule, element: Element) -> bool:
    return _matches(rule.steps, element)


def _matches(steps: _Steps, element: Element) -> bool:
    if not _is(steps[0], element):
        return False
    rest = steps[1:]
    if not rest:
        return True
    for ancestor in islice(element.iterancestors(), MAX_ANCESTORS):
        if _is(rest[0], ancestor):
            rest = rest[1:]
            if not rest:
                return True
    return False


def _is(step: tuple[str, str, frozenset[str]], element: Element) -> bool:
    tag, identifier, classes = step
    if tag and element.tag != tag:
        return False
    if identifier and element.get("id") != identifier:
        return False
    return not classes or classes.issubset(element.get("class", "").split())


def style_rules(styles: str) -> list[_Rule]:
    """Rules of a style sheet that hide or show, for screens, as far as they are made of tags, ids and classes.

    ``display``, ``visibility`` and crossing out count here: what a rule makes transparent or moves away mostly comes
    back.
    """
    rules: list[_Rule] = []
    styles = styles[:MAX_STYLE]
    for selectors, body in _flat(COMMENT.sub(" ", styles) if "/*" in styles else styles):
        low = body.lower()
        hides = any(pattern.search(low) for pattern in RULE_HIDES)
        if not hides and not _SHOWING.search(low):
            continue
        removes = hides and RULE_HIDES[0].search(low) is not None
        strikes = hides and not removes and RULE_HIDES[2].search(low) is not None
        for selector in selectors.split(","):
            steps = steps_of(selector.strip())
            if steps:
                ids = sum(1 for _, identifier, _ in steps if identifier)
                classes = sum(len(names) for _, _, names in steps)
                tags = sum(1 for tag, _, _ in steps if tag)
                rules.append(_Rule(steps, (ids, classes, tags, len(rules)), hides, removes, strikes))
                if len(rules) >= MAX_RULES:
                    return rules
    return rules


def steps_of(selector: str) -> _Steps:
    """Compounds from the last to the first; () for what is not understood here (states, attributes, siblings)."""
    steps = []
    if "\\" in selector:
        selector = unescaped(selector)
    for compound in selector.replace(">", " ").split():
        match = _COMPOUND.fullmatch(compound)
        if match is None:
            return ()
        marks = _STEP.findall(match.group(2))
        ids = [name for sign, name in marks if sign == "#"]
        tag = match.group(1) or ""
        steps.append((tag if tag != "*" else "", ids[0] if ids else "", frozenset(n for s, n in marks if s == ".")))
    if not steps or steps[-1] == ("", "", frozenset()) or steps[-1][0] in ("body", "html") or len(steps) > 6:
        return ()
    return tuple(reversed(steps))


def _flat(styles: str, properties: Sequence[str] = _SHOWING_WORDS) -> Iterator[tuple[str, str]]:
    """(selectors, declarations) of the rules about some properties that hold on a screen."""
    return ((selectors, body) for selectors, body, holds in rules_of(styles, properties) if holds)


def rules_of(styles: str, properties: Sequence[str]) -> Iterator[tuple[str, str, bool | None]]:
    """The same, and whether they surely hold (None: on some screens); without those that hold on none."""
    groups: list[bool | None] = []  # whether each group around (@media …) holds on a screen
    for piece in styles.split("}"):
        braces = piece.count("{")
        if not braces:
            if groups:
                groups.pop()
            continue
        *heads, selectors, body = piece.split("{")
        groups += [_media_holds(head.rsplit(";", 1)[-1].strip().lower()) for head in heads]
        if any(name in body for name in properties) and False not in groups:
            selectors = selectors.rsplit(";", 1)[-1].strip().removeprefix("<!--").strip()
            if not selectors.startswith("@"):
                yield selectors, body, None if None in groups else True


def _media_holds(head: str) -> bool | None:
    """Whether what stands in a group holds on a screen; None where that hangs on the screen, or on what is around."""
    if head.startswith(("@supports", "@layer")):
        return True
    if head.startswith("@media"):
        return _holds_on_screens(head[6:])
    return None if head.startswith(("@container", "@scope", "@starting-style")) or not head.startswith("@") else False


def _holds_on_screens(queries: str) -> bool | None:
    answers = [_query_holds(query) for query in queries.split(",") if query.strip()]
    return True if True in answers or not answers else None if None in answers else False


def _query_holds(query: str) -> bool | None:
    """Whether one query holds: for which medium, and on which screens (Media Queries Level 4, section 2.3)."""
    medium = _MEDIUM.match(query)
    if medium is None:
        return None
    holds = _features_hold(query[medium.end() :]) if medium[2] in _SCREENS else False
    return not holds if medium[1] == "not" and holds is not None else holds


def _features_hold(features: str) -> bool | None:
    if re.search(r"\bnot\b|[<>]", features):
        return None
    if _SET_BY_USER.search(features):
        return False
    found: list[bool | None] = [True]
    for bound, width, unit in _WIDTH.findall(features):
        pixels = float(width) * _UNITS.get(unit.lower(), 1.0)
        if bound.lower() == "min":
            found.append(True if pixels < _WIDE else None)
        else:
            found.append(False if pixels < _NARROW else None)
    return False if False in found else None if None in found else True
