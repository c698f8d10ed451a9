"""What a content system has to prove on an imitation portal: whole crawls over loopback."""

from __future__ import annotations

from pathlib import Path

from county import FIRST, HOST, THEN, County, column, county, scenario

from archive.identity.classification import classify
from imitation.portals.family import Row
from imitation.records import Column
from storage.observations import Observations
from storage.records import CaptureOutcome, CaptureRole, Link, LookOutcome

TITLE = "政府信息公开年报"


def reports_among(links: tuple[Link, ...]) -> set[str]:
    """The addresses taken for reports by their titles."""
    return {link.url for link in links if classify(link.text, link.url, place="宛平县").is_report}


def without_items(position: int, column: Column, entry: Row) -> str:
    """A row of a portal that was rebuilt: no link is left."""
    del position, column, entry
    return "<li><b>栏目已改版</b></li>"


def prove(path: Path, base: str, family: str, column_path: str, second: str) -> County:
    """Crawl a county through the real spider: all is found, a lost page is told, a changed one, a challenge; and what
    is new is found at the next look. ``second``: the path of the second page.
    """
    with county(path, scenario(family, column("nb", column_path))) as place:
        place.spider(base, f'column("nb", "http://{HOST}{column_path}", title="{TITLE}", covers="department")')
        (look,) = place.crawl()
        assert (look.outcome, look.reason) == (LookOutcome.OK, "")
        assert place.found(look) == place.true_entries(FIRST, "nb")
        with place.home() as home:
            links = Observations(home).extractions(look.id)[-1].links
        assert reports_among(links) == place.true_reports(FIRST, "nb")
        assert place.fetched() >= place.true_reports(FIRST, "nb")
        assert {c.outcome for c in place.captures(CaptureRole.ATTACHMENT)} == {CaptureOutcome.PAGE}
        for kind, at, outcome in (
            ("not_found", second, LookOutcome.PARTIAL),
            ("challenge", "/", LookOutcome.BLOCKED),
        ):
            fault = place.portals.add_fault(HOST, kind=kind, path=at)
            (look,) = place.crawl()
            assert (kind, look.outcome) == (kind, outcome)
            place.portals.remove_fault(fault)
        drawn = place.portals.site("wanping").family
        drawn.row = without_items  # type: ignore[method-assign]
        (look,) = place.crawl()
        assert (look.outcome, look.reason) == (LookOutcome.CHANGED, "no_item_found")
        del drawn.row  # type: ignore[method-assign]
        (look,) = place.crawl(THEN)
        assert look.outcome is LookOutcome.OK
        assert place.found(look) == place.true_entries(THEN, "nb")
        new = place.true_reports(THEN, "nb") - place.true_reports(FIRST, "nb")
        assert len(new) == 1
        assert new <= place.fetched()
    return place
