"""The controls of a page: links and buttons, whether one is marked as chosen, the fields of a form (pure)."""

from __future__ import annotations

import re
from itertools import islice

import lxml.html

from crawler.lists.addresses import is_anchor, text_of

BUTTON = 40  # characters of a small button, with blanks
MOST_FIELDS = 200  # of one form
_SIZE = 500_000  # characters of what a form holds: the state that ASP.NET keeps in a page is long
_CURRENT = re.compile(r"(?:^|[-_])(?:cur(?:rent)?|active|on|now|sel(?:ected)?|this(?:page)?|here)(?:[-_]?page)?$", re.I)


def short_text(node: lxml.html.HtmlElement) -> str:
    """Return the text of a small element; "" for one that says more than a button does."""
    text = "".join(str(part) for part in islice(node.itertext(), 6))
    return text if len(text) <= BUTTON else ""


def has_address(node: lxml.html.HtmlElement) -> bool:
    """Whether an element leads anywhere by its own address."""
    href = (node.get("href") or "").strip()
    return bool(href) and not is_anchor(href) and not href.lower().startswith("javascript:")


def may_be_pressed(node: lxml.html.HtmlElement) -> bool:
    """Whether a script may be bound to an element by what it says of itself: a link, a button, a choice, or what has an
    ``onclick`` or data for a script.
    """
    return node.tag in {"a", "button", "option"} or any(
        name == "onclick" or name[:5] == "data-" for name in node.attrib
    )


def is_marked(node: lxml.html.HtmlElement) -> bool:
    """Whether a button is said to be the one that is shown, by its own class or that of what holds it alone."""
    parent = node.getparent()
    held = parent if parent is not None and len(parent) == 1 else node
    words = f"{node.get('class') or ''} {held.get('class') or ''}".split()
    return node.get("aria-current") is not None or any(_CURRENT.search(word) for word in words)


def hidden_fields(form: lxml.html.HtmlElement) -> list[tuple[str, str]]:
    """Names and values of the hidden fields of a form."""
    rows = islice(form.iter("input"), MOST_FIELDS)
    return [(str(i.get("name")), i.get("value") or "") for i in rows if i.get("name") and _kind(i) == "hidden"]


def form_fields(form: lxml.html.HtmlElement) -> list[tuple[str, str]] | None:
    """Names and values that a browser would send with a form, apart from fields that were left empty and the button:
    None for one that asks for a password or a file, or is too large to be sent whole.
    """
    inputs = list(islice(form.iter("input", "select", "textarea"), MOST_FIELDS + 1))
    if len(inputs) > MOST_FIELDS or any(_kind(one) in {"password", "file"} for one in inputs):
        return None
    found: list[tuple[str, str]] = []
    for one in inputs:
        name, value = one.get("name"), _value(one)
        if name and value is not None and (value or _kind(one) == "hidden") and one.get("disabled") is None:
            found.append((str(name), value))
    return found if sum(len(name) + len(value) for name, value in found) <= _SIZE else None


def _kind(field: lxml.html.HtmlElement) -> str:
    return (field.get("type") or "text").strip().lower() if field.tag == "input" else str(field.tag)


def _value(field: lxml.html.HtmlElement) -> str | None:
    """What a field holds; None for one that is not sent: a button, a box that is not ticked."""
    kind = _kind(field)
    if kind in {"submit", "image", "button", "reset"}:
        return None
    if kind in {"checkbox", "radio"}:
        return (field.get("value") or "on") if field.get("checked") is not None else None
    if kind == "textarea":
        return text_of(field)
    if kind != "select":
        return field.get("value") or ""
    options = list(islice(field.iter("option"), 300))
    chosen = next((one for one in options if one.get("selected") is not None), options[0] if options else None)
    if chosen is None:
        return None
    return str(chosen.get("value")) if chosen.get("value") is not None else text_of(chosen)
