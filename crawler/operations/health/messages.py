"""Telling what is not well: one POST to an address that the operator names, in the words of the system behind it."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from email.message import Message as Head
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urlsplit

from crawler.errors import CrawlError
from crawler.operations.health.episodes import Message

_TIMEOUT = 20.0
_ANSWER_BYTES = 1 << 16
_MARK = {"error": "●", "warning": "○", "info": "·"}


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Messages go where the operator says, and nowhere else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Head, newurl: str
    ) -> None:
        """Not followed: the redirect is the receiver's answer, and an error."""


class MessageError(CrawlError):
    """A message could not be sent; the sentence says where to and why. It is sent again later."""


def plain(messages: Sequence[Message]) -> str:
    """The messages as text: Chinese, English, what to do. What portals put in calls nobody and forges no line."""
    return "\n\n".join(
        "\n".join(
            _tame(part)
            for part in (
                f"{_MARK[message.severity]} {message.zh}",
                message.en,
                f"→ {message.advice}" if message.advice else "",
            )
            if part
        )
        for message in messages
    )


def _tame(line: str) -> str:
    """One line without control characters, and without the ``<…>`` by which chats call everybody or make links."""
    shown = "".join(letter if letter.isprintable() else " " for letter in line)
    return shown.replace("<", "‹").replace(">", "›")


def body(kind: str, messages: Sequence[Message]) -> bytes:
    """What is posted. Raises :class:`MessageError` for a kind that is none of ``FORMATS``."""
    if kind not in FORMATS:
        every = ", ".join(FORMATS)
        message = f"webhook_format is {kind!r}; it is one of {every}"
        raise MessageError(message, code="message.format", text=kind, every=every)
    return json.dumps(FORMATS[kind](messages), ensure_ascii=False).encode()


def send(url: str, kind: str, messages: Sequence[Message]) -> None:
    """Post the messages. Raises :class:`MessageError` where they did not arrive."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise MessageError("webhook_url is no http or https address", code="message.address")
    request = urllib.request.Request(  # noqa: S310 - the scheme was looked at
        url, body(kind, messages), {"Content-Type": "application/json; charset=utf-8", "User-Agent": "nianbao"}
    )
    where = f"{parts.scheme}://{parts.hostname}"  # its path and query are a secret
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=_TIMEOUT) as answer:
            refused = refusal(kind, _read(answer))
    except urllib.error.HTTPError as error:
        message = f"the receiver of messages at {where} answered {error.code}"
        raise MessageError(message, code="message.status", where=where, status=error.code) from error
    except (HTTPException, ValueError) as error:  # its words may hold the address
        message = f"the receiver of messages at {where} could not be asked ({type(error).__name__})"
        raise MessageError(message, code="message.unasked", where=where, cause=type(error).__name__) from None
    except OSError as error:
        reason = getattr(error, "reason", error)
        message = f"the receiver of messages at {where} could not be reached ({reason})"
        raise MessageError(message, code="message.unreached", where=where, cause=reason) from error
    if refused:
        message = f"the receiver of messages at {where} answered 200, and that it refuses: {refused}"
        raise MessageError(message, code="message.refused", where=where, text=refused)


def refusal(kind: str, answer: bytes) -> str:
    """What a system says in its answer if it did not take the messages, shortened; ``""`` if it took them.

    Feishu, WeCom and DingTalk answer a wrong key, a missing keyword or too many messages with status 200 and a number
    in the body that is not 0 (``code``; ``errcode``). A body that is not theirs says nothing: a relay may lie between.
    """
    if kind not in _REFUSALS:
        return ""
    number, words = _REFUSALS[kind]
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(said, dict) or said.get(number, 0) in (0, "0"):
        return ""
    sentence = f"{number} {said[number]}: {said.get(words, '')}"
    return "".join(letter if letter.isprintable() else " " for letter in sentence[:200])


def _read(answer: Any) -> bytes:
    """The beginning of an answer's body, for no longer than one request may take: a receiver may drip."""
    until, read = time.monotonic() + _TIMEOUT, b""
    while len(read) < _ANSWER_BYTES and time.monotonic() < until:
        part = answer.read1(_ANSWER_BYTES - len(read))
        if not part:
            break
        read += part
    return read


def _json(messages: Sequence[Message]) -> Mapping[str, object]:
    rows = [
        {
            "severity": one.severity, "over": one.over, "en": one.en, "zh": one.zh, "advice": one.advice,
            "problems": list(one.keys),
        }
        for one in messages
    ]  # fmt: skip
    return {"text": plain(messages), "messages": rows}


def _feishu(messages: Sequence[Message]) -> Mapping[str, object]:
    return {"msg_type": "text", "content": {"text": plain(messages)}}


def _wecom(messages: Sequence[Message]) -> Mapping[str, object]:
    return {"msgtype": "text", "text": {"content": plain(messages)}}


#: Where the answers of these systems say that they refuse: the number, 0 if not, and the words.
_REFUSALS: Mapping[str, tuple[str, str]] = {
    "feishu": ("code", "msg"),
    "wecom": ("errcode", "errmsg"),
    "dingtalk": ("errcode", "errmsg"),
}

#: Formats by name; ``json`` has everything, the others are what these systems take.
FORMATS: Mapping[str, Callable[[Sequence[Message]], Mapping[str, object]]] = {
    "json": _json,
    "slack": lambda messages: {"text": plain(messages)},
    "feishu": _feishu,
    "wecom": _wecom,
    "dingtalk": _wecom,
}
