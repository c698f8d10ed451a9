"""Every question asks its databases as often of a large archive as of a small one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from small_archive import FixedClock, SmallSite, at, new_archive, report_page
from sqlalchemy import Engine, event

from archive.projection.update import update
from archive.queries.review import review
from nianbao.python_api import Archive
from nianbao.questions import QUESTIONS
from storage.home import open_home
from storage.records import AgencyKind, RulingKind

YEAR = 2025
GOVERNMENT, DEPARTMENT, WITHHELD, MISSING = "甲县人民政府", "甲县第一局", "甲县第二局", "甲县第三局"
OWN = {
    "place": GOVERNMENT[:2], "agency": DEPARTMENT, "agencies": [DEPARTMENT, GOVERNMENT], "query": "公开", "year": YEAR,
    "years": str(YEAR), "before": YEAR, "after": YEAR, "cell": "applications.received.total",
}  # fmt: skip
#: What is walked portal after portal, so that no more than one portal is in memory.
BY_PORTAL = {one.name for one in QUESTIONS if one.table} | {"review"}


def fill(site: SmallSite, size: int) -> None:
    """A portal of ``size`` lists, and so many more departments, editions and captures than a few."""
    government = site.agency("zf", f"{site.place}人民政府", AgencyKind.GOVERNMENT)
    names = [government.name, *(f"{site.place}第{number}局" for number in "一二三四五六七"[: size + 2])]
    for number, name in enumerate(names[1:]):
        site.agency(f"ju{number}", name, parent=government.id)
    published = [name for name in names if name != MISSING]
    lists = [site.column(f"nb{number}", (AgencyKind.GOVERNMENT, AgencyKind.DEPARTMENT)) for number in range(size)]
    for day, skew in (("2026-01-20", 600.0), ("2026-02-01", None), ("2026-02-03", None)):
        for one in lists:
            site.look(f"{day} 09:00", one, clock_skew=skew)
    for edition in range(size + 1):
        day = f"2026-03-{2 + 2 * edition:02}"
        shown = [
            (f"nb/{number}.html", f"{name}{YEAR}年政府信息公开工作年度报告") for number, name in enumerate(published)
        ]
        for one in lists:
            site.look(f"{day} 09:00", one, [*shown, (f"nb/other{edition}.html", f"{YEAR}年法治政府建设年度报告")])
        for number, name in enumerate(published):
            cells = {f"applications.received.{column}": 3 + edition for column in ("natural_person", "total")}
            page = report_page(
                name, YEAR, cells, text=f"第{edition}稿。" + "围绕政务大厅梳理年度重点任务并向社会公开。" * 9
            )
            for hour in range(10, 11 + size):
                capture = site.fetch(f"{day} {hour}:02", f"nb/{number}.html", page)
            if name == WITHHELD:
                site.rule("2026-04-01 09:00", RulingKind.WITHHOLD, capture.document or "")


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[int, int], Path]:
    """Archives by how many portals they have, and how much of everything in each."""
    made = {}
    for portals, size in ((1, 1), (2, 1), (2, 3)):
        with new_archive(tmp_path_factory.mktemp("statements") / "archive") as home:
            for number in range(portals):
                place, division = f"{'甲乙'[number]}县", f"37083{number}"
                fill(SmallSite(home, name=f"portal{number}", place=place, division=division, first_year=YEAR), size)
            update(home)
            made[portals, size] = home.path
    return made


@pytest.mark.parametrize("name", [*(one.name for one in QUESTIONS), "review"])
def test_more_of_everything_costs_no_more_statements(name: str, archives: Mapping[tuple[int, int], Path]) -> None:
    """More portals, too, but for what is walked portal after portal."""
    few, many = (asked(archives[one], name) for one in ((2 if name in BY_PORTAL else 1, 1), (2, 3)))
    assert len(many) <= len(few), "\n".join(sorted({one for one in many if many.count(one) > few.count(one)}))
    assert few or name in {"indicators", "rules"}  # which ask the forms and the law alone


def asked(path: Path, name: str) -> list[str]:
    """The statements that a question takes on an archive that was only just opened."""
    given = next((one.example for one in QUESTIONS if one.name == name), {})
    own = OWN | ({"agency": MISSING} if name == "cite_absence" else {})
    with open_home(path, read_only=True) as home:
        home.clock = FixedClock(at("2026-04-02 09:00"))  # type: ignore[assignment]
        with statements() as found:
            if name == "review":
                review(home)
            else:
                answer = getattr(Archive(home), name)(**{key: own.get(key, one) for key, one in given.items()})
                assert answer is not None
                for _ in answer if name in BY_PORTAL else ():
                    """Walk all rows."""
        return found


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that is run in the block."""
    found: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
