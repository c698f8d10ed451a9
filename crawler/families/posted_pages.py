"""Pages of a list that are turned by sending a form of the page, where the markup says all that is sent (pure).

Three ways: ``__doPostBack('AspNetPager1','2')`` (ASP.NET), a button of the form itself (``<input type=submit>``), and a
function of the page that does nothing but set fields and send a form (``function page(n){$("#pageNo").val(n);
$("#searchForm").submit()}``). Of the last, every statement has to be one of those known here: a function that does
anything else is not understood, and nothing is sent. Only forms of the page's own origin, whole ones, and none with a
password are sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlsplit

import lxml.html

from crawler.families.addresses import joined, text_of
from crawler.families.list_choices import form_fields
from crawler.families.pagers import is_a_day, is_next, is_off, label_of, number_of
from crawler.families.steps import Step

_POSTBACK = re.compile(r"__doPostBack\(\s*['\"]([^'\"]{1,200})['\"]\s*,\s*['\"]([^'\"]{0,200})['\"]\s*\)")
_BUTTONS = 20_000  # elements of a page that are looked at
_SCRIPT = 200_000  # characters of a script
_CALL = 1_000  # characters of what a button does
_NUMBERS = 200  # of pagers, on one page
_DEEP = 3  # functions that call one another
_STATEMENTS = 20
_AROUND = 6  # elements between a number of a pager and the pager
_INSIDE = 400  # elements of a pager
_CURRENT = re.compile(r"(?:^|[-_])(?:cur(?:rent)?|active|on|now|sel(?:ected)?|this(?:page)?|here)(?:[-_]?page)?$", re.I)
_HERE = re.compile(
    r"(?:第|页[次码]\s?[:：]?|当前(?:页|是)?(?:[为:：]|第)?)\s?(\d{1,4})(?=\s?[页/])|(?<![\d/])(\d{1,4})\s?/\s?\d{1,4}\s?页"
)
_TARGET, _ARGUMENT = "__EVENTTARGET", "__EVENTARGUMENT"
_FURTHER = frozenset({"...", "…", "……"})  # to the next ten numbers
_FUNCTION = re.compile(
    r"(?:\bfunction\s{1,9}([\w$]{1,60})|\b([\w$]{1,60})\s{0,9}=\s{0,9}function)\s{0,9}\(([^(){}]{0,200})\)\s{0,9}"
    r"\{([^{}]{0,1500})\}"
)
_DEFINED = r"\bfunction\s{{1,9}}{0}\s{{0,9}}\(|(?<![\w$]){0}\s{{0,9}}=\s{{0,9}}function\b"
_COMMENT = re.compile(r"/\*[^*]{0,2000}\*/|(?:^|(?<=[\s;{}]))//[^\n]{0,2000}", re.MULTILINE)

_LITERAL = r"""(?:"[^"\\<>]{0,200}"|'[^'\\<>]{0,200}')"""
_NAME = r"[A-Za-z_$][\w$]{0,60}"
_INDEX = rf"[\[(]\s?(?:{_LITERAL}|\d{{1,2}})\s?[\])](?:\[0\])?"
_REFERENCE = rf"[\w$.]{{1,120}}(?:{_INDEX}(?:\.{_NAME}|\[\s?{_LITERAL}\s?\]){{0,3}}?)?"
_VALUE = rf"(?:{_LITERAL}|-?\d{{1,6}}|{_NAME})"
_SETS = re.compile(rf"({_REFERENCE})\.(?:value\s?=\s?({_VALUE})|val\(\s?({_VALUE})\s?\))")
_ACTS = re.compile(rf"({_REFERENCE})\.(?:action\s?=\s?({_LITERAL})|attr\(\s?[\"']action[\"']\s?,\s?({_LITERAL})\s?\))")
_SENDS = re.compile(rf"({_REFERENCE})\.submit\(\s?\)")
_KEEPS = re.compile(rf"(?:(?:var|let|const)\s)?({_NAME})\s?=\s?({_REFERENCE})")
_CALLS = re.compile(rf"(?:return\s)?({_NAME})\(((?:\s?{_VALUE}\s?(?:,\s?{_VALUE}\s?){{0,5}})?)\)")
_NOTHING = re.compile(r"(?:return(?:\s(?:false|true))?|void\s?\(?\s?0\s?\)?|false|true|#)?")

