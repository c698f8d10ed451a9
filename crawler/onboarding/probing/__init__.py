"""One probe in a process of its own, started by ``onboarding/probe.py`` in a scratch archive.

The walk finds listings; each is then read to its end as the families that its pages look like would, and the family
that understands most of them is taken. Every page is asked for once.

* ``__main__.py``     the process: scratch archive, Scrapy; ``probe_spider.py`` a probe in place of a crawl
* ``course.py``       the course of a probe, and what it comes to
* ``site.py``         the portal that is probed: asks it, shows its pages as the families would read them
* ``reading.py``      the listings found, read to their end, and by which family
* ``by_organ.py``     reports addressed by organ and year: which addresses answer, from which year on
* ``judging.py``      what a listing that was read is: whose, of which year, how sure
* ``agencies.py``     the bodies that were seen, and which of them are one (pure)
* ``site_facts.py``   whose a site is, by what it prints (pure)
"""
