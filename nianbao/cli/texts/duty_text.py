"""Duties as people and programs read them: a word for a status, a row with its reason and what it rests on, rates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from math import ceil, floor

from archive.exports.plain_values import cell_text, jsonable
from archive.queries.results import AgencyLine, DutyLine, EditionLine, LookLine, Rate, RateRow, Verdict
from nianbao.cli.table_layout import Column
from nianbao.messages import LANGUAGES, say
from nianbao.sentences import look_reason, phrase
from storage.records import Status

COLOURS = {
    Status.ON_TIME: "green",
    Status.PUBLISHED: "green",
    Status.LATE: "yellow",
    Status.MISSING: "red",
    Status.NOT_FOUND: "red",
    Status.UNDETERMINED: "magenta",
    Status.UNKNOWN: "bright_black",
}
_CHARGES = frozenset({Status.LATE, Status.MISSING})  # in a table full of words they are seen at once
#: findings that say nothing about one agency in particular, or what some portals do to every page
_QUIET = frozenset({"holiday_deadline", "redated"})


def painted(text: str) -> str:
    """The style of a status as :func:`sign` and :func:`standing` write it."""
    words = text.lower().partition(" (")[0].partition("，")[0].partition(": ")[0].removesuffix(" *")
    return _styles().get(words, "")


@cache
def _styles() -> Mapping[str, str]:
    sections = ("status_short", "status")
    kinds = [(section, status, lang) for section in sections for status in COLOURS for lang in LANGUAGES]
    return {say("answers", lang, f"{section}.{status.value}"): COLOURS[status] for section, status, lang in kinds}


def short(status: Status, lang: str) -> str:
    """A status in a word or two, so that a table of seven years fits a terminal."""
    return say("answers", lang, f"status_short.{status.value}")


def standing(status: Status, evidence: str, lang: str) -> str:
    """A status with what it rests on: ``missing: absent in two looks``."""
    absent = status in {Status.MISSING, Status.NOT_FOUND} and evidence in {"proven", "one_look"}
    keys = [f"status.{status.value}"]
    keys += [f"evidence.{evidence}{'_absent' if absent else ''}"] if evidence != "none" else []
    return say("answers", lang, "join.standing").join(say("answers", lang, key) for key in keys)


def due_text(line: DutyLine) -> str:
    """The due date; of a body that no statute sets one, the customary date, named so."""
    if line.due is None and line.practice is not None:
        return phrase("duty.customary_day", day=line.practice)
    return "" if line.due is None else line.due.isoformat()


def days_late_text(line: DutyLine) -> str:
    """The days late; where looks alone prove them, that they are the least."""
    if line.days_late is None:
        return ""
    return phrase("duty.at_least_days", days=line.days_late) if line.late_at_least else str(line.days_late)


def sign(line: DutyLine, lang: str = "en") -> str:
    """A status in the coverage table: its word, its evidence where that is weak, "*" where there are findings."""
    weak = line.evidence not in {"proven", "none", "ruled"}
    grade = f" ({say('answers', lang, f'evidence.{line.evidence}')})" if weak else ""
    word = short(line.status, lang)
    return (word.upper() if line.status in _CHARGES else word) + grade + (" *" if set(line.findings) - _QUIET else "")


#: The columns of a duty where programs read it as CSV, after those that its question puts first.
DUTY = (
    "agency", "kind", "portal", "place", "division", "agency_id", "year", "due", "status", "evidence", "reason",
    "days_late", "declared", "first_shown", "last_absent", "absent_as_of", "zh", "en", "why", "findings",
    "looks", "look_times", "look_urls", "captures", "capture_times", "capture_urls", "editions",
)  # fmt: skip


def agency_columns(who: AgencyLine) -> dict[str, object]:
    """An agency as columns for programs."""
    about = {"agency": who.name, "agency_id": who.id, "kind": who.kind.value}
    return {**about, "portal": who.portal, "place": who.place, "division": who.division}


def duty_row(line: DutyLine, *, chinese: bool) -> dict[str, object]:
    """A duty as a row: all that is known of it, its agency's columns, its reason in one language as ``why``."""
    return {
        **line.to_dict(),
        **agency_columns(line.agency),
        "due": line.due or line.practice,
        "due_by": "statute" if line.due else "practice" if line.practice else None,
        "why": line.zh if chinese else line.en,
    }


def flat(line: DutyLine, *, chinese: bool) -> dict[str, object]:
    """The same for CSV: ids, times and addresses of what it rests on in columns of their own, joined by blanks."""
    return {
        **duty_row(line, chinese=chinese),
        "findings": " ".join(line.findings),
        "looks": " ".join(look.id for look in line.looks),
        "look_times": times_text(look.started for look in line.looks),
        "look_urls": " ".join(look.url for look in line.looks),
        "captures": " ".join(capture.id for capture in line.captures),
        "capture_times": times_text(capture.fetched_at for capture in line.captures),
        "capture_urls": " ".join(capture.url for capture in line.captures),
        "editions": " ".join(line.editions),
    }


def times_text(instants: Iterable[datetime]) -> str:
    """Instants in ISO form, joined by blanks."""
    return " ".join(str(jsonable(one)) for one in instants)


