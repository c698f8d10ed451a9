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
from typing import NamedTuple

from archive.assessment.calendar import local_day
from archive.assessment.registry import Doubt
from archive.identity import names as naming
from archive.identity.addresses import UNLINKED
from archive.identity.agency_csv import KINDS, is_self_named
from archive.identity.classification import UNOFFICIAL
from archive.identity.matching import could_be_one, could_mean
from archive.queries.bounds import data_file
from archive.queries.frames import Result
from archive.queries.look_answers import GoneList, gone_lists
from archive.queries.registry import registry_doubts
from archive.queries.stored import open_projections
from archive.queries.withheld_content import Outgoing, outgoing
from storage.home import Home
from storage.judgements import StoredLookJudgement
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import Agency, Binding, Lead, Listing, ListingForm, Portal, Ruling, RulingKind, Status
from storage.registry import Registry

DOUBTFUL = 0.65  #: links that were judged with less confidence than this (0 to 1) are listed for review
CITED = "--by WHO --reason WHY"  #: options that every ``nianbao rule`` command needs
_AGENCIES_RULED_SINGLY = 3
_AGENCIES_NAMED = 6


class Choice(Result):
    """One way to decide: the words of ``nianbao rule`` after its name. ``zh`` and ``en`` say what it means."""

    words: tuple[str, ...]
    zh: str
    en: str


