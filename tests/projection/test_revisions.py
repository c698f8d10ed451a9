"""Captures in time order → editions, and what became of the pages."""

# ruff: noqa: E501 - one case one line

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_archive import at as t

from archive.projection.editions import PartVersion, ReportVersion, editions
from archive.projection.leads import LookLead
from archive.projection.page_answers import PageAnswer, page_findings
from storage.records import SHANGHAI, Capture, CaptureOutcome, CaptureRole, Edition, Lead, Link

A, B = "http://x.gov.cn/1.html", "http://x.gov.cn/2.html"


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def visit(at: str, content: str | None, url: str = A, *, furniture: str = "", **more: object) -> ReportVersion:
    page = Capture(
        id=f"c {at} {url}", run=str(more.pop("run", at[:10])), portal="w", role=CaptureRole.REPORT, url=url,
        requested=str(more.pop("requested", url)), fetched_at=t(at), outcome=CaptureOutcome.PAGE,
    )  # fmt: skip
    values = {
        "page": page,
        "main": digest(f"{content}{furniture}"),
        "content": None if content is None else digest(f"content {content}"),
    }
    return ReportVersion(**{**values, **more})  # type: ignore[arg-type]


def part(url: str, content: str | None) -> PartVersion:
    return PartVersion(address=url, content=content, document=content and digest(content))


def found(*visits: ReportVersion) -> tuple[Edition, ...]:
    return editions("w/sfj", 2025, visits)


def codes(edition: Edition) -> list[str]:
    return [finding.code for finding in edition.findings]


def told(*visits: ReportVersion) -> list[str]:
    """How each edition began, the days of February between which it was seen, and what is found of it."""
    made = found(*visits)
    days = [[at.astimezone(SHANGHAI).day for at in (one.first_seen, one.last_seen)] for one in made]
    return [
        " ".join([one.change, f"{first}-{last}", *codes(one)]) for one, (first, last) in zip(made, days, strict=True)
    ]


def visits_of(text: str) -> list[ReportVersion]:
    """Visits as "1A one, 8B two pdf:2": day and address, content ("-": not read), then what else is known."""
    made = []
    for number, one in enumerate(text.split(", ")):
        where, content, *more = one.split()
        known: dict[str, object] = {
            "parts": tuple(
                part(f"/{x}.pdf", None if c == "-" else c) for x, _, c in (m.partition(":") for m in more if ":" in m)
            )
        }
        known |= {key: value for key, _, value in (m.partition("=") for m in more if "=" in m)}
        if "declared" in known:
            known["days"] = (date.fromisoformat(f"2026-{known.pop('declared')}"),)
        if "from" in known:
            known["requested"] = A if known.pop("from") == "A" else B
        known |= {"corrected": "corrected" in more, "imported": "brought" in more}
        made.append(
            visit(
                f"2026-02-{int(where[:-1]):02} 09:{number:02}",
                None if content == "-" else content,
                A if where[-1] == "A" else B,
                **known,
            )
        )
    return made


