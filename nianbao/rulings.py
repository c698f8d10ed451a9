"""What a person types for a ruling, checked, put into the words of :class:`storage.records.Ruling`, and kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches

from archive.assessment.calendar import day_begins
from archive.assessment.registry_doubts import codes as doubt_codes
from archive.identity.agency_csv import KINDS as AGENCY_KINDS
from archive.queries.bounds import FIRST_YEAR, LAST_YEAR
from archive.queries.nearest import NotKnownError
from archive.queries.reports import report_named
from archive.queries.verdict import status
from archive.queries.where import one_agency
from archive.queries.withholding import subject_of
from crawler.listing_ends import as_ruled, ends_ruled
from nianbao.sentences import sentence, worded
from storage.captures import CaptureStore
from storage.home import Home
from storage.observations import Observations
from storage.records import Listing, ListingForm, ReportKind, Ruling, RulingKind
from storage.registry import Registry

KINDS = tuple(str(kind) for kind in RulingKind)
_DUTY_STATUSES = ("not_expected", "elsewhere", "expected")
# kind -> decision keys that may be given; "!" marks one that must be
_KEYS: Mapping[RulingKind, tuple[str, ...]] = {
    RulingKind.LEAD: ("is_report!",),
    RulingKind.BINDING: ("agency", "year", "report_kind", "is_report"),
    RulingKind.SCOPE: ("agency", "kind", "from_year", "to_year", "covers!"),
    RulingKind.DUTY: ("status!", "where"),
    RulingKind.VOID_LOOK: (),
    RulingKind.NEW_BASE: (),
    RulingKind.WITHHOLD: ("lifted",),
    RulingKind.REGISTRY: ("holds!",),
    RulingKind.LISTING: ("ended!",),
    RulingKind.CERTIFICATE: ("holds!",),
}


Values = dict[str, str | int | bool | None]
Checked = tuple[str, str | None]  # the subject in the words of a Ruling, and the portal it touches (None: any)


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
        raise RulingError(sentence("ruling.no_kind", kind=kind, kinds=", ".join(KINDS)))
    ruled = RulingKind(kind)
    values = _values(ruled, words)
    if "agency" in values:
        values["agency"] = _agency_id(home, str(values["agency"]))
    subject, portal = _CHECKS[ruled](home, subject, values)
    return Decided(ruled, subject, values, [portal] if portal else None)


def rule_on(home: Home, found: Decided, *, by: str, reason: str, source: str = "") -> Ruling:
    """Keep a checked ruling as made now; judgements follow with the next update. A listing that it ends, or says to go
    on, has another row in the registry from now on.
    """
    ruling = Ruling(
        id=uuid.uuid4().hex, made_at=home.clock.now(), by=by.strip(), kind=found.kind, subject=found.subject,
        decision=found.decision, reason=reason.strip(), source=source.strip(),
    )  # fmt: skip
    observations = Observations(home)
    observations.add_ruling(ruling)
    if ruling.kind is RulingKind.LISTING:
        row = replace(_listings(home)[ruling.subject], ended_at=None, recorded_at=ruling.made_at)
        Registry(home).put_listing(as_ruled(row, ends_ruled(observations.rulings())))
    return ruling


def _link(home: Home, subject: str, values: Values) -> Checked:
    del values
    seen = {link.url for one in Observations(home).latest_extractions().values() for link in one.links}
    if subject not in seen:
        near = ", ".join(get_close_matches(subject, seen, 3, 0.6)) or sentence("answer.none")
        raise RulingError(sentence("ruling.no_link", subject=subject, near=near))
    return subject, None


def _withheld(home: Home, subject: str, values: Values) -> Checked:
    """A report with all its editions, or a document."""
    del values
    named, slash, year = subject.rpartition("/")
    if slash:
        if not (year.isascii() and year.isdigit() and len(year) == 4):
            raise RulingError(sentence("ruling.no_report", subject=subject))
        try:
            agency, of = report_named(home, named, int(year))
        except NotKnownError as error:
            raise RulingError(worded(error)) from error
        return subject_of(agency, of), agency.partition("/")[0]
    subject = subject.lower()
    if not CaptureStore(home).by_document(subject):
        raise RulingError(sentence("ruling.no_document", subject=subject))
    return subject, None


def _bound(home: Home, subject: str, values: Values) -> Checked:
    del home
    if values.get("is_report") is not False and not {"agency", "year"} <= values.keys():
        raise RulingError(sentence("ruling.binding"))
    return subject, None


def _look(home: Home, subject: str, values: Values) -> Checked:
    del values
    look = next((look for look in Observations(home).looks() if look.id == subject), None)
    if look is None:
        raise RulingError(sentence("ruling.no_look", subject=subject))
    return subject, look.portal


def _listings(home: Home) -> dict[str, Listing]:
    return {listing.id: listing for listing in Registry(home).listings()}


def _named_listing(home: Home, subject: str) -> Listing:
    known = _listings(home)
    if subject not in known:
        near = ", ".join(get_close_matches(subject, known, 3, 0.3) or sorted(known)[:5])
        raise RulingError(sentence("ruling.no_listing", subject=subject, near=near or sentence("ruling.crawl_first")))
    return known[subject]


def _ended(home: Home, subject: str, values: Values) -> Checked:
    """A listing that is gone from its address: the ruling holds for that address."""
    listing = _named_listing(home, subject)
    if listing.form is ListingForm.ADDRESSED:
        raise RulingError(sentence("ruling.addressed", subject=subject))
    ended = values["ended"]
    if isinstance(ended, str) and datetime.fromisoformat(ended) > home.clock.now():
        raise RulingError(sentence("ruling.future"))
    values["url"] = listing.url
    return subject, listing.portal


def _listing(home: Home, subject: str, values: Values) -> Checked:
    listing = _named_listing(home, subject)
    if ("agency" in values) == ("kind" in values):
        raise RulingError(sentence("ruling.scope"))
    if "kind" in values and listing.agency is not None:
        raise RulingError(sentence("ruling.of_one", subject=subject, agency=listing.agency))
    if int(values.get("from_year") or 0) > int(values.get("to_year") or 9999):
        raise RulingError(sentence("ruling.years"))
    return subject, listing.portal


def _values(kind: RulingKind, words: Sequence[str]) -> Values:
    allowed = {key.rstrip("!"): key.endswith("!") for key in _KEYS[kind]}
    values: Values = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or key not in allowed:
            raise RulingError(sentence("ruling.word", word=word, kind=kind, takes=_takes(allowed)))
        values[key] = _value(key, text)
    missing = [key for key, needed in allowed.items() if needed and key not in values]
    if missing:
        raise RulingError(sentence("ruling.needs", kind=kind, needs=_takes(dict.fromkeys(missing, True))))
    return values


def _takes(allowed: Mapping[str, bool]) -> str:
    return " ".join(f"{key}=…" if needed else f"[{key}=…]" for key, needed in allowed.items()) or sentence(
        "ruling.no_words"
    )


def _value(key: str, text: str) -> str | int | bool | None:
    if key in {"is_report", "covers", "lifted", "holds"}:
        if text not in {"true", "false"}:
            raise RulingError(sentence("ruling.true_false", key=key))
        return text == "true"
    if key == "ended":
        return _end(text)
    if key in {"year", "from_year", "to_year"}:
        if not (text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR):
            raise RulingError(sentence("ruling.year", key=key))
        return int(text)
    if key == "kind":
        if text.lower() not in AGENCY_KINDS:
            raise RulingError(sentence("ruling.one_of", key=key, values=", ".join(AGENCY_KINDS)))
        return str(AGENCY_KINDS[text.lower()])
    if key == "report_kind" and text not in tuple(ReportKind):
        raise RulingError(sentence("ruling.one_of", key=key, values=", ".join(ReportKind)))
    return text


def _end(text: str) -> str | bool:
    """The instant at which the day begins in which a listing ended; False: it goes on."""
    if text == "false":
        return False
    try:
        return day_begins(date.fromisoformat(text)).isoformat()
    except ValueError:
        raise RulingError(sentence("ruling.ended")) from None


def _agency_id(home: Home, named: str) -> str:
    try:
        return one_agency(home, named).id
    except NotKnownError as error:
        raise RulingError(sentence("ruling.no_agency", why=worded(error))) from error


def _doubted(home: Home, subject: str, values: Values) -> Checked:
    """A doubt about a body or a portal: ``汶上县司法局/same_name``, or with the id as ``review`` prints it."""
    del values
    named, _, code = subject.rpartition("/")
    if code not in doubt_codes():
        near = ", ".join(get_close_matches(code, doubt_codes(), 3, 0.4) or doubt_codes())
        raise RulingError(sentence("ruling.no_doubt", subject=subject, near=near))
    portal = next((one for one in Registry(home).portals() if one.name == named), None)
    if portal is not None:
        return subject, portal.name
    agency = _agency_id(home, named)
    return f"{agency}/{code}", agency.partition("/")[0]


def _chain(home: Home, subject: str, values: Values) -> Checked:
    """A chain of certificates that does not hold, by its SHA-256 as ``show-capture`` prints it."""
    del values
    digest = subject.lower().removeprefix("sha256:")
    if not CaptureStore(home).came_over(digest):
        raise RulingError(sentence("ruling.no_certificate", subject=subject))
    return digest, None


def _duty(home: Home, subject: str, values: Values) -> Checked:
    named, slash, year = subject.rpartition("/")
    if not slash or not (year.isascii() and year.isdigit() and len(year) == 4):
        raise RulingError(sentence("ruling.no_duty", subject=subject))
    try:
        agency = status(home, named, int(year)).duty.agency
    except NotKnownError as error:
        raise RulingError(worded(error)) from error
    if values["status"] not in _DUTY_STATUSES:
        raise RulingError(sentence("ruling.one_of", key="status", values=", ".join(_DUTY_STATUSES)))
    if values["status"] == "elsewhere" and not values.get("where"):
        raise RulingError(sentence("ruling.where"))
    return f"{agency.id}/{year}", agency.portal


_CHECKS: Mapping[RulingKind, Callable[[Home, str, Values], Checked]] = {
    RulingKind.LEAD: _link,
    RulingKind.BINDING: _bound,
    RulingKind.SCOPE: _listing,
    RulingKind.DUTY: _duty,
    RulingKind.VOID_LOOK: _look,
    RulingKind.NEW_BASE: _look,
    RulingKind.WITHHOLD: _withheld,
    RulingKind.REGISTRY: _doubted,
    RulingKind.LISTING: _ended,
    RulingKind.CERTIFICATE: _chain,
}
