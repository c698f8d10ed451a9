"""With any answer or entry taken away, emptied, repeated or cut, or a claim raised, no list is called complete."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.lists.list_reader import ListReading, read_list
from crawler.lists.page import Answer, Fetch, Request
from tests.lists.played_portals import NAMES, Played, WithTwin, made_up, played, walk

TOTALS = ("channel_oid", "dated_list", "gkmlpt", "hanweb_jpaas", "ucap_query", "vsb", "ucap")
PAGES = ("trs_bare", "trs_dated", "lonsun", "ucap_packed", "hebei", "rednet", "easysite", "cms_html")  # state no total
_ROW = re.compile(
    r"<li(?:(?!</li>).)*20\d\d年(?:(?!</li>).)*</li>|<tr>(?:(?!</tr>).)*20\d\d年(?:(?!</tr>).)*</tr>"
    r'|\{[^{}]*"url[^{}]*(?:\{[^{}]*\}[^{}]*)?\}',
    re.S,
)
_CLAIMS = (
    r"共(?:<em>)?(\d+)", r'"total": (\d+)', r'count=\\?"(\d+)', r"createPageHTML\((\d+)", r"pageCount:(\d+)",
    r"countPage = (\d+)", r"'shtml',(\d+)\)", r">(4)</a>", r">第(\d)页</option>",
)  # fmt: skip


class Damaged:
    """A fetch that damages one of the answers that hold rows, counted from 0."""

    def __init__(self, fetch: Fetch, at: int, damage: Callable[[Answer, Answer], Answer]) -> None:
        self.fetch, self.at, self.damage = fetch, at, damage
        self.first: Answer | None = None
        self.number = -1
        self.changed = False

    def __call__(self, request: Request) -> Answer:
        answer = self.fetch(request)
        if not _ROW.search(answer.body.decode()):
            return answer
        self.first = self.first or answer
        self.number += 1
        if self.number != self.at:
            return answer
        damaged = self.damage(answer, self.first)
        self.changed = damaged.body != answer.body
        return damaged


def _edit(change: Callable[[str], str]) -> Callable[[Answer, Answer], Answer]:
    return lambda answer, _: replace(answer, body=change(answer.body.decode()).encode())


def _raise_claim(text: str) -> str:
    """Let the last statement of the first kind that stands there say one more."""
    for pattern in _CLAIMS:
        for at in list(re.finditer(pattern, text))[-1:]:
            return text[: at.start(1)] + str(int(at[1]) + 1) + text[at.end(1) :]
    return text


def _drop_one(text: str) -> str:
    rows = list(_ROW.finditer(text))
    at = rows[len(rows) // 2]
    after = text[at.end() :].removeprefix(",").removeprefix(" ")
    return (
        text[: at.start()].rstrip(", ") + ("" if not at[0].startswith("{") or after.startswith("]") else ", ") + after
    )


DAMAGES: dict[str, Callable[[Answer, Answer], Answer]] = {
    "taken away": lambda answer, _: replace(answer, status=404, body=b"<h1>404 Not Found</h1>"),
    "not answered": lambda answer, _: replace(answer, status=0, body=b""),
    "emptied": _edit(lambda text: _ROW.sub("", text)),
    "repeated": lambda answer, first: first if answer is not first else replace(answer, body=b"<ul></ul>"),
    "cut": _edit(lambda text: text[: len(text) * 2 // 3]),
    "without an entry": _edit(_drop_one),
}


def read(portal: Played, fetch: Fetch, known: tuple[str, ...] = ()) -> ListReading:
    return read_list(next(iter(portal.truth)), fetch, portal.is_report, known_urls=known)


def holds_all(reading: ListReading, portal: Played) -> bool:
    return next(iter(portal.truth.values())) <= {entry.url for entry in reading.entries}


def refuse_raised_claims(portal: Played, pages: int) -> None:
    damaged = [Damaged(portal.fetch, at, _edit(_raise_claim)) for at in range(pages)]
    raised = [reading for fetch in damaged if (reading := read(portal, fetch)) and fetch.changed]
    assert raised
    assert not any(reading.is_whole for reading in raised)


@pytest.mark.parametrize("family", [*TOTALS, *PAGES])
def test_damage_is_noticed_in_one_look_if_a_list_states_its_total_and_else_by_what_was_known(
    tmp_path: Path, family: str
) -> None:
    with played(tmp_path, made_up(family)) as portal:
        whole = read(portal, portal.fetch)
        assert whole.is_whole
        assert holds_all(whole, portal)
        known = tuple(entry.url for entry in whole.entries) if family in PAGES else ()
        for name, damage in DAMAGES.items():
            for at in range(whole.pages):
                is_part = name == "cut" and family == "lonsun"  # its answers are parts of pages, which have no end
                is_unseen = (is_part or name == "without an entry") and at == whole.pages - 1
                damaged = read(portal, Damaged(portal.fetch, at, damage), known if is_unseen else ())
                assert not damaged.is_whole or holds_all(damaged, portal), (name, at)
        if family != "ucap_packed":  # its claims are packed
            refuse_raised_claims(portal, whole.pages)


@pytest.mark.parametrize("family", PAGES[:3])
def test_what_a_directory_by_agency_shows_is_missed_on_the_whole_list(tmp_path: Path, family: str) -> None:
    with played(tmp_path, made_up(family)) as portal:
        column = next(iter(portal.truth))
        whole = read(portal, portal.fetch)
        twin = WithTwin(portal.fetch, column, whole.entries)
        undamaged = walk(twin)
        assert len(undamaged) == 1 + len(NAMES)
        assert all(one.is_whole for one in undamaged)
        twin.fetch = Damaged(portal.fetch, whole.pages - 1, DAMAGES["without an entry"])
        walked = walk(twin)
        damaged = next(one for one in walked if one.url == column)
        assert "known_entry" in {one.rule for one in damaged.unmet} or holds_all(damaged, portal)
