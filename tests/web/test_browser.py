"""The pages in a real browser: WCAG 2.2 AA by axe, phone and desktop, without JavaScript, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

pytest.importorskip("playwright")
pytest.importorskip("axe_playwright_python")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from crawler.lists.browser import find_program as program
from nianbao.application import application
from nianbao.messages import LANGUAGES
from tests.patience import PATIENCE
from tests.served import served
from tests.web.hostile_site import hostile_site

PHONE, TABLET, DESKTOP = {"width": 390, "height": 800}, {"width": 768, "height": 1024}, {"width": 1280, "height": 900}
RECEIVED = "applications.received.total"
DEEP = "applications.result.other.no_correction.legal_service"  # far down and right in its table
PLACES = quote("汶上县"), quote("沂源县")
#: what is walked: each template once
PATHS = (
    *("", "ask/missing", f"ask/search?query={quote('行政复议')}", "ask/series", f"ask/find?query={PLACES[0]}"),
    *("duty/jiyuan/gaj/2025", "report/wenshang/sfj/2025", f"cell/wenshang/sfj/2025/{RECEIVED}", "portal/jiyuan"),
    *("agency/luoyang/czj", "diff/luoyang/czj/2025", f"ask/series?agencies={PLACES[0]}&agencies={PLACES[1]}"),
    *("method", "data", f"embed/series?place={PLACES[0]}", f"rollup?place={PLACES[0]}"),
    *("duty/yiyuan/jtj/2025", "duty/nobody/2025"),  # long addresses; no such page
    *(f"ask/scores?place={PLACES[0]}", "ask/unknown"),
)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all of it."""
    found = program("")
    if found is None:
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        held = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"], timeout=PATIENCE * 1000)
        yield held
        held.close()


@pytest.fixture(scope="module")
def address(web: httpx.Client) -> str:
    return str(web.base_url).rstrip("/")


def opened(browser: Browser, **settings: Any) -> Page:
    page = browser.new_context(bypass_csp=settings.pop("bypass_csp", False), **settings).new_page()
    page.set_default_timeout(PATIENCE * 1000)
    return page


@pytest.mark.parametrize(
    ("lang", "viewport", "scheme", "paths"),
    [
        ("zh", DESKTOP, "light", PATHS[::3]),
        ("en", PHONE, "dark", PATHS[1::3]),
        ("zh", TABLET, "dark", PATHS[2::3]),
        ("en", DESKTOP, "dark", PATHS),
        ("zh", PHONE, "light", PATHS),
    ],
    ids=["desktop", "phone", "tablet", "all on a desktop", "all on a phone"],
)
def test_every_page_is_usable_by_everybody(
    browser: Browser, address: str, lang: str, viewport: Any, scheme: Any, paths: tuple[str, ...]
) -> None:
    page = opened(browser, bypass_csp=True, viewport=viewport, color_scheme=scheme)  # axe is a script of the test
    for path in paths:
        page.goto(f"{address}/{lang}/{path}")
        found = Axe().run(page, context={"exclude": [["iframe"]]}, options=RULES)
        told = [(one["id"], [node["html"][:200] for node in one["nodes"][:2]]) for one in found.response["violations"]]
        assert not told, (path, told)
    page.context.close()


@pytest.mark.parametrize("paths", [PATHS[::2], PATHS], ids=["every other", "all"])
def test_every_page_fits_phone_and_desktop_without_javascript(
    browser: Browser, address: str, paths: tuple[str, ...]
) -> None:
    page = opened(browser, viewport=PHONE, java_script_enabled=False)
    for number, path in enumerate(paths):
        page.goto(f"{address}/{LANGUAGES[number % 2]}/{path}", wait_until="load")  # with its style sheet
        page.locator("footer").wait_for()
        for size in (PHONE, DESKTOP):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            wide = page.locator("html").evaluate("element => element.scrollWidth")
            assert wide <= size["width"], f"{path} is {wide} pixels wide"
            heads = [one.bounding_box() for one in page.locator("header .head").all()]
            assert len(heads) == (not path.startswith("embed")), path  # which stands in the page of another site
            assert all(head and head["height"] < 72 for head in heads), f"the head of {path} takes more than a line"
    page.context.close()


def test_paper_says_that_it_is_a_demonstration_and_bears_every_digest(browser: Browser, address: str) -> None:
    page = opened(browser)
    page.emulate_media(media="print")
    page.goto(f"{address}/zh/duty/jiyuan/gaj/2025")
    assert page.locator(".simulated").is_visible()
    assert all(one.is_visible() for one in page.locator(".print").all())
    assert not page.locator("nav.menu").is_visible()
    assert not page.get_by_text("该机关其他年度").is_visible()
    page.context.close()


