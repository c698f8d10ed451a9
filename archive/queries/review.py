"""List what a person should review: doubtful leads, reports of unknown agencies, suspect looks, guessed agencies.

Each line says what is doubtful and which ruling would decide it. What a person has ruled on is not listed again. The
sentences, the offered rulings and the commands are in ``review.toml``.
"""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any
from urllib.parse import urlsplit

from archive.assessment.calendar import local_day
from archive.assessment.registry import Doubt
from archive.identity import names as naming
from archive.identity.addresses import UNLINKED
from archive.identity.agency_csv import KINDS, is_self_named
from archive.identity.classification import UNOFFICIAL
from archive.identity.matching import could_be_one, could_mean
from archive.queries.bounds import data_file, fill_both_languages
from archive.queries.frames import Result
from archive.queries.look_answers import GoneList, gone_lists
from archive.queries.registry import registry_doubts
from archive.queries.stored import group_by, open_projections
from archive.queries.withheld_content import Outgoing, outgoing
from storage.home import Home
from storage.judgements import StoredLookJudgement
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import Agency, AgencyKind, Binding, Lead, Listing, ListingForm, Portal, Ruling, RulingKind, Status
from storage.registry import Registry

DOUBTFUL = 0.65  #: links that were judged with less confidence than this (0 to 1) are listed for review
WHO_AND_WHY = "--by WHO --reason WHY"  #: options that every ``nianbao rule`` command needs
_AGENCIES_RULED_SINGLY = 3
_AGENCIES_NAMED = 6
_CHINESE_OF_KIND = {kind: word for word, kind in reversed(KINDS.items())}  # English words stand after these


class Choice(Result):
    """One way to decide: the words of ``nianbao rule`` after its name. ``zh`` and ``en`` say what it means."""

    words: tuple[str, ...]
    zh: str
    en: str


class ReviewLine(Result):
    """One doubt. ``kind``: ``lead binding scope look listing agency registry``; ``subject``: what a ruling is about;
    ``url``: the address of the link, report or list ("": of an agency).

    ``choices``: complete rulings to choose from; ``open``: a command with parts that a person must fill in, if none of
    the choices is right ("" if there is none).
    """

    kind: str
    portal: str
    subject: str
    title: str
    zh: str
    en: str
    choices: tuple[Choice, ...] = ()
    open: str = ""
    url: str = ""


def review(home: Home, portal: str | None = None) -> list[ReviewLine]:
    """Return the open doubts, portal by portal: about reports, then links, looks (readings of lists), listings,
    agencies, registry rows. ``portal``: only this one. Raises ProjectionError if the projections must be rebuilt first.
    """
    observed, registry, out = Observations(home), Registry(home), outgoing(home)
    rulings = observed.rulings()
    portals = [one for one in registry.portals() if portal in (None, one.name)]
    lines: list[ReviewLine] = []
    doubted, store = registry_doubts(home, portal), open_projections(home)
    for one in portals:
        doubts = _PortalDoubts(store, one, registry.agencies(one.name), rulings)
        lines += doubts.of_reports()
        lines += doubts.of_looks({look.id: look.started for look in observed.looks(one.name)})
        lines += doubts.of_gone_lists(gone_lists(home, one.name))
        lines += doubts.of_scopes(registry.listings(one.name))
        lines += doubts.of_agencies()
        lines += doubts.of_registry_rows(doubted.get(one.name, ()))
    return [_without_withheld(one, out) for one in lines]


def _without_withheld(line: ReviewLine, out: Outgoing) -> ReviewLine:
    """Return a line without the titles and addresses that a ruling withholds, nor offered rulings that name one."""
    line = replace(line, zh=out.text(line.zh), en=out.text(line.en))
    if line.kind not in {"lead", "binding"}:
        return replace(line, title=out.text(line.title), url=out.address(line.url))
    address, title = out.address(line.subject, line.title), out.title(line.subject, line.title)
    if address != line.subject:  # the rulings offered contain the withheld address
        return replace(line, subject=address, title=title, choices=(), open="", url=address)
    return replace(line, title=title)


