"""Check the form's sums (勾稽关系) and plain limits over the cells; a violation becomes a finding only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from archive.findings import finding
from archive.forms import money
from archive.forms.model import Form
from archive.forms.spelling import simplify
from archive.parser.arithmetic import Layout, Rule, broken_rules, figures, layout
from archive.parser.rule_makers import cannot_make
from archive.parser.values import printed_unit
from storage.records import Cell, Finding, Section

_SMALL = ("县", "旗", "镇", "乡", "街道", "办事处", "县人民政府", "区人民政府", "旗人民政府", "局", "中心")
_MOST_OF_SMALL = Decimal(100_000)  # 万元 a year: 10亿元 of fees
_MOST_OF_ALL = Decimal(10_000_000)  # 万元 a year: 1000亿元, more than any body takes in fees
#: An exact amount; no price of one (每件5元, 5元/件).
_MONEY = re.compile(
    rf"(?<![\d.,])(?<!每.)(?<!每..)(\d{{1,3}}(?:,\d{{3}}){{1,4}}(?:\.\d{{1,8}})?|\d{{1,15}}(?:\.\d{{1,8}})?)({money.UNIT})(?!/|每)"
)
_ZERO = Decimal(0)  # to compare a figure with an int costs twice as much
_SENTENCE = re.compile(r"[^。；;！\n]{1,400}")
_AMOUNTS = {"amount": ("收费", "事业性收费"), "open_amount": ("采购",)}


def check_cells(
    form: Form, cells: Mapping[str, Cell], agencies: Sequence[str] = (), parts: Sequence[Section] = ()
) -> list[Finding]:
    """All checks of a form over the cells of one reading.

    ``agencies``: the names its title and opening give; ``parts``: its text, against which amounts are held.
    """
    known = figures(cells)
    plan = layout(form)
    found = [_identity(plan.rules[number], cells, known) for number in broken_rules(form, cells, known)]
    found += _domain(form, cells, known)
    found += _rules(plan, cells, agencies, parts)
    found += _units(plan, cells, agencies, parts)
    return found


def _identity(rule: Rule, cells: Mapping[str, Cell], known: Mapping[str, Decimal | int]) -> Finding:
    identity = rule.identity
    total, parts = (sum(known[name] for name in side) for side in (rule.left, rule.right))
    involved = [name for name, _ in rule.terms if cells[name].value]
    place = identity.rows[0] if len(identity.rows) == 1 else identity.left[0].rpartition(".")[2]
    left_blank, right_blank = (all(cells[name].value is None for name in side) for side in (rule.left, rule.right))
    return finding(
        "identity_broken",
        case="left_blank" if left_blank else "right_blank" if right_blank else "",
        cells=dict.fromkeys((*identity.left, *involved)),
        expected="" if right_blank else parts,
        found="" if left_blank else total,
        sum=identity.code,
        place=(identity.label, place),
        rule=(identity.zh, identity.en),
    )


def _domain(form: Form, cells: Mapping[str, Cell], known: Mapping[str, Decimal | int]) -> Iterator[Finding]:
    """I5: counts and amounts are not negative; changes on the 2019 form may be."""
    for name in [name for name, number in known.items() if number < _ZERO]:
        cell = cells[name]
        place = form.places.get(name)
        if place is None or place.kind == "signed_count":
            continue
        yield finding(
            "negative_count",
            cells=(name,),
            expected="≥ 0",
            found=cell.value,
            cell=name,
            label=place.label,
            raw=cell.raw,
        )


def _rules(
    plan: Layout, cells: Mapping[str, Cell], agencies: Sequence[str], parts: Sequence[Section]
) -> Iterator[Finding]:
    """规章 of a body that cannot make any (:mod:`archive.parser.rule_makers`)."""
    names = [name for name in cells if name in plan.rule_cells and cells[name].value]
    body = cannot_make(agencies, parts) if names else ""
    if body:
        printed = ", ".join(str(cells[name].value) for name in names)
        yield finding("rules_by_other_body", cells=names, expected=0, found=printed, body=body)


# ------------------------------------------------------------------------------------------------------------- units


def _units(
    plan: Layout, cells: Mapping[str, Cell], agencies: Sequence[str], parts: Sequence[Section]
) -> Iterator[Finding]:
    """Amounts that look as if 元 and 万元 were mixed up. Zeros and blanks say nothing of units."""
    for place in plan.amounts:
        name = place.id
        cell = cells.get(name)
        if cell is None or not cell.value or cell.value < 0:
            continue
        if (slip := _unit_mix_up(name, cell, place.unit, place.kind, parts)) is not None:
            yield slip
        elif place.kind == "amount" and "unit_converted" in cell.flags:
            yield _converted(name, cell, place.unit)
        elif place.kind == "amount" and place.unit == "万元" and _is_unlikely(cell.value, agencies):
            yield finding(
                "unit_doubt",
                case="too_large",
                cells=(name,),
                expected=f"≤ {_highest_likely(agencies)}",
                found=cell.value,
                cell=name,
                raw=cell.raw,
            )


def _converted(name: str, cell: Cell, unit: str) -> Finding:
    """An amount that was printed in another unit than the form's: in which, and what became of it."""
    assert cell.value is not None
    printed = printed_unit(cell.raw, cell.value, unit)
    return finding(
        "unit_doubt",
        case="converted" if printed else "converted_from_another",
        cells=(name,),
        expected=unit,
        found=cell.raw,
        cell=name,
        printed=printed,
        value=f"{cell.value.normalize():f}",
    )


def _highest_likely(agencies: Sequence[str]) -> Decimal:
    small = bool(agencies) and all(agency.endswith(_SMALL) for agency in agencies)
    return _MOST_OF_SMALL if small else _MOST_OF_ALL


def _is_unlikely(value: Decimal, agencies: Sequence[str]) -> bool:
    return value > _highest_likely(agencies)


def _unit_mix_up(name: str, cell: Cell, unit: str, kind: str, parts: Sequence[Section]) -> Finding | None:
    """The text gives the same digits in a unit 10,000 times larger or smaller than the table's."""
    assert cell.value is not None
    own = cell.value * money.WORTH[unit]
    for part in parts:
        if part.key == "problems" or "元" not in part.text:
            continue
        for sentence in _SENTENCE.finditer(part.text[:60_000]):
            if "元" not in sentence[0] or not any(word in sentence[0] for word in _AMOUNTS[kind]):
                continue
            plain = simplify(sentence[0])
            found = _MONEY.finditer(plain)
            amounts = [(match[0], Decimal(match[1].replace(",", "")) * money.WORTH[match[2]]) for match in found]
            if any(amount == own for _, amount in amounts):
                return None
            for text, amount in amounts:
                if amount in (own * money.MIX_UP, own / money.MIX_UP):
                    return finding(
                        "unit_doubt",
                        case="text",
                        cells=(name,),
                        expected=text,
                        found=f"{cell.value:f}{unit}",
                        cell=name,
                        raw=cell.raw,
                        unit=unit,
                    )
    return None
