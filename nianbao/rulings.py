"""Check what a person types for a ruling, convert it to a :class:`storage.records.Ruling`, and store that."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from typing import NoReturn

from archive.assessment.calendar import day_begins
from archive.assessment.registry import doubt_codes
from archive.identity.agency_csv import KINDS as AGENCY_KINDS
from archive.queries.bounds import FIRST_YEAR, LAST_YEAR, NotKnownError
from archive.queries.citing import SCHEME, citation_of, citing_rulings, parse_address, report_at
from archive.queries.reports import report_named
from archive.queries.verdict import status
from archive.queries.where import one_agency
from archive.queries.withholding import subject_of
from crawler.listing_specs import as_ruled, ends_ruled
from nianbao.sentences import listed, sentence, worded
from storage.captures import CaptureStore
from storage.home import Home
from storage.observations import Observations
from storage.records import Agency, Listing, ListingForm, ReportKey, ReportKind, Ruling, RulingKind
from storage.registry import Registry

KINDS = tuple(map(str, RulingKind))
_TRUE_OR_FALSE = ("true", "false")
#: key of a ruling → values that it allows; other keys take any text
OFFERED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("is_report", "covers", "lifted", "holds"), _TRUE_OR_FALSE),
    "status": ("not_expected", "elsewhere", "expected"), "report_kind": tuple(map(str, ReportKind)),
    "kind": tuple(dict.fromkeys(map(str, AGENCY_KINDS.values()))),
}  # fmt: skip
Value = str | int | bool | None
Values = dict[str, Value]
SubjectAndPortal = tuple[
    str, str | None
]  # the subject as a Ruling stores it, and the portal that it concerns (None: all)


class RulingError(ValueError):
    """The input is not a valid ruling; the message says what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A checked ruling that is not stored yet, and the portals whose statuses it may change (None: all)."""

    kind: RulingKind
    subject: str
    decision: Mapping[str, Value]
    portals: list[str] | None


def decided(home: Home, kind: str, subject: str, words: Sequence[str]) -> Decided:
    """Check the kind, subject and ``key=value`` words of a ruling against the archive; return them as they are stored,
    agencies by id. Raises RulingError, or NotKnownError for a report that is not there.
    """
    if kind not in KINDS:
        _refuse("no_kind", kind=kind, kinds=listed(KINDS))
    ruled = RulingKind(kind)
    check = _RULINGS[ruled][1]
    values = _values(ruled, words)
    if "agency" in values:
        values["agency"] = _agency_named(home, str(values["agency"])).id
    subject, portal = check(home, subject, values)
    return Decided(ruled, subject, values, [portal] if portal else None)


def words_of(kind: str) -> Mapping[str, bool]:
    """Return the keys of ``key=value`` words that a kind of ruling allows → True if the key is required."""
    return {key.rstrip("!"): key.endswith("!") for key in _RULINGS[RulingKind(kind)][0].split()}


def rule_on(home: Home, decision: Decided, *, by: str, reason: str, source: str = "") -> Ruling:
    """Store a checked ruling with the present time; the next update of the projection applies it to statuses. A ruling
    that a listing has ended, or goes on, also adds a new row of this listing to the registry at once.
    """
    ruling = Ruling(
        id=uuid.uuid4().hex, made_at=home.clock.now(), by=by.strip(), kind=decision.kind, subject=decision.subject,
        decision=decision.decision, reason=reason.strip(), source=source.strip(),
    )  # fmt: skip
    observations = Observations(home)
    observations.add_ruling(ruling)
    if ruling.kind is RulingKind.LISTING:
        row = replace(_named_listing(home, ruling.subject), ended_at=None, recorded_at=ruling.made_at)
        Registry(home).put_listings([as_ruled(row, ends_ruled(observations.rulings()))])
    return ruling


def _refuse(key: str, /, **values: object) -> NoReturn:
    raise RulingError(sentence(f"ruling.{key}", **values))


# ---------------------------------------------------------------------------------------------- words


def _values(kind: RulingKind, words: Sequence[str]) -> Values:
    """Read ``key=value`` words. Raises RulingError for an unknown, missing or wrong one."""
    allowed = words_of(kind)
    values: Values = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or key not in allowed:
            _refuse("word", word=word, kind=kind, takes=_takes(allowed))
        values[key] = _value(key, text.strip())
    if missing := {key: True for key, is_needed in allowed.items() if is_needed and values.get(key) in {None, ""}}:
        _refuse("needs", kind=kind, needs=_takes(missing))
    return values


def _takes(allowed: Mapping[str, bool]) -> str:
    words = " ".join(f"{key}=…" if is_needed else f"[{key}=…]" for key, is_needed in allowed.items())
    return words or sentence("ruling.no_words")


def _value(key: str, text: str) -> Value:
    """Convert the text behind ``key=`` to its type (flag, instant, year, kind); refuse a wrong one."""
    if OFFERED.get(key) == _TRUE_OR_FALSE:
        return text == "true" if text in _TRUE_OR_FALSE else _refuse("true_false", key=key)
    if key == "ended" and text == "false":
        return False
    if key in {"ended", "used"}:
        return _begin_of_day(key, text)
    if key == "url" and not text.startswith(("http://", "https://")):
        _refuse("url")
    if key in {"year", "from_year", "to_year"}:
        return int(text) if _is_year(text) and FIRST_YEAR <= int(text) <= LAST_YEAR else _refuse("year", key=key)
    if key == "kind":
        kind_named = AGENCY_KINDS.get(text.lower())
        return str(kind_named) if kind_named else _refuse("one_of", key=key, values=listed(AGENCY_KINDS))
    if key == "report_kind" and text not in OFFERED[key]:
        _refuse("one_of", key=key, values=listed(OFFERED[key]))
    return text


def _is_year(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) == 4


def _begin_of_day(key: str, text: str) -> str:
    """Return the instant at which the day ``text`` begins in China."""
    try:
        return day_begins(date.fromisoformat(text)).isoformat()
    except ValueError:
        _refuse(key)


def _refuse_future(home: Home, values: Values, key: str) -> None:
    """Raise RulingError if the day under ``key`` has not begun."""
    day = values.get(key)
    if isinstance(day, str) and datetime.fromisoformat(day) > home.clock.now():
        _refuse("future", key=key)


# ---------------------------------------------------------------------------------------------- subjects


def _agency_named(home: Home, name: str) -> Agency:
    try:
        return one_agency(home, name)
    except NotKnownError as error:
        _refuse("no_agency", why=worded(error))


def _near(subject: str, names: Collection[str], least: float) -> str:
    return listed(get_close_matches(subject, names, 3, least))


def _check_link(home: Home, subject: str, _: Values) -> SubjectAndPortal:
    """Check the address of a link, which a look must have seen. Like all checks it raises RulingError."""
    urls = {link.url for one in Observations(home).latest_extractions().values() for link in one.links}
    if subject not in urls:
        _refuse("no_link", subject=subject, near=_near(subject, urls, 0.6) or sentence("answer.none"))
    return subject, None


def _check_binding(_: Home, subject: str, values: Values) -> SubjectAndPortal:
    """Check that a ruling on a page's report names its agency and year, or says that it is no report."""
    if values.get("is_report") is not False and not {"agency", "year"} <= values.keys():
        _refuse("binding")
    return subject, None


