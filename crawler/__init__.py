"""How we fetch: a Scrapy project.

* ``spider.py``      the contract of a portal: PortalSpider; ``settings.py`` the settings of Scrapy
* ``portals.py``     finds and validates portals, in the project and in ``<archive>/portals/``
* ``net/``           every fetch: where it may go, pace, robots.txt, keeping it
* ``cms/``           one content-management system = one spider class
* ``lists/``         a page of a list → its entries, its next pages, what it says of its size (pure)
* ``looks/``         reading listings to their end;  ``visits/``  fetching reports and what belongs to them
* ``discovery/``     from an entry page to the columns of reports (pure: what fetches is given)
* ``rendering/``     lists that only scripts make: shown to a Chromium without network, kept as it shows them
* ``onboarding/``    how a county comes into the archive: found, probed, written, recorded, imported
* ``operations/``    crawls that run by themselves: what is due, processes, health
* ``processes.py``   worker processes, forked from a server that imports ``preload.py`` first
* ``errors.py``      what can go wrong, in sentences; ``imitation_clock.py`` the day on imitation portals
"""
