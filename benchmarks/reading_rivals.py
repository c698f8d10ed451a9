"""Other programs that extract tables from bytes. Our parser reads their tables, so that only the tables differ."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from archive.documents.kinds import open_document
from archive.documents.model import Document, Paragraph, Table, TableCell, number_tables
from archive.parser.reader import read, read_document
from storage.records import Reading

Reader = Callable[[bytes], Reading]


def _read_tables(kind: str, grids: Iterable[Sequence[Sequence[object]]]) -> Reading:
    tables = [
        Table(
            tuple(
                TableCell(r, c, 1, 1, "" if text is None else str(text), {})
                for r, row in enumerate(rows)
                for c, text in enumerate(row)
            )
        )
        for rows in grids
    ]
    title = Paragraph("某县某局2024年政府信息公开工作年度报告")
    return read_document(Document(kind, number_tables((title, *tables))), "")


def pandas_html(data: bytes) -> Reading:
    """Read with pandas.read_html, every value as printed."""
    import pandas

    frames = pandas.read_html(io.BytesIO(data), header=None, keep_default_na=False)
    return _read_tables("html", [frame.astype(str).values.tolist() for frame in frames])


def pandas_excel(data: bytes) -> Reading:
    """Read every sheet with pandas.read_excel and python-calamine."""
    import pandas

    sheets = pandas.read_excel(
        io.BytesIO(data), sheet_name=None, header=None, dtype=str, na_filter=False, engine="calamine"
    )
    return _read_tables("xlsx", [frame.values.tolist() for frame in sheets.values()])


def plumber(data: bytes) -> Reading:
    """Read with pdfplumber's extract_tables."""
    import pdfplumber

    with pdfplumber.open(io.BytesIO(data)) as document:
        return _read_tables("pdf", [table for page in document.pages for table in page.extract_tables()])


def python_docx(data: bytes) -> Reading:
    """Read with python-docx, which repeats a merged cell at every place that it covers."""
    from docx import Document

    tables = Document(io.BytesIO(data)).tables
    return _read_tables("docx", [[[cell.text for cell in row.cells] for row in table.rows] for table in tables])


def libreoffice(data: bytes) -> Reading:
    """Convert to .docx with LibreOffice, and read that with our reader."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in.doc"
        source.write_bytes(data)
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "docx"]
        subprocess.run([*command, "--outdir", folder, str(source)], check=True, capture_output=True, timeout=180)
        return read((Path(folder) / "in.docx").read_bytes())


def tesseract(data: bytes) -> Reading:
    """Read every picture's text with Tesseract; our parser places its lines."""
    blocks: list[Paragraph] = []
    for image in open_document(data).images:
        run = subprocess.run(
            ["tesseract", "-", "-", "-l", "chi_sim", "--psm", "6"],
            input=image.data, check=True, capture_output=True, timeout=300,
        )  # fmt: skip
        blocks += [Paragraph(line) for line in run.stdout.decode().splitlines() if line.strip()]
    return read_document(Document("scan", tuple(blocks)), "")


#: reader → its function, the kinds it is measured on, and the program it needs
READERS: dict[str, tuple[Reader, frozenset[str], str]] = {
    "nianbao": (read, frozenset(), ""),
    "pandas.read_html": (pandas_html, frozenset({"html", "html-word"}), ""),
    "pandas.read_excel": (pandas_excel, frozenset({"xls", "xlsx"}), ""),
    "pdfplumber": (plumber, frozenset({"pdf", "pdf-unruled"}), ""),
    "python-docx": (python_docx, frozenset({"docx"}), ""),
    "LibreOffice": (libreoffice, frozenset({"doc", "wps"}), "soffice"),
    "tesseract": (tesseract, frozenset({"scan", "scan-tiff"}), "tesseract"),
}


def readers_of(kind: str) -> list[str]:
    """Return the readers that can be measured on a kind here: our own first, then the installed ones."""
    return [
        name
        for name, (_, kinds, program) in READERS.items()
        if name == "nianbao" or (kind in kinds and (not program or shutil.which(program)))
    ]
