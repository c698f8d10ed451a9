"""Find sentences on another year than the report's: a former year's text left in, or a year that cannot be known yet.

Told is only what opens with the other year and says plainly what the body did in it: counted, was without, carried out.
A comparison, a base, a document of that year, a span of years, a part of a year says nothing of the kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.findings import finding
from archive.forms.spelling import fold
from archive.parser.narrative_figures import COUNT, FORMER, NEXT, THIS, Masked
from archive.parser.narrative_words import Slips, words
from storage.records import Finding

_LEFT_IN = 3  #: years; what is older is history
_YEAR = re.compile("(?:20|２０|二[〇零○])[^年]{2,4}年")
_OPENING = 40  #: characters in which a sentence that is of a year names it


def names_another_year(sentence: str, year: int | None) -> bool:
    """Whether a sentence names another year at its beginning: it may be of it though nothing in it is counted."""
    found = _YEAR.search(sentence, 0, _OPENING)
    return found is not None and found[0] != f"{year}年"


def stale_year(sentence: str, masked: Masked, year: int | None, paragraph: str) -> Iterator[Finding]:
    """Yield the finding where a sentence (widths folded) of its ``paragraph`` says of a former year what is this
    report's.
    """
    known = words().slips
    if year is None or len(set(masked.former)) != 1 or not year - _LEFT_IN <= masked.former[0] < year:
        return
    text = masked.text
    if known.presents.search(text) is None:
        if known.compares.search(text) or known.documents.search(text):
            return
        if known.period.search(text) is None and not _opens_with_former_year(known, sentence, text, paragraph, year):
            return
    yield _year_finding(sentence, masked.former[0], year, year)


def _opens_with_former_year(known: Slips, sentence: str, text: str, paragraph: str, year: int) -> bool:
    """Whether a sentence (``text``: masked) opens with the former year and says what the body did in it."""
    opening = known.opens.match(text)
    if opening is None:
        return known.until.match(text) is not None and known.year_end.match(sentence) is not None
    if known.counts.search(text) or known.nothing.match(text, opening.end()):
        return True
    return known.conduct.match(text, opening.end()) is not None and not _is_of_this_year(paragraph, year)


def _is_of_this_year(paragraph: str, year: int) -> bool:
    return any(word in fold(paragraph) for word in (f"{year}年", "今年", "本年", "目前", "现已", "如今"))


def year_not_over(sentence: str, masked: Masked, year: int | None) -> Iterator[Finding]:
    """The finding, if a sentence tells the whole of a year that was not over, or not come, when it was written."""
    text = masked.text
    if year is None or NEXT not in text or THIS in text or FORMER in text or len(set(masked.later)) != 1:
        return
    known = words().slips
    opening = known.opens_later.match(text)
    if opening is None or known.intends.search(text) or known.compares.search(text) or known.documents.search(text):
        return
    if (COUNT in text and known.counts_all.match(text, opening.end())) or known.nothing.match(text, opening.end()):
        yield _year_finding(sentence, masked.later[0], year, year)


def stale_plan(sentence: str, masked: Masked, year: int | None, paragraph: str) -> Iterator[Finding]:
    """The finding, if a sentence of the section on problems plans for a year that is over, or tells as present what it
    says of a former year and nothing of this one.
    """
    text, known = masked.text, words().slips
    named = {*masked.former, *([year] if THIS in text else ())}
    if year is None or len(named) != 1 or NEXT in text or not year - _LEFT_IN <= max(named) <= year:
        return
    other = named.pop()
    if known.plans.match(text) and known.planned.search(text) is None:
        yield _year_finding(sentence, other, year + 1, year)
    elif other != year and known.remains.match(text) and not _is_dealt_with(paragraph, year):
        yield _year_finding(sentence, other, year, year)


def _is_dealt_with(paragraph: str, year: int) -> bool:
    """Whether a paragraph tells what became of a former year's problems."""
    return words().slips.dealt_with.search(fold(paragraph)) is not None or _is_of_this_year(paragraph, year)


def is_compared_year(former: str, this: str) -> bool:
    """Whether a sentence on a former year stands there to be compared with the next one (both masked)."""
    known: Slips = words().slips
    if THIS not in this[: _OPENING // 2]:
        return False
    return not {found[0] for found in known.again.finditer(former)}.isdisjoint(
        found[0] for found in known.again.finditer(this)
    )


def _year_finding(sentence: str, other: int, intended: int, year: int) -> Finding:
    """Report a sentence on the year ``other`` that should be on ``intended``; ``year``: the report's."""
    case = "later" if other > year else "plans" if intended > year else "former"
    return finding("year_slip", case=case, expected=intended, found=other, year=year, quoted=sentence[:60])
