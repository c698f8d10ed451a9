"""Pieces of the projection on their own: addresses, visits, what a lead led to, whose an unknown name could be."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from small_archive import LONG_AGO, at

from archive.identity.matching import could_mean
from archive.projection.truth import PortalTruth
from archive.projection.unread import documents_to_read, wanted_pictures
from storage.records import (
    Agency,
    AgencyKind,
    Capture,
    CaptureOutcome,
    CaptureRole,
    CellState,
    IdentityEvidence,
    Portal,
    Reading,
    StoredCell,
)
from tests.case_tables import read_cases

PORTAL = Portal(
    name="p", place="汶上县", division="370830", hosts=("p.gov.cn",), family="t", recorded_at=LONG_AGO
)  # fmt: skip
NOON = at("2026-02-01 12:00")


def capture(url: str, when: datetime = NOON, **more: object) -> Capture:
    values: dict[str, object] = {"role": CaptureRole.REPORT, "outcome": CaptureOutcome.PAGE, "requested": url}
    return Capture(id=uuid.uuid4().hex, run="r", portal="p", url=url, fetched_at=when, **{**values, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "known", "kind", "expected"), read_cases(__file__, "names"))
def test_an_unknown_name_keeps_a_question_open_only_where_it_could_be_meant(
    name: str, known: str, kind: str, expected: bool
) -> None:
    agency = Agency(id="p/x", portal="p", name=known, kind=AgencyKind(kind), recorded_at=LONG_AGO)
    assert could_mean(name, agency, "汶上县") is expected


def test_pictures_are_read_only_where_nothing_else_holds_the_tables() -> None:
    def reading(document: str, *, cells: bool) -> Reading:
        cell = StoredCell(id="x", value=Decimal(1), raw="1", state=CellState.PRINTED)
        return Reading(
            document=document, reader="r", normaliser="n", kind="html", is_report=True, reason="", title="", form=None,
            identity=IdentityEvidence(), cells={"x": cell} if cells else {}, content_digest=document,
        )  # fmt: skip

    page = capture("http://p.gov.cn/1.html", document="a" * 64)
    attached = {"role": CaptureRole.ATTACHMENT, "via": page.id}
    picture = capture("http://p.gov.cn/1.JPG", NOON + timedelta(seconds=2), document="b" * 64, **attached)
    typed = capture(
        "http://p.gov.cn/show?2", NOON + timedelta(seconds=3), document="c" * 64, mime="image/png", **attached
    )
    file = capture("http://p.gov.cn/1.doc", NOON + timedelta(seconds=4), document="d" * 64, **attached)
    found = PortalTruth(portal=PORTAL, agencies=(), listings=(), captures=(page, picture, typed, file)).visits
    bare, full = reading("a" * 64, cells=False), reading("d" * 64, cells=True)
    assert set(documents_to_read(found)) == {"a" * 64, "d" * 64}
    assert set(wanted_pictures(found, {"a" * 64: bare})) == {"b" * 64, "c" * 64}
    assert not wanted_pictures(found, {"a" * 64: bare, "d" * 64: full})
    assert not wanted_pictures(found, {"a" * 64: reading("a" * 64, cells=True)})
    assert not wanted_pictures(found, {"a" * 64: replace(bare, is_report=False)})
