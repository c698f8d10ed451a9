"""``review``: what is doubtful, and on a terminal the rulings that decide it, one after the other."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence

import typer

from archive.queries.coverage_of_answer import known
from archive.queries.results import Known
from archive.queries.review import CITED, Choice, ReviewLine, review
from archive.queries.where import Where
from nianbao.cli import common
from nianbao.cli.archive_command import archive_command
from nianbao.cli.options import portal_of
from nianbao.cli.output import Output, in_language, say, tell
from nianbao.rulings import RulingError, decided, rule_on
from nianbao.sentences import sentence, word, worded
from storage.home import Home


@archive_command("json", "csv")
def review_command(
    home: Home,
    out: Output,
    portal: common.PortalOption = None,
    by: common.ByOption = "",
    reason: common.ReasonOption = "",
) -> None:
    """What needs a person: doubtful links and documents, suspect looks, listings and agencies nobody vouches for."""
    name = portal_of(home, portal)
    lines = review(home, name)
    if by.strip() and lines:
        if not sys.stdin.isatty():
            common.fail(sentence("review.no_terminal"))
        _ask_all(home, lines, by.strip(), reason.strip())
        return
    unknown = "" if lines else _why_none_can_be(known(home, Where(portal=name)))
    if out.is_for_people:
        say("\n\n".join(map(_block, lines)) or unknown or sentence("review.nothing"))
    else:
        out.table("doubts", [line.to_dict() | {"decide": " | ".join(_ways(line, CITED))} for line in lines])
    common.attention(lines or unknown)


def _why_none_can_be(found: Known) -> str:
    """Why nothing can be doubtful: no portal was looked at, or nobody owes a report as far as known; else ""."""
    if not found.asked:
        return sentence("review.no_portal")
    return "" if found.duties else sentence("review.no_duty")


def _block(line: ReviewLine) -> str:
    """A doubt for people; each command in a line of its own, so that it can be copied."""
    head = " · ".join((word("doubt", line.kind), line.portal, line.title or line.subject))
    said = [" ".join(text.split()) for text in (head, in_language(line))]  # titles come from portals
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
            say(f"{line.subject}\n{in_language(line)}")
            if line.open:
                tell("review.or", way=line.open)
            if line.choices and (choice := _ask(line.choices)) is not None:
                _rule(home, choice, by, reason or typer.prompt(sentence("review.why")))
                touched.add(line.portal)
    finally:
        if touched:
            update(home, sorted(touched))


def _ask(choices: Sequence[Choice]) -> Choice | None:
    for number, choice in enumerate(choices, 1):
        say(f"  {number}  {in_language(choice)}")
    answer = typer.prompt(sentence("review.choose"), default="", show_default=False)
    return choices[int(answer) - 1] if answer.isdecimal() and 1 <= int(answer) <= len(choices) else None


def _rule(home: Home, choice: Choice, by: str, reason: str) -> None:
    kind, subject, *words = choice.words
    try:
        ruling = rule_on(home, decided(home, kind, subject, words), by=by, reason=reason)
    except RulingError as error:
        say(worded(error))
    else:
        tell("rule.done", words=f"{kind} {subject}", ruling=ruling.id)
