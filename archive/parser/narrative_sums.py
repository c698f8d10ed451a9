"""Check sums stated in the text: a total and its parts (其中 …, … 共计), and what each channel published.

Parts that exceed their whole are always told; parts that fall short of it only where the text itself says that they are
all of it (自然人 and 法人, 其他 at the end, shares that make 100 %, all channels). What several channels published
may be counted once in the whole: the table of before 2019 asked for it, and some texts say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from archive.findings import finding
from archive.parser.narrative_figures import ABOUT, BARE, COUNT, FORMER, SHARE, Figure, Masked
from archive.parser.narrative_words import compiled, words
from storage.records import Finding

_AMONG = re.compile("其中(?:[:,]?包括|有)?|包括")
_BRACKET = re.compile(r"\([^()]*\)")
_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)%")
_SAME = {"门户": "网站", "网页": "网站", "微信": "公众号"}  # words for the same channel
_COUNTED_ANEW = 2019  # the year from which on no table asks to count once what several channels published
_FULL = (Decimal("99.5"), Decimal("100.5"))


@dataclass(frozen=True, slots=True)
class _Parts:
    """Parts of a total: the figures, the masked text they stand in, and the shares printed beside them.

    ``closed``: a semicolon ends them.
    """

    figures: tuple[Figure, ...]
    text: str
    shares: tuple[Decimal, ...] = ()
    closed: bool = False


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return compiled(words().sums[name])


@cache
def _units() -> frozenset[str]:
    return frozenset(words().sums["units"])


class PreviousSentence(NamedTuple):
    """The sentence before in the same paragraph, whose total 其中 may part, and the last in the same section that
    counts something.
    """

    next: Masked | None
    counted: Masked | None


def subtotals(sentence: str, masked: Masked, before: PreviousSentence, year: int | None) -> Iterator[Finding]:
    """Findings of a sentence's own sums. ``year``: the reporting year, if known."""
    if len(masked.counts) < 2:  # of parts there are two at least
        return
    among = _AMONG.search(masked.text)
    if among is None and before.next is not None:
        among = parts_of_applications(masked, before.next)
    if among is not None:
        yield from _check_parts_after_total(sentence, masked, among, before.next)
    elif before.counted is not None and (among := _pattern("of_all").match(masked.text)) is not None:
        yield from _check_parts_of_all(sentence, masked, among, before.counted)
    elif len(masked.counts) > 2 and (listed := _pattern("listed").search(masked.text)) is not None:
        yield from _listed_by_channel(sentence, masked, listed, year)
    elif len(masked.counts) > 2 and (end := _pattern("total_after").search(masked.text)) is not None:
        yield from _check_total_after_parts(sentence, masked, end)
    elif len(masked.counts) > 2 and (by_channel := _pattern("by_channel").search(masked.text)) is not None:
        yield from _by_channel(sentence, masked, by_channel, year)
    elif len(masked.counts) > 2 and (closed := _pattern("closed").search(masked.text)) is not None:
        yield from _check_closed_list(sentence, masked, closed, year)
    elif "申请" in masked.text and (parted := _pattern("parted").search(masked.text)) is not None:
        yield from _check_bracketed_parts(sentence, masked, parted)


def parts_of_applications(masked: Masked, before: Masked) -> re.Match[str] | None:
    """The words that begin a sentence on who filed what the one ``before`` counts: 从申请主体看，自然人 a 件.

    Behind 其中 it is the last figure of that sentence.
    """
    if not masked.text.startswith(("从申请", "按申请", "按照申请", "其中")):
        return None
    counted = _pattern("of_applications").search(before.text)
    if counted is None or (masked.text.startswith("其中") and COUNT in before.text[counted.end() :]):
        return None
    return _pattern("by_applicant").match(masked.text)


def _check_bracketed_parts(sentence: str, masked: Masked, parted: re.Match[str]) -> Iterator[Finding]:
    """A total, and behind it in brackets how its parts came: 7 件（网上 6 件，信函 2 件）."""
    whole = masked.count_at(parted.start())
    parts = [masked.count_at(at) for at in _marks(masked.text, *parted.span("parts"))]
    added = sum((part.value for part in parts), Decimal(0))
    if added > whole.value and all(part.unit == whole.unit for part in parts):
        yield _differs(sentence, whole.start, whole.value, added)


