"""Find what a person may mean by a few words: agencies, their reports, places, portals, indicators, texts.

Names are Chinese, English (``english_names.toml``) or Hanyu Pinyin without tones (``pinyin.toml``), so that they can be
typed on any keyboard.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from itertools import accumulate, islice
from typing import Any, Generic, NamedTuple, TypeVar

from archive.assessment.data_files import in_both_languages
from archive.assessment.measures import JOINED, measures
from archive.fuzzy_lookup import comparable_name
from archive.identity.divisions import Division, codes_and_names, division, former_divisions, heirs_today, stem_of
from archive.identity.matching import subjects_meant
from archive.identity.text import any_word
from archive.queries import bounds
from archive.queries.bounds import NotKnownError, QueryError, data_file
from archive.queries.citing import identified
from archive.queries.duty_rows import duty_lines
from archive.queries.frames import Result
from archive.queries.results import AgencyLine
from archive.queries.search import SearchAnswer, SearchHit, search
from archive.queries.selection import agency_lines, known_names, known_portals, remembered
from archive.queries.stored import open_snapshot
from archive.queries.where import Where, choose, places_without_portal
from storage.home import Home
from storage.records import AgencyKind, Portal, Status
from storage.registry import agencies_by_id
from storage.tables import AGENCIES, PORTALS

SHOWN = 20  #: matches of each kind
_TEXTS_SHOWN = 3
_ALL_INDICATORS = 1_000
_MAX_WORDS = 6  # of a query of which some may be left out: to look each up takes time
_MAX_NAME_CHARS = 30  # of a name that is looked for at the beginning of a word
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)(?:年度?)?")


class MatchKind(StrEnum):
    """The kinds of things that a search for a name can find, in the order of answers."""

    REPORT = "report"
    PLACE = "place"
    DIVISION = "division"
    FORMER = "former"
    AGENCY = "agency"
    INDICATOR = "indicator"
    PORTAL = "portal"
    TEXT = "text"


class Match(Result):
    """Something that a query may mean; ``sort``: a value of :class:`MatchKind` (``text``: a report with the words in
    it; ``division``: a place of the list of divisions without a portal in the archive, so that nothing is known of it;
    ``former``: a division no longer in force, with the present ``place``).

    ``id``: of the agency, place, portal, indicator or edition; of a report agency and year. ``agency_id``: of the
    agency that it is or belongs to; ``year``: of the report. ``zh``, ``en``: what it is; of a text the passage, with
    ``marks`` where the words stand in it. ``status``: of the report.
    """

    sort: str
    id: str
    name: str
    zh: str
    en: str
    agency_id: str | None = None
    kind: AgencyKind | None = None
    place: str | None = None
    year: int | None = None
    status: Status | None = None
    marks: tuple[tuple[int, int], ...] = ()

    @property
    def text(self) -> str:
        """The passage of a text; ``marks`` are positions in it."""
        return self.zh


class FindAnswer(Result):
    """What was found, the best of each sort first. ``words``: those searched for: the query without ``years``, which it
    names, and without ``unknown``, words that name nothing. ``texts``: how many reports have the words in their text,
    ``only_headings`` of them only in headings of the national form, and ``figures`` how many indicators fit; only some
    are matches. ``searched``: in how many texts the words were looked for, counted only if nothing was found.
    """

    as_of: datetime
    words: str
    years: tuple[int, ...]
    matches: tuple[Match, ...]
    texts: int
    only_headings: int
    searched: int | None
    figures: int
    unknown: tuple[str, ...] = ()


def find(home: Home, query: str, *, as_of: datetime | None = None) -> FindAnswer:
    """Find what a few words mean: a name in Chinese, English or pinyin, a code, an id; with a year also its reports, as
    known at ``as_of`` (None: now). Raises QueryError for a text that is too long for a name.
    """
    bounds.name(query)
    words, years = words_and_years(query)
    with open_snapshot(home):
        about = Where(years=years or None, as_of=as_of)
        answer = _find(home, words, about)
        if answer.matches or len(words.split()) > _MAX_WORDS:
            return answer
        ends = {word: _length_of_name(home, word) for word in words.split()}
        names = " ".join(word[:end] for word, end in ends.items() if end)
        unknown = tuple(word[end:] for word, end in ends.items() if word[end:])
        return replace(_find(home, names, about), unknown=unknown) if names and unknown else answer


def _length_of_name(home: Home, word: str) -> int:
    """Return how many characters of a word are in a name of an agency, place or portal (figures have words of many
    meanings): all, or as Chinese has no blanks, as many of its beginning as can be (汶上县谁没公布); 0: none.
    """
    ends = [len(word), *range(0 if word.isascii() else min(len(word) - 1, _MAX_NAME_CHARS), 1, -1)]
    books = places(home), portals(home)
    texts = ((end, word[:end]) for end in ends)
    return next(
        (end for end, text in texts if find_agencies(home, text, 1) or any(one.find(text, 1) for one in books)), 0
    )


def _find(home: Home, words: str, about: Where) -> FindAnswer:
    """Find what has all these ``words``, and the reports on the years ``about``."""
    as_of_question = choose(home, about).as_of
    ids = find_agencies(home, words, SHOWN)
    lines_by_id = agency_lines(home, ids)
    lines = [lines_by_id[one] for one in ids]
    texts, figures = _search(home, words, about), indicators().find(words, _ALL_INDICATORS)
    by_sort = {
        MatchKind.PLACE: places(home).find(words, SHOWN),
        MatchKind.DIVISION: [_division(one) for one in places_without_portal(words, known_portals(home))],
        MatchKind.FORMER: [*_past_divisions(words)],
        MatchKind.AGENCY: [_match_of(MatchKind.AGENCY, line.id, line, line.place, line.place) for line in lines],
        MatchKind.REPORT: reports_of(home, ids, about),
        MatchKind.INDICATOR: figures[:SHOWN],
        MatchKind.PORTAL: portals(home).find(words, SHOWN),
        MatchKind.TEXT: [_text(hit) for hit in (texts.hits if texts else ()) if hit.snippets],
    }
    matches = tuple(one for sort in MatchKind for one in by_sort[sort])
    counts = None if matches else _search(home, words, about, is_count=True)
    return FindAnswer(
        as_of=texts.as_of if texts else as_of_question,
        words=words,
        years=tuple(about.years or ()),
        matches=matches,
        texts=texts.total if texts else 0,
        only_headings=texts.only_headings if texts else 0,
        searched=None if matches else counts.searched if counts else 0,
        figures=len(figures),
    )


def words_and_years(query: str) -> tuple[str, tuple[int, ...]]:
    """Split a query into words and the reporting years in it; if it has only years, these are the words.

    Of the identifier of a report the words are its agency.
    """
    if address := identified(query):
        return address.agency, (address.year,)
    years = tuple(sorted({int(one) for one in _YEAR.findall(query)}))
    words = _YEAR.sub(" ", query).strip()
    return (words, years) if words else (query.strip(), ())


def _match_of(sort: MatchKind, name: str, agency: AgencyLine, zh: str, en: str, **more: Any) -> Match:
    """Return a match that is an agency or belongs to one; ``name``: the id of the match."""
    return Match(
        sort=sort.value, id=name, zh=zh, en=en, name=agency.name, agency_id=agency.id, kind=agency.kind,
        place=agency.place, **more,
    )  # fmt: skip


def reports_of(home: Home, ids: Sequence[str], about: Where) -> Iterator[Match]:
    """Yield the reports of some agencies on the years ``about``, in the order of ``ids``; none without years."""
    if not about.years or not ids:
        return
    chosen = choose(home, about).only(*agencies_by_id(home, ids))
    lines = duty_lines(chosen, links=False)
    for line in sorted(lines, key=lambda line: (ids.index(line.agency.id), line.year)):
        name = f"{line.agency.id}/{line.year}"
        yield _match_of(MatchKind.REPORT, name, line.agency, line.zh, line.en, year=line.year, status=line.status)


def _search(home: Home, words: str, about: Where, *, is_count: bool = False) -> SearchAnswer | None:
    """Search the texts of reports, for their first hits or (``is_count``) to count them; None if the words are no valid
    search.
    """
    limit = 0 if is_count else _TEXTS_SHOWN
    try:
        return search(home, words, about, limit=limit, most_snippets=1, with_counts=is_count)
    except (QueryError, NotKnownError):
        return None


def _text(hit: SearchHit) -> Match:
    [snippet] = hit.snippets
    return _match_of(
        MatchKind.TEXT, hit.edition, hit.agency, snippet.text, snippet.text, year=hit.year, marks=snippet.marks
    )


# ---------------------------------------------------------------------------------------------- names


_MIN_LATIN_PART = 3  # letters: shorter parts occur in nearly every name
_FIRST_CJK = "\u2e80"
_DIVISION = re.compile("(?<=..)(?:自治)?[省州市县区旗]$")
_TOWN = re.compile("(.+?)(镇|乡|街道)(?:人民政府|办事处)")


Thing = TypeVar("Thing")
_Named = tuple[Match, tuple[str, ...]]  # a thing and its other names


class NameBook(Generic[Thing]):
    """Finds ``things`` by their names, which are given in their normal form."""

    def __init__(self, entries: Iterable[tuple[Thing, Iterable[str]]]) -> None:
        self.things: list[Thing] = []
        lines: list[str] = []  # the names of each thing, with a tab before and behind each
        for thing, names in entries:
            self.things.append(thing)
            lines.append(_split_government("\t".join(["", *dict.fromkeys(names), "\n"])))
        self._text, self._ends = "".join(lines), [*accumulate(map(len, lines))]  # one text is searched much faster

    def find(self, text: str, most: int) -> list[Thing]:
        """Return up to ``most`` of the book's things (ids of agencies; or matches: places, portals, indicators): first
        those with the name ``text``, then those with a name that begins with it, that contains it, or whose names
        together contain each word of it. The names stand between tabs; words too short to tell things apart are not
        searched alone.
        """
        names = [name for one in (text, *text.split()) if (name := _split_government(comparable_name(one)))]
        if not names:
            return []
        numbers: dict[int, None] = {}
        for parts in ([f"\t{names[0]}\t"], [f"\t{names[0]}"], names[:1], names[1:]):
            if len(numbers) < most and any(map(_tells_apart, parts)):
                numbers.update(dict.fromkeys(islice(self._having(parts), len(numbers) + most)))
        return [self.things[number] for number in [*numbers][:most]]

    def _having(self, parts: Sequence[str]) -> Iterator[int]:
        """Yield the numbers of the things, in order, whose names have all ``parts``."""
        end = 0
        while (at := self._text.find(parts[0], end)) >= 0:
            number = bisect_right(self._ends, at)  # of the thing whose names this part of the text holds
            begin, end = self._ends[number - 1] if number else 0, self._ends[number]
            if all(self._text.find(part, begin, end) >= 0 for part in parts[1:]):
                yield number


def _split_government(name: str) -> str:
    """Split 人民政府 in a name or its pinyin, so that 民政, minzheng (civil affairs) is not found within it."""
    return name.replace("人民政", "人民|政").replace("renminz", "renmin|z")


def _tells_apart(part: str) -> bool:
    """Whether a part of a name is worth a search: it is the beginning of a name, Chinese, or long enough."""
    return part.startswith("\t") or len(part) >= _MIN_LATIN_PART or max(part) >= _FIRST_CJK


def find_agencies(home: Home, text: str, most: int) -> list[str]:
    """Return the ids of the agencies that a text names, in Chinese, pinyin or English, the best first; then those that
    it names in short or by a former name; up to ``most``. The index of names is kept until the registry changes.
    """
    book = remembered(home, "agency book", [PORTALS, AGENCIES], lambda: _agency_book(home))
    ids = dict.fromkeys(book.find(_in_chinese(text), most) or book.find(text, most))
    for subject in subjects_meant(text):
        if len(ids) < most:
            ids |= dict.fromkeys(book.find(subject, most))
    return [*ids][:most]


def _agency_book(home: Home) -> NameBook[str]:
    """Return the book, a search index of names, of all agencies' ids, governments first in their portal."""
    places = {name: comparable_name(portal.place) for name, portal in known_portals(home).items()}
    names = known_names(home)
    portals = {agency: agency.partition("/")[0] for agency in names}

    def order(agency: str) -> tuple[str, bool, str]:
        portal = portals[agency]
        return portal, not names[agency][0].endswith(f"{places.get(portal, '')}人民政府"), agency

    ids = sorted(names, key=order)
    return NameBook((one, _agency_names(one, names[one], places.get(portals[one], ""))) for one in ids)


