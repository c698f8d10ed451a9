"""Documents/s read by kind on one core: the whole way from bytes to a reading with all its checks.

The documents are written by the project itself from the same figures, so that kinds can be compared with each other.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Mapping
from decimal import Decimal

from archive.forms.loader import form
from archive.forms.model import Form
from archive.forms.printer import tables
from archive.parser.reader import read
from benchmarks.results import Result, report
from crawler.imitation.documents import html, legacy, portable, word
from crawler.imitation.wording import Block, Heading

TITLE = "汶上县财政局{year}年政府信息公开工作年度报告"


def filled(form_: Form, seed: int) -> Mapping[str, Decimal]:
    """Every place of the form with a small number; identities are not minded."""
    draw = random.Random(seed)
    return {place: Decimal(draw.randrange(0, 40)) for place in form_.places}


def blocks_of(form_: Form, seed: int) -> list[Block]:
    grids = list(tables(form_, filled(form_, seed)))
    blocks: list[Block] = [Heading("一、总体情况"), "2024年，本机关主动公开政府信息250条。" * 20]
    for heading, grid in zip(
        ("二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、行政复议、行政诉讼情况"),
        grids,
        strict=False,
    ):
        blocks += [Heading(heading), grid]
    return [
        *blocks,
        Heading("五、存在的主要问题及改进情况"),
        "一是公开的广度有待拓展。" * 10,
        Heading("六、其他需要报告的事项"),
        "无。",
    ]


def documents(count: int) -> dict[str, list[bytes]]:
    made: dict[str, list[bytes]] = {}
    for seed in range(count):
        form_ = form("2021" if seed % 2 else "2019")
        title, blocks = TITLE.format(year=2024 if seed % 2 else 2019), blocks_of(form_, seed)
        writers: dict[str, Callable[[], bytes]] = {
            "html": lambda t=title, b=blocks: html.page(t, b),  # type: ignore[misc]
            "html, Word paste, GBK": lambda t=title, b=blocks: html.page(t, b, variant="word", charset="gbk"),  # type: ignore[misc]
            "docx": lambda t=title, b=blocks: word.docx(t, b),  # type: ignore[misc]
            "pdf, ruled text": lambda t=title, b=blocks: portable.pdf(t, b),  # type: ignore[misc]
        }
        for kind, write in writers.items():
            made.setdefault(kind, []).append(write())
    made["doc"] = [golden for golden in _goldens() for _ in range(max(1, count // 2))]
    return made


def _goldens() -> list[bytes]:
    return [golden.data for golden in legacy.goldens()]


def rate(files: list[bytes]) -> float:
    read(files[0])  # data files are loaded once
    begun = time.process_time()
    for data in files:
        found = read(data)
        assert found.cells, found.findings
    return len(files) / (time.process_time() - begun)


def main(short: bool) -> None:
    measured = {kind: rate(files) for kind, files in documents(6 if short else 40).items()}
    fastest = max(measured.values())
    report(
        "reading",
        [
            Result(kind, value, "documents/CPU s", against=f"{value / fastest:.2f} of the fastest kind")
            for kind, value in measured.items()
        ],
    )


if __name__ == "__main__":
    main("--short" in sys.argv)
