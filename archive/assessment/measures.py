"""The measures that a series can be asked for: cells of the forms, sums of cells, and rates. Pure.

The same cell id in two forms is the same indicator. The ``[[bridge]]`` sums of the form files join rows that one form
prints as one row and another as three. ``archive/forms/crosswalk.toml`` names further cells that continue in another
form; where these count only nearly the same, a measure of its own, ``joined.…``, joins them. Rates are defined in
``measures.toml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from archive.assessment.data_files import data_file
from archive.forms.indicators import Crossing, Crosswalk, crosswalks, english
from archive.forms.loader import all_forms
from archive.forms.model import Form, Sum

PREFIX = "derived."
#: Prefix of a measure that joins an indicator's figures with those that other forms count nearly the same.
JOINED = "joined."
#: A rate of fewer cases means little, so every answer marks it as small.
SMALL = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """An indicator, sum or rate that a question can ask for; ``zh`` and ``en`` define it in words.
    ``kind``: as in the forms (``count stock signed_count printed_sum amount open_amount``), or ``rate``. ``unit``: as
    the form prints it, "" for a rate. ``terms``: form → the cells to add, each with its sign; for a rate those of the
    numerator, and ``under`` those of the denominator. ``share``: True for a rate between 0 and 1. ``crossings``: its
    entries in the crosswalk between forms. ``nearly``: the forms whose figures count only nearly the same.
    """

    id: str
    kind: str
    unit: str
    zh: str
    en: str
    terms: Mapping[str, Sum]
    under: Mapping[str, Sum] = field(default_factory=dict)
    share: bool = False
    crossings: tuple[Crosswalk, ...] = ()
    nearly: frozenset[str] = frozenset()

    @property
    def is_rate(self) -> bool:
        """True if it is a quotient; rates of several agencies cannot be added up."""
        return self.kind == "rate"

    @property
    def derived(self) -> bool:
        """True if no form prints it."""
        return self.id.startswith((PREFIX, JOINED))

    @property
    def forms(self) -> tuple[str, ...]:
        """Return the names of the forms that print every cell it needs."""
        return tuple(name for name in self.terms if not self.is_rate or name in self.under)

    @property
    def places(self) -> tuple[str, ...]:
        """Return the ids of all cells that it uses in any form."""
        sums = (*self.terms.values(), *self.under.values())
        return tuple(dict.fromkeys(place for terms in sums for place, _ in terms))


@cache
def measures() -> Mapping[str, Measure]:
    """Return all measures by id: cells in the order of the newest form, then sums, rates and ``joined.`` measures."""
    forms = all_forms()
    cells = {one.id: one for one in (*_cell_measures(forms), *_bridge_measures(forms))}  # and sums of cells
    across_forms = {name: _with_crosswalk(one) for name, one in cells.items()}
    rates = {one.id: one for one in (_rate(entry, forms, cells) for entry in data_file("measures.toml")["rate"])}
    joined = {one.id: one for one in map(_joined_measure, across_forms.values()) if one is not None}
    return {**across_forms, **rates, **joined}


def find(name: str) -> Measure | None:
    """Return the measure with the id ``name``, which may lack its prefix ``derived.``; None if there is none."""
    by_id = measures()
    return by_id.get(name) or by_id.get(PREFIX + name)


def cells_of(name: str, form: str | None) -> tuple[str, ...]:
    """Return the ids of the cells of a form that a measure adds up; () if it has none there or is unknown."""
    measure = find(name)
    return tuple(place for place, _ in measure.terms.get(form or "", ())) if measure else ()


def _with_crosswalk(measure: Measure) -> Measure:
    """Add to a measure its crosswalk entries and the cells of other forms that count the same; unchanged if none."""
    own = tuple(one for one in crosswalks() if measure.id == one.id or measure.id in one.places)
    if not own:
        return measure
    same = {one.form: one.terms for one in own if one.kind is Crossing.SAME and one.id == measure.id}
    return replace(measure, terms={**same, **measure.terms}, crossings=own)


def _joined_measure(measure: Measure) -> Measure | None:
    """Return the ``joined.`` measure: with the cells of other forms that count nearly the same. None if none does."""
    crossings = [one for one in measure.crossings if one.kind is Crossing.NEAR and one.id == measure.id]
    if not crossings:
        return None
    return replace(
        measure,
        id=JOINED + measure.id,
        zh=f"{measure.zh}（连同其他格式中口径相近的数）",
        en=f"{measure.en}, joined with what other forms count nearly the same",
        terms={**{one.form: one.terms for one in crossings}, **measure.terms},
        nearly=frozenset(one.form for one in crossings),
    )


def _cell_measures(forms: Sequence[Form]) -> Iterator[Measure]:
    """Yield a measure for each cell of any form, those of the newest form first."""
    ids = dict.fromkeys(cell for form in reversed(forms) for cell in form.ids)
    for cell in ids:
        forms_with_it = [form for form in forms if cell in form.places]
        place = forms_with_it[-1].places[cell]
        labels = (*place.row.groups, place.row.label, place.column.label)
        yield Measure(
            id=cell,
            kind=place.kind,
            unit=place.unit,
            zh=" / ".join(labels),
            en=english(labels) or f"as printed: {' / '.join(labels)}",
            terms={form.name: ((cell, 1),) for form in forms_with_it},
        )


def _bridge_measures(forms: Sequence[Form]) -> Iterator[Measure]:
    """Yield a measure for each column of each ``[[bridge]]``: a sum of rows that another form prints as one row."""
    measures: dict[str, Measure] = {}
    for form in forms:
        for bridge in form.bridges:
            for place in (place for place in form.places.values() if place.row.id == bridge.rows[0]):
                name = f"{bridge.id}.{place.column.id}"
                terms = tuple((f"{row}.{place.column.id}", 1) for row in bridge.rows)
                terms_before = measures[name].terms if name in measures else {}
                measures[name] = Measure(
                    id=name,
                    kind="count",
                    unit=place.unit,
                    zh=f"{bridge.label} / {place.column.label}（各格之和）",
                    en=f"{english((bridge.label, place.column.label)) or bridge.label} (sum of the cells)",
                    terms={**terms_before, form.name: terms},
                )
    yield from measures.values()


def _rate(entry: Mapping[str, Any], forms: Sequence[Form], by_id: Mapping[str, Measure]) -> Measure:
    """Make the measure of a rate in ``measures.toml``."""
    over, under = (_terms(entry[side], forms, by_id) for side in ("numerator", "denominator"))
    definition = {name: entry[name] for name in ("id", "zh", "en", "share")}
    return Measure(kind="rate", unit="", terms=over, under=under, **definition)


def _terms(names: Sequence[str], forms: Sequence[Form], by_id: Mapping[str, Measure]) -> dict[str, Sum]:
    """Return form → the cells that ``names`` add up there ("-" subtracts), for the forms that print all of them."""
    sums: dict[str, Sum] = {}
    for form in forms:
        parts = [(by_id[name.removeprefix("-")].terms.get(form.name), name) for name in names]
        if all(terms is not None for terms, _ in parts):
            sums[form.name] = tuple(
                (place, -sign if name.startswith("-") else sign) for terms, name in parts for place, sign in terms or ()
            )
    return sums
