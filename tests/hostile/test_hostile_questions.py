"""What is asked for beyond all reason is answered with a sentence, on either engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from small_archive import new_archive, play_one_report

from archive import Archive, NotKnownError, open_archive
from archive.queries import bounds
from archive.queries.bounds import QueryError
from storage.records import AgencyKind
from tests.case_tables import read_cases

SFJ = "汶上县司法局"
TOTAL = "applications.received.total"
Question = tuple[Any, ...]  # a method and what it is given; "@" stands for the value under test


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def held(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    url = request.getfixturevalue("lasting_postgresql_url") if request.param == "postgresql" else None
    path = tmp_path_factory.mktemp("bounds") / "archive"
    with new_archive(path, url) as home:
        play_one_report(home, SFJ, {TOTAL: 12})
    with open_archive(path) as opened:
        yield opened


def ask(held: Archive, question: Question, value: Any) -> object:
    """Ask a question with a value, to the end of its answer."""
    name, *given = question
    named = given.pop() if isinstance(given[-1], dict) else {}
    filled = {key: value if one == "@" else one for key, one in named.items()}
    answer = getattr(held, name)(*(value if one == "@" else one for one in given), **filled)
    return list(answer) if name == "export" else answer


OF_YEARS, OF_A_YEAR, NAMES, OF_INSTANTS = (
    read_cases(__file__, table) for table in ("of_years", "of_a_year", "names", "of_instants")
)
NO_YEARS = (0, -1, 1989, 2101, 1 << 15, 1 << 31, 10**20, 1.5)
FAR = timedelta(hours=23, minutes=59)
NO_INSTANTS = (
    datetime.min.replace(tzinfo=timezone(FAR)), datetime.max.replace(tzinfo=timezone(-FAR)),
    datetime(2026, 1, 1),  # noqa: DTZ001
    "gestern",
)  # fmt: skip
MANY_YEARS = (*([2025, year] for year in NO_YEARS), range(100_000), range(2025, 10**9), [2025, None])
NO_NAMES = ("汶" * 301, "a/\0b", "a/\udc80", "%" * 10**6)
PATTERNS = ("%", "_", "*", "' OR 1=1 --", "汶" * 300)  # names, and never more than that
REFUSED = [
    *((one, NO_YEARS, NotKnownError, "year") for one in OF_A_YEAR),
    *((one, MANY_YEARS, NotKnownError, "year") for one in OF_YEARS),
    *((one, NO_NAMES, QueryError, "name") for one in (*NAMES, ("indicators", "@"))),
    *((one, PATTERNS, NotKnownError, ".") for one in NAMES),
    *((one, NO_INSTANTS, QueryError, "as_of|since") for one in OF_INSTANTS),
]


@pytest.mark.parametrize(
    ("question", "values", "error", "said"), REFUSED, ids=[f"{one[0]} {values[0]!s:.9}" for one, values, *_ in REFUSED]
)
def test_what_is_no_year_name_or_instant_is_refused(
    held: Archive, question: Question, values: tuple[Any, ...], error: type[Exception], said: str
) -> None:
    for value in values:
        with pytest.raises(error, match=said):
            ask(held, question, value)


@pytest.mark.parametrize("question", OF_YEARS, ids=lambda question: question[0])
def test_one_year_given_often_is_one_year(held: Archive, question: Question) -> None:
    assert ask(held, question, [2025] * 100_000)


def test_the_first_instant_of_all_is_answered(held: Archive) -> None:
    assert held.coverage(as_of=datetime(1, 1, 1, tzinfo=UTC)).rows == ()


def test_a_list_of_values_has_its_bound(held: Archive) -> None:
    values, departments = [f"x{number}" for number in range(40_000)], [AgencyKind.DEPARTMENT]
    for ask_for_many in (
        lambda: held.series(*values),
        lambda: held.table(*(TOTAL for _ in values), kind=departments),
        lambda: held.export("cells", *values),
        lambda: held.compare(TOTAL, *values),
        lambda: held.check(code=values),
    ):
        with pytest.raises(QueryError, match=r"takes at most 1,?00\d? values; 40,000 were given"):
            ask_for_many()


@pytest.mark.parametrize(("text", "times", "told"), read_cases(__file__, "words"))
def test_words_have_their_bounds(held: Archive, text: str, times: int, told: str) -> None:
    with pytest.raises(QueryError, match=told):
        held.search("".join(text.format(number=number) for number in range(times)))


BEYOND = {
    "limit": (bounds.MOST_HITS + 1, -1),
    "offset": (-1,),
    "snippets": (bounds.MOST_SNIPPETS + 1, -1),
    "around": (bounds.MOST_AROUND + 1, 0, 10**30),
}


@pytest.mark.parametrize("name", BEYOND)
def test_what_is_shown_of_hits_has_its_bounds(held: Archive, name: str) -> None:
    for value in BEYOND[name]:
        with pytest.raises(QueryError, match=f"{name} must be (a number between|at most|at least) "):
            held.search("公开", **{name: value})  # type: ignore[arg-type]


def test_behind_the_last_hit_is_none(held: Archive) -> None:
    found = held.search("公开", limit=bounds.MOST_HITS, snippets=0, around=1, offset=10**30)
    assert (found.hits, found.total) == ((), 1)
