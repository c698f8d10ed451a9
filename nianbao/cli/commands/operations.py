"""The commands ``health``, ``schedule`` and ``runs``: problems of portals, the plan of crawls, past crawls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from archive.exports.plain_values import fields_of
from archive.queries.look_answers import looks_shown
from crawler.processes import stop_run
from nianbao.cli import common
from nianbao.cli.command_functions import archive_command
from nianbao.cli.common import SHORT_ID
from nianbao.cli.output import Printer, print_sentence, print_text
from nianbao.cli.screens import show
from nianbao.language import current
from nianbao.sentences import (
    commands_on_crawls,
    due_sentence,
    gap_sentence,
    listed,
    reasons_in_words,
    run_sentence,
    sentence,
    some,
)
from storage.home import Home
from storage.mending import run_holder
from storage.observations import Observations
from storage.operator_records import Schedules
from storage.recent_outcomes import paces
from storage.records import Run, RunOutcome
from storage.registry import Registry

if TYPE_CHECKING:
    from crawler.operations.health import Problem
    from crawler.operations.planner import PortalState

_MAX_NAMED = 5  # portals named in a sentence


@archive_command("json", "csv")
def health(home: Home, printer: Printer, *, history: bool = False, send_test: bool = False) -> None:
    """Print the problems of portals (no answer, refusal, changed, moved) and of the archive, and what to do."""
    if send_test:
        _send_test(home)
    elif history:
        from storage.operator_records import Alarms

        rows = [{"at": one.at, "problem": one.key, "event": one.event, "text": one.text} for one in Alarms(home).all()]
        printer.table("alarms", rows)
    else:
        _show_problems(home, printer)


def _show_problems(home: Home, printer: Printer) -> None:
    """Print the present problems, and for people portals with one failed crawl; exit with ATTENTION if any is grave."""
    from crawler.operations.health import gather, partly_read, problems, unsettled

    facts = gather(home)
    current_problems = problems(facts)
    rows: list[dict[str, object]] = [
        {
            "severity": one.severity, "code": one.code, "portal": one.portal, "since": one.since,
            "zh": one.sentence("zh"), "en": one.sentence("en"), "advice": one.advice(),
        }
        for one in current_problems
    ]  # fmt: skip
    failed = [name for name in unsettled(facts) if name not in {one.portal for one in current_problems}]
    if rows or not printer.is_for_people:
        lang = current()
        in_words = [
            replace(one, values=reasons_in_words(one.values, lang)) for one in _overdue_in_one(current_problems)
        ]
        printer.table("problems", rows, [
            {"severity": one.severity, "since": one.since, "problem": one.sentence(lang), "advice": one.advice(lang)}
            for one in in_words
        ])  # fmt: skip
    partial = partly_read(facts)
    if printer.is_for_people:
        for key, names in (("health.unsettled", failed), ("health.partial", partial)):
            if names:
                print_sentence(key, portals=some(names, _MAX_NAMED), commands=commands_on_crawls(names))
        if not (rows or failed or partial):
            print_sentence("health.well")
    common.attention(any(problem.severity != "info" for problem in current_problems))


def _overdue_in_one(all_problems: Sequence[Problem]) -> Sequence[Problem]:
    """Return the problems with all portals that are overdue in one, the one that is overdue longest."""
    overdue = [one for one in all_problems if one.code == "overdue"]
    if len(overdue) < 2:
        return all_problems
    portals, place = some([one.portal for one in overdue], _MAX_NAMED), sentence("health.portals", count=len(overdue))
    together = replace(min(overdue, key=lambda one: one.since), portal=portals, place=place)
    return [together if one is overdue[0] else one for one in all_problems if one not in overdue[1:]]


def _send_test(home: Home) -> None:
    """Send a message of trial to the webhook; end with an error if none is set."""
    from crawler.operations.messages import Message, send

    if not home.config.webhook_url:
        common.fail(sentence("health.no_webhook"))
    message = Message(key="test/", severity="info", en="a message of trial from nianbao", zh="nianbao 测试消息")
    send(home.config.webhook_url, home.config.webhook_format, [message])
    print_sentence("health.sent")


# ---------------------------------------------------------------------------------------------- schedule


@archive_command("json", "csv")
def show_schedule(home: Home, printer: Printer, slugs: list[str] | None = None) -> None:
    """Print each portal's last and next crawl, the reason, its settings, and the looks after due dates that failed."""
    printer.table("schedule", [_schedule_row(state) for state in _states(home, slugs)])


@archive_command("json", "csv")
def next_crawls(home: Home, printer: Printer, *, limit: int = 20) -> None:
    """Print the next crawls, the soonest first; those overdue are due now."""
    waiting = [(state.due.at, state.name, state) for state in _states(home, None) if state.due is not None]
    rows = [_schedule_row(state) for *_, state in sorted(waiting, key=lambda one: one[:2])[:limit]]
    printer.table("next_crawls", [{key: row[key] for key in ("portal", "place", "next", "why")} for row in rows])


@archive_command()
def set_settings(home: Home, words: list[str], *, by: str, everything: bool = False, reason: str = "") -> None:
    """Set how portals named in ``words`` (``everything``: all) are crawled: ``every_days=3``; empty: the default."""
    pairs = [word.partition("=") for word in words if "=" in word]
    names = [name.strip() for name, _, _ in pairs]
    if not pairs:
        common.fail(sentence("schedule.name_a_setting"))
    if twice := sorted({name for name in names if names.count(name) > 1}):
        common.fail(sentence("schedule.twice", names=listed(twice)))
    settings = {name.strip(): value for name, _, value in pairs}
    _change(home, [word for word in words if "=" not in word], settings, everything, by, reason)


