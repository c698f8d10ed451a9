"""What a site's interface answers (JSON, or JSONP) where a page would be → Document of the text in one of its strings.

New portals load an article so: ``{"data": {"title": …, "publishTime": …, "content": "<p>…"}}``. What the strings beside
the text are called is data (``json_answer.toml``).
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from html import escape, unescape
from importlib.resources import files
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

from archive.documents.charset import decode
from archive.documents.html import read_markup
from archive.documents.model import Document, Limits, UnreadableError, extend_locators
from archive.documents.page_facts import MAX_PARTS, file_ending
from archive.file_endings import FILES
from storage.page_metadata import MOST, plain
from storage.records import SHANGHAI, Part

MAX_BYTES = 24 << 20
MAX_STRINGS = 100_000
MAX_LEVELS = 60
MIN_TEXT_CHARS = 200
WITHIN = "#"  # in a pointer: what follows is the place within the JSON that the string holds
_CALL = re.compile(r"\s*(?:/\*\*/)?\s*[\w.$]{1,80}\(\s*(?=[\[{])")  # JSONP: the name of a function
_MARKUP = re.compile(r"<[A-Za-z!/]")
_ESCAPED = re.compile(r"&(?:amp;)?(?:lt|#60|#x3c);[a-z!/]", re.IGNORECASE)
_REPORT = re.compile("政府信息公开|主动公开|行政复议|本年新收|总体情况")
_YEARS = range(946_684_800, 4_102_444_800)  # 2000 to 2100 in seconds; interfaces mostly tell thousandths
_NAMES: Mapping[str, list[str]] = tomllib.loads(
    files("archive.documents").joinpath("json_answer.toml").read_text("utf-8")
)["keys"]


class _String(NamedTuple):
    """A string of an answer, its place (RFC 6901), and the object that is nearest around it."""

    pointer: str
    text: str
    beside: Mapping[str, object]


def open_json(data: bytes, limits: Limits) -> Document:
    """Read an answer. Locators carry ``json``, the place of the string, and ``css`` in it. Raises UnreadableError."""
    if len(data) > MAX_BYTES:
        raise UnreadableError("too_large")
    decoded = decode(data)
    source = decoded.text
    if call := _CALL.match(source):
        source = source[call.end() : source.rfind(")")]
    try:
        value = _parse(source)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("damaged") from error
    texts = [one for one in islice(_strings(value), MAX_STRINGS) if len(one.text) >= MIN_TEXT_CHARS]
    if not texts:
        raise UnreadableError("empty")
    best = max(texts, key=lambda one: (len(set(_REPORT.findall(one.text))), len(one.text)))
    document = read_markup(replace(decoded, text=_as_markup(best.text)), limits)
    blocks = extend_locators(document.blocks, "json", best.pointer)
    meta = _metadata_beside(best.beside)
    parts = tuple(dict.fromkeys((*document.parts, *_files_beside(best.beside))))[:MAX_PARTS]
    title = meta.get("articletitle", "") or document.title
    return replace(document, blocks=blocks, meta={**document.meta, **meta}, title=title, parts=parts)


def _parse(source: str) -> Any:
    return json.loads(source, strict=False, parse_int=str)


def _strings(
    value: object, pointer: str = "", beside: Mapping[str, object] = MappingProxyType({})
) -> Iterator[_String]:
    """Yield all strings of an answer in order; of one that is JSON itself those in it."""
    if pointer.count("/") + pointer.count(WITHIN) > MAX_LEVELS:
        return
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _strings(one, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}", value)
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from _strings(one, f"{pointer}/{at}", beside)
    elif isinstance(value, str):
        within: object = None
        if value[:1] in ("{", "[") and len(value) >= MIN_TEXT_CHARS:
            with suppress(ValueError, RecursionError):
                within = _parse(value)
        if isinstance(within, dict | list):
            yield from _strings(within, pointer + WITHIN, beside)
        else:
            yield _String(pointer, value, beside)


def _as_markup(text: str) -> str:
    """Return a text as markup: some interfaces escape it, and some give plain lines."""
    if not _MARKUP.search(text) and _ESCAPED.search(text):
        text = unescape(unescape(text))
    return text if _MARKUP.search(text) else "".join(f"<p>{escape(line)}</p>" for line in text.splitlines())


def _metadata_beside(beside: Mapping[str, object]) -> dict[str, str]:
    """Return what the object says of its text, by the names of the national metadata."""
    keys = {key.lower().replace("_", ""): value for key, value in beside.items()}
    found: dict[str, str] = {}
    for name, ends in _NAMES.items():
        held = (keys[key] for end in ends for key in keys if key.endswith(end))
        if text := next((text for value in held if (text := _show(value, is_day=name == "pubdate"))), ""):
            found[name] = text
    return found


def _show(value: object, *, is_day: bool) -> str:
    """Return a short text; of a day also an instant told in seconds or their thousandths."""
    if not isinstance(value, str) or len(value) > MOST:
        return ""
    if is_day and value.isdecimal():
        seconds = next((one for one in (int(value), int(value) // 1000) if one in _YEARS), None)
        return f"{datetime.fromtimestamp(seconds, SHANGHAI):%Y-%m-%d %H:%M:%S}" if seconds else ""
    return plain(value)


def _files_beside(beside: Mapping[str, object]) -> Iterator[Part]:
    """Yield the addresses of documents in the object that holds the text, each with the name beside it."""
    for one in _strings(dict(beside)):
        if len(one.text) <= MOST and "/" in one.text and file_ending(one.text) in FILES:
            names = (text for key, text in one.beside.items() if key.lower().endswith("name") and isinstance(text, str))
            yield Part(kind="attachment", url=one.text.strip(), text=plain(next(names, ""))[:MOST])
