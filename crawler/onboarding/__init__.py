"""Brings a portal into the archive: finds, probes, writes and checks it; and imports documents that people saved.

* ``directory.py``       a portal as an operator types it: a place of the directory (``directory.csv``), or an address
* ``probe.py``           a probe of an unknown portal, or of a known one by a second way: a crawl that visits no reports
* ``probe_results.py``   the results of a probe, as values
* ``found_portal.py`` ``found_lists.py``   derive the results, lists and agencies from all pages
* ``site_facts.py``      finds the place and agency that a site belongs to, and its search
* ``addressed.py``       finds reports at addresses made of code and year (``addressed.toml``)
* ``portal_writer.py``   writes the files of a portal, from checked values only
* ``portal_check.py``    checks if a second way shows reports that a portal's lists do not
* ``importing.py``       stores documents that people saved by hand as captures
* ``wayback.py``         copies captures that other web archives made, from ``wayback_files.py``: WARC, WACZ and lists
"""
