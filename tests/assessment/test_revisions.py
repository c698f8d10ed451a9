"""Captures in time order → editions, and what became of the pages."""

# ruff: noqa: E501 - one case one line

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest
from fact_making import t
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.assessment.aftermath import Answer, ListedLink, aftermath
from archive.assessment.editions import PartVersion, Version, editions
from storage.records import SHANGHAI, Edition

A, B = "http://x.gov.cn/1.html", "http://x.gov.cn/2.html"


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def visit(at: str, content: str | None, url: str = A, *, furniture: str = "", **more: object) -> Version:
    values = {
        "capture": f"c {at} {url}",
        "run": at[:10],
        "at": t(at),
        "requested": url,
        "url": url,
        "main": digest(f"{content}{furniture}"),
        "content": None if content is None else digest(f"content {content}"),
    }
    return Version(**{**values, **more})  # type: ignore[arg-type]


def part(url: str, content: str | None) -> PartVersion:
    return PartVersion(url=url, content=content, document=content and digest(content))


def found(*visits: Version) -> tuple[Edition, ...]:
    return editions("w/sfj", 2025, visits)


def codes(edition: Edition) -> list[str]:
    return [finding.code for finding in edition.findings]


def test_furniture_makes_no_edition_and_every_capture_resolves_to_it() -> None:
    (only,) = found(
        visit("2026-02-01 09:00", "one", furniture="17 hits"), visit("2026-02-08 09:00", "one", furniture="93 hits")
    )
    assert only.id == f"w/sfj/2025@{digest('one17 hits')[:12]}"
    assert (only.first_seen, only.last_seen) == (t("2026-02-01 09:00"), t("2026-02-08 09:00"))
    assert digest("one93 hits") in only.documents


def test_a_silent_revision_lies_between_two_captures() -> None:
    one, two = found(
        visit("2026-02-01 09:00", "one"), visit("2026-02-08 09:00", "one"), visit("2026-02-15 09:00", "two")
    )
    assert (one.change, two.change) == ("first", "silent")
    assert (two.former, two.former_last_seen) == (one.id, t("2026-02-08 09:00"))
    assert one.last_seen == t("2026-02-08 09:00")
    assert codes(two) == ["silent_revision"]
    assert one.track == two.track


def test_a_revision_that_says_so_or_bears_a_later_date_is_announced() -> None:
    first = visit("2026-02-01 09:00", "one", declared=date(2026, 1, 20))
    assert found(first, visit("2026-02-08 09:00", "two", corrected=True))[1].change == "announced"
    assert found(first, visit("2026-02-08 09:00", "two", declared=date(2026, 2, 5)))[1].change == "announced"
    assert found(first, visit("2026-02-08 09:00", "two", declared=date(2026, 1, 20)))[1].change == "silent"
    assert found(first, visit("2026-02-08 09:00", "two", declared=date(2026, 1, 10)))[1].change == "silent"


def test_a_return_to_former_content_is_an_edition_of_its_own() -> None:
    one, two, again = found(
        visit("2026-02-01 09:00", "one"), visit("2026-02-08 09:00", "two"), visit("2026-02-15 09:00", "one")
    )
    assert again.id == f"{one.id}.2"
    assert (again.change, again.former) == ("returned", two.id)
    third = found(
        *(
            visit(f"2026-02-{day:02d} 09:00", content)
            for day, content in enumerate(["one", "two", "one", "two", "one"], 1)
        )
    )
    assert [e.id.rpartition("@")[2].partition(".")[2] for e in third] == ["", "", "2", "2", "3"]


def test_the_same_content_at_two_addresses_is_one_report() -> None:
    (only,) = found(
        visit("2026-02-01 09:00", "one"), visit("2026-02-01 09:01", "one", B), visit("2026-02-08 09:00", "one", B)
    )
    assert only.last_seen == t("2026-02-08 09:00")
    assert only.change == "first"


def test_a_second_address_that_lags_behind_is_no_return() -> None:
    one, two = found(
        visit("2026-02-01 09:00", "one"),
        visit("2026-02-01 09:01", "one", B),
        visit("2026-02-08 09:00", "two"),
        visit("2026-02-08 09:01", "one", B),
        visit("2026-02-15 09:00", "two"),
        visit("2026-02-15 09:01", "two", B),
    )
    assert one.last_seen == t("2026-02-08 09:01")
    assert two.last_seen == t("2026-02-15 09:01")
    assert [two.change, *codes(two)] == ["silent", "silent_revision", "two_at_once"]


