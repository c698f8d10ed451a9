"""A withheld title or address is found however it is spelt: widths, signs that nobody sees, brackets, percent signs."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

import pytest

from archive.queries.withholding import HIDDEN, HIDDEN_ADDRESS, Secrets, address_key, spell_alike
from tests.hostile.withheld_reports import MARK, TITLE

PLAIN, URL = TITLE.partition("（")[0], f"http://www.wenshang.gov.cn/files/{MARK}.doc"
QUOTED = quote(URL, safe=":/")
SECRETS = Secrets(frozenset({spell_alike(TITLE), spell_alike(PLAIN)}), frozenset({address_key(QUOTED)}))


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
