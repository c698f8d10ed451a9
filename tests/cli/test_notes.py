"""What a crawl notes, and why a look ended as it did, is codes and values, and is said in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.portals import classes
from crawler.run_summary import NO_LISTINGS, UNSAID_ENDS, WITHOUT_REPORT
from nianbao.language import Language
from nianbao.messages import messages
from nianbao.sentences import look_reason, note_sentence
from storage.records import Note
from storage.sealing.verifying import CODES
from storage.warc_check import TODO

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 2, 1, 1, 0, tzinfo=UTC)
#: codes that stand in variables, or are joined
NAMED = {
    NO_LISTINGS, UNSAID_ENDS, WITHOUT_REPORT, "cut", "asked_to_stop",
    "visits_failed", "attachments_failed", "look",
}  # fmt: skip
NAMED |= {"look_by_script", "not_begun_disk", "not_begun_clock", "not_rendered", "no_picture"}
NAMED |= {"warc_shorter", "warc_longer", "import_stopped", "imported", "imported_with_text"}
NAMED |= {"reports_elsewhere", "reports_without_link"}
NAMED |= {"paused", "reading_paused", "goes_on", "reading_goes_on"}
NAMED |= {*CODES, *(note.code for note in TODO.values())}
NAMED |= {entry[0] for portal in classes().values() for entry in portal.unverified if len(entry) == 2}
NAMED |= {f"list_{read}" for read in ("to_end", "empty", "by_script", "in_part", "unanswered", "addressed")}


def emitted() -> Iterator[tuple[str, frozenset[str] | None]]:
    """Each code that the program notes, with the names of its values where they stand beside it."""
    rooms = ("crawler/**", "storage/**", "archive/projection", "archive/queries", "nianbao/operate")
    for path in [found for room in rooms for found in ROOT.glob(f"{room}/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Note"):
                continue
            codes, names = node.args[:1], _names(node.args[1:])
            choices = [
                one for code in codes for one in ((code.body, code.orelse) if isinstance(code, ast.IfExp) else (code,))
            ]
            for one in choices:
                if isinstance(one, ast.Constant):
                    yield str(one.value), names


def _names(values: list[ast.expr]) -> frozenset[str] | None:
    """The names of values that stand in a dictionary; None where they do not."""
    if not values:
        return frozenset()
    if not isinstance(values[0], ast.Dict):
        return None
    return frozenset(str(key.value) for key in values[0].keys if isinstance(key, ast.Constant))


#: said by the words of progress
OF_PROGRESS = {"begun", "ended", "run", "failed", "wait"}


def test_each_code_is_said_in_both_languages() -> None:
    known = {key.removeprefix("note.") for key in messages("notes") if key.startswith("note.")}
    codes = {code for code, _ in emitted()} - OF_PROGRESS
    assert len(codes) > 100
    assert (codes | NAMED) ^ known == set()


@pytest.mark.parametrize(
    ("note", "en", "zh"),
    [
        (
            Note("visits_failed", {"number": 3, "reasons": {"http_404": 2, "timeout": 1}}),
            "3 pages could not be fetched (2: the server answered 404, 1: no response in time)",
            "3 个页面无法抓取（服务器返回 404：2 个、响应超时：1 个）",
        ),
        (
            Note("stopped", {"why": Note("error.clock_off", {"seconds": 400}).plain}),
            "stopped early (this machine's clock is off by about 400 seconds, according to this and other portals, so"
            " nothing crawled now would count as proof. Set it (timedatectl set-ntp true), then run the command again);"
            " everything fetched so far is kept",
            "提前结束（据本门户和此前访问的门户，本机时钟相差约 400 秒，此时抓取的内容不足为证。请先校时"
            "（timedatectl set-ntp true），再重试）；此前抓取的内容已保存",
        ),
        (Note("of_a_newer_version", {"number": 3}), "of_a_newer_version number=3", "of_a_newer_version number=3"),
    ],
    ids=lambda value: value.code if isinstance(value, Note) else "",
)
def test_a_note_in_both_languages(note: Note, en: str, zh: str) -> None:
    assert (note_sentence(note, Language.EN), note_sentence(note, Language.ZH)) == (en, zh)


@pytest.mark.parametrize(
    ("code", "en", "zh"),
    [
        ("empty_report", "the site returned an empty page for that year", "网站返回空页，无该年度年报"),
        ("17_of_40", "17 of 40 entries read", "应有 40 条，读到 17 条"),
        ("1_of_6_pages:pageCount", "1 of 6 pages read", "应有 6 页，读到 1 页"),
        ("robots_http_503", "robots.txt: the server answered 503", "robots.txt：服务器返回 503"),
        ("robots_connection_lost", "robots.txt: the connection was lost", "robots.txt：连接中断"),
        ("not_found:http_404", "the server answered 404", "服务器返回 404"),
        ("pager_not_understood:jump", "its paging could not be understood (jump)", "无法识别翻页方式（jump）"),
        ("a_code_of_an_older_version", "a_code_of_an_older_version", "a_code_of_an_older_version"),
    ],
)
def test_a_reason_is_said_in_words(code: str, en: str, zh: str) -> None:
    assert (look_reason(code, Language.EN), look_reason(code, Language.ZH)) == (en, zh)