def test_different_content_at_another_address_is_no_revision() -> None:
    one, two = found(visit("2026-02-01 09:00", "one"), visit("2026-02-01 09:01", "two", B))
    assert (one.change, two.change) == ("first", "first")
    assert two.former is None
    assert codes(one) == codes(two) == ["two_at_once"]
    one, two = found(visit("2026-02-01 09:00", "one"), visit("2026-03-01 09:00", "two", B))
    assert codes(one) == codes(two) == []


def test_the_same_cells_in_another_shape_do_not_differ() -> None:
    one, two = found(visit("2026-02-01 09:00", "page", cells="x"), visit("2026-02-01 09:01", "pdf", B, cells="x"))
    assert codes(one) == codes(two) == []
    one, two = found(visit("2026-02-01 09:00", "page", cells="x"), visit("2026-02-01 09:01", "pdf", B, cells="y"))
    assert codes(one) == codes(two) == ["two_at_once"]
    one, two = found(visit("2026-02-01 09:00", "page", cells="x"), visit("2026-02-01 09:01", "picture", B))
    assert codes(one) == codes(two) == []


def test_a_redirect_is_a_move_of_the_track() -> None:
    one, two = found(
        visit("2026-02-01 09:00", "one"),
        visit("2026-02-08 09:00", "two", url=B, requested=A),
        visit("2026-02-15 09:00", "two", B),
    )
    assert (two.change, two.former, two.last_seen) == ("silent", one.id, t("2026-02-15 09:00"))
    (only,) = found(visit("2026-02-01 09:00", "one"), visit("2026-02-08 09:00", "one", A.replace("http:", "https:")))
    assert only.last_seen == t("2026-02-08 09:00")


def test_a_part_that_could_not_be_fetched_ends_no_edition() -> None:
    (only,) = found(
        visit("2026-02-01 09:00", "one", parts=(part("/a.pdf", "pdf"),)),
        visit("2026-02-08 09:00", "one", parts=(part("/a.pdf", None),)),
        visit("2026-02-15 09:00", "one"),
        visit("2026-02-22 09:00", "one", parts=(part("/a.pdf", "pdf"),)),
    )
    assert only.last_seen == t("2026-02-22 09:00")
    (filled,) = found(
        visit("2026-02-01 09:00", "one", parts=(part("/a.pdf", None),)),
        visit("2026-02-08 09:00", "one", parts=(part("/a.pdf", "pdf"),)),
    )
    assert digest("pdf") in filled.documents


def test_a_replaced_attachment_is_a_revision() -> None:
    same_address = found(
        visit("2026-02-01 09:00", "one", parts=(part("/a.pdf", "pdf"),)),
        visit("2026-02-08 09:00", "one", parts=(part("/a.pdf", "pdf 2"),)),
    )
    new_address = found(
        visit("2026-02-01 09:00", "one", parts=(part("/a.pdf", "pdf"),)),
        visit("2026-02-08 09:00", "one", parts=(part("/b.pdf", "pdf 2"),)),
    )
    for one, two in (same_address, new_address):
        assert two.change == "silent"
        assert two.id == f"{one.id}.2"
        assert two.content_digest != one.content_digest
    (moved,) = found(
        visit("2026-02-01 09:00", "one", parts=(part("/a.pdf", "pdf"),)),
        visit("2026-02-08 09:00", "one", parts=(part("/b.pdf", "pdf"),)),
    )
    assert moved.change == "first"


def test_what_cannot_be_read_changes_nothing_but_opens_an_edition_where_there_is_none() -> None:
    (only,) = found(visit("2026-02-01 09:00", "one"), visit("2026-02-08 09:00", None))
    assert only.last_seen == t("2026-02-01 09:00")
    assert len(only.captures) == 2
    (opened,) = found(visit("2026-02-01 09:00", None), visit("2026-02-08 09:00", None, furniture="other bytes"))
    assert opened.content_digest.startswith("bytes:")
    (read,) = found(visit("2026-02-01 09:00", None), visit("2026-02-08 09:00", "one"))
    assert read.content_digest == digest("content one")


contents = st.sampled_from(["one", "two", "three", None])
visits = st.lists(
    st.tuples(st.integers(1, 28), st.sampled_from([A, B]), contents, st.sampled_from([(), (part("/a.pdf", "p"),)])),
    max_size=12,
    unique_by=lambda row: (row[0], row[1]),
).map(lambda rows: [visit(f"2026-02-{day:02d} 09:00", content, url, parts=parts) for day, url, content, parts in rows])


