"""Fixtures of the crawler's tests: see loopback_web.py."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from loopback_web import NOW, Archive, Web

from crawler.onboarding import probe
from crawler.operations import runs
from crawler.operations.preloaded import Child, Preloaded
from tests import forking

_BEGIN = runs._begin


def _crawl(
    parent: Preloaded | None, environment: dict[str, str], arguments: list[str]
) -> Child | subprocess.Popen[str]:
    """Begin a crawl as ``runs`` does, but that of one portal is forked too."""
    if parent is not None:
        return _BEGIN(parent, environment, arguments)
    return forking.begin("crawler.operations.child", arguments, environment)


@pytest.fixture(autouse=True)
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes of crawls and probes are begun by fork."""
    monkeypatch.setattr(runs, "_begin", _crawl)
    monkeypatch.setattr(
        probe, "_begin", partial(forking.begin, "crawler.onboarding.probing.__main__", (), one_stream=True)
    )


@pytest.fixture
def web() -> Iterator[Web]:
    made = Web()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def archive(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> Archive:
    monkeypatch.setenv("NIANBAO_DELAY", "0.005")
    monkeypatch.setenv("NIANBAO_NOW", NOW)
    monkeypatch.delenv("NIANBAO_CLOCK_OFFSET", raising=False)
    monkeypatch.delenv("NIANBAO_ARCHIVE", raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return Archive(tmp_path / "archive", web)
