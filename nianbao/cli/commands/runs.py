"""``nianbao runs …``: crawls that were made and that are under way, what they did, and ending one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated

import typer

from archive.exports.plain_values import cell_text
from archive.queries.look_answers import looks_shown
from crawler.errors import CrawlError
from crawler.operations.stopping import stop_run
from nianbao.cli import common
from nianbao.cli.commands.worker import jobs_command
from nianbao.cli.output import Format, chosen, columns, emit, say, tell_fact, values_of
from nianbao.cli.texts.crawl_text import look_text
from nianbao.sentences import listed, look_reason, run_sentence, sentence, word
from storage.home import Home
from storage.mending import CUT, run_holder
from storage.observations import Observations
from storage.recent_outcomes import Vitals, paces
from storage.records import LookOutcome, Run
from storage.registry import Registry

SHORT = 8  #: characters of an id that are shown; as many suffice to name it
_LABEL = 10  # columns of a label
_PACE = ("host", "requests", "least_gap", "per_minute")
runs = typer.Typer(no_args_is_help=True)
Which = Annotated[str, typer.Argument()]


@runs.command("list", epilog="nianbao runs list --portal yaodu")
def list_command(
    portal: common.PortalOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 20,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """The last runs, the newest last: begun when, how they ended, what they counted."""
    with common.opened(archive) as home:
        found = Observations(home).runs(portal)[-limit:]
        rows: list[dict[str, object]] = [_row(home, run) for run in found]
    fmt = chosen(as_json, as_csv)
    if fmt is Format.TABLE:
        rows = [row | _worded(row) | {"run": str(row["run"])[:SHORT]} for row in rows]
    keys = ("run", "portal", "started", "took", "outcome", "note")
    shown = columns("run", "portal", "purpose", *keys[2:]) if fmt is Format.CSV else columns(*keys, wrap={"note"})
    emit(rows, shown, fmt)


@runs.command("show", epilog="nianbao runs show yiyuan")
def show(
    which: Which,
    follow: Annotated[bool, typer.Option("--follow", "-f")] = False,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """One run: its looks with what they showed and how that compares with the ok look before, what it counted, its
    errors by kind, and how politely it asked each host.
    """
    with common.opened(archive) as home:
        run = _find(home, which)
        if follow:
            run = _followed(home, run, quiet=as_json)
        row = _row(home, run) | {
            "looks": [look.to_dict() for look in looks_shown(home, run.portal, run.id)],
            "hosts": [values_of(pace, *_PACE) | {"failures": dict(pace.failures)} for pace in paces(home, run)],
        }
    if as_json:
        emit([row], (), chosen(True, False))
        return
    shown = row | _worded(row)
    for name in ("run", "portal", "purpose", "started", "finished", "outcome", "note"):
        tell_fact(word("column", name), cell_text(shown[name]), _LABEL)
    for name, count in sorted(run.counts.items()):
        tell_fact("", sentence("runs.counted", name=word("counted", name), number=count), _LABEL)
    for look in row["looks"]:  # type: ignore[attr-defined]
        tell_fact(sentence("runs.look"), f"{look['listing']}: {look_text(look)}", _LABEL)
    for pace in row["hosts"]:  # type: ignore[attr-defined]
        told = sentence(
            "runs.host", host=pace["host"], requests=pace["requests"], gap=cell_text(pace["least_gap"]),
            rate=cell_text(pace["per_minute"]), failures=_counted(pace),
        )  # fmt: skip
        tell_fact(sentence("runs.host_label"), told, _LABEL)


@runs.command("stop", epilog="nianbao runs stop --help")
def stop(which: Which, archive: common.ArchiveOption = None) -> None:
    """Ask a crawl that is under way to end in good order; what it fetched is kept, and the next one goes on there."""
    with common.opened(archive) as home:
        run = _find(home, which)
        with common.Refusal(CrawlError):
            say(sentence("runs.asked", portal=run.portal, process=stop_run(home, run)))


runs.command("jobs", epilog="nianbao runs jobs --help")(jobs_command)


def _counted(pace: Mapping[str, object]) -> str:
    failures = pace["failures"]
    assert isinstance(failures, Mapping)
    told = [f"{look_reason(name)} {number}" for name, number in sorted(failures.items())]
    return listed(told) or sentence("answer.none")


def _worded(row: Mapping[str, object]) -> dict[str, object]:
    """What of a run is told to people in words."""
    return {"outcome": word("outcome", row["outcome"]), "purpose": word("purpose", row["purpose"])}


def _find(home: Home, which: str) -> Run:
    from crawler import portals

    found = Observations(home).runs()
    of_portal = [run for run in found if run.portal == which]
    if of_portal:  # one under way before the last begun: after a clock was set back these are two
        return max(reversed(of_portal), key=lambda run: run.finished is None and run_holder(home, run.id) is not None)
    named = [run for run in found if run.id.startswith(which.lower())] if len(which) >= 4 else []
    if not named and which in {portal.name for portal in Registry(home).portals()} | portals.classes(home.path).keys():
        common.fail(sentence("runs.not_crawled", portal=which))
    if len(named) != 1:
        common.fail(sentence("runs.not_one", number=len(named), which=which))
    return named[0]


def _row(home: Home, run: Run) -> dict[str, object]:
    end = run.finished or home.clock.now()
    # when a killed run ended, nobody knows: what is on record is when that was found
    took = "" if run.outcome == CUT else f"{max((end - run.started).total_seconds(), 0):.0f} s"
    return {
        "run": run.id, "portal": run.portal, "purpose": run.purpose, "started": run.started, "finished": run.finished,
        "took": took,
        "outcome": run.outcome or _unfinished(home, run), "note": run_sentence(run.note, run.notes),
        "notes": [note.plain for note in run.notes], "counts": dict(run.counts),
    }  # fmt: skip


def _unfinished(home: Home, run: Run) -> str:
    """How a run stands that has no end on record: its process may have been killed."""
    return "under way" if run_holder(home, run.id) is not None else "cut short"


def _followed(home: Home, run: Run, *, quiet: bool) -> Run:
    """Tell each look as it ends, until the run has ended or its process is gone."""
    told: set[str] = set()
    observations = Observations(home)
    while True:
        now = next(one for one in observations.runs(run.portal) if one.id == run.id)
        for look in Vitals(home).looks_of(run):
            if look.id not in told:
                told.add(look.id)
                if not quiet:
                    why = f" ({look_reason(look.reason)})" if look.outcome != LookOutcome.OK and look.reason else ""
                    outcome = word("outcome", look.outcome)
                    line = sentence("progress.look", listing=look.listing, outcome=outcome, why=why)
                    say(f"{cell_text(look.finished)} {line}")
        if now.finished is not None or run_holder(home, run.id) is None:
            return now
        time.sleep(1)
