"""What is not well is noticed, told once when it begins and once when it is over, and says what to do."""

from __future__ import annotations

import email
import email.policy
import json
import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from loopback_web import Reply, Web

from archive.assessment.expected_counts import ExpectedCount
from archive.projection.update import update
from archive.queries.freshness import ListCount
from archive.queries.look_answers import LookDoubt
from crawler.errors import CrawlError
from crawler.operations.alerts import HealthWatch, send_alerts
from crawler.operations.health import (
    ArchiveFacts,
    PortalHealthFacts,
    Problem,
    SeenLook,
    partly_read,
    problems,
    settings,
)
from crawler.operations.messages import FORMATS, Message, messages_text, send
from storage.home import Home, init_home, open_home
from storage.records import SHANGHAI, Capture, CaptureOutcome, CaptureRole, Look, LookOutcome, Run
from tests.case_tables import read_cases
from tests.projection.small_archive import InProcess, SmallSite, at, new_archive

NOW = datetime(2026, 2, 3, 12, tzinfo=SHANGHAI)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def crawls(text: str, every: timedelta = DAY) -> tuple[Run, ...]:
    """Crawls by the outcomes of their two looks, as "ok down ok+down", of which the last began an hour ago."""
    looks = [Counter(one.split("+") if "+" in one else (one, one)) for one in text.split()]
    begun = [NOW - HOUR - every * back for back in range(len(looks))][::-1]
    return tuple(
        Run(
            id="r", portal="w", purpose="crawl", started=at, finished=at + HOUR / 2, outcome="ok",
            counts={f"look_{outcome}": number for outcome, number in counts.items()},
        )
        for at, counts in zip(begun, looks, strict=True)
    )  # fmt: skip


def looks(text: str, skew: float | None = None) -> tuple[SeenLook, ...]:
    """Looks an hour ago, as "changed:shrunk:2": outcome, doubt, how many reports they lost; ``skew``: of the clocks."""
    begun = NOW - HOUR
    return tuple(
        (
            Look(
                id="l",
                run="r",
                portal="w",
                listing="w:nb",
                started=begun,
                finished=begun,
                outcome=LookOutcome(outcome),
                clock_skew=skew,
            ),
            LookDoubt(doubt, int(lost or 0)),
        )
        for outcome, doubt, lost in ((*one.split(":"), "", "")[:3] for one in text.split())
    )


def refused(ago: timedelta) -> tuple[Capture]:
    url = "http://casino.example/"
    made = Capture(
        id="ab" * 16, run="r", portal="w", role=CaptureRole.LISTING, url=url, requested=url, fetched_at=NOW - ago,
        outcome=CaptureOutcome.REFUSED, reason="foreign_host",
    )  # fmt: skip
    return (made,)


BELOW = ExpectedCount(basis="last_year", base=8, least=5, most=12, verdict="below")
FEW = ListCount(portal="w", place="汶上县", year=2025, agencies=2, expected=BELOW, list_url=None, zh="少", en="few")
WELL = PortalHealthFacts(portal="w", place="汶上县", crawls=crawls("ok ok ok"), looks=looks("ok ok"))


def found(*portals: PortalHealthFacts, free: int = 1 << 40, **rest: Any) -> list[str]:
    facts = ArchiveFacts(at=NOW, free=free, portals={one.portal: one for one in portals}, **rest)
    return [problem.key for problem in problems(facts)]


def test_a_portal_with_a_list_that_was_not_read_to_its_end_is_named() -> None:
    for looks_of_crawls, named in (("ok ok+partial", ["w"]), ("ok+partial ok", []), ("ok partial", [])):
        portal = replace(WELL, crawls=crawls(looks_of_crawls))
        assert partly_read(ArchiveFacts(at=NOW, free=1 << 40, portals={"w": portal})) == named


@pytest.mark.parametrize(("seen", "expected"), read_cases(__file__, "problems"))
def test_each_problem_of_a_portal(seen: dict[str, Any], expected: str) -> None:
    facts: dict[str, Any] = {"broken": seen["broken"]} if "broken" in seen else {}
    facts |= {"crawls": crawls(seen["crawls"], timedelta(hours=seen.get("every", 24)))} if "crawls" in seen else {}
    facts |= {"looks": looks(seen["looks"], seen.get("skew"))} if "looks" in seen else {}
    facts |= {"refusals": refused(HOUR * seen["refused"])} if "refused" in seen else {}
    facts |= {"due": NOW - HOUR * seen["due"]} if "due" in seen else {}
    facts |= {"count": FEW} if "few" in seen else {}
    assert found(replace(WELL, **facts)) == ([f"{expected}/w"] if expected else [])


