"""Every page in both languages: what it shows, that it loads nothing from elsewhere, that its links lead somewhere."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

import cv2
import httpx
import numpy as np
import pytest
from lxml import etree, html

from nianbao.api.guarding import SUGGEST_SCRIPT
from nianbao.application import application
from nianbao.messages import LANGUAGES, messages
from nianbao.questions import LISTS
from nianbao.web.serving import PageVisit
from tests.case_tables import read_cases
from tests.patience import PATIENCE
from tests.served import asking, served
from tests.web.hostile_site import hostile_site

RECEIVED = "applications.received.total"
ASKED = {
    "missing": "year=2025",
    "late": "year=2025&place=&kind=",
    "search": "query=行政复议",
    "find": "query=行政复议 2025",
    "series": f"indicator={RECEIVED}&place=汶上县",
    "rank": f"indicator={RECEIVED}&year=2025",
    "news": "since=2026-01-01",
}
PATHS = [
    *("", "?place=汶上县", "portal/wenshang", "duty/jiyuan/gaj/2025", "duty/wenshang/sfj/2025", "method"),
    *("data", "glossary"),
    *("report/wenshang/sfj/2025", "report/汶上县司法局/2022", "diff/luoyang/czj/2025", "ask/missing?kind=township"),
    *("duty/wenshang/mzj/2023", "ask/series?place=沂源县"),
    *("agency/luoyang/czj", "agency/汶上县民政局"),
    *(f"ask/{name}?{ASKED.get(name, '')}" for name in sorted(LISTS)),
]
TEMPLATES = sorted(Path("nianbao/web/templates").glob("*.html"))


def tree(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return html.fromstring(answer.content)


def words(page: Any) -> str:
    return words_of(page.find("body"))


def words_of(element: Any) -> str:
    return " ".join(" ".join(element.itertext()).split())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_is_shown_and_loads_nothing_from_elsewhere(web: httpx.Client, lang: str) -> None:
    for path in PATHS:
        answer = web.get(f"/{lang}/{path}")
        page = tree(answer)
        assert page.get("lang") == {"zh": "zh-CN", "en": "en"}[lang]
        assert (len(page.findall(".//h1")), [one.text for one in page.findall(".//script")]) == (1, [SUGGEST_SCRIPT])
        for element in page.iter():
            assert not any(name.startswith("on") or name == "style" for name in element.attrib), path
            for name in ("src", "action") if element.tag != "link" else ("href",):
                assert not urlsplit(element.get(name, "")).netloc, path
        assert not page.xpath("//code[starts-with(., 'nianbao ')]"), path  # a reader runs no command
        assert len(answer.content) < 150_000, path
        assert "script-src 'sha256-" in answer.headers["content-security-policy"]


def test_every_link_of_the_pages_leads_somewhere(web: httpx.Client) -> None:
    met: dict[str, set[str]] = {}
    begun = ["/zh/", "/en/portal/jiyuan", "/en/duty/luoyang/czj/2025", "/zh/report/wenshang/sfj/2025", "/en/data"]
    for path in (*begun, "/zh/ask/missing?year=2025", f"/en/cell/wenshang/sfj/2025/{RECEIVED}", "/zh/method"):
        for link in tree(web.get(path)).xpath("//a[not(contains(@rel, 'noopener'))] | //iframe | //img"):
            there = urljoin(path, link.get("href") or link.get("src")).partition("#")[0]
            kind = urlsplit(there).path.rpartition(".")[2] if "/api/" in there else "/".join(there.split("/")[:3])
            met.setdefault(kind, set()).add(there)
    assert len(met) > 25
    cells = tree(web.get("/en/ask/check?place=尧都区")).xpath("//td/span/a[contains(., '/ total')]/@href")
    assert [web.get(one).status_code for one in cells[:3]] == [200] * 3
    for links in met.values():
        assert web.get(min(links)).status_code == 200, links  # one of each kind


@pytest.mark.parametrize(("query", "links", "unknown"), read_cases(__file__, "found"))
def test_the_box_knows_lists_by_other_words_and_leaves_out_what_names_nothing(
    web: httpx.Client, query: str, links: list[str], unknown: str
) -> None:
    page = tree(web.get("/zh/ask/find", params={"query": query}))
    found = page.xpath("//main/p[@class='links'][1]/a/@href | //section[@class='matches']//li/a/@href")
    assert {f"/zh/{one}" for one in links} <= set(found)
    assert [words_of(one) for one in page.xpath("//main/p[@class='unknown']")] == [unknown] * bool(unknown)


@pytest.mark.parametrize(("path", "text"), read_cases(__file__, "sentences"))
def test_a_page_tells_its_reader_what_is_missing_there(web: httpx.Client, path: str, text: str) -> None:
    assert text in words(tree(web.get(f"/{path}")))


@pytest.mark.parametrize(("path", "years"), read_cases(__file__, "other_years"))
def test_an_empty_list_of_a_year_names_the_years_with_something(web: httpx.Client, path: str, years: str) -> None:
    page = tree(web.get(f"/en/ask/{path}"))
    [line] = page.xpath("//main/p[starts-with(., 'Such reports')]")
    assert words_of(line).startswith(f"Such reports of other years: {years}")
    [other] = tree(web.get(urljoin(f"/en/ask/{path}", line.xpath("a/@href")[0]))).xpath("//table[1]/tbody")
    assert len(other.findall("tr")) >= 1


def test_the_box_of_every_page_leads_to_what_is_called_so(web: httpx.Client) -> None:
    [box] = tree(web.get("/zh/method")).xpath("//header//form[@role='search']")
    [name] = box.xpath(".//input/@name")
    page = tree(web.get(box.get("action"), params={name: "wsxsfj 2025"}))
    links = [unquote(one.get("href")) for one in page.find_class("matches")[0].iter("a")]
    assert links == ["/zh/duty/wenshang/sfj/2025"]
    for text, offer in (("wsxmzj 2025", ["汶上县民政局 2025", "missing"]), ("缺报", ["缺报", "Missing reports"])):
        assert web.get("/en/suggest/name", params={"text": text}).json() == [offer]
    assert "/en/ask/missing" in tree(web.get("/en/ask/find?query=who is missing")).xpath("//main//p/a/@href")
    assert "/compare?years=2023" in web.get(web.get("/en/ask/compare?years=2023").headers["Location"]).text
    links = tree(web.get("/zh/ask/find?query=汶上县 未公布")).xpath("//main//p/a/@href")
    assert unquote(links[0]) == "/zh/ask/missing?year=2025&place=汶上县"
    series = web.get("/en/ask/series", params={"indicator": RECEIVED, "agencies": "wsxsfj"}, follow_redirects=False)
    assert series.headers["Location"].endswith("agencies=wenshang%2Fsfj")  # as the field suggests
    assert "110000" in web.get("/api/v1/coverage", params={"place": "北京"}).text
    assert page.xpath("//header//input/@value") == ["wsxsfj 2025"]
    cited = web.get("/api/v1/cite", params={"agency": "wenshang/sfj", "year": 2025, "cell": RECEIVED}).json()
    for text, there in (
        ("nianbao:汶上县民政局/2025@2026-04-01", "duty/wenshang/mzj/2025?as_of=2026-04-01"),
        ("wenshang/mzj/2025", "duty/wenshang/mzj/2025"),
        (cited["edition"]["id"], f"report/wenshang/sfj/2025?edition={quote(cited['edition']['id'], '')}"),
        (cited["address"], f"cell/wenshang/sfj/2025/{RECEIVED}?edition={quote(cited['edition']['id'], '')}"),
        (cited["record"]["id"][:8], f"capture/{cited['record']['id']}"),
    ):
        answer = web.get("/zh/ask/find", params={"query": text})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/zh/{there}")
        assert web.get(answer.headers["location"]).status_code == 200
    found = web.get("/en/ask/find?query=wenshang civil")
    assert (found.status_code, found.headers["location"]) == (303, "/en/agency/wenshang/mzj?query=wenshang+civil")
    [back] = tree(web.get(found.headers["location"])).xpath("//a[contains(., 'instead')]/@href")
    assert "汶上县民政局" in words(tree(web.get(back)))
    page = tree(web.get(box.get("action"), params={name: "汶上县"}))
    links = [one.get("href") for section in page.find_class("matches") for one in section.iter("a")]
    assert (
        len({urlsplit(one).path.split("/")[2] for one in links}) == 5
    )  # a place, agencies, a portal, texts, all texts
    assert {web.get(one).status_code for one in links} == {200}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_measures_have_bounds_and_definitions_and_a_0_leads_to_its_evidence(web: httpx.Client, lang: str) -> None:
    page = tree(web.get(f"/{lang}/ask/scores?years=2025&place=尧都区&sort=agency"))
    zeros = {one.get("href") for one in page.xpath("//td/a[text()='✗']")}
    rows = page.xpath("//table[contains(@class, 'of-scores')]/tbody/tr[not(@class)]")
    assert len(rows) == len({row.xpath("td[1]/a/@href")[0] for row in rows}) > 5  # one row a report
    assert {len(row.xpath("td[@class='mark']")) for row in rows} == {8}
    assert {len(one.xpath("li")) for one in page.xpath("//tr[@class='below']//details/ul")} == {8}
    assert f"/{lang}/ask/check?agency=yaodu/wjj&years=2025&code=identity_broken" in zeros
    assert {len(tree(web.get(one)).xpath("//main")) for one in zeros} == {1}
    shares = page.xpath("//h2[@id='shares']/following::table[1]")[0]
    assert len(shares.xpath(".//tbody/tr")) == 8
    assert re.search(r"–[\d.]+% n=\d", words_of(shares))
    [definitions] = page.xpath("//a[contains(@href, '#measures')]/@href")
    assert "art. 49" in words(tree(web.get(definitions))) or lang == "zh"
    [former] = tree(web.get(f"/{lang}/ask/find?query=莱城区")).xpath("//section[@class='matches']//a/@href")
    assert (unquote(former), web.get(former).status_code) == (f"/{lang}/ask/find?query=莱芜区", 200)
    for text in ("scores", "measures", "评估"):
        assert f"/{lang}/ask/scores" in tree(web.get(f"/{lang}/ask/find?query={text}")).xpath("//main//p/a/@href")


OFFERS = {
    ("ask/missing", "place"): ("汶上县", "370830 wenshangxian wsx"),
    ("ask/search?query=x", "agency"): ("汶上县人民政府办公室", "Wenshang · government office"),
    ("ask/rank", "indicator"): ("New applications received / total", "Applications received and handled"),
    ("ask/series", "agencies"): ("汶上县次邱镇人民政府", "Wenshang · Ciqiu town"),
    ("rollup?place=某县", "place"): ("汶上县", "370830 wenshangxian wsx"),
}


def test_a_field_offers_values_with_what_they_mean(web: httpx.Client) -> None:
    for (path, field), (value, meaning) in OFFERS.items():
        page = html.fromstring(web.get(f"/en/{path}").content)
        offers = page.xpath(f"//main//input[@name='{field}']/@list")[0]
        told = {one.get("value"): one.text or "" for one in page.xpath(f"//datalist[@id='{offers}']/option")}
        assert told[value] == meaning
    page = tree(web.get("/en/ask/rank?year=2024"))
    assert page.findtext(".//h1") == "Ranking for 2024"
    assert page.xpath("//main//input[@name='indicator']/@value") == ["New applications received / total"]
    assert "applications.received" not in words(page)


@pytest.mark.parametrize("name", ["freshness", "unknown", "backdated", "indicators"])
def test_a_page_has_the_title_that_the_menu_promises(web: httpx.Client, name: str) -> None:
    for lang in LANGUAGES:
        page = tree(web.get(f"/{lang}/ask/{name}"))
        title = page.findtext(".//h1")
        assert title in page.xpath("//nav[@class='menu']//a[@aria-current='page']/text()")
        assert page.findtext(".//title").startswith(f"{title} · ")


def test_a_missing_report_is_shown_with_both_looks_as_they_stood(web: httpx.Client) -> None:
    home = tree(web.get("/en/"))
    assert home.xpath("//table[@class='heat']//td[contains(., '~')]")
    first = tree(web.get("/en/?as_of=2026-01-26")).xpath("//ul[@class='named newest']/li[contains(., 'first seen')]")
    assert [one.xpath(".//a/@href") for one in first][-1] == ["/en/portal/jiyuan"]  # one line a portal
    assert re.fullmatch(r"济源市 Jiyuan \d+ reports first seen · 2026-01-25", words_of(first[-1]))
    assert "济源市公安局 Jiyuan · public security" in words(home)
    assert "Shanxi 3/8 尧都区 Yaodu 3/8 Shandong" in words(home)  # a map only of six provinces or more
    assert re.search(r"ll lists (of each portal )?were last read to their end [^.]*1 April 2026[^.]*\.", words(home))
    assert "Left out, though due: 尧都区 1 missing" in words(tree(web.get("/en/ask/rank?year=2025")))
    assert web.get("/en/ask/rank?year=2025&no_governments=true").is_success
    listed = tree(web.get("/zh/ask/missing?year=2025&place=济源市"))
    assert "最近一次读完全部列表：2026年4月1日，距今1天。" in words(listed)
    assert {one.text_content() for one in listed.find_class("status")} == {"未公布"}  # as it is copied
    name = next(one for one in listed.iter("a") if "济源市公安局" in (one.text or ""))
    assert name.get("href") == "/zh/agency/jiyuan/gaj"
    link = next(one for one in name.getparent().getparent().iter("a") if "/duty/" in one.get("href"))
    page = tree(web.get(link.get("href")))
    assert "证据充分" in words(page)
    frames = [one.get("src") for one in page.iter("iframe")]
    assert len(frames) == 6  # three pages of the list in each look
    assert all(one.get("sandbox") == "" for one in page.iter("iframe"))
    for frame in frames:
        shown = web.get(frame)
        assert "年度报告" in shown.text
        assert "济源市公安局2025" not in shown.text
        assert "sandbox" in shown.headers["content-security-policy"]
        assert "default-src 'none'" in shown.headers["content-security-policy"]
    proofs = [one.text_content() for one in page.find_class("print")]
    assert len(proofs) == 6  # on paper no link leads to a digest: it is printed itself
    assert all(re.search(r"[0-9a-f]{64}$", one) for one in proofs)
    assert f"{web.base_url}/zh/duty/" in words(page)  # the citation has a whole address
    [other] = [one for one in page.iter("a") if (one.text or "").startswith("2026-02-")]
    assert "2026-02" in words(tree(web.get(urljoin(link.get("href"), other.get("href")))))
    capture = tree(web.get(f"/zh/capture/{frames[0].rpartition('/')[2]}"))
    assert words(capture).count("相符") >= 3


def test_the_page_of_an_agency_claims_no_more_than_was_seen_and_its_charts_lead_to_the_figures(
    web: httpx.Client,
) -> None:
    told = web.get("/api/v1/agency_duties", params={"agency": "wenshang/mzj"}).json()["duties"]
    page = tree(web.get("/en/agency/wenshang/mzj"))
    rows = {int(row[0].text_content()): row for row in page.xpath("//table[contains(@class,'years')]/tbody/tr")}
    assert [*rows] == sorted((one["year"] for one in told), reverse=True)
    for one in told:
        row, seen = rows[one["year"]], one["absent_as_of"] or one["first_shown"]
        assert row.xpath(".//a/@href")[0] == f"/en/duty/wenshang/mzj/{one['year']}"
        assert f"{seen[:10]} {seen[11:16]}" in row[3].text_content()
        assert ("absent" in row[3].text_content()) == bool(one["absent_as_of"])
    asked = {"indicator": RECEIVED, "agency": "wenshang/mzj"}
    figures = {one["year"]: one["figure"] for one in web.get("/api/v1/series", params=asked).json()["items"]}
    [chart, *_] = page.xpath("//figure//*[local-name()='svg']")
    links = {int(one.findtext("title").partition(":")[0]): one.get("href") for one in chart.iter("a")}
    dots = {int(one.findtext("title").split()[1].strip(":")) for one in chart.iter("circle")}
    assert dots == {year for year in links if figures[year]["value"] is not None}
    assert len(dots) < len(links)  # a year without a figure has no dot, and leads to why
    assert {web.get(link).status_code for link in links.values()} == {200}


def test_the_address_of_a_page_gives_its_rows_in_every_format(web: httpx.Client) -> None:
    asked = {"year": "2025", "place": "济源市"}
    rows = web.get("/api/v1/missing.csv", params=asked).content
    shown = tree(web.get("/en/ask/missing", params=asked)).xpath("//main//tbody/tr[not(@class)]")
    assert rows.count(b"\n") == len(shown) + 1
    for path in ("missing.csv?place=济源市", "missing.csv?place=济源市&kind=&sort=-due&year=2025"):  # as the page asks
        assert web.get(f"/zh/ask/{path}").content == rows
    shown = [one.text for one in tree(web.get("/en/ask/series")).xpath("//table[@class='lines by-agency']/tbody//th/a")]
    figures = web.get("/en/ask/series.jsonl").text.splitlines()
    assert {json.loads(one)["agency"] for one in figures} == {*shown}
    for path in ("/en/ask/series.svg?agencies=汶上县", f"/api/v1/series.svg?indicator={RECEIVED}&place=汶上县&lang=zh"):
        assert etree.fromstring(web.get(path).content).tag.endswith("svg")
    for path in ("missing.svg", "missing.exe", "nothing.csv", "..%2fmissing.csv", "missing.metadata.csv", "missing."):
        assert web.get(f"/en/ask/{path}").status_code == 404, path
    for path in ("missing.zip?odd=1", "missing.json?limit=1001", "series.csv?page=x&odd=1", "search.csv"):
        assert web.get(f"/en/ask/{path}").status_code == 422, path


PAGES_OF_ONE_THING = {
    "": "totals",
    "rollup?place=370830&year=2024": "rollup",
    "portal/wenshang": "coverage",
    "agency/wenshang/mzj": "agency_duties",
    "duty/wenshang/mzj/2025?as_of=2026-02-09": "status",
    "report/wenshang/sfj/2025": "show",
    "diff/luoyang/czj/2025": "diff",
    f"cell/wenshang/sfj/2025/{RECEIVED}": "cite",
}


@pytest.mark.parametrize("page", PAGES_OF_ONE_THING)
def test_the_page_of_one_thing_leads_to_its_data(web: httpx.Client, page: str) -> None:
    path, _, query = page.partition("?")
    links = re.findall(r'<(/[^>]*)>; rel="([^"]*)"; type="([^"]*)"', web.get(f"/zh/{page}").headers["link"])
    assert [rel for _, rel, _ in links] == ["alternate", "alternate", "describedby"]
    for suffix, (there, _, media) in zip((".json", ".csv", ".metadata.json"), links, strict=True):
        assert there.startswith(f"/zh/ask/{PAGES_OF_ONE_THING[page]}{suffix}?")
        led = web.get(f"/zh/{path}{suffix}", params=query)
        assert (led.status_code, led.headers["location"]) == (303, there)
        assert web.get(there).headers["content-type"].startswith(media)


def test_a_feed_tells_how_fresh_each_place_is(web: httpx.Client) -> None:
    feed = etree.fromstring(web.get("/en/freshness.atom").content)
    entries = feed.findall("{*}entry")
    told = {json.loads(one.findtext("{*}content"))["portal"]: one for one in entries}
    assert told.keys() == {one["portal"] for one in web.get("/api/v1/freshness").json()["items"]}
    assert "all lists last read to their end 2026-04-01" in told["jiyuan"].findtext("{*}title")
    assert web.get(urlsplit(told["jiyuan"].find("{*}link").get("href")).path).status_code == 200


@pytest.mark.parametrize("column", ["agency", "days_by_looks", "declared"])
def test_a_list_is_sorted_by_the_column_whose_heading_is_followed(web: httpx.Client, column: str) -> None:
    address = "/en/ask/late?year=2025"
    for direction in ("ascending", "descending"):
        page = tree(web.get(address))
        [heading] = [one for one in page.xpath("//a[@class='sort']") if column in one.get("href")]
        address = urljoin(address, heading.get("href"))
        page = tree(web.get(address))
        [head] = page.xpath("//th[@aria-sort]")
        assert head.get("aria-sort") == direction
        number = [*head.getparent()].index(head)
        values = [row[number].text_content().strip() for row in page.xpath("//main//tbody/tr[not(@class)]")]
        given = [one.partition(" ")[0] for one in values if one]
        keys = [one.encode("gb18030") for one in given]
        assert keys == sorted(keys, reverse=direction == "descending")
        assert values[len(given) :] == [""] * (len(values) - len(given))  # what has none comes last in both
    assert web.get("/en/ask/late?year=2025&sort=nothing").status_code == 422


TABLES = {  # a page → the heading to follow, and the rows that come first then, and first if it is followed again
    "": ("2025", "Shanxi portals: 1", "Henan portals: 2"),
    "agency/wenshang/mzj": ("Status", "2025", "2024"),
    "ask/series": ("2025", "济源市人民政府 Jiyuan · government", "沂源县人民政府 Yiyuan · government"),
    "ask/rank?year=2025": ("Value", "1", "1"),
}


@pytest.mark.parametrize("page", TABLES)
def test_a_table_is_sorted_by_the_heading_that_is_followed(web: httpx.Client, page: str) -> None:
    text, *firsts = TABLES[page]
    address, met = f"/en/{page}", []
    for first in firsts:
        [link] = tree(web.get(address)).xpath(f"//table//a[@class='sort'][.='{text}']")
        address = urljoin(address, link.get("href"))
        shown = tree(web.get(address))
        [head] = shown.xpath("//th[@aria-sort]")
        [row, *_] = head.xpath("./ancestor::table/tbody/tr")
        assert " ".join(" ".join(row[0].itertext()).split()) == first
        met.append((head.get("aria-sort"), " ".join(row.itertext())))
    assert {direction for direction, _ in met} == {"ascending", "descending"}
    assert met[0] != met[1]


def test_a_revision_leads_to_what_changed_and_from_there_to_the_status(web: httpx.Client) -> None:
    row = next(
        one
        for one in tree(web.get("/en/ask/revisions")).xpath("//main//tbody/tr")
        if "洛阳市财政局" in one[0].text_content()
    )
    link = next(one.get("href") for one in row.iter("a") if one.text == "silently changed")
    looks = tree(web.get("/en/ask/revisions")).xpath("//td[contains(., 'shown again')]/a/@href")
    shown = [words(tree(web.get(one))) for one in looks]
    assert [("2026-02-09" in one, "2026-04-01" in one) for one in shown] == [(True, False), (False, True)]
    assert link.startswith("/en/diff/luoyang/czj/2025?")
    page = tree(web.get(link))
    told = web.get("/api/v1/diff", params={"agency": "luoyang/czj", "year": 2025}).json()
    cells = page.xpath("//table[contains(@class, 'changes')]/tbody/tr")
    assert len(cells) == len(told["cells"]) > 0
    assert [one.xpath(".//del")[0].text for one in cells] == [str(one["before"]["value"]) for one in told["cells"]]
    assert [one.xpath(".//ins")[0].text for one in cells] == [str(one["after"]["value"]) for one in told["cells"]]
    assert page.xpath("//p[@class='verdict']/a/@href") == ["/en/duty/luoyang/czj/2025"]


def test_a_county_bears_its_own_name_and_a_look_at_an_old_year_is_not_denied(web: httpx.Client) -> None:
    assert "<h1>汶上县</h1>" in web.get("/zh/?place=370830").text
    assert "· not fully looked at since" not in web.get("/en/duty/wenshang/mzj/2023").text


def test_evidence_is_saved_from_the_pages_of_a_status_and_of_a_figure(web: httpx.Client) -> None:
    files = {}
    for path in ("zh/duty/jiyuan/gaj/2025", f"en/cell/yiyuan/sfj/2025/{RECEIVED}"):
        for link in tree(web.get(f"/{path}")).xpath("//section[contains(@class,'evidence')]//a/@href"):
            answer = web.get(link)
            assert answer.status_code == 200, link
            files[path.split("/")[1], answer.headers["content-type"].partition(";")[0]] = answer
    status, figure = files["duty", "text/html"], files["cell", "text/html"]
    assert "attachment" in status.headers["content-disposition"]
    for page in (status, figure):
        assert re.search(r"SHA-256 <code>[0-9a-f]{64}</code>", page.text)
        assert "<script" not in page.text
    assert status.text.count("<iframe sandbox") == 6  # the pages of each look
    assert "3次中的2次" in status.text
    assert "all text of this page" in web.get("/en/evidence/wenshang/mzj/2025/status.html").text
    assert "The same at 2026-04-01 09:00: the site" in web.get("/en/duty/wenshang/mzj/2025").text
    assert "/2025@2026-02-09" in status.text
    assert 'src="data:image/webp;base64,' in figure.text  # the cell in the PDF
    with zipfile.ZipFile(io.BytesIO(files["duty", "application/wacz"].content)) as package:
        assert {"datapackage.json", "nianbao/duties.jsonl"} <= {*package.namelist()}
        assert len(package.read("pages/pages.jsonl").splitlines()) > 1  # the lists, as there is no report
    taken_down = "/en/evidence/yiyuan/gaj/2025"  # on time, and not on the list in the looks of 9 February and 1 April
    for path in (f"{taken_down}/status.html", "/en/duty/yiyuan/gaj/2025"):
        assert "on time (proven); since then: taken down, as of" in words(html.fromstring(web.get(path).content))
    assert "on time proven later taken down (from 9 February 2026)" in words(tree(web.get("/en/duty/yiyuan/gaj/2025")))
    assert tree(web.get("/en/portal/yiyuan")).xpath("//a[small[@class='gone']]/@href") == ["/en/duty/yiyuan/gaj/2025"]
    with zipfile.ZipFile(io.BytesIO(web.get(f"{taken_down}/captures.wacz").content)) as package:
        days = {json.loads(line).get("ts", "")[:10] for line in package.read("pages/extraPages.jsonl").splitlines()}
    assert {"2026-01-25", "2026-02-09", "2026-04-01"} <= days
    assert "too late to prove" in words(tree(web.get("/en/duty/wenshang/mzj/2023")))  # the look is listed
    assert "but the server says that it was changed on 4 January 2021" in words(
        tree(web.get("/en/duty/yiyuan/xrmzf/2019"))
    )
    changed = tree(web.get("/en/diff/luoyang/czj/2025")).xpath("//section[contains(@class,'evidence')]//a/@href")
    report = tree(web.get("/zh/report/luoyang/czj/2025")).xpath("//section[contains(@class,'evidence')]//a/@href")
    assert [web.get(link).status_code for link in changed + report] == [200] * 6
    for page in (web.get(changed[0]), figure):  # framed as the page of a status is
        assert len(re.findall(r"replayweb.page|<iframe sandbox|SHA-256 <code>", page.text)) >= 3
        assert re.search(r"Evidence on the 2025 .*(silently changed|New applications received / total)", page.text)
        assert "[R/OL]" in page.text
    assert status.text.count("nianbao:济源市公安局/2025") >= 3  # in a sentence, in GB/T 7714 and in BibTeX
    assert files["duty", "application/json"].json()["duty"]["status"] == "missing"
    assert files["cell", "application/json"].json()["cell"]["id"] == RECEIVED


def test_citations_name_the_public_address_and_never_one_of_this_machine(
    played: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIANBAO_PUBLIC_URL", "https://nianbao.example.org/")
    with asking(played) as web:
        for path in ("duty/jiyuan/gaj/2025", "report/wenshang/sfj/2025", f"cell/wenshang/sfj/2025/{RECEIVED}"):
            answer = web.get(f"/zh/{path}")
            assert f"<https://nianbao.example.org/zh/{path}?" in answer.headers["link"].partition('>; rel="cite-as"')[0]
            text = " ".join(tree(answer).xpath("//pre[@class='copy']/text()"))
            citation = text[text.index("[", text.index("OL") - 5) :]
            assert ("127.0.0.1" in citation, "https://nianbao.example.org/zh/" in citation) == (False, True)
        feed = web.get("/zh/news.atom?since=2026-01-01&agency=wenshang/mzj").text
        assert "https://nianbao.example.org/zh/duty/wenshang/mzj/" in feed


def test_a_report_is_shown_as_its_form_prints_it(web: httpx.Client) -> None:
    page = tree(web.get("/zh/report/wenshang/sfj/2025"))
    told = web.get("/api/v1/show", params={"agency": "wenshang/sfj", "year": 2025}).json()
    for cell in told["cells"]:
        [shown] = page.xpath("//td[@id=$id]", id=cell["id"])
        if cell["value"] is not None:
            assert shown.text_content().strip().startswith(str(cell["value"]))
        else:
            assert not shown.text_content().strip().isdecimal()
    assert "nianbao:汶上县司法局/2025@" in words(page)


@pytest.mark.parametrize(("path", "status", "sentence"), read_cases(__file__, "wrong_addresses"))
def test_what_cannot_be_answered_is_told_in_the_language_of_the_page(
    web: httpx.Client, path: str, status: int, sentence: str
) -> None:
    answer = web.get(f"/{path}")
    assert (answer.status_code, sentence in answer.text) == (status, True), answer.text


def test_a_page_that_cannot_be_made_keeps_its_form(web: httpx.Client) -> None:
    for path, field, value in (("ask/search", "query", "行政复议"), ("ask/series", "agencies", "某某局")):
        answer = web.get(f"/en/{path}", params={field: value, "as_of": "yesterday"})
        page = html.fromstring(answer.content)
        assert answer.status_code == 422
        assert page.xpath(f"//form[@class='ask']//input[@name='{field}']/@value")[0] == value


def test_no_path_leads_to_a_file_and_no_address_elsewhere(web: httpx.Client) -> None:
    for name in ("..%2fpages.py", "%2e%2e%2f..%2fapplication.py", "/etc/passwd", "pages.py"):
        answer = web.get(f"/static/{name}")
        assert (answer.status_code in {404, 422}, "nianbao.web" in answer.text) == (True, False)
    for path in ("//elsewhere.example/", "/zh//elsewhere.example", "/https://elsewhere.example/"):
        answer = web.get(f"{str(web.base_url).rstrip('/')}{path}")
        assert "elsewhere.example" not in answer.headers.get("location", "")


def test_the_picture_of_a_cell_shows_the_part_of_the_page_around_it(web: httpx.Client) -> None:
    address = f"/source/yiyuan/sfj/2025/{RECEIVED}/picture"
    answers = [web.get(address), web.get(address, params={"whole": "true"})]
    part, whole = (cv2.imdecode(np.frombuffer(one.content, np.uint8), cv2.IMREAD_COLOR) for one in answers)
    assert part is not None
    assert whole is not None
    assert (part.shape[0] < 600 < whole.shape[0], part.shape[1]) == (True, whole.shape[1])
    red = (np.abs(part.astype(int) - (30, 38, 179)).sum(axis=2) < 60).any(axis=1).nonzero()[0]
    assert 350 < red.min() < red.max() < 450


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("portal/wenshan", "/en/portal/wenshang"),
        ("duty/汶上县司法据/2025", "/en/duty/wenshang/sfj/2025"),
        ("ask/missing?year=2025&place=汶上市", "/en/ask/missing?year=2025&place=wenshang"),
        ("ask/rank?indicator=applications.received.totl&year=2025", f"/en/ask/rank?indicator={RECEIVED}&year=2025"),
    ],
)
def test_what_was_perhaps_meant_is_a_link_and_no_command_is_named(web: httpx.Client, path: str, meant: str) -> None:
    answer = web.get(f"/en/{path}")
    assert answer.status_code == 404
    page = html.fromstring(answer.content)
    assert "nianbao " not in page.find(".//main").text_content()
    links = [unquote(one.get("href")) for one in page.iterfind(".//main//a")]
    assert meant in links
    assert web.get(meant).status_code == 200


def test_every_word_of_the_pages_stands_in_the_catalogue() -> None:
    assert messages("web")
    for path in TEMPLATES:
        source = re.sub(r"<code>[^<]*</code>", " ", path.read_text("utf-8"))  # commands
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<[^>]*>", " ", source, flags=re.DOTALL)
        text = re.sub(r"&#?[a-z0-9]+;|\b(?:json|csv)\b", " ", text)
        assert not re.search(r"[^\W\d_]{2,}", text), f"{path.name}: {text.split()}"
        attributes = re.findall(r"(?:aria-label|title|placeholder|alt)=\"([^\"]*)\"", path.read_text("utf-8"))
        assert all(one.startswith("{{") for one in attributes), path.name


def test_the_totals_check_sets_contradictions_apart_from_gaps_that_missing_reports_explain(web: httpx.Client) -> None:
    page = words(tree(web.get("/en/rollup")))
    contradicting, _, agreeing = page.partition("Government reports for 2025 without a contradiction")
    assert "沂源县人民政府 2024 Contradictions (1)" in contradicting
    assert "no contradiction; 19 gaps may be due to 1 agency without figures: " in agreeing


def test_what_portals_write_is_shown_as_text(tmp_path: Path) -> None:
    with (
        hostile_site(tmp_path / "archive") as site,
        served(application(site.home, a_minute=0)) as address,
        httpx.Client(base_url=address, timeout=PATIENCE) as web,
    ):
        for path in site.paths:
            answer = web.get(f"/zh/{path}")
            assert answer.status_code in {200, 404, 422}, path
            page = html.fromstring(answer.content)
            assert {one.text for one in page.findall(".//script")} <= {SUGGEST_SCRIPT}, path
            assert not page.xpath("//img[not(starts-with(@src, '/source/'))]"), path
            assert not page.xpath("//*[@onload or @onerror]"), path
            assert "\u202e" not in answer.text, path
        for source in site.framed:
            answer = web.get(source)
            assert "sandbox" in answer.headers["content-security-policy"]
            assert "<script" not in answer.text
            assert not html.fromstring(answer.text or "<p>").xpath("//@onerror | //@onload | //svg")
        for source in site.saved:
            headers = web.get(source).headers
            assert headers["content-type"] == "application/octet-stream"
            name = unquote(headers["content-disposition"].removeprefix("attachment; filename*=UTF-8''"))
            assert re.fullmatch(r"[0-9a-f]{16}-[\w.-]+\.txt", name), name


def test_the_feed_tells_what_the_page_of_news_tells(web: httpx.Client) -> None:
    feed = web.get("/zh/news.atom?since=2026-03-01")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    told = web.get("/api/v1/news", params={"since": "2026-03-01"}).json()["items"]
    entries = etree.fromstring(feed.content).findall("{http://www.w3.org/2005/Atom}entry")
    assert told
    for entry, line in zip(entries, reversed(told), strict=True):
        [page] = [one.get("href") for one in entry if one.get("rel") == "alternate"]
        assert page.startswith(f"{web.base_url}/zh/duty/")
        assert line["zh"] in "".join(entry.itertext())
        assert line["en"] not in "".join(entry.itertext())


def test_charts_show_each_known_figure_as_a_dot_and_each_gap_as_a_band(web: httpx.Client) -> None:
    asked = {"indicator": RECEIVED, "place": "汶上县", "agencies": "沂源县"}
    told = web.get("/api/v1/series", params={**asked, "limit": 1000}).json()["items"]
    assert {one["agency"]["portal"] for one in told} == {"wenshang", "yiyuan"}
    page = tree(web.get("/en/ask/series", params=asked))
    for mark, is_known in (("circle", True), ("rect[@class='gap']", False)):
        drawn = {title.text.partition(":")[0] for title in page.xpath(f"//*[local-name()='svg']//{mark}/title")}
        due = {f"{one['agency']['name']} {one['year']}" for one in told if (one["figure"]["value"] is None) != is_known}
        assert due <= drawn
        assert not drawn & {f"{one['agency']['name']} {one['year']}" for one in told} - due
    large, _ = page.xpath("//figure/h2[contains(., 'on another scale')]/following-sibling::div[1]//svg/@aria-label")
    [link] = page.xpath("//a[.='Draw all on one scale']/@href")
    assert not tree(web.get(urljoin("/en/ask/series", link))).xpath("//figure/h2[contains(., 'on another scale')]")
    assert large.startswith("沂源县人民政府: 2016 388")
    [older] = page.xpath("//table[@class='lines by-agency']//a[.='431']/@href")
    assert older == "/en/cell/yiyuan/xrmzf/2017/pre2019.applications.received.year"
    joined = words(tree(web.get(older)))
    assert joined == words(tree(web.get(f"/en/cell/yiyuan/xrmzf/2017/{RECEIVED}")))
    assert "Joined over the years to New applications received / total : both count the requests" in joined
    for text in ("2021 form", "In shaded boxes: … = not looked for, ? = unknown, M = missing."):
        assert text in page.xpath("string(//figure)")
    few = {"indicator": RECEIVED, "agencies": "济源市"}  # words fit the wide chart; only the narrow one has letters
    [note] = tree(web.get("/en/ask/series", params=few)).xpath("//p[@class='notes']/span[@class='narrow']")
    assert note.text == "In shaded boxes: ? = unknown."
    assert "In shaded boxes" not in web.get("/en/ask/series.svg", params=few).text
    picture = etree.fromstring(web.get("/en/ask/series.svg", params={"agency": "沂源县公安局"}).content)
    squares = [one.findtext("{*}title") for one in picture.iter("{*}rect") if one.get("class") == "hollow c0"]
    assert squares == ["沂源县公安局 2025: 65, taken down"]
    assert "□ The report was taken down: 沂源县公安局 2025." in "".join(picture.itertext())


def test_the_method_gives_every_reason_of_unknown_that_the_docs_have(web: httpx.Client) -> None:
    section = Path("docs/statuses.md").read_text("utf-8").partition("## Why unknown")[2].partition("\n## ")[0]
    shown = tree(web.get("/en/method")).xpath("//*[@id='unknown']//code/text()")
    assert {*shown} == {*re.findall(r"^\| `(\w+)` \|", section, re.M)}


def test_figures_of_many_agencies_are_shown_on_several_pages(web: httpx.Client) -> None:
    page = tree(web.get("/en/ask/series?place=沂源县"))
    [more] = page.xpath("//a[strong='More agencies']/@href")
    following = tree(web.get(f"/en/ask/series{more}"))
    first, second = ([row.findtext("th/a") for row in one.xpath("//table/tbody/tr")] for one in (page, following))
    assert (len(first), len(second), len({*first, *second})) == (18, 7, 25)


def test_a_picture_carries_what_its_reader_must_know(web: httpx.Client) -> None:
    asked = {"place": "汶上县", "indicator": RECEIVED, "as_of": "2026-04-01"}
    [figure] = tree(web.get("/zh/ask/series", params=asked)).iter("figure")
    picture = etree.fromstring(web.get("/zh/ask/series.svg", params=asked).content)
    written = "".join(picture.itertext())
    for drawn in (figure.text_content(), written):
        for words_needed in (
            "本年新收政府信息公开申请",
            "应公布44份年报（有法定截止日32份），已知42个数",
            "42个数字取自年报的表格",
            "这42份年报公布时间的证据：证据充分",
            "2026-04-01",
            "演示数据",
            RECEIVED,
        ):
            assert words_needed in drawn
    bitmap = cv2.imdecode(
        np.frombuffer(web.get("/zh/ask/series.png", params=asked).content, np.uint8), cv2.IMREAD_COLOR
    )
    assert bitmap is not None
    assert bitmap.shape[:2] == (2 * int(picture.get("height", "0")), 2 * int(picture.get("width", "0")))


def test_pages_of_other_sites_may_show_the_charts_and_nothing_else(web: httpx.Client) -> None:
    page = tree(web.get("/en/ask/series", params={"agencies": ["汶上县", "wenshang/sfj"]}))
    [frame] = html.fragments_fromstring(page.xpath("string(//pre/code)"))
    answer = web.get(frame.get("src"))
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers
    embedded = tree(answer)
    assert not embedded.xpath("//nav | //form | //script")
    assert "汶上县司法局" in words(embedded)
    [back] = embedded.xpath("//a/@href")
    whole = web.get(urljoin(str(answer.url), back))
    assert (whole.status_code, whole.headers["x-frame-options"]) == (200, "DENY")
    assert "frame-ancestors 'none'" in whole.headers["content-security-policy"]


def test_words_of_the_glossary_lead_from_the_search_box_to_their_meaning(web: httpx.Client) -> None:
    """Readers of the county pages typed 逾期, late and edition, which no name, code or report had."""
    late, edition = "status.late", "contents.edition"
    for word, lang, term in (("逾期", "zh", late), ("late", "en", late), ("editions", "en", edition)):
        found = tree(web.get(f"/{lang}/ask/find?query={quote(word)}"))
        [address] = found.xpath(f"//section[@class='matches'][1]//a[1]/@href[contains(., '{term}')]")
        path, _, anchor = address.partition("#")
        [row] = tree(web.get(path)).xpath(f"//tr[@id='{anchor}']")
        assert words_of(row)
    assert not tree(web.get("/en/ask/find?query=汶上县司法局")).xpath("//section//a[contains(@href, 'glossary#')]")


def test_a_complete_portal_says_that_pages_behind_its_lists_could_not_be_fetched(web: httpx.Client) -> None:
    """Luoyang's page said that all checks were complete, beside a crawl in which a page behind a list did not come."""
    facts = tree(web.get("/en/portal/luoyang")).xpath("//dl[@class='facts']")
    assert "1 page that lists lead to could not be fetched in the last crawl" in words_of(facts[0])
    facts = tree(web.get("/en/portal/yiyuan")).xpath("//dl[@class='facts']")
    assert "could not be fetched" not in words_of(facts[0])


def test_the_page_of_unknown_reports_counts_them_once_for_its_year_and_the_others(
    web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, counts = PageVisit.ask, list[str]()

    def counting(visit: PageVisit, name: str, **values: Any) -> Any:
        counts.extend([name] if name == "totals" and "years" not in values else [])
        return ask(visit, name, **values)

    monkeypatch.setattr(PageVisit, "ask", counting)
    page = tree(web.get("/en/ask/unknown"))
    years = [int(one) for one in page.xpath("//main//p//a[contains(@href, 'year=')]/text()") if one.isdigit()]
    [year] = page.xpath("//main//input[@name='year']/@value")
    assert counts == ["totals"]
    assert years == sorted(years, reverse=True)
    assert int(year) > max(years)  # it opens on the newest year that has some
    [lede] = tree(web.get("/en/ask/unknown?year=2021")).xpath("//main/p[@class='lede'][1]")
    assert words_of(lede).startswith("2021: 54 reports due by law, 31 of them unknown. 9 due by custom")