def _check_look(home: Home, subject: str, _: Values) -> SubjectAndPortal:
    """Check the id of a look, or its beginning."""
    looks = [look for look in Observations(home).looks() if look.id.startswith(subject)]
    return (looks[0].id, looks[0].portal) if len(looks) == 1 else _refuse("no_look", subject=subject)


def _named_listing(home: Home, subject: str) -> Listing:
    """Return the listing with this id or address. Raises RulingError with similar ids if there is none."""
    listings = {key: one for one in Registry(home).listings() for key in (one.url, one.id)}
    if subject not in listings:
        near = _near(subject, listings, 0.3) or listed(sorted(listings)[:5]) or sentence("ruling.crawl_first")
        _refuse("no_listing", subject=subject, near=near)
    return listings[subject]


def _check_scope(home: Home, subject: str, values: Values) -> SubjectAndPortal:
    """Check a ruling that a listing does or does not cover an agency, or a kind of agencies, in some years."""
    listing = _named_listing(home, subject)
    if ("agency" in values) == ("kind" in values):
        _refuse("scope")
    if "kind" in values and listing.agency is not None:
        _refuse("of_one", subject=subject, agency=listing.agency)
    if int(values.get("from_year") or 0) > int(values.get("to_year") or 9999):
        _refuse("years")
    return listing.id, listing.portal


def _check_end_of_listing(home: Home, subject: str, values: Values) -> SubjectAndPortal:
    """Check a ruling that a listing has ended, and store its address in it: the ruling is valid only for that."""
    listing = _named_listing(home, subject)
    if listing.form is ListingForm.ADDRESSED:  # no list: an address for each agency and year
        _refuse("addressed", subject=subject)
    _refuse_future(home, values, "ended")
    values["url"] = listing.url
    return listing.id, listing.portal


