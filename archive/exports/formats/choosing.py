"""Which format is meant, and what it needs to be installed."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import IO

from archive.exports.formats.model import About, FileFormat, Sheet, Written
from archive.exports.formats.text_files import write_csv, write_jsonl
from storage.errors import CodedError

_NEEDS = {FileFormat.XLSX: "xlsxwriter", FileFormat.PARQUET: "pyarrow"}
_WRITERS = {
    FileFormat.XLSX: ("workbook", "write_xlsx"),
    FileFormat.PARQUET: ("parquet", "write_parquet"),
    FileFormat.DTA: ("stata", "write_dta"),
}
_EXTRA = "exports"


class LackingError(CodedError):
    """A package that a format needs is not installed; the message says which extra brings it."""


class UnknownFormatError(CodedError, ValueError):
    """A format that nobody knows; the message lists those that are known."""

    def __init__(self, text: str) -> None:
        every = ", ".join(FileFormat)
        message = f"{text!r} is no format that tables can be written in; known are: {every}"
        super().__init__(message, code="no_format", text=text, every=every)


def format_of(name: str | None, output: Path | None) -> FileFormat:
    """The format of that name or, without one, of the ending of a file; JSON lines if neither says any.

    Raises :class:`UnknownFormatError`.
    """
    name_or_suffix = name or (output.suffix.removeprefix(".").lower() if output is not None else "")
    if not name_or_suffix:
        return FileFormat.JSONL
    try:
        return FileFormat(name_or_suffix)
    except ValueError:
        raise UnknownFormatError(name_or_suffix) from None


def check(fmt: FileFormat) -> None:
    """Raises :class:`LackingError` where the package that a format needs is not installed."""
    needed = _NEEDS.get(fmt)
    if needed is None:
        return
    try:
        import_module(needed)
    except ModuleNotFoundError as error:
        message = (
            f"{fmt.value} files need the Python package {needed}, which is not installed: "
            f"pip install 'nianbao[{_EXTRA}]'; csv, jsonl and dta need nothing"
        )
        raise LackingError(message, code="lacking.format", format=fmt.value, package=needed, extra=_EXTRA) from error


def writer_of(fmt: FileFormat, *, bom: bool = False) -> Callable[[Sheet, About, Path], Written]:
    """What writes a table into a file; only who wants a format needs its package. Raises :class:`LackingError`."""
    check(fmt)
    if fmt not in _WRITERS:
        return _text(fmt, bom)
    module, name = _WRITERS[fmt]
    found: Callable[[Sheet, About, Path], Written] = getattr(import_module(f"archive.exports.formats.{module}"), name)
    return found


def write_lines(fmt: FileFormat, sheet: Sheet, stream: IO[str], *, bom: bool = False) -> Written:
    """Write a table as text, one line a row; ``bom``: CSV with the mark by which Excel knows UTF-8."""
    if fmt is FileFormat.JSONL:
        return write_jsonl(sheet, None, stream)
    return write_csv(sheet, None, stream, bom=bom)


def _text(fmt: FileFormat, bom: bool) -> Callable[[Sheet, About, Path], Written]:
    def write(sheet: Sheet, about: About, path: Path) -> Written:
        del about  # it stands in the descriptor beside
        with path.open("w", encoding="utf-8", newline="") as stream:
            return write_lines(fmt, sheet, stream, bom=bom)

    return write