def test_nothing_is_refused_by_the_policy_and_nothing_comes_from_elsewhere(browser: Browser, address: str) -> None:
    page = opened(browser, viewport=DESKTOP)
    asked: list[str] = []
    told: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    for path in PATHS[::3]:
        page.goto(f"{address}/en/{path}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.goto(f"{address}/zh/cell/yiyuan/sfj/2025/{RECEIVED}", wait_until="load")  # a page of a PDF, drawn
    assert page.evaluate("document.querySelector('img.shot').naturalWidth > 300")
    assert all(url.startswith(address) for url in asked)
    assert not told
    page.context.close()


def test_on_a_phone_the_field_for_names_takes_the_line_while_one_types(browser: Browser, address: str) -> None:
    page = opened(browser, viewport=PHONE, java_script_enabled=False)
    page.goto(f"{address}/en/method")
    field = page.locator("header input[name=query]")
    field.click()
    assert [box["width"] > 250 for box in [field.bounding_box()] if box] == [True]
    field.fill("wsxsfj 2025")
    page.locator("header .find button").click()
    page.wait_for_url("**/ask/find?query=*")
    page.context.close()


@pytest.mark.parametrize(("typed", "value"), [("wsx", "汶上县"), ("finance bureau wenshang", "汶上县财政局")])
def test_names_are_suggested_while_one_types(browser: Browser, address: str, typed: str, value: str) -> None:
    page = opened(browser, viewport=DESKTOP)
    for path, field in (("en/", "header input"), ("zh/ask/series", "main input[name=agencies]")):
        page.goto(f"{address}/{path}")
        page.locator(field).first.press_sequentially(typed)
        page.locator(f"datalist option[value='{value}']", has_text=typed).first.wait_for(state="attached")
    page.context.close()


def test_an_indicator_is_asked_by_name_and_several_agencies_at_once(browser: Browser, address: str) -> None:
    page = opened(browser, viewport=PHONE)
    page.goto(f"{address}/en/ask/series")
    page.locator(".filters > summary").click()  # on a phone the answer comes first
    field, agencies = page.locator("main input[name=indicator]"), page.locator("main input[name=agencies]")
    field.fill("收到申请数")
    former = "Disclosure on application / applications received / this year"
    page.locator(f"datalist option[value='{former}']").wait_for(state="attached")
    agencies.fill("汶上县、wsxsfj")
    page.locator("datalist option[value='汶上县、汶上县司法局']").wait_for(state="attached")
    agencies.fill("汶上县、汶上县司法局")
    field.fill("applications received")
    field.press("Enter")
    page.wait_for_url("**agencies=*")
    assert page.locator(".by-agency tbody th > a").all_inner_texts() == ["汶上县人民政府", "汶上县司法局"]
    assert field.input_value() == "New applications received / total"
    page.context.close()


def test_a_reader_gets_from_the_overview_to_the_proof_without_javascript(browser: Browser, address: str) -> None:
    page = opened(browser, viewport=PHONE, java_script_enabled=False)
    page.goto(f"{address}/en/")
    link = page.locator(".button").get_by_role("link", name="Late")
    assert not link.is_visible()
    page.locator(".button summary").first.click()
    assert link.is_visible()
    page.goto(f"{address}/en/")
    page.locator("a", has_text="Which ones, and how we know").last.click()
    page.locator("main a", has_text="济源市公安局").click()
    page.locator("p.verdict a").click()
    assert "missing" in page.locator("p.verdict").inner_text()
    shown = page.locator("details[open] iframe")  # the first page of the list in each look
    assert shown.count() == 2
    for number in range(2):
        assert "年度报告" in shown.nth(number).content_frame.locator("body").inner_text()
    page.locator("section.look a").first.click()
    assert page.locator(".right").count() >= 3
    assert page.locator(".wrong").count() == 0
    page.context.close()


def test_a_figure_leads_to_its_place_in_the_source(browser: Browser, address: str) -> None:
    page = opened(browser, viewport=DESKTOP, java_script_enabled=False)
    page.goto(f"{address}/en/report/wenshang/sfj/2025")
    link = page.locator(f'td[id="{RECEIVED}"] a')
    figure = link.inner_text().strip()
    link.click()
    page.wait_for_url("**/cell/**", wait_until="load")
    assert page.locator(".excerpt .marked").inner_text().strip() == figure
    assert figure in page.locator(".big-cell").inner_text()
    page.get_by_text("The whole page").click()
    page.wait_for_url("**/source/**", wait_until="load")
    assert page.locator("#nianbao-cell").inner_text().strip() == figure
    page.context.close()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_cell_is_in_view_with_its_headings(browser: Browser, address: str, viewport: Any) -> None:
    page = opened(browser, viewport=viewport, java_script_enabled=False)
    for indicator in (RECEIVED, DEEP):
        page.goto(f"{address}/en/cell/wenshang/sfj/2025/{indicator}", wait_until="commit")
        page.locator("footer").wait_for()
        expect(page.locator(".excerpt .marked")).to_be_in_viewport(ratio=1)
        expect(page.locator(".excerpt th[scope=col]").last).to_be_in_viewport(ratio=1)
    page.context.close()


def test_nothing_that_a_portal_writes_acts_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    with hostile_site(tmp_path / "archive") as site, served(application(site.home, a_minute=0)) as address:
        page = opened(browser, viewport=DESKTOP)
        asked: list[str] = []
        opened_dialogs: list[str] = []
        told: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: (opened_dialogs.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: told.append(message.text))
        for path in [f"/zh/{one}" for one in site.paths[::4] if one != "news.atom"] + [*site.framed]:
            page.goto(address + path, wait_until="load")
            assert page.evaluate("document.scripts.length") == (path not in site.framed), path
            assert page.evaluate("document.querySelectorAll('main svg[onload], main img[onerror]').length") == 0, path
        assert all(url.startswith(address) for url in asked)
        assert not opened_dialogs
        assert not [one for one in told if "status of 4" not in one]  # pages that say that nothing is called so
        page.context.close()