CASES = Path(__file__).with_name("edition_cases.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("case", [line for line in CASES if "=>" in line])
def test_what_begins_an_edition_and_what_does_not(case: str) -> None:
    visits, _, expected = case.partition(" => ")
    assert told(*visits_of(visits)) == expected.split(" | ")


def test_an_edition_is_named_after_its_first_document_and_the_one_before() -> None:
    one, two, again, *_, third = found(*visits_of("1A one, 2A two, 3A one, 4A two, 5A one"))
    assert (again.id, third.id) == (f"{one.id}.2", f"{one.id}.3")
    assert (again.former, again.former_last_seen, one.track) == (two.id, two.last_seen, again.track)
    (unread,) = found(visit("2026-02-01 09:00", None), visit("2026-02-08 09:00", None, furniture="other bytes"))
    assert unread.content_digest.startswith("bytes:")
    before, after = found(*visits_of("1A one a:pdf, 8A one a:new"))
    assert before.content_digest != after.content_digest


contents = st.sampled_from(["one", "two", "three", None])
visits = st.lists(
    st.tuples(st.integers(1, 28), st.sampled_from([A, B]), contents, st.sampled_from([(), (part("/a.pdf", "p"),)])),
    max_size=12,
    unique_by=lambda row: (row[0], row[1]),
).map(lambda rows: [visit(f"2026-02-{day:02d} 09:00", content, url, parts=parts) for day, url, content, parts in rows])


@given(visits, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_editions_hold_every_capture_once_and_order_never_matters(some: list[ReportVersion], random: object) -> None:
    whole = found(*some)
    mixed = list(some)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert found(*mixed) == whole
    held = [capture for edition in whole for capture in edition.captures]
    assert sorted(held) == sorted(version.page.id for version in some)
    assert len({edition.id for edition in whole}) == len(whole)
    assert all(edition.first_seen <= edition.last_seen for edition in whole)
    for edition in whole:
        assert (edition.former is None) is (edition.change == "first")


FILE = {"cells": "x", "cells_from": digest("one"), "shape": "docx", "parts": (part("/a.docx", "one"),), "frame": True}
OTHER = {"cells": "x", "cells_from": digest("pdf"), "shape": "pdf", "parts": (part("/a.docx", "pdf"),), "frame": True}
FAILS = {"parts": (part("/a.docx", None),), "frame": True}
PAGE = {"content": "one", "cells": "x", "cells_from": digest("page"), "main": digest("page"), "shape": "html"}


@pytest.mark.parametrize(
    ("second", "third", "expected"),
    [
        # the page that links the file: with it, while it fails, and without it
        (FILE, FILE, [("first", 15)]),
        (FAILS, FAILS, [("first", 1)]),
        # other words around the link, or a page that says something itself
        (FILE | {"content": "words", "frame": False}, FILE, [("first", 1), ("silent", 8), ("returned", 15)]),
        # other words around the link while the file fails: nobody can say
        (FAILS | {"content": "words"}, FILE, [("first", 15)]),
        # what the file said stands in the page itself, and goes back
        (PAGE, FILE, [("first", 15)]),
        (PAGE, FAILS, [("first", 8)]),
        # the same figures in another kind of document, whose text reads otherwise; other figures in it
        (OTHER, OTHER, [("first", 1), ("reshaped", 15)]),
        (OTHER | {"cells": "y"}, OTHER | {"cells": "y"}, [("first", 1), ("silent", 15)]),
    ],
)
def test_a_report_in_a_file_is_seen_where_the_file_is(
    second: dict[str, object], third: dict[str, object], expected: list[tuple[str, int]]
) -> None:
    days = ((1, FILE), (8, second), (15, third))
    visits = [replace(visit(f"2026-02-{day:02d} 09:00", "frame"), **more) for day, more in days]  # type: ignore[arg-type]
    assert [(one.change, one.last_seen.astimezone(SHANGHAI).day) for one in found(*visits)] == expected


def test_a_date_that_moves_by_itself_announces_nothing() -> None:
    """Portals that print the day on which the page was made move it at every making."""

    def dated(at: str, content: str, *days: str) -> ReportVersion:
        given = [date.fromisoformat(one) for one in days]
        return visit(at, content, days=tuple(given))

    first, moved = dated("2026-02-01 09:00", "one", "2026-01-20"), dated("2026-02-08 09:00", "one", "2026-02-07")
    assert told(first, moved, dated("2026-02-15 09:00", "two", "2026-02-14"))[-1].startswith("silent")
    assert told(first, dated("2026-02-15 09:00", "two", "2026-02-14"))[-1].startswith("announced")
    # one of the days stays: it was not published anew
    both = dated("2026-02-01 09:00", "one", "2026-02-01", "2026-01-20")
    assert told(both, dated("2026-02-15 09:00", "two", "2026-02-14", "2026-01-20"))[-1].startswith("silent")


# ------------------------------------------------------------------------------------------------ what became of pages


def answer(at: str, address: str, edition: str | None, *days: str) -> PageAnswer:
    given = [date.fromisoformat(one) for one in days]
    return PageAnswer(
        at=t(f"2026-02-{at}"), capture=f"{at} {address}", address=address, led_to=address, edition=edition,
        days=tuple(given),
    )  # fmt: skip


def linked(at: str, address: str, *, listing: str = "nb", whole: bool = True, text: str = "") -> LookLead:
    lead = Lead(
        portal="w", listing=listing, url=address, title="", listed=date.fromisoformat(text) if text else None, is_report=True,
        agency="w/sfj", agency_name=None, year=2025, report_kind=None, confidence=1.0, reason="",
    )  # fmt: skip
    link = Link(url=address, text="", listed=text, capture=f"list {at}")
    return LookLead(look="whole" if whole else "partial", link=link, lead=lead, address=address, at=t(f"2026-02-{at}"))


ONE = answer("01 09:00", A, "one")


@pytest.mark.parametrize(
    ("answers", "links", "expected"),
    [
        # gone at both addresses in one round is gone once; back at the other
        ([ONE, answer("01 09:01", B, "one"), answer("08 09:00", A, None), answer("08 09:01", B, None)], [], ["08 page_gone"]),
        ([ONE, answer("08 09:00", A, None), answer("15 09:00", B, "one")], [], ["08 page_gone", "15 page_back"]),
        ([ONE, answer("08 09:00", A, None), answer("08 09:01", B, "one")], [], ["08 moved"]),
        ([ONE, answer("08 09:00", A, None), answer("08 09:01", B, "two")], [], ["08 replaced"]),
        # other content elsewhere while the former is there, or was not asked for again, replaces nothing
        ([ONE, answer("08 09:00", A, "one"), answer("08 09:01", B, "two")], [], []),
        # a list that no longer links it says so only if it was read to its end, and links another that it did not before
        ([ONE, answer("08 09:01", B, "one")], [linked("01 08:59", A), linked("08 08:59", B)], ["08 moved"]),
        ([ONE, answer("08 09:01", B, "one")], [linked("01 08:59", A), linked("08 08:59", B, whole=False)], []),
        ([ONE, answer("01 09:01", B, "one")], [linked("01 08:59", A), linked("01 08:59", B), linked("08 08:59", B)], []),
        ([ONE, answer("08 09:01", B, "one")], [linked("01 08:59", A), linked("08 08:59", B), linked("08 08:59", A, listing="all")], []),
        # dates: another day and none of the former ones; each address by itself
        ([answer("01 09:00", A, "one", "2026-01-20"), answer("08 09:00", A, "one", "2026-01-10")], [], ["08 backdated"]),
        ([answer("01 09:00", A, "one", "2026-01-20"), answer("08 09:00", A, "two", "2026-01-10")], [], ["08 backdated"]),
        ([answer("01 09:00", A, "one", "2026-01-20"), answer("08 09:00", A, "one", "2026-02-07")], [], ["08 redated"]),
        ([answer("01 09:00", A, "one", "2026-01-20"), answer("08 09:00", A, "two", "2026-02-07")], [], []),
        ([answer("01 09:00", A, "one", "2026-02-01", "2026-01-20"), answer("08 09:00", A, "one", "2026-01-20")], [], []),
        ([answer("01 09:00", A, "one", "2026-01-20"), answer("08 09:00", B, "one", "2026-01-10")], [], []),
        ([ONE], [linked("01 09:00", A, text="2026-01-20"), linked("08 09:00", A, text="2026-01-02")], ["08 backdated"]),
        ([ONE], [linked("01 09:00", A, text="2026-01-20"), linked("08 09:00", A, text="2026-01-02", listing="all")], []),
    ],
)  # fmt: skip
def test_what_became_of_pages(answers: list[PageAnswer], links: list[LookLead], expected: list[str]) -> None:
    told_of = page_findings(answers, links, {"whole"})
    days = sorted(f"{one.known_from.astimezone(SHANGHAI):%d} {one.finding.code}" for one in told_of)
    assert days == expected
    assert tuple(page_findings(reversed(answers), reversed(links), {"whole"})) == told_of
