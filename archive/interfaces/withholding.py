"""``withhold``: a report is given out no more, its bytes stay, and who decided it when and why is kept."""

from __future__ import annotations

from typing import Annotated

import typer

from archive.interfaces import common
from archive.interfaces.asking import asked
from archive.interfaces.output import Column, chosen, emit
from archive.interfaces.rulings import RulingError, decided, rule_on
from archive.queries.reports import documents_of
from archive.queries.withholding import withheld_documents, withholdings
from storage.captures import CaptureStore
from storage.home import Home

_DIGEST = 64


def withhold_command(
    subject: Annotated[
        str | None,
        typer.Argument(help="Name or id of an agency, or the SHA-256 of a document; none: list.", show_default=False),
    ] = None,
    year: Annotated[
        int | None, typer.Argument(min=1990, max=2100, help="Reporting year, after an agency.", show_default=False)
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who decides.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why, in a sentence that may be cited.")] = "",
    source: Annotated[str, typer.Option("--source", help="A document or address that says so.")] = "",
    lift: Annotated[bool, typer.Option("--lift", help="Give it out again.")] = False,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Hide a report in answers, exports and replay; its bytes stay, and that it is there. Without words: list.

    It covers the documents held now: what the portal publishes in their place later is withheld when it is ruled again.
    """
    with common.opened(archive) as home:
        if subject is None:
            _list(home, as_json, as_csv)
            return
        if not by.strip() or not reason.strip():
            common.fail("withholding needs --by and --reason: it is cited with both")
        documents = _documents(home, subject, year)
        held = withheld_documents(home)
        touched = [one for one in documents if (one in held) == lift]
        try:
            for digest in touched:
                words = ["lifted=true"] if lift else []
                rule_on(home, decided(home, "withhold", digest, words), by=by, reason=reason, source=source)
        except RulingError as error:
            common.fail(str(error))
    state = "given out again" if lift else "withheld"
    typer.echo(f"{len(touched)} documents {state}, {len(documents) - len(touched)} were already; their bytes stay")
    if year is not None and not lift:
        typer.echo("what the portal publishes in their place later is not withheld by this: withhold it again then")


def _documents(home: Home, subject: str, year: int | None) -> tuple[str, ...]:
    if year is not None:
        named = asked(lambda: documents_of(home, subject, year))
        return tuple(one for one in named if CaptureStore(home).by_document(one))
    if len(subject) != _DIGEST:
        common.fail("give the reporting year after the agency, or the whole SHA-256 of a document as `show` prints it")
    return (subject.lower(),)


def _list(home: Home, as_json: bool, as_csv: bool) -> None:
    rows: list[dict[str, object]] = [
        {
            "document": one.subject,
            "state": "lifted" if one.decision.get("lifted") else "withheld",
            "made_at": one.made_at,
            "by": one.by,
            "reason": one.reason,
            "source": one.source,
            "ruling": one.id,
        }
        for one in withholdings(home)
    ]
    keys = ("document", "state", "made_at", "by", "reason", "source", "ruling")
    emit(rows, tuple(Column(key, key, wrap=key == "reason") for key in keys), chosen(as_json, as_csv), empty="none")