def _agency_names(agency: str, names: Sequence[str], place: str) -> Iterator[str]:
    """Yield an agency's names, id and pinyin, each also without its portal or place; with its place in short
    (汶上民政局); the place is spelt separately.
    """
    yield from names
    yield agency.casefold()
    yield agency.casefold().rpartition("/")[2]
    _, here, own_name = names[0].rpartition(place) if place else ("", "", names[0])  # 临汾市尧都区财政局, at 尧都区
    spellings = spell(here), spell(own_name)
    yield from (stem_of(here) + own_name, own_name, *spellings[1])
    yield from map("".join, zip(*spellings, strict=True))


def places(home: Home) -> NameBook[Match]:
    """Return the places that have a portal in the archive, and the prefectures and provinces in which they are."""
    return remembered(home, "place book", [PORTALS], lambda: _book_of(_places(known_portals(home).values())))


def portals(home: Home) -> NameBook[Match]:
    """Return the portals of the archive."""
    return remembered(home, "portal book", [PORTALS], lambda: _book_of(map(_portal, known_portals(home).values())))


def _places(every: Iterable[Portal]) -> Iterator[_Named]:
    """Yield the places of portals and the divisions above them, by code, each with its other names."""
    by_code: dict[str, _Named] = {}
    for portal in every:
        code = portal.division or ""
        inside = ""
        for one in _divisions_above(code):
            by_code.setdefault(one.code, _place(one.code, one.name, inside))
            inside += one.name
        key = code or portal.place
        by_code.setdefault(key, _place(key, portal.place, inside))
    yield from (by_code[code] for code in sorted(by_code))


