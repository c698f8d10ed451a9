"""What is not well is noticed, told once when it begins and once when it is over, and says what to do."""

from __future__ import annotations

import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from archive.queries.recent_outcomes import ErrorShare
from crawler.errors import CrawlError
from crawler.operations.due_crawls import Crawl
from crawler.operations.health.episodes import alarms_of, changes, episodes, messages
from crawler.operations.health.facts import ArchiveFacts, PortalFacts, Season, SeenLook
from crawler.operations.health.gathering import gather, strangers_of
from crawler.operations.health.judging import Problem, problems, settings, texts, unsettled
from crawler.operations.health.messages import FORMATS, MessageError, plain, send
from crawler.operations.health.metrics import ArchiveMetrics, serving
from crawler.operations.health.watching import look_over, watch
from storage.config import load_config
from storage.home import HomeError, init_home, open_home
from storage.recent_outcomes import RecentCapture
from storage.records import SHANGHAI, Alarm, LookOutcome
from tests.patience import PATIENCE
from tests.played import copy_of
from tests.projection.small_archive import Site, at, new_archive
from tests.storage.storage_damaging import spoil

NOW = datetime(2026, 2, 3, 12, tzinfo=SHANGHAI)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULES: dict[str, Any] = {"settle_minutes": 10, "quiet": "22:00-07:00", "group_least": 3}


def crawls(*looks: dict[str, int], every: timedelta = DAY) -> tuple[Crawl, ...]:
    """Crawls of which the last began an hour ago."""
    begun = [NOW - HOUR - every * back for back in range(len(looks))][::-1]
    return tuple(Crawl(at, at + HOUR / 2, "ok", counts) for at, counts in zip(begun, looks, strict=True))


def look(outcome: str = "ok", ago: timedelta = HOUR, listing: str = "w:nb", **rest: Any) -> SeenLook:
    return SeenLook(listing=listing, started=NOW - ago, outcome=outcome, **rest)


def fetched(ago: timedelta, url: str) -> RecentCapture:
    return RecentCapture("w", url, NOW - ago, "", None)


OK, DOWN, BLOCKED = {"ok": 2}, {"unreachable": 2}, {"blocked": 2}
WELL = PortalFacts(portal="w", place="汶上县", crawls=crawls(OK, OK, OK), looks=(look(), look()))


def found(*portals: PortalFacts, free: int = 1 << 40, **rest: Any) -> list[str]:
    facts = ArchiveFacts(at=NOW, free=free, portals={one.portal: one for one in portals}, **rest)
    return [problem.key for problem in problems(facts)]


def test_of_a_list_that_moved_it_is_told_where_its_reports_stand() -> None:
    looks = (look(), look("changed"), look("changed"))
    moved = replace(WELL, looks=looks, moved={looks[0].listing: "http://w/new/"})
    (problem,) = problems(ArchiveFacts(at=NOW, free=1 << 40, portals={"w": moved}))
    assert problem.sentence("en").endswith(" → http://w/new/")


def test_what_answers_is_well() -> None:
    assert found(WELL, PortalFacts(portal="new", place="新县")) == []


