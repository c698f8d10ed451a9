"""Every question asks its databases as often of a large archive as of a small one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from archive_of_size import DEPARTMENT, FIRST, GOVERNMENT, LOOK, YEAR, archive_of
from small_archive import FixedClock, at
from sqlalchemy import Connection, Engine, event

from archive.exports.tables import Table
from archive.queries.coverage_of_answer import knowledge_of
from archive.queries.look_answers import looks_shown, scopes
from archive.queries.one_capture import find_capture
from archive.queries.reports import documents_of
from archive.queries.review import review
from archive.queries.withheld_content import outgoing
from nianbao.python_api import Archive
from storage.home import open_home

Question = Callable[[Archive], object]
TOTAL = "applications.received.total"
#: The questions of the Python entrance, and those that only the command line asks.
QUESTIONS: Mapping[str, Question] = {
    "coverage": lambda held: held.coverage(),
    "totals": lambda held: held.totals(),
    "missing": lambda held: held.missing(YEAR),
    "late": lambda held: held.late(YEAR),
    "status": lambda held: held.status(DEPARTMENT, YEAR),
    "status without a sound look": lambda held: held.status(DEPARTMENT, YEAR, as_of=at("2026-01-25 09:00")),
    "agency_duties": lambda held: held.agency_duties(DEPARTMENT),
    "show": lambda held: held.show(DEPARTMENT, YEAR),
    "show by digest": lambda held: held.show(DEPARTMENT, YEAR, held.show(DEPARTMENT, YEAR).edition.main[:12]),
    "cite": lambda held: held.cite(DEPARTMENT, YEAR, cell=TOTAL),
    "cite by address": lambda held: held.cite(held.cite(DEPARTMENT, YEAR).address),
    "diff": lambda held: held.diff(DEPARTMENT, YEAR),
    "search": lambda held: held.search("报告"),
    "revisions": lambda held: held.revisions(),
    "check": lambda held: held.check(),
    "news": lambda held: held.news(at("2026-01-01 09:00")),
    "indicators": lambda held: held.indicators(),
    "series": lambda held: held.series(TOTAL),
    "series of agencies named": lambda held: held.series(TOTAL, agency="局"),
    "table": lambda held: held.table(TOTAL, by="division"),
    "rank": lambda held: held.rank(TOTAL, YEAR),
    "compare_years": lambda held: held.compare_years(TOTAL, YEAR, YEAR),
    "compare": lambda held: held.compare(TOTAL, DEPARTMENT, GOVERNMENT),
    "rollup": lambda held: held.rollup(GOVERNMENT, YEAR),
    "body": lambda held: held.body(DEPARTMENT),
    "rules": lambda held: held.rules(),
    "portals": lambda held: held.portals(),
    "runs": lambda held: held.runs(),
    "non_reports": lambda held: held.non_reports(),
    "documents of a report": lambda held: documents_of(held.home, DEPARTMENT, YEAR),
    "capture of a look": lambda held: find_capture(held.home, LOOK),
    "capture of a document": lambda held: find_capture(held.home, documents_of(held.home, DEPARTMENT, YEAR)[0]),
    "known": lambda held: knowledge_of(held.home),
    "looks of a portal": lambda held: looks_shown(held.home, FIRST),
    "scopes of a portal": lambda held: scopes(held.home, FIRST),
    "what is withheld": lambda held: sorted(outgoing(held.home).documents),
}
#: What is walked portal after portal, so that no more than one portal is in memory.
BY_PORTAL: Mapping[str, Question] = {
    "review": lambda held: review(held.home),
    **{f"export {table}": lambda held, table=table: list(held.export(table)) for table in Table},
}


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[int, int], Path]:
    """Archives by how many portals they have, and how much of everything in each."""
    made = {}
    for portals, size in ((1, 1), (2, 1), (2, 3)):
        with archive_of(tmp_path_factory.mktemp("statements") / "archive", portals=portals, size=size) as home:
            made[portals, size] = home.path
    return made


@pytest.mark.parametrize("name", [*QUESTIONS, *BY_PORTAL])
def test_more_of_everything_costs_no_more_statements(name: str, archives: Mapping[tuple[int, int], Path]) -> None:
    """More portals, too, but for what is walked portal after portal."""
    smaller = archives[1 if name in QUESTIONS else 2, 1]
    few, many = (asked(path, (QUESTIONS | BY_PORTAL)[name]) for path in (smaller, archives[2, 3]))
    assert len(many) <= len(few), told(few, many)


def asked(path: Path, question: Question) -> list[str]:
    """The statements that a question takes on an archive that was only just opened."""
    with open_home(path, read_only=True) as home:
        home.clock = FixedClock(at("2026-04-02 09:00"))  # type: ignore[assignment]
        with statements() as found:
            assert question(Archive(home)) is not None
        return found


def told(few: list[str], many: list[str]) -> str:
    """The statements that were run more often."""
    return "\n".join(sorted({one for one in many if many.count(one) > few.count(one)}))


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that is run in the block."""
    found: list[str] = []

    def by_sqlalchemy(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", by_sqlalchemy)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", by_sqlalchemy)
