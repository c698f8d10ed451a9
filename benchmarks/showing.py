"""Measure how fast pages are and how many bytes they have, with 20,000 and 2,000,000 editions. `make bench-showing`

``python -m benchmarks.showing [--short] [--editions N]``. The archive is made here (``answering_archive.py``) and
served by ``nianbao serve`` in a process of its own. Server time: what a client on loopback waits for one page, one
after the other. Readers: fifty at once, each of whom spends some seconds on a page, while imitation portals are crawled
into the same archive. Datasette answers the same questions from the same files in the same run, with the same rows and
columns (``answering_rivals.py``); the least CPU time of an answer is compared, because other work of the machine can
only increase it.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx

from archive.projection.child import collect_seldom
from benchmarks.answering_archive import ArchiveContents, make
from benchmarks.answering_places import NOW
from benchmarks.answering_questions import INDICATOR, PROVINCE, YEAR
from benchmarks.answering_rivals import by_datasette
from benchmarks.harness import BenchmarkResult, at_most, options, report
from crawler.lists.browser import find_program
from imitation.registry import register_agencies
from imitation.server import ImitationPortals
from nianbao.application import application
from storage.home import open_home

SIZES, TEXTS = (20_000, 2_000_000), 2_000
PAGE_GOAL, WEIGHT_GOAL, PAINT_GOAL, READERS_GOAL = 50.0, 150.0, 1.0, 300.0  # ms, kB, s, ms
READERS, READING, SLOWER = 50, 5.0, 4  # readers; average seconds per page; factor by which the CPU is slowed
_PORTALS = ("jiyuan", "luoyang")
_PATIENCE = 120.0
_AS_IT_IS = {"Accept-Encoding": "identity"}  # Datasette does not compress
#: question of ``answering_rivals`` → the same question in our API, with all lines
_OURS: Mapping[str, str] = {
    "coverage of a province, counted": f"totals?place={PROVINCE}",
    "late of a year in China": f"late.jsonl?year={YEAR}",
    "missing of a year in China": f"missing.jsonl?year={YEAR}",
    "a series of all counties": f"series.jsonl?indicator={INDICATOR}&kind=government",
}


def pages(contents: ArchiveContents) -> Mapping[str, str]:
    """Return the addresses of the measured pages by name."""
    revised, last_report = (f"{quote(agency)}/{year}" for agency, year in (contents.revised, contents.last_report))
    portal = contents.last_report[0].partition("/")[0]
    return {
        "overview": "/zh/",
        "overview of a province": f"/en/?place={PROVINCE}",
        "missing in a province": f"/zh/ask/missing?year={YEAR}&place={PROVINCE}",
        "late in a province": f"/en/ask/late?year={YEAR}&place={PROVINCE}",
        "late in a province, sorted": f"/en/ask/late?year={YEAR}&place={PROVINCE}&sort=-days_by_looks",
        "portal": f"/zh/portal/{portal}",
        "agency": f"/en/agency/{quote(contents.last_report[0])}",
        "duty": f"/en/duty/{last_report}",
        "report": f"/zh/report/{last_report}",
        "cell": f"/en/cell/{last_report}/{INDICATOR}",
        "difference": f"/zh/diff/{revised}",
        "series of a portal": f"/en/ask/series?indicator={INDICATOR}&portal={portal}",
        "find": f"/zh/ask/find?query={quote('汶上县司法局')}",
        "find by pinyin": "/en/ask/find?query=wsx+sfj",
        "search": f"/zh/ask/search?query={quote('行政复议')}",
        "method": "/en/method",
    }


def main(short: bool, editions: int | None) -> None:
    """Make the archives, fetch the pages, and report."""
    results: list[BenchmarkResult] = []
    for size in SIZES[:1] if short else (editions,) if editions else SIZES:
        with tempfile.TemporaryDirectory(prefix="nianbao-showing-") as folder:
            path = Path(folder) / "archive"
            home, contents = make(path, size, texts=TEXTS, simulated=True)
            register_agencies(home)
            home.close()
            results += _measure_pages(path, contents, f"{size:,}", 10 if short else 30, 5.0 if short else 60.0)
    report("showing", results)


def _measure_pages(
    path: Path, contents: ArchiveContents, label: str, rounds: int, seconds: float
) -> Iterator[BenchmarkResult]:
    with _serve(path) as (address, pid), httpx.Client(base_url=address, timeout=_PATIENCE) as client:
        for name, page in pages(contents).items():
            yield from _measure_page(client, pid, f"{label}: {name}", page, rounds)
        yield from _measure_paint(address, label)
        yield from _compare_with_datasette(path, label, rounds)
        yield _measure_readers(address, path, label, [*pages(contents).values()], seconds)


def _measure_page(client: httpx.Client, pid: int, name: str, page: str, rounds: int) -> Iterator[BenchmarkResult]:
    times_ms = []
    client.get(page).raise_for_status()
    cpu_before = _cpu(pid)
    for _ in range(rounds):
        began = time.perf_counter()
        client.get(page)
        times_ms.append((time.perf_counter() - began) * 1000)
    cpu = (_cpu(pid) - cpu_before) / rounds
    p50, p95 = statistics.median(times_ms), sorted(times_ms)[round(len(times_ms) * 0.95) - 1]
    details = f"p95 {p95:,.1f}, CPU of the server {cpu:,.1f} ms a page"
    yield at_most(name, p50, "ms p50", PAGE_GOAL, details)
    size = _page_bytes(client, page) + _page_bytes(client, "/static/style.css")
    yield at_most(f"{name}, weight", size / 1000, "kB", WEIGHT_GOAL)


def _cpu(pid: int) -> float:
    """Return the milliseconds of CPU that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _page_bytes(client: httpx.Client, page: str) -> int:
    """Return the bytes of a page as sent, compressed."""
    with client.stream("GET", page, headers={"Accept-Encoding": "gzip"}) as answer:
        return sum(len(part) for part in answer.iter_raw())


