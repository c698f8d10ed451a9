"""One imitation portal as a function from request to answer: what each address shows at an instant.

The families know addresses and markup; this module knows when something is shown.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from imitation.answers import Ask, ImitatedAnswer, conditional, not_found, page, soft_404
from imitation.payload import Payload, encode, of_other, of_report
from imitation.portals.family import Article, Family
from imitation.portals.systems import ListPage
from imitation.records import Entry, ImitatedList, ImPortal, ImReport, printed, titled

_INLINE = frozenset({"html", "word_html", "gbk_html", "broken_gbk", "no_tables", "soft_404"})  # kinds without files


class Site:
    """An imitation portal. Stateless except for its index of addresses."""

    def __init__(self, portal: ImPortal, family: Family, robots: str | None = None) -> None:
        self.portal, self.family, self.robots = portal, family, robots
        entries: tuple[Entry, ...] = (*portal.reports, *portal.others)
        self.entries: dict[tuple[str, str], Entry] = {
            (portal.column(entry.column).host, canonical(family.address(entry))): entry for entry in entries
        }

    def url(self, entry: Entry) -> str:
        """Return the full address of a report or other page."""
        return self._base(entry.column) + self.family.address(entry)

    def column_url(self, key: str) -> str:
        """Return the full address of a column."""
        return self._base(key) + self.portal.column(key).path

    def _base(self, column: str) -> str:
        return f"{self.portal.scheme}://{self.portal.column(column).host}"

    def answer(self, ask: Ask) -> ImitatedAnswer:
        """Return the portal's answer to a request."""
        if ask.path == "/robots.txt":
            return not_found() if self.robots is None else _plain(self.robots)
        host = self._owning_host(ask.host)
        if ask.path == "/":
            return page(self._home_page(host))
        for column in self.portal.columns:
            number = self.family.page_number(column, ask) if column.host == host else None
            if number is not None:
                return self._list_answer(column, number, ask) or not_found()
        return self._page(host, ask) or self._file_answer(host, ask) or self.family.otherwise(ask) or not_found()

    def _owning_host(self, host: str) -> str:
        """Return the host whose site answers: ``www.`` and bare names are one site, sub-domains are not."""
        return host if host in {column.host for column in self.portal.columns} else self.portal.hosts[0]

    def _home_page(self, host: str) -> str:
        columns = [c for c in self.portal.columns if c.host == host]
        links = "".join(f'<li><a href="{c.path}">{c.title}</a></li>' for c in columns)
        name = self.portal.site_name
        return (
            f'<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="SiteName" content="{name}">'
            f"<title>{name}</title></head><body><h1>{name}</h1>"
            f'<div class="zwgk"><h2>政府信息公开</h2><ul>{links}</ul></div></body></html>'
        )

    def _list_answer(self, column: ImitatedList, number: int, ask: Ask) -> ImitatedAnswer | None:
        entries, size = self.portal.in_column(column.key, ask.now), self.portal.page_size
        pages = max(1, -(-len(entries) // size))
        if number < 0 or number >= pages:
            return None
        rows = self.family.cut(self.family.entries_of(column, ask.now), number + 1)
        answer = page(self.family.listing(ask, ListPage(column, number, pages, len(entries), rows)))
        if not self.family.system.static or not entries:
            return answer
        return conditional(answer, ask, _etag(answer.body), max(changed(e, ask.now) for e in entries))

    def _page(self, host: str, ask: Ask) -> ImitatedAnswer | None:
        """Return the detail page at an address, None if there is none at this instant."""
        entry, now = self.entries.get((host, _address_of(ask))), ask.now
        if entry is None or not entry.is_shown(now):
            return None
        payload = _payload(entry, now)
        if payload.is_error:
            return soft_404(self.portal.site_name)
        article = Article(
            entry=entry,
            column=self.portal.column(entry.column),
            title=titled(entry, now),
            source=entry.agency.name if isinstance(entry, ImReport) else self.portal.site_name,
            declared=printed(entry, now),
            html=payload.html,
            files=tuple((self.family.attachment(entry, file), file) for file in payload.files),
            neighbours=self._neighbours(entry, now),
        )
        body, charset = encode(self.family.article(ask, article), payload)
        answer = page(body, charset=charset)
        return conditional(answer, ask, _etag(body), changed(entry, now)) if self.family.system.static else answer

    def _neighbours(self, entry: Entry, now: datetime) -> tuple[tuple[str, str], ...]:
        """Return the previous and next entry of the column: page furniture that names other agencies and changes."""
        entries = self.portal.in_column(entry.column, now)
        index = entries.index(entry)
        neighbours = [entries[i] for i in (index - 1, index + 1) if 0 <= i < len(entries)]
        return tuple((self.family.address(e), titled(e, now)) for e in neighbours)

    def _file_answer(self, host: str, ask: Ask) -> ImitatedAnswer | None:
        address = _address_of(ask)
        for report in self.portal.reports:
            if report.kind in _INLINE or not report.is_shown(ask.now) or self.portal.column(report.column).host != host:
                continue
            version = report.version(ask.now)
            for file in of_report(report, version).files:
                if canonical(self.family.attachment(report, file)) == address:
                    answer = self.family.file_answer(ask, file)
                    return conditional(answer, ask, _etag(file.data), version.at)
        return None


def changed(entry: Entry, now: datetime) -> datetime:
    """Return when the content shown at an instant was published, for Last-Modified."""
    return entry.version(now).at if isinstance(entry, ImReport) else entry.shown_from


def canonical(address: str) -> str:
    """Return an address with its query sorted by name, for look-ups."""
    path, _, query = address.partition("?")
    return f"{path}?{'&'.join(sorted(query.split('&')))}"


def _address_of(ask: Ask) -> str:
    return canonical(f"{ask.path}?{'&'.join(f'{k}={v}' for k, v in ask.query.items())}")


def _payload(entry: Entry, now: datetime) -> Payload:
    return of_report(entry, entry.version(now)) if isinstance(entry, ImReport) else of_other(entry)


def _plain(text: str) -> ImitatedAnswer:
    return ImitatedAnswer(headers=(("Content-Type", "text/plain"),), body=text.encode())


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'
