"""What looks, dates and the registry say of a report beside its link: when it was not shown, and who owed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from archive.projection.look_trust import END_UNKNOWN
from archive.queries.check import check
from archive.queries.look_answers import doubts_of
from archive.queries.revisions import revisions
from storage.observations import Observations
from storage.records import AgencyEnd, AgencyKind, CaptureOutcome, Listing, ListingForm, LookOutcome, RulingKind
from storage.registry import Registry
from tests.projection.small_archive import at, report_page
from tests.projection.stories import CZJ, SFJ, StoryPortal, Tale, story, title

FEBRUARY = ("2026-02-01 09:00", "2026-02-09 09:00")
GONE = ("missing", "proven", "absent_twice")

# ------------------------------------------------------------------------------------------------ folders

OLD, NEW = '<a href="n2024n.htm">2024年</a>', '<a href="n2025n.htm">2025年</a>'
OVERLOOKED = OLD + '<a href="n2025n.htm">二〇二五</a>'  # linked, under a name that nobody took for a folder's


def found_folder(site: StoryPortal, url: str = "nb/n2025n.htm", others: Sequence[tuple[str, str]] = ()) -> Listing:
    """The crawl of 15 February: the column leads to the folder, which has the report, dated in time."""
    site.departments(sfj=SFJ, swj="汶上县水务局")
    folder = Listing(
        id=f"{site.name}:found-1", portal=site.name, url=url if "://" in url else site.url(url),
        form=ListingForm.COLUMN, column="年报>2025年", recorded_at=at("2026-02-15 09:00"),
    )  # fmt: skip
    site.look("2026-02-15 09:00", site.column(), body=f'{OLD}<a href="{folder.url}">2025年</a>'.encode())
    Registry(site.home).put_listings([folder])
    site.look("2026-02-15 09:02", folder, [("nb/n2025n/sfj.htm", title(SFJ), "2026-01-20"), *others])
    site.fetch("2026-02-15 09:03", "nb/n2025n/sfj.htm", report_page(SFJ, 2025, published="2026-01-20"))
    return folder


@story()
def test_what_the_list_did_not_lead_to_was_not_shown(site: StoryPortal) -> Tale:
    for when in ("2026-01-25 09:00", *FEBRUARY):
        site.look(when, site.column(), body=OLD.encode())
    folder = found_folder(site)
    yield
    assert site.told()[:2] == ("late", "proven")
    assert site.told("swj") == GONE
    verdict = site.verdict()
    assert verdict.duty.last_absent == at("2026-02-09 09:00")
    assert {look.listing for look in verdict.looks} <= {f"{site.name}:nb", folder.id}
    assert site.told(when="2026-02-10 09:00")[0] == "missing"


OTHERS = [("nb/n2025n/2.htm", title(SFJ, 2023))]


@story(
    ((OVERLOOKED, OVERLOOKED), "nb/n2025n.htm", ()),
    ((OVERLOOKED, OLD, OLD), "nb/n2025n.htm", ()),  # it was there before it was found
    ((OLD, OLD), "nb/n2025n.htm", OTHERS),  # older than the link to it
    ((), "nb/n2025n.htm", ()),
)
def test_a_folder_that_may_have_been_there_is_asked_for(
    site: StoryPortal, pages: Sequence[str], url: str, others: Sequence[tuple[str, str]]
) -> Tale:
    for when, page in zip(("2026-01-30 09:00", *FEBRUARY)[-len(pages) :] if pages else (), pages, strict=True):
        site.look(when, site.column(), body=page.encode())
    if not pages:  # a look in part speaks for no folder
        for when in FEBRUARY:
            site.look(when, site.column(), outcome=LookOutcome.PARTIAL, body=OLD.encode())
    found_folder(site, url, others)
    yield
    assert site.told()[:2] == ("on_time", "claimed")


@story((OLD, True), (OLD + NEW, False))
def test_a_folder_that_was_taken_away_is_no_longer_shown(site: StoryPortal, page: str, gone: bool) -> Tale:
    site.look("2026-01-25 09:00", site.column(), body=OLD.encode())
    folder = found_folder(site)
    for when in ("2026-03-01 09:00", "2026-03-09 09:00", "2026-03-17 09:00"):
        run = site.run(at(when))
        site.look(when, site.column(), body=page.encode(), run=run)
        site.look(when, folder, outcome=LookOutcome.CHANGED, body=b"<html>404</html>", run=run)
    yield
    own = {line.change for line in revisions(site.home).lines if line.agency.id == f"{site.name}/sfj"}
    assert ("withdrawn" in own) is gone
    doubted = doubts_of(site.home, {look.id for look in Observations(site.home).looks(site.name)})
    assert [one.reason for one in doubted.values()].count("not_linked") == (3 if gone else 0)


# ------------------------------------------------------------------------------------------------ looks


@story(("2024-01-1", "missing"), ("2025-01-1", "unknown"))
def test_a_status_says_which_looks_count_though_nobody_knows_where_their_list_ends(
    site: StoryPortal, oldest: str, said: str
) -> Tale:
    site.departments(sfj=SFJ, **{f"d{n}": f"汶上县第{n}局" for n in range(10)})
    days = [*(f"2026-01-{day}" for day in range(26, 20, -1)), *(f"{oldest}{n}" for n in range(3, -1, -1))]
    links = [(f"nb/{day}.html", title(f"汶上县第{n}局", int(day[:4]) - 1), day) for n, day in enumerate(days)]
    for when in FEBRUARY:
        site.look(when, site.column(), links, LookOutcome.PARTIAL, reason=END_UNKNOWN)
    yield
    assert site.told()[0] == said
    counted = {(LookOutcome.PARTIAL, 2025)} if said == "missing" else set()
    assert {(look.outcome, look.whole_from) for look in site.verdict().looks} == counted


@story(
    ([("2.html", title(CZJ), "2026-01-20")], ("undetermined", "conflict", "dates_conflict")),
    ([("3.html", title(CZJ, 2024), "2025-01-20")], ("on_time", "claimed", "dated_in_time")),
    ([], ("on_time", "claimed", "dated_in_time")),
)
def test_a_printed_day_is_not_believed_against_a_look_that_showed_others_and_not_this(
    site: StoryPortal, shown: Sequence[tuple[str, str, str]], expected: tuple[str, str, str]
) -> Tale:
    site.departments(sfj=SFJ, czj=CZJ)
    site.look("2026-02-02 09:00", site.column(), shown, LookOutcome.PARTIAL)
    whole = [("2.html", title(CZJ), "2026-01-20"), ("1.html", title(SFJ), "2026-01-22")]
    site.look("2026-02-12 09:00", site.column(), whole)
    for path, name in (("1.html", SFJ), ("2.html", CZJ)):
        site.fetch("2026-02-12 09:05", path, report_page(name, 2025, published="2026-01-22"))
    yield
    assert site.told(when="2026-02-13 09:00") == expected
    assert ("date_conflict" in site.codes()) is (expected[0] == "undetermined")


@story()
def test_nothing_is_missing_by_looks_of_which_nobody_knows_who_answered(site: StoryPortal) -> Tale:
    """A list read over an expired certificate, until a person says that it was the portal's."""
    chain = f"{int(site.name[6:]):064x}"
    tls = f"expired sha256:{chain}"
    site.departments(sfj=SFJ, czj=CZJ)
    site.fetch("2026-01-31 08:00", "1.html", report_page(CZJ, 2025), tls=tls)
    for day in FEBRUARY:
        site.look(day, site.column(), [("1.html", title(CZJ))], tls=tls)
    yield
    assert site.told() == ("unknown", "none", "unverified")
    shown = site.verdict().looks
    assert [look.reason for look in shown] == ["certificate:expired"] * 2
    assert {capture.tls for look in shown for capture in look.captures} == {tls}
    assert site.told("czj")[0] == "on_time"
    site.rule("2026-03-02 09:00", RulingKind.CERTIFICATE, chain, holds=True)
    yield
    assert site.told(when="2026-03-01 09:00") == ("unknown", "none", "unverified")
    assert site.told(when="2026-03-02 10:00") == GONE