def test_a_first_crawl_that_failed_is_no_problem_yet_and_is_told() -> None:
    down = replace(WELL, portal="down", crawls=crawls(OK, DOWN))
    assert found(WELL, down) == []
    assert unsettled(ArchiveFacts(at=NOW, free=1 << 40, portals={one.portal: one for one in (WELL, down)})) == ["down"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"crawls": crawls(OK, DOWN, DOWN)}, "unreachable"),
        ({"crawls": crawls(OK, OK, DOWN)}, None),  # once is no problem
        ({"crawls": crawls(OK, DOWN, DOWN, every=HOUR)}, None),  # and not within hours
        ({"crawls": crawls(OK, {"ok": 1, "unreachable": 1}, {"ok": 1, "unreachable": 1})}, None),
        ({"crawls": crawls(OK, BLOCKED, BLOCKED)}, "blocked"),
        ({"crawls": crawls(OK, {"robots": 2})}, "robots"),
        ({"crawls": crawls(OK, DOWN, DOWN), "looks": (look("unreachable", reason="robots_tls"),)}, "certificate"),
        ({"looks": (look(), look("changed"), look("changed"))}, "listing_drift"),
        ({"looks": (look(), look("changed"))}, None),
        ({"looks": (look("changed"), look("changed"))}, None),  # it never was another page
        ({"looks": (look(), look("changed"), look("changed")), "marks": "trs_wcm in place of vsb"}, "family_changed"),
        ({"looks": (look(), look("changed", doubt="not_linked"), look("changed", doubt="not_linked"))}, None),
        ({"looks": (look(), look(doubt="shrunk", lost=2))}, "listing_shrunk"),
        ({"looks": (look(), look(doubt="shrunk", lost=1))}, None),  # told as what became of one report
        ({"looks": (look(doubt="shrunk", lost=2), look())}, None),
        ({"looks": tuple(look(listing=f"w:{n}", doubt="shrunk", lost=1) for n in range(3))}, "listing_shrunk"),
        (
            {"looks": tuple(look(listing=f"w:{n}", doubt="shrunk" * (n < 2), lost=int(n < 2)) for n in range(30))},
            None,
        ),
        ({"refusals": (fetched(HOUR / 2, "http://casino.example/"),)}, "foreign_domain"),
        ({"refusals": (fetched(9 * DAY, "http://casino.example/"),)}, None),
        (  # one problem, and not that it does not answer as well
            {"crawls": crawls(OK, DOWN, DOWN), "refusals": (fetched(HOUR, "http://casino.example/"),)},
            "foreign_domain",
        ),
        (  # whatever is asked for, a page of theirs: not that the lists changed
            {"looks": (look(), look("changed"), look("changed")), "strangers": "澳门金沙", "marks": "x in place of y"},
            "foreign_domain",
        ),
        ({"robots": (fetched(DAY, "http://w/robots.txt"),)}, "robots_changed"),
        ({"robots": (fetched(30 * DAY, "http://w/robots.txt"),)}, None),
        ({"looks": (look(skew=900.0),)}, "clock_skew"),
        ({"looks": (look(skew=-900.0),)}, "clock_skew"),
        ({"looks": (look(skew=20.0),)}, None),
        ({"season": Season(year=2025, now=10, then=20)}, "fewer_reports"),
        ({"season": Season(year=2025, now=10, then=None)}, None),
        ({"season": Season(year=2025, now=1, then=4)}, None),
        ({"errors": ErrorShare(20, 10), "errors_before": ErrorShare(200, 10)}, "findings_up"),
        ({"errors": ErrorShare(20, 2), "errors_before": ErrorShare(200, 10)}, None),
        ({"due": NOW - 3 * DAY}, "overdue"),
        ({"due": NOW - HOUR}, None),
        ({"broken": "its file has no class"}, "setting"),
    ],
)  # fmt: skip
def test_each_problem_of_a_portal(facts: dict[str, Any], expected: str | None) -> None:
    assert found(replace(WELL, **facts)) == ([f"{expected}/w"] if expected else [])


def test_the_archives_own_problems() -> None:
    assert found(free=1 << 20) == ["disk/"]
    assert found(damage="Rowid 316 out of order") == ["damaged/"]
    assert found(unread=3, unread_since=NOW - 2 * DAY) == ["unread/"]
    off = [replace(WELL, portal=name, looks=(look(skew=700.0),)) for name in "abc"]
    assert found(*off) == ["our_clock/"]
    assert found(*off, replace(WELL, portal="d", looks=(look(skew=1.0),))) == [f"clock_skew/{name}" for name in "abc"]


def test_every_problem_has_its_words_in_both_languages_and_says_what_to_do() -> None:
    for code, words in texts().items():
        made = Problem(code=code, portal="w", place="汶上县", since=NOW, values={"text": "{place}"})
        assert words["severity"] in {"error", "warning", "info"}
        for text in (made.sentence("en"), made.sentence("zh"), made.advice("en"), made.advice("zh")):
            assert text
            assert "{portal}" not in text
        assert made.sentence("en").endswith("{place}")  # what was seen is never filled in itself


