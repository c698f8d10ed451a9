"""``revisions``: every change of a report after it was first seen, on either engine."""

from __future__ import annotations

from small_archive import Site, at, report_page, title

from nianbao.python_api import Archive
from storage.home import Home

SFJ, CZJ, MZJ, JYJ = "汶上县司法局", "汶上县财政局", "汶上县民政局", "汶上县教育局"
SECRET = "联系人电话13812345678。"
PERSONS, RECEIVED = "applications.received.natural_person", "applications.received.total"


def play(home: Home) -> None:
    """One changed in silence, one moved, one withdrawn and returned, one as it was; a list is read each time."""
    site = Site(home, first_year=2025)
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


def test_every_change_is_listed_with_its_bounds_and_editions(held: Archive) -> None:
    found = held.revisions()
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
