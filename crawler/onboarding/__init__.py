"""How a county comes into the archive: found, probed, written, checked; or brought in by hand.

* ``directory.py``       the project's directory of portals (``directory.csv``)
* ``typed_addresses.py`` the address of a portal as an operator types it
* ``probe.py``           starts a probe of a portal that nobody knows, or of one that is known by a second way
* ``probe_process.py``   its process: a crawl in a scratch archive that visits no report
* ``probe_results.py``   what a probe found, as values
* ``found_portal.py`` ``found_lists.py`` ``found_agencies.py``   all that was seen → a probe, its lists, its bodies
* ``site_facts.py``      whose a site is
* ``addressed.py``       reports at addresses made of code and year (``addressed.toml``)
* ``portal_writer.py``   the files of a portal, written from checked values only
* ``portal_check.py``    whether a second way shows reports that a portal's lists do not
* ``importing.py``       what people saved by hand becomes captures of their own kind
"""
