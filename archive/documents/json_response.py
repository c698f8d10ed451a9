"""What a site's interface answers (JSON, or JSONP) where a page would be → Pages of the text in one of its strings.

New portals load an article so: ``{"data": {"title": …, "publishTime": …, "content": "<p>…"}}``. What the strings beside
the text are called is data (``json_response.toml``). An answer without a report in it is read as any other file.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from html import unescape
from importlib.resources import files
from typing import cast

from archive.documents import html, text
from archive.documents.charset import decode
from archive.documents.markup.parts import MAX_PARTS, extension
from archive.documents.markup.scripts import hidden_body
from archive.documents.markup.vocabulary import vocabulary
from archive.documents.pages import Limits, Pages, Paragraph, Table
from archive.file_endings import FILES
from archive.findings import finding
from storage.page_metadata import MOST, plain
from storage.records import SHANGHAI, Finding, Part

_CALL = re.compile(r"\s{0,20}(?:/\*\*/)?\s{0,20}[\w.$]{1,80}\(\s{0,20}(?=[\[{])")  # JSONP: the name of a function
_STRING = re.compile(r'"(?>(?:[^"\\]++|\\u[0-9A-Fa-f]{4}|\\[^u])*)"', re.DOTALL)
_TOKEN = re.compile(_STRING.pattern + r"?|[\[\]{}:,]", re.DOTALL)  # numbers and words stand between them
_MOST_BYTES = 24 << 20
_MOST_VALUES = 100_000
_DEEP = 60
_INTO = "#"  # in a pointer: what follows is the place within the JSON that the string holds
_LEAST = 200  # characters of a text
_LINES = re.compile(r"[\r\n]+")
_MARKUP = re.compile(r"<[A-Za-z!/]")
_WITHIN = re.compile(r"\s{0,20}[\[{]\s{0,20}[\[{\"]")  # so begins an answer that is packed in a string of another
_PACKED = 6  # answers within each other
_NESTED = 3  # times that markup is escaped
_ESCAPED = re.compile(
    r"&(?:amp;){0,3}(?:lt|#60|#x3c);(?:p|div|span|table|section|h[1-6]|strong|style|br)\b", re.IGNORECASE
)
_INSTANT = range(946_684_800, 4_102_444_800)  # 2000 to 2100, in seconds; interfaces mostly tell thousandths


@dataclass(frozen=True, slots=True)
class _Value:
    """A string of an answer: where it stands (RFC 6901), and the object that holds it."""

    pointer: str
    text: str
    beside: Mapping[str, object]


def read(data: bytes, limits: Limits) -> Pages:
    """Read an answer. Locators carry ``json``, the place of the string (RFC 6901), and ``css`` within it.

    Where a string holds JSON itself, the place in that follows behind ``#``.

    Of one that breaks off what is left is read.
    """
    if len(data) > _MOST_BYTES:
        return _too_large(finding("limit_reached", bound="json_bytes", expected=_MOST_BYTES))
    value, cut = _parsed(data)
    text_of = _text_of(value, cut=cut) if value is not None else None
    if text_of is None and _holds_more(value):
        return _too_large(finding("limit_reached", bound="json_levels", expected=_PACKED))
    if text_of is None:
        plain_text = _MARKUP.search(data[: 1 << 16].decode("latin-1")) is None
        return _marked_damaged(text.read(data, limits) if plain_text else html.read(data, limits), cut=cut)
    found, markup = text_of
    behind = "" if cut else "</body>"  # how a page ends tells whether it is whole
    pages = html.read(f"<!DOCTYPE html><body>{markup}{behind}".encode("utf-8", "replace"), limits)
    metadata = _metadata_beside(found.beside)
    return replace(
        _marked_damaged(pages, cut=cut),
        kind="json",
        blocks=tuple(_with_pointer(block, found.pointer) for block in pages.blocks),
        meta={**pages.meta, **metadata},
        title=metadata.get("articletitle", "") or pages.title,
        parts=tuple(dict.fromkeys((*pages.parts, *_files(found.beside))))[:MAX_PARTS],
    )


def _too_large(passed: Finding) -> Pages:
    """Of an answer that passes a bound nothing is known."""
    return Pages(kind="json", blocks=(), findings=(passed,), unreadable="too_large")


def _marked_damaged(pages: Pages, *, cut: bool) -> Pages:
    """The same, told as damaged if the answer was ``cut``."""
    if not cut or any(found.code == "document_damaged" for found in pages.findings):
        return pages
    return replace(pages, findings=(finding("document_damaged", case="cut_short"), *pages.findings))


def _parsed(data: bytes) -> tuple[object, bool]:
    """What the answer holds, None if it is none that can be taken apart; and whether its end is missing."""
    source = decode(data).text
    if (call := _CALL.match(source)) is not None:
        source = source[call.end() :]
    if (value := _loaded(source if call is None else source[: source.rfind(")")])) is not None:
        return value, False
    ended = _complete_json(source)
    return (None, False) if ended is None else (_loaded(ended), True)


def _loaded(source: str) -> object:
    for number in (int, str):
        try:
            value: object = json.loads(source, strict=False, parse_int=number)
        except (json.JSONDecodeError, RecursionError):
            return None
        except ValueError:  # a number of more digits than Python takes
            continue
        return value
    return None


def _complete_json(source: str) -> str | None:
    """An answer that breaks off, with what it holds so far brought to an end; None for one whose brackets are shut."""
    open_: list[str] = []
    before, last, end = "", "", 0  # the last two tokens, and where the last one ends
    for token in _TOKEN.finditer(source):
        before, last, end = last, token.group(), token.end()
        if last in "[{":
            open_.append("]" if last == "[" else "}")
            if len(open_) > _DEEP:
                return None
        elif last in "]}" and (not open_ or open_.pop() != last):
            return None
    if not open_:
        return None
    done = source[:end]
    if last[0] == '"':
        if len(last) == 1 or _STRING.fullmatch(last) is None:
            done += '"'
        if open_[-1] == "}" and before in ("{", ","):
            done += ":null"
    elif last == ":":
        done += "null"
    elif last == ",":
        done = done[:-1]
    return done + "".join(reversed(open_))


def _strings(top: object, *, cut: bool = False) -> Iterator[_Value]:
    """All strings of an answer, in order, as far as it is looked through; of one that is JSON itself those in it."""
    levels = [iter([("", top, cast("Mapping[str, object]", {}))])]
    for _ in range(_MOST_VALUES):
        if not levels:
            return
        held = next(levels[-1], None)
        if held is None:
            levels.pop()
            continue
        pointer, value, beside = held
        if isinstance(value, str):
            inner = _packed(value, cut=cut) if pointer.count(_INTO) < _PACKED else None
            if inner is None:
                yield _Value(pointer, value, beside)
            elif len(levels) <= _DEEP:
                levels.append(_members_of(pointer + _INTO, inner, beside))
        elif len(levels) <= _DEEP:
            levels.append(_members_of(pointer, value, beside))


def _packed(source: str, *, cut: bool) -> object:
    """What a string holds that is an answer itself, None if it is none; ``cut``: the answer around it breaks off."""
    if len(source) < _LEAST or _WITHIN.match(source) is None:
        return None
    value = _loaded(source)
    if value is None and cut and (ended := _complete_json(source)) is not None:
        value = _loaded(ended)
    return value if isinstance(value, dict | list) else None


def _holds_more(top: object) -> bool:
    """Whether a string of an answer is one itself, deeper than is looked."""
    return any(
        one.pointer.count(_INTO) >= _PACKED and _WITHIN.match(one.text) is not None
        for one in _strings(top)
        if len(one.text) >= _LEAST
    )


def _members_of(
    pointer: str, value: object, beside: Mapping[str, object]
) -> Iterator[tuple[str, object, Mapping[str, object]]]:
    """What an object or a list holds, each with its place and the object that is nearest around it."""
    if isinstance(value, dict):
        yield from ((f"{pointer}/{_escaped(key)}", held, value) for key, held in value.items())
    elif isinstance(value, list):
        yield from ((f"{pointer}/{at}", held, beside) for at, held in enumerate(value))


def _escaped(key: str) -> str:
    return key[:80].replace("~", "~0").replace("/", "~1")


def _text_of(value: object, *, cut: bool) -> tuple[_Value, str] | None:
    """The string with the most marks of a report, and its markup."""
    long = {held.text: held for held in _strings(value, cut=cut) if len(held.text) >= _LEAST}
    by_markup = {_as_markup(string): held for string, held in long.items()}
    best = hidden_body([("template", markup) for markup in by_markup], vocabulary())
    return None if best is None else (by_markup[best], best)


def _as_markup(string: str) -> str:
    """A text with its markup, which some interfaces escape; one without any with a paragraph a line."""
    if _MARKUP.search(string):
        return string
    for _ in range(_NESTED):
        if not _ESCAPED.search(string):
            break
        if _MARKUP.search(string := unescape(string)):
            return string
    lines = (line.replace("&", "&amp;").replace("<", "&lt;") for line in _LINES.split(string))
    return "".join(f"<p>{line}</p>" for line in lines)


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    """Metadata name → the ends of keys that tell it, in lower letters, the best first."""
    data = tomllib.loads(files("archive.documents").joinpath("json_response.toml").read_text("utf-8"))
    return {name: tuple(keys) for name, keys in data["keys"].items()}


def _metadata_beside(beside: Mapping[str, object]) -> dict[str, str]:
    """What the object says of its text, by the names of the national metadata."""
    keys = {key.lower().replace("_", ""): value for key, value in beside.items()}
    found: dict[str, str] = {}
    for name, ends in _names().items():
        held = (keys[key] for end in ends for key in keys if key.endswith(end))
        words_beside = next((words for value in held if (words := _words(value, day=name == "pubdate"))), "")
        if words_beside:
            found[name] = words_beside
    return found


def _words(value: object, *, day: bool) -> str:
    """A short text as it is shown; for a ``day`` also an instant told in (thousandths of) seconds since 1970."""
    if isinstance(value, str) and not (day and value.isdecimal()):
        return plain(value) if len(value) <= MOST else ""
    if not day or isinstance(value, bool) or not (isinstance(value, int) or str(value).isdecimal()):
        return ""
    seconds = int(str(value)[:20])
    seconds = seconds // 1000 if seconds not in _INSTANT else seconds
    return f"{datetime.fromtimestamp(seconds, SHANGHAI):%Y-%m-%d %H:%M:%S}" if seconds in _INSTANT else ""


def _files(beside: Mapping[str, object]) -> Iterator[Part]:
    """Addresses of documents in the object that holds the text."""
    named: dict[int, str] = {}  # by the object's identity: all addresses in it have its name
    for value in _strings(dict(beside)):
        if len(value.text) <= MOST and "/" in value.text and extension(value.text) in FILES:
            if id(value.beside) not in named:
                named[id(value.beside)] = _title_beside(value.beside)
            yield Part(kind="attachment", url=value.text.strip(), text=named[id(value.beside)])


def _title_beside(beside: Mapping[str, object]) -> str:
    names = (str(value) for key, value in beside.items() if key.lower().endswith("name") and isinstance(value, str))
    return plain(next(names, ""))[:MOST]


def _with_pointer(block: Paragraph | Table, pointer: str) -> Paragraph | Table:
    """A block whose places say in which string of the answer they are."""
    if isinstance(block, Paragraph):
        return replace(block, locator={"json": pointer, **block.locator})
    cells = tuple(replace(cell, locator={"json": pointer, **cell.locator}) for cell in block.cells)
    return replace(block, cells=cells, locator={"json": pointer, **block.locator})
