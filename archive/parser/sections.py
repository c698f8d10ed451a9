"""The lines of text everything else reads from, and which section of the form a heading names.

How the lines come apart into sections is told in :mod:`archive.parser.outline`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from archive.documents.pages import UNREAD, Pages, Table
from archive.forms.loader import load_forms
from archive.forms.model import SectionPlan
from archive.forms.spelling import UNSEEN, key, number
from archive.parser.labels import row_hit
from archive.parser.pre2019 import row_lines
from archive.parser.table_lines import names_a_place

#: A numbered line that is short enough for a heading; ⼀ … are radicals, as text taken from PDFs has them.
NUMBERED = re.compile(r"^\s*(?:[一二三四五六七八九十⼀⼆⼋⼗]{1,2}\s*[、.．]|\d{1,2}\s*、)\s*(?P<rest>.{2,44})$")
# Numbered otherwise, if it names a section; the chapters of a rule (第三章 主动公开) are none.
_PART = re.compile(
    r"^\s*(?:第[一二三四五六⼀⼆](?:部分|章(?=.*(?:情况|事项)))\s*[、:：]?|[一二三四五六]\s*[,，\s]|[壹贰貳叁參肆伍陆陸]\s*[、.．,，\s]|(?:I{1,3}|IV|VI?|[Ⅰ-Ⅵ])\s*[、.．])\s*(?P<rest>.{2,44})$"
)
_INNER = re.compile(r"^\s*[(（]\s*[一二三四五六七八九十\d]{1,2}\s*[)）]")  # of the second order: a part of a section
_FOOTER = re.compile(
    r"^\s*[-—–_]+\s*\d{1,3}\s*[-—–_]+\s*$|^\s*第?\s*\d{1,3}\s*页\s*(?:[,/，]?\s*共\s*\d{1,3}\s*页)?\s*$"
)
_CELL_TEXT = 12  # characters from which a cell outside the form's tables is text of its own
LONGEST_HEADING = 48  #: characters
_BLANK = UNSEEN + UNREAD
#: A numbered line in a cell, which may be a heading.
_FIRST = frozenset("一二三四五六七八 \t\u3000\xa0")  # character of a cell that may begin with one
_BEGUN = re.compile(r"\n\s{0,4}([一二三四五六七八]\s?[、.．\s][^\n]{2,44})")


@dataclass(frozen=True, slots=True)
class TextLine:
    """A paragraph of the main text. ``heading`` is 1–6 where the document marks it as one; ``link``: it is the text of
    a link to another page or file.
    """

    text: str
    heading: int = 0
    link: bool = False


def main_lines(pages: Pages, form_tables: Collection[int], listed: Collection[int] = ()) -> list[TextLine]:
    """Paragraphs, and the texts of tables that are no tables of the form (layout); page footers left out.

    Short texts of a table are its data, unless a heading of the form stands in it: then it frames the report, and all
    in it is text. A table of the form in which one stands gives the rows of text between those of its figures.
    ``listed``: numbers of the tables kept row by row, each as one paragraph, so that 一、… in it is no heading.
    """
    lines: list[TextLine] = []
    number = 0
    for block in pages.blocks:
        if isinstance(block, Table):
            number += 1
            if number in listed:
                lines.append(TextLine("\n".join(row_lines(block))))
            elif number not in form_tables:
                shortest = 1 if _frames(block) else _CELL_TEXT
                for cell in block.cells:
                    lines += [TextLine(part) for part in cell.text.split("\n") if len(part.strip(_BLANK)) >= shortest]
            elif _frames(block):
                lines += [TextLine(part) for part in _between_figures(block)]
        elif not block.furniture:
            lines += [
                TextLine(part.strip(), block.heading, block.link)
                for part in block.text.split("\n")
                if part.strip() and not _FOOTER.match(part)
            ]
    return lines


def _frames(table: Table) -> bool:
    """Whether a numbered heading of the form stands in a cell of a table, not of one made of a text's lines."""
    if not table.ruled:
        return False
    begun = [text for text in table.texts if text[:1] in _FIRST or "\n" in text]
    whole = "\n".join(["", *begun])
    return any(key(match[1]) in _keys() for match in _BEGUN.finditer(whole))


def _between_figures(table: Table) -> Iterator[str]:
    """The lines of rows with one text over the whole width of a table, or a sentence or a heading of the form beside
    blank cells (a sheet saved as a page), that is no label, caption or header of it.
    """
    for _, cells in table.by_row():
        texts = [cell for cell in cells if cell.text.strip()]
        whole = len(texts) == 1 and (texts[0].colspan >= table.cols or len(cells) == 1)
        if whole or (len(texts) == 1 and _is_content(texts[0].text.strip())):
            lines = texts[0].text.split("\n")
            yield from (line for line in lines if line.strip(_BLANK) and not names_a_place(line))


def _is_content(text: str) -> bool:
    """Whether a text is a sentence, or a numbered heading of the form."""
    return text.endswith("。") or (text[:1] in _FIRST and len(text) <= LONGEST_HEADING and key(text) in _keys())


@cache
def _keys() -> dict[str, str]:
    return {key(text): s.key for form in load_forms() for s in form.sections for text in (s.heading, *s.variants)}


@cache
def _plans() -> tuple[SectionPlan, ...]:
    return tuple(section for form in load_forms() for section in form.sections if section.words)


@cache
def known_headings() -> frozenset[str]:
    """Keys of all headings that name a section: as the national forms print them, and their variants."""
    return frozenset(_keys())


@cache
def current_headings() -> frozenset[str]:
    """Keys of the headings as the national forms print them (not the variants, some of which are older)."""
    return frozenset(key(section.heading) for form in load_forms() for section in form.sections)


def section_key(heading: str) -> str:
    """The form's section a heading names, "" if none; a heading may carry a word more or less."""
    return _section_key(heading) if len(heading) <= LONGEST_HEADING else ""


@lru_cache(maxsize=4096)
def _section_key(heading: str) -> str:
    name = key(heading)
    if name in _keys():
        return _keys()[name]
    worded = {plan.key for plan in _plans() if _has_words(name, plan)}
    found = worded or {
        found
        for known, found in _keys().items()
        if len(known) >= 5 and (known in name or (name in known and len(name) >= 6))
    }
    return found.pop() if len(found) == 1 else ""


def _has_words(name: str, plan: SectionPlan) -> bool:
    return any(all(word in name for word in together) for together in plan.words) and not any(
        word in name for word in plan.unless
    )


def is_heading(line: TextLine) -> bool:
    """Whether a line is a heading of the first order (一、 …)."""
    if len(line.text) > LONGEST_HEADING or line.text.rstrip().endswith(("。", "；", ";", "，", ",")):
        return False
    if _INNER.match(line.text) and key(line.text) not in current_headings():
        return False
    if line.heading:
        return line.heading > 1 or bool(section_key(line.text))
    if NUMBERED.match(line.text):
        return row_hit(line.text) is None
    if match := _PART.match(line.text):
        return bool(section_key(match["rest"]))
    return key(line.text) in current_headings() and not number(line.text)
