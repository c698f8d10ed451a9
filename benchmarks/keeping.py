"""What keeping costs: bytes per capture next to plain files and to warcio alone, captures/s written and checked, a
rebuild of many editions, and what an archive grows by when nothing changes.

``--short``: 1,000 reports; else 100,000 (half an hour on two cores), or ``--editions N``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import timedelta
from io import BytesIO
from itertools import groupby
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks.asked_for import asked_for
from benchmarks.keeping_archive import FIRST, GROUP, Page, asking, begun, exchange, kept, look, pages, register_listing
from benchmarks.results import Result, report
from storage.captures import CaptureWriter, Exchange
from storage.home import Home, init_home
from storage.observations import Observations
from storage.records import CaptureRole
from storage.warc_check import check

SHORT, LONG, DAYS = 1_000, 100_000, 30
GROWTH_GOAL = 1_600  # bytes per unchanged page and look, its request record of about 500 included
ROBOTS = b"User-agent: *\nDisallow: /admin/\n"
_REBUILD = """
import resource, sys, time
from pathlib import Path
from archive.projection.update import rebuild
from storage.home import open_home
began = time.monotonic()
with open_home(Path(sys.argv[1])) as home:
    made = rebuild(home)
own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(made.editions, time.monotonic() - began, own / 1024, child / 1024)
"""


def size(path: Path) -> int:
    """Bytes of all files below ``path``."""
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file() and not one.is_symlink())


def blocks(path: Path) -> int:
    """Bytes that the files below ``path`` take of the disk."""
    return sum(one.stat().st_blocks * 512 for one in path.rglob("*") if one.is_file() and not one.is_symlink())


def truth(home: Home) -> int:
    """Bytes of the WARC files and the database of the truth."""
    with home.truth.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return size(home.warc_dir) + size_of_database(home)


def size_of_database(home: Home) -> int:
    """Bytes of the truth's SQLite file."""
    return (home.path / "archive.sqlite").stat().st_size


def written(home: Home, reports: Iterable[Page]) -> tuple[int, float]:
    """Keep reports, each portal by one run with one look; how many captures, and seconds spent in keeping alone."""
    count, seconds = 0, 0.0
    for portal, found in groupby(reports, key=lambda page: page.portal):
        listing, of_portal = register_listing(home, portal), list(found)
        run = begun(home, portal, FIRST)
        began = time.perf_counter()
        with CaptureWriter(home, run, group=GROUP, about=asking()) as writer:
            look(home, writer, listing, FIRST, [(page.url, page.title) for page in of_portal])
            for number, page in enumerate(of_portal):
                kept(writer, exchange(page.url, page.body, FIRST + timedelta(seconds=2 * number)))
        seconds += time.perf_counter() - began
        Observations(home).finish_run(run, finished=FIRST + timedelta(hours=1), outcome="done")
        count += 1 + len(of_portal)
    return count, seconds


def plain(folder: Path, reports: Iterable[Page]) -> tuple[float, int]:
    """The bodies as files, one by one on the disk; seconds, and how many."""
    seconds, count = 0.0, 0
    folder.mkdir()
    for page in reports:
        began = time.perf_counter()
        path = folder / f"{count}.html"
        with path.open("wb") as handle:
            handle.write(page.body)
            handle.flush()
            os.fsync(handle.fileno())
        seconds += time.perf_counter() - began
        count += 1
    return seconds, count


def by_warcio(path: Path, reports: Iterable[Page]) -> float:
    """Response and request by warcio's own writer into one file, never synced; seconds."""
    seconds = 0.0
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for page in reports:
            sent = exchange(page.url, page.body, FIRST)
            began = time.perf_counter()
            _pair(writer, sent)
            seconds += time.perf_counter() - began
    return seconds


def _pair(writer: WARCWriter, sent: Exchange) -> None:
    line = StatusAndHeaders("200 OK", sent.response_headers, protocol="HTTP/1.1")
    answer = writer.create_warc_record(sent.url, "response", payload=BytesIO(sent.body), http_headers=line)
    asked = StatusAndHeaders("GET / HTTP/1.1", sent.request_headers, is_http_request=True)
    writer.write_record(answer)
    writer.write_record(writer.create_warc_record(sent.url, "request", payload=BytesIO(), http_headers=asked))


