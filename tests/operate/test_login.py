"""Nobody gets in without the token, and no change is made that a person did not send from a page of ours."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from nianbao.application import application
from nianbao.operate.sessions import IDLE, LONGEST, MOST_SESSIONS, TRIES, WINDOW, Sessions
from storage.home import init_home, open_home
from storage.observations import Observations
from storage.operator_records import Schedules
from tests.operate.conftest import TOKEN, Visitor
from tests.patience import PATIENCE
from tests.played import nianbao
from tests.served import next_line, serve_process, served, served_to_operators

PAGES = ("portals", "portals/wenshang", "runs", "add", "review", "care", "runs/none")
CHANGES = (
    *("runs/none/stop", "jobs/none/stop", "portals/wenshang/crawl", "portals/wenshang/pause"),
    *("portals/wenshang/resume", "portals/wenshang/pace", "care/backup", "care/seal", "care/verify", "care/read"),
    *("add/probe", "add/accept", "review/decide", "review/rule", "logout"),
)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """An archive that nobody crawls, and where its operators' pages are served."""
    path = tmp_path_factory.mktemp("entered") / "archive"
    init_home(path, simulated=True).close()
    with served_to_operators(path, TOKEN, None, "127.0.0.1") as address:
        yield path, address


@pytest.fixture
def browser(address: tuple[Path, str]) -> Visitor:
    return Visitor(address[1])


def test_nobody_sees_anything_before_he_is_in(browser: Visitor) -> None:
    plain = httpx.Client(base_url=browser.client.base_url, timeout=PATIENCE)
    for path in PAGES:
        answer = plain.get(f"/operate/en/{path}")
        assert answer.status_code in {303, 403}
        assert "csrf" not in answer.text
    for path in CHANGES:
        assert plain.post(f"/operate/en/{path}", content="csrf=x", headers=FORM).status_code == 403
    assert plain.get("/operate/").headers["location"] == "/operate/en/portals"


def test_the_token_lets_in_and_leaving_ends_the_session(browser: Visitor) -> None:
    assert browser.enter("not-the-token-at-all").status_code == 403
    answer = browser.enter()
    assert answer.status_code == 200
    assert "Portals" in answer.text
    cookie = answer.history[0].headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/operate" in cookie
    assert answer.headers["cache-control"] == "no-store"
    held = dict(browser.client.cookies)
    browser.send(browser.open("care"), "/logout")
    assert not browser.client.cookies
    again = httpx.get(f"{browser.client.base_url}/operate/en/runs", cookies=held, timeout=PATIENCE)
    assert again.status_code == 303


def test_over_https_the_cookie_is_secure(browser: Visitor) -> None:
    page = browser.client.post(
        "/operate/en/login",
        content=f"token={TOKEN}&name=x",
        headers=FORM | {"X-Forwarded-Proto": "https"},
        follow_redirects=False,
    )
    assert page.headers["set-cookie"].startswith("__Secure-")
    assert "; secure" in page.headers["set-cookie"].lower()


def test_a_change_needs_the_token_of_the_session(browser: Visitor, address: tuple[Path, str]) -> None:
    browser.enter()
    for path in CHANGES:
        for body in ("", "csrf=", "csrf=wrong", "reason=x&csrf=" + "a" * 43):
            answer = browser.client.post(f"/operate/en/{path}", content=body, headers=FORM)
            assert answer.status_code == 403, path
    with open_home(address[0], read_only=True) as home:
        assert Schedules(home).history() == ()
        assert [*Observations(home).rulings()] == []


def test_a_form_of_another_site_and_what_is_no_form_of_ours_is_refused_even_with_the_right_token(
    browser: Visitor,
) -> None:
    browser.enter()
    token = browser.open("portals/wenshang").forms[0].xpath("//input[@name='csrf']")[0].get("value")
    sites = ("cross-site", "same-site", "none")
    for content, headers, status in (
        *((f"csrf={token}".encode(), FORM | {"Sec-Fetch-Site": site}, 403) for site in sites),
        (b"a" * 1_000_001, FORM, 413),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"x", {"Content-Type": "multipart/form-data; boundary=x"}, 415),
        (b"csrf=%ff", FORM, 400),
        (b"a=1&" * 20_002, FORM, 400),
    ):
        answer = browser.client.post("/operate/en/portals/wenshang/pause", content=content, headers=headers)
        assert answer.status_code == status, content[:20]