_BY_ID = re.compile(
    rf"""(?:document\.getElementById\(\s?({_LITERAL})\s?\)|(?:\$|jQuery)\(\s?["']#([\w-]{{1,80}})["']\s?\))"""
)
_BY_NAME = re.compile(
    r"""(?:document\.getElementsByName\(\s?["']([\w.$-]{1,80})["']\s?\)\[0\]"""
    r"""|(?:\$|jQuery)\(\s?["'](?:input|form)?\[name=["']?([\w.$-]{1,80})["']?\]["']\s?\))"""
)
_BY_FORM = re.compile(rf"""document\.forms(?:\[\s?(\d{{1,2}}|{_LITERAL})\s?\]|\.({_NAME}))""")
_ONLY_FORM = re.compile(r"""(?:\$|jQuery)\(\s?["']form["']\s?\)""")
_IN_DOCUMENT = re.compile(rf"document\.({_NAME})")
_IN_FORM = re.compile(rf"(?:\.elements)?(?:\.({_NAME})|\[\s?({_LITERAL})\s?\])")

Element = lxml.html.HtmlElement


class Turn(NamedTuple):
    """How a list goes on by a form. ``step``: the request of the next page, None if none is known; ``unread``: there
    are numbers that a form turns to, and which of them comes next could not be told.
    """

    step: Step | None = None
    unread: bool = False


def posted_next(url: str, base: str, tree: Element | None) -> Turn:
    """Return the request of the next page where a form of the page is sent for it: that of 下一页, else that of the
    number after the one that is shown.

    ``base``: what the addresses of the page are relative to. The fields are those the form holds, as a browser would
    send them back.
    """
    if tree is None or next(tree.iter("form"), None) is None:
        return Turn()
    document = _Document(url, base, tree)
    numbers: list[tuple[Element, int | None]] = []
    for node in islice(tree.iter("a", "button", "input", "span", "li"), _BUTTONS):
        if not _acts(node):
            continue
        label = label_of(node)
        if is_next(node, label):
            step = None if is_off(node) else document.sent_by(node)
            if step is not None:
                return Turn(step)
        elif len(numbers) < _NUMBERS and (number := number_of(label)[0] or _further(node)):
            numbers.append((node, number))
    return _numbered_next(document, numbers)


def _acts(node: Element) -> bool:
    """Whether an element has a script of its own, or sends the form it stands in."""
    if node.get("onclick") or (node.get("href") or "").strip().lower().startswith("javascript:"):
        return True
    return node.tag in {"input", "button"} and (node.get("type") or "submit").lower() in {"submit", "image"}


def _further(node: Element) -> int | None:
    """The number that a link to the next ten numbers (…) leads to; None for any other."""
    if text_of(node) not in _FURTHER:
        return None
    found = re.search(r"(\d{1,4})['\"]?\s?\)", f"{node.get('href') or ''} {node.get('onclick') or ''}"[:_CALL])
    return int(found.group(1)) if found else None


def _numbered_next(document: _Document, numbers: list[tuple[Element, int | None]]) -> Turn:
    """The number after the one that is shown, of the first pager that says which that is."""
    calendars: dict[Element, bool] = {}
    pagers: dict[tuple[str, ...], dict[int, tuple[Element, Step]]] = {}
    for node, number in numbers:
        if number is None or is_a_day(node, calendars):
            continue
        step = document.sent_by(node)
        if step is not None and _says(document.changed, number):
            pagers.setdefault((step.url, *_kind_of(document.changed)), {}).setdefault(number, (node, step))
    unread = False
    for pages in pagers.values():
        here = _shown(pages)
        if here is None:
            unread = True
        elif here + 1 in pages:
            return Turn(pages[here + 1][1])
        else:
            unread = unread or max(pages) > here
    return Turn(None, unread)


