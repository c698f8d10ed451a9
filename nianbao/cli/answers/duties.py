"""``coverage``, ``totals`` and ``status``: who published when."""

from __future__ import annotations

from pathlib import Path

from archive.queries.results import AgencyDuties, Coverage, Totals, Verdict
from nianbao.cli import common
from nianbao.cli.answers.lists import grades, why_empty
from nianbao.cli.asking import View
from nianbao.sentences import sentence
from storage.records import EvidenceGrade, Status


def coverage(view: View) -> None:
    """Print a grid of agencies and years with statuses (on time, late, missing, unknown), and rates with bounds."""
    answer: Coverage = view.answer(links=not view.out.is_for_people)
    grades_asked = grades(answer.evidence or ())
    what = sentence("what.graded", grades=grades_asked) if grades_asked else sentence("what.asked")
    lines = [line for row in answer.rows for line in row.cells.values()]
    present = {line.status for line in lines}
    weak = {line.evidence for line in lines} - {EvidenceGrade.PROVEN, EvidenceGrade.NONE, EvidenceGrade.RULED}
    marks = [f"{sentence(f'letter.{one}')} {sentence(f'status_short.{one}')}" for one in Status if one in present]
    view.present(
        answer, "coverage", grades=grades_asked, marks=marks,
        weak_grades=[sentence(f"evidence.{one}") for one in EvidenceGrade if one in weak],
        portals={row.agency.portal for row in answer.rows},
        is_more_to_know=any(line.findings for line in lines),
        **why_empty(answer.rows, what, answer.known),
    )  # fmt: skip


def totals(view: View) -> None:
    """Print counts of statuses by portal and year, and rates with their bounds."""
    answer: Totals = view.answer()
    rows = [(place, year, counts) for place in answer.places for year, counts in place.years.items()]
    statuses_present = {status for _, _, counts in rows for status, number in counts.by_status.items() if number}
    statuses, portals = [one for one in Status if one in statuses_present], {one.portal for one in answer.places}
    why = why_empty(answer.places, sentence("what.asked"), answer.known)
    grades_asked = grades(answer.evidence or ())
    view.present(answer, "totals", rows=rows, statuses=statuses, grades=grades_asked, portals=portals, **why)


def status(view: View, *, html: Path | None = None) -> None:
    """Print the status of a report with its history and all evidence; without a year, the agency's statuses by year."""
    if "year" in view.values and "years" in view.values:
        common.fail(sentence("duty.year_or_years"))
    if "year" not in view.values:
        if html is not None:
            common.fail(sentence("duty.page_needs_year"))
        every: AgencyDuties = view.answer("agency_duties")
        why = why_empty(every.duties, sentence("what.of_agency", agency=every.agency.name), every.known)
        view.present(every, "agency_duties", **why)
        return
    verdict: Verdict = view.answer()
    if html is not None:
        from nianbao.web.standalone_pages import duty_page

        view.write_page(html, lambda: duty_page(view.home, verdict))
    else:
        view.present(verdict, "status")
