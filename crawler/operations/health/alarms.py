"""Telling what is not well: one message when a problem begins, one when it is over, by a POST to an address that the
operator names, in the words of the system behind it.
"""

from __future__ import annotations

import json
import logging
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import Message as Head
from http.client import HTTPException
from typing import IO
from urllib.parse import urlsplit

from crawler.errors import CrawlError
from crawler.operations.health.facts import gather
from crawler.operations.health.problems import Problem, problems, settings, texts
from storage.errors import DiskError, StorageError
from storage.home import Home
from storage.operator_records import Alarms
from storage.records import Alarm

TOLD, TOLD_OVER = "told", "told_over"
WATCH_PAUSE = 300.0  # seconds
_TIMEOUT_SECONDS = 20.0
_ANSWER_MAX_BYTES = 1 << 16
_REFUSAL_MAX_CHARS = 200
_MAX_MESSAGES = 20  # in one POST; chats take some thousand characters
_MARK = {"error": "●", "warning": "○", "info": "·"}
Tell = Callable[[str, str, str], None]
log = logging.getLogger(__name__)


class MessageError(CrawlError):
    """A message could not be sent; the sentence says where to and why. It is sent again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is to be told of the problem ``key``: its sentences and what to do. ``over``: it is over."""

    key: str
    severity: str
    en: str
    zh: str
    advice: str = ""
    over: bool = False


def messages(alarms: Iterable[Alarm], found: Sequence[Problem], before: Collection[str]) -> list[Message]:
    """Return what is to be told now, what began and then what is over. Pure.

    ``before``: keys of the problems that the look before this one found: what comes and goes between is not told.
    """
    last = {one.key: one for one in alarms if one.event in {TOLD, TOLD_OVER}}
    known = {key: one.text for key, one in last.items() if one.event == TOLD and key.partition("/")[0] in texts()}
    begun = [
        Message(key=one.key, severity=one.severity, en=one.sentence("en"), zh=one.sentence("zh"), advice=one.advice())
        for one in found
        if one.key in before and one.key not in known
    ]
    present = {*before, *(one.key for one in found)}
    return [*begun, *(_over_message(key, text) for key, text in known.items() if key not in present)]


def _over_message(key: str, text: str) -> Message:
    code, _, portal = key.partition("/")
    what = str(texts()[code]["zh"]).replace("{place}（{portal}）", portal).replace("：{detail}", "")
    return Message(key=key, severity="info", en=f"over: {text}", zh=f"已恢复：{what}", over=True)


def look_over(
    home: Home,
    tell: Tell,
    before: Collection[str] | None = None,
    unwritten: list[Alarm] | None = None,
    damage: str = "",
) -> set[str]:
    """Judge the archive's health once, tell what is to be told, and return the keys of the problems.

    What cannot be sent is not noted as told, and so is sent the next time. ``before``: what the last look found, None:
    everything is told at once. ``unwritten`` holds what could not be noted as the disk takes nothing, so that it is
    told once all the same; ``damage``: what the last check of the database found.
    """
    unwritten = unwritten if unwritten is not None else []
    now, alarms, config = home.clock.now(), Alarms(home), home.config
    found = problems(gather(home, damage))
    keys = {problem.key for problem in found}
    due = messages([*alarms.all(), *unwritten], found, keys if before is None else before)
    if due and config.webhook_url:
        send(config.webhook_url, config.webhook_format, due)
    for one in due:
        tell("health", one.en, one.severity)
    unwritten += [Alarm(key=one.key, event=TOLD_OVER if one.over else TOLD, at=now, text=one.en) for one in due]
    with suppress(DiskError):  # it is told by the message itself, and noted when there is room
        alarms.add(unwritten)
        unwritten.clear()
    return keys


def watch(home: Home, tell: Tell, stop: threading.Event, *, every: float = WATCH_PAUSE) -> None:
    """Look the archive over now and then until ``stop`` is set."""
    unwritten: list[Alarm] = []
    before: set[str] = set()
    checked: datetime | None = None  # when the database was checked, and what was found
    damage, check_pause = "", timedelta(days=settings()["limits"]["check_days"])
    while True:
        try:
            if checked is None or home.clock.now() - checked >= check_pause:
                checked, damage = home.clock.now(), home.truth.damage(thorough=True)
                if damage:  # at once, as it may not be possible to note it
                    tell("archive", f"the database is damaged ({damage}); see nianbao doctor", "error")
            before = look_over(home, tell, before, unwritten, damage)
        except Exception as error:  # the next time may go better, and nothing else depends on this
            if isinstance(error, CrawlError | StorageError):
                tell("health", str(error), "warning")
            elif not stop.is_set():  # at the end the archive is closed meanwhile
                log.exception("health could not be judged")
        if stop.wait(every):
            return


