"""Lists that only scripts turn are read in a browser, or it is said what could not be tried."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jinja2 import Template

from crawler.lists.browser import Browser, find_program
from crawler.lists.list_reader import ListReading, read_list
from crawler.lists.page import Answer
from tests.lists.played_portals import Served, is_report_of, pages_of, walk

HOST, PLACE, LIST = "www.wanping.gov.cn", "宛平县", "http://www.wanping.gov.cn/nb/"
TITLES = [
    f"宛平县{body}{year}年政府信息公开工作年度报告"
    for year in (2021, 2022, 2023)
    for body in ("财政局", "教育局", "水利局", "民政局")
]
ROWS = [{"title": title, "url": f"/nb/{n}.html", "date": "2025-01-10"} for n, title in enumerate(TITLES)]
DRAW = """
function row(r) { return `<li><a href="${r.url}">${r.title}</a><span>${r.date}</span></li>` }
function draw(rows) { document.getElementById('list').innerHTML = rows.map(row).join('') }
function add(rows) { document.getElementById('list').innerHTML += rows.map(row).join('') }
"""


def served(body: str, answers: dict[str, str]) -> Served:
    head = "<meta charset=utf-8><title>政府信息公开年报</title>"
    return Served(HOST, {"/nb/": f"<html><head>{head}</head><body>{body}</body></html>"} | answers)


@pytest.fixture(scope="module")
def in_browser() -> Iterator[Callable[..., ListReading]]:
    if find_program() is None:
        pytest.skip("no browser is installed")
    with closing(Browser(lambda request: Answer(request, request.url, 0))) as browser:

        def read(fetch: Served, known: tuple[str, ...] = ()) -> ListReading:
            browser.fetch = fetch
            return read_list(
                LIST, fetch, lambda entry: is_report_of(entry, PLACE, (HOST,)), browser=browser, known_urls=known
            )

        yield read


def of(rows: list[dict[str, str]]) -> str:
    return json.dumps(rows, ensure_ascii=False)


def row(n: int) -> str:
    return f"<ul><li><a href='{ROWS[n]['url']}'>{TITLES[n]}</a></li></ul>"


PAGES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
WALKED, BROKEN = PAGES.pop("walked"), PAGES.pop("broken")
BODIES = {name: one["body"].replace("@ROWS", of(ROWS)).replace("@DRAW", DRAW) for name, one in PAGES.items()}
ANSWERS = {f"/nb/rows?page={n}": json.dumps({"total": 12, "rows": ROWS[n * 5 - 5 : n * 5]}) for n in (1, 2, 3)}
BEHIND = {"fetched": ANSWERS, "framed": {"/nb/rows.html": f"<html><body>{BODIES['button']}</body></html>"}}


@pytest.mark.parametrize("name", BODIES)
def test_a_list_is_read_whole_however_its_script_shows_it(name: str, in_browser: Callable[..., ListReading]) -> None:
    reading = in_browser(served(BODIES[name], BEHIND.get(name, {})))
    assert {urlsplit(entry.url).path for entry in reading.entries if entry.url} >= {row["url"] for row in ROWS}
    assert reading.unmet == ()


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case["name"])
def test_what_a_browser_could_not_turn_to_its_end_is_partial(
    case: dict[str, Any], in_browser: Callable[..., ListReading]
) -> None:
    body = BODIES.get(case.get("of", ""), "").replace(*case.get("swap", ("", ""))) + case.get("add", "")
    answers = dict(zip(ANSWERS, (ANSWERS[f"/nb/rows?page={n}"] for n in case.get("answers", ())), strict=False))
    pages = {path: Template(text).render(row=row, BODIES=BODIES) for path, text in case.get("pages", {}).items()}
    reading = in_browser(served(body, answers | pages))
    assert not reading.is_whole
    assert case["unmet"] in {one.rule for one in reading.unmet}


def test_agencies_below_a_closed_heading_that_are_too_many_are_told(
    in_browser: Callable[..., ListReading], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.lists.list_reader.MAX_CHOICES", 3)
    body = BODIES["listened"].replace("show('财政局')</script>", "menu.hidden = true; show('财政局')</script>")
    reading = in_browser(served(body, {}))
    assert {one.rule for one in reading.unmet} == {"choice"}


@pytest.mark.skipif(find_program() is None, reason="no browser is installed")
@pytest.mark.parametrize("case", WALKED, ids=lambda case: case["name"])
def test_lists_are_found_by_what_scripts_show(case: dict[str, Any]) -> None:
    portal = Served(HOST, pages_of(case["pages"], row=row, DRAW=DRAW, ROWS=of(ROWS)))
    with closing(Browser(portal)) as browser:
        found = walk(portal, case.get("given", "/"), browser)
    assert {one.url.removeprefix(f"http://{HOST}"): len(one.entries) for one in found} == case["lists"]
    assert not any(one.unmet for one in found) or "is_whole" not in case
    entries = {urlsplit(entry.url).path for one in found for entry in one.entries}
    assert entries == set(case.get("entries", entries))
    paths = {urlsplit(one.url).path: one.path for one in found}
    assert paths == paths | case.get("paths", {})


def test_what_was_known_is_missed_in_a_browser_too(in_browser: Callable[..., ListReading]) -> None:
    known = tuple(f"https://{HOST}{url}" for url in (*(row["url"] for row in ROWS), "/nb/gone.html"))
    reading = in_browser(served(BODIES["button"], {}), known)
    missed = [one.detail for one in reading.unmet if one.rule == "known_entry"]
    assert missed == [f"https://{HOST}/nb/gone.html"]
