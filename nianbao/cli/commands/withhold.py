"""``withhold``: a report is given out no more, its bytes stay, and who decided it when and why is kept."""

from __future__ import annotations

from typing import Annotated

import typer

from archive.queries.reports import documents_of, report_named
from archive.queries.withholding import DIGEST, report_of, subject_of, withheld, withholdings
from nianbao.cli import common
from nianbao.cli.archive_command import archive_command
from nianbao.cli.options import year_of
from nianbao.cli.output import Output, tell, values_of
from nianbao.rulings import decided, rule_on
from nianbao.sentences import sentence
from storage.captures import CaptureStore
from storage.home import Home


@archive_command("json", "csv")
def withhold_command(
    home: Home,
    out: Output,
    subject: Annotated[str | None, typer.Argument(show_default=False)] = None,
    year: Annotated[int | None, typer.Argument(parser=year_of, metavar="YEAR", show_default=False)] = None,
    edition: Annotated[str | None, typer.Option("--edition", show_default=False)] = None,
    by: common.ByOption = "",
    reason: common.ReasonOption = "",
    source: common.SourceOption = "",
    lift: Annotated[bool, typer.Option("--lift")] = False,
) -> None:
    """Hide a report in answers, exports and replay; its bytes stay, and that it is there. Without words: list."""
    if subject is None:
        _list(home, out)
        return
    if not by.strip() or not reason.strip():
        common.fail(sentence("withhold.needs"))
    whole, documents = _subjects(home, subject, year, edition)
    held = withheld(home)
    ruled = {*held.documents, *(subject_of(*one) for one in held.reports)}
    touched = [one for one in (*whole, *documents) if (one in ruled) == lift]
    for one in touched:
        words = ["lifted=true"] if lift else []
        rule_on(home, decided(home, "withhold", one, words), by=by, reason=reason, source=source)
    done = len(set(touched) & set(documents))
    way = "lifted" if lift else "withheld"
    tell(f"withhold.documents_{way}", number=done, already=len(documents) - done)
    for one in whole:
        tell(f"withhold.report_{way}", report=one)
    if lift and not whole and year is not None and report_named(home, subject, year) in withheld(home).reports:
        tell("withhold.still")


def _subjects(
    home: Home, subject: str, year: int | None, edition: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is ruled on: the report, if it is meant as a whole, and the documents of it that are held."""
    if year is not None:
        whole = (subject_of(*report_named(home, subject, year)),) if edition is None else ()
        named = documents_of(home, subject, year, edition)
        return whole, tuple(one for one in named if CaptureStore(home).by_document(one))
    if edition is not None:
        common.fail(sentence("withhold.edition_alone"))
    if len(subject) != DIGEST:
        common.fail(sentence("withhold.what"))
    return (), (subject.lower(),)


def _list(home: Home, out: Output) -> None:
    rows: list[dict[str, object]] = [
        {"subject": one.subject, "document": None if report_of(one.subject) else one.subject}
        | {"state": "lifted" if one.decision.get("lifted") else "withheld"}
        | values_of(one, "made_at", "by", "reason", "source")
        | {"ruling": one.id}
        for one in withholdings(home)
    ]
    out.table("withheld", rows, empty=sentence("answer.none"))
