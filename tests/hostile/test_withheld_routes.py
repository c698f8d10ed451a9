"""What a ruling withholds is in no route, format or cache of the server: each address is asked before and after it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from starlette.routing import compile_path

from archive.exports.formats.columns import FileFormat
from nianbao.application import application
from nianbao.questions import QUESTIONS
from storage.captures import CaptureStore
from storage.home import open_home
from tests.hostile.withheld_reports import BYTES, CZJ, SFJ, two_reports, unpacked
from tests.patience import PATIENCE
from tests.played import nianbao
from tests.served import served

_PART = re.compile(r"\{(\w+)(?::\w+)?\}")
ACCEPTED = ("application/json", "text/csv")  # the other formats are asked for by suffix
OWN = {"place": "汶上县", "agency": CZJ, "body": [CZJ, SFJ], "query": "公开", "text": "公开", "portal": "wenshang"}

ASKED_BY_NAME = frozenset(one.name for one in QUESTIONS)


@dataclass(frozen=True)
class Answer:
    """What came from an address."""

    status: int
    content: bytes
    tag: str


def addresses(app: Any, captures: Mapping[str, str]) -> Iterator[str]:
    """Every address that the routes of the application make of what is in the archive."""
    values = {
        "lang": ["zh"],  # titles and addresses stand in pages of either alike
        "agency": ["wenshang/sfj", "wenshang/czj"],
        "year": ["2025"],
        "indicator": ["applications.received.total"],
        "url": sorted({one.url for one in CaptureStore(app.state.home).for_portal("wenshang")}),
    }
    tables, questions = [f".{one}" for one in FileFormat], [one.name for one in QUESTIONS]
    suffixes = {":picture": [".svg"], "/ask/": [".zip"], ":suffix": [*tables, ".metadata.json"]}  # pages give the same
    names = {"/ask/": questions, "": [*captures.values(), "wenshang"]}
    for path in dict.fromkeys(route.path for route in _flat(app.routes) if "GET" in (route.methods or ())):
        _, _, parameters = compile_path(path)
        for part, choices in {"name": names, "suffix": suffixes}.items():
            values[part] = next((choice for mark, choice in choices.items() if mark in path), [])
        for given in product(*(values[name] for name in parameters)):
            filled = dict(zip(parameters, given, strict=True))
            address = _PART.sub(lambda part, filled=filled: filled[part[1]], path)
            yield address + _asked(address)


def one_file_a_question(paths: list[str]) -> list[str]:
    """Leave out all files of a question but one, its format by turns; leads stay in every format. Left out is too what
    is about the agency of which nothing is withheld.
    """
    files: dict[str, list[str]] = {}
    for path in (path for path in paths if "wenshang/czj" not in path):
        question, _, ending = path.partition("?")[0].rpartition("/")[2].partition(".")
        files.setdefault(question if ending and question in ASKED_BY_NAME else path, []).append(path)
    return [
        path
        for turn, (question, choices) in enumerate(files.items())
        for path in (choices if question == "leads" else [choices[turn % len(choices)]])
    ]


def _flat(routes: Any) -> Iterator[Any]:
    """Routes that have methods, those of routers within included."""
    for route in routes:
        if hasattr(route, "methods"):
            yield route
        router = getattr(route, "original_router", route)  # FastAPI keeps routers whole
        yield from _flat(getattr(router, "routes", None) or ())


def _asked(path: str) -> str:
    name = path.rpartition("/")[2].partition(".")[0]
    for one in QUESTIONS:
        if one.name == name and one.example:
            return "?" + urlencode({key: OWN.get(key, value) for key, value in one.example.items()}, doseq=True)
    return ""


def walk(
    client: httpx.Client, paths: list[str], before: Mapping[tuple[str, str], Answer]
) -> dict[tuple[str, str], Answer]:
    """Ask every address for every kind of answer; with the tag of an answer that was given ``before``."""
    found = {}
    for path in paths:
        for kind in ACCEPTED if path.startswith("/api/") and "." not in path.partition("?")[0] else ("*/*",):
            earlier = before.get((path, kind))
            headers = {"Accept": kind} | ({"If-None-Match": earlier.tag} if earlier and earlier.tag else {})
            answer = client.get(path, headers=headers)
            found[path, kind] = Answer(answer.status_code, answer.content, answer.headers.get("etag", ""))
    return found


def named(answers: Mapping[tuple[str, str], Answer], folder: Path) -> set[str]:
    """The addresses whose answers name what is to be withheld."""
    found = set()
    for number, ((path, _), answer) in enumerate(answers.items()):
        place = folder / str(number)
        place.mkdir(parents=True)
        (place / "answer").write_bytes(answer.content)
        if any(form in part for part in unpacked(place) for form in BYTES):
            found.add(path)
    return found


@pytest.mark.parametrize("is_every_file", [False, True], ids=["one file a question", "every file"])
def test_no_route_names_what_is_withheld_in_any_format_or_from_any_cache(is_every_file: bool, tmp_path: Path) -> None:
    path = tmp_path / "archive"
    captures = two_reports(path)
    with open_home(path, read_only=True) as home:
        app = application(home, a_minute=0)
        every = [*addresses(app, captures)]
        paths = every if is_every_file else one_file_a_question(every)
        with served(app) as address, httpx.Client(base_url=address, timeout=PATIENCE) as client:
            before = walk(client, paths, {})
            shown = named(before, tmp_path / "before")
            assert {"/api/v1/leads", "/api/v1/leads.xlsx"} <= shown
            assert any(path.startswith("/zh/ask/search?") for path in shown)
            assert {f"/captured/{captures['list']}", f"/captured/{captures['list']}/file"} <= shown
            ran = nianbao("withhold", SFJ, "2025", "--by", "archivist", "--reason", "an applicant asked", archive=path)
            assert ran.code == 0
            after = walk(client, paths, before)
    assert named(after, tmp_path / "after") == set()
    unchanged = {path for (path, _), answer in after.items() if answer.status == 304}
    assert not unchanged & {one for one in paths if one.startswith("/api/")}
    assert {answer.status for answer in after.values()} <= {200, 302, 307, 404, 422}