def _kind_of(changed: dict[str, str]) -> tuple[str, ...]:
    """What the buttons of one pager have in common: the names of what they set, and the control of ASP.NET."""
    return (*changed, re.sub(r"\d+", "0", changed.get(_TARGET, "")))


def _says(changed: dict[str, str], number: int) -> bool:
    """Whether what a button sets is the number it says (or the one before: some count from 0); a control of ASP.NET
    without an argument is a button of its own.
    """
    if changed.get(_ARGUMENT) == "":
        return True
    values = (value for name, value in changed.items() if name != _TARGET)
    digits = {int(found.group()) for value in values if (found := re.search(r"\d{1,6}$", value))}
    return number in digits or number - 1 in digits


def _shown(pages: dict[int, tuple[Element, Step]]) -> int | None:
    """The number of the page that is shown: the one that is marked, has no link, or is printed; None if that cannot be
    told.
    """
    nodes = [node for node, _ in pages.values()]
    marked = [number for number, (node, _) in pages.items() if _is_marked(node)]
    if len(marked) == 1:
        return marked[0]
    around = _around(nodes)
    if around is not None:
        bare, told = _bare_numbers(around, {*nodes})
        for numbers in (told, bare):
            beside = {number for number in numbers if number not in pages and {number - 1, number + 1} & pages.keys()}
            if len(beside) == 1:
                return beside.pop()
        printed = {int(one or other) for one, other in _HERE.findall(text_of(around))}
        if len(printed) == 1:
            return printed.pop()
    return None


def _is_marked(node: Element) -> bool:
    """Whether a number is said to be the one that is shown, by its own class or that of what holds it alone."""
    parent = node.getparent()
    held = parent if parent is not None and len(parent) == 1 else node
    words = f"{node.get('class') or ''} {held.get('class') or ''}".split()
    return node.get("aria-current") is not None or any(_CURRENT.search(word) for word in words)


def _around(nodes: list[Element]) -> Element | None:
    """The innermost element that holds all numbers of a pager, and one more: the number that is shown may be beside."""
    for around in islice(nodes[0].iterancestors(), _AROUND):
        if all(around in islice(node.iterancestors(), _AROUND) for node in nodes) and len(around) + len(nodes) > 2:
            return around
    return None


def _bare_numbers(around: Element, linked: set[Element]) -> tuple[set[int], set[int]]:
    """Numbers that stand in a pager and are no button: all of them, and those that are marked as the one shown."""
    bare: set[int] = set()
    told: set[int] = set()
    for node in islice(around.iter(), _INSIDE):
        if not isinstance(node.tag, str) or node.tag in {"script", "style", "option"}:
            continue
        texts = [node.tail or ""] if node is not around else []
        within = any(one in linked for one in (node, *islice(node.iterancestors(), 3)))
        texts += [] if within else [node.text or ""]
        for at, text in enumerate(texts):
            if re.fullmatch(r"\s*\[?[0-9]{1,4}\]?\s*", text):
                number = int(re.sub(r"\D", "", text))
                bare.add(number)
                if at == len(texts) - 1 and not within and _is_marked(node):
                    told.add(number)
    return bare, told


@dataclass(slots=True)
class _Sending:
    """What a script does: the fields it sets, and the form it sends, with its address where the script names one."""

    set: list[tuple[Element, str]] = field(default_factory=list)
    actions: dict[Element, str] = field(default_factory=dict)
    form: Element | None = None
    extra: list[tuple[str, str]] = field(default_factory=list)


class _UnreadError(Exception):
    """A script does something that is not known here."""


