"""The page of runs shows the queue of an archive in PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from crawler.operations.planner import crawl_job
from crawler.operations.worker import Queue
from nianbao.application import application
from nianbao.operate.application import operators
from nianbao.operate.jobs import Jobs
from storage.home import init_home, open_home
from tests.operate.conftest import TOKEN, Browser
from tests.served import served


def test_jobs_that_wait_are_shown(tmp_path: Path, postgresql_url: str) -> None:
    with init_home(tmp_path / "archive", simulated=True, database_url=postgresql_url) as home:
        with Queue(home) as queue:
            queue.put(crawl_job("wenshang", "machine:wenshang"))
        with (
            open_home(home.path, read_only=True) as readable,
            Jobs(home) as work,
            served(application(readable, a_minute=0, operators=operators(home, TOKEN, work))) as address,
        ):
            browser = Browser(address)
            browser.enter()
            row = [cell.text_content() for cell in browser.open("runs").xpath("//tr[td[2]='wenshang']/td")]
    assert row[:3] == ["crawl", "wenshang", "waiting"]