def _check_parts_after_total(
    sentence: str, masked: Masked, among: re.Match[str], before: Masked | None
) -> Iterator[Finding]:
    """A total, then its parts: … N 条，其中 a 条、b 条."""
    source = masked if COUNT in masked.text[: among.start()] else before if among.start() == 0 else None
    if source is None:
        return
    reach = among.start() if source is masked else len(source.text)
    wholes = [figure for figure in source.counts[: source.text.count(COUNT, 0, reach)] if figure.unit in _units()]
    if not wholes or ABOUT in source.text[source.text.rfind(COUNT, 0, reach) : reach]:
        return
    before_total = source.text[: source.text.rfind(COUNT, 0, reach)]
    own = _channels(before_total[max(before_total.rfind(stop) for stop in ",;") + 1 :])
    parts = _read_parts(sentence, masked, among.end(), _inside(masked.text, among.start()), own)
    unit = wholes[-1].unit
    units = {unit, *words().sums["one_each"].get(unit, ())}
    if len(parts.figures) < 2 or not units.issuperset(figure.unit for figure in parts.figures):
        return
    alike = [figure for figure in wholes if figure.unit == unit]
    whole = sum((figure.value for figure in alike), Decimal(0))
    added = sum((figure.value for figure in parts.figures), Decimal(0))
    listed = [figure for figure in _figures_after_among(masked, among) if figure.unit in units]
    if whole in accumulate(figure.value for figure in listed):
        return  # the first are the whole, what follows parts it again; or it does something of its own (转下年度办理)
    if whole == sum((figure.value for figure in _summed(masked, among)), Decimal(0)):
        return  # each part is parted again, and then summed: 其中目录年报1条,动态101条,共102条;专栏…共86条
    rest = sum((figure.value for figure in parts.figures[1:]), Decimal(0))
    if parts.figures[0].value == rest and parts.closed:
        return  # the first part is parted again: 其中直接起诉4件,维持3件,未审结1件;复议后起诉2件
    if added > whole and not _may_overlap(source.text, parts.text) and not _pattern("twice").search(masked.text):
        yield _differs(sentence, parts.figures[0].start, whole, added)
    exact = len(alike) == 1 and all(figure.unit == unit for figure in parts.figures)
    if added < whole and exact and _is_all(parts):
        yield _differs(sentence, parts.figures[0].start, whole, added)


def _may_overlap(whole: str, parts: str) -> bool:
    """Whether parts (both texts masked) may count the same more than once: channels, or who took it up (采用)."""
    if _pattern("taken_up").search(parts):
        return True
    return _pattern("once").search(whole) is not None and _pattern("channels").search(parts) is not None


def _check_parts_of_all(sentence: str, masked: Masked, among: re.Match[str], source: Masked) -> Iterator[Finding]:
    """What all that was disclosed consists of, in a sentence of its own: 在全部公开信息中，概况类 a 条，动态类 b 条.

    All of it is what the last sentence that counts anything says to be disclosed; what it says to be sent out besides
    may be the same again, or belong to it.
    """
    if ABOUT in source.text or FORMER in source.text:
        return
    wholes = [source.count_at(found.end() - 1) for found in _pattern("disclosed").finditer(source.text)]
    parts = _read_parts(sentence, masked, among.end(), inside=False, own=frozenset())
    units = {figure.unit for figure in (*wholes, *parts.figures)}
    if not wholes or len(parts.figures) < 2 or len(units) != 1 or units.isdisjoint(_units()):
        return
    whole, added = (sum((one.value for one in figures), Decimal(0)) for figures in (wholes, parts.figures))
    besides = sum((figure.value for figure in source.counts if figure.unit in units), Decimal(0))
    if added != besides and (added > whole or (added < whole == besides and _is_all(parts))):
        yield _differs(sentence, parts.figures[0].start, whole, added)


def _listed_by_channel(sentence: str, masked: Masked, listed: re.Match[str], year: int | None) -> Iterator[Finding]:
    """A total (共 N 条) and right behind it the ways it was published, with all others (其他) at the end."""
    text = masked.text
    before_list = text[: listed.start()]
    if (year is not None and year < _COUNTED_ANEW) or _pattern("once").search(text):
        return
    if _channels(before_list[max(before_list.rfind(stop) for stop in ",;") + 1 :]):
        return  # of one channel: the others stand beside it
    whole = masked.count_at(text.index(COUNT, listed.start()))
    parts = [masked.count_at(at) for at in _marks(text, *listed.span("parts"))]
    added = sum((part.value for part in parts), Decimal(0))
    if added != whole.value and all(part.unit == whole.unit for part in parts):
        yield _differs(sentence, whole.start, whole.value, added)


