"""What became of applications, by the text: a list of outcomes, or one or two of them (办结 18 件，其中不予公开 2 件).

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


def outcomes(held: Comparison, seen: SentenceCounts, around: SentenceContext) -> Iterator[Finding]:
    """Findings of the outcomes that a sentence tells, if it tells any."""
    if seen.lists:
        yield from _compare_list(held, seen) if _is_list(held, seen) else _compare_few(held, seen, around)


def _is_list(held: Comparison, seen: SentenceCounts) -> bool:
    """Whether outcomes are those of all that was answered: a sentence lists three, or, in one that goes on with 其中,
    they add up to the table's.
    """
    text, known = held.masked.text, words()
    first = min(match.begin for _, match in seen.lists)
    if known.parts.search(text, 0, first) and not is_all(held, last_count(text, first)):
        return False
    if text.startswith(AMONG):
        added = sum((held.masked.count_at(match.mark).value for _, match in seen.lists), Decimal(0))
        whole = held.form.narrative.get(ANSWERED, ())[:1]
        return len(seen.lists) > 1 and any(added == sum_of(held.cells, terms) for terms in whole)
    return len(seen.lists) >= _LIST


def _compare_few(held: Comparison, seen: SentenceCounts, around: SentenceContext) -> Iterator[Finding]:
    """What one outcome or two are told to be, where they are plainly those of all applications."""
    few, narrative, room = words().few, held.form.narrative, _room(held, seen, around)
    if room is None:
        return
    named = {phrase.what for phrase, _ in seen.lists}
    for phrase, match in seen.lists:
        if not narrative.keys() >= set(few.held.get(phrase.what, ())):
            continue  # what a form does not tell apart, nobody can take away
        sums = [
            tuple(term for what in some for term in narrative[what][0])
            for some in _possible_groups(few, phrase.what, named)
        ]
        printed = [number for terms in sums if (number := sum_of(held.cells, terms)) is not None]
        said = held.masked.count_at(match.mark)
        if len(printed) == len(sums) and not _agrees(said.value, printed, room):
            yield conflict(held, phrase.rule, (phrase.zh, phrase.en), sums[0], printed[0], said)


def _room(held: Comparison, seen: SentenceCounts, around: SentenceContext) -> Decimal | None:
    """How many of the table's outcomes need not be among those that a sentence tells one or two of; None: it does not
    say plainly that they are those of all applications.
    """
    text, known = held.masked.text, words()
    if not _stand_alone(known.few, text, seen.lists):
        return None
    first = min(match.begin for _, match in seen.lists)
    for what in WHOLES:
        whole = seen.agreed.get(what)
        if whole is not None and known.among.fullmatch(text, whole.end, first) is not None:
            return _carried_over(held, held.masked.count_at(whole.mark).value)
    if known.few.opens.fullmatch(text, 0, first) is None:
        return None
    if around.before is not None and FORMER in around.before.text:
        return None
    if around.before is None:
        is_first = around.section == "applications" and known.requests.search(around.last) is not None
        return Decimal(0) if is_first and len(around.last) < _HEADING and not text.startswith(AMONG) else None
    figures = [around.before.count_at(at).value for at in marks(around.before.text)]
    rooms = (_carried_over(held, whole) for whole in (*figures[-1:], sum(figures, Decimal(0))))
    return next((room for room in rooms if room is not None), None)


def _carried_over(held: Comparison, whole: Decimal) -> Decimal | None:
    """How many of the table's outcomes may be of those carried in and not among all those counted (``whole``); None:
    these are not all that were received, or answered.
    """
    received, carried, answered = (
        next((sum_of(held.cells, terms) for terms in held.form.narrative.get(what, ())), None)
        for what in ("received", "carried_in", ANSWERED)
    )
    if received is None or carried is None:
        return None
    if whole == received:
        return carried
    return Decimal(0) if whole in {received + carried, answered} else None


def _compare_list(held: Comparison, seen: SentenceCounts) -> Iterator[Finding]:
    """What a list of outcomes says of each; of one that it tells by its reason it says no more than a part."""
    room = _omitted_outcomes(held, seen)
    for phrase, match in seen.lists:
        if not phrase.is_of_all(held.masked.text[match.begin : match.end]):
            continue
        sums, said = held.form.narrative[phrase.what], held.masked.count_at(match.mark)
        printed = [number for terms in sums if (number := sum_of(held.cells, terms)) is not None]
        if len(printed) == len(sums) and not _agrees(said.value, printed, room):
            yield conflict(held, phrase.rule, (phrase.zh, phrase.en), sums[0], printed[0], said)


def _omitted_outcomes(held: Comparison, seen: SentenceCounts) -> Decimal:
    """How many of the table's outcomes a list may leave out: it is told of those received, and names no more."""
    whole = seen.agreed.get("received")
    if whole is None or ANSWERED in seen.said:
        return Decimal(0)
    received = held.masked.count_at(whole.mark).value
    added = sum((held.masked.count_at(match.mark).value for _, match in seen.lists), Decimal(0))
    return (_carried_over(held, received) if added <= received else None) or Decimal(0)


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


def _agrees(said: Decimal, printed: Collection[Decimal], room: Decimal) -> bool:
    """Whether a figure may be one of the table's, up to ``room`` of which need not be among those it is told of."""
    return any(one - room <= said <= one for one in printed)
