"""The projections: all that is derived from what was observed and ruled, in a database that a rebuild replaces whole.

Each build is a *generation*: a SQLite file ``projections-<token>.sqlite`` to which the symbolic link
``projections.sqlite`` points, or a PostgreSQL schema named by ``nianbao_projections.current``. When a build ends, the
link or the row is changed in one step (the swap). Readers keep a former generation until their transaction ends; the
next swap deletes it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from enum import Enum, auto
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, Select, Table, bindparam, delete, inspect, select
from sqlalchemy.engine import make_url

from storage.capture_store import capture_heads
from storage.database import Shared, limit_work
from storage.errors import GenerationTurned
from storage.generations import Generation, generations_for
from storage.home import Home
from storage.judgements import PortalRows, StoredDocument, StoredFinding, StoredLookJudgement
from storage.mapping import rows_of, shape
from storage.projection_tables import SCHEMA, ProjectionTables, projection_tables
from storage.reading_rows import (
    bare_reading,
    cells_of,
    cells_row,
    finding_of,
    finding_row,
    notes_query,
    notes_row,
    reading_row,
)
from storage.records import Binding, Duty, Edition, Lead, Reading, StatusInterval
from storage.search import put_texts, settle
from storage.statements import parts, rows_among
from storage.status_rows import interval_row, status_rows, tally_rows

MADE_KEY = "made_at"  #: key of the note of a generation with the time of the last judgement
_PORTAL_KEY = "portal:"  # prefix of the key of a portal's note
_BATCH = 200
_GENERATION = "generation"
#: Fields of PortalRows whose records are rows of the table of the same name.
_RECORD_TABLES = (
    *("leads", "look_judgements", "bindings", "editions", "duties"),
    *("contradictions", "fingerprints", "repeats"),
)
Record = TypeVar("Record")


class ProjectionFault(Enum):
    """Why a generation cannot answer: it was made for other tables or indicators, or nothing has been judged yet."""

    OUTDATED = auto()
    UNMADE = auto()


class ProjectionStore:
    """The projections of an archive. ``indicators``: ids of the forms' cells, each with the number of its decimals (0:
    a count). If an amount does not fit its column, the column is NULL and the notes of the reading have the exact
    amount. ``seconds``: how long the database may work on a statement that reads; 0 means without limit.
    """

    def __init__(
        self, home: Home, indicators: Mapping[str, int], *, generation: Generation | None = None, seconds: float = 0
    ) -> None:
        """``indicators``: number of decimals by id; ``generation``: one that is being built (None: the current one);
        ``seconds``: how long the database may work on a statement that reads (0: without limit). If both databases are
        SQLite files, readers of the current generation see the truth, too: its file is attached (``attach``).
        """
        self.home = home
        self._columns = tuple(indicators.items())
        self.tables: ProjectionTables = projection_tables(self._columns)
        attach = home.truth.engine.url.database if home.truth.is_sqlite else None
        sqlite = make_url(home.projection_url).get_backend_name() == "sqlite"
        self._sees_truth = sqlite and attach is not None and generation is None
        self._shared, self._seconds = Shared(), seconds
        self._generations = generations_for(home.projection_url, attach, self._create_tables, read_only=home.read_only)
        self._generation: Generation = generation or self._generations

    def _create_tables(self, connection: Connection) -> None:
        """Create the tables of a new generation."""
        self.tables.metadata.create_all(connection, checkfirst=False)
        for key, value in {**self._stamp, _GENERATION: secrets.token_hex(8)}.items():
            connection.execute(self.tables.meta.insert(), {"key": key, "value": value})

    @cached_property
    def _stamp(self) -> dict[str, str]:
        return {"schema": SCHEMA, "indicators": json.dumps(self._columns)}

    @property
    def outdated(self) -> bool:
        """Return whether the stored projections were made for other indicators or tables and need a rebuild."""
        return self.fault is ProjectionFault.OUTDATED

    @property
    def fault(self) -> ProjectionFault | None:
        """Return why the tables cannot answer: made for other columns, or nothing judged yet; None if they can."""
        table = self.tables.meta
        with self.read() as connection:
            if not inspect(connection).has_table(table.name):  # the file was emptied
                return ProjectionFault.OUTDATED
            noted = {row.key: row.value for row in connection.execute(select(table))}
        if any(noted.get(key) != value for key, value in self._stamp.items()):
            return ProjectionFault.OUTDATED
        return None if MADE_KEY in noted else ProjectionFault.UNMADE

    def notes_by_portal(self) -> dict[str, str]:
        """Return the portals that were judged, each with the note of what its rows were made from."""
        table = self.tables.meta
        query = select(table.c.key, table.c.value).where(table.c.key.startswith(_PORTAL_KEY, autoescape=True))
        with self.read() as connection:
            return {key.removeprefix(_PORTAL_KEY): value for key, value in connection.execute(query)}

    @property
    def generation(self) -> str:
        """Return the token of the current generation, "" if it has none."""
        return self.meta(_GENERATION) or ""

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a read transaction on one generation. If both databases are SQLite, it sees the truth, too."""
        if self._shared.connection is not None:  # within ``together``
            yield self._shared.connection
            return
        with self._generation.read() as connection, limit_work(connection, self._seconds):
            yield connection

    @contextmanager
    def together(self) -> Iterator[None]:
        """In the block, everything that this thread reads is read in one transaction on one generation; also the truth,
        if its tables are visible there.
        """
        with self.read() as connection, self._shared.use(connection):
            truth_too = self.home.truth.through(connection) if self._sees_truth else nullcontext()
            with truth_too:
                yield

    def write(self) -> AbstractContextManager[Connection]:
        """Return a write transaction on the current generation (in :meth:`building`: on the new one)."""
        return self._generation.write()

    @contextmanager
    def building(self) -> Iterator[ProjectionStore]:
        """Yield a new generation to fill. It replaces the current one when the block ends, or is deleted if it raises.

        Raises ProjectionError while another process builds.
        """
        with self._generations.building() as aside:
            built = ProjectionStore(self.home, dict(self._columns), generation=aside)
            yield built
            with built.write() as connection:
                settle(connection)  # optimise the search index

    def close(self) -> None:
        """Close the connections."""
        self._generation.close()

    # --------------------------------------------------------------------------------------- meta

    def meta(self, key: str) -> str | None:
        """Return a note about this generation (``schema``, ``indicators`` and what callers set), None if missing."""
        with self.read() as connection:
            return self._meta_value(connection, key)

    def _meta_value(self, connection: Connection, key: str) -> str | None:
        table = self.tables.meta
        return connection.execute(select(table.c.value).where(table.c.key == key)).scalar_one_or_none()

    def set_meta(self, key: str, value: str) -> None:
        """Set a note about this generation."""
        with self.write() as connection:
            self._set_note(connection, key, value)

    def _set_note(self, connection: Connection, key: str, value: str) -> None:
        table = self.tables.meta
        connection.execute(delete(table).where(table.c.key == key))
        connection.execute(table.insert(), {"key": key, "value": value})

    # --------------------------------------------------------------------------------------- documents, readings

    def put_documents(self, documents: Iterable[StoredDocument]) -> None:
        """Store documents, replacing those with the same digests."""
        table, described = self.tables.documents, shape(StoredDocument)
        by_digest = {document.digest: described.row(document) for document in documents}
        with self.write() as connection:
            for digests in parts(list(by_digest), _BATCH):
                connection.execute(delete(table).where(table.c.digest.in_(digests)))
                connection.execute(table.insert(), [by_digest[digest] for digest in digests])

    def documents(self, digests: Iterable[str] | None = None) -> dict[str, StoredDocument]:
        """Return the stored documents (among these digests, or all), by digest."""
        table = self.tables.documents
        query = select(table)
        with self.read() as connection:
            if digests is None:
                rows: Iterable[Any] = connection.execute(query)
            else:
                rows = rows_among(connection, query, table.c.digest, digests)
            return {row.digest: shape(StoredDocument).record(row._mapping) for row in rows}

    def put_readings(self, readings: Iterable[Reading]) -> None:
        """Store readings in one transaction, replacing those of the same documents."""
        by_document = {reading.document: reading for reading in readings}
        with self.write() as connection:
            self._add_readings(connection, [*by_document.values()], self._drop_readings(connection, by_document))

    def read_by(self, reader: str, digests: Iterable[str]) -> set[str]:
        """Return the digests of those documents that this version of the reader has read."""
        table = self.tables.readings
        query = select(table.c.document).where(table.c.reader == reader)
        with self.read() as connection:
            return {row.document for row in rows_among(connection, query, table.c.document, digests)}

    def reading(self, document: str) -> Reading | None:
        """Return the reading of a document, None if there is none."""
        return next(self.readings([document]), None)

    def readings(self, documents: Iterable[str] | None = None) -> Iterator[Reading]:
        """Yield the readings of these documents (or of all), sorted by digest within batches."""
        digests_to_read = list(documents) if documents is not None else None
        with self.read() as connection:
            if digests_to_read is None:
                digests_to_read = list(connection.execute(select(self.tables.readings.c.document)).scalars())
            for digests in parts(digests_to_read, _BATCH):
                rows = connection.execute(self._readings_query, {"documents": digests}).mappings()
                for row in sorted(rows, key=itemgetter("document")):
                    yield replace(bare_reading(row["body"]), document=row["document"], cells=cells_of(row["notes"]))

    def reading_pairs(self, pairs: Sequence[tuple[str, str]]) -> Generator[tuple[Reading | None, Reading | None]]:
        """Yield for each pair of documents their readings, None for one that is not read."""
        for batch in parts(pairs, _BATCH):
            documents = {document for pair in batch for document in pair}
            readings = {reading.document: reading for reading in self.readings(documents)}
            yield from ((readings.get(before), readings.get(after)) for before, after in batch)

    @cached_property
    def _readings_query(self) -> Select[Any]:
        readings = self.tables.readings
        query = notes_query(self.tables).add_columns(readings.c.form, readings.c.body)
        return query.where(readings.c.document.in_(bindparam("documents", expanding=True)))

    # --------------------------------------------------------------------------------------- judgements

    def replace_portal(self, portal: str, judged: PortalRows, *, note: str = "", generation: str | None = None) -> None:
        """Replace everything judged about one portal, and the ``note`` of what it was made from, in one transaction.
        The readings of its documents must be stored already.

        ``generation``: the token of that whose readings were judged. Raises GenerationTurned if another is current.
        """
        tables = self.tables
        with self.write() as connection:
            if generation is not None and (self._meta_value(connection, _GENERATION) or "") != generation:
                raise GenerationTurned(code="projections.turned")
            self._set_note(connection, f"{_PORTAL_KEY}{portal}", note)
            self._put_combined(connection, portal, judged.combined)  # finds the old ones by the editions deleted below
            for table in tables.of_portal.values():
                connection.execute(delete(table).where(table.c.portal == portal))
            for name in _RECORD_TABLES:
                rows = rows_of(getattr(judged, name))
                _insert(connection, tables.of_portal[name], [row | {"portal": portal} for row in rows])
            cited = {name for interval in judged.statuses for name in interval.captures}
            heads = capture_heads(self.home, cited)
            statuses = status_rows(portal, judged.duties, judged.statuses, judged.editions, heads)
            _insert(connection, tables.statuses, statuses)
            numbers = self._numbers(connection, (one.reading for one in judged.duty_intervals if one.reading))
            _insert(connection, tables.standing, [interval_row(portal, one, numbers) for one in judged.duty_intervals])
            _insert(connection, tables.tallies, tally_rows(statuses))  # counts by year and status
            capture_rows = [{"edition": one.id, "capture": name} for one in judged.editions for name in one.captures]
            _insert(connection, tables.edition_captures, [row | {"portal": portal} for row in capture_rows])
            _insert(connection, tables.findings, [finding_row(portal, finding) for finding in judged.findings])
            put_texts(connection, tables, portal, judged.texts)

    def _put_combined(self, connection: Connection, portal: str, combined: Sequence[Reading]) -> None:
        """Replace the portal's combined readings (one for several documents); their digests belong to no document."""
        tables = self.tables
        rows = connection.execute(select(tables.editions.c.cells_from).where(tables.editions.c.portal == portal))
        names = {document for (document,) in rows if document} | {reading.document for reading in combined}
        digest = tables.documents.c.digest
        captured = {row.digest for row in rows_among(connection, select(digest), digest, names)}
        self._add_readings(connection, combined, self._drop_readings(connection, names - captured))

    def _drop_readings(self, connection: Connection, documents: Iterable[str]) -> dict[str, int]:
        """Delete the readings of documents; return the numbers that they had, by document."""
        numbers = self._numbers(connection, documents)
        for table in (self.tables.readings, self.tables.cells, self.tables.cell_notes):
            connection.execute(delete(table).where(table.c.no.in_(sorted(numbers.values()))))
        return numbers

    def _add_readings(self, connection: Connection, readings: Sequence[Reading], numbers: Mapping[str, int]) -> None:
        """Store readings. ``numbers``: of replaced readings, by document, kept because other rows refer to them."""
        tables = self.tables
        for batch in parts(readings, _BATCH):
            replaced, fresh = ([one for one in batch if (one.document in numbers) is had] for had in (True, False))
            _insert(connection, tables.readings, [reading_row(one) | {"no": numbers[one.document]} for one in replaced])
            _insert(connection, tables.readings, [reading_row(one) for one in fresh])
            no = self._numbers(connection, [one.document for one in batch])
            _insert(connection, tables.cells, [cells_row(tables, one) | {"no": no[one.document]} for one in batch])
            _insert(connection, tables.cell_notes, [notes_row(one) | {"no": no[one.document]} for one in batch])

    def _numbers(self, connection: Connection, documents: Iterable[str]) -> dict[str, int]:
        """Return the numbers of the readings of documents, by document."""
        table = self.tables.readings
        query = select(table.c.document, table.c.no)
        return {row.document: row.no for row in rows_among(connection, query, table.c.document, documents)}

    def leads(self, portal: str | None = None) -> list[Lead]:
        """Return the leads of a portal (None: of all) in the order of storing."""
        return self._records(self.tables.leads, Lead, portal)

    def look_judgements(self, portal: str | None = None) -> list[StoredLookJudgement]:
        """Return the judgements of a portal's looks (None: of all)."""
        return self._records(self.tables.look_judgements, StoredLookJudgement, portal)

    def bindings(self, portal: str | None = None) -> list[Binding]:
        """Return the bindings of a portal's documents (None: of all)."""
        return self._records(self.tables.bindings, Binding, portal)

    def editions(self, portal: str | None = None) -> list[Edition]:
        """Return the editions of a portal's reports (None: of all)."""
        return self._records(self.tables.editions, Edition, portal)

    def duties(self, portal: str | None = None) -> list[Duty]:
        """Return the duties of a portal's agencies (None: of all)."""
        return self._records(self.tables.duties, Duty, portal)

    def statuses(self, portal: str | None = None, as_of: datetime | None = None) -> list[StatusInterval]:
        """Return a portal's (None: all) status intervals (a report's status for a time) by agency, year and time: each,
        or those at ``as_of``.
        """
        table = self.tables.statuses
        conditions = []
        if as_of is not None:
            conditions = [table.c.since <= as_of, table.c.until.is_(None) | (table.c.until > as_of)]
        intervals: list[StatusInterval] = self._records(table, StatusInterval, portal, *conditions)
        return sorted(intervals, key=attrgetter("agency", "year", "since"))  # stored in another order

    def findings(self, portal: str | None = None) -> list[StoredFinding]:
        """Return the findings on a portal (None: on all) with their subjects."""
        return [finding_of(row) for row in self._select_rows(self.tables.findings, portal)]

    def _records(self, table: Table, kind: type[Record], portal: str | None = None, *conditions: Any) -> list[Record]:
        return [shape(kind).record(row) for row in self._select_rows(table, portal, *conditions)]

    def _select_rows(self, table: Table, portal: str | None, *conditions: Any) -> Sequence[RowMapping]:
        query = select(table).where(*conditions).order_by(*table.primary_key)
        if portal is not None:
            query = query.where(table.c.portal == portal)
        with self.read() as connection:
            return connection.execute(query).mappings().all()


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(table.insert(), rows)