def _measure_paint(address: str, label: str) -> Iterator[BenchmarkResult]:
    """Measure when the overview is first painted on a phone with a slower CPU."""
    program = find_program()
    if program is None:
        return
    from playwright.sync_api import sync_playwright

    seconds = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for _ in range(3):
            page = chromium.new_context(viewport={"width": 390, "height": 800}).new_page()
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            page.goto(f"{address}/zh/", wait_until="load")
            page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
            seconds.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000)
            page.context.close()
        chromium.close()
    first_paint = statistics.median(seconds)
    yield at_most(f"{label}: first paint, {SLOWER} × slower", first_paint, "s", PAINT_GOAL)


def _compare_with_datasette(path: Path, label: str, times: int) -> Iterator[BenchmarkResult]:
    """Compare our API with Datasette; both are called within this process, without a network."""
    collect_seldom()  # as in the serving process; applies to both
    others = by_datasette(path, times)

    async def fastest() -> dict[str, float]:
        cpu_by_question = {}
        with open_home(path, read_only=True) as home:
            transport = httpx.ASGITransport(app=application(home, a_minute=0))
            asking = httpx.AsyncClient(
                transport=transport, base_url="http://here", timeout=_PATIENCE, headers=_AS_IT_IS
            )
            async with asking as client:
                for name, question in _OURS.items():
                    cpu_times = []
                    for _ in range(times):
                        began = time.process_time()
                        (await client.get(f"/api/v1/{question}")).raise_for_status()
                        cpu_times.append(time.process_time() - began)
                    cpu_by_question[name] = min(cpu_times)
        return cpu_by_question

    for name, seconds in asyncio.run(fastest()).items():
        ours, theirs = seconds * 1000, others.get(name, 0.0) * 1000
        rival = f"Datasette {theirs:,.1f} ms" if theirs else "Datasette is not installed"
        is_ok = ours <= theirs if theirs else None
        yield BenchmarkResult(f"{label}: API, {name}", ours, "ms CPU", "<= Datasette", is_ok, rival)


def _measure_readers(address: str, path: Path, label: str, paths: list[str], seconds: float) -> BenchmarkResult:
    """Measure fifty readers at once while portals are crawled."""
    times_ms: list[float] = []
    wrong: list[str] = []
    over = threading.Event()

    def reader(number: int) -> None:
        draw = random.Random(number)
        with httpx.Client(base_url=address, timeout=_PATIENCE) as client:
            over.wait(draw.uniform(0, READING))
            while not over.is_set():
                page = draw.choice(paths)
                began = time.perf_counter()
                try:
                    status = client.get(page).status_code
                except httpx.HTTPError as error:
                    status = 0
                    wrong.append(f"{page}: {error}")
                times_ms.append((time.perf_counter() - began) * 1000)
                if status not in {0, 200}:
                    wrong.append(f"{page}: {status}")
                over.wait(draw.uniform(0, 2 * READING))

    with ImitationPortals(path) as portals:
        portals.set_now(NOW.isoformat())
        crawl = subprocess.Popen(  # it may write for longer than they read
            [sys.executable, "-m", "nianbao.cli", "crawl", *_PORTALS], env=_environment(path),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        threads = [threading.Thread(target=reader, args=(number,)) for number in range(READERS)]
        for thread in threads:
            thread.start()
        over.wait(seconds)
        over.set()
        for thread in threads:
            thread.join()
        crawl.terminate()
        crawl.wait(_PATIENCE)
    p95 = sorted(times_ms)[max(0, round(len(times_ms) * 0.95) - 1)]
    details = f"{len(times_ms)} pages, {len(wrong)} errors {'; '.join(wrong[:3])}"
    is_ok = p95 <= READERS_GOAL and not wrong
    return BenchmarkResult(
        f"{label}: {READERS} readers while a crawl writes", p95, "ms p95", f"<= {READERS_GOAL:g}", is_ok, details
    )


@contextmanager
def _serve(path: Path) -> Iterator[tuple[str, int]]:
    """Serve the archive; yield its address and the process id of the server."""
    command = [sys.executable, "-m", "nianbao.cli", "serve", "--port", "0", "--rate", "0"]
    with subprocess.Popen(command, env=_environment(path), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split("/ ")[0].strip().rstrip("/"), process.pid
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _environment(path: Path) -> dict[str, str]:
    return {**os.environ, "NIANBAO_ARCHIVE": str(path), "NIANBAO_NOW": NOW.isoformat(), "NIANBAO_DELAY": "0.05"}


if __name__ == "__main__":
    given = options("showing", __doc__, ("--editions", "an archive of so many alone"))
    main(given.short, given.editions)
