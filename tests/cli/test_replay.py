"""Replay: a captured report with its attachment, from our WARC files alone; nothing that is withheld."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.patience import PATIENCE, wait_until
from tests.played import copy_of, nianbao
from tests.replaying import is_listening, needs_pywb


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


def with_attachment(archive: Path, tmp_path: Path) -> dict[str, object]:
    """A report of the archive that has an attachment: address, time and attachments as its package names them."""
    path = tmp_path / "jiyuan-2025.wacz"
    done = nianbao("export", "wacz", "--portal", "jiyuan", "--year", "2025", "--output", str(path), archive=archive)
    assert done.code == 0, done.err
    with zipfile.ZipFile(path) as packed:
        lines = packed.read("pages/pages.jsonl").decode().splitlines()[1:]
    return next(page for line in lines if (page := json.loads(line))["attachments"])


@needs_pywb
def test_every_answer_is_replayed_nothing_else_and_it_leaves_nothing_behind(
    played: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = with_attachment(played, tmp_path)
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


def test_where_pywb_is_not_it_is_said_and_what_is_withheld_is_not_prepared(played: Path, tmp_path: Path) -> None:
    absent = nianbao("replay", archive=played, NIANBAO_REPLAY=str(tmp_path))
    assert absent.code == 3
    for said in (str(tmp_path), "make setup-replay", "NIANBAO_REPLAY", "show-capture"):
        assert said in absent.err
    archive = copy_of(played, tmp_path / "archive")
    attachment = with_attachment(archive, tmp_path)["attachments"][0]  # type: ignore[index]
    (row,) = json.loads(nianbao("show-capture", attachment, "--json", archive=archive).out)
    told = {}
    for withheld in (False, True):
        if withheld:
            ruled = nianbao("rule", "withhold", row["document"], "--by", "a", "--reason", "b", archive=archive)
            assert ruled.code == 0, ruled.err
        words = ("replay", "--dry-run", "--portal", "jiyuan")
        prepared = nianbao(*words, archive=archive, NIANBAO_REPLAY=str(tmp_path))
        assert (prepared.code, prepared.err.startswith("Demonstration data: ")) == (1, True)
        told[withheld] = int(re.findall(r"(\d+) records? to show", prepared.out)[0])
        assert ("withheld by a ruling" in prepared.out) is withheld
    assert told[True] <= told[False] - 2  # also the page of the same edition, which says the same
