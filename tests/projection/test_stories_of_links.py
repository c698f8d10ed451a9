"""What a link on a list leads to, and what it proves: the report, nothing, somebody else's, or nobody knows."""

from __future__ import annotations

from archive.identity.addresses import UNLINKED, printed_at
from storage.records import AgencyKind, CaptureOutcome, CaptureRole, RulingKind
from tests.projection.small_archive import report_page
from tests.projection.stories import CZJ, MZJ, SFJ, StoryPortal, Tale, story, title

FEBRUARY = ("2026-02-01 09:00", "2026-02-09 09:00")
OPEN = ("unknown", "none", "unresolved_lead")
SEEN = ("on_time", "proven", "seen_by_due")
GONE = ("missing", "proven", "absent_twice")


def linked(site: StoryPortal, url: str = "nb/1.html", words: str = title(SFJ), *others: tuple[str, ...]) -> None:
    """Two agencies, one of which a column links in both looks of February."""
    site.departments(sfj=SFJ, czj=CZJ)
    column = site.column()
    for when in FEBRUARY:
        site.look(when, column, [(url, words), *others])  # type: ignore[list-item]


@story()
def test_a_lead_nobody_fetched_keeps_the_question_open_until_a_person_rules_it_out(site: StoryPortal) -> Tale:
    linked(site)
    yield
    assert site.told() == OPEN
    assert site.told("czj") == GONE
    site.rule("2026-02-10 09:00", RulingKind.LEAD, site.url("nb/1.html"), is_report=False)
    yield
    assert site.told() == GONE
    assert site.told(when="2026-02-09 12:00") == OPEN


@story(("http://127.0.0.1:8080/1.html",), ("https://mp.weixin.qq.com/s/1",))
def test_a_report_whose_link_leads_off_the_portal_is_not_missing(site: StoryPortal, url: str) -> Tale:
    """It stands on the listing for everybody to see; nobody may look where it leads, so nobody knows."""
    linked(site, url, title(SFJ), ("http://www.dezhou.gov.cn/news.html", "德州市召开政务公开工作会议", "2026-01-20"))
    yield
    assert (site.told(), site.told("czj")) == (OPEN, GONE)
    (line,) = site.review()
    assert (line.subject, "away from the portal" in line.en, f"where={url}" in line.open) == (url, True, True)


@story()
def test_a_report_that_is_printed_without_a_link_is_not_missing(site: StoryPortal) -> Tale:
    url, bare = printed_at(site.url("nb/"), title(SFJ)), "2025年政府信息公开工作年度报告"
    linked(site, url, title(SFJ), (printed_at(site.url("nb/"), bare), bare))
    own = site.column("own", agency=site.agency("mzj", MZJ).id, covers=())
    for when in FEBRUARY:  # on the listing of one body a report of nobody is its own
        site.look(when, own, [(printed_at(own.url, bare), bare)])
    yield
    assert site.told() == site.told("mzj") == ("unknown", "none", UNLINKED)
    assert site.told("czj") == GONE
    assert any("without a link" in line.en for line in site.review() if line.subject == url)
    site.publish("2026-02-20", "nb/1.html", SFJ)
    yield
    assert site.told()[1] not in {"proven", "one_look"}  # it was not absent before it got its link


UNDATED = "汶上县司法局政府信息公开工作年度报告"


@story()
def test_an_entry_without_a_year_is_asked_about_until_a_person_rules(site: StoryPortal) -> Tale:
    linked(site, "nb/1.html", UNDATED)
    site.fetch("2026-02-09 09:01", "nb/1.html", None, outcome=CaptureOutcome.NOT_FOUND)
    yield
    assert site.told()[0] == "unknown"
    (line,) = (one for one in site.review() if one.subject == site.url("nb/1.html"))
    assert (line.kind, line.title, "2025" in line.en) == ("lead", UNDATED, True)
    assert ("lead", line.subject) in {choice.words[:2] for choice in line.choices}
    site.rule("2026-02-10 09:00", RulingKind.LEAD, line.subject, is_report=False)
    yield
    assert site.told() == GONE
    assert not site.review()


