"""``revisions``: every change of a report after it was first seen; ``diff``: what changed in it, side by side."""

from __future__ import annotations

import pytest
from small_archive import SmallSite, at, report_page, title

from archive.projection.update import update
from archive.queries.results import MarkedParagraph
from nianbao.python_api import Archive
from nianbao.web.report_pages import _find_removal
from storage.home import Home
from tests.case_tables import read_cases

SFJ, CZJ, MZJ, JYJ = "汶上县司法局", "汶上县财政局", "汶上县民政局", "汶上县教育局"
SECRET = "联系人电话13812345678。"
PERSONS, RECEIVED = "applications.received.natural_person", "applications.received.total"


def play(home: Home) -> None:
    """One changed in silence, one moved, one withdrawn and returned, one as it was; a list is read each time."""
    site = SmallSite(home, first_year=2025)
    site.departments(sfj=SFJ, czj=CZJ, mzj=MZJ, jyj=JYJ)
    column = site.column()
    at_first = {SFJ: "nb/sfj.html", CZJ: "nb/czj.html", MZJ: "nb/mzj.html", JYJ: "nb/jyj.html"}
    site.look("2026-01-20 09:00", column, [(path, title(name)) for name, path in at_first.items()])
    for name, path in at_first.items():
        site.fetch("2026-01-20 09:01", path, report_page(name, 2025, {PERSONS: 3, RECEIVED: 3}, text=SECRET))
    later = {SFJ: "nb/sfj.html", CZJ: "nb/2026/czj.html", JYJ: "nb/jyj.html"}
    run = site.run(at("2026-02-09 09:00"))
    links = [(path, title(name)) for name, path in later.items()]
    site.look("2026-02-09 09:00", column, links)
    site.fetch("2026-02-09 09:01", later[CZJ], report_page(CZJ, 2025, {PERSONS: 3, RECEIVED: 3}, text=SECRET), run=run)
    changed = report_page(SFJ, 2025, {PERSONS: 4, RECEIVED: 4}, text=SECRET.replace("电话", "手机"))
    site.fetch("2026-02-09 09:02", later[SFJ], changed, run=run)
    site.look("2026-02-20 09:00", column, links)
    site.look("2026-03-09 09:00", column, [*links, (at_first[MZJ], title(MZJ))])
    play_texts(home)


def play_texts(home: Home) -> None:
    site = SmallSite(home, name="liangshan", place="梁山县", division="370832", first_year=2025)
    column = site.column()
    texts = {f"c{at}": (before, after) for at, (_, before, after, _) in enumerate(CASES)}
    texts |= {"sfj": (["收到申请12件。"], ["收到申请13件<b>&lt;x&gt;</b>。"])}
    names = {name: "梁山县司法局" if name == "sfj" else f"梁山县{name}局" for name in texts}
    for name, called in names.items():
        site.agency(name, called)
    entries = [(f"nb/{name}.html", title(called)) for name, called in names.items()]
    site.look("2026-01-20 09:00", column, entries)
    for name, both in texts.items():
        for day, total, lines in zip(("2026-01-20", "2026-02-09"), (3, 4), both, strict=True):
            text = "".join(f"</p><p>{line}" for line in lines) + "</p><p>"
            page = report_page(names[name], 2025, {"applications.received.total": total}, text=text)
            site.fetch(f"{day} 09:01", f"nb/{name}.html", page)


def test_every_change_is_listed_with_its_bounds_and_editions(held: Archive) -> None:
    found = held.revisions(portal="wenshang")
    by_code = {line.change: line for line in found.lines}
    assert [line.change for line in found.lines] == ["moved", "silent_revision", "withdrawn", "returned"]
    silent = by_code["silent_revision"]
    assert silent.agency.name == SFJ
    assert (silent.last_before, silent.first_after) == (at("2026-01-20 09:01"), at("2026-02-09 09:02"))
    assert (silent.cells, silent.lines) == (2, 1)
    compared = held.diff(SFJ, 2025, silent.before, silent.after)
    assert (compared.before.id, compared.after.id) == (silent.before, silent.after)
    assert len(compared.cells) == silent.cells
    assert silent.hint == f"nianbao diff wenshang/sfj 2025 --from {silent.before} --to {silent.after}"
    captures = {capture.id for edition in (compared.before, compared.after) for capture in edition.captures}
    assert set(silent.evidence) <= captures
    moved = by_code["moved"]
    assert moved.agency.name == CZJ
    assert moved.before == moved.after is not None
    assert moved.cells is None
    assert moved.address.endswith("nb/czj.html")
    gone, back = by_code["withdrawn"], by_code["returned"]
    assert (gone.last_before, gone.first_after) == (at("2026-01-20 09:00"), at("2026-02-09 09:00"))
    assert gone.known == at("2026-02-20 09:01")
    assert (back.last_before, back.first_after) == (at("2026-02-20 09:00"), at("2026-03-09 09:00"))
    assert gone.before == back.after is not None
    assert (found.reports, found.met_once, found.withheld) == (4, 2, 0)


