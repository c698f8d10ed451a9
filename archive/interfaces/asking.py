"""``coverage``, ``missing``, ``late``, ``status``: questions about who published when."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, TypeVar

import typer

from archive.interfaces import common
from archive.interfaces.output import CHINA, Column, Format, cell_text, chosen, emit, say
from archive.queries.overview import coverage, late, missing
from archive.queries.results import Counts, CoverageRow, DutyLine, DutyList, Verdict
from archive.queries.verdict import status
from archive.queries.where import NotKnownError, Where
from storage.home import Home
from storage.records import AgencyKind, Status

# What a status looks like in the coverage table: one word each, so that a table of seven years fits a terminal.
SIGNS: Mapping[Status, str] = {
    Status.ON_TIME: "on time",
    Status.LATE: "LATE",
    Status.MISSING: "MISSING",
    Status.NOT_FOUND: "not found",
    Status.PUBLISHED: "published",
    Status.UNKNOWN: "unknown",
    Status.UNDETERMINED: "undetermined",
    Status.NOT_YET_DUE: "not yet due",
    Status.NOT_EXPECTED: "not expected",
    Status.ELSEWHERE: "elsewhere",
}

COLOURS = {
    Status.ON_TIME: "green",
    Status.PUBLISHED: "green",
    Status.LATE: "yellow",
    Status.MISSING: "red",
    Status.NOT_FOUND: "red",
    Status.UNDETERMINED: "magenta",
    Status.UNKNOWN: "bright_black",
}


def painted(text: str) -> str:
    """The style of a status as :func:`sign` writes it."""
    return next((style for status, style in COLOURS.items() if text.startswith(SIGNS[status])), "")


#: findings that say nothing about one agency in particular, or what some portals do to every page
_QUIET = frozenset({"holiday_deadline", "redated"})

PlaceArgument = Annotated[
    str | None,
    typer.Argument(
        help="Division code or its beginning, a place's name, or a portal's: 3708, 汶上县.", show_default=False
    ),
]
YearArgument = Annotated[int, typer.Argument(min=1990, max=2100, help="Reporting year: the year a report is about.")]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of", help="What was known at the end of that day (2025-02-10) or at that instant.", show_default=False
    ),
]
KindOption = Annotated[
    list[AgencyKind] | None,
    typer.Option("--kind", help="Only agencies of this kind; may be repeated.", show_default=False),
]

_Answer = TypeVar("_Answer")


class Lang(StrEnum):
    """Language of sentences."""

    EN = "en"
    ZH = "zh"


def instant(text: str | None) -> datetime | None:
    """The instant meant by ``--as-of``: the end of a day, or an instant (Asia/Shanghai if it names no zone)."""
    if text is None:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return datetime.combine(
                date.fromisoformat(text) + timedelta(days=1), datetime.min.time(), CHINA
            ) - timedelta(microseconds=1)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        common.fail(f"--as-of {text!r} is no date; write 2025-02-10 or 2025-02-10T09:00:00+08:00")
    return found if found.tzinfo else found.replace(tzinfo=CHINA)


def years_of(text: str | None) -> list[int] | None:
    """The years meant by ``2019-2025``, ``2023`` or ``2019,2021``."""
    if text is None:
        return None
    years: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{4})(?:-(\d{4}))?\s*", part)
        if match is None:
            common.fail(f"--years {text!r} is not understood; write 2023, 2019-2025 or 2019,2021")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            common.fail(f"--years {text!r} runs backwards; write {last}-{first}")
        years += range(first, last + 1)
    return years


def asked(question: Callable[[], _Answer]) -> _Answer:
    """The answer, or the nearest names where the question names something unknown."""
    try:
        return question()
    except NotKnownError as error:
        common.fail(str(error))


def _where(
    place: str | None, portal: str | None, kinds: Iterable[AgencyKind] | None, agency: str | None = None
) -> Where:
    return Where(place=place, portal=portal, kinds=frozenset(kinds) if kinds else None, agency=agency)


def coverage_command(
    place: PlaceArgument = None,
    years: Annotated[
        str | None, typer.Option("--years", help="2019-2025, 2023 or 2019,2021.", show_default=False)
    ] = None,
    portal: common.PortalOption = None,
    kind: KindOption = None,
    as_of: AsOfOption = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Agency × year: who published, who was late, what is missing, and what is not known."""
    wanted = years_of(years)
    with common.opened(archive) as home:
        found = asked(lambda: coverage(home, _where(place, portal, kind), years=wanted, as_of=instant(as_of)))
    fmt = chosen(as_json, as_csv)
    if fmt is Format.JSON:
        emit([found.to_dict()], (), fmt)
        return
    columns = (
        Column("place", "place", wrap=False, spare=True),
        Column("agency", "agency", least=18),
        Column("kind", "kind", wrap=False, spare=True),
    )
    emit(
        [_coverage_row(row) for row in found.rows],
        (*columns, *(Column(str(year), str(year), paint=painted, least=9) for year in found.years)),
        fmt,
        empty="no agency known of whom a report is owed; crawl first: nianbao crawl --all",
    )
    if fmt is Format.TABLE and found.rows:
        if any(line.findings for row in found.rows for line in row.cells.values()):
            say("* there is more to know: nianbao status AGENCY YEAR")
        say(f"as of {found.as_of.astimezone(CHINA):%Y-%m-%d %H:%M}")
        say(_counted("with a date by statute", found.counts))
        if found.townships.total:
            say(_counted("townships and subdistricts (by practice)", found.townships))


