"""A withheld title or address is found however it is spelt: widths, signs that nobody sees, brackets, percent signs."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from urllib.parse import quote

import pytest
from small_archive import Site, new_archive, report_page

from archive.projection.update import update
from archive.queries.output_masking import HIDDEN_ADDRESS, Secrets, address_key, spell_alike
from storage.records import AgencyKind
from tests.hostile.withheld_reports import CZJ, MARK, SFJ, TITLE, TOTAL
from tests.played import nianbao

PLAIN = TITLE.partition("（")[0]
SPELLINGS = {
    "half-width brackets": f"{PLAIN}({MARK})",
    "zero width": "\u200b".join(TITLE),
    "variation selectors": "\ufe00".join(TITLE),
    "word joiners and wide digits": "\u2060".join(TITLE).replace("2025", "２０２５"),
    "a longer bracket": f"{PLAIN}（{MARK}，第二次公开）",
    "half-width brackets and blanks": f"{PLAIN} ( {MARK} )",
}
ASKED = (
    "show {agency} 2025 --text",
    "show {agency} 2025 --html {file}",
    "search 另见 --around 100",
    "check --severity info",
    "news --since 2026-01-01 --json",
)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.nightly
def test_a_title_is_hidden_in_every_spelling(spelling: str, tmp_path: Path) -> None:
    path = tmp_path / "archive"
    said = f"另见{SPELLINGS[spelling]}，第一日。"
    with new_archive(path) as home:
        site = Site(home, first_year=2025)
        for key, name in (("sfj", SFJ), ("czj", CZJ)):
            site.agency(key, name)
        site.agency("zf", "汶上县人民政府", AgencyKind.GOVERNMENT)
        links = [("nb/1.html", TITLE, "2026-01-25"), ("nb/2.html", f"{CZJ}{PLAIN[6:]}", "2026-01-25")]
        site.look("2026-01-26 09:00", site.column(), links)
        site.fetch("2026-01-26 09:01", "nb/1.html", report_page(SFJ, 2025, {TOTAL: 1}, text="我局"))
        site.fetch("2026-01-26 09:02", "nb/2.html", report_page(CZJ, 2025, {TOTAL: 2}, text=said))
        update(home)
    ran = nianbao("withhold", SFJ, "2025", "--by", "archivist", "--reason", "an applicant asked", archive=path)
    assert ran.code == 0, ran.err
    told = ""
    for number, line in enumerate(ASKED):
        words = line.format(agency=CZJ, file=tmp_path / f"page{number}.html").split()
        ran = nianbao(*words, archive=path)
        assert ran.code in {0, 1}, ran.err
        told += ran.out
    told += "".join(one.read_text("utf-8") for one in tmp_path.glob("page*.html"))
    letters = "".join(one for one in told.replace("«", "").replace("»", "") if one.isprintable() and not one.isspace())
    assert "另见（已隐藏），第一日" in letters.replace("\ufe00", "")
    assert MARK not in letters.replace("\ufe00", "")


URL = "http://www.wenshang.gov.cn/files/" + MARK + ".doc"
QUOTED = quote(URL, safe=":/")


@pytest.mark.parametrize(
    "said",
    [
        URL, QUOTED, QUOTED.lower(), quote(QUOTED), quote(URL.encode("gbk"), safe=":/"), "\u200b".join(URL),
        unicodedata.normalize("NFD", URL), URL.replace("http:", "HTTPS:"), f"http://else.gov.cn/{quote(TITLE)}.html",
        f"http://else.gov.cn/{quote(quote(TITLE.encode('gbk')))}.html",
    ],
)  # fmt: skip
def test_an_address_is_hidden_in_every_spelling(said: str) -> None:
    secrets = Secrets(frozenset({spell_alike(TITLE)}), frozenset({address_key(QUOTED)}))
    assert secrets.address(said) == HIDDEN_ADDRESS
    assert secrets.text(f"见 {said} ，增长20%。") == f"见 {HIDDEN_ADDRESS} ，增长20%。"


@pytest.mark.parametrize(
    "said", [f"{URL}x", f"{URL}?page=2", URL.replace("www", "a.www"), "http://www.wenshang.gov.cn/files/"]
)
def test_other_addresses_stay(said: str) -> None:
    secrets = Secrets(frozenset({spell_alike(TITLE)}), frozenset({address_key(URL)}))
    assert (secrets.address(said), secrets.text(f"见{said} 。")) == (said, f"见{said} 。")
