"""Rows for the tests of this room: agencies, listings, links, readings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from storage.records import (
    Agency,
    AgencyKind,
    CellState,
    Finding,
    IdentityEvidence,
    Listing,
    ListingForm,
    Portal,
    Reading,
    Ruling,
    RulingKind,
    StoredCell,
)

NOW = datetime(2025, 1, 1, tzinfo=UTC)
SHOWN = datetime(2026, 2, 1, 1, 0, tzinfo=UTC)
PAGE = "http://www.wenshang.gov.cn/art/2025/1/20/art_1_2.html"
TITLE = "2024年政府信息公开工作年度报告"
CASES = Path(__file__).with_name("cases")


def agency(local: str, name: str, kind: AgencyKind = AgencyKind.DEPARTMENT, **more: Any) -> Agency:
    portal = more.pop("portal", "wenshang")
    return Agency(id=f"{portal}/{local}", portal=portal, name=name, kind=kind, recorded_at=NOW, **more)


def portal_of(name: str, place: str, *hosts: str, division: str | None = None) -> Portal:
    return Portal(name=name, place=place, division=division, hosts=hosts, family="trs", recorded_at=NOW)


def listing(column: str = "政府信息公开年报", **more: Any) -> Listing:
    given: dict[str, Any] = {
        "form": ListingForm.COLUMN,
        "url": "http://www.wenshang.gov.cn/col/col1/index.html",
        **more,
    }
    return Listing(id="wenshang:main", portal="wenshang", column=column, recorded_at=NOW, **given)


def reading(
    *titles: str,
    meta: Mapping[str, str] | None = None,
    statements: Sequence[str] = (),
    period: Sequence[int] = (),
    running: Sequence[str] = (),
    with_form: bool = True,
    **more: Any,
) -> Reading:
    cell = StoredCell(id="applications.received.total", value=None, raw="", state=CellState.BLANK)
    given: dict[str, Any] = {
        "document": "d" * 64, "reader": "1", "normaliser": "1", "kind": "html", "is_report": True, "reason": "",
        "title": titles[0] if titles else "", "form": "2021" if with_form else None, "content_digest": "c",
        "cells": {cell.id: cell} if with_form else {}, **more,
    }  # fmt: skip
    given.setdefault(
        "identity",
        IdentityEvidence(
            titles=titles, meta=meta or {}, statements=tuple(statements), period=tuple(period), running=tuple(running)
        ),
    )
    return Reading(**given)


def ruling(day: int = 1, *, subject: str = "", kind: str = "binding", **decision: str | int | bool) -> Ruling:
    about = {"": PAGE, "document": "d" * 64}.get(subject, subject)
    made = datetime(2026, 3, day, tzinfo=UTC)
    return Ruling(
        id=f"r{day}", made_at=made, by="an operator", kind=RulingKind(kind), subject=about, decision=decision, reason=""
    )


def cases(name: str) -> list[Any]:
    """Return the cases of a file, each with what its group shows; ``{T}`` in them is :data:`TITLE`."""
    text = (CASES / name).read_text(encoding="utf-8").replace("{T}", TITLE)
    groups = tomllib.loads(text)
    return [
        pytest.param(case, id=f"{about} {number}")
        for about, rows in groups.items()
        for number, case in enumerate(rows, start=1)
    ]


def registry_of(case: Mapping[str, Any], usual: tuple[Agency, ...]) -> tuple[Agency, ...]:
    """Return the agencies that a case names (id, name and, where it is no department, kind), or else the usual."""
    rows = [(*row.split(), "department")[:3] for row in case.get("registry", ())]
    return tuple(agency(local, name, AgencyKind(kind)) for local, name, kind in rows) or usual


def check(told: Mapping[str, object], case: Mapping[str, Any]) -> None:
    """Compare what was found with what a case wants of it; "none" stands for None."""
    for what in told.keys() & case.keys():
        assert told[what] == (None if case[what] == "none" else case[what]), what


def summary(findings: Sequence[Finding], wanted: Sequence[str]) -> list[str]:
    """Return findings as a case writes them, with as many words as the case has."""
    said = [f"{one.code} {one.found or '-'} {one.expected or '-'}" for one in findings]
    words = [len(one.split()) for one in wanted]
    return [" ".join(one.split()[: words[at] if at < len(words) else 3]) for at, one in enumerate(said)]