def _coverage_row(row: CoverageRow) -> dict[str, object]:
    cells = {str(year): sign(line) for year, line in row.cells.items()}
    return {"place": row.agency.place, "agency": row.agency.name, "kind": row.agency.kind, **cells}


def sign(line: DutyLine) -> str:
    """A status in the coverage table: its word, its evidence where that is weak, "*" where there are findings."""
    grade = {"proven": "", "none": "", "ruled": ""}.get(line.evidence, f" ({line.evidence})")
    return SIGNS[line.status] + grade + (" *" if set(line.findings) - _QUIET else "")


def _counted(label: str, counts: Counts) -> str:
    parts = ", ".join(f"{SIGNS[Status(name)].lower()} {number}" for name, number in counts.by_status.items())
    share = "" if counts.unknown_share is None else f"; unknown {counts.unknown_share:.0%} of those due"
    return f"{label}: {counts.total} duties: {parts}{share}"


_TITLES = {"days_late": "days ≥", "last_absent": "last absent"}


def _emit_duties(found: DutyList, fmt: Format, lang: Lang, title: str, extra: tuple[str, ...]) -> None:
    """The duties with a statutory date, and those without (townships …) apart; one list where programs read it."""
    keys = ("agency", "kind", "due", "status", "evidence", *extra, "why")
    columns = tuple(
        Column(
            key, _TITLES.get(key, key), wrap=key in {"agency", "why"}, least=26 if key == "why" else 14,
            spare=key in {"kind", "due", "declared", "last_absent"},
        )
        for key in keys
    )  # fmt: skip
    if fmt is not Format.TABLE or not sys.stdout.isatty():
        emit(_duties((*found.duties, *found.townships), lang), columns, fmt, title=title, empty="none")
        return
    emit(_duties(found.duties, lang), columns, fmt, title=title, empty="none")
    if found.townships:
        emit(_duties(found.townships, lang), columns, fmt, title="without a date by statute (by practice)")


def _duties(lines: Iterable[DutyLine], lang: Lang) -> list[dict[str, object]]:
    return [
        {
            **line.to_dict(),
            "agency": line.agency.name,
            "agency_id": line.agency.id,
            "kind": line.agency.kind.value,
            "portal": line.agency.portal,
            "division": line.agency.division,
            "due": line.due or line.practice,
            "why": _why(line.zh, line.en, lang),
        }
        for line in lines
    ]


LangOption = Annotated[Lang, typer.Option("--lang", help="Language of reasons.")]