def test_what_was_seen_is_said_in_chinese_as_well() -> None:
    ill = replace(
        WELL,
        crawls=crawls(OK, DOWN, DOWN),
        robots=(fetched(DAY, "http://w/robots.txt"),),
        season=Season(year=2025, now=10, then=20),
        errors=ErrorShare(20, 10),
        errors_before=ErrorShare(200, 10),
        due=NOW - 3 * DAY,
    )
    off = replace(WELL, portal="v", looks=(look(skew=700.0),))
    facts = ArchiveFacts(at=NOW, free=1 << 20, portals={"w": ill, "v": off}, unread=3, unread_since=NOW - 2 * DAY)
    said = {one.code: one.sentence("zh") for one in problems(facts)}
    assert len(said) == 8
    assert said["fewer_reports"].endswith("：2025年度10份，去年同日2024年度20份")
    assert said["findings_up"].endswith("：20份中10份，此前200份中10份")
    assert "连续2次抓取均如此" in said["unreachable"]
    for sentence in said.values():
        words = re.sub(r"（[wv]）|http://\S+?(?=，)|robots\.txt|\bok\b|MiB", "", sentence)
        assert not re.search("[A-Za-z]", words), sentence


def test_what_is_over_is_said_in_chinese_as_well() -> None:
    begun = episodes(changes({}, [problem()], NOW))
    told_by = alarms_of(messages(begun, [problem()], NOW + HOUR, RULES), NOW + HOUR)
    alarms = [*changes({}, [problem()], NOW), *told_by]
    over = changes(episodes(alarms), [], NOW + 2 * HOUR)
    [message] = messages(episodes([*alarms, *over]), [], NOW + 3 * HOUR, RULES)
    assert message.en == "over: 汶上县 (w) does not answer: timeout"
    assert message.zh == "已恢复：w：无法访问"


# ------------------------------------------------------------------------------------------------ messages


def problem(portal: str = "w", code: str = "unreachable") -> Problem:
    return Problem(code=code, portal=portal, place="汶上县", since=NOW, values={"text": "timeout"})


class Story:
    """What is told while time goes by."""

    def __init__(self) -> None:
        self.alarms: list[Alarm] = []
        self.said: list[str] = []

    def step(self, now: datetime, *present: Problem) -> list[str]:
        self.alarms += changes(episodes(self.alarms), present, now)
        due = messages(episodes(self.alarms), present, now, RULES)
        self.alarms += alarms_of(due, now)
        self.said += [message.en for message in due]
        return [message.en for message in due]


def test_a_problem_is_told_once_and_once_that_it_is_over() -> None:
    story = Story()
    assert story.step(NOW, problem()) == []  # it may pass
    assert story.step(NOW + HOUR, problem()) == ["汶上县 (w) does not answer: timeout"]
    assert story.step(NOW + 2 * HOUR, problem()) == []
    assert story.step(NOW + 3 * HOUR) == []
    assert story.step(NOW + 4 * HOUR) == ["over: 汶上县 (w) does not answer: timeout"]
    assert story.step(NOW + 5 * HOUR) == []
    story.step(NOW + 6 * HOUR, problem())
    assert story.step(NOW + 7 * HOUR, problem()) == ["汶上县 (w) does not answer: timeout"]  # another time


def test_what_passes_at_once_or_comes_back_at_once_is_one_message_or_none() -> None:
    story = Story()
    story.step(NOW, problem())
    story.step(NOW + timedelta(minutes=5))
    story.step(NOW + HOUR)
    assert story.said == []
    for minutes in range(60, 600, 5):  # it flaps
        story.step(NOW + timedelta(minutes=minutes), *([problem()] if minutes % 10 or minutes > 200 else []))
    assert story.said == ["汶上县 (w) does not answer: timeout"]


def test_nothing_is_sent_in_quiet_hours_and_nothing_is_lost_by_it() -> None:
    night = NOW.replace(hour=23)
    story = Story()
    story.step(night, problem())
    assert story.step(night + HOUR, problem()) == []
    assert story.step(night + 9 * HOUR, problem()) == ["汶上县 (w) does not answer: timeout"]


