"""Compare pages/s of our crawl, with WARC records synced and rows committed, to a bare Scrapy spider without storage.

Both request the same addresses of the same imitation portal, one at a time per host, without delays; the start of the
processes is not counted. The portal is the demo's, with more agencies that publish its web pages, so that work done
once per crawl does not count for more than on a portal of usual size. Both are measured alternately in one run; the
median of the rounds counts.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.harness import BenchmarkResult, at_least
from crawler.operations.runs import crawl
from imitation.records import ImReport, Scenario
from imitation.scenario import load
from imitation.server import ImitationPortals
from storage.captures import CaptureStore
from storage.home import Home, init_home

PORTAL, GOAL = "luoyang", 0.55  # 0.75 was the first goal: docs/decisions/0013
PLACE = "洛阳市"
AGENCY_NAMES = ("民政局", "司法局", "水利局", "林业局", "审计局", "统计局")


def larger() -> Scenario:
    """Return the scenario with only this portal, in which more agencies publish each department's reports."""
    scenario = load()
    portal = scenario.portal(PORTAL)
    further_reports = [
        _report_of_another(report, number, name)
        for number, name in enumerate(AGENCY_NAMES, 1)
        for report in portal.reports
        if report.kind == "html" and not report.event
    ]
    agencies = tuple({report.agency.id: report.agency for report in further_reports}.values())
    portal_made = replace(portal, reports=(*portal.reports, *further_reports), agencies=(*portal.agencies, *agencies))
    return replace(scenario, portals=(portal_made,))


def _report_of_another(report: ImReport, number: int, name: str) -> ImReport:
    delay, title = timedelta(minutes=number), f"{PLACE}{name}{report.year}年政府信息公开工作年度报告"
    return replace(
        report,
        agency=replace(report.agency, id=f"more{number}", name=f"{PLACE}{name}"),
        created=report.created + delay,
        periods=tuple((start + delay, end) for start, end in report.periods),
        versions=tuple(
            replace(one, at=one.at + delay, declared=one.declared and one.declared + delay, title=title)
            for one in report.versions
        ),
    )


def ours(home: Home) -> tuple[int, float, list[list[str]]]:
    """Crawl every report again; return captures, seconds from first to last, and the requested addresses."""
    (run,) = crawl(home, [PORTAL], visit_everything=True)
    addresses, times = [], []
    for capture in CaptureStore(home).for_portal(PORTAL):
        if capture.run == run.id and capture.status is not None:
            parts = urlsplit(capture.url)
            addresses.append([parts.netloc, parts.path + (f"?{parts.query}" if parts.query else "")])
            times.append(capture.fetched_at)
    return len(addresses), (max(times) - min(times)).total_seconds(), addresses


def bare(address: str, addresses: list[list[str]], folder: Path) -> tuple[int, float]:
    """Return pages and seconds of the bare spider for the same requests."""
    (folder / "asked.json").write_text(json.dumps({"address": address, "requests": addresses}), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.bare_spider", str(folder / "asked.json")]
    process = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    result = json.loads(process.stdout)
    return result["pages"], result["seconds"]


def results(short: bool) -> list[BenchmarkResult]:
    """Return both rates and their ratio."""
    os.environ["NIANBAO_DELAY"] = "0"
    our_rates, bare_rates = [], []
    with tempfile.TemporaryDirectory(prefix="nianbao-bench-") as folder:
        home = init_home(Path(folder) / "archive", simulated=True)
        with ImitationPortals(home.path, larger()) as portals:
            ours(home)  # the first crawl fills the archive; the rounds fetch everything again
            for _ in range(2 if short else 5):
                captures, seconds, addresses = ours(home)
                our_rates.append(captures / seconds)
                pages, seconds = bare(portals.address, addresses, Path(folder))
                bare_rates.append(pages / seconds)
        home.close()
    our_rate, bare_rate = statistics.median(our_rates), statistics.median(bare_rates)
    return [
        BenchmarkResult("our crawl", our_rate, "pages/s", against=f"{captures} pages of {PORTAL} a round"),
        BenchmarkResult("bare Scrapy, no storage", bare_rate, "pages/s", against="the same addresses, one at a time"),
        at_least("ratio", our_rate / bare_rate, "ours / bare", GOAL, "delays off, records synced, rows committed"),
    ]
