"""Find figures that a report states in prose: compare them with its table, or list them if no table prints them.

They never become cells. Only clauses that match a pattern of ``stated.toml`` count; every other sentence is ignored.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from archive.findings import finding, first_of
from archive.forms.labels import fold_widths
from archive.forms.loader import form_of_year, known_form
from archive.forms.model import Form, Sum
from archive.identity.evidence import undisputed
from storage.records import Finding, Reading, Section, StatedFigure, StoredCell

NAMED_FIGURES = 6  # figures that the finding names
QUOTED_CHARS = 120
LEFT_IN_YEARS = 3  # a sentence on an older year is history, not left in by mistake
SENTENCE_MAX_CHARS = 600  # a longer one is text without full stops

_SENTENCE_END = re.compile(r"[。;；\n]")
_CLAUSE_END = re.compile(r"[,，:：]|\d+\.(?=[^\d])|[(][一二三四五六七八九十]{1,2}[)]")
_YEAR = re.compile(r"(?:19|20)\d\d(?=年)")
#: noncharacters that replace the agency's names, the report's year and the next year in a text: so the patterns, which
#: are slow to compile, are the same for all reports
_MARKS = {"AGENCY": "\ufdd0", "YEAR": "\ufdd1", "NEXT": "\ufdd2"}


class _Phrase(NamedTuple):
    """An entry of ``stated.toml``. ``counts``: pattern of a clause with a figure; ``zero``: of “there were none”."""

    entry: Mapping[str, Any]
    counts: re.Pattern[str]
    zero: re.Pattern[str]

    def sums(self, form: Form) -> tuple[Sum, ...]:
        """Return the sums of cells that this phrase may mean in a form, the form's own meaning first; () if none."""
        return form.narrative.get(self.entry["what"], ())


def find_stated_figures(reading: Reading) -> tuple[StatedFigure, ...]:
    """Return figures that a report's text states for tables that it does not print, in the order of the text; () if the
    form is unknown. Left out: cells with different stated values, and phrases that may mean more than their cells.
    """
    form = form_of_text(reading)
    if not reading.is_report or form is None:
        return ()
    printed = {form.places[name].table for name in reading.cells if name in form.places}
    figures: dict[str, list[StatedFigure]] = {}
    for phrase, one in _statements(reading.sections, *undisputed(reading.identity)):
        may_mean_more = phrase.entry.get("unless", "\0") in reading.text
        for terms in () if may_mean_more else phrase.sums(form)[:1]:
            if form.places[terms[0][0]].table not in printed:
                for name, label in _counted_cells(form, phrase, one.value, terms):
                    figures.setdefault(name, []).append(replace(one, id=name, label=label))
    return tuple(same[0] for same in figures.values() if len({one.value for one in same}) == 1)


def _counted_cells(form: Form, phrase: _Phrase, value: Decimal, terms: Sum) -> Iterator[tuple[str, str]]:
    """Yield id and label of what has the stated value: a derived row, one cell, or, if it is 0, each cell of a sum."""
    if len(terms) > 1 and "derived" in phrase.entry:
        yield phrase.entry["derived"], phrase.entry["words"]["zh"]
    elif len(terms) == 1 or (value == 0 and all(sign > 0 for _, sign in terms)):
        yield from ((name, form.places[name].label) for name, _ in terms)


def stated_findings(figures: Iterable[StatedFigure]) -> Iterator[Finding]:
    """Yield one finding that lists the figures which only the text states; none if there are no such figures."""
    if all_figures := list(figures):
        texts = [f"{one.label} {one.value}" for one in all_figures]
        lists = first_of(texts, NAMED_FIGURES, "；"), first_of(texts, NAMED_FIGURES, "; ", " …")
        yield finding("figures_in_text", cells=[one.id for one in all_figures], found=len(all_figures), figures=lists)


def form_of_text(reading: Reading) -> Form | None:
    """Return the form that says which cells a text's figures mean: that of the tables, else that of the year."""
    if reading.cells:
        return known_form(reading.form)
    year = undisputed(reading.identity)[1]
    return form_of_year(year) if year is not None else None


def compare_text(
    form: Form,
    cells: Mapping[str, StoredCell],
    numbers: Mapping[str, Decimal],
    sections: Sequence[Section],
    agencies: Sequence[str],
    year: int | None,
) -> Iterator[Finding]:
    """Yield a finding for each stated figure that differs from every sum of cells that its phrase may mean; none
    without ``year``. ``numbers``: of the cells that can be read, 0 for a blank; a sum of blanks only is not compared.
    """
    for phrase, one in _statements(sections, agencies, year):
        meanings = phrase.sums(form)
        readable = [terms for terms in meanings if all(name in numbers for name, _ in terms)]
        counted = [terms for terms in readable if any(cells[name].value is not None for name, _ in terms)]
        sums = [sum(numbers[name] * sign for name, sign in terms) for terms in counted]
        if sums and counted[0] == meanings[0] and one.value not in sums:
            entry = phrase.entry
            yield finding(
                "narrative_conflict",
                cells=[name for name, _ in counted[0]],
                expected=sums[0],
                found=one.value,
                what=(entry["words"]["zh"], entry["words"]["en"]),
                quoted=one.sentence,
            )


