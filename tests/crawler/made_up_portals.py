"""Portals made up for tests of finding: each a shape of menu and list, and the addresses of all its reports.

Their pages stand in ``made_up_portals.txt``; what answers as it is asked stands here.
"""

# ruff: noqa: E501 - markup stays on one line, as it came

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from jinja2 import Environment
from loopback_web import Asked, Reply, Web, page

from crawler.lists.page import Answer, Request

YEARS = (2021, 2022, 2023, 2024)
NAMES = ("财政局", "教育局", "司法局", "民政局", "农业农村局", "交通运输局", "水利局")
CHAPTERS = "一、总体情况 二、主动公开政府信息情况 三、收到和处理政府信息公开申请情况 四、政府信息公开行政复议、行政诉讼情况 五、存在的主要问题及改进情况 六、其他需要报告的事项"
_PORTALS = re.split(r"^##### ", Path(__file__).with_suffix(".txt").read_text("utf-8"), flags=re.MULTILINE)[1:]
_TEMPLATES = dict(one.split(" ", 1) for one in _PORTALS)
_PARTS = re.compile(r"^(===|!!!) ([^/\n]*)(/\S*) ?(.*)\n((?:(?!===|!!!).*\n?)*)", re.MULTILINE)


@dataclass
class Website:
    """``host``; ``entry``: where an operator begins; ``truth``: addresses of all reports; ``family`` expected, if told."""

    host: str
    place: str
    entry: str = "/"
    routes: dict[tuple[str, str], Reply | Callable[[Asked], Reply]] = field(default_factory=dict)
    truth: set[str] = field(default_factory=set)
    family: str = ""
    traps: tuple[str, ...] = ()  # beginnings of paths that nobody should go far into

    @property
    def url(self) -> str:
        return f"http://{self.host}{self.entry}"

    def put(self, path: str, body: str, title: str = "", host: str = "", metas: str = "") -> None:
        name = f"{self.place}人民政府"
        self.routes[host or self.host, path] = page(
            f'<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="SiteName" content="{name}门户网站">{metas}'
            f"<title>{title or name}</title></head><body>{body}<div class='foot'>主办：{name}办公室</div></body></html>"
        )

    def report(self, path: str, who: str, year: int, host: str = "") -> tuple[str, str]:
        """Make a report; returns (path, title)."""
        title = f"{who}{year}年政府信息公开工作年度报告"
        self.put(path, f"<h1>{title}</h1><div id='zoom'><p>{CHAPTERS}</p><p>全年收到申请3件。</p></div>", title, host)
        self.truth.add(f"http://{host or self.host}{path}")
        return path, title

    def each(
        self, path: str, agencies: Sequence[str] = NAMES, years: Sequence[int] = YEARS, host: str = ""
    ) -> list[tuple[str, str]]:
        """Make the reports of agencies on years; ``path`` has the year (y), the next (z) and the agency's number (n)."""
        return [
            self.report(path.format(y=year, z=year + 1, n=n), f"{self.place}{name}", year, host)
            for year in years
            for n, name in enumerate(agencies)
        ]

    def fetch(self, request: Request) -> Answer:
        """Answer the list engine without a server."""
        parts = urlsplit(request.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        route = self.routes.get((parts.netloc, path)) or page("<h1>404 Not Found</h1>", 404)
        form = dict(parse_qsl((request.body or b"").decode()))
        answer = route(Asked(parts.netloc, path, {}, 0, form=form)) if callable(route) else route
        return Answer(request, request.url, answer.status, answer.body, answer.headers.get("Content-Type", ""))

    def on(self, web: Web) -> None:
        web.routes |= self.routes

    @property
    def hosts(self) -> set[str]:
        return {host for host, _ in self.routes}


def rows(items: Sequence[tuple[str, str]]) -> str:
    shown = (
        f'<li><a href="{path}" title="{title}">{title}</a><span>2025-01-1{at % 9}</span></li>'
        for at, (path, title) in enumerate(items)
    )
    return f"<ul class='news'>{''.join(shown)}</ul>"


def links(items: list[tuple[str, str]] | str) -> str:
    """``items``: addresses with labels, as a text ``/gk/ 公开|/nb/ 年报``."""
    pairs = [tuple(one.split(" ", 1)) for one in items.split("|")] if isinstance(items, str) else items
    return "<ul class='nav'>" + "".join(f'<li><a href="{path}">{text}</a></li>' for path, text in pairs) + "</ul>"


def _made(name: str) -> Website:
    """Make a portal of ``made_up_portals.txt``."""
    head, _, template = _TEMPLATES[name].partition("\n")
    host, place, *family = head.split()
    site = Website(host, place, family="".join(family))
    jinja = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    known = {"rows": rows, "links": links, "each": site.each, "report": site.report, "YEARS": YEARS, "NAMES": NAMES}
    known |= {"KEYWORD": quote("政府信息公开工作年度报告")}
    known |= {
        "FURNITURE": links(
            "/xw/ 新闻中心|/hd/ 互动交流|/fw/ 办事服务|/zjb/ 走进本县|/tj/ 统计年报|/wzbb/ 政府网站工作年度报表"
        )
    }
    for mark, elsewhere, path, more, lines in _PARTS.findall(jinja.from_string(template).render(known)):
        if mark == "!!!":
            site.routes[host, path] = Reply(200, lines.strip().encode(), {"Content-Type": more})
        else:
            title, _, metas = more.removeprefix("| ").partition(" | ")
            site.put(path, lines.replace("\n", ""), title, elsewhere, metas)
    return site


def _maker(name: str, change: Callable[[Website], object] = bool) -> Callable[[], Website]:
    def make() -> Website:
        site = _made(name)
        change(site)
        return site

    make.__name__ = name
    return make


def _answer_empty(site: Website) -> None:
    """Let the address of a report that is not there answer with an empty page."""
    empty = page(
        "<html><head><title>政府信息公开年报</title></head><body><div class='nb_title'></div><div id='zoom'></div></body></html>"
    )
    missing = page("<h1>404 Not Found</h1>", 404)
    site.routes[site.host, "*"] = lambda asked: empty if asked.path.startswith("/module/xxgk/") else missing


def _set_traps(site: Website) -> None:
    """Let a calendar and a folder go on without end, and a page lead to itself."""
    seen: list[str] = []

    def deeper(asked: Asked) -> Reply:
        if asked.path.startswith("/rili"):
            n = len(seen)
            seen.append(asked.path)
            return page(
                f"<html><title>日历{n}</title><body>第{'一二三四五六七八九十'[n % 10] * (n + 1)}页<a href='/rili?year=2025&month={n + 2}'>政府信息公开</a><a href='/rili?year={2026 + n}'>{2026 + n}年</a></body></html>"
            )
        if asked.path.startswith("/a/"):
            return page(
                f"<html><title>政务</title><body>{'深' * asked.path.count('/')}<a href='{asked.path}a/'>政务公开</a></body></html>"
            )
        if asked.path == "/circle":
            return Reply(302, b"", {"Location": "/circle"})
        return page("<h1>404 Not Found</h1>", 404)

    site.traps = ("/rili", "/a/")
    site.routes[site.host, "*"] = deeper


def _as_gbk(site: Website) -> None:
    for key, answer in site.routes.items():
        assert isinstance(answer, Reply)
        text = answer.body.decode().replace("utf-8", "gb2312")
        site.routes[key] = Reply(200, text.encode("gb18030"), {"Content-Type": "text/html"})


def _with_blanks(site: Website) -> None:
    """Name files by addresses as a crawl asks for them."""
    site.truth = {unquote(url).replace(" ", "%20") for url in site.truth}


def _turn_by_form(site: Website) -> None:
    """Turn the list in a frame by a form, one page too many."""
    made = [
        (f"/gk/show.do?id=8a8{y}{n:02d}ff", f"{site.place}{b}{y}年政府信息公开工作年度报告")
        for y in YEARS
        for n, b in enumerate(NAMES[:4])
    ]
    script = "<script>function goPage(n){document.f.pageNo.value=n;document.f.submit();}</script>"

    def listing(asked: Asked) -> Reply:
        here = int(asked.form.get("pageNo", "1"))
        turn = f"共{len(made)}条 第{here}/2页 <a href='javascript:goPage({here + 1})'>下一页</a>"
        form = f"<form name='f' method='post' action='list.do?cat=12'><input type='hidden' name='pageNo' value='{here}'>{rows(made[(here - 1) * 12 : here * 12])}{turn}</form>"
        return page(
            f"<html><head><title>政府信息公开年报</title></head><body>{form}{script}<p>主办：{site.place}人民政府办公室</p></body></html>"
        )

    site.routes[site.host, "/gk/list.do?cat=12"] = listing


dated, column_per_year, search_alone, by_scripts, vsb, lists_of_two_kinds, lists_of_names = map(
    _maker, ("dated", "column_per_year", "search_alone", "by_scripts", "vsb", "lists_of_two_kinds", "lists_of_names")
)
newest_of_lists, tree_in_a_frame = _maker("newest_of_lists"), _maker("tree_in_a_frame", _turn_by_form)

#: Their lists are found and read by links alone.
WALKED = (
    *map(_maker, ("maps_and_choices", "years_by_form", "one_template")), _maker("trapped", _set_traps),
    _maker("panels_of_files", _with_blanks),
)  # fmt: skip
#: Of which a probe, a written portal or a crawl has more to do.
ADDED = (
    _maker("jcms_addressed", _answer_empty), _maker("host_per_department"), _maker("old_and_gbk", _as_gbk),
    tree_in_a_frame,
)  # fmt: skip
