"""What a person should look at: doubtful leads, documents nobody could be named for, suspect looks, guessed agencies.

Each line says what is doubtful, and which ruling would decide it; what has been ruled on is not asked again.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from archive.queries.results import Result
from archive.queries.stored import opened
from storage.home import Home
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import Agency, Binding, Lead, Listing, ListingForm, Ruling, RulingKind
from storage.registry import Registry

DOUBTFUL = 0.65  #: confidence below which a judgement on a link is one of two that could be made


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Result):
    """One way to decide: the words of ``nianbao rule`` after its name. ``zh`` and ``en`` say what it means."""

    words: tuple[str, ...]
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLine(Result):
    """One doubt. ``kind``: ``lead``, ``binding``, ``scope``, ``look`` or ``agency``; ``subject``: what to rule on.

    ``choices`` are complete rulings; ``open`` says what a ruling needs that nobody but a person can fill in ("" if
    one of the choices will do).
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
    """Give every open doubt of one portal or all, documents first, then links, looks, listings and agencies.

    Raises ProjectionError where the projections have to be made again first.
    """
    rulings = _latest(Observations(home).rulings())
    registry = Registry(home)
    names = [portal] if portal is not None else [one.name for one in registry.portals()]
    found: list[ReviewLine] = []
    with opened(home) as store:
        for name in names:
            found += _of_portal(store, registry, name, rulings)
    return found


def _latest(rulings: Iterable[Ruling]) -> Mapping[tuple[RulingKind, str], Ruling]:
    return {(ruling.kind, ruling.subject): ruling for ruling in rulings}


def _of_portal(
    store: ProjectionStore, registry: Registry, portal: str, rulings: Mapping[tuple[RulingKind, str], Ruling]
) -> Iterator[ReviewLine]:
    agencies = {agency.id: agency for agency in registry.agencies(portal)}
    bindings = store.bindings(portal)
    bound = {binding.url for binding in bindings}
    for binding in _unique(bindings):
        ruled = {(RulingKind.BINDING, binding.document), (RulingKind.BINDING, binding.url)} & rulings.keys()
        if not ruled and (line := _binding(portal, binding)) is not None:
            yield line
    for lead in {lead.url: lead for lead in store.leads(portal)}.values():
        known = (RulingKind.LEAD, lead.url) in rulings or lead.url in bound
        if not known and (line := _lead(portal, lead)) is not None:
            yield line
    for judged in store.look_judgements(portal):
        ruled = {(RulingKind.VOID_LOOK, judged.look), (RulingKind.NEW_BASE, judged.look)} & rulings.keys()
        if judged.suspect and not ruled:
            yield _look(portal, judged.look, judged.listing, judged.reason)
    for listing in registry.listings(portal):
        if (RulingKind.SCOPE, listing.id) not in rulings and _speaks_for_nobody(listing):
            yield _scope(portal, listing)
    for agency in agencies.values():
        if agency.guessed:
            yield _agency(portal, agency)


def _unique(bindings: Iterable[Binding]) -> list[Binding]:
    return [*{(binding.document, binding.url): binding for binding in bindings}.values()]


def _binding(portal: str, binding: Binding) -> ReviewLine | None:
    """A report of which nobody can say whose or of which year it is, or whose evidence disagrees."""
    if not binding.is_report:
        return None
    conflicts = [finding for finding in binding.findings if finding.code in {"year_conflict", "place_conflict"}]
    missing = [name for name, value in (("agency", binding.agency), ("year", binding.year)) if value is None]
    if not missing and not conflicts:
        return None
    whose = binding.agency_name or "?"
    said = "; ".join(finding.en for finding in conflicts)
    told = "；".join(finding.zh for finding in conflicts)
    return ReviewLine(
        kind="binding",
        portal=portal,
        subject=binding.url,
        title=f"{whose} {binding.year or '?'}",
        zh=f"报告的归属不能确定（{'、'.join({'agency': '机关', 'year': '年度'}[name] for name in missing) or told}）。",
        en=f"Whose report this is cannot be said ({' and '.join(missing) + ' unknown' if missing else said}).",
        choices=(
            Choice(words=("binding", binding.url, "is_report=false"), zh="不是年度报告", en="It is no annual report"),
        ),
        open=f"nianbao rule binding {shlex.quote(binding.url)} agency=… year=…",
    )


def _lead(portal: str, lead: Lead) -> ReviewLine | None:
    """A link of which the title does not tell, and whose document has not been read."""
    if lead.confidence >= DOUBTFUL:
        return None
    taken = ("当作", "taken for") if lead.is_report else ("没有当作", "not taken for")
    return ReviewLine(
        kind="lead",
        portal=portal,
        subject=lead.url,
        title=lead.title,
        zh=f"该链接{taken[0]}年度报告，但把握不大（{lead.reason}，{lead.confidence:.2f}）。",
        en=f"This link is {taken[1]} an annual report, without much confidence ({lead.reason}, {lead.confidence:.2f}).",
        choices=(
            Choice(words=("lead", lead.url, "is_report=true"), zh="是年度报告", en="It is an annual report"),
            Choice(words=("lead", lead.url, "is_report=false"), zh="不是年度报告", en="It is none"),
        ),
    )


def _look(portal: str, look: str, listing: str, reason: str) -> ReviewLine:
    return ReviewLine(
        kind="look",
        portal=portal,
        subject=look,
        title=listing,
        zh=f"该次查看所见比以前少（{reason}），不作为未公布的证据。",
        en=f"This look showed less than looks before ({reason}); it is no evidence of absence.",
        choices=(
            Choice(words=("new_base", look), zh="栏目确实变少了", en="The listing did shrink"),
            Choice(words=("void_look", look), zh="该次查看有误", en="The look was wrong"),
        ),
    )


def _speaks_for_nobody(listing: Listing) -> bool:
    plain = listing.form is ListingForm.COLUMN and listing.ended_at is None
    return plain and listing.agency is None and not listing.covers


def _scope(portal: str, listing: Listing) -> ReviewLine:
    return ReviewLine(
        kind="scope",
        portal=portal,
        subject=listing.id,
        title=listing.column or listing.url,
        zh="没有人说过该栏目公布哪些机关的报告；只有在此出现过的机关，查看才算数。",
        en="Nobody has said whose reports this listing shows; its looks count only for agencies seen on it before.",
        open=f"nianbao rule scope {shlex.quote(listing.id)} agency=… covers=true",
    )


def _agency(portal: str, agency: Agency) -> ReviewLine:
    return ReviewLine(
        kind="agency",
        portal=portal,
        subject=agency.id,
        title=agency.name,
        zh="没有来源证明该机关存在，其缺报、迟报不会认定为“已证明”。",
        en="No source attests this agency; it is never called missing or late with proof.",
        open="nianbao agencies import FILE.csv --portal " + portal,
    )