def send(url: str, kind: str, told: Sequence[Message]) -> None:
    """Post the messages. Raises :class:`MessageError` where they did not arrive; it does not name the address, as its
    path and query are a secret.
    """
    parts = urlsplit(url)
    where = f"{parts.scheme}://{parts.hostname}"
    body = json.dumps(FORMATS[kind](told), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "nianbao"}
    try:
        request = urllib.request.Request(url, body, headers)  # noqa: S310 - the settings allow http and https
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=_TIMEOUT_SECONDS) as answer:
            refused = _refusal(kind, answer.read(_ANSWER_MAX_BYTES))
    except urllib.error.HTTPError as error:
        message = f"the receiver of messages at {where} answered {error.code}"
        raise MessageError(message, code="message.status", where=where, status=error.code) from error
    except (OSError, HTTPException, ValueError) as error:
        cause = error.reason if isinstance(error, urllib.error.URLError) else type(error).__name__
        message = f"the receiver of messages at {where} could not be reached ({cause})"
        raise MessageError(message, code="message.unreached", where=where, cause=str(cause)) from None
    if refused:
        message = f"the receiver of messages at {where} answered 200, and that it refuses: {refused}"
        raise MessageError(message, code="message.refused", where=where, text=refused)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Sends messages where the operator says, and nowhere else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Head, newurl: str
    ) -> None:
        """Do not follow: the redirect is the receiver's answer, and an error."""


def plain(told: Sequence[Message]) -> str:
    """Return the messages as text: Chinese, English, what to do. What portals wrote calls nobody and forges no line."""
    texts = ["\n".join(map(_tame, filter(None, _lines(one)))) for one in told[:_MAX_MESSAGES]]
    more = len(told) - _MAX_MESSAGES
    return "\n\n".join([*texts, *([f"+{more}: nianbao health"] if more > 0 else [])])


def _lines(message: Message) -> tuple[str, str, str]:
    advice = f"→ {message.advice}" if message.advice else ""
    return f"{_MARK[message.severity]} {message.zh}", message.en, advice


def _tame(line: str) -> str:
    """Return one line without control characters and the ``<…>`` by which chats call everybody or make links."""
    shown = "".join(letter if letter.isprintable() else " " for letter in line)
    return shown.replace("<", "‹").replace(">", "›")


def _refusal(kind: str, answer: bytes) -> str:
    """Return what a system says in its answer if it did not take the messages, shortened; "" if it took them.

    Feishu, WeCom and DingTalk answer a wrong key, a missing keyword or too many messages with status 200 and a number
    in the body that is not 0. A body that is not theirs says nothing: a relay may lie between.
    """
    number, words = _REFUSALS.get(kind, ("", ""))
    try:
        body = json.loads(answer) if number else None
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, dict) or body.get(number, 0) in (0, "0"):
        return ""
    return _tame(f"{number} {body[number]}: {body.get(words, '')}"[:_REFUSAL_MAX_CHARS])


def _json(told: Sequence[Message]) -> Mapping[str, object]:
    names = ("severity", "over", "en", "zh", "advice")
    rows = [{name: getattr(one, name) for name in names} | {"problems": [one.key]} for one in told]
    return {"text": plain(told), "messages": rows}


def _wecom(told: Sequence[Message]) -> Mapping[str, object]:
    return {"msgtype": "text", "text": {"content": plain(told)}}


#: Formats by name; ``json`` has everything, the others are what these systems take.
FORMATS: Mapping[str, Callable[[Sequence[Message]], Mapping[str, object]]] = {
    "json": _json,
    "slack": lambda told: {"text": plain(told)},
    "feishu": lambda told: {"msg_type": "text", "content": {"text": plain(told)}},
    "wecom": _wecom,
    "dingtalk": _wecom,
}
#: Where the answers of these systems say that they refuse: the number, 0 if not, and the words.
_REFUSALS = {"feishu": ("code", "msg"), "wecom": ("errcode", "errmsg"), "dingtalk": ("errcode", "errmsg")}
