"""Compare what a sentence of the text counts, by its words and section, with the cells (N1–N5).

What the words mean in cells stands under ``[narrative]`` of the form files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import accumulate, pairwise

from archive.forms.model import Form, Sum
from archive.parser.narrative_amounts import FEE_WORDS, FEES_KEY, amounts, differ
from archive.parser.narrative_bodies import Reporter
from archive.parser.narrative_context import (
    AMONG,
    Comparison,
    SentenceContext,
    SentenceCounts,
    conflict,
    is_of_all,
    marks,
    sum_of,
)
from archive.parser.narrative_figures import COUNT, Figure, Masked
from archive.parser.narrative_outcomes import outcomes
from archive.parser.narrative_sums import parts_of_applications
from archive.parser.narrative_words import MARKS, Phrase, PhraseMatch, phrases_for, words
from storage.records import Cell, Finding

NONE = re.compile("[未无没無沒]")
_REQUESTS = "requests"  #: stands for a section of the form behind a sentence on applications
_COUNTED = "counted"  #: and for one that counts as many applications as the table
_BY_CHANCE = 10  #: applications; fewer may be as many by chance
_TURNED = "转"  #: stands before the figure of what is carried over, or behind it


def against_cells(
    form: Form, cells: Mapping[str, Cell], sentence: str, masked: Masked, around: SentenceContext, body: Reporter
) -> Iterator[Finding]:
    """Findings of a sentence (widths folded) that counts otherwise than the cells."""
    comparison = Comparison(form, cells, sentence, masked, body)
    if FEE_WORDS in sentence:
        yield from _fees(comparison)
    known = words()
    if (COUNT not in masked.text and NONE.search(sentence) is None) or known.key.search(sentence) is None:
        return
    section = around.section
    if section not in known.sections and ("申请" in sentence or masked.text.startswith(AMONG)):
        section = _request_section(form, cells, masked, around)
    here = {word for word in known.topics if word in sentence}
    if not here and section not in known.sections:
        return
    here.update([word for word in known.keys if word in sentence])
    counts = SentenceCounts()
    for phrase in phrases_for(frozenset(here), section):
        if not form.narrative.get(phrase.what) or phrase.is_of_other(around.lead):
            continue
        match = phrase.match(masked, body.is_others)
        if match is None:
            yield from _compare_none(comparison, phrase, counts)
        elif _is_in_place(comparison, phrase, match, counts, around.before) and _is_rest(
            comparison, phrase, match, around.before
        ):
            yield from _compare_count(comparison, phrase, match, counts)
    yield from outcomes(comparison, counts, around)


def _compare_none(comparison: Comparison, phrase: Phrase, counts: SentenceCounts) -> Iterator[Finding]:
    """What it says that there was none of; of a part of a total it says so right behind that, which is the table's."""
    none = phrase.none(comparison.masked.text, comparison.body.is_others)
    total = counts.agreed.get(phrase.total)
    if none is None or (phrase.total and (total is None or total.end != none.begin)):
        return
    excused = None if phrase.total else partial(_need_not_match, phrase, comparison.masked, none, comparison.body)
    sums = _possible_sums(comparison.form, phrase, comparison.masked.text[none.begin : none.end])
    yield from _compare(comparison, phrase, sums, Figure(Decimal(0), "", 0, 0), excused)


def _is_in_place(
    comparison: Comparison, phrase: Phrase, match: PhraseMatch, counts: SentenceCounts, before: Masked | None
) -> bool:
    """Whether a part stands behind its total, or goes on with that of the sentence before."""
    if not phrase.total:
        return True
    text = comparison.masked.text
    if not (
        _parts_follow(counts.places.get(phrase.total), match.begin, text)
        or _parts_previous_total(phrase.total, comparison, before)
    ):
        return False
    if phrase.joined is None:
        return True
    total = counts.agreed.get(phrase.total)
    return total is not None and phrase.joined.fullmatch(text, total.end, match.begin) is not None


def _is_rest(comparison: Comparison, phrase: Phrase, match: PhraseMatch, before: Masked | None) -> bool:
    """Whether "the rest" (其余) is the rest of all applications: every figure before it, in its sentence or else in the
    one before, is the table's total, or one of them is larger than that, which no part is.
    """
    if not phrase.rest:
        return True
    text = comparison.masked.text
    since = text.rfind(";", 0, match.begin) + 1
    if _TURNED in text[match.begin : match.mark] and not words().part.search(text, since, match.begin):
        return True
    figures = [comparison.masked.count_at(at).value for at in marks(text[: match.begin])]
    if not figures and before is not None:
        figures = [before.count_at(at).value for at in marks(before.text)]
    whole = [is_of_all(comparison, figure) for figure in figures]
    printed = sum_of(comparison.cells, comparison.form.narrative[phrase.what][0])
    more = printed is not None and comparison.masked.count_at(match.mark).value > printed
    return all(whole) or (more and any(whole))


