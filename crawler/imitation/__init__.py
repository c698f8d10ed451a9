"""Portals on loopback that behave like real ones, for demo, tests and benchmarks; only in simulated archives.

* ``scenario.toml`` ``figures.toml``   the ground truth: who published what, where, when, and what must be found
* ``scenario.py``   the same as frozen records; ``figures.py`` cells; ``wording.py`` sentences; ``markup.py`` HTML
* ``documents/``    writers of html, docx, pdf; stored .doc files
* ``payload.py``    what one version of a report is on the portal: article and files, damaged kinds too
* ``portals/``      addresses and markup, one module per CMS family
* ``answers.py`` ``faults.py``   responses and misbehaviours;  ``instant.py`` the day it is on the portals
* ``server.py``     one loopback server for all hosts; for operators ``python -m crawler.imitation.server ARCHIVE``
* ``play.py``       moves the clock day by day and calls back;  ``demo.py`` what ``make demo`` runs
"""
