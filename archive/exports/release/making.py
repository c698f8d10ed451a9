"""Make a release: a data set as of a time, in a folder or a zip file, that can be cited, checked and reproduced.

The same archive as of the same time gives the same bytes, as no file contains the time of making. A release is built
under a temporary name and renamed when it is complete; an existing file or folder is never replaced.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from archive.assessment import measures
from archive.exports.formats.columns import About, FileFormat, Row, Sheet
from archive.exports.formats.describing import ExportedFile, package, resource, write_json
from archive.exports.release.texts import citation, readme
from archive.exports.tables import ExportedTable, TableQuestion, answer, narrowed
from archive.exports.writing import (
    described,
    digest_of,
    with_progress,
    write_dictionary,
    write_zip,
    writer_of,
)
from archive.forms import loader
from archive.projection.stale import made_from
from archive.queries.bounds import QuestionError
from archive.queries.freshness import freshness
from archive.queries.stored import open_projections
from archive.queries.where import instant_of_question
from archive.queries.words import CHINA
from storage.atomic_files import sync_to_disk
from storage.home import Home
from storage.observations import Observations

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SUMS = "SHA256SUMS"

#: the tables of a release (True: wide), in the order of its descriptor
TABLES: tuple[tuple[ExportedTable, bool], ...] = (
    (ExportedTable.PORTALS, False),
    (ExportedTable.AGENCIES, False),
    (ExportedTable.DUTIES, False),
    (ExportedTable.EDITIONS, False),
    (ExportedTable.CELLS, False),
    (ExportedTable.CELLS, True),
    (ExportedTable.FINDINGS, False),
    (ExportedTable.CHECKS, False),
    (ExportedTable.REVISIONS, False),
    (ExportedTable.INDICATORS, False),
    (ExportedTable.GAPS, False),
)


class ReleaseContents:
    """The contents of a release: its tables, and further files. Subclasses (``PanelContents``) are other releases."""

    command = "make"
    template = "README"
    tables = TABLES

    def watch(self, sheet: Sheet) -> Sheet:
        """Return the table to write in place of ``sheet``, here with progress shown; called for each format."""
        return with_progress(sheet)

    def write_more(self, release: ReleaseFiles) -> Mapping[str, Mapping[str, str]]:
        """Write further files; return by language additional values for the template of the README."""
        del release
        return {}


class ReleaseError(QuestionError):
    """A release that cannot be made; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A finished release; ``digest``: SHA-256 of its list of digests; ``inexact``: values that formats cannot hold."""

    path: Path
    files: tuple[ExportedFile, ...]
    digest: str
    gaps: int
    inexact: int


def make_release(
    home: Home,
    name: str,
    target: Path,
    question: TableQuestion,
    formats: Sequence[FileFormat],
    *,
    publisher: str = "",
    licence: str = "",
    zipped: bool = False,
    contents: ReleaseContents | None = None,
) -> Released:
    """Write the agencies and years of ``question`` (its table does not matter) to ``target``, as release ``name``.

    Raises :class:`ReleaseError` if ``target`` exists, or the archive changed meanwhile; LackingError, NotKnownError,
    OSError.
    """
    if not NAME.fullmatch(name):
        raise ReleaseError(code="release.no_name", name=name)
    if target.exists() or target.is_symlink():
        raise ReleaseError(code="release.there", path=target)
    # the texts give times in whole seconds: cut the time asked about, or round now up
    now = instant_of_question(home, question.as_of)
    later = timedelta(seconds=bool(question.as_of is None and now.microsecond))
    question = replace(question, as_of=now.replace(microsecond=0) + later)
    before, parts = _state(home), contents or ReleaseContents()
    with _aside(target) as folder:
        command = _command(parts.command, name, question, formats, publisher, licence)
        release = ReleaseFiles(name, folder, question, command, publisher, parts)
        release.write_tables(home, formats, licence)
        release.write_beside()
        if _state(home) != before:
            raise ReleaseError(code="release.changed")
        sums = digest_of(folder / SUMS)
        for path in folder.rglob("*"):  # before the folder gets its final name
            sync_to_disk(path)
        try:
            if zipped:
                _zipped(folder, name, target)
            else:
                folder.rename(target)  # fails if a file, or a folder with content, is there
        except OSError as error:  # another run has made it meanwhile
            if not target.exists():
                raise
            raise ReleaseError(code="release.there", path=target) from error
    return Released(
        path=target, files=tuple(release.files), digest=sums, gaps=len(release.gaps), inexact=release.inexact
    )


def _command(
    command: str, name: str, question: TableQuestion, formats: Sequence[FileFormat], publisher: str, licence: str
) -> str:
    """Return the command that makes the release again, without ``--zip``, as a zip file has the same contents."""
    where = question.where
    options = [
        ("--place", where.place),
        ("--years", ",".join(map(str, question.years)) if question.years else None),
        ("--portal", where.portal),
        ("--agency", where.agency),
        *(("--kind", kind.value) for kind in sorted(where.kinds or ())),
        ("--as-of", None if question.as_of is None else question.as_of.astimezone(CHINA).isoformat()),
        *(("--format", fmt.value) for fmt in formats),
        ("--publisher", publisher),
        ("--licence", licence),
    ]
    words = [word for option, value in options if value for word in (option, value)]
    return shlex.join(["nianbao", "release", command, name, *words])


def _state(home: Home) -> tuple[object, ...]:
    """Return a value that changes when anything is judged again, or a ruling is added."""
    store = open_projections(home)
    return store.generation, tuple(sorted(made_from(store).items())), len(Observations(home).rulings())


@contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """Give a new folder beside ``target``, which is deleted afterwards unless it was renamed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    folder.mkdir()
    try:
        yield folder
    finally:
        if folder.exists():
            shutil.rmtree(folder)


