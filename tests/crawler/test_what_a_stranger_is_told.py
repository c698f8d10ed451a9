"""What somebody who adds a portal, or looks after one, is told: where to go on, and which ruling mends a wrong link."""

from __future__ import annotations

import json

from loopback_web import Archive, Web
from made_up_portals import rows
from shown_portals import DAYS, entered, run, text, use

PLACE = "安化县"


def test_a_link_that_opens_another_bodys_report_is_reviewed_and_one_ruling_mends_it(archive: Archive, web: Web) -> None:
    site = entered("www.anhua.gov.cn", PLACE)
    wrong, right = (f"{PLACE}{who}2025年政府信息公开工作年度报告" for who in ("司法局", "财政局"))
    older = [site.report(f"/gk/nb/{n}001.html", f"{PLACE}{who}", 2024) for n, who in enumerate(("司法局", "财政局"), 1)]
    for path in ("/gk/nb/3001.html", "/gk/nb/4001.html"):
        site.put(path, text(f"{PLACE}财政局", 2025), right)
    site.put("/gk/nb/", rows([("/gk/nb/3001.html", wrong), ("/gk/nb/4001.html", right), *older]), "政府信息公开年报")
    told = use(archive, web, site, DAYS)
    assert told.status(f"{PLACE}司法局", 2025) == "unknown"
    reviewed = run(archive, "review", "--json", day=DAYS[-1])
    (line,) = [row for row in json.loads(reviewed.stdout) if row["subject"].endswith("/gk/nb/3001.html")]
    assert f"{PLACE}司法局" in line["en"]
    ruled = run(archive, "rule", *line["choices"][0]["words"], "--by", "archivist", "--reason", "seen", day=DAYS[-1])
    assert ruled.returncode == 0, ruled.stderr
    exported = run(archive, "export", "duties", "--format", "jsonl", day=DAYS[-1]).stdout.splitlines()
    after = {(row["agency"], row["year"]): row["status"] for row in map(json.loads, exported)}
    assert after[f"{PLACE}司法局", 2025] == "missing"
    again = run(archive, "review", "--json", day=DAYS[-1])
    assert "/gk/nb/3001.html" not in again.stdout
