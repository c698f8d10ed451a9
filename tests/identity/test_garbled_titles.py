"""Titles whose place lost or garbled a character: what the text says of itself counts, and the title is told."""

from __future__ import annotations

import pytest

from archive.identity.evidence import identify
from storage.records import IdentityEvidence


def identified(printed: str, *said: str) -> tuple[str | None, str | None, set[str]]:
    who = identify(IdentityEvidence(titles=(f"{printed}2024年政府信息公开工作年度报告",), statements=said))
    return who.agency, who.place, {found.code for found in who.findings}


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("甸满族自治县林业局", "宽甸满族自治县林业局"),
        ("上县司法局", "汶上县司法局"),
        ("沐阳县人民政府", "沭阳县人民政府"),
        ("兖洲区司法局", "兖州区司法局"),
        ("汶县南旺镇人民政府", "汶上县南旺镇人民政府"),
    ],
)
def test_the_text_tells_what_the_title_lost(printed: str, said: str) -> None:
    agency, place, codes = identified(printed, said)
    assert (agency, codes) == (said, {"agency_conflict"})
    assert said.startswith(place or "?")


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("汶上县司法局", ["沂源县司法局"]),  # both are places
        ("鄂城区司法局", ["郓城县司法局"]),
        ("沐阳县司法局", ["沭阳县司法局", "沂源县司法局"]),  # the text does not agree with itself
        ("甸满族自治县财政局", ["宽甸满族自治县林业局"]),  # another body
        ("汶上县南镇人民政府", ["汶上县南旺镇人民政府"]),  # of townships there are no lists
    ],
)
def test_a_title_is_not_changed_without_need(printed: str, said: list[str]) -> None:
    agency, _, codes = identified(printed, *said)
    assert agency == printed
    assert "agency_conflict" in codes


def test_a_short_form_is_no_conflict() -> None:
    assert identified("汶上司法局", "汶上县司法局") == ("汶上县司法局", "汶上县", set())
