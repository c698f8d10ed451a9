"""Pages that a portal puts in place of a report (challenges, logins, maintenance, default pages) say nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from small_archive import Site, new_archive, report_page

from archive.projection.update import update
from archive.queries.verdict import status
from storage.home import Home
from storage.records import AgencyKind, CaptureOutcome, CaptureRole

SFJ, MZJ, NAMED = "汶上县司法局", "汶上县民政局", "2025年政府信息公开工作年度报告"
DAYS = ("2026-01-20", "2026-01-27", "2026-02-03", "2026-02-10", "2026-02-17", "2026-02-24")
LONG_AFTER = datetime.fromisoformat("2026-04-01T09:00:00+08:00")


def page(title: str, body: str) -> bytes:
    return f'<html><head><meta charset="utf-8"><title>{title}</title></head><body>{body}</body></html>'.encode()


LISTED = "".join(f'<li><a href="/n/{n}.html">汶上县召开第{n}次会议部署工作</a></li>' for n in range(30))
STAND_INS = {
    "a refusal in words that nobody knows": page("提示", "<p>当前访问存在异常，系统已记录。编号：7f3a</p>"),
    "a shell for scripts": page("", '<div id="app"></div><script src="/js/chunk.js"></script>'),
    "the home page": page("汶上县人民政府", f"<ul>{LISTED}</ul><p>主办：汶上县人民政府办公室</p>"),
    "a frame of somebody else's": b'<html><body><iframe src="http://1.2.3.4/x.js"></iframe></body></html>',
    "an answer of an interface": '{"code":500,"msg":"异常","data":null}'.encode(),
    "a login": page("统一身份认证平台", "<p>用户名 密码 登录 忘记密码 注册账号</p>"),
    "another article": page("汶上县召开防汛会议", f"<h1>汶上县召开防汛会议</h1><p>{'会议强调做好防汛工作。' * 30}</p>"),
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with new_archive(tmp_path / "archive") as opened:
        yield opened


def site_of(home: Home) -> Site:
    site = Site(home, first_year=2025)
    site.agency("sfj", SFJ)
    site.agency("mzj", MZJ)
    return site


def play(home: Home, site: Site, answers: dict[str, bytes], *, title: str = SFJ + NAMED, other: bool = True) -> None:
    """Week by week: a list that links both reports, that of one always there, at the other's address ``answers``."""
    column = site.column()
    for day in DAYS:
        site.look(f"{day} 09:00", column, [("nb/1.html", title), ("nb/2.html", MZJ + NAMED)])
        run = site.run(datetime.fromisoformat(f"{day}T09:01:00+08:00"))
        site.fetch(f"{day} 09:01", "nb/1.html", answers[day], run=run, link_text=title)
        if other:
            site.fetch(f"{day} 09:02", "nb/2.html", report_page(MZJ, 2025), run=run, link_text=MZJ + NAMED)
    update(home)


def told(home: Home) -> tuple[str, int, set[str]]:
    found = status(home, SFJ, 2025, as_of=LONG_AFTER)
    return found.duty.status.value, len(found.editions), {one.code for one in found.findings}


@pytest.mark.parametrize("stand_in", STAND_INS)
@pytest.mark.parametrize("title", [SFJ + NAMED, NAMED])
def test_what_was_never_read_is_neither_missing_nor_there(home: Home, stand_in: str, title: str) -> None:
    play(home, site_of(home), dict.fromkeys(DAYS, STAND_INS[stand_in]), title=title)
    assert told(home) == ("unknown", 0, set())


@pytest.mark.parametrize("stand_in", STAND_INS)
@pytest.mark.parametrize("title", [SFJ + NAMED, NAMED])
def test_a_report_that_was_read_is_not_gone_by_one_answer_that_says_nothing(
    home: Home, stand_in: str, title: str
) -> None:
    answers = dict.fromkeys(DAYS, report_page(SFJ, 2025)) | {DAYS[2]: STAND_INS[stand_in], DAYS[5]: STAND_INS[stand_in]}
    play(home, site_of(home), answers, title=title)
    assert told(home) == ("on_time", 1, set())


def test_what_stands_there_from_visit_to_visit_has_taken_its_place(home: Home) -> None:
    answers = dict.fromkeys(DAYS, STAND_INS["another article"]) | dict.fromkeys(DAYS[:3], report_page(SFJ, 2025))
    play(home, site_of(home), answers)
    assert told(home) == ("on_time", 1, {"page_gone"})
    before = status(home, SFJ, 2025, as_of=datetime.fromisoformat("2026-02-11T09:00:00+08:00"))
    assert not before.findings  # one visit was not enough


