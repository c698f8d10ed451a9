"""Ask the same questions of other programs on the same files: Datasette (JSON through its own client) and pandas.

Both return the rows of our answers in the same order with the same columns: names of agencies and places, addresses of
looks and captures, the state of a figure in words instead of bits, breaks in a series. What our answers nest (looks,
captures, editions) is a column of JSON, which Datasette is asked to return as JSON (``_json=``); instants are as
stored. Totals are counts only, without the rates and bounds that we compute from them.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd

from archive.forms.indicators import indicator_digits
from benchmarks.answering_places import NOW
from benchmarks.answering_questions import INDICATOR, PROVINCE, YEAR
from storage.column_types import microseconds
from storage.projection_tables import column_of

_JUDGED, _TRUTH = "projections.sqlite", "archive.sqlite"
_NOW = f"{NOW:%Y-%m-%d %H:%M:%S}.000000"
_HOLDS = f"since <= '{_NOW}' AND (until IS NULL OR until > '{_NOW}')"
_IN_PROVINCE = f"portal >= 'd{PROVINCE}' AND portal < 'd{int(PROVINCE) + 1}'"
_TOWNSHIPS = "('township', 'subdistrict')"
#: the newest row of an agency and of a portal, because later rows replace earlier ones
_NAMES = (
    "JOIN agencies a ON a.no = (SELECT max(no) FROM agencies WHERE id = s.agency) "
    "JOIN (SELECT name, place, division, max(no) FROM portals GROUP BY name) p ON p.name = s.portal"
)
_AGENCY = "s.agency AS agency_id, a.name AS agency, a.kind, s.portal, p.place, p.division"
_LOOKS = (
    "(SELECT json_group_array(json_object('id', l.id, 'listing', l.listing, 'url', li.url, 'started', l.started, "
    "'finished', l.finished, 'outcome', l.outcome, 'captures', (SELECT json_group_array(lower(hex(capture))) "
    "FROM look_captures WHERE look = l.no))) FROM json_each(s.looks) JOIN looks l ON l.id = value "
    "JOIN listings li ON li.no = (SELECT max(no) FROM listings WHERE id = l.listing))"
)
_DUTIES = (
    f"SELECT iif(s.kind IN {_TOWNSHIPS}, 'townships', 'duties') AS part, {_AGENCY}, s.year, s.due, s.practice, "
    "s.status, s.evidence, s.reason, s.zh, s.en, s.first_shown, s.last_absent, s.declared, s.days_late, s.findings, "
    f"s.holiday, s.guessed, {_LOOKS} AS looks, s.rests AS captures_and_editions FROM statuses s {_NAMES} "
    f"WHERE s.year = {YEAR} AND {_HOLDS} AND s.status {{}} ORDER BY part, s.agency"
)
_VALUE = f"c.{column_of(INDICATOR)}"
_PLACE = [*indicator_digits()].index(INDICATOR)
_HALF = 2 * (_PLACE // 4) + 2 - _PLACE % 4 // 2  # a byte has four indicators; its second hex digit has the first two
_BITS = f"(instr('0123456789ABCDEF', substr(hex(c.{{}}), {_HALF}, 1)) - 1 >> {_PLACE % 2 * 2} & 3)"
_STATE = (
    "CASE WHEN s.edition IS NULL THEN iif(s.status IN ('on_time', 'late', 'published', 'undetermined'), 'not_held', "
    "s.status) WHEN NOT s.tabled THEN 'unread' ELSE "
    f"CASE {_BITS.format('states')} WHEN 1 THEN iif({_VALUE} IS NULL, 'text', 'printed') WHEN 2 THEN 'blank' "
    "WHEN 3 THEN 'mark' ELSE 'not_printed' END END"
)
_BREAK = (
    f"lag(c.form) OVER (PARTITION BY s.agency, {_VALUE} IS NULL ORDER BY s.year) <> c.form AND {_VALUE} IS NOT NULL"
)
_NESTED = ("findings", "looks", "captures_and_editions")  #: columns that contain JSON
_MICROSECONDS = microseconds(NOW)
#: each question in SQL over an archive's databases, as somebody who knows them would write it
SQL: Mapping[str, str] = {
    "coverage of a province, counted": (
        "WITH counted AS (SELECT portal, count(DISTINCT iif(guessed, agency, NULL)) AS guessed, "
        "count(DISTINCT iif(kind = 'department', agency, NULL)) AS departments FROM duties "
        f"WHERE {_IN_PROVINCE} GROUP BY portal), nobodys AS (SELECT portal, count(DISTINCT url) AS unnamed "
        f"FROM bindings WHERE {_IN_PROVINCE} AND is_report AND (agency IS NULL OR year IS NULL) GROUP BY portal), "
        "places AS (SELECT name, place, division, max(no) FROM portals GROUP BY name) "
        f"SELECT portal, place, division, year, CASE WHEN kind IN {_TOWNSHIPS} THEN 'townships' WHEN due IS NULL "
        "THEN 'others' ELSE 'statutory' END AS part, status, iif(status = 'unknown', reason, NULL) AS why, "
        "count(*) AS duties, counted.guessed, counted.departments, coalesce(unnamed, 0) AS unnamed "
        "FROM statuses JOIN counted USING (portal) LEFT JOIN nobodys USING (portal) JOIN places ON name = portal "
        f"WHERE {_IN_PROVINCE} AND {_HOLDS} GROUP BY portal, year, part, status, why"
    ),
    "late of a year in China": _DUTIES.format("= 'late'"),
    "missing of a year in China": _DUTIES.format("IN ('missing', 'not_found')"),
    "a series of all counties": (
        f"SELECT {_AGENCY}, s.year, '{INDICATOR}' AS indicator, {_VALUE} AS value, {_STATE} AS state, "
        f"NULL AS at_least, NULL AS part, NULL AS n, coalesce({_BITS.format('doubts')}, 0) > 0 AS doubted, "
        "NULL AS lacking, s.status, c.form, s.edition, s.editions AS editions_held, p.division AS code_asked, "
        f"NULL AS code_how, s.marks, {_BREAK} AS is_break "
        f"FROM standing s LEFT JOIN cells c ON c.no = s.reading {_NAMES} "
        "WHERE s.kind = 'government' AND s.counts IN ('both', 'last') "
        f"AND s.since <= {_MICROSECONDS} AND (s.until IS NULL OR s.until > {_MICROSECONDS}) "
        "ORDER BY p.division, s.portal, s.agency, s.year"
    ),
}


def by_pandas(path: Path, times: int) -> dict[str, float]:
    """Return the least CPU seconds for each question when pandas reads the answer with ``read_sql``."""
    seconds = {}
    with sqlite3.connect(f"file:{path / _JUDGED}?mode=ro", uri=True) as connection:
        connection.execute("ATTACH ? AS truth", [f"file:{path / _TRUTH}?mode=ro"])
        for name, sql in SQL.items():
            cpu_seconds = []
            for _ in range(times):
                began = time.process_time()
                pd.read_sql(sql, connection)
                cpu_seconds.append(time.process_time() - began)
            seconds[name] = min(cpu_seconds)
    return seconds


def by_datasette(path: Path, times: int) -> dict[str, float]:
    """Return the least CPU seconds for each question when Datasette answers it (JSON, all rows, no limit); empty if it
    is not installed.
    """
    if find_spec("datasette") is None:
        return {}
    from datasette.app import Datasette  # type: ignore[import-not-found, import-untyped, unused-ignore]

    settings = {"max_returned_rows": 1_000_000, "sql_time_limit_ms": 600_000}
    files = [str((path / name).resolve()) for name in (_JUDGED, _TRUTH)]
    served = Datasette(files, settings=settings, crossdb=True)

    async def fastest() -> dict[str, float]:
        await served.invoke_startup()
        seconds = {}
        for question, sql in SQL.items():
            asking = [("sql", sql), ("_shape", "array"), *(("_json", column) for column in _NESTED if column in sql)]
            cpu_seconds = []
            for _ in range(times):
                began = time.process_time()
                answer = await served.client.get(f"/_memory.json?{urlencode(asking)}")
                cpu_seconds.append(time.process_time() - began)
                answer.raise_for_status()
            seconds[question] = min(cpu_seconds)
        return seconds

    return asyncio.run(fastest())
