"""Bodies that only their own reports name: the cases of ``cases/self_named.toml``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from identity_making import SHOWN, agency, cases, listing, reading, registry_of

from archive.identity.agency_csv import is_self_named
from archive.identity.binding import bind
from archive.identity.classification import lead_of
from archive.projection.self_named import self_named
from storage.records import Agency, AgencyKind, Link, Portal

NOW = datetime(2026, 4, 2, tzinfo=UTC)
USUAL = (agency("gov", "汶上县人民政府", AgencyKind.GOVERNMENT), agency("sfj", "汶上县司法局"))


def taken(case: dict[str, Any], portal: Portal) -> Sequence[Agency]:
    """Return the bodies that are taken after the reports of a case are bound."""
    rows = registry_of(case, USUAL)
    rows = (*rows[:-1], replace(rows[-1], aliases=tuple(case.get("aliases", ()))))
    own = f"wenshang/{case['own']}" if "own" in case else None
    column = listing(agency=own, covers=tuple(map(AgencyKind, case.get("covers", ("department", "township")))))
    leads, bindings, said = [], [], {}
    for number, given in enumerate(case["reports"], start=1):
        url = f"http://www.wenshang.gov.cn/art/{given['year'] + 1}/1/20/art_1_{number}.html"
        title = given.get("title", f"{given['year']}年政府信息公开工作年度报告")
        body = (given["body"],) if "body" in given else ()
        meta = given.get("meta", {"发布机构": body[0]} if body else {})
        texts = {name: tuple(given.get(name, ())) for name in ("statements", "running")}
        texts["statements"] = texts["statements"] or body
        read = replace(reading(title, meta=meta, period=(given["year"],), **texts), document=f"{number:064}")
        leads.append(lead_of(Link(url=url, text=given.get("link", title), capture="c"), column, portal, rows))
        said[read.document] = read.identity
        bindings.append(
            bind(
                read, url=url, lead=leads[-1], listing=column, portal=portal, agencies=rows, rulings=(), shown_at=SHOWN
            )
        )
    return self_named(portal, rows, [column], leads, bindings, said, now=NOW)


@pytest.mark.parametrize("case", cases("self_named.toml"))
def test_who_is_taken_into_the_registry(case: dict[str, Any], portal: Portal) -> None:
    assert [one.name for one in taken(case, portal)] == case["names"]


def test_who_is_taken_is_guessed_and_says_where_it_was_met(portal: Portal) -> None:
    body = "汶上县林业局"
    (one,) = taken({"reports": [{"year": year, "body": body} for year in (2023, 2024)]}, portal)
    assert (one.name, one.kind, one.guessed, one.recorded_at) == (body, AgencyKind.DEPARTMENT, True, NOW)
    assert one.source.endswith("/art/2025/1/20/art_1_2.html")
    assert is_self_named(one)
    assert not is_self_named(replace(one, guessed=False, source="import of list.csv: a document"))
