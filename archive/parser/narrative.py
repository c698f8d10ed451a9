"""The text against the table (N1–N5), the years it names and its sums. Figures are never taken from the text.

Precise rather than complete: a figure counts only if the sentence says plainly what it counts, of this year and this
body. The wording stands in ``narrative.toml``, what it means in cells under ``[narrative]`` of the form files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from archive.forms.model import Form, Sum
from archive.forms.spelling import simplify
from archive.parser.findings import finding
from archive.parser.narrative_bodies import Whose, whose
from archive.parser.narrative_figures import COUNT, FORMER, NEXT, THIS, Masked, mask
from archive.parser.narrative_headings import FIRST, Under
from archive.parser.narrative_sums import Before, Channels, parts_of_applications, subtotals
from archive.parser.narrative_words import MARKS, Found, Phrase, speaking, words
from archive.parser.narrative_years import compared, former_slip, later_slip, names_another_year
from archive.parser.quoted import as_printed
from storage.records import Cell, Finding, Section, Severity

_TEXT = 60_000  #: characters of a section that are looked at
_MOST = 40  #: findings of one text; a document made of contradictions is told often enough with these
_LONGEST = 900  #: characters; what goes on longer without a full stop is a table that ran together
_FIGURE = re.compile(r"[0-9０-９]\s{0,3}[件条條份宗起次项項篇个個期例部余多几年]")
_WORDED = re.compile("[零一二两三四五六七八九十百][件宗份起]")
_ANY = re.compile("[0-9０-９未无没無沒二]|[零一两三四五六七八九十百][件宗份起]")  #: one search for what most have not
_NONE = re.compile("[未无没無沒]")
STOP = re.compile("[。！!\u2029]")  #: ends a sentence
_NUMBERED = re.compile(r"[(（]?[一二三四五六七八九十\d]{1,3}[)）、.．]")
_HEADING = 30  # characters of a line that is a heading of its own
_GOES_ON = frozenset(":：;；,，、")  #: at the end of a line that the next one goes on with
_LEAD = 120  #: characters of it that are looked at
_REQUESTS = "requests"  #: stands for a section of the form behind a sentence on applications
_COUNTED = "counted"  #: and for one that counts as many applications as the table
_BY_CHANCE = 10  #: applications; fewer may be as many by chance
_CLAUSE = re.compile(r"[,;:。]")


class _Around(NamedTuple):
    """Where a sentence stands: the section by its heading, the sentence before it in its paragraph, the same across the
    lines of a list (``lead``), and of those before it in its paragraph the last with anything to compare, masked.
    """

    section: str
    last: str
    lead: str
    before: Masked | None


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
    found: list[Finding] = []
    channels = Channels()
    body = whose(agencies)
    for part in parts:
        if part.key == "problems":  # speaks of next year: never evidence
            continue
        heading = Under(part.key)
        counted: Masked | None = None
        lead = ""
        for _, paragraph in paragraphs(part.text):
            former, before, slip = False, None, False
            if paragraph[0] in FIRST:
                heading.see(paragraph)
            said = ""
            for sentence in STOP.split(paragraph):
                said, last = sentence, said
                plain = comparable(sentence, year)
                if plain is None:
                    continue
                masked = mask(plain, year)
                if slip and before is not None and compared(before.text, masked.text):
                    found.pop()
                slip = False
                former = is_of_former(masked.text, former)
                if former:
                    slips = list(former_slip(plain, masked, year, paragraph))
                    found, slip = found + slips, bool(slips)
                elif NEXT in masked.text and (slips := list(later_slip(plain, masked, year))):
                    found += slips
                else:
                    found += subtotals(plain, masked, Before(before, counted), year)
                    channels.see(plain, masked)
                    counted = masked if COUNT in masked.text else counted
                    if form is not None:
                        around = _Around(heading.section, last, last or lead, before)
                        found += _against_cells(form, cells, plain, masked, around, body)
                before = masked
            lead = paragraph[-_LEAD:] if paragraph[-1] in _GOES_ON or len(paragraph) < _HEADING else ""
            if len(found) > _MOST:
                break
    found += channels.told()
    return as_printed(list(dict.fromkeys(found))[:_MOST], parts)


def paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Paragraphs, each with the number of its first line, from 0: lines that end a sentence end one, headings stand
    alone, broken lines are joined.
    """
    held: list[str] = []
    first = 0
    for number, line in enumerate(map(str.strip, text[:_TEXT].split("\n"))):
        if not line:
            continue
        alone = len(line) < _HEADING and line[-1] not in "。；;，," and _NUMBERED.match(line) is not None
        if alone and held:
            yield first, "".join(held)
            held = []
        first = first if held else number
        held.append(line)
        if alone or line[-1] in {"。", "！", "；", ";", ":", "："}:
            yield first, "".join(held)
            held = []
    if held:
        yield first, "".join(held)


