"""What simple expressions in a page's scripts come to: literals, variables, fields of the page, sums of these (pure).

Nothing is run. An expression that is anything else is unknown, and what needs it is not asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

import lxml.html

from crawler.lists.addresses import IDLE, is_anchor, text_of
from crawler.lists.controls import has_address

_SCRIPTS, _SIZE = 60, 200_000  # scripts of a page, characters of one
_COMMENT = re.compile(
    r"/\*[^*]{0,4000}(?:\*(?!/)[^*]{0,4000}){0,200}\*/|(?:^|(?<=[\s;{}(),]))//[^\n]{0,2000}", re.MULTILINE
)
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.){0,4000}\"|'(?:[^'\\\n]|\\.){0,4000}'|`(?:[^`\\]|\\.){0,4000}`", re.DOTALL)
_LITERAL = rf"(?:{_STRING.pattern}|-?\d{{1,15}}(?![\w.]))"
_VARIABLE = re.compile(
    rf"(?:\b(?:var|let|const)\s{{1,9}}|,\s{{0,20}})([A-Za-z_$][\w$]{{0,60}})\s{{0,9}}=\s{{0,9}}({_LITERAL})", re.DOTALL
)
_SET = r"(?<![\w$.?&\"']){}\s{{0,9}}(?:[-+*/]?=(?!=)|\+\+|--)"
_PROPERTY = re.compile(rf"[{{,\s]([A-Za-z_$][\w$]{{0,60}})\s{{0,9}}:\s{{0,9}}({_LITERAL})\s{{0,9}}[,}}\n]", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_$][\w$]{0,60}(?:\.[A-Za-z_$][\w$]{0,60}){0,4}")
_OF_A_FIELD = re.compile(
    r"""(?:(?:\$|jQuery)\(\s?["']#([\w-]{1,80})["']\s?\)\.val\(\s?\)|document\.(?:getElementById|querySelector)\(\s?["']#?([\w-]{1,80})["']\s?\)\.value)"""
)
_WRAPPED = re.compile(r"(?:encodeURI(?:Component)?|parseInt|Number|String|escape)\(([^()]{1,200})\)")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "", "0": ""}
_PARAMETERS = re.compile(r"\bfunction\b[^(){}]{0,80}\(([^()]{0,200})\)")
_CLOSES = {"(": ")", "[": "]", "{": "}"}
_LONGEST = 20_000  # characters of one call
_IS_LITERAL = re.compile(_LITERAL, re.DOTALL)
_CHOSEN = ("this.value", "$(this).val()")
_MENTIONED = re.compile(r"(?<![\w$.])([A-Za-z_$][\w$]*)(\s{0,9}[.\[])?")
_DEFINITIONS = 3  # of one name
_CALLS = 5_000  # elements of a page that call a function
_TURNS = re.compile(r"\W*(?:\d{1,3}|[^\W\d]{0,3}[页頁][^\W\d]{0,2})?\W*")
_LONGEST_LABEL, _LONGEST_ACT = 60, 700  # characters
_WORD = re.compile(r"[\u4e00-\u9fff]{2}")
_HOLDERS = frozenset(
    {"span", "div", "li", "p", "tr", "td", "dd", "dt", "h2", "h3", "h4", "h5", "em", "i", "b", "strong", "button"}
)


@dataclass(slots=True)
class Scripts:
    """The scripts of a page in one text, comments left out, with the values of what they name. ``fields``: those of
    the page's own fields, by id.
    """

    text: str
    variables: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    _functions: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: lxml.html.HtmlElement) -> Scripts:
        """Return the scripts that stand in a page itself."""
        kinds = (None, "", "text/javascript", "application/javascript", "module")
        own = (node.text or "" for node in islice(tree.iter("script"), _SCRIPTS) if node.get("type") in kinds)
        text = _COMMENT.sub(" ", "\n".join(one[:_SIZE] for one in own)[: 2 * _SIZE])
        inputs = islice(tree.iter("input"), 500)
        fields = {str(one.get("id")): one.get("value") or "" for one in inputs if one.get("id")}
        return cls(text, _variables(text), fields)

    def value(self, written: str) -> str | None:
        """What an expression comes to; None where that is not known."""
        pieces = [self._piece(one) for one in summands(written)]
        return None if not pieces or None in pieces else "".join(map(str, pieces))

    def functions(self, name: str) -> tuple[tuple[str, str], ...]:
        """Every function of the name: its parameters as written, and its body with the bracket that opens it; "" where
        that is not closed. Each name is looked for once: thousands of buttons may call one function.
        """
        if name not in self._functions:
            self._functions[name] = tuple(islice(self._defined(name), _DEFINITIONS))
        return self._functions[name]

    def _defined(self, name: str) -> Iterator[tuple[str, str]]:
        shape = rf"\bfunction\s{{1,9}}{re.escape(name)}\s{{0,9}}\(([^()]{{0,200}})\)\s{{0,9}}(?=\{{)"
        for found in re.finditer(shape, self.text):
            end = closing(self.text, found.end())
            yield found.group(1), self.text[found.end() : end] if end > 0 else ""

    def _piece(self, written: str) -> str | None:
        if _STRING.fullmatch(written):
            return unquoted(written)
        if re.fullmatch(r"-?\d{1,15}|true|false", written):
            return written
        if written.startswith("(") and written.endswith(")"):
            return self.value(written[1:-1])
        if wrapped := _WRAPPED.fullmatch(written):
            return self.value(wrapped.group(1).partition(",")[0])
        if held := _OF_A_FIELD.fullmatch(written):
            return self.fields.get(held.group(1) or held.group(2))
        if _NAME.fullmatch(written):
            name = written.removeprefix("window.")
            return self.variables.get(name, self.variables.get(f".{name.rpartition('.')[2]}") if "." in name else None)
        return None


