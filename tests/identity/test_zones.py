"""Zones run by a board: in which county they are."""

from __future__ import annotations

import pytest

from archive.identity.evidence import identify
from storage.records import IdentityEvidence


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("霍山县高新技术产业开发区管理委员会", "霍山县"),
        ("宽甸满族自治县经济技术开发区管委会", "宽甸满族自治县"),
        ("济源市高新技术产业开发区管理委员会", "济源市"),
        ("舞阳县先进制造业开发区管理委员会", "舞阳县"),  # a zone with a name, of a county
        ("济宁市汶上县经济开发区财政局", "汶上县"),
        ("长春市长春新区司法局", "长春市"),
        ("青岛市西海岸新区教育局", "青岛市"),
        ("上海市浦东新区司法局", "浦东新区"),
        ("山东汶上经济开发区管理委员会", "山东汶上经济开发区"),
    ],
)
def test_the_place_of_a_zone_is_the_county_printed_before_it(body: str, place: str) -> None:
    found = identify(IdentityEvidence(titles=(f"{body}2023年政府信息公开工作年度报告",)))
    assert (found.agency, found.place) == (body, place)
