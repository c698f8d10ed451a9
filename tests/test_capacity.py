"""The capacity plan is what the simulation of the repository says, and the simulation counts as it claims."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path

import yaml

from scripts.capacity import BEGIN, END, FILE, breaks, simulated, tables
from storage.config import Config

ROOT = Path(__file__).parents[1]
GIVEN = tomllib.loads(FILE.read_text(encoding="utf-8"))


def test_the_plan_stands_as_the_simulation_computes_it() -> None:
    text = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0].strip() == tables(GIVEN).strip()


def test_a_year_costs_what_its_crawls_and_reports_cost() -> None:
    given = copy.deepcopy(GIVEN)
    given["web"] |= {"season_days": 0, "regular_days": 365, "list_requests": 10, "weekly_weeks": 0, "older_visits": 0}
    case = {"title": "one", "portals": 2, "bodies": 3, "past_years": 0, "attachments": 0}
    (year,) = simulated(given, case, 1)
    assert (year.crawls, year.reports, year.requests) == (2, 6, 2 * 10 + 6)
    assert year.machines == 1


def test_what_breaks_first_is_told_in_its_order() -> None:
    given = copy.deepcopy(GIVEN)
    case = given["case"]["counties"] | {"portals": 100_000}
    told = breaks(given, [*simulated(given, case, 10)])
    assert told == sorted(told[:-1], key=lambda one: int(one.split()[1].rstrip(":"))) + told[-1:]
    assert any("more workers" in one for one in told)


def test_the_containers_have_settings_that_there_are() -> None:
    composed = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    for service in composed["services"].values():
        names = [name for name in service["environment"] if name.startswith("NIANBAO_")]
        assert {name.removeprefix("NIANBAO_").lower() for name in names} <= Config.model_fields.keys()
