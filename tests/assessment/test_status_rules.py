"""The rules of statuses, each with its cases: the facts of a duty in words, and what is told of it (status_cases.txt).

A fact is a word, a name or instant, and what else is known: ``look@LISTING 02-01/09:00 partial shows lost=2``,
``page``, ``date``, ``scope``, ``ruling``, ``cover``, ``life FIRST..LAST``, ``duty KIND YEAR``, ``attested``, ``known``,
``unreadable``. A look that ``shows`` the report is a sighting, known since its ``proof``; a date is known since the
last sighting. What is told are words of the status, the evidence, the row, the reason and the findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from fact_making import MINUTE, a_date, a_duty, a_life, a_look, a_page, a_scope, shown_by, some_facts, status_at, t

from archive.assessment.facts import CoveredBy, DutyFacts, DutyRuling, KnownFinding, UnresolvedLead
from archive.assessment.history import history
from storage.records import SHANGHAI, AgencyKind, Finding, LookOutcome, Severity, Status, StatusInterval
from tests.case_tables import named_cases

FLAGS = ("skewed", "unverified", "voided")
NAMED = {"others": "others_from", "finished": "finished"}
OF_SCOPE = {"known": "known_from", "ended": "ended_at", "ended_known": "ended_known_from", "listed": "listed_from"}
KINDS = {kind.value for kind in AgencyKind}


def moment(text: str) -> str:
    """An instant as ISO: of 2026 and at nine o'clock, unless more is given."""
    day, _, hour = text.partition("/")
    return f"{day if day.count('-') == 2 else f'2026-{day}'} {hour or '09:00'}"


def given(words: list[str]) -> tuple[set[str], Mapping[str, str]]:
    return {one for one in words if "=" not in one}, dict(one.split("=", 1) for one in words if "=" in one)


