"""``nianbao serve``: listens, answers, and tells what keeps it from it; answers change with the archive."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import httpx
import pytest
from small_archive import SmallSite, new_archive, report_page

from archive.projection.update import update
from nianbao.application import application
from storage.home import open_home
from tests.patience import PATIENCE
from tests.served import next_line, serve_process, served

SFJ = "汶上县司法局"


def test_it_serves_by_its_own_names_until_it_is_asked_to_end(played: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_HOSTS", "nianbao.example.org")
    with serve_process(played) as (run, address):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
        assert "Demonstration data" in next_line(run)
        assert httpx.get(f"{address}api/v1/portals", timeout=PATIENCE).json()["items"]
        for name, status in (("[::1]", 200), ("nianbao.example.org", 200), ("evil.example", 400)):
            answer = httpx.get(f"{address}healthz", headers={"Host": name}, timeout=PATIENCE)
            assert answer.status_code == status, name
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=PATIENCE) == 0


def test_an_answer_changes_with_the_archive_and_a_cursor_tells_it(tmp_path: Path) -> None:
    with new_archive(tmp_path / "archive") as home:
        site = SmallSite(home, first_year=2025)
        site.agency("sfj", SFJ)
        site.publish("2026-01-26", "nb/1.html", SFJ, text="我局")
        update(home)
        with served(application(home)) as address, httpx.Client(base_url=f"{address}/api/v1", timeout=PATIENCE) as api:
            before = api.get("editions")
            assert len(before.json()["items"]) == 1
            page = api.get("leads", params={"limit": 1}).json()
            assert page["next"] is None
            runs = api.get("runs", params={"limit": 1}).json()
            site.fetch("2026-01-27 09:01", "nb/1.html", report_page(SFJ, 2025, text="我局更正"))
            update(home)
            after = api.get("editions", headers={"If-None-Match": before.headers["etag"]})
            assert after.status_code == 200
            assert len(after.json()["items"]) == 2
            assert api.get("runs", params={"limit": 1, "cursor": runs["next"]}).status_code == 200
            other = api.get("agencies", params={"cursor": runs["next"]})
            assert other.status_code == 410
            assert other.json()["type"] == "urn:nianbao:problem:list-changed"


def test_a_name_that_is_not_ours_gets_no_answer_and_head_is_answered_as_get_without_a_body(played: Path) -> None:
    with (
        open_home(played, read_only=True) as home,
        served(application(home, hosts=["127.0.0.1", "*.example.org"])) as address,
        httpx.Client(base_url=address, timeout=PATIENCE) as web,
    ):
        for name, status in (("evil.example", 400), ("a.example.org", 200), ("", 400)):
            assert web.get("/en/method", headers={"Host": name}).status_code == status, name
        for path in ("/zh", "/"):  # a redirect names no host
            assert web.get(path).headers["location"] in {"/zh/", "/en/"}
        for path in ("/en/ask/missing", "/zh/news.atom", "/healthz", "/api/v1/missing?year=2025", "/api/v1/gaps.csv"):
            answer = web.head(path)
            assert (answer.status_code, answer.content) == (200, b""), path
            assert answer.headers["content-type"] == web.get(path).headers["content-type"]
