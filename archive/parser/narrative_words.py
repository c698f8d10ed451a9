"""The wording of the narrative checks: ``narrative.toml``, read once and compiled."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from archive.parser.narrative_figures import COUNT, FORMER, SIGNS, THIS, Masked

_MARKS = str.maketrans(SIGNS)
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(|\)([*+]|\{\d,\d\})?(?![+?])|.", re.DOTALL)
#: Whether a figure is another body's: the masked text, where its clauses begin, where its mark stands, and where the
#: words that count it begin.
Others: TypeAlias = Callable[[str, int, int, int], bool]
MARKS = ",;:。"  #: each ends a clause
_REQUESTS = "申请"
_CLAUSE_END = re.compile("[,;:。(]")


@dataclass(frozen=True, slots=True)
class PhraseMatch:
    """Where a phrase stands in a masked sentence, and the mark of its figure."""

    begin: int
    end: int
    mark: int

    def start(self) -> int:
        """Where it begins."""
        return self.begin

    def span(self) -> tuple[int, int]:
        """Where it begins and ends."""
        return self.begin, self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """What sentence counts something that the tables count; see the data file for the fields."""

    what: str
    rule: str
    zh: str
    en: str
    needs: frozenset[str]
    keys: frozenset[str]
    sections: frozenset[str]
    pattern: re.Pattern[str]
    zero: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    elided: re.Pattern[str] | None
    decides: re.Pattern[str] | None
    other: re.Pattern[str] | None
    units: frozenset[str]
    narrows: re.Pattern[str] | None
    senses: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[re.Pattern[str], str], ...]
    list: str
    total: str
    joined: re.Pattern[str] | None
    part_of: re.Pattern[str] | None
    rest: bool

    def speaks(self, found: Set[str], section: str) -> bool:
        """Whether a sentence with these words, in this section, is about this at all."""
        return not self.keys.isdisjoint(found) and (section in self.sections or not self.needs.isdisjoint(found))

    def is_of_other(self, before: str) -> bool:
        """Whether the sentence before makes it something else."""
        return self.other is not None and self.other.search(before) is not None

    def match(self, masked: Masked, others: Others) -> PhraseMatch | None:
        """The first match whose figure is plainly this year's and this body's."""
        text = masked.text
        if COUNT not in text:
            return None
        for found in self.pattern.finditer(text):
            begin, end = found.span()
            mark = found.start("figure") if found.lastgroup else text.index(COUNT, begin)
            if self.units and masked.count_at(mark).unit not in self.units:
                continue
            if self._stands(text, begin, end, mark, others):
                return PhraseMatch(begin, end, mark)
        return None

    def marks(self, text: str, since: int) -> Iterator[int]:
        """Where the figures of all matches from ``since`` on stand, whosever they are."""
        for found in self.pattern.finditer(text, since):
            yield found.start("figure") if found.lastgroup else text.index(COUNT, found.start())

    def none(self, text: str, others: Others) -> PhraseMatch | None:
        """Return where the sentence says that there was none of it; a number of bodies (14家未收到) is not all."""
        found = self.zero.search(text) if self.zero else None
        if found is None:
            return None
        begin, end = found.span()
        if begin and text[begin - 1] == COUNT and text[begin] not in ",(":
            return None
        return PhraseMatch(begin, end, begin) if self._stands(text, begin, end, begin, others) else None

    def is_of_all(self, matched: str) -> bool:
        """Whether no word of a match makes it the count of a part, or of one kind of applicants."""
        narrow = (self.narrows, *(pattern for pattern, _ in self.kinds))
        return not any(pattern.search(matched) for pattern in narrow if pattern is not None)

    def _is_of_whole(self, text: str, begin: int) -> bool:
        """Whether 其中 before it parts all that the table counts."""
        return self.part_of is not None and self.part_of.search(text[:begin]) is not None

    def _stands(self, text: str, begin: int, end: int, mark: int, others: Others) -> bool:
        known = words()
        first = _clause(text, begin)
        stop = _CLAUSE_END.search(text, end)
        last = stop.start() if stop else len(text)
        if self.unless is not None and self.unless.search(text, first, last):
            return False
        if (
            self.elided is not None
            and _REQUESTS not in text[begin:end]
            and names_other_matter(text, first, self.elided)
        ):
            return False
        if self.decides is not None and self.decides.search(text):
            return False
        since = text.rfind(";", 0, begin) + 1
        verb = begin + (text[begin] in MARKS)
        if known.doubtful.search(text, first if verb == begin else verb, verb) or known.retracted.search(text):
            return False
        if not is_exact(text, since, mark, others, verb):
            return False
        if (
            not (self.list or self.total or self.rest)
            and known.part.search(text, since, begin)
            and not self._is_of_whole(text, begin)
        ):
            return False
        return text.rfind(FORMER, since, begin) <= text.rfind(THIS, since, mark)


def _clause(text: str, at: int) -> int:
    """Where the clause that holds a place begins."""
    find = text.rfind
    return max(find(",", 0, at), find(";", 0, at), find(":", 0, at), find("。", 0, at)) + 1


def names_other_matter(text: str, first: int, other: re.Pattern[str]) -> bool:
    """Whether the last matter that a text names before ``first`` is another (``other``) than disclosure."""
    named = [found.end() for found in other.finditer(text, 0, first)]
    if not named:
        return False
    own = [found.end() for found in words().disclosure.finditer(text, 0, first)]
    return not own or own[-1] < named[-1]


def is_exact(text: str, since: int, mark: int, others: Others, begin: int | None = None) -> bool:
    """Whether the figure at ``mark`` of a masked sentence is plainly this year's and this body's, by the words before
    it from ``since`` on, and exact by those behind it. ``begin``: where the words that count it begin.
    """
    known = words()
    if known.before.search(text, since, mark) or known.after.match(text[mark + 1 : mark + 4]):
        return False
    return not others(text, since, mark, mark if begin is None else begin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slips:
    """What tells a sentence of another year; see the data file. ``opens_later``: ``opens`` with a year to come."""

    opens: re.Pattern[str]
    opens_later: re.Pattern[str]
    until: re.Pattern[str]
    period: re.Pattern[str]
    year_end: re.Pattern[str]
    presents: re.Pattern[str]
    counts: re.Pattern[str]
    counts_all: re.Pattern[str]
    again: re.Pattern[str]
    verbs: re.Pattern[str]
    nothing: re.Pattern[str]
    conduct: re.Pattern[str]
    compares: re.Pattern[str]
    documents: re.Pattern[str]
    intends: re.Pattern[str]
    plans: re.Pattern[str]
    planned: re.Pattern[str]
    remains: re.Pattern[str]
    dealt_with: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """What tells the body that a clause names as the one that received, issued, answered; see the data file."""

    named: re.Pattern[str]
    ends: tuple[str, ...]
    fillers: re.Pattern[str]
    leads: re.Pattern[str]
    joins: tuple[str, ...]
    whole: re.Pattern[str]
    whole_of: re.Pattern[str]
    channels: re.Pattern[str]
    places: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """What numbered headings within a section say that the text below them speaks of; see the data file.

    ``ranks``: a group for each, the highest first.
    """

    ranks: re.Pattern[str]
    longest: int
    sections: Mapping[str, re.Pattern[str]]
    none: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """What says how much was collected; see the data file."""

    pattern: re.Pattern[str]
    other: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Few:
    """The words around one or two outcomes; see the data file. ``held``: by outcome, what may be counted with it."""

    opens: re.Pattern[str]
    between: re.Pattern[str]
    ends: re.Pattern[str]
    held: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Everything of the data file. ``nothing``: of what a sentence may say that there was none.

    ``stated``: how figures are taken where no table prints them. ``narrower``: a figure of one of the bodies counted
    before. ``topics``, ``keys``: all words of which phrases need
    one; ``sections``: those in which some need no topic; ``key``: any of the keys.
    """

    topics: tuple[str, ...]
    keys: tuple[str, ...]
    key: re.Pattern[str]
    sections: frozenset[str]
    phrases: tuple[Phrase, ...]
    nothing: tuple[str, ...]
    before: re.Pattern[str]
    narrower: re.Pattern[str]
    part: re.Pattern[str]
    requests: re.Pattern[str]
    counted: re.Pattern[str]
    disclosure: re.Pattern[str]
    among: re.Pattern[str]
    parts: re.Pattern[str]
    after: re.Pattern[str]
    behind: re.Pattern[str]
    doubtful: re.Pattern[str]
    retracted: re.Pattern[str]
    this_year: re.Pattern[str]
    answers: re.Pattern[str]
    slips: Slips
    sums: Mapping[str, Any]
    whose: Mapping[str, Any]
    bodies: Bodies
    headings: Headings
    stated: Mapping[str, Any]
    fees: Fees
    few: Few


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of the data file, its signs put to the marks of masked sentences."""
    return re.compile(unyielding(pattern.translate(_MARKS)))


def unyielding(pattern: str) -> str:
    """The pattern with repeated groups that never give back what they took: no text can make them go back and forth.

    As atomic groups: possessive quantifiers of groups match wrongly before Python 3.11.5.
    """
    pieces: list[str] = []
    begun: list[int] = []  # the pieces that open the groups around
    for found in _PIECE.finditer(pattern):
        piece = found[0]
        if piece == "(":
            begun.append(len(pieces))
        elif piece[0] == ")":
            begin = begun.pop()
            if found[1]:
                pieces[begin] = f"(?>{pieces[begin]}"
                piece += ")"
        pieces.append(piece)
    return "".join(pieces)


def _slips(data: Mapping[str, str]) -> Slips:
    """The patterns of slips; ``VERBS`` stands in them for the verbs of what an agency counts."""
    own = {name: pattern.replace("VERBS", data["verbs"]) for name, pattern in data.items()}
    return Slips(opens_later=compiled(own["opens"].replace("X", "Z")), **{n: compiled(p) for n, p in own.items()})


def _bodies(data: Mapping[str, Any]) -> Bodies:
    """The patterns of bodies; ``LEADS`` stands in them for what may stand before a name."""
    leads = f"(?:{data['leads']})*"
    levels = "|".join(data["levels"])
    return Bodies(
        named=compiled(data["named"].replace("LEADS", leads)),
        ends=tuple(data["ends"]),
        fillers=compiled(f"(?:{'|'.join(sorted(data['fillers'], key=len, reverse=True))})+$"),
        leads=compiled(leads),
        joins=tuple(data["joins"]),
        whole=compiled(
            f"(?:{data['leads']}|{data['whole']})*".replace("LEVELS", levels).replace("CHANNELS", data["channels"])
        ),
        whole_of=compiled(data["whole_of"].replace("LEVELS", levels)),
        channels=compiled(data["channels"]),
        places=compiled(data["places"]),
    )


def _headings(data: Mapping[str, Any]) -> Headings:
    """The patterns of headings: plain text, not masked."""
    return Headings(
        ranks=re.compile("|".join(f"({pattern})" for pattern in data["ranks"])),
        longest=data["longest"],
        sections={name: re.compile(data[name]) for name in ("applications", "remedies")},
        none=re.compile(data["none"]),
    )


def _optional(entry: Mapping[str, Any], name: str) -> re.Pattern[str] | None:
    return compiled(entry[name]) if name in entry else None


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return compiled("|".join(f"(?:{pattern})" for pattern in patterns) or "(?!)")


@cache
def words() -> Words:
    """The data file, read once."""
    data = tomllib.loads(Path(__file__).with_name("narrative.toml").read_text(encoding="utf-8"))
    common = data["common"]
    phrases = tuple(_phrase(entry) for entry in data["phrase"])
    keys = tuple({word: None for phrase in phrases for word in phrase.keys})
    return Words(
        topics=tuple({word: None for phrase in phrases for word in phrase.needs}),
        keys=keys,
        key=re.compile("|".join(map(re.escape, keys))),
        sections=frozenset(section for phrase in phrases for section in phrase.sections),
        phrases=phrases,
        nothing=tuple(common["nothing"]),
        before=compiled(common["before"]),
        narrower=compiled(data["whose"]["narrower"]),
        part=compiled(common["part"]),
        requests=compiled(common["requests"]),
        counted=compiled(common["counted"]),
        disclosure=compiled(common["disclosure"]),
        among=compiled(common["among"]),
        parts=compiled(common["parts"]),
        after=compiled(common["after"]),
        behind=compiled(common["behind"]),
        doubtful=compiled(common["doubtful"]),
        retracted=compiled(common["retracted"]),
        this_year=compiled(common["this_year"]),
        answers=compiled(common["answers"]),
        slips=_slips(data["slip"]),
        sums=data["sums"],
        whose=data["whose"],
        bodies=_bodies(data["whose"]),
        headings=_headings(data["headings"]),
        stated=data["stated"],
        fees=Fees(**{name: compiled(pattern) for name, pattern in data["fees"].items()}),
        few=Few(
            held=data["few"]["held"], **{name: compiled(data["few"][name]) for name in ("opens", "between", "ends")}
        ),
    )


@lru_cache(maxsize=1024)
def phrases_for(found: frozenset[str], section: str) -> tuple[Phrase, ...]:
    """The phrases that a sentence with these words, in this section, may hold: most sentences hold the same few."""
    return tuple(phrase for phrase in words().phrases if phrase.speaks(found, section))


def _phrase(entry: Mapping[str, Any]) -> Phrase:
    return Phrase(
        what=entry["what"],
        rule=entry["rule"],
        zh=entry["zh"],
        en=entry["en"],
        needs=frozenset(entry["needs"]),
        keys=frozenset(entry.get("keys", entry["needs"])),
        sections=frozenset(entry.get("sections", ())),
        pattern=_any(entry["patterns"]),
        zero=_any(entry["zero"]) if "zero" in entry else None,
        unless=_optional(entry, "unless"),
        elided=_optional(entry, "elided"),
        decides=_optional(entry, "decides"),
        other=_optional(entry, "other"),
        units=frozenset(entry.get("units", ())),
        narrows=_optional(entry, "narrows"),
        senses=tuple(entry.get("senses", {}).items()),
        kinds=tuple((compiled(pattern), other) for other, pattern in entry.get("kinds", {}).items()),
        list=entry.get("list", ""),
        total=entry.get("total", ""),
        joined=_optional(entry, "joined"),
        part_of=_optional(entry, "part_of"),
        rest=entry.get("rest", False),
    )
