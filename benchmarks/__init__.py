"""Measurements, each a ratio or a rate taken in one run: ``python -m benchmarks.NAME [--short]``.

* ``finding.py``   precision and recall of the title and URL classifier on real cases
* ``crawling.py``  pages/s of our crawl against a bare Scrapy spider without storage, on the same imitation portal
* ``reading.py``   documents/s, peak memory and right cells by kind, next to other programs on the same files
  (``reading_files.py`` writes them, ``reading_rivals.py`` holds the others)
* ``bare_spider.py``  the spider that ``crawling.py`` measures against
* ``crash.py``     kills at random moments and points: what is lost, there twice, half or otherwise afterwards
* ``keeping.py``   bytes and time that keeping costs, a rebuild of many editions, growth when nothing changes
  (``keeping_archive.py`` makes the archive)
* ``asked_for.py`` what a benchmark was asked for: ``--short``, ``--help``
* ``answering.py``  questions on archives of 20,000 to 2,000,000 editions, next to Datasette and pandas on the same file
  (``answering_archive.py``, ``answering_made.py`` and ``answering_bulk.py`` make them, ``answering_questions.py`` and
  ``answering_rivals.py`` ask)
* ``results.py``   the table for people and ``benchmarks/out/NAME.json``
"""
