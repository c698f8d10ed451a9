"""Imitation portals on loopback that behave like real ones, for demo, tests and benchmarks of simulated archives.

* ``scenario.toml`` ``figures.toml``   the ground truth: who published what, where and when, and what must be found
* ``scenario.py`` ``records.py``   the same as frozen records, with defaults filled in
* ``figures.py`` ``wording.py`` ``markup.py``   a report's cells, sentences, HTML; ``old_reports.py``: before 2019
* ``documents/``    writers of html, docx, pdf …; stored .doc files
* ``payload.py``    what a portal has for one version of a report: article and files, also damaged ones
* ``portals/``      addresses and markup of the content systems
* ``answers.py`` ``faults.py``   responses and misbehaviours
* ``server.py``     all portals on one loopback port; for operators ``python -m imitation.server ARCHIVE``
* ``listener.py``   its sockets;  ``registry.py`` registers the agencies in an archive
* ``play.py``       moves the clock day by day and calls back;  ``demo.py`` ``practice.py`` what ``make demo`` and
  ``make practice`` run
"""
