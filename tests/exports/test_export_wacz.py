"""A package of evidence: its records are the archive's byte for byte, whole in themselves; validators accept it.

Replay: a captured report with its attachment, from our WARC files alone; nothing that is withheld.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from starlette.staticfiles import StaticFiles
from storage_making import Record, flipped, read

from crawler.lists.browser import find_program
from tests.patience import PATIENCE, wait_until
from tests.played import Ran, copy_of, nianbao
from tests.replaying import REPLAY, VIEWER, is_listening, needs_pywb, needs_viewer
from tests.served import served


def export(archive: Path, *words: str, code: int = 0) -> Ran:
    return nianbao("export", "wacz", "--portal", "jiyuan", "--year", "2025", *words, archive=archive, code=code)


@pytest.fixture(scope="module")
def package(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("package") / "jiyuan-2025.wacz"
    done = export(played, "--output", str(path))
    assert "9 editions" in done.out
    with zipfile.ZipFile(path) as packed:
        digest = json.loads(packed.read("datapackage-digest.json"))["hash"].removeprefix("sha256:")
    assert f"sha256 {digest}: note it elsewhere" in done.out
    return path


@pytest.fixture(scope="module")
def unpacked(package: Path) -> Path:
    folder = package.parent / "unpacked"
    with zipfile.ZipFile(package) as packed:
        packed.extractall(folder)
    return folder


def index(folder: Path) -> list[tuple[str, str, dict[str, str]]]:
    lines = gzip.decompress((folder / "indexes/index.cdx.gz").read_bytes()).decode().splitlines()
    assert lines == sorted(lines)
    parts = [line.split(" ", 2) for line in lines]
    return [(key, stamp, json.loads(text)) for key, stamp, text in parts]


def test_the_package_is_whole_in_itself(unpacked: Path) -> None:
    records = read(unpacked / "archive/jiyuan-2025.warc.gz")
    ids = {record.fields["warc-record-id"] for record in records}
    answers = [record for record in records if record.kind in {"response", "revisit"}]
    assert all(record.fields["warc-refers-to"] in ids for record in answers if record.kind == "revisit")
    asked = {record.fields["warc-concurrent-to"] for record in records if record.kind == "request"}
    told = {record.fields["warc-record-id"] for record in answers if "nianbao-request" in record.fields}
    assert asked == {record.fields["warc-record-id"] for record in answers} - told
    assert {record.fields["warc-refers-to"] for record in answers if record.fields["warc-record-id"] in told} <= asked
    places = {(record.offset, record.length): record for record in answers}
    held: set[tuple[str, str]] = set()
    for _, stamp, entry in index(unpacked):
        record: Record = places.pop((int(entry["offset"]), int(entry["length"])))
        assert entry["url"] == record.fields["warc-target-uri"]
        assert entry["filename"] == "jiyuan-2025.warc.gz"
        held.add((entry["url"], stamp))
    assert all(record.block.startswith(b"HTTP/1.1 304 ") for record in places.values())
    blocks = (unpacked / "indexes/index.idx").read_text().splitlines()
    assert blocks[0].startswith('!meta 0 {"format": "cdxj-gzip-1.0"')
    for name in ("pages", "extraPages"):
        head, *pages = (json.loads(line) for line in (unpacked / f"pages/{name}.jsonl").read_text().splitlines())
        assert head["format"] == "json-pages-1.0"
        assert pages
        assert {(page["url"], "".join(c for c in page["ts"] if c.isdigit())) for page in pages} <= held


def test_what_is_withheld_is_left_out_and_told(played: Path, tmp_path: Path) -> None:
    archive = copy_of(played, tmp_path / "archive")
    shown = json.loads(nianbao("show", "济源市财政局", "2025", "--json", archive=archive).out)[0]
    secret = shown["source"]["document"]
    nianbao("rule", "withhold", secret, "--by", "an archivist", "--reason", "names", archive=archive, code=0)
    done = export(archive)
    assert "withheld by a ruling" in done.out
    with zipfile.ZipFile(archive / "exports/jiyuan-2025.wacz") as packed:
        told = json.loads(packed.read("datapackage.json"))["nianbao"]["withheld"]
        pages = packed.read("pages/pages.jsonl").decode()
        packed.extract("archive/jiyuan-2025.warc.gz", tmp_path)
    assert f"sha256:{secret}" in {one["document"] for one in told}
    assert {"names"} <= {one["reason"] for one in told}
    assert shown["edition"]["id"] not in pages
    for record in read(tmp_path / "archive/jiyuan-2025.warc.gz"):
        note = json.loads(record.fields.get("nianbao-capture", "{}"))
        assert f"sha256:{note.get('document')}" not in {one["document"] for one in told}


def test_a_damaged_record_is_left_out_and_told(played: Path, tmp_path: Path) -> None:
    archive = copy_of(played, tmp_path / "archive")
    shown = json.loads(nianbao("show", "济源市财政局", "2025", "--json", archive=archive).out)[0]["source"]
    place = json.loads(nianbao("show-capture", shown["id"], "--json", archive=archive).out)[0]["warc"]
    flipped(archive / "warc" / place["file"], place["offset"] + place["length"] - 8)  # its checksum
    done = export(archive, code=1)
    assert f"{place['file']}:{place['offset']} is damaged" in done.err
    with zipfile.ZipFile(archive / "exports/jiyuan-2025.wacz") as packed:
        packed.extract("archive/jiyuan-2025.warc.gz", tmp_path)
    assert read(tmp_path / "archive/jiyuan-2025.warc.gz")


def pages_of(package: Path) -> list[dict[str, Any]]:
    """Each edition as the package lists it, and its time as replay programs write it."""
    with zipfile.ZipFile(package) as packed:
        pages = [json.loads(line) for line in packed.read("pages/pages.jsonl").decode().splitlines()[1:]]
    return [page | {"stamp": "".join(letter for letter in page["ts"] if letter.isdigit())} for page in pages]


@needs_pywb
def test_the_wacz_validator_accepts_it(package: Path) -> None:
    ran = subprocess.run([REPLAY / "bin/wacz", "validate", "-f", package], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "is valid" in ran.stdout


@needs_pywb
def test_pywb_opens_it_and_replays_every_page(package: Path, tmp_path: Path) -> None:
    for words in (("init", "c"), ("add", "--unpack-wacz", "c", str(package))):
        subprocess.run([REPLAY / "bin/wb-manager", *words], cwd=tmp_path, check=True, capture_output=True)
    pages = pages_of(package)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(REPLAY / "bin/wayback"), "-b", "127.0.0.1", "-p", str(port), "-d", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_until(lambda: is_listening(port))
            for page in pages:
                address = f"http://127.0.0.1:{port}/c/{page['stamp']}id_/{page['url']}"
                answer = httpx.get(address, timeout=PATIENCE)
                assert answer.status_code == 200
                assert parsedate_to_datetime(answer.headers["memento-datetime"]).isoformat()[:19] == page["ts"][:19]
        finally:
            server.terminate()
    assert pages


@needs_viewer
def test_replayweb_page_shows_every_edition_as_it_stood(package: Path, tmp_path: Path) -> None:
    """ReplayWeb.page is a page with a service worker: it reads the package in the browser, without a server's help."""
    playwright, program = pytest.importorskip("playwright.sync_api"), find_program("")
    if program is None:
        pytest.skip("no Chromium is installed")
    site = shutil.copytree(VIEWER, tmp_path / "site")
    shutil.copy(package, site / "package.wacz")
    with served(StaticFiles(directory=site, html=True)) as address, playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"], timeout=PATIENCE * 1000)
        view = browser.new_page()
        view.set_default_timeout(PATIENCE * 1000)
        for page in pages_of(package):
            view.goto(f"{address}/?source=package.wacz#view=pages&url={quote(page['url'], safe='')}&ts={page['stamp']}")
            shown = view.frame_locator(f"iframe[src*='{page['stamp']}mp_/{page['url']}']")
            shown.get_by_text(page["title"], exact=True).first.wait_for()
        browser.close()


