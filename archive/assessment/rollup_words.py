"""Word the comparison of a figure with its bodies' sum, in Chinese and English, from ``rollup.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

from archive.assessment.figures import FigureState
from archive.assessment.rollup import Candidate, CellRollUp, RollUp

_MOST_NAMED = 4  # bodies named in one sentence


def sentence(cell: CellRollUp, names: Mapping[str, str]) -> tuple[str, str]:
    """What the comparison of one indicator says; ``names``: of bodies, by id."""
    template = _words()["verdict"][_key(cell)]
    lacking = [names.get(one, one) for bodies in cell.lacking.values() for one in bodies]
    values = {
        "own": _number(cell.own.value),
        "total": _number(cell.total),
        "reports": cell.reports,
        "gap": _number(None if cell.gap is None else abs(cell.gap)),
        "n": len(lacking),
    }
    some = lacking[:_MOST_NAMED]
    more = len(lacking) - len(some)
    zh, en = "、".join(some) + ("等" if more else ""), ", ".join(some) + (f" and {more} more" if more else "")
    return template["zh"].format_map({**values, "names": zh}), template["en"].format_map({**values, "names": en})


def explanation(candidate: Candidate, names: Mapping[str, str]) -> tuple[str, str]:
    """What would close the gap."""
    template = _words()["candidate"][candidate.how.value]
    agency = names.get(candidate.agency or "", candidate.agency or "")
    values = {"agency": agency, "value": _number(candidate.value), "meant": _number(candidate.meant)}
    return template["zh"].format_map(values), template["en"].format_map(values)


def _key(cell: CellRollUp) -> str:
    if cell.verdict is RollUp.FITS and cell.lacking:
        return "fits_without"
    if cell.verdict is not RollUp.UNKNOWN:
        return cell.verdict.value
    if FigureState.WITHHELD in (cell.own.state, *cell.lacking):
        return "withheld"
    return "no_own" if cell.own.value is None else "no_parts"


def _number(value: Decimal | None) -> str:
    if value is None:
        return "—"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@cache
def _words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads(Path(__file__).with_name("rollup.toml").read_text(encoding="utf-8"))
