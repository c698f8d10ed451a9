"""Sends what people want to know: each problem to the operator, when it begins and when it is over; and by mail news on
a place, or on reports with some words, to the addresses in ``alerts.toml``.

The operator writes that file into the archive's folder; ``nianbao up`` sends each alert at most once a day, through the
mail server of the setting ``webhook_url``::

    [[alert]]
    to = "desk@example.org"
    place = "汶上县"       # as on the pages; without it: all places
    words = "行政复议"     # without it: all reports
    lang = "zh"
"""

from __future__ import annotations

import hashlib
import logging
import threading
import tomllib
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from archive.queries.news import NewsItem, news
from archive.queries.search import search
from archive.queries.where import Where
from archive.sentence_templates import fill
from crawler.errors import CrawlError
from crawler.operations.health import Problem, gather, problems, settings
from crawler.operations.messages import Message, send, send_mail
from storage.errors import DiskError, StorageError
from storage.home import Home
from storage.operator_records import Alarms
from storage.records import Alarm

FILE = "alerts.toml"
SENT = "told"  #: the event of the record that says when an alert was last sent, or had no news
_PAUSE = timedelta(days=1)
_MAX_ITEMS = 100  # in one mail
_MAX_HITS = 1_000  # reports with the words of an alert


class Alert(BaseModel):
    """An entry of ``alerts.toml``: what one address wants to know."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: str = Field(pattern=r"^[^@\s,]+@[^@\s,]+$")
    place: str | None = None
    words: str = ""
    lang: Literal["zh", "en"] = "zh"

    @property
    def key(self) -> str:
        """The name of this alert in the archive's records: a hash, so that they do not contain the address."""
        return f"alert/{hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]}"

    def says(self, key: str, **values: object) -> str:
        """Return a sentence of the mail in the alert's language."""
        sentences = tomllib.loads(files("crawler.operations").joinpath("alerts.toml").read_text("utf-8"))
        return fill(str(sentences[key][self.lang]), values)


def read_alerts(home: Home) -> tuple[Alert, ...]:
    """Return the alerts of an archive; none without the file. Raises CrawlError if the file is invalid."""
    path = home.path / FILE
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("alert", [])
        return tuple(map(Alert.model_validate, entries))
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError, TypeError) as error:
        cause = " ".join(str(error).split())
        raise CrawlError(f"{path} cannot be used: {cause}", code="alerts.unusable", path=path, cause=cause) from error


def send_alerts(home: Home) -> int:
    """Send every alert that is due (once a day, if there is news), and return the number of mails.

    Raises CrawlError for an invalid file, MessageError if a mail could not be sent; the next call sends it again.
    """
    alerts = read_alerts(home)
    alarms, now, count = Alarms(home), home.clock.now(), 0
    last = {one.key: one.at for one in (alarms.all() if alerts else ()) if one.event == SENT}
    for alert in alerts:
        since = last.get(alert.key)
        if since is not None and now - since < _PAUSE:
            continue
        if not home.config.webhook_url.startswith("mailto"):
            message = f"{FILE} needs a mail server: set webhook_url = mailtos://…"
            raise CrawlError(message, code="alerts.no_mail", file=FILE)
        items = [] if since is None else _items(home, alert, news(home, Where(place=alert.place), since=since).items)
        if items or since is None:
            send_mail(home.config.webhook_url, alert.to, *_mail(home, alert, items))
            count += 1
        alarms.add([Alarm(key=alert.key, event=SENT, at=now, text=f"{len(items)}")])
    return count


def _items(home: Home, alert: Alert, items: Sequence[NewsItem]) -> list[NewsItem]:
    """Return the news that an alert wants: all, or only those on reports that contain its words."""
    if not alert.words or not items:
        return [*items]
    hits = search(home, alert.words, Where(place=alert.place), all_editions=True, limit=_MAX_HITS, most_snippets=0).hits
    reports = {(hit.agency.id, hit.year) for hit in hits}
    return [one for one in items if (one.agency.id, one.year) in reports]


def _mail(home: Home, alert: Alert, items: Sequence[NewsItem]) -> tuple[str, str]:
    """Return the subject and text of a mail."""
    about = " ".join(filter(None, (alert.place, alert.words))) or alert.says("all")
    if not items:
        head = alert.says("begun", about=about)
        return head, f"{head}\n\n{alert.says('end')}\n"
    head = alert.says("news", about=about, count=len(items))
    lines = [line for one in items[:_MAX_ITEMS] for line in _lines(home, alert, one)]
    if (more := len(items) - _MAX_ITEMS) > 0:
        lines.append(alert.says("more", count=more))
    return head, "\n".join([head, "", *lines, "", alert.says("end"), ""])