def comparable(sentence: str, year: int | None) -> str | None:
    """The sentence with widths folded, blanks and crumbs of pinyin out; None if nothing in it can be compared."""
    if _ANY.search(sentence) is None or len(sentence) > _LONGEST:
        return None
    if not (
        _FIGURE.search(sentence)
        or _WORDED.search(sentence)
        or _says_none(sentence)
        or names_another_year(sentence, year)
    ):
        return None
    return simplify(sentence)


def _says_none(sentence: str) -> bool:
    return _NONE.search(sentence) is not None and any(word in sentence for word in words().nothing)


def is_of_former(text: str, before: bool) -> bool:
    """Whether a sentence speaks of a former year: it names one and not this one; or none, after one that does."""
    if THIS in text:
        return False
    if FORMER in text:
        return True
    return before and NEXT not in text and not words().this_year.search(text)


def _against_cells(
    form: Form, cells: Mapping[str, Cell], sentence: str, masked: Masked, around: _Around, body: Whose
) -> Iterator[Finding]:
    known = words()
    if (COUNT not in masked.text and _NONE.search(sentence) is None) or known.key.search(sentence) is None:
        return
    section = around.section
    if section not in known.sections and "申请" in sentence:
        section = _of_requests(form, cells, masked, around)
    here = {word for word in known.topics if word in sentence}
    if not here and section not in known.sections:
        return
    here.update([word for word in known.keys if word in sentence])
    said: dict[str, tuple[int, int]] = {}
    lists: list[tuple[Phrase, Found]] = []
    for phrase in speaking(frozenset(here), section):
        if not form.narrative.get(phrase.what) or phrase.is_of_other(around.lead):
            continue
        match = phrase.match(masked, body.is_others)
        if match is None:
            if (none := phrase.none(masked.text, body.is_others)) is not None:
                excused = partial(_excused, phrase, masked, none, body)
                sums = _meant(form, phrase, masked.text[none.begin : none.end])
                yield from _compare(phrase, sums, cells, Decimal(0), sentence, 0, excused)
            continue
        if phrase.total and not (
            _follows(said.get(phrase.total), match.start(), masked.text)
            or _goes_on(phrase.total, masked, around.before, body)
        ):
            continue
        sums = _meant(form, phrase, masked.text[match.begin : match.end])
        said[phrase.what] = match.span()
        figure = masked.count_at(match.mark)
        if phrase.list:
            lists.append((phrase, match))
        else:
            excused = partial(_excused, phrase, masked, match, body)
            yield from _compare(phrase, sums, cells, figure.value, sentence, figure.start, excused)
    yield from _outcomes(form, cells, sentence, masked, lists)


def _outcomes(
    form: Form, cells: Mapping[str, Cell], sentence: str, masked: Masked, lists: Sequence[tuple[Phrase, Found]]
) -> Iterator[Finding]:
    """What a list of outcomes says of each; of one that it tells by its reason it says no more than a part."""
    if len(lists) < 3:
        return
    for phrase, match in lists:
        if phrase.is_of_all(masked.text[match.begin : match.end]):
            figure = masked.count_at(match.mark)
            yield from _compare(phrase, form.narrative[phrase.what], cells, figure.value, sentence, figure.start)


def _of_requests(form: Form, cells: Mapping[str, Cell], masked: Masked, around: _Around) -> str:
    """The section that a sentence on applications stands in: they are those to disclose if the sentence before speaks
    of them, or if they are as many as the table has received.
    """
    known = words()
    if known.requests.search(around.last):
        return _REQUESTS
    sums = form.narrative.get("received", ())
    if sums and (found := known.counted.search(masked.text)) is not None:
        figure = masked.count_at(found.start("figure")).value
        if figure >= _BY_CHANCE and figure == _sum(cells, sums[0]):
            return _COUNTED
    return around.section


