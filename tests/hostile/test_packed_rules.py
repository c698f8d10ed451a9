"""A robots.txt that never comes to an end, packed or plain, leaves its portal alone and costs little."""

from __future__ import annotations

import gzip

import pytest
from loopback_web import Answer, Archive, Web, a_list

from storage.records import LookOutcome

HOST = "www.wanping.gov.cn"
RULES = b"User-agent: *\nDisallow: /nb/\n"
PACKED = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}


@pytest.mark.parametrize(
    ("rules", "outcome"),
    [
        (Answer(200, gzip.compress(RULES + b"\n" * (300 << 20)), PACKED), LookOutcome.UNREACHABLE),
        (Answer(200, RULES + b"Disallow: /x\n" * 400_000, {"Content-Type": "text/plain"}), LookOutcome.ROBOTS),
    ],
    ids=["packed", "endless"],
)
def test_rules_without_end_leave_the_portal_alone(
    archive: Archive, web: Web, rules: Answer, outcome: LookOutcome
) -> None:
    archive.portal()
    web.routes[HOST, "/nb/"] = a_list(("/nb/1.html", "宛平县2024年政府信息公开工作年度报告", "2025-01-20"))
    web.routes[HOST, "/robots.txt"] = rules
    archive.crawl()
    assert {look.outcome for look in archive.looks()} == {outcome}
    assert set(web.paths()) == {"/robots.txt"}
