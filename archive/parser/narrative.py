"""Compare the text with the tables (N1–N5), and check its years and sums. No cell takes its figure from the text.

Precise rather than complete: a figure counts only if the sentence says plainly what it counts, of this year and this
body. The wording stands in ``narrative.toml``, what it means in cells under ``[narrative]`` of the form files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from archive.forms.model import Form
from archive.forms.spelling import simplify
from archive.parser.narrative_amounts import FEE_WORDS
from archive.parser.narrative_bodies import reporter_of
from archive.parser.narrative_cells import NONE, against_cells
from archive.parser.narrative_context import SentenceContext
from archive.parser.narrative_figures import COUNT, FORMER, NEXT, THIS, Masked, mask
from archive.parser.narrative_headings import FIRST, SectionTracker
from archive.parser.narrative_sums import Channels, PreviousSentence, subtotals
from archive.parser.narrative_words import words
from archive.parser.narrative_years import is_compared_year, names_another_year, stale_plan, stale_year, year_not_over
from archive.parser.quoted import as_printed
from storage.records import Cell, Finding, Section

_TEXT = 60_000  #: characters of a section that are looked at
_MOST = 40  #: findings of one text; a document made of contradictions is told often enough with these
_LONGEST = 900  #: characters; what goes on longer without a full stop is a table that ran together
_FIGURE = re.compile(r"[0-9０-９]\s{0,3}[件条條份宗起次项項篇个個期例部余多几年]")
_WORDED = re.compile("[零一二两三四五六七八九十百][件宗份起]")
_ANY = re.compile("[0-9０-９未无没無沒二]|[零一两三四五六七八九十百][件宗份起]")  #: one search for what most have not
STOP = re.compile("[。！!\u2029]")  #: ends a sentence
_NUMBERED = re.compile(r"[(（]?[一二三四五六七八九十\d]{1,3}[)）、.．]")
_HEADING = 30  # characters of a line that is a heading of its own
_YEAR = re.compile("[0-9０-９〇零○一二三四五六七八九]年")
_TITLES = frozenset("告报報")
_TITLE = re.compile("[^，。；：《、,;:]{6,60}(?:报告|報告|年报|年報)")  #: a line of its own, above what follows
_GOES_ON = frozenset(":：;；,，、")  #: at the end of a line that the next one goes on with
_NOTHING = frozenset("无無")
_LEAD = 120  #: characters of it that are looked at


def check_text(
    form: Form | None,
    cells: Mapping[str, Cell],
    parts: Sequence[Section],
    year: int | None,
    agencies: Sequence[str] = (),
) -> list[Finding]:
    """Findings of the text against the cells and within itself.

    ``form`` None: no table was recognised, and the text is only held against itself. ``year``: the reporting year, if
    the document says it. ``agencies``: the names it gives itself.
    """
    findings: list[Finding] = []
    channels = Channels()
    body = reporter_of(agencies)
    for part in parts:
        if part.key == "problems":  # speaks of next year: never evidence
            findings += _problem_findings(part.text, year)
            continue
        heading = SectionTracker(part.key)
        counted: Masked | None = None
        lead = ""
        for _, paragraph in paragraphs(part.text):
            former, before, slip = False, None, False
            if paragraph[0] in FIRST:
                heading.see(paragraph)
            current = ""
            for sentence in STOP.split(paragraph):
                current, last = sentence, current
                plain = comparable(_with_heading(sentence, last, lead), year)
                if plain is None:
                    continue
                masked = mask(plain, year)
                if slip and before is not None and is_compared_year(before.text, masked.text):
                    findings.pop()
                slip = False
                former = is_of_former(masked.text, former)
                if former:
                    slips = list(stale_year(plain, masked, year, paragraph))
                    findings, slip = findings + slips, bool(slips)
                elif NEXT in masked.text and (slips := list(year_not_over(plain, masked, year))):
                    findings += slips
                else:
                    findings += subtotals(plain, masked, PreviousSentence(before, counted), year)
                    channels.see(plain, masked)
                    counted = masked if COUNT in masked.text else counted
                    if form is not None:
                        around = SentenceContext(heading.section, last, last or lead, before)
                        findings += against_cells(form, cells, plain, masked, around, body)
                before = masked
            lead = paragraph[-_LEAD:] if paragraph[-1] in _GOES_ON or len(paragraph) < _HEADING else ""
            if len(findings) > _MOST:
                break
    findings += channels.findings()
    return as_printed(list(dict.fromkeys(findings))[:_MOST], parts)


def _with_heading(sentence: str, last: str, lead: str) -> str:
    """A sentence; of 无 alone with what stands before it and says of what there was none (``last``, ``lead``)."""
    if sentence.strip() not in _NOTHING:
        return sentence
    return f"{last}。{sentence}" if last else lead + sentence


def _problem_findings(text: str, year: int | None) -> Iterator[Finding]:
    """What the section on problems says of a year that it cannot mean: plans for one that is over, old problems."""
    for _, paragraph in paragraphs(text) if year is not None else ():
        for sentence in STOP.split(paragraph):
            if len(sentence) <= _LONGEST and _YEAR.search(sentence):
                plain = simplify(sentence)
                yield from stale_plan(plain, mask(plain, year), year, paragraph)


def paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Paragraphs, each with the number of its first line, from 0: lines that end a sentence end one, headings stand
    alone, broken lines are joined.
    """
    pending: list[str] = []
    first = 0
    for number, line in enumerate(map(str.strip, text[:_TEXT].split("\n"))):
        if not line:
            continue
        alone = len(line) < _HEADING and line[-1] not in "。；;，," and _NUMBERED.match(line) is not None
        alone |= line[-1] in _TITLES and _TITLE.fullmatch(line) is not None
        if alone and pending:
            yield first, "".join(pending)
            pending = []
        first = first if pending else number
        pending.append(line)
        if alone or line[-1] in {"。", "！", "；", ";", ":", "："}:
            yield first, "".join(pending)
            pending = []
    if pending:
        yield first, "".join(pending)


def comparable(sentence: str, year: int | None) -> str | None:
    """The sentence with widths folded, blanks and crumbs of pinyin out; None if nothing in it can be compared."""
    if _ANY.search(sentence) is None or len(sentence) > _LONGEST:
        return None
    if not (
        _FIGURE.search(sentence)
        or _WORDED.search(sentence)
        or _says_none(sentence)
        or names_another_year(sentence, year)
        or FEE_WORDS in sentence
    ):
        return None
    return simplify(sentence)


def _says_none(sentence: str) -> bool:
    return NONE.search(sentence) is not None and any(word in sentence for word in words().nothing)


def is_of_former(text: str, before: bool) -> bool:
    """Whether a sentence speaks of a former year: it names one and not this one; or none, after one that does."""
    if THIS in text:
        return False
    if FORMER in text:
        return True
    return before and NEXT not in text and not words().this_year.search(text)
