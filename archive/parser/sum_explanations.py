"""Find the changes of recognised figures that would explain broken sums, and choose the explanation to believe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

MOST = 3  #: dearest change that is still proposed
TOGETHER = 10  #: broken sums explained at once


@dataclass(frozen=True, slots=True)
class FigureChange:
    """Another value for one cell, with what it costs to believe. ``mends``: the broken rules it makes hold."""

    name: str
    value: int
    cost: int
    mends: frozenset[int]


def groups(changes: Sequence[FigureChange]) -> Iterator[tuple[list[FigureChange], frozenset[int]]]:
    """Changes that speak of the same broken sums, with those sums."""
    left = list(changes)
    while left:
        group = [left.pop(0)]
        rules = set(group[0].mends)
        grown = True
        while grown:
            near = [change for change in left if rules & change.mends]
            grown = bool(near)
            for change in near:
                left.remove(change)
                group.append(change)
                rules |= change.mends
        yield group, frozenset(rules)


def covers(group: Sequence[FigureChange], rules: frozenset[int]) -> Iterator[tuple[FigureChange, ...]]:
    """One or two changes that mend all sums of the group, each once."""
    for change in group:
        if change.mends == rules:
            yield (change,)
    for one, other in combinations(group, 2) if len(group) <= 4 * TOGETHER else ():
        if one.mends | other.mends == rules and not one.mends & other.mends:
            yield one, other


def mends(changes: Sequence[FigureChange]) -> frozenset[int]:
    """The broken rules that changes together make hold."""
    return frozenset(number for change in changes for number in change.mends)


def disjoint_sets(found: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """Sets of broken sums that nothing else found speaks of in part."""
    sets = list(found)
    return [one for one in sets if not any(one & other for other in sets if other != one)]


def best(found: Iterable[tuple[FigureChange, ...]]) -> tuple[tuple[FigureChange, ...], set[str]]:
    """The cheapest explanation if it is cheap and no other is as cheap; with the cells of those that are dearer."""
    ways = sorted(found, key=lambda changes: (sum(c.cost for c in changes), len(changes), [c.name for c in changes]))
    if not ways or any(change.cost > MOST for change in ways[0]):
        return (), set()
    price = [sum(change.cost for change in way) for way in ways]
    if len(ways) > 1 and price[1] <= price[0]:
        return (), set()
    chosen = {change.name for change in ways[0]}
    return ways[0], {change.name for way in ways[1:] for change in way} - chosen
