"""Attacks that take long: giant answers, bombs, flipped bits, disks without room. What they cost, what goes unseen.

Giants: a portal on loopback whose six report pages, or whose list, are as large as it likes; the most memory that
`scrapy crawl` had. Bombs: documents made to cost the reading process much. Flips: single bits of WARC files, each
looked for by `nianbao warc check`. Disks: crawls whose files may not grow beyond a size drawn for each; what the
database has must be held by the files. Serving: hostile pages, unfinished heads, slow readers of a large file;
the most memory that `nianbao serve` had.
"""

from __future__ import annotations

import gzip
import io
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import httpx
from PIL import Image

from archive.projection.workers import Failure, Pool
from benchmarks.asked_for import asked_for
from benchmarks.results import Result, report
from storage.home import open_home
from storage.warc_check import check
from tests.crash import holds
from tests.crash.small import COLUMNS
from tests.crash.small import Web as Portals
from tests.crash.test_full_disk import Operator

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "crawler"))

from loopback_web import NOW, Answer, Archive, Web, a_list, page

HOST, MOST = "www.wanping.gov.cn", 400  # megabytes
SIZE = 60 << 20
HTML = {"Content-Type": "text/html; charset=utf-8"}
SEED = 20260201


def filled(unit: bytes, size: int = SIZE) -> bytes:
    return unit * (size // len(unit))


#: What the six report pages are: body and headers.
GIANTS: Mapping[str, Callable[[], tuple[bytes, dict[str, str]]]] = {
    "tags": lambda: (filled(b'<p><a href="/a/b.html">x</a></p>'), HTML),
    "wide characters": lambda: (filled("中文字😀".encode()), HTML),
    "packed": lambda: (gzip.compress(filled("中文字😀".encode())), HTML | {"Content-Encoding": "gzip"}),
    "bomb": lambda: (gzip.compress(bytes(1 << 30)), HTML | {"Content-Encoding": "gzip"}),
    "GBK, not said": lambda: (filled("中文字".encode("gbk")), {"Content-Type": "text/html"}),
    "JSON": lambda: (b"[" + filled(b'{"a":1},') + b"1]", {"Content-Type": "application/json"}),
    "PDF": lambda: (b"%PDF-1.4\n" + filled(os.urandom(1 << 20)), {"Content-Type": "application/pdf"}),
    "archive": lambda: (b"PK\x03\x04" + filled(os.urandom(1 << 20)), {"Content-Type": "application/zip"}),
    "blanks": lambda: (filled(b" "), HTML),
    "links": lambda: (b"".join(b'<p><a href="/a/%d.pdf">x%d</a></p>' % (n, n) for n in range(190_000)), HTML),
    "head": lambda: (b"<p>x</p>", HTML | {f"X-{number}": "y" * 60_000 for number in range(99)}),
}


@contextmanager
def portal() -> Iterator[tuple[Web, Archive]]:
    """A portal that can be programmed, and an archive that knows it."""
    with tempfile.TemporaryDirectory(prefix="nianbao-attack-") as folder:
        web = Web()
        try:
            archive = Archive(Path(folder) / "archive", web)
            archive.portal()
            yield web, archive
        finally:
            web.server.shutdown()
            web.server.server_close()


def peak_of_a_crawl(archive: Archive) -> float:
    """The most memory in megabytes that ``scrapy crawl`` has."""
    environment = os.environ | {"NIANBAO_ARCHIVE": str(archive.path), "SCRAPY_SETTINGS_MODULE": "crawler.settings"}
    crawl = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", "wanping", "--nolog", "-s", "NIANBAO_PAGE_BUDGET=60"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    most = 0.0
    while crawl.poll() is None:
        try:
            most = max(most, peak_of(crawl.pid))
        except OSError:
            break
        time.sleep(0.02)
    if crawl.wait() != 0:
        raise RuntimeError(f"scrapy crawl ended with {crawl.returncode}")
    return most


def peak_of(process: int) -> float:
    """The most resident memory in megabytes that a process has had."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text(encoding="ascii"))
    return int(found[1]) / 1024 if found else 0.0


def giants(kinds: list[str]) -> Iterator[Result]:
    """Six report pages of one kind."""
    for kind in kinds:
        body, heads = GIANTS[kind]()
        with portal() as (web, archive):
            rows = [(f"/nb/{n}.html", f"宛平县第{n}小学2024年政府信息公开工作年度报告", "2025-01-20") for n in range(6)]
            web.routes[HOST, "/nb/"] = a_list(*rows)
            for number, (path, _, _) in enumerate(rows):
                differs = b"" if "Content-Encoding" in heads else str(number).encode()
                web.routes[HOST, path] = Answer(200, body + differs, dict(heads))
            most = peak_of_a_crawl(archive)
        yield Result(f"giants: {kind}", most, "MB", f"<= {MOST}", most <= MOST, f"six of {len(body) / 2**20:.0f} MB")


def long_lists(pages: int, rows: int = 24_000) -> Iterator[Result]:
    """A list of several pages, each full of entries."""
    with portal() as (web, archive):
        for number in range(pages):
            entries = "".join(
                f'<li><a href="/nb/{n}.html">宛平县{n}号2024年政府信息公开工作年度报告</a></li>'
                for n in range(number * rows, (number + 1) * rows)
            )
            path = "/nb/" if number == 0 else f"/nb/index_{number}.html"
            end = f"<script>createPageHTML({pages}, {number}, 'index', 'html');</script>"
            web.routes[HOST, path] = page(f"<ul>{entries}</ul>{end}")
        most = peak_of_a_crawl(archive)
    yield Result("giants: list", most, "MB", f"<= {MOST}", most <= MOST, f"{pages} pages of {rows} entries")


@contextmanager
def server(archive: Archive, proxies: str) -> Iterator[tuple[int, int]]:
    """The process and the port of ``nianbao serve``, which believes ``proxies``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("nianbao")), "serve", "--port", str(port), "--rate", "0"]
    settings = {"NIANBAO_ARCHIVE": str(archive.path), "NIANBAO_TRUSTED_PROXIES": proxies}
    process = subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.DEVNULL)
    try:
        for _ in range(120):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.5)
        else:
            raise RuntimeError("nianbao serve does not listen")
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(60)


