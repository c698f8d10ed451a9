"""Fetches lists and reports from portals: a Scrapy project. docs/crawler.md explains it for those who know Scrapy.

* ``spider.py``      PortalSpider, the base class of portals: start() and parse_*();  ``listing_specs.py`` its listings
* ``items.py`` ``pipelines.py`` ``extensions.py`` ``settings.py``    as in any Scrapy project
* ``contracts.py``   what ``scrapy check`` tests of a portal
* ``crawl_run.py``   the state of one crawl, and the outcome and notes with which it ends
* ``crawl.py``        Scrapy's command ``crawl``, which first opens the archive
* ``portals.py``     finds and validates portals, in the project and in ``<archive>/portals/``
* ``net/``           every fetch: where it may go, pace, robots.txt, storing it
* ``cms/``           one spider class for each content system;  ``signatures.py`` its marks
* ``lists/``         the list engine: finds the lists of reports, and reads each whole or says why not
* ``report_parts.py``  finds the files that belong to a report's page
* ``onboarding/``    brings a portal into the archive: finds, probes, writes and checks it; imports saved documents
* ``operations/``    runs crawls by schedule: what is due, processes, health
* ``processes.py``    worker processes, forked from a server that has imported what they need
* ``imitation_clock.py``  the time on imitation portals
* ``errors.py``      the errors of crawling
"""
