"""``search``: full text of reports, with the text around each hit."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from archive.exports.safe_text import safe_text
from archive.queries.search import SearchAnswer, SearchHit
from nianbao.cli.answers.empty_answers import is_empty, nothing
from nianbao.cli.asking import View
from nianbao.cli.output import console
from nianbao.parameters import MOST_LINES
from nianbao.sentences import phrase

_OPEN, _CLOSE = "«", "»"


def search(view: View) -> None:
    """Reports whose text or title has some words: exactly those, the latest year first, with the text around hits."""
    found: SearchAnswer = view.answer()
    is_open = not found.total and found.known is not None and not is_empty(found.known)
    empty = "" if found.hits else "\n".join(_summary(found))

    def people() -> Iterator[str]:
        for hit in found.hits:
            _print(hit)
        yield from _summary(found)
        yield view.age(found.as_of)

    view.present(found, people, empty=empty, attention=is_open)


def _print(hit: SearchHit) -> None:
    """One hit: its report, and a line for each place; the words in « », on a terminal in bold."""
    shown = console()
    head = phrase("search.hit" if hit.last else "search.former_hit", edition=hit.edition, count=hit.occurrences)
    shown.print(
        Text(safe_text(f"{hit.agency.name} {hit.year}"), style="bold").append(safe_text(head), style="not bold")
    )
    for one in hit.snippets:
        line = Text("  ")
        if one.heading and one.locator["paragraph"]:
            line.append(f"[{safe_text(one.heading)}] ", style="dim")
        end = 0
        for begin, until in one.marks:
            line.append(safe_text(one.text[end:begin]))
            line.append(f"{_OPEN}{safe_text(one.text[begin:until])}{_CLOSE}", style="bold red")
            end = until
        shown.print(line.append(safe_text(one.text[end:])))
    if hit.cut:
        shown.print(Text(phrase("search.cut_hit")))


def _summary(found: SearchAnswer) -> Iterator[str]:
    """How many reports have it, of how many that were searched."""
    held = phrase("search.searched", count=found.searched)
    held += phrase("search.unread", count=found.unread) if found.unread else ""
    if found.hits:
        last = found.offset + len(found.hits)
        more = phrase("search.more", limit=min(2 * len(found.hits), MOST_LINES)) if last < found.total else ""
        yield phrase("search.shown", first=found.offset + 1, last=last, total=found.total, more=more, held=held)
    elif found.total:
        yield phrase("search.none_behind", total=found.total, offset=found.offset, held=held)
    else:
        yield phrase("search.none", held=held)
        if found.known is not None:
            yield nothing(phrase("what.words"), found.known)
    if found.cut:
        yield phrase("search.cut", count=found.cut)
    if found.withheld:
        yield phrase("search.hidden", count=found.withheld)
