"""The commands ``review`` (doubts that people must decide) and ``withhold`` (hide reports and documents)."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from archive.exports.plain_values import fields_of
from archive.queries import words
from archive.queries.coverage_of_answer import knowledge_of
from archive.queries.reports import documents_of, report_named
from archive.queries.results import Known
from archive.queries.review import WHO_AND_WHY, ReviewLine, review
from archive.queries.where import Where
from archive.queries.withholding import DIGEST, report_of, subject_of, withheld, withholdings
from nianbao.cli import common
from nianbao.cli.command_functions import archive_command
from nianbao.cli.common import portal_of
from nianbao.cli.output import Printer, print_sentence, print_text
from nianbao.cli.screens import show
from nianbao.rulings import decided, rule_on
from nianbao.sentences import sentence
from storage.captures import CaptureStore
from storage.home import Home
from storage.records import ReportKey


@archive_command("json", "csv")
def review_command(home: Home, printer: Printer, *, portal: str | None = None) -> None:
    """Print what a person must decide: doubtful links and documents, suspect looks, listings and agencies in doubt."""
    name = portal_of(home, portal)
    lines = review(home, name)
    unknown = "" if lines else _why_none_can_be(knowledge_of(home, Where(portal=name)))
    if printer.is_for_people:
        if lines:
            show("review", doubts=[(line, _ways(line, sentence("review.cited"))) for line in lines])
        else:
            print_text(unknown or sentence("review.nothing"))
    else:
        printer.table("doubts", [line.to_dict() | {"decide": " | ".join(_ways(line, WHO_AND_WHY))} for line in lines])
    common.attention(lines or unknown)


def _why_none_can_be(coverage: Known) -> str:
    """Return why there can be no doubts: no portal was crawled, or no report is known to be due; else ""."""
    if not coverage.asked:
        return sentence("review.no_portal")
    return "" if coverage.duties else sentence("review.no_duty")


def _ways(line: ReviewLine, cited: str) -> list[str]:
    """Return the commands that decide a doubt, quoted for a shell because portals supply parts of them."""
    ways = [f"nianbao rule {shlex.join(choice.words)} {cited}" for choice in line.choices]
    return [*ways, *([line.open] if line.open else [])]


@archive_command("json", "csv")
def withhold_command(
    home: Home,
    printer: Printer,
    subject: str | None = None,
    year: Annotated[str | None, typer.Argument(metavar="YEAR", show_default=False)] = None,
    *,
    edition: str | None = None,
    by: str = "",
    reason: str = "",
    source: str = "",
    lift: bool = False,
) -> None:
    """Withhold a report (agency and year) or a document (``subject``: its SHA-256) from answers, exports and replay;
    bytes and status stay. ``edition``: only its documents; ``lift``: undo it. Without arguments: list all.
    """
    if subject is None:
        _list(home, printer)
        return
    if not by.strip() or not reason.strip():
        common.fail(sentence("withhold.needs"))
    report = None if year is None else report_named(home, subject, words.year(year))
    whole, documents = _subjects(home, subject, report, edition)
    already_withheld = withheld(home)
    ruled = {*already_withheld.documents, *(subject_of(*one) for one in already_withheld.reports)}
    touched = [one for one in (*whole, *documents) if (one in ruled) == lift]
    for one in touched:
        decision = decided(home, "withhold", one, ["lifted=true"] if lift else [])
        rule_on(home, decision, by=by, reason=reason, source=source)
    changed = len(set(touched) & set(documents))
    way = "lifted" if lift else "withheld"
    print_sentence(f"withhold.documents_{way}", number=changed, already=len(documents) - changed)
    for one in whole:
        print_sentence(f"withhold.report_{way}", report=one)
    if lift and not whole and report in withheld(home).reports:  # documents are lifted, the report itself is not
        print_sentence("withhold.still")


def _subjects(
    home: Home, subject: str, report: ReportKey | None, edition: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what ``withhold`` rules on: the report, unless only an ``edition`` is meant, and documents held; without
    a ``report`` the one document with the SHA-256 ``subject``. Anything else ends the command.
    """
    if report is not None:
        whole = (subject_of(*report),) if edition is None else ()
        documents = documents_of(home, *report, edition)
        return whole, tuple(one for one in documents if CaptureStore(home).by_document(one))
    if edition is not None:
        common.fail(sentence("withhold.edition_alone"))
    if len(subject) != DIGEST:
        common.fail(sentence("withhold.what"))
    return (), (subject.lower(),)


def _list(home: Home, printer: Printer) -> None:
    """Print which reports and documents are or were withheld, by whom and why."""
    rows: list[dict[str, object]] = [
        {"subject": one.subject, "document": None if report_of(one.subject) else one.subject}
        | {"state": "lifted" if one.decision.get("lifted") else "withheld"}
        | fields_of(one, "made_at", "by", "reason", "source")
        | {"ruling": one.id}
        for one in withholdings(home)
    ]
    printer.table("withheld", rows, empty=sentence("answer.none"))
