"""What is doubtful in the registry's rows alone; what is in order is never doubted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from archive.assessment.registry_doubts import codes, doubts
from archive.assessment.sources import attestations, kind_of
from storage.records import Agency, AgencyEnd, AgencyKind, Portal

AT = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 3, 1, tzinfo=UTC)


def body(key: str, name: str = "", **more: Any) -> Agency:
    given = {"kind": AgencyKind.DEPARTMENT, "recorded_at": AT, **more}
    return Agency(id=f"ws/{key}", portal="ws", name=name or key, **given)


def told(*bodies: Agency, division: str | None = "370830") -> list[tuple[str, str, tuple[str, ...]]]:
    portal = Portal(name="ws", place="汶上县", division=division, hosts=(), family="x", recorded_at=AT)
    return [(one.code, one.subject.removeprefix("ws/"), one.others) for one in doubts(portal, bodies)]


GOV = body("gov", "汶上县人民政府", kind=AgencyKind.GOVERNMENT)
OLD = body("old", "工商局", valid_to=date(2019, 1, 31), ended=AgencyEnd.MERGED, successors=("ws/new",))
NEW = body("new", "市场监管局", valid_from=date(2019, 2, 1), parent="ws/gov", code="11370830004335465W")


def test_a_registry_in_order_has_no_doubts() -> None:
    assert told(GOV, OLD, NEW) == []
    assert told() == []
    assert told(division=None) == []


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ([body("a", "司法局"), body("b", "县司法局", aliases=("司法局",))], ("same_name", "a", ("ws/b",))),
        ([body("a", code="x1"), body("b", code="X1")], ("same_code", "a", ("ws/b",))),
        ([body("b", parent="ws/z")], ("parent_missing", "b", ())),
        ([body("a", valid_to=date(2020, 1, 1), successors=("ws/z",))], ("successor_missing", "a", ())),
        ([body("a", ended=AgencyEnd.ABOLISHED)], ("end_without_day", "a", ())),
        (
            [body("a", valid_to=date(2020, 1, 1), successors=("ws/b",)), body("b", valid_from=date(2020, 1, 12))],
            ("gap", "a", ("ws/b",)),
        ),
        (
            [
                body("a", valid_to=date(2020, 1, 9), ended=AgencyEnd.RENAMED, successors=("ws/b",)),
                body("b", valid_from=date(2020, 1, 1)),
            ],
            ("overlap", "a", ("ws/b",)),
        ),
        ([body("a", parent="ws/b"), body("b", valid_to=date(2020, 1, 1))], ("parent_ended", "a", ("ws/b",))),
    ],
)
def test_each_doubt_is_told_once(bodies: list[Agency], expected: tuple[str, str, tuple[str, ...]]) -> None:
    assert told(*bodies) == [expected]


def test_bodies_of_one_name_at_different_times_are_in_order() -> None:
    assert told(body("a", "局", valid_to=date(2018, 12, 31)), body("b", "局", valid_from=date(2019, 1, 1))) == []


def test_a_division_code_that_is_no_longer_in_force_or_never_was_is_doubted() -> None:
    assert told(division="371202") == [("division_former", "ws", ())]
    assert told(division="999999") == [("division_unknown", "ws", ())]


def test_every_doubt_has_its_words() -> None:
    portal = Portal(name="ws", place="莱城区", division="371202", hosts=(), family="x", recorded_at=AT)
    (one,) = doubts(portal, [])
    assert one.en == "The portal's division code 371202 is no longer in force; it is 370116 now."
    assert set(codes()) >= {"same_name", "gap", "division_former"}


# ------------------------------------------------------------------------------------------------- sources


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("import of list.csv: http://a.gov.cn/", "operator"),
        ("wenshang.csv: guessed: http://a.gov.cn/", "guessed"),
        ("wenshang.csv: report_urls.jsonl area=1", "published"),
        ("wenshang.csv: http://a.gov.cn/jgsz", "directory"),
        ("wenshang.csv: county_portals.csv 370830", "places"),
        ("a letter of 2024", "stated"),
        ("", "stated"),
    ],
)
def test_a_source_is_of_one_kind(source: str, kind: str) -> None:
    assert kind_of(source).key == kind


def test_every_source_that_ever_named_a_body_is_told_the_most_trusted_first() -> None:
    rows = [
        body("a", source="ws.csv: guessed: http://a/", guessed=True),
        body("a", source="ws.csv: http://a/jgsz", recorded_at=LATER),
        body("a", source="import of june.xlsx: letter", recorded_at=LATER),
    ]
    found = attestations(rows, published={2023, 2021})
    assert [(one.kind, one.attests) for one in found] == [
        ("operator", True), ("published", True), ("directory", True), ("guessed", False),
    ]  # fmt: skip
    assert (found[1].years, found[1].since) == ((2021, 2023), None)
    assert found[3].since == date(2026, 1, 1)
    # a row marked as a guess attests nothing, whatever list it came in with
    assert [one.kind for one in attestations([body("a", source="import of x.csv: y", guessed=True)])] == ["guessed"]