# ------------------------------------------------------------------------------------------------ dates

UNDATED = ("late", "one_look", "absent_once_undated")
SPARED = ("undetermined", "conflict", "absent_but_dated_in_time")


def shown_late(site: StoryPortal, *listed: str) -> None:
    site.departments(sfj=SFJ)
    for when in ("2026-01-25 09:00", "2026-02-01 09:00"):
        site.look(when, site.column())
    site.look("2026-02-09 09:00", site.column(), [("1.html", title(SFJ), *listed)])  # type: ignore[list-item]


@story()
def test_a_date_read_at_a_later_visit_of_the_first_edition_counts(site: StoryPortal) -> Tale:
    """At first the file was broken; the page as read later bears a date in time: a conflict, not "undated"."""
    shown_late(site)
    site.fetch("2026-02-09 10:00", "1.html", b"%PDF-1.4 broken", mime="application/pdf")
    site.fetch("2026-02-12 10:00", "1.html", report_page(SFJ, 2025, published="2026-01-30"))
    yield
    assert site.told(when="2026-02-10 09:00") == UNDATED
    assert site.told(when="2026-02-13 09:00") == SPARED


@story(("2026-01-30", SPARED), ("2026-02-05", UNDATED))
def test_the_listing_date_of_a_dead_link_spares_and_never_accuses(
    site: StoryPortal, listed: str, expected: tuple[str, str, str]
) -> Tale:
    """d is that of the first edition held; where none is held, the listing's date can only speak for the agency."""
    shown_late(site, listed)
    site.fetch("2026-02-09 10:00", "1.html", None, outcome=CaptureOutcome.NOT_FOUND)
    yield
    assert site.told(when="2026-02-10 09:00") == expected


