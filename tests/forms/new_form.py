"""Prints documents on a form that stands in a folder beside the others, reads them, and says what differed.

Run as a program of its own by ``test_new_form.py``: a process reads its forms once.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from archive.forms import loader
from archive.forms.indicators import indicator_digits
from archive.forms.loader import form, load_forms
from archive.forms.model import Form
from archive.forms.printer import tables
from archive.parser.reader import read
from imitation.documents.flat import text
from imitation.documents.html import page
from imitation.documents.ofd import ofd
from imitation.documents.portable import pdf
from imitation.documents.sheets import xls, xlsx
from imitation.documents.word import docx
from imitation.wording import Block, Heading
from tests import form_rendering as render

WRITERS: dict[str, Callable[[str, list[Block]], bytes]] = {
    "html": page,
    "word_html": lambda title, blocks: page(title, blocks, variant="word"),
    "crumbled_html": lambda title, blocks: page(title, blocks, variant="crumbled"),
    "docx": docx,
    "pdf": pdf,
    "ofd": ofd,
    "xlsx": xlsx,
    "xls": xls,
    "tabs": text,
}


def blocks_of(plan: Form, cells: dict[str, Decimal | None], said: str) -> list[Block]:
    """A report on the form: every section under its heading, the tables where they belong."""
    printed = {table.key: table for table in tables(plan, render.printed(plan, cells))}
    blocks: list[Block] = []
    for section in plan.sections:
        blocks.append(Heading(f"{section.number}、{section.heading}"))
        here = [printed[table.key] for table in plan.tables if table.section == section.key]
        blocks += here or [said if section.key == "overview" else "我局认真做好各项工作。"]
    return blocks


def _beside(plan: Form) -> list[object]:
    """What is made of another form while this one is known."""
    cells: dict[str, Decimal | None] = {place: Decimal(at) for at, place in enumerate(plan.ids)}
    title = f"测试县司法局{plan.first_year}年政府信息公开工作年度报告"
    reading = read(page(title, list(tables(plan, render.printed(plan, cells)))))
    return [reading.form, sorted(render.differences(reading, cells))]


def main(name: str, folder: str) -> None:
    """Write and read the form ``name`` of a folder in every kind; the outcome as JSON on standard output."""
    loader.FOLDER = Path(folder)
    plan = form(name)
    chance = random.Random(20)
    said = f"{plan.first_year}年，我局共收到政府信息公开申请7件。"
    cells: dict[str, Decimal | None] = {}
    for place, spot in plan.places.items():
        value = Decimal(chance.randrange(0, 10**6)) / 100 if spot.kind == "amount" else Decimal(chance.randint(0, 999))
        cells[place] = None if chance.random() < 0.1 else value
    cells[plan.narrative["received"][0][0][0]] = Decimal(5)
    result: dict[str, object] = {}
    for kind, write in WRITERS.items():
        title = f"测试县司法局{plan.first_year}年政府信息公开工作年度报告"
        reading = read(write(title, blocks_of(plan, cells, said)))
        wrong = render.differences(reading, cells) if kind != "tabs" else render.lies(reading, cells)
        result[kind] = {
            "form": reading.form,
            "wrong": {place: [str(part) for part in pair] for place, pair in wrong.items()},
            "codes": sorted({found.code for found in reading.findings}),
            "sections": [part.key for part in reading.sections if part.key],
            "findings": [
                [found.code, found.zh.split(" ")[0], found.expected, found.found] for found in reading.findings
            ],
        }
    others = {plan.name: _beside(plan) for plan in load_forms() if plan.name != name}
    unknown = sorted(set(plan.ids) - set(indicator_digits()))
    json.dump({"kinds": result, "unknown": unknown, "others": others}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
