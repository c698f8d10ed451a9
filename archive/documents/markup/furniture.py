"""Which paragraphs belong to the page around the report: trafilatura's word, where there is anything to ask.

Trafilatura costs more than all the rest of a page, and its answer could only matter for lines that are mostly links or
the captions of buttons: sentences, figures and headings of the form are the report's whatever it says. So it is asked
about pages that have such lines in their main text, over a copy of it without the tables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from configparser import ConfigParser
from functools import cache

from lxml import html

from archive.documents.markup.flow import Raw, RawTable, RawText
from archive.documents.markup.scan import Element
from archive.documents.markup.vocabulary import Vocabulary
from archive.file_endings import ENDINGS

_FIGURE = re.compile(r"\d\s*(?:件|条|项|次|个|人|篇|万|元|％|%)")
_FILE = re.compile(rf"附[件表]|\.(?:{ENDINGS})\b|年度报告|工作报告", re.IGNORECASE)
_PLAIN = re.compile(r"[a-z][a-z0-9]{0,20}")
_LINKED = 0.7  # share of link text from which a line is a link
_SHORT = 60  # characters; a longer line is no caption of a link
MAX_ELEMENTS = 5_000


def mark_furniture(raw: Sequence[Raw], content: Element, vocabulary: Vocabulary) -> None:
    """Mark what trafilatura leaves out among the lines that may be furniture. Text and order are not changed."""
    doubtful = [block for block in raw if isinstance(block, RawText) and _may_be_furniture(block, vocabulary)]
    if not doubtful:
        return
    tables = {block.element for block in raw if isinstance(block, RawTable)}
    kept = _main_text(content, tables)
    doubtful_ids = {id(block) for block in doubtful}
    sure = [_compact(block) for block in raw if isinstance(block, RawText) and id(block) not in doubtful_ids][
        :MAX_ELEMENTS
    ]
    if sum(len(text) for text in sure if text in kept) * 2 < sum(map(len, sure)):
        return  # it took something else for the main text
    for block in doubtful:
        block.furniture = _compact(block) not in kept


def _compact(block: RawText) -> str:
    return "".join("".join(block.lines).split())


def _may_be_furniture(block: RawText, vocabulary: Vocabulary) -> bool:
    if not block.linked or block.level or block.preformatted:
        return False
    compact = _compact(block)
    if vocabulary.lines.match(compact):
        return False  # left out anyway
    if len(compact) > _SHORT or block.linked < _LINKED * len(compact):
        return False
    if any(mark in compact for mark in "。；，") or _FIGURE.search(compact) or _FILE.search(compact):
        return False
    return not any(p.search(compact) for p in (*vocabulary.chapters, *vocabulary.table_markers))


def _main_text(content: Element, tables: set[Element]) -> str:
    """What trafilatura takes for main text, without blanks; "" if it finds none or the page is too large to ask."""
    from trafilatura import extract  # noqa: PLC0415 - only where it is needed

    copy = _copy_content(content, tables)
    if copy is None:
        return ""
    try:
        text = extract(
            copy, fast=True, favor_recall=True, include_comments=False, include_tables=False, config=_settings()
        )
    except Exception:  # noqa: BLE001 - it only advises: a page it fails on keeps all its text
        return ""
    return "".join((text or "").split())


@cache
def _settings() -> ConfigParser:
    """Trafilatura's settings, but that a short main text counts as one: most of a report stands in its tables."""
    from trafilatura.settings import use_config  # noqa: PLC0415 - only where it is needed

    settings = use_config()
    for bound in ("MIN_EXTRACTED_SIZE", "MIN_OUTPUT_SIZE"):
        settings.set("DEFAULT", bound, "1")
    return settings


def _copy_content(content: Element, tables: set[Element]) -> html.HtmlElement | None:
    """The content as a page of its own, without tables; None if it is too large to be worth it."""
    make = html.html_parser.makeelement
    root = make("html")
    body = make("body")
    root.append(body)
    body.append(top := make("article"))
    top.text = content.text
    open_pairs = [(content, top)]
    count = 0
    while open_pairs:
        source, target = open_pairs.pop()
        for child in source:
            count += 1
            if count > MAX_ELEMENTS:
                return None
            if child in tables or not isinstance(child.tag, str) or not _PLAIN.fullmatch(child.tag):
                twin = make("span")
            else:
                twin = make(child.tag, {k: v for k, v in child.attrib.items() if k in ("class", "id", "href", "role")})
                twin.text = child.text
                if len(child):
                    open_pairs.append((child, twin))
            twin.tail = child.tail
            target.append(twin)
    return root
