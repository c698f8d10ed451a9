"""A page that costs much to clean is shown as text, and costs the server little."""

from __future__ import annotations

import resource
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from hashlib import sha256
from threading import Lock
from time import sleep

import pytest

from nianbao.web import archived
from nianbao.web.archived import CLEANING, MAX_TEXT_CHARS
from tests.patience import PATIENCE

COSTLY = {
    "forms": b"<html><body>" + b"<form><input>x</form>" * 380_000,
    "attributes": b"<html><body><p " + b"".join(b"a%d=1 " % number for number in range(120_000)) + b">x</p>",
}


def harmless(page: bytes, css: str | None = None) -> str | None:
    return archived.harmless(sha256(page).hexdigest(), lambda size: page[:size], css)


@pytest.mark.parametrize("name", COSTLY)
def test_a_page_that_costs_too_much_is_shown_as_text(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archived, "CLEANING", replace(CLEANING, seconds=PATIENCE))  # other tests keep the machine busy
    before = resource.getrusage(resource.RUSAGE_SELF)
    shown = harmless(COSTLY[name])
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert shown is not None
    assert "<pre>" in shown
    assert "source is shown instead" in shown
    assert "源代码" in shown
    assert "<form" not in shown
    assert len(shown) <= 6 * MAX_TEXT_CHARS
    assert after.ru_maxrss - before.ru_maxrss < 200 << 10  # kilobytes


def test_a_busy_machine_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    page = b"<html><body><h1>2019</h1></body></html>"
    with monkeypatch.context() as patch:
        patch.setattr(archived, "CLEANING", replace(CLEANING, seconds=0.001))
        busy = harmless(page)
    assert busy is not None
    assert "The server is busy" in busy
    assert "<h1>2019</h1>" in (harmless(page) or "")


def test_no_more_pages_are_read_than_are_cleaned() -> None:
    lock, reading, most = Lock(), 0, 0

    def read_page(number: int, size: int) -> bytes:
        nonlocal reading, most
        with lock:
            reading += 1
            most = max(most, reading)
        sleep(0.05)
        with lock:
            reading -= 1
        return f"<html><body><h1>{number % 6}</h1></body></html>".encode()[:size]

    def ask(number: int) -> str | None:
        return archived.harmless(f"page {number % 6}", partial(read_page, number))

    with ThreadPoolExecutor(24) as callers:
        shown = list(callers.map(ask, range(24)))
    assert [f"<h1>{number % 6}</h1>" in (page or "") for number, page in enumerate(shown)] == [True] * 24
    assert most <= 2


def test_what_becomes_longer_than_it_was_is_shown_as_text() -> None:
    shown = harmless(b"<html><body>" + b"<p>&amp;&amp;</p>" + b"& " * 3_000_000)
    assert shown is not None
    assert "too complex to display safely" in shown