class ReviewLine(Result):
    """One doubt. ``kind``: ``lead binding scope look listing agency registry``; ``subject``: what a ruling is about.

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


def review(home: Home, portal: str | None = None) -> list[ReviewLine]:
    """Return the open doubts, portal by portal: about reports, then links, looks, listings, agencies, registry rows.

    ``portal``: only this one. Raises ProjectionError if the projections must be rebuilt first.
    """
    rulings, registry, out = Observations(home).rulings(), Registry(home), outgoing(home)
    looks = {look.id: look.started for look in Observations(home).looks()}
    portals = [one for one in registry.portals() if portal in (None, one.name)]
    lines: list[ReviewLine] = []
    doubted, store = registry_doubts(home, portal), open_projections(home)
    for one in portals:
        doubts = _PortalDoubts(store, one, registry.agencies(one.name), rulings)
        lines += doubts.of_reports()
        lines += doubts.of_looks(looks)
        lines += map(doubts.of_gone_list, gone_lists(home, one.name))
        lines += doubts.of_scopes(registry.listings(one.name))
        lines += doubts.of_agencies()
        lines += doubts.of_rows(doubted.get(one.name, ()))
    return [_without_withheld(one, out) for one in lines]


def _without_withheld(line: ReviewLine, out: Outgoing) -> ReviewLine:
    """Return a line without the titles and addresses that a ruling withholds."""
    line = replace(line, zh=out.text(line.zh), en=out.text(line.en))
    if line.kind not in {"lead", "binding"}:
        return replace(line, title=out.text(line.title))
    address, title = out.address(line.subject, line.title), out.title(line.subject, line.title)
    if address != line.subject:  # the rulings offered contain the withheld address
        return replace(line, subject=address, title=title, choices=(), open="")
    return replace(line, title=title)


# ---------------------------------------------------------------------------------------------- sentences


class ReviewText(NamedTuple):
    """A sentence, or a part of one, in both languages."""

    zh: str
    en: str


def _say(section: str, name: str, **values: object) -> ReviewText:
    """Return the sentence ``[section.name]`` of ``review.toml`` with ``values`` filled in."""
    entry = data_file("review.toml")[section][name]
    zh, en = ({key: _text(value, lang) for key, value in values.items()} for lang in ("zh", "en"))
    return ReviewText(entry["zh"].format_map(zh), entry["en"].format_map(en))


def _text(value: object, lang: str) -> str:
    if isinstance(value, list):
        return {"zh": "、", "en": ", "}[lang].join(_text(one, lang) for one in value)
    return str(getattr(value, lang) if isinstance(value, ReviewText) else value)


def _command(name: str, **values: object) -> str:
    text: str = data_file("review.toml")["command"][name]
    return text.format(cited=CITED, **values)


def _choice(name: str, **values: object) -> Choice:
    text, entry = _say("choice", name, **values), data_file("review.toml")["choice"][name]
    return Choice(words=tuple(one.format_map(values) for one in entry["words"]), zh=text.zh, en=text.en)


# ---------------------------------------------------------------------------------------------- doubts of a portal


class _PortalDoubts:
    """Finds the doubts about one portal that no ruling has settled."""

    def __init__(
        self, store: ProjectionStore, portal: Portal, agencies: Sequence[Agency], rulings: Sequence[Ruling]
    ) -> None:
        self._store, self._portal, self._place = store, portal.name, portal.place
        self._rulings, self._agencies = rulings, agencies
        self._ruled = {(ruling.kind, ruling.subject): ruling for ruling in rulings}
        self._by_id = {agency.id: agency for agency in agencies}

    def _line(
        self,
        sort: str,
        subject: str,
        title: str,
        choices: Iterable[Choice] = (),
        command: str | None = None,
        **values: object,
    ) -> ReviewLine:
        """Return a line with the text of ``[doubt.<sort>]`` in ``review.toml``; ``command`` replaces its ``open``."""
        text = _say("doubt", sort, **values)
        if command is None:
            template = data_file("review.toml")["doubt"][sort].get("open", "")
            command = template.format_map({**values, "portal": self._portal, "cited": CITED})
        return ReviewLine(
            kind=sort.partition(".")[0],
            portal=self._portal,
            subject=subject,
            title=title,
            zh=text.zh,
            en=text.en,
            choices=tuple(choices),
            open=command,
        )

    def of_reports(self) -> Iterator[ReviewLine]:
        """Yield reports whose agency or year is uncertain, unclear links, and links that open another report."""
        bindings, leads = self._store.bindings(self._portal), self._store.leads(self._portal)
        bound: dict[str, list[Binding]] = {}
        for binding in bindings:
            bound.setdefault(binding.url, []).append(binding)
        lacking = self._agencies_without_report()
        lines = (self._binding(one, lacking) for one in {(one.document, one.url): one for one in bindings}.values())
        yield from dict.fromkeys(line for line in lines if line is not None)  # without equal lines
        undated = {lead.url: line for lead in leads if (line := self._undated(lead, bound, lacking))}
        yield from undated.values()
        for lead in {lead.url: lead for lead in leads}.values():
            if not self._is_ruled(lead.url, RulingKind.LEAD) and lead.url not in bound and lead.url not in undated:
                yield from self._lead(lead)
        for lead in leads:
            yield from self._wrong_link(lead, bound.get(lead.url, ()), lacking)

    def of_looks(self, started: Mapping[str, datetime]) -> Iterator[ReviewLine]:
        """Yield a line for each listing: its newest suspect look, and how many there are since the last ruling."""
        suspects: dict[str, list[StoredLookJudgement]] = {}
        judged = self._store.look_judgements(self._portal)
        for one in sorted(judged, key=lambda one: (started[one.look], one.look)):
            since = suspects.setdefault(one.listing, [])
            if self._is_ruled(one.look, RulingKind.VOID_LOOK, RulingKind.NEW_BASE):
                since.clear()
            elif one.suspect:
                since.append(one)
        for *others, last in filter(None, suspects.values()):
            sort = "look.several" if others else "look.one"
            choices = [_choice(name, look=last.look) for name in ("has_shrunk", "look_was_wrong")]
            count, reason = len(others) + 1, last.reason
            yield self._line(sort, last.look, last.listing, choices, count=count, reason=reason)

    def of_scopes(self, listings: Iterable[Listing]) -> Iterator[ReviewLine]:
        """Yield open listings of several agencies where no ruling says whether some agency's reports are shown."""
        owing = [one for one in self._agencies if not one.guessed and one.valid_to is None]
        for listing in listings:
            is_open = listing.form is ListingForm.COLUMN and listing.ended_at is None
            if not is_open or listing.agency is not None or listing.covers:
                continue
            ruled = [one.decision for one in self._rulings if (one.kind, one.subject) == (RulingKind.SCOPE, listing.id)]
            parts = {decision.get("agency") or decision.get("kind") for decision in ruled}
            unsaid = [one for one in owing if one.id not in parts and str(one.kind) not in parts]
            if unsaid or not parts:
                sort, title = "scope.some" if parts else "scope.nobody", listing.column or listing.url
                names = [one.name for one in unsaid[:_AGENCIES_NAMED]]
                whose: object = names
                if more := len(unsaid) - len(names):
                    whose = _say("part", "some_agencies", names=names, count=len(unsaid), more=more)
                choices = _scopes(listing, unsaid)
                yield self._line(sort, listing.id, title, choices, listing=shlex.quote(listing.id), whose=whose)

    def of_rows(self, doubted: Iterable[Doubt]) -> Iterator[ReviewLine]:
        """Yield the doubts about rows of the registry, unless a person ruled that the row is right."""
        for doubt in doubted:
            subject = f"{doubt.subject}/{doubt.code}"
            ruled = self._ruled.get((RulingKind.REGISTRY, subject))
            if ruled is None or not ruled.decision.get("holds"):
                choice = _choice("row_is_right", subject=subject)
                yield self._line("registry.row", subject, doubt.name, [choice], zh=doubt.zh, en=doubt.en)

    def of_agencies(self) -> Iterator[ReviewLine]:
        """Yield the agencies that no source attests (``guessed``)."""
        for one in self._agencies:
            if one.guessed:
                yield self._line("agency.self_named" if is_self_named(one) else "agency.unattested", one.id, one.name)

    def of_gone_list(self, lost: GoneList) -> ReviewLine:
        """Return the doubt about a list that left its address: until it is ended, its agencies' absences stay open."""
        day = local_day(lost.since).isoformat()
        has_ended = _choice("has_ended", listing=lost.listing, day=day)
        if lost.elsewhere:
            lists = [
                _say("part", "list", url=one.url, listing=one.listing, reports=one.reports) for one in lost.elsewhere
            ]
            now = _say("part", "shown_elsewhere", reports=lost.reports, lists=lists)
            if lost.nowhere:
                rest = _say("part", "some_nowhere", nowhere=lost.nowhere)
                now = ReviewText(now.zh + rest.zh, now.en + rest.en)
        else:
            now = _say("part", "shown_nowhere" if lost.reports else "never_a_list", reports=lost.reports)
        can_end = bool(lost.elsewhere or not lost.reports)
        return self._line(
            "listing.gone",
            lost.listing,
            lost.title,
            [has_ended] if can_end else [],
            _command("new_address" if can_end else "probe", portal=lost.portal, ruling=shlex.join(has_ended.words)),
            day=day,
            looks=lost.looks,
            url=lost.url,
            reason=lost.reason,
            now=now,
        )

    # ------------------------------------------------------------------------------------ reports and links

    def _is_ruled(self, subject: str, *kinds: RulingKind) -> bool:
        return any((kind, subject) in self._ruled for kind in kinds)

    def _agencies_without_report(self) -> dict[int, list[Agency]]:
        """Return by year the agencies whose status is unknown because an unread lead could be their report."""
        by_year: dict[int, list[Agency]] = {}
        for one in self._store.statuses(self._portal):
            open_now = one.until is None and one.status is Status.UNKNOWN and one.reason == "unresolved_lead"
            if open_now and one.agency in self._by_id:
                by_year.setdefault(one.year, []).append(self._by_id[one.agency])
        return by_year

    def _binding(self, binding: Binding, lacking: Mapping[int, Sequence[Agency]]) -> ReviewLine | None:
        """Return the doubt about a report, or None: its agency or year is unknown, its evidence conflicts, or it could
        belong to another agency with a similar name.
        """
        ruled = any(self._is_ruled(name, RulingKind.BINDING) for name in (binding.document, binding.url))
        if ruled or not binding.is_report:
            return None
        own = self._by_id.get(binding.agency or "")
        similar = self._similar_agencies(binding, own, lacking.get(binding.year or 0, ()))
        near = [one.name for one in similar]
        about = {"url": binding.url, "year": binding.year}
        choices = [] if binding.year is None else [_choice("is_of", agency=one.name, **about) for one in similar]
        if why := _why_unknown(binding):
            return self._line(
                "binding.unknown",
                binding.url,
                f"{binding.agency_name or '?'} {binding.year or '?'}",
                (*choices, _choice("no_report", url=binding.url)),
                self._command_to_bind(binding),
                why=why,
                near=_say("part", "near", names=near) if near else "",
            )
        if own is None or not similar or binding.year is None:
            return None
        choices.append(_choice("is_of_another", agency=own.name, **about))
        title = f"{own.name} {binding.year}"
        return self._line("binding.namesake", binding.url, title, choices, own=own.name, others=near, year=binding.year)

    def _similar_agencies(self, binding: Binding, own: Agency | None, lacking: Sequence[Agency]) -> list[Agency]:
        """Return the agencies of ``lacking`` whose names are so similar that the report could be theirs."""
        if own is not None:
            return [one for one in lacking if one.id != own.id and could_be_one(own, one, self._place)]
        name = None if binding.agency else binding.agency_name
        return [one for one in lacking if name and could_mean(name, one, self._place)]

    def _command_to_bind(self, binding: Binding) -> str:
        """Return the command that binds a report, and adds its agency first if that is not registered."""
        name, url = binding.agency_name, shlex.quote(binding.url)
        is_known = any(name in (agency.name, *agency.aliases) for agency in self._agencies)
        if binding.agency is not None or not name or is_known:
            body = shlex.quote(name) if name and is_known else "…"
            return _command("bind", url=url, whose=body, year=binding.year or "…")
        kind = next(word for word, kind in KINDS.items() if kind is naming.kind_of(naming.complete(name)))
        row = io.StringIO()
        csv.writer(row, lineterminator="").writerow([name, kind, binding.url])
        way = "bring_in_and_rule" if binding.year is None else "bring_in"
        return _command(way, portal=self._portal, row=row.getvalue(), url=url, whose=shlex.quote(name))

    def _undated(
        self, lead: Lead, bound: Mapping[str, Sequence[Binding]], lacking: Mapping[int, Sequence[Agency]]
    ) -> ReviewLine | None:
        """Return the doubt about a link that names an agency of ``lacking`` but no year, and opens no report."""
        binding = bound[lead.url][-1] if lead.url in bound else None
        if lead.year is not None or lead.agency is None or not lead.is_report or (binding and binding.is_report):
            return None
        years = [year for year, bodies in sorted(lacking.items()) if any(one.id == lead.agency for one in bodies)]
        if not years or self._is_settled(lead, binding):
            return None
        return self._line(
            "lead.of_no_year",
            lead.url,
            lead.title,
            [_choice("none", url=lead.url)],
            url=shlex.quote(lead.url),
            whose=lead.agency_name or lead.agency,
            years=years,
            opens=_say("part", "opens_none" if binding else "opens_nothing"),
        )

    def _wrong_link(
        self, lead: Lead, bound: Sequence[Binding], lacking: Mapping[int, Sequence[Agency]]
    ) -> Iterator[ReviewLine]:
        """Yield the doubt about a link that names a report but opens something else, if that report is lacking."""
        if not bound or lead.year is None or not lead.is_report:
            return
        binding = bound[-1]
        if binding.is_report and None in (binding.agency, binding.year):
            return  # ``_binding`` lists it
        if any((one.document, one.agency, one.year) == (binding.document, lead.agency, lead.year) for one in bound):
            return
        own = next((agency for agency in lacking.get(lead.year, ()) if agency.id == lead.agency), None)
        if own is None or self._is_settled(lead, binding):
            return
        report = {"agency": binding.agency_name, "year": binding.year}
        opens = _say("part", "report_of" if binding.is_report else "no_report", **report)
        confirmation = "wrong_link" if binding.is_report else "wrong_link_to_none"
        correction = _choice("is_of_year", url=binding.url, agency=own.name, year=lead.year)
        choices = [_choice(confirmation, url=binding.url, **report), correction]
        yield self._line(
            "binding.wrong_link", binding.url, lead.title, choices, own=own.name, year=lead.year, opens=opens
        )

    def _lead(self, lead: Lead) -> Iterator[ReviewLine]:
        """Yield the doubt about a link whose document was not read: its title is unclear, or the link leads to another
        site or has no address.
        """
        none = _choice("none", url=lead.url)
        if lead.reason == UNOFFICIAL:
            where = shlex.quote(f"where={lead.url}")
            yield self._line("lead.unofficial", lead.url, lead.title, [none], where=where)
        elif lead.reason == UNLINKED:
            yield self._line("lead.unlinked", lead.url, lead.title, [none])
        elif lead.confidence < DOUBTFUL:
            sort = "lead.taken" if lead.is_report else "lead.not_taken"
            choices = [_choice("is_report", url=lead.url), none]
            confidence = f"{lead.confidence:.2f}"
            yield self._line(sort, lead.url, lead.title, choices, reason=lead.reason, confidence=confidence)

    def _is_settled(self, lead: Lead, binding: Binding | None) -> bool:
        """Whether a person has ruled on a link, or on the document that it opens."""
        if self._is_ruled(lead.url, RulingKind.LEAD, RulingKind.BINDING):
            return True
        return binding is not None and self._is_ruled(binding.document, RulingKind.BINDING)


