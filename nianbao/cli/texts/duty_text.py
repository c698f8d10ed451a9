"""Duties as people and programs read them: a word for a status, a row with its reason and what it rests on, rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from archive.exports.plain_values import cell_text, jsonable
from archive.queries.grounds import Rate, RateRow
from archive.queries.results import DutyLine
from nianbao.cli.output import Column
from storage.records import Status

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
#: findings that say nothing about one agency in particular, or what some portals do to every page
_QUIET = frozenset({"holiday_deadline", "redated"})


def painted(text: str) -> str:
    """The style of a status as :func:`sign` writes it."""
    return next((style for status, style in COLOURS.items() if text.startswith(SIGNS[status])), "")


def sign(line: DutyLine) -> str:
    """A status in the coverage table: its word, its evidence where that is weak, "*" where there are findings."""
    grade = {"proven": "", "none": "", "ruled": ""}.get(line.evidence, f" ({line.evidence})")
    return SIGNS[line.status] + grade + (" *" if set(line.findings) - _QUIET else "")


#: The columns of a duty where programs read it as CSV, after those that its question puts first.
DUTY = (
    "agency", "kind", "portal", "place", "division", "agency_id", "year", "due", "status", "evidence", "reason",
    "days_late", "declared", "first_shown", "last_absent", "zh", "en", "why", "findings", "looks", "look_times",
    "look_urls", "captures", "capture_times", "capture_urls", "editions",
)  # fmt: skip


def duty_row(line: DutyLine, *, chinese: bool) -> dict[str, object]:
    """A duty as a row: all that is known of it, its agency's columns, its reason in one language as ``why``."""
    return {
        **line.to_dict(),
        "agency": line.agency.name,
        "agency_id": line.agency.id,
        "kind": line.agency.kind.value,
        "portal": line.agency.portal,
        "place": line.agency.place,
        "division": line.agency.division,
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
    parts = [f"look {cell_text(look.started)} {look.id}" for look in line.looks]
    parts += [f"capture {cell_text(capture.fetched_at)} {capture.id}" for capture in line.captures]
    parts += [f"edition {name}" for name in line.editions]
    return "; ".join(parts)


# ---------------------------------------------------------------------------------------------- rates

_GROUPS = {
    "statutory": "with a date by statute",
    "townships": "townships and subdistricts",
    "others": "other bodies, without a date",
}
_RATES = ("on_time", "late", "missing", "not_found", "published")


def rate_text(rate: Rate | None) -> str:
    """The least and the most that a rate can be, and the share of which nobody knows; "" where there is none."""
    if rate is None:
        return ""
    low, high, unknown = (f"{100 * share:.1f} %" for share in (rate.low, rate.high, rate.unknown_share))
    return f"{low}–{high} ({unknown} unknown)"


def rate_rows(rows: Iterable[RateRow]) -> list[dict[str, object]]:
    """Rates for people: a line a group and year."""
    return [
        {
            "group": _GROUPS[row.group],
            "year": row.year or "all years",
            "due": row.due,
            **{name: rate_text(row.rates.get(name)) for name in _RATES},
        }
        for row in rows
    ]


def rate_columns(rows: Sequence[RateRow]) -> tuple[Column, ...]:
    """The columns that any of these rows fills."""
    held = [name for name in _RATES if any(name in row.rates for row in rows)]
    return (
        Column("group", "group", least=12),
        Column("year", "year", wrap=False),
        Column("due", "due", wrap=False),
        *(Column(name, name.replace("_", " "), least=16) for name in held),
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
