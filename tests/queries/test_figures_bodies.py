"""Which division and level a government is of, by its name below its portal's; which agencies are one body."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.queries.figures_bodies import AgencyBody, bodies
from storage.records import Agency, AgencyKind, Portal

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def bodies_of(*agencies: tuple[str, str, str | None, str, AgencyKind], codes: int | None = None) -> list[AgencyBody]:
    """Of agencies as (portal, its place, its division, name, kind)."""
    portals = {
        name: Portal(name=name, place=place, division=code, hosts=(), family="x", recorded_at=LONG_AGO)
        for name, place, code, _, _ in agencies
    }
    found = [
        Agency(id=f"{portal}/{at}", portal=portal, name=name, kind=kind, recorded_at=LONG_AGO)
        for at, (portal, _, _, name, kind) in enumerate(agencies)
    ]
    return [*bodies({one.id: one for one in found}, portals, codes).values()]


GOVERNMENT, DEPARTMENT = AgencyKind.GOVERNMENT, AgencyKind.DEPARTMENT


@pytest.mark.parametrize(
    ("place", "code", "name", "expected", "level"),
    [
        ("汶上县", "370830", "汶上县人民政府", "370830", "county"),
        ("汶上县", "370830", "山东省济宁市汶上县人民政府", "370830", "county"),
        ("济宁市", "370800", "济宁市人民政府", "370800", "prefecture"),
        ("济宁市", "370800", "汶上县人民政府", "370830", "county"),
        ("济宁市", "370800", "任城区政府", "370811", "county"),
        ("济源市", "419001", "济源市人民政府", "419001", "county"),
        ("城区", "140302", "阳泉市城区人民政府", "140302", "county"),
        ("德宏傣族景颇族自治州", "533100", "芒市人民政府", "533103", "county"),
        ("山东省", "370000", "山东省人民政府", "370000", "province"),
        ("济宁市", "370800", "济宁高新技术产业开发区管理委员会", None, None),
        ("济宁市", "370800", "曹县人民政府", None, None),  # of another prefecture
        ("济宁市", None, "济宁市人民政府", None, None),
    ],
)
def test_a_governments_division_is_what_its_name_means(
    place: str, code: str | None, name: str, expected: str | None, level: str | None
) -> None:
    [found] = bodies_of(("p", place, code, name, GOVERNMENT))
    assert (found.code, found.level) == (expected, level)


def test_two_portals_of_one_body_and_two_bodies_of_one_name() -> None:
    found = bodies_of(
        ("ws", "汶上县", "370830", "汶上县人民政府", GOVERNMENT),
        ("jn", "济宁市", "370800", "汶上县人民政府", GOVERNMENT),
        ("ws", "汶上县", "370830", "汶上县司法局", DEPARTMENT),
        ("jn", "济宁市", "370800", "汶上县司法局", DEPARTMENT),
        ("ws", "汶上县", "370830", "司法局", DEPARTMENT),
        ("jn", "济宁市", "370800", "司法局", DEPARTMENT),
        ("nj", "鼓楼区", "320106", "鼓楼区司法局", DEPARTMENT),
        ("xz", "鼓楼区", "320302", "鼓楼区司法局", DEPARTMENT),
    )
    keys = [body.key for body in found]
    assert keys[0] == keys[1]
    assert keys[2] == keys[3]
    assert len(set(keys)) == 6
    assert [body.own for body in found[:2]] == [True, False]


def test_codes_are_those_of_the_year_asked_for() -> None:
    asked = [
        ("lw", "莱城区", "371202", "莱城区人民政府", GOVERNMENT),
        ("hd", "邯郸县", "130421", "邯郸县人民政府", GOVERNMENT),
    ]
    moved, divided = bodies_of(*asked, codes=2024)
    assert (moved.code, moved.how) == ("370116", "successor")
    assert (divided.code, divided.how) == ("130421", "divided")
    with pytest.raises(ValueError, match="2024"):
        bodies_of(*asked, codes=2040)
