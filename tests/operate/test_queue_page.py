"""The page of runs shows the queue of an archive in PostgreSQL: a job that was given up, and why, is tried again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from crawler.operations.job_queue import GIVEN_UP, SCHEMA, WAITING, jobs, note_failure
from crawler.operations.planner import crawl_job
from crawler.operations.worker import Queue
from nianbao.application import application
from nianbao.operate.application import operators
from nianbao.operate.jobs import Jobs
from storage.home import Home, init_home, open_home
from storage.records import Note
from tests.operate.conftest import TOKEN, Browser, words
from tests.served import served

REASON = "<b>disk</b> full"


@pytest.fixture
def given_up(tmp_path: Path, postgresql_url: str) -> Iterator[tuple[Home, int, Browser]]:
    """An archive whose queue holds one job that was given up, its number, and an operator's browser."""
    with init_home(tmp_path / "archive", simulated=True, database_url=postgresql_url) as home:
        with Queue(home) as queue:
            queue.put(crawl_job("wenshang", "machine:wenshang"))
        [job] = jobs(home)
        note_failure(home, job.id, 3, [Note("error", {"text": REASON})])
        with home.truth.begin() as connection:
            connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
            change = "UPDATE procrastinate_jobs SET status = 'failed', attempts = 3 WHERE id = :job"
            connection.execute(text(change), {"job": job.id})
        with (
            open_home(home.path, read_only=True) as readable,
            Jobs(home) as work,
            served(application(readable, a_minute=0, operators=operators(home, TOKEN, work))) as address,
        ):
            browser = Browser(address)
            browser.enter()
            yield home, job.id, browser


def test_a_job_that_was_given_up_is_shown_with_its_reason_and_tried_again(given_up: tuple[Home, int, Browser]) -> None:
    home, number, browser = given_up
    page = browser.open("runs")
    row = [cell.text_content() for cell in page.xpath("//tr[.//button[.='Try again']]/td")]
    assert [*row[:4], row[5]] == ["crawl", "wenshang", "given up", "3", REASON]
    assert browser.send(page, f"/queue/{number}/retry").status_code == 200
    assert [(job.status, job.attempts) for job in jobs(home)] == [(WAITING, 0)]
    assert jobs(home, (GIVEN_UP,)) == []


def test_a_job_that_is_not_given_up_is_left_alone(given_up: tuple[Home, int, Browser]) -> None:
    home, number, browser = given_up
    page = browser.open("runs", "zh")
    assert "已放弃" in words(page)
    assert browser.send(page, f"/queue/{number}/retry").status_code == 200
    answer = browser.send(page, f"/queue/{number}/retry")
    assert answer.status_code == 422
    assert f"没有已放弃的任务 {number}" in answer.text
    assert len(jobs(home)) == 1
