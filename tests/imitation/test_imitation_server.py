"""The server: hosts, clock, log, and every misbehaviour that it promises."""

from __future__ import annotations

import gzip
import http.client
import json
import time
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from loopback_client import Client

from crawler.imitation_clock import FILE, read_instant, set_instant
from crawler.portals import read_agencies
from imitation import faults
from imitation.play import play_days
from imitation.registry import agencies_csv, register_agencies
from imitation.server import MAP, ImitationPortals, main
from storage.clock import NOW
from storage.home import Home, init_home, open_home
from storage.registry import Registry

LIST = "http://www.yaodu.gov.cn/zfxxgk/xxgkzl/zfxxgknb/"
HOST = "www.yaodu.gov.cn"


def test_every_host_is_mapped_to_loopback_while_it_runs(tmp_path: Path) -> None:
    with ImitationPortals(tmp_path) as portals:
        hosts = json.loads((tmp_path / MAP).read_text("utf-8"))["hosts"]
        assert set(hosts) == set(portals.scenario.by_host)
        assert set(hosts.values()) == {portals.address}
        assert portals.address.startswith("127.0.0.1:")
    assert not (tmp_path / MAP).exists()


def test_the_clock_runs_on_from_the_instant_set(tmp_path: Path) -> None:
    set_instant(tmp_path, "2026-02-01T09:00:00+08:00")
    first = read_instant(tmp_path)
    time.sleep(0.02)
    passed = read_instant(tmp_path) - first
    assert timedelta(0) < passed < timedelta(minutes=1)
    assert first.astimezone(UTC).replace(second=0, microsecond=0) == datetime(2026, 2, 1, 1, 0, tzinfo=UTC)


def test_an_instant_without_offset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="offset"):
        set_instant(tmp_path, "2026-02-01T09:00:00")


def test_the_instant_may_be_set_by_hand(tmp_path: Path) -> None:
    with ImitationPortals(tmp_path) as portals:
        (tmp_path / FILE).write_text("2026-04-01T09:00:00+08:00\n", encoding="utf-8")
        assert Client(portals)("http://www.yaodu.gov.cn/").headers["date"].startswith("Wed, 01 Apr 2026")
        (tmp_path / FILE).write_text("nonsense", encoding="utf-8")
        assert abs(portals.now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_requests_are_logged(portals: ImitationPortals, get: Client) -> None:
    portals.log.clear()
    get("http://www.wenshang.gov.cn/robots.txt")
    (entry,) = portals.log
    assert (entry.host, entry.path, entry.agent, entry.status) == ("www.wenshang.gov.cn", "/robots.txt", "test", 404)


def test_a_host_that_nobody_imitates(get: Client) -> None:
    assert get("http://www.example.gov.cn/").status == 404


def test_down_over_the_due_date(portals: ImitationPortals, get: Client) -> None:
    portals.set_now("2026-02-01T09:00:00+08:00")
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        get(LIST)
    portals.set_now("2026-02-09T09:00:00+08:00")
    assert get(LIST).status == 200


def test_faults_hold_for_their_host_path_and_time(portals: ImitationPortals, get: Client) -> None:
    now = portals.scenario.days[0]
    fault = portals.add_fault(HOST, kind="forbidden", path="/zfxxgk/", since=now, until=now + timedelta(days=1))
    assert get(LIST).status == 403
    assert get("http://www.yaodu.gov.cn/").status == 200
    assert get("http://www.yiyuan.gov.cn/").status == 200
    portals.set_now(now + timedelta(days=1))
    assert get(LIST).status == 200
    portals.set_now(now)
    portals.remove_fault(fault)
    assert get(LIST).status == 200


def test_an_unknown_fault_is_refused(portals: ImitationPortals) -> None:
    with pytest.raises(ValueError, match="no fault 'earthquake'"):
        portals.add_fault(HOST, kind="earthquake")


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("unavailable", 503),
        ("challenge", 412),
        ("forbidden", 403),
        ("not_found", 404),
        ("soft_404", 200),
        ("empty", 200),
    ],
)
def test_answers_that_are_no_list(portals: ImitationPortals, get: Client, kind: str, status: int) -> None:
    portals.add_fault(HOST, kind=kind)
    got = get(LIST)
    assert got.status == status
    assert "年度报告" not in got.text
    assert (got.headers.get("retry-after") == str(faults.RETRY_AFTER)) == (kind == "unavailable")
    assert (got.body == b"") == (kind == "empty")


def test_a_redirect_that_never_ends(portals: ImitationPortals, get: Client) -> None:
    portals.add_fault(HOST, kind="redirect_loop")
    address, seen = LIST, set()
    for _ in range(6):
        got = get(address)
        assert got.status == 302
        address = f"http://{HOST}{got.headers['location']}"
        assert address not in seen
        seen.add(address)


@pytest.mark.parametrize(
    ("kind", "target"), [("foreign_redirect", faults.FOREIGN), ("loopback_redirect", "http://127.0.0.1")]
)
def test_redirects_that_lead_away(portals: ImitationPortals, get: Client, kind: str, target: str) -> None:
    portals.add_fault(HOST, kind=kind)
    assert get(LIST).headers["location"].startswith(target)


