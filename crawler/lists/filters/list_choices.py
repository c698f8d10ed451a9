"""Choices of a ``<select>`` that lead to further lists (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlencode

import lxml.html

from archive.file_endings import HTML
from crawler.lists.addresses import text_of
from crawler.lists.controls import MOST_FIELDS, hidden_fields
from crawler.lists.script_values import Scripts, address_gone_to

ADDRESS = re.compile(
    r"(?:(?:https?:)?//[^\s<>'\"+{}]{3,}|\.{0,2}/[^\s<>'\"+{}]*|[\w./-]+\.(?:"
    rf"{HTML}|jspx?|aspx?|php|json|do|action)(?:\?[^\s<>'\"+{{}}]*)?)$",
    re.IGNORECASE,
)
_BY_VALUE = re.compile(
    r"[\"']([^\"'<>\s]{1,300}[=/])[\"']\s{0,5}\+\s{0,5}(?:this\.|\$\(this\)\.|obj\.|[\w.]{0,30}\.)?(?:value|val\(\)|options\b)"
)
_KEPT = re.compile(r"(?:^|[;{}])\s{0,9}(?:return\s{1,9})?false\s{0,9};?\s{0,9}$|preventDefault")  # from being sent
_UNCHOSEN = re.compile(r"\W{0,9}(?:$|全部|所有|不限|请选择|选择)")
_GONE = 60  # choices of which it is read where a function of the page goes


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


def scripted_options(tree: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    """The options of every ``<select>`` that shows another list by script alone, unless that which is chosen now stands
    for all of them, or for none yet (全部, 请选择).
    """
    for select in tree.iter("select"):
        options = list(islice(select.iter("option"), 300))
        chosen = _chosen(select)
        if chosen is None or _UNCHOSEN.match(text_of(chosen)):
            continue
        led = {text for _, text, _ in choices(select)}
        yield from (one for one in options if text_of(one) not in led)


def is_chosen(option: lxml.html.HtmlElement) -> bool:
    """Whether an option of a ``<select>`` is the one that is chosen: the last of those that say so, else the first."""
    return option is _chosen(next(option.iterancestors("select")))


def _chosen(select: lxml.html.HtmlElement) -> lxml.html.HtmlElement | None:
    options = list(select.iter("option"))
    marked = [one for one in options if one.get("selected") is not None]
    return (marked[-1] if marked else options[0]) if options else None


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
        for one in islice(form.iter("input", "button"), MOST_FIELDS)
    )
