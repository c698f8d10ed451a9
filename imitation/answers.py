"""Requests to an imitation portal and its answers, without sockets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A request as a portal sees it. ``path`` is not decoded; ``query`` and ``form`` (of a POST) are decoded.

    ``serial``: the request's number since the start.
    """

    host: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    now: datetime
    serial: int = 0
    form: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class ImitatedAnswer:
    """A response: the whole body as sent, and headers without Date and Content-Length, which the server adds."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def page(
    body: str | bytes, *, status: int = 200, charset: str = "utf-8", extra: tuple[tuple[str, str], ...] = ()
) -> ImitatedAnswer:
    """Return an HTML answer."""
    data = body if isinstance(body, bytes) else body.encode(charset, "xmlcharrefreplace")
    return ImitatedAnswer(status=status, headers=(("Content-Type", f"text/html;charset={charset}"), *extra), body=data)


def not_found() -> ImitatedAnswer:
    """Return a 404 answer like that of a plain web server."""
    return page("<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>", status=404)


def soft_404(site: str) -> ImitatedAnswer:
    """Return an error page with status 200."""
    return page(
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{site}</title></head><body><div class="error">'
        '<h2>抱歉，您访问的页面不存在或已被删除</h2><p>页面将在5秒后返回<a href="/">首页</a></p></div></body></html>'
    )


def redirect(location: str) -> ImitatedAnswer:
    """Return a redirect to ``location``."""
    return ImitatedAnswer(status=302, headers=(("Location", location), ("Content-Type", "text/html")), body=b"moved")


def http_date(moment: datetime) -> str:
    """Return an instant in HTTP's format."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def conditional(answer: ImitatedAnswer, ask: Ask, etag: str, modified: datetime) -> ImitatedAnswer:
    """Return the answer with validators added, or a 304 if the request has the same ones."""
    validators = (("ETag", etag), ("Last-Modified", http_date(modified)))
    etags = ask.headers.get("if-none-match")
    same = etags == etag if etags else ask.headers.get("if-modified-since") == http_date(modified)
    if same:
        return ImitatedAnswer(status=304, headers=validators)
    return ImitatedAnswer(status=answer.status, headers=(*answer.headers, *validators), body=answer.body)
