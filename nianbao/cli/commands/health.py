"""``nianbao health``: what is not well, and since when; exit code 1 where something is."""

from __future__ import annotations

from typing import Annotated

import typer

from nianbao.cli import common
from nianbao.cli.archive_command import archive_command
from nianbao.cli.output import Output, say, tell
from nianbao.language import current
from nianbao.sentences import listed, sentence
from storage.home import Home

_MAX_NAMED = 5  # portals that are named


@archive_command("json", "csv")
def health(
    home: Home,
    out: Output,
    history: Annotated[bool, typer.Option("--history")] = False,
    send_test: Annotated[bool, typer.Option("--test-message")] = False,
) -> None:
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
    from crawler.operations.health.facts import gather
    from crawler.operations.health.problems import problems, unsettled

    facts = gather(home)
    found = problems(facts)
    rows: list[dict[str, object]] = [
        {
            "severity": one.severity, "code": one.code, "portal": one.portal, "since": one.since,
            "zh": one.sentence("zh"), "en": one.sentence("en"), "advice": one.advice(),
        }
        for one in found
    ]  # fmt: skip
    if out.is_for_people and not rows:
        say(_without_problems(unsettled(facts)))
    else:
        lang = current()
        told = [
            row | {"problem": one.sentence(lang), "advice": one.advice(lang)}
            for row, one in zip(rows, found, strict=True)
        ]
        out.table("problems", rows, told)
    common.attention(any(problem.severity != "info" for problem in found))


def _without_problems(unsettled: list[str]) -> str:
    if not unsettled:
        return sentence("health.well")
    left = len(unsettled) - _MAX_NAMED
    more = sentence("join.more", number=left) if left > 0 else ""
    return sentence("health.unsettled", portals=listed(unsettled[:_MAX_NAMED]) + more)


def _send_test(home: Home) -> None:
    from crawler.operations.health.messages import Message, send

    if not home.config.webhook_url:
        common.fail(sentence("health.no_webhook"))
    message = Message(key="test/", severity="info", en="a message of trial from nianbao", zh="nianbao 测试消息")
    send(home.config.webhook_url, home.config.webhook_format, [message])
    tell("health.sent")
