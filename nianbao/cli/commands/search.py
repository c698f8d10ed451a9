"""``search``: full text of reports, with the text around each hit."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated

import typer
from rich.text import Text

from archive.exports.plain_values import cell_text
from archive.exports.safe_text import safe_text
from archive.queries.bounds import MOST_AROUND, MOST_HITS, MOST_SNIPPETS
from archive.queries.search import AROUND, LIMIT, SNIPPETS, search
from archive.queries.search_results import SearchAnswer, SearchHit, Snippet
from nianbao.cli import common
from nianbao.cli.options import (
    AgencyOption,
    AsOfOption,
    DivisionOption,
    FamilyOption,
    KindOption,
    asked,
    where_of,
)
from nianbao.cli.output import Column, Format, chosen, console, emit, say
from nianbao.cli.texts.empty_answers import nothing
from nianbao.cli.times import instant, years_of

OPEN, CLOSE = "«", "»"
_KEYS = (
    *("agency", "agency_id", "kind", "portal", "division", "year", "edition", "first_seen", "last", "occurrences"),
    *("heading", "section", "paragraph", "text", "document"),
)
_COLUMNS = (
    Column("agency", "agency"),
    Column("year", "year", wrap=False),
    Column("occurrences", "hits", wrap=False),
    Column("heading", "section"),
    Column("text", "text"),
    Column("edition", "edition"),
)


def search_command(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WORDS",
            help="All must be there; '\"依法 申请\"' is one phrase; '行政复议 -诉讼' leaves out what has 诉讼.",
        ),
    ],
    without: Annotated[
        list[str] | None,
        typer.Option("--without", help="Leave out texts that have this; may be repeated.", show_default=False),
    ] = None,
    division: DivisionOption = None,
    years: Annotated[
        str | None,
        typer.Option("--year", "--years", help="Reporting years: 2024, 2019-2025 or 2019,2021.", show_default=False),
    ] = None,
    portal: common.PortalOption = None,
    agency: AgencyOption = None,
    kind: KindOption = None,
    family: FamilyOption = None,
    all_editions: Annotated[
        bool, typer.Option("--all-editions", help="Former editions of each report too, not its last alone.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST_HITS, help="So many reports at once.")] = LIMIT,
    offset: Annotated[int, typer.Option("--offset", min=0, help="Pass over so many, to turn the page.")] = 0,
    most_snippets: Annotated[
        int, typer.Option("--snippets", min=0, max=MOST_SNIPPETS, help="Places shown of each report.")
    ] = SNIPPETS,
    around: Annotated[
        int, typer.Option("--around", min=1, max=MOST_AROUND, help="Characters shown on either side of a hit.")
    ] = AROUND,
    as_of: AsOfOption = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
    as_jsonl: common.JsonlOption = False,
) -> None:
    """Reports whose text or title has some words: exactly those, the latest year first, with the text around hits."""
    # a word given to --without is one, blanks and quotes in it or not
    query = " ".join([*words, *(f'-"{word.replace(chr(34), " ")}"' for word in without or ())])
    wanted, at, where = years_of(years), instant(as_of), where_of(division, portal, kind, family, agency)
    with common.opened(archive) as home:
        found = asked(
            lambda: search(
                home,
                query,
                where,
                years=wanted,
                all_editions=all_editions,
                as_of=at,
                limit=limit,
                offset=offset,
                most_snippets=most_snippets,
                around=around,
            )
        )
    fmt = chosen(as_json, as_csv, as_jsonl)
    if fmt is Format.JSON:
        emit([found.to_dict()], (), fmt)
    elif fmt is not Format.TABLE:
        emit(_rows(found), tuple(Column(key, key) for key in _KEYS), fmt)
    elif sys.stdout.isatty():
        for hit in found.hits:
            _print(hit)
    elif found.hits:
        emit(_rows(found), _COLUMNS, fmt)
    if fmt is Format.TABLE or not found.hits:
        _told_below(found, to_people=fmt is Format.TABLE)


def _rows(found: SearchAnswer) -> list[Mapping[str, object]]:
    """A row for each place shown; one without text for a hit of which none is."""
    return [_row(hit, shown) for hit in found.hits for shown in hit.snippets or (None,)]


def _row(hit: SearchHit, shown: Snippet | None) -> Mapping[str, object]:
    who = hit.agency
    return {
        "agency": who.name,
        "agency_id": who.id,
        "kind": who.kind.value,
        "portal": who.portal,
        "division": who.division,
        "year": hit.year,
        "edition": hit.edition,
        "first_seen": hit.first_seen,
        "last": hit.last,
        "occurrences": hit.occurrences,
        "heading": shown.heading if shown else None,
        "section": shown.locator["section"] if shown else None,
        "paragraph": shown.locator["paragraph"] if shown else None,
        "text": marked(shown) if shown else None,
        "document": shown.document if shown else None,
    }


def marked(shown: Snippet) -> str:
    """A snippet with its hits between « and »."""
    parts, at = [], 0
    for begin, end in shown.marks:
        parts += [shown.text[at:begin], OPEN, shown.text[begin:end], CLOSE]
        at = end
    return "".join([*parts, shown.text[at:]])


def _print(hit: SearchHit) -> None:
    """One hit on a terminal, its words in bold."""
    shown = console()
    shown.print(Text(safe_text(f"{hit.agency.name} {hit.year}"), style="bold"), end="")
    former = "" if hit.last else ", a former edition"
    say(f"  {hit.edition}{former}, {hit.occurrences} place{'' if hit.occurrences == 1 else 's'}")
    for one in hit.snippets:
        line = Text("  ")
        if one.heading and one.locator["paragraph"]:
            line.append(f"[{safe_text(one.heading)}] ", style="dim")
        start = len(line)
        line.append(safe_text(one.text))
        for begin, end in one.marks:
            line.stylize("bold red", start + begin, start + end)
        shown.print(line)
    if hit.cut:
        say("  its text is longer than what is searched: of the rest nothing is known here")


def _told_below(found: SearchAnswer, *, to_people: bool) -> None:
    stream = sys.stdout if to_people else sys.stderr
    held = f"{found.searched} texts searched"
    if found.unread:
        held += f", {found.unread} held of which no text could be read"
    if found.total:
        last = found.offset + len(found.hits)
        more = f"; --offset {last} shows more" if last < found.total else ""
        if found.hits:
            say(f"{found.offset + 1}–{last} of {found.total} reports that have it{more}; {held}", stream)
        else:
            say(f"{found.total} reports have it, none behind the first {found.offset}; {held}", stream)
    else:
        say(f"no held text has it; {held}", stream)
        if found.known is not None:
            say(nothing("that has it", found.known), stream)
    if found.cut:
        say(f"of {found.cut} texts only the beginning is searched: they are too long", stream)
    if found.withheld:
        say(f"{found.withheld} texts that a ruling withholds are not searched", stream)
    say(f"as of {cell_text(found.as_of)}", stream)
