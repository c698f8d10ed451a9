"""Labels of links on real portals: to what kind of page each leads; and names of agencies in menus, in full."""

from __future__ import annotations

from typing import Any

import pytest

from archive.identity.names import complete, looks_like_agency
from crawler.lists.words import rule_for
from tests.case_tables import read_cases


@pytest.mark.parametrize("case", read_cases(__file__, "labels"), ids=lambda case: case["what"])
def test_labels_lead_where_they_lead_on_real_portals(case: dict[str, Any]) -> None:
    rules = {label: rule_for(label, case["on"]) for label in case["labels"]}
    assert {label: f"{rule.page_kind} {rule.weight}" if rule else "" for label, rule in rules.items()} == dict.fromkeys(
        rules, case["to"]
    )


@pytest.mark.parametrize(("name", "place", "full"), read_cases(__file__, "agencies")[0]["names"])
def test_a_name_in_a_menu_is_completed(name: str, place: str, full: str) -> None:
    assert (complete(name, place).text, looks_like_agency(name)) == (full, True)
