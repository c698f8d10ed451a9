"""``search``: full text of reports, with the text around each hit."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated

import typer
from rich.text import Text

from archive.exports.safe_text import safe_text
from archive.queries.search import SearchAnswer, SearchHit, Snippet
from nianbao.cli import common
from nianbao.cli.asking import View
from nianbao.cli.output import Column, Format, console, emit, say
from nianbao.cli.texts.empty_answers import is_empty, nothing
from nianbao.parameters import MOST_LINES
from nianbao.sentences import phrase

OPEN, CLOSE = "«", "»"
_KEYS = (
    *("agency", "agency_id", "kind", "portal", "division", "year", "edition", "first_seen", "last", "occurrences"),
    *("heading", "section", "paragraph", "text", "document"),
)


def search(
    view: View, *, without: Annotated[list[str] | None, typer.Option("--without", show_default=False)] = None
) -> None:
    """Reports whose text or title has some words: exactly those, the latest year first, with the text around hits."""
    # a word given to --without is one, blanks and quotes in it or not
    left_out = (f'-"{word.replace(chr(34), " ")}"' for word in without or ())
    view.given["query"] = " ".join([view.given.get("query", ""), *left_out]).strip()
    found, fmt = view.answer(), view.fmt
    if fmt is Format.JSON:
        view.emit_whole(found)
    elif fmt is not Format.TABLE:
        emit(_rows(found), tuple(Column(key, key) for key in _KEYS), fmt)
    elif sys.stdout.isatty():
        for hit in found.hits:
            _print(hit)
    elif found.hits:
        emit(_rows(found), _columns(view), fmt)
    if fmt is Format.TABLE or not found.hits:
        _print_footer(found, to_people=fmt is Format.TABLE)
    if fmt is Format.TABLE:
        view.tell_age(found.as_of)
    view.tell_next()
    common.attention(not found.total and found.known is not None and not is_empty(found.known))


def _columns(view: View) -> tuple[Column, ...]:
    return (
        view.column("agency"),
        view.column("year", wrap=False),
        view.column("occurrences", wrap=False),
        Column("heading", view.word("column.section")),
        view.column("text"),
        view.column("edition"),
    )


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
    key = "search.hit" if hit.last else "search.former_hit"
    say(phrase(key, edition=hit.edition, count=hit.occurrences))
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
        say(phrase("search.cut_hit"))


def _print_footer(found: SearchAnswer, *, to_people: bool) -> None:
    stream = sys.stdout if to_people else sys.stderr
    held = phrase("search.searched", count=found.searched)
    if found.unread:
        held += phrase("search.unread", count=found.unread)
    if found.total:
        last = found.offset + len(found.hits)
        more = phrase("search.more", limit=min(2 * len(found.hits), MOST_LINES)) if last < found.total else ""
        if found.hits:
            shown = phrase("search.shown", first=found.offset + 1, last=last, total=found.total, more=more, held=held)
        else:
            shown = phrase("search.none_behind", total=found.total, offset=found.offset, held=held)
        say(shown, stream)
    else:
        say(phrase("search.none", held=held), stream)
        if found.known is not None:
            say(nothing(phrase("what.words"), found.known), stream)
    if found.cut:
        say(phrase("search.cut", count=found.cut), stream)
    if found.withheld:
        say(phrase("search.hidden", count=found.withheld), stream)
