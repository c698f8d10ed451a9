"""One imitation portal as a function from a question to an answer: which address shows what at this instant.

The families (the other modules here) know the addresses and the markup; this module knows when what is shown.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crawler.imitation.answers import Answer, Ask, conditional, not_found, page
from crawler.imitation.payload import File, Payload, encode, of_other, of_report
from crawler.imitation.scenario import Column, ImPortal, ImReport, OtherPage, printed

Entry = ImReport | OtherPage


@dataclass(frozen=True)
class Article:
    """What a detail page shows. ``files``: address and file of each attachment."""

    entry: Entry
    column: Column
    title: str
    source: str
    declared: datetime | None
    html: str
    files: tuple[tuple[str, File], ...]
    neighbours: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ListPage:
    """One page of a column; ``number`` counts from 0; ``rows``: address, title, printed date."""

    column: Column
    number: int
    pages: int
    total: int
    rows: tuple[tuple[str, str, datetime | None], ...]


class Family(Protocol):
    """The markup and addresses of one CMS."""

    static: bool  # pages carry validators and no furniture that changes with every request

    def address(self, column: Column, entry: Entry) -> str:
        """Address of a detail page: path, with query where the family has one."""

    def attachment(self, column: Column, entry: Entry, file: File) -> str:
        """Path (and query) of an attached file; changes with its bytes, as uploads do."""

    def page_number(self, column: Column, ask: Ask) -> int | None:
        """Which page of the column the question is for, from 0; None if it is for something else."""

    def listing(self, portal: ImPortal, ask: Ask, shown: ListPage) -> str:
        """Return a list page."""

    def article(self, portal: ImPortal, ask: Ask, article: Article) -> str:
        """Return a detail page."""

    def otherwise(self, portal: ImPortal, ask: Ask) -> Answer | None:
        """Anything else that the family answers (organ list, soft 404); None for a plain 404."""


class Site:
    """An imitation portal at work. Stateless but for its index of addresses."""

    def __init__(self, portal: ImPortal, family: Family, robots: str | None = None) -> None:
        self.portal, self.family, self.robots = portal, family, robots
        self.entries: dict[tuple[str, str], Entry] = {}
        entries: tuple[Entry, ...] = (*portal.reports, *portal.others)
        for entry in entries:
            column = portal.column(entry.column)
            self.entries[column.host, canonical(family.address(column, entry))] = entry

    def url(self, entry: Entry) -> str:
        """Full address of a report or other page."""
        column = self.portal.column(entry.column)
        return f"{self.portal.scheme}://{column.host}{self.family.address(column, entry)}"

    def column_url(self, key: str) -> str:
        """Full address of a column."""
        column = self.portal.column(key)
        return f"{self.portal.scheme}://{column.host}{column.path}"

    def file_urls(self, report: ImReport, now: datetime) -> tuple[str, ...]:
        """Full addresses of the attachments of a report as it stands at an instant."""
        column = self.portal.column(report.column)
        files = of_report(report, report.version(now)).files
        return tuple(f"{self.portal.scheme}://{column.host}{self.family.attachment(column, report, f)}" for f in files)

    def answer(self, ask: Ask) -> Answer:
        """Return what the portal says."""
        if ask.path == "/robots.txt":
            return (
                not_found()
                if self.robots is None
                else Answer(headers=(("Content-Type", "text/plain"),), body=self.robots.encode())
            )
        if ask.path == "/":
            return page(self._home(ask.host))
        for column in self.portal.columns:
            if column.host == _main(self.portal, ask.host):
                number = self.family.page_number(column, ask)
                if number is not None:
                    return self._listing(column, number, ask)
        return self._detail(ask) or self._file(ask) or self.family.otherwise(self.portal, ask) or not_found()

    def _home(self, host: str) -> str:
        links = "".join(
            f'<li><a href="{c.path}">{c.title}</a></li>'
            for c in self.portal.columns
            if c.host == _main(self.portal, host)
        )
        return (
            f'<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="SiteName" content="{self.portal.site_name}">'
            f"<title>{self.portal.site_name}</title></head><body><h1>{self.portal.site_name}</h1>"
            f'<div class="zwgk"><h2>政府信息公开</h2><ul>{links}</ul></div></body></html>'
        )

    def _listing(self, column: Column, number: int, ask: Ask) -> Answer:
        shown = self.portal.in_column(column.key, ask.now)
        size = self.portal.page_size
        pages = max(1, -(-len(shown) // size))
        if number >= pages:
            return self.family.otherwise(self.portal, ask) or not_found()
        rows = tuple(
            (self.family.address(column, e), title_of(e, ask.now), printed(e, ask.now))
            for e in shown[number * size : (number + 1) * size]
        )
        text = self.family.listing(self.portal, ask, ListPage(column, number, pages, len(shown), rows))
        answer = page(text)
        return conditional(answer, ask, _etag(answer.body), _newest(shown, ask.now)) if self.family.static else answer

    def _detail(self, ask: Ask) -> Answer | None:
        host = _main(self.portal, ask.host)
        entry = self.entries.get((host, _asked(ask)))
        if entry is None or not entry.shown(ask.now):
            return None
        payload = _payload(entry, ask.now)
        if payload.gone:
            return page(SOFT_404.format(site=self.portal.site_name))
        column = self.portal.column(entry.column)
        article = Article(
            entry, column, title_of(entry, ask.now),
            entry.agency.name if isinstance(entry, ImReport) else self.portal.site_name,
            printed(entry, ask.now), payload.html,
            tuple((self.family.attachment(column, entry, f), f) for f in payload.files),
            self._neighbours(entry, ask.now),
        )  # fmt: skip
        body, charset = encode(self.family.article(self.portal, ask, article), payload)
        answer = page(body, charset=charset)
        if not self.family.static:
            return answer
        return conditional(
            answer,
            ask,
            _etag(answer.body),
            entry.version(ask.now).at if isinstance(entry, ImReport) else entry.shown_from,
        )

    def _neighbours(self, entry: Entry, now: datetime) -> tuple[tuple[str, str], ...]:
        """Previous and next entry of the column: furniture that names other agencies and changes with time."""
        shown = self.portal.in_column(entry.column, now)
        at, column = shown.index(entry), self.portal.column(entry.column)
        near = [shown[i] for i in (at - 1, at + 1) if 0 <= i < len(shown)]
        return tuple((self.family.address(column, e), title_of(e, now)) for e in near)

    def _file(self, ask: Ask) -> Answer | None:
        host, asked = _main(self.portal, ask.host), _asked(ask)
        for report in self.portal.reports:
            if report.kind in {"html", "word_html"} or not report.shown(ask.now):
                continue
            column = self.portal.column(report.column)
            version = report.version(ask.now)
            for file in of_report(report, version).files:
                if column.host == host and canonical(self.family.attachment(column, report, file)) == asked:
                    headers = (("Content-Type", file.mime), ("Accept-Ranges", "none"))
                    return conditional(Answer(headers=headers, body=file.data), ask, _etag(file.data), version.at)
        return None


SOFT_404 = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><title>{site}</title></head><body><div class="error">'
    '<h2>抱歉，您访问的页面不存在或已被删除</h2><p>页面将在5秒后返回<a href="/">首页</a></p></div></body></html>'
)


def title_of(entry: Entry, now: datetime) -> str:
    """Return the printed title at an instant."""
    return entry.version(now).title if isinstance(entry, ImReport) else entry.title


def _payload(entry: Entry, now: datetime) -> Payload:
    return of_report(entry, entry.version(now)) if isinstance(entry, ImReport) else of_other(entry)


def _main(portal: ImPortal, host: str) -> str:
    """``www.`` and bare names of one portal are the same site; sub-domains of departments are not."""
    owners = {column.host for column in portal.columns}
    return host if host in owners else portal.hosts[0]


def canonical(address: str) -> str:
    """Return an address with its query in the order of names, for look-ups."""
    path, _, query = address.partition("?")
    return f"{path}?{'&'.join(sorted(query.split('&')))}"


def _asked(ask: Ask) -> str:
    return canonical(f"{ask.path}?{'&'.join(f'{k}={v}' for k, v in ask.query.items())}")


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'


def _newest(shown: list[Entry], now: datetime) -> datetime:
    instants = [e.version(now).at if isinstance(e, ImReport) else e.shown_from for e in shown]
    return max(instants)
