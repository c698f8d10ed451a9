"""One body of the registry as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable

from archive.queries.registered import Body, BodyDuty, BodyName, SourceLine
from archive.queries.words import CHINA
from nianbao.cli.options import Lang
from nianbao.cli.output import Column, Format, emit, say

_FIELDS = ("year", "status", "due", "law", "place's own", "holiday", "code")


def show_body(found: Body, lang: Lang) -> None:
    """Write a body, its sources, its history, its division's codes and its duties."""
    zh = lang is Lang.ZH
    say(f"{found.name} ({found.id}, {found.kind}), {found.place}")
    told = (
        ("code", found.code),
        ("parent", found.parent.name if found.parent else None),
        ("aliases", "、".join(found.aliases)),
        ("stands from", found.valid_from),
        ("stands until", found.valid_to),
        ("came from", _names(found.predecessors)),
    )
    for label, text in told:
        if text:
            say(f"{label}: {text}")
    if found.ask is not None:
        say(found.ask.zh if zh else found.ask.en)
    if found.guessed:
        say("该机关没有来源证明，仅为推测。" if zh else "No source attests this body: its duties are guesses.")
    emit([_source(one, zh) for one in found.sources], _columns("trust", "source", "since", "said"), Format.TABLE)
    emit(
        [
            {
                "recorded": one.recorded_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"),
                "source": one.source,
                "what": "; ".join(f"{name} {old or 'none'} -> {new or 'none'}" for name, old, new in one.changes),
            }
            for one in found.history
        ],
        _columns("recorded", "what", "source"),
        Format.TABLE,
        title="rows of the registry",
    )
    if len(found.codes) > 1:
        spans = [(one, one.code or "|".join(one.candidates) or "?") for one in found.codes]
        say("division codes: " + "; ".join(f"{one.first}-{one.last} {code} {one.name}".strip() for one, code in spans))
    emit([_duty(one) for one in found.duties], _columns(*_FIELDS), Format.TABLE, title="duties")
    say(f"as of {found.as_of.astimezone(CHINA):%Y-%m-%d %H:%M}")


def _columns(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, name, wrap=name in {"said", "what", "source", "law", "place's own"}) for name in names)


def _names(bodies: Iterable[BodyName]) -> str:
    return "、".join(one.name if one.known else f"{one.name} (not in the registry)" for one in bodies)


def _source(one: SourceLine, zh: bool) -> dict[str, object]:
    years = f"{len(one.years)} reports, {one.years[0]} to {one.years[-1]}" if one.years else ""
    return {"trust": one.rank, "source": one.zh if zh else one.en, "since": one.since, "said": one.said or years}


def _duty(one: BodyDuty) -> dict[str, object]:
    return {
        "year": one.year,
        "status": f"{one.status or ''}{' (guessed)' if one.guessed else ''}",
        "due": one.due or one.practice,
        "law": one.article or one.basis,
        "place's own": "; ".join(f"{local.due} ({local.basis})" for local in one.local),
        "holiday": one.holiday or ("" if one.holidays_known else "not on record"),
        "code": one.code or one.code_how,
    }
