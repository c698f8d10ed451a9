"""``nianbao health``: what is not well, and since when; exit code 1 where something is."""

from __future__ import annotations

from typing import Annotated

import typer

from nianbao.cli import common
from nianbao.cli.output import Format, chosen, columns, emit, say
from nianbao.language import current
from nianbao.sentences import listed, sentence, word


def health(
    history: Annotated[bool, typer.Option("--history")] = False,
    send_test: Annotated[bool, typer.Option("--test-message")] = False,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Portals that do not answer, refuse, have changed or moved, and what else is not well, with what to do.

    Exit code 0: nothing; 1: something that needs attention.
    Thresholds and sentences: crawler/operations/health/health.toml.
    """
    if send_test:
        _test(archive)
        return
    if history:
        _history(archive, as_json=as_json, as_csv=as_csv)
        return
    from crawler.operations.health.facts import gather
    from crawler.operations.health.problems import problems, unsettled

    with common.opened(archive) as home:
        facts = gather(home)
    found = problems(facts)
    rows: list[dict[str, object]] = [
        {
            "severity": problem.severity, "code": problem.code, "portal": problem.portal, "since": problem.since,
            "zh": problem.sentence("zh"), "en": problem.sentence("en"), "advice": problem.advice(),
        }
        for problem in found
    ]  # fmt: skip
    fmt = chosen(as_json, as_csv)
    if fmt is Format.CSV:
        emit(rows, columns("severity", "since", "zh", "en", "advice"), fmt)
    elif fmt is Format.JSON or rows:
        language = current()
        told = [
            {
                "severity": word("severity", problem.severity), "since": problem.since,
                "problem": problem.sentence(language), "advice": problem.advice(language),
            }
            for problem in found
        ]  # fmt: skip
        keys = ("severity", "since", "problem", "advice")
        emit(rows if fmt is Format.JSON else told, columns(*keys, wrap=keys[2:]), fmt)
    else:
        say(_without_problems(unsettled(facts)))
    common.attention(any(problem.severity != "info" for problem in found))


def _without_problems(unsettled: list[str]) -> str:
    """For people."""
    if not unsettled:
        return sentence("health.well")
    more = sentence("join.more", number=len(unsettled) - 5) if len(unsettled) > 5 else ""
    return sentence("health.unsettled", portals=listed(unsettled[:5]) + more)


def _history(archive: common.ArchiveOption, *, as_json: bool, as_csv: bool) -> None:
    from storage.operator_records import Alarms

    with common.opened(archive) as home:
        rows: list[dict[str, object]] = [
            {"at": one.at, "problem": one.key, "event": one.event, "text": one.text} for one in Alarms(home).all()
        ]
    emit(rows, columns("at", "problem", "event", "text", wrap={"text"}), chosen(as_json, as_csv))


def _test(archive: common.ArchiveOption) -> None:
    from crawler.operations.health.alarms import Message, send

    message = Message(key="test/", severity="info", en="a message of trial from nianbao", zh="nianbao 测试消息")
    with common.opened(archive) as home:
        if not home.config.webhook_url:
            common.fail(sentence("health.no_webhook"))
        send(home.config.webhook_url, home.config.webhook_format, [message])
    say(sentence("health.sent"))
