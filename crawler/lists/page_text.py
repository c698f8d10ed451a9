"""The text of a page without markup, scripts and styles (pure)."""

from __future__ import annotations

import html
import re

_HIDDEN = ("script", "style", "noscript", "template")
_OPENS = re.compile(rf"<(?:({'|'.join(_HIDDEN)})\b|!--)", re.IGNORECASE)
_RUN = re.compile(rf"(?>(?:[^<]++|<(?!!--|(?:{'|'.join(_HIDDEN)})\b)[^>]*+>)*)", re.IGNORECASE)  # text and whole tags
_TAG = re.compile(r"<[^>]*+>")
_CLOSES = {name: re.compile(f"</{name}", re.IGNORECASE) for name in _HIDDEN}
_MARKUP, _LONGER = 5, 4  # characters of a page for one of its text, and how many times more are read each time
_ENTITY = 10  # characters of a text that a cut may have changed


def visible_text(page: str) -> str:
    """Return the text of a page without markup, scripts and styles; linear in its length."""
    kept, at = [], 0
    while run := _RUN.match(page, at):
        end = run.end()
        kept.append(_TAG.sub(" ", page[at:end]))
        opened = _OPENS.match(page, end)
        if opened is None:  # the end of the page, or a tag without end
            break
        if opened.group(1) is None:
            at, shut = page.find("-->", end + 4), 3
        else:
            closed = _CLOSES[opened.group(1).lower()].search(page, end)
            at, shut = page.find(">", closed.start()) if closed else -1, 1
        if at < 0:
            break
        at += shut
        kept.append(" ")
    return " ".join(html.unescape("".join(kept)).split())


def beginning_of_text(page: str, most: int) -> str:
    """Return the visible text of a page where it has at most so many characters; else a beginning that is longer."""
    size = _MARKUP * most
    while size < len(page):
        beginning = visible_text(page[:size])
        if len(beginning) > most + _ENTITY:
            return beginning
        size *= _LONGER
    return visible_text(page)