def begin_requests(stack: ExitStack, port: int, count: int, request: str) -> list[socket.socket]:
    """Open connections with a small window, and send each the beginning of a request, by another caller each."""
    opened = []
    for number in range(count):
        caller = stack.enter_context(socket.socket())
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        caller.settimeout(120)
        caller.connect(("127.0.0.1", port))
        caller.sendall(f"{request}\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 192.0.2.{number}\r\n".encode())
        opened.append(caller)
    return opened


def ask_for_pages(port: int, path: str, count: int) -> None:
    """Ask for an archived page many times at once, by another caller each."""

    def ask(number: int) -> int:
        headers = {"X-Forwarded-For": f"192.0.2.{number}"}
        return httpx.get(f"http://127.0.0.1:{port}{path}", headers=headers, timeout=300).status_code

    with ThreadPoolExecutor(count) as callers:
        answers = set(callers.map(ask, range(count)))
    if not answers <= {200, 503}:
        raise RuntimeError(f"pages were answered {sorted(answers)}")


def read_slowly(port: int, path: str, count: int) -> None:
    """Ask for a large file many times at once, and take the beginning of each answer."""
    with ExitStack() as stack:
        for reader in begin_requests(stack, port, count, f"GET {path} HTTP/1.1"):
            reader.sendall(b"\r\n")
            reader.recv(12)
        httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=60)  # 503 is an answer, too: nothing was read


def leave_heads_unfinished(port: int, count: int) -> None:
    """Hold connections whose head does not end; one address may hold fewer."""
    with ExitStack() as stack:
        begin_requests(stack, port, count, "GET / HTTP/1.1")
        httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=60)  # 503 is an answer, too: nothing was read


def serving(*, pages: int, readers: int, size: int) -> Iterator[Result]:
    """``nianbao serve`` under three attacks, each on a server of its own."""
    with portal() as (web, archive):
        files = {
            "/nb/1.html": Answer(200, b"<html><body>" + b"<form><input>x</form>" * 350_000, dict(HTML)),
            "/nb/1.pdf": Answer(200, b"%PDF-1.4\n" + os.urandom(size), {"Content-Type": "application/pdf"}),
        }
        title = "宛平县第{}小学2024年政府信息公开工作年度报告"
        web.routes[HOST, "/nb/"] = a_list(*((path, title.format(n), "2025-01-20") for n, path in enumerate(files)))
        for path, answer in files.items():
            web.routes[HOST, path] = answer
        peak_of_a_crawl(archive)
        ids = {one.url.rpartition("/nb/")[2]: one.id for one in archive.captures()}
        attacks: dict[str, Callable[[int], None]] = {
            "hostile pages": lambda port: ask_for_pages(port, f"/captured/{ids['1.html']}", pages),
            "slow heads": lambda port: leave_heads_unfinished(port, 210),
            "slow readers": lambda port: read_slowly(port, f"/captured/{ids['1.pdf']}/file", readers),
        }
        for name, attack in attacks.items():
            with server(archive, "" if name == "slow heads" else "127.0.0.1") as (process, port):
                attack(port)
                most = peak_of(process)
            details = f"{pages} pages, 210 heads, {readers} readers of {size >> 20} MB"
            yield Result(f"serving: {name}", most, "MB", f"<= {MOST}", most <= MOST, details)


