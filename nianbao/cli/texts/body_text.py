"""One agency of the registry as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable

from archive.assessment.sources import Attestation
from archive.queries.registry import Body, BodyDuty
from archive.queries.results import BodyName
from archive.queries.words import CHINA
from nianbao.cli.output import in_language, say, show_table, tell
from nianbao.sentences import sentence, word


def show_body(found: Body) -> None:
    """Write an agency, its sources, its history, its division's codes and its duties."""
    say(f"{found.name} ({found.id}, {word('kind', found.kind)}), {found.place}")
    told = {
        "code": found.code, "parent": found.parent.name if found.parent else None, "aliases": "、".join(found.aliases),
        "valid_from": found.valid_from, "valid_to": found.valid_to, "predecessors": _names(found.predecessors),
    }  # fmt: skip
    for name, text in told.items():
        if text:
            tell("body.fact", label=word("body_field", name), text=text)
    if found.ask is not None:
        say(in_language(found.ask))
    if found.guessed:
        tell("body.guessed")
    show_table("agency_sources", [_source(one) for one in found.sources])
    history = [
        {"recorded": one.recorded_at, "source": one.source}
        | {"what": sentence("body.join").join(_change(*change) for change in one.changes)}
        for one in found.history
    ]
    show_table("agency_history", history, title=sentence("body.rows"))
    if len(found.codes) > 1:
        spans = [(one, one.code or "|".join(one.candidates) or "?") for one in found.codes]
        tell("body.codes", codes="; ".join(f"{one.first}-{one.last} {code} {one.name}".strip() for one, code in spans))
    show_table("agency_duties", [_duty(one) for one in found.duties], title=sentence("body.duties"))
    tell("body.as_of", at=f"{found.as_of.astimezone(CHINA):%Y-%m-%d %H:%M}")


def _change(name: str, old: str, new: str) -> str:
    """One field of a row of the registry, as it was and as it became."""
    before, after = (word("kind", text) if name == "kind" else text for text in (old, new))
    none = sentence("answer.none")
    return sentence("body.changed", label=word("body_field", name), old=before or none, new=after or none)


def _names(bodies: Iterable[BodyName]) -> str:
    return "、".join(one.name if one.known else sentence("body.not_registered", name=one.name) for one in bodies)


def _source(one: Attestation) -> dict[str, object]:
    years = one.years
    said = sentence("body.reports", number=len(years), first=years[0], last=years[-1]) if years else ""
    return {"trust": one.rank, "source": in_language(one), "since": one.since, "said": one.said or said}


def _duty(one: BodyDuty) -> dict[str, object]:
    status = word("status", one.status) if one.status else ""
    return {
        "year": one.year,
        "status": sentence("body.guessed_status", status=status) if one.guessed else status,
        "due": one.due or one.practice,
        "law": one.article or one.basis,
        "local": "; ".join(f"{local.due} ({local.basis})" for local in one.local),
        "holiday": one.holiday or ("" if one.holidays_known else sentence("body.no_holidays")),
        "code": one.code or word("no_code", one.code_how),
    }
