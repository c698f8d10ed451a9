"""What operators do in a browser. Loaded only where ``serve`` is to show it.

``application.py``  the application that is mounted at ``/operate``
``sessions.py``     who is in: sessions in memory, and how often a token may be tried
``visits.py``       what every page is made with: ``@page`` and ``@change``, who is in, a form that is checked
``login.py``        the routes to enter and to leave
``templates/``      one file a page
``jobs.py``         child processes that do the long work: probing, adding, crawling, reading, care; bounded
``child.py``        the process that probes or adds a portal, with what a person changed of the probe; backs up, seals
``health.py``       what is not well, in sentences of a page
``runs.py``         pages: crawls under way and past
``portals.py``      pages: how each portal is and why, what is due; crawl now, pause, resume
``adding.py``       pages: an address becomes a portal
``review.py``       pages: what needs a person, and rulings
``care.py``         pages: the archive's copy and seals

The functions that decide and write are those of the commands: ``crawler.operations``, ``crawler.onboarding``,
``nianbao.rulings``. Every change is a form with the session's own token; all of it works without scripts.
"""