# ------------------------------------------------------------------------------------------------ announced


def announced(site: StoryPortal) -> None:
    """A link to a report that is shown before its day and is gone in three looks after it."""
    site.departments(sfj=SFJ, czj=CZJ)
    column, stays = site.column(), ("nb/9.html", title(CZJ))
    site.look("2026-01-20 09:00", column, [("nb/1.html", title(SFJ)), stays])
    site.fetch("2026-01-20 09:01", stays[0], report_page(CZJ, 2025))
    for day in ("2026-02-02", "2026-02-12", "2026-02-25"):
        site.look(f"{day} 09:00", column, [stays])


@story()
def test_one_that_could_not_be_fetched_counts_as_shown(site: StoryPortal) -> Tale:
    announced(site)
    site.fetch("2026-01-20 09:02", "nb/1.html", None, outcome=CaptureOutcome.UNREACHABLE)
    yield
    assert (site.told(), site.held()) == (SEEN, [])
    site.publish("2026-03-09", "nb/1.html", SFJ)
    yield
    assert site.told(when="2026-02-02 09:00") == SEEN
    assert site.told()[0] == "on_time"


@story((True,), (False,))
def test_one_that_comes_back_elsewhere_is_late_only_if_it_is_known_what_the_first_opened(
    site: StoryPortal, is_fetched: bool
) -> Tale:
    announced(site)
    if is_fetched:
        site.fetch("2026-01-20 09:02", "nb/1.html", report_page("汶上县水务局", 2025))
        site.rule("2026-01-21 09:00", RulingKind.BINDING, site.url("nb/1.html"), is_report=False)
    site.look("2026-03-02 09:00", site.column(), [("nb/2.html", title(SFJ)), ("nb/9.html", title(CZJ))])
    site.fetch("2026-03-02 09:01", "nb/2.html", report_page(SFJ, 2025))
    yield
    assert site.told()[0] == ("late" if is_fetched else "undetermined")


# ------------------------------------------------------------------------------------------------ whose it is


@story()
def test_addresses_that_are_the_report(site: StoryPortal) -> Tale:
    agencies = [site.agency(key, name) for key, name in (("sfj", SFJ), ("czj", CZJ), ("mzj", MZJ))]
    sfj, czj, mzj = (site.addressed(agency, 2025) for agency in agencies)
    good = site.fetch("2026-02-01 09:00", sfj.url, report_page(SFJ, 2025))
    site.ask("2026-02-01 09:01", czj, None, control=good)
    site.ask("2026-02-01 09:02", mzj, None)
    again = site.fetch("2026-02-09 09:00", sfj.url, report_page(SFJ, 2025))
    site.ask("2026-02-09 09:01", czj, None, control=again)
    site.ask("2026-02-09 09:02", mzj, report_page(MZJ, 2025))
    yield
    assert site.told("czj") == GONE
    assert site.told("mzj")[0] == "undetermined"
    assert site.verdict("mzj").editions[0].track == mzj.url


@story()
def test_a_binding_ruled_later_leaves_what_was_told_before(site: StoryPortal) -> Tale:
    linked(site, "nb/1.html", title(CZJ))
    for when in FEBRUARY:
        page = site.fetch(when, "nb/1.html", report_page(CZJ, 2025, text=site.name))
    yield
    before = [site.told(key, when="2026-02-20 09:00") for key in ("sfj", "czj")]
    assert before[0] == GONE
    assert page.document is not None
    site.rule("2026-03-01 09:00", RulingKind.BINDING, page.document, agency=f"{site.name}/sfj", year=2025)
    site.rule("2026-03-01 09:00", RulingKind.BINDING, "0" * 64, is_report=False)  # of another portal: retells nothing
    yield
    assert [site.told(key, when="2026-02-20 09:00") for key in ("sfj", "czj")] == before
    assert (site.told()[0], site.told("czj")) == ("undetermined", GONE)
    assert (len(site.held()), site.held("czj")) == (1, [])