def unchanged(folder: Path, on_page: int) -> tuple[float, int]:
    """Bytes by which an archive grows per run that finds nothing new, and how many pages such a run fetches.

    A run a day, as a crawl makes it: robots.txt, then a list of a hundred reports, ``on_page`` of them on a page. All
    that the run leaves is counted: its file with the first record, its row, the look, its links.
    """
    with init_home(folder) as home:
        listing = register_listing(home, 0)
        titles = [(page.url, page.title) for page in pages(100)]
        sizes, fetched = [], 0
        for day in range(DAYS + 1):
            at = FIRST + timedelta(days=day)
            run = begun(home, 0, at)
            with CaptureWriter(home, run, group=GROUP, about=asking()) as writer:
                kept(writer, exchange("http://www.p0.gov.cn/robots.txt", ROBOTS, at), CaptureRole.ROBOTS)
                fetched = 1 + look(home, writer, listing, at, titles, on_page=on_page)
            Observations(home).finish_run(run, finished=at + timedelta(minutes=1), outcome="done")
            sizes.append(truth(home))
        return (sizes[-1] - sizes[0]) / DAYS, fetched


def visited(folder: Path) -> float:
    """The same per report fetched again and unchanged, a hundred at each of thirty visits."""
    with init_home(folder) as home:
        register_listing(home, 0)
        bodies = list(pages(100))
        sizes = []
        for day in range(DAYS + 1):
            at = FIRST + timedelta(days=day)
            with CaptureWriter(home, begun(home, 0, at), group=GROUP, about=asking()) as writer:
                for page in bodies:
                    kept(writer, exchange(page.url, page.body, at))
            sizes.append(truth(home))
        return (sizes[-1] - sizes[0]) / DAYS / len(bodies)


def keeping(folder: Path, count: int) -> list[Result]:
    """Write, check, rebuild."""
    with init_home(folder / "archive") as home:
        captures, seconds = written(home, pages(count))
        warc, database = size(home.warc_dir), truth(home) - size(home.warc_dir)
        began = time.perf_counter()
        checked = check(home, lambda mismatch: sys.stderr.write(f"{mismatch}\n"))
        verified = time.perf_counter() - began
    some = min(count, 2_000)
    body = sum(len(page.body) for page in pages(some)) / some
    plain_seconds, _ = plain(folder / "plain", pages(some))
    warcio_seconds = by_warcio(folder / "warcio.warc.gz", pages(some))
    on_disk = blocks(folder / "plain") / some
    alone = (folder / "warcio.warc.gz").stat().st_size / some
    per = warc / captures
    made = subprocess.run(
        [sys.executable, "-c", _REBUILD, str(folder / "archive")], capture_output=True, text=True, check=True
    )
    editions, rebuilding, own, child = map(float, made.stdout.split())
    projections = max((one.stat().st_size for one in (folder / "archive").glob("projections-*.sqlite")), default=0)
    files_alone = f"plain files {on_disk:,.0f} on disk, warcio alone {alone:,.0f}"
    others = f"plain files synced {some / plain_seconds:,.0f}, warcio alone unsynced {some / warcio_seconds:,.0f}"
    made_of = f"{editions:,.0f} editions, {editions / rebuilding:,.0f}/s"
    return [
        Result("captures kept", captures, "captures", against=f"{count} reports of {body:,.0f} bytes"),
        Result("WARC per capture", per, "bytes", against=files_alone),
        Result("WARC against warcio alone", per / alone, "ratio"),
        Result("WARC against plain files", per / on_disk, "ratio", against="blocks of the disk"),
        Result("database per capture", database / captures, "bytes", against="rows, links and indexes"),
        Result("truth per report", (warc + database) / count, "bytes", against="listings and looks included"),
        Result("projections per report", projections / count, "bytes", against="cells, text, judgements"),
        Result("captures written", captures / seconds, "1/s", against=others),
        Result("captures checked", captures / verified, "1/s", "no fault", not checked.faults, "nianbao warc check"),
        Result("rebuild", rebuilding / 60, "minutes", against=made_of),
        Result("memory of the rebuild", own, "MB", against=f"reading process {child:,.0f} MB"),
    ]


def main(count: int) -> None:
    with tempfile.TemporaryDirectory(prefix="nianbao-bench-") as folder:
        results = keeping(Path(folder), count)
        each_run, fetched = unchanged(Path(folder) / "looks", on_page=10)
        alone, two = unchanged(Path(folder) / "one", on_page=100)
        for name, bytes_each, of in (
            ("growth per unchanged page and look", each_run / fetched, f"of the {fetched} of a run, all of it counted"),
            ("growth per unchanged report and visit", visited(Path(folder) / "visits"), "a row included"),
        ):
            ok = bytes_each < GROWTH_GOAL
            results.append(Result(name, bytes_each, "bytes", f"< {GROWTH_GOAL}", ok, f"{DAYS} days, {of}"))
        of = f"robots.txt and a list of one page: {two} pages"
        results.append(Result("growth per smallest run that finds nothing new", alone, "bytes", against=of))
    report("keeping", results)


if __name__ == "__main__":
    asked = asked_for("keeping", __doc__, ("--editions", "so many reports"))
    main(asked.editions or (SHORT if asked.short else LONG))