@story(first_year=2023)
def test_nobody_is_late_by_the_day_of_a_migration(site: StoryPortal) -> Tale:
    departments, links = {"sfj": SFJ, "czj": CZJ, "mzj": "汶上县民政局"}, []
    site.departments(**departments)
    for key, name in departments.items():
        for year in (2023, 2024):
            links.append((f"{key}{year}.html", title(name, year), "2025-10-18"))
            site.fetch("2025-12-10 09:01", f"{key}{year}.html", report_page(name, year, published="2025-10-18"))
    site.look("2025-12-10 09:00", site.column(), links)
    yield
    for key in departments:
        for year in (2023, 2024):
            assert site.told(key, year, "2025-12-11 09:00") == ("undetermined", "none", "no_date")


# ------------------------------------------------------------------------------------------------ who owed it

ENDED, STAYS = "汶上县扶贫开发办公室", (SFJ, CZJ, "汶上县教育局")
SILENT = ("unknown", "none", "fallen_silent")


def silent(site: StoryPortal, source: str, others: Sequence[str]) -> None:
    """One body's last report is on 2023, the others go on: two looks before that on 2025 is due, and two after."""
    site.agency("b0", ENDED, source=source.format(site.url("nb/")))
    for number, name in enumerate(others, 1):
        site.agency(f"b{number}", name)
    shown = [_report(site, ENDED, 2023, "2025-12-10"), *(_report(site, name, 2024, "2025-12-10") for name in others)]
    for day in ("2025-12-10", "2025-12-20"):
        site.look(f"{day} 10:00", site.column(), shown)
    shown += [_report(site, name, 2025, "2026-02-10") for name in others]
    for day in ("2026-02-10", "2026-02-20"):
        site.look(f"{day} 10:00", site.column(), shown)


def _report(site: StoryPortal, name: str, year: int, day: str) -> tuple[str, str]:
    path = f"nb/{year}-{len(name)}-{ord(name[3])}.html"
    site.fetch(f"{day} 09:00", path, report_page(name, year))
    return path, title(name, year)


@story(
    ("county.csv: {}", STAYS, 2025, SILENT),
    ("import of list.csv", STAYS, 2025, GONE),
    ("county.csv: {}", STAYS[:1], 2025, GONE),
    first_year=2023,
)
def test_who_is_silent_for_two_years_beside_others_may_have_ended(
    site: StoryPortal, source: str, others: Sequence[str], year: int, expected: tuple[str, str, str]
) -> Tale:
    silent(site, source, others)
    yield
    assert site.told("b0", year, "2026-03-01 09:00") == expected
    assert site.told("b0", 2024, "2025-12-25 09:00") == GONE  # after one year nobody knows that yet


JTJ = "汶上县交通运输局"
ALONE = ("unknown", "none", "link_alone")


def met_on_a_list(
    site: StoryPortal, body: bytes | None = None, source: str = "county.csv: {nb}", **more: object
) -> None:
    """A list without the body's report for 2024 in two looks, and then with a link to that for 2025."""
    site.agency("jtj", JTJ, source=source.format(nb=site.url("nb/"), site=site.url("")), **more)
    column = site.column(covers=(AgencyKind.DEPARTMENT, AgencyKind.GOVERNMENT))
    for when in ("2025-12-10 09:00", "2025-12-20 09:00"):
        site.look(when, column)
    site.look("2026-01-20 09:00", column, [("1.pdf", title(JTJ))])
    site.fetch("2026-01-20 09:05", "1.pdf", body, outcome=CaptureOutcome.PAGE if body else CaptureOutcome.TOO_LARGE)


@story((None,), (b"%PDF-1.4 broken",), first_year=2024)
def test_a_body_that_only_a_link_names_owes_nothing_in_other_years(site: StoryPortal, body: bytes | None) -> Tale:
    met_on_a_list(site, body)
    site.agency("gov", "汶上县人民政府", AgencyKind.GOVERNMENT, source="county.csv: guessed: http://x/", guessed=True)
    yield
    assert site.told("jtj", 2024) == ALONE
    assert site.told("jtj")[:2] == ("on_time", "proven")
    assert site.told("gov", 2024, "2026-02-20 09:00")[:2] == ("missing", "one_look")  # the place has a government