def _check_closed_list(sentence: str, masked: Masked, closed: re.Match[str], year: int | None) -> Iterator[Finding]:
    """A total, and behind it in brackets or behind a colon its parts, with all others at the end."""
    if any(_pattern(name).search(masked.text) for name in ("once", "twice", "taken_up")):
        return
    if year is not None and year < _COUNTED_ANEW and _pattern("channels").search(closed["parts"]):
        return
    whole = masked.count_at(closed.start() - 1)
    parts = [masked.count_at(at) for at in _marks(masked.text, *closed.span("parts"))]
    added = sum((part.value for part in parts), Decimal(0))
    if added != whole.value and whole.unit in _units() and all(part.unit == whole.unit for part in parts):
        yield _differs(sentence, whole.start, whole.value, added)


def _by_channel(sentence: str, masked: Masked, match: re.Match[str], year: int | None) -> Iterator[Finding]:
    """What each of several channels published, and the total of all behind it."""
    if year is not None and year < _COUNTED_ANEW:
        return
    text = masked.text
    if any(_pattern(name).search(text) for name in ("once", "twice", "taken_up")):
        return
    begin = match.start("parts")
    if any(mark in text[text.rfind(";", 0, begin) + 1 : begin] for mark in (COUNT, ABOUT, BARE)):
        return  # what stands before them may be one of them
    whole = masked.count_at(match.start("whole"))
    parts = [masked.count_at(at) for at in _marks(text, *match.span("parts"))]
    added = sum((part.value for part in parts), Decimal(0))
    if added in {whole.value, 2 * whole.value} or whole.unit not in _units():
        return
    if all(part.unit == whole.unit for part in parts):
        yield _differs(sentence, whole.start, whole.value, added)


def _inside(text: str, at: int) -> bool:
    """Whether a place of the text stands within brackets."""
    return text.rfind("(", 0, at) > text.rfind(")", 0, at)


def _figures_after_among(masked: Masked, among: re.Match[str]) -> list[Figure]:
    """All figures after 其中 up to the end of its brackets or sentence, but those in brackets of their own."""
    inside = _inside(masked.text, among.start())
    end = masked.text.find(")", among.end()) if inside else -1
    return list(_figures(masked, among.end(), end if end >= 0 else len(masked.text), inside))


def _summed(masked: Masked, among: re.Match[str]) -> Iterator[Figure]:
    """The sums (共, 合计) that are said behind 其中."""
    for found in _pattern("summed").finditer(masked.text, among.end()):
        yield masked.count_at(found.end() - 1)


def _figures(masked: Masked, begin: int, end: int, inside: bool) -> Iterator[Figure]:
    """The counts of a stretch of text; ``inside``: it stands in brackets, else those in brackets are left out."""
    flat = _flat(masked.text[begin:end], inside)
    ordinal = masked.text.count(COUNT, 0, begin)
    for number, at in enumerate(_marks(masked.text, begin, end)):
        if flat[at - begin] == COUNT:
            yield masked.counts[ordinal + number]


def _flat(text: str, inside: bool) -> str:
    return text if inside else _BRACKET.sub(lambda match: " " * len(match.group()), text)


def _read_parts(sentence: str, masked: Masked, begin: int, inside: bool, own: Set[str]) -> _Parts:
    """The figures after 其中 as long as they are its list: within its brackets, up to another subject."""
    text = masked.text
    end = text.find(")", begin) if inside else len(text)
    end = len(text) if end < 0 else end
    if (stop := _pattern("ends").search(text, begin, end)) is not None:
        end = stop.start()
    if (again := _AMONG.search(text, begin, end)) is not None:
        end = text.rfind(COUNT, begin, again.start()) + 1 or again.start()
    first = text.find(COUNT, begin, end)
    second = text.find(COUNT, first + 1, end)
    if 0 <= first < second and ";" not in text[first:second] and (stop_at := text.find(";", second, end)) > 0:
        end = stop_at
    end = _own_end(text, begin, end, own)
    flat = _flat(text[begin:end], inside)
    figures = tuple(_figures(masked, begin, end, inside))
    shares: tuple[Decimal, ...] = ()
    if figures and SHARE in flat:
        shares = tuple(Decimal(share) for share in _SHARE.findall(sentence[figures[0].start :]))
    clean = flat if ABOUT not in flat and BARE not in flat else ""
    return _Parts(figures if clean else (), clean, shares, text.startswith(";", end))


def _channels(text: str) -> Set[str]:
    """The one channel of what was counted; empty if it names none or several."""
    named = {_SAME.get(name, name) for name in _pattern("channels").findall(text)}
    return named if len(named) == 1 and not _pattern("several").search(text) else frozenset()


