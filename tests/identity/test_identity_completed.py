"""A body that a title prints without its place, or on a table of the report, is told with what else names it."""

from __future__ import annotations

import pytest

from archive.identity.evidence import identify, in_running_text
from storage.records import IdentityEvidence

BARE = "司法局2021年政府信息公开工作年度报告"


@pytest.mark.parametrize(
    ("title", "running", "agency"),
    [
        (BARE, ("汶上县司法局",), "汶上县司法局"),
        (BARE, ("汶上县司法局", "梁山县司法局"), None),
        (BARE, ("汶上县教育局",), None),
        (BARE, ("搜本站县司法局",), None),
        (f"区{BARE}", ("尧都区人民政府",), "尧都区司法局"),
        (BARE, ("尧都区人民政府",), None),
        (f"自治区{BARE}", ("新疆维吾尔自治区司法局",), "新疆维吾尔自治区司法局"),
    ],
)  # fmt: skip
def test_a_body_without_its_place_gets_that_of_the_text(
    title: str, running: tuple[str, ...], agency: str | None
) -> None:
    found = identify(IdentityEvidence(titles=(title,), running=running))
    assert found.agency == agency
    assert (found.place is not None) >= (agency is not None)
    assert ("agency_completed" in [one.code for one in found.findings]) == (agency is not None)


def test_a_place_that_there_is_not_is_none() -> None:
    said = IdentityEvidence(running=("新葡京官网区人民政府",))
    assert identify(said).place is None
    assert in_running_text(said) == []
