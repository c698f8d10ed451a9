"""Choices of a ``<select>`` that lead to further lists (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlencode

import lxml.html

from crawler.lists.addresses import text_of
from crawler.lists.scripts.script_values import Scripts, address_gone_to

ADDRESS = re.compile(
    r"(?:(?:https?:)?//[^\s<>'\"+{}]{3,}|\.{0,2}/[^\s<>'\"+{}]*|[\w./-]+\.(?:s?html?|jspx?|aspx?|php|json|do|action)(?:\?[^\s<>'\"+{}]*)?)$",
    re.IGNORECASE,
)
_BY_VALUE = re.compile(
    r"[\"']([^\"'<>\s]{1,300}[=/])[\"']\s{0,5}\+\s{0,5}(?:this\.|\$\(this\)\.|obj\.|[\w.]{0,30}\.)?(?:value|val\(\)|options\b)"
)
_KEPT = re.compile(r"(?:^|[;{}])\s{0,9}(?:return\s{1,9})?false\s{0,9};?\s{0,9}$|preventDefault")  # from being sent

_GONE = 60  # choices of which it is read where a function of the page goes
_FIELDS = 200  # of one form
_SIZE = 500_000  # characters of what a form holds: the state that ASP.NET keeps in a page is long


def choices(select: lxml.html.HtmlElement) -> Iterator[tuple[str, str, str]]:
    """Choices that are addresses, or that a script or a plain form turns into one: address as written, text, kind."""
    form = next((node for node in select.iterancestors("form")), None)
    changed = (select.get("onchange") or "")[:1_000]
    prefix = _BY_VALUE.search(changed)
    scripts = Scripts.of(select.getroottree().getroot()) if "(this.value)" in changed and not prefix else None
    for number, option in enumerate(islice(select.iter("option"), 300)):
        value = (option.get("value") or "").strip()
        if not value or len(value) > 500:
            continue
        if ADDRESS.match(value):
            yield value, text_of(option), "option"
        elif prefix and re.fullmatch(r"[\w.-]{1,60}", value):
            yield prefix.group(1) + value, text_of(option), "option"
        elif scripts is not None and number < _GONE and (gone := address_gone_to(scripts, changed, value)):
            yield gone, text_of(option), "option"
        elif form is not None and select.get("name") and _is_sent(form):
            fields = [*hidden_fields(form), (str(select.get("name")), value)]
            yield f"{(form.get('action') or '').partition('?')[0]}?{urlencode(fields)}", text_of(option), "option"


def _is_sent(form: lxml.html.HtmlElement) -> bool:
    """Whether a form is one that a browser sends by GET: it names an address or has a button that sends it, and no
    script keeps it from that.
    """
    if (form.get("method") or "get").strip().lower() != "get" or _KEPT.search(form.get("onsubmit") or ""):
        return False
    if any("submit" in str(name) for name in form.attrib if name != "onsubmit"):  # @submit.prevent, ng-submit
        return False
    action = (form.get("action") or "").strip()
    return bool(action.strip("#")) or any(
        (one.get("type") or ("submit" if one.tag == "button" else "")).lower() in {"submit", "image"}
        and one.get("onclick") is None
        and one.get("lay-submit") is None
        for one in islice(form.iter("input", "button"), _FIELDS)
    )


def hidden_fields(form: lxml.html.HtmlElement) -> list[tuple[str, str]]:
    """Names and values of the hidden fields of a form."""
    rows = islice(form.iter("input"), _FIELDS)
    return [(str(i.get("name")), i.get("value") or "") for i in rows if i.get("name") and _kind(i) == "hidden"]


def form_fields(form: lxml.html.HtmlElement) -> list[tuple[str, str]] | None:
    """Names and values that a browser would send with a form, apart from fields that were left empty and the button:
    None for one that asks for a password or a file, or is too large to be sent whole.
    """
    inputs = list(islice(form.iter("input", "select", "textarea"), _FIELDS + 1))
    if len(inputs) > _FIELDS or any(_kind(one) in {"password", "file"} for one in inputs):
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
