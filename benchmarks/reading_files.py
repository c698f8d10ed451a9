"""The files that ``reading.py`` reads: one report on the national form in every kind, with the truth of each cell."""

from __future__ import annotations

import json
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
from imitation.wording import Block, Heading

HEADINGS = ("二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、行政复议、行政诉讼情况")
Truth = Mapping[str, Decimal | None]


@dataclass(frozen=True)
class Sample:
    """One report: its title, its blocks, and what each cell holds (None: blank)."""

    title: str
    blocks: Sequence[Block]
    truth: Truth


def sample(seed: int) -> Sample:
    """Report number ``seed``: forms in turn, figures that add up, every third report with blanks for zeros."""
    plan = form("2021" if seed % 2 else "2019")
    year = 2021 + seed % 4 if seed % 2 else 2019
    drawn = figures.drawn(f"bench/{seed}", year, plan.name)
    truth = {place: drawn.get(place, None if seed % 3 == 0 else Decimal(0)) for place in plan.ids}
    return Sample(f"汶上县财政局{year}年政府信息公开工作年度报告", _blocks(plan, truth, year), truth)


def _blocks(plan: Form, truth: Truth, year: int) -> list[Block]:
    text = f"{year}年，本机关认真贯彻落实《中华人民共和国政府信息公开条例》，主动公开政府信息250条。"
    blocks: list[Block] = [Heading("一、总体情况"), text * 12]
    for heading, grid in zip(HEADINGS, tables(plan, truth), strict=True):
        blocks += [Heading(heading), grid]
    return [*blocks, Heading("五、存在的主要问题及改进情况"), "一是公开的广度有待拓展。" * 20,
            Heading("六、其他需要报告的事项"), "无。"]  # fmt: skip


#: kinds that nothing light can write: stored files
STORED = ("doc", "wps")
#: kinds whose text is recognised from pictures
RECOGNISED = frozenset(PICTURED)


def write(folder: Path, kinds: Mapping[str, int]) -> dict[str, list[Path]]:
    """Write so many files of each kind with their truth beside them as ``NAME.json``."""
    made: dict[str, list[Path]] = {}
    for kind, count in kinds.items():
        files = made.setdefault(kind, [])
        for seed in range(count):
            data, truth = stored(kind, seed) if kind in STORED else _written(kind, seed)
            path = folder / f"{kind}-{seed}"
            path.write_bytes(data)
            shown = {name: None if value is None else str(value) for name, value in truth.items()}
            path.with_suffix(".json").write_text(json.dumps(shown), encoding="utf-8")
            files.append(path)
    return made


def _written(kind: str, seed: int) -> tuple[bytes, Truth]:
    report = sample(seed)
    return {**WRITERS, **PICTURED}[kind](report.title, report.blocks), report.truth


def stored(kind: str, seed: int) -> tuple[bytes, Truth]:
    """Bytes and truth of a stored file, each in turn."""
    kept = [golden for golden in legacy.goldens() if sniff(golden.data) == kind]
    golden = kept[seed % len(kept)]
    return golden.data, {name: Decimal(text) if text else None for name, text in golden.cells.items()}
