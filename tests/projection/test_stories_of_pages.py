"""What stands at a report's address later: pages in its place, files in its page, other contents."""

from __future__ import annotations

from storage.records import CaptureOutcome, CaptureRole
from tests.projection.small_archive import report_page
from tests.projection.stories import MZJ, SFJ, StoryPortal, Tale, story, title

DAYS = ("2026-01-20", "2026-01-27", "2026-02-03", "2026-02-10", "2026-02-17", "2026-02-24")
NAMED = "2025年政府信息公开工作年度报告"


def page(heading: str, body: str) -> bytes:
    return f'<html><head><meta charset="utf-8"><title>{heading}</title></head><body>{body}</body></html>'.encode()


LISTED = "".join(f'<li><a href="/n/{n}.html">汶上县召开第{n}次会议部署工作</a></li>' for n in range(30))
ARTICLE = page("汶上县召开防汛会议", f"<h1>汶上县召开防汛会议</h1><p>{'会议强调做好防汛工作。' * 30}</p>")
HOME = page("汶上县人民政府", f"<ul>{LISTED}</ul><p>主办：汶上县人民政府办公室</p>")
STAND_INS = (
    page("提示", "<p>当前访问存在异常，系统已记录。编号：7f3a</p>"),
    page("", '<div id="app"></div><script src="/js/chunk.js"></script>'),
    HOME,
    '{"code":500,"msg":"异常","data":null}'.encode(),
    ARTICLE,
)
READ = report_page(SFJ, 2025)
CORRECTION = report_page(SFJ, 2025, {"applications.received.total": 3}, published="2026-03-04")
CORRECTION = CORRECTION.replace("年度报告</".encode(), "年度报告（更正）</".encode())


def week_by_week(site: StoryPortal, answers: dict[str, bytes], words: str = title(SFJ), *, other: bool = True) -> None:
    """A list that links two reports, that of one always there, at the other's address ``answers``."""
    site.departments(sfj=SFJ, mzj=MZJ)
    for day in DAYS:
        site.look(f"{day} 09:00", site.column(), [("nb/1.html", words), ("nb/2.html", title(MZJ))])
        site.visit(day, "nb/1.html", answers[day], link_text=words)
        if other:
            site.visit(day, "nb/2.html", report_page(MZJ, 2025), link_text=title(MZJ))


def became(site: StoryPortal) -> tuple[str, int, set[str]]:
    return site.told()[0], len(site.held()), {one.code for one in site.verdict().findings}


@story(*zip(STAND_INS, (title(SFJ), NAMED) * 3, strict=False))
def test_what_was_never_read_is_neither_missing_nor_there(site: StoryPortal, stand_in: bytes, words: str) -> Tale:
    week_by_week(site, dict.fromkeys(DAYS, stand_in), words)
    yield
    assert became(site) == ("unknown", 0, set())


@story(*zip(STAND_INS, (title(SFJ), NAMED) * 3, strict=False))
def test_a_report_is_not_gone_by_one_answer_that_says_nothing(site: StoryPortal, stand_in: bytes, words: str) -> Tale:
    week_by_week(site, dict.fromkeys(DAYS, READ) | {DAYS[2]: stand_in, DAYS[5]: stand_in}, words)
    yield
    assert became(site) == ("on_time", 1, set())


@story()
def test_a_correction_above_the_report_on_its_list_leaves_it_the_day_of_the_report(site: StoryPortal) -> Tale:
    """daixian.gov.cn lists corrections (更正) beside the reports, so that a crawl may fetch them first."""
    site.departments(sfj=SFJ)
    links = [("nb/2.html", f"{title(SFJ)}（更正）"), ("nb/1.html", title(SFJ))]
    site.look("2026-03-10 09:00", site.column(), links)
    site.fetch("2026-03-10 09:01", "nb/2.html", CORRECTION, link_text=links[0][1])
    site.fetch("2026-03-10 09:02", "nb/1.html", report_page(SFJ, 2025, published="2026-01-20"), link_text=links[1][1])
    yield
    assert (*site.told(), len(site.held())) == ("on_time", "claimed", "dated_in_time", 2)


@story()
def test_of_a_report_that_a_list_shows_twice_the_earlier_day_counts(site: StoryPortal) -> Tale:
    """A list may show it again above the first, without a word of why, and a crawl may fetch that first."""
    site.departments(sfj=SFJ)
    links = [("nb/2.html", title(SFJ)), ("nb/1.html", title(SFJ))]
    site.look("2026-03-10 09:00", site.column(), links)
    for minute, href, day in ((1, "nb/2.html", "2026-02-16"), (2, "nb/1.html", "2026-01-07")):
        body = report_page(SFJ, 2025, published=day).replace(b"</p>", f"（{day}）</p>".encode(), 1)
        site.fetch(f"2026-03-10 09:0{minute}", href, body, link_text=title(SFJ))
    yield
    assert (*site.told(), len(site.held())) == ("on_time", "claimed", "dated_in_time", 2)


