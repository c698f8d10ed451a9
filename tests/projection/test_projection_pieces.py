"""Pieces of the projection on their own: addresses, visits, what a lead led to, whose an unknown name could be."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from small_archive import LONG_AGO, at

from archive.identity.addresses import same_address
from archive.identity.matching import could_mean
from archive.projection.binding import Bound
from archive.projection.leads import resolve
from archive.projection.truth import PortalTruth
from archive.projection.unread import earlier, wanted, wanted_pictures
from archive.projection.versions import printed_cells
from archive.projection.visits import Visit, visits
from storage.judgements import StoredDocument
from storage.records import (
    Agency,
    AgencyKind,
    Binding,
    Capture,
    CaptureOutcome,
    CaptureRole,
    Cell,
    CellState,
    IdentityEvidence,
    Portal,
    Reading,
)

PORTAL = Portal(
    name="p", place="汶上县", division="370830", hosts=("p.gov.cn",), family="t", recorded_at=LONG_AGO
)  # fmt: skip
NOON = at("2026-02-01 12:00")


def capture(url: str, when: datetime = NOON, **more: object) -> Capture:
    values: dict[str, object] = {"role": CaptureRole.REPORT, "outcome": CaptureOutcome.PAGE, "requested": url}
    return Capture(id=uuid.uuid4().hex, run="r", portal="p", url=url, fetched_at=when, **{**values, **more})  # type: ignore[arg-type]


def test_attachments_hang_on_their_page_through_redirects() -> None:
    page = capture("http://p.gov.cn/1.html")
    hop = capture("http://p.gov.cn/f", role=CaptureRole.ATTACHMENT, outcome=CaptureOutcome.REDIRECT, via=page.id)
    part = capture("http://p.gov.cn/f.pdf", NOON + timedelta(seconds=2), role=CaptureRole.ATTACHMENT, via=hop.id)
    stray = capture("http://p.gov.cn/g.pdf", NOON + timedelta(seconds=3), role=CaptureRole.ATTACHMENT, via="0" * 32)
    looped = capture("http://p.gov.cn/h.pdf", NOON + timedelta(seconds=4), role=CaptureRole.ATTACHMENT)
    looped = replace(looped, via=looped.id)
    truth = PortalTruth(portal=PORTAL, agencies=(), listings=(), captures=(looped, stray, part, hop, page))
    found = visits(truth)
    assert [visit.main for visit in found] == [page, stray, looped]
    assert found[0].parts == (part,)


def bound(when: datetime, report: tuple[str, int] | None, outcome: CaptureOutcome = CaptureOutcome.PAGE) -> Bound:
    main = capture("http://p.gov.cn/1.html", when, outcome=outcome)
    visit = Visit(main=main, address=same_address(main.requested), moved=same_address(main.url))
    if outcome is CaptureOutcome.UNREACHABLE:
        return Bound(visit=visit, binding=None)
    binding = Binding(
        document="d",
        url=main.url,
        is_report=report is not None,
        reason="",
        agency=report[0] if report else None,
        agency_name=None,
        year=report[1] if report else None,
        report_kind=None,
    )
    return Bound(visit=visit, binding=binding)


FIRST, LATER = bound(NOON, ("p/a", 2024)), bound(NOON + timedelta(days=365), ("p/a", 2025))
DOWN, EMPTY = (bound(NOON, None, outcome) for outcome in (CaptureOutcome.UNREACHABLE, CaptureOutcome.SOFT_404))


@pytest.mark.parametrize(
    ("found", "shown", "reports", "is_open", "unfetched"),
    [
        ((FIRST, LATER), timedelta(hours=-1), (FIRST.report,), False, False),
        ((FIRST, LATER), timedelta(days=100), (FIRST.report,), False, False),
        ((FIRST, LATER), timedelta(days=364, hours=23), (LATER.report,), False, False),
        ((FIRST, LATER), timedelta(days=900), (LATER.report,), False, False),
        ((), timedelta(0), (), True, False),
        ((DOWN,), timedelta(0), (), False, True),
        ((DOWN, LATER), timedelta(0), (LATER.report,), False, False),
        ((EMPTY,), timedelta(0), (), True, False),
        ((bound(NOON, None),), timedelta(0), (), False, False),
    ],
)
def test_what_a_lead_led_to_is_what_stood_there_then(
    found: tuple[Bound, ...], shown: timedelta, reports: tuple[object, ...], is_open: bool, unfetched: bool
) -> None:
    resolved = resolve(found, NOON + shown)
    assert (resolved.reports, resolved.open, resolved.unfetched) == (reports, is_open, unfetched)


def agency(name: str, kind: AgencyKind = AgencyKind.DEPARTMENT) -> Agency:
    return Agency(id="p/x", portal="p", name=name, kind=kind, recorded_at=LONG_AGO)


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("汶上县数据局", agency("汶上县大数据局"), True),
        ("汶上县大数据局", agency("汶上县数据局"), True),
        ("汶上县卫生健康局", agency("汶上县卫生健康委员会"), True),
        ("汶上县水务局", agency("汶上县水利局"), True),
        ("汶上县水务局", agency("汶上县税务局"), False),
        ("汶上县民政局", agency("汶上县司法局"), False),
        ("汶上县人民政府办公室", agency("汶上县人民政府", AgencyKind.GOVERNMENT), False),
        ("汶上县郭仓镇人民政府", agency("汶上县次邱镇人民政府", AgencyKind.TOWNSHIP), False),
        ("济源市司法局", agency("汶上县司法局"), False),
        ("汶上县人民政府办公室", agency("汶上县民政局"), False),
    ],
)
def test_an_unknown_name_keeps_a_question_open_only_where_it_could_be_meant(
    name: str, known: Agency, expected: bool
) -> None:
    assert could_mean(name, known, "汶上县") is expected


def test_a_document_was_first_seen_where_it_was_first_seen() -> None:
    page = capture("http://p.gov.cn/1.html", document="d" * 64)
    again = capture("http://p.gov.cn/2.html", NOON + timedelta(days=1), document="d" * 64, revisit_of=page.id)
    blocked = capture("http://p.gov.cn/3.html", document="e" * 64, outcome=CaptureOutcome.BLOCKED)
    truth = PortalTruth(portal=PORTAL, agencies=(), listings=(), captures=(again, page, blocked))
    [document] = wanted(visits(truth)).values()
    assert (document.capture, document.url, document.first_seen) == (page.id, page.url, NOON)
    late = StoredDocument(
        digest=document.digest, capture="f" * 32, url="u", size=7, first_seen=NOON + timedelta(days=9)
    )
    assert earlier(late, document) == earlier(document, late) == replace(document, size=7)


def test_cells_are_equal_by_what_they_print() -> None:
    def reading(**cells: tuple[str, str | None]) -> Reading:
        return Reading(
            document="d",
            reader="r",
            normaliser="n",
            kind="html",
            is_report=True,
            reason="",
            title="",
            form="2021",
            identity=IdentityEvidence(),
            content_digest="c",
            cells={
                name: Cell(
                    id=name,
                    value=None if value is None else Decimal(value),
                    raw=raw,
                    state=CellState.PRINTED if raw else CellState.BLANK,
                )
                for name, (raw, value) in cells.items()
            },
        )

    def printed(**cells: tuple[str, str | None]) -> list[str]:
        return list(printed_cells(reading(**cells)))

    assert printed(a=("3", "3")) == printed(a=("３.0", "3.0"))
    assert printed(a=("0", "0")) != printed(a=("", None))
    assert printed(a=("约3", None)) != printed(a=("约4", None))


def test_pictures_are_read_only_where_nothing_else_holds_the_tables() -> None:
    def reading(document: str, *, cells: bool) -> Reading:
        cell = Cell(id="x", value=Decimal(1), raw="1", state=CellState.PRINTED)
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
    found = visits(PortalTruth(portal=PORTAL, agencies=(), listings=(), captures=(page, picture, typed, file)))
    bare, full = reading("a" * 64, cells=False), reading("d" * 64, cells=True)
    assert set(wanted(found)) == {"a" * 64, "d" * 64}
    assert set(wanted_pictures(found, {"a" * 64: bare})) == {"b" * 64, "c" * 64}
    assert not wanted_pictures(found, {"a" * 64: bare, "d" * 64: full})
    assert not wanted_pictures(found, {"a" * 64: reading("a" * 64, cells=True)})
    assert not wanted_pictures(found, {"a" * 64: replace(bare, is_report=False)})
