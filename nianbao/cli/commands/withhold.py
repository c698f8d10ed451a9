"""``withhold``: a report is given out no more, its bytes stay, and who decided it when and why is kept."""

from __future__ import annotations

from typing import Annotated

import typer

from archive.queries.reports import documents_of, report_named
from archive.queries.withholding import DIGEST, report_of, subject_of, withheld, withholdings
from nianbao.cli import common
from nianbao.cli.options import year_of
from nianbao.cli.output import Format, chosen, columns, emit, say, values_of
from nianbao.rulings import decided, rule_on
from nianbao.sentences import sentence, word
from storage.captures import CaptureStore
from storage.home import Home


def withhold_command(
    subject: Annotated[str | None, typer.Argument(show_default=False)] = None,
    year: Annotated[int | None, typer.Argument(parser=year_of, metavar="YEAR", show_default=False)] = None,
    edition: Annotated[str | None, typer.Option("--edition", show_default=False)] = None,
    by: Annotated[str, typer.Option("--by")] = "",
    reason: Annotated[str, typer.Option("--reason")] = "",
    source: Annotated[str, typer.Option("--source")] = "",
    lift: Annotated[bool, typer.Option("--lift")] = False,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Hide a report in answers, exports and replay; its bytes stay, and that it is there. Without words: list.

    Of an agency and a year it covers every edition, those found later included; with --edition, or by the SHA-256 of a
    document, only that edition. Whatever names what is hidden (list pages, too) is left out of replay and packages.
    """
    with common.opened(archive) as home:
        if subject is None:
            _list(home, as_json, as_csv)
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
        still = withheld(home).reports
    done = len(set(touched) & set(documents))
    way = "lifted" if lift else "withheld"
    say(sentence(f"withhold.documents_{way}", number=done, already=len(documents) - done))
    for one in whole:
        say(sentence(f"withhold.report_{way}", report=one))
    if lift and not whole and year is not None and report_of(_report(home, subject, year)) in still:
        say(sentence("withhold.still"))


def _report(home: Home, subject: str, year: int) -> str:
    return subject_of(*report_named(home, subject, year))


def _subjects(
    home: Home, subject: str, year: int | None, edition: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is ruled on: the report, if it is meant as a whole, and the documents of it that are held."""
    if year is not None:
        whole = (_report(home, subject, year),) if edition is None else ()
        named = documents_of(home, subject, year, edition)
        return whole, tuple(one for one in named if CaptureStore(home).by_document(one))
    if edition is not None:
        common.fail(sentence("withhold.edition_alone"))
    if len(subject) != DIGEST:
        common.fail(sentence("withhold.what"))
    return (), (subject.lower(),)


def _list(home: Home, as_json: bool, as_csv: bool) -> None:
    rows: list[dict[str, object]] = [
        {"subject": one.subject, "document": None if report_of(one.subject) else one.subject}
        | {"state": "lifted" if one.decision.get("lifted") else "withheld"}
        | values_of(one, "made_at", "by", "reason", "source")
        | {"ruling": one.id}
        for one in withholdings(home)
    ]
    keys = ("subject", "state", "made_at", "by", "reason", "source", "ruling")
    fmt = chosen(as_json, as_csv)
    if fmt is Format.TABLE:
        rows = [row | {"state": word("withheld", row["state"])} for row in rows]
    shown = columns(*keys, wrap={"subject", "reason"}, spare={"source", "ruling"})
    emit(rows, shown, fmt, empty=sentence("answer.none"))
