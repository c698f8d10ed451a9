"""Figures that the text of a report states where the form's table is not printed. They are never cells.

A cell is what a table prints; a sentence counts as its writer likes, and a report that says 未收到申请 with its tables
lost prints no 0. So these figures are given beside the cells, each with its sentence, and only where they are certain:
a whole statement on this body and this year, that names a row of the form, its total or one of its columns. What two
sentences state differently is left out; so are shares, rounded figures, and parts of what is not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from archive.findings import finding, first_of
from archive.forms.loader import all_forms, known_form, old_form
from archive.forms.model import Form, RowPlan
from archive.forms.spelling import fold, key
from archive.identity.evidence import undisputed
from archive.parser.narrative import STOP, comparable, is_of_former, paragraphs
from archive.parser.narrative_bodies import Reporter, reporter_of
from archive.parser.narrative_figures import COUNT, NEXT, Masked, excerpt, mask
from archive.parser.narrative_headings import FIRST, SectionTracker
from archive.parser.narrative_words import (
    Phrase,
    PhraseMatch,
    compiled,
    is_exact,
    names_other_matter,
    phrases_for,
    words,
)
from storage.records import Finding, Reading, Section

_MOST_NAMED = 6  # figures named in the finding
_TOTAL = "total"
_RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure that the text states. ``id``: of the form's cell, or of a derived row; ``label``: what the form calls
    it.

    ``raw``: as printed, without blanks, and ``sentence``: the words about it; ``section``: which of the reading's, from
    0; ``line``: of its text, from 1, in which the paragraph begins.
    """

    id: str
    label: str
    value: Decimal
    raw: str
    sentence: str
    section: int
    line: int


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of this year, its figures masked.

    ``section``: key of the section that it stands in, by its own heading or one within it; ``before``: what the section
    says before it, folded.
    """

    plain: str
    masked: Masked
    section: str
    body: Reporter
    before: str

    def exact(self, mark: int, begin: int) -> bool:
        """Whether the figure at ``mark`` is this year's and this body's, and a count of applications or cases.

        ``begin``: where the words that count it begin.
        """
        since = self.masked.text.rfind(";", 0, mark) + 1
        own = words().stated
        if self.masked.count_at(mark).unit not in own["units"] or compiled(own["never"]).search(
            self.masked.text[:mark]
        ):
            return False
        return is_exact(self.masked.text, since, mark, self.body.is_others, begin)

    def plain_at(self, begin: int) -> bool:
        """Whether before the words at ``begin`` stands nothing but the body itself, when, how, and that it is about
        disclosure (政府信息公开行政复议).
        """
        since = self.masked.text.rfind(";", 0, begin) + 1
        about = compiled(words().stated["about"]).search(self.masked.text, since, begin)
        return self.body.is_plain(self.masked.text, since, about.start() if about else begin)

    def is_on_disclosure(self, begin: int, end: int) -> bool:
        """Whether the applications counted from ``begin`` to ``end`` are those to disclose information.

        They are if the words say so; else if the section is about them, and neither what stands before names another
        matter last (行政许可方面), nor what stands behind any (均为复议申请).
        """
        text, own = self.masked.text, words()
        if own.disclosure.search(text, begin, end):
            return True
        before = self.before + text[:begin]
        other = names_other_matter(before, len(before), compiled(own.stated["other"]))
        return not other and compiled(own.stated["other_behind"]).search(text, end) is None


def stated(reading: Reading) -> tuple[Stated, ...]:
    """Return the figures that a reading's text states for tables of its form that are not printed, in the order of the
    text.
    """
    agencies, year = undisputed(reading.identity)
    form = form_of_text(reading)
    if not reading.is_report or form is None or year is None:
        return ()
    printed = {form.places[name].table for name in reading.cells if name in form.places}
    missing = {table.key for table in form.tables} - printed
    if not missing:
        return ()
    carried = any(words().stated["carried"] in fold(part.text) for part in reading.sections)
    figures: dict[str, list[Stated]] = {}
    for number, part in enumerate(reading.sections):
        if part.key == "problems":  # speaks of next year
            continue
        for line, sentence in _sentences(part, year, reporter_of(agencies)):
            for name, value, at in _figures(form, sentence, carried=carried):
                table, label = _place_of(form, name)
                if table in missing:
                    raw, about = _printed_figure(sentence, at)
                    figures.setdefault(name, []).append(Stated(name, label, value, raw, about, number, line + 1))
    return tuple(statements[0] for statements in figures.values() if len({one.value for one in statements}) == 1)


def stated_findings(figures: Iterable[Stated]) -> Iterator[Finding]:
    """Make the finding that the text states figures though no table prints them; nothing if there are none."""
    known = list(figures)
    if known:
        zh = first_of([f"{one.label} {one.value}" for one in known], _MOST_NAMED, "；")
        en = first_of([f"{one.id} = {one.value}" for one in known], _MOST_NAMED, ", ", " …")
        yield finding("figures_in_text", cells=[one.id for one in known], found=len(known), figures=(zh, en))


def form_of_text(reading: Reading) -> Form | None:
    """The form in whose terms the text of a report is understood: that of its tables, else the one made for its year.

    Headings of before 2019 alone are no table: what such a report says is of the form made for its year.
    """
    year = undisputed(reading.identity)[1]
    if reading.form is not None and (reading.cells or reading.form != old_form().name):
        return known_form(reading.form)
    forms_of_year = (
        one for one in all_forms() if year is not None and one.first_year <= year <= (one.last_year or year)
    )
    return next(forms_of_year, None)


def _place_of(form: Form, name: str) -> tuple[str, str]:
    """Key of the table, and label, of a cell or derived total; "" for what the form has not."""
    bridge = next((bridge for bridge in form.bridges if name == f"{bridge.id}.{_TOTAL}"), None)
    place = form.places.get(f"{bridge.rows[0]}.{_TOTAL}" if bridge else name)
    if place is None:
        return "", ""
    label = bridge.label if bridge else place.label
    return place.table, label


def _sentences(part: Section, year: int, body: Reporter) -> Iterator[tuple[int, _Sentence]]:
    """Sentences of this year alone, each with the line of its paragraph."""
    heading, before = SectionTracker(part.key), ""
    for line, paragraph in paragraphs(part.text):
        former = False
        if paragraph[0] in FIRST:
            heading.see(paragraph)
        for sentence in STOP.split(paragraph):
            earlier, before = before, before + fold(sentence) + ";"
            plain = comparable(sentence, year)
            if plain is None:
                continue
            masked = mask(plain, year)
            former = is_of_former(masked.text, former)
            if not former and NEXT not in masked.text and not masked.former:
                yield line, _Sentence(plain, masked, heading.section, body, earlier)


def _figures(form: Form, sentence: _Sentence, *, carried: bool) -> Iterator[tuple[str, Decimal, int | None]]:
    """Ids with their figures and the place of the mark; None where the sentence says that there was none."""
    text, known = sentence.masked.text, words()
    here = frozenset(word for word in (*known.topics, *known.keys) if word in sentence.plain)
    outcomes: list[tuple[str, int, int]] = []
    for phrase in phrases_for(here, sentence.section):
        if phrase.other is not None:  # what stands before it must be known
            continue
        match = phrase.match(sentence.masked, sentence.body.is_others)
        if match is None:
            if _is_none(phrase, sentence):
                yield from ((name, Decimal(0), None) for name in _summed(form, phrase))
            continue
        if (name := _counted_cell(form, phrase)) is None:
            continue
        if phrase.list and phrase.is_of_all(text[match.begin : match.end]):  # not told by its reason
            outcomes.append((name, match.mark, match.begin))
        elif _counts_everything(phrase, match, sentence) and _is_new(
            phrase, text[match.begin : match.end], carried=carried
        ):
            yield from _total_and_parts(form, name, sentence, match.mark, match.end)
    if compiled(known.stated["matters"]).search(sentence.plain) is None:
        yield from _labelled_line(form, sentence)
        yield from _listed_outcomes(form, sentence, outcomes)


def _listed_outcomes(
    form: Form, sentence: _Sentence, outcomes: Sequence[tuple[str, int, int]]
) -> Iterator[tuple[str, Decimal, int | None]]:
    """The outcomes that a sentence lists, each with the place of its figure and the begin of its words."""
    if len(outcomes) >= words().stated["least"]:
        for name, at, begin in outcomes:
            if sentence.exact(at, begin):
                yield from _total_and_parts(form, name, sentence, at, at + 1)
    if outcomes:
        yield from _outcome_rows(form, sentence)


def _counts_everything(phrase: Phrase, match: PhraseMatch, sentence: _Sentence) -> bool:
    """Whether a match counts all of what its phrase counts, exactly, of this body and year."""
    text = sentence.masked.text
    return (
        sentence.exact(match.mark, match.begin)
        and sentence.plain_at(match.begin)
        and (phrase.what != _RECEIVED or sentence.is_on_disclosure(match.begin, match.end))
        and phrase.is_of_all(text[match.begin : match.end])
        and words().behind.match(text, match.end) is not None
        and not _breaks_off(text, match.end)
    )


def _is_none(phrase: Phrase, sentence: _Sentence) -> bool:
    """Whether a sentence says that there was none at all of what a phrase counts."""
    text = sentence.masked.text
    none = phrase.none(text, sentence.body.is_others) if phrase.what in words().stated["none"] else None
    if none is None or _breaks_off(text, none.end):
        return False
    if phrase.what == _RECEIVED and not sentence.is_on_disclosure(none.begin, none.end):
        return False
    matched = text[none.begin : none.end]
    return phrase.is_of_all(matched) and _is_of_none(matched)


def _summed(form: Form, phrase: Phrase) -> Iterator[str]:
    """The cells that a phrase counts together: where there was none of all, there was none of each."""
    for terms in form.narrative.get(phrase.what, ())[:1]:
        yield from (name for name, sign in terms if sign > 0)


def _counted_cell(form: Form, phrase: Phrase) -> str | None:
    """The one cell, or derived total, that a phrase counts; None where it may mean several or a difference.

    What was received is taken for what is new: where that is not certain, :func:`_is_new` says so.
    """
    sums = form.narrative.get(phrase.what, ())
    if not sums or phrase.total or (len(sums) > 1 and phrase.what != _RECEIVED):
        return None
    names = tuple(name for name, sign in sums[0] if sign > 0)
    if len(names) == len(sums[0]) == 1:
        return names[0]
    totals = {tuple(f"{row}.{_TOTAL}" for row in bridge.rows): f"{bridge.id}.{_TOTAL}" for bridge in form.bridges}
    return totals.get(names)


def _is_new(phrase: Phrase, matched: str, *, carried: bool) -> bool:
    own = words().stated
    if phrase.what != _RECEIVED or own["new"] in matched:
        return True
    return not carried and compiled(own["received"]).search(matched) is not None


def _is_of_none(matched: str) -> bool:
    """Whether none was received where it says so: that none was taken up (未受理) leaves open what was."""
    return "受理" not in matched or compiled(words().stated["received"]).search(matched) is not None


def _breaks_off(text: str, end: int) -> bool:
    """Whether the sentence breaks off in brackets that explain what it says up to ``end``: it may be taken back."""
    return text.startswith("(", end) and text.find(")", end) < 0


def _total_and_parts(
    form: Form, name: str, sentence: _Sentence, total: int, start: int
) -> Iterator[tuple[str, Decimal, int | None]]:
    """A row's total and the columns listed right behind it: 12件，其中自然人10件、商业企业2件. Nothing where these are
    more than it.
    """
    value = sentence.masked.count_at(total).value
    place = form.places.get(name)
    found = list(_column_parts(place.row, sentence, start)) if place else []
    if sum(part for _, part, _ in found) <= value:
        yield name, value, total
        yield from found


def _column_parts(row: RowPlan, sentence: _Sentence, start: int) -> Iterator[tuple[str, Decimal, int | None]]:
    columns = _columns(row)
    chain, item, behind = _chain(tuple(columns))
    text = sentence.masked.text
    begun = chain.match(text, start)
    at = begun.end() if begun else start
    while (match := item.match(text, at)) is not None and sentence.exact(match.end() - 1, match.start()):
        mark = match.end() - 1
        yield f"{row.id}.{columns[match['label']]}", sentence.masked.count_at(mark).value, mark
        between = behind.match(text, match.end())
        at = between.end() if between else match.end()


def _columns(row: RowPlan) -> Mapping[str, str]:
    """Label → id of a row's columns, as a text may call them; the total and what is only 其他 left out."""
    own = words().stated
    named = {
        label: column.id
        for column in row.columns
        if column.id != _TOTAL
        for label in map(key, (column.label, *column.variants))
        if len(label) >= own["shortest"]
    }
    short = {label: name for name, labels in own["columns"].items() for label in labels if name in named.values()}
    return named | short