# ---------------------------------------------------------------------------------------------- sentences

_Text = Mapping[str, str]  # a sentence, or a part of one, as ``zh`` and ``en``


def _sentences(section: str) -> Mapping[str, Any]:
    entries: Mapping[str, Any] = data_file("review.toml")[section]
    return entries


def _part(name: str, **values: object) -> _Text:
    """Return a part of a sentence, ``[part.<name>]`` of ``review.toml``, filled with values."""
    return fill_both_languages(_sentences("part")[name], values)


def _choice(name: str, subject: str, **values: object) -> Choice:
    """Return the ruling ``[choice.<name>]`` of ``review.toml`` on ``subject``."""
    entry, values = _sentences("choice")[name], {**values, "subject": subject}
    return Choice(words=tuple(word.format_map(values) for word in entry["words"]), **fill_both_languages(entry, values))


# ---------------------------------------------------------------------------------------------- doubts of a portal


class _PortalDoubts:
    """Finds the doubts about one portal that no ruling has settled. An agency has an open lead for a year if its status
    is unknown because an unread link could be its report.
    """

    def __init__(
        self, store: ProjectionStore, portal: Portal, agencies: Sequence[Agency], rulings: Sequence[Ruling]
    ) -> None:
        """Index the portal's rulings, agencies and bindings (whose report each document is), and by year its agencies
        whose status waits for a link that could be their report.
        """
        self._store, self._portal, self._place = store, portal.name, portal.place
        self._rulings, self._agencies = rulings, agencies
        self._ruled = {(ruling.kind, ruling.subject): ruling for ruling in rulings}
        self._by_id = {agency.id: agency for agency in agencies}
        self._leads: Sequence[Lead] = store.leads(portal.name)
        self._bindings: Sequence[Binding] = store.bindings(portal.name)
        self._by_url = group_by(self._bindings, attrgetter("url"))
        self._with_open_lead: dict[int, list[Agency]] = {}
        for one in store.statuses(portal.name):
            is_open = one.until is None and one.status is Status.UNKNOWN and one.reason == "unresolved_lead"
            if is_open and one.agency in self._by_id:
                self._with_open_lead.setdefault(one.year, []).append(self._by_id[one.agency])

    def _line(
        self, doubt: str, subject: str, title: str, *choices: Choice, command: str = "", url: str = "", **values: object
    ) -> ReviewLine:
        """Return a line with the text of ``[doubt.…]`` in ``review.toml``, and the rulings that it names after
        ``choices``; ``command``: the key in ``[command]`` of a command that replaces its ``open``. ``values`` fill the
        sentence, its choices and the command alike; their names stand in ``review.toml``.
        """
        url = url or (subject if urlsplit(subject).scheme in {"http", "https"} else "")
        entry = _sentences("doubt")[doubt]
        of_choices = (_choice(name, subject, **values) for name in entry.get("choices", ()))
        template = _sentences("command")[command] if command else entry.get("open", "")
        more = {"subject": shlex.quote(subject), "portal": self._portal, "who_and_why": WHO_AND_WHY}
        return ReviewLine(
            kind=doubt.partition(".")[0],
            portal=self._portal,
            subject=subject,
            title=title,
            **fill_both_languages(entry, {**values, "url": url}),
            url=url,
            choices=(*choices, *of_choices),
            open=template.format_map({**values, **more}),
        )

    def _last_binding(self, url: str) -> Binding | None:
        return self._by_url[url][-1] if url in self._by_url else None

    def _is_ruled(self, subject: str, *kinds: RulingKind) -> bool:
        return any((kind, subject) in self._ruled for kind in kinds)

    def _is_binding_ruled(self, binding: Binding) -> bool:
        """Whether a person has ruled on a report by its document or its address."""
        return any(self._is_ruled(name, RulingKind.BINDING) for name in (binding.document, binding.url))

    def _is_settled(self, lead: Lead, binding: Binding | None) -> bool:
        """Whether a person has ruled on a link, or on the document that it opens."""
        if self._is_ruled(lead.url, RulingKind.LEAD, RulingKind.BINDING):
            return True
        return binding is not None and self._is_binding_ruled(binding)

    def of_looks(self, started: Mapping[str, datetime]) -> Iterator[ReviewLine]:
        """Yield a line for each listing (a portal's list) with suspect looks (readings of lists) since its last ruling:
        the newest, and how many. ``started``: when each look of the portal began, by its id.
        """
        suspects: dict[str, list[StoredLookJudgement]] = {}
        judged = self._store.look_judgements(self._portal)
        for judgement in sorted(judged, key=lambda one: (started[one.look], one.look)):
            suspect_since_ruling = suspects.setdefault(judgement.listing, [])
            if self._is_ruled(judgement.look, RulingKind.VOID_LOOK, RulingKind.NEW_BASE):
                suspect_since_ruling.clear()
            elif judgement.suspect:
                suspect_since_ruling.append(judgement)
        for *earlier, last in filter(None, suspects.values()):
            doubt = "look.several" if earlier else "look.one"
            yield self._line(doubt, last.look, last.listing, count=len(earlier) + 1, reason=last.reason)

    def of_scopes(self, listings: Iterable[Listing]) -> Iterator[ReviewLine]:
        """Yield open lists of several agencies for which no ruling says whether some agency's reports are shown there.
        Lists of one agency or of declared kinds, and agencies that ended or are only guessed, need none.
        """
        owing = [one for one in self._agencies if not one.guessed and one.valid_to is None]
        for listing in listings:
            is_open = listing.form is ListingForm.COLUMN and listing.ended_at is None
            if not is_open or listing.agency is not None or listing.covers:
                continue
            ruled = [one.decision for one in self._rulings if (one.kind, one.subject) == (RulingKind.SCOPE, listing.id)]
            parts = {decision.get("agency") or decision.get("kind") for decision in ruled}
            unsaid = [one for one in owing if one.id not in parts and str(one.kind) not in parts]
            if unsaid or not parts:
                names = [one.name for one in unsaid[:_AGENCIES_NAMED]]
                more = len(unsaid) - len(names)
                agencies = _part("some_agencies", names=names, count=len(unsaid), more=more) if more else names
                doubt = "scope.some" if parts else "scope.nobody"
                title = listing.column or listing.url
                choices = _scope_choices(listing, unsaid)
                yield self._line(doubt, listing.id, title, *choices, url=listing.url, whose=agencies)

    def of_registry_rows(self, doubted: Iterable[Doubt]) -> Iterator[ReviewLine]:
        """Yield the doubts about rows of the registry, unless a person ruled that the row is right."""
        for one in doubted:
            subject = f"{one.subject}/{one.code}"
            ruled = self._ruled.get((RulingKind.REGISTRY, subject))
            if ruled is None or not ruled.decision.get("holds"):
                yield self._line("registry.row", subject, one.name, what={"zh": one.zh, "en": one.en})

    def of_agencies(self) -> Iterator[ReviewLine]:
        """Yield the agencies that no source attests (``guessed``)."""
        for one in self._agencies:
            if one.guessed:
                yield self._line("agency.self_named" if is_self_named(one) else "agency.unattested", one.id, one.name)

    def of_gone_lists(self, lists: Iterable[GoneList]) -> Iterator[ReviewLine]:
        """Yield a doubt of each list that left its address; till a ruling ends or moves it, no absence there counts."""
        for one in lists:
            doubt = "listing.lost" if one.reports and not one.elsewhere else "listing.gone"
            day, now = local_day(one.since).isoformat(), _where_now(one)
            yield self._line(
                doubt, one.listing, one.title, day=day, looks=one.looks, url=one.url, reason=one.reason, now=now
            )

    # ------------------------------------------------------------------------------------ reports and links

    def of_reports(self) -> Iterator[ReviewLine]:
        """Yield reports whose agency or year is uncertain, unclear links, and links that open another report."""
        bindings = {(one.document, one.url): one for one in self._bindings}.values()
        # two documents at one address may give the same line
        yield from dict.fromkeys(filter(None, map(self._doubt_of_binding, bindings)))
        undated = {lead.url: line for lead in self._leads if (line := self._doubt_of_undated_link(lead))}
        yield from undated.values()
        last = {lead.url: lead for lead in self._leads}
        unread = (lead for url, lead in last.items() if url not in self._by_url and url not in undated)
        yield from filter(None, map(self._doubt_of_unread_link, unread))
        yield from filter(None, map(self._doubt_of_wrong_link, self._leads))

    def _doubt_of_binding(self, binding: Binding) -> ReviewLine | None:
        """Return the doubt about a report, or None: its agency or year is unknown, its evidence conflicts, or it could
        belong to another agency with a similar name.
        """
        if not binding.is_report or self._is_binding_ruled(binding):
            return None
        own, url, year = self._by_id.get(binding.agency or ""), binding.url, binding.year
        similar = self._similar_agencies(binding, own)
        names = [one.name for one in similar]
        choices = [] if year is None else [_choice("is_of", url, agency=name, year=year) for name in names]
        if why := _why_unknown(binding):
            title = f"{binding.agency_name or '?'} {year or '?'}"
            near = _part("near", names=names) if names else ""
            command, values = self._command_to_bind(binding)
            return self._line("binding.unknown", url, title, *choices, command=command, why=why, near=near, **values)
        if own is None or not similar or year is None:
            return None
        choices.append(_choice("is_of_own_agency", url, agency=own.name, year=year))
        title = f"{own.name} {year}"
        return self._line("binding.namesake", url, title, *choices, own=own.name, others=names, year=year)

    def _similar_agencies(self, binding: Binding, own: Agency | None) -> list[Agency]:
        """Return agencies that wait for an unread link, with a name like that of ``own``, or like the printed one."""
        agencies = self._with_open_lead.get(binding.year or 0, ())
        if own is not None:
            return [one for one in agencies if one.id != own.id and could_be_one(own, one, self._place)]
        name = None if binding.agency else binding.agency_name
        return [one for one in agencies if name and could_mean(name, one, self._place)]

    def _command_to_bind(self, binding: Binding) -> tuple[str, dict[str, Any]]:
        """Return the key of the command that binds a report, after importing its agency if needed, and its values."""
        name = binding.agency_name
        is_known = any(name in (agency.name, *agency.aliases) for agency in self._agencies)
        if binding.agency is not None or not name or is_known:
            return "bind", {"whose": shlex.quote(name) if name and is_known else "…", "year": binding.year or "…"}
        kind = _CHINESE_OF_KIND[naming.kind_of(naming.complete(name))]
        row = io.StringIO()
        csv.writer(row, lineterminator="").writerow([name, kind, binding.url])
        command = "bring_in_and_rule" if binding.year is None else "bring_in"
        return command, {"row": row.getvalue(), "whose": shlex.quote(name)}

    def _doubt_of_undated_link(self, lead: Lead) -> ReviewLine | None:
        """Return the doubt about a link that opens no report and names no year, if it may keep a status unknown."""
        binding = self._last_binding(lead.url)
        if lead.year is not None or lead.agency is None or not lead.is_report or (binding and binding.is_report):
            return None
        open_leads = sorted(self._with_open_lead.items())
        years = [year for year, some in open_leads if any(one.id == lead.agency for one in some)]
        if not years or self._is_settled(lead, binding):
            return None
        opens = _part("opens_none" if binding else "opens_nothing")
        name = lead.agency_name or lead.agency
        return self._line("lead.of_no_year", lead.url, lead.title, whose=name, years=years, opens=opens)

    def _doubt_of_wrong_link(self, lead: Lead) -> ReviewLine | None:
        """Return the doubt about a link that names a report but opens another, if this keeps a status unknown."""
        binding = self._last_binding(lead.url)
        if binding is None or lead.year is None or not lead.is_report:
            return None
        if binding.is_report and None in (binding.agency, binding.year):
            return None  # ``_doubt_of_binding`` lists it
        bindings = self._by_url[lead.url]
        if any((one.document, one.agency, one.year) == (binding.document, lead.agency, lead.year) for one in bindings):
            return None
        agency = next((one for one in self._with_open_lead.get(lead.year, ()) if one.id == lead.agency), None)
        if agency is None or self._is_settled(lead, binding):
            return None
        report = {"agency": binding.agency_name, "year": binding.year}
        opens = _part("report_of" if binding.is_report else "no_report", **report)
        confirmation = _choice("wrong_link" if binding.is_report else "wrong_link_to_none", binding.url, **report)
        correction = _choice("is_of_year", binding.url, agency=agency.name, year=lead.year)
        return self._line(
            "binding.wrong_link", binding.url, lead.title, confirmation, correction,
            agency=agency.name, year=lead.year, opens=opens,
        )  # fmt: skip

    def _doubt_of_unread_link(self, lead: Lead) -> ReviewLine | None:
        """Return the doubt about a link to an unread document: its title is unclear, it leads elsewhere, or nowhere."""
        if self._is_ruled(lead.url, RulingKind.LEAD):
            return None
        if lead.reason == UNOFFICIAL:
            return self._line("lead.unofficial", lead.url, lead.title, where=shlex.quote(f"where={lead.url}"))
        if lead.reason == UNLINKED:
            return self._line("lead.unlinked", lead.url, lead.title)
        if lead.confidence >= DOUBTFUL:
            return None
        doubt = "lead.taken" if lead.is_report else "lead.not_taken"
        return self._line(doubt, lead.url, lead.title, reason=lead.reason, confidence=f"{lead.confidence:.2f}")


