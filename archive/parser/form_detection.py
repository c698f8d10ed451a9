"""Recognise which national form a document's tables follow, by the labels that only one form has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from functools import cache, cached_property
from types import MappingProxyType
from typing import NamedTuple

from archive.forms.loader import form as form_of
from archive.forms.loader import load_forms
from archive.forms.model import Form, TablePlan
from archive.forms.spelling import key
from archive.parser.form_years import CLEARLY, Era, era
from archive.parser.labels import is_caption, names_a_strip
from archive.parser.rows import Row
from archive.parser.text_classes import classes_of

_LINE = 90  # longer texts are narrative
_SEVERAL = 5  # rows of the applications table that make one


@cache
def distinctive_labels() -> dict[str, dict[str, frozenset[str]]]:
    """Table key → form name → label keys that no other form's table of this key has (not even as part of a label)."""
    forms = load_forms()
    spellings = {(form.name, table.key): frozenset(_spellings(table)) for form in forms for table in form.tables}
    result: dict[str, dict[str, frozenset[str]]] = {}
    for (name, table_key), own in spellings.items():
        others = {s for (form, table), found in spellings.items() if form != name and table == table_key for s in found}
        distinctive = {s for s in own if len(s) >= 4 and not any(s in other or other == s for other in others)}
        result.setdefault(table_key, {})[name] = frozenset(distinctive)
    return result


def _spellings(table: TablePlan) -> Iterable[str]:
    for row in table.rows:
        yield key(row.label)
        yield from (key(text) for text in (*row.variants, *row.groups))
        for column in row.columns:
            yield key(column.label)
            yield from (key(text) for text in column.variants)


class Recognised(NamedTuple):
    """``forms``: table key → form, for ``proactive`` (if it tells) and ``applications`` (always, when any table was
    recognised). ``beside``: form
    name → places of columns in its words that stand in the table ``proactive`` of another form. ``own``: the places of
    that form whose columns stand there in words of its own.
    """

    forms: dict[str, Form]
    beside: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    own: tuple[str, ...] = ()


def detect_form(rows: Sequence[Row], year: int | None = None) -> Recognised:
    """Which form the rows of a document follow. ``year``: that of the report, which decides where forms fit alike
    (:mod:`archive.parser.form_years`).
    """
    words = _label_words(rows)
    hits = {row.hit.table for row in rows if row.hit is not None}
    if not hits and not any(row.kind == "header" for row in rows):
        return Recognised({})
    fits = _Fits(rows, words)
    own = era(year)
    found = _forms(fits, own)
    beside = _columns_of_forms(fits, found.get("proactive"))
    printed = beside.pop(found["proactive"].name) if beside else ()
    return Recognised(found, beside, printed)


def _columns_of_forms(fits: _Fits, own: Form | None) -> dict[str, tuple[str, ...]]:
    """Form name → places of the columns of its table ``proactive`` whose words no other form has and that stand here.

    ``own``: the form that this table follows, its places too; nothing where no other form has any. Rows that a later
    form dropped are left in by many: they tell nothing.
    """
    printed = fits.distinctive["proactive"]
    others = [name for name, hits in printed.items() if hits and own is not None and name != own.name]
    if not others or own is None or not printed[own.name]:
        return {}
    labels = {classes_of(text).key for row in fits.rows for text in row.texts if len(text) <= _LINE}
    distinctive = distinctive_labels()["proactive"]
    found = {name: tuple(_columns_in(form_of(name), own, labels & distinctive[name])) for name in others}
    found = {name: places for name, places in found.items() if places}
    return {**found, own.name: tuple(_columns_in(own, own, labels & distinctive[own.name]))} if found else {}


def _columns_in(form: Form, own: Form, labels: Set[str]) -> Iterator[str]:
    """The places of a form's table ``proactive`` whose column is so called, in rows that the form ``own`` has too."""
    rows = {row.id for row in own.table("proactive").rows}
    for row in form.table("proactive").rows:
        for column in row.columns if row.id in rows else ():
            if not labels.isdisjoint(map(key, (column.label, *column.variants))):
                yield f"{row.id}.{column.id}"


class _Fits:
    """How well each form fits the rows of a document: each measure is taken once."""

    def __init__(self, rows: Sequence[Row], words: str) -> None:
        self.rows = rows
        self.words = words

    @cached_property
    def distinctive(self) -> Mapping[str, Mapping[str, int]]:
        """Table key → form → how many of the labels stand here that no other form has."""
        return {
            table: {name: sum(label in self.words for label in labels) for name, labels in of_forms.items()}
            for table, of_forms in distinctive_labels().items()
        }

    @cached_property
    def label_scores(self) -> Mapping[str, int]:
        """Form → how many of its labels stand here, less those missing between them."""
        named = {name for row in self.rows if row.hit is not None for name in row.hit.ids}
        return {form.name: _label_score(form, named, self.words) for form in load_forms()}

    @cached_property
    def own_wordings(self) -> Mapping[str, int]:
        """Form → how many of its rows stand here in words of its own, and not only in those of another form."""
        return {
            form.name: sum(any(label in self.words for label in labels) for labels in rows)
            for form, rows in ((form, _row_labels(form.name)) for form in load_forms())
        }

    @cached_property
    def own_row(self) -> Form | None:
        """See :func:`_by_rows`."""
        return _by_rows(self.rows)

    @cached_property
    def captioned(self) -> bool:
        """See :func:`_captioned`."""
        return _captioned(self.rows)

    @cached_property
    def has_table(self) -> bool:
        """See :func:`_has_table`."""
        return _has_table(self.rows, self.words)

    def clearly(self, form: Form, of: Era, telling: Mapping[str, int]) -> bool:
        """Whether a form may be believed: it existed, or fits clearly better than each that did."""
        if form.name not in of.later:
            return True
        rivals = [name for name in of.forms if name not in of.later]
        lead = [telling.get(form.name, 0) - telling.get(name, 0) for name in rivals]
        return all(
            more >= CLEARLY or more + self.label_scores[form.name] - self.label_scores[name] >= CLEARLY
            for more, name in zip(lead, rivals, strict=True)
        )


