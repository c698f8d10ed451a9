"""A page that costs much to clean is shown as text, and costs the server little."""

from __future__ import annotations

import resource
from threading import BoundedSemaphore

import pytest

from nianbao.web import archived
from nianbao.web.archived import MAX_TEXT_CHARS, harmless

COSTLY = {
    "forms": b"<html><body>" + b"<form><input>x</form>" * 380_000,
    "attributes": b"<html><body><p " + b"".join(b"a%d=1 " % number for number in range(120_000)) + b">x</p>",
}


@pytest.mark.parametrize("page", COSTLY.values(), ids=COSTLY)
def test_a_page_that_costs_too_much_is_shown_as_text(page: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF)
    shown = harmless(page)
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert shown is not None
    assert "<pre>" in shown
    assert "shown as text" in shown
    assert "源代码" in shown
    assert "<form" not in shown
    assert len(shown) <= 6 * MAX_TEXT_CHARS
    assert after.ru_maxrss - before.ru_maxrss < 200 << 10  # kilobytes


def test_a_busy_machine_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    page = b"<html><body><h1>2019</h1></body></html>"
    with monkeypatch.context() as patch:
        patch.setattr(archived, "_WALL_SECONDS", 0.001)
        busy = harmless(page)
    assert busy is not None
    assert "The server is busy" in busy
    assert "<h1>2019</h1>" in (harmless(page) or "")


def test_a_page_waits_for_others_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archived, "_AT_ONCE", BoundedSemaphore(1))
    monkeypatch.setattr(archived, "_WAIT_SECONDS", 0.01)
    with archived._AT_ONCE:
        assert "The server is busy" in (harmless(b"<html><body>2020</body></html>") or "")


def test_a_page_is_still_a_page() -> None:
    shown = harmless(b"<html><body><h1>2025</h1><script>x</script><table><tr><td>1</td></tr></table>", "td")
    assert shown is not None
    assert "<h1>2025</h1>" in shown
    assert '<td id="nianbao-cell">1</td>' in shown
    assert "<script" not in shown
