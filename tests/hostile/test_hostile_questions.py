"""What is asked for beyond all reason is answered with a sentence, on either engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from small_archive import Site, new_archive, report_page

from archive import Archive, NotKnownError, open_archive
from archive.projection.update import update
from archive.queries import bounds
from archive.queries.bounds import QueryError
from storage.records import AgencyKind

SFJ = "汶上县司法局"
TOTAL = "applications.received.total"
DEPARTMENTS = [AgencyKind.DEPARTMENT]
Ask = Callable[[Archive, Any], object]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def held(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    url = request.getfixturevalue("lasting_postgresql_url") if request.param == "postgresql" else None
    path = tmp_path_factory.mktemp("bounds") / "archive"
    with new_archive(path, url) as home:
        site = Site(home, first_year=2025)
        site.agency("sfj", SFJ)
        site.look("2026-01-20 09:00", site.column(), [("nb/0.html", f"{SFJ}2025年政府信息公开工作年度报告")])
        site.fetch("2026-01-20 09:01", "nb/0.html", report_page(SFJ, 2025, {TOTAL: 12}))
        update(home)
    with open_archive(path) as opened:
        yield opened


OF_YEARS: dict[str, Ask] = {
    "coverage": lambda held, years: held.coverage(years=years),
    "totals": lambda held, years: held.totals(years=years),
    "agency_duties": lambda held, years: held.agency_duties(SFJ, years=years),
    "search": lambda held, years: held.search("公开", years=years),
    "check": lambda held, years: held.check(years=years),
    "series": lambda held, years: held.series(TOTAL, years=years),
    "table": lambda held, years: held.table(TOTAL, kinds=DEPARTMENTS, years=years),
    "compare": lambda held, years: held.compare(TOTAL, SFJ, years=years),
    "export": lambda held, years: list(held.export("duties", years=years)),
}
OF_A_YEAR: dict[str, Ask] = {
    "missing": lambda held, year: held.missing(year),
    "late": lambda held, year: held.late(year),
    "status": lambda held, year: held.status(SFJ, year),
    "show": lambda held, year: held.show(SFJ, year),
    "diff": lambda held, year: held.diff(SFJ, year),
    "cite": lambda held, year: held.cite(SFJ, year),
    "revisions": lambda held, year: held.revisions(year=year),
    "rank": lambda held, year: held.rank(TOTAL, year, kinds=DEPARTMENTS),
    "compare_years": lambda held, year: held.compare_years(TOTAL, year, 2025, kinds=DEPARTMENTS),
    "rollup": lambda held, year: held.rollup("汶上县", year),
}
NO_YEARS = [0, -1, 1989, 2101, 1 << 15, 1 << 31, 10**20, 1.5]


@pytest.mark.parametrize("ask", OF_A_YEAR.values(), ids=OF_A_YEAR)
def test_a_year_that_no_report_can_be_on_is_not_known(held: Archive, ask: Ask) -> None:
    for year in NO_YEARS:
        with pytest.raises(NotKnownError, match="year"):
            ask(held, year)


@pytest.mark.parametrize("ask", OF_YEARS.values(), ids=OF_YEARS)
def test_nor_are_many_of_them(held: Archive, ask: Ask) -> None:
    for years in (*([2025, year] for year in NO_YEARS), range(100_000), range(2025, 10**9), [2025, None]):
        with pytest.raises(NotKnownError, match="year"):
            ask(held, years)
    assert ask(held, [2025] * 100_000)


NAMES: dict[str, Ask] = {
    "place": lambda held, name: held.coverage(name),
    "portal": lambda held, name: held.missing(2025, portal=name),
    "part of a name": lambda held, name: held.search("公开", agency=name),
    "agency": lambda held, name: held.status(name, 2025),
    "cited": lambda held, name: held.cite(name, 2025),
    "body": lambda held, name: held.body(name),
    "beside": lambda held, name: held.compare(TOTAL, name),
    "government": lambda held, name: held.rollup(name, 2025),
    "indicator": lambda held, name: held.series(name),
    "what is in an indicator": lambda held, name: held.indicators(name),
}


@pytest.mark.parametrize("ask", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("name", ["汶" * 301, "a/\0b", "a/\udc80", "%" * 10**6], ids=["long", "NUL", "half", "wild"])
def test_a_name_is_no_longer_than_names_are_and_is_text(held: Archive, ask: Ask, name: str) -> None:
    with pytest.raises(QueryError, match="name"):
        ask(held, name)


@pytest.mark.parametrize("name", ["%", "_", "*", "' OR 1=1 --", "汶" * 300])
def test_a_name_is_never_a_pattern(held: Archive, name: str) -> None:
    for what, ask in NAMES.items():
        if what != "what is in an indicator":  # whose ids have signs of patterns
            with pytest.raises(NotKnownError):
                ask(held, name)


LISTS: dict[str, Ask] = {
    "indicators": lambda held, values: held.series(*values),
    "sums": lambda held, values: held.table(*(TOTAL for _ in values), kinds=DEPARTMENTS),
    "exported": lambda held, values: held.export("cells", *values),
    "bodies": lambda held, values: held.compare(TOTAL, *values),
    "codes": lambda held, values: held.check(codes=values),
}


@pytest.mark.parametrize("ask", LISTS.values(), ids=LISTS)
def test_a_list_of_values_has_its_bound(held: Archive, ask: Ask) -> None:
    with pytest.raises(QueryError, match=r"at most 1,?00\d? .* can be asked for at once; 40,000 were given"):
        ask(held, [f"x{number}" for number in range(40_000)])


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (" ".join(f"字{number}" for number in range(1_000)), "1000 words; at most 10"),
        (" ".join(f"-字{number}" for number in range(1_000)), "1000 words; at most 10"),
        ("公开 " * 100_000, "300,000 characters; at most 10,000"),
        ('"' * 5_000, "contains no word"),
        ("-" * 5_000, "at most 100"),
        ("公" * 5_000, "at most 100"),
        ("", "contains no word"),
        ("\0", "contains no word"),
    ],
)
def test_words_have_their_bounds(held: Archive, query: str, told: str) -> None:
    with pytest.raises(QueryError, match=told):
        held.search(query)


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": bounds.MOST_HITS + 1},
        {"limit": -1},
        {"offset": -1},
        {"snippets": bounds.MOST_SNIPPETS + 1},
        {"snippets": -1},
        {"around": bounds.MOST_AROUND + 1},
        {"around": 0},
        {"around": 10**30},
    ],
    ids=str,
)
def test_what_is_shown_of_hits_has_its_bounds(held: Archive, asked: dict[str, int]) -> None:
    with pytest.raises(QueryError, match=f"{next(iter(asked))} must be (a number between|at most|at least) "):
        held.search("公开", **asked)  # type: ignore[arg-type]


def test_behind_the_last_hit_is_none(held: Archive) -> None:
    found = held.search("公开", limit=bounds.MOST_HITS, snippets=0, around=1, offset=10**30)
    assert (found.hits, found.total) == ((), 1)


OF_INSTANTS: dict[str, Ask] = {
    "coverage": lambda held, at: held.coverage(as_of=at),
    "status": lambda held, at: held.status(SFJ, 2025, as_of=at),
    "search": lambda held, at: held.search("公开", as_of=at),
    "series": lambda held, at: held.series(TOTAL, as_of=at),
    "revisions": lambda held, at: held.revisions(since=at),
    "news": lambda held, at: held.news(at),
    "export": lambda held, at: held.export("cells", as_of=at),
}
FAR = timedelta(hours=23, minutes=59)


@pytest.mark.parametrize("ask", OF_INSTANTS.values(), ids=OF_INSTANTS)
@pytest.mark.parametrize(
    "at",
    [
        datetime.min.replace(tzinfo=timezone(FAR)),
        datetime.max.replace(tzinfo=timezone(-FAR)),
        datetime(2026, 1, 1),  # noqa: DTZ001
        "gestern",
    ],
    ids=str,
)
def test_an_instant_is_one_in_every_zone(held: Archive, ask: Ask, at: object) -> None:
    with pytest.raises(QueryError, match=r"as_of|since"):
        ask(held, at)


def test_the_first_instant_of_all_is_answered(held: Archive) -> None:
    assert held.coverage(as_of=datetime(1, 1, 1, tzinfo=UTC)).rows == ()
