"""Every question by HTTP: JSON in pages, files in every format, errors that say what to do."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pyarrow.parquet
import pyreadstat
import pytest

from nianbao.application import application
from nianbao.questions import QUESTIONS, Question
from storage.home import open_home
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
    whole = ask(api, question.name, **question.example, limit=40)
    assert {"items", "next", "as_of", "known"} <= whole.keys()
    assert whole["items"], f"the example of {question.name} finds nothing"
    items: list[Any] = []
    cursor: dict[str, Any] = {}
    for _ in range(40):
        page = ask(api, question.name, **question.example, limit=7, **cursor)
        items += page["items"]
        if page["next"] is None or len(items) >= 40:
            break
        cursor = {"cursor": page["next"]}
    assert items[:40] == whole["items"]


def test_the_items_of_duties_are_the_lines_of_the_export(api: httpx.Client, played: Path) -> None:
    ran = nianbao("export", "duties", "--format", "jsonl", archive=played, now=NOW)
    assert ask(api, "duties", limit=1000)["items"] == ran.rows()


def test_a_rank_gives_those_set_apart_after_those_in_order(api: httpx.Client) -> None:
    asked = {"indicator": "derived.denial_rate", "year": 2025, "bodies": "true"}
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while cursor or not items:
        page = ask(api, "rank", **asked, limit=4, **cursor)
        items += page["items"]
        cursor = {"cursor": page["next"]} if page["next"] else {}
    apart = [one for one in items if one["rank"] is None]
    assert apart
    assert (len(items) - len(apart), len(apart)) == (page["in_order"], page["few_cases"])
    assert items[page["in_order"] :] == apart
    assert all(one["line"]["figure"]["n"] < page["min_n"] for one in apart)
    rows = [*csv.DictReader(io.StringIO(api.get("rank.csv", params=asked).text.removeprefix("\ufeff")))]
    assert [(row["list"], row["agency_id"]) for row in rows] == [
        ("lines" if one["rank"] else "set_apart", one["line"]["agency"]["id"]) for one in items
    ]


@pytest.mark.parametrize("question", QUESTIONS, ids=name)
def test_files_of_every_format_hold_the_same_rows(api: httpx.Client, question: Question, tmp_path: Path) -> None:
    def file(suffix: str) -> Path:
        answer = api.get(f"{question.name}.{suffix}", params=question.example)
        assert answer.status_code == 200, answer.text
        assert f'filename="{question.name}.{suffix}"' in answer.headers["content-disposition"]
        place = tmp_path / f"{question.name}.{suffix}"
        place.write_bytes(answer.content)
        return place

    lines = [json.loads(line) for line in file("jsonl").read_text("utf-8").splitlines()]
    text = file("csv").read_text("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(text)))) == len(lines)
    book = openpyxl.load_workbook(file("xlsx"), read_only=True)
    assert sum(1 for _ in book.worksheets[0].values) == len(lines) + 1
    assert pyarrow.parquet.read_table(file("parquet")).num_rows == len(lines)
    _, meta = pyreadstat.read_dta(str(file("dta")), metadataonly=True)
    assert meta.number_rows == len(lines)


def test_accept_chooses_the_format(api: httpx.Client) -> None:
    answer = api.get("missing", params={"year": 2025}, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert api.get("missing", params={"year": 2025}, headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    ("path", "status", "kind", "said"),
    [
        ("missing", 422, "not-understood", "year"),
        ("missing?year=0", 422, "not-understood", "is not a year"),
        ("missing?year=２０２５年", 200, "", ""),
        ("missing?year=2025&palce=汶上县", 422, "not-understood", "palce"),
        ("missing?year=2025&kind=部门", 200, "", ""),
        ("missing?year=2025&kind=ministry", 422, "not-understood", "The kinds are: government"),
        ("missing?year=2025&place=汶下县", 404, "not-known", "汶下县"),
        ("missing?year=2025&as_of=yesterday", 422, "not-understood", "is not a date"),
        ("missing?year=2025&as_of=2030-01-01", 404, "not-known", "is in the future"),
        ("missing?year=2025&limit=0", 422, "not-understood", "limit"),
        ("missing?year=2025&cursor=x", 422, "cannot-be-asked-so", "cursor"),
        ("series?indicator=applications", 404, "not-known", "applications"),
        ("status?agency=局&year=2025", 404, "not-known", "局"),
        ("search?query=-诉讼", 422, "cannot-be-asked-so", ""),
        ("coverage?years=2025-2019", 422, "not-understood", "backwards"),
        ("nothing", 404, "http", ""),
    ],
)
def test_errors_say_what_to_do(api: httpx.Client, path: str, status: int, kind: str, said: str) -> None:
    answer = api.get(path)
    assert answer.status_code == status, answer.text
    if status == 200:
        return
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["type"] == f"urn:nianbao:problem:{kind}"
    assert told["status"] == status
    assert said in told["detail"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("missing?year=2025&nosuch=1&lang=zh", "此项查询没有参数 nosuch"),
        ("missing?lang=zh", "缺少年度，请写四位年份，如 2025"),
        ("missing?year=2025&limit=x&lang=zh", "limit 须为整数"),
        ("missing", "Give a year, such as 2025"),
    ],
)
def test_what_is_wrong_is_told_in_the_language_that_is_asked_for(api: httpx.Client, asked: str, sentence: str) -> None:
    assert api.get(asked).json()["detail"] == sentence


def test_nothing_can_be_changed(api: httpx.Client) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert api.request(method, "missing?year=2025").status_code == 405


def test_an_unchanged_answer_is_not_sent_again(api: httpx.Client) -> None:
    first = api.get("missing", params={"year": 2025})
    again = api.get("missing", params={"year": 2025}, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert api.get("late", params={"year": 2025}).headers["etag"] != first.headers["etag"]
    day = {"year": 2025, "as_of": "2026-03-01"}
    dated = api.get("missing", params=day)
    since = {"If-Modified-Since": dated.headers["last-modified"]}
    assert api.get("missing", params=day, headers=since).status_code == 304


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
    assert described["openapi"].startswith("3.1")
    assert {f"/api/v1/{one.name}" for one in QUESTIONS} == described["paths"].keys()
    for path in described["paths"].values():
        assert "Problem" in json.dumps(path["get"]["responses"]["404"])


def test_a_prober_and_a_scraper_are_answered_however_often_they_ask(played: Path) -> None:
    with open_home(played, read_only=True) as home, served(application(home, a_minute=1)) as address:
        for path in ("healthz", "metrics") * 3:
            answer = httpx.get(f"{address}/{path}", timeout=PATIENCE)
            assert answer.status_code == 200
            assert answer.text


@pytest.mark.parametrize("suffix", ["", ".csv"])
def test_files_and_json_are_validated_alike(api: httpx.Client, suffix: str) -> None:
    first = api.get(f"missing{suffix}", params={"year": 2025})
    assert "Accept" in first.headers["vary"].split(", ")
    own = first.headers["etag"]
    for tag in (own, own.removeprefix("W/"), "*", f'"other", {own}'):
        again = api.get(f"missing{suffix}", params={"year": 2025}, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == own
    other = api.get(f"missing{suffix}", params={"year": 2025}, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200
    both = {"If-None-Match": '"other"', "If-Modified-Since": first.headers["last-modified"]}
    assert api.get(f"missing{suffix}", params={"year": 2025, "as_of": "2026-03-01"}, headers=both).status_code == 200
    wrong = {"If-Modified-Since": "yesterday"}
    assert api.get(f"missing{suffix}", params={"year": 2025, "as_of": "2026-03-01"}, headers=wrong).status_code == 200


def test_a_question_that_takes_too_long_is_stopped(played: Path) -> None:
    with open_home(played, read_only=True, question_seconds=0.000001) as home, served(application(home)) as address:
        answer = httpx.get(f"{address}/api/v1/figures", timeout=PATIENCE)
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:nianbao:problem:archive-not-ready"
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.usefixtures("one_minute")
def test_one_caller_may_not_ask_without_end(played: Path) -> None:
    with open_home(played, read_only=True) as home, served(application(home, a_minute=3)) as address:
        answers = [httpx.get(f"{address}/api/v1/indicators", timeout=PATIENCE) for _ in range(4)]
        assert [one.status_code for one in answers] == [200, 200, 200, 429]
        assert int(answers[-1].headers["retry-after"]) > 0
        assert httpx.get(f"{address}/healthz", timeout=PATIENCE).status_code == 200


def test_other_sites_may_ask_only_where_it_is_set(played: Path) -> None:
    asked = {"Origin": "https://example.org"}
    with open_home(played, read_only=True) as home:
        for origins, allowed in (((), None), (("https://example.org",), "https://example.org")):
            with served(application(home, origins=origins)) as address:
                answer = httpx.get(f"{address}/api/v1/indicators", headers=asked, timeout=PATIENCE)
                assert answer.headers.get("access-control-allow-origin") == allowed
