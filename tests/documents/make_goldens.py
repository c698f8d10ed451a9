"""Make the stored .doc files again: `python tests/documents/make_goldens.py`. Needs LibreOffice; nothing else does.

Two reports of the imitation's scenario, one on each form, go through our .docx writer and LibreOffice's Word 97
export into crawler/imitation/goldens; beside each lies its content as JSON. Run it after the scenario or its wording
changed them.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from docx import Document

sys.path.insert(0, str(Path(__file__).parents[2]))

from crawler.imitation import scenario, wording
from crawler.imitation.documents.legacy import fingerprint
from crawler.imitation.documents.word import docx

TARGET = Path(__file__).parents[2] / "crawler" / "imitation" / "goldens"


KEPT = {"Normal", "Title", "Heading 1", "Table Grid", "Normal Table", "Default Paragraph Font", "No List"}


def _lean(data: bytes) -> bytes:
    """Without the styles of python-docx's template that nothing uses: they make up half of a .doc."""
    document = Document(io.BytesIO(data))
    for style in list(document.styles):
        if style.name not in KEPT:
            style.delete()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def main() -> None:
    reports = [report for portal in scenario.load().portals for report in portal.reports]
    modern = [report for report in reports if report.kind == "doc"]
    old = [report for report in reports if report.form == "2019" and report.kind == "html"]
    TARGET.mkdir(exist_ok=True)
    for report in [*modern, old[0]]:
        version = report.versions[-1]
        blocks = wording.blocks(report, version)
        name = report.key.replace("/", "_")
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / f"{name}.docx"
            source.write_bytes(_lean(docx(version.title, blocks)))
            command = ["soffice", "--headless", "--convert-to", "doc:MS Word 97", "--outdir", folder, str(source)]
            subprocess.run(command, check=True, capture_output=True, timeout=180)
            (TARGET / f"{name}.doc").write_bytes((Path(folder) / f"{name}.doc").read_bytes())
        values = wording.values(report, version)
        said = {
            "title": version.title,
            "form": report.form,
            "content": fingerprint(version.title, blocks),
            "cells": {key: "" if value is None else f"{value:f}" for key, value in sorted(values.items())},
        }
        (TARGET / f"{name}.json").write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
