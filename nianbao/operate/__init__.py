"""Web pages for operators; loaded only if ``nianbao serve`` is told to offer them.

``application.py``  the application, mounted at ``/operate``
``sessions.py``     sessions in memory, and the limit on wrong tokens
``visits.py``       what all pages share: ``@page`` and ``@change``, the check of sessions and forms
``login.py``        login and logout
``templates/``      one file for each page
``jobs.py``         child processes for long work: probe, add, crawl, read, back up, seal, verify; limited in number
``child.py``        the code of these child processes, except crawls
``health.py``       problems of portals, as sentences for pages
``runs.py``         pages: present and past crawls
``portals.py``      pages: the condition of each portal and its next crawl; crawl now, pause, resume
``adding.py``       pages: probe an address, correct the result, add it as a portal
``review.py``       pages: open doubts, and rulings
``care.py``         pages: backup and seals of the archive

The functions that decide and write are those of the commands: ``crawler.operations``, ``crawler.onboarding``,
``nianbao.rulings``. Every change is a form with the CSRF token of its session; all pages work without scripts.
"""
