"""``nianbao health``: what is not well, and since when; exit code 1 where something is."""

from __future__ import annotations

from nianbao.cli import common
from nianbao.cli.command_functions import archive_command
from nianbao.cli.output import Output, say, tell
from nianbao.language import current
from nianbao.sentences import listed, sentence
from storage.home import Home

_MAX_NAMED = 5  # portals that are named


@archive_command("json", "csv")
def health(home: Home, out: Output, *, history: bool = False, send_test: bool = False) -> None:
    """Tell which portals do not answer, refuse, have changed or moved, and what else is not well, with what to do."""
    if send_test:
        _send_test(home)
    elif history:
        from storage.operator_records import Alarms

        rows = [{"at": one.at, "problem": one.key, "event": one.event, "text": one.text} for one in Alarms(home).all()]
        out.table("alarms", rows)
    else:
        _show_problems(home, out)


def _show_problems(home: Home, out: Output) -> None:
    from crawler.operations.health import gather, problems, unsettled

    facts = gather(home)
    current_problems = problems(facts)
    rows: list[dict[str, object]] = [
        {
            "severity": one.severity, "code": one.code, "portal": one.portal, "since": one.since,
            "zh": one.sentence("zh"), "en": one.sentence("en"), "advice": one.advice(),
        }
        for one in current_problems
    ]  # fmt: skip
    if out.is_for_people and not rows:
        say(_without_problems(unsettled(facts)))
    else:
        lang = current()
        worded_rows = [
            row | {"problem": one.sentence(lang), "advice": one.advice(lang)}
            for row, one in zip(rows, current_problems, strict=True)
        ]
        out.table("problems", rows, worded_rows)
    common.attention(any(problem.severity != "info" for problem in current_problems))


def _without_problems(unsettled: list[str]) -> str:
    if not unsettled:
        return sentence("health.well")
    others = len(unsettled) - _MAX_NAMED
    more = sentence("join.more_items", number=others) if others > 0 else ""
    return sentence("health.unsettled", portals=listed(unsettled[:_MAX_NAMED]) + more)


def _send_test(home: Home) -> None:
    from crawler.operations.messages import Message, send

    if not home.config.webhook_url:
        common.fail(sentence("health.no_webhook"))
    message = Message(key="test/", severity="info", en="a message of trial from nianbao", zh="nianbao 测试消息")
    send(home.config.webhook_url, home.config.webhook_format, [message])
    tell("health.sent")
