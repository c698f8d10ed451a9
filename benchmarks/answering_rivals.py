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

from benchmarks.answering_questions import INDICATOR, NOW, PROVINCE, YEAR
from storage.projection_tables import column_of

_NOW = f"{NOW:%Y-%m-%d %H:%M:%S}.000000"
_HOLDS = f"since <= '{_NOW}' AND (until IS NULL OR until > '{_NOW}')"
#: each question as SQL over the projections, as somebody who knows them would write it
SQL: Mapping[str, str] = {
    "coverage of a province, counted": (
        "SELECT portal, year, status, count(*) AS duties FROM statuses "
        f"WHERE portal >= 'd{PROVINCE}' AND portal < 'd{int(PROVINCE) + 1}' AND {_HOLDS} GROUP BY portal, year, status"
    ),
    "late of a year in China": (
        "SELECT agency, status, evidence, zh, en, first_shown, last_absent, declared, looks, captures FROM statuses "
        f"WHERE year = {YEAR} AND status = 'late' AND {_HOLDS}"
    ),
    "missing of a year in China": (
        "SELECT agency, status, evidence, zh, en, first_shown, last_absent, declared, looks, captures FROM statuses "
        f"WHERE year = {YEAR} AND status IN ('missing', 'not_found') AND {_HOLDS}"
    ),
    "a series of all counties": (
        f"SELECT e.agency, e.year, c.{column_of(INDICATOR)} AS value FROM duties d "
        "JOIN editions e ON e.agency = d.agency AND e.year = d.year "
        "JOIN readings r ON r.document = e.cells_from JOIN cells c ON c.no = r.no WHERE d.kind = 'government'"
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