def _divisions_above(code: str) -> list[Division]:
    """Return the province and the prefecture of a code, or itself if it is of one; [] for the code ""."""
    return [one for digits in (2, 4) if code and (one := division(code[:digits].ljust(6, "0"))) is not None]


def _division(one: Division) -> Match:
    inside = "".join(other.name for other in _divisions_above(one.code) if other.code != one.code)
    return Match(sort=MatchKind.DIVISION.value, id=one.code, name=one.name, zh=inside, en=inside)


def _past_divisions(words: str) -> Iterator[Match]:
    """Yield the former divisions that words name, each with those that now have its area."""
    for one in former_divisions(comparable_name(words))[:SHOWN]:
        heirs = heirs_today(one)
        codes, names = codes_and_names(heirs)
        key = "heirs" if len(heirs) > 1 else "heir" if heirs else "no_heir"
        values = {"since": one.until, "heirs": names, "codes": codes}
        now = in_both_languages(data_file("successors.toml")["division"][key], values)
        yield Match(
            sort=MatchKind.FORMER.value, id=one.code, name=one.name, zh=now[0], en=now[1],
            place=heirs[0].name if heirs else None,
        )  # fmt: skip


def _place(code: str, name: str, inside: str) -> _Named:
    match = Match(sort=MatchKind.PLACE.value, id=code, name=name, zh=inside, en=inside)
    return match, (code, inside + name, *spell(name))


