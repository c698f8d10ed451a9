"""One machine that runs by itself: portals an hour, what waiting costs, how long a start takes.

``nianbao up`` crawls copies of the imitation portals on loopback, each for the first time, once with the delays of the
real web (2 s between two requests to a host) and once without; then it waits over an archive of many portals of which
none is due. Beside each figure stands what it can be held against: the other mode, an idle Python, ``import scrapy``.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from archive.projection.update import update
from benchmarks.asked_for import asked_for
from benchmarks.many_portals import copies, write_portals
from benchmarks.results import Result, report
from crawler.operations.planner import states
from imitation.registry import register_agencies
from imitation.server import ImitationPortals
from storage.home import Home, init_home, open_home
from storage.observations import Observations
from storage.operator_records import Schedules
from storage.records import Run, Schedule

ROOT = Path(__file__).parents[1]
COUNTED = Path(__file__).with_name("operating_counted")
SIDE_BY_SIDE = 12
_TICKS = os.sysconf("SC_CLK_TCK")
_TICK = "portals are planned"  # what its first look at what is due says
_PATIENCE = 1800.0  # seconds for all crawls of one mode


def main(short: bool) -> None:
    portals, idle_portals, seconds, rounds = (8, 100, 40, 3) if short else (24, 300, 330, 5)
    with tempfile.TemporaryDirectory(prefix="nianbao-bench-") as folder:
        base = Path(folder)
        found = [*_hourly(base, portals)]
        found += _starting(base / "polite", rounds)
        found += _idling(base / "idle", idle_portals, seconds)
    report("operating", found)


# ------------------------------------------------------------------------------------------------ portals an hour


def _hourly(base: Path, count: int) -> Iterator[Result]:
    rates: dict[str, float] = {}
    for mode, delay in (("polite", None), ("no delays", 0.0)):
        folder = base / mode.replace(" ", "-")
        seconds, cpu, pages = _crawled(folder, count, delay)
        rates[mode] = count / seconds * 3600
        about = f"{count} portals, {SIDE_BY_SIDE} side by side, {pages / count:.0f} fetches each, read meanwhile"
        yield Result(f"portals an hour, {mode}", rates[mode], "portals/hour", against=about)
        yield Result(f"CPU a portal, {mode}", cpu / count, "s", against="crawl and reading, all processes")
    ratio = rates["polite"] / rates["no delays"]
    yield Result("polite / no delays", ratio, "ratio", against="what politeness leaves of the machine's rate")


def _crawled(folder: Path, count: int, delay: float | None) -> tuple[float, float, int]:
    """Let ``nianbao up`` crawl ``count`` portals for the first time; (seconds, CPU seconds, fetches)."""
    scenario = copies(count)
    with init_home(folder, simulated=True) as home:
        names = write_portals(scenario, home.portals_dir)
        _only(home, names)
    with ImitationPortals(folder, scenario), open_home(folder) as home:
        register_agencies(home, scenario)
        began = time.monotonic()
        given = {} if delay is None else {"NIANBAO_DELAY": str(delay)}
        with _up(folder, **given) as pid:
            observations = Observations(home)
            while sum(run.finished is not None for run in observations.runs()) < count:
                if time.monotonic() - began > _PATIENCE:
                    raise RuntimeError(f"after {_PATIENCE:.0f} s not all of {count} portals were crawled")
                time.sleep(0.2)
            runs = observations.runs()
            cpu = _cpu(_family(pid))
        span = max(run.finished for run in runs if run.finished) - min(run.started for run in runs)
        fetches = sum(n for run in runs for name, n in run.counts.items() if name.startswith("capture_"))
    return span.total_seconds(), cpu, fetches


def _only(home: Home, names: Sequence[str]) -> None:
    now = home.clock.now()
    for name, paused in ((None, "yes"), *((name, "no") for name in names)):
        Schedules(home).put(
            Schedule(portal=name, settings={"paused": paused, "jitter_minutes": "0"}, by="benchmark", recorded_at=now)
        )


# --------------------------------------------------------------------------------------------------------- starting


def _starting(archive: Path, rounds: int) -> Iterator[Result]:
    with open_home(archive) as home:
        update(home)
    bare = _timed([sys.executable, "-c", "pass"], rounds)
    scrapy = _timed([sys.executable, "-c", "import scrapy"], rounds)
    yield Result("start of a Python", bare, "s", against="python -c pass")
    for words in (("--version",), ("status", "沂源县司法局", "2025"), ("schedule", "next")):
        took = _timed([sys.executable, "-m", "nianbao.cli", *words, *_of(words, archive)], rounds)
        against = f"{took / bare:.1f} × a Python, {took / scrapy:.1f} × import scrapy"
        yield Result(f"nianbao {' '.join(words)}", took, "s", against=against)
    ticks = []
    for _ in range(rounds):
        with init_home(archive.parent / f"fresh{len(ticks)}", simulated=True) as home:
            began = time.monotonic()
            with _up(home.path, wait_for=_TICK):
                ticks.append(time.monotonic() - began)
    took = statistics.median(ticks)
    yield Result("nianbao up, to the first tick", took, "s", against=f"{took / scrapy:.1f} × import scrapy")


def _of(words: Sequence[str], archive: Path) -> list[str]:
    return [] if words[0].startswith("-") else ["--archive", str(archive)]


def _timed(command: Sequence[str], rounds: int) -> float:
    took = []
    for _ in range(rounds):
        began = time.monotonic()
        subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=120)
        took.append(time.monotonic() - began)
    return statistics.median(took)


# ---------------------------------------------------------------------------------------------------------- waiting


def _idling(folder: Path, count: int, seconds: int) -> Iterator[Result]:
    scenario = copies(count)
    with init_home(folder, simulated=True) as home:
        names = write_portals(scenario, home.portals_dir)
        _only(home, names)
        _were_crawled(home, names)
        due = [state for state in states(home, names) if state.due is None or state.due.at <= home.clock.now()]
        assert not due, "nothing is to be due while it waits"
    counts = folder / "counted"
    counts.mkdir()
    with _up(folder, wait_for=_TICK, COUNTED=str(counts), PYTHONPATH=f"{COUNTED}{os.pathsep}{ROOT}") as pid:
        time.sleep(15)  # what a start costs is another figure
        family = _family(pid)
        cpu, said, began = _cpu(family), _statements(counts), time.monotonic()
        time.sleep(seconds)
        span = time.monotonic() - began
        cpu, said = _cpu(family) - cpu, _statements(counts) - said
        memory = sum(_proportional(one) for one in family)
        about = f"nianbao up for {span:.0f} s over {count} portals, nothing due; {len(family)} processes"
    yield Result("CPU while waiting", cpu / span * 100, "% of a core", "< 2", cpu / span < 0.02, about)
    yield Result("questions while waiting", said / span, "SQL/s", "< 5", said / span < 5, f"{said} statements")
    yield Result("memory while waiting", memory / 2**20, "MiB", against="proportional, all processes")


def _were_crawled(home: Home, names: Sequence[str]) -> None:
    observations, now = Observations(home), home.clock.now()
    for name in names:
        run = Run(id=f"was-{name}", portal=name, purpose="crawl", started=now - timedelta(minutes=1))
        observations.start_run(run)
        observations.finish_run(run, finished=now, outcome="ok", counts={"look_ok": 1})


def _statements(counts: Path) -> int:
    return sum(int.from_bytes(path.read_bytes(), "big") for path in counts.iterdir())


# -------------------------------------------------------------------------------------------------------- processes


@contextmanager
def _up(folder: Path, *, wait_for: str = "", **environment: str) -> Iterator[int]:
    """``nianbao up`` during the block, from the line on that holds ``wait_for``; its process id."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("NIANBAO_")}
    with (folder / "up.log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "nianbao.cli", "up", "--side-by-side", str(SIDE_BY_SIDE)], cwd=ROOT,
            env=plain | {"NIANBAO_ARCHIVE": str(folder)} | environment, stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            while wait_for not in (folder / "up.log").read_text(encoding="utf-8"):
                if process.poll() is not None:
                    raise RuntimeError((folder / "up.log").read_text(encoding="utf-8"))
                time.sleep(0.02)
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(120)


def _family(pid: int) -> list[int]:
    """A process and those below it."""
    below: dict[int, list[int]] = {}
    for one in Path("/proc").iterdir():
        if one.name.isdigit() and (fields := _stat(int(one.name))):
            below.setdefault(int(fields[1]), []).append(int(one.name))
    found, open_ones = [], [pid]
    while open_ones:
        found.append(open_ones.pop())
        open_ones += below.get(found[-1], [])
    return found


def _stat(pid: int) -> list[str]:
    """The fields of ``/proc/PID/stat`` from the state on; none where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def _cpu(pids: Sequence[int]) -> float:
    """CPU seconds of processes and of their children that have ended."""
    return sum(sum(map(int, fields[11:15])) for pid in pids if (fields := _stat(pid))) / _TICKS


def _proportional(pid: int) -> int:
    """Bytes of memory, what is shared divided by those who share it."""
    try:
        rolled: Mapping[str, str] = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        )
    except OSError:
        return 0
    return int(rolled["Pss"].split()[0]) * 1024


if __name__ == "__main__":
    main(asked_for("operating", __doc__).short)
