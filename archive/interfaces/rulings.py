"""What a person types for a ruling, checked and put into the words of :class:`storage.records.Ruling`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from storage.captures import CaptureStore
from storage.home import Home
from storage.observations import Observations
from storage.records import ReportKind, RulingKind
from storage.registry import Registry

KINDS = tuple(str(kind) for kind in RulingKind)
_DUTY_STATUSES = ("not_expected", "elsewhere", "expected")
# kind -> decision keys that may be given; "!" marks one that must be
_KEYS: Mapping[RulingKind, tuple[str, ...]] = {
    RulingKind.LEAD: ("is_report!",),
    RulingKind.BINDING: ("agency", "year", "report_kind", "is_report"),
    RulingKind.SCOPE: ("agency!", "from_year", "to_year", "covers!"),
    RulingKind.DUTY: ("status!", "where"),
    RulingKind.VOID_LOOK: (),
    RulingKind.NEW_BASE: (),
    RulingKind.WITHHOLD: (),
}


class RulingError(ValueError):
    """What was typed cannot be a ruling; the message says what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A checked ruling and the portals whose judgements it touches (None: all)."""

    kind: RulingKind
    subject: str
    decision: Mapping[str, str | int | bool | None]
    portals: list[str] | None


def decided(home: Home, kind: str, subject: str, words: Sequence[str]) -> Decided:
    """Check ``kind``, ``subject`` and ``key=value`` words against the archive. Raises RulingError."""
    if kind not in KINDS:
        raise RulingError(f"there is no ruling on {kind!r}; choose one of {', '.join(KINDS)}")
    ruled = RulingKind(kind)
    values = _values(ruled, words)
    if "agency" in values:
        values["agency"] = _agency_id(home, str(values["agency"]))
    portals: list[str] | None = None
    match ruled:
        case RulingKind.DUTY:
            subject, portal = _duty(home, subject)
            if values["status"] not in _DUTY_STATUSES:
                raise RulingError(f"status must be one of {', '.join(_DUTY_STATUSES)}")
            portals = [portal]
        case RulingKind.VOID_LOOK | RulingKind.NEW_BASE:
            portals = [_look_portal(home, subject)]
        case RulingKind.SCOPE:
            portals = [_listing_portal(home, subject)]
        case RulingKind.WITHHOLD:
            if not CaptureStore(home).by_document(subject):
                raise RulingError(
                    f"this archive holds no document {subject}; give its whole SHA-256 as `show` prints it"
                )
        case RulingKind.BINDING:
            if values.get("is_report") is not False and not {"agency", "year"} <= values.keys():
                raise RulingError("say agency=… and year=…, or is_report=false")
    return Decided(ruled, subject, values, portals)


def _look_portal(home: Home, subject: str) -> str:
    look = next((look for look in Observations(home).looks() if look.id == subject), None)
    if look is None:
        raise RulingError(f"this archive holds no look {subject}; `nianbao status AGENCY YEAR --json` names its looks")
    return look.portal


def _listing_portal(home: Home, subject: str) -> str:
    known = {listing.id: listing.portal for listing in Registry(home).listings()}
    if subject not in known:
        near = get_close_matches(subject, known, 3, 0.3)
        raise RulingError(f"this archive knows no listing {subject}; nearest: {', '.join(near) or 'none'}")
    return known[subject]


def _values(kind: RulingKind, words: Sequence[str]) -> dict[str, str | int | bool | None]:
    allowed = {key.rstrip("!"): key.endswith("!") for key in _KEYS[kind]}
    values: dict[str, str | int | bool | None] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or key not in allowed:
            raise RulingError(f"{word!r} is not understood; a ruling on {kind} takes {_takes(allowed)}")
        values[key] = _value(key, text)
    missing = [key for key, needed in allowed.items() if needed and key not in values]
    if missing:
        raise RulingError(f"a ruling on {kind} needs {_takes(dict.fromkeys(missing, True))}")
    return values


def _takes(allowed: Mapping[str, bool]) -> str:
    return " ".join(f"{key}=…" if needed else f"[{key}=…]" for key, needed in allowed.items()) or "no further words"


def _value(key: str, text: str) -> str | int | bool | None:
    if key in {"is_report", "covers"}:
        if text not in {"true", "false"}:
            raise RulingError(f"{key} must be true or false")
        return text == "true"
    if key in {"year", "from_year", "to_year"}:
        if not (text.isascii() and text.isdigit() and 1990 <= int(text) <= 2100):
            raise RulingError(f"{key} must be a year such as 2024")
        return int(text)
    if key == "report_kind" and text not in tuple(ReportKind):
        raise RulingError(f"report_kind must be one of {', '.join(ReportKind)}")
    return text


def _agency_id(home: Home, named: str) -> str:
    agencies = Registry(home).agencies()
    for agency in agencies:
        if named in (agency.id, agency.name):
            return agency.id
    near = get_close_matches(named, [a.name for a in agencies], 3, 0.4)
    raise RulingError(f"no agency {named} is known; nearest: {', '.join(near) or 'none'}")


def _duty(home: Home, subject: str) -> tuple[str, str]:
    named, slash, year = subject.rpartition("/")
    if not slash or not (year.isascii() and year.isdigit() and len(year) == 4):
        raise RulingError(f"{subject!r} names no duty; write AGENCY/YEAR, for example 汶上县司法局/2025")
    agency = _agency_id(home, named)
    return f"{agency}/{year}", agency.partition("/")[0]
