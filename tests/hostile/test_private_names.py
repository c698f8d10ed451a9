"""A county whose name leads to an address that is not public is refused before anything is begun for it."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from nianbao.application import application
from nianbao.operate.application import operators
from nianbao.operate.jobs import Jobs
from storage.home import init_home, open_home
from tests.operate.conftest import TOKEN, Browser
from tests.served import served

NAMES = {"inside.gov.cn": ["10.0.0.7"], "both.gov.cn": ["1.1.1.1", "127.0.0.1"]}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_inside_makes_no_job(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo

    def resolve_made_up_names(host: Any, port: Any, *given: Any, **named: Any) -> Any:
        if host in NAMES:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 0)) for one in NAMES[host]]
        return resolve(host, port, *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_made_up_names)
    init_home(tmp_path / "archive").close()
    with (
        open_home(tmp_path / "archive", read_only=True) as home,
        open_home(tmp_path / "archive") as writable,
        Jobs(writable) as jobs,
        served(application(home, a_minute=0, operators=operators(writable, TOKEN, jobs))) as address,
    ):
        browser = Browser(address)
        browser.enter()
        answer = browser.send(browser.open("add"), "/add/probe", address=f"http://{name}/")
        assert answer.status_code == 422
        assert "not on the public web" in answer.text
        assert not list(jobs.all())
