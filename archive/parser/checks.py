"""勾稽关系 and domain checks over the cells. A violation is told, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from archive.forms.model import Form, Identity
from archive.parser.findings import finding
from storage.records import Cell, CellState, Finding, Severity

_UNKNOWN = {"count_mismatch", "not_a_number", "not_integer"}
_NO_RULE_MAKERS = (
    "局", "委", "委员会", "办公室", "中心", "县", "区", "旗", "镇", "乡", "街道", "办事处",
    "县人民政府", "区人民政府", "镇人民政府", "乡人民政府",
)  # fmt: skip
_RULE_MAKERS = ("省人民政府", "市人民政府", "自治区人民政府", "自治州人民政府", "市政府", "省政府", "人民政府办公厅")


def check_cells(form: Form, cells: Mapping[str, Cell], agencies: Sequence[str] = ()) -> list[Finding]:
    """All checks of a form over the cells of one reading; ``agencies`` are the names its title and opening give."""
    found = [said for identity in form.identities if (said := _identity(identity, cells)) is not None]
    found += _domain(form, cells)
    found += _rules(cells, agencies)
    return found


def _number(cell: Cell | None) -> Decimal | None:
    """The number that counts in an identity: blank is 0, unreadable is unknown (None)."""
    if cell is None or (cell.value is None and (cell.state is CellState.PRINTED or _UNKNOWN & set(cell.flags))):
        return None
    return cell.value if cell.value is not None else Decimal(0)


def _has_number(row: str, cells: Mapping[str, Cell]) -> bool:
    return any(cell.value is not None for name, cell in cells.items() if name.rpartition(".")[0] == row)


def _identity(identity: Identity, cells: Mapping[str, Cell]) -> Finding | None:
    """None if it holds or cannot be judged: a cell is not printed or unreadable, or one side has no number at all."""
    left = [_number(cells.get(name)) for name in identity.left]
    right = [_number(cells.get(name)) for name in identity.right]
    if any(value is None for value in (*left, *right)):
        return None
    total, parts = sum(v for v in left if v is not None), sum(v for v in right if v is not None)
    if total == parts or not _judgeable(identity, cells):
        return None
    involved = [name for name in (*identity.left, *identity.right) if cells[name].value]
    place = identity.rows[0] if len(identity.rows) == 1 else identity.left[0].rpartition(".")[2]
    return finding(
        "identity_broken",
        Severity.WARNING,
        f"{identity.code} 不成立（{place}）：{identity.zh}；印的是 {total} 与 {parts}。",
        f"{identity.code} does not hold ({place}): {total} against {parts}, as printed.",
        tuple(dict.fromkeys((*identity.left, *involved))),
        expected=parts,
        found=total,
    )


def _judgeable(identity: Identity, cells: Mapping[str, Cell]) -> bool:
    """Blank counts as 0 only in rows that have a number; a sum over cells that are all blank is no sum."""
    for side in (identity.left, identity.right):
        if len(side) == 1 and not _has_number(side[0].rpartition(".")[0], cells):
            return False
        if len(side) > 1 and all(cells[name].value is None for name in side):
            return False
    return True


def _domain(form: Form, cells: Mapping[str, Cell]) -> Iterator[Finding]:
    """I5: counts and amounts are not negative; changes on the 2019 form may be."""
    for name, cell in cells.items():
        place = form.places.get(name)
        if place is None or cell.value is None or cell.value >= 0 or place.kind == "signed_count":
            continue
        yield finding(
            "negative_count",
            Severity.WARNING,
            f"“{place.row.label}／{place.column.label}”是负数：{cell.raw}。",
            f"{name} is negative: {cell.raw}.",
            (name,),
            found=cell.value,
        )


def _rules(cells: Mapping[str, Cell], agencies: Sequence[str]) -> Iterator[Finding]:
    """规章 are made by governments of 设区的市 and above (立法法 第九十三条) and ministries only."""
    names = [name for name, cell in cells.items() if name.startswith("proactive.rules.") and cell.value]
    if not names or not agencies or any(agency.endswith(_RULE_MAKERS) for agency in agencies):
        return
    body = agencies[0]
    if body.endswith(_NO_RULE_MAKERS):
        yield finding(
            "rules_by_other_body",
            Severity.WARNING,
            f"{body}没有规章制定权，“规章”一行却不为 0：可能是别的机关的规章，或填错了行。",
            f"{body} cannot make 规章, yet the row is not 0: another body's rules, or the wrong row.",
            names,
        )
