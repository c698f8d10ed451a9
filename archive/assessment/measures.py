"""The measures a series can ask for: places of the forms, sums of them, rates, each with its definition. Pure.

A place of the same id in two forms is the same indicator. The ``[[bridge]]`` sums of the form files go over rows that
one form prints as one and another as three. What else goes on over forms is said in ``archive/forms/crosswalk.toml``;
what counts only nearly the same is joined under an id of its own, ``joined.…``. Rates stand in ``measures.toml``.
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
#: Before the id of an indicator: its figures together with those that other forms count nearly the same.
JOINED = "joined."
#: Below so many cases a rate says little: it is never given without saying so.
SMALL = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """An indicator as it can be asked for.

    ``kind``: as in the forms (``count stock signed_count printed_sum amount open_amount``), or ``rate``. ``unit``: as
    the form prints it, "" for a rate. ``terms``: form → the places that are added, each with its sign; for a rate those
    of its numerator, and ``under`` those of its denominator. ``zh`` and ``en`` define it; ``share``: a rate between 0
    and 1. ``crossings``: how it stands to places of other forms. ``nearly``: the forms whose figures in it count only
    nearly the same.
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
        """Whether it is a quotient, that cannot be added."""
        return self.kind == "rate"

    @property
    def derived(self) -> bool:
        """Whether no form prints it."""
        return self.id.startswith((PREFIX, JOINED))

    @property
    def forms(self) -> tuple[str, ...]:
        """The names of the forms that print all it needs."""
        return tuple(name for name in self.terms if not self.is_rate or name in self.under)

    @property
    def places(self) -> tuple[str, ...]:
        """Every place of any form that it is made of."""
        sums = (*self.terms.values(), *self.under.values())
        return tuple(dict.fromkeys(place for terms in sums for place, _ in terms))


@cache
def measures() -> Mapping[str, Measure]:
    """Everything that can be asked for, by id: the places in the order of the newest form, sums, rates, and last what
    is joined with figures that count nearly the same.
    """
    forms = all_forms()
    printed = {one.id: one for one in (*_places(forms), *_sums(forms))}
    counted = {name: _with_crosswalk(one) for name, one in printed.items()}
    rates = {one.id: one for one in (_rate(entry, forms, printed) for entry in data_file("measures.toml")["rate"])}
    joined = {one.id: one for one in map(_joined_measure, counted.values()) if one is not None}
    return {**counted, **rates, **joined}


def find(name: str) -> Measure | None:
    """The measure of this id; ``derived.`` may be left out. None if there is none."""
    by_id = measures()
    return by_id.get(name) or by_id.get(PREFIX + name)


def _with_crosswalk(measure: Measure) -> Measure:
    """The measure with what the crosswalk says of it; its figures go on where another form counts the same."""
    own = tuple(one for one in crosswalks() if measure.id == one.id or measure.id in one.places)
    if not own:
        return measure
    same = {one.form: one.terms for one in own if one.kind is Crossing.SAME and one.id == measure.id}
    return replace(measure, terms={**same, **measure.terms}, crossings=own)


def _joined_measure(measure: Measure) -> Measure | None:
    """The measure together with what other forms count nearly the same; None where none does."""
    near = [one for one in measure.crossings if one.kind is Crossing.NEAR and one.id == measure.id]
    if not near:
        return None
    return replace(
        measure,
        id=JOINED + measure.id,
        zh=f"{measure.zh}（连同其他格式中口径相近的数）",
        en=f"{measure.en}, joined with what other forms count nearly the same",
        terms={**{one.form: one.terms for one in near}, **measure.terms},
        nearly=frozenset(one.form for one in near),
    )


def _places(forms: Sequence[Form]) -> Iterator[Measure]:
    ids = dict.fromkeys(one for form in reversed(forms) for one in form.ids)
    for one in ids:
        holding = [form for form in forms if one in form.places]
        place = holding[-1].places[one]
        labels = (*place.row.groups, place.row.label, place.column.label)
        yield Measure(
            id=one,
            kind=place.kind,
            unit=place.unit,
            zh=" / ".join(labels),
            en=english(labels) or f"as printed: {' / '.join(labels)}",
            terms={form.name: ((one, 1),) for form in holding},
        )


def _sums(forms: Sequence[Form]) -> Iterator[Measure]:
    """The bridges of the forms, column by column."""
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
    over, under = (_terms(entry[side], forms, by_id) for side in ("numerator", "denominator"))
    return Measure(
        id=entry["id"],
        kind="rate",
        unit="",
        zh=entry["zh"],
        en=entry["en"],
        terms=over,
        under=under,
        share=entry["share"],
    )


def _terms(names: Sequence[str], forms: Sequence[Form], by_id: Mapping[str, Measure]) -> dict[str, Sum]:
    """Form → the places that ``names`` add up in it; forms that do not print all of them are left out."""
    sums: dict[str, Sum] = {}
    for form in forms:
        parts = [(by_id[name.removeprefix("-")].terms.get(form.name), name) for name in names]
        if all(terms is not None for terms, _ in parts):
            sums[form.name] = tuple(
                (place, -sign if name.startswith("-") else sign) for terms, name in parts for place, sign in terms or ()
            )
    return sums
