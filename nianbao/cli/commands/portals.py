"""``nianbao portal …``: which portals there are, what is wrong with one, probing and adding one nobody knows.

What knows portals is imported by the functions that need it: the other commands are answered without Scrapy.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.exports.plain_values import cell_text
from archive.identity.agency_csv import parse_agencies
from archive.queries.holdings import portals as held_portals
from archive.queries.look_answers import scopes
from crawler.errors import CrawlError
from crawler.onboarding.directory import PlaceError, is_place, place
from nianbao.cli import common
from nianbao.cli.archive_command import archive_command
from nianbao.cli.commands.crawl import share_the_day
from nianbao.cli.output import Output, chosen_format, say, show_table, tell, tell_fact
from nianbao.cli.texts.crawl_text import scope_text
from nianbao.cli.texts.probe_json import added_json, probe_json
from nianbao.sentences import look_reason, note_sentence, notes_sentence, sentence, word, worded
from storage.clock import Clock
from storage.home import Home
from storage.records import Agency, Note

if TYPE_CHECKING:
    from crawler.onboarding.adding import Added
    from crawler.onboarding.probe_results import Probe
    from crawler.spider import PortalSpider

Address = Annotated[str, typer.Argument()]
Requests = Annotated[int | None, typer.Option("--requests", min=1, max=2000)]
_LABEL = 14  # columns of a label
_WRONG = frozenset(  # errors of who typed the command
    {"portal.no_address", "portal.private_address", "portal.scheme", "portal.refused", "portal.no_name"}
)
_MAX_REPORTS, _MAX_WAYS = 200, 8  # reports and ways not followed that a person is shown; --json has all


@contextmanager
def _archive_if_named(archive: Path | None) -> Iterator[Home | None]:
    """The archive if one is named: portals can be listed without."""
    is_named = archive is not None or os.environ.get("NIANBAO_ARCHIVE")
    with common.opened(archive) if is_named else nullcontext() as home:
        yield home


def classes(home: Home | None) -> dict[str, type[PortalSpider]]:
    """Portals that can be crawled, by name; ends with a sentence where two have one name."""
    from crawler import portals

    with common.wrong_usage_where(CrawlError):
        return portals.classes(home.path if home else None)


def portal_list(
    archive: common.ArchiveOption = None, as_json: common.JsonOption = False, as_csv: common.CsvOption = False
) -> None:
    """Every portal that can be crawled, and what an archive holds of it."""
    with _archive_if_named(archive) as home:
        held = {line.name: line for line in held_portals(home)} if home else {}
        rows: list[dict[str, object]] = [
            {"name": name, "place": kind.place, "division": kind.division, "family": kind.family}
            | {"hosts": list(kind.hosts)}
            | {key: getattr(held.get(name), key, None) for key in ("agencies", "reports", "last_ok_look")}
            for name, kind in classes(home).items()
        ]
    Output(chosen_format({"json": as_json, "csv": as_csv})).table("portals", rows)


def portal_show(name: str, archive: common.ArchiveOption = None, as_json: common.JsonOption = False) -> None:
    """One portal: hosts, listings, for whom each speaks and why, its last look, and what is held of it."""
    from crawler import portals

    with _archive_if_named(archive) as home:
        with common.wrong_usage_where(CrawlError):
            facts = portals.summary(name, home.path if home else None)
        facts["unverified"] = [note_sentence(note) for note in facts["unverified"]]
        if home:
            held = next((line.to_dict() for line in held_portals(home) if line.name == name), {})
            facts |= {key: value for key, value in held.items() if key not in facts and key != "listings"}
            facts["scopes"] = [one.to_dict() for one in scopes(home, name)]
    if Output(chosen_format({"json": as_json})).record(facts):
        return
    told = facts.pop("scopes", [])
    for key, value in facts.items():
        rows = value if isinstance(value, (list, tuple)) else [value]
        label = word("fact", key)
        for one in rows or [""]:
            if text := _fact(one):
                tell_fact(label, text, _LABEL)
            label = ""
    for one in told:
        tell_fact(word("fact", "scope"), f"{one['listing']}: {scope_text(one)}", _LABEL)


def _fact(value: object) -> str:
    """What is known of a portal; of one of its lists each fact with its name."""
    if isinstance(value, Mapping):
        form = {"form": word("listing_form", value["form"])} if "form" in value else {}
        shown = {key: cell_text(one) for key, one in value.items()} | form
        return "  ".join(sentence("body.fact", label=word("fact", key), text=text) for key, text in shown.items())
    if isinstance(value, bool):
        return sentence("answer.yes" if value else "answer.no")
    return cell_text(value)


def portal_check(
    names: Annotated[list[str] | None, typer.Argument(show_default=False)] = None,
    look: Annotated[bool, typer.Option("--look/--no-look")] = True,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """What is wrong with a portal's file, what nobody has yet seen, and what named ones show otherwise than before."""
    from crawler import portals
    from crawler.onboarding.portal_check import drift_of

    rows: list[dict[str, object]] = []
    with _archive_if_named(archive) as home:
        folder, now = home.path if home else None, (home.clock if home else Clock()).now()
        with common.wrong_usage_where(CrawlError):
            known = portals.classes(folder)
            checks = [portals.check(name, now, folder, known) for name in names or known]
            faults = {} if names else portals.broken(folder)
        rows += [_check_row(name, None, "error", worded(fault), ()) for name, fault in faults.items()]
        for check in checks:
            told: list[tuple[str, Sequence[Note]]] = [("error", (note,)) for note in check.errors]
            told += [("unverified", (note,)) for note in check.unverified] + [("note", (note,)) for note in check.notes]
            if home is not None and look and names and not check.errors:
                found = drift_of(home, known[check.name], progress=_progress(as_json))
                told += [(found.state, found.notes)] if found is not None else []
            rows += [_check_row(check.name, check.place, state, notes_sentence(notes), notes) for state, notes in told]
    out = Output(chosen_format({"json": as_json}))
    out.table("portal_checks", rows, empty=sentence("portal.nothing_to_say"))
    common.attention(any(row["state"] in {"error", "drift", "unanswered"} for row in rows))


