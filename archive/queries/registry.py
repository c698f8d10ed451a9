"""Answer questions about the registry: an agency with its sources, successors of ended ones, due-date rules, doubts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from operator import attrgetter

from sqlalchemy import select

from archive.assessment.deadlines import (
    DeadlineError,
    DeadlineRule,
    Holiday,
    deadline_rules,
    due,
    holidays,
    holidays_known,
    local_due,
    local_rules,
    rules_in,
)
from archive.assessment.registry import Attestation, Doubt, Lineage, attestations, doubts
from archive.identity.divisions import CodeSpan, code_history, code_in
from archive.queries.agency_divisions import agency_divisions
from archive.queries.bounds import data_file, fill_both_languages
from archive.queries.duty_rows import duty_lines
from archive.queries.frames import Result
from archive.queries.results import AgencyName, AskWhom, DutyLine, LocalDue
from archive.queries.stored import fetch, group_by
from archive.queries.where import choose_one
from storage.errors import HomeError, note_of
from storage.home import Home
from storage.records import Agency, AgencyEnd, AgencyKind, Portal
from storage.registry import Registry, agencies_in_succession

OWN_RULES = "deadlines.toml"  #: file in the archive's folder with its own local rules
_FIELDS = tuple(field.name for field in fields(Agency) if field.name not in {"id", "portal", "recorded_at", "source"})


class RegistryChange(Result):
    """A row of an agency's history: since when the archive knows it, and what it changed (all fields of the first)."""

    recorded_at: datetime
    source: str
    changes: tuple[tuple[str, str, str], ...]


class AgencyDuty(Result):
    """A duty with its law. ``code``: the division's on 31 December of that year, None where none or several were its;
    ``code_how`` as for figures (``no_list``: beyond the lists of codes). ``holidays_known``: whether those of the due
    date's year are on record. ``status`` None: not judged yet.
    """

    year: int
    status: str | None
    due: date | None
    practice: date | None
    article: str
    basis: str
    source: str
    holiday: str | None
    holidays_known: bool
    guessed: bool
    local: tuple[LocalDue, ...]
    code: str | None
    division: str
    code_how: str | None


class RegistryEntry(Result):
    """All that the registry says of one agency, with the sources."""

    as_of: datetime
    id: str
    name: str
    kind: str
    portal: str
    place: str
    code: str | None
    parent: AgencyName | None
    aliases: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    guessed: bool
    ask: AskWhom | None
    predecessors: tuple[AgencyName, ...]
    sources: tuple[Attestation, ...]
    history: tuple[RegistryChange, ...]
    codes: tuple[CodeSpan, ...]
    duties: tuple[AgencyDuty, ...]

    @property
    def former_names(self) -> Mapping[str, datetime]:
        """The names that the agency has no more, with when the registry recorded the next one."""
        changes = [(one.recorded_at, change) for one in self.history for change in one.changes]
        return {old: at for at, (field, old, _) in changes if field == "name" and old not in {"", self.name}}


class RuleLine(Result):
    """A rule on due dates. ``level``: ``statutory``, ``practice``, ``none`` or ``local`` (of ``place``, ``origin``: the
    file that holds it); ``day``: MM-DD of the year after the reporting year. ``holiday``: no rule, but days in which a
    due date of these reporting years fell (``basis``: its name, ``source``: the notices that set it).
    """

    level: str
    place: str | None
    kinds: tuple[str, ...]
    from_year: int | None
    to_year: int | None
    day: str | None
    article: str
    basis: str
    source: str
    origin: str


def registry_entry(home: Home, agency: str, *, as_of: datetime | None = None) -> RegistryEntry:
    """Return all that the registry knew at ``as_of`` (None: now) about one agency (id, name, alias or unique part),
    with its duties (reports owed). Raises :class:`archive.queries.bounds.NotKnownError`.
    """
    who, chosen = choose_one(home, agency, as_of=as_of)
    rows = [row for row in Registry(home).agency_history(who.id) if row.recorded_at <= chosen.as_of] or [who]
    now = rows[-1]
    chosen = replace(chosen, by_id={now.id: now})
    lineage = Lineage(agencies_in_succession(home, [now.id, now.parent or now.id], chosen.as_of))
    [portal] = chosen.portals.values()
    division, own = agency_divisions(chosen.agencies, chosen.portals)[now.id].recorded, own_rules(home)
    table = chosen.store.tables.editions
    published = select(table.c.year).where(table.c.agency == now.id, table.c.known_from <= chosen.as_of)
    duties = sorted(duty_lines(chosen, links=False), key=lambda line: line.year)
    return RegistryEntry.of(
        now,
        as_of=chosen.as_of,
        kind=now.kind.value,
        portal=portal.name,
        place=portal.place,
        parent=None if now.parent is None else _agency_name(now.parent, lineage),
        ask=ask_whom(now, lineage),
        predecessors=tuple(_agency_name(one.id, lineage) for one in lineage.predecessors(now.id)),
        sources=tuple(attestations(rows, {row.year for row in fetch(chosen.store, published.distinct())})),
        history=tuple(_changes(rows)),
        codes=code_history(division) if division is not None else (),
        duties=tuple(_duty(now, portal, division, line, own) for line in duties),
    )


def ask_whom(agency: Agency, lineage: Lineage) -> AskWhom | None:
    """Return who took over from an agency that ended, in sentences too; None if it has not ended."""
    if agency.valid_to is None and not agency.successors:
        return None
    successors = tuple(_agency_name(one, lineage) for one in agency.successors)
    heirs = tuple(_agency_name(one, lineage) for one in lineage.heirs(agency.id))
    return AskWhom(
        ended=None if agency.ended is None else agency.ended.value,
        last_day=agency.valid_to,
        successors=successors,
        heirs=heirs,
        **_sentence_on_end(agency, [one.name for one in successors], [one.name for one in heirs]),
    )