def test_methods_and_pages_that_there_are_not(browser: Visitor) -> None:
    browser.enter()
    assert browser.client.put("/operate/en/runs").status_code == 405
    for path in ("nothing", "runs/none"):
        assert browser.client.get(f"/operate/en/{path}").status_code == 404
    assert browser.client.get("/operate/xx/runs").status_code == 404
    assert browser.client.get("/operate/openapi.json").status_code == 404


def test_every_page_is_shown_in_both_languages_and_loads_nothing_from_elsewhere(browser: Visitor) -> None:
    browser.enter(name="<b>李四</b>")
    for path in ("login", *PAGES[:-1]):
        for lang in ("zh", "en"):
            page = browser.open(path, lang)
            assert page.get("lang") == {"zh": "zh-CN", "en": "en"}[lang]
            assert len(page.findall(".//h1")) == 1
            assert not list(page.iter("script"))
            assert not page.xpath("//b")
            for element in page.iter():
                assert not any(name.startswith("on") or name == "style" for name in element.attrib)


def test_every_word_stands_in_the_catalogue() -> None:
    for path in sorted(Path("nianbao/operate/templates").glob("*.html")):
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<[^>]*>", " ", path.read_text("utf-8"), flags=re.DOTALL)
        assert not re.search(r"[^\W\d_]{2,}", re.sub(r"&[a-z]+;", " ", text)), path.name


# ---------------------------------------------------------------------------------------------- sessions


def test_sessions_end_and_guesses_and_sessions_are_bounded() -> None:
    now = 0.0
    sessions = Sessions(TOKEN, lambda: now)
    key = sessions.enter(TOKEN, "x", "a")
    while now <= LONGEST - IDLE:
        now += IDLE - 1
        assert sessions.find(key)
    now = LONGEST + 1
    assert sessions.find(key) is None
    idle = sessions.enter(TOKEN, "x", "a")
    now += IDLE + 1
    assert [sessions.find(one) for one in (idle, "", "another")] == [None] * 3
    for _ in range(TRIES):
        assert sessions.wait("a") == 0
        assert sessions.enter("wrong", "x", "a") is None
    assert (0 < sessions.wait("a") <= WINDOW, sessions.wait("b")) == (True, 0)
    keys = [sessions.enter(TOKEN, "x", "a") for _ in range(MOST_SESSIONS + 1)]
    assert sessions.find(keys[0]) is None
    assert sessions.find(keys[-1])


# ---------------------------------------------------------------------------------------------- serve


def test_without_the_setting_nothing_of_it_is_there_nor_loaded(address: tuple[Path, str]) -> None:
    with open_home(address[0], read_only=True) as home, served(application(home)) as plain:
        for path in ("/operate/", "/operate/en/runs", "/operate/en/login"):
            assert httpx.get(plain + path, timeout=PATIENCE).status_code in {404, 422}
    code = "import sys, nianbao.application; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    of_crawls = {name for name in loaded if name.startswith(("nianbao.operate", "crawler", "scrapy"))}
    assert of_crawls <= {"crawler", "crawler.signatures"}  # the names of content systems, which pages show


def test_they_are_not_shown_to_other_machines_without_a_token(address: tuple[Path, str]) -> None:
    ran = nianbao("serve", "--host", "0.0.0.0", "--port", "0", "--operators", archive=address[0], code=2)
    assert "NIANBAO_OPERATOR_TOKEN" in ran.err
    short = nianbao("serve", "--operators", archive=address[0], NIANBAO_OPERATOR_TOKEN="short", code=2)
    assert "20 to 200" in short.err


def test_serve_prints_a_token_of_its_own_on_this_machine(address: tuple[Path, str]) -> None:
    with serve_process(address[0], "--operators") as (run, place):
        lines = [next_line(run).strip() for _ in range(3)]
        assert Visitor(place.rstrip("/")).enter(lines[-1].rpartition(" ")[2]).status_code == 200
        run.terminate()
        assert run.wait(timeout=PATIENCE) == 0
