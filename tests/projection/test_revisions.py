"""Captures in time order → editions, and what became of the pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_archive import at as t
from storage_making import sample

from archive.projection.editions import PartVersion, ReportVersion, editions, editions_with_ends
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


def told(*visits: ReportVersion) -> list[str]:
    """How each edition began, the days of February between which it was seen, and what is found of it."""
    made = found(*visits)
    days = [[at.astimezone(SHANGHAI).day for at in (one.first_seen, one.last_seen)] for one in made]
    return [
        " ".join([one.change, f"{first}-{last}", *(found.code for found in one.findings)])
        for one, (first, last) in zip(made, days, strict=True)
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
            days = str(known.pop("declared")).split("+")
            known["days"] = tuple(date.fromisoformat(f"2026-{one}") for one in days)
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


@pytest.mark.parametrize(
    ("visits", "counting"),
    [
        ("2A one, 5A two", ["first 2-5", "silent 5-"]),
        # what people brought in counts only before all others
        ("2A one, 3A two brought", ["first 2-"]),
        ("6A one, 3A two brought", ["undated 3-6", "first 6-"]),
    ],
)
def test_each_edition_counts_until_the_next_is_seen(visits: str, counting: list[str]) -> None:
    rows = editions_with_ends(reversed(found(*visits_of(visits))))
    spans = [(one.change, one.known_from.day, until) for one, until in rows if not until or one.known_from < until]
    assert [f"{change} {since}-{until.day if until else ''}" for change, since, until in spans] == counting


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


# ------------------------------------------------------------------------------------------------ what became of pages


def answer(number: int, text: str) -> PageAnswer:
    """Read an answer as "1A one 01-20": day of February and address, edition ("-": none), days that it prints."""
    where, edition, *days = text.split()
    address, at = A if where[-1] == "A" else B, f"2026-02-{int(where[:-1]):02} 09:{number:02}"
    given = tuple(date.fromisoformat(f"2026-{one}") for one in days)
    return PageAnswer(
        at=t(at), capture=f"{at} {address}", address=address, led_to=address,
        edition=None if edition == "-" else edition, days=given,
    )  # fmt: skip


def linked(text: str) -> LookLead:
    """Read a link on a list as "8B": before the answers of that day; "partial", "all" (another list), day it prints."""
    where, *more = text.split()
    address, at = A if where[-1] == "A" else B, f"2026-02-{int(where[:-1]):02} 08:59"
    listed = next((date.fromisoformat(f"2026-{one}") for one in more if "-" in one), None)
    where = {"listing": "all" if "all" in more else "nb", "url": address, "listed": listed}
    lead = sample(Lead, portal="w", agency="w/sfj", year=2025, **where)
    link = Link(url=address, text="", listed=str(listed or ""), capture=f"list {at}")
    return LookLead(look="partial" if "partial" in more else "whole", link=link, lead=lead, address=address, at=t(at))


PAGES = Path(__file__).with_name("page_cases.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("case", [line for line in PAGES if "=>" in line])
def test_what_became_of_pages(case: str) -> None:
    given, _, expected = case.partition("=>")
    visited, _, listed = given.partition("&")
    answers = [answer(number, one) for number, one in enumerate(visited.split(","))]
    links = [linked(one) for one in listed.split(",") if one.strip()]
    told_of = page_findings(answers, links, {"whole"})
    days = sorted(f"{one.known_from.astimezone(SHANGHAI):%d} {one.finding.code}" for one in told_of)
    assert days == [one.strip() for one in expected.split("|") if one.strip()]
    assert tuple(page_findings(reversed(answers), reversed(links), {"whole"})) == told_of
