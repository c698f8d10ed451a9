"""A look that counts by the order of its entries is said to count where somebody asks what a status rests on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_archive import Site, at, new_archive

from archive.assessment.suspicion import ENDLESS
from archive.projection.update import update
from archive.queries.verdict import status
from storage.home import Home
from storage.observations import Observations
from storage.records import Extraction, Link, Listing, Look, LookOutcome, Status


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Home]:
    with new_archive(tmp_path / "archive") as home:
        yield home


def look_without_end(site: Site, when: str, listing: Listing, *days: str) -> None:
    """A look at a full page of entries, one on each of ``days``, of which nothing says that they are all."""
    moment = at(when)
    look = Look(
        id=f"{int(moment.timestamp()):032x}", run=site.run(moment).id, portal=site.name, listing=listing.id,
        started=moment, finished=moment, outcome=LookOutcome.PARTIAL, reason=ENDLESS,
    )  # fmt: skip
    links = tuple(
        Link(
            url=site.url(f"nb/{day}.html"),
            text=f"汶上县第{n}局{int(day[:4]) - 1}年政府信息公开工作年度报告",
            listed=day,
            position=n,
        )
        for n, day in enumerate(days)
    )
    Observations(site.home).add_look(look, Extraction(look=look.id, extractor="test", made_at=moment, links=links))


@pytest.mark.parametrize(("oldest", "said"), [("2024-01-1", Status.MISSING), ("2025-01-1", Status.UNKNOWN)])
def test_a_status_says_which_looks_count_though_nobody_knows_where_their_list_ends(
    archive: Home, oldest: str, said: Status
) -> None:
    site = Site(archive, first_year=2025)
    sfj = site.agency("sfj", "汶上县司法局")
    for n in range(10):
        site.agency(f"d{n}", f"汶上县第{n}局")
    column = site.column()
    days = [*(f"2026-01-{day}" for day in range(26, 20, -1)), *(f"{oldest}{n}" for n in range(3, -1, -1))]
    for when in ("2026-02-01 09:00", "2026-02-09 09:00"):
        look_without_end(site, when, column, *days)
    update(archive)
    found = status(archive, sfj.name, 2025)
    assert found.duty.status is said
    counted = {(LookOutcome.PARTIAL, 2025)} if said is Status.MISSING else set()
    assert {(look.outcome, look.whole_from) for look in found.looks} == counted
