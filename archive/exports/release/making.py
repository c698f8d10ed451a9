"""Make a release: a data set as of a time, in a folder or a zip file, that can be cited, checked and reproduced.

The same archive as of the same time gives the same bytes, as no file contains the time of making. A release is built
under a temporary name and renamed when it is complete; an existing file or folder is never replaced.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from archive.assessment import measures
from archive.exports.formats.columns import About, FileFormat, Row, Sheet
from archive.exports.formats.describing import DICTIONARY, ExportedFile, dictionary, package, resource, write_json
from archive.exports.release.texts import filled
from archive.exports.tables import TableQuestion, answer, narrowed
from archive.exports.writing import described, digest_of, with_progress, write_csv, write_zip, writer_of
from archive.forms import loader
from archive.queries.bounds import QuestionError
from archive.queries.stored import open_projections
from archive.queries.where import choose, instant_of_question
from archive.queries.words import CHINA
from storage.atomic_files import PART, sync_to_disk
from storage.home import Home
from storage.observations import Observations
from storage.statements import among
from storage.tables import LOOKS

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"<>]{1,200}")  # ISO 26324
SUMS = "SHA256SUMS"

#: the tables of a release, in the order of its descriptor
TABLES = (
    *("portals", "agencies", "duties", "editions", "cells", "cells_wide", "findings", "checks", "revisions"),
    *("indicators", "gaps"),
)


class ReleaseError(QuestionError):
    """A release that cannot be made; the message says why and what to do."""


def make_release(
    home: Home,
    name: str,
    target: Path,
    question: TableQuestion,
    formats: Sequence[FileFormat],
    *,
    publisher: str = "",
    licence: str = "",
    doi: str = "",
    zipped: bool = False,
    release_type: type[Release] | None = None,
    progress: str = "{table}: {rows} rows",
) -> Release:
    """Write the agencies and years of ``question`` (its table does not matter) to ``target``, as release ``name`` of
    ``release_type`` (None: :class:`Release`). Raises :class:`ReleaseError` if ``target`` exists, or the archive changed
    meanwhile; LackingError, NotKnownError, OSError. ``doi``: the one reserved for it, "" for none.
    """
    if doi and not DOI.fullmatch(doi):
        raise ReleaseError(code="release.no_doi", doi=doi)
    if not NAME.fullmatch(name):
        raise ReleaseError(code="release.no_name", name=name)
    if target.exists() or target.is_symlink():
        raise ReleaseError(code="release.there", path=target)
    # the texts give times in whole seconds: cut the time asked about, or round now up
    now = instant_of_question(home, question.where.as_of)
    later = timedelta(seconds=bool(question.where.as_of is None and now.microsecond))
    question = replace(question, where=replace(question.where, as_of=now.replace(microsecond=0) + later))
    before, make = _state(home), release_type or Release
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{target.name}.", suffix=PART, dir=target.parent) as aside:
        folder, zip_path = Path(aside, name), Path(aside, f"{name}.zip")
        folder.mkdir()
        command = _command(make.subcommand, name, question, formats, publisher, licence, doi)
        release = make(name, folder, question, command, publisher)
        release.doi, release.site = doi, home.config.public_url
        release.write_tables(home, formats, licence, progress)
        release.write_beside()
        if _state(home) != before:
            raise ReleaseError(code="release.changed")
        for path in folder.rglob("*"):  # before the folder gets its final name
            sync_to_disk(path)
        try:
            if zipped:
                write_zip(zip_path, {f"{name}/{one}": folder / one for one in (*names_in(folder), SUMS)})
                os.link(zip_path, target)  # fails if the name is taken, which renaming would not
            else:
                folder.rename(target)  # fails if a file, or a folder with content, is there
        except OSError as error:  # another run has made it meanwhile
            if not target.exists():
                raise
            raise ReleaseError(code="release.there", path=target) from error
    return release


def _command(command: str, name: str, question: TableQuestion, formats: Sequence[FileFormat], *texts: str) -> str:
    """Return the command that makes the release again, without ``--zip``, as a zip file has the same contents.
    ``texts``: publisher, licence and DOI, "" for none.
    """
    where = question.where
    options = [
        ("--place", where.place),
        ("--years", ",".join(map(str, where.years)) if where.years else None),
        ("--portal", where.portal),
        ("--agency", where.agency),
        *(("--kind", kind.value) for kind in sorted(where.kinds or ())),
        ("--as-of", None if where.as_of is None else where.as_of.astimezone(CHINA).isoformat()),
        *(("--format", fmt.value) for fmt in formats),
        *zip(("--publisher", "--licence", "--doi"), texts, strict=True),
    ]
    words = [word for option, value in options if value for word in (option, value)]
    return shlex.join(["nianbao", "release", command, name, *words])


def _state(home: Home) -> tuple[object, ...]:
    """Return a value that changes when anything is judged again, or a ruling is added."""
    store = open_projections(home)
    return store.generation, tuple(sorted(store.notes_by_portal().items())), len(Observations(home).rulings())


class Release:
    """A release of all tables, built in a folder; the templates of its texts read these fields. A subclass is a release
    with other ``tables`` and files: ``subcommand`` of ``nianbao release`` makes it, ``template`` is that of its README.

    ``part``: its restrictions in words of each language; ``command``: what makes it again; ``doi``, ``site``: its DOI
    and the address of the archive's pages, "" if none is known; ``inexact``: how many values the formats cannot hold;
    ``first_look``, ``last_look``: when its portals' lists were first and last read; ``digest``: SHA-256 of its list of
    digests.
    """

    subcommand, template = "make", "README"
    tables: tuple[str, ...] = TABLES
    about: About
    first_look: datetime | None
    last_look: datetime | None
    digest: str
    doi: str = ""
    site: str = ""

    @property
    def doi_url(self) -> str:
        """Return the address of the DOI, "" if there is none."""
        return f"https://doi.org/{self.doi}" if self.doi else ""

    def __init__(self, name: str, folder: Path, question: TableQuestion, command: str, publisher: str) -> None:
        """Begin an empty release of what ``question`` asks for; ``write_tables`` fills ``files``, ``sheets``, ``gaps``.
        ``folder``: where it is written; ``command``: makes the same again; ``publisher``: "" for the operator.
        ``part``: what the question restricts it to, in words ("" if it has everything).
        """
        self.name, self.folder, self.command = name, folder, command
        self.author = publisher or "operator of the nianbao archive"
        self._question = question
        self.part = {"en": "; ".join(narrowed(question)), "zh": "；".join(narrowed(question, "zh"))}
        self.files: list[ExportedFile] = []
        self.gaps: list[Row] = []
        self.inexact = 0
        self.sheets: list[Sheet] = []

    def watch(self, sheet: Sheet) -> Sheet:
        """Return the table to write in place of ``sheet``, here the same; called for each format."""
        return sheet

    def write_more(self) -> Mapping[str, object]:
        """Write further files; return additional values for the template of the README."""
        return {}

    def write_tables(self, home: Home, formats: Sequence[FileFormat], licence: str, progress: str) -> None:
        """Write every table in every format, and set the fields that texts need; ``progress``: as for make_release."""
        writers = {fmt: writer_of(fmt) for fmt in formats}
        (self.folder / "data").mkdir()
        chosen = choose(home, replace(self._question.where, years=None))
        span = select(func.min(LOOKS.c.started), func.max(LOOKS.c.finished))
        is_asked = among(LOOKS.c.portal, chosen.portals), LOOKS.c.started <= chosen.as_of
        [(self.first_look, self.last_look)] = home.truth.rows(span.where(*is_asked))
        for table in self.tables:
            for fmt, write in writers.items():
                sheet, about = answer(home, replace(self._question, table=table))
                self.about = replace(about, licence=licence)
                if table == "gaps":
                    self.gaps = list(sheet.rows)
                    sheet = replace(sheet, rows=self.gaps)
                path = f"data/{sheet.name}.{fmt.value}"
                rows = with_progress(self.watch(sheet), progress.replace("{table}", path))
                written = write(rows, self.about, self.folder / path)
                self.inexact += written.inexact
                self.files.append(described(sheet, fmt, self.folder / path, written, path))
            self.sheets.append(sheet)

    def write_beside(self) -> None:
        """Write the files beside the tables (dictionary, forms, README, citation, descriptor), last their digests."""
        folder = self.folder
        columns = (row.values() for sheet in self.sheets for row in dictionary(sheet))
        write_csv(folder / "dictionary.csv", DICTIONARY, columns)
        (folder / "forms").mkdir()
        # the definitions of forms and rates that this program uses
        forms = (loader.FOLDER / f"{form.name}.toml" for form in loader.all_forms())
        rates = Path(measures.__file__).with_name("measures.toml")
        for path in (*forms, loader.FOLDER / "crosswalk.toml", rates):
            (folder / "forms" / path.name).write_bytes(path.read_bytes())
        more = self.write_more()
        for lang, file in (("en", "README.md"), ("zh", "README.zh.md")):
            text = filled(f"{self.template}.{lang}.md", lang, release=self, **more)
            (folder / file).write_text(text, encoding="utf-8")
        (folder / "CITATION.cff").write_text(filled("CITATION.cff.template", release=self), encoding="utf-8")
        about = replace(self.about, question=f"release {self.name}: {self.part['en'] or 'everything'}")
        descriptor = {"version": self.name, "dictionary": "dictionary.csv"}
        resources = map(resource, self.files)
        write_json(folder / "datapackage.json", package(f"nianbao-{self.name.lower()}", resources, about, **descriptor))
        sums = [f"{digest_of((folder / one).open('rb'))}  {one}\n" for one in names_in(folder)]
        (folder / SUMS).write_text("".join(sums), encoding="utf-8")
        self.digest = digest_of((folder / SUMS).open("rb"))


def names_in(folder: Path) -> Iterable[str]:
    """Return the sorted names of the files in a release's folder, without SHA256SUMS."""
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return sorted(name for name in paths if name != SUMS)
