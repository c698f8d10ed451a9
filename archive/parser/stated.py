"""Figures that the text of a report states: compared with the table, and given apart where no table prints them.

They are never cells. ``stated.toml`` lists the clauses that count as unmistakable; every other sentence states nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from archive.findings import finding, first_of
from archive.forms.labels import fold_widths
from archive.forms.loader import form_of_year, known_form
from archive.forms.model import Form, Sum
from archive.identity.evidence import undisputed
from storage.records import Cell, Finding, Reading, Section

NAMED_FIGURES = 6  # that the finding names
QUOTED_CHARS = 120
LEFT_IN_YEARS = 3  # what is older is history
SENTENCE_MAX_CHARS = 600  # a longer one is a text without stops

_SENTENCE_END = re.compile(r"[。;；\n]")
_CLAUSE_END = re.compile(r"[,，:：]|\d+\.(?=[^\d])|[(][一二三四五六七八九十]{1,2}[)]")
_YEAR = re.compile(r"(?:19|20)\d\d(?=年)")
#: no characters of any text: they stand for the names of the agency, its year and the next. So the patterns, which are
#: slow to compile, are the same for all reports
_MARKS = {"AGENCY": "\ufdd0", "YEAR": "\ufdd1", "NEXT": "\ufdd2"}


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure that the text states. ``id``: a cell of the form, or a derived row; ``label``: what the form calls it.

    ``raw``: the clause as printed; ``section``: number of the reading's section, from 0; ``line``: of its text, from 1.
    """

    id: str
    label: str
    value: Decimal
    raw: str
    sentence: str
    section: int
    line: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """What one entry of ``stated.toml`` counts: ``what`` is the key under ``narrative`` of the forms.

    ``unless``: a word in the text with which the figure may mean more, so that it is compared but not given.
    """

    what: str
    rule: str
    zh: str
    en: str
    derived: str
    unless: str
    counts: re.Pattern[str]
    zero: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The phrases of ``stated.toml``, and what speaks of the agency itself and of others."""

    phrases: tuple[Phrase, ...]
    ours: re.Pattern[str]
    others: re.Pattern[str]
    former: re.Pattern[str]  # the beginning of a sentence on what the agency did in a year


@dataclass(frozen=True, slots=True)
class _Statement:
    phrase: Phrase
    value: Decimal
    clause: str
    sentence: str
    section: int
    line: int


def stated(reading: Reading) -> tuple[Stated, ...]:
    """Return the figures that the text states for tables which are not printed, in the order of the text."""
    form = form_of_text(reading)
    if not reading.is_report or form is None:
        return ()
    printed = {form.places[name].table for name in reading.cells if name in form.places}
    found: dict[str, list[Stated]] = {}
    for one in _statements(reading.sections, *undisputed(reading.identity)):
        if one.phrase.unless and one.phrase.unless in reading.text:
            continue
        for name, label in _cells_of(form, one):
            if form.places[_terms(form, one.phrase)[0][0]].table not in printed:
                figure = Stated(name, label, one.value, one.clause, one.sentence, one.section, one.line)
                found.setdefault(name, []).append(figure)
    return tuple(same[0] for same in found.values() if len({one.value for one in same}) == 1)


def stated_findings(figures: Iterable[Stated]) -> Iterator[Finding]:
    """Make the finding that the text states figures though no table prints them; nothing if there are none."""
    if known := list(figures):
        zh = first_of([f"{one.label} {one.value}" for one in known], NAMED_FIGURES, "；")
        en = first_of([f"{one.id} = {one.value}" for one in known], NAMED_FIGURES, ", ", " …")
        yield finding("figures_in_text", cells=[one.id for one in known], found=len(known), figures=(zh, en))


def form_of_text(reading: Reading) -> Form | None:
    """Return the form in whose terms a text is understood: that of its tables, else the one made for its year."""
    if reading.cells:
        return known_form(reading.form)
    year = undisputed(reading.identity)[1]
    return form_of_year(year) if year is not None else None


def compare_text(
    form: Form, cells: Mapping[str, Cell], sections: Sequence[Section], agencies: Sequence[str], year: int | None
) -> Iterator[Finding]:
    """Report each figure of the text that no reading of its words finds in the table."""
    for one in _statements(sections, agencies, year):
        counted = [terms for terms in form.narrative.get(one.phrase.what, ()) if _are_printed(terms, cells)]
        sums = [sum((cells[name].value or Decimal(0)) * sign for name, sign in terms) for terms in counted]
        if sums and counted[0] == form.narrative[one.phrase.what][0] and one.value not in sums:
            yield finding(
                "narrative_conflict",
                cells=[name for name, _ in counted[0]],
                expected=sums[0],
                found=one.value,
                rule=one.phrase.rule,
                what=(one.phrase.zh, one.phrase.en),
                quoted=one.sentence,
            )


def find_former_years(sections: Sequence[Section], agencies: Sequence[str], year: int | None) -> Iterator[Finding]:
    """Report the first sentence on what the agency itself did in a former year: such text was left in from then."""
    if year is None:
        return
    opening = _patterns(_are_governments(agencies)).former
    marks = _marks(agencies, year)
    sentences = (one for section in sections for one in _SENTENCE_END.split(section.text))
    for sentence in (one for one in sentences if len(one) <= SENTENCE_MAX_CHARS):
        found = opening.match(_put_marks(fold_widths(sentence), marks))
        if found and year - LEFT_IN_YEARS <= int(found["year"]) < year and str(year) not in sentence:
            quoted = sentence.strip()[:QUOTED_CHARS]
            yield finding("year_slip", case="former", expected=year, found=found["year"], year=year, quoted=quoted)
            return


def _are_printed(terms: Sum, cells: Mapping[str, Cell]) -> bool:
    """Whether a sum can be made of the table: all its cells are printed, and at least one is a number."""
    known = [cells.get(name) for name, _ in terms]
    return all(one is not None and not {"not_a_number", "not_integer"} & {*one.flags} for one in known) and any(
        one is not None and one.value is not None for one in known
    )


def _terms(form: Form, phrase: Phrase) -> Sum:
    """Return the sum that a phrase means by the form; empty if the form does not count it."""
    return next(iter(form.narrative.get(phrase.what, ())), ())


def _cells_of(form: Form, one: _Statement) -> Iterator[tuple[str, str]]:
    """Yield the id and label of what a statement gives a value; of none, each part is 0."""
    terms = _terms(form, one.phrase)
    if len(terms) > 1 and one.phrase.derived:
        yield one.phrase.derived, one.phrase.zh
    elif len(terms) == 1 or (one.value == 0 and all(sign > 0 for _, sign in terms)):
        yield from ((name, form.places[name].label) for name, _ in terms)


def _statements(sections: Sequence[Section], agencies: Sequence[str], year: int | None) -> Iterator[_Statement]:
    """Yield what the text states unmistakably of this agency and year. The section on problems speaks of next year."""
    if year is None:
        return
    patterns, marks = _patterns(_are_governments(agencies)), _marks(agencies, year)
    for number, section in enumerate(sections):
        if section.key == "problems":
            continue
        for line, text in enumerate(section.text.split("\n"), 1):
            for sentence in (one for one in _SENTENCE_END.split(text) if len(one) <= SENTENCE_MAX_CHARS):
                plain = fold_widths(sentence).lstrip(" .…")  # an excerpt may begin with an ellipsis
                if {*map(int, _YEAR.findall(plain))} <= {year, year + 1}:
                    for phrase, value, clause in _read_sentence(plain, patterns, marks):
                        yield _Statement(phrase, value, clause, sentence.strip()[:QUOTED_CHARS], number, line)


def _read_sentence(plain: str, patterns: _Patterns, marks: Mapping[str, str]) -> Iterator[tuple[Phrase, Decimal, str]]:
    """Yield the phrases of a sentence with their figures and clauses, up to where it speaks of others."""
    before = ""
    for clause in filter(None, _CLAUSE_END.split(plain)):
        if patterns.others.search(patterns.ours.sub("", before)):
            return
        marked = _put_marks(clause, marks)
        before += f",{marked}"
        pieces = [(piece, _put_marks(piece, marks)) for piece in clause.split("、")]
        for phrase in patterns.phrases:
            if phrase.zero and phrase.zero.fullmatch(marked):
                yield phrase, Decimal(0), clause
                continue
            for piece, text in pieces:
                if phrase.zero and phrase.zero.fullmatch(text):
                    yield phrase, Decimal(0), piece
                elif found := phrase.counts.fullmatch(text):
                    yield phrase, Decimal(found[found.lastindex or 0]), piece


def _are_governments(agencies: Sequence[str]) -> bool:
    return any(name.endswith(tuple(_data()["words"]["GOVERNMENTS"])) for name in agencies)


def _marks(agencies: Sequence[str], year: int) -> dict[str, str]:
    """Return what a mark stands for in a report of these agencies on this year, the longest names first."""
    names = dict.fromkeys(sorted(agencies, key=len, reverse=True), _MARKS["AGENCY"])
    return names | {f"{year}年": f"{_MARKS['YEAR']}年", f"{year + 1}年": f"{_MARKS['NEXT']}年"}


def _put_marks(text: str, marks: Mapping[str, str]) -> str:
    for word, mark in marks.items():
        text = text.replace(word, mark)
    return text


@cache
def _patterns(is_government: bool) -> _Patterns:
    """Return the patterns for reports of governments, which count their whole area, or of other agencies."""
    data = _data()
    words = {name: words for name, words in data["words"].items() if isinstance(words, str)} | _MARKS
    if is_government:
        words["OURS"] += f"|{words['AREA']}"

    def expand(pattern: str) -> str:
        for name, meaning in words.items():
            pattern = pattern.replace(name, f"(?:{meaning})")
        return pattern.replace("#", rf"(\d{{1,7}})(?:{words['UNIT']})")

    def make(patterns: Sequence[str]) -> re.Pattern[str]:
        return re.compile(expand(f"(?:OURS|TIME|LEAD)*(?:{'|'.join(patterns)})"))

    phrases = tuple(
        Phrase(
            what=entry["what"],
            rule=entry["rule"],
            zh=entry["words"]["zh"],
            en=entry["words"]["en"],
            derived=entry.get("derived", ""),
            unless=entry.get("unless", ""),
            counts=make(entry["counts"]),
            zero=make(entry["zero"]) if "zero" in entry else None,
        )
        for entry in data["phrase"]
    )
    ours = expand("OURS")
    former = rf"\s*(?P<year>20\d\d)年(?:度)?,?(?:{ours})(?!.*(?:{data['compares']['pattern']}))"
    return _Patterns(phrases, re.compile(ours), re.compile(data["others"]["pattern"]), re.compile(former))


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files("archive.parser").joinpath("stated.toml").read_text(encoding="utf-8"))
