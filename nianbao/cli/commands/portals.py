"""The commands ``portal``: list, show and check known portals, probe and add new ones.

Functions import the modules on portals when they need them, so that other commands do not wait for Scrapy.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from archive.exports.plain_values import fields_of
from archive.identity.agency_csv import parse_agencies
from archive.queries.freshness import list_counts
from archive.queries.look_answers import scopes
from archive.queries.overview import portals as held_portals
from nianbao.cli import common
from nianbao.cli.command_functions import archive_command
from nianbao.cli.commands.crawl import set_portal_clocks
from nianbao.cli.output import Printer, print_sentence, print_text
from nianbao.cli.screens import show
from nianbao.sentences import in_language, note_sentence, notes_sentence, sentence, worded
from storage.clock import Clock
from storage.home import Home
from storage.records import Agency, Note

if TYPE_CHECKING:
    from crawler.onboarding.found_portal import Probe


@archive_command("json", "csv", optional=True)
def portal_list(home: Home | None, printer: Printer) -> None:
    """Print all portals that can be crawled, and how much an archive has of each."""
    from crawler import portals

    holdings = {line.name: line for line in held_portals(home)} if home else {}
    columns = ("agencies", "reports", "complete_as_of", "last_look", "last_crawl")
    rows: list[dict[str, object]] = [
        {"name": name, "portal": name, **fields_of(kind, "place", "division", "family"), "hosts": list(kind.hosts)}
        | {key: getattr(holdings.get(name), key, None) for key in columns}
        for name, kind in portals.classes(home.path if home else None).items()
    ]
    printer.table("portals", rows)


@archive_command("json", optional=True)
def portal_show(home: Home | None, printer: Printer, portal: str) -> None:
    """Print one portal: hosts, lists (``scopes``: which agencies are on each, and why), last look, what is archived."""
    from crawler import portals

    facts = portals.summary(portal, home.path if home else None)
    facts["unverified"] = [note_sentence(note) for note in facts["unverified"]]
    if home:
        holding = next((line.to_dict() for line in held_portals(home) if line.name == portal), {})
        facts |= {key: value for key, value in holding.items() if key not in facts and key != "listings"}
        facts["scopes"] = [one.to_dict() for one in scopes(home, portal)]
    if not printer.print_for_program(facts):
        show("portal", facts=facts)


@archive_command("json", optional=True)
def portal_check(home: Home | None, printer: Printer, names: list[str] | None = None, *, look: bool = True) -> None:
    """Print faults in portals' files, what is unverified, whether reports are fewer than to be expected ("drift"), and
    with ``look``, of ``names``, what a walk and the site's search show.
    """
    from crawler import portals
    from crawler.onboarding.probe import compare_second_way

    folder = home.path if home else None
    now = (home.clock if home else Clock()).now()
    classes = portals.classes(folder)
    checks = [portals.check(name, now, folder, classes) for name in names or classes]
    faults = {} if names else portals.broken(folder)
    counts = list_counts(home) if home is not None else {}
    rows = [_check_row(name, None, "error", worded(fault)) for name, fault in faults.items()]
    for check in checks:
        by_state = (("error", check.errors), ("unverified", check.unverified), ("note", check.notes))
        remarks: list[tuple[str, Sequence[Note]]] = [(state, (note,)) for state, notes in by_state for note in notes]
        if home is not None and look and names and not check.errors:
            other = compare_second_way(home, classes[check.name], progress=_progress(printer))
            remarks += [other] if other is not None else []
        if (count := counts.get(check.name)) and count.expected:
            state = "drift" if count.expected.verdict == "below" else "note"
            rows.append(_check_row(check.name, check.place, state, in_language(count)))
        rows += [_check_row(check.name, check.place, state, notes_sentence(notes), notes) for state, notes in remarks]
    printer.table("portal_checks", rows, empty=sentence("portal.nothing_to_say"))
    common.attention(any(row["state"] in {"error", "drift", "unanswered"} for row in rows))


def _check_row(name: str, place: str | None, state: str, text: str, notes: Sequence[Note] = ()) -> dict[str, object]:
    """Return one remark on a portal as a row."""
    return {"portal": name, "place": place, "state": state, "text": text, "notes": [note.as_json for note in notes]}


@archive_command("json", optional=True)
def portal_probe(home: Home | None, printer: Printer, url: str, *, requests: int | None = None) -> None:
    """Probe an unknown portal politely: print its system, listings and agencies, and how certain these are."""
    from crawler.onboarding.probe import probe_portal

    if home is not None:
        set_portal_clocks(home)
    probe = probe_portal(home, url, requests=requests, progress=_progress(printer))
    if not printer.print_for_program(_probe_row(probe)):
        show("probe", found=probe, with_reports=True)
    common.attention(not probe.is_sure)


@archive_command("json")
def portal_add(
    home: Home,
    printer: Printer,
    url: str,
    *,
    name: str | None = None,
    agencies: Path | None = None,
    yes: bool = False,
    requests: int | None = None,
) -> None:
    """Probe a portal, and write the files that a crawl needs: its spider and its agencies."""
    from crawler.onboarding.portal_files import add_portal, free_name
    from crawler.onboarding.probe import probe_portal

    set_portal_clocks(home)
    slug = free_name(home, url, name)
    agency_list = _agencies_given(home, agencies, slug)
    probe = probe_portal(home, url, requests=requests, progress=_progress(printer))
    is_told_later = not printer.is_for_people and yes and probe.understood  # one record, with the files written
    if not is_told_later and not printer.print_for_program(_probe_row(probe)):
        show("probe", found=probe, with_reports=False)
    common.attention(not probe.understood)  # ends the command if true
    if not yes:
        _ask_whether_to_write(url, slug, probe)
    (agencies_file, spider), doubts = add_portal(home, probe, slug, agency_list)
    row = {"slug": slug, "spider": str(spider), "agencies": str(agencies_file)}
    if not printer.print_for_program(_probe_row(probe) | {"added": row | {"doubts": [*map(_note_row, doubts)]}}):
        for note in doubts:
            print_sentence("portal.to_look_at", text=note_sentence(note))
        print_sentence("portal.written", slug=slug, spider=spider.name, agencies=agencies_file.name)
        print_sentence("portal.next", slug=slug)
    common.attention(doubts)


def _agencies_given(home: Home, file: Path | None, slug: str) -> tuple[Agency, ...]:
    """Return the agencies in the operator's CSV for a portal; end the command if it cannot be read."""
    if file is None:
        return ()
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        common.fail(sentence("portal.no_csv", file=file, cause=error))
    return parse_agencies(text, portal=slug, origin=file.name, now=home.clock.now(), agencies={})


