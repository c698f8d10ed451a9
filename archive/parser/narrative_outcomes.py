"""Compare the outcomes of applications that the text lists or mentions (办结 18 件，其中不予公开 2 件) with the table.

Told of a part of all applications they are no contradiction; told of those received, some of the table's may be of
those that were carried in; and what is not told apart may be counted with what is (不予公开: all that was not granted).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from itertools import combinations, pairwise

from archive.parser.narrative_context import (
    AMONG,
    ANSWERED,
    WHOLES,
    Comparison,
    SentenceContext,
    SentenceCounts,
    conflict,
    is_all,
    last_count,
    marks,
    sum_of,
)
from archive.parser.narrative_figures import FORMER
from archive.parser.narrative_words import Few, Phrase, PhraseMatch, words
from storage.records import Finding

_LIST = 3  #: outcomes that one sentence lists
_HEADING = 30  #: characters of a sentence that is a heading


def outcomes(comparison: Comparison, counts: SentenceCounts, around: SentenceContext) -> Iterator[Finding]:
    """Findings of the outcomes that a sentence tells, if it tells any."""
    if counts.lists:
        yield from (
            _compare_list(comparison, counts)
            if _is_list(comparison, counts)
            else _compare_few(comparison, counts, around)
        )


def _is_list(comparison: Comparison, counts: SentenceCounts) -> bool:
    """Whether outcomes are those of all that was answered: a sentence lists three, or, in one that goes on with 其中,
    they add up to the table's.
    """
    text, known = comparison.masked.text, words()
    first = min(match.begin for _, match in counts.lists)
    if known.parts.search(text, 0, first) and not is_all(comparison, last_count(text, first)):
        return False
    if text.startswith(AMONG):
        added = sum((comparison.masked.count_at(match.mark).value for _, match in counts.lists), Decimal(0))
        whole = comparison.form.narrative.get(ANSWERED, ())[:1]
        return len(counts.lists) > 1 and any(added == sum_of(comparison.cells, terms) for terms in whole)
    return len(counts.lists) >= _LIST


def _compare_few(comparison: Comparison, counts: SentenceCounts, around: SentenceContext) -> Iterator[Finding]:
    """What one outcome or two are told to be, where they are plainly those of all applications."""
    few, narrative, room = words().few, comparison.form.narrative, _room(comparison, counts, around)
    if room is None:
        return
    named = {phrase.what for phrase, _ in counts.lists}
    for phrase, match in counts.lists:
        if not narrative.keys() >= set(few.held.get(phrase.what, ())):
            continue  # what a form does not tell apart, nobody can take away
        sums = [
            tuple(term for what in some for term in narrative[what][0])
            for some in _possible_groups(few, phrase.what, named)
        ]
        printed = [number for terms in sums if (number := sum_of(comparison.cells, terms)) is not None]
        figure = comparison.masked.count_at(match.mark)
        if len(printed) == len(sums) and not _agrees(figure.value, printed, room):
            yield conflict(comparison, phrase.rule, (phrase.zh, phrase.en), sums[0], printed[0], figure)


def _room(comparison: Comparison, counts: SentenceCounts, around: SentenceContext) -> Decimal | None:
    """How many of the table's outcomes need not be among those that a sentence tells one or two of; None: it does not
    say plainly that they are those of all applications.
    """
    text, known = comparison.masked.text, words()
    if not _stand_alone(known.few, text, counts.lists):
        return None
    first = min(match.begin for _, match in counts.lists)
    for what in WHOLES:
        whole = counts.agreed.get(what)
        if whole is not None and known.among.fullmatch(text, whole.end, first) is not None:
            return _carried_over(comparison, comparison.masked.count_at(whole.mark).value)
    if known.few.opens.fullmatch(text, 0, first) is None:
        return None
    if around.before is not None and FORMER in around.before.text:
        return None
    if around.before is None:
        is_first = around.section == "applications" and known.requests.search(around.last) is not None
        return Decimal(0) if is_first and len(around.last) < _HEADING and not text.startswith(AMONG) else None
    figures = [around.before.count_at(at).value for at in marks(around.before.text)]
    rooms = (_carried_over(comparison, whole) for whole in (*figures[-1:], sum(figures, Decimal(0))))
    return next((room for room in rooms if room is not None), None)


def _carried_over(comparison: Comparison, whole: Decimal) -> Decimal | None:
    """How many of the table's outcomes may be of those carried in and not among all those counted (``whole``); None:
    these are not all that were received, or answered.
    """
    received, carried, answered = (
        next((sum_of(comparison.cells, terms) for terms in comparison.form.narrative.get(what, ())), None)
        for what in ("received", "carried_in", ANSWERED)
    )
    if received is None or carried is None:
        return None
    if whole == received:
        return carried
    return Decimal(0) if whole in {received + carried, answered} else None


def _compare_list(comparison: Comparison, counts: SentenceCounts) -> Iterator[Finding]:
    """What a list of outcomes says of each; of one that it tells by its reason it says no more than a part."""
    room = _omitted_outcomes(comparison, counts)
    for phrase, match in counts.lists:
        if not phrase.is_of_all(comparison.masked.text[match.begin : match.end]):
            continue
        sums, figure = comparison.form.narrative[phrase.what], comparison.masked.count_at(match.mark)
        printed = [number for terms in sums if (number := sum_of(comparison.cells, terms)) is not None]
        if len(printed) == len(sums) and not _agrees(figure.value, printed, room):
            yield conflict(comparison, phrase.rule, (phrase.zh, phrase.en), sums[0], printed[0], figure)


def _omitted_outcomes(comparison: Comparison, counts: SentenceCounts) -> Decimal:
    """How many of the table's outcomes a list may leave out: it is told of those received, and names no more."""
    whole = counts.agreed.get("received")
    if whole is None or ANSWERED in counts.places:
        return Decimal(0)
    received = comparison.masked.count_at(whole.mark).value
    added = sum((comparison.masked.count_at(match.mark).value for _, match in counts.lists), Decimal(0))
    return (_carried_over(comparison, received) if added <= received else None) or Decimal(0)


def _stand_alone(few: Few, text: str, lists: Sequence[tuple[Phrase, PhraseMatch]]) -> bool:
    """Whether nothing parts outcomes from each other in a masked sentence, or makes less of the last of them."""
    found = sorted(match.span() for _, match in lists)
    if not all(phrase.is_of_all(text[match.begin : match.end]) for phrase, match in lists):
        return False
    if any(few.between.fullmatch(text, one[1], other[0]) is None for one, other in pairwise(found)):
        return False
    return few.ends.match(text, found[-1][1]) is not None


def _possible_groups(few: Few, what: str, named: Collection[str]) -> Iterator[tuple[str, ...]]:
    """The outcomes that may be meant by one of them: itself, and any that the sentence does not name besides."""
    others = [other for other in few.held.get(what, ()) if other not in named]
    for number in range(len(others) + 1):
        yield from ((what, *some) for some in combinations(others, number))


def _agrees(amount: Decimal, printed: Collection[Decimal], room: Decimal) -> bool:
    """Whether a figure may be one of the table's, up to ``room`` of which need not be among those it is told of."""
    return any(one - room <= amount <= one for one in printed)
