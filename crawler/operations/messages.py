"""Sends messages about problems: by a POST in the format of a chat system, or by mail."""

from __future__ import annotations

import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from http.client import HTTPException
from urllib.parse import parse_qs, unquote, urlsplit

from crawler.errors import CrawlError

_TIMEOUT_SECONDS = 20.0
_ANSWER_MAX_BYTES = 1 << 16
_REFUSAL_MAX_CHARS = 200
_MAX_MESSAGES = 20  # in one POST or mail; chats accept a few thousand characters
_MARK = {"error": "●", "warning": "○", "info": "·"}
_MAIL_PORTS = {"mailto": 25, "mailtos": 587}
_TLS_PORT = 465  # with TLS from the first byte; at other ports STARTTLS is used


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message on the problem ``key``: its sentences, and what to do. ``over``: whether the problem is over."""

    key: str
    severity: str
    en: str
    zh: str
    advice: str = ""
    over: bool = False


def send(url: str, kind: str, messages: Sequence[Message]) -> None:
    """Send messages in the format ``kind``. Raises CrawlError, which names only the host: the address is secret."""
    text = messages_text(messages)
    if urlsplit(url).scheme in _MAIL_PORTS:
        send_mail(url, "", "nianbao: " + text.splitlines()[0], text)
        return
    body = json.dumps(FORMATS[kind](messages), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "nianbao"}
    with _delivering(url) as where:
        request = urllib.request.Request(url, body, headers)  # noqa: S310 - the settings allow http and https
        with urllib.request.build_opener(RefusedRedirects).open(request, timeout=_TIMEOUT_SECONDS) as answer:
            refused = _refusal(kind, answer.read(_ANSWER_MAX_BYTES))
    if refused:
        raise CrawlError(code="message.refused", where=where, text=refused)


def send_mail(url: str, to: str, subject: str, text: str) -> None:
    """Send a mail: ``mailtos://user:password@smtp.example.org/?from=a@example.org&to=b@example.org,c@example.org``.
    ``to``: the receiver of an alert of ``alerts.toml``; "" for the operators, who are named in ``url``.
    Raises :class:`CrawlError`.
    """
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    user, host = unquote(parts.username or ""), parts.hostname or ""
    mail = EmailMessage()
    mail["Subject"] = _harmless_line(subject)
    mail["From"] = query.get("from") or (user if "@" in user else f"nianbao@{host}")
    mail["To"] = to or query["to"]
    mail.set_content("\n".join(map(_harmless_line, text.splitlines())))
    with _delivering(url):
        port, context = parts.port or _MAIL_PORTS[parts.scheme], ssl.create_default_context()
        is_encrypted = parts.scheme == "mailtos" and port == _TLS_PORT
        connect = partial(smtplib.SMTP_SSL, context=context) if is_encrypted else smtplib.SMTP
        with connect(host, port, timeout=_TIMEOUT_SECONDS) as server:
            if parts.scheme == "mailtos" and not is_encrypted:
                server.starttls(context=context)
            if user:
                server.login(user, unquote(parts.password or ""))
            server.send_message(mail)


def messages_text(messages: Sequence[Message]) -> str:
    """Return messages as text: Chinese, English, what to do. Text from portals cannot forge lines or mention people."""
    texts = []
    for one in messages[:_MAX_MESSAGES]:
        lines = (f"{_MARK[one.severity]} {one.zh}", one.en, f"→ {one.advice}" if one.advice else "")
        texts.append("\n".join(_harmless_line(line) for line in lines if line))
    if (more := len(messages) - _MAX_MESSAGES) > 0:
        texts.append(f"+{more}: nianbao health")
    return "\n\n".join(texts)


def _harmless_line(line: str) -> str:
    """Return a line without control characters, and without ``<…>``, by which chats mention people or make links."""
    printable = "".join(letter if letter.isprintable() else " " for letter in line)
    return printable.replace("<", "‹").replace(">", "›")


@contextmanager
def _delivering(url: str) -> Iterator[str]:
    """Give scheme and host of an address; turn errors of sending a message there into :class:`CrawlError`."""
    parts = urlsplit(url)
    where = f"{parts.scheme}://{parts.hostname}"
    try:
        yield where
    except urllib.error.HTTPError as error:
        raise CrawlError(code="message.status", where=where, status=error.code) from error
    except (OSError, HTTPException, ValueError) as error:  # smtplib's errors are OSErrors
        cause = error.reason if isinstance(error, urllib.error.URLError) else type(error).__name__
        raise CrawlError(code="message.unreached", where=where, cause=str(cause)) from None


class RefusedRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirects, so that messages go only to the operator's address."""

    def redirect_request(self, *_: object) -> None:
        """Return no request, so that the redirect is not followed."""


def _refusal(kind: str, answer: bytes) -> str:
    """Return a shortened reason if a chat system's answer refuses the messages; "" if it accepts them.

    Feishu, WeCom and DingTalk answer a wrong key, a missing keyword or too many messages with status 200 and a number
    in the body that is not 0. Any other body counts as accepted: it may be that of a relay.
    """
    number, words = _REFUSALS.get(kind, ("", ""))
    try:
        body = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    is_refusal = isinstance(body, dict) and body.get(number, 0) not in (0, "0")
    return _harmless_line(f"{number} {body[number]}: {body.get(words, '')}"[:_REFUSAL_MAX_CHARS]) if is_refusal else ""


def _json(messages: Sequence[Message]) -> Mapping[str, object]:
    names = ("severity", "over", "en", "zh", "advice")
    rows = [{name: getattr(one, name) for name in names} | {"problems": [one.key]} for one in messages]
    return {"text": messages_text(messages), "messages": rows}


#: Formats by name; ``json`` has all fields, the others are those of chat systems.
FORMATS: Mapping[str, Callable[[Sequence[Message]], Mapping[str, object]]] = {
    "json": _json,
    "slack": lambda messages: {"text": messages_text(messages)},
    "feishu": lambda messages: {"msg_type": "text", "content": {"text": messages_text(messages)}},
    "wecom": lambda messages: {"msgtype": "text", "text": {"content": messages_text(messages)}},
    "dingtalk": lambda messages: {"msgtype": "text", "text": {"content": messages_text(messages)}},
}
#: Fields of an answer with the error number (0: accepted) and the error's text, by format.
_REFUSALS = {"feishu": ("code", "msg"), "wecom": ("errcode", "errmsg"), "dingtalk": ("errcode", "errmsg")}
