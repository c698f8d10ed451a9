"""Replay: a captured report with its attachment, in a real browser, from our WARC files alone."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.lists.browser import find_program, why_no_browser
from tests.patience import PATIENCE
from tests.played import copy_of, nianbao
from tests.replaying import REPLAY

needs_pywb = pytest.mark.skipif(not REPLAY.exists(), reason="pywb is not here: make setup-replay installs it")
needs_browser = pytest.mark.skipif(bool(why_no_browser()), reason=f"{why_no_browser()}: it is what this test is about.")


@contextmanager
def replaying(archive: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``nianbao replay`` while it runs, and the address that it says."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NIANBAO_")}
    environment |= {"NIANBAO_ARCHIVE": str(archive), "http_proxy": "http://127.0.0.1:9", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "nianbao.cli", "replay", "--port", "0", *words]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        said = []
        assert server.stdout is not None
        for line in server.stdout:
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+/nianbao/", line):
                yield server, found[0]
                break
        else:
            pytest.fail("".join(said))
    finally:
        server.terminate()  # it ends pywb, and leaves nothing behind
        server.wait(PATIENCE)
        server.stdout.close()


def asked(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=PATIENCE) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def with_attachment(archive: Path, tmp_path: Path) -> dict[str, object]:
    """A report of the archive that has an attachment: address, time and attachments as its package names them."""
    path = tmp_path / "jiyuan-2025.wacz"
    done = nianbao("export", "wacz", "--portal", "jiyuan", "--year", "2025", "--output", str(path), archive=archive)
    assert done.code == 0, done.err
    with zipfile.ZipFile(path) as packed:
        lines = packed.read("pages/pages.jsonl").decode().splitlines()[1:]
    return next(page for line in lines if (page := json.loads(line))["attachments"])


@needs_pywb
@needs_browser
def test_a_report_and_its_attachment_are_shown_without_touching_a_portal(played: Path, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    page = with_attachment(played, tmp_path)
    attachment = page["attachments"][0]  # type: ignore[index]
    (held,) = json.loads(nianbao("show-capture", attachment, "--json", archive=played).out)
    stamp = re.sub(r"\D", "", str(page["ts"]))
    went: list[str] = []
    with replaying(played, "--portal", "jiyuan") as (_, address), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_program(), chromium_sandbox=os.geteuid() != 0, timeout=PATIENCE * 1000
        )
        tab = chromium.new_page()
        tab.on("request", lambda request: went.append(request.url))
        tab.goto(f"{address}{stamp}/{page['url']}", timeout=PATIENCE * 1000)
        shown = tab.frame_locator("#replay_iframe")
        text = shown.locator("body").inner_text(timeout=PATIENCE * 1000)
        name = str(attachment).rpartition("/")[2]
        with tab.expect_download(timeout=PATIENCE * 1000) as download:
            shown.locator(f"a[href*='{name}']").first.click()
        data = Path(download.value.path()).read_bytes()
        chromium.close()
    assert "政府信息公开" in text
    assert str(page["agency"]) in text
    assert hashlib.sha256(data).hexdigest() == held["document"]
    here = urlsplit(address).netloc
    assert {urlsplit(url).netloc for url in went if url.startswith("http")} == {here}
    assert any(name in url for url in went)


@needs_pywb
def test_every_answer_is_replayed_and_nothing_else(played: Path, tmp_path: Path) -> None:
    page = with_attachment(played, tmp_path)
    with replaying(played) as (server, address):
        url = str(page["url"])
        for stamp in ("20260125010003", "20260209", "2026"):  # captured, unchanged (304), whenever
            status, body = asked(f"{address}{stamp}id_/{url}")
            assert status == 200
            (row,) = json.loads(nianbao("show-capture", url, "--json", archive=played).out)
            assert hashlib.sha256(body).hexdigest() == row["document"]
        base = address.removesuffix("nianbao/")
        for away in (f"{address}2026id_/http://www.jiyuan.gov.cn/nowhere", f"{base}live/{url}", f"{base}record/{url}"):
            assert asked(away)[0] == 404
        port = urlsplit(address).port
        assert port is not None
        server.send_signal(signal.SIGINT)
        assert server.wait(PATIENCE) == 0
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


@needs_pywb
def test_it_ends_cleanly_and_leaves_nothing_behind(
    played: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with replaying(played, "--portal", "yiyuan") as (server, _):
            (folder,) = tmp_path.glob("nianbao-replay-*")
            assert (folder / "warc").is_symlink()
            assert not [path for path in folder.rglob("*.warc.gz") if not path.is_relative_to(folder / "warc")]
            server.send_signal(number)
            assert server.wait(PATIENCE) == 0
        assert not list(tmp_path.iterdir())
    assert list((played / "warc").rglob("*.warc.gz"))


@needs_pywb
def test_what_is_withheld_is_not_shown(played: Path, tmp_path: Path) -> None:
    archive = copy_of(played, tmp_path / "archive")
    page = with_attachment(archive, tmp_path)
    url, attachment = str(page["url"]), page["attachments"][0]  # type: ignore[index]
    (row,) = json.loads(nianbao("show-capture", attachment, "--json", archive=archive).out)
    ruled = nianbao("rule", "withhold", row["document"], "--by", "a", "--reason", "b", archive=archive)
    assert ruled.code == 0, ruled.err
    with replaying(archive, "--portal", "jiyuan") as (_, address):
        assert asked(f"{address}2026id_/{attachment}")[0] == 404
        assert asked(f"{address}2026id_/{url}")[0] == 404  # the page of the same edition says the same


def test_where_pywb_is_not_it_is_said(played: Path, tmp_path: Path) -> None:
    absent = nianbao("replay", archive=played, NIANBAO_REPLAY=str(tmp_path))
    assert absent.code == 3
    for said in (str(tmp_path), "make setup-replay", "NIANBAO_REPLAY", "show-capture"):
        assert said in absent.err
    prepared = nianbao("replay", "--dry-run", "--portal", "jiyuan", archive=played, NIANBAO_REPLAY=str(tmp_path))
    assert prepared.code == 1
    assert "records to show" in prepared.out
    assert prepared.out.startswith("Demonstration data: ")


@needs_pywb
def test_a_port_that_is_taken_and_a_pywb_that_fails_are_told(played: Path, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        taken = nianbao("replay", "--port", port, "--portal", "jiyuan", archive=played)
    assert (taken.code, port in taken.err) == (2, True)
    (tmp_path / "bin").mkdir()
    broken = tmp_path / "bin" / "wayback"
    broken.write_text("#!/bin/sh\necho it is broken >&2\nexit 4\n")
    broken.chmod(0o755)
    told = nianbao("replay", "--port", "0", "--portal", "jiyuan", archive=played, NIANBAO_REPLAY=str(tmp_path))
    assert told.code == 3
    assert "it is broken" in told.err