@given(visits, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_editions_hold_every_capture_once_and_order_never_matters(some: list[Version], random: object) -> None:
    whole = found(*some)
    mixed = list(some)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert found(*mixed) == whole
    held = [capture for edition in whole for capture in edition.captures]
    assert sorted(held) == sorted(version.capture for version in some)
    assert len({edition.id for edition in whole}) == len(whole)
    assert all(edition.first_seen <= edition.last_seen for edition in whole)
    for edition in whole:
        assert (edition.former is None) is (edition.change == "first")


def test_one_more_attachment_is_no_revision() -> None:
    (only,) = found(
        visit("2026-02-01 09:00", "one", parts=(part("/a.pdf", "pdf"),)),
        visit("2026-02-08 09:00", "one", parts=(part("/a.pdf", "pdf"), part("/b.pdf", "chart"))),
    )
    assert only.change == "first"
    assert digest("chart") in only.documents


def test_bytes_that_cannot_be_read_are_no_capture_of_the_content_read_since() -> None:
    """The same broken file as at first, met again after the report was read there, says nothing of the content."""
    broken = visit("2026-02-01 09:00", None)
    again = visit("2026-03-01 09:00", None)
    assert broken.main == again.main

    [edition] = found(broken, visit("2026-02-08 09:00", "A"), again)

    assert edition.last_seen == t("2026-02-08 09:00")
    assert edition.captures[-1] == again.capture


def told(*visits: Version) -> list[tuple[str, int]]:
    """How each edition began, and the day of February on which it was seen last."""
    return [(edition.change, edition.last_seen.astimezone(SHANGHAI).day) for edition in found(*visits)]


FILE = {"cells": "x", "cells_from": digest("one"), "shape": "docx", "parts": (part("/a.docx", "one"),), "frame": True}
OTHER = {"cells": "x", "cells_from": digest("pdf"), "shape": "pdf", "parts": (part("/a.docx", "pdf"),), "frame": True}
FAILS = {"parts": (part("/a.docx", None),), "frame": True}
PAGE = {"content": "one", "cells": "x", "cells_from": digest("page"), "main": digest("page"), "shape": "html"}


@pytest.mark.parametrize(
    ("second", "third", "expected"),
    [
        # the page that links the file: with it, while it fails, and without it
        (FILE, FILE, [("first", 15)]),
        (FAILS, FILE, [("first", 15)]),
        (FAILS, FAILS, [("first", 1)]),
        ({"frame": True}, {"frame": True}, [("first", 1)]),
        # other words around the link, or a page that says something itself
        (FILE | {"content": "words"}, FILE, [("first", 15)]),
        (FILE | {"content": "words", "frame": False}, FILE, [("first", 1), ("silent", 8), ("returned", 15)]),
        # other words around the link while the file fails: nobody can say
        (FAILS | {"content": "words"}, FILE, [("first", 15)]),
        (FAILS | {"content": "words", "frame": False}, FAILS | {"content": "words"}, [("first", 1)]),
        # what the file said stands in the page itself, and goes back
        (PAGE, FILE, [("first", 15)]),
        (PAGE, FAILS, [("first", 8)]),
        (PAGE | {"cells": "y"}, FILE, [("first", 1), ("silent", 8), ("returned", 15)]),
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
    assert told(*visits) == expected


def test_a_date_that_moves_by_itself_announces_nothing() -> None:
    """Portals that print the day on which the page was made move it at every making."""

    def dated(at: str, content: str, *days: str) -> Version:
        given = [date.fromisoformat(one) for one in days]
        return visit(at, content, declared=given[0], days=frozenset(given))

    first, moved = dated("2026-02-01 09:00", "one", "2026-01-20"), dated("2026-02-08 09:00", "one", "2026-02-07")
    assert told(first, moved, dated("2026-02-15 09:00", "two", "2026-02-14"))[-1] == ("silent", 15)
    assert told(first, dated("2026-02-15 09:00", "two", "2026-02-14"))[-1] == ("announced", 15)
    # one of the days stays: it was not published anew
    both = dated("2026-02-01 09:00", "one", "2026-02-01", "2026-01-20")
    assert told(both, dated("2026-02-15 09:00", "two", "2026-02-14", "2026-01-20"))[-1] == ("silent", 15)


def test_a_revision_names_the_captures_that_it_lies_between() -> None:
    first, failed, second = (
        visit("2026-02-01 09:00", "one"), visit("2026-02-08 09:00", None), visit("2026-02-15 09:00", "two")
    )  # fmt: skip
    (said,) = found(first, failed, second)[1].findings
    assert first.capture in said.en
    assert second.capture in said.en
    assert failed.capture not in said.en
    assert first.capture in said.zh


# ------------------------------------------------------------------------------------------------ what became of pages


def answer(at: str, address: str, edition: str | None, *days: str) -> Answer:
    given = [date.fromisoformat(one) for one in days]
    return Answer(
        at=t(f"2026-02-{at}"), capture=f"{at} {address}", address=address, led_to=address, edition=edition,
        days=frozenset(given), declared=given[0] if given else None,
    )  # fmt: skip


def linked(at: str, address: str, *, listing: str = "nb", whole: bool = True, text: str = "") -> ListedLink:
    day = date.fromisoformat(text) if text else None
    capture = f"list {at}"
    return ListedLink(
        at=t(f"2026-02-{at}"), capture=capture, listing=listing, address=address, day=day, text=text, whole=whole
    )


ONE = answer("01 09:00", A, "one")


@pytest.mark.parametrize(
    ("answers", "links", "expected"),
    [
        # gone at both addresses in one round is gone once; back at the other
        ([ONE, answer("01 09:01", B, "one"), answer("08 09:00", A, None), answer("08 09:01", B, None)], [], ["08 page_gone"]),
        ([ONE, answer("08 09:00", A, None), answer("15 09:00", B, "one")], [], ["08 page_gone", "15 page_back"]),
        ([ONE, answer("01 09:01", B, "one"), answer("08 09:00", A, None), answer("08 09:01", B, "one")], [], ["08 moved"]),
        ([ONE, answer("08 09:00", A, None), answer("08 09:01", B, "one")], [], ["08 moved"]),
        ([ONE, answer("08 09:00", A, None), answer("08 09:01", B, "two")], [], ["08 replaced"]),
        # other content elsewhere while the former is there, or was not asked for again, replaces nothing
        ([ONE, answer("08 09:00", A, "one"), answer("08 09:01", B, "two")], [], []),
        ([ONE, answer("08 09:01", B, "two")], [], []),
        # a list that no longer links it says so only if it was read to its end, and links another that it did not before
        ([ONE, answer("08 09:01", B, "one")], [linked("01 08:59", A), linked("08 08:59", B)], ["08 moved"]),
        ([ONE, answer("08 09:01", B, "one")], [linked("01 08:59", A), linked("08 08:59", B, whole=False)], []),
        ([ONE, answer("08 09:01", B, "two")], [linked("01 08:59", A), linked("08 08:59", B)], ["08 replaced"]),
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
        ([ONE], [linked("01 09:00", A, text="2026-01-20"), linked("08 09:00", A, text="2026-01-22")], []),
        ([ONE], [linked("01 09:00", A, text="2026-01-20"), linked("08 09:00", A, text="2026-01-02", listing="all")], []),
    ],
)  # fmt: skip
def test_what_became_of_pages(answers: list[Answer], links: list[ListedLink], expected: list[str]) -> None:
    told_of = aftermath(answers, links)
    days = sorted(f"{one.known_from.astimezone(SHANGHAI):%d} {one.finding.code}" for one in told_of)
    assert days == expected
    assert tuple(aftermath(reversed(answers), reversed(links))) == told_of


# --------------------------------------------------------------------------------------------- brought in by a person


def brought(at: str, content: str, url: str = A) -> Version:
    return replace(visit(at, content, url), imported=True, run=f"import {at}")


def test_what_was_brought_in_is_no_revision_of_what_was_met() -> None:
    met, other = found(visit("2026-02-01 09:00", "one"), brought("2026-03-01 09:00", "two"))
    assert (met.change, met.findings, met.last_seen) == ("first", (), t("2026-02-01 09:00"))
    assert (other.change, other.former, codes(other)) == ("undated", None, ["undated_version"])


def test_of_two_brought_in_neither_is_a_revision_of_the_other() -> None:
    one, two = found(brought("2026-03-01 09:00", "new"), brought("2026-03-02 09:00", "old"))
    assert [one.change, two.change] == ["undated", "undated"]
    assert (one.former, two.former) == (None, None)


def test_a_copy_brought_in_proves_no_time_of_what_was_met() -> None:
    (only,) = found(brought("2026-01-20 09:00", "one"), visit("2026-02-01 09:00", "one"))
    assert (only.change, only.first_seen, only.last_seen) == ("first", t("2026-02-01 09:00"), t("2026-02-01 09:00"))
    assert "c 2026-01-20 09:00 " + A in only.captures


def test_what_is_met_after_it_was_brought_in_is_a_first_edition() -> None:
    met, other = found(brought("2026-01-20 09:00", "one"), visit("2026-02-01 09:00", "two"))
    assert (met.change, other.change, codes(met)) == ("first", "undated", [])