def test_the_archives_own_problems() -> None:
    unread = {"unread": 3, "unread_since": NOW - 2 * DAY}
    told = found(free=1 << 20, damage="Rowid 316 out of order", clock=700.0, store="it says 503", **unread)
    assert told == ["damaged/", "disk/", "our_clock/", "store/", "unread/"]


def test_every_problem_has_its_words_in_both_languages_and_says_what_to_do() -> None:
    for code, words in settings()["problem"].items():
        seen = dict.fromkeys(re.findall(r"\{(\w+)\}", words["en"] + words["zh"]), "{place}")
        seen = {name: text for name, text in seen.items() if name not in {"portal", "place"}}
        made = Problem(code=code, portal="w", place="汶上县", since=NOW, values=seen)
        assert words["severity"] in {"error", "warning", "info"}
        for text in (made.sentence("en"), made.sentence("zh"), made.advice("en"), made.advice("zh")):
            assert text
            assert "{portal}" not in text
        assert "{place}" in made.sentence("en")  # what was seen is never filled in itself


HOOK = "/hook?key=secret"


def messaged(web: Web, status: int = 200, answer: object = "") -> str:
    """The address of a system that takes messages, and gives this answer."""
    url = f"http://{web.address}{HOOK}"
    body = json.dumps(answer).encode()
    web.routes[web.address, HOOK] = Reply(status, body, {"Location": f"{url}&again"})
    return url


def received(web: Web) -> list[Any]:
    return [json.loads(asked.body) for asked in web.log]