def _compare_count(
    comparison: Comparison, phrase: Phrase, match: PhraseMatch, counts: SentenceCounts
) -> Iterator[Finding]:
    sums = _possible_sums(comparison.form, phrase, comparison.masked.text[match.begin : match.end])
    counts.places[phrase.what] = match.span()
    figure = comparison.masked.count_at(match.mark)
    if figure.value == sum_of(comparison.cells, sums[0]):
        counts.agreed[phrase.what] = match
    if phrase.list:
        counts.lists.append((phrase, match))
    else:
        yield from _compare(
            comparison,
            phrase,
            sums,
            figure,
            partial(_need_not_match, phrase, comparison.masked, match, comparison.body),
        )


def _fees(comparison: Comparison) -> Iterator[Finding]:
    """What the sentence says was collected in fees, where it is no way of writing what the table has."""
    for terms in comparison.form.narrative.get(FEES_KEY, ()):
        printed = sum_of(comparison.cells, terms)
        if printed is None:
            continue
        for figure in amounts(comparison.masked, comparison.body):
            if differ(figure.value, printed):
                yield conflict(
                    comparison, "N5", ("行政事业性收费（万元）", "10,000 yuan of fees"), terms, printed, figure
                )


def _request_section(form: Form, cells: Mapping[str, Cell], masked: Masked, around: SentenceContext) -> str:
    """The section that a sentence on applications stands in: they are those to disclose if the sentence before speaks
    of them, or if they are as many as the table has received.
    """
    known = words()
    if known.requests.search(around.last):
        return _REQUESTS
    sums = form.narrative.get("received", ())
    if sums and (found := known.counted.search(masked.text)) is not None:
        figure = masked.count_at(found.start("figure")).value
        if figure >= _BY_CHANCE and figure == sum_of(cells, sums[0]):
            return _COUNTED
    return around.section


def _possible_sums(form: Form, phrase: Phrase, matched: str) -> Sequence[Sum]:
    """The sums of cells that a match may count: another's by a word of it, and those of one kind of applicants too."""
    sense = next((other for word, other in phrase.senses if word in matched and other in form.narrative), phrase.what)
    kinds = (form.narrative.get(other, ()) for pattern, other in phrase.kinds if pattern.search(matched))
    return [*form.narrative[sense], *(terms for sums in kinds for terms in sums)]


def _need_not_match(phrase: Phrase, masked: Masked, match: PhraseMatch, body: Reporter, printed: Decimal) -> bool:
    """Whether a figure that is not the table's need not be: words narrow it, or the sentence has the table's too."""
    text = masked.text
    if phrase.narrows is not None and phrase.narrows.search(text[match.begin : match.end]):
        return True
    if not phrase.list and phrase.joined is None:
        since, begin = text.rfind(";", 0, match.begin) + 1, match.begin + (text[match.begin] in MARKS)
        if words().behind.match(text, match.end) is None or not body.is_whole(text, since, begin):
            return True
    return printed in _alternative_totals(phrase, masked, match) or printed in _by_channels(masked, match)


def _by_channels(masked: Masked, match: PhraseMatch) -> frozenset[Decimal]:
    """Sums of a figure that came by channels, some of them named, and of those behind it, perhaps by others."""
    text = masked.text
    if words().bodies.channels.search(text, 0, match.mark) is None:
        return frozenset()
    behind = [masked.count_at(at).value for at in range(match.mark, len(text)) if text[at] == COUNT]
    return frozenset(accumulate(behind))


def _alternative_totals(phrase: Phrase, masked: Masked, match: PhraseMatch) -> frozenset[Decimal]:
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


def _parts_follow(total: tuple[int, int] | None, start: int, text: str) -> bool:
    """Whether parts of a total (自然人, 法人) are said right after it, before anything is said of answers."""
    return total is not None and total[1] <= start and not words().answers.search(text, total[1], start)


def _parts_previous_total(total: str, comparison: Comparison, before: Masked | None) -> bool:
    """Whether a sentence parts, by who filed them, the applications that the one before counts, and all of them."""
    if before is None or parts_of_applications(comparison.masked, before) is None:
        return False
    for phrase in words().phrases:
        if phrase.what == total and (match := phrase.match(before, comparison.body.is_others)) is not None:
            return not _need_not_match(phrase, before, match, comparison.body, Decimal(-1))
    return False


def _compare(
    comparison: Comparison,
    phrase: Phrase,
    sums: Sequence[Sum],
    figure: Figure,
    excused: Callable[[Decimal], bool] | None = None,
) -> Iterator[Finding]:
    """A finding if the figure is none of the sums it may mean. Unknown cells are no contradiction.

    ``excused``: whether another figure than the table's is none; asked only where it is another.
    """
    printed = [sum_of(comparison.cells, terms) for terms in sums]
    if not printed or printed[0] is None or figure.value in printed:
        return
    if excused is None or not excused(printed[0]):
        yield conflict(comparison, phrase.rule, (phrase.zh, phrase.en), sums[0], printed[0], figure)
