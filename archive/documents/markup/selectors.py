"""Which elements a selector of a style sheet may mean: places among siblings, and all that is not read, are met."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree

Element = etree._Element

_GROUP = r"\([^()]{0,200}(?:\([^()]{0,200}\)[^()]{0,200}){0,8}\)"
_TOKEN = re.compile(rf"((?:[^\s>+~,()\[\]]|{_GROUP}|\[[^\]]{{0,200}}\])+)|([\s>+~,]+)")
_PART = re.compile(
    rf"(?P<tag>[A-Za-z][\w-]*|\*)|\.(?P<of>[\w\u4e00-\u9fff\ue000-\uf8ff-]+)|#(?P<id>[\w\u4e00-\u9fff\ue000-\uf8ff-]+)"
    rf"|\[(?P<attribute>[^\]]{{1,200}})\]|(?P<made>::[\w-]+)|:(?P<state>[\w-]+)(?:{_GROUP})?|(?P<rest>.)"
)
_TEST = re.compile(r"""\s*([\w:-]+)\s*(?:([~|^$*]?=)\s*["']?([^"']*?)["']?\s*(?:\s[iIsS])?)?\s*""")
_ESCAPE = re.compile(r"\\(?:([0-9A-Fa-f]{1,6})\s?|([^\n]))")
_PLANE, _PLANE_SIZE, _LAST = 0xE000, 0x80, 0xFFFF  # what an escape may mean beyond ASCII stands for itself
_BACK = {_PLANE + code: code for code in range(_PLANE_SIZE)}
#: States that hold only after somebody did something, or of fields and players.
_AT_REST = frozenset((
    "hover", "focus", "active", "visited", "focus-within", "focus-visible", "target", "checked", "disabled", "enabled",
    "invalid", "valid", "required", "optional", "read-only", "read-write", "placeholder-shown", "indeterminate",
    "fullscreen", "defined", "popover-open",
))  # fmt: skip
_ADDED = frozenset(("::before", "::after"))
_OLD = frozenset(("before", "after", "first-letter", "first-line"))
_KEPT = frozenset(("::first-letter", "::first-line"))
_STEPS = 8
_FAR = 20  # ancestors and siblings looked at
_MOST = 60  # selectors of one rule


@dataclass(frozen=True, slots=True)
class Compound:
    """One compound of a selector: what is asked of one element."""

    tag: str = ""
    identifier: str = ""
    classes: frozenset[str] = frozenset()
    attributes: tuple[tuple[str, str, str], ...] = ()  # attribute, operator, value

    def may_be(self, element: Element) -> bool:
        """Whether an element may be meant."""
        if self.tag and element.tag != self.tag:
            return False
        if self.identifier and element.get("id") != self.identifier:
            return False
        if self.classes and not self.classes.issubset(element.get("class", "").split()):
            return False
        return all(_passes(element, *one) for one in self.attributes)


@dataclass(frozen=True, slots=True)
class Selector:
    """Compounds from the element outwards, each with the sign before it.

    ``is_generated``: of content that a style puts before or behind an element.
    """

    text: str
    steps: tuple[tuple[str, Compound], ...]
    is_generated: bool = False

    def may_be(self, element: Element) -> bool:
        """Whether an element may be meant: of a parent it is enough that it is an ancestor."""
        sign, own = self.steps[0]
        if not own.may_be(element):
            return False
        for before, compound in self.steps[1:]:
            if sign in "+~" and sign:
                around: Iterator[Element] = element.itersiblings(preceding=True)
                found = next((e for e in islice(around, _FAR) if compound.may_be(e)), None)
            else:
                found = next((e for e in islice(element.iterancestors(), _FAR) if compound.may_be(e)), None)
            if found is None:
                return False
            element, sign = found, before
        return True


def unescaped(text: str) -> str:
    """A selector with its escapes put into effect (CSS Syntax Module Level 3, section 4.3.7); of signs that mean
    something in selectors, in a private plane.
    """

    def meant(match: re.Match[str]) -> str:
        code = int(match[1], 16) if match[1] else ord(match[2])
        sign = chr(code) if 0 < code <= _LAST else "\ufffd"
        return sign if sign.isalnum() or sign in "-_" or code >= _PLANE_SIZE else chr(_PLANE + code)

    return _ESCAPE.sub(meant, text)


def selectors(text: str) -> Iterator[Selector]:
    """The selectors of a rule that may mean something when nobody touches the page."""
    if "\\" in text:
        text = unescaped(text)
    steps: list[tuple[str, str]] = []
    sign = ""
    count = 0
    for match in _TOKEN.finditer(text + ","):
        if match[1]:
            steps.append((sign, match[1]))
            sign = ""
            continue
        if "," in match[2]:
            if steps and len(steps) <= _STEPS and (selector := _selector(steps)) is not None:
                yield selector
            steps, sign = [], ""
            count += 1
            if count > _MOST:
                return
        else:
            sign = match[2].strip()[:1] or " "


def _selector(steps: list[tuple[str, str]]) -> Selector | None:
    done: list[tuple[str, Compound]] = []
    is_generated = False
    for number, (sign, text) in enumerate(reversed(steps)):
        compound, added = _compound(text)
        if compound is None or (added and number):
            return None
        is_generated = is_generated or added == "::before"
        done.append((sign, compound))
    return Selector("".join(sign + part for sign, part in steps), tuple(done), is_generated)


def _compound(text: str) -> tuple[Compound | None, str]:
    """A compound, and whether it is of something made before or behind; None for what never holds at rest."""
    tag = identifier = added = ""
    classes: list[str] = []
    attributes: list[tuple[str, str, str]] = []
    for part in _PART.finditer(text):
        state = (part["state"] or "").lower()
        generated = (part["made"] or "").lower() or (f"::{state}" if state in _OLD else "")
        if generated in _ADDED:
            added = "::before"
        elif (generated and generated not in _KEPT) or state in _AT_REST or (state.startswith("-") and not generated):
            return None, ""
        elif part["tag"]:
            tag = "" if part["tag"] == "*" else part["tag"].lower()
        elif part["of"]:
            classes.append(part["of"].translate(_BACK))
        elif part["id"]:
            identifier = part["id"].translate(_BACK)
        elif part["attribute"] and (match := _TEST.fullmatch(part["attribute"])):
            attributes.append((match[1].lower(), match[2] or "", match[3] or ""))
    return Compound(tag, identifier, frozenset(classes), tuple(attributes)), added


def _passes(element: Element, name: str, sign: str, value: str) -> bool:
    held = element.get(name)
    if held is None or not sign:
        return held is not None
    return {
        "=": held == value,
        "~=": value in held.split(),
        "|=": held == value or held.startswith(value + "-"),
        "^=": held.startswith(value),
        "$=": held.endswith(value),
        "*=": value in held,
    }.get(sign, True)