def test_many_portals_with_one_problem_are_one_message() -> None:
    story = Story()
    all_down = [problem(name) for name in ("a", "b", "c")]
    story.step(NOW, *all_down, problem("d", "blocked"))
    assert story.step(NOW + HOUR, *all_down, problem("d", "blocked")) == [
        "3 portals: does not answer (a, b, c)",
        "汶上县 (d) turns us away: timeout",
    ]
    assert len(story.step(NOW + 2 * HOUR) + story.step(NOW + 3 * HOUR)) == 2
    drifted = [problem(name, "listing_drift") for name in ("a", "b", "c")]
    story.step(NOW + 4 * HOUR, *drifted)
    assert story.step(NOW + 5 * HOUR, *drifted) == ["3 portals: a listing is another page than it was (a, b, c)"]


class Receiver:
    def __init__(self) -> None:
        self.got: list[Any] = []
        self.status = 200
        self.answer = b""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(receiver.status)
                self.send_header("Location", f"{receiver.url}&again")
                self.end_headers()
                self.wfile.write(receiver.answer)

            def log_message(self, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?key=secret"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.mark.parametrize("kind", FORMATS)
def test_messages_arrive_in_the_words_of_each_system(receiver: Receiver, kind: str) -> None:
    facts = ArchiveFacts(at=NOW, free=1)
    present = problems(facts)
    begun = episodes(changes({}, present, NOW))
    send(receiver.url, kind, messages(begun, present, NOW + HOUR, RULES))
    (got,) = receiver.got
    assert "存档所在磁盘空间即将用尽" in json.dumps(got, ensure_ascii=False)
    if kind == "json":
        assert got["messages"][0]["problems"] == ["disk/"]


def test_what_does_not_arrive_is_told_without_its_secret_and_sent_again(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    init_home(tmp_path / "archive").close()
    monkeypatch.setenv("NIANBAO_WEBHOOK_URL", receiver.url)
    monkeypatch.setitem(settings()["limits"], "disk_bytes", 1 << 60)
    rules = RULES | {"settle_minutes": 0, "quiet": ""}
    with open_home(tmp_path / "archive") as home:
        receiver.status = 500
        with pytest.raises(MessageError, match=r"http://127\.0\.0\.1 answered 500") as refused:
            look_over(home, lambda *_: None, rules)
        assert "secret" not in str(refused.value)
        receiver.status = 200
        said: list[str] = []
        for _ in range(3):
            look_over(home, lambda _, sentence, *rest: said.append(sentence), rules)
    assert len(said) == 1
    assert len(receiver.got) == 2


def test_prometheus_and_a_probe_are_answered() -> None:
    latest = ArchiveMetrics()
    with serving("127.0.0.1:0", latest) as url:
        assert _get(f"{url}/healthz") == (200, '{"status": "starting"}')
        down = replace(WELL, crawls=crawls(OK, DOWN, DOWN))
        facts = ArchiveFacts(at=NOW, free=1 << 40, portals={"w": down})
        latest.put(facts, problems(facts))
        status, said = _get(f"{url}/healthz")
        assert (status, json.loads(said)["problems"]) == (503, ["unreachable/w"])
        _, metrics = _get(f"{url}/metrics")
        assert 'nianbao_problems{code="unreachable"} 1.0' in metrics
        assert 'nianbao_problems{code="blocked"} 0.0' in metrics
        assert 'nianbao_portal_last_ok_seconds{portal="w"}' in metrics
        assert _get(f"{url}/../../etc/passwd")[0] == 404
        with pytest.raises(CrawlError, match="cannot listen"), serving(url.removeprefix("http://"), latest):
            pass


def test_a_port_that_is_taken_keeps_nothing_from_being_told(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    init_home(tmp_path / "archive").close()
    monkeypatch.setenv("NIANBAO_LISTEN", receiver.url.removeprefix("http://").partition("/")[0])
    said: list[str] = []
    stop = threading.Event()
    stop.set()
    with open_home(tmp_path / "archive") as home:
        watch(home, lambda _, sentence, *rest: said.append(sentence), stop)
        assert "cannot listen" in said[0]
    monkeypatch.setenv("NIANBAO_LISTEN", "127.0.0.1:65536")
    with pytest.raises(HomeError, match=r"listen.*such as 127\.0\.0\.1:9480"):
        open_home(tmp_path / "archive")


def test_a_damaged_database_is_told_when_the_watch_begins_and_each_week(tmp_path: Path) -> None:
    init_home(tmp_path / "archive").close()
    with open_home(tmp_path / "archive") as home:
        spoil(home)
    said: list[tuple[str, ...]] = []
    stop = threading.Event()
    stop.set()
    with open_home(tmp_path / "archive") as home:
        watch(home, lambda *words: said.append(words), stop)
    assert said[0][0] == "archive"
    assert said[0][1].startswith("the database is damaged (")
    assert said[0][2] == "error"


@pytest.mark.parametrize(
    ("kind", "answer", "told"),
    [
        ("feishu", {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"}, "code 19001: param"),
        ("feishu", {"StatusCode": 0, "code": 0, "msg": "success"}, None),
        ("wecom", {"errcode": 93000, "errmsg": "invalid\x1b webhook url"}, "errcode 93000: invalid  webhook url"),
        ("wecom", {"errcode": 0, "errmsg": "ok"}, None),
        ("dingtalk", {"errcode": 310000, "errmsg": "keywords not in content"}, "310000: keywords not in content"),
        ("dingtalk", ["a relay"], None),
        ("json", {"code": 1, "errcode": 1}, None),
    ],
)
def test_a_refusal_in_the_words_of_a_system_is_no_arrival(
    receiver: Receiver, kind: str, answer: object, told: str | None
) -> None:
    receiver.answer = json.dumps(answer).encode()
    with pytest.raises(MessageError, match=told) if told else nullcontext():
        send(receiver.url, kind, [])


def test_what_a_portal_says_calls_nobody_and_forges_no_line() -> None:
    forged = Problem(
        code="unreachable",
        portal="w",
        place="县",
        since=NOW,
        values={"text": "x\x1b]0;\n● <at user_id='all'> <!channel>"},
    )
    begun = episodes(changes({}, [forged], NOW))
    said = plain(messages(begun, [forged], NOW + HOUR, RULES))
    assert len(said.splitlines()) == 3
    assert not {"<", ">", "\x1b"} & set(said)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('webhook_url = "file:///etc/secret"', "'webhook_url' .* is an http or https address"),
        ('webhook_url = "https://me:secret@hook.example.org/"', "without a name and password"),
        ('webook_url = "https://hook.example.org/secret"', "no setting; did you mean 'webhook_url'"),
        ('webhook_url = "https://hook.example.org:8443/robot?key=a@b"', None),
    ],
)
def test_a_wrong_line_of_the_settings_is_told_so_that_it_can_be_mended(
    tmp_path: Path, line: str, told: str | None
) -> None:
    with (tmp_path / "nianbao.toml").open("w") as file:
        file.write(line + "\n")
    with pytest.raises(HomeError, match=told) if told else nullcontext() as refused:
        load_config(tmp_path)
    assert refused is None or "secret" not in str(refused.value)


@pytest.mark.parametrize("status", [301, 302, 307])
def test_messages_are_not_sent_on(receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(MessageError, match=f"answered {status}"):
        send(receiver.url, "json", [])
    assert len(receiver.got) == 1
    with pytest.raises(MessageError) as refused:
        send(receiver.url + " x", "json", [])
    assert "secret" not in str(refused.value)


def _get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_the_demos_archive_tells_which_portal_was_down(
    played: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_of(played, tmp_path / "archive")
    monkeypatch.setenv("NIANBAO_NOW", "2026-04-01T20:00:00+08:00")
    monkeypatch.delenv("NIANBAO_CLOCK_OFFSET", raising=False)
    with open_home(tmp_path / "archive") as home:
        facts = gather(home)
    counts = {name: len(one.crawls) for name, one in facts.portals.items() if one.crawls}
    assert counts == dict.fromkeys(("jiyuan", "luoyang", "wenshang", "yaodu", "yiyuan"), 4)
    assert [crawl.is_through for crawl in facts.portals["yaodu"].crawls] == [True, False, True, True]
    assert facts.portals["wenshang"].season == Season(year=2025, now=facts.portals["wenshang"].season.now, then=None)
    assert facts.portals["wenshang"].season.now > 0
    assert [problem.key for problem in problems(facts) if problem.severity == "error"] == []


def test_what_was_made_while_our_clock_was_ahead_is_not_the_last_that_was_seen(tmp_path: Path) -> None:
    with new_archive(tmp_path / "archive") as home:
        site = Site(home)
        listing = site.column("nb")
        site.look("2026-02-01 09:00", listing)
        site.look("2026-02-14 09:00", listing)  # our clock is five days ahead
        site.look("2026-02-09 20:00", listing, outcome=LookOutcome.CHANGED)
        home.clock.instant = at("2026-02-09 21:00")  # type: ignore[attr-defined]
        facts = gather(home).portals["wenshang"]
    assert [look.outcome for look in facts.looks] == ["ok", "changed"]


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("<title>澳门金沙官网平台-首页</title><p>欢迎</p>", "澳门金沙官网平台-首页"),
        ("<title>首页</title><p>棋牌 百家乐 皇冠体育</p>", "首页"),
        ("<p>棋牌 百家乐 皇冠体育</p>", "棋牌, 百家乐, 皇冠体育"),
        ("<title>体育局</title><p>棋牌运动管理中心，电子游戏场所管理</p>", ""),  # a government's page may speak of them
        ("<title" * 100_000, ""),
    ],
)
def test_pages_of_those_who_take_domains_over_are_known_by_their_trades(page: str, told: str) -> None:
    assert strangers_of(page) == told


def test_one_list_of_several_in_the_hands_of_strangers_is_told(tmp_path: Path) -> None:
    theirs = "<title>澳门金沙官网平台</title>".encode()
    with new_archive(tmp_path / "archive") as home:
        site = Site(home)
        lists = [site.column(key) for key in ("a", "b", "c")]
        for day in ("05", "12"):
            run = site.run(at(f"2026-02-{day} 09:00"))
            for minute, column in enumerate(lists):
                taken = day == "12" and column is lists[1]
                ends, page = (LookOutcome.CHANGED, theirs) if taken else (LookOutcome.OK, None)
                site.look(f"2026-02-{day} 09:0{minute}", column, outcome=ends, body=page, run=run)
        home.clock.instant = at("2026-02-12 10:00")  # type: ignore[attr-defined]
        told = gather(home).portals["wenshang"]
    (problem,) = problems(ArchiveFacts(at=NOW, free=1 << 40, portals={"wenshang": told}))
    assert (problem.code, problem.since) == ("foreign_domain", at("2026-02-12 09:01"))


def test_what_strangers_had_put_there_is_no_drift_once_the_domain_is_back(tmp_path: Path) -> None:
    theirs, other = "<title>澳门金沙官网平台</title>".encode(), "<title>宁阳县人民政府</title>".encode()
    with new_archive(tmp_path / "archive") as home:
        site = Site(home)
        weekly, daily = site.column("nb"), site.column("nb2")
        for day, page in (("01", None), ("05", theirs), ("12", theirs)):
            site.look(
                f"2026-02-{day} 09:00", weekly, outcome=LookOutcome.CHANGED if page else LookOutcome.OK, body=page
            )
        home.clock.instant = at("2026-02-12 10:00")  # type: ignore[attr-defined]
        taken = gather(home).portals["wenshang"]
        site.look("2026-02-13 09:00", daily)
        home.clock.instant = at("2026-02-13 10:00")  # type: ignore[attr-defined]
        back = gather(home).portals["wenshang"]
        site.look("2026-02-19 09:00", weekly, outcome=LookOutcome.CHANGED, body=other)
        site.look("2026-02-20 09:00", daily)
        home.clock.instant = at("2026-02-20 10:00")  # type: ignore[attr-defined]
        changed = gather(home).portals["wenshang"]
    assert (taken.strangers, [look.outcome for look in taken.looks]) == (
        "澳门金沙官网平台",
        ["ok", "changed", "changed"],
    )
    assert (back.strangers, [look.outcome for look in back.looks]) == ("", ["ok", "ok"])
    assert [look.outcome for look in changed.looks] == ["ok", "ok", "changed", "ok"]
