"""What becomes of reports from week to week, told apart: furniture, revisions, withdrawals, moves, parts that fail.

One county, forty-odd agencies, each with a story of its own; seven days of crawling, on one of which the list fails.
"""

# ruff: noqa: E501 - one story one line; markup stays on one line, as portals print it
from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from loopback_web import Answer, Archive, Web, page

from archive.forms.loader import form
from archive.forms.printer import tables
from archive.queries.results import Verdict
from archive.queries.verdict import status
from imitation.documents import portable, word
from imitation.markup import fragment
from imitation.wording import Block, SectionHeading
from storage.home import open_home

HOST = "www.wanping.gov.cn"
DAYS = ("01-25", "02-02", "02-10", "02-14", "02-18", "02-26", "03-06")
LISTED_ANEW = ("02-02", "02-10", "02-18")  #: days on which the list is another
FAILED = "02-14"  #: the list answers 500 on this day
TELLING = {
    "withdrawn", "returned", "two_at_once", "silent_revision", "announced_revision", "former_content", "other_shape",
    "page_gone", "page_back", "moved", "replaced", "part_gone", "backdated", "redated", "unreadable",
}  # fmt: skip
NAMES = form("2021").ids


# ------------------------------------------------------------------------------------------------ what the portal says


@dataclass(frozen=True)
class Here:
    """An agency's title and addresses: two pages, three files."""

    title: str
    p: str
    q: str
    a: str
    b: str
    f: str


Make = Callable[[Here], Answer]


def blocks(told: str = "全年主动公开政府信息36条。", *, cell: str = "3", signed: str = "") -> list[Block]:
    first, second, third = tables(form("2021"), dict.fromkeys(NAMES, "0") | {NAMES[0]: cell})
    return [
        SectionHeading("一、总体情况"), told, SectionHeading("二、主动公开政府信息情况"), first,
        SectionHeading("三、收到和处理政府信息公开申请情况"), second, SectionHeading("四、政府信息公开行政复议、行政诉讼情况"), third,
        SectionHeading("五、存在的主要问题及改进情况"), "公开的内容还不够丰富。", SectionHeading("六、其他需要报告的事项"), "无",
        *(["宛平县财政局", signed] if signed else []),
    ]  # fmt: skip


_COUNT = iter(range(17, 10_000))


def whole(told: str = "全年主动公开政府信息36条。", date: str = "2026-01-20", *, after: str = "", **more: str) -> Make:
    """A page with the report in it; every one counts its visitors anew."""

    def make(here: Here) -> Answer:
        title = here.title + after
        return page(
            f'<html><head><title>{title}</title><meta name="ArticleTitle" content="{title}">'
            f'<meta name="PubDate" content="{date}"></head><body><p>今天是2026年2月{next(_COUNT) % 28 + 1}日 星期一</p>'
            f'<h1>{title}</h1><p>发布日期：{date} 浏览次数：{next(_COUNT)}</p><div id="zoom">'
            f'{fragment(blocks(told, **more))}</div><form><input type="hidden" name="csrf" value="{next(_COUNT):x}">'
            f'</form><ul class="related"><li><a href="/{next(_COUNT)}">相关阅读{next(_COUNT)}</a></li></ul></body></html>'
        )

    return make


def another_system(here: Here) -> Answer:
    """The same report as another content system prints it: in GBK, from a word processor, in entities."""
    text = (
        f'<html><head><meta charset="gbk"><meta name="PubDate" content="2026-01-20"><title>{here.title}-宛平县</title>'
        f'</head><body><div class="dqwz">首页 &gt; 年报</div><div class="article"><div class="tit">{here.title}</div>'
        f'<div class="TRS_Editor">{fragment(blocks(), word=True).replace("36条", "３６&#26465;&nbsp;")}<p>打印 | 关闭</p>'
        "</div></div></body></html>"
    )
    return Answer(200, text.encode("gbk", "xmlcharrefreplace"), {"Content-Type": "text/html"})