def _own_end(text: str, begin: int, end: int, own: Set[str]) -> int:
    """Where the list ends because a part does something of its own, or names another channel than the total."""
    marks = _marks(text, begin, end)
    acting = by_channel = False
    for number, (before, mark) in enumerate(zip([begin, *marks], marks, strict=False)):
        label = text[before:mark]
        acts = _pattern("acts").search(label) is not None
        named = {_SAME.get(name, name) for name in _pattern("channels").findall(label)}
        if number and ((acts and not acting and not (by_channel and named)) or (own and named - own)):
            return before + 1
        acting |= acts
        by_channel |= bool(named) and not number
    return end


def _marks(text: str, begin: int, end: int) -> list[int]:
    return [at for at in range(begin, end) if text[at] == COUNT]


def _is_all(parts: _Parts) -> bool:
    """Whether the parts are said to be the whole."""
    if _pattern("open").search(parts.text):
        return False
    if len(parts.shares) == len(parts.figures) and _FULL[0] <= sum(parts.shares) <= _FULL[1]:
        return True
    if any(all(word in parts.text for word in complete) for complete in words().sums["complete"]):
        return True
    last = parts.text.rstrip(",;、。 " + COUNT)
    return _pattern("rest").search(last[max(0, len(last) - 8) :]) is not None


def _check_total_after_parts(sentence: str, masked: Masked, end: re.Match[str]) -> Iterator[Finding]:
    """Parts, then their total: … a 条，b 条，c 条，共计 N 条.

    No part is what something grew from: 由2013年的 n 条增加到2014年的 a 条.
    """
    before = masked.text[: end.start()]
    bases = {found.start() for found in _pattern("base").finditer(before)}
    parts = [masked.count_at(at) for at in _marks(before, 0, len(before)) if at not in bases]
    whole = masked.count_at(end.end() - 1)
    if len(parts) < 2 or any(mark in before for mark in (ABOUT, BARE, "(", ";")):
        return
    if any(part.unit != whole.unit for part in parts) or whole.unit not in _units():
        return
    added = sum((part.value for part in parts), Decimal(0))
    if added == 2 * whole.value and parts[0].value == whole.value:
        return  # the total stands before its parts too
    if added != whole.value:
        yield _differs(sentence, whole.start, whole.value, added)


def _differs(sentence: str, at: int, whole: Decimal, added: Decimal) -> Finding:
    begin = max(0, at - 30)
    return finding("subtotal_differs", expected=whole, found=added, quoted=sentence[begin : begin + 60])


@dataclass(slots=True)
class Channels:
    """What the text says that each channel published, and what all did together (沂源 2024: 571+1120+326=2017).

    ``sentences``: those that may say it, with their figures masked.
    """

    sentences: list[tuple[str, Masked]] = field(default_factory=list)

    def see(self, sentence: str, masked: Masked) -> None:
        """Keep a sentence that may speak of channels: only where one speaks of all together are the others asked."""
        if COUNT in masked.text and "信息" in masked.text:
            self.sentences.append((sentence, masked))

    def findings(self) -> Sequence[Finding]:
        """The finding, if the channels do not add up to what all of them are said to have published."""
        together = _pattern("all_channels")
        ends = [together.search(masked.text) for _, masked in self.sentences]
        wholes = [
            (masked.count_at(end.end() - 1).value, sentence)
            for (sentence, masked), end in zip(self.sentences, ends, strict=True)
            if end is not None
        ]
        if not wholes or len({whole for whole, _ in wholes}) > 1:
            return ()
        each: dict[str, Decimal] = {}
        for (_, masked), end in zip(self.sentences, ends, strict=True):
            for channel, value in _channel_counts(masked) if end is None else ():
                if each.setdefault(channel, value) != value:
                    return ()
        whole, sentence = wholes[-1]
        added = sum(each.values(), Decimal(0))
        if len(each) >= 2 and (added > whole or (added < whole and len(each) >= 3)):
            return (_differs(sentence, len(sentence), whole, added),)
        return ()


def _channel_counts(masked: Masked) -> Iterator[tuple[str, Decimal]]:
    """Each channel that a sentence names, with what was published there; what follows 其中 parts it again."""
    text = masked.text
    among = _AMONG.search(text)
    for match in _pattern("channel").finditer(text, 0, among.start() if among else len(text)):
        yield match["channel"], masked.count_at(match.end() - 1).value