def find_former_years(sections: Sequence[Section], agencies: Sequence[str], year: int | None) -> Iterator[Finding]:
    """Yield a finding on the first sentence about the agency's own work of a former year, left in from that report."""
    if year is None:
        return
    words, marks = _vocabulary(agencies, year)
    for sentence in _SENTENCE_END.split("\n".join(section.text for section in sections)):
        plain = fold_widths(sentence) if len(sentence) <= SENTENCE_MAX_CHARS else ""
        match = words.earlier_year.match(_put_marks(plain, marks))
        if match and year - LEFT_IN_YEARS <= int(match["year"]) < year and str(year) not in sentence:
            quoted = sentence.strip()[:QUOTED_CHARS]
            yield finding("year_slip", case="former", expected=year, found=match["year"], year=year, quoted=quoted)
            return


def _statements(
    sections: Sequence[Section], agencies: Sequence[str], year: int | None
) -> Iterator[tuple[_Phrase, StatedFigure]]:
    """Yield each phrase (收到申请#件) with the figure stated for this agency and year; sentences that mention other
    years, and the section on problems (about the next year), are skipped.
    """
    if year is None:
        return
    words, marks = _vocabulary(agencies, year)
    for number, section in enumerate(sections):
        for line, text in enumerate(section.text.split("\n") if section.key != "problems" else (), 1):
            for sentence in (one for one in _SENTENCE_END.split(text) if len(one) <= SENTENCE_MAX_CHARS):
                plain = fold_widths(sentence).lstrip(" .…")  # an excerpt may begin with an ellipsis
                if {*map(int, _YEAR.findall(plain))} <= {year, year + 1}:
                    for phrase, value, clause in _read_sentence(plain, words, marks):
                        yield phrase, StatedFigure("", "", value, clause, sentence.strip()[:QUOTED_CHARS], number, line)


def _read_sentence(plain: str, words: _StatedWords, marks: Mapping[str, str]) -> Iterator[tuple[_Phrase, Decimal, str]]:
    """Yield (phrase, figure, clause) for each clause of a sentence, until one mentions another agency or time. A phrase
    that says "none" gives 0. ``marks``: name of the agency or year → letter that stands for it in the patterns.
    """
    before = ""
    for clause in filter(None, _CLAUSE_END.split(plain)):
        if words.others.search(words.ours.sub("", before)):
            return
        marked = _put_marks(clause, marks)
        before += f",{marked}"
        pieces = {piece: _put_marks(piece, marks) for piece in clause.split("、")}
        is_stated = any(map(words.any_phrase.fullmatch, (marked, *pieces.values())))  # ten times as fast as to try each
        for phrase in words.phrases if is_stated else ():
            texts = {clause: marked} if len(pieces) > 1 and phrase.zero.fullmatch(marked) else pieces
            for piece, text in texts.items():
                if phrase.zero.fullmatch(text):
                    yield phrase, Decimal(0), piece
                elif match := phrase.counts.fullmatch(text):
                    yield phrase, Decimal(match[match.lastindex or 0]), piece


def _vocabulary(agencies: Sequence[str], year: int) -> tuple[_StatedWords, dict[str, str]]:
    """Return the patterns, and name or year → mark: what to replace in a report of these agencies on this year."""
    governments = tuple(_data()["words"]["GOVERNMENTS"])
    names = dict.fromkeys(sorted(agencies, key=len, reverse=True), _MARKS["AGENCY"])
    years = {f"{year}年": f"{_MARKS['YEAR']}年", f"{year + 1}年": f"{_MARKS['NEXT']}年"}
    return _words(any(name.endswith(governments) for name in agencies)), names | years


def _put_marks(text: str, marks: Mapping[str, str]) -> str:
    for word, mark in marks.items():
        text = text.replace(word, mark)
    return text


class _StatedWords(NamedTuple):
    """The phrases, one pattern of them all, and patterns of words for the agency itself, others, and a former year."""

    phrases: tuple[_Phrase, ...]
    any_phrase: re.Pattern[str]
    ours: re.Pattern[str]
    others: re.Pattern[str]
    earlier_year: re.Pattern[str]


@cache
def _words(is_government: bool) -> _StatedWords:
    """Return the patterns for a government's report (it counts its whole area, 全市), or another agency's. In the data,
    capitals stand for lists of words, and ``#`` for a number with its unit.
    """
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

    phrases = tuple(_Phrase(one, make(one["counts"]), make(one.get("zero", ["(?!)"]))) for one in data["phrase"])
    any_phrase = make([pattern for one in data["phrase"] for pattern in (*one["counts"], *one.get("zero", ()))])
    ours = expand("OURS")
    earlier_year = rf"\s*(?P<year>20\d\d)年(?:度)?,?(?:{ours})(?!.*(?:{data['compares']['pattern']}))"
    return _StatedWords(phrases, any_phrase, *map(re.compile, (ours, data["others"]["pattern"], earlier_year)))


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files("archive.parser").joinpath("stated.toml").read_text(encoding="utf-8"))
