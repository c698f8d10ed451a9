"""The pagers of a page and what they state: entries in all, pages, how further pages are addressed (pure).

Which calls, components, attributes, fields, variables and objects are pagers, ``pager_idioms.toml`` says; here is how
each kind is read. What stands in a library's file, or in a comment, is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice

import lxml.html

from crawler.lists.list_page import Page
from crawler.lists.pager_idioms import Idiom, answer_names, idioms
from crawler.lists.script_values import Scripts, closing, divided, members
from crawler.lists.scripts.answers import json_of, number_of
from crawler.lists.scripts.asked_lists import COUNTERS
from crawler.lists.size_claims import Claim, Stated, StatedPager

_NODES, _SCRIPTS, _SIZE = 20_000, 60, 200_000  # elements of a page, its scripts, characters of one
_FOUND = 50  # pagers of a kind
_SIZE_OF_ADDRESS = 200  # characters of a request in which its address stands
_HANDLERS = ("onclick", "onkeydown", "onchange", "href")
_PLACES = ("div", "ul", "nav", "p", "span", "a", "input", "td", "table", "section")  # that stand for a pager
_DEFINES = re.compile(r"\bfunction\s{1,9}$")
_METHOD = re.compile(r"""\s{0,9}["'][A-Za-z]{1,40}["']""")  # .pagination('destroy')
_CEILING = re.compile(r"Math\.ceil\(\s{0,9}([0-9]{1,6})\s{0,9}/\s{0,9}([0-9]{1,4})\s{0,9}\)")
_ATTRIBUTE = re.compile(r"""(?<![\w:-])([:\w-]{1,40})\s{0,9}=\s{0,9}["']([^"'<>]{0,200})["']""")
_SETTING = re.compile(r"\{(\w{1,40})\}")
_JSONP = re.compile(r"\s{0,99}[\w$.]{1,80}\s{0,9}\((?=\s{0,99}[\[{])")
_DEEP, _BOXES = 6, 5_000  # objects of an answer


def stated_pagers(page: Page) -> tuple[StatedPager, ...]:
    """Return the pagers of a page, those that state a number first."""
    if (tree := page.tree) is None:
        return ()
    scripts = Scripts.of(tree)
    texts = [text[:_SIZE] for node in islice(tree.iter("script"), _SCRIPTS) if (text := node.text or "")]
    found = (
        *_calls(tree, scripts),
        *_elements(page, tree, scripts),
        *_attributes(tree),
        *_fields(tree),
        *_variables(scripts.text),
        *_objects(texts),
        *_queries(tree),
    )
    return tuple(dict.fromkeys(sorted(found, key=lambda one: not one.claim.is_understood)))


def answered_claims(text: str) -> tuple[Claim, ...]:
    """Return what an answer of an interface (JSON, JSONP, XML) says of its list; none for a page."""
    jsonp = _JSONP.match(text[:200])
    value = json_of(text[jsonp.end() : text.rfind(")")] if jsonp else text)
    if isinstance(value, (dict, list)):
        return tuple(islice(_in_boxes(value, 0), _FOUND))
    if text.lstrip()[:5].lower() != "<?xml" and "<datastore" not in text.lower():
        return ()
    numbers = {
        role: max(
            (Stated(one.group(1), int(one.group(2))) for one in islice(_elements_of(role).finditer(text), _FOUND)),
            key=lambda stated: stated.number,
            default=None,
        )
        for role in ("total", "pages")
    }
    claim = Claim("answer", **numbers)
    return (claim,) if claim.is_understood else ()


@cache
def _elements_of(role: str) -> re.Pattern[str]:
    return re.compile(
        rf"<({'|'.join(map(re.escape, answer_names(role)))})>\s{{0,9}}(\d{{1,6}})\s{{0,9}}</", re.IGNORECASE
    )


def _in_boxes(value: object, depth: int) -> Iterator[Claim]:
    """What each object of an answer that holds a list, or holds what does, says of it."""
    if depth > _DEEP:
        return
    inner = list(islice(value.values() if isinstance(value, dict) else value if isinstance(value, list) else (), 200))
    if isinstance(value, dict) and any(isinstance(one, (dict, list)) for one in inner):
        numbers = {}
        for role in ("total", "pages"):
            known = {str(name).lower(): str(name) for name in islice(value, 200)}
            stated = ((known[name], number_of(value[known[name]])) for name in answer_names(role) if name in known)
            counted = [Stated(name, number) for name, number in stated if number is not None]
            numbers[role] = max(counted, key=lambda one: one.number, default=None)
        claim = Claim("answer", **numbers)
        if claim.is_understood:
            yield claim
    for one in inner:
        if isinstance(one, (dict, list)):
            yield from _in_boxes(one, depth + 1)


@cache
def _marks(kind: str) -> tuple[re.Pattern[str] | None, tuple[Idiom, ...]]:
    """One expression for the marks of all idioms of a kind, a group for each."""
    known = idioms(kind)
    marks = "|".join(f"(?P<i{at}>{one.mark})" for at, one in enumerate(known))
    return (re.compile(rf"(?:{marks})\s{{0,9}}\(" if kind == "call" else rf"(?:{marks})", re.IGNORECASE)), known


def _calls(tree: lxml.html.HtmlElement, scripts: Scripts) -> Iterator[StatedPager]:
    """Calls of the page's scripts and of what its buttons do."""
    clicked = (
        str(node.get(name))[:1000]
        for node in islice(tree.iter("a", "button", "input", "span", "li", "select"), _NODES)
        for name in _HANDLERS
        if node.get(name) and (name != "href" or str(node.get(name)).lower().startswith("javascript:"))
    )
    text = "\n".join((scripts.text, *islice(clicked, 2_000)))
    shape, known = _marks("call")
    for match in islice(shape.finditer(text), _FOUND) if shape is not None else ():
        if _DEFINES.search(text[max(match.start() - 20, 0) : match.start()]):
            continue
        idiom = known[int(str(match.lastgroup)[1:])]
        end = closing(text, match.end() - 1)
        written = text[match.end() : end] if end > 0 else ""
        if idiom.needs and not re.search(idiom.needs, written):
            continue
        if idiom.mark.startswith(r"\)") and _METHOD.match(written):
            continue
        yield _called(idiom, divided(written, ","), scripts)


def _called(idiom: Idiom, given: list[str], scripts: Scripts) -> StatedPager:
    """A call as a pager. ``given``: its arguments as written."""
    settings: dict[str, str] = {}
    for one in (argument.strip() for argument in given):
        body = one if one.startswith("{") else _object_named(one, scripts.text)
        settings |= {name: value for name, value in members(body) if name not in settings}
    stated = [(name, idiom.role_of(name), value) for name, value in settings.items()]
    stated += [(idiom.name, role, value) for role, value in zip(idiom.positions, given, strict=False) if role]
    filled = {name: value for name, written in settings.items() if (value := scripts.value(written)) is not None}
    return _pager(idiom, [(name, role, _number(value, scripts)) for name, role, value in stated], filled, explicit=True)


def _object_named(written: str, text: str) -> str:
    """The object that a variable is given (``var options = {…}``) as written; "" for anything else."""
    if not re.fullmatch(r"[A-Za-z_$][\w$]{0,60}", written):
        return ""
    found = re.search(rf"(?<![\w$.]){re.escape(written)}\s{{0,9}}=\s{{0,9}}(?=\{{)", text)
    end = closing(text, found.end()) if found else -1
    return text[found.end() : end + 1] if found and end > 0 else ""


def _number(written: str, scripts: Scripts) -> int | None:
    """What an expression comes to, where that is a number."""
    if ceiling := _CEILING.fullmatch(written.strip()):
        return -(-int(ceiling.group(1)) // max(1, int(ceiling.group(2))))
    return number_of(scripts.value(written.strip()))


def _pager(
    idiom: Idiom,
    stated: list[tuple[str, str, int | None]],
    settings: Mapping[str, str] | None = None,
    *,
    explicit: bool = False,
) -> StatedPager:
    """A pager of what was found: names with their roles and numbers. A total of 0 is yet to be filled in."""
    numbers: dict[str, Stated] = {}
    for name, role, number in stated:
        if role and number is not None and (number or role == "current") and role not in numbers:
            numbers[role] = Stated(name, number)
    size, current = numbers.get("size"), numbers.get("current")
    return StatedPager(
        Claim(idiom.name, numbers.get("total"), numbers.get("pages")),
        explicit,
        size.number if size else None,
        current.number if current else None,
        _template(idiom, settings or {}),
    )


def _template(idiom: Idiom, settings: Mapping[str, str]) -> str:
    """The address of a page by the settings of its pager; "" where they do not give it."""
    names = set(_SETTING.findall(idiom.address)) - {"page", "page0"}
    if not idiom.address or not all(settings.get(name) for name in names):
        return ""
    made = _SETTING.sub(lambda one: settings.get(one.group(1), one.group(0)), idiom.address)
    made = made.replace(idiom.hole, "{page}") if idiom.hole else made
    return made if "{page" in made else ""


def _elements(page: Page, tree: lxml.html.HtmlElement, scripts: Scripts) -> Iterator[StatedPager]:
    """Components by their tags, in templates as well; elements that an attribute makes one."""
    known = idioms("element")
    text = _uncommented(page.text)
    marks = "|".join(one.mark for one in known)
    for match in islice(re.finditer(rf"<({marks})(?=[\s/>])([^<>]{{0,3000}})", text, re.IGNORECASE), _FOUND):
        idiom = next(one for one in known if re.fullmatch(one.mark, match.group(1), re.IGNORECASE))
        held = _ATTRIBUTE.findall(match.group(2))
        yield _pager(
            idiom, [(name, idiom.role_of(name), _number(value, scripts)) for name, value in held], explicit=True
        )
    names = {str(name) for node in islice(tree.iter(), _NODES) for name in node.attrib}
    for one in known:
        if any(re.fullmatch(one.mark, name) for name in names):
            yield StatedPager(Claim(one.name), explicit=True)


def _uncommented(text: str) -> str:
    """A page without its comments."""
    pieces: list[str] = []
    at = 0
    while (begin := text.find("<!--", at)) >= 0 and (end := text.find("-->", begin)) >= 0:
        pieces.append(text[at:begin])
        at = end + 3
    return "".join((*pieces, text[at:]))


def _attributes(tree: lxml.html.HtmlElement) -> Iterator[StatedPager]:
    """Numbers in the attributes of places for pagers."""
    names = _names("attribute")[1]
    for node in islice(tree.iter(*_PLACES), _NODES):
        for idiom in idioms("attribute") if any(str(name).lower() in names for name in node.attrib) else ():
            held = [(str(name), idiom.role_of(str(name)), number_of(value)) for name, value in node.attrib.items()]
            if any(role in {"total", "pages"} and number for _, role, number in held):
                named = f"{node.get('class') or ''} {node.get('id') or ''}"
                if not idiom.mark or re.search(idiom.mark, named, re.IGNORECASE):
                    yield _pager(idiom, held)


def _fields(tree: lxml.html.HtmlElement) -> Iterator[StatedPager]:
    """Hidden fields, by the last part of their name or id."""
    for node in islice(tree.iter("input"), _NODES):
        if (node.get("type") or "").lower() != "hidden":
            continue
        for idiom in idioms("field"):
            names = [re.split(r"[.$:]", own)[-1].replace("_", "") for own in (node.get("name"), node.get("id")) if own]
            role, name = next(((idiom.role_of(one), one) for one in names if idiom.role_of(one)), ("", ""))
            if role in {"total", "pages"} and (number := number_of(node.get("value"))):
                yield _pager(idiom, [(name, role, number)])


@cache
def _names(kind: str) -> tuple[str, dict[str, tuple[Idiom, str]]]:
    """The names of all totals and numbers of pages of a kind: as an expression, and what each stands for."""
    known = {name: (one, role) for one in idioms(kind) for name, role in one.names if role in {"total", "pages"}}
    return "|".join(map(re.escape, sorted(known, key=len, reverse=True))), known


def _variables(text: str) -> Iterator[StatedPager]:
    """Variables that are given a number, and nothing else anywhere."""
    names, known = _names("variable")
    shape = rf"""(?<![\w$.\"'])({names})\s{{0,9}}=(?!=)\s{{0,9}}(?:(["']?)(\d{{1,6}})\2(?=\s{{0,9}}(?:[;,\n/)]|$))|)"""
    given: dict[str, list[str]] = {}
    for one in islice(re.finditer(shape, text, re.IGNORECASE), 10 * _FOUND):
        given.setdefault(one.group(1), []).append(one.group(3) or "")
    for name, numbers in given.items():
        if all(numbers):
            idiom, role = known[name.lower()]
            yield _pager(idiom, [(name, role, max(map(int, numbers)))])


def _objects(texts: list[str]) -> Iterator[StatedPager]:
    """Members of objects that scripts hold."""
    names, known = _names("object")
    shape = re.compile(rf"""[{{,\s"']({names})["']?\s{{0,9}}:\s{{0,9}}["']?(\d{{1,6}})(?![\w.])""", re.IGNORECASE)
    for text in texts:
        found: dict[Idiom, list[tuple[str, str, int | None]]] = {}
        for one in islice(shape.finditer(text), _FOUND):
            idiom, role = known[one.group(1).lower()]
            found.setdefault(idiom, []).append((one.group(1), role, int(one.group(2))))
        for idiom, stated in found.items():
            roles = {role for _, role, number in stated if number}
            if not idiom.both or {"total", "pages"} <= roles:
                yield _pager(idiom, sorted(stated, key=lambda one: one[2] or 0, reverse=True))


def asks_for_pages(tree: lxml.html.HtmlElement | None) -> str:
    """Return the name under which a script of the page sends the number of a page with a request; "" where none does.

    Such a script has further pages of something; whether of the list, nobody can tell.
    """
    if tree is None:
        return ""
    names = "|".join(re.escape(name) for one in idioms("request") for name, role in one.names if role == "current")
    text = Scripts.of(tree).text
    for match in islice(re.finditer("|".join(one.mark for one in idioms("request")), text), _FOUND):
        written = text[match.end() : max(closing(text, match.end() - 1), 0)]
        sent = re.search(rf"(?<![\w$.])({names})[\"']?\s{{0,9}}[:=]", written, re.IGNORECASE)
        if sent is not None and not COUNTERS.search(written[:_SIZE_OF_ADDRESS]):
            return sent.group(1)
    return ""


def _queries(tree: lxml.html.HtmlElement) -> Iterator[StatedPager]:
    """Fields of linked addresses."""
    names, known = _names("query")
    shape = re.compile(rf"[?&]({names})=(\d{{1,4}})(?!\d)", re.IGNORECASE)
    linked = (str(node.get("href"))[:2_000] for node in islice(tree.iter("a"), _NODES) if node.get("href"))
    for one in islice(filter(None, map(shape.search, linked)), _FOUND):
        idiom, role = known[one.group(1).lower()]
        yield _pager(idiom, [(one.group(1), role, int(one.group(2)))], explicit=True)
