"""A package of evidence: its records are the archive's byte for byte, whole in themselves; validators accept it."""

from __future__ import annotations

import gzip
import json
import shutil
import socket
import subprocess
import zipfile
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from starlette.staticfiles import StaticFiles
from storage_making import Record, read

from crawler.lists.browser import find_program
from tests.patience import PATIENCE, wait_until
from tests.played import copy_of, nianbao
from tests.replaying import REPLAY, VIEWER, is_listening, needs_pywb, needs_viewer
from tests.served import served


@pytest.fixture(scope="module")
def package(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("package") / "jiyuan-2025.wacz"
    done = nianbao("export", "wacz", "--portal", "jiyuan", "--year", "2025", "--output", str(path), archive=played)
    assert done.code == 0, done.err
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
    ruled = nianbao("rule", "withhold", secret, "--by", "an archivist", "--reason", "names", archive=archive)
    assert ruled.code == 0, ruled.err
    done = nianbao("export", "wacz", "--portal", "jiyuan", "--year", "2025", archive=archive)
    assert done.code == 0, done.err
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
    path = archive / "warc" / place["file"]
    data = bytearray(path.read_bytes())
    data[place["offset"] + place["length"] - 8] ^= 8  # its checksum
    path.write_bytes(data)
    done = nianbao("export", "wacz", "--portal", "jiyuan", "--year", "2025", archive=archive)
    assert done.code == 1
    assert f"{place['file']}:{place['offset']} is damaged" in done.err
    with zipfile.ZipFile(archive / "exports/jiyuan-2025.wacz") as packed:
        packed.extract("archive/jiyuan-2025.warc.gz", tmp_path)
    assert read(tmp_path / "archive/jiyuan-2025.warc.gz")


def pages_of(package: Path) -> list[dict[str, str]]:
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