def _why_unknown(binding: Binding) -> ReviewText | None:
    """Return why the agency or year of a report is uncertain (not found, or evidence conflicts); None: it is not."""
    missing = [name for name, value in (("agency", binding.agency), ("year", binding.year)) if value is None]
    conflicts = [finding for finding in binding.findings if finding.code in {"year_conflict", "place_conflict"}]
    if missing:
        parts = [_say("part", name) for name in missing]
        what = ReviewText("、".join(one.zh for one in parts), " and ".join(one.en for one in parts))
        return _say("part", "unknown", what=what)
    if conflicts:
        return ReviewText("；".join(one.zh for one in conflicts), "; ".join(one.en for one in conflicts))
    return None


def _scopes(listing: Listing, unsaid: Collection[Agency]) -> Iterator[Choice]:
    """Yield the rulings that could be made on a listing's scope: two for each agency or, of many, for each kind."""
    if len(unsaid) <= _AGENCIES_RULED_SINGLY:
        parts = [(f"agency={one.id}", _say("part", "reports_of", agency=one.name)) for one in unsaid]
    else:
        words = {kind: word for word, kind in KINDS.items()}
        kinds = sorted({one.kind for one in unsaid}, key=[*words].index)
        parts = [(f"kind={kind}", _say("part", "reports_of_kind", word=words[kind], kind=kind)) for kind in kinds]
    for who, text in parts:
        yield from (_choice(one, listing=listing.id, who=who, whose=text) for one in ("shows", "does_not_show"))
