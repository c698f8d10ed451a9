"""Brings a portal into the archive: finds, probes, writes and checks it; and imports documents that people saved.

* ``directory.py``      a portal as an operator types it: a place of the directory (``directory.csv``), or an address
* ``probe.py``          a probe of an unknown portal, or of a known one by a second way; its agencies: ``probe.csv``
* ``found_portal.py``   the result of a probe, as a value that a person can correct
* ``found_lists.py``    chooses the lists, reports and agencies among those that a probe read
* ``site_facts.py``     finds place, system and search of a site, and reports at addresses by ``addressed.toml``
* ``portal_files.py``   writes the files of a portal, from checked values only
* ``importing.py``      stores documents that people saved by hand as captures
* ``wayback.py``        copies captures that other web archives made, from ``wayback_files.py``: WARC, WACZ and lists
"""