@story()
def test_a_report_of_nobody_known_could_be_his_whom_its_link_names(site: StoryPortal) -> Tale:
    """A stray name in the printed title accuses nobody: unbound, it is not proof that the named agency has none."""
    linked(site)
    for when in FEBRUARY:
        site.fetch(when, "nb/1.html", report_page("汶上县丙丁局", 2025))
    yield
    assert site.told(when="2026-02-20 09:00") == OPEN


@story()
def test_a_list_of_one_entry_that_a_link_calls_a_report_is_none(site: StoryPortal) -> Tale:
    gov = "汶上县人民政府"
    site.agency("xzf", gov, AgencyKind.GOVERNMENT)
    years, folder = site.column(), site.column("nb/2025")
    site.look("2026-04-01 09:00", years, [("nb/2025/", "2025年>县政府")])
    site.look("2026-04-01 09:01", folder, [("nb/1.html", title(gov), "2026-03-20")])
    row = f"<html><title>年报</title><ul><li><a href='/nb/1.html'>{title(gov)}</a> 2026-03-20</li></ul></html>"
    site.fetch("2026-04-01 09:02", "nb/2025/", row.encode())
    site.fetch("2026-04-01 09:03", "nb/1.html", report_page(gov, 2025, published="2026-03-20"))
    yield
    assert len(site.held("xzf")) == 1


# ------------------------------------------------------------------------------------------------ one page for two

BOTH, ON_TIME, UNKNOWN = f"{SFJ}、{CZJ}", ("on_time", "proven"), ("unknown", "none")
TWO = (title(SFJ), title(CZJ))


def page(name: str = "", opening: str = "", foot: str = "") -> bytes:
    """A report titled for ``name``, of which the opening names the agencies of ``opening``; ``foot`` signs it."""
    text = report_page(SFJ, 2025).decode().replace(title(SFJ), title(name))
    text = text.replace(f"{SFJ}按照规定", f"{opening or name or '本机关'}按照规定")
    return text.replace("</body>", f"{foot}</body>").encode()


def shared(site: StoryPortal, body: bytes | None, titles: tuple[str, ...]) -> None:
    """A list whose entries of these titles have one address; a look in January, and two in February."""
    site.departments(sfj=SFJ, czj=CZJ)
    column = site.column()
    for day in ("2026-01-20 09:00", *FEBRUARY):
        site.look(day, column, [("1.html", one, "2026-01-20") for one in titles])
    site.fetch("2026-01-20 09:05", "1.html", body, outcome=CaptureOutcome.PAGE if body else CaptureOutcome.TOO_LARGE)


def shares(site: StoryPortal) -> list[tuple[str, str, bool]]:
    return [(*site.told(key)[:2], "shared_report" in site.codes(key)) for key in ("sfj", "czj")]


@story(
    (page(BOTH), TWO), (page(f"{SFJ}和{CZJ}"), (title(BOTH),)), (page(f"{SFJ}、财政局"), (title(SFJ),)),
    (page(SFJ, foot=f"<p>{SFJ}</p><p>{CZJ}</p><p>2026年1月20日</p>"), TWO), (page("", opening=BOTH), TWO),
    (page(""), TWO), (None, TWO), (None, (title(BOTH),)),
)  # fmt: skip
def test_one_page_is_the_report_of_both_bodies_that_it_names(
    site: StoryPortal, body: bytes | None, titles: tuple[str, ...]
) -> Tale:
    shared(site, body, titles)
    yield
    assert shares(site) == [(*ON_TIME, True), (*ON_TIME, True)]


@story(
    (page(SFJ), TWO, [(*ON_TIME, False), (*UNKNOWN, True)]),
    (page(SFJ), (title(BOTH),), [(*ON_TIME, False), (*UNKNOWN, True)]),
    (page(CZJ), TWO, [(*UNKNOWN, True), (*ON_TIME, False)]),
    (page(SFJ), (title(CZJ),), [(*ON_TIME, False), (*UNKNOWN, False)]),
)
def test_a_text_that_names_one_leaves_the_other_unknown(
    site: StoryPortal, body: bytes, titles: tuple[str, ...], expected: list[object]
) -> Tale:
    shared(site, body, titles)
    yield
    assert shares(site) == expected
    if expected[0] == (*ON_TIME, False) and titles == TWO:
        site.rule("2026-02-20 09:00", RulingKind.BINDING, site.url("1.html"), agency=f"{site.name}/sfj", year=2025)
        yield
        assert shares(site) == [(*ON_TIME, False), ("missing", "proven", False)]


