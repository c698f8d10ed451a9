"""Sends alerts by mail: news on a place, or on reports with some words, to the addresses in ``alerts.toml``.

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
import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from archive.queries.news import NewsItem, news
from archive.queries.search import search
from archive.queries.where import Where
from archive.sentence_templates import fill
from crawler.errors import CrawlError
from crawler.operations.messages import send_mail
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
        return fill(str(_sentences()[key][self.lang]), values)


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


@cache
def _sentences() -> Mapping[str, Mapping[str, str]]:
    """Return the content of this package's ``alerts.toml``, the sentences of the mail."""
    return tomllib.loads(files("crawler.operations").joinpath("alerts.toml").read_text("utf-8"))
