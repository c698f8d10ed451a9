"""Check the form's sums and plain limits over the cells of a reading. What does not hold is reported, never repaired.

A blank counts as 0, but only where a number stands in its row or on its side of the sum; what is not printed or cannot
be read is unknown, and a sum with an unknown in it is not judged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from archive.findings import finding
from archive.forms.model import Form, Identity
from storage.records import Cell, CellState, Finding

UNREADABLE = frozenset({"not_a_number", "not_integer"})
NO_RULE_MAKERS = (  # ends of the names of bodies that cannot make 规章
    *("局", "委员会", "办公室", "中心", "县", "区", "旗", "镇", "乡", "街道", "办事处"),
    *("县人民政府", "镇人民政府", "乡人民政府"),
)
RULE_MAKERS = ("自治区", "总局")
SMALL_BODIES = (*NO_RULE_MAKERS, "区人民政府", "旗人民政府")
MOST_OF_SMALL, MOST_OF_ALL = Decimal(100_000), Decimal(10_000_000)  # 万元 of fees a year


def check_cells(form: Form, cells: Mapping[str, Cell], agencies: Sequence[str] = ()) -> list[Finding]:
    """Return what does not hold. ``agencies``: the names that the document gives its agency."""
    known = {name: number for name, cell in cells.items() if (number := _number(cell)) is not None}
    return [
        *_broken_sums(form, cells, known),
        *_negative_counts(form, cells, known),
        *_rules_of_others(form, known, agencies),
        *_unlikely_amounts(form, cells, known, agencies),
    ]


def check_form_year(form: Form, year: int | None) -> Iterator[Finding]:
    """Report a form that was not yet issued for the report's year, or no longer meant for it (xixian_dizhang_2023)."""
    if year is None or form.is_free or form.first_year <= year <= (form.last_year or year):
        return
    yield finding(
        "form_of_other_year",
        case="early" if year < form.first_year else "late",
        expected=f"{form.first_year}–{form.last_year or ''}",
        found=year,
        form=form.name,
        title=form.title,
        first=form.first_year,
        last=form.last_year,
    )


def _number(cell: Cell) -> Decimal | None:
    """Return what a cell counts in a sum; None if it cannot be read."""
    is_unreadable = cell.state is CellState.PRINTED or UNREADABLE & {*cell.flags}
    return Decimal(0) if cell.value is None and not is_unreadable else cell.value


def _broken_sums(form: Form, cells: Mapping[str, Cell], known: Mapping[str, Decimal]) -> Iterator[Finding]:
    for identity in form.identities:
        names = (*identity.left, *identity.right)
        if not known.keys() >= {*names} or not _is_judged(form, identity, cells):
            continue
        left, right = (sum(known[name] for name in side) for side in (identity.left, identity.right))
        if left == right:
            continue
        blank = [all(cells[name].value is None for name in side) for side in (identity.left, identity.right)]
        is_recognised = any("confidence" in cells[name].locator for name in names)  # then a 0 may be the misread one
        yield finding(
            "identity_broken",
            case="left_blank" if blank[0] else "right_blank" if blank[1] else "",
            cells=dict.fromkeys((*identity.left, *(n for n in names if known[n] or is_recognised))),
            expected="" if blank[1] else right,
            found="" if blank[0] else left,
            sum=identity.code,
            place=(identity.label, identity.rows[0] if len(identity.rows) == 1 else names[0].rpartition(".")[2]),
            rule=(identity.zh, identity.en),
        )


def _is_judged(form: Form, identity: Identity, cells: Mapping[str, Cell]) -> bool:
    """Whether a number stands on both sides; for a lone total, in its row."""
    sides = [form.places[side[0]].row.place_ids if len(side) == 1 else side for side in (identity.left, identity.right)]
    return all(any(name in cells and cells[name].value is not None for name in side) for side in sides)


def _negative_counts(form: Form, cells: Mapping[str, Cell], known: Mapping[str, Decimal]) -> Iterator[Finding]:
    for name, number in known.items():
        place = form.places.get(name)
        if number < 0 and place is not None and place.kind != "signed_count":
            values = {"cell": name, "label": place.label, "raw": cells[name].raw}
            yield finding("negative_count", values, cells=(name,), expected="≥ 0", found=number)


def _rules_of_others(form: Form, known: Mapping[str, Decimal], agencies: Collection[str]) -> Iterator[Finding]:
    """Report 规章 of a body that cannot make any."""
    names = [name for name, number in known.items() if number and name.rpartition(".")[0] in form.rule_makers]
    bodies = [agency for agency in agencies if agency.endswith(NO_RULE_MAKERS) and not agency.endswith(RULE_MAKERS)]
    if names and agencies and len(bodies) == len(agencies) and not bodies[0].startswith(("国家", "中国")):
        printed = ", ".join(str(known[name]) for name in names)
        yield finding("rules_by_other_body", cells=names, expected=0, found=printed, body=bodies[0])


def _unlikely_amounts(
    form: Form, cells: Mapping[str, Cell], known: Mapping[str, Decimal], agencies: Collection[str]
) -> Iterator[Finding]:
    """Report fees that are too high to be in 万元, and amounts that were printed in another unit."""
    most = MOST_OF_SMALL if agencies and all(name.endswith(SMALL_BODIES) for name in agencies) else MOST_OF_ALL
    for name, number in known.items():
        place, raw = form.places.get(name), cells[name].raw
        if place is None or place.kind != "amount" or not number:
            continue
        if "unit_converted" in cells[name].flags:
            values = {"cell": name, "value": f"{number.normalize():f}"}
            yield finding(
                "unit_doubt", values, case="converted_from_another", cells=(name,), expected=place.unit, found=raw
            )
        elif number > most:
            values = {"cell": name, "raw": raw}
            yield finding("unit_doubt", values, case="too_large", cells=(name,), expected=f"≤ {most}", found=number)
