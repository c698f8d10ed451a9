"""What a ruling withholds is named by no command, route, form of an answer, file, cache or spelling."""

from __future__ import annotations

import gzip
import io
import re
import shlex
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from small_archive import SmallSite, new_archive, report_page, title
from starlette.routing import compile_path

from archive.exports.formats.columns import FileFormat
from archive.projection.update import update
from archive.queries.withholding import HIDDEN, HIDDEN_ADDRESS, Secrets, spell_address_alike, spell_alike
from nianbao.application import application
from nianbao.cli.command_table import SECTIONS, CommandGroup, program
from nianbao.questions import QUESTIONS
from storage.captures import CaptureStore
from storage.home import open_home
from storage.records import AgencyKind, CaptureOutcome, CaptureRole
from tests.case_tables import read_cases
from tests.patience import PATIENCE
from tests.played import nianbao
from tests.served import served

SFJ, CZJ = "汶上县司法局", "汶上县财政局"
DOWNLOAD = "点击下载附件"
MARK = "石榴园纠纷"
TITLE = f"{SFJ}2025年政府信息公开工作年度报告（{MARK}）"
BESIDE = title(CZJ)
#: How a text may name what is withheld: its mark and the address of its page, in their spellings.
SPELLINGS = (
    *(MARK, "".join(rf"\u{ord(one):04x}" for one in MARK), quote(MARK), quote(MARK).lower(), quote(quote(MARK))),
    *(quote(MARK.encode("gbk")), "nb/1.html", "nb%2F1.html"),
)
BYTES = (*(one.encode() for one in SPELLINGS), MARK.encode("utf-16-le"))
TOTAL = "applications.received.total"


def two_reports(path: Path) -> dict[str, str]:
    """Make the archive, and give the ids of captures in it: attachments that came empty, a page, a list."""
    with new_archive(path) as home:
        site = SmallSite(home, first_year=2025)
        site.departments(sfj=SFJ, czj=CZJ)
        site.agency("zf", "汶上县人民政府", AgencyKind.GOVERNMENT)
        column = site.column()
        links = [("nb/1.html", TITLE, "2026-01-25"), ("nb/2.html", BESIDE, "2026-01-25")]
        site.look("2026-01-26 09:00", column, links)
        address, linked = site.url("nb/1.html"), site.url(f"files/{quote(MARK)}.doc")
        for day in (26, 27):
            own = site.fetch(f"2026-01-{day} 09:01", "nb/1.html", report_page(SFJ, 2025, {TOTAL: day}, text="我局"))
            said = f"上一篇：{TITLE.replace('年度', '年 度')}。另见{TITLE}，第{day}日。"
            said += f"{DOWNLOAD}：{linked}，亦见{address}。"
            page = site.fetch(f"2026-01-{day} 09:02", "nb/2.html", report_page(CZJ, 2025, {TOTAL: day}, text=said))
        site.fetch(
            "2026-01-27 09:03", "files/8.html", "<html><body><p>办件量说明。</p></body></html>".encode(),
            role=CaptureRole.ATTACHMENT, via=page.id, link_text=TITLE,
        )  # fmt: skip
        gone = {"role": CaptureRole.ATTACHMENT, "outcome": CaptureOutcome.EMPTY}
        empty = site.fetch("2026-01-26 09:03", "files/9.doc", b"", via=page.id, link_text=TITLE, **gone)
        file = site.fetch("2026-01-26 09:04", f"files/{MARK}.doc", b"", via=own.id, link_text=DOWNLOAD, **gone)
        named = [
            site.fetch(f"2026-01-26 09:{at}", f"{one}.doc", b"", via=page.id, link_text="附件", **gone)
            for at, one in enumerate((quote(TITLE), quote(TITLE.encode("gbk")), quote(quote(TITLE))), start=10)
        ]
        look = site.look("2026-01-28 09:00", column, links)
        update(home)
    held = {"empty": empty, "page": page, "gone": file, "named": named[0], "gbk": named[1], "twice": named[2]}
    return {name: one.id for name, one in held.items()} | {"list": look.captures[0]}


def unpacked(folder: Path) -> Iterator[bytes]:
    """What was written into a folder, unpacked."""
    for path in folder.rglob("*"):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                inside = [packed.read(name) for name in packed.namelist()]
        else:
            inside = [path.read_bytes()] if path.is_file() else []
        yield from map(_plain, inside)


def _plain(content: bytes) -> bytes:
    if content.startswith(b"PAR1"):
        import pyarrow.parquet as pq

        return repr(pq.read_table(io.BytesIO(content)).to_pylist()).encode()
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


# ------------------------------------------------------------------------------------------------ commands

LINES = read_cases(__file__, "asked")
NOT_ASKED = dict(read_cases(__file__, "not_asked"))
FORMS = ("--json", "--csv", "--jsonl")


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, frozenset[str]]]:
    """Every command with its options."""
    if hasattr(command, "commands"):
        names = command.all_names() if isinstance(command, CommandGroup) and not path else command.list_commands(None)
        for name in names:
            if path or name not in SECTIONS:  # whose commands have shorter names
                yield from leaves(command.get_command(None, name), (*path, name))
    else:
        yield " ".join(path), frozenset(option for one in command.params for option in one.opts)


OPTIONS = dict(leaves(program()))