def _portal(portal: Portal) -> _Named:
    what = " ".join(portal.hosts)
    match = Match(sort=MatchKind.PORTAL.value, id=portal.name, name=portal.place, zh=what, en=what)
    return match, (portal.name, *portal.hosts, *spell(portal.place))


@cache
def indicators() -> NameBook[Match]:
    """Return the indicators: totals first, then in the order of the form: the newest form, rates, former forms."""
    every = [one for one in measures().values() if not one.id.startswith(JOINED)]
    every.sort(key=lambda one: not one.id.endswith(".total"))
    sort = MatchKind.INDICATOR.value
    words: dict[str, list[str]] = data_file("english_names.toml")["figures"]
    return _book_of(
        (Match.of(one, sort=sort, name=one.zh, kind=None), (one.id, one.en, *words.get(one.id, ()))) for one in every
    )


def _book_of(things: Iterable[_Named]) -> NameBook[Match]:
    return NameBook((match, map(comparable_name, (match.name, *names))) for match, names in things)


def _in_chinese(text: str) -> str:
    """Translate a text's English words for agencies and places to Chinese, and drop words without meaning ("the")."""
    words: dict[str, str] = data_file("english_names.toml")["words"]
    translated = _english_words().sub(lambda match: f" {words.get(match[0].casefold(), '')} ", text)
    return translated if translated.strip() else text


