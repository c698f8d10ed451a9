"""``diff``: what belongs together side by side, what changed in it, and where it stands."""

from __future__ import annotations

import pytest
from small_archive import Site, report_page, title

from archive.queries.results import MarkedParagraph
from nianbao.python_api import Archive
from storage.home import Home
from tests.case_tables import read_cases

SFJ = "汶上县司法局"

#: what a report says before and after, and each paragraph that differs: on both sides, with what is marked in it
CASES = read_cases(__file__, "paragraphs")


def play(home: Home) -> None:
    site = Site(home, first_year=2025)
    column = site.column()
    texts = {f"c{at}": (before, after) for at, (_, before, after, _) in enumerate(CASES)}
    texts |= {"sfj": (["收到申请12件。"], ["收到申请13件<b>&lt;x&gt;</b>。"])}
    names = {name: SFJ if name == "sfj" else f"汶上县{name}局" for name in texts}
    for name, called in names.items():
        site.agency(name, called)
    entries = [(f"nb/{name}.html", title(called)) for name, called in names.items()]
    site.look("2026-01-20 09:00", column, entries)
    for name, both in texts.items():
        for day, total, lines in zip(("2026-01-20", "2026-02-09"), (3, 4), both, strict=True):
            text = "".join(f"</p><p>{line}" for line in lines) + "</p><p>"
            page = report_page(names[name], 2025, {"applications.received.total": total}, text=text)
            site.fetch(f"{day} 09:01", f"nb/{name}.html", page)


def marked(one: MarkedParagraph | None) -> tuple[str, tuple[str, ...]] | tuple[()]:
    return (one.text, tuple(one.text[i:j] for i, j in one.marks)) if one else ()


@pytest.mark.parametrize("at", range(len(CASES)), ids=[name for name, *_ in CASES])
def test_paragraphs_stand_beside_what_they_became(held: Archive, at: int) -> None:
    found = held.diff(f"wenshang/c{at}", 2025)
    *_, expected = CASES[at]
    assert [(marked(one.before), marked(one.after)) for one in found.paragraphs] == [*expected]
    assert [one.op for one in found.paragraphs] == [
        "added" if not before else "removed" if not after else "replaced" for before, after in expected
    ]


def test_cells_and_text_of_two_editions(held: Archive) -> None:
    found = held.diff(SFJ, 2025)
    (cell,) = found.cells
    assert (cell.id, cell.zh) == ("applications.received.total", "一、本年新收政府信息公开申请数量 / 总计")
    assert cell.en == "Applications received this year / total"
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
