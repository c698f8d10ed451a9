"""Fixtures of the crawler's tests: see loopback_web.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback_web import NOW, Archive, Web


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
