"""Hostile portals: redirects inwards and outwards, bombs, endless bodies, resets; and what is kept of them."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from loopback_web import Reply, Route, Sandbox, Web, a_list, a_report, page

from crawler.processes import MEMORY
from storage.records import CaptureOutcome, LookOutcome
from tests.patience import PATIENCE

HOST = "www.wanping.gov.cn"
REPORT = ("/nb/t20250120_1.html", "宛平县财政局2024年政府信息公开工作年度报告", "2025-01-20")


def to(location: str, status: int = 302) -> Reply:
    return Reply(status, b"moved", {"Location": location, "Content-Type": "text/html"})


INWARDS = [
    "http://169.254.169.254/latest/meta-data/", "http://localhost/", "http://127.0.0.1/", "http://[::1]/",
    "http://2130706433/", "http://0x7f000001/", "http://[::ffff:127.0.0.1]/", "http://10.0.0.1:8080/",
]  # fmt: skip
OUTWARDS = [
    "http://www.soulrig.com/nb/", "http://www.wanping.gov.cn.evil.com/", "https://other.gov.cn/",
    "http://www.wanping.gov.cn:8443/",
]  # fmt: skip


def test_no_redirect_leads_out_of_the_portal(archive: Sandbox, web: Web) -> None:
    archive.portal(hosts="'nowhere.wanping.gov.cn'")
    rows = [
        (f"/nb/t20250120_{n}.html", f"宛平县第{n}中学2024年政府信息公开工作年度报告", "2025-01-20") for n in range(20)
    ]
    elsewhere = "http://nowhere.wanping.gov.cn/nb/t20250120_99.html"
    web.routes[HOST, "/nb/"] = a_list(*rows, (elsewhere, *REPORT[1:]))
    places = [*INWARDS, *OUTWARDS, "file:///etc/passwd", "ftp://www.wanping.gov.cn/x", "gopher://www.wanping.gov.cn/"]
    for row, place in zip(rows, places, strict=False):
        web.routes[HOST, row[0]] = to(place)
    web.routes[HOST, rows[15][0]] = to("/nb/moved.html", 301)
    web.routes[HOST, "/nb/moved.html"] = a_report(rows[15][1])
    web.routes[HOST, rows[16][0]] = to(rows[16][0])
    web.routes[HOST, rows[17][0]] = to("http://[::1")
    web.routes[HOST, rows[18][0]] = page('<meta http-equiv="refresh" content="0;url=http://169.254.169.254/x">一二三')
    web.routes[HOST, rows[19][0]] = page(
        '<meta http-equiv="refresh" content="0;url=http://[::1">' + "政府信息公开" * 10
    )
    archive.crawl()
    assert {a.host for a in web.log} == {HOST}
    captures = archive.captures()
    refused = [c for c in captures if c.outcome is CaptureOutcome.REFUSED]
    assert {(c.url, c.reason) for c in refused} == (
        {(place, "private_address") for place in [*INWARDS, "http://169.254.169.254/x"]}
        | {(place, "foreign_host") for place in OUTWARDS}
        | {(elsewhere, "not_imitated")}
    )
    assert all(c.via is not None and c.warc is None for c in refused)
    moved = next(c for c in captures if c.url.endswith("moved.html"))
    assert (moved.requested, moved.outcome) == (f"http://{HOST}{rows[15][0]}", CaptureOutcome.PAGE)
    assert next(c for c in captures if c.id == moved.via).location == "/nb/moved.html"
    loop = [c for c in captures if c.requested == f"http://{HOST}{rows[16][0]}"]
    assert [c.outcome for c in loop] == [CaptureOutcome.REDIRECT] * 6
    unreadable = [c.outcome for c in captures if c.requested.endswith(("_17.html", "_19.html"))]
    assert unreadable == [CaptureOutcome.REDIRECT, CaptureOutcome.PAGE]
    assert archive.looks()[0].outcome is LookOutcome.OK


def test_a_list_too_large_to_be_one_is_kept_and_told_and_not_read(archive: Sandbox, web: Web) -> None:
    archive.portal()
    plain = a_list(REPORT)
    web.routes[HOST, "/nb/"] = replace(plain, body=plain.body + b"<p>" + b"x" * (4 << 20))
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.reason) == (LookOutcome.CHANGED, "too_large")
    assert [(c.outcome, c.url) for c in archive.captures() if c.id in look.captures] == [
        (CaptureOutcome.PAGE, f"http://{HOST}/nb/")
    ]


@pytest.fixture
def real(archive: Sandbox, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """An archive that is no imitation, at the time that it is."""
    for name in ("NIANBAO_NOW", "NIANBAO_CLOCK_OFFSET"):
        monkeypatch.delenv(name, raising=False)
    return Sandbox(tmp_path / "real", web, simulated=False)


def test_a_name_is_resolved_here_before_a_proxy_is_asked_for_it(real: Sandbox, web: Web, monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://{web.address}")
    real.portal(host="www.wanping.invalid")
    (report,) = real.crawl()
    assert report.looks == {"unreachable": 1}
    assert {one.reason for one in real.captures()} == {"robots_no_such_name", "no_such_name"}
    assert web.log == []


def test_a_real_archive_goes_through_the_proxy_and_not_inwards(real: Sandbox, web: Web, monkeypatch) -> None:
    """Where the proxy resolves the names, literal private addresses are refused all the same."""
    monkeypatch.setenv("NIANBAO_PROXY_RESOLVES", "true")
    real.portal()
    real.map(HOST, to="127.0.0.1:9")  # not asked in a real archive
    monkeypatch.setenv("http_proxy", f"http://user:secret@{web.address}")
    web.routes[HOST, "/nb/"] = a_list(REPORT)
    web.routes[HOST, REPORT[0]] = to("http://169.254.169.254/latest")
    (report,) = real.crawl()
    assert report.looks == {"ok": 1}
    assert {a.host for a in web.log} == {HOST}
    assert all("proxy-authorization" in a.headers for a in web.log)
    assert real.captures()[-1].reason == "private_address"
    held = b"".join(path.read_bytes() for path in real.path.rglob("*.warc.gz"))
    assert b"secret" not in gzip.decompress(held)
    delays = [b.begun - a.begun for a, b in zip(web.log, web.log[1:], strict=False)]
    assert sum(delays) >= 0.95 * len(delays)  # NIANBAO_DELAY=0.005 has no say on the real web
    assert min(delays) >= 0.6  # one that a busy machine hears of late is nearer to the next


def test_a_name_that_turns_inwards_is_not_followed_there(real: Sandbox, web: Web) -> None:
    """The whole of a real crawl, with names as an attacker answers them: asked once a connection, checked, refused."""
    port = web.address.partition(":")[2]
    real.portal(host=f"{HOST}:{port}")
    program = (
        "import socket, sys\n"
        "asked = []\n"
        "def rebound(host, *rest, **more):\n"
        "    asked.append(host)\n"
        f"    return [(socket.AF_INET, socket.SOCK_STREAM, 6, '', ('127.0.0.1', {port}))]\n"
        "socket.getaddrinfo = rebound\n"
        "from crawler.operations.child import crawl\n"
        "done = crawl('wanping')\n"
        "print('asked', *asked, file=sys.stderr)\n"
        "sys.exit(done)\n"
    )
    environment = dict(os.environ, NIANBAO_ARCHIVE=str(real.path))
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == f"asked {HOST}"
    assert web.log == []
    (look,) = real.looks()
    assert (look.outcome, look.reason) == (LookOutcome.UNREACHABLE, "robots_private_address")
    assert {(c.outcome, c.reason) for c in real.captures() if c.role == "robots"} == {
        (CaptureOutcome.REFUSED, "private_address")
    }


PEAK = """
from scrapy.cmdline import execute
try:
    execute(["scrapy", "crawl", "wanping", "--nolog"])
