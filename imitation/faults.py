"""Misbehaviours of hosts, which the scenario or a test switches on for hosts, a path prefix and a period.

Kinds that change the answer: ``unavailable`` (503 with Retry-After), ``challenge`` (412 with a script), ``forbidden``,
``not_found``, ``soft_404``, ``empty``, ``redirect_loop``, ``foreign_redirect``, ``strangers`` (the domain now belongs
to somebody else, whose page answers every request with 200), ``loopback_redirect``, ``gzip``, ``gzip_bomb``,
``wrong_charset``. Kinds that change how it is sent (done by the server): ``down`` (reset without an answer), ``slow``
(a trickle), ``truncated`` (half the body, then closed), ``skewed_date`` (Date an hour wrong).
``strangers`` imitates real pages of that kind: titles of their trade, dated entries that lead to more, a shop outside.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache

from imitation.answers import Ask, ImitatedAnswer, not_found, page, redirect, soft_404

SENT = frozenset({"down", "slow", "truncated", "skewed_date"})
RETRY_AFTER = 120
BOMB_BYTES = 256 << 20
FOREIGN = "http://www.imitation-mirror.example"
_CHALLENGE = (
    "<html><head><meta charset='utf-8'><script>document.cookie='__jsl_clearance='+Date.now();"
    "location.reload();</script></head><body></body></html>"
)


_TRADE = ("澳门金沙官网平台", "棋牌app下载", "皇冠体育开户平台", "百家乐真人视讯", "彩票平台官网", "电子游戏娱乐城")


def apply(kind: str, ask: Ask, answer: ImitatedAnswer) -> ImitatedAnswer:
    """Return the answer changed by a fault. Raises KeyError for an unknown kind."""
    return answer if kind in SENT else ANSWERS[kind](ask, answer)


@cache
def bomb() -> bytes:
    """Return a gzip stream of a few hundred kB that unpacks to ``BOMB_BYTES``."""
    packer = zlib.compressobj(9, wbits=31)
    block = bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(BOMB_BYTES >> 20)) + packer.flush()


def _redirect_to_itself(ask: Ask, _: ImitatedAnswer) -> ImitatedAnswer:
    return redirect(
        f"{ask.path}?{'&'.join(f'{k}={v}' for k, v in (dict(ask.query) | {'hop': str(ask.serial)}).items())}"
    )


def _gzip_answer(_: Ask, answer: ImitatedAnswer) -> ImitatedAnswer:
    return replace(
        answer, headers=(*answer.headers, ("Content-Encoding", "gzip")), body=gzip.compress(answer.body, mtime=0)
    )


def _answer_bomb(_: Ask, answer: ImitatedAnswer) -> ImitatedAnswer:
    return replace(answer, headers=(*answer.headers, ("Content-Encoding", "gzip")), body=bomb())


def _mislabel_charset(_: Ask, answer: ImitatedAnswer) -> ImitatedAnswer:
    text = answer.body.decode("utf-8", "replace")
    return page(text.encode("gb18030", "replace"), status=answer.status)


def _strangers_page(ask: Ask, _: ImitatedAnswer) -> ImitatedAnswer:
    entries = "".join(
        f'<li><a href="/app/{number}.html">{_TRADE[number % len(_TRADE)]}{number}</a>'
        f"<span>{ask.now - timedelta(days=number):%Y-%m-%d}</span></li>"
        for number in range(1, 25)
    )
    return page(
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{_TRADE[0]}-{_TRADE[1]}</title></head><body>'
        f'<div class="nav"><a href="{FOREIGN}/">{_TRADE[2]}</a></div><h1>{_TRADE[0]}</h1>'
        f'<div class="list"><ul>{entries}</ul></div><p>{_TRADE[0]}（中国）有限公司，欢迎注册。</p></body></html>'
    )


ANSWERS: Mapping[str, Callable[[Ask, ImitatedAnswer], ImitatedAnswer]] = {
    "unavailable": lambda _, __: page(
        "<h1>503 Service Unavailable</h1>", status=503, extra=(("Retry-After", str(RETRY_AFTER)),)
    ),
    "challenge": lambda _, __: page(_CHALLENGE, status=412),
    "forbidden": lambda _, __: page("<h1>403 Forbidden</h1>", status=403),
    "not_found": lambda _, __: not_found(),
    "soft_404": lambda ask, __: soft_404(ask.host),
    "empty": lambda _, __: page(""),
    "redirect_loop": _redirect_to_itself,
    "foreign_redirect": lambda ask, __: redirect(FOREIGN + ask.path),
    "strangers": _strangers_page,
    "loopback_redirect": lambda _, __: redirect("http://127.0.0.1:1/"),
    "gzip": _gzip_answer,
    "gzip_bomb": _answer_bomb,
    "wrong_charset": _mislabel_charset,
}