def test_a_truncated_body(portals: ImitationPortals, get: Client) -> None:
    portals.add_fault(HOST, kind="truncated")
    with pytest.raises(http.client.IncompleteRead):
        get(LIST)


def test_a_slow_answer_comes_in_pieces(portals: ImitationPortals, get: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imitation.listener.TRICKLE", 0.0)
    portals.add_fault(HOST, kind="slow")
    assert "年度报告" in get(LIST).text


def test_gzip(portals: ImitationPortals, get: Client) -> None:
    portals.add_fault(HOST, kind="gzip")
    got = get(LIST)
    assert got.headers["content-encoding"] == "gzip"
    assert "年度报告" in gzip.decompress(got.body).decode()


def test_a_gzip_bomb_is_small_on_the_wire(portals: ImitationPortals, get: Client) -> None:
    portals.add_fault(HOST, kind="gzip_bomb")
    got = get(LIST)
    assert len(got.body) < 2_000_000
    unpacker = zlib.decompressobj(wbits=31)
    size = 0
    rest = got.body
    while rest and size < faults.BOMB_BYTES:
        size += len(unpacker.decompress(rest, 1 << 20))
        rest = unpacker.unconsumed_tail
    assert size == faults.BOMB_BYTES > 64 << 20


def test_a_wrong_charset(portals: ImitationPortals, get: Client) -> None:
    portals.add_fault(HOST, kind="wrong_charset")
    got = get(LIST)
    assert got.headers["content-type"].endswith("utf-8")
    assert "年度报告" in got.body.decode("gb18030")


def test_a_server_whose_clock_is_wrong(portals: ImitationPortals, get: Client) -> None:
    portals.add_fault(HOST, kind="skewed_date")
    assert get(LIST).headers["date"].startswith("Sun, 25 Jan 2026 02:00:")


def test_days_go_by_for_the_portals_and_for_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NOW, raising=False)
    days = []

    def crawl(home: Home, day: datetime) -> datetime:
        days.append(day)
        return home.clock.now()

    with init_home(tmp_path / "archive", simulated=True) as home, ImitationPortals(home.path) as portals:
        clocks = play_days(home, crawl=crawl, portals=portals)
        assert days == list(portals.scenario.days)
        assert abs(portals.now() - days[-1]) < timedelta(minutes=5)
        assert all(abs(clock - day) < timedelta(minutes=1) for clock, day in zip(clocks, days, strict=True))
        assert len(Registry(home).agencies()) > 25


def test_agencies_are_made_known_without_taking_what_the_portals_files_say(tmp_path: Path) -> None:
    with init_home(tmp_path / "archive", simulated=True) as home:
        diff = register_agencies(home)
        assert diff.added
        assert not register_agencies(home)
        names = {a.id: a for a in Registry(home).agencies()}
    assert names["wenshang/sfj"].code == "imit37083000102"
    assert "wenshang/gcz" not in names  # its own file has it, with its real code
    assert not any(name.startswith("luanchuan/") for name in names)  # left to the operator


def test_starting_makes_the_agencies_known(tmp_path: Path) -> None:
    with init_home(tmp_path / "archive", simulated=True) as home:
        with ImitationPortals(home.path):
            assert {a.name for a in Registry(home).agencies("yiyuan")} >= {"沂源县公安局", "沂源县悦庄镇人民政府"}
        (first, *_) = Registry(home).agencies()
        assert first.recorded_at < datetime(2026, 1, 25, tzinfo=UTC)


def test_imitation_portals_refuse_a_real_archive(tmp_path: Path) -> None:
    init_home(tmp_path / "archive").close()
    with pytest.raises(ValueError, match="real archive"):
        ImitationPortals(tmp_path / "archive").start()
    assert not (tmp_path / "archive" / MAP).exists()


def test_agencies_stay_out_of_a_real_archive(tmp_path: Path) -> None:
    with init_home(tmp_path / "archive") as home, pytest.raises(ValueError, match="real archive"):
        register_agencies(home)
    with open_home(tmp_path / "archive") as home:
        assert Registry(home).agencies() == ()


def test_the_csv_of_the_new_county_is_one_that_portals_read(portals: ImitationPortals, tmp_path: Path) -> None:
    county = portals.scenario.portal("luanchuan")
    path = tmp_path / "luanchuan.csv"
    path.write_text(agencies_csv(county), encoding="utf-8")
    rows = read_agencies(path, "luanchuan", datetime.now(UTC))
    assert [(a.id, a.name, a.kind) for a in rows] == [(f"luanchuan/{a.id}", a.name, a.kind) for a in county.agencies]


def test_the_operators_server_refuses_a_real_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    init_home(tmp_path / "archive").close()
    assert main([str(tmp_path / "archive")]) == 2
    assert "real archive" in capsys.readouterr().err
    assert main([str(tmp_path / "nothing")]) == 2
