"""Of every recorded list of every portal: with anything taken away, or any claim added, a look is never ok."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from archive.identity.addresses import is_unlinked
from crawler import portals
from crawler.items import ListingSnapshot
from crawler.lists.pager_idioms import Idiom, idioms
from storage.records import ListingForm, LookOutcome
from tests.answering_source import AnsweringSource
from tests.old_replay import Held, Key
from tests.test_every_portal import NAMES, crawl, recorded

Pages = dict[Key, Held]
COUNTING = [one for one in idioms() if one.kind != "answer" and re.search("TOTAL|PAGES", one.example)]
TOTALS = [one for one in COUNTING if "TOTAL" in one.example]


def _lists(name: str) -> dict[str, str]:
    """The columns of a portal, with the address of the first page of each."""
    return {f"{name}:{spec.key}": spec.url for spec in portals.find(name).listings if spec.form is ListingForm.COLUMN}


LISTS = [(name, listing, url) for name in NAMES for listing, url in _lists(name).items()]
of_each_list = pytest.mark.parametrize(("name", "listing", "url"), LISTS, ids=[listing for _, listing, _ in LISTS])


def outcomes(name: str, pages: Pages) -> tuple[dict[str, LookOutcome], AnsweringSource]:
    source = crawl(portals.find(name), pages)
    return {look.listing: look.outcome for look in source.stored}, source


def entries(source: AnsweringSource, listing: str) -> list[str]:
    """The addresses of the entries that a look at a list found."""
    look = next(look for look in source.stored if look.listing == listing)
    return [link.url for link in look.links if not is_unlinked(link.url)]


def with_markup(pages: Pages, url: str, markup: str) -> Pages:
    """The pages of a portal with something added at the end of one of them."""
    held = pages[url, None]
    body, end = held.body, held.body.rfind(b"</body>")
    return {**pages, (url, None): replace(held, body=body[:end] + markup.encode() + body[end:])}


def shown(idiom: Idiom, total: int, pages: int) -> str:
    return idiom.example.replace("TOTAL", str(total)).replace("PAGES", str(pages))


@of_each_list
def test_with_a_claim_that_is_not_met_it_is_never_ok(name: str, listing: str, url: str) -> None:
    held = recorded(name)
    _, source = outcomes(name, held)
    look = next(look for look in source.stored if look.listing == listing)
    for page in _recorded_of(look, held):
        for idiom in COUNTING:
            found, _ = outcomes(name, with_markup(held, page, shown(idiom, 77, 6)))
            assert found[listing] is LookOutcome.PARTIAL, (page, idiom)


@of_each_list
def test_with_a_total_that_is_met_it_stays_ok(name: str, listing: str, url: str) -> None:
    held = recorded(name)
    _, source = outcomes(name, held)
    count = len(entries(source, listing))
    for idiom in TOTALS:
        found, _ = outcomes(name, with_markup(held, url, shown(idiom, count, 1)))
        assert found[listing] is LookOutcome.OK, idiom


@of_each_list
def test_with_a_page_or_an_entry_taken_away_it_is_never_ok(name: str, listing: str, url: str) -> None:
    held = recorded(name)
    _, source = outcomes(name, held)
    look = next(one for one in source.stored if one.listing == listing)
    for capture in _recorded_of(look, held):
        rest = {key: page for key, page in held.items() if key[0] != capture}
        assert outcomes(name, rest)[0][listing] is not LookOutcome.OK, capture
    count = len(entries(source, listing))
    counted = with_markup(held, url, shown(TOTALS[0], count, 1))
    for link in look.links:
        less = {key: replace(page, body=_without(page.body, link.url)) for key, page in counted.items()}
        assert outcomes(name, less)[0][listing] is not LookOutcome.OK, link


def _recorded_of(look: ListingSnapshot, pages: Pages) -> list[str]:
    """The recorded pages that a look read; the next number that is tried is none."""
    return [capture for capture in look.captures if (capture, None) in pages]


def _without(body: bytes, url: str) -> bytes:
    """A page without the row that links an address."""
    document = re.escape(url.rpartition("/")[2])
    return re.sub(
        rf'<(li|tr)\b(?:(?!</\1>).)*?href="[^"]*{document}".*?</\1>', "", body.decode(), flags=re.DOTALL
    ).encode()
