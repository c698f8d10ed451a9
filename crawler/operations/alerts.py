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
from crawler.operations.due_crawls import Plan
from crawler.operations.health import gather, problems, settings
from crawler.operations.messages import Message, send, send_mail
from storage.errors import CodedError, DiskError
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
        raise CrawlError(code="alerts.unusable", path=path, cause=cause) from error


def send_alerts(home: Home) -> int:
    """Send every alert that is due (once a day if there is news; first that it begins); return the number of mails.
    Raises CrawlError for an invalid file, or if a mail could not be sent; the next call sends it again.
    """
    alerts = read_alerts(home)
    alarms, now, count = Alarms(home), home.clock.now(), 0
    last = {one.key: one.at for one in (alarms.all() if alerts else ()) if one.event == SENT}
    for alert in alerts:
        since = last.get(alert.key)
        if since is not None and now - since < _PAUSE:
            continue
        if not home.config.webhook_url.startswith("mailto"):
            raise CrawlError(code="alerts.no_mail", file=FILE)
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
    """Return the subject and text of a mail; without items it says that the alert has begun."""
    about = " ".join(filter(None, (alert.place, alert.words))) or alert.says("all")
    head = alert.says("news" if items else "begun", about=about, count=len(items))
    lines = [_line(home, alert, one) for one in items[:_MAX_ITEMS]]
    if (more := len(items) - _MAX_ITEMS) > 0:
        lines.append(alert.says("more", count=more))
    return head, "\n".join([head, "", *lines, *([""] if lines else []), alert.says("end"), ""])


def _line(home: Home, alert: Alert, item: NewsItem) -> str:
    """Return an item's sentence, and below it the address of its page if the archive has a public address."""
    sentence = f"* {item.agency.place} · {item.zh if alert.lang == 'zh' else item.en}"
    site = home.config.public_url.rstrip("/")
    return f"{sentence}\n  {site}/{alert.lang}/duty/{quote(item.agency.id)}/{item.year}" if site else sentence


# ------------------------------------------------------------------------------------------------ problems

TOLD, TOLD_OVER = "told", "told_over"
WATCH_PAUSE = 300.0  # seconds
Tell = Callable[[str, str, str], None]
log = logging.getLogger(__name__)


class HealthWatch:
    """Sends each problem of an archive when it begins and when it is over, to the receiver of messages and to ``tell``.

    A problem counts as begun or over if two checks in a row agree, so that brief problems send nothing. What cannot be
    sent is not recorded, and so is sent the next time.
    """

    def __init__(self, home: Home, tell: Tell, rule: Plan | None = None) -> None:
        self.home, self.tell, self.rule = home, tell, rule
        self._before: Collection[str] = ()  # keys of the problems that the last check found
        self._unwritten: list[Alarm] = []  # kept until the disk takes them, so that nothing is sent twice

    def check(self, damage: str = "") -> None:
        """Send what began or is over by this check and the one before. ``damage``: of the database ("": none found)."""
        config, alarms = self.home.config, Alarms(self.home)
        current = {one.key: one for one in problems(gather(self.home, damage, self.rule))}
        before, self._before = self._before, current.keys()
        reported = _known_problems([*alarms.all(), *self._unwritten])
        due = [one.message() for key, one in current.items() if key in before and key not in reported]
        due += [_over_message(key, text) for key, text in reported.items() if key not in current and key not in before]
        if due and config.webhook_url:
            send(config.webhook_url, config.webhook_format, due)
        now = self.home.clock.now()
        for one in due:
            self.tell("health", one.en, one.severity)
            self._unwritten.append(Alarm(key=one.key, event=TOLD_OVER if one.over else TOLD, at=now, text=one.en))
        with suppress(DiskError):
            alarms.add(self._unwritten)
            self._unwritten.clear()


def _known_problems(alarms: Iterable[Alarm]) -> dict[str, str]:
    """Return the key of each problem that was sent and is not over, with the sentence sent."""
    last = {one.key: one for one in alarms if one.event in {TOLD, TOLD_OVER}}
    codes = settings()["problem"]
    return {key: one.text for key, one in last.items() if one.event == TOLD and key.partition("/")[0] in codes}


def _over_message(key: str, text: str) -> Message:
    code, _, portal = key.partition("/")
    what = str(settings()["problem"][code]["zh"]).replace("{place}（{portal}）", portal).partition("：")[0]
    return Message(key=key, severity="info", en=f"over: {text}", zh=f"已恢复：{what}", over=True)


def watch(home: Home, tell: Tell, stop: threading.Event) -> None:
    """Check the archive's health, and send alerts, every five minutes until ``stop`` is set; tell what failed."""
    health = HealthWatch(home, tell)
    checked: datetime | None = None  # when the database was last checked; ``damage``: what was found
    damage, check_pause = "", timedelta(days=settings()["limits"]["check_days"])
    while True:
        try:
            if checked is None or home.clock.now() - checked >= check_pause:
                checked, damage = home.clock.now(), home.truth.damage(thorough=True)
                if damage:  # at once, as a damaged database may not record the alarm
                    tell("archive", f"the database is damaged ({damage}); see nianbao doctor", "error")
            health.check(damage)
            if count := send_alerts(home):
                tell("alerts", f"{count} sent by mail", "info")
        except Exception as error:  # the next check may succeed, and crawls do not depend on this thread
            if stop.is_set():  # the archive may have been closed meanwhile
                return
            if isinstance(error, CodedError):
                tell("health", str(error), "warning")
            else:
                log.exception("health could not be judged")
        if stop.wait(WATCH_PAUSE):
            return
