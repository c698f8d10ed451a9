"""What a button of a page does when it is pressed: the fields that its script sets, and the form that it sends (pure).

Every statement of the script, and of the functions of the page that it calls, has to be one of those known here: a
function that does anything else is not understood, and nothing is sent. Only forms of the page's own origin, whole
ones, and none with a password are sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urlsplit

import lxml.html

from crawler.lists.addresses import joined, text_of
from crawler.lists.controls import form_fields
from crawler.lists.list_requests import ListRequest

_POSTBACK = re.compile(r"__doPostBack\(\s*['\"]([^'\"]{1,200})['\"]\s*,\s*['\"]([^'\"]{0,200})['\"]\s*\)")
_POSTBACK_OPTIONS = re.compile(  # target, argument, and no address of its own
    r"WebForm_DoPostBackWithOptions\(\s*new\s+WebForm_PostBackOptions\(\s*['\"]([^'\"]{1,200})['\"]\s*,\s*['\"]([^'\"]{0,200})"
    r"['\"]\s*,\s*(?:true|false)\s*,\s*['\"][^'\"]{0,200}['\"]\s*,\s*['\"]{2}\s*,"
)
_SCRIPT = 200_000  # characters of a script
CALL = 1_000  # characters of what a button does
_DEEP = 3  # functions that call one another
_STATEMENTS = 20
TARGET, ARGUMENT = "__EVENTTARGET", "__EVENTARGUMENT"
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


@dataclass(slots=True)
class _Sending:
    """What a script does: the fields it sets, and the form it sends, with its address where the script names one."""

    set: list[tuple[Element, str]] = field(default_factory=list)
    actions: dict[Element, str] = field(default_factory=dict)
    form: Element | None = None
    extra: list[tuple[str, str]] = field(default_factory=list)


class _UnreadError(Exception):
    """A script does something that is not known here."""


class Document:
    """A page with its forms and functions. ``changed``: the fields that the last button that was read sets."""

    def __init__(self, url: str, base: str, tree: Element) -> None:
        self.url, self.base, self.tree = url, base, tree
        self.forms = list(islice(tree.iter("form"), 50))
        self.changed: dict[str, str] = {}
        self._functions: dict[str, tuple[list[str], str] | None] | None = None
        self._script = ""

    def sent_by(self, node: Element) -> ListRequest | None:
        """The request that a button makes; None where it makes none, or none that is understood and may be made."""
        self.changed = {}
        try:
            sending = self._done_by(node)
        except _UnreadError:
            return None
        return self._request(sending)

    def sent_by_choice(self, select: Element, option: Element) -> ListRequest | None:
        """The request that choosing an option makes: by the script that listens to that, else by the one button that
        sends the form; None as with :meth:`sent_by`.
        """
        self.changed = {}
        form, sending = self._form_of(select), _Sending()
        changed = re.sub(r"^\s*javascript:", "", (select.get("onchange") or "")[:CALL].replace("\\", "")).strip()
        value = option.get("value")
        if form is None or not select.get("name"):
            return None
        try:
            if back := _POSTBACK.search(changed):
                sending.form, sending.extra = form, [(TARGET, back.group(1)), (ARGUMENT, back.group(2))]
            elif changed:
                self._run(changed, {"this.form": form}, sending, 0)
            else:
                buttons = (one for one in islice(form.iter("input", "button"), 300) if _sends(one))
                pressed = _only(buttons)
                if pressed is not None:
                    sending.form = form
                    named = pressed.get("name")
                    sending.extra = [(named, pressed.get("value") or "")] if named else []
        except _UnreadError:
            return None
        sending.set.append((select, value if value is not None else text_of(option)))
        return self._request(sending)

    def _done_by(self, node: Element) -> _Sending:
        sending = _Sending()
        href, clicked = (node.get("href") or "").strip()[:CALL], (node.get("onclick") or "").strip()[:CALL]
        script = href[len("javascript:") :] if href.lower().startswith("javascript:") else ""
        if back := _POSTBACK.search(script or clicked) or _POSTBACK_OPTIONS.search(script or clicked):
            sending.form = self._form_of(node)
            sending.extra = [(TARGET, back.group(1)), (ARGUMENT, back.group(2))]
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

    def _request(self, sending: _Sending) -> ListRequest | None:
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
        return ListRequest(target, (*fields, *(one for one in changed.items() if one[0] not in names)), script=False)


def _sends(button: Element) -> bool:
    """Whether a button sends its form and does nothing else."""
    kind = (button.get("type") or ("submit" if button.tag == "button" else "")).lower()
    return kind == "submit" and button.get("onclick") is None


def _fields(form: Element) -> Iterator[Element]:
    return islice(form.iter("input", "select", "textarea"), 300)


def _only(found: Iterator[Element]) -> Element | None:
    two = list(islice(found, 2))
    return two[0] if len(two) == 1 else None


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