@story(first_year=2024)
def test_a_report_that_can_be_read_speaks_for_its_year_and_later(site: StoryPortal) -> Tale:
    """The body may have been founded since: before its first report it owes nothing."""
    met_on_a_list(site)
    site.fetch("2026-02-10 09:00", "1.pdf", report_page(JTJ, 2025))
    yield
    assert site.told("jtj", 2024, "2026-02-09 09:00") == ALONE
    assert site.told("jtj", 2024, "2026-02-20 09:00") == ("unknown", "none", "not_attested")
    site.publish("2026-02-15", "0.html", JTJ, 2023)
    yield
    assert site.told("jtj", 2024, "2026-02-20 09:00") == GONE


@story(first_year=2024)
def test_a_source_that_names_a_body_ends_it(site: StoryPortal) -> Tale:
    met_on_a_list(site)
    (held,) = Registry(site.home).agencies(site.name)
    named = replace(held, source="import of list.csv: a letter", recorded_at=at("2026-02-10 09:00"))
    Registry(site.home).put_agencies([named])
    yield
    assert site.told("jtj", 2024, "2026-02-09 09:00") == ALONE
    assert site.told("jtj", 2024, "2026-02-20 09:00") == GONE


@story(first_year=2024)
def test_the_everyday_name_of_a_body_that_a_list_names_owes_nothing_beside_it(site: StoryPortal) -> Tale:
    listed = {"source": f"county.csv: {site.url('nb/')}"}
    site.agency("short", "汶上县交通局", **listed)
    site.agency("sfj", SFJ, **listed)
    site.agency("full", JTJ, source="import of list.csv: ", recorded_at=at("2026-01-10 09:00"))
    site.publish("2026-01-20", "1.html", "汶上县交通局")
    yield
    assert (site.told("full")[0], site.told()[0]) == ("on_time", "unknown")
    assert "agency_short_name" in site.codes("full")


# ---------------------------------------------------------------------------------- successors, and numbers of agencies

OUT, IN = "applications.carried_out.total", "applications.carried_in.total"


@story(first_year=2023)
def test_a_renamed_body_carries_over_what_its_former_name_reported(site: StoryPortal) -> Tale:
    former, name, day = "汶上县工商行政管理局", "汶上县市场监督管理局", date(2025, 3, 31)
    site.agency("old", former, valid_to=day, ended=AgencyEnd.MERGED, successors=(f"{site.name}/new",))
    site.agency("new", name, valid_from=date(2025, 4, 1))
    links = [("nb/2024.html", title(former, 2024), "2025-01-20"), ("nb/2025.html", title(name), "2026-01-20")]
    site.look("2026-01-22 09:00", site.column(), links)
    site.fetch("2026-01-22 09:05", "nb/2024.html", report_page(former, 2024, {OUT: 7}))
    site.fetch("2026-01-22 09:06", "nb/2025.html", report_page(name, 2025, {IN: 5}))
    yield
    lines = check(site.home, code=["carry_over"]).lines
    (told,) = (one.en for one in lines if one.agency.id.startswith(f"{site.name}/"))
    rule = "what is carried in is what the year before carried out"
    assert f" ({rule}): the report for 2025 gives 5, that of {former} for 2024 gives 7." in told


@story((0, True), (62, False))
def test_a_stated_number_of_bodies_that_the_registry_does_not_know_is_a_finding(
    site: StoryPortal, others: int, doubted: bool
) -> Tale:
    site.agency("zf", "汶上县人民政府", AgencyKind.GOVERNMENT)
    site.departments(sfj=SFJ, **{f"body{at}": f"汶上县第{at}局" for at in range(others)})
    column, stated = site.column(covers=tuple(AgencyKind)), "完成全县64家单位政府信息公开年度报告集中公开。"
    site.publish("2026-01-22", "nb/1.html", "汶上县人民政府", listing=column, text=stated)
    yield
    of_editions = {one.code for edition in site.verdict("zf").editions for one in edition.findings}
    assert ("bodies_stated" in of_editions | site.codes("zf")) is doubted


@story()
def test_a_report_that_two_lists_lose_on_one_day_is_taken_down_once(site: StoryPortal) -> Tale:
    """As a list of the newest year and one of all agencies show it (古塔区, VSB). The look a week later, which confirms
    it, began some minutes earlier in the day.
    """
    site.departments(sfj=SFJ)
    columns = [site.column(), site.column("nb2")]
    site.fetch("2026-01-25 09:05", "nb/1.html", report_page(SFJ, 2025), link_text=title(SFJ))
    for day, links in (
        ("2026-01-25 09:00", [("nb/1.html", title(SFJ))]),
        ("2026-02-09 09:04", []),
        ("2026-02-16 09:00", []),
    ):
        run = site.run(at(day))
        for minute, column in enumerate(columns):
            site.look(f"{day[:-1]}{int(day[-1]) + minute}", column, [*links, ("nb/2.html", title(CZJ))], run=run)
    yield
    changes = [line.change for line in revisions(site.home).lines if line.agency.id == f"{site.name}/sfj"]
    assert changes == ["withdrawn"]