def _report(home: Home, subject: str) -> ReportKey:
    """Return the agency's id and the year of the report that ``agency/year`` names."""
    agency, _slash, year = subject.rpartition("/")
    return report_named(home, agency, int(year)) if _is_year(year) else _refuse("no_report", subject=subject)


def _check_citation(home: Home, subject: str, values: Values) -> SubjectAndPortal:
    """Check a ruling that a work cites a report, its edition or cell, or (``lifted``) does not."""
    _refuse_future(home, values, "used")
    report, at, part = subject.removeprefix(SCHEME).partition("@")
    agency, year = _report(home, report)
    cited = f"{agency}/{year}#{values['title']}"
    if at:
        address = parse_address(f"{SCHEME}{agency}/{year}@{part}")
        edition = report_at(home, address)
        citation_of(home, edition, address.cell)  # raises NotKnownError for a cell that the edition lacks
        values |= {"edition": edition.edition.id} | ({"cell": address.cell} if address.cell else {})
        cited += f"@{part}"
    works = {
        one.subject: one.decision["title"] for one in citing_rulings(home, home.clock.now()).get((agency, year), ())
    }
    if values.get("lifted") and cited not in works:
        _refuse("no_work", title=values["title"], works="; ".join(map(str, works.values())) or sentence("answer.none"))
    return cited, agency.partition("/")[0]


def _check_withholding(home: Home, subject: str, _: Values) -> SubjectAndPortal:
    """Check what a ruling withholds: ``agency/year`` means all editions of a report, a digest means one document."""
    if "/" in subject:
        agency, year = _report(home, subject)
        return subject_of(agency, year), agency.partition("/")[0]
    digest = subject.lower()
    return (digest, None) if CaptureStore(home).by_document(digest) else _refuse("no_document", subject=digest)


def _check_doubt(home: Home, subject: str, _: Values) -> SubjectAndPortal:
    """Check a doubt on an agency (name or id) or portal, as ``review`` prints it: ``汶上县司法局/same_name``."""
    report, _slash, code = subject.rpartition("/")
    if code not in doubt_codes():
        _refuse("no_doubt", subject=subject, near=_near(code, doubt_codes(), 0.4) or listed(doubt_codes()))
    if report in {one.name for one in Registry(home).portals()}:
        return subject, report
    agency = _agency_named(home, report)
    return f"{agency.id}/{code}", agency.portal


def _check_chain(home: Home, subject: str, _: Values) -> SubjectAndPortal:
    """Check the SHA-256 of a certificate chain that was not trusted, as ``show-capture`` prints it."""
    digest = subject.lower().removeprefix("sha256:")
    return (digest, None) if CaptureStore(home).came_over(digest) else _refuse("no_certificate", subject=subject)


def _check_duty(home: Home, subject: str, values: Values) -> SubjectAndPortal:
    """Check a ruling that a report is not expected, was published elsewhere, or is expected."""
    agency_text, _slash, year = subject.rpartition("/")
    if not agency_text or not _is_year(year):
        _refuse("no_duty", subject=subject)
    agency = status(home, agency_text, int(year)).duty.agency
    if values["status"] not in OFFERED["status"]:
        _refuse("one_of", key="status", values=listed(OFFERED["status"]))
    if values["status"] == "elsewhere" and not values.get("where"):
        _refuse("where")
    return f"{agency.id}/{year}", agency.portal


#: kind → keys of its words (``!``: required), and the function that checks its subject
_RULINGS: Mapping[RulingKind, tuple[str, Callable[[Home, str, Values], SubjectAndPortal]]] = {
    RulingKind.LEAD: ("is_report!", _check_link),
    RulingKind.BINDING: ("agency year report_kind is_report", _check_binding),
    RulingKind.SCOPE: ("agency kind from_year to_year covers!", _check_scope),
    RulingKind.DUTY: ("status! where", _check_duty),
    RulingKind.VOID_LOOK: ("", _check_look),
    RulingKind.NEW_BASE: ("", _check_look),
    RulingKind.WITHHOLD: ("lifted", _check_withholding),
    RulingKind.REGISTRY: ("holds!", _check_doubt),
    RulingKind.LISTING: ("ended!", _check_end_of_listing),
    RulingKind.CERTIFICATE: ("holds!", _check_chain),
    RulingKind.CITED_BY: ("title! url used lifted", _check_citation),
}