@archive_command()
def pause(
    home: Home, slugs: list[str] | None = None, *, by: str, everything: bool = False, until: str = "", reason: str = ""
) -> None:
    """Pause the crawls of portals. Reports not looked for meanwhile are unknown, never missing."""
    from crawler.operations.planner import pause_setting

    _change(home, slugs, pause_setting(home, until), everything, by, reason)


@archive_command()
def resume(home: Home, slugs: list[str] | None = None, *, by: str, everything: bool = False, reason: str = "") -> None:
    """Resume the crawls of paused portals."""
    _change(home, slugs, {"paused": "no"}, everything, by, reason)


@archive_command("json", "csv")
def schedule_history(home: Home, printer: Printer) -> None:
    """Print all changes of settings, by whom and why, the oldest first."""
    rows: list[dict[str, object]] = [
        {"recorded_at": one.recorded_at, "portal": one.portal or sentence("schedule.all")}
        | {"set": _settings(one.settings), "by": one.by, "reason": one.reason}
        for one in Schedules(home).history()
    ]
    printer.table("settings_made", rows)


def _states(home: Home, slugs: list[str] | None) -> list[PortalState]:
    from crawler.operations.planner import states

    return states(home, slugs or None)


def _schedule_row(state: PortalState) -> dict[str, object]:
    """Return a portal's row in the list of schedules: last crawl, next one and why, settings, deadlines not met."""
    due = state.due
    return {
        "portal": state.name, "place": state.place, "last": state.last.started if state.last else None,
        "outcome": state.last.outcome if state.last else None, "next": due.at if due else None,
        "why": due_sentence(due, state.plan.paused),
        "why_code": due.why if due else "resting", "deadline": due.deadline if due else None,
        "set": _settings(state.settings),
        "gaps": "; ".join(gap_sentence(one.deadline, one.tries, one.filled) for one in state.gaps),
    }  # fmt: skip


def _settings(settings: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(settings.items()))


def _change(
    home: Home, slugs: list[str] | None, settings: Mapping[str, str], everything: bool, by: str, reason: str
) -> None:
    """Store changed settings of portals (``everything``: of all) and print them; an empty value restores a default."""
    from crawler.operations.planner import set_schedule

    if everything == bool(slugs):
        common.fail(sentence("schedule.choose"))
    if not by.strip():
        common.fail(sentence("schedule.by"))
    for row in set_schedule(home, slugs or [], dict(settings), by=by, reason=reason):
        portal, settings_now = row.portal or sentence("schedule.all_portals"), _settings(row.settings)
        print_text(f"{portal}: {settings_now or sentence('schedule.rule')}")


# ---------------------------------------------------------------------------------------------- runs


_LEAST_ID = 4  # leading characters of an id that commands accept for a run


@archive_command("json", "csv")
def list_runs(home: Home, printer: Printer, *, portal: str | None = None, limit: int = 20) -> None:
    """Print the last runs, the newest last: start, outcome, counts."""
    places = {one.name: one.place for one in Registry(home).portals()}
    runs = Observations(home).runs(portal)
    rows = [{**_run_row(home, run), "place": places.get(run.portal, "")} for run in runs[-limit:]]
    printer.table("runs", rows, [row | {"run": str(row["run"])[:SHORT_ID]} for row in rows])
    if printer.is_for_people and len(runs) > limit:
        print_sentence("runs.last", shown=limit, count=len(runs))


@archive_command("json")
def show_run(home: Home, printer: Printer, which: str) -> None:
    """Print one run: its looks, with the reports shown and how they differ from the ok look before; its counts, errors
    by kind, and pace at each host.
    """
    run = _find_run(home, which)
    hosts = ("host", "requests", "least_gap", "per_minute")
    row: dict[str, Any] = _run_row(home, run) | {
        "looks": [look.to_dict() for look in looks_shown(home, run.portal, run.id)],
        "hosts": [fields_of(pace, *hosts) | {"failures": dict(pace.failures)} for pace in paces(home, run)],
    }
    if not printer.print_for_program(row):
        besides_looks = [note for note in run.notes if note.code != "look"]  # each look has its own line
        show("run", row=row | {"note": run_sentence(run.note, besides_looks)}, simulated=home.simulated)


@archive_command()
def stop_crawl(home: Home, which: str) -> None:
    """Ask a running crawl to end in good order; it keeps what it fetched, and the next crawl continues from there."""
    run = _find_run(home, which)
    print_sentence("runs.asked", portal=run.portal, process=stop_run(home, run))


def _find_run(home: Home, which: str) -> Run:
    """Return the run under way or last run of a portal, or the run whose id begins with ``which``; else end."""
    from crawler import portals

    runs = Observations(home).runs()
    of_portal = [run for run in runs if run.portal == which]
    if of_portal:  # prefer a running one: if the clock was set back, it may not be the last
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


def _run_row(home: Home, run: Run) -> dict[str, object]:
    """Return a run as a row for programs; one that was killed has the outcome ``cut short``."""
    end = run.finished or home.clock.now()
    # the end of a killed run is unknown: ``finished`` is when a later command noticed it
    took = "" if run.outcome == RunOutcome.CUT else f"{max((end - run.started).total_seconds(), 0):.0f} s"
    is_alive = not run.outcome and run_holder(home, run.id) is not None  # a killed run has no outcome either
    return {
        "run": run.id, "portal": run.portal, "purpose": run.purpose, "started": run.started, "finished": run.finished,
        "took": took, "outcome": run.outcome or ("under way" if is_alive else "cut short"),
        "note": run_sentence(run.note, run.notes), "notes": [note.as_json for note in run.notes],
        "counts": dict(run.counts),
    }  # fmt: skip