@lru_cache(maxsize=64)
def _chain(labels: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    own = words().stated
    return compiled(own["chain"]), _labelled(own["item"], labels), compiled(own["next"])


def _labelled(pattern: str, labels: Iterable[str]) -> re.Pattern[str]:
    longest = sorted(labels, key=len, reverse=True)
    return compiled(pattern.replace("ROW", "|".join(map(re.escape, longest)) or "(?!)"))


def _labelled_line(form: Form, sentence: _Sentence) -> Iterator[tuple[str, Decimal, int | None]]:
    """A sentence that is nothing but a row's label and its total, and perhaps its parts: （一）予以公开：8件."""
    at = sentence.masked.text.find(COUNT)
    figure = sentence.masked.count_at(at) if at >= 0 else None
    if figure is None or not sentence.exact(at, 0):
        return
    label = key(sentence.plain[: figure.start].rstrip(words().stated["behind"]))
    name = _labels(form.name, 0).get(label) if label else None
    rest = sentence.masked.text[at + 1 :].strip(words().stated["ends"])
    if name is not None:
        found = list(_total_and_parts(form, name, sentence, at, at + 1))
        if not rest or len(found) > 1:
            yield from found


def _outcome_rows(form: Form, sentence: _Sentence) -> Iterator[tuple[str, Decimal, int | None]]:
    """Rows of outcomes that the sentence names by their label: 属于国家秘密1件."""
    labels, pattern = _outcomes(form.name)
    for match in pattern.finditer(sentence.masked.text):
        at = sentence.masked.text.index(COUNT, match.start())
        if sentence.exact(at, match.start("label")):
            yield labels[match["label"]], sentence.masked.count_at(at).value, at


@lru_cache(maxsize=8)
def _outcomes(name: str) -> tuple[Mapping[str, str], re.Pattern[str]]:
    labels = _labels(name, 2)
    return labels, _labelled(words().stated["row"], labels)


@lru_cache(maxsize=8)
def _labels(name: str, depth: int) -> Mapping[str, str]:
    """The labels, each of one row alone, that stand below so many others, and the ids of these rows' totals."""
    form = known_form(name)
    if form is None:
        return {}
    rows = [row for table in form.tables if table.layout != "blocks" for row in table.rows if len(row.groups) >= depth]
    called = [(row.id, (row.label, *row.variants)) for row in rows]
    called += [(bridge.id, (bridge.label,)) for bridge in form.bridges if depth == 0]
    named: dict[str, set[str]] = {}
    for own, labels in called:
        for label in map(key, labels):
            if len(label) > words().stated["shortest"]:
                named.setdefault(label, set()).add(f"{own}.{_TOTAL}")
    return {label: next(iter(ids)) for label, ids in named.items() if len(ids) == 1}


def _printed_figure(sentence: _Sentence, at: int | None) -> tuple[str, str]:
    """The figure as printed and the words about it; where the sentence says that there was none, these alone."""
    if at is None:
        about = excerpt(sentence.plain, 0)
        return about, about
    figure = sentence.masked.count_at(at)
    return sentence.plain[figure.start : figure.end], excerpt(sentence.plain, figure.start)