def _lines(home: Home, alert: Alert, item: NewsItem) -> list[str]:
    """Return the lines of the mail for an item: its sentence, and its page if the archive has a public address."""
    sentence = item.zh if alert.lang == "zh" else item.en
    site = home.config.public_url.rstrip("/")
    page = f"  {site}/{alert.lang}/duty/{quote(item.agency.id)}/{item.year}"
    return [f"* {item.agency.place} · {sentence}", *([page] if site else [])]


# ------------------------------------------------------------------------------------------------ problems

TOLD, TOLD_OVER = "told", "told_over"
WATCH_PAUSE = 300.0  # seconds
Tell = Callable[[str, str, str], None]
log = logging.getLogger(__name__)


def due_messages(alarms: Iterable[Alarm], found: Sequence[Problem], before: Collection[str]) -> list[Message]:
    """Return the messages to send now: first on problems that began, then on those that are over. Pure.

    ``found``: the problems now; ``before``: keys of those found by the check before. A message on a new problem is due
    only if both checks found it, so that brief problems send none.
    """
    last = {one.key: one for one in alarms if one.event in {TOLD, TOLD_OVER}}
    known = {
        key: one.text
        for key, one in last.items()
        if one.event == TOLD and key.partition("/")[0] in settings()["problem"]
    }
    begun = [
        Message(key=one.key, severity=one.severity, en=one.sentence("en"), zh=one.sentence("zh"), advice=one.advice())
        for one in found
        if one.key in before and one.key not in known
    ]
    present = {*before, *(one.key for one in found)}
    return [*begun, *(_over_message(key, text) for key, text in known.items() if key not in present)]


def _over_message(key: str, text: str) -> Message:
    code, _, portal = key.partition("/")
    what = str(settings()["problem"][code]["zh"]).replace("{place}（{portal}）", portal).partition("：")[0]
    return Message(key=key, severity="info", en=f"over: {text}", zh=f"已恢复：{what}", over=True)


def look_over(
    home: Home, tell: Tell, before: Collection[str] | None = None, unwritten: list[Alarm] | None = None,
    damage: str = "",
) -> set[str]:  # fmt: skip
    """Check the archive's health once, send the messages that are due, and return the keys of the problems.

    A message that cannot be sent is not recorded, and so is sent the next time. ``before``: keys of the problems found
    by the last check; None: send all at once. ``unwritten``: records that a full disk did not take, kept here so that
    their messages are not sent twice; ``damage``: what the last check of the database found.
    """
    unwritten = unwritten if unwritten is not None else []
    now, alarms, config = home.clock.now(), Alarms(home), home.config
    found = problems(gather(home, damage))
    keys = {problem.key for problem in found}
    due = due_messages([*alarms.all(), *unwritten], found, keys if before is None else before)
    if due and config.webhook_url:
        send(config.webhook_url, config.webhook_format, due)
    for one in due:
        tell("health", one.en, one.severity)
    unwritten += [Alarm(key=one.key, event=TOLD_OVER if one.over else TOLD, at=now, text=one.en) for one in due]
    with suppress(DiskError):  # the message was sent; it is recorded later, when the disk has room
        alarms.add(unwritten)
        unwritten.clear()
    return keys


def watch(home: Home, tell: Tell, stop: threading.Event) -> None:
    """Check the archive's health, and send alerts, every five minutes until ``stop`` is set."""
    unwritten: list[Alarm] = []
    before: set[str] = set()
    checked: datetime | None = None  # when the database was last checked; ``damage``: what was found
    damage, check_pause = "", timedelta(days=settings()["limits"]["check_days"])
    while True:
        try:
            if checked is None or home.clock.now() - checked >= check_pause:
                checked, damage = home.clock.now(), home.truth.damage(thorough=True)
                if damage:  # at once, as a damaged database may not record the alarm
                    tell("archive", f"the database is damaged ({damage}); see nianbao doctor", "error")
            before = look_over(home, tell, before, unwritten, damage)
            if sent := send_alerts(home):
                tell("alerts", f"{sent} sent by mail", "info")
        except Exception as error:  # the next check may succeed, and crawls do not depend on this thread
            if stop.is_set():  # the archive may have been closed meanwhile
                return
            if isinstance(error, CrawlError | StorageError):
                tell("health", str(error), "warning")
            else:
                log.exception("health could not be judged")
        if stop.wait(WATCH_PAUSE):
            return
