"""Portals on loopback that behave like real ones, for demo, tests and benchmarks; only in simulated archives.

* ``scenario.toml`` ``figures.toml``   the ground truth: who published what, where, when, and what must be found
* ``scenario.py`` ``records.py``   the same as frozen records, the ordinary filled in
* ``figures.py`` ``wording.py`` ``markup.py``   a report's cells, sentences, HTML; ``old_reports.py``: before 2019
* ``documents/``    writers of html, docx, pdf; stored .doc files
* ``payload.py``    what one version of a report is on the portal: article and files, damaged kinds too
* ``portals/``      addresses and markup, one module per CMS family
* ``answers.py`` ``faults.py``   responses and misbehaviours
* ``server.py``     all portals on one loopback port; for operators ``python -m imitation.server ARCHIVE``
* ``listener.py``   its sockets;  ``registry.py`` makes the agencies known to an archive
* ``play.py``       moves the clock day by day and calls back;  ``demo.py`` ``practice.py`` what ``make demo`` and
  ``make practice`` run
"""
