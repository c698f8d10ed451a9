"""The commands ``import``: take in what a person saved from a portal, and captures that another web archive made."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from archive.identity.addresses import same_address
from archive.queries.stored import open_projections
from nianbao.cli import common
from nianbao.cli.command_functions import archive_command
from nianbao.cli.common import SHORT_ID
from nianbao.cli.output import Printer
from nianbao.messages import messages
from nianbao.sentences import sentence, word, worded
from storage.home import Home
from storage.records import Binding, CaptureRole

if TYPE_CHECKING:
    from crawler.onboarding.importing import SavedDocument


@archive_command("json")
def import_command(
    home: Home,
    printer: Printer,
    files: list[Path],
    *,
    by: str,
    url: str | None = None,
    fetched: str | None = None,
    note: str = "",
    role: CaptureRole = CaptureRole.REPORT,
    portal_name: str | None = None,
) -> None:
    """Import documents that a person saved from a portal, unless stored already, and judge the portals again. They
    prove that a report exists, not since when. ``url``, ``fetched``: address and time of a single file that lacks them.
    """
    from archive.projection.update import update
    from crawler.onboarding.importing import import_documents, read_files

    at = _instant(fetched)
    documents = read_files(files, url, at, now=home.clock.now())
    imported = import_documents(home, documents, by=by, note=note, role=role, portal=portal_name)
    update(home, sorted({one.portal for one in imported if one.portal}))
    read_as = _read_as(home, imported) if role is CaptureRole.REPORT else {}
    rows: list[dict[str, object]] = [
        {"url": one.url, "portal": one.portal, "capture": one.capture.id if one.capture else None,
         "document": one.capture.document if one.capture else None, "refused": one.refused, "held": one.held,
         "said": _refusal(one)
         or "; ".join(filter(None, (sentence("import.held") if one.held else "", read_as.get(one.url))))}
        for one in imported
    ]  # fmt: skip
    printer.table("imports", rows, [row | {"capture": str(row["capture"] or "")[:SHORT_ID]} for row in rows])
    common.attention(not rows or any(one.refused for one in imported))


@archive_command("json")
def import_wayback_command(home: Home, printer: Printer, files: list[Path], *, source: str, by: str) -> None:
    """Import captures of another web archive; they prove that a report was published by then."""
    from archive.projection.update import update
    from crawler.onboarding.wayback import import_wayback

    summary = import_wayback(home, files, source=source, by=by)
    names = sorted({one.portal for one in summary.captures})
    update(home, names)
    rows: list[dict[str, object]] = [
        {"file": file, "code": code, "said": _result(code), "number": number}
        for file, results in summary.results.items()
        for code, number in sorted(results.items(), key=lambda result: (result[0] != "kept", result[0]))
        if number
    ]
    store = open_projections(home)
    # count the imported captures that are a report of a known agency and year
    bound = [one for name in names for one in store.bindings(name) if one.agency and one.year]
    reports = {(one.document, same_address(one.url)) for one in bound}
    if number := sum((one.document, same_address(one.url)) in reports for one in summary.captures):
        rows.append({"file": "", "code": "reports", "said": _result("reports"), "number": number})
    rows += [{"file": path, "code": error.code, "said": worded(error), "number": None}
             for path, error in summary.errors.items()]  # fmt: skip
    printer.table("wayback", rows)
    common.attention(bool(summary.errors) or not any(one["kept"] or one["held"] for one in summary.results.values()))


def _result(code: str) -> str:
    """Return the result for a record, or why it was refused, as a sentence; the code itself without a sentence."""
    if code.startswith("http_"):
        return sentence("import.http", status=code.removeprefix("http_"))
    return next((sentence(key) for key in (f"wayback.{code}", f"import.{code}") if key in messages("cli")), code)


def _refusal(one: SavedDocument) -> str:
    """Return why something was not imported, as a sentence; "" if it was."""
    return worded(one.error) if one.error is not None else _result(one.refused) if one.refused else ""


def _read_as(home: Home, imported: list[SavedDocument]) -> dict[str, str]:
    """Return address → sentence for each imported document: which agency's report it is, and on which year."""
    readings: dict[str, str] = {}
    store, names = open_projections(home), {one.portal for one in imported if one.portal}
    bound = {(name, one.document, one.url): one for name in names for one in store.bindings(name)}
    for one in imported:
        if one.capture is not None and one.portal:
            binding = bound.get((one.portal, one.capture.document or "", one.url))
            readings[one.url] = _bound_to(binding) if binding is not None else sentence("import.not_read")
    return readings


def _bound_to(binding: Binding) -> str:
    """Return a sentence: which agency's report a document is, on which year, or that it is no report."""
    if not binding.is_report:
        key = "import.is_listing" if binding.reason == "listing" else "import.no_report"
        return sentence(key, reason=word("no_report", binding.reason))
    unknown = sentence("answer.unknown")
    agency = binding.agency_name or binding.agency or unknown
    key = "import.report" if binding.agency and binding.year else "import.unbound"
    return sentence(key, agency=agency, year=binding.year or unknown)


def _instant(text: str | None) -> datetime | None:
    """Return the time that was typed, None if none was; end the command if it is none or has no offset."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        common.fail(sentence("import.no_instant", text=text))
    if at.tzinfo is None:
        common.fail(sentence("import.no_offset", text=text))
    return at