class _Document:
    """A page with its forms and functions. ``changed``: the fields that the last button that was read sets."""

    def __init__(self, url: str, base: str, tree: Element) -> None:
        self.url, self.base, self.tree = url, base, tree
        self.forms = list(islice(tree.iter("form"), 50))
        self.changed: dict[str, str] = {}
        self._functions: dict[str, tuple[list[str], str] | None] | None = None
        self._script = ""

    def sent_by(self, node: Element) -> Step | None:
        """The request that a button makes; None where it makes none, or none that is understood and may be made."""
        self.changed = {}
        try:
            sending = self._done_by(node)
        except _UnreadError:
            return None
        return self._request(sending)

    def _done_by(self, node: Element) -> _Sending:
        sending = _Sending()
        href, clicked = (node.get("href") or "").strip()[:_CALL], (node.get("onclick") or "").strip()[:_CALL]
        script = href[len("javascript:") :] if href.lower().startswith("javascript:") else ""
        if back := _POSTBACK.search(script or clicked):
            sending.form = self._form_of(node)
            sending.extra = [(_TARGET, back.group(1)), (_ARGUMENT, back.group(2))]
            return sending
        own = re.sub(r"^javascript:", "", clicked, flags=re.IGNORECASE)
        self._run(own, {"this.form": self._form_of(node)}, sending, 0)
        if sending.form is None and "return false" not in own:
            self._run(script, {}, sending, 0)
        if sending.form is None and not own and node.tag in {"input", "button"}:
            sending.form = next(node.iterancestors("form"), None)
            if node.get("name"):
                sending.extra = [(str(node.get("name")), node.get("value") or "")]
        return sending

    def _form_of(self, node: Element) -> Element | None:
        """The form a button stands in, else the only one of the page that ASP.NET made."""
        around = next(node.iterancestors("form"), None)
        made = [form for form in self.forms if "__VIEWSTATE" in (name for name, _ in form_fields(form) or ())]
        return around if around is not None else made[0] if len(made) == 1 else None

    def _run(self, script: str, known: dict[str, object], sending: _Sending, depth: int) -> None:
        statements = [re.sub(r"\s+", " ", one).strip() for one in re.split(r"[;\n]", script)]
        if len(statements) > _STATEMENTS or depth > _DEEP:
            raise _UnreadError
        for statement in statements:
            if _NOTHING.fullmatch(statement):
                continue
            if sending.form is not None:
                raise _UnreadError  # it goes on after the form is sent
            self._do(statement, known, sending, depth)

    def _do(self, statement: str, known: dict[str, object], sending: _Sending, depth: int) -> None:
        if found := _SENDS.fullmatch(statement):
            sending.form = self._element(found.group(1), known, form=True)
        elif found := _SETS.fullmatch(statement):
            place = self._element(found.group(1), known)
            sending.set.append((place, self._value(found.group(2) or found.group(3), known)))
        elif found := _ACTS.fullmatch(statement):
            form = self._element(found.group(1), known, form=True)
            sending.actions[form] = (found.group(2) or found.group(3))[1:-1]
        elif found := _KEEPS.fullmatch(statement):
            known[found.group(1)] = self._element(found.group(2), known)
        elif found := _CALLS.fullmatch(statement):
            values = [one.strip() for one in re.findall(rf"{_VALUE}", found.group(2))]
            parameters, body = self._function(found.group(1))
            given = [self._value(one, known) for one in values]
            self._run(body, dict(zip(parameters, given, strict=False)), sending, depth + 1)
        else:
            raise _UnreadError

    def _value(self, written: str, known: dict[str, object]) -> str:
        if written[:1] in {'"', "'"}:
            return written[1:-1]
        if re.fullmatch(r"-?\d+", written):
            return written
        value = known.get(written)
        if not isinstance(value, str):
            raise _UnreadError
        return value

    def _function(self, name: str) -> tuple[list[str], str]:
        """Parameters and body of a function of the page; one that is defined twice, or branches, is not understood."""
        if self._functions is None:
            self._functions = {}
            scripts = ((node.text or "")[:_SCRIPT] for node in islice(self.tree.iter("script"), 200))
            self._script = _COMMENT.sub("", "\n".join(scripts)[: 2 * _SCRIPT])
            for found in islice(_FUNCTION.finditer(self._script), 500):
                own = found.group(1) or found.group(2)
                self._functions[own] = ([one.strip() for one in found.group(3).split(",")], found.group(4))
        known = self._functions.get(name)
        if known is None or len(re.findall(_DEFINED.format(re.escape(name)), self._script)) != 1:
            raise _UnreadError
        return known

    def _element(self, written: str, known: dict[str, object], *, form: bool = False) -> Element:
        """The element that an expression names. Raises :class:`_UnreadError` where that is not certain."""
        found, rest = self._first(written.removeprefix("window."), known)
        if rest and found is not None:
            inner = _IN_FORM.fullmatch(rest)
            name = (inner.group(1) or inner.group(2)[1:-1]) if inner and found.tag == "form" else ""
            found = _only(one for one in _fields(found) if name and name in {one.get("name"), one.get("id")})
        if found is None or (form and found.tag != "form"):
            raise _UnreadError
        return found

    def _first(self, written: str, known: dict[str, object]) -> tuple[Element | None, str]:
        for name in ("this.form", written.partition(".")[0].partition("[")[0]):
            value = known.get(name)
            if written.startswith(name) and isinstance(value, Element):
                return value, written[len(name) :]
        if found := _BY_ID.match(written):
            own = (found.group(1) or "")[1:-1] or found.group(2)
            return self._by("id", own), written[found.end() :]
        if found := _BY_NAME.match(written):
            return self._by("name", found.group(1) or found.group(2)), written[found.end() :]
        if found := _BY_FORM.match(written):
            which = found.group(1) or found.group(2)
            if which.isdigit():
                at = int(which)
                return self.forms[at] if at < len(self.forms) else None, written[found.end() :]
            return self._form_named(which.strip("'\"")), written[found.end() :]
        if found := _ONLY_FORM.match(written):
            return self.forms[0] if len(self.forms) == 1 else None, written[found.end() :]
        if found := _IN_DOCUMENT.match(written):
            return self._form_named(found.group(1)), written[found.end() :]
        return self._form_named(written.partition(".")[0]), written[len(written.partition(".")[0]) :]

    def _form_named(self, name: str) -> Element | None:
        return _only(form for form in self.forms if name in {form.get("name"), form.get("id")})

    def _by(self, attribute: str, name: str) -> Element | None:
        return _only(one for form in self.forms for one in (form, *_fields(form)) if one.get(attribute) == name)

    def _request(self, sending: _Sending) -> Step | None:
        """The request that sends a form; None for one that is not posted, of another origin, asks for a password, or is
        too large.
        """
        form = sending.form
        if form is None or (form.get("method") or "").strip().lower() != "post":
            return None
        held = form_fields(form)
        target = joined(self.base, sending.actions.get(form) or (form.get("action") or "").strip() or self.url)
        if held is None or target is None or _origin(target) != _origin(self.url):
            return None
        changed = dict(sending.extra)
        for place, value in sending.set:
            name = place.get("name")
            if name and next(place.iterancestors("form"), None) is form:
                changed[name] = value
        self.changed = changed
        names = {name for name, _ in held}
        fields = [(name, changed.get(name, value)) for name, value in held]
        return Step(target, (*fields, *(one for one in changed.items() if one[0] not in names)), script=False)


def _fields(form: Element) -> Iterator[Element]:
    return islice(form.iter("input", "select", "textarea"), 300)


def _only(found: Iterator[Element]) -> Element | None:
    two = list(islice(found, 2))
    return two[0] if len(two) == 1 else None


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
