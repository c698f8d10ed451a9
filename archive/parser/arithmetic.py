"""Prepare a form's sums for quick checking, and check the cells of a reading with them.

Blank is 0 in an identity, but only where something stands in its rows; what is not printed or cannot be read is
unknown, and an identity with an unknown in it is not judged (docs/findings.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from archive.forms.loader import form as form_of
from archive.forms.model import Form, Identity, Indicator
from archive.parser.values import AMOUNTS
from storage.records import Cell, CellState

_PRINTED = CellState.PRINTED
_UNKNOWN = frozenset({"count_mismatch", "not_a_number", "not_integer", "digits_glued"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One identity: ``sum(left) = sum(right)``, over places of the form. ``terms``: each place with its sign."""

    identity: Identity
    left: tuple[str, ...]
    right: tuple[str, ...]
    terms: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The identities of a form. ``touching``: place → the rules it stands in, by number. ``rows``: place → its row.

    ``amounts``: the places of money; ``rule_cells``: those that only bodies which can make 规章 fill in.
    """

    rules: tuple[Rule, ...]
    touching: Mapping[str, tuple[int, ...]]
    rows: Mapping[str, tuple[str, ...]]
    amounts: tuple[Indicator, ...] = ()
    rule_cells: frozenset[str] = frozenset()


def layout(form: Form) -> Layout:
    """The identities of a form, laid out once for each form of the house."""
    try:
        if form_of(form.name) is form:
            return _cached_layout(form.name)
    except KeyError:
        pass
    return _layout_of(form)


@cache
def _cached_layout(name: str) -> Layout:
    return _layout_of(form_of(name))


def _layout_of(form: Form) -> Layout:
    rules = tuple(
        Rule(
            identity,
            identity.left,
            identity.right,
            (*((name, 1) for name in identity.left), *((name, -1) for name in identity.right)),
        )
        for identity in form.identities
    )
    touching: dict[str, list[int]] = {}
    for number, rule in enumerate(rules):
        for name, _ in rule.terms:
            touching.setdefault(name, []).append(number)
    rows = {place.id: place.row.place_ids for place in form.places.values()}
    amounts = tuple(place for place in form.places.values() if place.kind in AMOUNTS)
    rule_cells = frozenset(name for name, place in form.places.items() if place.row.id in form.rule_makers)
    return Layout(rules, {name: tuple(numbers) for name, numbers in touching.items()}, rows, amounts, rule_cells)


def figures(cells: Mapping[str, Cell]) -> dict[str, Decimal | int]:
    """What each cell counts in a sum: its value, 0 if blank; cells that cannot be read are not in it."""
    known: dict[str, Decimal | int] = {}
    for name, cell in cells.items():
        if cell.value is not None:
            known[name] = cell.value
        elif cell.state is not _PRINTED and not (cell.flags and _UNKNOWN.intersection(cell.flags)):
            known[name] = 0
    return known


def difference(rule: Rule, known: Mapping[str, Decimal | int]) -> Decimal | int | None:
    """Left side less right side; None if a figure is unknown."""
    try:
        return sum(map(known.__getitem__, rule.left)) - sum(map(known.__getitem__, rule.right))
    except KeyError:
        return None


def broken_rules(form: Form, cells: Mapping[str, Cell], known: Mapping[str, Decimal | int]) -> Iterator[int]:
    """Numbers of the rules that do not hold; those that cannot be judged are left out."""
    plan = layout(form)
    for number, rule in enumerate(plan.rules):
        if difference(rule, known) and judgeable(rule, plan, cells):
            yield number


def judgeable(rule: Rule, plan: Layout, cells: Mapping[str, Cell]) -> bool:
    """Blank counts as 0 only in rows that have a number; a sum over cells that are all blank is no sum."""
    return all(_has_number(plan.rows[side[0]] if len(side) == 1 else side, cells) for side in (rule.left, rule.right))


def _has_number(names: Sequence[str], cells: Mapping[str, Cell]) -> bool:
    return any(name in cells and cells[name].value is not None for name in names)
