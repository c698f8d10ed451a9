"""Benchmarks; each measures a ratio or a rate in one run: ``python -m benchmarks.NAME [--short]``.

* ``finding.py``   precision and recall on labelled links, and pages/s of our crawl against a bare Scrapy spider
  (``finding_crawls.py``, ``finding_speed.py``, ``bare_spider.py``)
* ``reading.py``   documents/s, peak memory and share of right cells by kind, beside other programs on the same files
  (``reading_files.py`` writes the files, ``reading_rivals.py`` calls the other programs)
* ``crash.py``     kills processes at random moments: what is lost, duplicated, half written or different afterwards
* ``answering.py``  questions on archives of 20,000 to 2,000,000 editions, next to Datasette and pandas on the same file
  (``answering_archive.py`` ``answering_places.py`` make them; ``answering_questions.py`` ``answering_rivals.py`` ask)
* ``cluster.py``   1, 2 and 4 workers on PostgreSQL (``cluster_play.py`` ``many_portals.py`` ``postgresql_server.py``)
* ``showing.py``   how fast and how light the pages are; ``panel.py`` the panel; ``ablation.py`` stages of the reader
* ``year.py``      a simulated year and what is told of it (``year_portals.py`` ``year_truth.py`` ``year_answers.py``
  ``year_messages.py``)
* ``harness.py``   the command line, the table for people and the JSON file; ``cpu_time.py``; ``__main__.py`` all names
"""
