"""How we fetch: a Scrapy project. docs/crawler.md tells its way for those who know Scrapy.

* ``spider.py``      PortalSpider: what a portal is, and its start() and parse_*();  ``listing_specs.py`` its listings
* ``items.py`` ``pipelines.py`` ``extensions.py`` ``settings.py``    as in any Scrapy project
* ``contracts.py``   what ``scrapy check`` holds a portal to
* ``crawl_run.py``   the state of one crawl;  ``run_summary.py`` how a run went, in a sentence
* ``commands/``      what ``scrapy crawl`` does besides
* ``portals.py``     finds and validates portals, in the project and in ``<archive>/portals/``
* ``net/``           every fetch: where it may go, pace, robots.txt, keeping it
* ``cms/``           one content-management system = one spider class;  ``signatures.py`` its marks
* ``lists/``         the list engine: finds the lists of reports, reads each whole or tells why not
* ``report_parts.py``  what belongs to the page of a report, and which of it is asked for
* ``addresses.py``   addresses as pages write them, made whole (pure)
* ``onboarding/``    how a county comes into the archive: found, probed, written, recorded, imported
* ``operations/``    crawls that run by themselves: what is due, processes, health
* ``processes.py`` ``preload.py``  worker processes, forked from a server that has imported what they need
* ``imitation_clock.py``  the day on imitation portals
* ``errors.py``      what can go wrong, in sentences
"""