def bombs() -> Mapping[str, bytes]:
    """Documents that cost much to read."""

    def packed(name: str, data: bytes) -> bytes:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, data)
        return held.getvalue()

    noise = [Image.frombytes("L", (600, 800), os.urandom(480_000)) for _ in range(8)]
    pages = io.BytesIO()
    noise[0].save(pages, "PDF", save_all=True, append_images=(noise * 63)[1:500])
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    entities = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "ha">{laughs}]><d>&l9;</d>'.encode()
    inner = packed("a.zip", packed("b.docx", packed("word/document.xml", bytes(200 << 20))))
    return {
        "500 pages of noise": pages.getvalue(),
        "zip in zip": inner,
        "docx of blanks": packed("word/document.xml", bytes(1 << 30)),
        "xlsx of blanks": packed("xl/workbook.xml", bytes(1 << 30)),
        "entities": packed("word/document.xml", entities),
        "a million cells": b"<table><tr>" + b"<td>1</td>" * 1_000_000 + b"</table>",
        "a tower of tables": b"<table><tr><td>" * 100_000,
        "wide spans": b"<table>" + b'<tr><td rowspan="65534" colspan="1000">1</td></tr>' * 5_000,
        "endless text": "政府信息公开工作年度报告，".encode() * 1_000_000,
    }


def reading(documents: Mapping[str, bytes]) -> Iterator[Result]:
    """Each bomb in a reading process."""
    spent: dict[str, float] = {}
    given = ((name, partial(bytes, data)) for name, data in documents.items())
    answers = dict(Pool(workers=1).read(given, spent.__setitem__))
    for name in documents:
        answer = answers[name]
        became = answer.reason if isinstance(answer, Failure) else answer.unreadable or answer.reason or "read"
        yield Result(f"bombs: {name}", spent[name], "CPU s", "<= 200", spent[name] <= 200, became)


def flips(count: int, archive: Path, chance: random.Random) -> Iterator[Result]:
    """Single bits of WARC files."""
    unseen = 0
    with open_home(archive) as home:
        files = [path for path in sorted(home.warc_dir.rglob("*.warc.gz")) if path.stat().st_size]
        for _ in range(count):
            path = chance.choice(files)
            whole = path.read_bytes()
            at = chance.randrange(len(whole))
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :])
            if not check(home, lambda _: None).faults:  # a bit of a member's head may say nothing: seals speak for it
                unseen += gzip.decompress(path.read_bytes()) != gzip.decompress(whole)
            path.write_bytes(whole)
    yield Result("flips of a record that go unseen", unseen, "flips", "<= 0", not unseen, f"of {count}")


def disks(count: int, web: Portals, folder: Path, chance: random.Random) -> Iterator[Result]:
    """Crawls with files that may not grow beyond a size."""
    unheld = silent = stopped = 0
    for number in range(count):
        operator = Operator(web, folder / f"archive{number}")
        ended = operator.types("crawl", COLUMNS, "--no-read", largest=chance.randrange(20_000, 400_000))
        with open_home(operator.archive) as home:
            unheld += len(list(holds.at_once(home, ended.seen)))
        stopped += ended.code == 3
        silent += ended.code not in {0, 3} or (ended.code == 3 and "cannot write to" not in ended.err)
    yield Result(
        "full disks: rows without bytes", unheld, "faults", "<= 0", not unheld, f"{stopped} of {count} stopped"
    )
    yield Result("full disks: not told", silent, "crawls", "<= 0", not silent, "exit code 3 and a sentence")


def main(*, short: bool) -> None:
    os.environ |= {"NIANBAO_NOW": NOW, "NIANBAO_DELAY": "0.005"}
    chance = random.Random(SEED)
    found = list(giants(["packed", "links"] if short else [*GIANTS]))
    found += long_lists(3 if short else 20)
    found += serving(pages=6 if short else 40, readers=40, size=(20 if short else 60) << 20)
    made = bombs()
    found += reading({name: made[name] for name in ("entities", "wide spans")} if short else made)
    with tempfile.TemporaryDirectory(prefix="nianbao-attack-") as folder, Portals(Path(folder) / "web") as web:
        found += disks(2 if short else 20, web, Path(folder), chance)
        operator = Operator(web, Path(folder) / "archive")
        operator.types("crawl", COLUMNS, "--no-read")
        found += flips(50 if short else 2000, operator.archive, chance)
    report("attacking", found)


if __name__ == "__main__":
    main(short=asked_for("attacking", __doc__).short)