@pytest.mark.parametrize("title", [SFJ + NAMED, NAMED])
def test_what_stands_there_while_nothing_else_answers_says_nothing_however_long(home: Home, title: str) -> None:
    answers = dict.fromkeys(DAYS, STAND_INS["another article"]) | dict.fromkeys(DAYS[:3], report_page(SFJ, 2025))
    play(home, site_of(home), answers, title=title, other=False)
    assert told(home) == ("on_time", 1, set())


def test_what_stands_in_several_places_says_nothing_however_long(home: Home) -> None:
    site = site_of(home)
    site.agency("czj", "汶上县财政局")
    for day in DAYS:
        body = report_page("汶上县财政局", 2025) if day < DAYS[3] else STAND_INS["another article"]
        site.fetch(f"{day} 09:03", "nb/3.html", body, link_text="汶上县财政局" + NAMED)
    answers = dict.fromkeys(DAYS, STAND_INS["another article"]) | dict.fromkeys(DAYS[:3], report_page(SFJ, 2025))
    play(home, site, answers)
    assert told(home) == ("on_time", 1, set())


@pytest.mark.parametrize("said", [b"upstream timed out", *STAND_INS.values()])
def test_what_stands_in_place_of_a_file_is_no_revision(home: Home, said: bytes) -> None:
    site = site_of(home)
    frame = page(SFJ + NAMED, f"<h1>{SFJ}{NAMED}</h1><p><a href='d.do?id=1'>附件：年报.doc</a></p>")
    column = site.column()
    for day in DAYS:
        site.look(f"{day} 09:00", column, [("nb/1.html", SFJ + NAMED)])
        main = site.fetch(f"{day} 09:01", "nb/1.html", frame)
        body = said if day in DAYS[2:4] else report_page(SFJ, 2025)
        mime = "text/plain" if said.startswith(b"up") else "text/html"
        site.fetch(f"{day} 09:02", "nb/d.do?id=1", body, role=CaptureRole.ATTACHMENT, via=main.id, mime=mime)
    update(home)
    assert told(home) == ("on_time", 1, set())


@pytest.mark.parametrize(("weeks", "codes"), [(1, set()), (2, {"page_gone"})])
def test_being_sent_home_counts_at_the_second_visit(home: Home, weeks: int, codes: set[str]) -> None:
    site = site_of(home)
    days = (*DAYS, "2026-03-03")[: 6 + weeks - 1]
    column = site.column()
    for number, day in enumerate(days):
        site.look(f"{day} 09:00", column, [("nb/1.html", SFJ + NAMED), ("nb/2.html", MZJ + NAMED)])
        run = site.run(datetime.fromisoformat(f"{day}T09:01:00+08:00"))
        if number < 5:
            site.fetch(f"{day} 09:01", "nb/1.html", report_page(SFJ, 2025), run=run)
        else:
            sent = site.fetch(
                f"{day} 09:01", "", STAND_INS["the home page"], run=run, requested=site.url("nb/1.html"),
                outcome=CaptureOutcome.SOFT_404, reason="sent_elsewhere",
            )  # fmt: skip
            assert sent.reason == "sent_elsewhere"
        site.fetch(f"{day} 09:02", "nb/2.html", report_page(MZJ, 2025), run=run)
    update(home)
    assert told(home)[2] == codes


def test_a_list_of_one_entry_that_a_link_calls_a_report_is_none(home: Home) -> None:
    site = Site(home, first_year=2025)
    site.agency("xzf", "汶上县人民政府", AgencyKind.GOVERNMENT)
    years, folder = site.column(), site.column("nb/2025")
    title = "汶上县人民政府2025年政府信息公开工作年度报告"
    site.look("2026-04-01 09:00", years, [("nb/2025/", "2025年>县政府")])
    site.look("2026-04-01 09:01", folder, [("nb/1.html", title, "2026-03-20")])
    row = f"<html><title>政府信息公开年报</title><ul><li><a href='/nb/1.html'>{title}</a> 2026-03-20</li></ul></html>"
    site.fetch("2026-04-01 09:02", "nb/2025/", row.encode())
    page = report_page("汶上县人民政府", 2025, published="2026-03-20")
    site.fetch("2026-04-01 09:03", "nb/1.html", page)
    update(home)
    assert len(status(home, "汶上县人民政府", 2025).editions) == 1