@story(("202404/t20240412_1.html", "sites/zwinfo.jsp?id=1", "on_time"), ("202404/t20240412_1.html", "", "undetermined"))
def test_the_day_in_the_address_of_a_copy_is_no_witness(site: StoryPortal, copy: str, old: str, status: str) -> Tale:
    """乌拉特中旗's reports stood on its old system and, copied, on the new one (wltzq.gov.cn)."""
    site.departments(sfj=SFJ)
    body = report_page(SFJ, 2023, published="2024-01-20").replace(b"</p>", "（2024-01-20）</p>".encode(), 1)
    links = [(one, title(SFJ, 2023)) for one in (copy, old) if one]
    site.look("2026-03-10 09:00", site.column(), links)
    for minute, (href, text) in enumerate(links, 1):
        site.fetch(f"2026-03-10 09:0{minute}", href, body, link_text=text)
    yield
    assert site.told(year=2023)[0] == status


REPLACED = dict.fromkeys(DAYS, ARTICLE) | dict.fromkeys(DAYS[:3], READ)


@story((True, False, {"page_gone"}), (False, False, set()), (True, True, set()))
def test_what_stands_there_from_visit_to_visit_has_taken_its_place(
    site: StoryPortal, other: bool, several: bool, codes: set[str]
) -> Tale:
    """Unless nothing else answers meanwhile, or the same page stands in several places."""
    if several:
        site.agency("czj", "汶上县财政局")
        for day in DAYS:
            body = report_page("汶上县财政局", 2025) if day < DAYS[3] else ARTICLE
            site.fetch(f"{day} 09:03", "nb/3.html", body, link_text=title("汶上县财政局"))
    week_by_week(site, REPLACED, other=other)
    yield
    assert became(site) == ("on_time", 1, codes)
    assert not site.verdict(when="2026-02-11 09:00").findings  # one visit was not enough


@story((b"upstream timed out",), (STAND_INS[0],), (STAND_INS[3],))
def test_what_stands_in_place_of_a_file_is_no_revision(site: StoryPortal, said: bytes) -> Tale:
    site.departments(sfj=SFJ)
    frame = page(title(SFJ), f"<h1>{title(SFJ)}</h1><p><a href='d.do?id=1'>附件：年报.doc</a></p>")
    for day in DAYS:
        site.look(f"{day} 09:00", site.column(), [("nb/1.html", title(SFJ))])
        main = site.fetch(f"{day} 09:01", "nb/1.html", frame)
        mime = "text/plain" if said.startswith(b"up") else "text/html"
        more = {"role": CaptureRole.ATTACHMENT, "via": main.id, "mime": mime}
        site.fetch(f"{day} 09:02", "nb/d.do?id=1", said if day in DAYS[2:4] else READ, **more)  # type: ignore[arg-type]
    yield
    assert became(site) == ("on_time", 1, set())


@story((1, set()), (2, {"page_gone"}))
def test_being_sent_home_counts_at_the_second_visit(site: StoryPortal, weeks: int, codes: set[str]) -> Tale:
    site.departments(sfj=SFJ, mzj=MZJ)
    for number, day in enumerate((*DAYS, "2026-03-03")[: 5 + weeks]):
        site.look(f"{day} 09:00", site.column(), [("nb/1.html", title(SFJ)), ("nb/2.html", title(MZJ))])
        if number < 5:
            site.visit(day, "nb/1.html", READ)
        else:
            more = {"outcome": CaptureOutcome.SOFT_404, "reason": "sent_elsewhere", "requested": site.url("nb/1.html")}
            site.visit(day, "", HOME, **more)
        site.visit(day, "nb/2.html", report_page(MZJ, 2025))
    yield
    assert became(site)[2] == codes


# ------------------------------------------------------------------------------------------------ pages and files


@story()
def test_an_attachment_of_another_agency_lends_no_figures(site: StoryPortal) -> Tale:
    site.departments(sfj=SFJ, czj="汶上县财政局")
    body = f"<h1>{title(SFJ)}</h1><p>现将报告公布如下，详见附件。</p><a href='1.htm'>附件：1.htm</a>"
    site.look("2026-01-25 09:00", site.column(), [("nb/1.html", title(SFJ))])
    main = site.fetch("2026-01-25 09:01", "nb/1.html", page(title(SFJ), body))
    other = report_page("汶上县财政局", 2025, {"applications.received.total": 7})
    site.fetch("2026-01-25 09:02", "nb/1.htm", other, role=CaptureRole.ATTACHMENT, via=main.id)
    yield
    assert [edition.cells_from for edition in site.verdict().editions] == [None]
    assert "several_reports" in site.codes()
    assert (site.told()[0], site.held("czj")) == ("on_time", [])


@story()
def test_published_but_unreadable_is_an_edition_without_cells(site: StoryPortal) -> Tale:
    site.departments(sfj=SFJ)
    site.look("2026-01-25 09:00", site.column(), [("nb/1.docx", title(SFJ))])
    site.fetch("2026-01-25 09:01", "nb/1.docx", b"PK\x03\x04" + b"\x00" * 400, mime="application/msword")
    yield
    [edition] = site.verdict().editions
    assert (edition.cells_from, site.told()) == (None, ("on_time", "proven", "seen_by_due"))
    assert "unreadable" in {finding.code for finding in edition.findings}
    assert "unreadable" in site.verdict().duty.findings