class Facts:
    """The facts of a duty, word by word."""

    def __init__(self, text: str) -> None:
        self.duty, self.more = a_duty(), dict[str, Any]()
        self.found: dict[str, list[Any]] = {}
        self.shown = "2026-02-12 09:00"
        for line in filter(None, map(str.strip, text.split(";"))):
            word, *words = line.split()
            kind, _, listing = word.partition("@")
            add: Callable[..., None] = getattr(self, f"add_{kind}")
            add(*([f"wenshang:{listing or 'main'}"] if kind == "look" else []), *words)
        self.found.setdefault("scope", [a_scope("wenshang:main")])

    def made(self) -> DutyFacts:
        return some_facts(self.duty, **{name: tuple(one) for name, one in self.found.items()}, **self.more)

    def add(self, group: str, *facts: object) -> None:
        self.found.setdefault(group, []).extend(facts)

    def add_look(self, listing: str, at: str, *words: str) -> None:
        flags, values = given([*words])
        more: dict[str, Any] = {flag: True for flag in FLAGS if flag in flags}
        more["outcome"] = next((one for one in LookOutcome if one.value in flags), LookOutcome.OK)
        lost = int(values.get("lost", 2 if "suspect" in flags else 0))
        more |= {"control": "uncontrolled" not in flags, "lost": lost, "shows": "shows" in flags}
        if "open" in flags or "open" in values:
            until = t(moment(values["open"])) if "open" in values else None
            names_it = "named" in flags
            more["unresolved"] = (UnresolvedLead(url="http://x.gov.cn/9.html", resolved_at=until, names_it=names_it),)
        more |= {key: t(moment(values[word])) for word, key in NAMED.items() if word in values}
        look = a_look(moment(at), listing, **more)
        self.add("looks", look)
        if look.shows:
            known = t(moment(values["proof"])) if "proof" in values else look.finished
            self.shown = f"{look.started:%Y-%m-%d %H:%M}"
            self.add("sightings", shown_by(look, known_from=known))

    def add_page(self, at: str, *words: str) -> None:
        self.shown = moment(at)
        self.add("sightings", a_page(self.shown, imported="imported" in words))

    def add_date(self, day: str, *words: str) -> None:
        flags, values = given([*words])
        known = moment(values["known"]) if "known" in values else self.shown
        origin = next((one for one in ("listing", "url") if one in flags), "metadata")
        shared = {"shared_from": t(moment(values["shared"]))} if "shared" in values else {}
        more = {"corrected": "corrected" in flags, "shared": "shared" in flags, **shared}
        self.add("dates", a_date(moment(day)[:10], known, origin, **more))  # type: ignore[arg-type]

    def add_scope(self, listing: str, *words: str) -> None:
        flags, values = given([*words])
        more: dict[str, Any] = {key: t(moment(values[word])) for word, key in OF_SCOPE.items() if word in values}
        more["reason"] = "appeared" if "appeared" in flags else "structure"
        self.add("scope", *([a_scope(f"wenshang:{listing}", **more)] if listing != "none" else []))

    def add_ruling(self, name: str, status: str, at: str, where: str = "") -> None:
        ruled = None if status == "expected" else Status(status)
        where = where.removeprefix("where=")
        self.add("rulings", DutyRuling(ruling=name, known_from=t(moment(at)), status=ruled, where=where))

    def add_cover(self, at: str) -> None:
        self.add("covered_by", CoveredBy(edition="wenshang/zf/2025@abcdef", known_from=t(moment(at))))

    def add_life(self, days: str, known: str = "") -> None:
        first, _, last = days.partition("..")
        (life,) = a_life(*(date.fromisoformat(one) if one else None for one in (first, last)))
        self.add("validity", replace(life, known_from=t(moment(known[6:]))) if known else life)

    def add_duty(self, *words: str) -> None:
        kind = next((AgencyKind(one) for one in words if one in KINDS), AgencyKind.DEPARTMENT)
        year = next((int(one) for one in words if one.isdecimal()), 2025)
        self.duty = a_duty(kind, year, guessed="guessed" in words)

    def add_attested(self, at: str) -> None:
        self.more["attested_from"] = t(moment(at))

    def add_known(self, at: str) -> None:
        self.more["known_from"] = t(moment(at))

    def add_unreadable(self, at: str) -> None:
        told = Finding(code="unreadable", severity=Severity.WARNING, zh="无法读取", en="unreadable")
        self.add("findings", KnownFinding(known_from=t(moment(at)), finding=told))


def words_of(interval: StatusInterval) -> Iterator[str]:
    yield from (interval.status.value, interval.evidence.value, f"row{interval.rule}", interval.reason)
    yield from (finding.code for finding in interval.findings)
    yield from ("capture" for _ in interval.captures)
    yield from (f"declared={interval.declared}", f"late={interval.days_late}", f"since={told(interval.since)}")
    yield from (f"p={told(interval.first_shown)}", f"last={told(interval.last_absent)}")
    yield f"rulings={','.join(interval.rulings)}"
    yield f"looks={','.join(told(t(one.rpartition('@')[2])) for one in interval.looks)}"


def told(at: datetime | None) -> str:
    """An instant as the cases give it."""
    return "" if at is None else f"{at.astimezone(SHANGHAI):%m-%d/%H:%M}".removesuffix("/09:00")


@pytest.mark.parametrize("case", [*named_cases(Path(__file__).with_name("status_cases.txt"))])
def test_what_is_told_of_a_duty(case: str) -> None:
    seen, _, expected = case.partition("=>")
    facts = Facts(seen).made()
    for when, *words in map(str.split, expected.split("|")):
        now = t(moment(when))
        intervals = history(facts, now + MINUTE)
        holds = status_at(intervals, now)
        known = {f"intervals={len(intervals)}", *(words_of(holds) if holds else ())}
        for word in words:
            if word.startswith("says="):
                assert holds is not None
                assert word[5:] in holds.zh
            else:
                assert (word.removeprefix("!") in known) is not word.startswith("!"), (when, word, known)