def _check_row(name: str, place: str | None, state: str, text: str, notes: Sequence[Note]) -> dict[str, object]:
    """One thing that is said of a portal."""
    return {"portal": name, "place": place, "state": state, "text": text, "notes": [note.plain for note in notes]}


def portal_probe(
    url: Address, requests: Requests = None, archive: common.ArchiveOption = None, as_json: common.JsonOption = False
) -> None:
    """Look politely at a portal nobody knows: its system, its listings, its bodies, and how sure that is."""
    from crawler.onboarding.probe import probed

    with _archive_if_named(archive) as home, _exit_codes():
        if home is not None:
            share_the_day(home)
        with probed(home, url, requests=requests, progress=_progress(as_json)) as (found, _):
            if not Output(chosen_format({"json": as_json})).record(probe_json(found)):
                _show_probe(found)
    common.attention(not found.is_sure)


@archive_command("json")
def portal_add(
    home: Home,
    out: Output,
    url: Address,
    name: Annotated[str | None, typer.Option("--name")] = None,
    agencies: Annotated[Path | None, typer.Option("--agencies")] = None,
    yes: Annotated[bool, typer.Option("--yes")] = False,
    requests: Requests = None,
) -> None:
    """Probe a portal and write what a crawl needs: its spider, its agencies, the pages it was found with."""
    from crawler.onboarding.adding import TakenError, add_portal, free_name
    from crawler.onboarding.probe import probed

    share_the_day(home)
    with _exit_codes():
        named = place(url) if is_place(url) else None
        url = named.home if named is not None else url
        with common.wrong_usage_where(TakenError):
            slug = free_name(home, url, name)
        given = _agencies_given(home, agencies, slug)
        progress = _progress(not out.is_for_people)
        with probed(home, url, known=named, requests=requests, progress=progress) as (found, recorded):
            is_told_later = not out.is_for_people and yes and found.understood  # with what is written
            if not is_told_later and not out.record(probe_json(found)):
                _show_probe(found)
            common.attention(not found.understood)
            if not yes:
                _ask_whether_to_write(url, slug, found)
            added = add_portal(home, found, slug, recorded, given)
    if not out.record(probe_json(found) | {"added": added_json(added)}):
        _tell_added(added)
    common.attention(added.doubts)


