"""Reports addressed by organ and year: which of the addresses that pages name answer, from which year on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crawler.cms.classes import family_classes
from crawler.discovery.organs import Organ, Template, templates
from crawler.lists.list_page import Page
from crawler.looks.addressed import link_to
from crawler.net.fetching import FetchContext
from crawler.onboarding.probe import ProbedListing
from crawler.onboarding.probing.site import Site
from crawler.spider import PortalSpider
from storage.records import CaptureOutcome, CaptureRole, Note

_YEARS_BACK = 20
_SAMPLE = 3  # organs whose reports tell the first year
_ASKED = 6  # organs asked for these
_TEMPLATES = 4


@dataclass(slots=True)
class ByOrgan:
    """What was found. ``template``: the address that answers, None if none does; ``leads``: the reports that answered;
    ``notes``: what did not.
    """

    template: Template | None = None
    first_year: int | None = None
    leads: list[dict[str, Any]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


async def find_by_organ(site: Site, pages: Sequence[Page]) -> ByOrgan:
    """Find the addresses by organ and year that answer, and the first year that does."""
    found = ByOrgan()
    for template in templates(pages)[:_TEMPLATES]:
        kind = family_classes().get(template.family)
        if kind is None or kind.judge_addressed is PortalSpider.judge_addressed:
            found.notes.append(Note("addresses_not_read", {"url": template.url}))
            continue
        first = await _first_year(site, template, kind, found.leads)
        if first is not None:
            found.template, found.first_year = template, first
            return found
        found.notes.append(Note("no_answer_at", {"url": template.url}))
    return found


async def _first_year(
    site: Site, template: Template, kind: type[PortalSpider], leads: list[dict[str, Any]]
) -> int | None:
    spider = site.stand(kind, ())
    ordered = sorted(template.organs, key=lambda organ: not organ.name.endswith("政府"))
    firsts: list[int] = []
    for organ in ordered[:_ASKED]:
        if len(firsts) < _SAMPLE and (first := await _first_of(site, organ, template, spider, leads)) is not None:
            firsts.append(first)
    return min(firsts, default=None)


async def _first_of(
    site: Site, organ: Organ, template: Template, spider: PortalSpider, leads: list[dict[str, Any]]
) -> int | None:
    """The first year of an unbroken run of reports of one organ (two years without one end it)."""
    good: int | None = None
    missed = 0
    for year in range(site.last_year - 1, site.last_year - 1 - _YEARS_BACK, -1):
        url = template.url.replace("{code}", organ.code).replace("{year}", str(year))
        if site.allowed_hosts.refusal(url) is not None:
            break
        fetched = await site.replay.fetch(FetchContext(CaptureRole.REPORT, url))
        is_page = fetched.verdict.outcome is CaptureOutcome.PAGE
        verdict = spider.judge_addressed(fetched.page) if is_page else fetched.verdict
        if verdict.outcome is CaptureOutcome.PAGE and not verdict.reason:
            good, missed = year, 0
            title = link_to(fetched.page, url).text
            leads.append({"title": title, "url": url, "agency": organ.name, "year": year, "listing": template.url})
        else:
            missed += 1
        if fetched.spent or missed >= (2 if good else 3):
            break
    return good


def listing_of(one: Template) -> ProbedListing:
    """Return the listing that an address by organ and year is."""
    return ProbedListing(
        url=one.url,
        title="政府信息公开年报",
        form="addressed",
        why="label",
        way=(one.source,),
        whose=Note("whose_organs", {"number": len(one.organs), "url": one.source}),
        outcome="ok",
    )
