"""The figures of imitation reports: exact, by indicator id, in the shape the form printer takes.

Named sets stand in ``figures.toml``; a report without a name gets small numbers drawn from its agency and year, with
what one year carries out carried into the next, so that every identity of the form holds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from importlib import resources

from imitation.records import ImReport, Version, draw

APPLICANTS = ("natural_person", "enterprise", "research", "public_welfare", "legal_service", "other_org")
REMEDIES = ("review", "litigation.direct", "litigation.after_review")
OUTCOMES = ("upheld", "corrected", "other", "pending")
_ANSWERS = (
    "granted",
    "partial",
    "denied.internal_affairs",
    "denied.third_party",
    "unable.not_held",
    "unable.needs_creation",
)
Cells = dict[str, Decimal | None]


def cells(report: ImReport, version: Version, ids: Iterable[str]) -> Cells:
    """Every cell of the form (``ids``) in one version of a report; None where the report leaves it blank."""
    if version.figures:
        given, rest = named(version.figures)
    else:
        given, rest = drawn(f"{report.portal}/{report.agency.id}", report.year, report.form, report.carries), Decimal(0)
    merged = given | {key: Decimal(value) for key, value in version.cells.items()}
    return {key: merged.get(key, rest) for key in ids}


@cache
def _sets() -> Mapping[str, Mapping[str, str | int]]:
    sets: Mapping[str, Mapping[str, str | int]] = tomllib.loads(
        resources.files("imitation").joinpath("figures.toml").read_text("utf-8")
    )
    return sets


def named(name: str) -> tuple[Cells, Decimal | None]:
    """Return a set of ``figures.toml`` with its sums, and what stands in all other cells. KeyError if there is none."""
    raw = dict(_sets()[name])
    rest = raw.pop("rest")
    values: Cells = {key: Decimal(value) for key, value in raw.items()}
    return (summed(values) if rest else values), (Decimal(rest) if rest else None)


def drawn(agency: str, year: int, form: str, carries: bool = True) -> Cells:
    """Small figures of one agency and year that obey the identities of the form."""
    key = f"{agency}/{year}"
    stock = 4 + draw(agency, 20)
    values: Cells = {}
    issued = draw(key + "issued", 4)
    if form == "2019":
        values |= {"proactive.normative.made": Decimal(issued), "proactive.normative.disclosed": Decimal(issued),
                   "proactive.normative.disclosed_total": Decimal(stock)}  # fmt: skip
    else:
        values |= {"proactive.normative.issued": Decimal(issued), "proactive.normative.in_force": Decimal(stock)}
    values["proactive.admin_penalty.decided"] = Decimal(draw(key + "penalty", 160))
    values["proactive.admin_license.decided"] = Decimal(draw(key + "license", 900))
    for column, most in (("natural_person", 12), ("enterprise", 3)):
        received = draw(key + column, most)
        carried_in = _carried(agency, year - 1, column) if carries else 0
        carried_out = _carried(agency, year, column) if carries else 0
        received = max(received, carried_out - carried_in)
        values[f"applications.received.{column}"] = Decimal(received)
        values[f"applications.carried_in.{column}"] = Decimal(carried_in)
        values[f"applications.carried_out.{column}"] = Decimal(carried_out)
        for n in range(received + carried_in - carried_out):
            answer = f"applications.result.{_ANSWERS[draw(f'{key}{column}{n}', 99) % len(_ANSWERS)]}.{column}"
            values[answer] = (values.get(answer) or Decimal(0)) + 1
    values["review.upheld"] = Decimal(draw(key + "review", 2))
    return summed(values)


def _carried(agency: str, year: int, column: str) -> int:
    return draw(f"{agency}/{year}/out", 2) if column == "natural_person" else 0


def summed(values: Cells) -> Cells:
    """Add every sum that is not given: 总计 of rows, （七）总计, and the three 总计 of the last table."""
    out = dict(values)
    results = {
        key
        for key in values
        if key.startswith("applications.result.") and not key.startswith("applications.result.total.")
    }
    for column in APPLICANTS:
        parts = [values[key] for key in results if key.endswith(f".{column}")]
        if parts:
            out.setdefault(f"applications.result.total.{column}", _add(parts))
    for row in {key.rpartition(".")[0] for key in out if key.startswith("applications.")}:
        out.setdefault(f"{row}.total", _add(out.get(f"{row}.{column}") for column in APPLICANTS))
    for block in REMEDIES:
        out.setdefault(f"{block}.total", _add(out.get(f"{block}.{outcome}") for outcome in OUTCOMES))
    return out


def _add(parts: Iterable[Decimal | None]) -> Decimal:
    return sum((part for part in parts if part is not None), Decimal(0))
