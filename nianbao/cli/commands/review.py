"""``review``: what is doubtful, and on a terminal the rulings that decide it, one after the other."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from archive.queries.coverage_of_answer import known
from archive.queries.results import Known
from archive.queries.review import CITED, Choice, ReviewLine, review
from archive.queries.where import Where
from nianbao.cli import common
from nianbao.cli.options import portal_of
from nianbao.cli.output import Column, Format, chosen, emit, say
from nianbao.language import Language, current
from nianbao.rulings import RulingError, decided, rule_on
from nianbao.sentences import sentence, word, worded
from storage.home import Home


def review_command(
    portal: common.PortalOption = None,
    by: Annotated[str, typer.Option("--by")] = "",
    reason: Annotated[str, typer.Option("--reason")] = "",
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """What needs a person: doubtful links and documents, suspect looks, listings and agencies nobody vouches for."""
    with common.opened(archive) as home:
        name = portal_of(home, portal)
        lines = review(home, name)
        doubtless = "" if lines else _nobody(known(home, Where(portal=name)))
        if by.strip() and lines:
            if not sys.stdin.isatty():
                common.fail(sentence("review.no_terminal"))
            _ask_all(home, lines, by.strip(), reason.strip())
            return
    fmt = chosen(as_json, as_csv)
    if fmt is Format.TABLE:
        say("\n\n".join(map(_block, lines)) or doubtless or sentence("review.nothing"))
    else:
        rows = [line.to_dict() | {"decide": " | ".join(_ways(line, CITED))} for line in lines]
        emit(rows, tuple(Column(key, key) for key in ("kind", "portal", "title", "en", "zh", "decide")), fmt)
    common.attention(lines or doubtless)


def _nobody(found: Known) -> str:
    """Why nothing can be doubtful: no portal was looked at, or nobody owes a report as far as known; else ""."""
    if not found.asked:
        return sentence("review.no_portal")
    if not found.duties:
        return sentence("review.no_duty")
    return ""


def _block(line: ReviewLine) -> str:
    """A doubt for people; each command in a line of its own, so that it can be copied."""
    head = " · ".join((word("doubt", line.kind), line.portal, line.title or line.subject))
    said = [" ".join(text.split()) for text in (head, _in_language(line))]  # titles come from portals
    return "\n  ".join((*said, *_ways(line, sentence("review.cited"))))


def _ways(line: ReviewLine, cited: str) -> list[str]:
    """The commands that decide a doubt; addresses in them come from portals."""
    ways = [f"nianbao rule {shlex.join(choice.words)} {cited}" for choice in line.choices]
    return [*ways, *([line.open] if line.open else [])]


def _ask_all(home: Home, lines: Sequence[ReviewLine], by: str, reason: str) -> None:
    """Ask about each doubt that a choice decides; rulings made until an interruption are kept."""
    from archive.projection.update import update

    touched: set[str] = set()
    try:
        for number, line in enumerate(lines, 1):
            say(f"\n{number}/{len(lines)} {word('doubt', line.kind)} {line.portal}: {line.title}")
            say(f"{line.subject}\n{_in_language(line)}")
            if line.open:
                say(sentence("review.or", way=line.open))
            if line.choices and (choice := _ask(line.choices)) is not None:
                why = reason or typer.prompt(sentence("review.why"))
                _rule(home, choice, by, why)
                touched.add(line.portal)
    finally:
        if touched:
            update(home, sorted(touched))


def _ask(choices: Sequence[Choice]) -> Choice | None:
    for number, choice in enumerate(choices, 1):
        say(f"  {number}  {_in_language(choice)}")
    answer = typer.prompt(sentence("review.choose"), default="", show_default=False)
    return choices[int(answer) - 1] if answer.isdecimal() and 1 <= int(answer) <= len(choices) else None


def _rule(home: Home, choice: Choice, by: str, reason: str) -> None:
    kind, subject, *words = choice.words
    try:
        found = decided(home, kind, subject, words)
    except RulingError as error:
        say(worded(error))
        return
    ruling = rule_on(home, found, by=by, reason=reason)
    say(sentence("rule.done", words=f"{kind} {subject}", ruling=ruling.id))


def _in_language(line: ReviewLine | Choice) -> str:
    return line.zh if current() is Language.ZH else line.en