def named(line: str) -> str:
    """The command of a line."""
    words = line.split()
    return next(name for name in (" ".join(words[:2]), words[0]) if name in OPTIONS)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Two reports: the first is withheld; the page of the second links it, as does an attachment that came empty."""
    path = tmp_path_factory.mktemp("withheld") / "archive"
    captures = two_reports(path)
    nianbao("withhold", SFJ, "2025", "--by", "archivist", "--reason", f"asked for {TITLE}", archive=path, code=0)
    return path, captures


def test_every_command_is_asked_or_told_why_not() -> None:
    assert {named(line) for line in LINES} | NOT_ASKED.keys() == OPTIONS.keys()


@pytest.mark.parametrize("line", LINES)
@pytest.mark.nightly
def test_no_command_names_what_is_withheld(archive: tuple[Path, dict[str, str]], line: str, tmp_path: Path) -> None:
    path, captures = archive
    forms = [one for one in FORMS if one in OPTIONS[named(line)]]
    for number, form in enumerate(("", *forms)):
        words = shlex.split(line.format(file=tmp_path / f"file{number}", **captures))
        ran = nianbao(*words, *filter(None, [form]), archive=path)
        assert ran.code in {0, 1}, ran.err
        if line == f"search {MARK}":  # the command repeats what was typed, and finds nothing
            assert "上一篇" not in ran.out
            continue
        said = "".join((ran.out + ran.err).split())
        assert [one for one in SPELLINGS if one in said] == []
    for held in unpacked(tmp_path):
        assert [one for one in BYTES if one in held] == []


def test_what_names_nothing_that_is_withheld_is_given_out_whole(archive: tuple[Path, dict[str, str]]) -> None:
    ran = nianbao("search", "第27日", "--around", "100", archive=archive[0])
    said = "".join(one for one in ran.out if one not in "«»" and not one.isspace())
    assert f"上一篇：（已隐藏）。另见（已隐藏），第27日。{DOWNLOAD}：{HIDDEN_ADDRESS}，亦见{HIDDEN_ADDRESS}。" in said


# ------------------------------------------------------------------------------------------------ spellings

PLAIN, URL = TITLE.partition("（")[0], f"http://www.wenshang.gov.cn/files/{MARK}.doc"
QUOTED = quote(URL, safe=":/")
SECRETS = Secrets(frozenset({spell_alike(TITLE), spell_alike(PLAIN)}), frozenset({spell_address_alike(QUOTED)}))


@pytest.mark.parametrize(
    "said",
    [
        f"{PLAIN}({MARK})", "\u200b".join(TITLE), "\ufe00".join(TITLE),
        "\u2060".join(TITLE).replace("2025", "２０２５"), f"{PLAIN}（{MARK}，第二次公开）", f"{PLAIN} ( {MARK} )",
    ],
)  # fmt: skip
def test_a_title_is_hidden_in_every_spelling(said: str) -> None:
    assert SECRETS.text(f"另见{said}，第一日。") == f"另见{HIDDEN}，第一日。"


@pytest.mark.parametrize(
    "said",
    [
        URL, QUOTED, QUOTED.lower(), quote(QUOTED), quote(URL.encode("gbk"), safe=":/"), "\u200b".join(URL),
        unicodedata.normalize("NFD", URL), URL.replace("http:", "HTTPS:"), f"http://else.gov.cn/{quote(TITLE)}.html",
        f"http://else.gov.cn/{quote(quote(TITLE.encode('gbk')))}.html",
    ],
)  # fmt: skip
def test_an_address_is_hidden_in_every_spelling(said: str) -> None:
    assert SECRETS.address(said) == HIDDEN_ADDRESS
    assert SECRETS.text(f"见 {said} ，增长20%。") == f"见 {HIDDEN_ADDRESS} ，增长20%。"


@pytest.mark.parametrize(
    "said", [f"{URL}x", f"{URL}?page=2", URL.replace("www", "a.www"), "http://www.wenshang.gov.cn/files/"]
)
def test_other_addresses_stay(said: str) -> None:
    assert (SECRETS.address(said), SECRETS.text(f"见{said} 。")) == (said, f"见{said} 。")


# ------------------------------------------------------------------------------------------------ routes

_PART = re.compile(r"\{(\w+)(?::\w+)?\}")
ACCEPTED = ("application/json", "text/csv")  # the other formats are asked for by suffix
OWN = {"place": "汶上县", "agency": CZJ, "agencies": [CZJ, SFJ], "query": "公开", "text": "公开", "portal": "wenshang"}

ASKED_BY_NAME = frozenset(one.name for one in QUESTIONS)


@dataclass(frozen=True)
class Delivery:
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
    client: httpx.Client, paths: list[str], before: Mapping[tuple[str, str], Delivery]
) -> dict[tuple[str, str], Delivery]:
    """Ask every address for every kind of answer; with the tag of an answer that was given ``before``."""
    found = {}
    for path in paths:
        for kind in ACCEPTED if path.startswith("/api/") and "." not in path.partition("?")[0] else ("*/*",):
            earlier = before.get((path, kind))
            headers = {"Accept": kind} | ({"If-None-Match": earlier.tag} if earlier and earlier.tag else {})
            answer = client.get(path, headers=headers)
            found[path, kind] = Delivery(answer.status_code, answer.content, answer.headers.get("etag", ""))
    return found


def naming(answers: Mapping[tuple[str, str], Delivery], folder: Path) -> set[str]:
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
            shown = naming(before, tmp_path / "before")
            assert {"/api/v1/leads", "/api/v1/leads.xlsx"} <= shown
            assert any(path.startswith("/zh/ask/search?") for path in shown)
            assert {f"/captured/{captures['list']}", f"/captured/{captures['list']}/file"} <= shown
            nianbao("withhold", SFJ, "2025", "--by", "archivist", "--reason", "asked for", archive=path, code=0)
            after = walk(client, paths, before)
    assert naming(after, tmp_path / "after") == set()
    unchanged = {path for (path, _), answer in after.items() if answer.status == 304}
    assert not unchanged & {one for one in paths if one.startswith("/api/")}
    assert {answer.status for answer in after.values()} <= {200, 302, 303, 307, 404, 422}
