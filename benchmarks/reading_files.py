"""Write the files that ``reading.py`` reads: reports on the national form in every kind, and the value of each cell."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from archive.documents.kinds import sniff
from archive.forms.loader import form
from archive.forms.model import Form
from archive.forms.printer import tables
from imitation import figures
from imitation.documents import legacy
from imitation.documents.kinds import PICTURED, WRITERS
from imitation.wording import Block, SectionHeading

NAMES = ("财政局", "教育和体育局", "公安局", "民政局", "司法局", "水务局", "卫生健康局", "统计局", "林业局", "审计局")
HEADINGS = ("二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、行政复议、行政诉讼情况")
Truth = Mapping[str, Decimal | None]


@dataclass(frozen=True)
class Sample:
    """One report: its title, its blocks, and the value of each cell (None: blank)."""

    title: str
    blocks: Sequence[Block]
    truth: Truth


def sample(seed: int) -> Sample:
    """Return report number ``seed``: forms alternate, figures add up, every third report has blanks for zeros."""
    plan = form("2021" if seed % 2 else "2019")
    year = 2021 + seed % 4 if seed % 2 else 2019
    drawn = figures.drawn(f"bench/{seed}", year, plan.name)
    truth = {place: drawn.get(place, None if seed % 3 == 0 else Decimal(0)) for place in plan.ids}
    name = NAMES[seed % len(NAMES)]
    return Sample(f"汶上县{name}{year}年政府信息公开工作年度报告", _report_blocks(plan, truth, year, seed), truth)


def _report_blocks(plan: Form, truth: Truth, year: int, seed: int) -> list[Block]:
    text = f"{year}年，本机关认真贯彻落实《中华人民共和国政府信息公开条例》，主动公开政府信息{250 + seed}条。"
    blocks: list[Block] = [SectionHeading("一、总体情况"), text * (8 + seed % 9)]
    for heading, grid in zip(HEADINGS, tables(plan, truth), strict=True):
        blocks += [SectionHeading(heading), grid]
    return [*blocks, SectionHeading("五、存在的主要问题及改进情况"), "一是公开的广度有待拓展。" * 20,
            SectionHeading("六、其他需要报告的事项"), "无。"]  # fmt: skip


#: kinds that are web pages of a portal
PAGES = ("html", "html-word")
#: kinds that no light program can write, so files are stored
STORED = ("doc", "wps")
#: kinds whose text is recognised from pictures
RECOGNISED = frozenset(PICTURED)


def write(folder: Path, kinds: Mapping[str, int]) -> dict[str, list[Path]]:
    """Write files of each kind, and the values of their cells beside them as ``NAME.json``."""
    by_kind: dict[str, list[Path]] = {}
    for kind, count in kinds.items():
        files = by_kind.setdefault(kind, [])
        for seed in range(count):
            data, truth = stored(kind, seed) if kind in STORED else _write_one(kind, seed)
            path = folder / f"{kind}-{seed}"
            path.write_bytes(data)
            cells = {name: None if value is None else str(value) for name, value in truth.items()}
            path.with_suffix(".json").write_text(json.dumps(cells), encoding="utf-8")
            files.append(path)
    return by_kind


def _write_one(kind: str, seed: int) -> tuple[bytes, Truth]:
    report = sample(seed)
    data = {**WRITERS, **PICTURED}[kind](report.title, report.blocks)
    return _with_own_furniture(data, seed) if kind in PAGES else data, report.truth


def _with_own_furniture(page: bytes, seed: int) -> bytes:
    """Return a page with a header, a menu and a footer that no other page of the benchmark has."""
    menu = "".join(f'<li class="m{seed}-{at}"><a href="/c{seed}/{at}/">栏目{seed * 7 + at}</a></li>' for at in range(9))
    head = f"<style>.m{seed}-1 {{color: #{seed:06x}; padding: {seed % 9}px}}</style>"
    foot = f'<div id="foot{seed}"><p>网站标识码：3708300{seed:03d}</p></div>'
    charset = "gb18030" if b"charset=gb" in page else "utf-8"
    text = page.decode(charset).replace("</head>", f"{head}</head>", 1)
    text = text.replace("</body>", f"</div>{foot}</body>", 1)
    menu = f'<div class="nav{seed}"><ul>{menu}</ul></div><div>'
    return re.sub(r"<body[^>]*>", rf"\g<0>{menu}", text, count=1).encode(charset)


def stored(kind: str, seed: int) -> tuple[bytes, Truth]:
    """Return bytes and cell values of a stored file; the stored files alternate."""
    goldens = [golden for golden in legacy.goldens() if sniff(golden.data) == kind]
    golden = goldens[seed % len(goldens)]
    return golden.data, {name: Decimal(text) if text else None for name, text in golden.cells.items()}
