"""What becomes of reports from week to week, told apart: furniture, revisions, withdrawals, moves, parts that fail.

One county, forty-odd agencies, each with a story of its own; seven days of crawling, on one of which the list fails.
"""

# ruff: noqa: E501 - one story one line; markup stays on one line, as portals print it
from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from loopback_web import Reply, Sandbox, Web, page

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


def blocks(told: str = "全年主动公开政府信息36条。", *, cell: str = "3", signed: str = "") -> list[Block]:
    first, second, third = tables(form("2021"), dict.fromkeys(NAMES, "0") | {NAMES[0]: cell})
    return [
        SectionHeading("一、总体情况"), told, SectionHeading("二、主动公开政府信息情况"), first,
        SectionHeading("三、收到和处理政府信息公开申请情况"), second, SectionHeading("四、政府信息公开行政复议、行政诉讼情况"), third,
        SectionHeading("五、存在的主要问题及改进情况"), "公开的内容还不够丰富。", SectionHeading("六、其他需要报告的事项"), "无",
        *(["宛平县财政局", signed] if signed else []),
    ]  # fmt: skip


_COUNT = iter(range(17, 10_000))


def whole(
    here: Here, told: str = "全年主动公开政府信息36条。", date: str = "2026-01-20", *, after: str = "", **more: str
) -> Reply:
    """A page with the report in it; every one counts its visitors anew."""
    title = here.title + after
    return page(
        f'<html><head><title>{title}</title><meta name="ArticleTitle" content="{title}">'
        f'<meta name="PubDate" content="{date}"></head><body><p>今天是2026年2月{next(_COUNT) % 28 + 1}日 星期一</p>'
        f'<h1>{title}</h1><p>发布日期：{date} 浏览次数：{next(_COUNT)}</p><div id="zoom">'
        f'{fragment(blocks(told, **more))}</div><form><input type="hidden" name="csrf" value="{next(_COUNT):x}">'
        f'</form><ul class="related"><li><a href="/{next(_COUNT)}">相关阅读{next(_COUNT)}</a></li></ul></body></html>'
    )


def another_system(here: Here) -> Reply:
    """The same report as another content system prints it: in GBK, from a word processor, in entities."""
    text = (
        f'<html><head><meta charset="gbk"><meta name="PubDate" content="2026-01-20"><title>{here.title}-宛平县</title>'
        f'</head><body><div class="dqwz">首页 &gt; 年报</div><div class="article"><div class="tit">{here.title}</div>'
        f'<div class="TRS_Editor">{fragment(blocks(), word=True).replace("36条", "３６&#26465;&nbsp;")}<p>打印 | 关闭</p>'
        "</div></div></body></html>"
    )
    return Reply(200, text.encode("gbk", "xmlcharrefreplace"), {"Content-Type": "text/html"})


def frame(here: Here, key: str, name: str = "2025年年报.docx", mark: str = "") -> Reply:
    """A page that only links a file."""
    link = f'<p><a href="{getattr(here, key)}{mark}">{name}</a></p>'
    return page(
        f'<html><head><title>{here.title}</title><meta name="PubDate" content="2026-01-20"></head><body>'
        f'<h1>{here.title}</h1><div id="zoom"><p>附件：</p>{link}</div></body></html>'
    )


def docx(here: Here, told: str = "全年主动公开政府信息36条。") -> Reply:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return Reply(200, word.docx(here.title, blocks(told)), {"Content-Type": kind})


def pdf(here: Here) -> Reply:
    return Reply(200, portable.pdf(here.title, blocks()), {"Content-Type": "application/pdf"})


def moved(here: Here, key: str) -> Reply:
    return Reply(302, b"moved", {"Location": f"http://{HOST}{getattr(here, key)}"})


MAKERS = {one.__name__: one for one in (whole, another_system, frame, docx, pdf, moved)}
CASES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
STORIES: dict[str, Any] = CASES["stories"]
FIRST = DAYS[0]


def answer(here: Here, said: str | list[Any]) -> Reply:
    """What an address answers, as a story says it: a name, or a name with what is given to it."""
    name, given = (said, {}) if isinstance(said, str) else said
    if name in CASES["answers"]:
        status, body = CASES["answers"][name]
        return page(body, status)
    return MAKERS[name](here, **given)  # type: ignore[operator]


AGENCY = {
    story: f"宛平县{chr(0x4E00 + 300 + 37 * number)}{chr(0x4E00 + 900 + 53 * number)}局"
    for number, story in enumerate(STORIES)
}


# --------------------------------------------------------------------------------------------------------- seven days


def links(here: Here, spec: str) -> Iterator[str]:
    """Rows of the list: ``p`` and ``q`` for pages, ``s`` for the first by https; a date stands for that beside them."""
    keys = [word for word in spec.split() if word.isalpha()]
    date = next((word for word in spec.split() if not word.isalpha()), "2026-01-20")
    for key in keys:
        href = f"https://{HOST}{here.p}" if key == "s" else getattr(here, key)
        yield f'<li><a href="{href}" title="{here.title}">{here.title}</a><span>{date}</span></li>'


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    web = Web()
    with pytest.MonkeyPatch.context() as patched:
        for name in [name for name in os.environ if name.startswith("NIANBAO_")]:
            patched.delenv(name)
        patched.setenv("NIANBAO_BROWSER", "none")
        patched.setenv("NIANBAO_DELAY", "0")
        patched.setenv("NIANBAO_NOW", f"2026-{FIRST}T09:00:00+08:00")
        archive = Sandbox(tmp_path_factory.mktemp("stories") / "archive", web)
        archive.portal(agencies="".join(f"c{n},{name},部门\n" for n, name in enumerate(AGENCY.values())))
        web.routes[HOST, "/"] = answer(Here(*[""] * 6), "home")
        for day in DAYS:
            rows = [f'<li><a href="/xw/{n}.html">宛平县第{n}次会议召开</a></li>' for n in range(4)]  # no round number
            for n, (name, story) in enumerate(STORIES.items()):
                here = Here(f"{AGENCY[name]}2025年政府信息公开工作年度报告", f"/nb/t20260120_{100 + n}.html",
                            f"/nb/t20260210_{500 + n}.html", f"/nb/P{n}a.docx", f"/nb/P{n}b.docx", f"/nb/P{n}f.pdf")  # fmt: skip
                for key, said in story.get(day, {}).items():
                    web.routes[HOST, getattr(here, key)] = lambda asked, said=said, here=here: answer(here, said)
                rows += links(
                    here, [spec for since, spec in story.get("listed", {FIRST: "p"}).items() if since <= day][-1]
                )
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


def verdict(played: Sandbox, story: str, as_of: str = "2026-03-07") -> Verdict:
    with open_home(played.path) as home:
        return status(home, AGENCY[story], 2025, as_of=datetime.fromisoformat(f"{as_of}T00:00:00+08:00"))


def month_day(at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo('Asia/Shanghai')):%m-%d}"


@pytest.mark.parametrize("story", STORIES)
def test_each_story_is_told_for_what_it_is(played: Sandbox, story: str) -> None:
    found = verdict(played, story)
    editions = tuple((e.change, month_day(e.first_seen), month_day(e.last_seen)) for e in found.editions)
    told = tuple(sorted(finding.code for finding in found.findings if finding.code in TELLING))
    expected = CASES["editions"][STORIES[story]["editions"]]
    assert (editions, told) == (tuple(map(tuple, expected)), tuple(STORIES[story].get("told", ())))
    assert found.duty.status.value == "on_time"