def _sentence_on_end(agency: Agency, successors: Sequence[str], heirs: Sequence[str]) -> dict[str, str]:
    """Return in both languages what became of an agency that ended; ``heirs`` are told only if they are others."""
    data, ended = data_file("successors.toml"), agency.ended
    key = "followed" if successors else "abolished" if ended is AgencyEnd.ABOLISHED else "unknown"
    values = {
        "day": agency.valid_to.isoformat() if agency.valid_to else "?",
        "how": data["ended"][ended.value if ended else "none"],
        "successors": successors,
        "now": "" if heirs == successors else fill_both_languages(data["sentence"]["now"], {"heirs": heirs}),
    }
    return fill_both_languages(data["sentence"][key], values)


def local_dues(place: str, kind: AgencyKind, year: int, own: Sequence[DeadlineRule] = ()) -> tuple[LocalDue, ...]:
    """Return due dates that a place sets before that of the law; ``own``: the archive's rules besides built-in ones."""
    dues = local_due(place, kind, year, (*local_rules(), *own))
    return tuple(LocalDue.of(one) for one in dues if one.due is not None)


def own_rules(home: Home) -> tuple[DeadlineRule, ...]:
    """Return the local rules in the archive's folder. Raises :class:`storage.errors.HomeError` if they are invalid."""
    path = home.path / OWN_RULES
    try:
        return rules_in(path.read_text(encoding="utf-8"), str(path)) if path.exists() else ()
    except (DeadlineError, OSError, UnicodeDecodeError) as error:
        message = f"{error}; mend the file, or put it aside (docs/registry.md says how a rule is written)"
        raise HomeError(message, code="rules.unusable", why=note_of(error).as_json) from error


def rules(home: Home) -> tuple[RuleLine, ...]:
    """Return the rules on due dates: those of the law in the order in which they are tried, then local ones, and the
    public holidays in which a due date fell (a flag only: they move no due date). Raises
    :class:`storage.errors.HomeError`.
    """
    of_nianbao = ((rule, "deadlines.toml of nianbao") for rule in (*deadline_rules(), *local_rules()))
    of_archive = ((rule, str(home.path / OWN_RULES)) for rule in own_rules(home))
    return (*(_rule_line(*one) for one in (*of_nianbao, *of_archive)), *map(_holiday_line, holidays()))


def _holiday_line(holiday: Holiday) -> RuleLine:
    """Return a public holiday as a line; it is no rule and moves no due date."""
    return RuleLine(
        level="holiday",
        place=None,
        kinds=(),
        from_year=holiday.first.year - 1,
        to_year=holiday.last.year - 1,
        day=f"{holiday.first:%m-%d} to {holiday.last:%m-%d}",
        article="",
        basis=holiday.name,
        source="; ".join(holiday.notices),
        origin="holidays.toml of nianbao",
    )


def registry_doubts(home: Home, portal: str | None = None) -> Mapping[str, tuple[Doubt, ...]]:
    """Return the doubts about the registry by portal (one or all), including those that a person has ruled on."""
    registry = Registry(home)
    every = registry.agencies()
    lineage = Lineage(every)
    of_portal = group_by(every, attrgetter("portal"))
    return {
        one.name: doubts(one, of_portal.get(one.name, []), lineage)
        for one in registry.portals()
        if portal in (None, one.name)
    }


def _agency_name(name: str, lineage: Lineage) -> AgencyName:
    agency = lineage.agencies.get(name)
    return AgencyName(id=name, name=agency.name if agency else name, known=agency is not None)


def _changes(rows: Sequence[Agency]) -> Iterator[RegistryChange]:
    """Yield for each row of an agency, oldest first, the fields that differ from the row before."""
    for previous, row in zip([None, *rows], rows, strict=False):
        values = [(name, _field_text(previous, name), _field_text(row, name)) for name in _FIELDS]
        changes = tuple(one for one in values if one[1] != one[2])
        yield RegistryChange(recorded_at=row.recorded_at, source=row.source, changes=changes)


def _field_text(row: Agency | None, name: str) -> str:
    """Return a field of a row as people read it; "" without row, value or truth."""
    value = None if row is None else getattr(row, name)
    if isinstance(value, bool):
        return "yes" if value else ""
    return "|".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def _duty(
    agency: Agency, portal: Portal, division: str | None, duty_line: DutyLine, own_rules: Sequence[DeadlineRule]
) -> AgencyDuty:
    """Return a duty (a report owed) with its law and the division's code of that year; ``own_rules``: the archive's."""
    law = due(agency.kind, duty_line.year)
    code = None if division is None else code_in(division, duty_line.year)
    return AgencyDuty.of(
        law,
        year=duty_line.year,
        status=duty_line.status.value,
        holidays_known=holidays_known(law.due or law.practice),
        guessed=duty_line.guessed,
        local=local_dues(portal.place, agency.kind, duty_line.year, own_rules),
        code=code.code if code else None,
        division=code.name if code else "",
        code_how=code.how if code else None,
    )


def _rule_line(rule: DeadlineRule, origin: str) -> RuleLine:
    """Return a rule as a line; ``origin``: the file that holds it."""
    day = rule.due or rule.practice
    level = "local" if rule.place else "statutory" if rule.due else "practice" if rule.practice else "none"
    return RuleLine.of(
        rule,
        level=level,
        kinds=tuple(kind.value for kind in AgencyKind if kind in rule.kinds),
        day=None if day is None else f"{day[0]:02}-{day[1]:02}",
        origin=origin,
    )
