"""Which request leads to the next page of a list: a link, a number, a form, or a content system's own way. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from crawler.lists import claims
from crawler.lists.fetch import Request
from crawler.lists.idioms import SHELLS, TURNED, Idiom
from crawler.lists.page import Page

LINKS = "links"  # what leads on where no idiom does


def next_request(
    pages: Sequence[Page], asked: Collection[str], shell: Page | None = None, way: str = ""
) -> tuple[Request, str] | None:
    """Return the request that leads on, and by what. ``way``: that of an earlier look, tried before others."""
    last, number = pages[-1], len(pages) + 1
    nexts = [one for one in last.controls if one.kind == "next" and one.enabled]
    numbers = [one for one in (*last.controls, *pages[0].controls) if one.kind == "number" and one.number == number]
    linked = [Request(one.url) for one in (*nexts, *numbers) if one.url]
    linked += [Request(pages[0].url, form=one.form) for one in nexts if one.form is not None]
    request = next((one for one in linked if key_of(one) not in asked), None)
    return (request, LINKS) if request is not None else _next_by_system(pages, asked, shell, way)


def _next_by_system(
    pages: Sequence[Page], asked: Collection[str], shell: Page | None, way: str
) -> tuple[Request, str] | None:
    number = len(pages) + 1
    if shell is not None:
        totals = [one.value for one in claims.choose(list(pages[-1].claims), claims.TOTAL)]
        if totals and _count_rows(pages) >= max(totals):
            return None
    for idiom in order_idioms(SHELLS if shell is not None else TURNED, way):
        request = idiom(shell if shell is not None else pages[0], number)
        if request is not None and key_of(request) not in asked:
            return request, idiom.__name__
    return None


def order_idioms(idioms: Iterable[Idiom], way: str) -> list[Idiom]:
    """Return the ways of content systems, that of an earlier look first."""
    return sorted(idioms, key=lambda one: one.__name__ != way)


def _count_rows(pages: Sequence[Page]) -> int:
    return sum(max((len(block.entries) for block in page.blocks), default=0) for page in pages)


def key_of(request: Request) -> str:
    """Return what tells requests apart."""
    return request.url if request.form is None else f"{request.url} {sorted(request.form)}"
