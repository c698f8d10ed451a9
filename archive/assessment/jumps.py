"""Find figures that differ beyond likelihood from the year before, where both are printed and undoubted. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from archive.assessment.measures import measures
from archive.findings import finding
from storage.records import Finding

Figures = Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class Jump:
    """The greater is ``factor`` times the smaller (taken as ``floor`` at least), and ``least`` at least."""

    cell: str
    factor: Decimal
    floor: Decimal
    least: Decimal


@dataclass(frozen=True, slots=True)
class Slip:
    """The greater is between ``low`` and ``high`` times the smaller, and ``least`` at least: 元 for 万元."""

    cell: str
    low: Decimal
    high: Decimal
    least: Decimal


@cache
def rules() -> tuple[tuple[Jump, ...], tuple[Slip, ...]]:
    """The rules of ``jumps.toml``."""
    known = tomllib.loads(Path(__file__).with_name("jumps.toml").read_text(encoding="utf-8"), parse_float=Decimal)
    return (
        tuple(
            Jump(cell, Decimal(one["factor"]), Decimal(one["floor"]), Decimal(one["least"]))
            for one in known["jump"]
            for cell in one["cells"]
        ),
        tuple(
            Slip(cell, Decimal(one["from"]), Decimal(one["to"]), Decimal(one["least"]))
            for one in known["slip"]
            for cell in one["cells"]
        ),
    )


def watched() -> frozenset[str]:
    """The cells that a rule speaks of."""
    return frozenset(rule.cell for kind in rules() for rule in kind)


def jumps(now: Figures, before: Figures, doubted: Collection[str], year: int) -> Iterator[Finding]:
    """Tell the jumps from the report on ``year - 1`` to that on ``year``; a cell that is ``doubted`` in either is not
    judged, nor one that is blank or not printed.
    """
    plain, slips = rules()
    slipped: set[str] = set()
    for rule in slips:
        pair = _pair(rule.cell, now, before, doubted)
        if pair is not None and pair[0] > 0 and pair[1] >= rule.least and rule.low <= pair[1] / pair[0] <= rule.high:
            slipped.add(rule.cell)
            yield _finding("unit_jump", rule.cell, now, before, year)
    for jump in plain:
        pair = _pair(jump.cell, now, before, doubted)
        if pair is None or jump.cell in slipped or pair[1] < jump.least:
            continue
        if pair[1] >= jump.factor * max(pair[0], jump.floor):
            yield _finding("jump", jump.cell, now, before, year, factor=f"{jump.factor:f}")


def _pair(cell: str, now: Figures, before: Figures, doubted: Collection[str]) -> tuple[Decimal, Decimal] | None:
    """The smaller and the greater of the two years; None where they cannot be held against each other."""
    one, other = now.get(cell), before.get(cell)
    if one is None or other is None or cell in doubted or min(one, other) < 0:
        return None
    return min(one, other), max(one, other)


def _finding(code: str, cell: str, now: Figures, before: Figures, year: int, factor: str = "") -> Finding:
    after, was = now[cell], before[cell]
    assert after is not None
    assert was is not None
    return finding(
        code,
        cells=(cell,),
        expected=f"{was:f}",
        found=f"{after:f}",
        label=(measures()[cell].zh, cell),
        year=year,
        before=year - 1,
        factor=factor,
    )