# ------------------------------------------------------------------------------------------------ attachments

COUNTY, JYJ = "汶上县人民政府", "汶上县教育局"
HEADINGS = ("汶上县2025年各部门政府信息公开工作年度报告", "汶上县人民政府2025年政府信息公开工作年度报告")


def notice(site: StoryPortal, heading: str, *files: tuple[str, bytes], when: str = "2026-01-25") -> list[str]:
    """A page with nothing but links to files, (words, bytes) each; gives the files' documents."""
    site.agency("zf", COUNTY, AgencyKind.GOVERNMENT)
    site.departments(sfj=SFJ, czj=CZJ, jyj=JYJ)
    links = "".join(f'<p><a href="f{n}.htm">{words}</a></p>' for n, (words, _) in enumerate(files))
    body = f"<html><head><title>{heading}</title></head><body><h1>{heading}</h1>{links}</body></html>"
    site.look(f"{when} 09:00", site.column(covers=tuple(AgencyKind)), [("nb/1.html", heading)])
    main = site.fetch(f"{when} 09:01", "nb/1.html", body.encode()).id
    more = {"role": CaptureRole.ATTACHMENT, "via": main}
    fetched = [
        site.fetch(f"{when} 09:{2 + n:02}", f"nb/f{n}.htm", data, link_text=words, **more)  # type: ignore[arg-type]
        for n, (words, data) in enumerate(files)
    ]
    return [capture.document or "" for capture in fetched]


def unnamed(agency: str) -> bytes:
    """A report that does not say whose it is."""
    return report_page(agency, 2025).replace(agency.encode(), b"")


@story(*((heading,) for heading in HEADINGS))
def test_each_file_is_the_report_of_the_body_that_it_names(site: StoryPortal, heading: str) -> Tale:
    files = (("附件1：司法局.docx", report_page(SFJ, 2025)), ("附件2：财政局.docx", report_page(CZJ, 2025)))
    documents = notice(site, heading, *files)
    yield
    assert [site.held(key) for key in ("sfj", "czj", "zf")] == [documents[:1], documents[1:], []]
    assert site.told("jyj")[0] == "unknown"  # such a notice proves no absence


@story()
def test_a_file_that_names_nobody_is_whose_its_link_says_and_never_the_publishers(site: StoryPortal) -> Tale:
    files = (("司法局", unnamed(SFJ)), ("财政局", report_page(CZJ, 2025)), ("下载", unnamed(JYJ + "本级")))
    documents = notice(site, HEADINGS[0], *files)
    yield
    assert [site.held(key) for key in ("sfj", "czj", "zf", "jyj")] == [documents[:1], documents[1:2], [], []]


@story()
def test_a_file_that_its_link_contradicts_goes_to_review(site: StoryPortal) -> Tale:
    notice(site, HEADINGS[0], ("司法局", report_page(JYJ, 2025)), ("财政局", report_page(CZJ, 2025)))
    yield
    assert site.held() == site.held("jyj") == []
    assert any("nb/f0.htm" in line.subject for line in site.review())


@story((HEADINGS[0], "unknown"), (title(SFJ), "missing"))
def test_one_file_of_many_bodies_hides_those_that_nobody_has_opened(
    site: StoryPortal, heading: str, expected: str
) -> Tale:
    """A packed file of all departments is read as one report: the others may be in it."""
    site.departments(sfj=SFJ, jyj=JYJ)
    column = site.column()
    for day in ("2026-02-02", "2026-02-04", "2026-02-20"):
        site.look(f"{day} 09:00", column, [("nb/all.zip", heading)])
        site.fetch(f"{day} 09:01", "nb/all.zip", report_page(SFJ, 2025))
    yield
    assert site.told("jyj")[0] == expected
