"""Each fault of a portal costs its own link and is told apart in the run's report; the others are read all the same."""

from __future__ import annotations

import gzip

from loopback_web import Answer, Archive, Web, a_list, a_report, nobody_accepts, page

from nianbao.sentences import notes_sentence
from storage.records import CaptureOutcome

HOST = "www.wanping.gov.cn"
PDF = {"Content-Type": "application/pdf"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
TITLE = "宛平县{}局2024年政府信息公开工作年度报告"
GOOD = a_report(TITLE.format("财政"))
IMPATIENT = {  # but not so that a machine which stands still for a second breaks what is sound
    "NIANBAO_FIRST_BYTE_TIMEOUT": 2,
    "NIANBAO_PACE_WINDOW": 1,
    "RETRY_TIMES": 1,
    "DOWNLOAD_MAXSIZE": 200_000,
}
FAULTS = {  # name of a link → (what its server does, outcome, code in the report, times it is asked for)
    "first_byte": (Answer(200, b"", HTML, hold=200), CaptureOutcome.UNREACHABLE, "timeout", 2),
    "trickle": (Answer(200, b"<html>" + b"x" * 900, HTML, drip=0.2), CaptureOutcome.UNREACHABLE, "trickle", 2),
    "reset": (Answer(reset=True), CaptureOutcome.UNREACHABLE, "connection_lost", 2),
    "too_short": (Answer(200, GOOD.body, HTML, length=len(GOOD.body) + 99), CaptureOutcome.UNREACHABLE, "torn", 2),
    "giant": (Answer(200, b"%PDF-1.4", PDF, length=300 << 20), CaptureOutcome.TOO_LARGE, "too_large", 1),
    "untold": (Answer(200, b"%PDF-1.4" + bytes(900_000), PDF, length=-1), CaptureOutcome.TOO_LARGE, "too_large", 1),
    "bomb": (
        Answer(200, gzip.compress(bytes(70 << 20), 9), {**HTML, "Content-Encoding": "gzip"}),
        CaptureOutcome.TOO_LARGE,
        "unpacks_to_too_much",
        1,
    ),
    "unpacked": (
        Answer(200, b"no gzip", {**HTML, "Content-Encoding": "gzip"}),
        CaptureOutcome.ERROR,
        "encoding_broken",
        1,
    ),
    "soft": (page("<h1>您访问的页面不存在</h1>"), CaptureOutcome.SOFT_404, "soft_404", 1),
    "later": (page("503", 503, Retry_After="1"), CaptureOutcome.ERROR, "http_503", 2),
    "gone": (page("<h1>404</h1>", 404), CaptureOutcome.NOT_FOUND, "http_404", 1),
    "challenge": (page("<script>document.cookie='a=1'</script>", 412), CaptureOutcome.BLOCKED, "http_412", 1),
    "abroad": (Answer(302, b"", {"Location": "http://www.evil.com/"}), CaptureOutcome.REFUSED, "foreign_host", 1),
    "inward": (
        Answer(302, b"", {"Location": "http://0x7f.1/latest/"}),
        CaptureOutcome.REFUSED,
        "private_address",
        1,
    ),
    "loop": (Answer(302, b"", {"Location": "/nb/loop.html"}), CaptureOutcome.ERROR, "too_many_redirects", 6),
}


def test_each_fault_costs_its_link_and_is_told(archive: Archive, web: Web) -> None:
    archive.portal(extra=f"custom_settings = {IMPATIENT}", hosts="'stuck.wanping.gov.cn'")
    rows = [(f"/nb/{name}.html", TITLE.format(name), "2025-01-20") for name in (*FAULTS, "good", "slow")]
    rows.append(("http://stuck.wanping.gov.cn/nb/1.html", TITLE.format("水利"), "2025-01-20"))
    odd = [  # the last one is on no host of the portal and not even asked for
        (href, TITLE.format(f"第{n}教育"), "2025-01-21")
        for n, href in enumerate(["data:text/html,年报", "file:///etc/passwd", "http://169.254.169.254/nb/t1.html"])
    ]
    web.routes[HOST, "/nb/"] = a_list(*rows, *odd)
    web.routes[HOST, "/nb/good.html"] = GOOD
    web.routes[HOST, "/nb/slow.html"] = Answer(200, GOOD.body + b" " * 40_000, HTML, drip=0.2, piece=4_000)
    for name, (answer, *_) in FAULTS.items():
        web.routes[HOST, f"/nb/{name}.html"] = answer
    with nobody_accepts() as place:
        archive.map("stuck.wanping.gov.cn", to=place)
        (report,) = archive.crawl()
    captures = archive.captures()
    last = {c.requested.rpartition("/")[2].partition(".")[0]: c for c in captures if "/nb/" in c.requested}
    assert {name: last[name].outcome for name in FAULTS if name != "loop"} == {
        name: outcome for name, (_, outcome, _, _) in FAULTS.items() if name != "loop"
    }
    assert (last["good"].outcome, last["slow"].outcome) == (CaptureOutcome.PAGE, CaptureOutcome.PAGE)
    assert last["1"].reason == "robots_timeout"
    assert {name: web.paths(HOST).count(f"/nb/{name}.html") for name in FAULTS} == {
        name: times for name, (_, _, _, times) in FAULTS.items()
    }
    noted = {note.code: note.values for note in report.notes}
    assert (report.outcome, report.looks) == ("attention", {"partial": 1})  # two of its entries have no address
    assert noted["visits_failed"]["number"] == noted["reports_failed"]["number"] == len(FAULTS) + 1
    assert f" and {len(FAULTS) - 2} more)" in notes_sentence(report.notes)
    codes = {code for _, _, code, _ in FAULTS.values()} | {"robots_timeout"}
    assert len(codes) == len(FAULTS)  # two are too large: by the length told, and by what comes
    reasons = noted["visits_failed"]["reasons"]
    assert isinstance(reasons, dict)
    assert reasons.keys() >= codes
    assert archive.looks()[0].reason == "no_address"
    assert {asked.host for asked in web.log} == {HOST}


def test_what_a_server_sends_beyond_its_length_is_no_answer_to_the_next_request(archive: Archive, web: Web) -> None:
    archive.portal()
    web.routes[HOST, "/nb/"] = a_list(*(
        (f"/nb/t20250120_{n}.html", TITLE.format(f"第{n}税务"), "2025-01-20") for n in range(2)
    ))  # fmt: skip
    forged = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\nforged"
    first = a_report(TITLE.format("第0税务"))
    web.routes[HOST, "/nb/t20250120_0.html"] = Answer(200, first.body + forged, HTML, length=len(first.body))
    web.routes[HOST, "/nb/t20250120_1.html"] = GOOD
    archive.crawl()
    bodies = [archive.body(c) for c in archive.captures() if "/t2025" in c.url and c.outcome is CaptureOutcome.PAGE]
    assert bodies == [first.body, GOOD.body]