def _variables(text: str) -> dict[str, str]:
    """Variables that are given a literal and no other value, and share their name with no parameter of a function;
    properties of objects by ``.name``, where all objects that have one of that name have the same.
    """
    found: dict[str, str] = {}
    own = {name.strip() for one in islice(_PARAMETERS.finditer(text), 2_000) for name in one.group(1).split(",")}
    for one in islice(_VARIABLE.finditer(text), 500):
        name = one.group(1)
        if (
            name not in found
            and name not in own
            and len(list(islice(re.finditer(_SET.format(re.escape(name)), text), 2))) == 1
        ):
            found[name] = unquoted(one.group(2))
    properties: dict[str, set[str]] = {}
    for one in islice(_PROPERTY.finditer(text), 2_000):
        properties.setdefault(one.group(1), set()).add(unquoted(one.group(2)))
    return found | {f".{name}": next(iter(values)) for name, values in properties.items() if len(values) == 1}


def unquoted(written: str) -> str:
    """A literal without its quotes."""
    if written[:1] not in {'"', "'", "`"}:
        return written
    return _ESCAPE.sub(_character, written[1:-1])


def _character(found: re.Match[str]) -> str:
    said = found.group(1)
    if len(said) > 1:
        number = int(said[1:], 16)
        return "" if 0xD800 <= number <= 0xDFFF else chr(number)
    return _PLAIN.get(said, said)


def closing(text: str, start: int) -> int:
    """Return where the bracket that opens at ``start`` closes; -1 where it does not, within bounds."""
    waiting: list[str] = []
    at = start
    while at < min(len(text), start + _LONGEST):
        character = text[at]
        if character in "\"'`":
            string = _STRING.match(text, at)
            if string is None:
                return -1
            at = string.end()
            continue
        if character in _CLOSES:
            waiting.append(_CLOSES[character])
        elif waiting and character == waiting[-1]:
            waiting.pop()
            if not waiting:
                return at
        at += 1
    return -1


def divided(text: str, mark: str) -> list[str]:
    """Return the pieces of an expression between ``mark``, outside of brackets and strings."""
    pieces: list[str] = []
    begin = at = 0
    while at < min(len(text), _LONGEST):
        character = text[at]
        if character in "\"'`" and (string := _STRING.match(text, at)):
            at = string.end()
            continue
        if character in _CLOSES and (end := closing(text, at)) > at:
            at = end
        elif character == mark:
            pieces.append(text[begin:at])
            begin = at + 1
        at += 1
    return [*pieces, text[begin:]]


_INVOKES = re.compile(
    r"\s{0,20}(?:javascript:)?\s{0,20}(?:return\s{1,9})?([A-Za-z_$][\w$]{0,60})\s{0,9}(?=\()", re.IGNORECASE
)
_GOES = re.compile(
    r"(?:(?:window|document|self|top|parent)\.)?location(?:\.href)?\s{0,9}=(?!=)\s{0,9}(?P<to>[^;\n]{1,500})"
    r"|(?:(?:window|document|self|top)\.)?location\.(?:assign|replace)\((?P<in>[^;\n]{1,500})\)|window\.open\((?P<open>[^,;\n]{1,500})(?:,[^;\n]{0,200})?\)"
)


