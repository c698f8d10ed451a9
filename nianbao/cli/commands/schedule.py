"""``nianbao schedule …``: what is due, and what is set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.errors import CrawlError
from nianbao.cli import common
from nianbao.cli.output import Format, chosen, columns, emit, say
from nianbao.sentences import listed, sentence, word
from storage.home import Home
from storage.operator_records import Schedules
from storage.records import SHANGHAI

if TYPE_CHECKING:
    from crawler.operations.due_crawls import Gap
    from crawler.operations.planner import PortalState

schedule = typer.Typer(no_args_is_help=True)
Slugs = Annotated[list[str] | None, typer.Argument(show_default=False)]
Some = Annotated[list[str] | None, typer.Argument(show_default=False)]
Everything = Annotated[bool, typer.Option("--all")]
By = Annotated[str, typer.Option("--by")]
Reason = Annotated[str, typer.Option("--reason")]


@schedule.command("show", epilog="nianbao schedule show")
def show(
    slugs: Slugs = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Each portal's last crawl, its next one and why, what was set for it, and which looks of proof were not made."""
    with common.opened(archive) as home:
        found = _states(home, slugs)
    keys = ("portal", "last", "outcome", "next", "why", "set", "gaps")
    fmt = chosen(as_json, as_csv)
    rows = [(_worded if fmt is Format.TABLE else _row)(state) for state in found]
    emit(rows, columns(*keys, wrap={"why", "set", "gaps"}, spare={"set", "gaps"}), fmt)


@schedule.command("next", epilog="nianbao schedule next --limit 5")
def next_crawls(
    limit: Annotated[int, typer.Option("--limit", min=1)] = 20,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """The crawls that come next, the soonest first; what is due already is due now."""
    with common.opened(archive) as home:
        waiting = [(state.due.at, state) for state in _states(home, None) if state.due is not None]
    waiting.sort(key=lambda one: (one[0], one[1].name))
    keys, fmt = ("next", "portal", "place", "why"), chosen(as_json, as_csv)
    told = _worded if fmt is Format.TABLE else _row
    rows = [{key: value for key, value in told(state).items() if key in keys} for _, state in waiting[:limit]]
    emit(rows, columns(*keys, wrap={"why"}), fmt)


@schedule.command("set", epilog="nianbao schedule set wenshang --by me every_days=3")
def set_settings(
    words: Annotated[list[str], typer.Argument()],
    by: By,
    everything: Everything = False,
    reason: Reason = "",
    archive: common.ArchiveOption = None,
) -> None:
    """Set how portals are crawled: ``every_days=3 season_every_days=2``; ``every_days=`` goes back to the rule.

    The settings stand, with what they mean, in docs/operating.md. What was set is never deleted: a
    change is a new row with its author.
    """
    slugs = [word for word in words if "=" not in word]
    pairs = [word.partition("=") for word in words if "=" in word]
    if not pairs:
        common.fail(sentence("schedule.name_a_setting"))
    names = [name.strip() for name, _, _ in pairs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        common.fail(sentence("schedule.twice", names=listed(twice)))
    _change(archive, slugs, {name.strip(): value for name, _, value in pairs}, everything, by, reason)


@schedule.command("pause", epilog="nianbao schedule pause yiyuan --until 2027-01-15 --by me")
def pause(
    by: By,
    slugs: Some = None,
    everything: Everything = False,
    until: Annotated[str, typer.Option("--until")] = "",
    reason: Reason = "",
    archive: common.ArchiveOption = None,
) -> None:
    """Let portals rest. What is not looked at is unknown meanwhile, never missing."""
    from crawler.operations.schedule_settings import pause_setting

    with common.opened(archive) as home, common.Refusal(CrawlError):
        settings = pause_setting(home, until)
    _change(archive, slugs or [], settings, everything, by, reason)


@schedule.command("resume", epilog="nianbao schedule resume yiyuan --by me")
def resume(
    by: By,
    slugs: Some = None,
    everything: Everything = False,
    reason: Reason = "",
    archive: common.ArchiveOption = None,
) -> None:
    """Crawl portals again that rest."""
    _change(archive, slugs or [], {"paused": "no"}, everything, by, reason)


@schedule.command("history", epilog="nianbao schedule history")
def history(
    archive: common.ArchiveOption = None, as_json: common.JsonOption = False, as_csv: common.CsvOption = False
) -> None:
    """Everything that was ever set, by whom and why, the oldest first."""
    with common.opened(archive) as home:
        rows: list[dict[str, object]] = [
            {"recorded_at": one.recorded_at, "portal": one.portal or sentence("schedule.all")}
            | {"set": _settings(one.settings), "by": one.by, "reason": one.reason}
            for one in Schedules(home).history()
        ]
    emit(rows, columns("recorded_at", "portal", "set", "by", "reason", wrap={"set", "reason"}), chosen(as_json, as_csv))


def _states(home: Home, slugs: list[str] | None) -> list[PortalState]:
    from crawler.operations.planner import states

    with common.Refusal(CrawlError):
        return states(home, slugs or None)


def _worded(state: PortalState) -> dict[str, object]:
    """The schedule of a portal as people are told it."""
    row = _row(state)
    return {**row, "outcome": word("outcome", row["outcome"])}


def _why(state: PortalState) -> str:
    due, resumes = state.due, state.plan.paused
    if due is None:
        return sentence("due.resting")
    if resumes is not None and due.at == resumes:
        return sentence("due.paused", day=f"{resumes:%Y-%m-%d}")
    return sentence(f"due.{due.why}", deadline=due.deadline)


def gap_text(gap: Gap) -> str:
    """A gap in the looks that prove lateness, as people are told it."""
    first = sentence("due.gap_open")
    if gap.filled is not None:
        first = sentence("due.gap_filled", at=f"{gap.filled.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")
    return sentence("due.gap", deadline=gap.deadline, tries=gap.tries, first=first)


def _row(state: PortalState) -> dict[str, object]:
    due = state.due
    return {
        "portal": state.name,
        "place": state.place,
        "last": state.last.started if state.last else None,
        "outcome": state.last.outcome if state.last else None,
        "next": due.at if due else None,
        "why": _why(state),
        "why_code": due.why if due else "resting",
        "deadline": due.deadline if due else None,
        "set": _settings(state.settings),
        "gaps": "; ".join(map(gap_text, state.gaps)),
    }


def _settings(settings: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(settings.items()))


def _change(
    archive: Path | None, slugs: list[str], settings: dict[str, str], everything: bool, by: str, reason: str
) -> None:
    """Append one row per portal: what was set before, with the change; an empty value goes back to the rule."""
    from crawler.operations.schedule_settings import set_schedule

    if everything == bool(slugs):
        common.fail(sentence("schedule.choose"))
    if not by.strip():
        common.fail(sentence("schedule.by"))
    with common.opened(archive) as home, common.Refusal(CrawlError):
        rows = set_schedule(home, slugs, settings, by=by, reason=reason)
    for row in rows:
        say(f"{row.portal or sentence('schedule.all_portals')}: {_settings(row.settings) or sentence('schedule.rule')}")