def _meant(form: Form, phrase: Phrase, matched: str) -> Sequence[Sum]:
    """The sums of cells that a match may count: another's by a word of it, and those of one kind of applicants too."""
    sense = next((other for word, other in phrase.senses if word in matched and other in form.narrative), phrase.what)
    kinds = (form.narrative.get(other, ()) for pattern, other in phrase.kinds if pattern.search(matched))
    return [*form.narrative[sense], *(terms for sums in kinds for terms in sums)]


def _excused(phrase: Phrase, masked: Masked, match: Found, body: Whose, printed: Decimal) -> bool:
    """Whether a figure that is not the table's need not be: words narrow it, or the sentence has the table's too."""
    text = masked.text
    if phrase.narrows is not None and phrase.narrows.search(text[match.begin : match.end]):
        return True
    if not phrase.list:
        since, begin = text.rfind(";", 0, match.begin) + 1, match.begin + (text[match.begin] in MARKS)
        if words().behind.match(text, match.end) is None or not body.is_whole(text, since, begin):
            return True
    return printed in _beside(phrase, masked, match)


def _beside(phrase: Phrase, masked: Masked, match: Found) -> frozenset[Decimal]:
    """Other figures of a sentence that may be the whole's: of one body of several, or several bodies' together, or
    said in the same words.

    全县共收到 127 件，其中县政府 5 件: 5; 县直部门收到 4 件，镇街收到 1 件: 5; 诉讼 33 件，其中涉信息公开诉讼 6 件: 6.
    """
    text, verbs = masked.text, words().slips.verbs
    found = {masked.count_at(part.end() - 1).value for part in words().narrower.finditer(text)}
    found.update(masked.count_at(mark).value for mark in phrase.marks(text, match.end))
    if (verb := verbs.search(text, match.begin, match.mark)) is not None:
        marks = [at for at in range(match.mark, len(text)) if text[at] == COUNT]
        again = [at for before, at in pairwise(marks) if verb[0] in text[before:at]]
        found.add(sum((masked.count_at(at).value for at in [match.mark, *again]), Decimal(0)))
    return frozenset(found)


def _follows(total: tuple[int, int] | None, start: int, text: str) -> bool:
    """Whether parts of a total (自然人, 法人) are said right after it, before anything is said of answers."""
    return total is not None and total[1] <= start and not words().answers.search(text, total[1], start)


def _goes_on(total: str, masked: Masked, before: Masked | None, body: Whose) -> bool:
    """Whether a sentence parts, by who filed them, the applications that the one before counts, and all of them."""
    if before is None or parts_of_applications(masked, before) is None:
        return False
    for phrase in words().phrases:
        if phrase.what == total and (match := phrase.match(before, body.is_others)) is not None:
            return not _excused(phrase, before, match, body, Decimal(-1))
    return False


def _sum(cells: Mapping[str, Cell], terms: Sum) -> Decimal | None:
    """The sum of cells; None unless each has a number: a blank one is not 0."""
    total = Decimal(0)
    for name, sign in terms:
        cell = cells.get(name)
        if cell is None or cell.value is None:
            return None
        total += cell.value * sign
    return total if terms else None


def _compare(
    phrase: Phrase,
    sums: Sequence[Sum],
    cells: Mapping[str, Cell],
    number: Decimal,
    sentence: str,
    at: int,
    excused: Callable[[Decimal], bool] | None = None,
) -> Iterator[Finding]:
    """A finding if the figure is none of the sums it may mean. Unknown cells are no contradiction.

    ``excused``: whether another figure than the table's is none; asked only where it is another.
    """
    printed = [_sum(cells, terms) for terms in sums]
    if not printed or printed[0] is None or number in printed:
        return
    if excused is not None and excused(printed[0]):
        return
    names = tuple(name for name, _ in sums[0])
    about = excerpt(sentence, at)
    yield finding(
        "narrative_conflict",
        Severity.INFO,
        f"{phrase.rule}：正文说{phrase.zh} {number}，表中是 {printed[0]}：“{about}”",
        f"{phrase.rule}: the text counts {number} {phrase.en}, the table {printed[0]}: “{about}”",
        names,
        expected=printed[0],
        found=number,
    )


def excerpt(sentence: str, at: int) -> str:
    """What stands about a place of the sentence, from the beginning of a clause on."""
    begin = max((match.end() for match in _CLAUSE.finditer(sentence, 0, max(0, at - 20))), default=0)
    begin = begin if at - begin <= 45 else at - 20
    return sentence[begin : begin + 60]