@cache
def _english_words() -> re.Pattern[str]:
    """Return the pattern of all words in english_names.toml, the longest first."""
    table = data_file("english_names.toml")
    every = sorted([*table["words"], *table["omitted"]["words"]], key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(every)})\b", re.IGNORECASE | re.ASCII)


def gloss(name: str, place: str) -> str:
    """Return where an agency is, in pinyin, and what it is, in English: ``Wenshang · civil affairs``,
    ``Wenshang · Ciqiu town``; only the place if ``english_names.toml`` has no word for it.
    """
    english, kinds = _subjects(), data_file("english_names.toml")["kinds"]
    if town := _TOWN.fullmatch(name.rpartition(place)[2]):
        what = f"{spell(town[1]).full.capitalize()} {kinds[town[2]]}"
    else:
        own_name = name.replace(place, "")
        subjects = re.findall(any_word(english), own_name.replace("人民政府", ""))  # its 民政: no civil affairs
        what = ", ".join(english[one] for one in subjects) or kinds.get("".join(own_name.partition("人民政府")[1:]), "")
    return f"{place_in_pinyin(place)} · {what}" if what else place_in_pinyin(place)


def place_in_pinyin(place: str) -> str:
    """Return a place in pinyin, without the word for its kind: ``Wenshang``."""
    return spell(_DIVISION.sub("", place)).full.capitalize()


@cache
def _subjects() -> dict[str, str]:
    """Return by Chinese words what agencies are for in English (民政: civil affairs)."""
    table = data_file("english_names.toml")
    unspecific = table["unspecific"]["words"]
    return {chinese: word for word, chinese in reversed(table["words"].items()) if word not in unspecific}


# ---------------------------------------------------------------------------------------------- pinyin


class Spelling(NamedTuple):
    """A name in Latin letters: ``full`` (wenshangxian) and its ``initials`` (wsx)."""

    full: str
    initials: str


@lru_cache(maxsize=20_000)  # the same places and departments are spelt often
def spell(name: str) -> Spelling:
    """Return the pinyin of a name; characters that ``pinyin.toml`` lacks stay as they are."""
    words: Mapping[str, str] = data_file("pinyin.toml")["words"]
    pattern, characters = _readings()
    syllables = pattern.sub(lambda match: f" {words[match[0]]} ", name).translate(characters).split()
    initials = (one[0] if one.isascii() and one.isalpha() else one for one in syllables)
    return Spelling("".join(syllables), "".join(initials))


@cache
def _readings() -> tuple[re.Pattern[str], Mapping[int, str]]:
    """Return a pattern for words whose characters are pronounced unusually, and each character's usual pinyin."""
    table = data_file("pinyin.toml")
    usual: Mapping[str, str] = table["characters"]
    characters = {ord(one): f" {reading} " for reading, together in usual.items() for one in together}
    return re.compile(any_word(table["words"])), characters