def missing_command(
    year: YearArgument,
    place: PlaceArgument = None,
    portal: common.PortalOption = None,
    kind: KindOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = Lang.EN,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Reports on YEAR that were looked for after their date, wherever they would be shown, and were not there."""
    with common.opened(archive) as home:
        found = asked(lambda: missing(home, year, _where(place, portal, kind), as_of=instant(as_of)))
        unknown = asked(lambda: coverage(home, _where(place, portal, kind), years=[year], as_of=instant(as_of)))
    fmt = chosen(as_json, as_csv)
    _emit_duties(found, fmt, lang, f"missing for {year}", ("last_absent",))
    if fmt is Format.TABLE:
        not_known = unknown.counts.by_status.get("unknown", 0) + unknown.townships.by_status.get("unknown", 0)
        if not_known:
            say(
                f"besides, {not_known} are unknown: nobody can say whether they were published "
                f"(nianbao coverage --years {year})"
            )


def late_command(
    year: YearArgument,
    place: PlaceArgument = None,
    min_days: Annotated[int, typer.Option("--min-days", min=0, help="Only those at least so many days late.")] = 0,
    portal: common.PortalOption = None,
    kind: KindOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = Lang.EN,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Reports on YEAR that came after their date, and how well that is founded."""
    with common.opened(archive) as home:
        found = asked(lambda: late(home, year, _where(place, portal, kind), min_days=min_days, as_of=instant(as_of)))
    _emit_duties(found, chosen(as_json, as_csv), lang, f"late for {year}", ("days_late", "declared"))


def status_command(
    agency: Annotated[str, typer.Argument(help="Name, alias, unique part of a name, or id of an agency.")],
    year: YearArgument,
    as_of: AsOfOption = None,
    lang: LangOption = Lang.EN,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """One duty: its status, how it came about, and every look, capture and ruling that it rests on."""
    with common.opened(archive) as home:
        found = asked(lambda: _status(home, agency, year, as_of))
    if as_json:
        emit([found.to_dict()], (), Format.JSON)
        return
    line = found.duty
    say(f"{line.agency.name}, report on {line.year}: {SIGNS[line.status]} ({line.evidence})")
    say(_why(line.zh, line.en, lang))
    say(
        f"due {line.due or line.practice or 'at no fixed date'} ({found.basis})"
        + (f"; {found.holiday}" if found.holiday else "")
    )
    emit(
        [
            {"since": i.since, "status": i.status.value, "evidence": i.evidence.value, "why": _why(i.zh, i.en, lang)}
            for i in found.history
        ],
        tuple(Column(key, key, wrap=key == "why") for key in ("since", "status", "evidence", "why")),
        Format.TABLE, title="history",
    )  # fmt: skip
    _evidence(found)


def _why(zh: str, en: str, lang: Lang) -> str:
    return zh if lang is Lang.ZH else en


def _status(home: Home, agency: str, year: int, as_of: str | None) -> Verdict:
    return status(home, agency, year, as_of=instant(as_of))


def _evidence(found: Verdict) -> None:
    looks = [
        {"started": k.started, "listing": k.listing, "reason": k.reason,
         "outcome": k.outcome.value + (" (suspect)" if k.suspect else ""),
         "warc": "; ".join(f"{c.warc_file}@{c.warc_offset}" for c in k.captures if c.warc_file),
         "pages": " ".join(c.id for c in k.captures), "id": k.id}
        for k in found.looks
    ]  # fmt: skip
    columns = ("started", "listing", "outcome", "reason", "warc", "pages", "id")
    emit(
        looks,
        tuple(Column(c, c, wrap=c in {"warc", "pages", "id", "reason"}) for c in columns),
        Format.TABLE,
        title="looks",
        empty="none",
    )
    editions = [
        {
            "edition": e.id,
            "first seen": e.first_seen,
            "last seen": e.last_seen,
            "declared": e.declared,
            "change": e.change,
            "address": e.track,
        }
        for e in found.editions
    ]
    told = ("edition", "first seen", "last seen", "declared", "change", "address")
    emit(editions, tuple(Column(c, c) for c in told), Format.TABLE, title="editions", empty="none held")
    for ruling in found.rulings:
        say(
            f"ruling of {cell_text(ruling.made_at)} by {ruling.by}: {ruling.kind} {ruling.subject} "
            f"{cell_text(ruling.decision)}: {ruling.reason}"
        )
        if ruling.source:
            say(f"  source: {ruling.source}")
    for finding in found.findings:
        say(f"{finding.severity}: {finding.code}: {finding.en}")
