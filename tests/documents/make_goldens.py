"""Make the stored .doc and .wps again: `python tests/documents/make_goldens.py`. Needs LibreOffice; nothing else does.

The .doc reports of the imitation's scenario, one on each form, go through our .docx writer and LibreOffice's Word 97
export into imitation/goldens; beside each lies its content as JSON. The first is stored as WPS Writer keeps a
document, too: the same streams, with its own beside them. What Word can hide in a text is stored in tests/documents.
Run it after the scenario or its wording changed them.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from docx import Document

from tests.patience import PATIENCE

sys.path.insert(0, str(Path(__file__).parents[2]))

from archive.documents.ole import Ole
from imitation import scenario, wording
from imitation.documents.compound import compound
from imitation.documents.legacy import fingerprint
from imitation.documents.word import docx
from tests.documents.test_docx import NUMBERS, SPACE, item, p, tc

TARGET = Path(__file__).parents[2] / "imitation" / "goldens"


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


def _as_wps(data: bytes) -> bytes:
    """A Word 97 file as WPS Writer would have kept it."""
    ole = Ole(data)
    streams = {name: data for name in ("WordDocument", "1Table", "Data") if (data := ole.stream(name))}
    return compound({**streams, "WpsCustomData": b"imitation"})


def _hidden_things() -> bytes:
    """A .docx of list numbers, tracked changes, hidden and struck-out text, a field, tables in tables."""
    run = "<w:r><w:rPr>{}</w:rPr><w:t>{}</w:t></w:r>".format
    field = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
    levels = (("总体情况", 0), ("主动公开", 1), ("依申请", 1), ("其他", 0))
    body = "".join(item(text, 1, level) for text, level in levels) + item("点", 2) + item("续", 3)
    body += "<w:p>" + run("", "本年收到") + '<w:ins w:id="1" w:author="a">' + run("", "35") + "</w:ins>"
    body += '<w:del w:id="2" w:author="a"><w:r><w:delText>3</w:delText></w:r></w:del>' + run("<w:strike/>", "8")
    body += run("<w:vanish/>", "密") + run("", "\U0001f600件") + run("<w:strike/>", "9") + run("", "止") + "</w:p>"
    body += (
        "<w:p>" + run("", "第") + field("begin") + "<w:r><w:instrText> SEQ a </w:instrText></w:r>" + field("separate")
    )
    body += run("", "7") + field("end") + run("", "页") + "</w:p>"
    inner = "<w:tbl><w:tr>" + tc("规章") + tc("3") + "</w:tr></w:tbl>"
    body += f"<w:tbl><w:tr>{tc('甲')}<w:tc>{p('乙')}{inner}{p('丙')}</w:tc></w:tr></w:tbl>"
    plain, out = io.BytesIO(), io.BytesIO()
    Document().save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        parts = {name: source.read(name) for name in source.namelist()}
        parts["word/document.xml"] = f'<w:document xmlns:w="{SPACE}"><w:body>{body}</w:body></w:document>'.encode()
        parts["word/numbering.xml"] = NUMBERS.encode()
        for name, data in parts.items():
            target.writestr(name, data)
    return _lean(out.getvalue())


def _as_doc(name: str, data: bytes) -> bytes:
    """What LibreOffice makes of a .docx."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{name}.docx"
        source.write_bytes(data)
        command = ["soffice", "--headless", "--convert-to", "doc:MS Word 97", "--outdir", folder, str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
        return (Path(folder) / f"{name}.doc").read_bytes()


def main() -> None:
    (Path(__file__).parent / "hidden_things.doc").write_bytes(_as_doc("hidden_things", _hidden_things()))
    reports = [report for portal in scenario.load().portals for report in portal.reports]
    TARGET.mkdir(exist_ok=True)
    for report in (report for report in reports if report.kind == "doc"):
        version = report.versions[-1]
        blocks = wording.blocks(report, version)
        name = report.key.replace("/", "_")
        (TARGET / f"{name}.doc").write_bytes(_as_doc(name, _lean(docx(version.title, blocks))))
        if not any(TARGET.glob("*.wps")) or (TARGET / f"{name}.wps").exists():
            (TARGET / f"{name}.wps").write_bytes(_as_wps((TARGET / f"{name}.doc").read_bytes()))
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
