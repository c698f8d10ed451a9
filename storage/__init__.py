"""Where it is kept: what was observed or ruled (the truth), and beside it what was made of it (projections).

The modules, from the floor up:

* ``records`` the nouns, frozen dataclasses; ``mapping`` makes columns, rows and JSON of their type hints, with
  ``column_types``; ``tables`` the tables of the truth; ``migrations`` their history (Alembic); ``capture_rows`` the
  rows of captures, in which nothing stands twice
* ``errors`` what is raised, ``errors.toml`` what it says; ``config`` settings; ``clock`` the time; ``atomic_files``
  files that are whole from the start; ``locks`` who works alone
* ``database`` engine, transactions, migrating, how long a question may take; ``statements`` many rows or values at once
* ``exchange`` one HTTP exchange and what its headers say; ``warc`` WARC files, ``warc_fields`` what stands in the
  fields of their records; ``blobs`` where the files are kept
* ``home`` the archive's folder: ``init_home``, ``open_home``
* ``captures`` (writing) and ``capture_store`` (reading), ``observations``, ``registry``, ``operator_records``: one
  repository per kind of truth; ``recent_outcomes`` what is watched of it, ``change_mark`` whether it changed;
  ``mending`` what a killed process left behind
* ``sealing`` the chain of SHA-256 over the truth; ``backup`` a copy that is whole at every moment, ``transfer`` one
  kept elsewhere; ``old_readings`` what former versions of the reader read
* ``warc_reader`` records read back; ``warc_check`` all files against the database; ``warc_foreign`` the files of
  others; ``cdxj`` the index of ours; ``wacz`` chosen records with their index in one file
* ``projections`` what can be made again: ``judgements`` its rows besides the nouns; ``projection_tables``,
  ``reading_rows``, ``status_rows`` how they lie; ``generations`` how a build takes over
* ``search`` the index over texts, ``search_texts`` what is searched and in which spelling; ``page_metadata`` the
  national meta tags of a page

An archive on disk::

    nianbao.toml               settings; says whether the archive is simulated
    archive.sqlite             the truth (or a PostgreSQL that nianbao.toml names)
    warc/<portal>/<portal>-<run>-<time>-<number>.warc.gz
                               what came over the wire: WARC/1.1, one gzip member per record
    warc/…/*.torn              half a record, put aside after a crash; no row points at it
    projections.sqlite         a link to the current projections-<token>.sqlite (SQLite only); may be deleted at any
                               time, `nianbao rebuild` makes it again; projections.lock is held while one is built
    former-readings.sqlite     what former versions of the reader read, until it is forgotten
    seals/                     NNNNNN-TIME.json, .rows.gz and .tsr: see docs/trust.md
    indexes/<portal>.cdxj      index of the WARC files; exports/ packages of evidence: see docs/keeping.md
    portals/                   the operator's own portals
    imitation.json             imitation archives only: which hosts are played on loopback

To walk it by hand: a row of ``captures`` names its file (``warc_files``), offset and length; ``dd`` and ``gunzip``
of those bytes give the response (or revisit) record, and the request record follows it (in older files the field
``Nianbao-Request`` of a revisit may stand in its place). ``looks`` → ``look_captures`` → ``captures`` says which pages
a look read; ``extractions`` → ``link_sets`` (zlib, JSON) which links stood there. Any WARC tool reads the files; a
record and its field ``Nianbao-Capture`` are its row, so that a lost database is made again (failures, looks, registry
and rulings aside, which have no record) by opening a fresh one over the same files.

What a killed run leaves behind: its row in ``runs`` without ``finished``, and a lock that nobody holds any more
(``locks/run-<id>.lock``); every capture it acknowledged; perhaps a WARC file that is not sealed (``warc_files.size``
empty, or no row yet). The next writer to open the archive mends files that no living process holds: whole records get
their rows, a torn tail goes into a ``.torn`` file, the file is sealed; the run gets the outcome ``cut``. A killed
rebuild leaves a ``projections-<token>.building`` (or a schema ``nianbao_p_<token>``) that nothing points at; the next
one removes it. Nothing else needs cleaning up.
"""
