"""A body that a portal spells with more or fewer of its divisions is one body: registered once, never missing twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.identity.matching import could_be_one
from crawler.onboarding.found_agencies import agencies_of
from crawler.onboarding.probe_results import ProbedAgency
from storage.records import Agency, AgencyKind

HOME = "http://www.wanping.gov.cn/"


def lead(agency: str, year: int = 2024) -> dict[str, object]:
    return {"title": "", "url": HOME, "agency": agency, "year": year, "listing": f"{HOME}nb/"}


def found(
    place: str, *leads: str, organs: tuple[str, ...] = (), columns: tuple[str, ...] = ()
) -> dict[str, tuple[str, ...]]:
    given = [ProbedAgency(name, "", f"N{at}", HOME) for at, name in enumerate(organs)]
    given += [ProbedAgency(name, "", "", f"{HOME}{name}/") for name in columns]
    made = agencies_of(place, given, [lead(name) for name in leads])
    return {body.name: (body.code, *body.aliases) for body in made}


def test_a_body_is_registered_once_with_the_code_of_the_one_spelling_and_the_other_as_an_alias() -> None:
    titles = ("山东省宛平县司法局", "山东省宛平县江口镇人民政府", "山东省宛平县仙山街道办事处", "山东省宛平县人民政府")
    organs = ("司法局", "江口镇人民政府", "仙山街道办事处")
    assert found("宛平县", *titles, organs=organs) == {
        "宛平县司法局": ("N0", "山东省宛平县司法局"),
        "宛平县江口镇人民政府": ("N1", "山东省宛平县江口镇人民政府"),
        "宛平县仙山街道办事处": ("N2", "山东省宛平县仙山街道办事处"),
        "山东省宛平县人民政府": ("",),
    }
    assert set(found("宛平县", *titles, columns=organs)) == set(found("宛平县", *titles, organs=organs))


@pytest.mark.parametrize(
    ("one", "other", "kind", "same"),
    [
        ("宛平县江口镇人民政府", "山东省宛平县江口镇人民政府", AgencyKind.TOWNSHIP, True),
        ("江口镇", "宛平县江口镇人民政府", AgencyKind.TOWNSHIP, True),
        ("宛平县江口镇人民政府", "宛平县白马镇人民政府", AgencyKind.TOWNSHIP, False),
        ("宛平县人民政府", "山东省宛平县人民政府", AgencyKind.GOVERNMENT, True),
        ("宛平县人民政府", "山东省人民政府", AgencyKind.GOVERNMENT, False),
    ],
)
def test_two_of_one_name_in_the_registry_may_be_one(one: str, other: str, kind: AgencyKind, same: bool) -> None:
    first, second = (
        Agency(id=f"w/{name}", portal="w", name=name, kind=kind, recorded_at=datetime(2025, 1, 1, tzinfo=UTC))
        for name in (one, other)
    )
    assert could_be_one(first, second, "宛平县") is same
