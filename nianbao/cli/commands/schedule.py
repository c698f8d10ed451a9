"""``nianbao schedule …``: what is due, and what is set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from crawler.errors import CrawlError
from nianbao.cli import common
from nianbao.cli.command_functions import archive_command
from nianbao.cli.output import Output, say
from nianbao.sentences import listed, sentence
from storage.home import Home
from storage.operator_records import Schedules
from storage.records import SHANGHAI

if TYPE_CHECKING:
    from crawler.operations.due_crawls import Gap
    from crawler.operations.planner import PortalState


@archive_command("json", "csv")
def show(home: Home, out: Output, slugs: list[str] | None = None) -> None:
    """Each portal's last crawl, its next one and why, what was set for it, and which looks of proof were not made."""
    out.table("schedule", [_row(state) for state in _states(home, slugs)])


@archive_command("json", "csv")
def next_crawls(home: Home, out: Output, *, limit: int = 20) -> None:
    """The crawls that come next, the soonest first; what is due already is due now."""
    waiting = [(state.due.at, state.name, state) for state in _states(home, None) if state.due is not None]
    rows = [_row(state) for *_, state in sorted(waiting, key=lambda one: one[:2])[:limit]]
    out.table("next_crawls", [{key: row[key] for key in ("portal", "place", "next", "why")} for row in rows])


@archive_command()
def set_settings(home: Home, words: list[str], *, by: str, everything: bool = False, reason: str = "") -> None:
    """Set how portals are crawled: ``every_days=3 season_every_days=2``; ``every_days=`` goes back to the rule."""
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
    """Let portals rest. What is not looked at is unknown meanwhile, never missing."""
    from crawler.operations.schedule_settings import pause_setting

    with common.wrong_usage_where(CrawlError):
        settings = pause_setting(home, until)
    _change(home, slugs, settings, everything, by, reason)


@archive_command()
def resume(home: Home, slugs: list[str] | None = None, *, by: str, everything: bool = False, reason: str = "") -> None:
    """Crawl portals again that rest."""
    _change(home, slugs, {"paused": "no"}, everything, by, reason)


@archive_command("json", "csv")
def history(home: Home, out: Output) -> None:
    """Everything that was ever set, by whom and why, the oldest first."""
    rows: list[dict[str, object]] = [
        {"recorded_at": one.recorded_at, "portal": one.portal or sentence("schedule.all")}
        | {"set": _settings(one.settings), "by": one.by, "reason": one.reason}
        for one in Schedules(home).history()
    ]
    out.table("settings_made", rows)


def _states(home: Home, slugs: list[str] | None) -> list[PortalState]:
    from crawler.operations.planner import states

    with common.wrong_usage_where(CrawlError):
        return states(home, slugs or None)


def _row(state: PortalState) -> dict[str, object]:
    due = state.due
    return {
        "portal": state.name, "place": state.place, "last": state.last.started if state.last else None,
        "outcome": state.last.outcome if state.last else None, "next": due.at if due else None, "why": _why(state),
        "why_code": due.why if due else "resting", "deadline": due.deadline if due else None,
        "set": _settings(state.settings), "gaps": "; ".join(map(_gap_text, state.gaps)),
    }  # fmt: skip


def _why(state: PortalState) -> str:
    due, resumes = state.due, state.plan.paused
    if due is None:
        return sentence("due.resting")
    if resumes is not None and due.at == resumes:
        return sentence("due.paused", day=f"{resumes:%Y-%m-%d}")
    return sentence(f"due.{due.why}", deadline=due.deadline)


def _gap_text(gap: Gap) -> str:
    """A gap in the looks that prove lateness, as people are told it."""
    first = sentence("due.gap_open")
    if gap.filled is not None:
        first = sentence("due.gap_filled", at=f"{gap.filled.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")
    return sentence("due.gap", deadline=gap.deadline, tries=gap.tries, first=first)


def _settings(settings: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(settings.items()))


def _change(
    home: Home, slugs: list[str] | None, settings: Mapping[str, str], everything: bool, by: str, reason: str
) -> None:
    """Append one row per portal: what was set before, with the change; an empty value goes back to the rule."""
    from crawler.operations.schedule_settings import set_schedule

    if everything == bool(slugs):
        common.fail(sentence("schedule.choose"))
    if not by.strip():
        common.fail(sentence("schedule.by"))
    with common.wrong_usage_where(CrawlError):
        rows = set_schedule(home, slugs or [], dict(settings), by=by, reason=reason)
    for row in rows:
        say(f"{row.portal or sentence('schedule.all_portals')}: {_settings(row.settings) or sentence('schedule.rule')}")
