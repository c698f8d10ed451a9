"""How lists read on a terminal: the columns of their question, then what a reader has to know beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from archive.exports.plain_values import cell_text
from archive.queries.check import Check
from archive.queries.news import News
from archive.queries.results import DutyList
from archive.queries.revisions import Revisions
from nianbao.cli.answers.empty_answers import besides, some, why_empty
from nianbao.cli.asking import Block, Table, View
from nianbao.cli.table_layout import Column, Styled
from nianbao.files import lines_for_people
from nianbao.language import current
from nianbao.sentences import finding_meaning, phrase
from storage.records import Severity

_MAX_NAMED = 10  # portals that are named
#: columns that a narrow terminal shows before all others
_NEEDED = frozenset({
    "agency_name", "year", "status", "evidence", "sentence", "value", "rank", "at", "id", "name", "days_late", "title",
    "after_agency_name", "before_value", "after_value",
})  # fmt: skip
_COLOURS = {"error": "red", "warning": "yellow", "info": "bright_black", "missing": "red", "late": "yellow"}
_WHOLE = frozenset({"at", "last_absent", "known", "last_ok_look", "started", "finished", "year"})


def show_list(view: View) -> None:
    """Show the lines of a list by the columns of its question."""
    found = view.answer()
    show_lines(view, found, **_why_empty(found, view))


def show_lines(view: View, found: Any, empty: str = "", attention: object = False) -> None:
    """Show lines that are answered. ``empty``: why there are none; ``attention``: somebody should see this."""

    def blocks() -> Iterator[Block]:
        yield from tables_of(view, found, empty)
        if (notes := _NOTES.get(view.question.name)) is not None:
            yield from notes(found, view)

    view.present(found, blocks, empty=empty, attention=attention)


def tables_of(view: View, found: Any, empty: str) -> Iterator[Table]:
    """The lines as a table for each list of the answer that has any."""
    question = view.answered
    held = {part: getattr(found, part) for part in question.lines} or {"": found}
    held = {part: lines for part, lines in held.items() if lines}
    for part, lines in held.items():
        heads, rows = lines_for_people(question, lines, current())
        title = phrase(f"part.{part}") if len(held) > 1 or part in {"townships", "set_apart"} else ""
        columns = [_column(name, head) for name, head in heads.items()]
        told = [
            {name: Styled(word, _COLOURS.get(str(row.get(name)), "")) for name, word in words.items()}
            for words, row in rows
        ]
        yield Table(columns=columns, rows=told, title=title)
    if not held:
        yield Table(columns=(), rows=(), empty=empty)


def _column(name: str, head: str) -> Column:
    least = {"sentence": 28, "agency_name": 14}.get(name, 10)
    return Column(name, head, wrap=name not in _WHOLE, least=least, spare=name not in _NEEDED)


# ---------------------------------------------------------------------------------------------- beside the lines


def _on_duties(found: Any, view: View) -> Iterator[str]:
    timed = view.question.name == "late"
    told = besides(found.known, timed=timed, names=phrase("duty.coverage_names"))
    if told and (found.duties or found.townships):
        yield phrase("duty.besides", what=told)
    yield view.age(found.as_of)


def _on_check(found: Check, view: View) -> Iterator[str]:
    if found.counts:
        yield phrase("check.total", count=sum(found.counts.values()), read=found.read, reports=found.reports)
        for code, number in found.counts.items():
            yield phrase("check.code", code=code, count=number, meaning=finding_meaning(code))
        yield phrase("check.meaning")
    if found.withheld:
        yield phrase("check.hidden", count=found.withheld)
    yield view.age(found.as_of)


def _on_revisions(found: Revisions, view: View) -> Iterator[str]:
    if (command := next((line.hint for line in found.lines if line.cells is not None), None)) is not None:
        yield phrase("revision.hint", command=command)
    if found.withheld:
        yield phrase("revision.hidden", count=found.withheld)
    if found.lines and found.met_once:
        yield phrase("revision.never_again", once=found.met_once, reports=found.reports)
    yield view.age(found.as_of)


def _on_news(found: News, view: View) -> Iterator[str]:
    del view
    for key, names in (("not_looked_at", found.not_looked_at), ("unjudged", found.unjudged)):
        if found.items and names:
            yield phrase(f"news.{key}", names=some(names, _MAX_NAMED))
    if found.withheld:
        yield phrase("revision.hidden", count=found.withheld)
    yield phrase("news.period", since=cell_text(found.since), until=cell_text(found.until))


_NOTES: Mapping[str, Callable[[Any, View], Iterator[str]]] = {
    "missing": _on_duties, "late": _on_duties, "check": _on_check, "revisions": _on_revisions, "news": _on_news,
}  # fmt: skip


# ---------------------------------------------------------------------------------------------- without lines


def _why_empty(found: Any, view: View) -> dict[str, Any]:
    """Why an answer has no lines; and whether that, or what it has, needs attention."""
    if isinstance(found, Check):
        return {"empty": _no_contradiction(found, view), "attention": found.lines or not is_sure(found)}
    if isinstance(found, Revisions) and not found.lines:
        return {"empty": _no_revision(found), "attention": not found.reports or bool(found.met_once)}
    if isinstance(found, News) and not found.items:
        return {"empty": _no_news(found), "attention": not _is_sure_news(found)}
    if not isinstance(found, DutyList):
        return {}
    asked: Any = view.asked()
    timed = view.question.name == "late"
    graded = phrase("what.only", grades=grades(asked.evidence)) if asked.evidence else ""
    days = getattr(asked, "min_days", 0)
    key = "what.late_by" if days else "what.late" if timed else "what.missing"
    what = phrase(key, year=asked.year, graded=graded, days=days)
    return why_empty(found.duties or found.townships, what, found.known, timed=timed)


def grades(evidence: Any) -> str:
    """Grades of evidence in words."""
    return phrase("join.names").join(phrase(f"evidence.{one}") for one in sorted(evidence))


def is_sure(found: Check) -> bool:
    """Whether an empty answer means that nothing contradicts."""
    return bool(found.read) and found.reports == found.read and not found.withheld


def _no_contradiction(found: Check, view: View) -> str:
    """An empty answer says whether anything could contradict, and whether every sort was asked for."""
    asked: Any = view.asked()
    if found.lines:
        return ""
    none = phrase("check.asked" if asked.code or asked.severity is not Severity.INFO else "check.contradicts")
    if not found.reports:
        return phrase("check.no_report")
    if not found.read:
        return phrase("check.no_table", reports=found.reports)
    if found.withheld:
        return phrase("check.withheld", none=none, read=found.read)
    unread = found.reports - found.read
    return phrase("check.unread" if unread else "check.empty", none=none, read=found.read, unread=unread)


def _no_revision(found: Revisions) -> str:
    """An empty answer says whether anything could have been noticed."""
    if not found.reports:
        return phrase("revision.no_report")
    key = "met_once" if found.met_once == found.reports else "some_once" if found.met_once else "empty"
    return phrase(f"revision.{key}", once=found.met_once, reports=found.reports)


def _is_sure_news(found: News) -> bool:
    """Whether an empty answer means that nothing happened."""
    return bool(found.ok_looks or found.visits) and not (found.not_looked_at or found.unjudged)


def _no_news(found: News) -> str:
    """Nothing happened, or nobody looked."""
    if not found.ok_looks and not found.visits:
        return phrase("news.nothing_whole", looks=found.looks) if found.looks else phrase("news.nothing_looked")
    unseen = phrase("news.unseen", names=some(found.not_looked_at, _MAX_NAMED)) if found.not_looked_at else ""
    unseen += phrase("news.unseen_unjudged", names=some(found.unjudged, _MAX_NAMED)) if found.unjudged else ""
    return phrase(
        "news.empty" if _is_sure_news(found) else "news.unknown", looks=found.ok_looks, visits=found.visits,
        seen=found.portals - len(found.not_looked_at), portals=found.portals, unseen=unseen,
    )  # fmt: skip