def links_text(line: DutyLine) -> str:
    """What a duty rests on, as short as a table bears it: each look and fetch with time and id, each edition."""
    parts = [phrase("duty.look", at=cell_text(look.started), id=look.id[:8]) for look in line.looks]
    parts += [phrase("duty.capture", at=cell_text(one.fetched_at), id=one.id[:8]) for one in line.captures]
    parts += [phrase("duty.edition", id=name) for name in line.editions]
    return phrase("join.sentences").join(parts)


# ---------------------------------------------------------------------------------------------- rates

_RATES = ("on_time", "late", "missing", "not_found", "published")


def rate_text(rate: Rate | None) -> str:
    """The least and the most that a rate can be: ``50–63 %``, or ``100 %`` where all is known; "" where there is none.

    What is not quite all is not 100 %, and what is not quite none is not 0 %; the least is rounded down, the most up.
    """
    if rate is None:
        return ""
    if rate.low == rate.high:
        return f"{_percent(rate.low, _half_up)} %"
    return f"{_percent(rate.low, floor)}–{_percent(rate.high, ceil)} %"


def _half_up(number: float) -> int:
    return floor(number + 0.5)


def _percent(share: float, rounded: Callable[[float], int]) -> str:
    whole = rounded(round(100 * share, 6))
    return f"{100 * share:.1f}" if whole in {0, 100} and share not in {0, 1} else str(whole)


def rate_rows(rows: Iterable[RateRow], lang: str) -> list[dict[str, object]]:
    """Rates for people: a line a group and year."""
    return [
        {
            "group": say("answers", lang, f"group.{row.group}"),
            "year": row.year or say("answers", lang, "group.all_years"),
            "due": row.due,
            **{name: rate_text(row.rates.get(name)) for name in _RATES},
        }
        for row in rows
    ]


def rate_columns(lang: str) -> tuple[Column, ...]:
    """The columns of rates."""
    return (
        Column("group", say("answers", lang, "column.group"), least=8),
        *(Column(name, say("answers", lang, f"column.{name}"), wrap=False) for name in ("year", "due")),
        *(Column(name, short(Status(name), lang), wrap=False) for name in _RATES),
    )


RATE = ("group", "year", "due", "not_counted", "rate", "count", "unknown", "population", "low", "high", "unknown_share")


def rate_lines(rows: Iterable[RateRow]) -> list[dict[str, object]]:
    """Rates for programs: a line a group, year and rate; shares from 0 to 1."""
    return [
        {"group": row.group, "year": row.year, "due": row.due, "not_counted": row.not_counted, "rate": name}
        | rate.to_dict()
        for row in rows
        for name, rate in row.rates.items()
    ]


SHORT = 8  #: characters of an id that people type; commands take them where only one begins so


def evidence_blocks(found: Verdict, *, chinese: bool) -> Iterator[str]:
    """The lines of all blocks, in order."""
    yield phrase("duty.looks", count=len(found.looks)) if found.looks else phrase("duty.no_looks")
    for look in found.looks:
        yield from _look(look, found.duty.year)
    yield phrase("duty.editions", count=len(found.editions)) if found.editions else phrase("duty.no_editions")
    for edition in found.editions:
        yield from _edition(edition)
    for ruling in found.rulings:
        named = {"kind": ruling.kind, "subject": ruling.subject, "decision": cell_text(ruling.decision)}
        yield phrase("duty.ruling", at=cell_text(ruling.made_at), by=ruling.by, reason=ruling.reason, **named)
        if ruling.source:
            yield phrase("duty.source", source=ruling.source)
    for finding in found.findings:
        severity, text = phrase(f"severity.{finding.severity.value}"), finding.zh if chinese else finding.en
        yield phrase("duty.finding", severity=severity, code=finding.code, text=text)


def _look(look: LookLine, year: int) -> Iterator[str]:
    parts = [phrase(f"outcome.{look.outcome.value}")]
    parts += [look_reason(look.reason)] if look.reason else []
    parts += [phrase("duty.suspect")] if look.suspect else []
    parts += [phrase("duty.whole_from", year=look.whole_from)] if look.whole_from else []
    yield f"  {cell_text(look.started)}  {look.listing}  {phrase('join.parts').join(parts)}"
    yield f"    {look.url}"
    for capture in look.captures:
        if capture.url != look.url:
            yield f"    {capture.url}"
        if capture.warc_file:
            yield f"    {capture.warc_file}@{capture.warc_offset}"
        yield f"    nianbao show-capture {capture.id[:SHORT]}"
    if look.control:
        yield f"    {phrase('duty.control', year=year, agency=look.control.agency, other=look.control.year)}"
        yield f"    nianbao show-capture {look.control.capture.id[:SHORT]}"


def _edition(edition: EditionLine) -> Iterator[str]:
    seen = [phrase("duty.seen", first=cell_text(edition.first_seen), last=cell_text(edition.last_seen))]
    seen += [phrase("duty.declared", day=edition.declared)] if edition.declared else []
    yield f"  {edition.id}  {phrase('join.parts').join(seen)}"
    yield f"    {edition.track}"
    agency = edition.id.rpartition("/")[0]
    yield f"    nianbao show {agency} {edition.year} --edition {edition.id.rpartition('@')[2]}"
