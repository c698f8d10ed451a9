"""The figures of imitation reports: exact values by indicator id, which the form printer prints.

``figures.toml`` has named sets; a report without one gets small numbers derived from its agency and year. What a year
carries out is carried into the next, documents in force are those of the year before plus the changes, and a
government's figures are the sums of its agencies': all sums of the form hold, over years and over agencies.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib import resources

from imitation.records import ImitatedVersion, ImReport, draw

APPLICANTS = ("natural_person", "enterprise", "research", "public_welfare", "legal_service", "other_org")
REMEDIES = ("review", "litigation.direct", "litigation.after_review")
_STOCK, _STOCK_SINCE = 8, 2019  # least number of documents in force before that year
OUTCOMES = ("upheld", "corrected", "other", "pending")
_ANSWERS = (
    *("granted", "granted", "granted"),
    "partial",
    "denied.internal_affairs",
    "denied.third_party",
    "unable.not_held",
    "unable.needs_creation",
)
Cells = dict[str, Decimal | None]


def cells(report: ImReport, version: ImitatedVersion, ids: Iterable[str]) -> Cells:
    """Return the cells with these ids in one version of a report; None where the report leaves it blank."""
    values, rest = _values(report, version)
    values = values | {key: Decimal(value) for key, value in version.cells.items()}
    return {key: values.get(key, rest) for key in ids}


def _values(report: ImReport, version: ImitatedVersion) -> tuple[Cells, Decimal | None]:
    """Return the cells with a value of their own, and the value of all others."""
    if version.sums:
        return dict(version.sums), Decimal(0)
    documents = normative(report)
    if not version.figures:
        agency = report.agency
        values = drawn(agency.key, report.year, report.form, size=agency.size, carries=report.carries)
        return values | documents, Decimal(0)
    values, rest = special_cells(version.figures)
    return (values if is_real(version.figures) else values | documents), rest


def sums(government: ImReport, agencies: Iterable[ImReport]) -> Cells:
    """Return a government's figures: the sums of its agencies' last versions, even of unpublished reports."""
    total: Cells = {}
    for agency_report in agencies:
        values, _ = _values(replace(agency_report, form=government.form), agency_report.versions[-1])
        for key, value in values.items():
            total[key] = (total.get(key) or Decimal(0)) + (value or Decimal(0))
    return total


@cache
def _load_sets() -> Mapping[str, Mapping[str, str | int]]:
    sets: Mapping[str, Mapping[str, str | int]] = tomllib.loads(
        resources.files("imitation").joinpath("figures.toml").read_text("utf-8")
    )
    return sets


def special_cells(name: str) -> tuple[Cells, Decimal | None]:
    """Return a set of ``figures.toml`` with its sums, and the value of all other cells. KeyError if there is none."""
    raw = dict(_load_sets()[name])
    rest = raw.pop("rest")
    raw.pop("real", None)
    values: Cells = {key: Decimal(value) for key, value in raw.items()}
    return (summed(values) if rest else values), (Decimal(rest) if rest else None)


def is_real(name: str) -> bool:
    """Return whether a set comes from a real report, whose figures must not be changed."""
    return bool(_load_sets().get(name, {}).get("real"))


def normative(report: ImReport) -> Cells:
    """Return the cells for normative documents; an agency with one year's real figures has no changes in others."""
    if report.real is None:
        return _documents(report.agency.key, report.year, report.form)
    name, number = report.real
    cells, _ = special_cells(name)
    stock = cells.get("proactive.normative.in_force") or cells.get("proactive.normative.disclosed_total") or Decimal(0)
    if report.year < number:
        stock -= cells.get("proactive.normative.issued") or Decimal(0)
    return _printed(Decimal(0), Decimal(0), stock, report.form)


def _documents(agency: str, year: int, form: str) -> Cells:
    """Return the cells for documents: those in force are last year's plus those issued minus those repealed."""
    issued, repealed = _changes(agency, year)
    changes = (_changes(agency, past_year) for past_year in range(_STOCK_SINCE, year + 1))
    in_force = _STOCK + draw(agency, 20) + sum(new - revoked for new, revoked in changes)
    return _printed(Decimal(issued), Decimal(repealed), Decimal(in_force), form)


def _changes(agency: str, year: int) -> tuple[int, int]:
    """Return how many documents an agency issued and repealed in a year."""
    return draw(f"{agency}/{year}issued", 4), draw(f"{agency}/{year}repealed", 2)


def _printed(issued: Decimal, repealed: Decimal, in_force: Decimal, form: str) -> Cells:
    """Return the cells of either form; the form of 2019 has no cell for repealed documents."""
    if form == "2019":
        return {"proactive.normative.made": issued, "proactive.normative.disclosed": issued,
                "proactive.normative.disclosed_total": in_force}  # fmt: skip
    return {"proactive.normative.issued": issued, "proactive.normative.repealed": repealed,
            "proactive.normative.in_force": in_force}  # fmt: skip


def drawn(agency: str, year: int, form: str, *, size: int = 1, carries: bool = True) -> Cells:
    """Return figures derived from agency and year that obey the sums of the form; ``size``: how many times as many
    applications as a small agency gets.
    """
    key = f"{agency}/{year}"
    values = _documents(agency, year, form)
    values["proactive.admin_penalty.decided"] = Decimal(draw(key + "penalty", 160))
    values["proactive.admin_license.decided"] = Decimal(draw(key + "license", 900))
    for column, limit in (("natural_person", 12), ("enterprise", 3)):
        received = (size - 1) * limit // 2 + draw(key + column, limit * (size + 1) // 2)
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
    """Return the values with every missing sum added: 总计 of rows, （七）总计, three of the last table."""
    out = dict(values)
    results = {
        key
        for key in values
        if key.startswith("applications.result.") and not key.startswith("applications.result.total.")
    }
    for column in APPLICANTS:
        parts = [values[key] for key in results if key.endswith(f".{column}")]
        if parts:
            out.setdefault(f"applications.result.total.{column}", _sum_of(parts))
    for row in {key.rpartition(".")[0] for key in out if key.startswith("applications.")}:
        out.setdefault(f"{row}.total", _sum_of(out.get(f"{row}.{column}") for column in APPLICANTS))
    for block in REMEDIES:
        out.setdefault(f"{block}.total", _sum_of(out.get(f"{block}.{outcome}") for outcome in OUTCOMES))
    return out


def _sum_of(parts: Iterable[Decimal | None]) -> Decimal:
    return sum((part for part in parts if part is not None), Decimal(0))
