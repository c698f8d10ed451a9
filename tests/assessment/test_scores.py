"""Component measures hold a 0 against an agency only on proof: what is doubted, short or lacking stays unknown."""

from __future__ import annotations

from decimal import Decimal

import pytest

from archive.assessment.data_files import data_file
from archive.assessment.figures import FigureCell
from archive.assessment.scores import ReportFacts, components, score
from archive.findings import meanings_by_code
from archive.forms.loader import form
from storage.records import CellState, Status
from tests.case_tables import read_cases

BLANK = FigureCell(CellState.BLANK)
CELLS = {name: FigureCell(CellState.PRINTED, Decimal(0)) for name in form("2021").ids}
ONE = "applications.received.natural_person"


def facts(**more: object) -> ReportFacts:
    """A report that reaches every measure but those of its history."""
    plain = {
        "status": Status.ON_TIME,
        "has_date": True,
        "is_held": True,
        "kind": "html",
        "form": "2021",
        "cells": CELLS,
    }
    return ReportFacts(**(plain | {"days_met": 40} | more))  # type: ignore[arg-type]


VALUES = {"reached": True, "failed": False, "unknown": None}
MARK = FigureCell(CellState.MARK, None, doubted=True)
IN_ONE = {"none": {}, "blank": CELLS | {ONE: BLANK}, "mark": CELLS | {ONE: MARK}}


@pytest.mark.parametrize(("more", "component", "value", "why"), read_cases(__file__, "cases"))
def test_each_measure_is_one_zero_or_unknown_with_its_reason(
    more: dict[str, object], component: str, value: str, why: str
) -> None:
    made = score(facts(**{name: meant(name, one) for name, one in more.items()}))[component]
    assert (made.value, made.why) == (VALUES[value], why)


def meant(name: str, written: object) -> object:
    """A fact as a case writes it."""
    if name == "cells":
        return IN_ONE[str(written)]
    if isinstance(written, tuple):
        return frozenset(written)
    return Status(written) if name == "status" else None if written == "none" else written


@pytest.mark.parametrize(
    ("status", "why", "apart"),
    [
        (Status.NOT_EXPECTED, "not_owed", True),
        (Status.MISSING, "no_report", True),
        (Status.UNKNOWN, "status_unknown", False),
        (None, "no_duty", False),
    ],
)
def test_what_was_never_to_be_published_is_in_no_count(status: Status | None, why: str, apart: bool) -> None:
    made = score(ReportFacts(status=status, cells={}))["complete_form"]
    assert (made.value, made.why, made.is_apart) == (None, why, apart)


def test_definitions_name_findings_and_sources_that_there_are() -> None:
    data = data_file("scores.toml")
    for name in ("reader_doubts", "text_findings", "address_findings"):
        assert set(data[name]) <= set(meanings_by_code())
    assert {source for one in components() for source in one["source"]} == set(data["source"])
    assert [one["id"] for one in components()] == [*score(facts())]