def address_gone_to(scripts: Scripts, written: str, chosen: str = "") -> str:
    """Return the address to which a call of a function of the page goes (``onclick="changeYear(2024)"``), where that
    function does nothing else and what the call gives it says where; "" otherwise. ``chosen``: what ``this.value`` is.
    """
    invoked = _INVOKES.match(written[:500])
    end = closing(written, invoked.end()) if invoked else -1
    if invoked is None or end < 0 or written[end + 1 :].strip(" ;") not in {"", "return false"}:
        return ""
    defined = scripts.functions(invoked.group(1))
    if len(defined) != 1 or not defined[0][1]:
        return ""
    parameters, body = defined[0]
    arguments = (one.strip() for one in divided(written[invoked.end() + 1 : end], ","))
    given = [chosen if one in _CHOSEN else unquoted(one) if _IS_LITERAL.fullmatch(one) else None for one in arguments]
    names = [one.strip() for one in parameters.split(",")]
    known = {one: value for one, value in zip(names, given, strict=False) if value is not None}
    goes = _GOES.fullmatch(body[1:].strip().rstrip(";").strip())
    if goes is None or len(known) != len(names):
        return ""
    to = _target(goes)
    said = " ".join(piece for piece in summands(to) if not _STRING.fullmatch(piece))
    in_part = [bool(part) for name, part in _MENTIONED.findall(said) if name in names]
    if not in_part or any(in_part):
        return ""  # nothing that the call gives says where it goes, or a part of it that is not known
    return Scripts(scripts.text, {**scripts.variables, **known}, scripts.fields).value(to) or ""


def resolve_calls(tree: lxml.html.HtmlElement) -> None:
    """Make a link of each element whose script does nothing but go to an address: ``onclick="location.href='/nb/1'"``,
    or ``onclick="open('1')"`` with ``function open(id) {location.href = '/list/' + id}``. Buttons that turn pages are
    left as they are: a page behind one that a script wrote may have none of its own.
    """
    functions_go = any(_GOES.search(node.text or "") for node in islice(tree.iter("script"), _SCRIPTS))
    scripts: Scripts | None = None
    for node in islice(tree.xpath("//*[@onclick or starts-with(@href, 'javascript:')]"), _CALLS):
        if has_address(node):
            continue
        href = (node.get("href") or "").strip()
        written = (node.get("onclick") or "") if is_anchor(href) or IDLE.match(href) else href
        direct = _GOES.fullmatch(written[:_LONGEST_ACT].strip(" ;\t\r\n"))
        if direct is None and not (functions_go and _INVOKES.match(written)):
            continue
        if _TURNS.fullmatch((node.text_content() or "")[:_LONGEST_LABEL]):
            continue
        scripts = scripts or Scripts.of(tree)
        if direct is not None:  # what a reader types into a field is not known
            gone = Scripts(scripts.text, scripts.variables).value(_target(direct))
        else:
            gone = address_gone_to(scripts, written)
        if gone:
            node.set("href", gone)
            _put_link_inside(node, gone)


def _put_link_inside(node: lxml.html.HtmlElement, href: str) -> None:
    """Make what stands in an element the text of a link, where it is none itself and holds none; of a row the longest
    of its cells; of one that is no table's the piece that alone has words, beside numbers and days.
    """
    if node.tag not in _HOLDERS or any(one.tag in {"a", "tr"} for one in node.iterdescendants()):
        return
    if node.tag == "tr":
        cells = [*node.iter("td")]
        if not cells:
            return
        node = max(cells, key=lambda cell: len(text_of(cell)))
    elif len(node) > 1 and not any(_WORD.search(text or "") for text in (node.text, *(one.tail for one in node))):
        worded = [one for one in node if _WORD.search(text_of(one))]
        node = worded[0] if len(worded) == 1 else node
    link = node.makeelement("a", href=href)
    link.text, node.text = node.text, None
    link.extend(list(node))
    node.append(link)


def _target(goes: re.Match[str]) -> str:
    """The expression that says where a script goes."""
    return next(one for one in goes.groups() if one)


def summands(written: str) -> Iterator[str]:
    """The pieces of a sum as written; those of a template one by one."""
    for one in (piece.strip() for piece in divided(written, "+")):
        if one[:1] == "`" and _STRING.fullmatch(one):
            parts = re.split(r"\$\{([^{}]{1,200})\}", one[1:-1])
            yield from (f"`{part}`" if at % 2 == 0 else part.strip() for at, part in enumerate(parts))
        else:
            yield one


def members(written: str) -> Iterator[tuple[str, str]]:
    """The members of an object as written: name and expression; methods have what follows their name."""
    body = written.strip()
    if not (body.startswith("{") and body.endswith("}")):
        return
    for one in divided(body[1:-1], ","):
        name, colon, value = one.strip().partition(":")
        name = name.strip().strip("\"'")
        if colon and re.fullmatch(r"[\w$.\[\]-]{1,60}", name):
            yield name, value.strip()
        elif method := re.match(r"(?:async\s{1,9})?([\w$]{1,60})\s{0,9}\(", one.strip()):
            yield method.group(1), one.strip()
        elif re.fullmatch(r"[A-Za-z_$][\w$]{0,60}", one.strip()):
            yield one.strip(), one.strip()  # {channelId}
