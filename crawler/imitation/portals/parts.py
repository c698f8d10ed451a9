"""Pieces of markup that several families share: metas, breadcrumb, 索引号 table, what changes with every request."""

from __future__ import annotations

import hashlib
from datetime import datetime
from html import escape

from crawler.imitation.answers import Ask
from crawler.imitation.portals.site import Article, Entry
from crawler.imitation.scenario import Column, ImPortal, ImReport

WEEKDAYS = "一二三四五六日"


def oid(moment: datetime, name: str) -> str:
    """Return a Mongo ObjectId: eight hex digits of creation time, sixteen of the name."""
    return f"{int(moment.timestamp()):08x}{digest(name)[:16]}"


def digest(name: str | bytes) -> str:
    """64 hex digits."""
    return hashlib.sha256(name.encode() if isinstance(name, str) else name).hexdigest()


def day(moment: datetime | None, form: str = "%Y-%m-%d") -> str:
    """Return a printed date, empty for none."""
    return moment.strftime(form) if moment else ""


def created(entry: Entry) -> datetime:
    """When the CMS made the entry (it goes into addresses)."""
    return entry.created if isinstance(entry, ImReport) else entry.shown_from


def metas(portal: ImPortal, column: Column, article: Article | None = None, *, pubdate: str = "%Y-%m-%d %H:%M") -> str:
    """Return the meta block that government sites carry."""
    pairs = [
        ("SiteName", portal.site_name),
        ("SiteDomain", column.host),
        ("ColumnName", column.title),
        ("ColumnType", "政务公开"),
    ]
    if article:
        pairs += [
            ("ArticleTitle", article.title),
            ("PubDate", day(article.declared, pubdate)),
            ("ContentSource", article.source),
        ]
    return "\n".join(f'<meta name="{name}" content="{escape(value)}">' for name, value in pairs)


def crumbs(column: Column, joint: str = " &gt; ") -> str:
    """首页 > 政务公开 > …"""
    return joint.join(
        f'<a href="{column.path if i else "/"}">{escape(text)}</a>' for i, text in enumerate(column.crumbs)
    )


def index_number(article: Article) -> str:
    """Return an 索引号 in the usual shape."""
    year = created(article.entry).year
    return f"{int(digest(article.source)[:8], 16):09d}/{year}-{int(digest(article.entry.key)[:6], 16) % 100000:05d}"


def today(now: datetime) -> str:
    """Return the line on top of the page."""
    return f"今天是{now.year}年{now.month}月{now.day}日 星期{WEEKDAYS[now.weekday()]}"


def counter(ask: Ask) -> str:
    """Return a visit counter: another number at every request."""
    return f'浏览次数：<span id="hits">{120 + ask.serial}</span>'


def token(ask: Ask) -> str:
    """Return a form token: another one at every request."""
    return (
        f'<input type="hidden" name="csrf_token" value="{digest(f"{ask.path}{ask.serial}{ask.now.timestamp()}")[:32]}">'
    )


def neighbours(article: Article) -> str:
    """上一篇 / 下一篇."""
    labels = ("上一篇", "下一篇") if len(article.neighbours) == 2 else ("相关",)
    pairs = zip(labels, article.neighbours, strict=False)
    return "".join(f'<p>{label}：<a href="{href}">{escape(title)}</a></p>' for label, (href, title) in pairs)


def attachments(article: Article) -> str:
    """Plain links to the attached files, as paragraphs."""
    return "".join(
        f'<p>附件：<a href="{escape(href)}" title="{escape(f.name)}">{escape(f.name)}</a></p>'
        for href, f in article.files
    )
