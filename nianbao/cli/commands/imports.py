"""``nianbao import``: what a person saved from a portal that blocks us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.queries.stored import open_projections
from crawler.errors import CrawlError
from nianbao.cli import common
from nianbao.cli.output import Format, chosen, columns, emit
from nianbao.messages import messages
from nianbao.sentences import sentence, word, worded
from storage.home import Home
from storage.records import Binding, CaptureRole

if TYPE_CHECKING:
    from crawler.onboarding.importing import Imported


def import_command(
    files: Annotated[list[Path], typer.Argument()],
    by: Annotated[str, typer.Option("--by")],
    url: Annotated[str | None, typer.Option("--url")] = None,
    fetched: Annotated[str | None, typer.Option("--fetched")] = None,
    note: Annotated[str, typer.Option("--note")] = "",
    role: Annotated[CaptureRole, typer.Option("--as")] = CaptureRole.REPORT,
    portal_name: common.PortalOption = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """Take in what a person saved from a portal that blocks us: it proves that a report exists, never since when."""
    from archive.projection.update import update
    from crawler.onboarding.importing import import_documents, read_files

    at = _instant(fetched)
    with common.opened(archive) as home:
        with common.Refusal(CrawlError):
            documents = read_files(files, url, at, now=home.clock.now())
            done = import_documents(home, documents, by=by, note=note, role=role, portal=portal_name)
        update(home, sorted({one.portal for one in done if one.portal}))
        read_as = _read_as(home, done) if role is CaptureRole.REPORT else {}
    rows: list[dict[str, object]] = [
        {"url": one.url, "portal": one.portal, "capture": one.capture.id if one.capture else None,
         "document": one.capture.document if one.capture else None, "refused": one.refused, "held": one.held,
         "said": _refusal(one) or _kept(one, read_as.get(one.url, ""))}
        for one in done
    ]  # fmt: skip
    fmt = chosen(as_json, False)
    if fmt is Format.TABLE:
        rows = [row | {"capture": str(row["capture"] or "")[:_SHORT]} for row in rows]
    emit(rows, columns("url", "portal", "capture", "said", wrap={"url", "said"}), fmt)
    common.attention(not rows or any(one.refused for one in done))


def _kept(one: Imported, read_as: str) -> str:
    """What is said of something that was imported."""
    return "; ".join(filter(None, (sentence("import.held") if one.held else "", read_as)))


_SHORT = 8  # characters of an id that are shown; as many suffice to name it


def _refusal(one: Imported) -> str:
    """Why something was not imported, as a sentence; "" where it was."""
    if one.error is not None:
        return worded(one.error)
    token = one.refused
    if token.startswith("http_"):
        return sentence("import.http", status=token.removeprefix("http_"))
    key = f"import.{token}"
    return sentence(key) if token and key in messages("cli") else token


def _read_as(home: Home, done: Sequence[Imported]) -> dict[str, str]:
    """What each document that was kept is taken for, by its address: whose report, on which year."""
    said: dict[str, str] = {}
    with open_projections(home) as store:
        for name in sorted({one.portal for one in done if one.portal}):
            bound = {(one.document, one.url): one for one in store.bindings(name)}
            for one in done:
                if one.portal == name and one.capture is not None:
                    binding = bound.get((one.capture.document or "", one.url))
                    said[one.url] = _bound_to(binding) if binding is not None else sentence("import.not_read")
    return said


def _bound_to(binding: Binding) -> str:
    """Whose report, on which year, or what is not known of it."""
    if not binding.is_report:
        key = "import.is_listing" if binding.reason == "listing" else "import.no_report"
        return sentence(key, reason=word("no_report", binding.reason))
    whose, year = binding.agency_name or binding.agency, binding.year
    unknown = sentence("answer.unknown")
    key = "import.report" if binding.agency and year else "import.unbound"
    return sentence(key, agency=whose or unknown, year=year or unknown)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        common.fail(sentence("import.no_instant", text=text))
    if at.tzinfo is None:
        common.fail(sentence("import.no_offset", text=text))
    return at