def _forms(fits: _Fits, of: Era) -> dict[str, Form]:
    """Table key → form, for a report of an era."""
    proactive = _best("proactive", fits, of)
    applications = _best("applications", fits, of)
    if applications is None and fits.own_row is not None and fits.clearly(fits.own_row, of, {}):
        applications = fits.own_row
    if proactive is None and applications is None:
        if not fits.has_table:
            return {}
        applications = _likely(fits, of)
    result = {"applications": applications or proactive or _likely(fits, of)}
    if proactive is not None or fits.captioned:
        result["proactive"] = proactive or result["applications"]
    return result


def _label_words(rows: Sequence[Row]) -> str:
    """The keys of all labels, joined within a row: one may be torn over its cells."""
    return "|".join(["".join([classes_of(text).key for text in row.texts if len(text) <= 2 * _LINE]) for row in rows])


def _likely(fits: _Fits, of: Era) -> Form:
    """The form most of whose labels stand here and fewest are missing between them, of equals the one that is meant.

    Nothing in the tables is one form's alone; but what one form prints between two of these rows would stand there too.
    """
    behind = CLEARLY - 1
    return max(
        load_forms(),
        key=lambda form: (
            fits.label_scores[form.name] + fits.own_wordings[form.name] - (behind if form.name in of.later else 0),
            of.rank(form),
        ),
    )


@cache
def _row_labels(name: str) -> tuple[tuple[str, ...], ...]:
    """The spellings of each row of a form."""
    rows = (row for table in form_of(name).tables for row in table.rows)
    return tuple(tuple(map(key, (row.label, *row.variants))) for row in rows)


def _label_score(form: Form, named: Collection[str], words: str) -> int:
    labels = (key(column.label) for table in form.tables if table.layout == "strip" for column in table.columns)
    found = missing = 0
    for table in form.tables:
        places = [at for at, row in enumerate(table.rows) if row.id in named]
        found += len(places)
        missing += max(places) + 1 - min(places) - len(places) if places else 0
    return found - missing + sum(label in words for label in labels)


def _by_rows(rows: Sequence[Row]) -> Form | None:
    """The one form that prints a row whose words stand before figures, elsewhere only over others (（六）其他处理).

    With more words between them and the figures they stand over others: these are the label of one.
    """
    named = {name for row in rows if row.hit is not None and _has_figures(row) for name in row.hit.ids}
    found = [form for form in load_forms() if named & _own_rows()[form.name]]
    return found[0] if len(found) == 1 else None


def _has_figures(row: Row) -> bool:
    """Whether figures stand right behind a row's label."""
    return row.numbers > 0 and classes_of(row.items[0].text).value


@cache
def _own_rows() -> dict[str, frozenset[str]]:
    """Form name → ids of its rows whose label no other form has for a row, but one has for a group of rows."""
    forms = load_forms()
    labels = {form.name: {key(row.label): row.id for table in form.tables for row in table.rows} for form in forms}
    groups = {key(group) for form in forms for table in form.tables for row in table.rows for group in row.groups}
    return {
        name: frozenset(
            row
            for label, row in own.items()
            if label in groups and not any(label in other for form, other in labels.items() if form != name)
        )
        for name, own in labels.items()
    }


def _captioned(rows: Sequence[Row]) -> bool:
    """Whether a caption (第二十条第…项) stands over rows: 行政许可 alone may be a row of any table."""
    return any(row.kind == "caption" or any(is_caption(text) for text in row.texts) for row in rows)


def _has_table(rows: Sequence[Row], words: str) -> bool:
    """Whether a table of the form is there though nothing tells whose: captions, several rows, one below the corner
    that no other table has, or the remedies.
    """
    known = {row.hit.ids for row in rows if row.hit is not None and row.hit.table == "applications"}
    if _captioned(rows) or len(known) >= _SEVERAL or names_a_strip(words):
        return True
    return (bool(known) and any(classes_of(text).corner for row in rows for text in row.texts)) or _strip_of_figures(
        rows, words
    )


def _strip_of_figures(rows: Sequence[Row], words: str) -> bool:
    """Whether the remedies table stands here, its header in pieces: what its blocks are of, and a row without a label
    that has a figure for each of its columns.
    """
    for form in load_forms():
        for table in form.tables:
            if table.layout == "strip" and all(key(plan.label) in words for plan in table.rows):
                size = sum(len(plan.columns) for plan in table.rows)
                return any(row.kind == "data" and row.hit is None and row.numbers == size for row in rows)
    return False


def _best(table: str, fits: _Fits, of: Era) -> Form | None:
    """The form with the most telling labels in the text; None if none, a draw, or one that came later by too little."""
    scores = fits.distinctive.get(table, {})
    ranked = sorted(scores.items(), key=lambda pair: -pair[1])
    if not ranked or ranked[0][1] == 0 or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    best = next(form for form in load_forms() if form.name == ranked[0][0])
    return best if fits.clearly(best, of, scores) else None
