"""A simulated year over imitation portals of all families, with faults: is every event told, and nothing wrongly?

``python -m benchmarks.year [--short] [--portals N]``. The portals are crawled by the schedule of ``nianbao up``, one
instant after the other; at the end each duty on 2025 is held against what the ground truth and the instants of the
crawls allow, each revision, withdrawal and move against what was done, and the messages of health against the faults.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from archive.projection.update import update
from archive.queries.exports import duty_rows
from archive.queries.revisions import revisions
from benchmarks.results import Result, report
from benchmarks.year_portals import BEGIN, END, LAST, SPANS, County, Replaced, counties, other_system, scenario
from benchmarks.year_truth import Truth, truths
from crawler.health.episodes import TOLD, episodes
from crawler.health.watching import look_over
from crawler.imitation.play import on
from crawler.imitation.portals.all import FAMILIES as SYSTEMS
from crawler.imitation.portals.lonsun import address_of
from crawler.imitation.portals.site import Site
from crawler.imitation.registry import agencies_csv
from crawler.imitation.server import ImitationPortals
from crawler.runs import crawl
from crawler.scheduling.state import states
from storage.alarms import Alarms
from storage.home import Home, init_home, open_home
from storage.observations import Observations

TOGETHER = timedelta(minutes=60)  # crawls that are due within so long are begun at one instant
_RULES = {"settle_minutes": 0, "quiet": "", "group_least": 1000}
#: Which problems of health a trouble of a portal may raise.
EXPECTED = {
    "down": {"unreachable"},
    "blocked": {"blocked"},
    "hijacked": {"foreign_domain", "unreachable"},
    "halved": {"listing_shrunk"},
    "replaced": {"unreachable", "listing_drift", "family_changed", "listing_shrunk"},
    "withdrawn": {"listing_shrunk"},
    "moved": set(),
    "none": set(),
}


@dataclass
class Played:
    """What the year came to."""

    crawls: int = 0
    batches: int = 0
    wrong: list[str] = field(default_factory=list)
    right: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    surplus: list[str] = field(default_factory=list)
    seconds: float = 0.0


def play(folder: Path, made: Sequence[County], begin: datetime = BEGIN, end: datetime = END) -> Played:
    """Let the time from ``begin`` to ``end`` pass, and judge what the archive says of it."""
    played, started = Played(), time.monotonic()
    with init_home(folder, simulated=True) as home:
        _write(home, made)
    with ImitationPortals(folder, scenario(tuple(made))) as server:
        for county in made:
            if county.trouble == "replaced":
                _replace(server, county)
        _pass(folder, server, [county.portal.name for county in made], begin, end, played)
        server.set_now(end)
        with on(end), open_home(folder) as home:
            update(home)
            _judge(home, made, played)
            _messages(home, made, played)
    played.seconds = time.monotonic() - started
    return played


def _pass(
    folder: Path, server: ImitationPortals, names: list[str], begin: datetime, end: datetime, played: Played
) -> None:
    now = begin
    while True:
        with on(now), open_home(folder) as home:
            waiting = {state.name: state.due.at for state in states(home, names) if state.due is not None}
        now = max(now, min(waiting.values()))
        now = max(at for at in waiting.values() if at <= now + TOGETHER) if now > begin else begin
        if now >= end:
            return
        batch = [name for name, at in waiting.items() if at <= now]
        server.set_now(now)
        with on(now), open_home(folder) as home:
            crawl(home, batch)
            update(home, batch)
            look_over(home, lambda *_: None, _RULES)
        played.crawls += len(batch)
        played.batches += 1
        now += timedelta(minutes=30)


def _write(home: Home, made: Sequence[County]) -> None:
    folder = home.path / "portals"
    folder.mkdir(exist_ok=True)
    for county in made:
        portal = county.portal
        module, base = county.spider.split(".")
        host, column = portal.hosts[0], portal.columns[0]
        path = address_of(column) if portal.family == "lonsun" else column.path
        listing = f'column("nb", "http://{host}{path}", title="政府信息公开年报", covers="department government")'
        if portal.family == "hanweb_jcms":
            address = f"http://{host}{column.path}?area={{code}}&fbtime={{year}}"
            listing = f'addressed("nb", "{address}", title="政府信息公开年报")'
        (folder / f"{portal.name}.py").write_text(
            f"from crawler.families.{module} import {base}, addressed, column\n\n\n"
            f"class {portal.name.title()}({base}):\n"
            f"    name, place, division = {portal.name!r}, {portal.place!r}, {portal.division!r}\n"
            f"    hosts, first_year = ({host!r},), {LAST - 1}\n    listings = ({listing},)\n",
            encoding="utf-8",
        )
        (folder / f"{portal.name}.csv").write_text(agencies_csv(portal), encoding="utf-8")


def _replace(server: ImitationPortals, county: County) -> None:
    portal = other_system(county.portal)
    host = portal.hosts[0]
    after = Site(portal, SYSTEMS[portal.family](portal), None)
    sites = dict(server.sites)
    sites[host] = Replaced(sites[host], after, SPANS["replaced"][0])  # type: ignore[assignment]
    server.sites = sites


def _judge(home: Home, made: Sequence[County], played: Played) -> None:
    rows = {(str(row["agency_id"]), row["year"]): row for row in duty_rows(home)}
    changed = {(one.agency.id, one.change) for one in revisions(home, year=LAST).lines}
    observations = Observations(home)
    for county in made:
        looks = [run.started for run in observations.runs(county.portal.name)]
        for truth in truths(county, looks, home.clock.now()):
            row = rows.get((truth.agency, truth.year))
            _one(county, truth, row, (truth.agency, "silent") in changed, played)


def _one(county: County, truth: Truth, row: dict[str, object] | None, changed: bool, played: Played) -> None:
    where = f"{truth.agency} on {truth.year} ({county.portal.family}, {county.trouble})"
    if row is None:
        played.wrong.append(f"{where}: no duty")
        return
    said = (str(row["status"]), str(row["evidence"]))
    if said in truth.right or (said[0], "") in truth.right:
        played.right[said[0]] += 1
    else:
        played.wrong.append(f"{where}: {said[0]} ({said[1]}), and not {sorted(truth.right)}")
    found = set(row["findings"])  # type: ignore[call-overload]
    for code in truth.findings:
        if code in found:
            played.right[code] += 1
        else:
            played.wrong.append(f"{where}: {code} was not told")
    for code in {"withdrawn", "date_conflict"} & found - truth.findings:
        played.wrong.append(f"{where}: {code} was told, and was not so")
    if truth.revised != changed:
        played.wrong.append(f"{where}: revised {truth.revised}, told {changed}")
    elif truth.revised:
        played.right["revised"] += 1


def _messages(home: Home, made: Sequence[County], played: Played) -> None:
    troubles = {county.portal.name: county.trouble for county in made}
    for alarm in Alarms(home).all():
        if alarm.event == TOLD:
            played.messages[alarm.key] += 1
    for key, count in played.messages.items():
        code, _, portal = key.partition("/")
        if code not in EXPECTED.get(troubles.get(portal, "none"), set()) or count > 1:
            played.surplus.append(f"{key} × {count} ({troubles.get(portal)})")
    told = {key.partition("/")[2] for key in episodes(Alarms(home).all())}
    for county in made:
        if county.span is None or county.span[0] > home.clock.now():
            continue
        if county.portal.name not in told:
            played.wrong.append(f"{county.portal.name} ({county.portal.family}): {county.trouble}, and no message")


def main() -> None:
    """Play the year and print what it came to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.year", description=__doc__)
    parser.add_argument("--short", action="store_true", help="eight portals, until the middle of March")
    parser.add_argument("--portals", type=int, default=30)
    given = parser.parse_args()
    os.environ["NIANBAO_DELAY"] = "0"
    made = counties(8 if given.short else given.portals)
    end = datetime(2026, 3, 20, 8, tzinfo=BEGIN.tzinfo) if given.short else END
    with tempfile.TemporaryDirectory(prefix="nianbao-year-") as folder:
        played = play(Path(folder) / "archive", made, BEGIN, end)
    for line in (*played.wrong, *(f"message too many: {one}" for one in played.surplus)):
        print(line)
    right = played.right.total()
    portals = f"{len(made)} portals, {played.crawls} crawls in {played.batches} rounds"
    report("year", [
        Result("events told right", right, "", against=", ".join(f"{k} {n}" for k, n in sorted(played.right.items()))),
        Result("told wrongly, or not at all", len(played.wrong), "", "0", not played.wrong),
        Result("messages", played.messages.total(), "", against=portals),
        Result("messages that no trouble explains", len(played.surplus), "", "0", not played.surplus),
        Result("time", played.seconds / 60, "minutes", "< 15", played.seconds < 900),
    ])  # fmt: skip


if __name__ == "__main__":
    main()