class ReleaseFiles:
    """A release that is being built in a folder."""

    about: About
    last_look: datetime | None  #: the newest look at a list or address of its portals

    def __init__(
        self, name: str, folder: Path, question: TableQuestion, command: str, publisher: str, contents: ReleaseContents
    ) -> None:
        self.name, self.folder, self.publisher = name, folder, publisher
        self._question, self._command, self._contents = question, command, contents
        self.part = {"en": "; ".join(narrowed(question)), "zh": "；".join(narrowed(question, "zh"))}
        self.files: list[ExportedFile] = []
        self.gaps: list[Row] = []
        self.inexact = 0
        self.sheets: list[Sheet] = []

    def write_tables(self, home: Home, formats: Sequence[FileFormat], licence: str) -> None:
        """Write every table in every format."""
        writers = {fmt: writer_of(fmt) for fmt in formats}
        (self.folder / "data").mkdir()
        looks = (one.last_look for one in freshness(home, self._question.where, as_of=self._question.as_of))
        self.last_look = max((look for look in looks if look is not None), default=None)
        for table, wide in self._contents.tables:
            for fmt, write in writers.items():
                sheet, about = answer(home, replace(self._question, table=table, wide=wide))
                self.about = replace(about, licence=licence)
                if table is ExportedTable.GAPS:
                    self.gaps = list(sheet.rows)
                    sheet = replace(sheet, rows=self.gaps)
                path = f"data/{sheet.name}.{fmt.value}"
                written = write(self._contents.watch(sheet), self.about, self.folder / path)
                self.inexact += written.inexact
                self.files.append(described(sheet, fmt, self.folder / path, written, path))
            self.sheets.append(sheet)

    def write_beside(self) -> None:
        """Write the files beside the tables (dictionary, forms, README, citation, descriptor), last their digests."""
        name, folder, part = self.name, self.folder, self.part
        about = replace(self.about, question=f"release {name}: {part['en'] or 'everything'}")
        write_dictionary(self.sheets, folder / "dictionary.csv")
        (folder / "forms").mkdir()
        # the definitions of forms and rates that this program uses
        forms = (loader.FOLDER / f"{form.name}.toml" for form in loader.all_forms())
        rates = Path(measures.__file__).with_name("measures.toml")
        for path in (*forms, loader.FOLDER / "crosswalk.toml", rates):
            (folder / "forms" / path.name).write_bytes(path.read_bytes())
        more = self._contents.write_more(self)
        for lang, file in (("en", "README.md"), ("zh", "README.zh.md")):
            text = readme(
                lang, name, about, self.files, self.gaps, part[lang], self._command,
                of=self._contents.template, **more.get(lang, {}),
            )  # fmt: skip
            (folder / file).write_text(text, encoding="utf-8")
        (folder / "CITATION.cff").write_text(citation(name, about, self.publisher, part["en"]), encoding="utf-8")
        descriptor = {"version": name, "dictionary": "dictionary.csv"}
        resources = map(resource, self.files)
        write_json(folder / "datapackage.json", package(f"nianbao-{name.lower()}", resources, about, **descriptor))
        sums = [f"{digest_of(folder / one)}  {one}\n" for one in names_in(folder)]
        (folder / SUMS).write_text("".join(sums), encoding="utf-8")


def names_in(folder: Path) -> Iterable[str]:
    """Return the sorted names of the files in a release's folder, without SHA256SUMS."""
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return sorted(name for name in paths if name != SUMS)


def _zipped(folder: Path, name: str, target: Path) -> None:
    """Pack the folder of a release into the zip file ``target``, which must not exist; equal files give equal bytes."""
    aside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        write_zip(aside, {f"{name}/{one}": folder / one for one in (*names_in(folder), SUMS)})
        os.link(aside, target)  # fails if the name is taken, which renaming would not
    finally:
        aside.unlink(missing_ok=True)
