"""Component measures hold a 0 against an agency only on proof: what is doubted, short or lacking stays unknown."""

from __future__ import annotations

from decimal import Decimal

import pytest

from archive.assessment.data_files import data_file
from archive.assessment.figures import PrintedCell
from archive.assessment.scores import ReportFacts, components, score
from archive.findings import meanings_by_code
from archive.forms.loader import form
from storage.records import CellState, Status

BLANK = PrintedCell(CellState.BLANK)
CELLS = {name: PrintedCell(CellState.PRINTED, Decimal(0)) for name in form("2021").ids}
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


@pytest.mark.parametrize(
    ("more", "component", "value", "why"),
    [
        ({}, "punctual", True, "on_time"),
        ({"status": Status.LATE}, "punctual", False, "late"),
        ({"status": Status.MISSING, "is_held": False}, "punctual", False, "missing"),
        ({"status": Status.UNDETERMINED}, "punctual", None, "untimed"),
        ({"status": Status.PUBLISHED, "has_date": False}, "punctual", None, "no_date"),
        ({}, "complete_form", True, "all_numbers"),
        ({"cells": CELLS | {ONE: BLANK}}, "complete_form", False, "cells_without_number"),
        (
            {"cells": CELLS | {ONE: PrintedCell(CellState.MARK, None, doubted=True)}},
            "complete_form",
            None,
            "reader_doubts",
        ),
        ({"cells": {}, "findings": frozenset({"rows_missing"})}, "complete_form", None, "reader_doubts"),
        ({"form": None}, "complete_form", None, "no_table"),
        ({"form": "pre2019"}, "complete_form", None, "free_table"),
        ({}, "sums_hold", True, "sums_hold"),
        ({"findings": frozenset({"identity_broken"})}, "sums_hold", False, "identity_broken"),
        ({"findings": frozenset({"identity_broken", "low_confidence"})}, "sums_hold", None, "reader_doubts"),
        ({"cells": CELLS | {ONE: BLANK}}, "sums_hold", None, "cells_without_number"),
        ({"findings": frozenset({"narrative_conflict"})}, "consistent_text", False, "narrative_conflict"),
        ({"kind": "scan"}, "accessible_file", False, "picture"),
        ({"kind": "zip"}, "accessible_file", None, "other_kind"),
        ({"kind": "pdf"}, "accessible_file", True, "text_file"),
        ({"kind": "pdf"}, "machine_readable", False, "table_laid_out"),
        ({}, "machine_readable", True, "table_in_file"),
        ({}, "stable_address", True, "same_address"),
        ({"days_met": 29}, "stable_address", None, "short_time"),
        ({"events": frozenset({"moved"})}, "stable_address", False, "moved"),
        ({}, "revisions_announced", None, "no_revision"),
        ({"days_met": 0}, "revisions_announced", None, "short_time"),
        ({"events": frozenset({"announced_revision"})}, "revisions_announced", True, "announced_revision"),
        (
            {"events": frozenset({"announced_revision", "silent_revision"})},
            "revisions_announced",
            False,
            "silent_revision",
        ),
        ({"is_withheld": True, "status": Status.LATE}, "complete_form", None, "withheld"),
        ({"status": Status.UNKNOWN, "is_held": False}, "sums_hold", None, "status_unknown"),
        ({"status": Status.ON_TIME, "is_held": False}, "sums_hold", None, "not_held"),
    ],
)
def test_each_measure_is_one_zero_or_unknown_with_its_reason(
    more: dict[str, object], component: str, value: bool | None, why: str
) -> None:
    made = score(facts(**more))[component]
    assert (made.value, made.why) == (value, why)


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