def _why_unknown(binding: Binding) -> _Text | None:
    """Return why the agency or year of a report is uncertain (not found, or evidence conflicts); None: it is not."""
    missing = [name for name, value in (("agency", binding.agency), ("year", binding.year)) if value is None]
    if missing:
        return _part("_and_".join(missing))
    conflicts = [finding for finding in binding.findings if finding.code in {"year_conflict", "place_conflict"}]
    if conflicts:
        return {"zh": "；".join(one.zh for one in conflicts), "en": "; ".join(one.en for one in conflicts)}
    return None


def _where_now(lost: GoneList) -> _Text:
    """Return where the reports of a list that left its address are now, as a part of a sentence."""
    if not lost.elsewhere:
        return _part("shown_nowhere" if lost.reports else "never_a_list", reports=lost.reports)
    lists = [_part("list", url=one.url, listing=one.listing, reports=one.reports) for one in lost.elsewhere]
    rest = _part("some_nowhere", nowhere=lost.nowhere) if lost.nowhere else ""
    return _part("shown_elsewhere", reports=lost.reports, lists=lists, rest=rest)


def _scope_choices(listing: Listing, unsaid: Collection[Agency]) -> Iterator[Choice]:
    """Yield the rulings on whether a list shows the reports of agencies; of many agencies by their kinds."""
    parts: list[tuple[str, str, _Text, dict[str, str]]]
    if len(unsaid) <= _AGENCIES_RULED_SINGLY:
        parts = [(f"agency={one.id}", "does_not_show", _part("reports_of", agency=one.name), {}) for one in unsaid]
    else:
        kinds = sorted({one.kind for one in unsaid}, key=[*AgencyKind].index)
        values = [{"word": _CHINESE_OF_KIND[kind], "kind": str(kind)} for kind in kinds]
        parts = [(f"kind={one['kind']}", "does_not_show_all", _part("reports_of_kind", **one), one) for one in values]
    for who, refusal, text, more in parts:
        yield from (_choice(name, listing.id, who=who, whose=text, **more) for name in ("shows", refusal))
