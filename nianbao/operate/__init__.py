"""What operators do in a browser: runs, portals, adding a county, review. Loaded only where ``serve`` is to show it.

``application.py``  the application that is mounted at ``/operate``
``sessions.py``     who is in: sessions in memory, and how often a token may be tried
``login.py``        the routes to enter and to leave; what every other route asks for: a session, a checked form, a page
``templates/``      one file a page
``jobs.py``         child processes that do the long work: probing, adding, crawling, reading; bounded
``child.py``        the process that probes or adds a portal, with what a person changed of the probe
``runs.py``         routes: crawls under way and past
``portals.py``      routes: what is due, crawl now, pause, resume
``adding.py``       routes: an address becomes a portal
``review.py``       routes: what needs a person, and rulings

The functions that decide and write are those of the commands: ``crawler.operations``, ``crawler.onboarding``,
``nianbao.rulings``. Every change is a form with the session's own token; all of it works without scripts.
"""
