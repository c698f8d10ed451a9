"""Where it is kept: what was observed or ruled (the truth), and beside it what was made of it (projections).

The modules, from the floor up:

* ``records`` the nouns, frozen dataclasses, ``making`` thousands of them; ``codec`` records ⇄ JSON; ``errors`` what is
  raised; ``exchange`` one HTTP exchange and what its headers say; ``wire`` its head as bytes; ``page_metadata`` the
  national meta tags of a page
* ``tables`` typed models of the truth; ``migrations`` their history (Alembic); ``rows`` rows ⇄ records
* ``config`` settings; ``clock`` the time; ``database`` engine, transactions, migrating; ``limits`` how long a question
  may take; ``warc`` WARC files, ``warc_records`` their records as warcio makes them; ``notes`` what a record says of
  its row; ``request_delta`` how an older revisit describes its request
* ``home`` the archive's folder: ``init_home``, ``open_home``
* ``captures`` (writing) and ``capture_store`` (reading), ``observations``, ``registry``: one repository per kind of
  truth; ``mending`` and ``cut_runs`` what a killed process left behind
* ``sealing`` the chain of SHA-256 over the truth; ``backup`` a copy that is whole at every moment; ``whole`` files
  born whole; ``former`` what
  former versions of the reader read
* ``warc_reader`` records read back; ``warc_comparison`` one record against its row, ``warc_check`` all files against
  the database; ``warc_foreign`` the files of others; ``cdxj`` the index of ours, ``surt`` its keys; ``wacz`` chosen
  records with their index in one file
* ``projections`` what can be made again: ``judgements`` its rows besides the nouns; ``projection_tables``, ``shapes``,
  ``cells``, ``exact`` how they lie; ``generations`` (``generation``, ``_files``, ``_schemas``) how a build takes over
* ``search`` the index over texts: ``search_tables`` how it lies, ``search_texts`` what is searched, ``search_words`` in
  which spelling

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
