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

_TIMEOUT_SECONDS = 20.0
_ANSWER_MAX_BYTES = 1 << 16
_REFUSAL_MAX_CHARS = 200
_MARK = {"error": "●", "warning": "○", "info": "·"}


class MessageError(CrawlError):
    """A message could not be sent; the sentence says where to and why. It is sent again later."""


def plain(messages: Sequence[Message]) -> str:
    """Return the messages as text: Chinese, English, what to do. What portals wrote calls nobody and forges no line."""
    return "\n\n".join("\n".join(map(_tame, filter(None, _lines(message)))) for message in messages)


def send(url: str, kind: str, messages: Sequence[Message]) -> None:
    """Post the messages. Raises :class:`MessageError` where they did not arrive."""
    where = _receiver(url)
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "nianbao"}
    request = urllib.request.Request(url, _body(kind, messages), headers)  # noqa: S310 - the scheme was looked at
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=_TIMEOUT_SECONDS) as answer:
            refused = _refusal(kind, _read(answer))
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


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Sends messages where the operator says, and nowhere else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Head, newurl: str
    ) -> None:
        """Do not follow: the redirect is the receiver's answer, and an error."""


def _receiver(url: str) -> str:
    """Return scheme and host of an address, as its path and query are a secret."""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or 1) > 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise MessageError("webhook_url is no http or https address", code="message.address")
    return f"{parts.scheme}://{parts.hostname}"


def _lines(message: Message) -> tuple[str, str, str]:
    advice = f"→ {message.advice}" if message.advice else ""
    return f"{_MARK[message.severity]} {message.zh}", message.en, advice


def _tame(line: str) -> str:
    """Return one line without control characters and the ``<…>`` by which chats call everybody or make links."""
    shown = "".join(letter if letter.isprintable() else " " for letter in line)
    return shown.replace("<", "‹").replace(">", "›")


def _body(kind: str, messages: Sequence[Message]) -> bytes:
    if kind not in FORMATS:
        every = ", ".join(FORMATS)
        message = f"webhook_format is {kind!r}; it is one of {every}"
        raise MessageError(message, code="message.format", text=kind, every=every)
    return json.dumps(FORMATS[kind](messages), ensure_ascii=False).encode()


def _refusal(kind: str, answer: bytes) -> str:
    """Return what a system says in its answer if it did not take the messages, shortened; "" if it took them.

    Feishu, WeCom and DingTalk answer a wrong key, a missing keyword or too many messages with status 200 and a number
    in the body that is not 0. A body that is not theirs says nothing: a relay may lie between.
    """
    number, words = _REFUSALS.get(kind, ("", ""))
    try:
        said = json.loads(answer) if number else None
    except (ValueError, RecursionError):
        return ""
    if not isinstance(said, dict) or said.get(number, 0) in (0, "0"):
        return ""
    sentence = f"{number} {said[number]}: {said.get(words, '')}"
    return "".join(letter if letter.isprintable() else " " for letter in sentence[:_REFUSAL_MAX_CHARS])


def _read(answer: Any) -> bytes:
    """Read the beginning of an answer's body, for no longer than one request may take: a receiver may drip."""
    until, read = time.monotonic() + _TIMEOUT_SECONDS, b""
    while len(read) < _ANSWER_MAX_BYTES and time.monotonic() < until:
        part = answer.read1(_ANSWER_MAX_BYTES - len(read))
        if not part:
            break
        read += part
    return read


def _json(messages: Sequence[Message]) -> Mapping[str, object]:
    names = ("severity", "over", "en", "zh", "advice")
    rows = [{name: getattr(one, name) for name in names} | {"problems": list(one.keys)} for one in messages]
    return {"text": plain(messages), "messages": rows}


def _wecom(messages: Sequence[Message]) -> Mapping[str, object]:
    return {"msgtype": "text", "text": {"content": plain(messages)}}


#: Formats by name; ``json`` has everything, the others are what these systems take.
FORMATS: Mapping[str, Callable[[Sequence[Message]], Mapping[str, object]]] = {
    "json": _json,
    "slack": lambda messages: {"text": plain(messages)},
    "feishu": lambda messages: {"msg_type": "text", "content": {"text": plain(messages)}},
    "wecom": _wecom,
    "dingtalk": _wecom,
}
#: Where the answers of these systems say that they refuse: the number, 0 if not, and the words.
_REFUSALS = {"feishu": ("code", "msg"), "wecom": ("errcode", "errmsg"), "dingtalk": ("errcode", "errmsg")}
