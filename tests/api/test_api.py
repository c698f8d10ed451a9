"""Every question by HTTP: JSON in pages, files in every format, errors that say what to do."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from nianbao.application import application
from nianbao.questions import QUESTIONS, Question
from storage.home import open_home
from tests.case_tables import read_cases
from tests.patience import PATIENCE
from tests.played import nianbao
from tests.served import NOW, served

LISTS = [one for one in QUESTIONS if one.is_list]


def name(question: Question) -> str:
    return question.name


def ask(api: httpx.Client, path: str, **asked: Any) -> Any:
    answer = api.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("question", LISTS, ids=name)
def test_pages_make_up_the_whole_list(api: httpx.Client, question: Question) -> None:
    whole = ask(api, question.name, **question.example, limit=20)
    assert {"items", "next", "as_of", "known"} <= whole.keys()
    assert whole["items"], f"the example of {question.name} finds nothing"
    items: list[Any] = []
    cursor: dict[str, Any] | None = {}
    while cursor is not None and len(items) < 20:
        page = ask(api, question.name, **question.example, limit=10, **cursor)
        items += page["items"]
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert items[:20] == whole["items"]


def test_the_items_of_duties_are_the_lines_of_the_export(api: httpx.Client, played: Path) -> None:
    ran = nianbao("export", "duties", "--format", "jsonl", archive=played, now=NOW)
    assert ask(api, "duties", limit=1000)["items"] == ran.rows()
    assert ask(api, "search", query="行政复议", limit=1000)["items"]


@pytest.mark.parametrize("question", QUESTIONS, ids=name)
def test_files_of_every_format_hold_the_same_rows(api: httpx.Client, question: Question, tmp_path: Path) -> None:
    import openpyxl
    import pyarrow.parquet
    import pyreadstat

    is_by_place = question.table not in {None, "indicators"}  # all cells, editions or duties take long
    asked = question.example | ({"place": "汶上县"} if is_by_place else {})

    def file(suffix: str) -> Path:
        answer = api.get(f"{question.name}.{suffix}", params=asked)
        assert answer.status_code == 200, answer.text
        name = rf'filename="{question.name}-\d{{4}}-\d\d-\d\d-simulated\.{suffix}"'
        assert re.search(name, answer.headers["content-disposition"])
        place = tmp_path / f"{question.name}.{suffix}"
        place.write_bytes(answer.content)
        return place

    lines = [json.loads(line) for line in file("jsonl").read_text("utf-8").splitlines()]
    text = file("csv").read_text("utf-8-sig")
    in_csv = list(csv.DictReader(io.StringIO(text)))
    assert len(in_csv) == len(lines)
    assert {line["simulated"] for line in lines} <= {True}  # the archive is an imitation: each row says so
    assert {line["simulated"] for line in in_csv} <= {"true"}
    book = openpyxl.load_workbook(file("xlsx"), read_only=True)
    assert sum(1 for _ in book.worksheets[0].values) == len(lines) + 1
    assert api.get(f"{question.name}.xlsx", params=asked | {"lang": "zh"}).status_code == 200  # in words
    parquet = pyarrow.parquet.read_table(file("parquet"))
    assert parquet.num_rows == len(lines)
    assert "simulated" in parquet.column_names
    _, meta = pyreadstat.read_dta(str(file("dta")), metadataonly=True)
    assert meta.number_rows == len(lines)
    with zipfile.ZipFile(file("zip")) as packed:
        assert packed.read(f"{question.name}.csv") == (tmp_path / f"{question.name}.csv").read_bytes()
        described, readme = json.loads(packed.read("datapackage.json")), packed.read("README.md").decode()
    [table] = described["resources"]
    assert table["hash"] == f"sha256:{hashlib.sha256((tmp_path / table['path']).read_bytes()).hexdigest()}"
    assert [one["name"] for one in table["schema"]["fields"]] == next(csv.reader(io.StringIO(text)))
    assert all(one["title"] and one["description"] for one in table["schema"]["fields"])
    assert described["citation"] in readme
    alone = ask(api, f"{question.name}.metadata.json", **asked)
    assert alone["resources"][0]["schema"] == table["schema"]
    assert alone["known"] == described["known"]


def test_the_identifier_of_a_status_asks_for_it(api: httpx.Client) -> None:
    absence = ask(api, "cite_absence", agency="济源市公安局", year=2025)
    answer = ask(api, "status", agency=absence["address"])
    assert (answer["duty"]["agency"]["name"], answer["duty"]["year"]) == ("济源市公安局", 2025)
    assert ask(api, "status", agency="jysgaj", year=2025)["duty"] == answer["duty"]  # a name that fits it alone
    assert {one["agency"] for one in ask(api, "duties", agency="jysgaj")["items"]} == {"济源市公安局"}
    assert [one["place"] for one in answer["freshness"]["places"]] == ["济源市"]
    assert api.get("status", params={"agency": absence["address"], "year": 2025}).status_code == 422


def test_every_answer_says_how_fresh_it_is(api: httpx.Client) -> None:
    places = {one["portal"]: one for one in ask(api, "freshness")["items"]}
    assert all(one["lists_complete"] <= one["lists"] and one["last_look"] for one in places.values())
    assert all(one["complete_as_of"] for one in places.values())  # also of 汶上, where every address answered
    assert ask(api, "freshness", as_of="2026-01-01")["items"][0]["complete_as_of"] is None  # before the first look
    wenshang = {"portals": 1, "places": [places["wenshang"]]}
    assert ask(api, "missing", year=2025, place="汶上县")["freshness"] == wenshang
    assert ask(api, "status", agency="汶上县司法局", year=2025)["freshness"] == wenshang
    assert ask(api, "rollup", place="汶上县", year=2025)["freshness"] == wenshang
    compared = ask(api, "compare", indicator="applications.received.total", agencies=["汶上县", "济源市司法局"])
    assert sorted(one["portal"] for one in compared["freshness"]["places"]) == ["jiyuan", "wenshang"]
    named = ask(api, "series", indicator="applications.received.total", agencies=["汶上县司法局"])
    assert named["freshness"] == wenshang
    assert ask(api, "duties")["freshness"]["portals"] == len(places)
    assert ask(api, "indicators", text="不予公开")["freshness"] is None  # it is about no agency


@pytest.mark.parametrize(("path", "status", "kind", "said"), read_cases(__file__, "wrong_questions"))
def test_errors_say_what_to_do(api: httpx.Client, path: str, status: int, kind: str, said: str) -> None:
    answer = api.get(path)
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["type"] == f"urn:nianbao:problem:{kind}"
    assert told["status"] == status
    assert said in told["detail"]


def test_every_answer_bears_the_headers_for_safety(api: httpx.Client) -> None:
    for path in ("missing?year=2025", "nothing", "missing"):
        headers = api.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["nianbao-simulated"] == "true"  # the portals of this archive are imitations
    assert api.get("search", params={"query": "x" * 20_000}).status_code == 414


def test_it_says_how_it_is(api: httpx.Client) -> None:
    root = str(api.base_url).removesuffix("/api/v1/")
    assert httpx.get(f"{root}/healthz", timeout=PATIENCE).json()["status"] == "ok"
    described = httpx.get(f"{root}/openapi.json", timeout=PATIENCE).json()
    assert {f"/api/v1/{one.name}" for one in QUESTIONS} == described["paths"].keys()


@pytest.mark.parametrize("suffix", ["", ".csv"])
def test_files_and_json_are_validated_alike(api: httpx.Client, suffix: str) -> None:
    first = api.get(f"missing{suffix}", params={"year": 2025})
    assert api.get(f"late{suffix}", params={"year": 2025}).headers["etag"] != first.headers["etag"]
    assert "Accept" in first.headers["vary"].split(", ")
    own = first.headers["etag"]
    for tag in (own, own.removeprefix("W/"), "*", f'"other", {own}'):
        again = api.get(f"missing{suffix}", params={"year": 2025}, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == own
    other = api.get(f"missing{suffix}", params={"year": 2025}, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200
    dated, since = {"year": 2025, "as_of": "2026-03-01"}, {"If-Modified-Since": first.headers["last-modified"]}
    assert api.get(f"missing{suffix}", params=dated, headers=since).status_code == 304
    for headers in ({"If-None-Match": '"other"', **since}, {"If-Modified-Since": "yesterday"}):
        assert api.get(f"missing{suffix}", params=dated, headers=headers).status_code == 200


def test_a_question_that_takes_too_long_is_stopped(played: Path) -> None:
    with open_home(played, read_only=True, question_seconds=0.000001) as home, served(application(home)) as address:
        answer = httpx.get(f"{address}/api/v1/figures", timeout=PATIENCE)
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:nianbao:problem:archive-not-ready"
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.usefixtures("one_minute")
def test_one_caller_may_not_ask_without_end_and_other_sites_only_where_it_is_set(played: Path) -> None:
    origin = "https://example.org"
    app = partial(application, a_minute=3, origins=(origin,))
    with open_home(played, read_only=True) as home, served(app(home)) as address:
        ask_again = partial(httpx.get, f"{address}/api/v1/indicators", timeout=PATIENCE)
        answers = [ask_again(headers={"Origin": one}) for one in (origin, "https://elsewhere.org", origin, origin)]
        assert [one.status_code for one in answers] == [200, 200, 200, 429]
        assert int(answers[-1].headers["retry-after"]) > 0
        allowed = [one.headers.get("access-control-allow-origin") for one in answers[:2]]
        assert allowed == [origin, None]
        for path in ("healthz", "metrics"):  # a prober and a scraper may ask however often
            assert httpx.get(f"{address}/{path}", timeout=PATIENCE).text
