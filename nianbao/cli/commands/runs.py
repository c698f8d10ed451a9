"""``nianbao runs …``: crawls that were made and that are under way, what they did, and ending one."""

from __future__ import annotations

import time
from typing import Any

from archive.exports.plain_values import cell_text
from archive.queries.look_answers import looks_shown
from crawler.errors import CrawlError
from crawler.processes import stop_run
from nianbao.cli import common
from nianbao.cli.command_functions import archive_command
from nianbao.cli.commands.crawl import look_line
from nianbao.cli.options import SHORT_ID
from nianbao.cli.output import Output, say, tell, values_of
from nianbao.cli.screens import show as show_screen
from nianbao.sentences import run_sentence, sentence
from storage.home import Home
from storage.mending import CUT, run_holder
from storage.observations import Observations
from storage.recent_outcomes import paces
from storage.records import Run
from storage.registry import Registry

_LEAST_ID = 4  # characters of an id that can name a run


@archive_command("json", "csv")
def list_command(home: Home, out: Output, *, portal: str | None = None, limit: int = 20) -> None:
    """The last runs, the newest last: begun when, how they ended, what they counted."""
    rows = [_row(home, run) for run in Observations(home).runs(portal)[-limit:]]
    out.table("runs", rows, [row | {"run": str(row["run"])[:SHORT_ID]} for row in rows])


@archive_command("json")
def show(home: Home, out: Output, which: str, *, follow: bool = False) -> None:
    """One run: its looks with what they showed and how that compares with the ok look before, what it counted, its
    errors by kind, and how politely it asked each host.
    """
    run = _find(home, which)
    if follow:
        run = _followed(home, run, quiet=not out.is_for_people)
    hosts = ("host", "requests", "least_gap", "per_minute")
    row: dict[str, Any] = _row(home, run) | {
        "looks": [look.to_dict() for look in looks_shown(home, run.portal, run.id)],
        "hosts": [values_of(pace, *hosts) | {"failures": dict(pace.failures)} for pace in paces(home, run)],
    }
    if not out.record(row):
        show_screen("run", row=row)


@archive_command()
def stop(home: Home, which: str) -> None:
    """Ask a crawl that is under way to end in good order; what it fetched is kept, and the next one goes on there."""
    run = _find(home, which)
    with common.wrong_usage_where(CrawlError):
        tell("runs.asked", portal=run.portal, process=stop_run(home, run))


def _find(home: Home, which: str) -> Run:
    from crawler import portals

    runs = Observations(home).runs()
    of_portal = [run for run in runs if run.portal == which]
    if of_portal:  # one under way before the last begun: after a clock was set back these are two
        return max(reversed(of_portal), key=lambda run: run.finished is None and run_holder(home, run.id) is not None)
    matches = [run for run in runs if run.id.startswith(which.lower())] if len(which) >= _LEAST_ID else []
    if (
        not matches
        and which in {portal.name for portal in Registry(home).portals()} | portals.classes(home.path).keys()
    ):
        common.fail(sentence("runs.not_crawled", portal=which))
    if len(matches) != 1:
        common.fail(sentence("runs.not_one", number=len(matches), which=which))
    return matches[0]


def _row(home: Home, run: Run) -> dict[str, object]:
    end = run.finished or home.clock.now()
    # when a killed run ended, nobody knows: what is on record is when that was found
    took = "" if run.outcome == CUT else f"{max((end - run.started).total_seconds(), 0):.0f} s"
    is_alive = not run.outcome and run_holder(home, run.id) is not None  # its process may have been killed
    return {
        "run": run.id, "portal": run.portal, "purpose": run.purpose, "started": run.started, "finished": run.finished,
        "took": took, "outcome": run.outcome or ("under way" if is_alive else "cut short"),
        "note": run_sentence(run.note, run.notes), "notes": [note.plain for note in run.notes],
        "counts": dict(run.counts),
    }  # fmt: skip


def _followed(home: Home, run: Run, *, quiet: bool) -> Run:
    """Tell each look as it ends, until the run has ended or its process is gone."""
    printed: set[str] = set()
    while True:
        now = next(one for one in Observations(home).runs(run.portal) if one.id == run.id)
        for look in Observations(home).looks_of(run):
            if look.id not in printed and not quiet:
                say(f"{cell_text(look.finished)} {look_line(look.listing, look.outcome, look.reason)}")
            printed.add(look.id)
        if now.finished is not None or run_holder(home, run.id) is None:
            return now
        time.sleep(1)
