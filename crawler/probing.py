"""One probe in this process: ``python -m crawler.probing``, started by ``probe.py`` in a scratch archive.

The walk finds listings; each is then read to its end as the families that its pages look like would, and the family
that understands most of them is taken. Every page is asked for once.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from scrapy import signals
from scrapy.crawler import Crawler, CrawlerProcess
from scrapy.utils.project import get_project_settings
from twisted.python.failure import Failure

from archive.identity import names
from archive.identity.leads import lead_of
from crawler import portals
from crawler.addressed import link_to
from crawler.columns import read_column
from crawler.discovery.circles import bare
from crawler.discovery.found import Answer, Findings, Found, Limits, Shown, promising
from crawler.discovery.labels import body_said, kinds_said, names_a_year
from crawler.discovery.organs import Organ, Template, body_name, templates
from crawler.discovery.walk import Walk
from crawler.errors import CONTROLLED, CrawlError, in_words
from crawler.families.lists import Page
from crawler.families.portal import PortalSpider
from crawler.family_classes import candidates
from crawler.looks import OpenLook, failure, store
from crawler.probe import IMITATION, RECORDED, REQUEST, RESULT, Probe, ProbedAgency, ProbedListing
from crawler.quality import decode
from crawler.recording import looks_of, write_recording
from crawler.rendering.render import Renderer
from crawler.replay import Replay
from crawler.session import Session
from crawler.short_names import with_short_names
from crawler.showing import shown
from crawler.site_facts import division_of, place_of
from crawler.writing import portal_text
from storage.errors import StorageError
from storage.home import init_home
from storage.records import (
    CaptureOutcome,
    CaptureRole,
    Lead,
    Listing,
    ListingForm,
    LookOutcome,
    Portal,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NAME = "probe"
_MOST_TRIALS = 4
_MOST_LOOKED = 120  # requests of a fresh look at a recorded portal
_YEARS_BACK = 20
_SAMPLE = 3  # organs whose reports tell the first year
_WHY = {
    "label": "found by its own label",
    "heading": "found, but only the page's own heading calls it a column of reports",
    "address": "found, but only its address calls it a column of reports",
    "search": "found, but only by the search of the site, which proves no absence",
    "entries": "found, but nothing calls it a column of reports: its entries are reports",
}


def say(text: str) -> None:
    """One line for the person who waits."""
    sys.stdout.write(f"probe: {text}\n")
    sys.stdout.flush()


class ProbeFlow:
    """A probe in place of a crawl (setting ``NIANBAO_FLOW``)."""

    def __init__(self, spider: PortalSpider, crawler: Crawler) -> None:
        self.spider = spider
        self.session = spider.session = Session.open(spider, crawler)
        self.browser = Renderer(spider, self.session)

    async def run(self) -> None:
        """Probe, and leave the result beside the scratch archive."""
        folder = self.session.home.path.parent
        wanted = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
        if "slug" in wanted:
            await self._look(folder)
            return
        made = _Probing(self.session, self.browser, wanted["url"], wanted.get("requests"))
        found = await made.run()
        write_recording(folder / RECORDED, made.recorded(), [dict(row) for row in found.leads])
        (folder / RESULT).write_text(json.dumps(found.to_dict(), ensure_ascii=False), encoding="utf-8")

    async def _look(self, folder: Path) -> None:
        """Look at the columns of a portal that is known, and leave what they show."""
        kind, now = type(self.spider), self.session.clock.now()
        spider = kind(name=kind.name)
        replay = Replay(now, {}, self.session, _MOST_LOOKED, browser=self.browser)
        known = portals.agencies(kind, now)
        replay.stands_for(spider, portals.portal_record(kind, now), known, portals.columns(kind, known, now))
        leads = await looks_of(spider, replay)
        looks = {look.listing: (str(look.outcome), look.reason) for look, _ in replay.stored}
        told = {"leads": leads, "looks": looks, "unrendered": self.browser.why}
        (folder / RESULT).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


@dataclass(slots=True)
class _Reading:
    """The listings as one family reads them: (listing, look, its leads)."""

    family: type[PortalSpider]
    rows: list[tuple[Listing, OpenLook, list[Lead]]]

    @property
    def worth(self) -> tuple[int, int]:
        """Listings read to their end, and reports found."""
        good = sum(state.outcome is LookOutcome.OK for _, state, _ in self.rows)
        return good, len({lead.url for _, _, leads in self.rows for lead in leads})


class _Probing:
    def __init__(self, session: Session, browser: Renderer, url: str, requests: int | None) -> None:
        self.session, self.browser, self.url = session, browser, url
        self.limits = Limits.named("probe", **({"requests": requests} if requests else {}))
        self.now: datetime = session.clock.now()
        self.replay = Replay(self.now, {}, session, self.limits.requests, browser=browser)
        self.portal = replace(portals.portal_record(type(session.spider), self.now), name=NAME)
        self.last_year = self.now.astimezone(SHANGHAI).year
        self.controlled = False  # whether anything answered with a challenge or a refusal
        self.answered: list[dict[str, Any]] = []  # reports that answered at an address made of organ and year
        self.readers: dict[type[PortalSpider], PortalSpider] = {}
        self._stand(candidates([])[-1][0], ())

    # -------------------------------------------------------------------------------------------- fetching

    def _stand(self, kind: type[PortalSpider], rows: Sequence[Listing]) -> PortalSpider:
        """Let a family read for this portal from the pages that are held."""
        spider = self.readers.setdefault(kind, kind(name=NAME))
        spider.hosts, spider.place = self.portal.hosts, self.portal.place
        self.replay.stands_for(spider, self.portal, (), rows)
        return spider

    async def _ask(self, url: str, referer: str) -> Answer:
        before = self.replay.asked
        fetched = await self.replay.fetch(url, role=CaptureRole.LISTING, referer=referer)
        asked = self.replay.asked - before
        if asked and self.replay.asked % 10 == 0:
            say(f"{self.replay.asked} pages asked for")
        if fetched.verdict.outcome is CaptureOutcome.PAGE:
            return Answer(fetched.page, asked=asked)
        outcome, reason = failure(fetched)
        self.controlled = self.controlled or outcome is LookOutcome.BLOCKED
        return Answer(None, in_words(reason), asked=max(asked, int(fetched.spent)))

    def _show(self, page: Page, column: str) -> Shown:
        """Read a page as the family that makes most of it would."""
        listing = self._listing(page.url, column)
        fetched = self.replay.answered.get(page.url)
        verdict = fetched.verdict.reason if fetched is not None else ""
        best = Shown()
        for kind, _ in candidates([page], most=3):
            made = shown(self._stand(kind, ()), page, listing, verdict)
            if _worth(made) > _worth(best):
                best = made
            if made.reports or made.is_shell:
                break
        return best

    async def _render(self, page: Page) -> Page | None:
        """Return a page of reports whose list scripts make as a browser shows it; None where none does."""
        say(f"scripts make the list of {page.url}")
        made = await self.replay.renderer.made(page.url)
        return None if made is None or made.outcome is not None else Page(made.url, decode(made.dom), len(made.dom))

    def _listing(self, url: str, title: str, form: ListingForm = ListingForm.COLUMN) -> Listing:
        return Listing(
            id=f"{NAME}:{bare(url)[:200]}",
            portal=NAME,
            url=url,
            form=form,
            column=title,
            recorded_at=self.now,
        )

    # -------------------------------------------------------------------------------------------- the probe

    async def run(self) -> Probe:
        found = await self._walk()
        pages = [page for page, _ in found.pages.values()]
        place, body, place_why = place_of(pages, ())
        self.portal = replace(self.portal, place=place)
        reading = await self._read(found)
        if not place and reading is not None:
            printed = [lead.agency_name or "" for _, _, leads in reading.rows for lead in leads]
            place, body, place_why = place_of([], printed)
            self.portal = replace(self.portal, place=place)
            reading = await self._as_family(reading.family, [row for row, _, _ in reading.rows])
        division, division_why = division_of(pages, place)
        listings, leads = self._listings(found, reading, body)
        addressed, first_year, notes = await self._addressed(pages)
        family = reading.family if reading is not None else None
        if addressed is not None:
            own = _addresses_of(addressed)
            others = [
                one
                for one in listings
                if not all(own.fullmatch(str(r["url"])) for r in leads if r["listing"] == one.url)
            ]
            if not others or family is self._class(addressed.family):
                family = self._class(addressed.family)
                listings = [*others, self._addressed_row(addressed)]
                kept = [row for row in leads if not own.fullmatch(str(row["url"]))]
                leads = [*kept, *self.answered]
            else:
                addressed, first_year = None, None
                notes.append("reports with an address by organ and year were seen too; the columns are taken")
        _tell_passed(found, {str(row["url"]) for row in leads})
        years = [int(lead["year"]) for lead in leads if lead["year"]]
        scores = {kind.family: score for kind, score in candidates(pages, most=20)}
        wanted = {urlsplit(one.url).netloc for one in listings} | {urlsplit(str(row["url"])).netloc for row in leads}
        return Probe(
            url=self.url,
            hosts=self._hosts({host for host in wanted if host}),
            family=family.family if family else "",
            family_why=self._why_family(family, scores, reading),
            place=place,
            place_why=place_why,
            division=division,
            division_why=division_why,
            cluster=self.session.spider.cluster,
            listings=tuple(listings),
            entrances=self._entrances(found, listings),
            agencies=tuple(self._agencies(listings, leads, addressed)),
            leads=tuple(leads),
            first_year=first_year or min([*years, self.last_year - 1]),
            refused=tuple(found.refused),
            unread=tuple(found.unread[:60]),
            seen=tuple((url, step.trail[-1] if step.trail else "") for url, (_, step) in found.pages.items()),
            requests=self.replay.asked,
            ended=found.ended,
            notes=(
                *([self.browser.why] if self.browser.why else []),
                *self._reasons(found),
                *([CONTROLLED] if self.controlled else []),
                *notes,
            ),
        )

    async def _walk(self) -> Findings:
        root = f"{urlsplit(self.url).scheme}://{urlsplit(self.url).netloc}/"
        found = await self._walk_from([self.url])
        by_search = all(one.why == "search" for one in found.listings)
        if by_search and bare(root) != bare(self.url) and self.replay.asked < self.limits.requests:
            seen = found
            again = await self._walk_from([self.url, root])  # what was seen is held; the home page may know more
            found = again if again.listings or not seen.listings else seen
            found.refused[:0] = [row for row in seen.refused if row not in found.refused]
        flipped = self.url.replace("https://", "http://", 1) if self.url.startswith("https") else ""
        flipped = flipped or self.url.replace("http://", "https://", 1)
        if (
            not found.pages
            and self.replay.asked < self.limits.requests
            and self.session.territory.refusal(flipped) is None
        ):
            say(f"nothing answers at {self.url}; trying {flipped.partition(':')[0]}")
            again = await self._walk_from([flipped])
            again.unread[:0] = found.unread
            return again
        return found

    async def _walk_from(self, entries: Sequence[str]) -> Findings:
        walk = Walk(
            self._ask,
            self._show,
            limits=self.limits,
            refusal=self.session.territory.refusal,
            last_year=self.last_year,
            searched=True,
            render=self._render,
        )
        found = await walk.run(entries)
        found.unread += [
            (step.url, step.trail[-1] if step.trail else "", "not asked any more") for step in walk.left()[:20]
        ]
        return found

    async def _read(self, found: Findings) -> _Reading | None:
        """Read every listing to its end, as the family that understands most of them."""
        if not found.listings:
            return None
        say(f"{len(found.listings)} columns found; reading them to their end")
        rows = [self._listing(one.url, _title(one), _form(one)) for one in found.listings]
        shown = [found.pages[one.url][0] for one in found.listings]
        best: _Reading | None = None
        for kind, _ in candidates(shown, most=_MOST_TRIALS):
            made = await self._as_family(kind, rows)
            if best is None or made.worth > best.worth:
                best = made
            if made.worth[0] == len(rows) and made.worth[1]:
                break
        return best

    async def _as_family(self, kind: type[PortalSpider], rows: Sequence[Listing]) -> _Reading:
        spider = self._stand(kind, rows)
        made = _Reading(kind, [])
        for row in rows:
            state = OpenLook(row, self.now)
            await read_column(spider, state)
            store(self.replay, state)  # type: ignore[arg-type]
            leads = [lead_of(link, row, self.portal, ()) for link in state.links.values()]
            made.rows.append((row, state, promising(leads)))
        return made

    # -------------------------------------------------------------------------------------------- what it comes to

    def _listings(
        self, found: Findings, reading: _Reading | None, body: str
    ) -> tuple[list[ProbedListing], list[dict[str, Any]]]:
        """Return the listings worth keeping and their leads: not those that others show to their end."""
        if reading is None:
            return [], []
        rows = list(zip(found.listings, reading.rows, strict=True))
        kept: list[ProbedListing] = []
        leads: dict[str, dict[str, Any]] = {}
        for one, (row, state, reports) in rows:
            urls = {lead.url for lead in reports}
            good = state.outcome is LookOutcome.OK
            good = good or state.outcome is LookOutcome.SCRIPT_ONLY  # what is in it, nobody has read
            if not urls and not (good and one.why == "label"):
                found.unread.append((one.url, _title(one), in_words(state.reason) or str(state.outcome)))
                continue
            if any(_covers(other, one, urls) for other in rows if other[0] is not one):
                found.refused.append((one.url, _title(one), "another listing shows all of it"))
                continue
            agency, covers, whose = _whose(one, reports, self.portal, body)
            sisters = {year for other in rows if other[0] is not one if (year := _year_of(other[0], other[1][2]))}
            kept.append(
                ProbedListing(
                    url=row.url,
                    title=row.column,
                    form=str(row.form),
                    why=one.why,
                    way=(*one.step.via, one.url),
                    agency=agency,
                    year=_year_of(one, reports, sisters),
                    covers=covers,
                    whose=whose,
                    reports=len(urls),
                    items=len(state.links),
                    outcome=str(state.outcome),
                    reason=state.reason,
                    sure=_sure(one, state, urls),
                )
            )
            for lead in reports:
                leads.setdefault(
                    lead.url,
                    {"title": lead.title, "url": lead.url, "agency": lead.agency_name or agency or None,
                     "year": lead.year, "listing": row.url},
                )  # fmt: skip
        return kept, list(leads.values())

    def _hosts(self, wanted: set[str]) -> tuple[str, ...]:
        """The hosts a spider needs: those of listings and reports; sub-domains as a whole where any of them is met."""
        scope = self.session.spider.hosts
        plain = [host for host in scope if not host.startswith(".")]
        own = [host for host in plain if host in wanted or host == scope[0]] or list(scope[:1])
        others = {host.removesuffix(":80").removesuffix(":443") for host in wanted} - set(plain)
        wild = [host for host in scope if host.startswith(".")]
        return tuple(dict.fromkeys([*own, *plain, *(wild if others else [])]))

    def _entrances(self, found: Findings, listings: Sequence[ProbedListing]) -> tuple[str, ...]:
        """Pages on which a new column will be linked: hubs that are no listings, and the page begun from."""
        columns = {bare(one.url) for one in listings}
        pages = [url for url in found.hubs if bare(url) not in columns]
        homes = [url for url in found.pages if urlsplit(url).path in {"", "/"}]
        first = next(iter([*homes, *found.pages]), self.url)
        if not pages or bare(first) not in {bare(url) for url in pages}:
            pages.append(first)
        return tuple(url for url in dict.fromkeys(pages) if bare(url) not in columns)[:6]

    def _agencies(
        self, listings: Sequence[ProbedListing], leads: Sequence[dict[str, Any]], addressed: Template | None
    ) -> list[ProbedAgency]:
        made: dict[str, ProbedAgency] = {}

        def put(printed: str, source: str, code: str = "") -> None:
            name = names.complete(body_name(printed), self.portal.place or None)
            if not body_name(name.text) or (self.portal.place and name.foreign):
                return
            row = ProbedAgency(name.text, str(names.kind_of(name)), code, source)
            if name.text not in made or (code and not made[name.text].code):
                made[name.text] = row

        if addressed is not None and any(one.form == "addressed" for one in listings):
            for organ in addressed.organs:
                put(organ.name, organ.source, organ.code)
        for one in listings:
            put(one.agency, one.url)
        for lead in leads:
            put(str(lead["agency"] or ""), str(lead["listing"]))
        years: dict[str, set[int]] = {}
        for lead in leads:
            if lead["agency"]:
                name = names.complete(body_name(str(lead["agency"])), self.portal.place or None).text
                years.setdefault(name, set()).add(int(lead["year"] or 0))
        return list(with_short_names(made, years, self.portal.place).values())

    def _reasons(self, found: Findings) -> list[str]:
        """Why nothing was found, as far as it shows."""
        if found.listings:
            return []
        told = [f"{url}: {reason}" for url, _, reason in found.unread[:4]]
        foreign = [
            f"{url} lies outside the portal ({reason})" for url, _, reason in found.refused if reason == "foreign_host"
        ]
        if found.pages and not told and not foreign:
            return ["no page that was seen names or holds a column of 政府信息公开年报"]
        return [*told, *foreign[:3]]

    def _why_family(self, family: type[PortalSpider] | None, scores: dict[str, int], reading: _Reading | None) -> str:
        if family is None:
            return ""
        marks = scores.get(family.family, 0)
        said = (
            f"{marks} marks of it on the pages seen"
            if marks
            else "no mark of a known system: read from the pages alone"
        )
        if reading is None or reading.family is not family:
            return said
        return f"{said}; as it, {reading.worth[0]} of {len(reading.rows)} listings are read to their end"

    # -------------------------------------------------------------------------------------------- addressed reports

    def _class(self, family: str) -> type[PortalSpider] | None:
        from crawler.family_classes import family_classes  # noqa: PLC0415

        return family_classes().get(family)

    async def _addressed(self, pages: Sequence[Page]) -> tuple[Template | None, int | None, list[str]]:
        """Find the addresses by organ and year that answer, and the first year that does."""
        notes: list[str] = []
        for template in templates(pages)[:4]:
            kind = self._class(template.family)
            if kind is None or kind.judge_addressed is PortalSpider.judge_addressed:
                notes.append(f"addresses by organ and year were seen ({template.url}); no family reads their answers")
                continue
            first = await self._first_year(template, kind)
            if first is not None:
                return template, first, notes
            notes.append(f"no report answered at {template.url}")
        return None, None, notes

    async def _first_year(self, template: Template, kind: type[PortalSpider]) -> int | None:
        spider = self._stand(kind, ())
        ordered = sorted(template.organs, key=lambda organ: not organ.name.endswith("政府"))
        firsts: list[int] = []
        for organ in ordered[:6]:
            if len(firsts) < _SAMPLE and (first := await self._first_of(organ, template, spider)) is not None:
                firsts.append(first)
        return min(firsts, default=None)

    async def _first_of(self, organ: Organ, template: Template, spider: PortalSpider) -> int | None:
        """The first year of an unbroken run of reports of one organ (two years without one end it)."""
        good: int | None = None
        missed = 0
        for year in range(self.last_year - 1, self.last_year - 1 - _YEARS_BACK, -1):
            url = template.url.replace("{code}", organ.code).replace("{year}", str(year))
            if self.session.territory.refusal(url) is not None:
                break
            fetched = await self.replay.fetch(url, role=CaptureRole.REPORT)
            is_page = fetched.verdict.outcome is CaptureOutcome.PAGE
            verdict = spider.judge_addressed(fetched.page) if is_page else fetched.verdict
            if verdict.outcome is CaptureOutcome.PAGE and not verdict.reason:
                good, missed = year, 0
                title = link_to(fetched.page, url).text
                self.answered.append(
                    {"title": title, "url": url, "agency": organ.name, "year": year, "listing": template.url}
                )
            else:
                missed += 1
            if fetched.spent or missed >= (2 if good else 3):
                break
        return good

    def _addressed_row(self, one: Template) -> ProbedListing:
        return ProbedListing(
            url=one.url,
            title="政府信息公开年报",
            form="addressed",
            why="label",
            way=(one.source,),
            whose=f"{len(one.organs)} organs with codes are named on {one.source}",
            sure="found, and a report answered at an address made so",
            outcome="ok",
        )

    def recorded(self) -> Replay:
        """Return what was seen, for the recording."""
        return self.replay


def _addresses_of(template: Template) -> re.Pattern[str]:
    """The addresses that a template makes."""
    shape = re.escape(template.url).replace(r"\{code\}", r"[^&/?#]+").replace(r"\{year\}", r"\d{4}")
    return re.compile(shape)


def _tell_passed(found: Findings, taken: set[str]) -> None:
    """Say first, before other places that were left, which pages hold reports that no listing shows."""
    rows = [
        (url, text, f"it was taken for no column; {left} of the reports it shows stand in no listing")
        for url, text, reports in found.passed
        if (left := len(set(reports) - taken))
    ]
    (found.refused if found.listings else found.unread)[:0] = rows


def _worth(made: Shown) -> tuple[int, bool, bool, bool]:
    """How much a family makes of a page."""
    return len(made.reports), made.is_shell, made.is_scripted, made.is_empty


def _form(one: Found) -> ListingForm:
    return ListingForm.SEARCHED if one.why == "search" else ListingForm.COLUMN


def _title(one: Found) -> str:
    """The part of the way that says what a column is: from the first label of a body or of reports on."""
    labels = [text for text in one.step.trail if text]
    start = next((at for at, text in enumerate(labels) if body_said(text) or "报" in text), max(0, len(labels) - 1))
    return ">".join(dict.fromkeys(labels[start:]))[-120:] or one.title


def _covers(other: tuple[Found, tuple[Listing, OpenLook, list[Lead]]], one: Found, urls: set[str]) -> bool:
    """Whether another listing, read to its end, shows all that this one shows (of equals, the first one stays)."""
    found, (_, state, leads) = other
    shown = {lead.url for lead in leads}
    if state.outcome is not LookOutcome.OK or not urls or not urls <= shown:
        return False
    return urls < shown or (found.step.depth, found.url) < (one.step.depth, one.url)


def _whose(one: Found, reports: Sequence[Lead], portal: Portal, body: str) -> tuple[str, tuple[str, ...], str]:
    """Return (the one body, kinds, why)."""
    named = next((text for label in reversed(one.step.trail) if (text := body_said(label)) and body_name(text)), "")
    if named:
        return named, (), f"it stands below the link {named}"
    kinds = next((kinds for label in reversed(one.step.trail) if (kinds := kinds_said(label))), ())
    if kinds:
        return "", tuple(str(kind) for kind in kinds), "its label says so"
    if body:
        return body, (), "the site is this body's own"
    printed = {names.complete(lead.agency_name, portal.place).text for lead in reports if lead.agency_name}
    if len(printed) == 1 and len(reports) >= 3:
        return printed.pop(), (), f"all {len(reports)} reports are this body's"
    return "", (), "its label does not say whose; bodies are expected where they were seen"


def _year_of(one: Found, reports: Sequence[Lead], sisters: Collection[int] = ()) -> int | None:
    """The reporting year of a column whose label is that of one: what all its reports say (a folder may be named after
    the year of publication). ``sisters``: the years of other columns; beside several of them one of yet another year is
    a folder as they are, whatever link led to it.
    """
    years = {lead.year for lead in reports}
    labelled = any(names_a_year(text) for text in one.step.trail) or (len(sisters) > 1 and not years & set(sisters))
    return years.pop() if labelled and len(years) == 1 and reports else None


def _sure(one: Found, state: OpenLook, urls: set[str]) -> str:
    said = _WHY[one.why]
    if state.outcome is LookOutcome.OK and urls:
        return f"{said} and read to its end"
    if state.outcome is LookOutcome.OK:
        return f"{said.replace('found by', 'found, but empty: by')}"
    if state.outcome is LookOutcome.SCRIPT_ONLY and state.reason == "scripts_make_the_list":
        return "found, but scripts make its list, and no browser showed it"
    joined = "; " if ", but " in said else ", but "
    said = "found" if one.why == "label" else said
    return f"{said}{joined}not read to its end: {in_words(state.reason) or state.outcome}"


# ------------------------------------------------------------------------------------------------ the process


def main() -> int:
    """Entry of the process. The scratch archive is that of ``NIANBAO_ARCHIVE``, made here."""
    import os  # noqa: PLC0415

    logging.captureWarnings(capture=True)
    path = Path(os.environ["NIANBAO_ARCHIVE"])
    wanted = json.loads((path.parent / REQUEST).read_text(encoding="utf-8"))
    try:
        _prepare(path, wanted)
        return _crawl(path, wanted.get("slug", NAME))
    except (CrawlError, StorageError) as error:
        sys.stdout.write(f"{error}\n")
        return 3


def _prepare(path: Path, wanted: dict[str, Any]) -> None:
    init_home(path, simulated=bool(wanted["simulated"])).close()
    for name in (IMITATION, "locks"):
        if (path.parent / name).exists():
            (path / name).symlink_to((path.parent / name).resolve())
    if slug := wanted.get("slug"):
        for suffix in ("py", "csv"):
            (path / "portals" / f"{slug}.{suffix}").write_bytes((path.parent / f"{slug}.{suffix}").read_bytes())
        return
    text = portal_text(NAME, family="dated_list", place="", hosts=wanted["hosts"], cluster=wanted["cluster"])
    (path / "portals" / f"{NAME}.py").write_text(text, encoding="utf-8")
    (path / "portals" / f"{NAME}.csv").write_text(",".join(portals.COLUMNS) + "\n", encoding="utf-8")


def _crawl(path: Path, name: str) -> int:
    settings = get_project_settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.set("LOG_LEVEL", "ERROR", priority="cmdline")
    settings.set("NIANBAO_FLOW", "crawler.probing.ProbeFlow", priority="cmdline")
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(portals.find(name, path))
    failed: list[BaseException] = []

    def note(failure: Failure) -> None:
        failed.append(failure.value or CrawlError("unknown"))

    crawler.signals.connect(note, signals.spider_error, weak=False)
    process.crawl(crawler, purpose="probe").addErrback(note)
    process.start()
    if failed:
        sys.stdout.write(f"{type(failed[0]).__name__}: {failed[0]}\n")
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
