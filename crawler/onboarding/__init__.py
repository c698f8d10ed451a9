"""How a county comes into the archive: found, probed, written, recorded, checked; or brought in by hand.

* ``probe.py``           starts a probe of a portal that nobody knows, and looks at one that is known
* ``probe_process.py``   its process: a scratch archive in which the list engine reads as in any crawl
* ``probe_results.py``   what a probe or a check found, as values
* ``evidence.py`` ``found_lists.py`` ``found_agencies.py``   all that was seen → lists, the bodies that report, a probe
* ``site_facts.py``      whose a site is
* ``addressed.py``       reports at addresses made of code and year (``addressed.toml``)
* ``portal_writer.py``   the files of a portal, written from checked values only
* ``adding.py``          what a probe found becomes a portal; many of them, resumable
* ``recording.py``       the answers that a probe saw: none is asked for twice, and all are written
* ``portal_check.py``    a portal today against what crawls saw; what to do about lists that are gone
* ``directory.py``       the project's directory of portals (``directory.csv``)
* ``importing.py``       what people saved by hand becomes captures of their own kind
"""
