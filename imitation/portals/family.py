"""A content system at one portal: its addresses, list pages and documents, made from its data and templates.

Systems that differ only in data use ``Family`` itself; the others subclass it for what else they do.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from html import escape
from importlib import resources
from string import Template
from typing import Any

from imitation.answers import Ask, ImitatedAnswer
from imitation.payload import File
from imitation.portals.systems import PAGERS, ListPage, systems
from imitation.records import Entry, ImitatedList, ImPortal, ImReport, Row, printed, titled

_SNOWFLAKES = 1288834974657  # start of these ids in milliseconds since 1970
_BUILT = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Article:
    """Contents of a detail page. ``files``: address and file of attachments; ``neighbours``: address and title."""

    entry: Entry
    column: ImitatedList
    title: str
    source: str
    declared: datetime | None
    html: str
    files: tuple[tuple[str, File], ...]
    neighbours: tuple[tuple[str, str], ...]


class Family:
    """One content system at one portal."""

    def __init__(self, portal: ImPortal) -> None:
        self.portal = portal
        self.system = systems()[portal.family]

    def address(self, entry: Entry) -> str:
        """Return the address of a detail page: its path, with a query if the system uses one."""
        parts = self.parts(entry)
        own_path = entry.path if isinstance(entry, ImReport) else ""
        return self.system.address.format(name=own_path or self.system.name.format(**parts), **parts)

    def attachment(self, entry: Entry, file: File) -> str:
        """Return the path (and query) of an attached file; new bytes get a new address, as after an upload."""
        code, page = digest(file.data), self.address(entry)
        six, eight = int(code[:6], 16), int(code[:8], 16)
        return self.system.upload.format(
            file=code, capitals=code.upper(), suffix=file.suffix, file_name=file.name, stem=page.rpartition(".")[0],
            beside=posixpath.dirname(page), digits=int(code[:12], 16) % 10**12, mod97=six % 97, mod99991=six % 99991,
            eight=eight, eight_mod97=eight % 97, **self.parts(entry),
        )  # fmt: skip

    def parts(self, entry: Entry) -> dict[str, Any]:
        """Return the values from which addresses are formatted."""
        created_at, code, column = created(entry), digest(entry.key), self.portal.column(entry.column)
        number = self.system.first_id + serial(entry, self.system.seconds)
        return {
            "column": column.path,
            "folder": posixpath.dirname(column.path),
            "organ": organ_of(column),
            "on": created_at,
            "id": number,
            "thousands": number // 1_000,
            "millions": number // 1_000_000,
            "uuid": uuid.UUID(code[:32]),
            "hex": code[:32],
            "oid": f"{int(created_at.timestamp()):08x}{code[:16]}",
            "snowflake": (int(created_at.timestamp() * 1000 - _SNOWFLAKES) << 22) + int(code[:3], 16),
            "code": entry.agency.code if isinstance(entry, ImReport) else "",
            "year": entry.year if isinstance(entry, ImReport) else created_at.year,
        }

    def file_answer(self, ask: Ask, file: File) -> ImitatedAnswer:
        """Send an attached file."""
        del ask
        return ImitatedAnswer(headers=(("Content-Type", file.mime),), body=file.data)

    def otherwise(self, ask: Ask) -> ImitatedAnswer | None:
        """Return the answer to any other address of the system (organ list, interface), None for a plain 404."""
        del ask
        return None

    # ------------------------------------------------------------------------------------------ lists

    def entries_of(self, column: ImitatedList, now: datetime) -> tuple[Row, ...]:
        """Return address, title and printed date of each entry that a column shows now."""
        entries = self.portal.in_column(column.key, now)
        return tuple((self.address(entry), titled(entry, now), printed(entry, now)) for entry in entries)

    def cut(self, rows: tuple[Row, ...], number: int, size: int | None = None) -> tuple[Row, ...]:
        """Return page ``number`` of the entries, counted from 1."""
        size = size or self.portal.page_size
        return rows[(number - 1) * size : number * size] if number >= 1 else ()

    def page_number(self, column: ImitatedList, ask: Ask) -> int | None:
        """Return the number (from 0) of the list page that a request is for, None if it is for something else."""
        folder, _, file_name = column.path.rpartition("/")
        if not self.system.list_page or not ask.path.startswith(f"{folder}/"):
            return None
        address = ask.path.removeprefix(f"{folder}/")
        if "?" in self.system.further:
            address += "".join(f"?{name}={value}" for name, value in ask.query.items())
        if address in ({file_name} if file_name else {"", "index.html"}):
            return 0
        match = re.fullmatch(re.escape(self.system.further).replace(r"\{number\}", r"(\d{1,4})"), address)
        return int(match[1]) - self.system.second_page + 1 if match else None

    def row(self, position: int, column: ImitatedList, entry: Row) -> str:
        """Return the HTML of one entry of a list page; ``position``: its number in the column, from 1."""
        href, title, date = entry
        fields = {
            "position": position, "href": href, "title": escape(title), "date": day(date, self.system.list_date),
            "near": "./" + posixpath.relpath(href, column.path), "phone_href": href.replace("/post_", "/mpost_"),
        }  # fmt: skip
        entry_fields = {
            name: text.format(**fields) if position % number == remainder else ""
            for name, (number, remainder, text) in self.system.every.items()
        }
        return self.system.item.format(**fields, **entry_fields)

    def listing(self, ask: Ask, page: ListPage) -> str:
        """Return the HTML of a list page."""
        column, first = page.column, 1 + page.number * self.portal.page_size
        siblings = [one for one in self.portal.columns if one.host == column.host and one.agency is None]
        return fill(
            self.system.list_page,
            self.common(ask, column, column.title),
            rows="\n".join(self.row(n, column, entry) for n, entry in enumerate(page.rows, first)),
            siblings="\n".join(f'<li><a href="{one.path}">{one.title}</a></li>' for one in siblings),
            total=str(page.total),
            index=str(page.number),
            number=str(page.number + 1),
            pages=str(page.pages),
            pager=PAGERS[self.system.pager](self.system, page),
        )

    # ------------------------------------------------------------------------------------------ documents

    def article(self, ask: Ask, article: Article) -> str:
        """Return the HTML of a detail page."""
        common = self.common(ask, article.column, article.title, article)
        return fill(self.system.document, common, **self.fields(article))

    def fields(self, article: Article) -> dict[str, str]:
        """Return the template fields that only a detail page has."""
        neighbours = zip(("上一篇", "下一篇"), article.neighbours, strict=False)
        number = int(digest(article.entry.key)[:6], 16) % 100000
        return {
            "title": escape(article.title),
            "source": escape(article.source),
            "date": day(article.declared, self.system.document_date),
            "built": day(self._built(article), _BUILT),
            "html": article.html,
            "files": "".join(self.file_link(article.column, href, file) for href, file in article.files),
            "index_number": f"{int(digest(article.source)[:7], 16):09d}/{created(article.entry).year}-{number:05d}",
            "neighbours": "".join(
                f'<p>{label}：<a href="{href}">{escape(title)}</a></p>' for label, (href, title) in neighbours
            ),
        }

    def file_link(self, column: ImitatedList, href: str, file: File) -> str:
        """Return the HTML of a link to an attached file."""
        near = f"./{posixpath.basename(href)}"
        return self.system.file_link.format(href=escape(href), near=near, name=escape(file.name), host=column.host)

    def common(self, ask: Ask, column: ImitatedList, title: str = "", article: Article | None = None) -> dict[str, str]:
        """Return the template fields of every page: metas, breadcrumb, and furniture that differs in every request."""
        token = digest(f"{ask.path}{ask.serial}{ask.now.timestamp()}")[:32]
        return {
            "page_title": escape(f"{title or column.title}_{self.portal.site_name}"),
            "metas": self._meta_tags(column, article),
            "crumbs": " &gt; ".join(
                f'<a href="{column.path if i else "/"}">{escape(text)}</a>' for i, text in enumerate(column.crumbs)
            ),
            "site": escape(self.portal.site_name),
            "host": column.host,
            "column_path": column.path,
            "column_title": escape(column.title),
            "today": f"今天是{ask.now:%Y}年{ask.now.month}月{ask.now.day}日 星期{'一二三四五六日'[ask.now.weekday()]}",
            "counter": f'浏览次数：<span id="hits">{120 + ask.serial}</span>',
            "token": f'<input type="hidden" name="csrf_token" value="{token}">',
        }

    def _meta_tags(self, column: ImitatedList, article: Article | None) -> str:
        pairs = {
            "SiteName": self.portal.site_name,
            "SiteDomain": column.host,
            "ColumnName": column.title,
            "ColumnType": "政务公开",
        }
        if article:
            pairs["ArticleTitle"] = article.title
            pairs["PubDate"] = day(self._built(article), _BUILT) or day(article.declared, self.system.meta_date)
            pairs["ContentSource"] = article.source
        return "\n".join(f'<meta name="{name}" content="{escape(value)}">' for name, value in pairs.items())

    def _built(self, article: Article) -> datetime | None:
        """Return when the page was built, None if the system does not say it."""
        days = self.system.built_days
        return created(article.entry) + timedelta(days=days) if days else None

    # ------------------------------------------------------------------------------------------ interfaces

    def columns_of(self, ask: Ask) -> list[ImitatedList]:
        """Return the columns of the requested host; names with and without ``www.`` are the same."""
        columns = [column for column in self.portal.columns if column.host == ask.host]
        return columns or [column for column in self.portal.columns if column.host == self.portal.hosts[0]]


@cache
def _template(name: str) -> Template:
    return Template(resources.files("imitation.portals").joinpath("templates", f"{name}.html").read_text("utf-8"))


def fill(template: str, common: Mapping[str, str], **fields: str) -> str:
    """Return a template of ``templates/`` with all its fields filled in; KeyError if one is missing."""
    return _template(template).substitute(common, **fields)


def created(entry: Entry) -> datetime:
    """Return when the CMS created the entry; addresses contain it."""
    return entry.created if isinstance(entry, ImReport) else entry.shown_from


def organ_of(column: ImitatedList) -> str:
    """Return the organ in a column's path: the part before ``/gkmlpt``, or else the last part."""
    before, marker, _ = column.path.partition("/gkmlpt")
    return before if marker else column.path.rstrip("/").rpartition("/")[2]


def digest(name: str | bytes) -> str:
    """Return the SHA-256 of a name as 64 hex digits."""
    return hashlib.sha256(name.encode() if isinstance(name, str) else name).hexdigest()


def serial(entry: Entry, seconds: int) -> int:
    """Return a number that grows by one every ``seconds`` of creation time, with some scatter."""
    since_2020 = created(entry).timestamp() - 1577808000
    return int(since_2020 / seconds) + int(digest(entry.key)[:2], 16) % 60


def day(moment: datetime | None, form: str = "%Y-%m-%d") -> str:
    """Return a formatted date, "" for None."""
    return moment.strftime(form) if moment else ""


def as_json(value: object) -> ImitatedAnswer:
    """Return a JSON answer."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return ImitatedAnswer(headers=(("Content-Type", "application/json;charset=UTF-8"),), body=body)


def in_script(value: object) -> str:
    """Return JSON as servers write it into scripts: with ``<``, ``>`` and ``&`` escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026")


def counted(text: str | None, default: int = 1) -> int:
    """Return a number from a query, else the default."""
    return int(text) if text and text.isascii() and text.isdigit() else default
