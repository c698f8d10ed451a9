"""What all families share: templates filled with what is known of a page, pages by number, furniture that changes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from importlib import resources
from string import Template

from imitation.answers import Answer, Ask
from imitation.payload import File
from imitation.records import Column, ImPortal, ImReport, OtherPage

Entry = ImReport | OtherPage
Row = tuple[str, str, datetime | None]  # address, title, printed date
_INDEX = re.compile(r"index_(\d{1,4})\.html")


@dataclass(frozen=True)
class Article:
    """What a detail page shows. ``files``: address and file of each attachment; ``neighbours``: address and title."""

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
    """One page of a column; ``number`` counts from 0."""

    column: Column
    number: int
    pages: int
    total: int
    rows: tuple[Row, ...]


class Family:
    """Addresses and markup of one CMS at one portal; subclasses set the attributes and say how addresses are made."""

    list_template = ""  # "" where there are no list pages
    doc_template = ""
    second_page = 1  # the number in the address of a column's second page
    list_date = "%Y-%m-%d"
    doc_date = "%Y-%m-%d %H:%M"
    meta_date = "%Y-%m-%d %H:%M"
    static = False  # pages carry validators, and nothing on them changes with a request

    def __init__(self, portal: ImPortal) -> None:
        self.portal = portal

    def address(self, entry: Entry) -> str:
        """Address of a detail page: path, with query where the family has one."""
        raise NotImplementedError

    def attachment(self, entry: Entry, file: File) -> str:
        """Path (and query) of an attached file; it changes with the bytes, as uploads do."""
        raise NotImplementedError

    def file_answer(self, ask: Ask, file: File) -> Answer:
        """Send an attached file."""
        del ask
        return Answer(headers=(("Content-Type", file.mime),), body=file.data)

    def row(self, position: int, column: Column, entry: Row) -> str:
        """One item of a list page; ``position`` counts from 1 over the column."""
        raise NotImplementedError

    def otherwise(self, ask: Ask) -> Answer | None:
        """Whatever else the family answers (organ list, empty page); None for a plain 404."""
        del ask
        return None

    def page_number(self, column: Column, ask: Ask) -> int | None:
        """Which page of the column is asked for, from 0; None if the question is for something else."""
        if not self.list_template or not ask.path.startswith(column.path):
            return None
        name = ask.path.removeprefix(column.path)
        found = _INDEX.fullmatch(name)
        if found:
            return int(found[1]) - self.second_page + 1
        return 0 if name in {"", "index.html"} else None

    def listing(self, ask: Ask, shown: ListPage) -> str:
        """Fill in a list page."""
        column, follow = shown.column, shown.number + self.second_page
        first = 1 + shown.number * self.portal.page_size
        return fill(
            self.list_template,
            self.common(ask, column, column.title),
            rows="\n".join(self.row(n, column, entry) for n, entry in enumerate(shown.rows, first)),
            siblings="\n".join(f'<li><a href="{c.path}">{c.title}</a></li>' for c in self._siblings(column)),
            total=str(shown.total),
            index=str(shown.number),
            number=str(shown.number + 1),
            pages=str(shown.pages),
            follow=f'<a href="index_{follow}.html">下一页</a>' if shown.number + 1 < shown.pages else "",
        )

    def article(self, ask: Ask, article: Article) -> str:
        """Fill in a detail page."""
        return fill(self.doc_template, self.common(ask, article.column, article.title, article), **self.fields(article))

    def fields(self, article: Article) -> dict[str, str]:
        """Return what only a detail page has."""
        return {
            "title": escape(article.title),
            "source": escape(article.source),
            "date": day(article.declared, self.doc_date),
            "html": article.html,
            "files": "".join(self.file_link(href, file) for href, file in article.files),
            "index_number": index_number(article),
            "neighbours": "".join(
                f'<p>{label}：<a href="{href}">{escape(title)}</a></p>'
                for label, (href, title) in zip(("上一篇", "下一篇"), article.neighbours, strict=False)
            ),
        }

    def file_link(self, href: str, file: File) -> str:
        """Link an attached file by its name."""
        return f'<p>附件：<a href="{escape(href)}" title="{escape(file.name)}">{escape(file.name)}</a></p>'

    def common(self, ask: Ask, column: Column, title: str, article: Article | None = None) -> dict[str, str]:
        """Return what every page has: metas, breadcrumb, and furniture that is another at every request."""
        hidden = digest(f"{ask.path}{ask.serial}{ask.now.timestamp()}")[:32]
        return {
            "page_title": escape(f"{title}_{self.portal.site_name}"),
            "metas": self._metas(column, article),
            "crumbs": " &gt; ".join(
                f'<a href="{column.path if at else "/"}">{escape(text)}</a>' for at, text in enumerate(column.crumbs)
            ),
            "site": escape(self.portal.site_name),
            "host": column.host,
            "column_path": column.path,
            "column_title": escape(column.title),
            "today": f"今天是{ask.now:%Y}年{ask.now.month}月{ask.now.day}日 星期{'一二三四五六日'[ask.now.weekday()]}",
            "counter": f'浏览次数：<span id="hits">{120 + ask.serial}</span>',
            "token": f'<input type="hidden" name="csrf_token" value="{hidden}">',
        }

    def _siblings(self, column: Column) -> list[Column]:
        return [c for c in self.portal.columns if c.host == column.host and c.agency is None]

    def _metas(self, column: Column, article: Article | None) -> str:
        pairs = {
            "SiteName": self.portal.site_name,
            "SiteDomain": column.host,
            "ColumnName": column.title,
            "ColumnType": "政务公开",
        }
        if article:
            pairs["ArticleTitle"] = article.title
            pairs["PubDate"] = day(article.declared, self.meta_date)
            pairs["ContentSource"] = article.source
        return "\n".join(f'<meta name="{name}" content="{escape(value)}">' for name, value in pairs.items())


@cache
def _template(name: str) -> Template:
    return Template(resources.files("imitation.portals").joinpath("templates", f"{name}.html").read_text("utf-8"))


def fill(template: str, common: Mapping[str, str], **fields: str) -> str:
    """Return a template of ``templates/`` with every place filled; KeyError for one that is not."""
    return _template(template).substitute(common, **fields)


def created(entry: Entry) -> datetime:
    """When the CMS made the entry; it goes into addresses."""
    return entry.created if isinstance(entry, ImReport) else entry.shown_from


def given(entry: Entry) -> str:
    """Return the file name that the scenario gives, "" for none."""
    return entry.path if isinstance(entry, ImReport) else ""


def digest(name: str | bytes) -> str:
    """64 hex digits."""
    return hashlib.sha256(name.encode() if isinstance(name, str) else name).hexdigest()


def serial(entry: Entry, seconds: int) -> int:
    """Return a number that grows with the time of creation, one step every so many seconds, with some scatter."""
    since_2020 = created(entry).timestamp() - 1577808000
    return int(since_2020 / seconds) + int(digest(entry.key)[:2], 16) % 60


def day(moment: datetime | None, form: str = "%Y-%m-%d") -> str:
    """Return a printed date, empty for none."""
    return moment.strftime(form) if moment else ""


def index_number(article: Article) -> str:
    """Return an 索引号 in the usual shape."""
    number = int(digest(article.entry.key)[:6], 16) % 100000
    return f"{int(digest(article.source)[:7], 16):09d}/{created(article.entry).year}-{number:05d}"