@pytest.fixture
def home(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """An empty archive whose messages are received."""
    init_home(tmp_path / "archive").close()
    monkeypatch.setenv("NIANBAO_WEBHOOK_URL", messaged(web))
    with open_home(tmp_path / "archive") as home:
        yield home


def check_twice(home: Home, said: list[str]) -> None:
    watch = HealthWatch(home, lambda _, sentence, *rest: said.append(sentence))
    watch.check()
    watch.check()


def test_a_problem_is_told_once_and_once_that_it_is_over(home: Home, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [("", 0), ("disk", 0), ("disk", 1), ("disk", 1), ("", 1), ("disk", 1), ("", 1), ("", 2), ("disk", 2)]
    watch = HealthWatch(home, lambda *_: None)
    for problem, sent in [*steps, ("disk", 3)]:
        with monkeypatch.context() as limits:
            if problem:
                limits.setitem(settings()["limits"], "disk_bytes", 1 << 60)
            watch.check()
        assert len(web.log) == sent, (problem, sent)
    told = [one["text"].splitlines() for one in received(web)]
    assert told[0][0].startswith("● 存档所在磁盘空间即将用尽：剩余")
    assert told[0][1].startswith("the disk of the archive is nearly full: ")
    assert told[1][0] == "· 已恢复：存档所在磁盘空间即将用尽"
    assert told[1][1] == f"over: {told[0][1]}"
    assert [one["messages"][0]["problems"] for one in received(web)] == [["disk/"]] * 3


def test_what_does_not_arrive_is_told_without_its_secret_and_sent_again(
    home: Home, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings()["limits"], "disk_bytes", 1 << 60)
    messaged(web, 500)
    with pytest.raises(CrawlError, match=r"http://127\.0\.0\.1 failed: the server returned 500") as failed:
        check_twice(home, [])
    assert "secret" not in str(failed.value)
    messaged(web)
    said: list[str] = []
    for _ in range(3):
        check_twice(home, said)
    assert len(said) == 1
    assert len(web.log) == 2


@pytest.mark.parametrize(("kind", "answer", "told"), read_cases(__file__, "answers"))
def test_messages_arrive_in_the_words_of_each_system_and_its_refusal_is_no_arrival(
    web: Web, kind: str, answer: object, told: str
) -> None:
    message = Message(key="disk/", severity="error", en="full", zh="存档所在磁盘空间即将用尽")
    with pytest.raises(CrawlError, match=told) if told else nullcontext():
        send(messaged(web, answer=answer), kind, [message])
    assert "存档所在磁盘空间即将用尽" in json.dumps(received(web), ensure_ascii=False)
    assert kind in FORMATS


def mail_server(lines: list[str], mails: int) -> int:
    """A mail server on loopback that takes so many mails into ``lines``; its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def take() -> None:
        for _ in range(mails):
            connection, _ = listening.accept()
            first = len(lines)
            with connection, connection.makefile("rwb", buffering=0) as stream:
                stream.write(b"220 mail\r\n")
                for raw in stream:
                    lines.append(raw.decode().rstrip("\r\n"))
                    if "data" not in lines[first:-1] or lines[-1] in {".", "QUIT"}:
                        stream.write({"data": b"354 go", "QUIT": b"221 bye"}.get(lines[-1], b"250 ok") + b"\r\n")

    threading.Thread(target=take, daemon=True).start()
    return listening.getsockname()[1]


def test_a_mail_that_cannot_be_sent_does_not_name_the_secret() -> None:
    message = Message(key="disk/", severity="error", en="full", zh="存档所在磁盘空间即将用尽")
    with pytest.raises(CrawlError, match=r"mailtos://127\.0\.0\.1 failed: no connection") as failed:
        send("mailtos://me:secret@127.0.0.1:9/?to=a@example.org", "json", [message])
    assert "secret" not in str(failed.value)


def test_an_alert_tells_by_mail_what_became_known_since_the_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    port = mail_server(lines, mails=5)
    monkeypatch.setenv("NIANBAO_WEBHOOK_URL", f"mailto://127.0.0.1:{port}/?from=me@example.org&to=operator@example.org")
    monkeypatch.setenv("NIANBAO_PUBLIC_URL", "https://nianbao.example.org")
    with new_archive(tmp_path / "archive", now="2026-01-20 09:00") as home:
        site = SmallSite(home, first_year=2025)
        site.agency("sfj", "汶上县司法局")
        site.look("2026-01-19 09:00", site.column(), [])
        assert send_alerts(home) == 0  # nobody asked for any
        (home.path / "alerts.toml").write_text(*read_cases(__file__, "alerts"), "utf-8")
        assert [send_alerts(home), send_alerts(home)] == [3, 0]  # that it has begun, once
        site.publish("2026-01-21", "nb/s.html", "汶上县司法局", published="2026-01-20", text="行政复议案件三件。")
        home.clock.instant = at("2026-01-22 09:00")  # type: ignore[attr-defined]
        update(home, pool=InProcess())
        assert [send_alerts(home), send_alerts(home)] == [2, 0]
        (home.path / "alerts.toml").write_text('[[alert]]\nto = "a@b"\nwhere = "x"', "utf-8")
        with pytest.raises(CrawlError, match=r"alerts\.toml cannot be used \(.*where"):
            send_alerts(home)
    names = [line.removeprefix("rcpt TO:<").partition("@")[0] for line in lines if line.startswith("rcpt")]
    assert names == ["all", "words", "others", "all", "words"]
    mails = "\n".join(lines).split("\ndata\n")[1:]
    texts = [email.message_from_string(one, policy=email.policy.default).get_content() for one in mails]
    assert ["/duty/wenshang/sfj/2025" in text for text in texts] == [False, False, False, True, True]
    assert ("From now on" in texts[0], "https://nianbao.example.org/en/" in texts[3]) == (True, True)


def test_messages_are_not_sent_on(web: Web) -> None:
    with pytest.raises(CrawlError, match="returned 307"):
        send(messaged(web, 307), "json", [])
    assert len(web.log) == 1


def test_what_a_portal_says_calls_nobody_and_forges_no_line_and_many_messages_are_cut() -> None:
    forged = Message(key="a/", severity="error", en="x\x1b]0;\n● <at user_id='all'> <!channel>", zh="县", advice="do")
    said = messages_text([forged])
    assert len(said.splitlines()) == 3
    assert not {"<", ">", "\x1b"} & set(said)
    assert messages_text([forged] * 25).endswith("+5: nianbao health")
