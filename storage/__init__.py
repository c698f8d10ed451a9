"""Where everything is stored: the truth (observed or ruled), and beside it the projections derived from it.

The modules, lowest first:

* ``records`` the records as frozen dataclasses; ``mapping`` derives columns, rows and JSON from their type hints, with
  ``column_types``; ``tables`` the tables of the truth; ``migrations`` their history (Alembic); ``capture_rows`` the
  rows of captures, in which no value is stored twice
* ``errors`` the errors, ``errors.toml`` their sentences; ``config`` settings; ``clock`` the time; ``atomic_files``
  files that appear complete; ``locks`` named locks between processes
* ``database`` engine, transactions, migrating, time limits of queries; ``statements`` many rows or values at once
* ``exchange`` one HTTP exchange and what its headers say; ``warc`` writes WARC files, ``warc_fields`` the fields of
  their records; ``blobs`` where the files are kept
* ``home`` the archive's folder: ``init_home``, ``open_home``
* ``captures`` (writing) and ``capture_store`` (reading), ``observations``, ``registry``, ``operator_records``: one
  module for each kind of truth; ``recent_outcomes`` how portals answered lately, ``change_mark`` whether anything
  changed; ``mending`` repairs what a killed process left behind
* ``sealing`` the chain of SHA-256 over the truth; ``backup`` a copy that is complete at every moment, ``transfer`` a
  copy to other storage; ``old_readings`` what former versions of the reader read
* ``warc_reader`` reads records, also of other archives; ``warc_check`` compares all files with the database; ``cdxj``
  the index of ours; ``wacz`` selected records with their index in one file
* ``projections`` what can be derived again: ``judgements`` its rows that are not in ``records``;
  ``projection_tables``, ``reading_rows``, ``status_rows`` how they are stored; ``generations`` how a build replaces
  the last one
* ``search`` the index over texts, ``search_texts`` what is searched and in which spelling; ``page_metadata`` the
  national meta tags of a page

An archive on disk::

    nianbao.toml               settings; says whether the archive is simulated
    archive.sqlite             the truth (or a PostgreSQL database that nianbao.toml names)
    warc/<portal>/<portal>-<run>-<time>-<number>.warc.gz
                               what was sent over the network: WARC/1.1, one gzip member per record
    warc/…/*.torn              half a record, put aside after a crash; no row refers to it
    projections.sqlite         a link to the current projections-<token>.sqlite (SQLite only); may be deleted at any
                               time, `nianbao rebuild` makes it again; projections.lock is locked while one is built
    former-readings.sqlite     what former versions of the reader read, until it is pruned
    seals/                     NNNNNN-TIME.json, .rows.gz and .tsr: see docs/trust.md
    indexes/<portal>.cdxj      index of the WARC files; exports/ packages of evidence: see docs/keeping.md
    portals/                   the operator's own portals
    imitation.json             imitation archives only: which hosts are simulated on this machine

To follow it by hand: a row of ``captures`` refers to its file (``warc_files``), offset and length; ``dd`` and
``gunzip`` of those bytes give the response (or revisit) record, and the request record follows (in older files a
revisit may have the field ``Nianbao-Request`` instead). ``looks`` → ``look_captures`` → ``captures`` shows which pages
a look read; ``extractions`` → ``link_sets`` (zlib, JSON) which links were there. Any WARC tool reads the files; a
record and its field ``Nianbao-Capture`` contain its row, so a lost database is restored by opening a fresh one over the
same files (except failures, looks, registry and rulings, which have no record).

What a killed run leaves behind: its row in ``runs`` without ``finished``, and a lock that nobody holds
(``locks/run-<id>.lock``); every capture it acknowledged; perhaps a WARC file that is not sealed (``warc_files.size``
empty, or no row yet). The next crawl mends files that no living process has locked: complete
records get rows, a torn tail goes into a ``.torn`` file, the file is sealed; the run gets the outcome ``cut``. A killed
rebuild leaves a ``projections-<token>.building`` (or a schema ``nianbao_p_<token>``) that nothing refers to; the next
one removes it. Nothing else needs cleaning up.
"""