def _ask_whether_to_write(url: str, slug: str, probe: Probe) -> None:
    """Ask at the terminal whether to write the portal; end if the answer is no, or there is no terminal."""
    is_asked = sys.stdin.isatty()
    if is_asked and typer.confirm(sentence("portal.confirm", slug=slug, listings=len(probe.listings)), err=True):
        return
    if is_asked:
        print_sentence("answer.nothing_written")
    else:
        print_sentence("portal.to_write", url=url, slug=slug)
    raise typer.Exit(common.ATTENTION)


def _progress(printer: Printer) -> Callable[[Note], None] | None:
    """Return a callback that prints each step for a person at a terminal; None for programs and pipes."""
    if not printer.is_for_people or not sys.stderr.isatty():
        return None
    return lambda note: print_text(note_sentence(note), sys.stderr)


# ---------------------------------------------------------------------------------------------- JSON for programs


def _probe_row(probe: Probe) -> dict[str, Any]:
    """Return a probe as ``--json`` prints it: notes have code, values and sentence."""
    row: dict[str, Any] = _with_sentences(asdict(probe))
    for one, listing in zip(probe.listings, row["listings"], strict=True):
        listing |= {"read": one.how_far_read, "sure": one.is_sure, "certainty": _note_row(one.certainty)}
    verdict = {"verdict": [_note_row(note) for note in probe.verdict], "sentence": notes_sentence(probe.verdict)}
    return row | {"understood": probe.understood, "sure": probe.is_sure} | verdict


def _with_sentences(value: Any) -> Any:
    """Return plain values with a sentence added to each note within them."""
    if isinstance(value, (list, tuple)):
        return [_with_sentences(one) for one in value]
    if isinstance(value, dict):
        if value.keys() == {"code", "values"}:
            return _note_row(Note.of(value))
        return {name: _with_sentences(one) for name, one in value.items()}
    return value


def _note_row(note: Note) -> dict[str, Any]:
    return note.as_json | {"sentence": note_sentence(note)}
