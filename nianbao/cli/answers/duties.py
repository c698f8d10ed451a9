"""``coverage``, ``totals`` and ``status``: who published when."""

from __future__ import annotations

from pathlib import Path

from archive.queries.results import AgencyDuties, Coverage, Totals, Verdict
from nianbao.cli import common
from nianbao.cli.answers.empty_answers import why_empty
from nianbao.cli.answers.lists import grades
from nianbao.cli.asking import View
from nianbao.sentences import sentence
from storage.records import Status


def coverage(view: View) -> None:
    """Agency × year: who published, who was late, what is missing, what is not known; and rates with their bounds."""
    found: Coverage = view.answer(links=not view.out.is_for_people)
    asked = grades(found.evidence or ())
    what = sentence("what.graded", grades=asked) if asked else sentence("what.asked")
    view.present(
        found, "coverage", grades=asked, portals={row.agency.portal for row in found.rows},
        is_more_to_know=any(line.findings for row in found.rows for line in row.cells.values()),
        **why_empty(found.rows, what, found.known),
    )  # fmt: skip


def totals(view: View) -> None:
    """Counts by portal and year, and rates with their bounds."""
    found: Totals = view.answer()
    rows = [(place, year, counts) for place in found.places for year, counts in place.years.items()]
    held = {status for _, _, counts in rows for status, number in counts.by_status.items() if number}
    statuses, portals = [one for one in Status if one in held], {one.portal for one in found.places}
    why = why_empty(found.places, sentence("what.asked"), found.known)
    asked = grades(found.evidence or ())
    view.present(found, "totals", rows=rows, statuses=statuses, grades=asked, portals=portals, **why)


def status(view: View, *, html: Path | None = None) -> None:
    """One duty: its status, how it came about, every look, capture and ruling it rests on; or an agency's, by year."""
    if "year" in view.given and "years" in view.given:
        common.fail(sentence("duty.year_or_years"))
    if "year" not in view.given:
        if html is not None:
            common.fail(sentence("duty.page_needs_year"))
        every: AgencyDuties = view.answer("agency_duties")
        why = why_empty(every.duties, sentence("what.of_agency", agency=every.agency.name), every.known)
        view.present(every, "agency_duties", **why)
        return
    found: Verdict = view.answer()
    if html is not None:
        from nianbao.cli.answers.standalone_pages import duty_page

        view.write_page(html, lambda: duty_page(view.home, found))
    else:
        view.present(found, "status")