@contextmanager
def _exit_codes() -> Iterator[None]:
    """Tell an error of who typed the command from one of a crawl."""
    try:
        yield
    except CrawlError as error:
        wrong = isinstance(error, PlaceError) or error.code in _WRONG
        common.fail_of(error, common.USAGE if wrong else common.UNFINISHED)


def _agencies_given(home: Home, file: Path | None, slug: str) -> tuple[Agency, ...]:
    if file is None:
        return ()
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        common.fail(sentence("portal.no_csv", file=file, cause=error))
    return parse_agencies(text, portal=slug, origin=file.name, now=home.clock.now(), agencies={})


def _ask_whether_to_write(url: str, slug: str, found: Probe) -> None:
    """Go on if a person at the terminal agrees."""
    if not sys.stdin.isatty():
        tell("portal.to_write", url=url, slug=slug)
        raise typer.Exit(common.ATTENTION)
    if not typer.confirm(sentence("portal.confirm", slug=slug, listings=len(found.listings)), err=True):
        tell("answer.nothing_written")
        raise typer.Exit(common.ATTENTION)


def _show_probe(found: Probe) -> None:
    """Print for people what a probe found."""
    if found.listings:
        listings: list[dict[str, object]] = [
            {"title": one.title, "whose": one.agency or " ".join(one.covers) or sentence("portal.several")}
            | {"reports": one.reports, "sure": note_sentence(one.certainty), "url": one.url}
            for one in found.listings
        ]
        show_table("probed_listings", listings)
        show_table("probed_reports", found.leads[:_MAX_REPORTS])
        if len(found.leads) > _MAX_REPORTS:
            tell("portal.more_reports", number=len(found.leads) - _MAX_REPORTS)
    if guessed := [one for one in found.agencies if one.guessed]:
        bodies = [{"guessed_agency": one.name, "kind": one.kind, "met_on": one.source} for one in guessed]
        show_table("probed_agencies", bodies)
        tell("portal.guessed", number=len(guessed))
    for url, label, reason in found.left[:_MAX_WAYS]:
        tell("portal.not_followed", label=label, url=url, reason=look_reason(reason))
    unknown = sentence("answer.unknown")
    for what in ("place", "division"):
        why: Note | None = getattr(found, f"{what}_why")
        value = {what: getattr(found, what) or unknown}
        tell(f"portal.found_{what}", why="" if why is None else note_sentence(why), **value)
    if found.listings:
        tell("portal.found_system", system=found.family or unknown, why=notes_sentence(found.family_why))
        for note in found.notes:
            say(note_sentence(note))
    else:
        tell("portal.no_system")
    ended = notes_sentence(found.ended)
    tell("portal.counted", agencies=len(found.agencies), requests=found.requests, ended=ended)
    say(notes_sentence(found.verdict))


def _tell_added(added: Added) -> None:
    for note in added.doubts:
        tell("portal.to_look_at", text=note_sentence(note))
    names = {"slug": added.slug, "spider": added.spider.name, "agencies": added.agencies.name}
    tell("portal.written", pages=added.pages, **names)
    tell("portal.next", slug=added.slug)


def _progress(quiet: bool) -> Callable[[Note], None] | None:
    if quiet or not sys.stderr.isatty():
        return None

    def show(note: Note) -> None:
        say(note_sentence(note), sys.stderr)  # titles of pages are shown, never obeyed
        sys.stderr.flush()

    return show
