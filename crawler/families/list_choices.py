"""Choices of a ``<select>`` that lead to further lists (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlencode

import lxml.html

from crawler.families.addresses import text_of

ADDRESS = re.compile(
    r"(?:(?:https?:)?//[^\s<>'\"+{}]{3,}|\.{0,2}/[^\s<>'\"+{}]*|[\w./-]+\.(?:s?html?|jspx?|aspx?|php|json|do|action)(?:\?[^\s<>'\"+{}]*)?)$"
)
_BY_VALUE = re.compile(
    r"[\"']([^\"'<>\s]{1,300}[=/])[\"']\s{0,5}\+\s{0,5}(?:this\.|\$\(this\)\.|obj\.|[\w.]{0,30}\.)?(?:value|val\(\)|options\b)"
)


def choices(select: lxml.html.HtmlElement) -> Iterator[tuple[str, str, str]]:
    """Choices that are addresses, or that a script or a plain form turns into one: address as written, text, kind."""
    form = next((node for node in select.iterancestors("form")), None)
    prefix = _BY_VALUE.search((select.get("onchange") or "")[:1_000])
    for option in islice(select.iter("option"), 300):
        value = (option.get("value") or "").strip()
        if not value or len(value) > 500:
            continue
        if ADDRESS.match(value):
            yield value, text_of(option), "option"
        elif prefix and re.fullmatch(r"[\w.-]{1,60}", value):
            yield prefix.group(1) + value, text_of(option), "option"
        elif form is not None and select.get("name") and (form.get("method") or "get").lower() == "get":
            fields = [*hidden_fields(form), (str(select.get("name")), value)]
            yield f"{(form.get('action') or '').partition('?')[0]}?{urlencode(fields)}", text_of(option), "option"


def hidden_fields(form: lxml.html.HtmlElement) -> list[tuple[str, str]]:
    """Names and values of the hidden fields of a form."""
    rows = islice(form.iter("input"), 40)
    return [
        (str(i.get("name")), i.get("value") or "")
        for i in rows
        if i.get("name") and (i.get("type") or "").lower() == "hidden"
    ]