def test_a_report_taken_down_twice_is_gone_for_every_answer(own: Home) -> None:
    """Lines of duties had each code once, so that withdrawn, returned, withdrawn was read as returned."""
    site = SmallSite(own, first_year=2025)
    site.departments(sfj=SFJ, czj=CZJ)
    column, whole = site.column(), [("nb/czj.html", title(CZJ)), ("nb/sfj.html", title(SFJ))]
    site.fetch("2026-01-20 09:01", "nb/sfj.html", report_page(SFJ, 2025, {RECEIVED: 3}))
    days = {"2026-01-20": 2, "2026-02-01": 1, "2026-02-09": 1, "2026-02-20": 2, "2026-03-01": 1, "2026-03-09": 1}
    for day, number in days.items():
        site.look(f"{day} 09:00", column, whole[:number])
    update(own)
    held = Archive(own)
    gone_since = {"2026-02-10": "2026-02-01", "2026-02-21": None, "2026-03-10": "2026-03-01"}
    for as_of, since in gone_since.items():
        verdict = held.status(SFJ, 2025, as_of=as_of)
        [row] = held.export("duties", agency=SFJ, as_of=as_of)
        [line] = held.series(RECEIVED, agency=SFJ, as_of=as_of).lines
        removal = _find_removal(verdict.findings)
        assert (removal and f"{removal:%Y-%m-%d}") == since
        assert {verdict.duty.withdrawn, row["withdrawn"], "withdrawn" in line.marks} == {since is not None}
        assert (verdict.stated_as_of == verdict.lists_as_of) == (since is not None)  # nobody looked later


# ------------------------------------------------------------------------------------------------ what changed

#: what a report says before and after, and each paragraph that differs: on both sides, with what is marked in it
CASES = read_cases(__file__, "paragraphs")


def marked(one: MarkedParagraph | None) -> tuple[str, tuple[str, ...]] | tuple[()]:
    return (one.text, tuple(one.text[i:j] for i, j in one.marks)) if one else ()


@pytest.mark.parametrize("at", range(len(CASES)), ids=[name for name, *_ in CASES])
def test_paragraphs_stand_beside_what_they_became(held: Archive, at: int) -> None:
    found = held.diff(f"liangshan/c{at}", 2025)
    *_, expected = CASES[at]
    assert [(marked(one.before), marked(one.after)) for one in found.paragraphs] == [*expected]
    assert [one.op for one in found.paragraphs] == [
        "added" if not before else "removed" if not after else "replaced" for before, after in expected
    ]


def test_cells_and_text_of_two_editions(held: Archive) -> None:
    found = held.diff("liangshan/sfj", 2025)
    (cell,) = found.cells
    assert (cell.id, cell.zh) == ("applications.received.total", "一、本年新收政府信息公开申请数量 / 总计")
    assert cell.en == "New applications received / total"
    assert (cell.before.value, cell.before.raw, cell.before.state.value) == (3, "3", "printed")
    assert (cell.after.value, cell.before.locator["table"]) == (4, cell.after.locator["table"])
    (text,) = found.paragraphs
    assert (text.heading, text.key, text.op) == ("一、总体情况", "overview", "replaced")
    assert (marked(text.before), marked(text.after)) == (
        ("收到申请12件。", ("12",)),
        ("收到申请13件<x>。", ("13", "<x>")),
    )
    assert (text.before.document, text.after.document) == (found.before.main, found.after.main)
    assert text.before.locator == {"section": 2, "paragraph": 2}
    assert not found.shortened