finally:
    print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
"""


@pytest.mark.nightly
def test_what_is_large_is_kept_and_costs_a_crawl_no_memory(archive: Sandbox, web: Web) -> None:
    rows = [(f"/nb/{n}.html", f"宛平县第{n}教育局2024年政府信息公开工作年度报告", "2025-01-20") for n in range(2)]
    web.routes[HOST, "/nb/"] = a_list(*rows)
    for (path, _, _), piece in zip(rows, (b"<p>a</p>", b"%PDF-1.4 \xff\x00"), strict=True):
        web.routes[HOST, path] = Reply(200, piece * ((40 << 20) // len(piece)), {"Content-Type": "text/html"})
    archive.portal()
    crawled = subprocess.run(
        [sys.executable, "-c", PEAK], capture_output=True, text=True, check=True, timeout=PATIENCE,
        env={**os.environ, "NIANBAO_ARCHIVE": str(archive.path), "SCRAPY_SETTINGS_MODULE": "crawler.settings"},
    )  # fmt: skip
    assert int(crawled.stdout) < 400_000  # kB
    kept = [one for one in archive.captures() if (one.size or 0) > 39 << 20]
    assert [one.outcome for one in kept] == [CaptureOutcome.PAGE] * 2


def test_a_crawl_that_would_take_the_machines_memory_is_refused_it_and_told(archive: Sandbox, web: Web) -> None:
    web.routes |= {(HOST, "/nb/"): a_list(REPORT), (HOST, REPORT[0]): page(f"<h1>{REPORT[1]}</h1>")}
    archive.portal(extra=f"parse_report = lambda self, response, **given: bytearray({2 * MEMORY})")
    (report,) = archive.crawl()
    assert report.outcome == "failed"
    assert "MemoryError" in str(report.notes)
    assert [one.outcome for one in archive.captures() if one.url.endswith(REPORT[0])] == [CaptureOutcome.PAGE]


RULES = b"User-agent: *\nDisallow: /nb/\n"
PACKED = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}


@pytest.mark.parametrize(
    ("rules", "outcome"),
    [
        (lambda _: Reply(200, gzip.compress(RULES + b"\n" * (300 << 20), 1), PACKED), LookOutcome.UNREACHABLE),
        (Reply(200, RULES + b"Disallow: /x\n" * 400_000, {"Content-Type": "text/plain"}), LookOutcome.ROBOTS),
    ],
    ids=["packed", "endless"],
)
def test_rules_without_end_leave_the_portal_alone(
    archive: Sandbox, web: Web, rules: Route, outcome: LookOutcome
) -> None:
    archive.portal()
    web.routes[HOST, "/nb/"] = a_list(REPORT)
    web.routes[HOST, "/robots.txt"] = rules
    archive.crawl()
    assert {look.outcome for look in archive.looks()} == {outcome}
    assert set(web.paths()) == {"/robots.txt"}


def test_what_lies_in_the_folder_of_a_command_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "crawler.py").write_text("open('imported', 'w')", "utf-8")
    words = [str(Path(sys.executable).with_name("nianbao")), "portal", "probe", "http://www.wanping.invalid/"]
    done = subprocess.run(words, cwd=tmp_path, check=False, timeout=PATIENCE, capture_output=True, text=True)
    assert "https://www.wanping.invalid/" in done.stdout  # it was tried
    assert [one.name for one in tmp_path.iterdir()] == ["crawler.py"]