def frame(key: str, name: str = "2025年年报.docx", mark: str = "") -> Make:
    """A page that only links a file."""

    def make(here: Here) -> Answer:
        link = f'<p><a href="{getattr(here, key)}{mark}">{name}</a></p>' if key else ""
        return page(
            f'<html><head><title>{here.title}</title><meta name="PubDate" content="2026-01-20"></head><body>'
            f'<h1>{here.title}</h1><div id="zoom"><p>附件：</p>{link}</div></body></html>'
        )

    return make


def docx(told: str = "全年主动公开政府信息36条。", *, stamp: str = "") -> Make:
    """A file; ``stamp`` makes other bytes of the same text."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return lambda here: Answer(200, word.docx(here.title, blocks(told)) + stamp.encode(), {"Content-Type": kind})


def pdf(here: Here) -> Answer:
    return Answer(200, portable.pdf(here.title, blocks()), {"Content-Type": "application/pdf"})


def to(key: str) -> Make:
    return lambda here: Answer(302, b"moved", {"Location": f"http://{HOST}{getattr(here, key, '/')}"})


def says(answer: Answer) -> Make:
    return lambda here: answer


GONE = says(page("<html><head><title>404</title></head><body><h1>404 Not Found</h1></body></html>", 404))
SOFT = says(
    page(
        "<html><head><title>宛平县人民政府</title></head><body><div class='error'><h2>抱歉，您访问的页面不存在或已被删除</h2>"
        "<p>页面将在5秒后返回<a href='/'>首页</a></p></div></body></html>"
    )
)
BROKEN = says(page("<h1>500</h1>", 500))
#: answers of other kinds: a host that fails three addresses in a row alike is asked for nothing more
BROKEN_ALSO, BROKEN_TOO = says(page("<h1>502</h1>", 502)), says(page("<h1>504</h1>", 504))
LOGIN = says(
    page("<html><head><title>登录</title></head><body><p>请先登录后再下载文件，五秒后返回首页。</p></body></html>")
)
HOME = page(
    "<html><head><title>宛平县人民政府</title></head><body><p>欢迎访问宛平县人民政府门户网站。</p></body></html>"
)


@dataclass(frozen=True)
class Story:
    """``changes``: day → what an address answers from then on. ``listed``: day → the addresses that the list links.

    ``editions``: (change, first seen, last seen) of each; ``told``: findings that tell what became of them.
    """

    changes: Mapping[str, Mapping[str, Make]]
    editions: tuple[tuple[str, str, str], ...]
    told: tuple[str, ...] = ()
    listed: Mapping[str, str] | None = None


FIRST, LAST, TURN = "01-25", "03-06", "02-10"
KEPT = (("first", FIRST, LAST),)
SILENT = (("first", FIRST, "02-02"), ("silent", TURN, LAST))
ANNOUNCED = (("first", FIRST, "02-02"), ("announced", TURN, LAST))
STOPPED = (("first", FIRST, "02-02"),)
OTHER = "全年主动公开政府信息37条。"


def page_turns(make: Make, editions: tuple[tuple[str, str, str], ...], *told: str, before: Make | None = None) -> Story:
    return Story({FIRST: {"p": before or whole()}, TURN: {"p": make}}, editions, told)


STORIES: dict[str, Story] = {
    # furniture, and other clothes for the same report
    "nothing but furniture": Story({FIRST: {"p": whole()}}, KEPT),
    "another system, GBK, entities, widths": page_turns(another_system, KEPT),
    "from http to https": Story({FIRST: {"p": whole()}}, KEPT, listed={FIRST: "p", TURN: "s"}),
    "file under a new name": Story({FIRST: {"p": frame("a"), "a": docx(), "b": docx()}, TURN: {"p": frame("b", "新.docx")}}, KEPT),
    "file made anew as PDF": Story({FIRST: {"p": frame("a"), "a": docx(), "f": pdf}, TURN: {"p": frame("f", "年报.pdf")}}, KEPT),
    "session in the file's address": Story(
        {FIRST: {"p": frame("a"), "a": docx()}, TURN: {"p": frame("a", mark=";jsessionid=0A1B2C3D4E5F60718293A4B5C6D7E8F9")}}, KEPT),
    "from page to file": Story({FIRST: {"p": whole(), "a": docx()}, TURN: {"p": frame("a")}, "02-18": {"a": BROKEN}, "02-26": {"a": docx()}}, KEPT),
    # parts
    "file fails, then is back": Story({FIRST: {"p": frame("a"), "a": docx()}, TURN: {"a": BROKEN_ALSO}, "02-26": {"a": docx()}}, KEPT),
    "file fails for good": Story({FIRST: {"p": frame("a"), "a": docx()}, TURN: {"a": BROKEN_TOO}}, STOPPED),
    "a login page in the file's place": Story({FIRST: {"p": frame("a"), "a": docx()}, TURN: {"a": LOGIN}, "02-26": {"a": docx()}}, KEPT),
    "file is not there": Story({FIRST: {"p": frame("a"), "a": docx()}, TURN: {"a": GONE}}, STOPPED, ("part_gone",)),
    "file replaced without a word": Story({FIRST: {"p": frame("a"), "a": docx()}, TURN: {"a": docx(OTHER)}}, SILENT, ("silent_revision",)),
    # revisions
    "one cell": page_turns(whole(cell="4"), SILENT, "silent_revision"),
    "one digit of the text": page_turns(whole(OTHER), SILENT, "silent_revision"),
    "signed earlier": page_turns(
        whole(signed="2026年1月20日"), SILENT, "backdated", "silent_revision", before=whole(signed="2026年2月5日")),
    "page dated back": page_turns(whole(date="2026-01-10"), KEPT, "backdated"),
    "page dated later": page_turns(whole(date="2026-02-08"), KEPT, "redated"),
    "list dated back": Story({FIRST: {"p": whole()}}, KEPT, ("backdated",), {FIRST: "p", TURN: "p 2026-01-02"}),
    "announced in the title": page_turns(whole(OTHER, after="（更正）"), ANNOUNCED, "announced_revision"),
    "announced by a later date": page_turns(whole(OTHER, "2026-02-08"), ANNOUNCED, "announced_revision"),
    "to and fro": Story({FIRST: {"p": whole()}, TURN: {"p": whole(OTHER)}, "02-18": {"p": whole()}},
        (("first", FIRST, "02-02"), ("silent", TURN, TURN), ("returned", "02-18", LAST)), ("former_content", "silent_revision")),
    # gone, back, moved
    "page gone": page_turns(GONE, STOPPED, "page_gone"),
    "page gone and says 200": page_turns(SOFT, STOPPED, "page_gone"),
    "page fails": page_turns(BROKEN, STOPPED),
    "page gone and back": Story({FIRST: {"p": whole()}, TURN: {"p": GONE}, "02-18": {"p": whole()}}, KEPT, ("page_back", "page_gone")),
    "linked no more": Story({FIRST: {"p": whole()}}, STOPPED, ("withdrawn",), {FIRST: "p", TURN: ""}),
    "linked no more, then again": Story({FIRST: {"p": whole()}}, KEPT, ("returned", "withdrawn"), {FIRST: "p", "02-02": "", "02-18": "p"}),
    "moved, the former page gone": Story({FIRST: {"p": whole()}, TURN: {"p": GONE, "q": whole()}}, KEPT, ("moved",), {FIRST: "p", TURN: "p q", "02-18": "q"}),
    "moved by a redirect": Story({FIRST: {"p": whole()}, TURN: {"p": to("q"), "q": whole()}}, KEPT, ("moved",)),
    "at two addresses": Story({FIRST: {"p": whole(), "q": another_system}}, KEPT, (), {FIRST: "p q"}),
    "another in its place": Story({FIRST: {"p": whole()}, TURN: {"p": GONE, "q": whole(OTHER)}},
        (("first", FIRST, "02-02"), ("first", TURN, LAST)), ("replaced",), {FIRST: "p", TURN: "p q", "02-18": "q"}),
    "two at once": Story({FIRST: {"p": whole()}, TURN: {"q": whole(cell="77")}},
        (("first", FIRST, LAST), ("first", TURN, LAST)), ("two_at_once", "two_at_once"), {FIRST: "p", TURN: "p q"}),
}  # fmt: skip
AGENCY = {
    story: f"宛平县{chr(0x4E00 + 300 + 37 * number)}{chr(0x4E00 + 900 + 53 * number)}局"
    for number, story in enumerate(STORIES)
}


# --------------------------------------------------------------------------------------------------------- seven days


def listed_on(story: Story, day: str) -> str:
    held = [spec for since, spec in (story.listed or {FIRST: "p"}).items() if since <= day]
    return held[-1]


def links(here: Here, spec: str) -> Iterator[str]:
    """Rows of the list: ``p`` and ``q`` for pages, ``s`` for the first by https; a date stands for that beside them."""
    keys = [word for word in spec.split() if word.isalpha()]
    date = next((word for word in spec.split() if not word.isalpha()), "2026-01-20")
    for key in keys:
        href = f"https://{HOST}{here.p}" if key == "s" else getattr(here, key)
        yield f'<li><a href="{href}" title="{here.title}">{here.title}</a><span>{date}</span></li>'


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    web = Web()
    with pytest.MonkeyPatch.context() as patched:
        for name in [name for name in os.environ if name.lower().endswith("_proxy") or name.startswith("NIANBAO_")]:
            patched.delenv(name)
        patched.setenv("NIANBAO_BROWSER", "none")
        patched.setenv("NIANBAO_DELAY", "0")
        patched.setenv("NIANBAO_NOW", f"2026-{FIRST}T09:00:00+08:00")
        archive = Archive(tmp_path_factory.mktemp("stories") / "archive", web)
        archive.portal(agencies="".join(f"c{n},{name},部门\n" for n, name in enumerate(AGENCY.values())))
        web.routes[HOST, "/"] = HOME
        for day in DAYS:
            rows = [f'<li><a href="/xw/{n}.html">宛平县第{n}次会议召开</a></li>' for n in range(4)]  # no round number
            for n, (name, story) in enumerate(STORIES.items()):
                here = Here(f"{AGENCY[name]}2025年政府信息公开工作年度报告", f"/nb/t20260120_{100 + n}.html",
                            f"/nb/t20260210_{500 + n}.html", f"/nb/P{n}a.docx", f"/nb/P{n}b.docx", f"/nb/P{n}f.pdf")  # fmt: skip
                for key, make in story.changes.get(day, {}).items():
                    web.routes[HOST, getattr(here, key)] = lambda asked, make=make, here=here: make(here)
                rows += links(here, listed_on(story, day))
            web.routes[HOST, "/nb/"] = (
                page("<h1>500</h1>", 500)
                if day == FAILED
                else page(
                    f"<html><head><title>政府信息公开年报</title></head><body><ul>{''.join(rows)}</ul></body></html>"
                )
            )
            # what a list shows no more is gone when a second look does not show it either
            for hour in ("09", "15") if day in LISTED_ANEW else ("09",):
                patched.setenv("NIANBAO_NOW", f"2026-{day}T{hour}:00:00+08:00")
                archive.crawl()
        archive.judge()
        patched.setenv("NIANBAO_NOW", "2026-03-07T09:00:00+08:00")
        yield archive
    web.server.shutdown()
    web.server.server_close()


def verdict(played: Archive, story: str, as_of: str = "2026-03-07") -> Verdict:
    with open_home(played.path) as home:
        return status(home, AGENCY[story], 2025, as_of=datetime.fromisoformat(f"{as_of}T00:00:00+08:00"))


def month_day(at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo('Asia/Shanghai')):%m-%d}"


@pytest.mark.parametrize("story", STORIES)
def test_each_story_is_told_for_what_it_is(played: Archive, story: str) -> None:
    found = verdict(played, story)
    editions = tuple((e.change, month_day(e.first_seen), month_day(e.last_seen)) for e in found.editions)
    told = tuple(sorted(finding.code for finding in found.findings if finding.code in TELLING))
    assert (editions, told) == (STORIES[story].editions, STORIES[story].told)
    assert found.duty.status.value == "on_time"