@needs_pywb
def test_its_index_is_what_an_indexer_makes_of_its_warc_file(unpacked: Path) -> None:
    warc = unpacked / "archive/jiyuan-2025.warc.gz"
    ran = subprocess.run([REPLAY / "bin/cdxj-indexer", "-p", "-s", warc], capture_output=True, text=True, check=True)
    theirs = [line.split(" ", 2) for line in ran.stdout.splitlines()]
    shown = [(key, stamp, entry) for key, stamp, text in theirs if (entry := json.loads(text))["status"] != "304"]
    ours = index(unpacked)
    assert sorted(shown, key=str) == sorted(ours, key=str)


# ------------------------------------------------------------------------------------------------ replay


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
                wait_until(lambda: is_listening(urlsplit(found[0]).port or 0))
                yield server, found[0]
                break
        else:
            pytest.fail("".join(said))
    finally:
        server.terminate()  # it ends pywb, and leaves nothing behind
        server.wait(PATIENCE)
        server.stdout.close()


def with_attachment(package: Path) -> dict[str, Any]:
    return next(page for page in pages_of(package) if page["attachments"])


@needs_pywb
def test_every_answer_is_replayed_nothing_else_and_it_leaves_nothing_behind(
    package: Path, played: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = with_attachment(package)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    with replaying(played) as (server, address):
        url = str(page["url"])
        for stamp in ("20260125010003", "20260209", "2026"):  # captured, unchanged (304), whenever
            answer = httpx.get(f"{address}{stamp}id_/{url}", timeout=PATIENCE, trust_env=False).raise_for_status()
            (row,) = json.loads(nianbao("show-capture", url, "--json", archive=played).out)
            assert hashlib.sha256(answer.content).hexdigest() == row["document"]
        base = address.removesuffix("nianbao/")
        for away in (f"{address}2026id_/http://www.jiyuan.gov.cn/nowhere", f"{base}live/{url}"):
            assert httpx.get(away, timeout=PATIENCE, trust_env=False).status_code == 404
        server.send_signal(signal.SIGINT)
        assert server.wait(PATIENCE) == 0
    assert not list((tmp_path / "temporary").iterdir())


def test_where_pywb_is_not_it_is_said_and_what_is_withheld_is_not_prepared(
    package: Path, played: Path, tmp_path: Path
) -> None:
    absent = nianbao("replay", archive=played, NIANBAO_REPLAY=str(tmp_path), code=3)
    for said in (str(tmp_path), "make setup-replay", "NIANBAO_REPLAY", "show-capture"):
        assert said in absent.err
    archive = copy_of(played, tmp_path / "archive")
    attachment = with_attachment(package)["attachments"][0]
    (row,) = json.loads(nianbao("show-capture", attachment, "--json", archive=archive).out)
    told = {}
    for withheld in (False, True):
        if withheld:
            nianbao("rule", "withhold", row["document"], "--by", "a", "--reason", "b", archive=archive, code=0)
        words = ("replay", "--dry-run", "--portal", "jiyuan")
        prepared = nianbao(*words, archive=archive, NIANBAO_REPLAY=str(tmp_path))
        assert (prepared.code, prepared.err.startswith("Demonstration data: ")) == (1, True)
        told[withheld] = int(re.findall(r"(\d+) records? to show", prepared.out)[0])
        assert ("withheld by a ruling" in prepared.out) is withheld
    assert told[True] <= told[False] - 2  # also the page of the same edition, which says the same
