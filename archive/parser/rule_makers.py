"""Tell which bodies cannot make 规章: all but governments of 设区的市 and above and bodies of the State Council.

Where a document names no body, its text may say all the same that a township or a body of a county speaks: 我镇,
区城乡建设局.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from archive.forms.spelling import simplify
from storage.records import Section

_NO_MAKERS = (
    "局", "委", "委员会", "办公室", "中心", "县", "区", "旗", "镇", "乡", "街道", "办事处",
    "县人民政府", "区人民政府", "镇人民政府", "乡人民政府",
)  # fmt: skip
_MAKERS = (
    "省人民政府", "市人民政府", "自治区人民政府", "自治州人民政府", "市政府", "省政府", "自治区", "人民政府办公厅",
)  # fmt: skip
#: A body of the State Council itself; its branches name a second body or a place: 国家税务总局汶上县税务局.
_CENTRAL = re.compile("(?:国家|中国|国务院)(?:(?!局|委员会|办公室|区)[\u4e00-\u9fff]){1,16}(?:局|委员会|办公室)")
_TEXT = 20_000  #: characters of a text that are looked at
_OURS = re.compile("[我本](?:镇|乡|街道|县|旗)(?!级)")
#: A body of a county with which a sentence begins, but for the year: 2025年，区城乡建设局聚焦 …
_BODY = re.compile(
    r"(?:^|[。\n])(?:20\d\d年度?,?)?(?P<body>[县区旗](?![域级划别分块间位内旗市区县各属直])[\u4e00-\u9fff]{2,12}?(?:局|委员会))(?![和与及、的等])"
)
_LARGER = re.compile("[我本](?:[市省州盟署厅]|部(?!门))")
_ALL_OF_LARGER = re.compile("[我全][市省州盟]|我区")


def cannot_make(agencies: Sequence[str], parts: Sequence[Section]) -> str:
    """The body that cannot make 规章, as the document calls it; "" where it can, or nobody can tell.

    ``agencies``: the names it gives itself; ``parts``: its text.
    """
    if not agencies:
        return _self_names(parts)
    if any(agency.endswith(_MAKERS) or _CENTRAL.fullmatch(agency) for agency in agencies):
        return ""
    return agencies[0] if agencies[0].endswith(_NO_MAKERS) else ""


def _self_names(parts: Sequence[Section]) -> str:
    """What a township, or a body of a county, calls itself, where no larger place is spoken of as its own."""
    text = "\n".join(_lines(parts))
    if _LARGER.search(text):
        return ""
    if (ours := _OURS.search(text)) is not None:
        return ours[0]
    body = _BODY.search(text)
    return body["body"] if body and not _ALL_OF_LARGER.search(text) else ""


def _lines(parts: Sequence[Section]) -> Iterator[str]:
    left = _TEXT
    for part in parts:
        if part.key != "problems" and left > 0:
            yield from map(simplify, part.text[:left].split("\n"))
            left -= len(part.text)
