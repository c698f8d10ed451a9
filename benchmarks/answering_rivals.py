"""The same questions in other programs, on the same file: Datasette (its JSON, by its own client) and pandas."""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd

from archive.forms.columns import indicator_digits
from benchmarks.answering_questions import INDICATOR, NOW, PROVINCE, YEAR
from storage.projection_tables import column_of
from storage.status_rows import microseconds

_NOW = f"{NOW:%Y-%m-%d %H:%M:%S}.000000"
_HOLDS = f"since <= '{_NOW}' AND (until IS NULL OR until > '{_NOW}')"
_DUTY = (
    "agency, portal, kind, year, due, practice, status, evidence, reason, zh, en, first_shown, last_absent, declared, "
    "days_late, findings, holiday, guessed, looks, captures"
)
_IN_PROVINCE = f"portal >= 'd{PROVINCE}' AND portal < 'd{int(PROVINCE) + 1}'"
_STATE = 2 * ([*indicator_digits()].index(INDICATOR) // 4) + 1  # of four indicators each in a byte, as hex digits
_MICROSECONDS = microseconds(NOW)
#: each question as SQL over the projections, as somebody who knows them would write it: the rows of our answer, and of
#: its columns those that stand in this file (names of agencies and addresses of looks do not)
SQL: Mapping[str, str] = {
    "coverage of a province, counted": (
        "WITH bodies AS (SELECT portal, count(DISTINCT iif(guessed, agency, NULL)) AS guessed, "
        "count(DISTINCT iif(kind = 'department', agency, NULL)) AS departments FROM duties "
        f"WHERE {_IN_PROVINCE} GROUP BY portal), nobodys AS (SELECT portal, count(DISTINCT url) AS unnamed "
        f"FROM bindings WHERE {_IN_PROVINCE} AND is_report AND (agency IS NULL OR year IS NULL) GROUP BY portal) "
        "SELECT portal, year, CASE WHEN kind IN ('township', 'subdistrict') THEN 'townships' WHEN due IS NULL "
        "THEN 'others' ELSE 'statutory' END AS part, status, iif(status = 'unknown', reason, NULL) AS why, "
        "count(*) AS duties, bodies.guessed, bodies.departments, coalesce(unnamed, 0) AS unnamed "
        "FROM statuses JOIN bodies USING (portal) LEFT JOIN nobodys USING (portal) "
        f"WHERE {_IN_PROVINCE} AND {_HOLDS} GROUP BY portal, year, part, status, why"
    ),
    "late of a year in China": f"SELECT {_DUTY} FROM statuses WHERE year = {YEAR} AND status = 'late' AND {_HOLDS}",
    "missing of a year in China": (
        f"SELECT {_DUTY} FROM statuses WHERE year = {YEAR} AND status IN ('missing', 'not_found') AND {_HOLDS}"
    ),
    "a series of all counties": (
        f"SELECT s.agency, s.portal, s.kind, s.year, c.{column_of(INDICATOR)} AS value, "
        f"substr(hex(c.states), {_STATE}, 2) AS state, substr(hex(c.doubts), {_STATE}, 2) AS doubted, "
        "s.status, c.form, s.edition, s.editions, s.marks FROM standing s LEFT JOIN cells c ON c.no = s.reading "
        f"WHERE s.kind = 'government' AND s.counts IN ('both', 'last') AND s.since <= {_MICROSECONDS} "
        f"AND (s.until IS NULL OR s.until > {_MICROSECONDS})"
    ),
}


def _timed(question: Callable[[], object], times: int) -> float:
    walls = []
    for _ in range(times):
        began = time.perf_counter()
        question()
        walls.append(time.perf_counter() - began)
    return statistics.median(walls)


def by_pandas(path: Path, times: int) -> dict[str, float]:
    """Median seconds of each question by ``read_sql`` from the file into a frame."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        return {name: _timed(lambda sql=sql: pd.read_sql(sql, connection), times) for name, sql in SQL.items()}  # type: ignore[misc]


def by_datasette(path: Path, times: int) -> dict[str, float]:
    """Median seconds of each question as Datasette answers it (JSON, all rows, no limit); empty without Datasette."""
    if find_spec("datasette") is None:
        return {}
    from datasette.app import Datasette  # type: ignore[import-not-found, import-untyped, unused-ignore]

    settings = {"max_returned_rows": 1_000_000, "sql_time_limit_ms": 600_000}
    served = Datasette([str(path)], settings=settings)

    async def asked() -> dict[str, float]:
        await served.invoke_startup()
        name = next(one for one in served.databases if one != "_internal")
        found = {}
        for question, sql in SQL.items():
            walls = []
            for _ in range(times):
                began = time.perf_counter()
                answer = await served.client.get(f"/{name}.json?{urlencode({'sql': sql, '_shape': 'array'})}")
                walls.append(time.perf_counter() - began)
                answer.raise_for_status()
            found[question] = statistics.median(walls)
        return found

    return asyncio.run(asked())
