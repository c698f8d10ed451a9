"""Choose among the titles that a page prints those of the page itself, not of pages that it links or lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from archive.documents.pages import Pages, Table
from archive.identity import names
from archive.identity.evidence import agree
from archive.identity.titles import Strength, TitleVerdict, judge
from archive.identity.years import DAY, parse_date
from archive.parser.sections import TextLine, is_heading, section_key
from storage.records import IdentityEvidence

_LONGEST = 70  # characters of a title
_LONGEST_DAY = 40  # characters
_DAY = re.compile(rf"[\[(（【]?\s*{DAY}\s*[\])）】]?")
_LAST_DAY = re.compile(rf"{_DAY.pattern}\s*$")
_ENDS_DAY = frozenset("0123456789日])）】")
_ENDS_TITLE = frozenset("告报")
_FIRST = 40  # lines of a page among which a list may stand above its title, or below the report
_LEAST = 2
_OWN_FILE = re.compile(r"\s*附[件表]")  # begins what leads to the report itself
_ELSEWHERE = re.compile(r"\s*(?:相关|热门|推荐|延伸|更多|最新|[上下前后]一?[篇条页个则])")
#: Kinds whose title is the page's own; that of an office file or PDF is often that of the file it was made from.
_TITLED = frozenset({"html", "mhtml", "json"})


def mark_links(lines: Sequence[TextLine], pages: Pages) -> Sequence[TextLine]:
    """The lines, those marked as links that are entries of a list: a title, and behind it a day, in the next cell of a
    table, on its line or on the next, which is none of the document's days then. So are those that stand below it.
    """
    listed = {text for block in pages.blocks if isinstance(block, Table) for text in _entries(block)}
    entries = set(_dated_lines(lines, 0))
    listed.update(lines[at].text.strip() for at in entries)
    entries.update(_dated_lines(lines, max(_FIRST + 1, len(lines) - _FIRST)))
    if not (listed or entries):
        return lines
    entries.update([at + 1 for at in entries if at + 1 < len(lines) and _DAY.fullmatch(lines[at + 1].text.strip())])
    return [
        replace(line, link=True) if at in entries or line.text.strip() in listed else line
        for at, line in enumerate(lines)
    ]


def _entries(table: Table) -> Iterator[str]:
    whole = "\n".join(table.texts)
    if not ("报告" in whole or "年报" in whole) or not any(map(_speaks_of_reports, table.texts)):
        return
    for _, cells in table.by_row():
        texts = [text for cell in cells if (text := cell.text.strip())]
        if (
            2 <= len(texts) <= 3
            and _speaks_of_reports(texts[-2])
            and len(texts[-1]) <= _LONGEST_DAY
            and _DAY.fullmatch(texts[-1])
            and parse_date(texts[-1])
        ):
            yield texts[-2]


def _dated_lines(lines: Sequence[TextLine], start: int) -> Iterator[int]:
    """Of the lines from ``start`` on those with a day behind them, two of them one below the other, on different
    reports.
    """
    texts = [line.text for line in lines[start : start + _FIRST + 1]]
    dated = [at for at, (text, after) in enumerate(pairwise(texts)) if _is_dated(text, after)]
    if len(dated) < _LEAST:
        return
    verdicts = {at: judge(_LAST_DAY.sub("", texts[at])) for at in dated}
    whose = {
        at: (verdict.agency, verdict.year) for at, verdict in verdicts.items() if verdict.could_be and verdict.year
    }
    for at, body in whose.items():
        if any(whose.get(beside, body) != body for beside in (at - 2, at - 1, at + 1, at + 2)):
            yield start + at


def _is_dated(text: str, after: str) -> bool:
    """Whether a line that speaks of a report ends with a day, or the line ``after`` is one."""
    if text[-1:] in _ENDS_DAY:
        return _speaks_of_reports(text) and _LAST_DAY.search(text) is not None
    return text[-1:] in _ENDS_TITLE and _DAY.match(after) is not None and _speaks_of_reports(text)


def _speaks_of_reports(text: str) -> bool:
    return "公开" in text and len(text) <= _LONGEST and ("报告" in text or "年报" in text)


def page_title_first(titles: Sequence[str], pages: Pages) -> Sequence[str]:
    """The printed titles, that first which the page itself bears (``<title>``), where it is among them."""
    own = judge(pages.title) if pages.kind in _TITLED and pages.title and len(titles) > 1 else None
    if own is None or own.strength is not Strength.FULL or own.year is None:
        return titles
    return sorted(titles, key=lambda title: not _agree(own, judge(title)))


def _agree(one: TitleVerdict, other: TitleVerdict) -> bool:
    return (one.agency, one.year, other.could_be) == (other.agency, other.year, True)


def linked_titles(lines: Sequence[TextLine], evidence: IdentityEvidence, of_the_page: Sequence[str]) -> Iterator[str]:
    """Titles that are links to another page or file, where the page's own say of no body: those of the body and year
    that its metadata (``of_the_page``) or its text name. Where these name none, the only one, if it is a heading or
    there is no report but behind the link.
    """
    own_titles = [verdict for verdict in map(judge, evidence.titles) if verdict.could_be]
    if any(verdict.agency for verdict in own_titles):
        return
    linked = [line for line in lines if line.link and len(line.text) <= _LONGEST and not _ELSEWHERE.match(line.text)]
    named = [(line, verdict) for line in linked if (verdict := judge(line.text)).could_be and verdict.agency]
    bears = [verdict for verdict in map(judge, of_the_page) if verdict.could_be]
    years = {verdict.year for verdict in (*own_titles, *bears) if verdict.year} or set(evidence.period)
    bodies = [verdict.agency for verdict in bears if verdict.agency] or evidence.statements
    own = [names.complete(body) for body in bodies]
    one = len({(verdict.agency, verdict.year) for _, verdict in named}) == 1
    here = any(section_key(line.text) for line in lines if is_heading(line))
    for line, verdict in named:
        name = names.complete(verdict.agency)
        alone = one and bool(line.heading or not here or _OWN_FILE.match(line.text))
        if (any(agree(body, name) for body in own) if own else alone) and (not years or verdict.year in years):
            yield line.text
